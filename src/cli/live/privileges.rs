//! Gives up root once it is of no more use: what decodes the bytes of strangers
//! should be able to do as little as possible.

use std::ffi::CString;

use anyhow::{Context, bail};
use nix::unistd::{Gid, Uid, User, geteuid, initgroups, setgid, setgroups, setuid};

/// Numbers of `nobody` where the system has no such user.
const NOBODY: u32 = 65534;

/// Who the process goes on as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    uid: Uid,
    gid: Gid,
    name: Option<String>,
    /// Not nobody.
    is_somebody: bool,
}

impl Who {
    /// The user who called sudo, else nobody; `None` if the process is not root
    /// and has nothing to give up.
    pub fn to_become() -> Option<Self> {
        let number = |name| std::env::var(name).ok()?.parse().ok();
        geteuid()
            .is_root()
            .then(|| Self::of_sudo(number("SUDO_UID"), number("SUDO_GID")))
    }

    fn of_sudo(uid: Option<u32>, gid: Option<u32>) -> Self {
        // Root who calls sudo is still root.
        let Some(uid) = uid.filter(|&uid| uid != 0) else {
            return Self::nobody();
        };
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        let own_gid = user.as_ref().map(|user| user.gid.as_raw());
        let gid = gid.filter(|&gid| gid != 0).or(own_gid).unwrap_or(NOBODY);
        Self {
            uid: Uid::from_raw(uid),
            gid: Gid::from_raw(gid),
            name: user.map(|user| user.name),
            is_somebody: true,
        }
    }

    fn nobody() -> Self {
        let user = User::from_name("nobody").ok().flatten();
        Self {
            uid: user.as_ref().map_or(Uid::from_raw(NOBODY), |user| user.uid),
            gid: user.as_ref().map_or(Gid::from_raw(NOBODY), |user| user.gid),
            name: user.map(|user| user.name),
            is_somebody: false,
        }
    }

    /// The owner, user and group, of files that root created for this user;
    /// nobody owns none.
    pub fn owner(&self) -> Option<(u32, u32)> {
        self.is_somebody
            .then(|| (self.uid.as_raw(), self.gid.as_raw()))
    }

    /// Who it is, for people.
    pub fn name(&self) -> String {
        let number = || format!("user {}", self.uid);
        self.name.clone().unwrap_or_else(number)
    }

    /// Becomes this user, for good.
    pub fn become_now(&self) -> anyhow::Result<()> {
        let name = || format!("cannot drop privileges to {}", self.name());
        let hint = "--keep-privileges stays root";
        let drop = || -> nix::Result<()> {
            match self.name.as_deref().map(CString::new) {
                Some(Ok(name)) => initgroups(&name, self.gid)?,
                _ => setgroups(&[self.gid])?,
            }
            setgid(self.gid)?;
            setuid(self.uid)
        };
        drop().with_context(|| format!("{} ({hint})", name()))?;
        if setuid(Uid::from_raw(0)).is_ok() {
            bail!("{}: it could be taken back", name());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_who_called_sudo_is_preferred() {
        let who = Who::of_sudo(Some(4321), Some(1234));
        assert_eq!((who.uid.as_raw(), who.gid.as_raw()), (4321, 1234));
        assert_eq!(who.name(), "user 4321");
        assert_eq!(who.owner(), Some((4321, 1234)));
    }

    #[test]
    fn root_never_stays_root() {
        for (uid, gid) in [(None, None), (Some(0), Some(0)), (None, Some(1000))] {
            let who = Who::of_sudo(uid, gid);
            assert_ne!((who.uid.as_raw(), who.gid.as_raw()), (0, 0));
            assert!(!who.uid.is_root());
            assert_eq!(who.owner(), None);
        }
        assert_ne!(Who::of_sudo(Some(4321), Some(0)).gid.as_raw(), 0);
    }
}
