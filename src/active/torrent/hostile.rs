//! Downloads beside peers that would rather they never ended.

use super::PeerKey;
use crate::active::machine::{Close, Role};
use crate::active::testing::{Net, Node, Sample, v1};
use crate::torrent::BLOCK;
use crate::wire::peer::Message;

/// A peer that is held by a test: it speaks when the test says so.
struct Hostile(PeerKey);

impl Hostile {
    /// Node `at` has dialled it; it says that it has everything, and unchokes.
    fn new(net: &mut Net, at: usize, sample: &Sample, number: u8) -> Self {
        Self::with(net, at, sample, number, b"\0\0\0\x01\x0e\0\0\0\x01\x01")
    }

    /// Node `at` has dialled it; it says this after its handshake.
    fn with(net: &mut Net, at: usize, sample: &Sample, number: u8, first: &[u8]) -> Self {
        let (address, now) = (Net::address(200 + usize::from(number)), net.now);
        let torrent = &mut net.nodes[at].torrent;
        let hostile = Self(torrent.connect(address, Role::Initiator, now));
        let mut bytes = crate::wire::peer::PREFIX.to_vec();
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0x10, 0, 4]);
        bytes.extend_from_slice(&sample.wanted().v1.unwrap());
        bytes.extend_from_slice(&[100 + number; 20]);
        bytes.extend_from_slice(first);
        hostile.say(net, at, &bytes);
        hostile
    }

    fn say(&self, net: &mut Net, at: usize, bytes: &[u8]) {
        let now = net.now;
        net.nodes[at].torrent.receive(self.0, bytes, now);
    }

    /// The first block that node `at` wants of it.
    fn wanted(&self, net: &Net, at: usize) -> crate::wire::peer::Block {
        let connection = net.nodes[at].torrent.connection(self.0).unwrap();
        connection.requests().next().unwrap()
    }
}

#[test]
fn whoever_drips_a_block_does_not_hold_up_the_end() {
    let sample = v1(700_001, 65536, 1);
    let nodes = vec![Node::seeder(&sample, 1), Node::leecher(&sample, 2)];
    let mut net = Net::new(nodes, 7);
    let drippers: Vec<_> = (0..3)
        .map(|number| Hostile::new(&mut net, 1, &sample, number))
        .collect();
    for dripper in &drippers {
        let block = dripper.wanted(&net, 1);
        let mut header = Vec::new();
        crate::wire::peer::encode(&Message::Piece(block), &[], &mut header);
        header[..4].copy_from_slice(&(9 + BLOCK).to_be_bytes());
        dripper.say(&mut net, 1, &header);
    }
    net.connect(1, 0);
    // A byte each 100 ms: a block takes them 27 minutes.
    let done = (0..300).any(|_| {
        for dripper in &drippers {
            dripper.say(&mut net, 1, &[0]);
        }
        net.run(10, |net| net.nodes[1].finished)
    });
    assert!(done && net.has_all(1, &sample));
}

#[test]
fn whoever_chokes_and_unchokes_all_the_time_does_not_hold_up_the_end() {
    let sample = v1(700_001, 65536, 1);
    let nodes = vec![Node::seeder(&sample, 1), Node::leecher(&sample, 2)];
    let mut net = Net::new(nodes, 7);
    let flapping: Vec<_> = (0..4)
        .map(|number| Hostile::new(&mut net, 1, &sample, number))
        .collect();
    net.connect(1, 0);
    let done = (0..300).any(|_| {
        for peer in &flapping {
            peer.say(&mut net, 1, b"\0\0\0\x01\0\0\0\0\x01\x01");
        }
        net.run(10, |net| net.nodes[1].finished)
    });
    assert!(done && net.has_all(1, &sample));
}

