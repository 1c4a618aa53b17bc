//! A TCP connection, and the way of its bytes to and from the torrent.

use std::io::{self, ErrorKind, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::active::machine::{Close, Role, Time};
use crate::active::mse::Link;
use crate::active::recorder::{Ending, Flow};
use crate::active::torrent::{PeerKey, Torrent};

use super::tap::Tap;

/// Bytes that are read from one connection before the next gets its turn.
const MAX_BYTES_PER_TURN: usize = 4 << 20;

/// Bytes that one read takes beside the data of a block.
pub(super) const SPILL_BYTES: usize = 256 << 10;

/// How much more than a byte of a block any other byte counts for a turn: it may belong
/// to a small message, which costs more. One read of them makes a turn.
const MESSAGE_WEIGHT: usize = MAX_BYTES_PER_TURN / SPILL_BYTES;

/// A connection.
#[expect(clippy::struct_excessive_bools, reason = "what a poll says is flags")]
pub(super) struct Socket {
    stream: TcpStream,
    pub(super) address: SocketAddr,
    pub(super) role: Role,
    /// Whether the TCP handshake is over.
    pub(super) open: bool,
    /// Whether there may be bytes to read.
    pub(super) readable: bool,
    writable: bool,
    /// Whether data of the torrent was transferred.
    pub(super) useful: bool,
    /// Whether the other end is ourselves.
    pub(super) is_ourselves: bool,
    link: Link,
    flow: Option<Flow>,
    ending: Ending,
}

/// A read or a write of more bytes than this counts as data of the torrent, not as
/// protocol messages.
const MIN_USEFUL_BYTES: usize = 1000;

/// How a connection's turn ended.
pub(super) enum Turn {
    /// There is nothing more at the moment.
    Idle,
    /// There may be more.
    More,
    /// The connection is over.
    Over(Close),
}

impl Socket {
    pub(super) fn new(stream: TcpStream, address: SocketAddr, role: Role, link: Link) -> Self {
        // Requests are small and should not wait for more.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            address,
            role,
            open: role == Role::Acceptor,
            readable: false,
            writable: role == Role::Acceptor,
            useful: false,
            is_ourselves: false,
            link,
            flow: None,
            ending: Ending::default(),
        }
    }

    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(
            &mut self.stream,
            token,
            Interest::READABLE | Interest::WRITABLE,
        )
    }

    /// Whether our end of it has this address.
    pub(super) fn is_from(&self, address: SocketAddr) -> bool {
        self.stream.local_addr().is_ok_and(|local| local == address)
    }

    /// The poll says what the connection is ready for.
    pub(super) fn ready(&mut self, readable: bool, writable: bool) {
        self.readable |= readable;
        self.writable |= writable;
    }

    /// Finishes the TCP handshake; says whether it is over, or why it failed.
    pub(super) fn finish_connecting(&mut self, tap: &mut Tap) -> Result<bool, Close> {
        if self.open {
            return Ok(true);
        }
        if !self.writable && !self.readable {
            return Ok(false);
        }
        if let Ok(Some(error)) | Err(error) = self.stream.take_error() {
            return Err(Close::Unreachable(error.to_string()));
        }
        match self.stream.peer_addr() {
            Ok(_) => {
                self.open = true;
                self.begin_record(tap);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(Close::Unreachable(error.to_string())),
        }
    }

    /// Begins the recording of the connection, if there is one.
    pub(super) fn begin_record(&mut self, tap: &mut Tap) {
        if let (Some(recorder), Ok(local)) = (&mut tap.recorder, self.stream.local_addr()) {
            self.flow = Some(recorder.begin(local, self.address, self.role));
        }
    }

    /// Reads what has come, and hands it to the torrent.
    pub(super) fn read(
        &mut self,
        key: PeerKey,
        torrent: &mut Torrent,
        spill: &mut [u8],
        tap: &mut Tap,
        now: Time,
    ) -> Turn {
        let mut taken = 0;
        while taken < MAX_BYTES_PER_TURN {
            if torrent.must_read(key) {
                // The peer must read what waits for it before more is read from it.
                return Turn::Idle;
            }
            let is_block = self.direct_place(key, torrent).is_some();
            let weight = if is_block { 1 } else { MESSAGE_WEIGHT };
            match self.read_once(key, torrent, spill, tap, now) {
                Ok(0) => {
                    self.ending = Ending::Theirs;
                    return Turn::Over(Close::Lost("the peer has closed".to_owned()));
                }
                Ok(bytes) => taken += bytes * weight,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.readable = false;
                    return Turn::Idle;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Turn::Over(self.broken(&error)),
            }
            if let Some(close) = self.link.failure() {
                return Turn::Over(close);
            }
        }
        Turn::More
    }

    fn read_once(
        &mut self,
        key: PeerKey,
        torrent: &mut Torrent,
        spill: &mut [u8],
        tap: &mut Tap,
        now: Time,
    ) -> io::Result<usize> {
        if let Some(place) = self.direct_place(key, torrent) {
            let length = place.len();
            let read = self
                .stream
                .read_vectored(&mut [IoSliceMut::new(place), IoSliceMut::new(spill)])?;
            let direct = read.min(length);
            self.useful |= direct > 0;
            torrent.received(key, direct, now);
            if read > length {
                torrent.receive(key, &spill[..read - length], now);
            }
            return Ok(read);
        }
        let read = self.stream.read(spill)?;
        let bytes = &mut spill[..read];
        if let (Some(recorder), Some(flow)) = (&mut tap.recorder, &mut self.flow) {
            recorder.received(flow, bytes);
        }
        if let Some(plain) = self.link.receive(bytes) {
            self.useful |= plain.len() > MIN_USEFUL_BYTES;
            torrent.receive(key, plain, now);
        }
        if let Some(keys) = self.link.take_keys() {
            tap.keys(&keys);
        }
        Ok(read)
    }

    /// Where the data of a block can be read to without a copy, if neither a cipher nor
    /// a recorder has to see it.
    fn direct_place<'t>(&self, key: PeerKey, torrent: &'t mut Torrent) -> Option<&'t mut [u8]> {
        if self.flow.is_some() || !self.link.is_transparent() {
            return None;
        }
        torrent.buffer(key).filter(|place| !place.is_empty())
    }

    /// Writes what the torrent has for the peer.
    pub(super) fn write(&mut self, key: PeerKey, torrent: &mut Torrent, tap: &mut Tap) -> Turn {
        if !self.open {
            return Turn::Idle;
        }
        while self.writable {
            let bytes = torrent.output(key);
            let result = if self.link.is_transparent() {
                if bytes.is_empty() {
                    return Turn::Idle;
                }
                let result = self.stream.write(bytes);
                if let (Ok(sent), Some(recorder), Some(flow)) =
                    (&result, &mut tap.recorder, &mut self.flow)
                {
                    recorder.sent(flow, &bytes[..*sent]);
                }
                self.useful |= result.as_ref().is_ok_and(|sent| *sent > MIN_USEFUL_BYTES);
                result.map(|sent| torrent.advance_output(key, sent))
            } else {
                // Bytes that wait for the peer stay in the torrent, which limits them.
                let taken = if self.link.is_idle() {
                    self.link.take(&bytes[..bytes.len().min(SPILL_BYTES)])
                } else {
                    0
                };
                torrent.advance_output(key, taken);
                if self.link.is_idle() {
                    return Turn::Idle;
                }
                self.write_link(tap)
            };
            match result {
                Ok(()) if self.link.is_idle() && torrent.output(key).is_empty() => {
                    return Turn::Idle;
                }
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.writable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Turn::Over(self.broken(&error)),
            }
        }
        Turn::Idle
    }

    fn write_link(&mut self, tap: &mut Tap) -> io::Result<()> {
        while !self.link.output().is_empty() {
            let sent = self.stream.write(self.link.output())?;
            if let (Some(recorder), Some(flow)) = (&mut tap.recorder, &mut self.flow) {
                recorder.sent(flow, &self.link.output()[..sent]);
            }
            self.link.advance(sent);
        }
        Ok(())
    }

    /// The network has ended the connection, or the peer by a reset.
    fn broken(&mut self, error: &io::Error) -> Close {
        if error.kind() == ErrorKind::ConnectionReset {
            self.ending = Ending::Reset;
        }
        lost(error)
    }

    /// Whether more bytes can be written.
    pub(super) fn is_writable(&self) -> bool {
        self.writable
    }

    /// Whether the peer has not answered an encrypted handshake.
    pub(super) fn is_negotiating(&self) -> bool {
        self.link.is_negotiating()
    }

    /// Ends the connection in good order.
    pub(super) fn close(mut self, registry: &Registry, tap: &mut Tap) {
        if let (Some(recorder), Some(flow)) = (&mut tap.recorder, self.flow.take()) {
            recorder.end(flow, self.ending);
        }
        let _ = self.stream.shutdown(Shutdown::Both);
        let _ = registry.deregister(&mut self.stream);
    }
}

