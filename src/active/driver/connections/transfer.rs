//! Reading from peers, and writing to them.

use super::pool::Connections;
use super::unreadable::Unreadable;
use crate::active::driver::disk::Disk;
use crate::active::driver::socket::{Socket, Turn};
use crate::active::driver::tap::Tap;
use crate::active::driver::watch::{Note, Watch};
use crate::active::machine::{Close, Time};
use crate::active::torrent::{PeerKey, Torrent};

impl Connections {
    /// Reads from all peers. Says whether there may be more.
    pub(in crate::active::driver) fn read(
        &mut self,
        torrent: &mut Torrent,
        watch: &mut dyn Watch,
        now: Time,
    ) -> bool {
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

    /// Writes to all peers. Says whether there is more.
    pub(in crate::active::driver) fn write(
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
}

/// Reads the blocks that a peer has requested.
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

/// Whether the TCP handshake is complete; reports it when it is.
fn connected(socket: &mut Socket, tap: &mut Tap, watch: &mut dyn Watch) -> Result<bool, Close> {
    let was_open = socket.open;
    let open = socket.finish_connecting(tap)?;
    if open && !was_open {
        watch.note(&Note::Connected(socket.address));
    }
    Ok(open)
}
