//! Whole downloads between machines, without a network.

use super::{Options, PeerKey, Report, Torrent};
use crate::active::machine::{Close, Role, Time};
use crate::active::testing::{Net, Node, Sample, contradiction, v1, v2};
use crate::torrent::{Half, PieceSet};

fn samples() -> [(&'static str, Sample); 5] {
    [
        ("v1", v1(700_001, 65536, 1)),
        ("v1 with odd pieces", v1(500_000, 50_000, 2)),
        ("v2", v2(&[300_000, 5, 65536, 70_000], 65536, false)),
        ("v2 of blocks", v2(&[300_000, 5, 20_000], 16384, false)),
        ("hybrid", v2(&[300_000, 5, 65536, 70_000], 65536, true)),
    ]
}

#[test]
fn a_seeder_serves_a_leecher() {
    for (name, sample) in samples() {
        for dialler in [0, 1] {
            let nodes = vec![Node::seeder(&sample, 1), Node::leecher(&sample, 2)];
            let mut net = Net::new(nodes, 7);
            net.connect(dialler, 1 - dialler);
            assert!(net.run(500, |net| net.nodes[1].finished), "{name}");
            assert!(net.has_all(1, &sample), "{name}");
            assert!(
                net.nodes.iter().all(|node| node.closed.is_empty()),
                "{name}"
            );
            for Node { torrent, .. } in &net.nodes {
                let size = sample.content().info.total_size();
                assert_eq!(torrent.have_bytes(), size, "{name}");
            }
            let wasted = net.nodes[1].torrent.totals().wasted;
            assert_eq!(wasted, 0, "{name}");
        }
    }
}

/// Those who have everything need not know what it has got; the others must not take
/// it for a seed.
#[test]
fn a_guest_never_says_that_it_has_all() {
    let sample = v1(700_001, 65536, 1);
    let guest = || {
        let mut node = Node::leecher(&sample, 2);
        node.torrent.options.is_guest = true;
        node
    };
    let mut net = Net::new(vec![Node::seeder(&sample, 1), guest()], 7);
    net.connect(1, 0);
    assert!(net.run(500, |net| net.nodes[1].finished));
    net.run(10, |_| false);
    let (.., seen) = net.nodes[0].torrent.connections().next().unwrap();
    assert_eq!(seen.pieces().count(), 0);
    assert!(seen.peer_is_interested());

    // Half of it is there at first.
    let mut half = Node::seeder(&sample, 3);
    let pieces = sample.content().pieces();
    let mut have = PieceSet::none(pieces);
    (0..pieces / 2).for_each(|piece| assert!(have.insert(piece)));
    half.torrent.resume(have);
    let mut net = Net::new(vec![Node::seeder(&sample, 1), guest(), half], 7);
    net.connect(1, 2);
    net.run(300, |_| false);
    net.connect(1, 0);
    assert!(net.run(500, |net| net.nodes[1].finished));
    net.run(10, |_| false);
    let (.., seen) = net.nodes[2].torrent.connections().next().unwrap();
    assert!((pieces / 2..pieces).contains(&seen.pieces().count()));
}

/// A peer that rejects what it says it has is asked for other pieces, and for these
/// again later.
#[test]
fn whoever_refuses_a_piece_is_asked_for_others() {
    let sample = v1(700_001, 65536, 1);
    let nodes = vec![Node::seeder(&sample, 1), Node::leecher(&sample, 2)];
    let mut net = Net::new(nodes, 7);
    let lost = net.nodes[0].disk.remove(&3).unwrap();
    net.connect(1, 0);
    let pieces = sample.content().pieces();
    let others = |net: &Net| net.nodes[1].torrent.have().count() == pieces - 1;
    assert!(net.run(500, others));
    net.run(500, |_| false);
    assert!(net.nodes.iter().all(|node| node.closed.is_empty()));
    assert!(
        net.nodes[1]
            .torrent
            .silence(PeerKey(0))
            .starts_with("refuses")
    );
    net.nodes[0].disk.insert(3, lost);
    assert!(net.run(3000, |net| net.nodes[1].finished));
}

#[test]
fn a_magnet_leads_to_everything() {
    for (name, sample) in samples() {
        let nodes = vec![Node::seeder(&sample, 1), Node::of_magnet(&sample, 2)];
        let mut net = Net::new(nodes, 9);
        net.connect(1, 0);
        assert!(net.run(500, |net| net.nodes[1].finished), "{name}");
        assert!(net.has_all(1, &sample), "{name}");
    }
}

#[test]
fn connections_live_on_while_data_is_checked() {
    let sample = v1(700_001, 65536, 1);
    let nodes = vec![
        Node::seeder(&sample, 1),
        Node {
            checks_long: true,
            ..Node::of_magnet(&sample, 2)
        },
        Node::leecher(&sample, 3),
    ];
    let mut net = Net::new(nodes, 9);
    net.connect(1, 0);
    assert!(net.run(500, |net| net.nodes[1].torrent.content().is_some()));
    // One more comes, and four minutes pass: twice the pause of keep-alives.
    net.connect(2, 1);
    net.run(24_000, |_| false);
    let mut have = PieceSet::none(sample.content().pieces());
    for piece in [1, 4, 5] {
        have.insert(piece);
        let data = sample.piece(piece).to_vec();
        net.nodes[1].disk.insert(piece, data);
    }
    net.nodes[1].torrent.resume(have);
    assert_eq!(net.nodes[1].torrent.have_bytes(), 3 * 65536);
    assert!(net.run(500, |net| net.nodes[2].finished));
    assert!(net.has_all(1, &sample) && net.has_all(2, &sample));
    assert!(net.nodes.iter().all(|node| node.closed.is_empty()));
    let downloaded = net.nodes[1].torrent.totals().downloaded;
    assert_eq!(downloaded, 700_001 - 3 * 65536);
}

#[test]
fn leechers_serve_each_other() {
    let sample = v1(3_000_000, 65536, 3);
    let nodes = vec![
        Node::seeder(&sample, 1),
        Node::leecher(&sample, 2),
        Node::leecher(&sample, 3),
        Node::leecher(&sample, 4),
    ];
    let mut net = Net::new(nodes, 5);
    // Only node 1 knows the seeder.
    net.connect(1, 0);
    net.connect(2, 1);
    net.connect(3, 2);
    assert!(net.run(5000, |net| (1..4).all(|at| net.nodes[at].finished)));
    assert!((1..4).all(|at| net.has_all(at, &sample)));
}

#[test]
fn two_seeders_are_used_and_nothing_comes_twice_before_the_end() {
    let sample = v1(4_000_000, 65536, 4);
    let nodes = vec![
        Node::seeder(&sample, 1),
        Node::seeder(&sample, 2),
        Node::leecher(&sample, 3),
    ];
    let mut net = Net::new(nodes, 5);
    net.connect(2, 0);
    net.connect(2, 1);
    assert!(net.run(2000, |net| net.nodes[2].finished));
    assert!(net.has_all(2, &sample));
    for at in 0..2 {
        let sent = net.nodes[at].torrent.totals().uploaded;
        assert!(sent > 500_000, "seeder {at} sent {sent}");
    }
}

/// At 10 MB/s the data takes 2 s; the slow peers would need a minute for what
/// they were asked for at first.
#[test]
fn slow_peers_do_not_hold_up_the_end() {
    let sample = v1(20_000_000, 65536, 4);
    let mut nodes: Vec<_> = (1..5).map(|id| Node::seeder(&sample, id)).collect();
    nodes.push(Node::leecher(&sample, 5));
    let mut net = Net::new(nodes, 5);
    net.connect(4, 0);
    for slow in 1..4 {
        net.connect(4, slow);
        net.narrow(1000);
    }
    assert!(net.run(280, |net| net.nodes[4].finished));
    assert!(net.has_all(4, &sample));
    // Little was fetched twice.
    let wasted = net.nodes[4].torrent.totals().wasted;
    assert!(wasted < 200_000, "{wasted} bytes wasted");
}

#[test]
fn a_torrent_that_contradicts_itself_is_not_fetched_for_ever() {
    let sample = contradiction(&[300_000, 5, 65536], 65536, 2);
    let nodes = vec![Node::seeder(&sample, 1), Node::leecher(&sample, 2)];
    let mut net = Net::new(nodes, 7);
    net.connect(1, 0);
    assert!(net.run(500, |net| net.nodes[1].inconsistent.is_some()));
    let found = net.nodes[1].inconsistent.unwrap();
    assert_eq!((found.piece, found.fits), (2, Half::V2));
    net.run(500, |_| false);
    // The seeder is not to blame, and nothing is fetched twice.
    let node = &net.nodes[1];
    assert!(node.reports.is_empty() && node.closed.is_empty() && !node.finished);
    let size = sample.content().info.total_size();
    assert!(node.torrent.totals().downloaded < size + (4 * 65536));
}

/// Spoils data: the tap flips a bit in long writes of one end.
fn spoil(end: usize, bytes: &mut [u8]) {
    if end == 1 && bytes.len() > 20_000 {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }
}

#[test]
fn a_single_liar_is_named_and_banned() {
    let sample = v1(2_000_000, 65536, 6);
    let nodes = vec![
        Node::seeder(&sample, 1),
        Node::leecher(&sample, 2),
        Node::seeder(&sample, 3),
    ];
    let mut net = Net::new(nodes, 11);
    net.connect_tapped(1, 0, spoil);
    net.run(300, |_| false);
    net.connect(1, 2);
    assert!(net.run(3000, |net| net.nodes[1].finished));
    assert!(net.has_all(1, &sample));
    let liar = Net::address(0);
    let reports = &net.nodes[1].reports;
    assert!(
        reports
            .iter()
            .any(|r| matches!(r, Report::Banned(s) if s.address == liar))
    );
    assert!(net.nodes[1].torrent.is_banned(&liar));
    assert!(!net.nodes[1].torrent.is_banned(&Net::address(2)));
}

#[test]
fn liars_that_dial_us_spoil_it_for_their_host_not_for_who_is_here() {
    let sample = v1(2_000_000, 65536, 6);
    let mut nodes = vec![Node::leecher(&sample, 1), Node::seeder(&sample, 2)];
    nodes.extend((3..7).map(|number| Node::seeder(&sample, number)));
    let mut net = Net::new(nodes, 11);
    // Each from a port of its own, all from one address.
    net.one_host = true;
    for liar in 2..5 {
        assert!(!net.nodes[0].torrent.is_host_banned(Net::host()));
        net.connect_tapped(liar, 0, spoil_calls);
        if liar == 4 {
            // The honest one comes before the last liar is known.
            net.connect(1, 0);
        }
        net.run(300, |_| false);
    }
    let torrent = &net.nodes[0].torrent;
    assert!(torrent.is_host_banned(Net::host()));
    let reports = &net.nodes[0].reports;
    assert!(reports.contains(&Report::BannedHost(Net::host())));
    let banned = |r: &&Report| matches!(r, Report::Banned(_));
    assert_eq!(reports.iter().filter(banned).count(), 3);
    assert!(net.run(3000, |net| net.nodes[0].finished));
    assert!(net.has_all(0, &sample));
}

/// As [`spoil`], of the end that dialled.
fn spoil_calls(end: usize, bytes: &mut [u8]) {
    spoil(1 - end, bytes);
}

#[test]
fn of_several_senders_only_the_liar_is_banned() {
    // One piece of many blocks, which all peers have to share.
    let sample = v1(2_000_000, 1 << 21, 8);
    let nodes = vec![
        Node::seeder(&sample, 1),
        Node::seeder(&sample, 2),
        Node::leecher(&sample, 3),
    ];
    let mut net = Net::new(nodes, 13);
    net.connect(2, 0);
    net.connect_tapped(2, 1, spoil);
    assert!(net.run(6000, |net| net.nodes[2].finished));
    assert!(net.has_all(2, &sample));
    let torrent = &net.nodes[2].torrent;
    assert!(
        !torrent.is_banned(&Net::address(0)),
        "{:?}",
        net.nodes[2].reports
    );
}

#[test]
fn a_seeder_that_goes_is_replaced() {
    let sample = v1(4_000_000, 65536, 9);
    let nodes = vec![
        Node::seeder(&sample, 1),
        Node::leecher(&sample, 2),
        Node::seeder(&sample, 3),
    ];
    let mut net = Net::new(nodes, 17);
    net.connect(1, 0);
    net.run(12, |_| false);
    assert!(!net.nodes[1].finished);
    let key = net.nodes[0].torrent.connections().next().unwrap().0;
    net.nodes[0]
        .torrent
        .close(key, Close::Lost("closed".to_owned()));
    net.run(5, |_| false);
    net.connect(1, 2);
    assert!(net.run(3000, |net| net.nodes[1].finished));
    assert!(net.has_all(1, &sample));
}

/// Bytes of a peer that says anything at all, after a right handshake.
fn nonsense(net: &mut Net, hash: [u8; 20]) -> Vec<u8> {
    let mut out = crate::wire::peer::PREFIX.to_vec();
    out.extend_from_slice(&[0, 0, 0, 0, 0, 0x10, 0, 0x14]);
    out.extend_from_slice(&hash);
    out.extend_from_slice(&[9; 20]);
    for _ in 0..40 {
        let length = net.random(80);
        out.extend_from_slice(&(length as u32).to_be_bytes());
        let id = [
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 16, 17, 20, 21, 22, 23, 99,
        ];
        for at in 0..length {
            let small = net.random(4) as u8;
            out.push(if at == 0 {
                id[net.random(id.len())]
            } else {
                small
            });
        }
    }
    out
}

#[test]
fn whatever_a_peer_says_nothing_breaks() {
    let sample = v2(&[300_000, 5, 65536, 70_000], 65536, true);
    let hash = sample.wanted().v1.unwrap();
    for seed in 0..20 {
        for kind in 0..3 {
            let node = match kind {
                0 => Node::seeder(&sample, 1),
                1 => Node::leecher(&sample, 1),
                _ => Node::of_magnet(&sample, 1),
            };
            let mut net = Net::new(vec![node], seed * 77 + 1);
            let bytes = nonsense(&mut net, hash);
            let torrent = &mut net.nodes[0].torrent;
            let key = torrent.connect(Net::address(5), Role::Acceptor, net.now);
            let cut = bytes.len() / 3;
            torrent.receive(key, &bytes[..cut], net.now);
            torrent.tick(Time::from_secs(1));
            torrent.receive(key, &bytes[cut..], Time::from_secs(2));
            net.nodes[0].serve(key);
            net.nodes[0].work();
            assert!(net.nodes[0].torrent.output(key).len() < 8 << 20);
        }
    }
}

#[test]
fn a_wrong_info_dictionary_is_nobody_elses_fault() {
    let sample = v1(300_000, 65536, 1);
    let other = v1(300_000, 65536, 2);
    // A seeder of another torrent that claims to be of this one.
    let mut liar = Node::seeder(&other, 1);
    let content = other.content();
    let identity = crate::active::testing::identity(None, sample.wanted(), 1);
    let have = PieceSet::all(content.pieces());
    liar.torrent = Torrent::known(identity, content, have, Options::default());
    let nodes = vec![liar, Node::of_magnet(&sample, 2), Node::seeder(&sample, 3)];
    let mut net = Net::new(nodes, 3);
    net.connect(1, 0);
    net.run(50, |_| false);
    net.connect(1, 2);
    assert!(net.run(1000, |net| net.nodes[1].finished));
    assert!(net.has_all(1, &sample));
    let reports = &net.nodes[1].reports;
    assert_eq!(reports[..], [Report::BadMetadata(Net::address(0))]);
}

#[test]
fn a_peer_that_asks_without_reading_is_not_served_for_ever() {
    let sample = v1(300_000, 16384, 1);
    let mut node = Node::seeder(&sample, 1);
    let key = node
        .torrent
        .connect(Net::address(5), Role::Acceptor, Time::ZERO);
    let mut bytes = crate::wire::peer::PREFIX.to_vec();
    bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0x10, 0, 4]);
    bytes.extend_from_slice(&sample.wanted().v1.unwrap());
    bytes.extend_from_slice(&[9; 20]);
    bytes.extend_from_slice(b"\0\0\0\x1a\x14\0d1:md11:ut_metadatai3eee");
    node.torrent.receive(key, &bytes, Time::ZERO);
    for _ in 0..50_000 {
        let request = b"\0\0\0\x1b\x14\x02d8:msg_typei0e5:piecei0ee";
        node.torrent.receive(key, request, Time::ZERO);
    }
    assert!(node.torrent.output(key).len() < 8 << 20);
}
