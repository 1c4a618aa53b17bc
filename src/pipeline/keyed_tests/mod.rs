//! Encrypted connections whose keys are known.

mod captures;
mod exchange;
mod properties;

use crate::capture::Timestamp;
use crate::flow::{Carrier, Chunk, Close, Connection, Gap, GapCause, Side, Streams};
use crate::packet::Stamp;
use crate::pipeline::Observer;
use crate::pipeline::connection::Connections;
use crate::pipeline::peering::Peering;
use crate::session::{Ended, Heard, KeyLog, Torrents};
use crate::wire::mse::KeyLine;
use crate::wire::mse::vectors::{A, B, C};

use Side::{Acceptor, Initiator};
use exchange::{Plan, choice, have, interested};

/// One thing that an observer was told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    from: Side,
    name: &'static str,
    offset: u64,
    length: u64,
    bytes: Vec<u8>,
    text: String,
}

/// Keeps all that it is told.
#[derive(Debug, Default)]
struct Ear {
    told: Vec<Told>,
    encryption: Option<&'static str>,
}

impl Ear {
    fn names(&self, from: Side) -> Vec<&'static str> {
        let told = self.told.iter().filter(|told| told.from == from);
        told.map(|told| told.name).collect()
    }

    fn texts(&self) -> Vec<&str> {
        self.told.iter().map(|told| told.text.as_str()).collect()
    }
}

impl Observer for Ear {
    fn message(&mut self, heard: &Heard<'_>) {
        assert!(heard.first.frame <= heard.last.frame);
        if !heard.is_gap() {
            assert!(heard.bytes.len() as u64 <= heard.length);
        }
        self.told.push(Told {
            from: heard.from,
            name: heard.message_name(),
            offset: heard.offset,
            length: heard.length,
            bytes: heard.bytes.to_vec(),
            text: heard.to_string(),
        });
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.encryption = Some(ended.encryption.name());
    }
}

/// What a capture has of one direction at a time.
#[derive(Debug, Clone)]
enum Part {
    Bytes(Vec<u8>),
    /// Bytes that were sent and are not in the capture; their number may not be
    /// known.
    Missing(usize, bool),
}

type Parts = Vec<(Side, Part)>;

fn says(from: Side, bytes: &[u8]) -> (Side, Part) {
    (from, Part::Bytes(bytes.to_vec()))
}

fn stamp(frame: u64) -> Stamp {
    Stamp {
        frame,
        time: Timestamp::from_nanos(1_000 * i128::from(frame)),
    }
}

fn connection(carrier: Carrier) -> Connection {
    Connection {
        stream: 0,
        carrier,
        ends: ["10.0.0.1:40000", "10.0.0.2:6881"].map(|end| end.parse().expect("an address")),
        from_start: true,
        first: stamp(1),
        last: stamp(1),
        opening: None,
        unreachable: None,
        acked: [0; 2],
        acked_at: [Timestamp::UNKNOWN; 2],
        is_acked_ahead: [false; 2],
        troubles: crate::flow::Troubles::default(),
    }
}

/// Passes `parts` through the pipeline as one connection.
fn run(keys: &[KeyLine], parts: &Parts) -> Ear {
    let mut ear = Ear::default();
    let mut log = KeyLog::default();
    for key in keys {
        log.add_file(&format!("{key}\n")).expect("a key");
    }
    let mut streams = Connections::new(&mut ear, Torrents::default());
    streams.keys = log;
    let mut connection = connection(Carrier::Tcp);
    let mut state: Peering = streams.open(&connection);
    let mut offsets = [0_u64; 2];
    for ((from, part), frame) in parts.iter().zip(1..) {
        connection.last = stamp(frame);
        let stamp = connection.last;
        let offset = &mut offsets[from.index()];
        match part {
            Part::Bytes(bytes) => {
                let chunk = Chunk {
                    bytes,
                    offset: *offset,
                    stamp,
                };
                *offset += bytes.len() as u64;
                streams.data(&connection, &mut state, *from, chunk);
            }
            Part::Missing(bytes, known) => {
                let gap = Gap {
                    offset: *offset,
                    length: known.then_some(*bytes as u64),
                    cause: GapCause::Lost,
                    stamp,
                };
                *offset += gap.length.unwrap_or(0);
                streams.gap(&connection, &mut state, *from, gap);
            }
        }
    }
    streams.close(&connection, state, Close::Fin);
    ear
}

