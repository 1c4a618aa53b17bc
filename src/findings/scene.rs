//! What a rule is given of a message, and how it says what it found.

use super::discovery::Discovery;
use super::few::Few;
use super::finding::{Excerpt, Finding, Place};
use super::gathered::Gathered;
use super::rule::Rule;
use super::suspicion::{Excuse, Suspicion, is_whole};
use super::watch::{Habits, MAX_SUSPICIONS, Watch};
use crate::capture::Timestamp;
use crate::session::{Conversation, Heard, Speaker, Transition};
use crate::wire::Severity;
use crate::wire::peer::Message;

/// A message of the peer wire, and what was said before.
pub struct Scene<'a> {
    /// The message as it was heard.
    pub heard: &'a Heard<'a>,
    /// The message.
    pub message: &'a Message<'a>,
    /// The conversation before the message, the ledgers after it.
    pub conversation: &'a Conversation,
    /// What is remembered of the connection.
    pub watch: &'a mut Watch,
    /// What is remembered beside connections.
    pub discovery: &'a mut Discovery,
    /// Where findings go.
    pub gathered: &'a mut Gathered,
}

impl<'a> Scene<'a> {
    /// The sender of the message.
    pub fn me(&self) -> &'a Speaker {
        self.conversation.speaker(self.heard.from)
    }

    /// Its receiver.
    pub fn other(&self) -> &'a Speaker {
        self.conversation.speaker(self.heard.from.other())
    }

    /// Remembers something of the sender in one of its lists.
    pub fn remember<T, const N: usize>(
        &mut self,
        list: impl Fn(&mut Habits) -> &mut Few<T, N>,
        item: T,
    ) {
        let from = self.heard.from;
        self.watch.remember(|watch| list(watch.of(from)), item);
    }

    /// What the sender did before.
    pub fn mine(&mut self) -> &mut Habits {
        self.watch.of(self.heard.from)
    }

    /// What the receiver did before.
    pub fn theirs(&mut self) -> &mut Habits {
        self.watch.of(self.heard.from.other())
    }

    /// When the message was complete.
    pub fn now(&self) -> Timestamp {
        self.heard.last.time
    }

    /// What the message changed in the ledgers.
    pub fn transition(&self) -> Option<Transition> {
        self.heard.transition
    }

    /// All bytes of both sides are there from their handshakes on.
    pub fn is_whole(&self) -> bool {
        is_whole(self.conversation)
    }

    /// All bytes of the sender are there from its handshake on.
    pub fn is_sender_whole(&self) -> bool {
        self.me().is_whole()
    }

    /// Whether both sides have set the bit of the Fast extension; `None` while
    /// that is not known.
    pub fn fast(&self) -> Option<bool> {
        let [one, other] = self.conversation.speakers.each_ref();
        let (one, other) = (one.handshake?, other.handshake?);
        Some(one.reserved.fast() && other.reserved.fast())
    }

    /// The message breaks a rule.
    pub fn find(&mut self, rule: &'static Rule, words: String) {
        self.find_as(rule, rule.severity, words);
    }

    /// The same, with a severity of its own.
    pub fn find_as(&mut self, rule: &'static Rule, severity: Severity, words: String) {
        let finding = self.finding(rule, severity, words);
        self.gathered.add(finding);
    }

    /// What the dissector found in the message is explained by these words.
    pub fn explain(&mut self, rule: &'static Rule, words: String) {
        let place = Place::of(self.heard);
        let frame = self.heard.last.frame;
        self.gathered.explain(&place, rule, frame, words);
    }

    /// The message breaks a rule, unless `excuse` is heard soon or a hole comes to
    /// light. Nothing is suspected where there is a hole already.
    pub fn suspect(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        words: String,
        excuse: Excuse,
    ) {
        // It knows more of what the other said than the capture has told yet.
        let is_ahead = self.heard.acked.is_ahead;
        let is_blind = self.watch.is_blind || is_ahead || self.is_hidden(excuse);
        if !self.is_whole() || is_blind {
            return;
        }
        let mut finding = self.finding(rule, severity, words);
        if self.watch.suspicions.len() >= MAX_SUSPICIONS {
            let mut waiting = self.watch.suspicions.iter_mut().rev();
            let like = waiting.find(|like| like.finding.takes(&finding.place, rule));
            if let Some(like) = like.filter(|like| like.finding.severity == severity) {
                like.finding.fold(finding);
            }
            return;
        }
        finding.is_chosen = Some(self.gathered.is_chosen);
        let mut charge = self.gathered.budget().charge();
        if !charge.grow(finding.cost() + size_of::<Suspicion>()) {
            return self.gathered.leave_out();
        }
        let suspicion = Suspicion {
            finding,
            excuse,
            since: self.now(),
            charge,
        };
        self.watch.suspicions.push(suspicion);
    }

    /// Whether the excuse may be among bytes that are no message.
    fn is_hidden(&mut self, excuse: Excuse) -> bool {
        let sender = self.mine().has_strayed;
        match excuse {
            Excuse::Interested => sender,
            Excuse::None => sender || self.theirs().has_strayed,
            _ => self.theirs().has_strayed,
        }
    }

    fn finding(&self, rule: &'static Rule, severity: Severity, words: String) -> Finding {
        let mut finding = Finding::of(rule, self.heard, words).severity(severity);
        if !self.knows(rule) {
            finding.excerpt = Excerpt::of(self.heard, None);
        }
        finding
    }

    /// Whether the sender has broken the rule before, or is suspected of it: its words
    /// are of no use then.
    pub fn knows(&self, rule: &'static Rule) -> bool {
        let mut waiting = self.watch.suspicions.iter();
        self.gathered.knows(&Place::of(self.heard), rule)
            || waiting.any(|suspicion| suspicion.finding.rule == rule)
    }

    /// Something is heard that speaks against suspicions; says whether it spoke against
    /// any.
    pub fn excuse(&mut self, excuse: Excuse) -> bool {
        let now = self.now();
        let suspicions = &mut self.watch.suspicions;
        let before = suspicions.len();
        if before > 0 {
            suspicions.retain(|suspicion| !suspicion.is_excused_by(excuse, now));
        }
        suspicions.len() < before
    }
}

/// Suspicions that have waited long enough become findings, or are dropped where
/// a hole came to light.
#[inline]
pub fn settle(
    gathered: &mut Gathered,
    watch: &mut Watch,
    conversation: &Conversation,
    heard: &Heard<'_>,
) {
    if watch.suspicions.is_empty() {
        return;
    }
    if !is_whole(conversation) {
        watch.suspicions.clear();
        return;
    }
    if let Some(hole) = heard.content.hole() {
        let is_there = hole.missing == Some(0);
        watch
            .suspicions
            .retain(|suspicion| is_there && suspicion.outlasts_strays_of(heard.src));
        return;
    }
    let now = heard.last.time;
    let due = watch
        .suspicions
        .iter()
        .take_while(|suspicion| suspicion.is_due(now))
        .count();
    for suspicion in watch.suspicions.drain(..due) {
        gathered.add(suspicion.finding);
    }
}

/// A time in words: to the millisecond where it is short.
pub fn span(nanos: i64) -> String {
    let seconds = nanos as f64 / 1e9;
    match nanos {
        ..1_000_000 => format!("{:.0} µs", seconds * 1e6),
        1_000_000..1_000_000_000 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{seconds:.1} s"),
    }
}
