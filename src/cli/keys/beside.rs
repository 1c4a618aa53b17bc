//! Looks into processes while something else goes on: for `live`.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::looking::{find, pause};
use crate::keys::process::Watch;
use crate::wire::mse::StateLine;

/// Processes whose memory is open, so that root can be given up.
pub struct Opened(Vec<Watch>);

/// The states that are found, as they are.
pub struct Found(Receiver<StateLine>);

impl Opened {
    /// Opens the memory of the processes that these words mean.
    pub fn new(words: &[String]) -> anyhow::Result<Self> {
        let watches = find(words)?.into_iter().map(Watch::new);
        // Who may look now may not be allowed to stop a process later.
        let watches = watches.map(|watch| watch.map(Watch::without_stopping));
        Ok(Self(watches.collect::<Result<_, _>>()?))
    }

    /// Begins to look, in a thread of its own; it ends when nobody takes what it
    /// finds, or when the processes have ended.
    pub fn begin(self) -> anyhow::Result<Found> {
        let (sender, receiver) = channel();
        let thread = thread::Builder::new().name("keys".to_owned());
        let begun = thread.spawn(move || look(self.0, &sender));
        begun.context("cannot begin to look for keys")?;
        Ok(Found(receiver))
    }
}

impl Found {
    /// What was found since this was asked last.
    pub fn take(&self) -> impl Iterator<Item = StateLine> + '_ {
        self.0.try_iter()
    }
}

fn look(mut watches: Vec<Watch>, sender: &Sender<StateLine>) {
    while !watches.is_empty() {
        let began = Instant::now();
        for watch in &mut watches {
            for line in watch.look().unwrap_or_default() {
                if sender.send(line).is_err() {
                    return;
                }
            }
        }
        watches.retain(|watch| !watch.process().is_over());
        let pause: Duration = pause(began.elapsed());
        thread::sleep(pause);
    }
}
