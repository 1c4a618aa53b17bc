//! How the record of a message in a capture begins: time, packets, connection
//! and ends. Most of it is that of the record before, or of the one before that:
//! it is written once and copied from then on.

use std::net::SocketAddr;

use super::super::clock::Calendar;
use super::super::number::{push_socket, push_u64};
use super::super::record::Captured;
use super::values::{push_optional, push_time};
use crate::capture::Timestamp;
use crate::privacy::Aliases;

/// Writes the beginnings of records.
#[derive(Debug, Default)]
pub struct Heads {
    calendar: Calendar,
    /// The time of the latest record.
    time: Option<Timestamp>,
    time_text: String,
    /// The two directions of the latest connection, as a rule.
    ends: [Ends; 2],
    /// Which of them was not used last.
    older: usize,
}

/// Stream, transport and addresses, as they stand in a record.
#[derive(Debug, Default)]
struct Ends {
    of: Option<(Option<u64>, &'static str, SocketAddr, SocketAddr)>,
    text: String,
}

impl Heads {
    /// Appends `{"time":..` up to `"dst":".."`, the addresses by their aliases where
    /// there are any.
    pub fn push(
        &mut self,
        out: &mut String,
        captured: &Captured<'_>,
        transport: &'static str,
        aliases: Option<&mut Aliases>,
    ) {
        if self.time != Some(captured.time) {
            self.time = Some(captured.time);
            self.time_text.clear();
            self.time_text.push_str("{\"time\":");
            push_time(&mut self.time_text, &mut self.calendar, captured.time);
            self.time_text.push_str(",\"frame\":");
        }
        out.push_str(&self.time_text);
        push_u64(out, captured.frame);
        out.push_str(",\"first_frame\":");
        push_u64(out, captured.first_frame);
        let of = (captured.stream, transport, captured.src, captured.dst);
        let known = self.ends.iter().position(|ends| ends.of == Some(of));
        let index = known.unwrap_or(self.older);
        self.older = 1 - index;
        let ends = &mut self.ends[index];
        if known.is_none() {
            ends.of = Some(of);
            ends.write(captured, transport, aliases);
        }
        out.push_str(&ends.text);
    }
}

impl Ends {
    fn write(&mut self, captured: &Captured<'_>, transport: &str, aliases: Option<&mut Aliases>) {
        let out = &mut self.text;
        out.clear();
        out.push_str(",\"stream\":");
        push_optional(out, captured.stream);
        out.push_str(",\"transport\":\"");
        out.push_str(transport);
        out.push_str("\",\"src\":\"");
        let ends = [captured.src, captured.dst];
        let [src, dst] = match aliases {
            Some(aliases) => ends.map(|end| Some(aliases.address(end))),
            None => [None, None],
        };
        push_end(out, captured.src, src);
        out.push_str("\",\"dst\":\"");
        push_end(out, captured.dst, dst);
        out.push('"');
    }
}

fn push_end(out: &mut String, end: SocketAddr, alias: Option<String>) {
    match alias {
        Some(alias) => out.push_str(&alias),
        None => push_socket(out, end),
    }
}