#[test]
fn whoever_is_late_is_left_alone_only_where_another_has_something() {
    let sample = v1(700_001, 65536, 1);
    let mut net = Net::new(vec![Node::leecher(&sample, 2)], 7);
    let slow = Hostile::new(&mut net, 0, &sample, 1);
    let asked = |net: &Net| {
        net.nodes[0]
            .torrent
            .connection(slow.0)
            .unwrap()
            .outstanding()
    };
    // It unchokes us, and has nothing.
    Hostile::with(&mut net, 0, &sample, 2, b"\0\0\0\x01\x0f\0\0\0\x01\x01");
    net.run(2000, |_| false);
    assert!(asked(&net) > 1, "{}", asked(&net));
    Hostile::new(&mut net, 0, &sample, 3);
    net.run(300, |_| false);
    assert_eq!(asked(&net), 0);
}

#[test]
fn whoever_takes_the_id_of_an_honest_peer_does_not_shut_it_out() {
    let sample = v1(300_000, 65536, 1);
    let nodes = vec![Node::seeder(&sample, 101), Node::leecher(&sample, 2)];
    let mut net = Net::new(nodes, 7);
    let thief = Hostile::new(&mut net, 1, &sample, 1);
    net.connect(1, 0);
    assert!(net.run(3000, |net| net.nodes[1].finished));
    assert!(net.nodes[1].torrent.connection(thief.0).is_some());
    // At one host it is the same peer.
    let again = Hostile::new(&mut net, 1, &sample, 1);
    assert!(net.nodes[1].torrent.connection(again.0).is_none());
}

#[test]
fn many_that_ask_for_metadata_and_do_not_read_take_little_memory() {
    let sample = v1(8_000_000, 16384, 1);
    let mut net = Net::new(vec![Node::seeder(&sample, 1)], 7);
    let hostile: Vec<_> = (0..50)
        .map(|number| Hostile::new(&mut net, 0, &sample, number))
        .collect();
    for peer in &hostile {
        peer.say(&mut net, 0, b"\0\0\0\x1a\x14\0d1:md11:ut_metadatai3eee");
        let request = b"\0\0\0\x1b\x14\x02d8:msg_typei0e5:piecei0ee";
        peer.say(&mut net, 0, &request.repeat(500));
    }
    let torrent = &net.nodes[0].torrent;
    let waiting: usize = hostile.iter().map(|p| torrent.output(p.0).len()).sum();
    assert!(waiting < 80 << 20, "{waiting}");
}

/// Each begins a message of 1 MiB, in portions, and holds back its end.
#[test]
fn long_messages_without_an_end_share_one_budget() {
    let sample = v1(700_001, 65536, 1);
    let nodes = vec![Node::seeder(&sample, 1), Node::leecher(&sample, 2)];
    let mut net = Net::new(nodes, 7);
    net.connect(1, 0);
    net.run(5, |_| false);
    let hostile: Vec<_> = (0..100)
        .map(|number| Hostile::with(&mut net, 1, &sample, number, &[0, 0x0f, 0xff, 0xfc, 99]))
        .collect();
    for _ in 0..40 {
        for peer in &hostile {
            peer.say(&mut net, 1, &vec![0; 25_000]);
        }
        let torrent = &net.nodes[1].torrent;
        let held: usize = torrent.connections().map(|(.., c)| c.held()).sum();
        assert!(held <= 16 << 20, "{held}");
        assert_eq!(held, torrent.incomplete.bytes());
    }
    let hoards = |(_, close): &&(PeerKey, Close)| *close == Close::Hoards;
    net.nodes[1].work();
    let closed = &net.nodes[1].closed;
    assert!(closed.iter().filter(hoards).count() > 50, "{closed:?}");
    assert!(
        closed.iter().all(|(key, _)| *key != PeerKey(0)),
        "{closed:?}"
    );
    assert_eq!(net.nodes[1].reports.len(), 1);
    assert!(net.run(500, |net| net.nodes[1].finished));
    for peer in &hostile {
        net.nodes[1].torrent.disconnected(peer.0);
    }
    assert!(net.nodes[1].torrent.incomplete.bytes() < 100);
}
