//! Hostile and clumsy peers against one connection.

use super::{Close, Connection, Event, Identity, Role, Time};
use crate::torrent::BLOCK;
use crate::wire::extension::{Body, Extended, ExtendedHandshake, ExtendedId};
use crate::wire::peer::{Bitfield, Block, Handshake, Message, Reserved, encode};

const HASH: [u8; 20] = [7; 20];
const PIECES: u32 = 10;

fn identity() -> Identity {
    Identity {
        peer_id: [1; 20],
        info_hashes: vec![HASH],
        hybrid: false,
        port: None,
    }
}

fn handshake(reserved: [u8; 8], info_hash: [u8; 20], peer_id: [u8; 20]) -> Vec<u8> {
    let mut out = Vec::new();
    Handshake {
        reserved: Reserved(reserved),
        info_hash,
        peer_id,
    }
    .encode(&mut out);
    out
}

const FAST: [u8; 8] = [0, 0, 0, 0, 0, 0x10, 0, 4];
const PLAIN: [u8; 8] = [0; 8];

fn bytes(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    encode(message, &[], &mut out);
    out
}

/// Feeds bytes; gives the events but those without meaning.
fn feed(connection: &mut Connection, mut input: &[u8]) -> Result<Vec<String>, Close> {
    let mut events = Vec::new();
    while let Some(event) = connection.next(&mut input, Time::from_secs(1))? {
        if event != Event::Nothing {
            events.push(format!("{event:?}"));
        }
    }
    Ok(events)
}

/// A connection whose handshakes are over, unchoked by the peer, nothing to send.
fn open(reserved: [u8; 8]) -> Connection {
    let mut connection = Connection::new(Role::Initiator, identity(), Time::ZERO);
    connection.learn_pieces(PIECES).unwrap();
    feed(&mut connection, &handshake(reserved, HASH, [2; 20])).unwrap();
    connection.open(None, None, [10, 0, 0, 1].into());
    feed(&mut connection, &bytes(&Message::Unchoke)).unwrap();
    connection.advance_output(connection.output().len());
    connection
}

fn block(index: u32) -> Block {
    Block {
        index,
        begin: 0,
        length: BLOCK,
    }
}

fn piece(index: u32, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&Message::Piece(block(index)), data, &mut out);
    out
}

#[test]
fn handshakes_that_end_it() {
    let cases = [
        (handshake(FAST, [8; 20], [2; 20]), Close::OtherTorrent),
        (handshake(FAST, HASH, [1; 20]), Close::Ourselves),
    ];
    for (input, expected) in cases {
        let mut connection = Connection::new(Role::Initiator, identity(), Time::ZERO);
        assert_eq!(feed(&mut connection, &input), Err(expected));
    }
    let mut connection = Connection::new(Role::Acceptor, identity(), Time::ZERO);
    assert!(connection.output().is_empty());
    feed(&mut connection, &handshake(PLAIN, HASH, [2; 20])).unwrap();
    assert_eq!(connection.output().len(), 68);
}

#[test]
fn nothing_is_said_that_was_not_agreed_on() {
    let mut connection = Connection::new(Role::Initiator, identity(), Time::ZERO);
    feed(&mut connection, &handshake(PLAIN, HASH, [2; 20])).unwrap();
    connection.open(None, Some(5), [10, 0, 0, 1].into());
    // Neither an extended handshake nor have-none: the handshake alone.
    assert_eq!(connection.output().len(), 68);
    for message in [
        Message::HaveAll,
        Message::HaveNone,
        Message::RejectRequest(block(0)),
        Message::AllowedFast(0),
    ] {
        let mut connection = open(PLAIN);
        assert!(matches!(
            feed(&mut connection, &bytes(&message)),
            Err(Close::Malformed(_))
        ));
    }
}

#[test]
fn what_breaks_the_protocol_ends_it() {
    let too_long = Bitfield {
        bits: &[0; 3],
        pieces: None,
    };
    for input in [
        bytes(&Message::Have(PIECES)),
        bytes(&Message::Bitfield(too_long)),
        vec![0, 0, 0, 2, 1, 1],
        vec![0, 0, 0, 1, 4],
        vec![0x7f, 0xff, 0xff, 0xff],
        vec![0, 0, 0, 5, 7, 0, 0, 0, 0],
    ] {
        let mut connection = open(FAST);
        assert!(feed(&mut connection, &input).is_err(), "{input:?}");
    }
}

#[test]
fn unknown_messages_are_passed_over() {
    let mut connection = open(FAST);
    let extended = Message::Extended(Box::new(Extended {
        id: ExtendedId(99),
        name: None,
        inferred: false,
        body: Body::Opaque {
            bytes: b"d1:xe",
            length: 5,
        },
        malformed: None,
    }));
    let mut input = bytes(&extended);
    input.extend([0, 0, 0, 3, 99, 1, 2]);
    input.extend(bytes(&Message::Port(6881)));
    input.extend(bytes(&Message::SuggestPiece(3)));
    assert_eq!(feed(&mut connection, &input), Ok(vec![]));
}

#[test]
fn only_data_that_was_asked_for_counts() {
    let mut connection = open(FAST);
    connection.request(block(1), Time::ZERO);
    let events = feed(&mut connection, &piece(2, &[0; BLOCK as usize])).unwrap();
    assert_eq!(events, Vec::<String>::new());
    let events = feed(&mut connection, &piece(1, &[0; BLOCK as usize])).unwrap();
    assert_eq!(events.len(), 1);
    // A second time it was not asked for.
    let again = feed(&mut connection, &piece(1, &[0; BLOCK as usize])).unwrap();
    assert_eq!(again, Vec::<String>::new());
    let flood = (0..2000).map(|_| feed(&mut connection, &piece(1, &[0; BLOCK as usize])));
    assert!(
        flood
            .into_iter()
            .any(|result| result == Err(Close::Unsolicited))
    );
}

