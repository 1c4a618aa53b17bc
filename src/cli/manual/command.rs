//! Shows a page, or writes them all.

use super::pages;
use super::pages::Page;
use super::reader;
use super::texts::PROGRAM;
use crate::cli::args::ManArgs;
use crate::cli::output::Output;
use anyhow::{Context, bail};
use std::fs;
use std::io::{IsTerminal, stdout};
use std::path::Path;

/// Runs the command.
pub fn run(args: &ManArgs) -> anyhow::Result<()> {
    let all = pages::all();
    if let Some(directory) = &args.output {
        return write_all(&all, directory);
    }
    let wanted = args.page.as_deref().unwrap_or(PROGRAM);
    let Some(page) = all.iter().find(|page| page.is_called(wanted)) else {
        let names: Vec<&str> = all.iter().map(Page::short_name).collect();
        bail!("no page {wanted}; there are: {}", names.join(", "));
    };
    let roff = page.roff();
    if stdout().is_terminal() && reader::show(&roff) {
        return Ok(());
    }
    let mut out = Output::new();
    // Without man(1), what roff is made of reads better than roff.
    let text = if stdout().is_terminal() {
        page.text()
    } else {
        roff
    };
    out.write(|out| out.write_all(text.as_bytes()));
    out.finish()
}

/// Writes every page to its place below `directory`.
fn write_all(all: &[Page], directory: &Path) -> anyhow::Result<()> {
    for page in all {
        let path = directory.join(page.path());
        let named = || path.display().to_string();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(named)?;
        }
        fs::write(&path, page.roff()).with_context(named)?;
    }
    Ok(())
}
