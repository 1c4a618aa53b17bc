//! All connections of a session: made, let in, served and ended.

mod room;
mod unreadable;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

use super::config::{Config, Task};
use super::dialer::{Attempt, Dialer};
use super::disk::Disk;
use super::error::SessionError;
use super::identity;
use super::socket::{SPILL_BYTES, Socket, Turn};
use super::tap::Tap;
use super::watch::{Note, Watch};
use crate::active::machine::{Close, Role, Time};
use crate::active::mse::{Encryption, Link};
use crate::active::torrent::{PeerKey, Torrent};
use crate::torrent::StorageError;

use room::is_out_of_descriptors;
pub(super) use unreadable::Unreadable;

/// What the poll calls the listener; the connections follow.
pub(super) const LISTENER: Token = Token(0);

/// What the poll calls the waker.
pub(super) const WAKER: Token = Token(1);

const FIRST_PEER: usize = 2;

/// Connections that there may be in all.
const MAX_CONNECTIONS: usize = 500;

/// The connections, and whom to dial.
pub(super) struct Connections {
    registry: Registry,
    encryption: Encryption,
    listener: Option<TcpListener>,
    sockets: BTreeMap<PeerKey, Socket>,
    pub(super) dialer: Dialer,
    pub(super) tap: Tap,
    spill: Vec<u8>,
    /// Connections that there may be: fewer when descriptors ran out.
    most: usize,
    /// Whether some may wait that the poll will not tell of.
    must_accept: bool,
    /// Why the last one ended.
    last_close: Option<String>,
    /// Whether data that was to be served could not be read.
    unreadable: Unreadable,
}

impl Connections {
    /// Listens, if that is wanted.
    pub(super) fn new(config: &Config, registry: Registry, tap: Tap) -> Result<Self, SessionError> {
        let mut dialer = Dialer::new(matches!(config.task, Task::Seed { .. }));
        for peer in &config.peers {
            dialer.add_named(*peer);
        }
        Ok(Self {
            listener: listen(config, &registry)?,
            registry,
            encryption: config.encryption,
            sockets: BTreeMap::new(),
            dialer,
            tap,
            spill: vec![0; SPILL_BYTES],
            most: MAX_CONNECTIONS,
            must_accept: false,
            last_close: None,
            unreadable: Unreadable::default(),
        })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref()?.local_addr().ok()
    }

    /// How many peers we are connected to.
    pub(super) fn count(&self) -> usize {
        self.sockets.values().filter(|socket| socket.open).count()
    }

    /// Whether there is nobody to talk to who could bring anything, nor to dial.
    pub(super) fn is_alone(&self, torrent: &Torrent) -> bool {
        let mut keys = self.sockets.keys();
        let is_useless = keys.all(|key| torrent.metadata_obstacle(*key).is_some());
        is_useless && self.dialer.is_exhausted()
    }

    /// Whom the last connection was to, and why it ended.
    pub(super) fn last_close(&self) -> Option<&str> {
        self.last_close.as_deref()
    }

    /// Who is connected and, as nothing has come, sends nothing: the first, and why.
    pub(super) fn silence(&self, torrent: &Torrent) -> Option<String> {
        let mut open = self.sockets.iter().filter(|(_, socket)| socket.open);
        let (key, socket) = open.next()?;
        let (address, silence) = (socket.address, torrent.silence(*key));
        Some(match self.count() {
            1 => format!("{address} {silence}"),
            peers => format!("{peers} peers are connected and send no data: {address} {silence}"),
        })
    }

    /// The poll has news of a connection.
    pub(super) fn ready(&mut self, event: &Event) {
        let key = PeerKey((event.token().0 - FIRST_PEER) as u64);
        if let Some(socket) = self.sockets.get_mut(&key) {
            let readable = event.is_readable() || event.is_read_closed();
            socket.ready(readable, event.is_writable() || event.is_error());
        }
    }