#[test]
fn vector_a_is_read_in_both_directions() {
    let (a, b) = (A.stream_a(), A.stream_b());
    let parts = vec![
        says(Initiator, &a[..96]),
        says(Acceptor, &b[..96]),
        says(Initiator, &a[96..96 + 56 + 68]),
        says(Acceptor, &b[96..96 + 14 + 68]),
        says(Initiator, &a[96 + 56 + 68..]),
        says(Acceptor, &b[96 + 14 + 68..]),
    ];
    let ear = run(&[A.key_line()], &parts);
    assert_eq!(
        ear.told
            .iter()
            .map(|told| (told.from, told.name))
            .collect::<Vec<_>>(),
        [
            (Initiator, "public_key"),
            (Acceptor, "public_key"),
            (Initiator, "negotiation"),
            (Initiator, "handshake"),
            (Acceptor, "negotiation"),
            (Acceptor, "handshake"),
            (Initiator, "interested"),
            (Acceptor, "have_all"),
        ]
    );
    assert_eq!(ear.encryption, Some("mse_rc4"));
    let offsets: Vec<_> = ear
        .told
        .iter()
        .map(|told| (told.offset, told.length))
        .collect();
    assert_eq!(
        offsets,
        [
            (0, 96),
            (0, 96),
            (96, 56),
            (152, 68),
            (96, 14),
            (110, 68),
            (220, 5),
            (178, 5)
        ]
    );
    assert_eq!(ear.told[7].bytes, [0, 0, 0, 1, 14]);
    assert_eq!(ear.told[6].bytes, [0, 0, 0, 1, 2]);
    assert!(ear.told[3].bytes.ends_with(b"-SS0001-AAAAAAAAAAAA"));
}

#[test]
fn vectors_from_the_wild() {
    let a = B.stream_a();
    let parts = vec![
        says(Initiator, &a[..106]),
        says(Acceptor, &B.stream_b()),
        says(Initiator, &a[106..]),
    ];
    // Both keys fit the public key; only one fits what follows.
    let ear = run(&[C.key_line(), B.key_line()], &parts);
    assert_eq!(
        ear.names(Initiator),
        ["public_key", "negotiation", "handshake"]
    );
    assert_eq!(ear.told[0].length, 106);
    assert!(ear.told[2].bytes.ends_with(b"-TR300Z-w4bd4mkebkbi"));

    let parts = vec![
        says(Initiator, &C.stream_a()),
        says(Acceptor, &C.stream_b()),
    ];
    let ear = run(&[B.key_line(), C.key_line()], &parts);
    assert_eq!(
        ear.names(Acceptor)[..3],
        ["public_key", "negotiation", "handshake"]
    );
    let acceptor: Vec<_> = ear
        .told
        .iter()
        .filter(|told| told.from == Acceptor)
        .collect();
    assert_eq!(acceptor[0].length, 96 + 130);
    assert_eq!(
        acceptor[1].text,
        "negotiation, selects RC4, 265 bytes of padding"
    );
    assert!(acceptor[2].bytes.ends_with(b"-qB4250-scysDI_JuVN3"));
    assert_eq!(ear.encryption, Some("mse_rc4"));
}

#[test]
fn a_key_that_does_not_fit_changes_nothing() {
    let parts = Plan::default().parts();
    let without = run(&[], &parts);
    let mut torrent = Plan::default().key;
    torrent.skey[7] ^= 1;
    let mut secret = Plan::default().key;
    secret.secret[7] ^= 1;
    for key in [torrent, secret, B.key_line()] {
        let ear = run(&[key], &parts);
        assert_eq!(ear.told, without.told);
        assert_eq!(ear.encryption, without.encryption);
    }
    assert_eq!(without.encryption, Some("mse_plaintext"));
}

#[test]
fn plaintext_goes_on_from_exact_offsets() {
    let plan = Plan {
        rc4: false,
        ..Plan::default()
    };
    let ear = run(&[plan.key], &plan.parts());
    assert_eq!(ear.encryption, Some("mse_plaintext"));
    let first = ear.names(Initiator);
    assert_eq!(
        first[..4],
        ["public_key", "negotiation", "handshake", "interested"]
    );
}

