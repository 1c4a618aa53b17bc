//! `peerscope get` and `peerscope seed`: from options to a peer that runs.

use std::fs::File;
use std::io::Read;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};

use super::args::{GetArgs, PeerOptions, SeedArgs};
use super::watcher::Watcher;
use crate::active::driver::{Config, Session, SessionError, Target, Task};
use crate::active::torrent::DEFAULT_DEPTH;
use crate::active::tracker::Redirects;
use crate::cli::files;
use crate::torrent::Magnet;
use crate::wire::metainfo::Metainfo;

/// A longer file is not taken for a `.torrent`, in bytes.
const MAX_TORRENT_FILE_BYTES: u64 = 512 << 20;

/// Runs `get`.
pub fn get(args: &GetArgs) -> anyhow::Result<()> {
    let torrent = open(&args.torrent)?;
    check_outputs(&args.options, &[args.torrent.clone().into()])?;
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

/// Why no peer is known, and what can be done about it.
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
    check_outputs(&args.options, &[args.torrent.clone(), args.data.clone()])?;
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
    let mut file = file.take(MAX_TORRENT_FILE_BYTES + 1);
    file.read_to_end(&mut bytes).with_context(name)?;
    if bytes.len() as u64 > MAX_TORRENT_FILE_BYTES {
        return Err(anyhow!("too long for a .torrent file")).with_context(name);
    }
    Metainfo::parse(&bytes).with_context(name)
}

/// Refuses what cannot be written to: standard output, and what is read.
fn check_outputs(options: &PeerOptions, inputs: &[PathBuf]) -> anyhow::Result<()> {
    let (record, keylog) = (options.record.as_deref(), options.keylog.as_deref());
    for (option, path) in [("--record", record), ("--keylog", keylog)] {
        let Some(path) = path else {
            continue;
        };
        if path == "-" {
            bail!("{option} needs the name of a file, not -: standard output is for --json");
        }
        files::check_output(path, inputs)?;
    }
    if record.is_some() && record == keylog {
        bail!("--record and --keylog need a file each");
    }
    Ok(())
}

fn config(torrent: Target, options: &PeerOptions, task: Task) -> anyhow::Result<Config> {
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
        redirects: if options.follow_redirects {
            Redirects::Anywhere
        } else {
            Redirects::SameHost
        },
        listen: None,
        encryption: crate::active::mse::Encryption::Off,
        keylog: options.keylog.clone(),
        record: options.record.clone(),
        patience: Duration::MAX,
        max_depth: DEFAULT_DEPTH,
    })
}

/// The peers that a link names. Some may have no address any more; if none has, that is an
/// error only when no other peer (`is_alone`) and no tracker is known.
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
