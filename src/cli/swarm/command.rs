//! `peerscope swarm`: who took part.

use super::args::SwarmArgs;
use super::dht;
use crate::cli::census::{sort, tell_census};
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::{source, trouble};
use crate::pipeline::{Interest, Observer};
use crate::session::{ConnectionEvent, Ended, Heard, WebPart};
use crate::swarm::{Census, Swarm};
use crate::view::terminal::Terminal;
use crate::view::{ColorChoice, push_swarm, write_swarm_json, write_swarms_dot};

/// Runs `peerscope swarm`.
pub fn run(args: &SwarmArgs) -> anyhow::Result<()> {
    if args.dht {
        return dht::run(args);
    }
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source)
        .beside_output()
        .unless(args.habits.quiet);
    let mut census = Census::default();
    let mut pipeline = source::pipeline(&args.input, &mut census)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    let (mut swarms, left_out) = census.finish(&learned.torrents, &learned.hosts);
    sort(&mut swarms);
    swarms.retain(|swarm| args.is_meant(&swarm.hash));
    print(args, &swarms)?;
    trouble::tell_learned(&learned);
    trouble::tell_hosts(&learned.hosts);
    tell_census(left_out);
    read?;
    Ok(opened.all?)
}

fn print(args: &SwarmArgs, swarms: &[Swarm]) -> anyhow::Result<()> {
    let mut out = Output::new();
    if args.dot {
        out.write(|out| write_swarms_dot(out, swarms));
        return out.finish();
    }
    let mut terminal = Terminal::new(ColorChoice::from(args.color).for_stdout());
    let mut document = terminal.document();
    for swarm in swarms {
        if args.json {
            out.write(|out| write_swarm_json(out, swarm));
            continue;
        }
        push_swarm(&mut document, swarm);
        out.write(|out| terminal.write(out, &document));
        document.clear();
    }
    out.finish()
}

impl Observer for Census {
    fn interest(&self) -> Interest {
        Interest::of_connections()
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.hear(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        Self::ended(self, ended);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        Self::connection(self, event);
    }

    fn web(&mut self, part: &WebPart<'_>) {
        Self::web(self, part);
    }
}
