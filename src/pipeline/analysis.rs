//! The analysis: packets in, and what they mean to an observer.

use super::connection::Connections;
use super::datagram::Datagrams;
use super::icmp;
use super::locks::Locks;
use super::observer::Observer;
use super::overview::Overview;
use super::packets::UtpPackets;
use super::selection::Selection;
use crate::capture::{CaptureError, Packet, Secret, Source, Timestamp};
use crate::flow::{Counter, Evicted, Limits, TcpTable, UtpTable};
use crate::packet::{Decoder, Stamp, Transport};
use crate::session::{Ends, HostNames, KeyLog, Torrents};
use crate::wire::mse::{self, StateLine};

/// Bytes of encrypted directions for which states are followed on the way, and
/// the steps that they are followed.
const WORK_EVERY: u64 = 64 << 10;

const WORK_STEPS: u64 = 1 << 20;

/// What a whole capture has told beside its messages.
#[derive(Debug)]
pub struct Learned {
    /// The ends that are known to be peers'.
    pub ends: Ends,
    /// The torrents.
    pub torrents: Torrents,
    /// What name servers called hosts.
    pub hosts: HostNames,
    /// What there was, BitTorrent or not.
    pub overview: Overview,
}

/// An analysis in progress.
pub struct Pipeline<'o> {
    decoder: Decoder,
    tcp: TcpTable<Connections<'o>>,
    utp: UtpTable<Connections<'o>>,
    datagrams: Datagrams,
    hosts: HostNames,
    connections: Connections<'o>,
    selection: Selection<'o>,
    /// Tells uTP packets, if the observer asks for them.
    packets: Option<UtpPackets>,
    /// The observer knows when the capture begins.
    has_begun: bool,
    /// The latest packet that took part.
    last: Option<Stamp>,
}

impl<'o> Pipeline<'o> {
    /// An analysis that tells `observer`; `torrents` are known beforehand.
    pub fn new(observer: &'o mut dyn Observer, torrents: Torrents) -> Self {
        Self::with_limits(observer, torrents, Limits::default())
    }

    /// The same with other limits for the flow tables.
    pub fn with_limits(observer: &'o mut dyn Observer, torrents: Torrents, limits: Limits) -> Self {
        let counter = Counter::default();
        let connections = Connections::new(observer, torrents);
        Self {
            decoder: Decoder::default(),
            tcp: TcpTable::new(limits, counter.clone()),
            utp: UtpTable::new(limits, counter.clone()),
            datagrams: Datagrams::new(counter),
            hosts: HostNames::default(),
            packets: connections
                .audience
                .interest
                .packets
                .then(UtpPackets::default),
            connections,
            selection: Selection::default(),
            has_begun: false,
            last: None,
        }
    }

    /// Decrypts the connections of which `keys` are known.
    #[must_use]
    pub fn with_keys(mut self, keys: KeyLog) -> Self {
        self.connections.keys = keys;
        self
    }

