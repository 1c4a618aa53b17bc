//! The run: opens, gives up root, takes packets until something ends it.

use std::cell::Cell;
use std::io::{Write, stderr};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::bail;

use super::privileges::Who;
use super::recording::Recording;
use super::stop::{Stop, Woken};
use super::summary::Summary;
use super::watch::Watch;
use crate::capture::{
    CaptureError, Live, LiveOptions, Recorder, Timestamp, Traffic, default_interface,
};
use crate::cli::args::LiveArgs;
use crate::cli::files;
use crate::cli::keylog;
use crate::cli::keys::{Found, Opened};
use crate::cli::selection::Selection;
use crate::cli::show::Show;
use crate::cli::torrents;
use crate::cli::trouble;
use crate::flow::Limits;
use crate::pipeline::{Observer, Pipeline};
use crate::session::{KeyLog, Torrents};
use crate::view::ColorChoice;
use crate::wire::mse::StateLine;

/// While no packets come, silent connections are looked at this often.
const TICK: Duration = Duration::from_millis(100);

/// Packets reach us this much after their time at most: what they would have
/// changed is not decided before. More than twice the time-out of the capture.
pub const LATE: Duration = Duration::from_millis(150);

/// Steps that states of RC4 are followed between two looks for packets: a few
/// milliseconds.
const STEPS: u64 = 4 << 20;

/// The kernel is asked for its counts this often.
const COUNTED: Duration = Duration::from_millis(200);

/// A connection that is silent for longer is given up: peers send a keep-alive
/// every two minutes.
const IDLE: Duration = Duration::from_mins(15);

/// Runs the command.
pub fn run(args: &LiveArgs) -> anyhow::Result<()> {
    let torrents = torrents::load(&args.torrent)?;
    let keys = keylog::load(&args.keylog)?;
    let show = Show::new(&args.view, Selection::of_live(&args.chosen)?);
    let recording = Recording::default();
    let rescued = recording.clone();
    let stop = Stop::on_signals(move || rescued.rescue())?;
    let live = Live::open(&options(args)?)?;
    let keys_of = keys_of(args)?;
    recording.set(record(args, &live)?);
    // Nobody left to tell is no error, here and below.
    let is_quiet = args.habits.quiet;
    if !is_quiet {
        let _ = writeln!(stderr(), "listening on {}", live.interface());
    }
    let traffic = Rc::new(Cell::new(Traffic::default()));
    let mut watch = Watch::new(show, Rc::clone(&traffic), !is_quiet);
    let mut pipeline = pipeline(&mut watch, torrents, keys, keys_of.is_some());
    let mut sniffing = Sniffing {
        live,
        recording: recording.clone(),
        stop,
        keys: keys_of.map(Opened::begin).transpose()?,
        full: 0,
        traffic,
        counts: Counts::default(),
        end: args
            .duration
            .and_then(|time| Instant::now().checked_add(time)),
    };
    let sniffed = sniffing.run(&mut pipeline);
    let last = sniffing.take_keys(&mut pipeline);
    let kept = sniffing.keep();
    let evicted = pipeline.evicted();
    let learned = pipeline.finish();
    trouble::tell_learned(&learned);
    let (shown, heeded) = watch.close();
    let recorder = recording.lock();
    let summary = Summary {
        heeded: &heeded,
        evicted,
        traffic: sniffing.live.traffic(),
        recorder: recorder.as_ref(),
        colour: ColorChoice::from(args.view.color).for_stderr(),
    };
    if !is_quiet {
        let _ = summary.write(&mut stderr().lock());
    }
    sniffed.and(last).and(kept).and(shown)
}

/// Opens the memory of the clients whose keys are wanted.
fn keys_of(args: &LiveArgs) -> anyhow::Result<Option<Opened>> {
    let is_wanted = !args.keys_of.is_empty();
    is_wanted.then(|| Opened::new(&args.keys_of)).transpose()
}

fn options(args: &LiveArgs) -> anyhow::Result<LiveOptions> {
    Ok(LiveOptions {
        interface: match &args.interface {
            Some(name) => name.clone(),
            None => default_interface()?,
        },
        filter: packet_filter(&args.ports, args.packet_filter.as_deref()),
        buffer: args.buffer,
        promiscuous: !args.no_promiscuous,
    })
}

/// Ports and filter as one filter: a packet has one of the ports and passes the
/// filter.
pub fn packet_filter(ports: &[u16], filter: Option<&str>) -> String {
    let ports: Vec<String> = ports.iter().map(|port| format!("port {port}")).collect();
    let ports = ports.join(" or ");
    match (ports.as_str(), filter.unwrap_or("").trim()) {
        (ports, "") => ports.to_owned(),
        ("", filter) => filter.to_owned(),
        (ports, filter) => format!("({ports}) and ({filter})"),
    }
}

/// What decodes packets as they come; states of RC4 come too where they are looked for,
/// or the keys that were given have some.
pub fn pipeline(
    observer: &mut dyn Observer,
    torrents: Torrents,
    keys: KeyLog,
    finds_states: bool,
) -> Pipeline<'_> {
    let expects_states = keys.has_states() || finds_states;
    let pipeline = Pipeline::with_limits(observer, torrents, limits()).with_keys(keys);
    if expects_states {
        pipeline.expecting_states(true)
    } else {
        pipeline
    }
}

/// The counts of packets, for which the kernel is asked now and then.
pub struct Counts {
    /// The last time.
    asked: Instant,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            asked: Instant::now(),
        }
    }
}

