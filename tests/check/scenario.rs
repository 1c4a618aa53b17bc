//! Conversations in words.
//!
//! ```text
//! rule RQ-04
//! fires error
//!   open fast extension     both handshakes, with these bits set
//!   B bitfield bitfield=80
//!   B choke
//!   wait 3                  seconds
//!   A request index=0
//!   says never unchoked     in the words of the finding
//!   cause reset             in those of why a connection ended
//! silent
//!   ...
//! ```
//!
//! `A` opens the connection. Other steps: `torrent pieces=8 length=32768`, with
//! `private`, `v2` (known beforehand; before `open`), `lose A MESSAGE` (said, and
//! not in the capture), `again A MESSAGE` (in the place of the last one), `close A`,
//! `{hash}` and `{raw}` stand for the info-hash, percent-encoded and in escapes; `raw A HEX`, `udp A MESSAGE` and `udp A HEX` (a
//! datagram), `refused A MESSAGE` (a datagram does not arrive, says the other's host), `start A MESSAGE` (a stream that begins otherwise), `metadata B 16385` (ut_metadata
//! data of that length), `noise A 200` (a stream that
//! begins with random bytes), `noisy B 300` (more of them), `leave` and `return` (other
//! connections in between), `elsewhere 6882` (where the next ones go), `moves 6882` (the port of
//! B's datagrams from now on), `mse 2` (a negotiation
//! whose keys are known, in which `B` selects so, and both handshakes in RC4; behind it what
//! differs: `provide=1`, `padA=513` and those of B, C and D, `req1`, `vcA`, `vcB` for one that is
//! not as it has to be, `mute` without the choice, `stop` without the handshakes), `tree` (a v2
//! torrent of one file of four pieces), `hashes 0 4` and `lies 0 4` (its hashes 0 to 3, all
//! right, and one wrong), `dial` (a SYN and nothing more), `late` (a connection whose beginning
//! is not in the capture), `ack A` (a mere
//! ACK), `reset A`, `unreachable`
//! (a router answers), `deaf B` and `hears B` (it acknowledges nothing more, or all again),
//! `resend A 5` (what it said last so often again, waiting twice as long each time),
//! `window B 0`, `probe A 3` (it asks so often whether B is there, every 10 s), `bounce A 10.9.9.9 0304000000000514`
//! (a router says so, in ICMP, of what it said last), `private` (both ends are of a network of its own; before anything else).

use std::net::{Ipv4Addr, SocketAddrV4};

use peerscope::notation;
use peerscope::session::{KeyLog, Torrents};
use peerscope::wire::metainfo::{Hash256, Info, layer_root, parent};
use peerscope::wire::mse::{KeyLine, Keys, PUBLIC_KEY, VC, req1, torrent};
use peerscope::wire::peer::{FLAGS, Handshake, HashRange, Hashes, Message, Reserved, encode};

use super::made::{Capture, Talk, extended, handshake, noise};

/// What is expected of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The rule fires, with this severity if one is given.
    Fires(Option<String>),
    /// It does not.
    Silent,
}

/// One conversation.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// File and line, for messages.
    pub place: String,
    /// The rule.
    pub rule: String,
    /// What is expected.
    pub expected: Expected,
    /// What the finding says.
    pub says: Vec<String>,
    /// What is said of why connections ended.
    pub causes: Vec<String>,
    steps: Vec<String>,
}

/// All scenarios of a file.
pub fn read(name: &str, text: &str) -> Vec<Scenario> {
    let mut all: Vec<Scenario> = Vec::new();
    let mut rule = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let place = format!("{name}:{number}");
        let words = line.split('#').next().unwrap().trim_end();
        let mut parts = words.split_whitespace();
        let first = parts.next();
        match first {
            None => {}
            _ if line.starts_with(' ') => {
                let last = all
                    .last_mut()
                    .unwrap_or_else(|| panic!("{place}: a step of nothing"));
                match words.trim().split_once(' ') {
                    Some(("says", text)) => last.says.push(text.to_owned()),
                    Some(("cause", text)) => last.causes.push(text.to_owned()),
                    _ => last.steps.push(words.trim().to_owned()),
                }
            }
            Some("rule") => parts.next().expect("an id").clone_into(&mut rule),
            Some(kind @ ("fires" | "silent")) => all.push(Scenario {
                place,
                rule: rule.clone(),
                expected: match kind {
                    "fires" => Expected::Fires(parts.next().map(str::to_owned)),
                    _ => Expected::Silent,
                },
                says: Vec::new(),
                causes: Vec::new(),
                steps: Vec::new(),
            }),
            Some(other) => panic!("{place}: {other}?"),
        }
    }
    all
}

