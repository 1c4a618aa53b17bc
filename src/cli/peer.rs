//! `peerscope get` and `peerscope seed`: our own peer, and how it is watched.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read, Write, stderr, stdout};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::active::driver::{Config, Note, Progress, Session, SessionError, Target, Task, Watch};
use crate::active::magnet::Magnet;
use crate::active::torrent::DEFAULT_DEPTH;
use crate::view::json::push_guarded;
use crate::view::quantity::Bytes;
use crate::view::text::Safe;
use crate::wire::metainfo::Metainfo;
use crate::wire::words::Count;

use super::peer_args::{GetArgs, PeerOptions, SeedArgs};
use super::trouble::tell;

/// A `.torrent` is never longer than this.
const MAX_TORRENT: u64 = 512 << 20;

/// Runs `get`.
pub fn get(args: &GetArgs) -> anyhow::Result<()> {
    let torrent = open(&args.torrent)?;
    let mut config = config(
        torrent,
        &args.options,
        Task::Get {
            directory: args.output.clone(),
        },
    )?;
    config.listen = args.listen;
    config.encryption = args.encryption.into();
    config.patience = Duration::from_secs(args.patience);
    config.max_depth = args.depth.max(1);
    if config.peers.is_empty() && config.trackers.is_empty() && config.listen.is_none() {
        bail!("no peer is known: {}", lack_of_peers(&config.torrent, args));
    }
    run(config, args.options.json)
}

/// Why there is nobody to fetch from, and what can be done about it.
fn lack_of_peers(torrent: &Target, args: &GetArgs) -> &'static str {
    let (trackers, web_seeds) = match torrent {
        Target::File(metainfo) => (
            metainfo.trackers().count(),
            metainfo.url_list.len() + metainfo.httpseeds.len(),
        ),
        Target::Link(magnet) => (magnet.trackers.len(), magnet.web_seeds),
    };
    match (trackers, web_seeds) {
        (0, 0) => "the torrent names no tracker, and there is no --peer",
        (0, _) => {
            "the torrent names only web seeds (BEP 17, BEP 19), and get fetches from peers: name one with --peer"
        }
        _ if args.options.no_trackers => "there is no --peer, and --no-trackers is set",
        _ => "there is no --peer",
    }
}

/// Runs `seed`.
pub fn seed(args: &SeedArgs) -> anyhow::Result<()> {
    let torrent = Target::File(Box::new(file(&args.torrent)?));
    let mut config = config(
        torrent,
        &args.options,
        Task::Seed {
            data: args.data.clone(),
            check: !args.no_check,
        },
    )?;
    config.listen = Some(args.listen);
    config.encryption = args.encryption.into();
    run(config, args.options.json)
}

fn run(config: Config, json: bool) -> anyhow::Result<()> {
    let is_download = matches!(config.task, Task::Get { .. });
    let mut watcher = Watcher::new(json, is_download)?;
    let result = Session::new(config, &mut watcher).and_then(Session::run);
    watcher.end(result.as_ref().ok());
    match result {
        Err(SessionError::Interrupted) => watcher.give_in(),
        Err(error) => Err(error.into()),
        Ok(_) => watcher.finish(),
    }
}

fn open(torrent: &str) -> anyhow::Result<Target> {
    let is_link = torrent
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("magnet:"));
    if is_link {
        return Ok(Target::Link(Magnet::parse(torrent)?));
    }
    Ok(Target::File(Box::new(file(Path::new(torrent))?)))
}

fn file(path: &Path) -> anyhow::Result<Metainfo> {
    let name = || path.display().to_string();
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(name)?;
    // A pipe or a device does not say how long it is.
    let mut file = file.take(MAX_TORRENT + 1);
    file.read_to_end(&mut bytes).with_context(name)?;
    if bytes.len() as u64 > MAX_TORRENT {
        return Err(anyhow!("too long for a .torrent file")).with_context(name);
    }
    Metainfo::parse(&bytes).with_context(name)
}

