//! `peerscope swarm --dht`: the DHT as the capture shows it.

use super::SwarmArgs;
use crate::capture::Timestamp;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::source;
use crate::cli::trouble::{self, tell};
use crate::packet::Stamp;
use crate::pipeline::Observer;
use crate::session::Heard;
use crate::swarm::dht::{Dht, DhtCensus, DhtLeftOut};
use crate::view::terminal::Terminal;
use crate::view::{ColorChoice, push_dht, write_dht_json};

/// Runs the command.
pub fn run(args: &SwarmArgs) -> anyhow::Result<()> {
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source)
        .beside_output()
        .unless(args.habits.quiet);
    let mut listener = Listener {
        census: DhtCensus::default(),
        last: Timestamp::UNKNOWN,
    };
    let mut pipeline = source::pipeline(&args.input, &mut listener)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    trouble::tell_forgotten(&learned);
    let dht = listener.census.finish(listener.last, &learned.hosts);
    print(args, &dht)?;
    trouble::tell_hosts(&learned.hosts);
    tell_left_out(dht.left_out);
    read?;
    Ok(opened.all?)
}

fn print(args: &SwarmArgs, dht: &Dht) -> anyhow::Result<()> {
    let mut out = Output::new();
    if args.json {
        out.write(|out| write_dht_json(out, dht));
        return out.finish();
    }
    let mut terminal = Terminal::new(ColorChoice::from(args.color).for_stdout());
    let mut document = terminal.document();
    push_dht(&mut document, dht);
    out.write(|out| terminal.write(out, &document));
    out.finish()
}

/// Says what was not kept.
fn tell_left_out(left_out: DhtLeftOut) {
    for (count, what) in [
        (left_out.nodes, "messages of more nodes than are kept"),
        (left_out.lookups, "queries of more lookups than are kept"),
        (left_out.items, "messages with more items than are kept"),
        (
            left_out.queries,
            "queries forgotten before it was known whether they are answered",
        ),
        (
            left_out.others,
            "tokens and names of nodes more than are remembered",
        ),
    ] {
        if count > 0 {
            tell(format_args!("left out: {count} {what}"));
        }
    }
}

/// Hands on messages, and knows how late it is.
struct Listener {
    census: DhtCensus,
    last: Timestamp,
}

impl Observer for Listener {
    fn begin(&mut self, first: Stamp) {
        self.last = first.time;
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.last = self.last.max(heard.last.time);
        self.census.hear(heard);
    }
}
