//! How the connections under way go.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::course::Course;
use crate::capture::Timestamp;
use crate::session::{Budget, Ended, Heard, UtpFigures, UtpMeters};
use crate::wire::Message;

/// Bytes that the courses of connections may take together.
const COURSES_BYTES: usize = 24 << 20;

/// How a connection went that is over.
#[derive(Debug, Default)]
pub struct Gone {
    /// Over time; `None` where that was not asked for, or memory was spent.
    pub course: Option<Box<Course>>,
    /// How its uTP packets went; `None` where there were none, or memory was spent.
    pub utp: Option<Box<UtpFigures>>,
}

/// Follows connections by their numbers.
#[derive(Debug)]
pub struct Courses {
    /// They are followed over time, not only measured.
    is_over_time: bool,
    open: HashMap<u64, Box<Course>, RandomState>,
    budget: Budget,
    meters: UtpMeters,
}

impl Courses {
    /// None yet. Without `is_over_time` only the packets of uTP are measured.
    pub fn new(is_over_time: bool) -> Self {
        Self {
            is_over_time,
            open: HashMap::default(),
            budget: Budget::new(COURSES_BYTES),
            meters: UtpMeters::default(),
        }
    }

    /// A message or a packet of a connection. The words of messages are asked for where
    /// they are kept. The first piece of the capture came at `first_piece`.
    pub fn hear(
        &mut self,
        heard: &Heard<'_>,
        first_piece: Timestamp,
        words: impl FnOnce() -> String,
    ) {
        if let Some(Message::Utp(packet)) = heard.message() {
            if heard.problem().is_some() {
                return;
            }
            let (stream, from) = (heard.stream, heard.from);
            let step = self.meters.hear(stream, from, packet, heard.last);
            if let (Some(step), Some(course)) = (step, self.course(stream)) {
                course.packet(step, heard);
            }
        } else if heard.conversation.is_some()
            && let Some(course) = self.course(heard.stream)
        {
            course.hear(heard, first_piece, words);
        }
    }

    /// That of a connection; `None` where memory is spent.
    fn course(&mut self, stream: u64) -> Option<&mut Course> {
        if !self.is_over_time {
            return None;
        }
        if !self.open.contains_key(&stream) {
            self.open.insert(stream, Course::new(&self.budget)?);
        }
        self.open.get_mut(&stream).map(Box::as_mut)
    }

    /// A connection is over.
    pub fn ended(&mut self, ended: &Ended<'_>) -> Gone {
        let stream = ended.connection.stream;
        Gone {
            course: self.open.remove(&stream),
            utp: self.meters.take(stream, ended.connection.last),
        }
    }
}
