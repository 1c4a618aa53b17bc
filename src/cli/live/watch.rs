//! Takes part in the analysis: shows messages, and keeps what the summary says.

use std::cell::Cell;
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::status::{Progress, Status};
use crate::capture::Traffic;
use crate::cli::maybe::Maybe;
use crate::cli::show::Show;
use crate::packet::Stamp;
use crate::pipeline::{Interest, Observer};
use crate::session::{ConnectionEvent, Ended, Heard, Past};

/// Connections that the summary lists; of more, those that ended last.
const MAX_ROWS: usize = 1000;

/// What the summary says of connections.
#[derive(Default)]
pub struct Heeded {
    /// Messages that are to be shown, gaps included.
    pub messages: u64,
    /// BitTorrent connections with such messages.
    pub connections: u64,
    /// Those of them that ended last, in order of appearance.
    pub rows: VecDeque<Past>,
    /// Connections that may be, where they are not shown.
    pub maybe: Option<Maybe>,
}

/// The observer of `live`.
pub struct Watch {
    show: Show,
    status: Status,
    heeded: Heeded,
    /// Connections that something was heard on and that are not over.
    open: HashSet<u64, RandomState>,
    /// A message was shown since the last pause.
    told: bool,
    traffic: Rc<Cell<Traffic>>,
}

impl Watch {
    /// Shows messages with `show`; the status line, if it is wanted, says what is
    /// in `traffic`.
    pub fn new(show: Show, traffic: Rc<Cell<Traffic>>, wants_status: bool) -> Self {
        Self {
            show,
            status: Status::new(wants_status),
            heeded: Heeded::default(),
            open: HashSet::default(),
            told: false,
            traffic,
        }
    }

    /// Takes the status line away, writes what is left, and gives what the
    /// summary says.
    pub fn close(mut self) -> (anyhow::Result<()>, Heeded) {
        self.status.clear();
        let rows = self.heeded.rows.make_contiguous();
        rows.sort_unstable_by_key(Past::stream);
        let (shown, maybe) = self.show.close();
        self.heeded.maybe = Some(maybe).filter(Maybe::has_hidden);
        (shown, self.heeded)
    }

    fn draw(&mut self) {
        let traffic = self.traffic.get();
        self.status.draw(Progress {
            messages: self.heeded.messages,
            connections: self.heeded.connections,
            bytes: traffic.bytes,
            dropped: traffic.dropped + traffic.interface_dropped,
        });
    }
}

impl Observer for Watch {
    fn interest(&self) -> Interest {
        self.show.interest()
    }

    fn begin(&mut self, first: Stamp) {
        self.show.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        if !self.show.selects(heard) {
            return;
        }
        let is_packet = heard.is_packet();
        self.heeded.messages += u64::from(!is_packet);
        if heard.conversation.is_some() && self.open.insert(heard.stream) {
            self.heeded.connections += 1;
        }
        self.told = true;
        self.status.make_way();
        self.show.write(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        if !self.show.lists(ended) {
            return;
        }
        let stream = ended.connection.stream;
        if !self.open.remove(&stream) {
            if !self.show.shows_everything() {
                return;
            }
            self.heeded.connections += 1;
        }
        let rows = &mut self.heeded.rows;
        if rows.len() == MAX_ROWS {
            rows.pop_front();
        }
        rows.push_back(Past::of(ended));
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.told = true;
        self.status.make_way();
        self.show.connection(event);
    }

    fn idle(&mut self) {
        if std::mem::take(&mut self.told) {
            self.status.make_way();
            self.show.idle();
        }
        if self.status.is_due() {
            self.draw();
        }
    }

    fn is_done(&self) -> bool {
        self.show.is_done()
    }
}
