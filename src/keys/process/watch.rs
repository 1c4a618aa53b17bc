//! Looks at a process again and again, and gives each keystream once: as early as
//! it was seen.

use std::io;
use std::time::{Duration, Instant};

use super::memory::Memory;
use super::sightings::{FARTHEST, Sightings};
use super::stop::Stopped;
use super::{Process, Refusal, traffic};
use crate::keys::scan::Place;
use crate::wire::mse::{Rc4, StateLine};

/// A client may encrypt this much ahead of what it sends.
const AHEAD: u64 = 1 << 20;

/// What was found so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Looks at all of the memory.
    pub looks: u64,
    /// Bytes of the last of them.
    pub bytes: u64,
    /// How long the last of them took.
    pub time: Duration,
    /// The longest time that the process was stopped; zero if it was not.
    pub stopped: Duration,
    /// States that were given.
    pub found: usize,
    /// Those that went on, from one look to the next, as RC4 does.
    pub moving: usize,
}

/// One process that is looked at.
pub struct Watch {
    process: Process,
    memory: Memory,
    sightings: Sightings,
    /// Bytes that had passed its network at the last look.
    traffic: Option<u64>,
    may_stop: bool,
    report: Report,
}

impl Watch {
    /// Opens the memory of a process.
    pub fn new(process: Process) -> Result<Self, Refusal> {
        Ok(Self {
            memory: Memory::open(&process)?,
            traffic: traffic::bytes(&process),
            process,
            sightings: Sightings::default(),
            may_stop: true,
            report: Report::default(),
        })
    }

    /// The process is never stopped: for when that is not allowed any more.
    #[must_use]
    pub fn without_stopping(mut self) -> Self {
        self.may_stop = false;
        self
    }

    /// Which one it is.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// What was found so far.
    pub fn report(&self) -> Report {
        Report {
            found: self.sightings.found(),
            moving: self.sightings.moving(),
            ..self.report
        }
    }

    /// Looks at all of the memory; gives the states of the keystreams that are
    /// new.
    pub fn look(&mut self) -> io::Result<Vec<StateLine>> {
        let began = Instant::now();
        let (mut places, mut bytes) = self.memory.sweep()?;
        if bytes == 0
            && let Ok(memory) = Memory::open(&self.process)
        {
            // It runs another program now.
            self.memory = memory;
            (places, bytes) = self.memory.sweep()?;
        }
        if bytes == 0 {
            // It has ended: what is known of it stays as it was.
            return Ok(Vec::new());
        }
        let now = self.read(&places);
        self.report.looks += 1;
        self.report.bytes = bytes;
        self.report.time = began.elapsed();
        let traffic = traffic::bytes(&self.process);
        let passed = traffic.zip(self.traffic);
        let passed = passed.map_or(FARTHEST, |(now, before)| now.saturating_sub(before));
        self.traffic = traffic;
        self.sightings.compare(now, passed.saturating_add(AHEAD));
        Ok(self.sightings.give(false))
    }

    /// Gives what waits for a decision that no later look will bring.
    pub fn finish(&mut self) -> Vec<StateLine> {
        self.sightings.give(true)
    }

    /// The states at these places. Only to read those that were not seen before
    /// and do not keep still, the process is stopped.
    fn read(&mut self, places: &[Place]) -> Vec<(Place, Rc4)> {
        let mut states = Vec::new();
        let mut restless = Vec::new();
        for place in places {
            match self.memory.read_twice(place) {
                Some(state) => states.push((*place, state)),
                None if self.sightings.has(place) => {}
                None => restless.push(*place),
            }
        }
        if self.may_stop
            && !restless.is_empty()
            && let Some(stopped) = Stopped::new(&self.process)
        {
            for place in restless {
                if stopped.is_over() {
                    break;
                }
                let state = self.memory.read(&place);
                states.extend(state.map(|state| (place, state)));
            }
            self.report.stopped = self.report.stopped.max(stopped.time());
        }
        states
    }
}
