//! The state of a connection, and its clock.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::torrent::PieceSet;
use crate::wire::extension::{ExtendedHandshake, Extension, ExtensionMap, ExtensionName};
use crate::wire::peer::{Block, Handshake, Reserved};

use super::chatter::Chatter;
use super::inbox::Inbox;
use super::requests::Outstanding;
use super::{Close, Time};

/// How long the other side may take for its handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);

/// A connection without a byte for this long is dead: everybody sends a
/// keep-alive every two minutes (BEP 3).
const SILENCE_TIMEOUT: Duration = Duration::from_mins(3);

/// After this long without a word a keep-alive is due.
const KEEP_ALIVE: Duration = Duration::from_secs(100);

/// Requests that a peer takes if it does not say (BEP 10).
const DEFAULT_REQQ: usize = 250;

/// The most that are sent to one that says it takes more.
pub const MAX_REQQ: usize = 2000;

/// A client's name is cut to this.
const MAX_CLIENT_NAME_BYTES: usize = 64;

/// Who dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// We did.
    Initiator,
    /// The peer did.
    Acceptor,
}

/// Who we are, in one torrent.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Our peer id.
    pub peer_id: [u8; 20],
    /// The torrent's hashes as handshakes carry them; the first is the one that
    /// we send: the v1 hash of a hybrid torrent (BEP 52).
    pub info_hashes: Vec<[u8; 20]>,
    /// Whether it is a hybrid torrent, known by both hashes.
    pub hybrid: bool,
    /// TCP port that we listen on.
    pub port: Option<u16>,
}

impl Identity {
    fn reserved(&self) -> Reserved {
        let hybrid = if self.hybrid { 0x10 } else { 0 };
        Reserved([0, 0, 0, 0, 0, 0x10, 0, 0x04 | hybrid])
    }

    pub(super) fn handshake(&self, info_hash: [u8; 20]) -> Handshake {
        Handshake {
            reserved: self.reserved(),
            info_hash,
            peer_id: self.peer_id,
        }
    }
}

/// Where one side stands towards the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stance {
    pub choking: bool,
    pub interested: bool,
}

impl Stance {
    /// Both sides begin so (BEP 3).
    const BEGIN: Self = Self {
        choking: true,
        interested: false,
    };
}

/// What a peer says of itself in the extended handshake (BEP 10). What a later
/// one leaves out holds on.
#[derive(Debug, Default)]
pub(super) struct Account {
    client: Option<String>,
    metadata_size: Option<u64>,
    reqq: Option<usize>,
    /// Whether its extended handshake has come.
    has_introduced: bool,
}

impl Account {
    pub(super) fn update(&mut self, handshake: &ExtendedHandshake<'_>) {
        self.has_introduced = true;
        if let Some(reqq) = handshake.reqq {
            let reqq = usize::try_from(reqq).ok().filter(|reqq| *reqq > 0);
            self.reqq = reqq.map(|reqq| reqq.min(MAX_REQQ));
        }
        if let Some(v) = handshake.v {
            let v = String::from_utf8_lossy(&v[..v.len().min(MAX_CLIENT_NAME_BYTES)]);
            self.client = Some(v.into_owned());
        }
        if let Some(size) = handshake.metadata_size {
            self.metadata_size = u64::try_from(size).ok().filter(|size| *size > 0);
        }
    }
}

/// What the peer has told of its pieces before their number was known.
#[derive(Debug, Default)]
pub(super) struct Early {
    pub bitfield: Option<Vec<u8>>,
    pub all: bool,
    pub have: Vec<u32>,
}

