//! Random numbers, which peers and trackers must not be able to guess.

use std::io;

/// Random bytes from the system. If it has none that is an error: any substitute could be
/// guessed, and keys depend on it.
pub fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        io::Error::other(format!("the system gives no random numbers: {error}"))
    })?;
    Ok(bytes)
}
