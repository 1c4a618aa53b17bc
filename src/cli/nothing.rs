//! What to say where nothing of BitTorrent is found: what there was instead.

use std::fmt;
use std::io::{self, Write};

use anyhow::bail;

use crate::pipeline::{CountedNearMiss, NearMiss, Overview};
use crate::wire::words::Count;

/// Says on standard error that nothing was found where that is so, unless the user
/// wants quiet.
///
/// # Errors
///
/// When a connection that was asked for does not exist.
pub fn tell(
    overview: &Overview,
    missing: &[u64],
    has_found: bool,
    quiet: bool,
) -> anyhow::Result<()> {
    all_there(overview, missing)?;
    Nothing(overview).tell(has_found, quiet);
    Ok(())
}

/// Fails where connections that were asked for do not exist.
///
/// # Errors
///
/// When there are `missing` ones.
pub fn all_there(overview: &Overview, missing: &[u64]) -> anyhow::Result<()> {
    if !missing.is_empty() {
        bail!("{}", NotThere(missing, overview));
    }
    Ok(())
}

/// Nothing of BitTorrent in a capture.
#[derive(Debug, Clone, Copy)]
struct Nothing<'a>(&'a Overview);

impl Nothing<'_> {
    /// Says on standard error what there was, unless something was found or the
    /// user wants quiet.
    fn tell(self, has_found: bool, quiet: bool) {
        if !has_found && !quiet {
            // Nobody left to tell is no error.
            let _ = writeln!(io::stderr(), "{self}");
        }
    }
}

impl fmt::Display for Nothing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(overview) = self;
        let packets = &overview.packets;
        write!(
            f,
            "nothing of BitTorrent found in {}: {}, {}",
            Count(packets.packets, "packet"),
            Count(overview.connections, "TCP connection"),
            Count(packets.udp, "UDP datagram"),
        )?;
        for (link, count) in &packets.unknown_link {
            let count = Count(*count, "packet");
            write!(f, "; {count} of link type {link}, which is not decoded")?;
        }
        let of_connections = |count: u64| Count(count, "connection");
        let whole = "capture whole packets (tcpdump -s 0)";
        if overview.without_payload > 0 {
            let count = of_connections(overview.without_payload);
            write!(f, "; {count} without payload: {whole}")?;
        } else if packets.cut > 0 {
            let (count, verb) = (packets.cut, if packets.cut == 1 { "is" } else { "are" });
            write!(f, "; {} {verb} cut: {whole}", Count(count, "packet"))?;
        }
        if overview.one_way > 0 {
            let count = of_connections(overview.one_way);
            write!(f, "; {count} of one direction only: capture both")?;
        }
        if overview.encrypted_looking > 0 {
            let count = of_connections(overview.encrypted_looking);
            let verb = if overview.encrypted_looking == 1 {
                "begins as an encrypted one does"
            } else {
                "begin as encrypted ones do"
            };
            write!(f, "; {count} {verb}, and nothing proves it BitTorrent")?;
        }
        if let Some(seed) = overview.web_seeds.first() {
            let more = match overview.web_seeds.len() {
                1 => String::new(),
                all => format!(" (on {all} connections)"),
            };
            write!(
                f,
                "; {} downloads from a web seed at {}{more}",
                seed.client, seed.ends[1]
            )?;
        }
        for counted in overview.near_misses.iter() {
            write!(f, "; {}", Nearly(counted))?;
        }
        Ok(())
    }
}

/// Something that is nearly BitTorrent.
struct Nearly<'a>(&'a CountedNearMiss);

