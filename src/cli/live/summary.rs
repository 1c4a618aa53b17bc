//! What is said at the end, on standard error: connections, packets, files.

use std::io::{self, Write};

use super::status::counted;
use super::watch::Heeded;
use crate::capture::{Recorder, Traffic};
use crate::flow::Evicted;
use crate::view::quantity::Bytes;
use crate::view::text::Safe;
use crate::view::{SessionSummary, SessionTable, stderr_columns};

/// Everything that the summary says.
pub struct Summary<'a> {
    /// Messages and connections.
    pub heeded: &'a Heeded,
    /// Connections that were given up.
    pub evicted: Evicted,
    /// Packets.
    pub traffic: Traffic,
    /// What was recorded, if anything was to be.
    pub recorder: Option<&'a Recorder>,
    /// Whether the table is coloured.
    pub colour: bool,
}

impl Summary<'_> {
    /// Writes it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_table(out)?;
        writeln!(out, "{}", self.connections())?;
        if let Some(maybe) = &self.heeded.maybe {
            writeln!(out, "{maybe}")?;
        }
        writeln!(out, "{}", self.packets())?;
        if let Some(recorder) = self.recorder {
            let (files, bytes) = recorder.written();
            let path = recorder.path().display().to_string();
            let path = Safe(path.as_bytes());
            let bytes = Bytes(bytes);
            match files {
                1 => writeln!(out, "{path}: {bytes} written")?,
                _ => writeln!(out, "{files} files, {bytes} written, the last one {path}")?,
            }
        }
        out.flush()
    }

    fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows = &self.heeded.rows;
        if rows.is_empty() {
            return Ok(());
        }
        let mut table = SessionTable::new(stderr_columns(), self.colour);
        for row in rows {
            let name = row.torrent_name();
            table.push(out, &SessionSummary::of(row, name.as_deref()))?;
        }
        let earlier = self.heeded.connections.saturating_sub(rows.len() as u64);
        if earlier > 0 {
            writeln!(
                out,
                "and {} that ended before",
                counted(earlier, "connection")
            )?;
        }
        writeln!(out)
    }

    fn connections(&self) -> String {
        let mut text = format!(
            "{} on {}",
            counted(self.heeded.messages, "message"),
            counted(self.heeded.connections, "connection"),
        );
        let Evicted { idle, crowded } = self.evicted;
        for (count, why) in [(idle, "silent for long"), (crowded, "one of too many")] {
            if count > 0 {
                text = format!("{text}; {count} of all connections given up as {why}");
            }
        }
        text
    }

    fn packets(&self) -> String {
        let Traffic {
            packets,
            bytes,
            received,
            dropped,
            interface_dropped,
        } = self.traffic;
        let packets = counted(packets, "packet");
        let bytes = Bytes(bytes);
        let mut text = format!(
            "{packets} captured ({bytes}), {received} received by filter, \
             {dropped} dropped by kernel, {interface_dropped} dropped by interface"
        );
        if dropped > 0 {
            text.push_str(" (a larger buffer, -B, may help)");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(heeded: &Heeded, evicted: Evicted, dropped: u64) -> String {
        let summary = Summary {
            heeded,
            evicted,
            traffic: Traffic {
                packets: 7,
                bytes: 2048,
                received: 9,
                dropped,
                interface_dropped: 1,
            },
            recorder: None,
            colour: false,
        };
        let mut out = Vec::new();
        summary.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn packets_are_told_as_tcpdump_tells_them() {
        let heeded = Heeded {
            messages: 3,
            connections: 1,
            ..Heeded::default()
        };
        assert_eq!(
            summary(&heeded, Evicted::default(), 0),
            "3 messages on 1 connection\n\
             7 packets captured (2.00 KiB), 9 received by filter, 0 dropped by kernel, \
             1 dropped by interface\n"
        );
    }

    #[test]
    fn what_was_given_up_and_what_helps_against_drops_is_said() {
        let evicted = Evicted {
            idle: 4,
            crowded: 5,
        };
        let text = summary(&Heeded::default(), evicted, 2);
        assert!(text.contains("; 4 of all connections given up as silent for long;"));
        assert!(text.contains("; 5 of all connections given up as one of too many\n"));
        assert!(text.contains("2 dropped by kernel"));
        assert!(text.contains("-B"));
    }
}
