//! How connections end, and what that means for who is dialled next.

use std::net::SocketAddr;

use super::pool::Connections;
use crate::active::driver::dialer::Attempt;
use crate::active::driver::watch::{Note, Watch};
use crate::active::machine::{Close, Role, Time};
use crate::active::mse::Encryption;
use crate::active::torrent::{PeerKey, Torrent};

impl Connections {
    pub(super) fn end_all(
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

    /// A better reason for an end that the peer did not explain: a peer that closes when it
    /// has seen our handshake refuses it, or does not understand it.
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

    /// A connection that we have dialled has ended, or could not be made.
    pub(super) fn failed(
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

    /// Ends a connection that the torrent has forgotten already.
    pub(in crate::active::driver) fn end(
        &mut self,
        key: PeerKey,
        close: &Close,
        watch: &mut dyn Watch,
        now: Time,
    ) {
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
                // Our connection to that address only sees a close: it must not be dialled
                // again.
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

    /// Ends all connections.
    pub(in crate::active::driver) fn close(&mut self, torrent: &mut Torrent) {
        for (key, socket) in std::mem::take(&mut self.sockets) {
            torrent.disconnected(key);
            socket.close(&self.registry, &mut self.tap);
        }
    }
}
