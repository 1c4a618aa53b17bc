//! Sessions made by hand, compared.

use proptest::prelude::*;

use super::*;
use crate::capture::Timestamp;
use crate::flow::{Carrier, Close, Connection, Side};
use crate::packet::Stamp;
use crate::session::{
    Acked, Budget, Conversation, Dissection, Encryption, Ended, Finish, Heard, Torrents,
};
use crate::wire::extension::{Body, Extension, UtPex};
use crate::wire::peer::{self, Block, Framing, Handshake, Message, Reserved};
use crate::wire::{self, Dissected, Layout};

const LEECH: Side = Side::Initiator;
const SEED: Side = Side::Acceptor;

/// A connection that speaks; a packet a message, a millisecond apart.
struct Talk {
    connection: Connection,
    conversation: Conversation,
    torrents: Torrents,
    packets: u64,
}

impl Talk {
    fn new(stream: u64) -> Self {
        let stamp = stamp(0);
        Self {
            connection: Connection {
                stream,
                carrier: Carrier::Tcp,
                ends: [
                    "10.0.0.1:1000".parse().unwrap(),
                    "10.0.0.2:2000".parse().unwrap(),
                ],
                from_start: true,
                first: stamp,
                last: stamp,
                opening: None,
                unreachable: None,
                acked: [0; 2],
                acked_at: [Timestamp::UNKNOWN; 2],
                is_acked_ahead: [false; 2],
                troubles: crate::flow::Troubles::default(),
            },
            conversation: Conversation::new(&Budget::default()),
            torrents: Torrents::default(),
            packets: 0,
        }
    }

    fn say(&mut self, into: &mut Recorders, from: Side, message: &Message<'_>) {
        self.packets += 1;
        let mut bytes = Vec::new();
        peer::encode(message, &[], &mut bytes);
        let at = stamp(self.packets);
        self.connection.last = at;
        let transition = self
            .conversation
            .account(from, message, at, 0, Acked::NOTHING);
        let dissected = Dissected::sound(wire::Message::Peer(message.clone()));
        let layout = Layout::Peer(self.conversation.context(from, Framing::Messages));
        into.hear(&Heard {
            stream: self.connection.stream,
            carrier: Carrier::Tcp,
            src: self.connection.address(from),
            dst: self.connection.address(from.other()),
            from,
            conversation: Some(&self.conversation),
            transition,
            acked: Acked::NOTHING,
            offset: 0,
            length: bytes.len() as u64,
            bytes: &bytes,
            missing: 0,
            unsent: 0,
            first: at,
            last: at,
            fields: None,
            content: Dissection::new(&dissected, layout).into(),
        });
        self.conversation
            .hear(from, message, at, &mut self.torrents);
    }

    fn end(&self, into: &mut Recorders) {
        let finish = Finish {
            reset: false,
            stamp: self.connection.last,
        };
        into.ended(&Ended {
            connection: &self.connection,
            conversation: &self.conversation,
            encryption: Encryption::None,
            how: Close::Fin,
            finishes: [Some(finish); 2],
            sent: [0; 2],
        });
    }
}

fn stamp(number: u64) -> Stamp {
    Stamp {
        frame: number,
        time: Timestamp::from_nanos(i128::from(number) * 1_000_000),
    }
}

fn handshake(reserved: u8) -> Message<'static> {
    Message::Handshake(Handshake {
        reserved: Reserved([0, 0, 0, 0, 0, 0, 0, reserved]),
        info_hash: [7; 20],
        peer_id: *b"-TR3000-abcdefghijkl",
    })
}

fn block(index: u32) -> Block {
    Block {
        index,
        begin: 0,
        length: 0x4000,
    }
}

