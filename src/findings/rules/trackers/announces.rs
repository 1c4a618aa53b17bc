//! When clients announce themselves, and whether they say that they stop.

use std::net::SocketAddr;

use super::themes::{TK_04, TK_05};
use crate::capture::Timestamp;
use crate::findings::discovery::{Announced, Announcing, Discovery, Loose};
use crate::findings::finding::{Finding, Place};
use crate::findings::gathered::Gathered;
use crate::findings::scene::span;
use crate::findings::suspicion::COPY_NANOS;

/// Why a client announces itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The interval is over.
    Interval,
    Started,
    Stopped,
    /// Another event.
    Other,
}

/// A client announces itself: whether it may, by what it announced before.
pub fn announced(loose: &mut Loose<'_>, who: Announcing, why: Why) {
    let heard = loose.heard;
    let from: SocketAddr = heard.src;
    let before = loose.discovery.announced(&who, heard.last.time);
    let after = before.map_or(i64::MAX, |before| heard.last.time.since(before.at.time));
    if let Some(before) = before.filter(|before| before.is_answered && after > COPY_NANOS) {
        let wait = before
            .wait
            .map(|seconds| seconds.saturating_mul(1_000_000_000));
        match why {
            // A tenth early is as good as in time.
            Why::Interval if wait.is_some_and(|wait| after < wait / 10 * 9) => {
                let words = format!(
                    "{} after #{}; the tracker says {} s",
                    span(after),
                    before.at.frame,
                    before.wait.unwrap_or(0)
                );
                loose.find(&TK_04, words);
            }
            Why::Started if before.is_started => {
                let words = format!("started again, {} after #{}", span(after), before.at.frame);
                loose.find(&TK_05, words);
            }
            _ => {}
        }
    }
    let is_stopped = why == Why::Stopped;
    let is_started = match why {
        Why::Started => true,
        Why::Stopped => false,
        _ => before.is_some_and(|before| before.is_started),
    };
    let announced = Announced {
        at: heard.last,
        from,
        is_started,
        is_stopped,
        is_answered: false,
        wait: None,
    };
    loose.discovery.announces(from, who, announced);
}

/// The end of the capture: clients that are gone without a word.
pub fn conclude(discovery: &Discovery, now: Timestamp, gathered: &mut Gathered) {
    for (who, announced) in discovery.gone(now) {
        let place = Place {
            stream: None,
            src: announced.from,
            dst: who.tracker,
        };
        let words = format!(
            "no announce for {} after #{}, the interval is {} s, and it did not say stopped",
            span(now.since(announced.at.time)),
            announced.at.frame,
            announced.wait.unwrap_or(0)
        );
        gathered.add(Finding::at(&TK_05, place, announced.at, words));
    }
}
