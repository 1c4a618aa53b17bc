//! What the peer says.

use super::connection::Connection;
use super::inbox::Part;
use super::peer_pieces::HaveKind;
use super::role::Role;
use super::{Close, Event, Time};
use crate::wire::Problem;
use crate::wire::extension::{Body, Extended, LtDonthave, MetadataType, UtMetadata};
use crate::wire::peer::{Block, Context, Framing, Handshake, Message, dissect};

impl Connection {
    /// Reads on in `input`, which is advanced, up to the next event; `None` when
    /// it is used up. An error ends the connection.
    pub fn next<'i>(
        &mut self,
        input: &mut &'i [u8],
        now: Time,
    ) -> Result<Option<Event<'i>>, Close> {
        self.clock.note_received(now);
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
        self.requests.receiving()
    }

    /// Counts data of [`Connection::receiving`] that the caller has put in place. Gives
    /// the block if it is complete.
    pub fn data_received(&mut self, bytes: usize, now: Time) -> Option<Block> {
        self.clock.note_received(now);
        self.inbox.skip_data(bytes);
        self.requests.receive(bytes)
    }

    fn take_data<'i>(&mut self, bytes: &'i [u8]) -> Event<'i> {
        let Some((block, offset)) = self.requests.receiving() else {
            return Event::Nothing;
        };
        let whole = self.requests.receive(bytes.len()).is_some();
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
        if self.role == Role::Acceptor {
            // A hybrid torrent is answered with the hash that the peer has sent.
            self.send_handshake(theirs.info_hash);
        }
        self.negotiation.take_handshake(theirs);
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
            extensions: Some(self.negotiation.own_extensions()),
            pieces: self.peer_pieces.count(),
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
        if message_is_fast(message) && !self.negotiation.is_fast() {
            return Err(Close::Malformed("a Fast message without the extension"));
        }
        let pieces = self.peer_pieces.count().unwrap_or_default();
        let is_answer =
            matches!(message, Message::RejectRequest(block) if self.requests.contains(*block));
        if !is_answer {
            let now = self.clock.now();
            self.misbehaviour.note_message(message, pieces, now)?;
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
            Message::Bitfield(bitfield) => {
                let before = self.peer_pieces.take_bitfield(bitfield.bits)?;
                before.map_or(Event::Nothing, Event::Pieces)
            }
            Message::HaveAll | Message::HaveNone => {
                let has_all = matches!(message, Message::HaveAll);
                let before = self.peer_pieces.take_all_or_none(has_all);
                before.map_or(Event::Nothing, Event::Pieces)
            }
            Message::Request(block) => self.take_request(*block)?,
            Message::Piece(block) => self.take_piece(*block)?,
            Message::Cancel(block) => self.take_cancel(*block),
            Message::RejectRequest(block) => self.take_reject(*block)?,
            Message::AllowedFast(piece) => {
                self.peer_pieces.allow_fast(*piece);
                Event::Nothing
            }
            Message::Extended(extended) => self.take_extended(extended),
            Message::HashRequest(range) => Event::HashRequest(*range),
            Message::Hashes(hashes) => Event::Hashes(hashes.range, hashes.hashes.to_vec()),
            Message::HashReject(range) => Event::HashReject(*range),
            // Suggestions, DHT ports and unknown messages want no answer.
            _ => Event::Nothing,
        })
    }

    fn take_choke(&mut self) -> Vec<Block> {
        self.them.choking = true;
        if self.negotiation.is_fast() {
            // Each request is rejected by a message of its own (BEP 6).
            Vec::new()
        } else {
            self.requests.drain()
        }
    }

    fn take_have<'i>(&mut self, piece: u32) -> Result<Event<'i>, Close> {
        match self.peer_pieces.take_have(piece)? {
            HaveKind::New => return Ok(Event::Have(piece)),
            HaveKind::Known => self.misbehaviour.note_known_have(self.clock.now())?,
            HaveKind::Early => {}
        }
        Ok(Event::Nothing)
    }

    fn take_request<'i>(&mut self, block: Block) -> Result<Event<'i>, Close> {
        // Requests while we choke the peer must be rejected, each of them (BEP 6);
        // without the Fast extension there is no answer.
        let is_invalid =
            self.us.choking || self.peer_requests.is_full() || self.peer_requests.contains(block);
        if is_invalid {
            self.reject_invalid(block)?;
            return Ok(Event::Nothing);
        }
        self.peer_requests.push(block);
        Ok(Event::Request(block))
    }

    /// Rejects the request that came last, because it is invalid. Only so many of them
    /// are tolerated.
    pub fn reject_last(&mut self, block: Block) -> Result<(), Close> {
        self.peer_requests.pop_last();
        self.reject_invalid(block)
    }

    fn reject_invalid(&mut self, block: Block) -> Result<(), Close> {
        self.reject(block);
        self.misbehaviour.note_invalid(self.is_backlogged())
    }

    fn take_piece<'i>(&mut self, block: Block) -> Result<Event<'i>, Close> {
        if !self.requests.begin_block(block) {
            self.misbehaviour.note_unsolicited(block)?;
        }
        Ok(Event::Nothing)
    }

    fn take_cancel<'i>(&mut self, block: Block) -> Event<'i> {
        if self.peer_requests.take(block) {
            self.reject(block);
        }
        Event::Nothing
    }

    fn take_reject<'i>(&mut self, block: Block) -> Result<Event<'i>, Close> {
        if self.requests.take(block) {
            return Ok(Event::Rejected(block));
        }
        self.misbehaviour.note_invalid(self.is_backlogged())?;
        Ok(Event::Nothing)
    }

    fn take_extended<'i>(&mut self, extended: &Extended<'_>) -> Event<'i> {
        match &extended.body {
            Body::Handshake(handshake) => {
                self.negotiation.take_extended_handshake(handshake);
                Event::Extended
            }
            Body::UtMetadata(message) => take_metadata(message),
            Body::LtDonthave(LtDonthave { piece }) if self.peer_pieces.remove(*piece) => {
                Event::DontHave(*piece)
            }
            // We have announced no others: they are ignored, as by most clients.
            _ => Event::Nothing,
        }
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
