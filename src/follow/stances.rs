//! How the two sides stand to each other.

use crate::flow::Side;
use crate::session::{Conversation, Heard};
use crate::wire::peer::Message;

/// What one side has said of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SideStances {
    /// Whether it chokes the other; `None` while the capture has not shown it.
    pub choking: Option<bool>,
    /// Whether it is interested in what the other has.
    pub interested: Option<bool>,
    /// Its requests that are open.
    pub open: u64,
}

/// How both sides stand after a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stances {
    /// Initiator and acceptor.
    pub sides: [SideStances; 2],
}

impl Stances {
    /// After this message: the conversation is as it was before, but for the
    /// ledgers.
    pub fn after(heard: &Heard<'_>) -> Self {
        let mut stances = heard.conversation.map(Self::of).unwrap_or_default();
        let side = &mut stances.sides[heard.from.index()];
        if let Some(message) = heard.peer_message() {
            match message {
                Message::Handshake(_) => {
                    side.choking = Some(true);
                    side.interested = Some(false);
                }
                Message::Choke => side.choking = Some(true),
                Message::Unchoke => side.choking = Some(false),
                Message::Interested => side.interested = Some(true),
                Message::NotInterested => side.interested = Some(false),
                _ => {}
            }
        }
        stances
    }

    fn of(conversation: &Conversation) -> Self {
        Self {
            sides: Side::BOTH.map(|side| {
                let speaker = conversation.speaker(side);
                SideStances {
                    choking: speaker.choking.is_on,
                    interested: speaker.interested.is_on,
                    open: speaker.requests.open() as u64,
                }
            }),
        }
    }
}