/// One connection to a peer.
#[derive(Debug)]
pub struct Connection {
    pub(super) role: Role,
    pub(super) identity: Identity,
    pub(super) inbox: Inbox,
    pub(super) out: Vec<u8>,
    /// Bytes of `out` that are sent.
    pub(super) sent: usize,
    /// The handshake of the peer.
    pub(super) theirs: Option<Handshake>,
    pub(super) sent_handshake: bool,
    /// Whether both sides speak the Fast extension (BEP 6).
    pub(super) fast: bool,
    /// Ids for messages to the peer.
    pub(super) extensions: ExtensionMap,
    /// Ids for messages to us.
    pub(super) own_extensions: ExtensionMap,
    /// What the peer has said of itself.
    pub(super) account: Account,
    pub(super) us: Stance,
    pub(super) them: Stance,
    pub(super) piece_count: Option<u32>,
    pub(super) early: Early,
    pub(super) pieces: PieceSet,
    pub(super) allowed_fast: Vec<u32>,
    pub(super) outstanding: Outstanding,
    /// The block whose data is coming, and how much of it has come; `None` for
    /// data that nobody wants.
    pub(super) incoming: Option<(Block, u32)>,
    /// Blocks that the peer has asked for.
    pub(super) asked: VecDeque<Block>,
    /// Bytes of data that came without a request.
    pub(super) unsolicited: u64,
    /// Requests, rejects and the like that make no sense.
    pub(super) nonsense: u32,
    pub(super) chatter: Chatter,
    began: Time,
    last_received: Time,
    pub(super) last_sent: Time,
    pub(super) now: Time,
}

impl Connection {
    /// A connection that has just been made.
    pub fn new(role: Role, identity: Identity, now: Time) -> Self {
        let mut own_extensions = ExtensionMap::new();
        own_extensions.update(&ExtendedHandshake {
            m: Self::own_ids(),
            ..ExtendedHandshake::default()
        });
        let mut connection = Self {
            role,
            identity,
            inbox: Inbox::new(),
            out: Vec::new(),
            sent: 0,
            theirs: None,
            sent_handshake: false,
            fast: false,
            extensions: ExtensionMap::new(),
            own_extensions,
            account: Account::default(),
            us: Stance::BEGIN,
            them: Stance::BEGIN,
            piece_count: None,
            early: Early::default(),
            pieces: PieceSet::default(),
            allowed_fast: Vec::new(),
            outstanding: Outstanding::default(),
            incoming: None,
            asked: VecDeque::new(),
            unsolicited: 0,
            nonsense: 0,
            chatter: Chatter::new(now),
            began: now,
            last_received: now,
            last_sent: now,
            now,
        };
        if role == Role::Initiator {
            connection.send_handshake(connection.identity.info_hashes[0]);
        }
        connection
    }

    /// The ids that we want on extended messages to us.
    pub(super) fn own_ids() -> Vec<(&'static [u8], i64)> {
        vec![(b"lt_donthave", 7), (b"ut_metadata", 2)]
    }

    /// Its handshake, once it has come.
    pub fn handshake(&self) -> Option<&Handshake> {
        self.theirs.as_ref()
    }

    /// What it calls itself in the extended handshake.
    pub fn client(&self) -> Option<&str> {
        self.account.client.as_deref()
    }

    /// Bytes that it holds of what the peer has begun to say, or said too early.
    pub fn held(&self) -> usize {
        let bitfield = self.early.bitfield.as_ref().map_or(0, Vec::capacity);
        self.inbox.held() + bitfield + self.early.have.capacity() * size_of::<u32>()
    }

    /// Who dialled.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Bytes of the info dictionary that it offers (BEP 9).
    pub fn metadata_size(&self) -> Option<u64> {
        self.extensions
            .id(&ExtensionName::from(Extension::UtMetadata))
            .and(self.account.metadata_size)
    }