/// A session by its messages.
fn session(messages: &[(Side, Message<'_>)]) -> Session {
    let mut recorders = Recorders::new(None);
    let mut talk = Talk::new(0);
    for (from, message) in messages {
        talk.say(&mut recorders, *from, message);
    }
    talk.end(&mut recorders);
    recorders.choose().unwrap().0
}

/// A download of ten pieces.
fn download() -> Vec<(Side, Message<'static>)> {
    let mut messages = vec![
        (LEECH, handshake(4)),
        (SEED, handshake(4)),
        (SEED, Message::HaveAll),
        (LEECH, Message::HaveNone),
        (LEECH, Message::Interested),
        (SEED, Message::Unchoke),
    ];
    messages.extend((0..10).map(|piece| (LEECH, Message::Request(block(piece)))));
    for piece in 0..10 {
        messages.push((SEED, Message::Piece(block(piece))));
        messages.push((LEECH, Message::Have(piece)));
    }
    messages
}

fn compare(one: &[(Side, Message<'_>)], other: &[(Side, Message<'_>)]) -> Comparison {
    Comparison::new([session(one), session(other)], &Options::default())
}

fn ignoring(
    one: &[(Side, Message<'_>)],
    other: &[(Side, Message<'_>)],
    ignored: &[Category],
) -> Comparison {
    let options = Options {
        ignored: ignored.iter().copied().collect(),
        ..Options::default()
    };
    Comparison::new([session(one), session(other)], &options)
}

fn fact<'c>(comparison: &'c Comparison, role: Role, name: &str) -> &'c Fact {
    let is_it = |fact: &&Fact| fact.group == Group::Peer(role) && fact.name == name;
    comparison.facts.iter().find(is_it).unwrap()
}

/// The first divergence: category, and frames in both.
fn parting(comparison: &Comparison) -> Option<(Category, [Option<u64>; 2])> {
    let here = comparison.divergence?;
    let row = &comparison.rows[here.role as usize][here.row];
    let steps = comparison.steps(here.role, row);
    let frames = steps.map(|step| step.map(|step| step.first.stamp.frame));
    Some((row.category, frames))
}

#[test]
fn a_download_equals_itself_and_is_told_as_it_was() {
    let comparison = compare(&download(), &download());
    assert!(!comparison.differs());
    assert_eq!(parting(&comparison), None);
    let value = |role, name| fact(&comparison, role, name).values[0].clone();
    let leech = Role::Downloader;
    assert_eq!(value(leech, "requests"), Value::Count(10));
    assert_eq!(value(leech, "queue_max"), Value::Count(10));
    assert_eq!(value(leech, "queue_median"), Value::Count(5));
    assert_eq!(value(leech, "order"), Value::Text("sequential".into()));
    assert_eq!(value(leech, "have"), Value::Text("each piece".into()));
    assert_eq!(value(leech, "pieces_received"), Value::Count(10));
    assert_eq!(value(leech, "interested"), Value::Nanos(4_000_000));
    assert_eq!(value(Role::Uploader, "unchoke"), Value::Nanos(5_000_000));
    assert_eq!(
        value(Role::Uploader, "first_block"),
        Value::Nanos(16_000_000)
    );
    assert_eq!(value(leech, "reserved"), Value::Names(vec!["fast"]));
    let keys = |role: Role| {
        let rows = comparison.rows[role as usize].iter();
        let steps = rows.map(|row| comparison.steps(role, row)[0].unwrap());
        steps.map(|step| step.key.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        keys(leech),
        ["handshake", "have_none", "interested", "transfer"]
    );
    assert_eq!(
        keys(Role::Uploader),
        ["handshake", "have_all", "unchoke", "transfer"]
    );
}

#[test]
fn it_does_not_matter_who_dialled_but_it_is_told() {
    let turned: Vec<_> = download()
        .into_iter()
        .map(|(side, message)| (side.other(), message))
        .collect();
    let comparison = compare(&download(), &turned);
    let differing: Vec<_> = comparison.differing.iter().collect();
    assert_eq!(differing, [Category::Transport]);
    assert_eq!(parting(&comparison), None);
    assert_eq!(comparison.sides[0], [LEECH, SEED]);
}

#[test]
fn a_choke_at_the_end_of_what_nobody_wants_is_chance() {
    let mut done = download();
    done.push((LEECH, Message::NotInterested));
    let mut choked = done.clone();
    choked.push((SEED, Message::Choke));
    for [one, other] in [[&done, &choked], [&choked, &done]] {
        assert!(!compare(one, other).differs());
    }
    // Of one that is interested still it counts, and so does one that is not the end.
    let mut wanting = download();
    wanting.push((SEED, Message::Choke));
    assert!(compare(&download(), &wanting).differs());
    choked.push((SEED, Message::Unchoke));
    assert!(compare(&done, &choked).differs());
}

#[test]
fn the_first_divergence_is_the_first_that_counts() {
    let mut other = download();
    other[0].1 = handshake(5);
    other.insert(5, (LEECH, Message::AllowedFast(3)));
    other.insert(5, (LEECH, Message::AllowedFast(4)));
    let comparison = compare(&download(), &other);
    assert_eq!(
        parting(&comparison),
        Some((Category::Reserved, [Some(1), Some(1)]))
    );
    let comparison = ignoring(&download(), &other, &[Category::Reserved]);
    assert_eq!(
        parting(&comparison),
        Some((Category::Opening, [None, Some(6)]))
    );
    assert!(comparison.differs());
    let both = [Category::Reserved, Category::Opening];
    let comparison = ignoring(&download(), &other, &both);
    assert_eq!(parting(&comparison), None);
    assert!(!comparison.differs());
    // Ignored, and still told.
    assert_eq!(comparison.differing.iter().collect::<Vec<_>>(), both);
}

#[test]
fn a_bitfield_in_the_middle_is_a_difference_of_have_and_transfer() {
    let mut other = download();
    other.retain(|(_, message)| !matches!(message, Message::Have(_)));
    let bitfield = Message::Bitfield(peer::Bitfield {
        bits: &[0xf0, 0],
        pieces: None,
    });
    other.insert(20, (LEECH, bitfield));
    let comparison = compare(&download(), &other);
    let differing: Vec<_> = comparison.differing.iter().collect();
    assert_eq!(differing, [Category::Have, Category::Transfer]);
    assert_eq!(
        parting(&comparison),
        Some((Category::Transfer, [None, Some(21)]))
    );
    let have = &fact(&comparison, Role::Downloader, "have").values[1];
    assert_eq!(*have, Value::Text("bitfields instead".into()));
}

#[test]
fn peer_exchange_is_shown_and_never_counts() {
    let mut other = download();
    let pex = peer::dissect(
        b"\0\0\0\x04\x14\x01de",
        8,
        &peer::Context::default(),
        &mut (),
    );
    let Message::Extended(mut extended) = pex.message else {
        unreachable!()
    };
    extended.name = Some(Extension::UtPex.into());
    extended.body = Body::UtPex(UtPex::default());
    other.insert(4, (LEECH, Message::Extended(extended)));
    let comparison = compare(&download(), &other);
    assert!(!comparison.differs());
    let rows = &comparison.rows[Role::Downloader as usize];
    assert_eq!(rows.len(), 5);
}

#[test]
fn a_hidden_handshake_is_not_aligned() {
    let mut recorders = Recorders::new(None);
    let mut talk = Talk::new(0);
    talk.connection.from_start = false;
    for (from, message) in download().iter().skip(2) {
        talk.say(&mut recorders, *from, message);
    }
    talk.end(&mut recorders);
    let partial = recorders.choose().unwrap().0;
    let comparison = Comparison::new([session(&download()), partial], &Options::default());
    assert!(!comparison.differs(), "{:?}", comparison.differing);
}

#[test]
fn a_handshake_without_its_peer_id_is_a_handshake() {
    let started = |reserved: u8| {
        let mut messages = download();
        let Message::Handshake(whole) = handshake(reserved) else {
            unreachable!("it is one");
        };
        messages[1] = (SEED, Message::HandshakeStart(whole.into()));
        messages
    };
    let comparison = compare(&download(), &started(4));
    assert!(!comparison.differs(), "{:?}", comparison.differing);
    let values = &fact(&comparison, Role::Uploader, "reserved").values;
    assert_eq!(values[0], values[1]);
    let comparison = compare(&download(), &started(5));
    let differing: Vec<_> = comparison.differing.iter().collect();
    assert_eq!(differing, [Category::Reserved]);
    assert_eq!(
        parting(&comparison),
        Some((Category::Reserved, [Some(2), Some(2)]))
    );
}

#[test]
fn times_within_the_tolerance_are_equal() {
    let options = Options::default();
    let second = 1_000_000_000;
    assert!(!options.times_differ(0, second / 2));
    assert!(options.times_differ(0, second / 2 + 1));
    assert!(!options.times_differ(10 * second, 11 * second));
    assert!(options.times_differ(21 * second, 10 * second));
}

#[test]
fn roles_can_be_swapped() {
    let options = Options {
        swap: true,
        ..Options::default()
    };
    let comparison = Comparison::new([session(&download()), session(&download())], &options);
    assert_eq!(comparison.sides, [[LEECH, SEED], [SEED, LEECH]]);
    assert!(comparison.differs());
}

/// Sessions of `sizes` blocks, under way at the same time.
fn record(sizes: &[u32], wanted: Option<u64>) -> Result<(u64, u64), Refusal> {
    let mut recorders = Recorders::new(wanted);
    let mut talks: Vec<_> = (0..).map(Talk::new).take(sizes.len()).collect();
    for (talk, blocks) in talks.iter_mut().zip(sizes) {
        talk.say(&mut recorders, LEECH, &handshake(4));
        for piece in 0..*blocks {
            talk.say(&mut recorders, SEED, &Message::Piece(block(piece)));
        }
    }
    for talk in &talks {
        talk.end(&mut recorders);
    }
    let chosen = recorders.choose();
    chosen.map(|(session, total)| (session.stream, total))
}

#[test]
fn the_connection_with_the_most_data_is_chosen() {
    assert_eq!(record(&[1, 5, 3], None), Ok((1, 3)));
    assert_eq!(record(&[1, 5, 3], Some(2)), Ok((2, 1)));
    assert_eq!(record(&[0], None), Ok((0, 1)));
    assert_eq!(record(&[], None), Err(Refusal::None));
    assert_eq!(record(&[], Some(9)), Err(Refusal::NotFound(9, Vec::new())));
    let wrong = record(&[1, 5], Some(9)).unwrap_err().to_string();
    let there = "nothing of BitTorrent on connection 9; 1 is 10.0.0.1:1000 > 10.0.0.2:2000";
    assert!(wrong.starts_with(there), "{wrong}");
    assert!(wrong.contains("; 0 is "), "{wrong}");
    let refusal = record(&[5, 2, 5], None).unwrap_err();
    let text = refusal.to_string();
    assert!(
        text.contains("0 is 10.0.0.1:1000 > 10.0.0.2:2000, 6 messages"),
        "{text}"
    );
    let Refusal::Ambiguous(briefs) = refusal else {
        panic!("{text}")
    };
    let streams: Vec<_> = briefs.iter().map(|brief| brief.stream).collect();
    assert_eq!(streams, [0, 2, 1]);
}

#[test]
fn memory_is_bounded_and_the_best_stay() {
    const LIMIT: usize = 1 << 20;
    let mut recorders = Recorders::within(LIMIT, None);
    let mut talks: Vec<_> = (0..3000).map(Talk::new).collect();
    let mut most = 0;
    for talk in &mut talks {
        talk.say(&mut recorders, LEECH, &handshake(4));
        if talk.connection.stream == 17 {
            talk.say(&mut recorders, SEED, &Message::Piece(block(0)));
        }
        most = most.max(recorders.held());
    }
    assert!(most > LIMIT / 2 && most <= LIMIT, "{most}");
    // What was dropped does not come back as half a session.
    talks[0].say(&mut recorders, SEED, &Message::Piece(block(0)));
    talks[0].say(&mut recorders, SEED, &Message::Piece(block(1)));
    for talk in &talks {
        talk.end(&mut recorders);
    }
    let (session, total) = recorders.choose().unwrap();
    assert_eq!((session.stream, total), (17, 3000));
}

#[test]
fn steps_are_bounded() {
    let choking = (0..10_000).map(|n| match n % 2 {
        0 => (SEED, Message::Choke),
        _ => (SEED, Message::Unchoke),
    });
    let messages: Vec<_> = choking.collect();
    let comparison = compare(&messages, &messages);
    let peer = comparison.sessions[0].peer(SEED);
    assert_eq!(peer.steps.all().len() as u64 + peer.steps.left_out, 10_000);
    assert!(peer.steps.all().len() <= 2048);
    assert!(!comparison.differs());
}

/// Requests, blocks and `have` in any order that a network can make of them: a
/// block after its request, a `have` after its block.
fn interleaving() -> impl Strategy<Value = Vec<(Side, Message<'static>)>> {
    prop::collection::vec(0..3_u8, 0..60).prop_map(|choices| {
        let mut messages = download()[..6].to_vec();
        let (mut asked, mut given, mut told) = (0, 0, 0);
        // What the choices leave over comes at the end.
        for choice in choices.into_iter().chain([0, 1, 2].repeat(20)) {
            match choice {
                0 if asked < 10 => {
                    messages.push((LEECH, Message::Request(block(asked))));
                    asked += 1;
                }
                1 if given < asked => {
                    messages.push((SEED, Message::Piece(block(given))));
                    given += 1;
                }
                2 if told < given => {
                    messages.push((LEECH, Message::Have(told)));
                    told += 1;
                }
                _ => {}
            }
        }
        messages
    })
}

proptest! {
    #[test]
    fn how_the_transfer_interleaves_is_no_difference(
        one in interleaving(),
        other in interleaving(),
    ) {
        let comparison = ignoring(&one, &other, &[Category::Queue]);
        prop_assert!(!comparison.differs(), "{:?}", comparison.differing);
        prop_assert_eq!(comparison.divergence, None);
    }

    #[test]
    fn comparing_either_way_finds_the_same_categories(
        one in prop::collection::vec(0..8_u8, 0..40),
        other in prop::collection::vec(0..8_u8, 0..40),
    ) {
        let messages = |choices: &[u8]| {
            let mut messages = download()[..2].to_vec();
            messages.extend(choices.iter().map(|choice| match choice {
                0 => (SEED, Message::Choke),
                1 => (SEED, Message::Unchoke),
                2 => (LEECH, Message::Interested),
                3 => (LEECH, Message::NotInterested),
                4 => (SEED, Message::AllowedFast(1)),
                5 => (LEECH, Message::KeepAlive),
                6 => (SEED, Message::Port(6881)),
                _ => (LEECH, Message::HaveNone),
            }));
            messages
        };
        let (one, other) = (messages(&one), messages(&other));
        let there = compare(&one, &other);
        let back = compare(&other, &one);
        prop_assert_eq!(there.differing, back.differing);
        prop_assert_eq!(there.differs(), back.differs());
        prop_assert_eq!(there.divergence.is_some(), back.divergence.is_some());
        prop_assert!(!compare(&one, &one).differs());
    }
}
