//! Conversations as clients and other programs have them, in random bytes of
//! their own: what is MSE must hardly ever be refused, what is not must be,
//! wherever its bytes say so.

use super::*;

/// A source of noise, the same on every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 56) as u8).collect()
    }

    /// A public key and up to `pad` bytes behind it.
    fn key(&mut self, pad: usize) -> Vec<u8> {
        let pad = self.below(pad + 1);
        self.bytes(PUBLIC_KEY + pad)
    }
}

/// A packet: whether the initiator sent it, and what.
type Said = (bool, Vec<u8>);

/// What is known once all of it was said, `at_known_end` or not.
fn judged(said: &[Said], at_known_end: bool) -> Verdict {
    let mut bytes = [Vec::new(), Vec::new()];
    let mut first_packets = [0; 2];
    let mut flights = Flights::default();
    let judge = |bytes: &[Vec<u8>; 2], first_packets, flights, more| {
        let [initiator, acceptor] = bytes;
        let opening = Opening {
            initiator,
            acceptor,
            first_packets,
            flights,
            at_known_end,
        };
        super::judge(&opening, more)
    };
    for (by_initiator, packet) in said {
        let side = usize::from(!by_initiator);
        if bytes[side].is_empty() {
            first_packets[side] = packet.len();
        }
        flights.add(*by_initiator, packet.len());
        bytes[side].extend(packet);
        let verdict = judge(&bytes, first_packets, flights, true);
        if verdict != Verdict::Unsure {
            return verdict;
        }
    }
    judge(&bytes, first_packets, flights, false)
}

/// A client as initiator: its first flight, and its offer, packet by packet.
type Client = (
    &'static str,
    fn(&mut Noise) -> Vec<u8>,
    fn(&mut Noise) -> Vec<Vec<u8>>,
);

/// Clients by the sizes of what they send; all of it is noise.
const CLIENTS: [Client; 6] = [
    // PadA and PadC of 0 to 512 bytes, a handshake as initial payload.
    (
        "libtorrent",
        |n| n.key(512),
        |n| {
            let pad = n.below(513);
            vec![n.bytes(OFFER + pad + 68)]
        },
    ),
    // No PadC; a handshake and what follows it.
    (
        "Transmission",
        |n| n.key(512),
        |n| vec![n.bytes(OFFER + 68 + 20)],
    ),
    ("aria2", |n| n.key(512), |n| vec![n.bytes(OFFER + 68)]),
    // The hashes go out by themselves.
    (
        "WebTorrent",
        |n| n.key(512),
        |n| vec![n.bytes(40), n.bytes(16 + 68)],
    ),
    // No padding behind the key.
    (
        "anacrolix",
        |n| n.bytes(PUBLIC_KEY),
        |n| {
            let pad = n.below(513);
            vec![n.bytes(OFFER + pad + 68)]
        },
    ),
    // No initial payload.
    (
        "Azureus",
        |n| n.key(512),
        |n| {
            let pad = n.below(513);
            vec![n.bytes(OFFER + pad)]
        },
    ),
];

/// A conversation in MSE: `transferred` bytes after it, in RC4.
fn negotiation(client: &Client, noise: &mut Noise, transferred: usize) -> Vec<Said> {
    let (_, first, offer) = client;
    let mut said = vec![(true, first(noise)), (false, noise.key(512))];
    said.extend(offer(noise).into_iter().map(|packet| (true, packet)));
    let pad = noise.below(513);
    let choice = noise.bytes(CHOICE + pad + 68);
    said.push((false, choice));
    for _ in 0..transferred.div_ceil(1000) {
        let reply = noise.bytes(1000);
        said.push((false, reply));
        let request = noise.bytes(17);
        said.push((true, request));
    }
    said
}

/// Conversations of each kind.
const TRIES: u32 = 300;

/// One of a thousand is refused by chance: in three times as many, something is
/// wrong.
const MAX_REFUSED: u32 = 3 * TRIES * CLIENTS.len() as u32 / 1000;

#[test]
fn clients_are_hardly_ever_refused() {
    let mut noise = Noise(1);
    let mut refused = 0;
    for client in &CLIENTS {
        for _ in 0..TRIES {
            let said = negotiation(client, &mut noise, 3000);
            assert_eq!(
                judged(&said, true),
                Verdict::Encrypted { is_rc4: true },
                "{}",
                client.0
            );
            refused += u32::from(judged(&said, false) == Verdict::No);
        }
    }
    assert!(refused <= MAX_REFUSED, "{refused} refused");
}