const INFO_HASH: [u8; 20] = [0x5a; 20];
const PRIVATE_ENDS: [SocketAddrV4; 2] = [
    SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 40000),
    SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 2), 6881),
];

const ENDS: [SocketAddrV4; 2] = [
    SocketAddrV4::new(Ipv4Addr::new(203, 0, 113, 1), 40000),
    SocketAddrV4::new(Ipv4Addr::new(198, 51, 100, 2), 6881),
];

/// The packets of a scenario, and what is known beforehand.
pub struct Played {
    pub capture: Vec<u8>,
    pub torrents: Torrents,
    pub keys: KeyLog,
}

/// Plays a scenario.
pub fn play(scenario: &Scenario) -> Played {
    let mut stage = Stage {
        capture: Capture::new(),
        talk: None,
        torrents: Torrents::default(),
        keys: KeyLog::default(),
        layer: Vec::new(),
        aside: None,
        port: ENDS[1].port(),
        ends: ENDS,
        info_hash: INFO_HASH,
        connections: 0,
        latest: Vec::new(),
    };
    for step in &scenario.steps {
        stage
            .step(step)
            .unwrap_or_else(|why| panic!("{}: {step}: {why}", scenario.place));
    }
    Played {
        capture: stage.capture.into_bytes(),
        torrents: stage.torrents,
        keys: stage.keys,
    }
}

struct Stage {
    capture: Capture,
    talk: Option<Talk>,
    torrents: Torrents,
    keys: KeyLog,
    /// The piece layer of the v2 torrent.
    layer: Vec<Hash256>,
    /// A connection that goes on later.
    aside: Option<Talk>,
    /// Where the next connections go.
    port: u16,
    ends: [SocketAddrV4; 2],
    info_hash: [u8; 20],
    /// Connections so far.
    connections: u16,
    /// What was said last.
    latest: Vec<u8>,
}

