//! `peerscope tui -i`: what goes by on an interface, into the spool.

use std::os::fd::AsFd;
use std::sync::mpsc::Sender;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::notes::note_learned;
use crate::capture::{Live, LiveOptions};
use crate::cli::args::Input;
use crate::cli::live::{Counts, LATE, Who, now_but, packet_filter, pipeline};
use crate::cli::{keylog, torrents};
use crate::session::{KeyLog, Torrents};
use crate::tui::spool::Spool;

/// While no packets come, silent connections are looked at this often, and whether
/// anybody still looks.
const TICK: Duration = Duration::from_millis(100);

/// Bytes of the kernel's ring: for bursts that come faster than they can be decoded.
const RING_BYTES: u32 = 64 << 20;

/// An interface that is listened on, and what is known beforehand.
pub struct Opened {
    live: Live,
    torrents: Torrents,
    keys: KeyLog,
}

impl Opened {
    /// Listens, and gives up root.
    ///
    /// # Errors
    ///
    /// When one may not, there is no such interface, or a file is of no use.
    pub fn new(interface: &str, input: &Input) -> anyhow::Result<Self> {
        let torrents = torrents::load(&input.torrent)?;
        let keys = keylog::load(&input.keylog)?;
        let live = Live::open(&LiveOptions {
            interface: interface.to_owned(),
            filter: packet_filter(&input.ports, input.packet_filter.as_deref()),
            buffer: RING_BYTES,
            promiscuous: true,
        })?;
        if let Some(who) = Who::to_become() {
            who.become_now()?;
        }
        Ok(Self {
            live,
            torrents,
            keys,
        })
    }

    /// Fills the spool until nobody wants more; tells when it begins.
    pub fn fill(self, spool: &Spool, all: bool, ready: &Sender<anyhow::Result<Option<u64>>>) {
        let Self {
            mut live,
            torrents,
            keys,
        } = self;
        let mut recorder = spool.recorder(all).live();
        recorder.know(&torrents);
        let mut pipeline = pipeline(&mut recorder, torrents, keys, false);
        let mut counts = Counts::default();
        let _ = ready.send(Ok(None));
        let mut trouble = Vec::new();
        while !pipeline.is_done() {
            let taken = match live.dispatch(|packet| pipeline.packet(packet)) {
                Ok(taken) => taken,
                Err(error) => {
                    trouble.push(error.to_string());
                    break;
                }
            };
            if let Some(traffic) = counts.due(&mut live) {
                spool.note_progress(traffic.packets, traffic.bytes);
            }
            pipeline.idle();
            if taken == 0 {
                pipeline.tick(now_but(LATE));
                wait(&live);
            }
        }
        let learned = pipeline.finish();
        recorder.close();
        let traffic = live.traffic();
        let dropped = traffic.dropped + traffic.interface_dropped;
        if dropped > 0 {
            spool.note(format!(
                "{dropped} packets were dropped before they were seen"
            ));
        }
        note_learned(spool, &learned);
        spool.complete(trouble);
    }
}

/// Waits until packets are at hand, or some time went by.
fn wait(live: &Live) {
    let mut waiting = [PollFd::new(live.as_fd(), PollFlags::POLLIN)];
    let time = PollTimeout::try_from(TICK).unwrap_or(PollTimeout::MAX);
    // A signal that interrupts it is no trouble: one looks again.
    let _ = poll(&mut waiting, time);
}
