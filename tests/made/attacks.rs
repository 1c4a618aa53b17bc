//! Captures made to cost more than they should, of any size.

use std::io::Write;
use std::net::SocketAddrV4;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha1::{Digest, Sha1};

use super::{Capture, JUMBO, Talk, extended, handshake, message, noise};

/// Bytes of a piece of metadata (BEP 9).
const METADATA_PIECE: usize = 16 << 10;

/// A connection on which both have said their handshakes, for the torrent of this
/// number.
fn greeted(capture: &mut Capture, number: u32) -> Talk {
    let mut hash = [0; 20];
    hash[..4].copy_from_slice(&number.to_be_bytes());
    greeted_for(capture, number, hash)
}

fn greeted_for(capture: &mut Capture, number: u32, hash: [u8; 20]) -> Talk {
    let mut talk = Talk::open(capture, number);
    talk.ask(capture, &handshake(hash));
    talk.answer(capture, &handshake(hash));
    talk
}

fn announce_metadata(capture: &mut Capture, talk: &mut Talk, size: usize) {
    for (side, id) in [(0, 1), (1, 2)] {
        let text = format!("d1:md11:ut_metadatai{id}ee13:metadata_sizei{size}ee");
        talk.say(capture, side, &extended(0, text.as_bytes()), JUMBO);
    }
}

fn metadata_piece(capture: &mut Capture, talk: &mut Talk, piece: usize, size: usize, data: &[u8]) {
    let head = format!("d8:msg_typei1e5:piecei{piece}e10:total_sizei{size}ee");
    let payload = [head.as_bytes(), data].concat();
    talk.say(capture, 1, &extended(1, &payload), JUMBO);
}

/// Info dictionaries of 8 MiB: each begins with its last piece, which is short,
/// and then comes but for one.
pub fn unfinished_dictionaries(count: u32) -> Capture {
    const PIECES: usize = 512;
    let size = ((PIECES - 1) * METADATA_PIECE) + 1;
    let mut capture = Capture::new();
    let mut talks: Vec<_> = (0..count)
        .map(|number| greeted(&mut capture, number))
        .collect();
    for talk in &mut talks {
        announce_metadata(&mut capture, talk, size);
        metadata_piece(&mut capture, talk, PIECES - 1, size, b"x");
    }
    for talk in &mut talks {
        for piece in 0..PIECES - 2 {
            metadata_piece(&mut capture, talk, piece, size, &[0; METADATA_PIECE]);
        }
    }
    capture
}

/// Whole info dictionaries with this many files.
pub fn finished_dictionaries(count: u32, files: usize) -> Capture {
    let mut capture = Capture::new();
    for number in 0..count {
        let list = "d6:lengthi1e4:pathl1:aee".repeat(files);
        let info = format!(
            "d5:filesl{list}e4:name8:{number:08}12:piece lengthi16777216e6:pieces20:{}e",
            "h".repeat(20)
        );
        let hash = Sha1::digest(&info).into();
        let mut talk = greeted_for(&mut capture, number, hash);
        announce_metadata(&mut capture, &mut talk, info.len());
        for (piece, data) in info.as_bytes().chunks(METADATA_PIECE).enumerate() {
            metadata_piece(&mut capture, &mut talk, piece, info.len(), data);
        }
    }
    capture
}

/// Sessions that announce much and go on.
pub fn talkative_sessions(count: u32) -> Capture {
    let mut text = b"d1:md".to_vec();
    for number in 0..125 {
        text.extend(format!("64:{number:04}{}i{number}e", "\u{1b}".repeat(60)).as_bytes());
    }
    text.extend(b"e");
    for number in 0..60 {
        let (key, value) = ("y".repeat(56), "\u{1b}".repeat(60));
        text.extend(format!("60:{number:04}{key}60:{value}").as_bytes());
    }
    text.extend(b"e");
    let mut capture = Capture::new();
    for number in 0..count {
        let mut talk = greeted(&mut capture, number);
        for side in [0, 1] {
            talk.say(&mut capture, side, &extended(0, &text), JUMBO);
        }
    }
    capture
}

/// One side gives its extensions other ids over and over, and the other never
/// acknowledges it: what they were before holds all the while.
pub fn changing_ids(count: usize) -> Capture {
    let mut capture = Capture::new();
    let mut talk = greeted(&mut capture, 0);
    for number in 0..count {
        let mut text = b"d1:md".to_vec();
        for name in 0..128 {
            let id = 1 + (number + name) % 255;
            text.extend(format!("8:name{name:04}i{id}e").as_bytes());
        }
        text.extend(b"ee");
        talk.say(&mut capture, 1, &extended(0, &text), JUMBO);
    }
    capture
}

