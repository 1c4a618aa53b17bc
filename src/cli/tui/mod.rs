//! `peerscope tui`: a capture, or what goes by on an interface, on the whole screen. A
//! thread writes it into a spool, and it is shown from there.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use anyhow::{Context, bail};
use clap::Args;

#[cfg(feature = "live")]
mod sniff;

use super::args::{Chosen, Color, Input, Time};
use super::source;
use super::torrents;
use super::trouble::{self, tell};
use crate::capture::{CaptureError, Packet, Secrets, Source};
use crate::pipeline::Learned;
use crate::tui::listing::Choice;
use crate::tui::model::Model;
use crate::tui::render::Palette;
use crate::tui::spool::Spool;
use crate::tui::{End, Screen};
use crate::view::ColorChoice;

pub(super) const EXAMPLES: &str = "\
Examples:
  peerscope tui capture.pcap                   all of it; ? lists the keys
  peerscope tui -Y 'request and unanswered' capture.pcap
                                               these messages to begin with
  peerscope tui --torrent x.torrent --keylog keys.txt capture.pcap.gz
  ssh host tcpdump -U -w - tcp | peerscope tui from a pipe, as it comes
  sudo peerscope tui -i lo -p 6881             what goes by on an interface, from now on

Exit status: 0 fine; 2 trouble: a file that is missing, no capture, cut or
damaged. What could be read of it and of the others is shown all the same.";

/// `peerscope tui`
#[derive(Debug, Clone, Args)]
pub struct TuiArgs {
    #[command(flatten)]
    pub input: Input,

    /// Sniff here instead: a name of `peerscope interfaces`, or any. Root is given up
    /// once it listens; packets are not kept (see peerscope live -w)
    #[arg(short = 'i', long, value_name = "NAME", conflicts_with_all = ["files", "read"])]
    pub interface: Option<String>,

    #[command(flatten)]
    pub chosen: Chosen,

    /// How times are shown to begin with
    #[arg(
        short = 't',
        long = "time",
        value_name = "FORMAT",
        default_value = "relative"
    )]
    pub time: Time,

    /// Also show connections that may be encrypted BitTorrent (MSE): they look
    /// like it, but nothing in the capture proves it
    #[arg(long)]
    pub all: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// Packets between two notes of how far the source is.
const PACKETS_PER_NOTE: u64 = 256;

/// Runs the command.
pub fn run(args: &TuiArgs) -> anyhow::Result<ExitCode> {
    let spool = Spool::new().context("cannot make a temporary file")?;
    let (sender, receiver) = mpsc::channel();
    let (owned, filled) = (Arc::new(args.clone()), spool.clone());
    let fill: Box<dyn FnOnce() + Send> = match &args.interface {
        None => Box::new(move || read(&owned, &filled, &sender)),
        // Whoever sniffs needs to be root only until it listens.
        Some(name) => sniffing(name, owned, filled, sender)?,
    };
    let reading = thread::Builder::new().name("read".to_owned()).spawn(fill)?;
    let Ok(total) = receiver.recv() else {
        bail!("the capture cannot be read");
    };
    let total = total?;
    let mut model = model(args, spool.clone(), total)?;
    let colour = ColorChoice::from(args.color).for_stdout();
    let mut screen = Screen::take(Palette { colour })
        .context("peerscope tui needs a terminal; peerscope read does not")?;
    let goes_on = || spool.is_complete() || !reading.is_finished();
    let ended = crate::tui::run(&mut screen, &mut model, goes_on);
    drop(screen);
    spool.stop();
    if let End::Signal(signal) = ended? {
        return Ok(crate::tui::end_by(signal));
    }
    // Whoever sniffs has yet to say what was dropped: a moment, as it looks often whether
    // anybody still looks. Who reads may wait for a pipe.
    let has_broken = if args.interface.is_some() {
        reading.join().is_err()
    } else {
        reading.is_finished() && !spool.is_complete()
    };
    let trouble = spool.trouble();
    for line in trouble.iter().chain(&spool.notes()) {
        tell(line);
    }
    let is_bad = !trouble.is_empty() || has_broken;
    Ok(ExitCode::from(if is_bad { 2 } else { 0 }))
}

