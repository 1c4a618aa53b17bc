//! Why a connection ended, came to nothing or was never there, as far as the capture tells.

use super::rule::Rule;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::{Actor, ConnectionEvent, WebSeed};

/// How much a cause explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The capture ends before the connection does.
    Unseen,
    /// It was closed in good order, and nothing was left open.
    Orderly,
    /// Data of a torrent came on it, and it is none between peers.
    Elsewhere,
    /// There is none: nobody was reached where peers were looked for.
    Unmet,
    /// It was closed with something left open, and nothing says why.
    Unexplained,
    /// It was reset, and nothing says why.
    Abrupt,
    /// What a side sent did not get through, or the other one did not take it.
    Undelivered,
    /// It never came to be.
    Failed,
    /// It ended right after a rule was broken.
    Explained,
}

/// Why a connection ended.
#[derive(Debug)]
pub struct Cause {
    /// How much it explains.
    pub weight: Weight,
    /// Who ended it; `None` where nobody did.
    pub by: Option<Side>,
    /// The packet of the FIN or RST, else the last one.
    pub stamp: Stamp,
    /// The packets that show it.
    pub frames: Vec<u64>,
    /// In words; may hold text of the capture.
    pub words: String,
    /// What else there is to say.
    pub evidence: Vec<String>,
    /// The rule that was broken before.
    pub rule: Option<&'static Rule>,
    /// The first packet of what the same host tried next at the same end.
    pub then: Option<u64>,
}

impl Cause {
    /// What became of an attempt, in these words.
    pub fn of_attempt(event: &ConnectionEvent, (words, guess): (String, Option<String>)) -> Self {
        let by = match event.by {
            Some(Actor::End(side)) => Some(side),
            _ => None,
        };
        let then = event.then.map(|then| then.frame);
        let frames = [Some(event.first.frame), Some(event.stamp.frame), then];
        let mut frames: Vec<u64> = frames.into_iter().flatten().collect();
        frames.dedup();
        Self {
            weight: Weight::Failed,
            by,
            stamp: event.stamp,
            frames,
            words,
            evidence: guess.into_iter().collect(),
            rule: None,
            then,
        }
    }

    /// That data of a torrent comes from a web seed.
    pub fn of_web_seed(seed: &WebSeed) -> Self {
        let [_, server] = seed.ends;
        Self {
            weight: Weight::Elsewhere,
            by: Some(Side::Initiator),
            stamp: seed.request,
            frames: vec![seed.request.frame],
            words: format!(
                "{} asks {server} for ranges of files by HTTP, as of a web seed (BEP 19)",
                seed.client
            ),
            evidence: vec!["what comes from there needs no peer, and is not decoded".to_owned()],
            rule: None,
            then: None,
        }
    }

    /// Why no peer was reached: what came of the search for them, with the packets that
    /// show it. `None` where nobody searched.
    pub fn of_search(told: Vec<(String, Stamp)>) -> Option<Self> {
        let mut told = told.into_iter();
        let (words, stamp) = told.next()?;
        let evidence = told.map(|(words, at)| format!("{words} (#{})", at.frame));
        Some(Self {
            weight: Weight::Unmet,
            by: None,
            stamp,
            frames: vec![stamp.frame],
            words,
            evidence: evidence.collect(),
            rule: None,
            then: None,
        })
    }
}
