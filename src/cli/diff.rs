//! `peerscope diff`: two sessions compared.

use std::process::ExitCode;

use anyhow::Context;

use crate::capture::{self, CaptureError};
use crate::compare::{Categories, Category, Comparison, Options, Recorders, Session};
use crate::pipeline::{Observer, Pipeline};
use crate::session::{Ended, Heard};
use crate::view::{ColorChoice, Found, comparison_json, style, write_comparison};
use crate::wire::words::Count;

use super::diff_args::DiffArgs;
use super::files;
use super::keylog;
use super::output::Output;
use super::place::Place;
use super::progress::Progress;
use super::torrents;
use super::trouble;

/// Runs the command.
pub fn run(args: &DiffArgs) -> anyhow::Result<ExitCode> {
    let places = [Place::parse(&args.a)?, Place::parse(&args.b)?];
    let captures = places.each_ref().map(|place| place.file.clone());
    // Both captures are read with them.
    let others = [&args.torrent, &args.keylog, &args.torrent, &args.keylog];
    files::check_stdin(&captures, others.into_iter().flatten())?;
    let a = places[0].read(args)?;
    let b = places[1].read(args)?;
    let found = [0, 1].map(|at| Found {
        file: &places[at].name,
        connections: [a.connections, b.connections][at],
        chosen: places[at].stream.is_some(),
    });
    let damages = [a.damage, b.damage];
    let comparison = Comparison::new([a.session, b.session], &options(args));
    print(args, &comparison, found)?;
    for damage in damages {
        damage?;
    }
    Ok(ExitCode::from(u8::from(comparison.differs())))
}

fn options(args: &DiffArgs) -> Options {
    let ignored = args.ignore.iter();
    let ignored: Categories = ignored
        .filter_map(|name| Category::from_name(name))
        .collect();
    Options {
        ignored,
        swap: args.swap,
        tolerance: args.tolerance,
    }
}

fn print(args: &DiffArgs, comparison: &Comparison, found: [Found<'_>; 2]) -> anyhow::Result<()> {
    let mut out = Output::new();
    if args.json {
        let json = comparison_json(comparison, found)?;
        out.write(|out| out.write_all(json.as_bytes()));
    } else {
        let colour = ColorChoice::from(args.color).for_stdout();
        let columns = style::stdout_columns();
        out.write(|out| write_comparison(out, comparison, found, columns, colour, args.all));
    }
    out.finish()
}

impl Place {
    /// Reads the capture for the session.
    fn read(&self, args: &DiffArgs) -> anyhow::Result<Taken> {
        let torrents = torrents::load(&args.torrent)?;
        let keys = keylog::load(&args.keylog)?;
        let source = Progress::new(capture::open(std::slice::from_ref(&self.file))?);
        let mut source = source.beside_output().unless(args.habits.quiet);
        let mut listener = Listener(Recorders::new(self.stream));
        let pipeline = Pipeline::new(&mut listener, torrents);
        let files = vec![self.file.clone()];
        let mut pipeline = keylog::attach(pipeline, keys, files);
        let damage = pipeline.run(&mut source);
        let learned = pipeline.finish();
        drop(source);
        trouble::tell_learned(&learned);
        let dropped = listener.0.dropped();
        if dropped > 0 {
            let sessions = Count(dropped, "session");
            trouble::tell(format_args!(
                "{}: {sessions} with little data left out to bound memory",
                self.name
            ));
        }
        match listener.0.choose() {
            Ok((session, connections)) => Ok(Taken {
                session,
                connections,
                damage,
            }),
            Err(refusal) => {
                damage?;
                Err(refusal).with_context(|| self.name.clone())
            }
        }
    }
}

/// What was read of a capture.
struct Taken {
    session: Session,
    connections: u64,
    /// What broke the reading off.
    damage: Result<(), CaptureError>,
}

/// Hands on what the pipeline tells.
struct Listener(Recorders);

impl Observer for Listener {
    fn message(&mut self, heard: &Heard<'_>) {
        self.0.hear(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.0.ended(ended);
    }
}
