//! Random numbers, which peers and trackers must not be able to guess.

use std::io;

/// Bytes from the system. Where it has none nothing may go on with others in their
/// place: they would be the same in every run, keys included.
pub fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        io::Error::other(format!("the system gives no random numbers: {error}"))
    })?;
    Ok(bytes)
}
