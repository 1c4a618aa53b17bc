//! One line on standard error that says how it goes, while somebody looks.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::time::{Duration, Instant};

use crate::view::quantity::Bytes;
use crate::view::stderr_columns;
use crate::view::text::fitting;

/// The line is drawn anew no more often than this.
const EVERY: Duration = Duration::from_millis(250);

/// Goes to the beginning of the line and clears it.
const CLEAR: &str = "\r\x1b[2K";

/// What the line says.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Messages so far.
    pub messages: u64,
    /// BitTorrent connections so far.
    pub connections: u64,
    /// Captured bytes.
    pub bytes: u64,
    /// Packets lost in the kernel or by the interface.
    pub dropped: u64,
}

/// The line, if standard error is a terminal.
pub struct Status {
    wanted: bool,
    /// Messages go to a terminal as well: the line has to make way for them.
    shared: bool,
    shown: bool,
    text: String,
    drawn: Option<Instant>,
}

impl Status {
    /// A line that is not drawn yet.
    pub fn new(is_wanted: bool) -> Self {
        Self {
            wanted: is_wanted && stderr().is_terminal(),
            shared: stdout().is_terminal(),
            shown: false,
            text: String::new(),
            drawn: None,
        }
    }

    /// Whether it is time to draw it.
    pub fn is_due(&self) -> bool {
        let hidden = self.shared && !self.shown;
        let old = self.drawn.is_none_or(|drawn| drawn.elapsed() >= EVERY);
        self.wanted && (old || hidden)
    }

    /// Draws it, if it says something new.
    pub fn draw(&mut self, progress: Progress) {
        self.drawn = Some(Instant::now());
        let text = line(progress);
        if self.shown && text == self.text {
            return;
        }
        self.text = text;
        // In the last column some terminals go on to the next line.
        let text = fitting(&self.text, stderr_columns().saturating_sub(1));
        let mut out = stderr().lock();
        // A terminal that went away is not worth an error.
        let _ = write!(out, "{CLEAR}{text}").and_then(|()| out.flush());
        self.shown = true;
    }

    /// Makes way for a message, if both go to a terminal.
    pub fn make_way(&mut self) {
        if self.shared {
            self.clear();
        }
    }

    /// Takes it away.
    pub fn clear(&mut self) {
        if std::mem::replace(&mut self.shown, false) {
            let mut out = stderr().lock();
            let _ = out.write_all(CLEAR.as_bytes()).and_then(|()| out.flush());
        }
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        self.clear();
    }
}

fn line(progress: Progress) -> String {
    let Progress {
        messages,
        connections,
        bytes,
        dropped,
    } = progress;
    format!(
        "{}, {}, {}, {dropped} dropped",
        counted(messages, "message"),
        counted(connections, "connection"),
        Bytes(bytes),
    )
}

/// A number of things: `1 message`, `2 messages`.
pub fn counted(count: u64, thing: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_counts() {
        let progress = Progress {
            messages: 1,
            connections: 2,
            bytes: 2_109_497,
            dropped: 0,
        };
        assert_eq!(
            line(progress),
            "1 message, 2 connections, 2.01 MiB, 0 dropped"
        );
    }
}