/// Connections out of step, fed byte by byte.
pub fn seams(connections: u32, bytes: usize) -> Capture {
    let mut capture = Capture::new();
    for number in 0..connections {
        let mut talk = greeted(&mut capture, number);
        talk.answer(&mut capture, &[0xff; 12]);
        for _ in 0..bytes {
            talk.answer(&mut capture, &[0xff]);
        }
    }
    capture
}

/// Connections that may be anything, fed byte by byte.
pub fn openings(connections: u32, bytes: usize) -> Capture {
    let mut capture = Capture::new();
    for number in 0..connections {
        let mut talk = Talk::open(&mut capture, number);
        for byte in noise(bytes, number.into()) {
            talk.ask(&mut capture, &[byte]);
        }
    }
    capture
}

/// Connections that may be anything, of whose packets the snaplen has cut most.
pub fn cut_packets(connections: u32, packets: usize) -> Capture {
    let mut capture = Capture::new();
    for number in 0..connections {
        let mut talk = Talk::open(&mut capture, number);
        for packet in 0..packets {
            let bytes = noise(40, packet as u64);
            talk.say_cut(&mut capture, packet % 2, &bytes, 8);
        }
    }
    capture
}

/// Connections that stay open after their handshakes.
pub fn connections(count: u32) -> Capture {
    let mut capture = Capture::new();
    for number in 0..count {
        greeted(&mut capture, number);
    }
    capture
}

/// Requests that nobody answers.
pub fn requests(connections: u32, requests: u32) -> Capture {
    let mut capture = Capture::new();
    for number in 0..connections {
        let mut talk = greeted(&mut capture, number);
        let block = |piece: u32| {
            let words = [piece, 0, 16384];
            message(6, &words.map(u32::to_be_bytes).concat())
        };
        let all: Vec<u8> = (0..requests).flat_map(block).collect();
        talk.say(&mut capture, 0, &all, JUMBO);
    }
    capture
}

/// Packets in which a boundary is lost every ten bytes.
pub fn boundaries(packets: usize) -> Capture {
    let info = b"d6:lengthi9e4:name1:a12:piece lengthi16384e6:pieces20:hhhhhhhhhhhhhhhhhhhhe";
    let mut capture = Capture::new();
    let mut talk = greeted_for(&mut capture, 0, Sha1::digest(info).into());
    announce_metadata(&mut capture, &mut talk, info.len());
    metadata_piece(&mut capture, &mut talk, 0, info.len(), info);
    let unit = [&message(4, &[0; 4])[..], b"\xff"].concat();
    for _ in 0..packets {
        talk.say(&mut capture, 1, &unit.repeat(JUMBO / unit.len()), JUMBO);
    }
    capture
}

/// A message that is one long text.
pub fn long_text(unit: &str, bytes: usize) -> Capture {
    let mut capture = Capture::new();
    let mut talk = greeted(&mut capture, 0);
    let text = unit.repeat(bytes / unit.len());
    let body = format!("d1:md6:ut_pexi1ee1:v{}:{text}e", text.len());
    talk.say(&mut capture, 1, &extended(0, body.as_bytes()), JUMBO);
    talk.say(&mut capture, 1, &message(99, text.as_bytes()), JUMBO);
    capture
}

/// A dictionary of equal keys.
pub fn equal_keys(count: usize) -> Capture {
    let mut capture = Capture::new();
    let mut talk = greeted(&mut capture, 0);
    let body = format!("d{}e", "1:ki1e".repeat(count));
    talk.say(&mut capture, 1, &extended(0, body.as_bytes()), JUMBO);
    capture
}

/// Lists within lists, as deep as a message is read, again and again.
pub fn nested(count: usize) -> Capture {
    let mut capture = Capture::new();
    let mut talk = greeted(&mut capture, 0);
    let deep = format!("{}{}", "l".repeat(100), "e".repeat(100));
    let body = format!("d1:kl{}ee", deep.repeat(count));
    talk.say(&mut capture, 1, &extended(0, body.as_bytes()), JUMBO);
    capture
}

