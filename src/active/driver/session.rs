//! The loop of a session.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};

use super::ahead::ReadAhead;
use super::dialer::Dialer;
use super::socket::{SPILL, Socket, Turn, lost};
use super::worker::Workers;
use super::{Config, Note, Progress, SessionError, Tap, Task, Watch, setup};
use crate::active::machine::{Close, Identity, Role, Time};
use crate::active::mse::{Encryption, Link};
use crate::active::storage::Storage;
use crate::active::torrent::{Action, PeerKey, Torrent};
use crate::active::tracker::{Announce, Trackers};

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
const FIRST_PEER: usize = 2;

/// Between two looks at the progress.
const LOOK: Duration = Duration::from_millis(200);

/// Connections that there may be in all.
const MAX_CONNECTIONS: usize = 500;

/// A torrent being fetched or served.
pub struct Session<'w> {
    config: Config,
    identity: Identity,
    watch: &'w mut dyn Watch,
    poll: Poll,
    waker: Arc<Waker>,
    listener: Option<TcpListener>,
    torrent: Torrent,
    storage: Option<Arc<Storage>>,
    workers: Option<Workers>,
    sockets: BTreeMap<PeerKey, Socket>,
    dialer: Dialer,
    trackers: Option<Trackers>,
    /// Trackers that have not answered yet.
    silent_trackers: usize,
    tap: Tap,
    spill: Vec<u8>,
    ahead: ReadAhead,
    began: Instant,
    next_look: Time,
    /// When something was fetched last, and how much had been.
    progressed: (Time, u64),
    /// Why the last connection ended.
    last_close: Option<(SocketAddr, Close)>,
    finished: bool,
}

impl<'w> Session<'w> {
    /// Opens files and sockets; checks the data that is there.
    pub fn new(config: Config, watch: &'w mut dyn Watch) -> Result<Self, SessionError> {
        let tap = setup::tap(&config)?;
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let listener = listen(&config, &poll)?;
        let address = listener.as_ref().and_then(|l| l.local_addr().ok());
        let identity = setup::identity(&config, address);
        let (torrent, storage) = setup::torrent(&config, identity.clone(), watch)?;
        if let Some(address) = address {
            watch.note(&Note::Listening(address));
        }
        let storages = storage.as_ref();
        let workers = storages.map(|s| Workers::start(setup::threads(), s, &waker));
        let mut dialer = Dialer::default();
        dialer.patient = matches!(config.task, Task::Seed { .. });
        for peer in &config.peers {
            dialer.add(*peer, Time::ZERO);
        }
        let mut session = Self {
            silent_trackers: config.trackers.len(),
            config,
            identity,
            watch,
            poll,
            waker,
            listener,
            torrent,
            storage,
            workers,
            sockets: BTreeMap::new(),
            dialer,
            trackers: None,
            tap,
            spill: vec![0; SPILL],
            ahead: ReadAhead::default(),
            began: Instant::now(),
            next_look: Time::ZERO,
            progressed: (Time::ZERO, 0),
            last_close: None,
            finished: false,
        };
        session.start_trackers();
        Ok(session)
    }