impl fmt::Display for Nearly<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CountedNearMiss {
            near_miss,
            first,
            count,
        } = *self.0;
        let of = |thing| Count(count, thing);
        match near_miss {
            NearMiss::UtpSyn => {
                write!(
                    f,
                    "{} of uTP (#{first}) that led to no connection",
                    of("SYN")
                )
            }
            NearMiss::UtpVersion(version) => write!(
                f,
                "{} of uTP with version {version} (#{first}), where 1 is due",
                of("SYN")
            ),
            NearMiss::UtpSwapped => write!(
                f,
                "{} of uTP with its type in the low half of the first byte (#{first}): that is \
                 the version, and a SYN begins with 0x41",
                of("SYN")
            ),
            NearMiss::JsonDht => write!(
                f,
                "{} of JSON (#{first}): messages of the DHT are bencoded",
                of("datagram")
            ),
            NearMiss::WebSocket => write!(
                f,
                "{} by WebSocket (#{first}), as to trackers of WebTorrent: not decoded",
                of("connection")
            ),
            NearMiss::Post => write!(
                f,
                "{} by POST (#{first}): trackers take GET",
                of("announce")
            ),
        }
    }
}

/// Connections that were asked for by numbers that none has.
#[derive(Debug, Clone, Copy)]
struct NotThere<'a>(&'a [u64], &'a Overview);

impl fmt::Display for NotThere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(missing, overview) = self;
        let list = |numbers: &[u64]| -> String {
            let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
            numbers.join(", ")
        };
        let plural = if missing.len() == 1 { "" } else { "s" };
        let missing = list(missing);
        write!(f, "nothing of BitTorrent on connection{plural} {missing}")?;
        let mut there = overview.some_peers.clone();
        there.sort_unstable();
        match (overview.peers, &there[..]) {
            (0, _) => f.write_str(": there is none between peers"),
            (1, [only]) => write!(f, ": there is only connection {only}"),
            (all, _) if all == there.len() as u64 => {
                write!(f, ": there are {all} ({})", list(&there))
            }
            (all, _) => write!(
                f,
                ": there are {all} ({}, ..); `peerscope sessions` lists them",
                list(&there)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Stats;

    #[test]
    fn numbers_that_there_are() {
        let told = |missing: &[u64], some: &[u64], all| {
            let overview = Overview {
                peers: all,
                some_peers: some.to_vec(),
                ..Overview::default()
            };
            NotThere(missing, &overview).to_string()
        };
        let nothing = "nothing of BitTorrent on connection";
        assert_eq!(
            told(&[7], &[], 0),
            format!("{nothing} 7: there is none between peers")
        );
        assert_eq!(
            told(&[7], &[2], 1),
            format!("{nothing} 7: there is only connection 2")
        );
        assert_eq!(
            told(&[7, 8], &[5, 2], 2),
            format!("{nothing}s 7, 8: there are 2 (2, 5)")
        );
        assert_eq!(
            told(&[7], &[5, 2], 9),
            format!("{nothing} 7: there are 9 (2, 5, ..); `peerscope sessions` lists them")
        );
    }

    #[test]
    fn near_misses_say_what_was_expected() {
        let said = |near_miss, count| {
            let counted = CountedNearMiss {
                near_miss,
                first: 7,
                count,
            };
            Nearly(&counted).to_string()
        };
        assert_eq!(
            said(NearMiss::UtpSyn, 2),
            "2 SYNs of uTP (#7) that led to no connection"
        );
        assert_eq!(
            said(NearMiss::UtpVersion(2), 1),
            "1 SYN of uTP with version 2 (#7), where 1 is due"
        );
        assert_eq!(
            said(NearMiss::Post, 1),
            "1 announce by POST (#7): trackers take GET"
        );
    }

    #[test]
    fn hints_say_why() {
        let overview = Overview {
            packets: Stats {
                packets: 12,
                udp: 1,
                unknown_link: [(147, 2)].into(),
                ..Stats::default()
            },
            connections: 3,
            one_way: 1,
            without_payload: 2,
            encrypted_looking: 1,
            ..Overview::default()
        };
        assert_eq!(
            Nothing(&overview).to_string(),
            "nothing of BitTorrent found in 12 packets: 3 TCP connections, 1 UDP datagram; \
             2 packets of link type 147, which is not decoded; \
             2 connections without payload: capture whole packets (tcpdump -s 0); \
             1 connection of one direction only: capture both; \
             1 connection begins as an encrypted one does, and nothing proves it BitTorrent"
        );
    }
}
