//! `peerscope man`: the manual. A page for each command is made from what clap
//! knows of it, and where a text of `docs/` tells more, from that as well; the
//! formats have pages of their own. An installed program has no other manual.

mod markdown;
mod pages;
mod reader;
mod texts;

use std::fs;
use std::io::{IsTerminal, stdout};
use std::path::Path;

use anyhow::{Context, bail};

use super::args::ManArgs;
use super::output::Output;
use pages::Page;
use texts::PROGRAM;

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