impl Counts {
    /// The counts, where it is time to look again.
    pub fn due(&mut self, live: &mut Live) -> Option<Traffic> {
        if self.asked.elapsed() < COUNTED {
            return None;
        }
        self.asked = Instant::now();
        Some(live.traffic())
    }
}

/// How much an analysis that does not end may keep.
fn limits() -> Limits {
    Limits {
        connections: 1 << 14,
        idle: i64::try_from(IDLE.as_nanos()).ok(),
        ..Limits::default()
    }
}

/// Opens the file to record to, and gives up root. A single file is opened
/// before that, wherever root may write; a ring after that, as all its later
/// files have to be created that way too.
fn record(args: &LiveArgs, live: &Live) -> anyhow::Result<Option<Recorder>> {
    let who = Who::to_become().filter(|_| !args.keep_privileges);
    let create = || -> Result<Option<Recorder>, CaptureError> {
        let Some(path) = &args.write else {
            return Ok(None);
        };
        Recorder::create(path, args.ring, live.link(), live.interface()).map(Some)
    };
    if args.write.as_deref().is_some_and(|path| path == "-") {
        bail!("standard output is where the messages go: -w needs the name of a file");
    }
    if let Some(path) = args.write.as_ref().filter(|_| args.ring.is_none()) {
        files::check_output(path, args.torrent.iter().chain(&args.keylog))?;
    }
    let Some(who) = who else {
        return Ok(create()?);
    };
    if args.ring.is_some() {
        who.become_now()?;
        let hint =
            |error| anyhow::anyhow!("{error} (as {}; --keep-privileges stays root)", who.name());
        return create().map_err(hint);
    }
    let recorder = create()?;
    if let (Some(recorder), Some((user, group))) = (&recorder, who.owner()) {
        recorder.give_to(user, group)?;
    }
    who.become_now()?;
    Ok(recorder)
}

/// Takes packets from the interface to the recorder and the pipeline.
struct Sniffing {
    live: Live,
    recording: Recording,
    stop: Stop,
    /// States that are found in running clients.
    keys: Option<Found>,
    /// Files of the ring that were full when all states were recorded last.
    full: u64,
    /// For the status line.
    traffic: Rc<Cell<Traffic>>,
    counts: Counts,
    /// When the time that was given is over.
    end: Option<Instant>,
}

impl Sniffing {
    /// Goes on until something ends it. On an error everything before it has
    /// been analysed and recorded.
    fn run(&mut self, pipeline: &mut Pipeline<'_>) -> anyhow::Result<()> {
        while !self.stop.is_asked() && !pipeline.is_done() {
            let left = self.left();
            if left.is_zero() {
                return Ok(());
            }
            let packets = self.take(pipeline)?;
            self.take_keys(pipeline)?;
            self.keep()?;
            self.count();
            pipeline.idle();
            if packets > 0 {
                continue;
            }
            pipeline.tick(now_but(LATE));
            if self.stop.wait(&self.live, left.min(TICK))? == Woken::Unread {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes what is at hand.
    fn take(&mut self, pipeline: &mut Pipeline<'_>) -> anyhow::Result<usize> {
        let recording = &self.recording;
        let mut wrote = Ok(());
        let taken = self.live.dispatch(|packet| {
            // A whole block comes at once: what is behind the last message that
            // was asked for, or cannot be recorded, is not analysed either.
            if wrote.is_err() || pipeline.is_done() {
                return;
            }
            // Not kept while messages are shown: who reads those may hang.
            wrote = recording.packet(packet);
            if wrote.is_ok() {
                pipeline.packet(packet);
            }
        })?;
        wrote?;
        Ok(taken)
    }

    /// Takes the states that were found meanwhile, and goes on with finding out
    /// what they open. What is recorded holds them, each file of a ring all those
    /// that it needs.
    fn take_keys(&mut self, pipeline: &mut Pipeline<'_>) -> anyhow::Result<()> {
        let Some(found) = &self.keys else {
            return Ok(());
        };
        let mut states: Vec<StateLine> = found.take().collect();
        for state in &states {
            pipeline.add_state(state.clone());
        }
        pipeline.work(STEPS);
        states.extend(pipeline.take_secrets());
        let full = self.recording.states(&states)?;
        if full > self.full {
            self.full = full;
            pipeline.repeat_secrets();
        }
        Ok(())
    }

    /// Time that is left.
    fn left(&self) -> Duration {
        self.end.map_or(Duration::MAX, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }

    /// Notes the counts of packets for the status line, now and then.
    fn count(&mut self) {
        if let Some(traffic) = self.counts.due(&mut self.live) {
            self.traffic.set(traffic);
        }
    }

    /// Writes what is gathered for the recording.
    fn keep(&mut self) -> anyhow::Result<()> {
        Ok(self.recording.flush()?)
    }
}

/// The time, less `late`.
pub fn now_but(late: Duration) -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = since_epoch.map_or(0, |time| time.saturating_sub(late).as_nanos());
    Timestamp::from_nanos(i128::try_from(nanos).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_filter_are_joined() {
        let cases = [
            (&[][..], None, ""),
            (&[6881][..], None, "port 6881"),
            (&[1, 2][..], Some(" "), "port 1 or port 2"),
            (&[][..], Some("tcp or udp"), "tcp or udp"),
            (
                &[1, 2][..],
                Some("tcp or udp"),
                "(port 1 or port 2) and (tcp or udp)",
            ),
        ];
        for (ports, filter, expected) in cases {
            assert_eq!(packet_filter(ports, filter), expected);
        }
    }
}
