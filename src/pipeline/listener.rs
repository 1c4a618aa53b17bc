//! From the framer to the observer: each message is dissected, told, and taken
//! into the conversation.

use super::connection::{Connections, Peering};
use super::{Bodies, Observer};
use crate::flow::{Connection, Side};
use crate::session::{Content, Conversation, Ends, Frame, Framer, Frames, Heard, Torrents};
use crate::wire::Tree;
use crate::wire::peer::{self, AzmpStart, Framing, azmp_start};

/// Takes the messages of one direction from its framer to the observer.
pub struct Listener<'s> {
    connection: &'s Connection,
    conversation: &'s mut Conversation,
    from: Side,
    framing: Framing,
    observer: &'s mut dyn Observer,
    torrents: &'s mut Torrents,
    ends: &'s mut Ends,
    keeps_data: bool,
    /// Where the fields go, if the observer asks for them.
    fields: Option<&'s mut Tree>,
    latest_told: &'s mut u64,
}

/// Runs `step` on the framer of `from` with a listener, if that direction is in
/// step.
pub fn with_framer<R>(
    connection: &Connection,
    state: &mut Peering,
    shared: &mut Connections<'_>,
    from: Side,
    step: impl FnOnce(&mut Framer, &mut Listener<'_>) -> R,
) -> Option<R> {
    let framer = state.readings[from.index()].framer()?;
    framer.reframe(state.conversation.framing());
    let mut listener = Listener {
        connection,
        conversation: &mut state.conversation,
        from,
        framing: framer.framing(),
        observer: &mut *shared.observer,
        torrents: &mut shared.torrents,
        ends: &mut shared.ends,
        keeps_data: shared.interest.bodies == Bodies::Whole,
        fields: shared.interest.fields.then_some(&mut shared.fields),
        latest_told: &mut shared.latest_told,
    };
    Some(step(framer, &mut listener))
}

/// Whether a message is one of AZMP, though the handshakes do not say so: one of
/// them is not in the capture. Its length prefix is the same; what would be the
/// id is the highest byte of another length.
fn begins_azmp(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, _, _, 0, 0, ..]) && matches!(azmp_start(bytes), AzmpStart::Frame { .. })
}

impl Frames for Listener<'_> {
    fn frame(&mut self, frame: Frame<'_>) -> Framing {
        if self.framing == Framing::Messages && begins_azmp(frame.bytes) {
            self.conversation.heard_azmp();
            self.framing = Framing::Azmp;
        }
        let declared = usize::try_from(frame.length).unwrap_or(usize::MAX);
        let context = self.conversation.context(self.from, self.framing);
        let dissected = match self.fields.as_deref_mut() {
            Some(fields) => {
                fields.clear();
                peer::dissect(frame.bytes, declared, &context, fields)
            }
            None => peer::dissect(frame.bytes, declared, &context, &mut ()),
        };
        let message = &dissected.message;
        let transition = self.conversation.account(self.from, message, frame.last);
        let context = self.conversation.context(self.from, self.framing);
        let heard = Heard {
            stream: self.connection.stream,
            carrier: self.connection.carrier,
            src: self.connection.address(self.from),
            dst: self.connection.address(self.from.other()),
            from: self.from,
            conversation: Some(self.conversation),
            transition,
            acked: self.connection.acked[self.from.other().index()],
            offset: frame.offset,
            length: frame.length,
            bytes: frame.bytes,
            missing: frame.missing,
            unsent: frame.unsent,
            first: frame.first,
            last: frame.last,
            content: Content::Peer {
                message,
                problem: dissected.problem,
                context,
            },
            fields: self.fields.as_deref(),
        };
        self.observer.message(&heard);
        *self.latest_told = (*self.latest_told).max(frame.last.frame);
        self.ends.hear(&heard);
        if frame.missing > 0 {
            self.conversation
                .miss(self.from, message, frame.length, frame.missing);
        }
        self.framing = self
            .conversation
            .hear(self.from, message, frame.last, self.torrents);
        self.framing
    }

    fn keeps_data(&self) -> bool {
        self.keeps_data
    }
}