fn config(torrent: Target, options: &PeerOptions, task: Task) -> anyhow::Result<Config> {
    for (option, path) in [("--record", &options.record), ("--keylog", &options.keylog)] {
        if path.as_deref().is_some_and(|path| path == "-") {
            bail!("{option} needs the name of a file, not -: standard output is for --json");
        }
    }
    let mut peers = Vec::new();
    for peer in &options.peers {
        peers.extend(resolve("--peer ", peer)?);
    }
    let mut trackers = Vec::new();
    match &torrent {
        Target::File(metainfo) => {
            let urls = metainfo.trackers().map(String::from_utf8_lossy);
            trackers.extend(urls.map(String::from));
        }
        Target::Link(magnet) => {
            trackers.extend_from_slice(&magnet.trackers);
            peers.extend(link_peers(magnet, peers.is_empty())?);
        }
    }
    if options.no_trackers {
        trackers.clear();
    }
    Ok(Config {
        torrent,
        task,
        peers,
        trackers,
        listen: None,
        encryption: crate::active::mse::Encryption::Off,
        keylog: options.keylog.clone(),
        record: options.record.clone(),
        patience: Duration::MAX,
        max_depth: DEFAULT_DEPTH,
    })
}

/// The peers that a link names. Some may be gone; that all are is an error where
/// it is alone: no other peer is known, and no tracker.
fn link_peers(magnet: &Magnet, is_alone: bool) -> anyhow::Result<Vec<SocketAddr>> {
    let mut found = Vec::new();
    let mut trouble = None;
    for peer in &magnet.peers {
        match resolve("x.pe=", peer) {
            Ok(addresses) => found.extend(addresses),
            Err(error) => trouble = trouble.or(Some(error)),
        }
    }
    let is_stuck = is_alone && found.is_empty() && magnet.trackers.is_empty();
    match trouble {
        Some(error) if is_stuck => Err(error),
        _ => Ok(found),
    }
}

/// The addresses of a peer; `option` is where it was named.
fn resolve(option: &str, peer: &str) -> anyhow::Result<Vec<SocketAddr>> {
    let addresses = peer.to_socket_addrs();
    let addresses = addresses.with_context(|| format!("{option}{peer}"))?;
    Ok(addresses.collect())
}

/// Shows how a session goes.
struct Watcher {
    json: bool,
    is_download: bool,
    stop: Arc<AtomicBool>,
    /// Which signal it was.
    signal: Arc<AtomicUsize>,
    bar: Option<ProgressBar>,
    name: String,
    last_progress: Duration,
    /// Why events are no longer printed; the transfer goes on.
    unheard: Option<io::Error>,
}

impl Watcher {
    fn new(json: bool, is_download: bool) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let which = Arc::new(AtomicUsize::new(0));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // A second signal ends the program at once.
            signal_hook::flag::register_conditional_default(signal, stop.clone())?;
            let number = usize::try_from(signal).unwrap_or_default();
            signal_hook::flag::register_usize(signal, which.clone(), number)?;
            signal_hook::flag::register(signal, stop.clone())?;
        }
        let wanted = stderr().is_terminal() && !json;
        Ok(Self {
            json,
            is_download,
            stop,
            signal: which,
            bar: wanted.then(|| new_bar(is_download)),
            name: String::new(),
            last_progress: Duration::ZERO,
            unheard: None,
        })
    }

    /// A line for people, beside the progress bar.
    fn say(&self, line: &str) {
        if self.json {
            return;
        }
        let line = Safe(line.as_bytes()).to_string();
        match &self.bar {
            Some(bar) => bar.println(line),
            None => {
                // Nobody reads it: nothing to be done.
                let _ = writeln!(stderr(), "{line}");
            }
        }
    }

    fn event(&mut self, event: &Value) {
        if self.json && self.unheard.is_none() {
            let mut line = String::new();
            push_guarded(&mut line, &event.to_string());
            self.unheard = writeln!(stdout(), "{line}").err();
        }
    }

    /// Ends the program as the signal would have done at once: a shell ends its
    /// loop then, and shows status 130 after Ctrl-C.
    fn give_in(&self) -> anyhow::Result<()> {
        let told = tell(SessionError::Interrupted);
        let signal = i32::try_from(self.signal.load(Ordering::Relaxed))?;
        signal_hook::low_level::emulate_default_handler(signal)?;
        Err(told.into())
    }

    /// Says what kept events from being printed. A closed pipe is no error: the
    /// reader has seen enough.
    fn finish(self) -> anyhow::Result<()> {
        match self.unheard {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(error).context("cannot write to standard output")
            }
            _ => Ok(()),
        }
    }

    /// The last word.
    fn end(&mut self, progress: Option<&Progress>) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let Some(progress) = progress else { return };
        let seconds = progress.elapsed.as_secs_f64();
        self.event(&json!({
            "event": "done", "seconds": seconds, "size": progress.total,
            "downloaded": progress.downloaded, "uploaded": progress.uploaded,
        }));
        let (moved, verb) = if self.is_download {
            (progress.downloaded, "fetched")
        } else {
            (progress.uploaded, "served")
        };
        let rate = moved as f64 / seconds.max(1e-9) / 1e6;
        let size = Bytes(moved);
        self.say(&format!(
            "{}: {size} {verb} in {seconds:.2} s, {rate:.1} MB/s",
            self.name
        ));
    }
}

