//! What the peer says.

use crate::torrent::PieceSet;
use crate::wire::Problem;
use crate::wire::extension::{
    Body, Extended, ExtendedHandshake, LtDonthave, MetadataType, UtMetadata,
};
use crate::wire::peer::{Block, Context, Framing, Handshake, Message, dissect};

use super::inbox::Part;
use super::outgoing::LOCAL_REQQ;
use super::{Close, Connection, Event, Role, Time};

/// Data without a request that is put up with, in bytes: what was under way
/// when a request was taken back or a choke crossed it.
const MAX_UNSOLICITED_BYTES: u64 = 16 << 20;

/// Messages without sense that are put up with.
const MAX_NONSENSE_MESSAGES: u32 = 10_000;

/// Pieces that a peer may tell of before their number is known.
const MAX_EARLY_HAVES: usize = 1 << 18;

/// Allowed-fast pieces that are remembered (clients send 5 to 10).
const MAX_ALLOWED_FAST: usize = 64;

impl Connection {
    /// Reads on in `input`, which is advanced, up to the next event; `None` when
    /// it is used up. An error ends the connection.
    pub fn next<'i>(
        &mut self,
        input: &mut &'i [u8],
        now: Time,
    ) -> Result<Option<Event<'i>>, Close> {
        self.note_received(now);
        let Some(part) = self.inbox.next(input)? else {
            return Ok(None);
        };
        match part {
            Part::Handshake(bytes) => self.take_handshake(&bytes),
            Part::Message(bytes) => self.take_message(&bytes),
            Part::Data(bytes) => Ok(self.take_data(bytes)),
        }
        .map(Some)
    }

    /// The block whose data comes next and how much of it has come, so that the
    /// bytes can be received where they belong, and not copied:
    /// [`Connection::data_received`].
    pub fn receiving(&self) -> Option<(Block, u32)> {
        self.incoming
    }

    /// Counts data of [`Connection::receiving`] that its owner has put in place
    /// by itself. Says whether the block is whole.
    pub fn data_received(&mut self, bytes: usize, now: Time) -> Option<Block> {
        self.note_received(now);
        self.inbox.skip_data(bytes);
        self.count_data(bytes)
    }

    fn count_data(&mut self, bytes: usize) -> Option<Block> {
        let (block, done) = self.incoming.as_mut()?;
        *done += bytes as u32;
        if *done < block.length {
            return None;
        }
        let block = *block;
        self.incoming = None;
        Some(block)
    }

    fn take_data<'i>(&mut self, bytes: &'i [u8]) -> Event<'i> {
        let Some((block, offset)) = self.incoming else {
            return Event::Nothing;
        };
        let whole = self.count_data(bytes.len()).is_some();
        Event::Data {
            block,
            offset,
            bytes,
            whole,
        }
    }

    fn take_handshake<'i>(&mut self, bytes: &[u8]) -> Result<Event<'i>, Close> {
        let context = Context {
            framing: Framing::Handshake,
            ..Context::default()
        };
        let Message::Handshake(theirs) = dissect(bytes, bytes.len(), &context, &mut ()).message
        else {
            return Err(Close::Malformed("it does not begin with a handshake"));
        };
        self.check_handshake(&theirs)?;
        if !self.sent_handshake {
            // A hybrid torrent is answered with the hash that was asked for.
            self.send_handshake(theirs.info_hash);
        }
        self.fast = theirs.reserved.fast();
        self.theirs = Some(theirs);
        Ok(Event::Handshake)
    }

    fn check_handshake(&self, theirs: &Handshake) -> Result<(), Close> {
        if !self.identity.info_hashes.contains(&theirs.info_hash) {
            return Err(Close::OtherTorrent);
        }
        if self.role == Role::Initiator
            && !self.identity.hybrid
            && theirs.info_hash != self.identity.info_hashes[0]
        {
            return Err(Close::OtherTorrent);
        }
        if theirs.peer_id == self.identity.peer_id {
            return Err(Close::Ourselves);
        }
        Ok(())
    }

    fn take_message<'i>(&mut self, bytes: &[u8]) -> Result<Event<'i>, Close> {
        let context = Context {
            framing: Framing::Messages,
            extensions: Some(&self.own_extensions),
            pieces: self.piece_count,
            ..Context::default()
        };
        let declared = bytes.len() + self.inbox.data_left();
        let dissected = dissect(bytes, declared, &context, &mut ());
        let extended = matches!(dissected.message, Message::Extended(_));
        if let Some(Problem::Malformed(malformed)) = dissected.problem
            && !extended
        {
            return Err(Close::Malformed(malformed.reason()));
        }
        self.take(&dissected.message)
    }

    fn take<'i>(&mut self, message: &Message<'_>) -> Result<Event<'i>, Close> {
        if message_is_fast(message) && !self.fast {
            return Err(Close::Malformed("a Fast message without the extension"));
        }
        let pieces = self.piece_count.unwrap_or_default();
        let is_answer =
            matches!(message, Message::RejectRequest(block) if self.outstanding.contains(*block));
        if !is_answer {
            self.chatter.note(message, pieces, self.now)?;
        }
        Ok(match message {
            Message::Choke => Event::Choke(self.take_choke()),
            Message::Unchoke => {
                self.them.choking = false;
                Event::Unchoke
            }
            Message::Interested => {
                self.them.interested = true;
                Event::Interested
            }
            Message::NotInterested => {
                self.them.interested = false;
                Event::NotInterested
            }
            Message::Have(piece) => self.take_have(*piece)?,
            Message::Bitfield(bitfield) => self.take_bitfield(bitfield.bits)?,
            Message::HaveAll => self.take_all(true),
            Message::HaveNone => self.take_all(false),
            Message::Request(block) => self.take_request(*block)?,
            Message::Piece(block) => self.take_piece(*block)?,
            Message::Cancel(block) => self.take_cancel(*block),
            Message::RejectRequest(block) => self.take_reject(*block)?,
            Message::AllowedFast(piece) => self.take_allowed_fast(*piece),
            Message::Extended(extended) => self.take_extended(extended),
            Message::HashRequest(range) => Event::HashRequest(*range),
            Message::Hashes(hashes) => Event::Hashes(hashes.range, hashes.hashes.to_vec()),
            Message::HashReject(range) => Event::HashReject(*range),
            // Suggestions, DHT ports and unknown messages ask for nothing.
            _ => Event::Nothing,
        })
    }

    fn take_choke(&mut self) -> Vec<Block> {
        self.them.choking = true;
        if self.fast {
            // Each request gets a reject of its own (BEP 6).
            Vec::new()
        } else {
            self.outstanding.drain()
        }
    }

    fn take_have<'i>(&mut self, piece: u32) -> Result<Event<'i>, Close> {
        let Some(pieces) = self.piece_count else {
            if self.early.have.len() >= MAX_EARLY_HAVES {
                return Err(Close::Flood);
            }
            self.early.have.push(piece);
            return Ok(Event::Nothing);
        };
        if piece >= pieces {
            return Err(Close::Malformed("have of a piece that does not exist"));
        }
        if self.pieces.insert(piece) {
            return Ok(Event::Have(piece));
        }
        self.chatter.spend(1, self.now)?;
        Ok(Event::Nothing)
    }

    fn take_bitfield<'i>(&mut self, bits: &[u8]) -> Result<Event<'i>, Close> {
        let Some(pieces) = self.piece_count else {
            self.early.bitfield = Some(bits.to_vec());
            return Ok(Event::Nothing);
        };
        let set = Self::read_bitfield(bits, pieces)?;
        Ok(Event::Pieces(std::mem::replace(&mut self.pieces, set)))
    }

    fn take_all<'i>(&mut self, all: bool) -> Event<'i> {
        let Some(pieces) = self.piece_count else {
            self.early.all = all;
            return Event::Nothing;
        };
        let set = if all {
            PieceSet::all(pieces)
        } else {
            PieceSet::none(pieces)
        };
        Event::Pieces(std::mem::replace(&mut self.pieces, set))
    }

    fn take_request<'i>(&mut self, block: Block) -> Result<Event<'i>, Close> {
        // Those who ask again while choked must get a reject each time (BEP 6);
        // without the Fast extension silence is the answer.
        if self.us.choking || self.asked.len() >= LOCAL_REQQ {
            self.reject(block);
            self.count_nonsense()?;
            return Ok(Event::Nothing);
        }
        if self.asked.contains(&block) {
            self.reject_duplicate(block)?;
            return Ok(Event::Nothing);
        }
        self.asked.push_back(block);
        Ok(Event::Request(block))
    }

    fn reject_duplicate(&mut self, block: Block) -> Result<(), Close> {
        self.reject(block);
        self.count_nonsense()
    }

    /// Refuses the request that came last: it makes no sense. Only so many are
    /// put up with.
    pub fn refuse_nonsense(&mut self, block: Block) -> Result<(), Close> {
        self.asked.pop_back();
        self.reject(block);
        self.count_nonsense()
    }

    fn count_nonsense(&mut self) -> Result<(), Close> {
        self.nonsense += 1;
        // What piles up because the peer does not read is a flood too.
        if self.nonsense > MAX_NONSENSE_MESSAGES || self.is_backlogged() {
            return Err(Close::Flood);
        }
        Ok(())
    }

    fn take_piece<'i>(&mut self, block: Block) -> Result<Event<'i>, Close> {
        if self.outstanding.take(block) {
            self.incoming = Some((block, 0));
            return Ok(Event::Nothing);
        }
        self.incoming = None;
        self.unsolicited += u64::from(block.length) + 1;
        if self.unsolicited > MAX_UNSOLICITED_BYTES {
            return Err(Close::Unsolicited);
        }
        Ok(Event::Nothing)
    }

    fn take_cancel<'i>(&mut self, block: Block) -> Event<'i> {
        if let Some(at) = self.asked.iter().position(|asked| *asked == block) {
            self.asked.remove(at);
            self.reject(block);
        }
        Event::Nothing
    }

    fn take_reject<'i>(&mut self, block: Block) -> Result<Event<'i>, Close> {
        if self.outstanding.take(block) {
            return Ok(Event::Rejected(block));
        }
        self.count_nonsense()?;
        Ok(Event::Nothing)
    }

    fn take_allowed_fast<'i>(&mut self, piece: u32) -> Event<'i> {
        let known = self.piece_count.is_none_or(|pieces| piece < pieces);
        if known
            && self.allowed_fast.len() < MAX_ALLOWED_FAST
            && !self.allowed_fast.contains(&piece)
        {
            self.allowed_fast.push(piece);
        }
        Event::Nothing
    }

    fn take_extended<'i>(&mut self, extended: &Extended<'_>) -> Event<'i> {
        match &extended.body {
            Body::Handshake(handshake) => self.take_extended_handshake(handshake),
            Body::UtMetadata(message) => take_metadata(message),
            Body::LtDonthave(LtDonthave { piece }) if self.pieces.remove(*piece) => {
                Event::DontHave(*piece)
            }
            // Others were not announced by us: ignored, as most clients do.
            _ => Event::Nothing,
        }
    }

    fn take_extended_handshake<'i>(&mut self, handshake: &ExtendedHandshake<'_>) -> Event<'i> {
        self.extensions.update(handshake);
        self.account.update(handshake);
        Event::Extended
    }
}

fn message_is_fast(message: &Message<'_>) -> bool {
    matches!(
        message,
        Message::SuggestPiece(_)
            | Message::HaveAll
            | Message::HaveNone
            | Message::RejectRequest(_)
            | Message::AllowedFast(_)
    )
}

fn take_metadata<'i>(message: &UtMetadata<'_>) -> Event<'i> {
    let Some(piece) = message.piece.and_then(|piece| u32::try_from(piece).ok()) else {
        return Event::Nothing;
    };
    match message.msg_type {
        Some(MetadataType::REQUEST) => Event::MetadataRequest(piece),
        Some(MetadataType::REJECT) => Event::MetadataReject(piece),
        Some(MetadataType::DATA) => Event::MetadataData {
            piece,
            total: message
                .total_size
                .and_then(|total| u64::try_from(total).ok())
                .unwrap_or(0),
            bytes: message.data.to_vec(),
        },
        _ => Event::Nothing,
    }
}
