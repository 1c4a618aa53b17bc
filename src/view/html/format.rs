//! Numbers and times as the page shows them.

use crate::wire::words::spoken;
use maud::{Markup, html};

use crate::capture::Timestamp;
use crate::view::clock::{Calendar, Clock, TimeFormat};
use crate::view::quantity::{Bytes, Duration};

/// Times of a capture.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Its first packet.
    pub first: Timestamp,
}

impl Times {
    /// Seconds since the first packet, with six digits.
    pub fn at(self, time: Timestamp) -> String {
        let mut clock = Clock::new(TimeFormat::Relative);
        clock.start(self.first);
        let mut text = String::new();
        clock.write(&mut text, time);
        text
    }

    /// Seconds since the first packet, to be plotted.
    pub fn seconds(self, time: Timestamp) -> f64 {
        seconds(time.since(self.first))
    }

    /// The date and time of the first packet.
    pub fn date(self) -> Option<String> {
        let mut text = String::new();
        Calendar::default().write(&mut text, self.first.nanos()?, 3);
        Some(text.replace('T', " ").replace('Z', " UTC"))
    }
}

/// A name of our own in words.
pub fn spaced(name: &str) -> String {
    spoken(name)
}

/// Nanoseconds in seconds.
pub fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

/// A number that a program may read beside what people read.
pub fn data(key: &str, value: u64, shown: impl maud::Render) -> Markup {
    html! { data data-key=(key) value=(value) { (shown) } }
}

/// A count, its thousands apart.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A count that a program may read.
pub fn counted(key: &str, number: u64) -> Markup {
    data(key, number, count(number))
}

/// An amount of bytes that a program may read.
pub fn bytes(key: &str, number: u64) -> Markup {
    data(key, number, Bytes(number).to_string())
}

/// A span of time.
pub fn span(nanos: i64) -> String {
    Duration(nanos).to_string()
}

/// A BEP, as a link to its text.
pub fn bep(number: u16) -> Markup {
    html! {
        a href=(format!("https://www.bittorrent.org/beps/bep_{number:04}.html")) rel="noreferrer" {
            "BEP " (number)
        }
    }
}

/// Words as a sentence: with a capital letter and a full stop.
pub fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(char::to_uppercase);
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let texts = [0, 999, 1000, 1_234_567].map(count);
        assert_eq!(
            texts,
            ["0", "999", "1\u{2009}000", "1\u{2009}234\u{2009}567"]
        );
    }
}