    /// Dials whoever is due.
    pub(super) fn dial(
        &mut self,
        torrent: &mut Torrent,
        watch: &mut dyn Watch,
        now: Time,
    ) -> io::Result<()> {
        if self.dialer.is_crowded(now) {
            self.make_room(torrent, watch, now);
        }
        while let Some((address, plain)) = self.dialer.next(now) {
            if torrent.is_banned(&address) {
                self.dialer.give_up(&address);
                continue;
            }
            let stream = match TcpStream::connect(address) {
                Ok(stream) => stream,
                Err(error) => {
                    let close = Close::Unreachable(error.to_string());
                    self.failed(address, &close, Attempt::Unreachable, watch, now);
                    continue;
                }
            };
            let link = if plain {
                Link::plain()
            } else {
                let skey = torrent.identity().info_hashes[0];
                Link::dial(skey, self.encryption, &identity::secrets()?)
            };
            let socket = Socket::new(stream, address, Role::Initiator, link);
            self.add(socket, torrent, now);
        }
        Ok(())
    }

    /// Takes in those that dial us. A failed attempt (the peer is gone already,
    /// or we are out of descriptors) does not end the session.
    pub(super) fn accept(
        &mut self,
        torrent: &mut Torrent,
        watch: &mut dyn Watch,
        now: Time,
    ) -> io::Result<()> {
        self.must_accept = false;
        while let Some(accepted) = self.listener.as_ref().map(TcpListener::accept) {
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => {
                    // The poll does not tell again of those that wait.
                    self.must_accept = true;
                    if is_out_of_descriptors(&error) {
                        self.free_descriptors(torrent, watch, now);
                    }
                    return Ok(());
                }
            };
            if torrent.is_host_banned(address.ip()) || !self.has_room(torrent, watch, now) {
                continue;
            }
            let hashes = torrent.identity().info_hashes.clone();
            let link = Link::accept(hashes, self.encryption, identity::secrets()?);
            watch.note(&Note::Connected(address));
            let mut socket = Socket::new(stream, address, Role::Acceptor, link);
            socket.begin_record(&mut self.tap);
            self.add(socket, torrent, now);
        }
        Ok(())
    }

    /// Takes in those that could not be taken in when they came.
    pub(super) fn accept_again(
        &mut self,
        torrent: &mut Torrent,
        watch: &mut dyn Watch,
        now: Time,
    ) -> io::Result<()> {
        if self.must_accept {
            self.accept(torrent, watch, now)?;
        }
        Ok(())
    }

    fn add(&mut self, mut socket: Socket, torrent: &mut Torrent, now: Time) {
        let key = torrent.connect(socket.address, socket.role, now);
        let token = Token(key.0 as usize + FIRST_PEER);
        match socket.register(&self.registry, token) {
            Ok(()) => {
                self.sockets.insert(key, socket);
            }
            Err(_) => torrent.disconnected(key),
        }
    }

    /// Reads what has come. Says whether there may be more.
    pub(super) fn read(&mut self, torrent: &mut Torrent, watch: &mut dyn Watch, now: Time) -> bool {
        let mut over = Vec::new();
        let mut more = false;
        for (&key, socket) in &mut self.sockets {
            match connected(socket, &mut self.tap, watch) {
                Ok(true) if socket.readable => {}
                Ok(_) => continue,
                Err(close) => {
                    over.push((key, close));
                    continue;
                }
            }
            match socket.read(key, torrent, &mut self.spill, &mut self.tap, now) {
                Turn::Idle => {}
                Turn::More => more = true,
                Turn::Over(close) => over.push((key, close)),
            }
        }
        self.end_all(over, torrent, watch, now);
        more
    }

    /// Writes what peers wait for. Says whether there is more.
    pub(super) fn write(
        &mut self,
        torrent: &mut Torrent,
        mut disk: Option<&mut Disk>,
        watch: &mut dyn Watch,
        now: Time,
    ) -> bool {
        let mut over = Vec::new();
        let mut more = false;
        for (&key, socket) in &mut self.sockets {
            if let Some(disk) = disk.as_deref_mut().filter(|_| socket.is_writable()) {
                serve(key, torrent, disk, &mut self.unreadable, watch);
            }
            if let Turn::Over(close) = socket.write(key, torrent, &mut self.tap) {
                over.push((key, close));
            }
            more |= socket.is_writable() && torrent.wants_upload(key);
        }
        self.end_all(over, torrent, watch, now);
        more
    }

    fn end_all(
        &mut self,
        over: Vec<(PeerKey, Close)>,
        torrent: &mut Torrent,
        watch: &mut dyn Watch,
        now: Time,
    ) {
        for (key, close) in over {
            let close = self.explain(key, close, torrent);
            torrent.disconnected(key);
            self.end(key, &close, watch, now);
        }
    }

    /// The reason of an end in better words, where the peer gave none: whoever
    /// closes when it has seen what we want does not want to, or does not understand.
    fn explain(&self, key: PeerKey, close: Close, torrent: &Torrent) -> Close {
        let Some(socket) = self.sockets.get(&key) else {
            return close;
        };
        let connection = torrent.connection(key);
        let is_greeted = connection.is_some_and(|c| c.handshake().is_some());
        let is_ours = socket.role == Role::Initiator && socket.open && !socket.is_ourselves;
        match close {
            Close::Lost(_) if is_ours && !is_greeted => Close::Dropped(match self.encryption {
                Encryption::Off => "it may want encryption, or not have this torrent",
                Encryption::Prefer => "it may not have this torrent",
                Encryption::Require => "it may refuse encryption, or not have this torrent",
            }),
            close => close,
        }
    }

    /// An attempt to talk to somebody whom we dialled has ended.
    fn failed(
        &mut self,
        address: SocketAddr,
        close: &Close,
        attempt: Attempt,
        watch: &mut dyn Watch,
        now: Time,
    ) {
        if self.dialer.ended(&address, attempt, now) {
            watch.note(&Note::Retrying(address, close.clone()));
        }
        self.note_close(address, close);
    }

    /// A connection is over; the torrent knows.
    pub(super) fn end(&mut self, key: PeerKey, close: &Close, watch: &mut dyn Watch, now: Time) {
        let Some(socket) = self.sockets.remove(&key) else {
            return;
        };
        let address = socket.address;
        let attempt = match close {
            Close::Unreachable(_) => Attempt::Unreachable,
            _ if socket.useful => Attempt::Useful,
            _ => Attempt::Failed,
        };
        let close = if socket.is_ourselves {
            &Close::Ourselves
        } else {
            close
        };
        let fall_back =
            self.encryption == Encryption::Prefer && socket.open && socket.is_negotiating();
        match (socket.role, close) {
            (Role::Acceptor, Close::Ourselves) => {
                // Whom we dialled there will only see that we have closed.
                let mut ours = self.sockets.values_mut();
                let twin = ours.find(|other| other.is_from(address));
                if let Some(twin) = twin {
                    twin.is_ourselves = true;
                }
            }
            (Role::Acceptor, _) => {}
            (_, Close::Liar | Close::Ourselves) => self.dialer.give_up(&address),
            (_, Close::MadeRoom) => self.dialer.postpone(&address, now),
            _ if fall_back => self.dialer.retry_plain(&address, now),
            _ => self.failed(address, close, attempt, watch, now),
        }
        socket.close(&self.registry, &mut self.tap);
        watch.note(&Note::Closed(address, close.clone()));
        self.note_close(address, close);
    }

    fn note_close(&mut self, address: SocketAddr, close: &Close) {
        self.last_close = Some(format!("{address}: {close}"));
    }

    /// What could not be read of the data that was to be served.
    pub(super) fn read_failure(&mut self) -> Option<StorageError> {
        self.unreadable.first()
    }

    /// Ends all of them.
    pub(super) fn close(&mut self, torrent: &mut Torrent) {
        for (key, socket) in std::mem::take(&mut self.sockets) {
            torrent.disconnected(key);
            socket.close(&self.registry, &mut self.tap);
        }
    }
}

/// Reads the blocks that a peer waits for.
fn serve(
    key: PeerKey,
    torrent: &mut Torrent,
    disk: &mut Disk,
    unreadable: &mut Unreadable,
    watch: &mut dyn Watch,
) {
    while let Some(block) = torrent.next_upload(key) {
        let data = torrent.content().map(|c| disk.block(c, block));
        match data.transpose() {
            Ok(data) => torrent.upload(key, block, data),
            Err(error) => {
                torrent.upload(key, block, None);
                unreadable.note(error, watch);
            }
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

fn listen(config: &Config, registry: &Registry) -> Result<Option<TcpListener>, SessionError> {
    let any = SocketAddr::from(([0, 0, 0, 0], 0));
    let fallback = (!config.trackers.is_empty()).then_some(any);
    let Some(address) = config.listen.or(fallback) else {
        return Ok(None);
    };
    let wrap = |error| SessionError::Listen { address, error };
    let mut listener = TcpListener::bind(address).map_err(wrap)?;
    registry.register(&mut listener, LISTENER, Interest::READABLE)?;
    Ok(Some(listener))
}