#[test]
fn a_negotiation_that_breaks_off_may_be_one() {
    let mut noise = Noise(2);
    let mut refused = 0;
    for client in &CLIENTS {
        for _ in 0..TRIES {
            let mut said = negotiation(client, &mut noise, 0);
            said.pop();
            let expected = Verdict::Encrypted { is_rc4: false };
            assert_eq!(judged(&said, true), expected, "{}", client.0);
            refused += u32::from(judged(&said, false) != expected);
        }
    }
    assert!(refused <= MAX_REFUSED, "{refused} refused");
}

#[test]
fn plaintext_that_follows_is_proof() {
    let mut noise = Noise(3);
    for client in &CLIENTS {
        let mut said = negotiation(client, &mut noise, 0);
        let choice = noise.bytes(CHOICE + 100);
        let (_, last) = said.last_mut().unwrap();
        *last = [&choice, &PREFIX[..], &[0; 48]].concat();
        let at = said[1].1.len() + choice.len();
        assert_eq!(judged(&said, false), Verdict::Plaintext(at));
    }
}

/// Other protocols that look random but for their headers. Each is a question
/// and an answer, or more.
type Other = (&'static str, fn(&mut Noise) -> Vec<Said>);

/// `bytes` behind their length.
fn prefixed(bytes: &[u8], length: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    [length(bytes.len()), bytes.to_vec()].concat()
}

fn be16(length: usize) -> Vec<u8> {
    (length as u16).to_be_bytes().to_vec()
}

const OTHERS: [Other; 13] = [
    // EIP-8: the size in two bytes, then ECIES, which begins with 04; the frames
    // that follow begin with encrypted headers.
    ("Ethereum RLPx", |n| {
        let mut hello = |random: usize| {
            let length = 300 + n.below(random);
            let body = [&[4], &n.bytes(length)[..]].concat();
            prefixed(&body, be16)
        };
        let (auth, ack) = (hello(200), hello(150));
        vec![
            (true, auth),
            (false, ack),
            (true, n.bytes(32 + 208)),
            (false, n.bytes(32 + 192)),
        ]
    }),
    // The answer and the first frame in one flight.
    ("Ethereum RLPx, two messages in a flight", |n| {
        let auth = prefixed(&n.bytes(420), be16);
        let ack = prefixed(&n.bytes(340), be16);
        let frame = n.bytes(224);
        vec![
            (true, auth),
            (false, ack),
            (false, frame),
            (true, n.bytes(240)),
            (false, n.bytes(300)),
        ]
    }),
    // Name, flags, length and size in little endian, zlib.
    ("Zabbix, compressed", |n| {
        let mut message = |size: usize| {
            let size = size + n.below(60);
            let mut bytes = b"ZBXD\x03".to_vec();
            bytes.extend((size as u32).to_le_bytes());
            bytes.extend((3 * size as u32).to_le_bytes());
            bytes.extend(b"\x78\x9c");
            bytes.extend(n.bytes(size - 2));
            bytes
        };
        let (ask, answer) = (message(140), message(120));
        vec![(true, ask), (false, answer)]
    }),
    // tls-crypt-v2 over TCP: two bytes of length, the opcode, then noise.
    ("OpenVPN", |n| {
        let mut packet = |size: usize, opcode: u8| {
            let length = size + n.below(100);
            let body = [&[opcode << 3], &n.bytes(length)[..]].concat();
            prefixed(&body, be16)
        };
        let packets = [
            packet(350, 10),
            packet(100, 8),
            packet(250, 4),
            packet(60, 5),
        ];
        let turns = [true, false, true, false];
        turns.into_iter().zip(packets).collect()
    }),
    // The same with all but the length XORed away.
    ("OpenVPN, scrambled", |n| {
        let packets: [Vec<u8>; 4] = std::array::from_fn(|_| {
            let length = 100 + n.below(200);
            prefixed(&n.bytes(length), be16)
        });
        [true, false, true, false]
            .into_iter()
            .zip(packets)
            .collect()
    }),
    // Routing, then "WA", then messages behind three bytes of length.
    ("WhatsApp, Noise", |n| {
        let be24 = |length: usize| (length as u32).to_be_bytes()[1..].to_vec();
        let hello = prefixed(&n.bytes(290), be24);
        let ask = [&b"WA\x06\x03"[..], &hello].concat();
        let answer = prefixed(&n.bytes(350), be24);
        let finish = prefixed(&n.bytes(150), be24);
        vec![
            (true, ask),
            (false, answer),
            (true, finish),
            (false, n.bytes(200)),
        ]
    }),
    // A key of 256 bytes behind three little-endian words; then frames behind
    // four bytes of length.
    ("KakaoTalk LOCO, secure", |n| {
        let le32 = |length: usize| (length as u32).to_le_bytes().to_vec();
        let mut key = le32(256);
        key.extend([12, 0, 0, 0, 2, 0, 0, 0]);
        key.extend(n.bytes(256));
        key.extend(prefixed(&n.bytes(130), le32));
        let answer = prefixed(&n.bytes(300), le32);
        let more = prefixed(&n.bytes(90), le32);
        vec![
            (true, key),
            (false, answer),
            (true, more),
            (false, n.bytes(99)),
        ]
    }),
    // The middle of TLS, as seen where a capture lacks the hellos.
    ("TLS records", |n| {
        let mut record = |size: usize| {
            let length = size + n.below(80);
            let body = n.bytes(length);
            [&b"\x17\x03\x03"[..], &prefixed(&body, be16)].concat()
        };
        let (ask, answer, more) = (record(120), record(300), record(100));
        vec![(true, ask), (false, answer), (true, more)]
    }),
    // A length of all in little endian, four bytes; the rest noise.
    ("a length of the whole packet", |n| {
        let mut packet = |size: usize| {
            let length = size + n.below(90);
            let whole = (length as u32 + 4).to_le_bytes();
            [&whole, &n.bytes(length)[..]].concat()
        };
        let (ask, answer, more) = (packet(130), packet(210), packet(99));
        vec![(true, ask), (false, answer), (true, more)]
    }),
    ("gzip behind a tag", |n| {
        let mut packet = |tag: &[u8]| {
            let length = 120 + n.below(200);
            [tag, b"\x1f\x8b\x08\0", &n.bytes(length)].concat()
        };
        let (ask, answer) = (packet(b"q1"), packet(b"a7"));
        vec![(true, ask), (false, answer), (true, n.bytes(70))]
    }),
    // A question and an answer, and the connection is closed.
    ("a request and a response", |n| {
        vec![(true, n.key(300)), (false, n.key(300))]
    }),
    // Small turns: an offer has 56 bytes.
    ("chatter", |n| {
        let mut said = vec![(true, n.key(300)), (false, n.key(300))];
        for turn in 0..20 {
            let length = 20 + n.below(30);
            said.push((turn % 2 == 0, n.bytes(length)));
        }
        said
    }),
    // The acceptor speaks first.
    ("a server that greets", |n| {
        vec![(false, n.key(100)), (true, n.key(300)), (false, n.key(9))]
    }),
];

#[test]
fn other_protocols_are_refused() {
    let mut noise = Noise(4);
    for (name, said) in OTHERS {
        for _ in 0..TRIES {
            let said = said(&mut noise);
            assert_eq!(judged(&said, false), Verdict::No, "{name}: {said:02x?}");
        }
    }
}

/// Nothing in their bytes tells these from MSE: they may be, and RC4 is not said
/// of them by who reads the verdict.
#[test]
fn what_is_noise_from_the_first_byte_on_may_be_mse() {
    const NOISY: [Other; 2] = [
        // A salt, then AEAD chunks of an address and a request.
        ("Shadowsocks", |n| {
            let mut said = vec![(true, n.key(350)), (false, n.key(500))];
            for turn in 0..8 {
                let length = 100 + n.below(900);
                said.push((turn % 2 == 0, n.bytes(length)));
            }
            said
        }),
        // 64 bytes of keys, then messages.
        ("Telegram MTProto, obfuscated", |n| {
            vec![
                (true, n.bytes(64 + 41)),
                (false, n.bytes(105)),
                (true, n.bytes(340)),
                (false, n.bytes(652)),
                (true, n.bytes(396)),
                (false, n.bytes(72)),
            ]
        }),
    ];
    let mut noise = Noise(5);
    for (name, said) in NOISY {
        let said = said(&mut noise);
        let verdict = judged(&said, false);
        assert!(matches!(verdict, Verdict::Encrypted { .. }), "{name}");
    }
}
