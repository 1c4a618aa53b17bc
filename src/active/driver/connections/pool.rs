//! The connections of a session: they are dialled, accepted and looked up here.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry};

use super::descriptors::is_out_of_descriptors;
use super::tokens::{self, LISTENER};
use super::unreadable::Unreadable;
use crate::active::driver::config::{Config, Task};
use crate::active::driver::dialer::{Attempt, Dialer};
use crate::active::driver::error::SessionError;
use crate::active::driver::identity;
use crate::active::driver::socket::{SPILL_BYTES, Socket};
use crate::active::driver::tap::Tap;
use crate::active::driver::watch::{Note, Watch};
use crate::active::machine::{Close, Role, Time};
use crate::active::mse::{Encryption, Link};
use crate::active::torrent::{PeerKey, Torrent};
use crate::torrent::StorageError;

/// The most connections at a time.
const MAX_CONNECTIONS: usize = 500;

/// The connections, and the addresses to dial.
pub(in crate::active::driver) struct Connections {
    pub(super) registry: Registry,
    pub(super) encryption: Encryption,
    pub(super) listener: Option<TcpListener>,
    pub(super) sockets: BTreeMap<PeerKey, Socket>,
    pub(in crate::active::driver) dialer: Dialer,
    pub(in crate::active::driver) tap: Tap,
    pub(super) spill: Vec<u8>,
    /// The most connections at a time: fewer once file descriptors have run out.
    pub(super) most: usize,
    /// Whether peers may wait to be accepted that the poll does not report again.
    pub(super) must_accept: bool,
    /// Why the last one ended.
    pub(super) last_close: Option<String>,
    /// The files that were to be served and could not be read.
    pub(super) unreadable: Unreadable,
}

impl Connections {
    /// Listens for peers, if the session does.
    pub(in crate::active::driver) fn new(
        config: &Config,
        registry: Registry,
        tap: Tap,
    ) -> Result<Self, SessionError> {
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
    pub(in crate::active::driver) fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref()?.local_addr().ok()
    }

    /// How many peers we are connected to.
    pub(in crate::active::driver) fn count(&self) -> usize {
        self.sockets.values().filter(|socket| socket.open).count()
    }

    /// Whether no peer that could send anything is connected or can be dialled.
    pub(in crate::active::driver) fn is_alone(&self, torrent: &Torrent) -> bool {
        let mut keys = self.sockets.keys();
        let is_useless = keys.all(|key| torrent.metadata_obstacle(*key).is_some());
        is_useless && self.dialer.is_exhausted()
    }

    /// The peer of the connection that ended last, and why it ended.
    pub(in crate::active::driver) fn last_close(&self) -> Option<&str> {
        self.last_close.as_deref()
    }

    /// The first connected peer, and why it sends no data.
    pub(in crate::active::driver) fn silence(&self, torrent: &Torrent) -> Option<String> {
        let mut open = self.sockets.iter().filter(|(_, socket)| socket.open);
        let (key, socket) = open.next()?;
        let (address, silence) = (socket.address, torrent.silence(*key));
        Some(match self.count() {
            1 => format!("{address} {silence}"),
            peers => format!("{peers} peers are connected and send no data: {address} {silence}"),
        })
    }

    /// The poll says that a connection is ready.
    pub(in crate::active::driver) fn ready(&mut self, event: &Event) {
        let key = tokens::peer(event.token());
        if let Some(socket) = self.sockets.get_mut(&key) {
            let readable = event.is_readable() || event.is_read_closed();
            socket.ready(readable, event.is_writable() || event.is_error());
        }
    }

    /// Dials the addresses that are due.
    pub(in crate::active::driver) fn dial(
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

    /// Accepts peers that dial us. If one fails (the peer is gone already, or there are
    /// no file descriptors left), the session goes on.
    pub(in crate::active::driver) fn accept(
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
                    // The poll does not report again those that wait.
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

    /// Accepts peers that could not be accepted when they came.
    pub(in crate::active::driver) fn accept_again(
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
        let token = tokens::of_peer(key);
        match socket.register(&self.registry, token) {
            Ok(()) => {
                self.sockets.insert(key, socket);
            }
            Err(_) => torrent.disconnected(key),
        }
    }

    /// The first failure to read data that was to be served.
    pub(in crate::active::driver) fn read_failure(&mut self) -> Option<StorageError> {
        self.unreadable.first()
    }
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
