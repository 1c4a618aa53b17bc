//! What happened to a connection, in words.

use std::fmt;

use crate::session::{Actor, ConnectionChange, ConnectionEvent, Outcome};
use crate::wire::words::Count;

/// A connection event in one line of words; may hold text of the capture.
#[derive(Debug, Clone, Copy)]
pub struct Happening<'a>(pub &'a ConnectionEvent);

impl fmt::Display for Happening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = self.0;
        match event.change {
            ConnectionChange::Opened
            | ConnectionChange::Closed
            | ConnectionChange::Reset
            | ConnectionChange::Refused => write!(f, "connection {}", Outcome(event))?,
            ConnectionChange::Unanswered => Outcome(event).fmt(f)?,
            ConnectionChange::Unreachable(_) => {
                Outcome(event).fmt(f)?;
                if let Some(Actor::Router(router)) = event.by {
                    write!(f, ", says {router}")?;
                }
            }
            ConnectionChange::Dropped => self.dropped(f)?,
        }
        let open: u64 = event
            .open_requests
            .iter()
            .map(|open| u64::from(*open))
            .sum();
        if open > 0 {
            write!(f, "; {} unanswered", Count(open, "request"))?;
        }
        if let Some(then) = event.then {
            write!(f, "; next attempt in #{}", then.frame)?;
        }
        Ok(())
    }
}

impl Happening<'_> {
    /// How far an attempt came.
    fn dropped(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = self.0;
        let [sent, answered] = event.bytes;
        match event.last_message {
            Some(last) => write!(f, "dropped after the {}", last.name)?,
            None if sent == 0 => f.write_str("dropped before a handshake")?,
            None => write!(f, "dropped after {}", Count(sent, "byte"))?,
        }
        if event.looks_encrypted && event.last_message.is_none() {
            f.write_str(" that may be MSE")?;
        }
        if answered > 0 && event.last_message.is_none() {
            write!(f, ", {} in answer", Count(answered, "byte"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;
    use crate::flow::{Carrier, Side};
    use crate::packet::{Stamp, UnreachableReason};
    use crate::session::LastMessage;

    #[test]
    fn in_words() {
        let stamp = Stamp {
            frame: 9,
            time: Timestamp::UNKNOWN,
        };
        let ends = ["10.0.0.1:1000", "10.0.0.2:6881"].map(|end| end.parse().unwrap());
        let event = ConnectionEvent {
            change: ConnectionChange::Reset,
            by: Some(Actor::End(Side::Acceptor)),
            stream: Some(0),
            carrier: Carrier::Tcp,
            ends,
            first: stamp,
            stamp,
            syns: 3,
            bytes: [545, 0],
            open_requests: [12, 0],
            answer: None,
            last_message: None,
            looks_encrypted: true,
            negotiation: None,
            is_mse: false,
            named: None,
            then: None,
            is_late: false,
        };
        let said = |event: &ConnectionEvent| Happening(event).to_string();
        assert_eq!(said(&event), "connection reset; 12 requests unanswered");
        let mut event = ConnectionEvent {
            open_requests: [0; 2],
            change: ConnectionChange::Dropped,
            then: Some(Stamp { frame: 16, ..stamp }),
            ..event
        };
        let dropped = "dropped after 545 bytes that may be MSE; next attempt in #16";
        assert_eq!(said(&event), dropped);
        event.then = None;
        event.last_message = Some(LastMessage {
            from: Side::Initiator,
            name: "handshake",
            stamp,
        });
        assert_eq!(said(&event), "dropped after the handshake");
        event.change = ConnectionChange::Unanswered;
        assert_eq!(said(&event), "no answer to 3 SYNs");
        event.change = ConnectionChange::Unreachable(UnreachableReason::Host);
        event.by = Some(Actor::Router("10.0.0.9".parse().unwrap()));
        assert_eq!(said(&event), "unreachable (host), says 10.0.0.9");
    }
}