#[test]
fn a_gap_of_known_length_advances_the_keystream() {
    let plan = Plan {
        rc4: true,
        ..Plan::default()
    };
    let mut parts = plan.parts();
    // Whole messages, and more of them after the gap.
    parts.push((Acceptor, Part::Missing(9 * 20, true)));
    let rest: Vec<u8> = (0..9).flat_map(have).collect();
    let mut cipher = plan.cipher_b();
    cipher.skip(plan.sent(Acceptor) + 9 * 20);
    let mut bytes = rest.clone();
    cipher.apply(&mut bytes);
    parts.push(says(Acceptor, &bytes));
    let ear = run(&[plan.key], &parts);
    let after = ear
        .told
        .iter()
        .position(|told| told.name == "gap")
        .expect("told");
    assert_eq!(ear.told[after].text, "180 bytes not in the capture");
    let haves = &ear.told[after + 1..];
    assert_eq!(haves.len(), 9);
    assert!(haves.iter().all(|told| told.name == "have"), "{haves:?}");
}

#[test]
fn a_gap_of_unknown_length_ends_the_decryption_of_its_direction() {
    let plan = Plan {
        rc4: true,
        ..Plan::default()
    };
    let mut parts = plan.parts();
    parts.push((Acceptor, Part::Missing(50, false)));
    parts.push(says(Acceptor, &[7; 30]));
    parts.push(says(Acceptor, &[8; 12]));
    let mut cipher = plan.cipher_a();
    cipher.skip(plan.sent(Initiator));
    let mut bytes = interested();
    cipher.apply(&mut bytes);
    parts.push(says(Initiator, &bytes));
    let ear = run(&[plan.key], &parts);
    let texts = ear.texts();
    assert_eq!(
        texts[texts.len() - 3..],
        [
            "an unknown number of bytes not in the capture",
            "interested",
            "encrypted, 42 bytes in 2 packets, not decrypted: a gap lost the place in the keystream",
        ]
    );
    assert_eq!(ear.encryption, Some("mse_rc4"));
}

#[test]
fn a_gap_too_long_to_pass_ends_it_too() {
    let plan = Plan {
        rc4: true,
        ..Plan::default()
    };
    let mut parts = plan.parts();
    parts.push((Initiator, Part::Missing(3 << 30, true)));
    parts.push(says(Initiator, &[7; 30]));
    let ear = run(&[plan.key], &parts);
    assert!(
        ear.texts()
            .last()
            .expect("told")
            .ends_with("the place in the keystream")
    );
}

#[test]
fn one_direction_is_enough_for_itself() {
    let plan = Plan {
        rc4: true,
        ..Plan::default()
    };
    let initiator: Parts = plan
        .parts()
        .into_iter()
        .filter(|part| part.0 == Initiator)
        .collect();
    let ear = run(&[plan.key], &initiator);
    let names = ear.names(Initiator);
    assert_eq!(names[..3], ["public_key", "negotiation", "handshake"]);
    assert!(
        names[3..].iter().all(|name| *name == "interested"),
        "{names:?}"
    );
}

#[test]
fn bytes_beyond_what_is_held_are_decoded() {
    for rc4 in [false, true] {
        let mut plan = Plan {
            rc4,
            ..Plan::default()
        };
        plan.acceptor = (0..3000).flat_map(have).collect();
        let parts = vec![
            says(Initiator, &plan.stream_a()[..96]),
            says(Acceptor, &plan.stream_b()[..96]),
            says(Initiator, &plan.stream_a()[96..]),
            says(Acceptor, &plan.stream_b()[96..]),
        ];
        let ear = run(&[plan.key], &parts);
        let names = ear.names(Acceptor);
        assert_eq!(names.len(), 3 + 3000);
        assert!(names[3..].iter().all(|name| *name == "have"));
    }
    // Without keys, too.
    let handshake = exchange::handshake(b"-PS0001-000000000001");
    let haves: Vec<u8> = (0..3000).flat_map(have).collect();
    let ear = run(&[], &vec![says(Initiator, &[handshake, haves].concat())]);
    assert_eq!(ear.names(Initiator).len(), 3001);
}

#[test]
fn a_choice_of_nothing_known_is_told_and_the_stream_judged_by_its_bytes() {
    for (rc4, select) in [(true, 3), (false, 0)] {
        let mut plan = Plan {
            rc4,
            ..Plan::default()
        };
        plan.select = Some(select);
        let ear = run(&[plan.key], &plan.parts());
        assert!(ear.texts().contains(&choice(select)), "{:?}", ear.texts());
        assert_eq!(ear.names(Acceptor)[2], "handshake");
        let expected = if rc4 { "mse_rc4" } else { "mse_plaintext" };
        assert_eq!(ear.encryption, Some(expected));
    }
}