fn new_bar(is_download: bool) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
    let template = if is_download {
        "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {msg}, {eta} left"
    } else {
        "{spinner} {bytes} sent, {bytes_per_sec}, {msg}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

impl Watch for Watcher {
    fn progress(&mut self, progress: &Progress) {
        if let Some(bar) = &self.bar {
            bar.set_message(Count(progress.peers as u64, "peer").to_string());
            if self.is_download {
                bar.set_length(progress.total);
                bar.set_position(progress.done);
            } else {
                bar.set_position(progress.uploaded);
            }
        }
        if self.json && progress.elapsed >= self.last_progress + Duration::from_secs(1) {
            self.last_progress = progress.elapsed;
            self.event(&json!({
                "event": "progress", "seconds": progress.elapsed.as_secs_f64(),
                "done": progress.done, "size": progress.total, "peers": progress.peers,
                "downloaded": progress.downloaded, "uploaded": progress.uploaded,
            }));
        }
    }

    fn note(&mut self, note: &Note) {
        self.event(&event(note));
        match note {
            Note::Torrent { name, size, pieces } => {
                self.name.clone_from(name);
                let pieces = Count(u64::from(*pieces), "piece");
                self.say(&format!("{name}: {}, {pieces}", Bytes(*size)));
            }
            Note::Resumed { right, pieces } => {
                self.say(&format!("{right} of {pieces} pieces are here already"));
            }
            Note::Listening(address) => self.say(&format!("listening on {address}")),
            Note::Connected(_) | Note::Closed(..) | Note::Tracker(..) => {}
            Note::Retrying(address, reason) => {
                self.say(&format!("{address}: {reason}; it is tried again"));
            }
            Note::Unreadable(error) => self.say(&format!("cannot serve: {error}")),
            Note::Report(report) => self.say(&report.to_string()),
            Note::TrackerWarned(url, text) | Note::TrackerFailed(url, text) => {
                self.say(&format!("tracker {url}: {text}"));
            }
        }
    }

    fn checking(&mut self, checked: u32, pieces: u32) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("checking: {checked} of {pieces} pieces"));
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// A note as JSON (docs/active.md).
fn event(note: &Note) -> Value {
    match note {
        Note::Torrent { name, size, pieces } => {
            json!({"event": "torrent", "name": name, "size": size, "pieces": pieces})
        }
        Note::Resumed { right, pieces } => {
            json!({"event": "resumed", "right": right, "pieces": pieces})
        }
        Note::Listening(address) => json!({"event": "listening", "address": address.to_string()}),
        Note::Connected(peer) => json!({"event": "connected", "peer": peer.to_string()}),
        Note::Closed(peer, reason) => {
            json!({"event": "closed", "peer": peer.to_string(), "reason": reason.to_string()})
        }
        Note::Retrying(peer, reason) => {
            json!({"event": "retrying", "peer": peer.to_string(), "reason": reason.to_string()})
        }
        Note::Unreadable(error) => json!({"event": "unreadable", "error": error}),
        Note::Report(report) => json!({"event": "report", "text": report.to_string()}),
        Note::Tracker(url, peers) => json!({"event": "tracker", "url": url, "peers": peers}),
        Note::TrackerWarned(url, text) => {
            json!({"event": "tracker_warning", "url": url, "text": text})
        }
        Note::TrackerFailed(url, error) => {
            json!({"event": "tracker_failed", "url": url, "error": error})
        }
    }
}