    /// Why it cannot give the info dictionary, as far as it has said.
    pub fn metadata_obstacle(&self) -> Option<&'static str> {
        let handshake = self.theirs.as_ref()?;
        let name = ExtensionName::from(Extension::UtMetadata);
        if !handshake.reserved.extension() {
            Some("it does not speak the extension protocol (BEP 10)")
        } else if self.account.has_introduced && self.extensions.id(&name).is_none() {
            Some("it does not offer ut_metadata (BEP 9)")
        } else {
            None
        }
    }

    /// The pieces that it has. None before their number is known.
    pub fn pieces(&self) -> &PieceSet {
        &self.pieces
    }

    /// Whether it has all pieces.
    pub fn has_everything(&self) -> bool {
        self.pieces.pieces() > 0 && self.pieces.is_all()
    }

    /// Whether it has what we lack.
    pub fn is_interested(&self) -> bool {
        self.us.interested
    }

    /// Whether it chokes us.
    pub fn is_choked(&self) -> bool {
        self.them.choking
    }

    /// Whether we choke it.
    pub fn is_choking(&self) -> bool {
        self.us.choking
    }

    /// Whether it wants pieces of ours.
    pub fn peer_is_interested(&self) -> bool {
        self.them.interested
    }

    /// Whether a request for `piece` may be sent now.
    pub fn may_request(&self, piece: u32) -> bool {
        !self.them.choking || self.allowed_fast.contains(&piece)
    }

    /// The pieces that may be asked for while it chokes us (BEP 6).
    pub fn allowed_fast(&self) -> &[u32] {
        &self.allowed_fast
    }

    /// Requests of ours without an answer.
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Those requests, in the order in which they were sent.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = Block> + '_ {
        self.outstanding.iter()
    }

    /// The most requests that it takes at once.
    pub fn reqq(&self) -> usize {
        self.account.reqq.unwrap_or(DEFAULT_REQQ)
    }

    /// The number of pieces is known: `piece_count`. What the peer said of its
    /// pieces before is read now.
    pub fn learn_pieces(&mut self, piece_count: u32) -> Result<(), Close> {
        self.piece_count = Some(piece_count);
        let early = std::mem::take(&mut self.early);
        self.pieces = if early.all {
            PieceSet::all(piece_count)
        } else {
            match early.bitfield {
                Some(bits) => Self::read_bitfield(&bits, piece_count)?,
                None => PieceSet::none(piece_count),
            }
        };
        for piece in early.have {
            if piece >= piece_count {
                return Err(Close::Malformed("have of a piece that does not exist"));
            }
            self.pieces.insert(piece);
        }
        Ok(())
    }

    pub(super) fn read_bitfield(bits: &[u8], pieces: u32) -> Result<PieceSet, Close> {
        PieceSet::from_bitfield(bits, pieces)
            .ok_or(Close::Malformed("a bitfield of the wrong length"))
    }

    /// Takes the time in. It must not run backwards.
    pub(super) fn note_received(&mut self, now: Time) {
        self.now = now;
        self.last_received = now;
    }

    /// The time of the last bytes or tick.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Lets the clock go on.
    pub fn set_now(&mut self, now: Time) {
        self.now = now;
    }

    /// When [`Connection::tick`] has something to do.
    pub fn deadline(&self) -> Time {
        if self.theirs.is_none() {
            return self.began + HANDSHAKE_TIMEOUT;
        }
        (self.last_received + SILENCE_TIMEOUT).min(self.last_sent + KEEP_ALIVE)
    }

    /// Lets time pass: sends a keep-alive when one is due, ends a connection
    /// that is dead.
    pub fn tick(&mut self, now: Time) -> Result<(), Close> {
        self.now = now;
        if self.theirs.is_none() {
            return if now >= self.began + HANDSHAKE_TIMEOUT {
                Err(Close::NoHandshake(HANDSHAKE_TIMEOUT))
            } else {
                Ok(())
            };
        }
        if now >= self.last_received + SILENCE_TIMEOUT {
            return Err(Close::Silent(SILENCE_TIMEOUT));
        }
        if now >= self.last_sent + KEEP_ALIVE {
            self.send_keep_alive();
        }
        Ok(())
    }

    /// The extended handshake that opens our side.
    pub(super) fn own_extended<'a>(
        &self,
        version: &'a str,
        metadata_size: Option<u64>,
        yourip: Option<IpAddr>,
    ) -> ExtendedHandshake<'a> {
        ExtendedHandshake {
            m: Self::own_ids(),
            p: self.identity.port.map(i64::from),
            v: Some(version.as_bytes()),
            yourip,
            reqq: i64::try_from(super::LOCAL_REQQ).ok(),
            metadata_size: metadata_size.and_then(|size| i64::try_from(size).ok()),
            ..ExtendedHandshake::default()
        }
    }
}