/// Opens an interface; gives what fills the spool from it.
#[cfg(feature = "live")]
fn sniffing(
    interface: &str,
    args: Arc<TuiArgs>,
    spool: Spool,
    ready: Sender<anyhow::Result<Option<u64>>>,
) -> anyhow::Result<Box<dyn FnOnce() + Send>> {
    let opened = sniff::Opened::new(interface, &args.input)?;
    Ok(Box::new(move || opened.fill(&spool, args.all, &ready)))
}

#[cfg(not(feature = "live"))]
fn sniffing(
    _: &str,
    _: Arc<TuiArgs>,
    _: Spool,
    _: Sender<anyhow::Result<Option<u64>>>,
) -> anyhow::Result<Box<dyn FnOnce() + Send>> {
    bail!("sniffing needs libpcap, and this peerscope was built without it")
}

fn model(args: &TuiArgs, spool: Spool, total: Option<u64>) -> anyhow::Result<Model> {
    let stream = match args.chosen.stream[..] {
        [] => None,
        [stream] => Some(stream),
        _ => bail!("one connection can be listed alone, or all"),
    };
    let files = match &args.interface {
        None => args.input.files(),
        Some(_) => Vec::new(),
    };
    let interface = args.interface.iter().cloned();
    let mut names: Vec<String> = interface.collect();
    let of_files = files.iter().map(|file| {
        if super::files::is_stdin(file) {
            "standard input".to_owned()
        } else {
            file.display().to_string()
        }
    });
    names.extend(of_files);
    let mut model = Model::new(spool, names.join(" "), total);
    model.time = args.time.into();
    model.is_live = args.interface.is_some();
    let filter = args.chosen.filter.clone();
    let text = filter
        .as_ref()
        .map_or("", crate::filter::Filter::text)
        .to_owned();
    let choice = Choice { stream, filter };
    if !choice.is_everything() {
        model.list(choice, text);
    }
    Ok(model)
}

/// Reads the capture into the spool; tells how long it is, or why it cannot be
/// read.
fn read(args: &TuiArgs, spool: &Spool, ready: &Sender<anyhow::Result<Option<u64>>>) {
    let opened = match source::open(&args.input) {
        Ok(opened) => opened,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let mut trouble = Vec::new();
    if opened.all.is_err() {
        trouble.push("not all of the files could be opened".to_owned());
    }
    let torrents = match torrents::load(&args.input.torrent) {
        Ok(torrents) => torrents,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let mut recorder = spool.recorder(args.all);
    recorder.know(&torrents);
    let mut pipeline = match source::knowing(&args.input, torrents, &mut recorder) {
        Ok(pipeline) => pipeline,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let _ = ready.send(Ok(opened.source.total_size()));
    let mut watched = Watched {
        source: opened.source,
        spool: spool.clone(),
        packets: 0,
    };
    let run = pipeline.run(&mut watched);
    let learned = pipeline.finish();
    watched.note();
    recorder.close();
    if let Err(error) = &run {
        spool.tell_in_short(in_short(error));
        trouble.extend(error.each().map(ToString::to_string));
    }
    note_learned(spool, &learned);
    spool.complete(trouble);
}

/// What is wrong with a file, for a line that may end early: the reason first.
fn in_short(error: &CaptureError) -> String {
    let name = error.file.file_name().unwrap_or(error.file.as_os_str());
    let at = error
        .offset
        .map_or(String::new(), |offset| format!(", at offset {offset}"));
    format!("{}{at} of {}", error.reason, name.display())
}

/// Notes what of the capture was not kept, if anything.
fn note_learned(spool: &Spool, learned: &Learned) {
    for line in trouble::not_kept(learned) {
        spool.note(line);
    }
}

/// A source that notes how far it is.
struct Watched<S> {
    source: S,
    spool: Spool,
    packets: u64,
}

impl<S: Source> Watched<S> {
    fn note(&self) {
        self.spool
            .note_progress(self.packets, self.source.position());
    }
}

impl<S: Source> Source for Watched<S> {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.packets.is_multiple_of(PACKETS_PER_NOTE) {
            self.note();
        }
        let packet = self.source.next_packet()?;
        self.packets += u64::from(packet.is_some());
        Ok(packet)
    }

    fn is_at_hand(&self) -> bool {
        self.source.is_at_hand()
    }

    fn secrets(&self) -> Secrets {
        self.source.secrets()
    }

    fn position(&self) -> u64 {
        self.source.position()
    }
}
