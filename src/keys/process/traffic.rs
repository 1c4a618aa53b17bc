//! How many bytes can have gone through the ciphers of a process.

use std::fs;

use super::Process;

/// All bytes that the interfaces of its network have received and sent so far;
/// `None` where that may not be read.
pub(super) fn bytes(process: &Process) -> Option<u64> {
    let text = fs::read_to_string(process.path("net/dev")).ok()?;
    Some(text.lines().filter_map(of_interface).sum())
}

/// A line: a name, 8 numbers of what was received, 8 of what was sent.
fn of_interface(line: &str) -> Option<u64> {
    let (_, numbers) = line.split_once(':')?;
    let mut numbers = numbers.split_ascii_whitespace();
    let received: u64 = numbers.next()?.parse().ok()?;
    let sent: u64 = numbers.nth(7)?.parse().ok()?;
    Some(received.saturating_add(sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_count() {
        let line = "    lo: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0";
        assert_eq!(of_interface(line), Some(3000));
        assert_eq!(of_interface(" face |bytes packets"), None);
    }
}