/// What the system says, in its words.
fn lost(error: &io::Error) -> Close {
    Close::Lost(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::mse::{Encryption, Secrets};
    use crate::active::testing::{Net, Node, v1};
    use crate::wire::peer::{Message, PREFIX, encode};

    /// Our end of an encrypted connection whose handshake is over.
    fn encrypted(hash: [u8; 20]) -> Link {
        let secrets = |number| Secrets {
            exponent: [number; 20],
            pad: Vec::new(),
        };
        let mut theirs = Link::dial(hash, Encryption::Require, &secrets(3));
        let mut ours = Link::accept(vec![hash], Encryption::Require, secrets(5));
        while ours.is_negotiating() || theirs.is_negotiating() {
            for turn in 0..2 {
                let (from, to) = if turn == 0 {
                    (&mut theirs, &mut ours)
                } else {
                    (&mut ours, &mut theirs)
                };
                let mut bytes = from.output().to_vec();
                from.advance(bytes.len());
                to.receive(&mut bytes);
            }
        }
        ours
    }

    #[test]
    fn what_a_slow_reader_waits_for_does_not_wait_behind_the_cipher() {
        let sample = v1(1 << 20, 65536, 1);
        let hash = sample.wanted().v1.unwrap();
        let mut seeder = Node::seeder(&sample, 1);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let _reads_nothing = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let (address, now) = (Net::address(9), Time::ZERO);
        let stream = TcpStream::from_std(stream);
        let mut socket = Socket::new(stream, address, Role::Acceptor, encrypted(hash));
        let key = seeder.torrent.connect(address, Role::Acceptor, now);
        let mut bytes = [&PREFIX[..], &[0; 8], &hash, &[9; 20], &[0, 0, 0, 1, 2]].concat();
        let content = sample.content();
        for block in (0..content.pieces()).map(|piece| content.block(piece, 0)) {
            encode(&Message::Request(block), &[], &mut bytes);
        }
        seeder.torrent.receive(key, &bytes, now);
        let mut tap = Tap::default();
        // The system takes some MiB.
        for _ in 0..100 {
            seeder
                .torrent
                .receive(key, &bytes[PREFIX.len() + 53..], now);
            seeder.serve(key);
            socket.ready(false, true);
            assert!(matches!(
                socket.write(key, &mut seeder.torrent, &mut tap),
                Turn::Idle
            ));
            assert!(socket.link.output().len() <= SPILL_BYTES);
        }
        assert!(!socket.writable && !seeder.torrent.output(key).is_empty());
    }
}
