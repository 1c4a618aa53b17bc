//! From the framer to the audience: each message is dissected, told, and taken
//! into the conversation.

use super::audience::Audience;
use super::connection::Connections;
use super::peering::Peering;
use super::{Bodies, BodyChunk};
use crate::flow::{Carrier, Connection, Side};
use crate::session::{
    Acked, Body, Conversation, Dissection, Frame, Framer, Frames, Heard, Torrents, Transition,
};
use crate::wire::extension::ExtendedId;
use crate::wire::peer::{self, AzmpStart, Framing, Message, azmp_start};
use crate::wire::{self, Dissected, Layout, Tree};

/// Takes the messages of one direction from its framer to the audience.
pub struct Listener<'s, 'o> {
    connection: &'s Connection,
    conversation: &'s mut Conversation,
    from: Side,
    framing: Framing,
    audience: &'s mut Audience<'o>,
    torrents: &'s mut Torrents,
    /// Where the fields go, if the observer asks for them.
    fields: &'s mut Tree,
}

/// Runs `step` on the framer of `from` with a listener, if that direction is in
/// step.
pub fn with_framer<R>(
    connection: &Connection,
    state: &mut Peering,
    shared: &mut Connections<'_>,
    from: Side,
    step: impl FnOnce(&mut Framer, &mut Listener<'_, '_>) -> R,
) -> Option<R> {
    let framer = state.readings[from.index()].framer()?;
    framer.reframe(state.conversation.framing());
    let mut listener = Listener {
        connection,
        conversation: &mut state.conversation,
        from,
        framing: framer.framing(),
        audience: &mut shared.audience,
        torrents: &mut shared.torrents,
        fields: &mut shared.fields,
    };
    Some(step(framer, &mut listener))
}

/// Whether a message is one of AZMP, though the handshakes do not say so: one of
/// them is not in the capture. Its length prefix is the same; what would be the
/// id is the highest byte of another length.
fn begins_azmp(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, _, _, 0, 0, ..]) && matches!(azmp_start(bytes), AzmpStart::Frame { .. })
}

impl Listener<'_, '_> {
    /// Whether anybody is to be told of a message.
    #[inline]
    fn is_wanted(&self, message: &Message<'_>) -> bool {
        let interest = &self.audience.interest;
        // What names peers is heard in any case.
        interest.wants(message.message_type(), self.connection.stream)
            || matches!(message, Message::Extended(_))
    }

    /// Tells of a message, before the conversation takes it in.
    fn tell(
        &mut self,
        frame: &Frame<'_>,
        dissected: &Dissected<wire::Message<'_>>,
        transition: Option<Transition>,
    ) {
        let fields = self.audience.interest.fields.then_some(&*self.fields);
        let layout = Layout::Peer(self.conversation.context(self.from, self.framing));
        let content = Dissection::new(dissected, layout).into();
        self.audience.message(&Heard {
            conversation: Some(self.conversation),
            transition,
            acked: self.acked(),
            fields,
            ..Heard::in_stream(self.connection, self.from, frame, content)
        });
    }

    /// What the sender is known to have had of the other side's stream.
    fn acked(&self) -> Acked {
        let other = self.from.other().index();
        Acked {
            bytes: self.connection.acked[other],
            at: self.connection.acked_at[other],
            is_ahead: self.connection.is_acked_ahead[other],
        }
    }

    /// The conversation takes a message in; says how the next one is framed.
    #[inline]
    fn take_in(&mut self, frame: &Frame<'_>, message: &Message<'_>) -> Framing {
        if frame.missing > 0 {
            self.conversation
                .miss(self.from, message, frame.length, frame.missing);
        }
        self.framing = match message {
            Message::Extended(extended) if extended.id == ExtendedId::HANDSHAKE => {
                self.take_in_ids(frame, message)
            }
            _ => self
                .conversation
                .hear(self.from, message, frame.last, self.torrents),
        };
        self.framing
    }

    /// The same of an extended handshake, which may change ids.
    #[cold]
    fn take_in_ids(&mut self, frame: &Frame<'_>, message: &Message<'_>) -> Framing {
        let before = self.conversation.speaker(self.from).extensions.clone();
        let framing = self
            .conversation
            .hear(self.from, message, frame.last, self.torrents);
        if let Some(before) = before {
            let end = frame.offset + frame.length;
            self.conversation.change_ids(self.from, before, end);
        }
        framing
    }
}

impl Frames for Listener<'_, '_> {
    fn frame(&mut self, frame: Frame<'_>) -> Framing {
        if self.framing == Framing::Messages && begins_azmp(frame.bytes) {
            self.conversation.heard_azmp();
            self.framing = Framing::Azmp;
        }
        let acked = (self.connection.carrier == Carrier::Tcp).then(|| self.acked());
        self.conversation
            .has_heard(self.from, acked, frame.last.time);
        let declared = usize::try_from(frame.length).unwrap_or(usize::MAX);
        let context = self.conversation.context(self.from, self.framing);
        let dissected = if self.audience.interest.fields {
            self.fields.clear();
            peer::dissect(frame.bytes, declared, &context, self.fields)
        } else {
            peer::dissect(frame.bytes, declared, &context, &mut ())
        };
        let message = &dissected.message;
        // A block whose sender stopped within it answers nothing.
        let is_cut = frame.unsent > 0 && matches!(message, Message::Piece(_));
        let transition = if is_cut {
            None
        } else {
            let end = frame.offset + frame.length;
            self.conversation
                .account(self.from, message, frame.last, end, self.acked())
        };
        self.audience.latest_told = self.audience.latest_told.max(frame.last.frame);
        // Of most messages nobody is told, and they need not be moved into the sum.
        if !self.is_wanted(message) {
            return self.take_in(&frame, message);
        }
        let dissected = dissected.map(wire::Message::Peer);
        self.tell(&frame, &dissected, transition);
        match &dissected.message {
            wire::Message::Peer(message) => self.take_in(&frame, message),
            _ => self.framing,
        }
    }

    fn body(&mut self, body: Body<'_>) {
        let declared = usize::try_from(body.length).unwrap_or(usize::MAX);
        let context = self.conversation.context(self.from, Framing::Messages);
        let header = peer::dissect(body.header, declared, &context, &mut ());
        if let Message::Piece(block) = header.message {
            self.audience.observer.body(&BodyChunk {
                connection: self.connection,
                conversation: self.conversation,
                from: self.from,
                block,
                offset: body.offset,
                bytes: body.bytes,
                stamp: body.stamp,
            });
        }
    }

    fn keeps_data(&self) -> bool {
        self.audience.interest.bodies == Bodies::Whole
    }

    fn streams_data(&self) -> bool {
        self.audience.interest.wants_body(self.connection.stream)
    }
}
