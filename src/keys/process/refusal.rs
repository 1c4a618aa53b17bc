//! Why a process may not be looked into, and what would help.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;

use nix::unistd::{Uid, User, geteuid};
use thiserror::Error;

use super::running::Process;

/// A process cannot be looked into.
#[derive(Debug, Error)]
pub enum Refusal {
    /// It does not run.
    #[error("no process has the number {0}")]
    Absent(u32),
    /// It runs as somebody else.
    #[error(
        "{name} ({pid}) runs as {owner}: only that user, or root, may look into it \
         (sudo peerscope keys {pid})"
    )]
    OtherUser {
        /// Its number.
        pid: u32,
        /// Its name.
        name: String,
        /// Whose it is.
        owner: String,
    },
    /// Yama allows less than the system would.
    #[error("{name} ({pid}): kernel.yama.ptrace_scope is {scope}, so that {rule}")]
    Scope {
        /// Its number.
        pid: u32,
        /// Its name.
        name: String,
        /// The setting.
        scope: u8,
        /// What it allows, and what helps.
        rule: &'static str,
    },
    /// It has privileges of its own, or has forbidden it.
    #[error(
        "{name} ({pid}) may not be looked into: its program has privileges of its own, or it \
         has forbidden it (PR_SET_DUMPABLE); root may (CAP_SYS_PTRACE)"
    )]
    Protected {
        /// Its number.
        pid: u32,
        /// Its name.
        name: String,
    },
    /// Something else.
    #[error("{name} ({pid}): {error}")]
    Other {
        /// Its number.
        pid: u32,
        /// Its name.
        name: String,
        /// What the system says.
        error: io::Error,
    },
}

/// Where Yama keeps its setting.
const SCOPE: &str = "/proc/sys/kernel/yama/ptrace_scope";

impl Refusal {
    /// What `error`, met with `process`, comes of.
    pub(super) fn of(process: &Process, error: io::Error) -> Self {
        let (pid, name) = (process.pid, process.name.clone());
        if process.is_over() {
            return Self::Absent(pid);
        }
        if error.kind() != ErrorKind::PermissionDenied {
            return Self::Other { pid, name, error };
        }
        let own = geteuid().as_raw();
        let owner = fs::metadata(process.path("")).map_or(own, |metadata| metadata.uid());
        if owner != own {
            let user = User::from_uid(Uid::from_raw(owner)).ok().flatten();
            let owner = user.map_or_else(|| format!("user {owner}"), |user| user.name);
            return Self::OtherUser { pid, name, owner };
        }
        let scope = fs::read_to_string(SCOPE).ok();
        match scope.and_then(|scope| scope.trim().parse().ok()) {
            Some(scope @ 1..) => Self::scope(pid, name, scope),
            _ => Self::Protected { pid, name },
        }
    }

    fn scope(pid: u32, name: String, scope: u8) -> Self {
        let rule = match scope {
            1 => {
                "a process may look only into those that it has started: start the client with \
                 `peerscope keys -- COMMAND`, or be root (CAP_SYS_PTRACE)"
            }
            2 => "only root may look into a process (CAP_SYS_PTRACE)",
            _ => "nobody may look into a process until the next boot",
        };
        Self::Scope {
            pid,
            name,
            scope,
            rule,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::by_number;
    use super::*;

    #[test]
    fn each_refusal_says_what_helps() {
        let scope = |scope| Refusal::scope(7, "client".to_owned(), scope).to_string();
        assert!(scope(1).starts_with("client (7): kernel.yama.ptrace_scope is 1, so that a "));
        assert!(scope(1).contains("`peerscope keys -- COMMAND`, or be root"));
        assert!(scope(3).contains("nobody"));
        let absent = by_number(u32::MAX).expect_err("no such process");
        assert_eq!(absent.to_string(), "no process has the number 4294967295");
        let own = by_number(std::process::id()).expect("ourselves");
        let other = Refusal::of(&own, io::Error::other("disk on fire"));
        assert!(other.to_string().ends_with("): disk on fire"), "{other}");
    }
}