impl Stage {
    fn step(&mut self, step: &str) -> Result<(), String> {
        let raw: Vec<u8> = self.info_hash.to_vec();
        let with = |before: &str| {
            let digits = raw.iter().map(|byte| format!("{before}{byte:02x}"));
            digits.collect::<String>()
        };
        let step = step.replace("{hash}", &with("%"));
        let step = &step.replace("{raw}", &with("\\x"))[..];
        let (verb, rest) = step.split_once(' ').unwrap_or((step, ""));
        match verb {
            "torrent" => self.torrent(rest),
            "open" => self.open(rest),
            "wait" => {
                let seconds: f64 = rest.parse().map_err(|_| "seconds")?;
                let time = std::time::Duration::try_from_secs_f64(seconds);
                let micros = time.map_err(|_| "seconds")?.as_micros();
                self.capture
                    .wait(u64::try_from(micros).map_err(|_| "too long")?);
            }
            "start" => {
                let (side, bytes) = spoken(rest)?;
                let ends = self.next_ends();
                let mut talk = Talk::between(&mut self.capture, ends);
                talk.say(&mut self.capture, side, &bytes, 1400);
                self.talk = Some(talk);
            }
            "noise" => {
                let (name, count) = rest.split_once(' ').ok_or("how many bytes?")?;
                let bytes = noise(count.parse().map_err(|_| "a number")?, 7);
                let ends = self.next_ends();
                let mut talk = Talk::between(&mut self.capture, ends);
                talk.say(&mut self.capture, side(name)?, &bytes, 1400);
                self.talk = Some(talk);
            }
            "noisy" => {
                let (name, count) = rest.split_once(' ').ok_or("how many bytes?")?;
                let bytes = noise(count.parse().map_err(|_| "a number")?, count.len() as u64);
                let Self { capture, talk, .. } = self;
                let talk = talk.as_mut().ok_or("not open")?;
                talk.say(capture, side(name)?, &bytes, 1400);
            }
            "leave" => self.aside = self.talk.take(),
            "return" => self.talk = self.aside.take(),
            "elsewhere" => self.port = rest.parse().map_err(|_| "a port")?,
            "moves" => self.ends[1].set_port(rest.parse().map_err(|_| "a port")?),
            "mse" => self.negotiate(rest)?,
            "tree" => self.tree()?,
            "hashes" | "lies" => {
                let (from, count) = rest.split_once(' ').ok_or("from where, how many?")?;
                let from = from.parse().map_err(|_| "a number")?;
                let count = count.parse().map_err(|_| "a number")?;
                self.prove(from, count, verb == "lies")?;
            }
            "metadata" => self.metadata(rest)?,
            "dial" | "late" => {
                let ends = self.next_ends();
                self.talk = Some(match verb {
                    "late" => Talk::late(ends),
                    _ => Talk::dial(&mut self.capture, ends),
                });
            }
            "ack" | "reset" | "close" => self.signal(verb, side(rest)?)?,
            "deaf" | "hears" => {
                let side = side(rest)?;
                self.talk()?.set_deaf(side, verb == "deaf");
            }
            "resend" | "probe" | "window" | "bounce" => self.transport(verb, rest)?,
            "unreachable" => {
                let Self { capture, talk, .. } = self;
                talk.as_ref().ok_or("not open")?.unreachable(capture);
            }
            "private" => self.ends = PRIVATE_ENDS,
            "udp" | "refused" => self.datagram(rest, verb == "refused")?,
            "lose" => {
                let (side, bytes) = spoken(rest)?;
                self.talk()?.lose(side, bytes.len());
            }
            "raw" | "A" | "B" | "again" => {
                let words = if verb.len() == 1 { step } else { rest };
                let (side, bytes) = spoken(words)?;
                let Self { capture, talk, .. } = self;
                let talk = talk.as_mut().ok_or("not open")?;
                match verb {
                    "again" => talk.say_again(capture, side, &bytes),
                    _ => talk.say(capture, side, &bytes, 1400),
                }
                self.latest = bytes;
            }
            _ => return Err("no such step".to_owned()),
        }
        Ok(())
    }

    /// A datagram, or the word of the other's host that it did not arrive.
    fn datagram(&mut self, words: &str, is_refused: bool) -> Result<(), String> {
        let (side, bytes) = spoken(words)?;
        let [src, dst] = [self.ends[side], self.ends[1 - side]];
        if is_refused {
            self.capture.refuse(src, dst, &bytes);
        } else {
            self.capture.datagram(src, dst, &bytes);
        }
        Ok(())
    }

    /// A segment of a side without data.
    fn signal(&mut self, verb: &str, side: usize) -> Result<(), String> {
        let Self { capture, talk, .. } = self;
        let talk = talk.as_mut().ok_or("not open")?;
        match verb {
            "ack" => talk.acknowledge(capture, side),
            "close" => talk.close(capture, side),
            _ => talk.reset(capture, side),
        }
        Ok(())
    }

    /// What happens below the messages.
    fn transport(&mut self, verb: &str, rest: &str) -> Result<(), String> {
        let (name, rest) = rest.split_once(' ').ok_or("of which side, what?")?;
        let side = side(name)?;
        let Self {
            capture,
            talk,
            latest,
            ..
        } = self;
        let talk = talk.as_mut().ok_or("not open")?;
        let number = || rest.parse::<u16>().map_err(|_| "a number");
        match verb {
            "window" => talk.set_window(capture, side, number()?),
            "probe" => {
                for _ in 0..number()? {
                    capture.wait(10_000_000);
                    talk.probe(capture, side);
                }
            }
            "bounce" => {
                let (router, says) = rest.split_once(' ').ok_or("says what?")?;
                let says = hex::decode(says).ok().and_then(|says| says.try_into().ok());
                let router = router.parse().map_err(|_| "an address")?;
                let bytes = latest.len() as u32;
                talk.bounce(capture, (side, bytes), says.ok_or("eight bytes")?, router);
            }
            _ => {
                for turn in 0..number()? {
                    capture.wait(200_000 << turn);
                    talk.say_again(capture, side, latest);
                }
            }
        }
        Ok(())
    }

