//! Hands on what the pipeline tells, and whether it is chosen.

use std::collections::HashSet;
use std::rc::Rc;

use foldhash::fast::RandomState;

use crate::cli::selection::Selection;
use crate::compare::Recorders;
use crate::packet::Stamp;
use crate::pipeline::{Interest, Observer};
use crate::report::Collector;
use crate::session::{Conflict, ConnectionEvent, Ended, Heard, WebPart};
use crate::swarm::Census;
use crate::view::html::Names;

/// Listens to a capture of a report.
pub struct Listener {
    /// Keeps what the page is made of.
    pub collector: Collector,
    /// Keeps the session to be compared, where two are.
    pub recorders: Option<Recorders>,
    /// Keeps who took part in what, where all of the capture is told.
    pub census: Option<Census>,
    /// What the page is about.
    pub selection: Selection,
    /// Open connections with a message that was asked for.
    matching: HashSet<u64, RandomState>,
}

impl Listener {
    /// Nothing was heard yet.
    pub fn new(selection: Selection, names: &Rc<Names>, recorders: Option<Recorders>) -> Self {
        let names = Rc::clone(names);
        let describe = Box::new(move |heard: &Heard<'_>| names.message(heard));
        Self {
            collector: Collector::new(describe, !selection.is_everything()),
            recorders,
            census: selection.is_everything().then(Census::default),
            selection,
            matching: HashSet::default(),
        }
    }
}

impl Observer for Listener {
    fn interest(&self) -> Interest {
        Interest {
            web: self.census.is_some(),
            ..Interest::of_findings()
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.selection.begin(first);
        self.collector.begin(first);
    }

    fn over(&mut self, last: Stamp) {
        self.collector.over(last);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        let is_everything = self.selection.is_everything();
        let is_packet = heard.is_packet();
        let is_chosen = is_everything || self.selection.passes(heard);
        if is_chosen && !is_packet && !is_everything && heard.conversation.is_some() {
            self.matching.insert(heard.stream);
        }
        self.collector.hear(heard, is_chosen);
        if let Some(census) = &mut self.census {
            census.hear(heard);
        }
        if let Some(recorders) = self.recorders.as_mut().filter(|_| !is_packet) {
            recorders.hear(heard);
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        let stream = ended.connection.stream;
        let is_chosen = self.matching.remove(&stream) || self.selection.has_stream(stream);
        self.collector.ended(ended, is_chosen);
        if let Some(census) = &mut self.census {
            census.ended(ended);
        }
        if let Some(recorders) = &mut self.recorders {
            recorders.ended(ended);
        }
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        self.collector.contradicted(conflict);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        let is_chosen = self.selection.has_event(event.stream);
        self.collector.connection(event, is_chosen);
        if let Some(census) = &mut self.census {
            census.connection(event);
        }
    }

    fn web(&mut self, part: &WebPart<'_>) {
        if let Some(census) = &mut self.census {
            census.web(part);
        }
    }
}