/// Queries of the DHT from everywhere, and replies that name peers.
pub fn discovery(count: u32) -> Capture {
    let mut capture = Capture::new();
    let node: SocketAddrV4 = "10.0.0.2:6881".parse().expect("an address");
    for number in 0..count {
        let from = SocketAddrV4::new((0x0b00_0000 + number).into(), 6881);
        let [a, b, c, d] = number.to_be_bytes();
        let transaction = [a, b, c, d];
        let query = [
            b"d1:ad2:id20:abcdefghij0123456789e1:q12:name_of_mine1:t4:",
            &transaction[..],
            b"1:y1:qe",
        ];
        capture.datagram(from, node, &query.concat());
        let reply = [
            b"d1:rd2:id20:abcdefghij01234567896:valuesl6:",
            &transaction[..],
            b"\x1a\xe1ee1:t4:",
            &transaction,
            b"1:y1:re",
        ];
        capture.datagram(node, from, &reply.concat());
    }
    capture
}

/// Lookups of the DHT, each for another torrent, whose replies name peers that nobody
/// named before.
pub fn swarms(count: u32) -> Capture {
    const VALUES: u32 = 40;
    let mut capture = Capture::new();
    let [asker, node] =
        ["10.0.0.1:6881", "10.0.0.2:6881"].map(|end| end.parse().expect("an address"));
    for number in 0..count {
        let transaction = number.to_be_bytes();
        let hash = [&transaction[..], &[7; 16]].concat();
        let query = [
            b"d1:ad2:id20:abcdefghij01234567899:info_hash20:",
            &hash[..],
            b"e1:q9:get_peers1:t4:",
            &transaction,
            b"1:y1:qe",
        ];
        capture.datagram(asker, node, &query.concat());
        let mut reply = b"d1:rd2:id20:abcdefghij01234567895:token8:".to_vec();
        reply.extend([transaction, transaction].concat());
        reply.extend(b"6:valuesl");
        for value in 0..VALUES {
            reply.extend(b"6:");
            reply.extend((0x0b00_0000 + number * VALUES + value).to_be_bytes());
            reply.extend(b"\x1a\xe1");
        }
        reply.extend(b"ee1:t4:");
        reply.extend(transaction);
        reply.extend(b"1:y1:re");
        capture.datagram(node, asker, &reply);
    }
    capture
}

/// Pieces of a torrent that nobody finishes: the same places again and again, each time
/// with other bytes.
pub fn contradicting_blocks(connections: u32, rounds: u8) -> Capture {
    const PIECE: usize = 16 << 10;
    const PIECES: u32 = 64;
    let mut info = format!(
        "d6:lengthi{}e4:name1:a12:piece lengthi{PIECE}e6:pieces{}:",
        PIECES as usize * PIECE,
        PIECES * 20
    )
    .into_bytes();
    info.extend(noise(PIECES as usize * 20, 1));
    info.push(b'e');
    let hash: [u8; 20] = Sha1::digest(&info).into();
    let mut capture = Capture::new();
    for number in 0..connections {
        let mut talk = greeted_for(&mut capture, number, hash);
        if number == 0 {
            announce_metadata(&mut capture, &mut talk, info.len());
            metadata_piece(&mut capture, &mut talk, 0, info.len(), &info);
        }
        for round in 0..rounds {
            for piece in 0..PIECES {
                let mut body = [piece.to_be_bytes(), [0; 4]].concat();
                body.extend(std::iter::repeat_n(
                    round ^ number as u8,
                    PIECE - 1 - usize::from(round),
                ));
                talk.say(&mut capture, 1, &message(7, &body), JUMBO);
            }
        }
    }
    capture
}

/// Web seeds whose responses unpack to a thousand times what they are: `bytes` zeros
/// each, of a file that is not zeros. Those of every other one stay under way.
pub fn packed_responses(connections: u32, bytes: usize) -> Capture {
    const PIECE: usize = 16 << 20;
    const PIECES: usize = 64;
    let mut info = format!(
        "d6:lengthi{}e4:name1:a12:piece lengthi{PIECE}e6:pieces{}:",
        PIECES * PIECE,
        PIECES * 20
    )
    .into_bytes();
    info.extend(noise(PIECES * 20, 1));
    info.push(b'e');
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(&vec![0; bytes]);
    let packed = packed.and_then(|()| encoder.finish()).expect("memory");
    let mut capture = Capture::new();
    let mut talk = greeted_for(&mut capture, 0, Sha1::digest(&info).into());
    announce_metadata(&mut capture, &mut talk, info.len());
    metadata_piece(&mut capture, &mut talk, 0, info.len(), &info);
    for number in 1..=connections {
        let mut web = Talk::open(&mut capture, number);
        web.ask(&mut capture, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        let length = packed.len() + number as usize % 2;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
        );
        web.answer(&mut capture, &[head.as_bytes(), &packed].concat());
    }
    capture
}