    /// Where it listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref()?.local_addr().ok()
    }

    /// Runs until the download is complete, or the seeder is stopped.
    pub fn run(mut self) -> Result<Progress, SessionError> {
        let result = self.work();
        self.say_goodbye();
        let progress = self.progress();
        self.watch.progress(&progress);
        if let Some(recorder) = self.tap.recorder.take() {
            let path = self.config.record.clone().unwrap_or_default();
            let written = recorder.finish();
            written.map_err(|error| SessionError::File { path, error })?;
        }
        result.map(|()| progress)
    }

    fn is_download(&self) -> bool {
        matches!(self.config.task, Task::Get { .. })
    }

    fn now(&self) -> Time {
        self.began.elapsed()
    }

    fn work(&mut self) -> Result<(), SessionError> {
        let mut events = Events::with_capacity(256);
        loop {
            let more = self.turn()?;
            if self.finished && self.is_download() {
                return Ok(());
            }
            if self.watch.is_stopped() {
                return if self.is_download() {
                    Err(SessionError::Interrupted)
                } else {
                    Ok(())
                };
            }
            let timeout = if more { Duration::ZERO } else { self.timeout() };
            match self.poll.poll(&mut events, Some(timeout)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
                _ => {}
            }
            for event in &events {
                match event.token() {
                    WAKER => {}
                    LISTENER => self.accept(),
                    Token(number) => {
                        let key = PeerKey((number - FIRST_PEER) as u64);
                        if let Some(socket) = self.sockets.get_mut(&key) {
                            let readable = event.is_readable() || event.is_read_closed();
                            socket.ready(readable, event.is_writable() || event.is_error());
                        }
                    }
                }
            }
        }
    }

    /// How long nothing needs to be done.
    fn timeout(&self) -> Duration {
        let now = self.now();
        let due = self.torrent.deadline().min(self.next_look);
        let due = self.dialer.due().map_or(due, |dial| due.min(dial));
        due.saturating_sub(now).min(LOOK)
    }

    /// Everything that can be done now. Says whether there is more.
    fn turn(&mut self) -> Result<bool, SessionError> {
        let now = self.now();
        self.ask_trackers(now);
        self.dial(now);
        if now >= self.torrent.deadline() {
            self.torrent.tick(now);
        }
        let mut more = self.read(now);
        self.collect()?;
        self.act()?;
        self.torrent.refill(now);
        more |= self.write();
        if now >= self.next_look {
            self.next_look = now + LOOK;
            let progress = self.progress();
            self.watch.progress(&progress);
            self.give_up_if_hopeless(now)?;
        }
        Ok(more)
    }

    fn read(&mut self, now: Time) -> bool {
        let mut over = Vec::new();
        let mut more = false;
        for (&key, socket) in &mut self.sockets {
            match connected(socket, &mut self.tap, self.watch) {
                Ok(true) if socket.readable => {}
                Ok(_) => continue,
                Err(close) => {
                    over.push((key, close));
                    continue;
                }
            }
            match socket.read(key, &mut self.torrent, &mut self.spill, &mut self.tap, now) {
                Turn::Idle => {}
                Turn::More => more = true,
                Turn::Over(close) => over.push((key, close)),
            }
        }
        self.end_all(over);
        more
    }

    /// Takes in the pieces that have been checked.
    fn collect(&mut self) -> Result<(), SessionError> {
        while let Some(done) = self.workers.as_ref().and_then(Workers::done) {
            self.torrent.checked(done?);
        }
        Ok(())
    }

    fn write(&mut self) -> bool {
        let mut over = Vec::new();
        let mut more = false;
        let keys: Vec<_> = self.sockets.keys().copied().collect();
        for key in keys {
            self.serve(key);
            let Some(socket) = self.sockets.get_mut(&key) else {
                continue;
            };
            if let Turn::Over(close) = socket.write(key, &mut self.torrent, &mut self.tap) {
                over.push((key, close));
            }
            more |= socket.is_writable() && self.torrent.wants_upload(key);
        }
        self.end_all(over);
        more
    }

    fn end_all(&mut self, over: Vec<(PeerKey, Close)>) {
        for (key, close) in over {
            self.torrent.disconnected(key);
            self.end(key, close);
        }
    }

    /// Reads the blocks that a peer waits for.
    fn serve(&mut self, key: PeerKey) {
        let writable = self.sockets.get(&key).is_some_and(Socket::is_writable);
        let Some(storage) = self.storage.as_ref().filter(|_| writable) else {
            return;
        };
        while let Some(block) = self.torrent.next_upload(key) {
            let Some(content) = self.torrent.content() else {
                return;
            };
            let start = content.piece_start(block.index) + u64::from(block.begin);
            let left = content.piece_size(block.index).saturating_sub(block.begin);
            let data = self.ahead.block(storage, start, block, left);
            self.torrent.upload(key, block, data);
        }
    }

    /// Does what the torrent wants done.
    fn act(&mut self) -> Result<(), SessionError> {
        while let Some(action) = self.torrent.action() {
            match action {
                Action::Close(key, reason) => {
                    self.end(key, reason);
                }
                Action::Metadata => self.metadata()?,
                Action::Check(job) => {
                    let start = self.torrent.content().map(|c| c.piece_start(job.piece));
                    if let (Some(workers), Some(start)) = (&self.workers, start) {
                        workers.push(job, start);
                    }
                }
                Action::Finished => self.finished = true,
                Action::Report(report) => self.watch.note(&Note::Torrents(report)),
            }
        }
        Ok(())
    }

    /// The info dictionary has come: now the files can be made.
    fn metadata(&mut self) -> Result<(), SessionError> {
        let Some(content) = self.torrent.content() else {
            return Ok(());
        };
        setup::announce(content, self.watch);
        let storage = setup::storage(&self.config.task, &content.info)?;
        let have = setup::existing(&storage, content, self.watch);
        let workers = Workers::start(setup::threads(), &storage, &self.waker);
        self.workers = Some(workers);
        self.storage = Some(storage);
        self.identity = self.torrent.identity().clone();
        self.torrent.resume(have);
        Ok(())
    }

    fn dial(&mut self, now: Time) {
        if self.finished && self.is_download() {
            return;
        }
        while let Some((address, plain)) = self.dialer.next(now) {
            if self.torrent.is_banned(&address) {
                self.dialer.give_up(&address);
                continue;
            }
            let stream = match TcpStream::connect(address) {
                Ok(stream) => stream,
                Err(error) => {
                    self.dialer.ended(&address, false, now);
                    self.last_close = Some((address, lost(&error)));
                    continue;
                }
            };
            let skey = self.identity.info_hashes[0];
            let link = if plain {
                Link::plain()
            } else {
                Link::dial(skey, self.config.encryption, &setup::secrets())
            };
            self.add(stream, address, Role::Initiator, link, now);
        }
    }

    /// Takes in those that dial us. A failed attempt (the peer is gone already,
    /// or we are out of descriptors) does not end the session.
    fn accept(&mut self) {
        while let Some(Ok((stream, address))) = self.listener.as_ref().map(TcpListener::accept) {
            if self.sockets.len() >= MAX_CONNECTIONS {
                continue;
            }
            let hashes = self.identity.info_hashes.clone();
            let link = Link::accept(hashes, self.config.encryption, setup::secrets());
            let now = self.now();
            self.watch.note(&Note::Connected(address));
            self.add(stream, address, Role::Acceptor, link, now);
        }
    }

    fn add(&mut self, stream: TcpStream, address: SocketAddr, role: Role, link: Link, now: Time) {
        let key = self.torrent.connect(address, role, now);
        let mut socket = Socket::new(stream, address, role, link);
        if role == Role::Acceptor {
            socket.begin_record(&mut self.tap);
        }
        let token = Token(key.0 as usize + FIRST_PEER);
        match socket.register(self.poll.registry(), token) {
            Ok(()) => {
                self.sockets.insert(key, socket);
            }
            Err(_) => self.torrent.disconnected(key),
        }
    }

    /// A connection is over; the torrent knows.
    fn end(&mut self, key: PeerKey, close: Close) {
        let now = self.now();
        let Some(socket) = self.sockets.remove(&key) else {
            return;
        };
        let address = socket.address;
        let fall_back =
            self.config.encryption == Encryption::Prefer && socket.open && socket.is_negotiating();
        match (socket.role, &close) {
            (Role::Acceptor, _) => {}
            (_, Close::Liar | Close::Ourselves) => self.dialer.give_up(&address),
            _ if fall_back => self.dialer.retry_plain(&address, now),
            _ => self.dialer.ended(&address, socket.useful, now),
        }
        socket.close(self.poll.registry(), &mut self.tap);
        self.watch.note(&Note::Closed(address, close.clone()));
        self.last_close = Some((address, close));
    }

    fn announce(&self) -> Announce {
        let (downloaded, uploaded, _) = self.torrent.transferred();
        let progress = self.progress();
        let left = if progress.total == 0 {
            // Not known before the info dictionary is; libtorrent says this too.
            16 << 10
        } else {
            progress.total - progress.done
        };
        Announce {
            info_hash: self.identity.info_hashes[0],
            peer_id: self.identity.peer_id,
            port: self.identity.port.unwrap_or(1),
            left,
            uploaded,
            downloaded,
        }
    }

    fn start_trackers(&mut self) {
        if !self.config.trackers.is_empty() {
            let announce = self.announce();
            let urls = &self.config.trackers;
            self.trackers = Some(Trackers::start(urls, announce, &self.waker));
        }
    }

    fn ask_trackers(&mut self, now: Time) {
        while let Some(answer) = self.trackers.as_ref().and_then(Trackers::answer) {
            self.silent_trackers = self.silent_trackers.saturating_sub(1);
            let note = match answer.result {
                Ok(peers) => {
                    if self.is_download() {
                        for peer in &peers {
                            self.dialer.refresh(*peer, now);
                        }
                    }
                    Note::Tracker(answer.url, peers.len())
                }
                Err(error) => {
                    // If nothing else fails, this is what the user must know.
                    let reason = format!("tracker {}: {error}", answer.url);
                    let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
                    self.last_close
                        .get_or_insert((nowhere, Close::Lost(reason)));
                    Note::TrackerFailed(answer.url, error)
                }
            };
            self.watch.note(&note);
        }
    }

    /// A download that nobody can complete fails, and says why.
    fn give_up_if_hopeless(&mut self, now: Time) -> Result<(), SessionError> {
        let (downloaded, _, _) = self.torrent.transferred();
        if downloaded != self.progressed.1 {
            self.progressed = (now, downloaded);
        }
        if !self.is_download() {
            return Ok(());
        }
        let reason = match &self.last_close {
            Some((address, close)) if address.port() == 0 => close.to_string(),
            Some((address, close)) => format!("{address}: {close}"),
            None => "no peer is known".to_owned(),
        };
        let alone = self.sockets.is_empty() && self.dialer.is_exhausted();
        // Others may still come by way of a tracker, or dial us.
        let hope = self.trackers.is_some() || self.config.listen.is_some();
        if alone && !hope {
            return Err(SessionError::NoPeers(reason));
        }
        let waited = now.saturating_sub(self.progressed.0);
        if waited >= self.config.patience {
            return Err(SessionError::Stalled { waited, reason });
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        let (downloaded, uploaded, _) = self.torrent.transferred();
        let total = self.torrent.content().map_or(0, |c| c.info.total_size());
        let have = self.torrent.have();
        let part = u128::from(total) * u128::from(have.count());
        Progress {
            elapsed: self.now(),
            done: (part / u128::from(have.pieces().max(1))) as u64,
            total,
            downloaded,
            uploaded,
            peers: self.sockets.values().filter(|socket| socket.open).count(),
        }
    }

    /// Ends all connections, the trackers last.
    fn say_goodbye(&mut self) {
        self.write();
        let last = self.announce();
        for (key, socket) in std::mem::take(&mut self.sockets) {
            self.torrent.disconnected(key);
            socket.close(self.poll.registry(), &mut self.tap);
        }
        if let Some(trackers) = self.trackers.take() {
            trackers.stop(last);
        }
    }
}

/// Whether the TCP handshake is over; tells the watcher when it is.
fn connected(socket: &mut Socket, tap: &mut Tap, watch: &mut dyn Watch) -> Result<bool, Close> {
    let was_open = socket.open;
    let open = socket.finish_connecting(tap)?;
    if open && !was_open {
        watch.note(&Note::Connected(socket.address));
    }
    Ok(open)
}

fn listen(config: &Config, poll: &Poll) -> Result<Option<TcpListener>, SessionError> {
    let any = SocketAddr::from(([0, 0, 0, 0], 0));
    let fallback = (!config.trackers.is_empty()).then_some(any);
    let Some(address) = config.listen.or(fallback) else {
        return Ok(None);
    };
    let wrap = |error| SessionError::Listen { address, error };
    let mut listener = TcpListener::bind(address).map_err(wrap)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    Ok(Some(listener))
}