    /// A data message of ut_metadata (id 3), with so many bytes of it.
    fn metadata(&mut self, words: &str) -> Result<(), String> {
        let (name, count) = words.split_once(' ').ok_or("how many bytes?")?;
        let count: usize = count.parse().map_err(|_| "a number")?;
        let mut payload = b"d8:msg_typei1e5:piecei0e10:total_sizei20000ee".to_vec();
        payload.resize(payload.len() + count, 1);
        let Self { capture, talk, .. } = self;
        let talk = talk.as_mut().ok_or("not open")?;
        talk.say(capture, side(name)?, &extended(3, &payload), 1400);
        Ok(())
    }

    /// The ends of the next connection: each has a port of its own.
    fn next_ends(&mut self) -> [SocketAddrV4; 2] {
        let [from, to] = self.ends;
        let port = from.port() + self.connections;
        self.connections += 1;
        let from = SocketAddrV4::new(*from.ip(), port);
        [from, SocketAddrV4::new(*to.ip(), self.port)]
    }

    fn talk(&mut self) -> Result<&mut Talk, String> {
        self.talk.as_mut().ok_or_else(|| "not open".to_owned())
    }

    /// Both handshakes.
    fn open(&mut self, bits: &str) {
        let mut reserved = [0; 8];
        for bit in bits.split_whitespace() {
            let flag = FLAGS
                .iter()
                .find(|flag| flag.name == bit)
                .expect("a known bit");
            reserved[flag.byte] |= flag.mask;
        }
        let ends = self.next_ends();
        let mut talk = Talk::between(&mut self.capture, ends);
        for (side, peer_id) in [*b"-AA1000-abcdefghijkl", *b"-BB2000-abcdefghijkl"]
            .into_iter()
            .enumerate()
        {
            let handshake = Handshake {
                reserved: Reserved(reserved),
                info_hash: self.info_hash,
                peer_id,
            };
            let mut bytes = Vec::new();
            encode(&Message::Handshake(handshake), &[], &mut bytes);
            talk.say(&mut self.capture, side, &bytes, 1400);
        }
        self.talk = Some(talk);
    }

    /// A negotiation of MSE whose keys are known, and the handshakes in RC4.
    fn negotiate(&mut self, words: &str) -> Result<(), String> {
        let (select, rest) = words.split_once(' ').unwrap_or((words, ""));
        let select: u32 = select.parse().map_err(|_| "which method?")?;
        let rest: Vec<&str> = rest.split_whitespace().collect();
        let has = |word: &str| rest.contains(&word);
        let number = |name: &str| {
            let mut given = rest
                .iter()
                .filter_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            given
                .next()
                .map(|number| number.parse::<usize>().expect("a number"))
        };
        let pad = |name: &str| vec![0xa5; number(name).unwrap_or(0)];
        let vc = |name: &str| if has(name) { [1; 8] } else { VC };
        let public: [u8; PUBLIC_KEY] = noise(PUBLIC_KEY, 3).try_into().expect("as many");
        let secret: [u8; PUBLIC_KEY] = noise(PUBLIC_KEY, 5).try_into().expect("as many");
        let skey = self.info_hash;
        let key = KeyLine {
            public_key: public,
            secret,
            skey,
        };
        let added = self.keys.add_line(&key.to_string());
        added.map_err(|_| "a line of a key log".to_owned())?;
        let keys = Keys::new(&secret, &skey);
        let (mut a, mut b) = (keys.cipher_a(), keys.cipher_b());
        let provide = number("provide").unwrap_or(3) as u32;
        let length = |pad: &[u8]| (pad.len() as u16).to_be_bytes();
        let (pad_c, pad_d) = (pad("padC"), pad("padD"));
        let mut offer = [
            &vc("vcA")[..],
            &provide.to_be_bytes(),
            &length(&pad_c),
            &pad_c,
            &[0; 2],
        ]
        .concat();
        a.apply(&mut offer);
        let mut choice = [
            &vc("vcB")[..],
            &select.to_be_bytes(),
            &length(&pad_d),
            &pad_d,
        ]
        .concat();
        b.apply(&mut choice);
        let mut hashes = [req1(&secret), torrent(&secret, &skey)].concat();
        hashes[0] ^= u8::from(has("req1"));
        let ends = self.next_ends();
        let mut talk = Talk::between(&mut self.capture, ends);
        let keys = [
            [public.to_vec(), pad("padA")].concat(),
            [noise(PUBLIC_KEY, 9), pad("padB")].concat(),
        ];
        for (side, key) in keys.iter().enumerate() {
            talk.say(&mut self.capture, side, key, 1400);
        }
        talk.say(&mut self.capture, 0, &[hashes, offer].concat(), 1400);
        if !has("mute") {
            talk.say(&mut self.capture, 1, &choice, 1400);
        }
        let handshakes = [&mut a, &mut b].into_iter().enumerate();
        for (side, cipher) in handshakes.filter(|_| !has("stop")) {
            let mut bytes = handshake(skey);
            cipher.apply(&mut bytes);
            talk.say(&mut self.capture, side, &bytes, 1400);
        }
        self.talk = Some(talk);
        Ok(())
    }

