//! Banned peers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::active::machine::Role;

/// When so many banned peers have dialled us from one host, no more connections from
/// there are accepted. One is not enough: behind one address there may be many peers,
/// and most of them honest.
const MAX_LIARS_PER_HOST: u32 = 3;

/// Who is banned now that was not before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewBan {
    /// Nobody.
    None,
    /// A peer.
    Peer,
    /// A peer, and its whole host.
    Host,
}

/// The peers that are neither dialled nor accepted again.
///
/// A peer that we dialled is recognised by its address. One that dialled us has another
/// port each time: it is recognised by its peer id, and as it may change that, in the
/// end by its host. An id counts only together with its host: all peers know each
/// other's ids, and a hostile one may use that of an honest one.
#[derive(Debug, Default)]
pub(super) struct Bans {
    addresses: BTreeSet<SocketAddr>,
    ids: BTreeSet<(IpAddr, [u8; 20])>,
    /// Banned peers that dialled us, by host.
    callers: BTreeMap<IpAddr, u32>,
}

impl Bans {
    /// Bans a peer; `role` is our side of the connection.
    pub(super) fn add(&mut self, address: SocketAddr, role: Role, peer_id: [u8; 20]) -> NewBan {
        let host = host(address.ip());
        self.ids.insert((host, peer_id));
        // Several wrong pieces of one peer may be checked after each other.
        if !self.addresses.insert(address) {
            return NewBan::None;
        }
        if role == Role::Initiator {
            return NewBan::Peer;
        }
        let liars = self.callers.entry(host).or_default();
        *liars = liars.saturating_add(1);
        if *liars == MAX_LIARS_PER_HOST {
            NewBan::Host
        } else {
            NewBan::Peer
        }
    }

    /// Whether this address is banned.
    pub(super) fn has_address(&self, address: &SocketAddr) -> bool {
        self.addresses.contains(address)
    }

    /// Whether connections from this host are refused.
    pub(super) fn has_host(&self, ip: IpAddr) -> bool {
        self.callers
            .get(&host(ip))
            .is_some_and(|liars| *liars >= MAX_LIARS_PER_HOST)
    }

    /// Whether the peer of this id at this host is banned.
    pub(super) fn has_peer(&self, ip: IpAddr, peer_id: [u8; 20]) -> bool {
        self.ids.contains(&(host(ip), peer_id))
    }
}

/// The host of an address: for IPv6 the network (/64), in which a host can choose its
/// addresses freely.
fn host(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        ip @ IpAddr::V4(_) => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn whom_we_dialled_is_known_by_its_address() {
        let mut bans = Bans::default();
        for port in 1..10 {
            let liar = address(&format!("10.0.0.1:{port}"));
            assert_eq!(bans.add(liar, Role::Initiator, [1; 20]), NewBan::Peer);
            assert_eq!(bans.add(liar, Role::Initiator, [1; 20]), NewBan::None);
            assert!(bans.has_address(&liar));
        }
        assert!(!bans.has_address(&address("10.0.0.1:10")));
        assert!(!bans.has_host(address("10.0.0.1:10").ip()));
    }

    #[test]
    fn a_host_of_many_liars_is_banned() {
        for (callers, stranger) in [
            (
                ["10.0.0.1:1", "10.0.0.1:2", "[::ffff:10.0.0.1]:3"],
                "10.0.0.2:1",
            ),
            (
                ["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1"],
                "[2001:db8:0:1::1]:1",
            ),
        ] {
            let mut bans = Bans::default();
            let [first, second, last] = callers.map(address);
            assert_eq!(bans.add(first, Role::Acceptor, [1; 20]), NewBan::Peer);
            assert_eq!(bans.add(first, Role::Acceptor, [1; 20]), NewBan::None);
            assert_eq!(bans.add(second, Role::Acceptor, [2; 20]), NewBan::Peer);
            assert!(!bans.has_host(last.ip()));
            assert_eq!(bans.add(last, Role::Acceptor, [3; 20]), NewBan::Host);
            assert!(bans.has_host(first.ip()));
            assert!(!bans.has_host(address(stranger).ip()));
        }
    }

    #[test]
    fn a_borrowed_id_does_no_harm_to_its_owner() {
        let mut bans = Bans::default();
        let (liar, owner) = (address("10.0.0.1:1"), address("10.0.0.2:1"));
        bans.add(liar, Role::Acceptor, [7; 20]);
        assert!(bans.has_peer(liar.ip(), [7; 20]));
        assert!(!bans.has_peer(owner.ip(), [7; 20]));
    }
}
