//! Connections that may be encrypted BitTorrent: shown with `--all`, else counted
//! and told in one line.

use std::fmt;
use std::io::{self, Write};

use crate::session::{Certainty, Ended, Heard};
use crate::wire::words::Count;

/// Which connections are shown, and how many are not.
#[derive(Debug, Clone, Copy)]
pub struct Maybe {
    /// Those that only may be are shown too.
    all: bool,
    hidden: u64,
}

impl Maybe {
    /// Shows all connections, or those that are BitTorrent.
    pub fn new(all: bool) -> Self {
        Self { all, hidden: 0 }
    }

    /// Whether this connection's messages are shown.
    pub fn shows(&self, heard: &Heard<'_>) -> bool {
        self.all || heard.certainty() > Certainty::Likely
    }

    /// A connection is over: whether it is listed. Else it is counted.
    pub fn lists(&mut self, certainty: Certainty) -> bool {
        let is_shown = self.all || certainty > Certainty::Likely;
        self.hidden += u64::from(!is_shown);
        is_shown
    }

    /// The same of a connection that has just ended.
    pub fn ended(&mut self, ended: &Ended<'_>) -> bool {
        self.lists(ended.conversation.certainty)
    }

    /// Whether any connection was not shown.
    pub fn has_hidden(&self) -> bool {
        self.hidden > 0
    }

    /// Says on standard error how many were not shown, if any, and not to be
    /// quiet.
    pub fn tell(&self, quiet: bool) {
        if self.has_hidden() && !quiet {
            // Nobody left to tell is no error.
            let _ = writeln!(io::stderr(), "{self}");
        }
    }

    /// The same where such connections are not shown in any case: only their keys
    /// would help.
    pub fn tell_unread(&self, quiet: bool) {
        if self.has_hidden() && !quiet {
            let count = Count(self.hidden, "connection");
            // Nobody left to tell is no error.
            let _ = writeln!(
                io::stderr(),
                "{count} may be encrypted BitTorrent (MSE), and could not be read: give --keylog FILE"
            );
        }
    }
}

impl fmt::Display for Maybe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = Count(self.hidden, "connection");
        write!(
            f,
            "{count} may be encrypted BitTorrent (MSE); --all shows such connections"
        )
    }
}