#[test]
fn requests_by_the_thousand_are_bounded() {
    let mut connection = open(FAST);
    feed(&mut connection, &bytes(&Message::Interested)).unwrap();
    connection.unchoke();
    let mut result = Ok(vec![]);
    let mut rounds = 0;
    while result.is_ok() && rounds < 100_000 {
        let block = Block {
            index: rounds % PIECES,
            begin: rounds,
            length: BLOCK,
        };
        result = feed(&mut connection, &bytes(&Message::Request(block)));
        rounds += 1;
    }
    assert_eq!(result, Err(Close::Flood));
    assert!(connection.output().len() < 8 << 20);
}

#[test]
fn every_request_gets_one_answer_when_choked() {
    let mut connection = open(FAST);
    connection.unchoke();
    for index in 0..5 {
        feed(&mut connection, &bytes(&Message::Request(block(index)))).unwrap();
    }
    feed(&mut connection, &bytes(&Message::Cancel(block(0)))).unwrap();
    assert_eq!(connection.next_upload(), Some(block(1)));
    connection.piece(block(1), &[0; BLOCK as usize]);
    connection.advance_output(connection.output().len());
    connection.choke();
    // Choke, and a reject for each of blocks 2, 3 and 4.
    assert_eq!(connection.output().len(), 5 + 3 * 17);
    feed(&mut connection, &bytes(&Message::Request(block(9)))).unwrap();
    assert_eq!(connection.output().len(), 5 + 4 * 17);
}

#[test]
fn a_choke_drops_requests_unless_each_is_rejected() {
    for (reserved, dropped) in [(PLAIN, 2), (FAST, 0)] {
        let mut connection = open(reserved);
        connection.request(block(0), Time::ZERO);
        connection.request(block(1), Time::ZERO);
        let mut input = bytes(&Message::Choke);
        let event = connection.next(&mut &input[..], Time::ZERO).unwrap();
        assert!(matches!(event, Some(Event::Choke(blocks)) if blocks.len() == dropped));
        assert_eq!(connection.outstanding(), 2 - dropped);
        if dropped == 0 {
            input = bytes(&Message::RejectRequest(block(0)));
            let event = connection.next(&mut &input[..], Time::ZERO).unwrap();
            assert_eq!(event, Some(Event::Rejected(block(0))));
        }
    }
}

#[test]
fn a_choke_in_mid_piece_leaves_the_rest_of_the_block_alone() {
    let mut connection = open(FAST);
    connection.request(block(0), Time::ZERO);
    let whole = piece(0, &[5; BLOCK as usize]);
    let (first, rest) = whole.split_at(1000);
    assert_eq!(feed(&mut connection, first).unwrap().len(), 1);
    assert_eq!(connection.receiving(), Some((block(0), 1000 - 13)));
    // What a driver reads into the block itself counts as well.
    assert_eq!(connection.data_received(rest.len() - 1, Time::ZERO), None);
    assert_eq!(connection.data_received(1, Time::ZERO), Some(block(0)));
    assert_eq!(
        feed(&mut connection, &bytes(&Message::Choke))
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn silence_ends_it_and_keep_alives_go_out() {
    let mut silent = Connection::new(Role::Initiator, identity(), Time::ZERO);
    assert!(silent.tick(Time::from_secs(5)).is_ok());
    assert!(matches!(
        silent.tick(silent.deadline()),
        Err(Close::NoHandshake(_))
    ));

    let mut connection = open(FAST);
    let mut ended = None;
    for _ in 0..10 {
        let now = connection.deadline();
        if let Err(close) = connection.tick(now) {
            ended = Some((close, now));
            break;
        }
    }
    assert_eq!(connection.output(), [0; 4]);
    assert!(matches!(ended, Some((Close::Silent(_), now)) if now > Time::from_mins(2)));
}

#[test]
fn what_is_said_before_the_pieces_are_known_is_kept() {
    let mut connection = Connection::new(Role::Initiator, identity(), Time::ZERO);
    feed(&mut connection, &handshake(FAST, HASH, [2; 20])).unwrap();
    let bits = Bitfield {
        bits: &[0x80, 0],
        pieces: None,
    };
    feed(&mut connection, &bytes(&Message::Bitfield(bits))).unwrap();
    feed(&mut connection, &bytes(&Message::Have(9))).unwrap();
    connection.learn_pieces(PIECES).unwrap();
    assert!(connection.pieces().iter().eq([0, 9]));
}

#[test]
fn absurd_numbers_in_the_extended_handshake_are_left_out() {
    let mut connection = open(FAST);
    let handshake = ExtendedHandshake {
        reqq: Some(i64::MIN),
        metadata_size: Some(-1),
        ..ExtendedHandshake::default()
    };
    let message = Message::Extended(Box::new(Extended {
        id: ExtendedId::HANDSHAKE,
        name: None,
        inferred: false,
        body: Body::Handshake(Box::new(handshake)),
        malformed: None,
    }));
    feed(&mut connection, &bytes(&message)).unwrap();
    assert_eq!(connection.reqq(), 250);
    assert_eq!(connection.metadata_size(), None);
}
