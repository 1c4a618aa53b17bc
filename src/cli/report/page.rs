//! The page is written.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::ReportArgs;
use crate::capture::{self, Existing};
use crate::cli::files;
use crate::cli::output::Output;
use crate::compare::Comparison;
use crate::filter::Filter;
use crate::view::html::{Capture, Names, Page, Scope, write_page};

/// What a page calls files: their folders are nobody's business.
pub(super) fn called(files: &[PathBuf]) -> String {
    let name = |file: &PathBuf| {
        if files::is_stdin(file) {
            return "standard input".to_owned();
        }
        let name = file.file_name().unwrap_or(file.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let names: Vec<_> = files.iter().map(name).collect();
    names.join(", ")
}

/// Writes the page of these captures.
pub(super) fn write(
    args: &ReportArgs,
    captures: &[Capture<'_>],
    comparison: Option<&Comparison>,
    names: &Names,
) -> anyhow::Result<()> {
    let filter = args.chosen.filter.as_ref().map(Filter::text);
    let scope = Scope::of(filter, &args.chosen.stream);
    let page = write_page(&Page {
        captures,
        comparison,
        scope: scope.as_ref(),
        names,
    });
    put(&args.output, &page)
}

/// Writes the page to a file or to standard output.
fn put(path: &Path, page: &str) -> anyhow::Result<()> {
    if files::is_stdin(path) {
        let mut out = Output::new();
        out.write(|out| out.write_all(page.as_bytes()));
        return out.finish();
    }
    let name = || path.display().to_string();
    let created = capture::create(path, Existing::Replace).with_context(name)?;
    let mut file = created.into_file();
    file.write_all(page.as_bytes()).with_context(name)
}