    /// Analyses only the packets of a source that `filter` says yes to. The others
    /// are counted, and the capture begins with its first packet all the same.
    /// The filter's first error ends the run.
    #[must_use]
    pub fn with_filter(
        mut self,
        filter: impl FnMut(&Packet<'_>) -> Result<bool, CaptureError> + 'o,
    ) -> Self {
        self.selection.filter = Some(Box::new(filter));
        self
    }

    /// Analyses only what is from or to one of these ports; everything if there
    /// are none.
    #[must_use]
    pub fn with_ports(mut self, ports: &[u16]) -> Self {
        self.selection.ports = ports.to_vec();
        self
    }

    /// Where the capture can be read twice: `ahead` looks for keys that come after
    /// the packets that they are about.
    #[must_use]
    pub fn with_keys_ahead(mut self, ahead: impl FnOnce(&mut KeyLog) + 'static) -> Self {
        self.connections.ahead = Some(Box::new(ahead));
        self
    }

    /// Where it cannot: watches the directions for states of RC4 that come while
    /// the packets do, and decrypts them from there on. Also those `in_middle`
    /// whose beginning is not in the capture.
    #[must_use]
    pub fn expecting_states(mut self, in_middle: bool) -> Self {
        let mut locks = Locks::new(in_middle);
        locks.take_states(&mut self.connections.keys);
        self.connections.locks = Some(Box::new(locks));
        self
    }

    /// Takes a state that was found.
    pub fn add_state(&mut self, state: StateLine) {
        self.connections.keys.add_state(state);
        self.take_states();
    }

    /// Follows the states for about `steps` steps.
    pub fn work(&mut self, steps: u64) {
        if let Some(locks) = &mut self.connections.locks {
            locks.matcher.work(steps);
        }
    }

    /// What opens the directions that were opened since this was asked last, and
    /// what was asked to be repeated.
    pub fn take_secrets(&mut self) -> Vec<StateLine> {
        let locks = self.connections.locks.as_mut();
        locks.map_or_else(Vec::new, |locks| locks.take_secrets())
    }

    /// Asks for the states of all open directions, as they are when their next
    /// bytes come.
    pub fn repeat_secrets(&mut self) {
        if let Some(locks) = &mut self.connections.locks {
            locks.round += 1;
        }
    }

    fn take_states(&mut self) {
        let keys = &mut self.connections.keys;
        match &mut self.connections.locks {
            Some(locks) => locks.take_states(keys),
            // They were tried before the packets were read.
            None => drop(keys.take_states()),
        }
    }

    /// Analyses all packets of `source`, until its end or until the observer
    /// needs no more. On an error everything before it has been analysed;
    /// [`Pipeline::finish`] is still due.
    pub fn run(&mut self, source: &mut dyn Source) -> Result<(), CaptureError> {
        let secrets = source.secrets();
        loop {
            if !source.is_at_hand() {
                self.idle();
            }
            let Some(packet) = source.next_packet()? else {
                return Ok(());
            };
            for secret in secrets.take() {
                self.secret(&secret);
            }
            self.begin(&packet);
            if !self.selection.takes(&packet)? {
                continue;
            }
            self.packet(&packet);
            if self.is_done() {
                return Ok(());
            }
        }
    }

    /// Takes secrets that came with the capture.
    fn secret(&mut self, secret: &Secret) {
        if secret.kind == mse::SECRETS_TYPE {
            self.connections.keys.add_of_capture(&secret.data);
            self.take_states();
            self.work(u64::MAX);
        }
    }

    /// Tells of the beginning of the capture, at its first packet.
    #[inline]
    fn begin(&mut self, packet: &Packet<'_>) {
        if !self.has_begun {
            self.has_begun = true;
            self.connections.audience.observer.begin(stamp(packet));
        }
    }

    /// Analyses one packet, the next of the capture.
    pub fn packet(&mut self, packet: &Packet<'_>) {
        self.begin(packet);
        let stamp = stamp(packet);
        self.last = Some(stamp);
        self.connections.at(stamp);
        let transport = self.decoder.decode(packet);
        // By reference: a segment is 120 bytes.
        match &transport {
            Some(transport) if !self.selection.has_port(transport) => {}
            Some(Transport::Tcp(segment)) => {
                self.tcp.segment(segment, stamp, &mut self.connections);
            }
            Some(Transport::Udp(datagram)) => {
                let audience = &mut self.connections.audience;
                if !self.datagrams.hear(datagram, stamp, audience) {
                    self.hosts.hear(datagram);
                    let overview = &mut self.connections.overview;
                    overview.near_misses.datagram(datagram, stamp);
                    match &mut self.packets {
                        None => {
                            self.utp.datagram(datagram, stamp, &mut self.connections);
                        }
                        Some(packets) => {
                            let (utp, shared) = (&mut self.utp, &mut self.connections);
                            packets.take(datagram, stamp, utp, shared);
                        }
                    }
                }
            }
            Some(Transport::Icmp(error)) => {
                let (tcp, utp) = (&mut self.tcp, &mut self.utp);
                icmp::hear(error, stamp, tcp, utp, &mut self.connections);
            }
            None => {}
        }
        if let Some(locks) = &mut self.connections.locks
            && locks.is_due(WORK_EVERY)
        {
            locks.matcher.work(WORK_STEPS);
        }
    }

    /// It is `now`, and no packet came since the last one: looks at what
    /// connections wait for, as the next packet would.
    pub fn tick(&mut self, now: Timestamp) {
        let Some(last) = self.last.filter(|last| now > last.time) else {
            return;
        };
        let stamp = Stamp {
            frame: last.frame,
            time: now,
        };
        self.connections.at(stamp);
        self.tcp.tick(stamp, &mut self.connections);
        self.utp.tick(stamp, &mut self.connections);
    }

    /// Connections that were closed before their end to keep the limits.
    pub fn evicted(&self) -> Evicted {
        self.tcp.evicted() + self.utp.evicted()
    }

    /// Failed attempts at connections that were forgotten, because too many were
    /// held at once.
    pub fn forgotten_attempts(&self) -> u64 {
        self.connections.attempts.forgotten()
    }

    /// No packet is at hand, and none may come for long.
    pub fn idle(&mut self) {
        self.connections.audience.observer.idle();
    }

    /// Whether the observer needs no more.
    pub fn is_done(&self) -> bool {
        self.connections.audience.observer.is_done()
    }

    /// Reports what is still open, and ends the analysis. Gives what is known by
    /// the whole capture.
    pub fn finish(mut self) -> Learned {
        self.tcp.finish(&mut self.connections);
        self.utp.finish(&mut self.connections);
        self.connections.tell_held();
        if let Some(last) = self.last {
            self.connections.audience.observer.over(last);
        }
        self.connections.audience.observer.finish();
        Learned {
            ends: self.connections.audience.ends,
            torrents: self.connections.torrents,
            hosts: self.hosts,
            overview: Overview {
                packets: self.decoder.stats().clone(),
                forgotten: self.datagrams.forgotten(),
                ..self.connections.overview
            },
        }
    }
}

fn stamp(packet: &Packet<'_>) -> Stamp {
    Stamp {
        frame: packet.frame,
        time: packet.time,
    }
}
