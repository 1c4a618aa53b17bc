//! Those that have lied.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::active::machine::Role;

/// So many liars that dialled us from one host, and nobody from there is let in
/// any more. One is not enough: behind one address there may be many peers, and
/// the next honest one is no less welcome for its neighbour.
const MAX_LIARS: u32 = 3;

/// What a ban adds to those that were there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing.
    None,
    /// A peer.
    Peer,
    /// A peer, and its whole host.
    Host,
}

/// Who is neither dialled nor let in again.
///
/// Whom we dialled is known by its address. Whoever dials us has another port
/// each time: it is known by its peer id, which it may change, so that in the
/// end its host counts. An id counts together with the host only: peers tell
/// their ids to everybody, and a liar may use that of an honest one.
#[derive(Debug, Default)]
pub(super) struct Bans {
    addresses: BTreeSet<SocketAddr>,
    ids: BTreeSet<(IpAddr, [u8; 20])>,
    /// Liars that dialled us, by host.
    callers: BTreeMap<IpAddr, u32>,
}

impl Bans {
    /// Bans a liar; `role` is our side of the connection.
    pub(super) fn add(&mut self, address: SocketAddr, role: Role, peer_id: [u8; 20]) -> News {
        let host = host(address.ip());
        self.ids.insert((host, peer_id));
        // Of one liar several pieces may be under way.
        if !self.addresses.insert(address) {
            return News::None;
        }
        if role == Role::Initiator {
            return News::Peer;
        }
        let liars = self.callers.entry(host).or_default();
        *liars = liars.saturating_add(1);
        if *liars == MAX_LIARS {
            News::Host
        } else {
            News::Peer
        }
    }

    /// Whether this address is not dialled.
    pub(super) fn has_address(&self, address: &SocketAddr) -> bool {
        self.addresses.contains(address)
    }

    /// Whether whoever dials us from there is not let in.
    pub(super) fn has_host(&self, ip: IpAddr) -> bool {
        self.callers
            .get(&host(ip))
            .is_some_and(|liars| *liars >= MAX_LIARS)
    }

    /// Whether the peer of that id at that host is one of them.
    pub(super) fn has_peer(&self, ip: IpAddr, peer_id: [u8; 20]) -> bool {
        self.ids.contains(&(host(ip), peer_id))
    }
}

/// What stands for a host: of an IPv6 address the network (/64), in which a host
/// chooses addresses as it likes.
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
            assert_eq!(bans.add(liar, Role::Initiator, [1; 20]), News::Peer);
            assert_eq!(bans.add(liar, Role::Initiator, [1; 20]), News::None);
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
            assert_eq!(bans.add(first, Role::Acceptor, [1; 20]), News::Peer);
            assert_eq!(bans.add(first, Role::Acceptor, [1; 20]), News::None);
            assert_eq!(bans.add(second, Role::Acceptor, [2; 20]), News::Peer);
            assert!(!bans.has_host(last.ip()));
            assert_eq!(bans.add(last, Role::Acceptor, [3; 20]), News::Host);
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
