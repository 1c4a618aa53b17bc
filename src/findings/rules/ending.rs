//! What rules ask of an ended connection.

use super::utp;
use crate::capture::Timestamp;
use crate::findings::finding::{Finding, Place};
use crate::findings::gathered::Gathered;
use crate::findings::rule::Rule;
use crate::findings::suspicion::is_whole;
use crate::findings::watch::Watch;
use crate::flow::{Carrier, Side};
use crate::packet::Stamp;
use crate::session::{Ended, Speaker};

/// What a rule is given of a connection that is over.
pub(super) struct Ending<'a> {
    pub(super) ended: &'a Ended<'a>,
    pub(super) watch: &'a mut Watch,
    pub(super) gathered: &'a mut Gathered,
}

impl Ending<'_> {
    pub fn speaker(&self, side: Side) -> &Speaker {
        self.ended.conversation.speaker(side)
    }

    /// All bytes of both sides are there.
    pub fn is_whole(&self) -> bool {
        is_whole(self.ended.conversation)
    }

    /// When the connection's last packet went by.
    pub fn now(&self) -> Timestamp {
        self.ended.connection.last.time
    }

    /// Nanoseconds from a packet to the end.
    pub fn since(&self, stamp: Stamp) -> i64 {
        self.now().since(stamp.time)
    }

    /// A lost first packet may not show: of an acceptor of uTP two numbers may be the first
    /// (`flow::utp`), and a hole there has no length.
    pub fn may_lack_start(&self, side: Side) -> bool {
        let is_utp = self.ended.connection.carrier == Carrier::Utp;
        is_utp && (side == Side::Acceptor || self.speaker(side).gaps > 0)
    }

    /// What was said may not have reached the other side, by how packets of uTP were
    /// numbered or addressed.
    pub fn is_lost_in_utp(&self) -> bool {
        let stream = self.ended.connection.stream;
        let mut findings = self.gathered.of_stream(stream);
        findings.any(|finding| utp::loses_data(finding.rule))
    }

    /// `side` did or left something, which shows at `stamp`.
    pub fn find(&mut self, rule: &'static Rule, side: Side, stamp: Stamp, words: String) {
        let place = Place::on(self.ended.connection, side);
        let mut finding = Finding::at(rule, place, stamp, words);
        if !self.gathered.is_chosen {
            finding.is_chosen = Some(self.watch.is_chosen(stamp.frame));
        }
        self.gathered.add(finding);
    }
}
