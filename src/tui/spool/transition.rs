//! What a message changed in the ledgers, as it lies in the spool.

use super::code::{Decoder, Encoder};
use crate::packet::Stamp;
use crate::session::{Closing, Transition};

/// Writes it; packets as seen from that of the message.
pub fn encode(out: &mut Encoder, transition: Transition, at: Stamp) {
    match transition {
        Transition::Asked { repeats, queue } => {
            out.byte(u8::from(repeats.is_some()));
            if let Some(stamp) = repeats {
                out.stamp(at, stamp);
            }
            out.number(queue.into());
        }
        Transition::Answered {
            request,
            closed,
            queue,
        } => {
            out.byte(match closed {
                None => 2,
                Some(Closing::Cancelled) => 3,
                Some(Closing::ChokedAway) => 4,
            });
            out.stamp(at, request);
            out.number(queue.into());
        }
        Transition::Unasked => out.byte(5),
        Transition::AskedBefore {
            answer,
            is_piece,
            queue,
        } => {
            out.byte(if is_piece { 9 } else { 10 });
            out.stamp(at, answer);
            out.number(queue.into());
        }
        Transition::Cancelled { request, queue } => {
            out.byte(6);
            out.stamp(at, request);
            out.number(queue.into());
        }
        Transition::CancelledNothing => out.byte(7),
        Transition::DroppedAll { requests } => {
            out.byte(8);
            out.number(requests.into());
        }
    }
}

/// Reads it.
pub fn decode(input: &mut Decoder<'_>, at: Stamp) -> Option<Transition> {
    let code = input.byte()?;
    Some(match code {
        0 | 1 => Transition::Asked {
            repeats: if code == 1 {
                Some(input.stamp(at)?)
            } else {
                None
            },
            queue: input.number()? as u32,
        },
        2..=4 => Transition::Answered {
            closed: match code {
                2 => None,
                3 => Some(Closing::Cancelled),
                _ => Some(Closing::ChokedAway),
            },
            request: input.stamp(at)?,
            queue: input.number()? as u32,
        },
        5 => Transition::Unasked,
        6 => Transition::Cancelled {
            request: input.stamp(at)?,
            queue: input.number()? as u32,
        },
        7 => Transition::CancelledNothing,
        8 => Transition::DroppedAll {
            requests: input.number()? as u32,
        },
        9 | 10 => Transition::AskedBefore {
            answer: input.stamp(at)?,
            is_piece: code == 9,
            queue: input.number()? as u32,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;

    #[test]
    fn every_transition_comes_back() {
        let stamp = |frame, nanos| Stamp {
            frame,
            time: Timestamp::from_nanos(nanos),
        };
        let (at, request) = (stamp(9, 5_000), stamp(3, 20));
        let all = [
            Transition::Asked {
                repeats: None,
                queue: 1,
            },
            Transition::Asked {
                repeats: Some(request),
                queue: u32::MAX,
            },
            Transition::Answered {
                request,
                closed: None,
                queue: 0,
            },
            Transition::Answered {
                request,
                closed: Some(Closing::Cancelled),
                queue: 0,
            },
            Transition::Answered {
                request,
                closed: Some(Closing::ChokedAway),
                queue: 0,
            },
            Transition::Unasked,
            Transition::AskedBefore {
                answer: request,
                is_piece: false,
                queue: 2,
            },
            Transition::Cancelled { request, queue: 4 },
            Transition::CancelledNothing,
            Transition::DroppedAll { requests: 250 },
        ];
        for transition in all {
            let mut out = Encoder::default();
            encode(&mut out, transition, at);
            let mut input = Decoder(&out.0);
            assert_eq!(decode(&mut input, at), Some(transition));
            assert!(input.0.is_empty());
        }
    }
}
