//! Which captures a page is about: one, or two that are compared.

use std::path::PathBuf;
use std::rc::Rc;

use super::ReportArgs;
use super::page::{called, write};
use super::reading::read;
use crate::cli::files;
use crate::cli::place::Place;
use crate::cli::trouble::tell;
use crate::compare::{Comparison, Options, Recorders};
use crate::view::html::{Capture, Names};

/// Runs the command.
pub fn run(args: &ReportArgs) -> anyhow::Result<()> {
    let names = Rc::new(if args.anonymize {
        Names::aliased()
    } else {
        Names::own()
    });
    match &args.input.files()[..] {
        [one, other] if !args.together => compare(args, [one, other], &names),
        files => {
            files::check_output(&args.output, &args.input.all_files())?;
            let read = read(args, &args.input, None, &names)?;
            let captures = [Capture {
                files: &called(files),
                digest: &read.digest,
                swarms: &read.swarms,
                notes: &read.notes,
            }];
            write(args, &captures, None, &names)?;
            read.all
        }
    }
}

/// Reads two captures, and compares a session of each.
fn compare(args: &ReportArgs, files: [&PathBuf; 2], names: &Rc<Names>) -> anyhow::Result<()> {
    if !args.habits.quiet {
        tell("two FILEs are compared; --together reads them as one capture");
    }
    let [one, other] = files.map(|file| Place::parse(&file.to_string_lossy()));
    let places = [one?, other?];
    let files = places.each_ref().map(|place| place.file.clone());
    let [input_a, input_b] = files
        .each_ref()
        .map(|file| args.input.of_files(vec![file.clone()]));
    // Both captures are read with them.
    let others = [&args.input.torrent, &args.input.keylog];
    let others = others.into_iter().chain(others).flatten();
    files::check_stdin(&files, others.clone())?;
    files::check_output(&args.output, files.iter().chain(others))?;
    let recorders = |place: &Place| Some(Recorders::new(place.stream));
    let a = read(args, &input_a, recorders(&places[0]), names)?;
    let b = read(args, &input_b, recorders(&places[1]), names)?;
    let comparison = match (a.session, b.session) {
        (Some(Ok(a)), Some(Ok(b))) => Some(Comparison::new([a, b], &Options::default())),
        (a, b) => {
            for (place, session) in places.iter().zip([a, b]) {
                if let Some(Err(refusal)) = session {
                    tell(format_args!("{}: {refusal}", place.name));
                }
            }
            None
        }
    };
    let [file_a, file_b] = files.map(|file| called(&[file]));
    let captures = [
        Capture {
            files: &file_a,
            digest: &a.digest,
            swarms: &a.swarms,
            notes: &a.notes,
        },
        Capture {
            files: &file_b,
            digest: &b.digest,
            swarms: &b.swarms,
            notes: &b.notes,
        },
    ];
    write(args, &captures, comparison.as_ref(), names)?;
    a.all.and(b.all)
}