    /// A v2 torrent whose file has four pieces of two blocks each.
    fn tree(&mut self) -> Result<(), String> {
        self.layer = (1..=4).map(|piece| [piece; 32]).collect();
        let root = layer_root(&self.layer, 32768);
        let info = [
            b"d9:file treed1:xd0:d6:lengthi131072e11:pieces root32:",
            &root[..],
            b"eee12:meta versioni2e4:name1:x12:piece lengthi32768ee",
        ];
        let info = Info::parse(&info.concat()).map_err(|error| error.to_string())?;
        self.info_hash = info.info_hashes().next().ok_or("no hash")?;
        self.torrents.add(info);
        Ok(())
    }

    /// Hashes of the piece layer, with their proof; a wrong one among them if `lies`.
    fn prove(&mut self, from: u32, count: u32, lies: bool) -> Result<(), String> {
        let root = layer_root(&self.layer, 32768);
        let all = from as usize..(from + count) as usize;
        let mut hashes = self.layer.get(all).ok_or("there are four")?.concat();
        if count == 2 {
            let other = if from == 0 {
                &self.layer[2..]
            } else {
                &self.layer[..2]
            };
            hashes.extend(parent(&other[0], &other[1]));
        }
        if lies {
            hashes[0] ^= 1;
        }
        let range = HashRange {
            pieces_root: root,
            base_layer: 1,
            index: from,
            length: count,
            proof_layers: 1,
        };
        let mut bytes = Vec::new();
        let hashes = Hashes {
            range,
            hashes: &hashes,
        };
        encode(&Message::Hashes(hashes), &[], &mut bytes);
        let Self { capture, talk, .. } = self;
        talk.as_mut()
            .ok_or("not open")?
            .say(capture, 1, &bytes, 1400);
        Ok(())
    }

    /// A torrent that is known from the start.
    fn torrent(&mut self, words: &str) {
        let value = |key: &str| {
            let mut words = words.split_whitespace();
            let found = words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
            found.map(|number| number.parse::<usize>().expect("a number"))
        };
        let pieces = value("pieces").expect("pieces");
        let length = value("length").unwrap_or(32768);
        let private = if words.contains("private") {
            "7:privatei1e"
        } else {
            ""
        };
        let mut info = format!(
            "d6:lengthi{}e4:name1:x12:piece lengthi{length}e6:pieces{}:",
            pieces * length,
            pieces * 20
        )
        .into_bytes();
        info.resize(info.len() + pieces * 20, b'x');
        info.extend(private.bytes());
        info.push(b'e');
        let info = Info::parse(&info).expect("an info dictionary");
        self.info_hash = info.v1_hash().expect("a v1 torrent");
        self.torrents.add(info);
    }
}

fn side(name: &str) -> Result<usize, String> {
    match name {
        "A" => Ok(0),
        "B" => Ok(1),
        _ => Err(format!("{name}: A or B")),
    }
}

/// `A words`: who says it, and the bytes.
fn spoken(text: &str) -> Result<(usize, Vec<u8>), String> {
    let (name, words) = text.split_once(' ').ok_or("what is said?")?;
    let side = side(name)?;
    let digits: String = words.split_whitespace().collect();
    if let Ok(bytes) = hex::decode(&digits) {
        return Ok((side, bytes));
    }
    let ids = |_: &_| None;
    let encoded = notation::encode(words, &ids).map_err(|error| error.to_string())?;
    Ok((side, encoded.bytes))
}
