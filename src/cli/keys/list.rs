//! What is said at the end, on standard error.

use std::io::{self, Write, stderr};
use std::path::{Path, PathBuf};

use crate::capture;
use crate::keys::process::{Report, Watch};
use crate::pipeline::{Locked, Surveyed, survey};
use crate::session::KeyLog;
use crate::view::quantity::{Bytes, Duration};
use crate::view::text::Safe;
use crate::wire::words::Count;

/// Says what was found in each process.
pub fn processes(watches: &[Watch], output: Option<&Path>) -> io::Result<()> {
    let mut out = stderr().lock();
    for watch in watches {
        let process = watch.process();
        let name = Safe(process.name.as_bytes());
        let report = watch.report();
        writeln!(out, "{name} ({}): {}", process.pid, states(report))?;
        writeln!(out, "  {}", effort(report))?;
    }
    let found: usize = watches.iter().map(|watch| watch.report().found).sum();
    if let Some(path) = output {
        let path = path.display().to_string();
        let path = Safe(path.as_bytes());
        writeln!(out, "{path}: {} added", Count(found as u64, "line"))?;
    }
    Ok(())
}

/// How many states there are, and whether they are proved to be of RC4.
fn states(report: Report) -> String {
    let found = Count(report.found as u64, "state");
    let still = report.found.saturating_sub(report.moving);
    match (report.found, still) {
        (0, _) => "no state of RC4 found: no encrypted connection is open".to_owned(),
        (_, 0) => format!("{found} found, in use: proven to be RC4"),
        (_, still) => format!(
            "{found} found, {} in use (proven to be RC4), {still} at rest (unproven)",
            report.moving
        ),
    }
}

fn effort(report: Report) -> String {
    let time = |time: std::time::Duration| {
        Duration(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)).to_string()
    };
    let stopped = if report.stopped.is_zero() {
        "never stopped".to_owned()
    } else {
        format!("stopped for {}", time(report.stopped))
    };
    format!(
        "{} of memory read in {}, {}; {stopped}",
        Bytes(report.bytes),
        time(report.time),
        Count(report.looks, "time"),
    )
}

/// Says which encrypted connections of the captures the states open.
pub fn connections(captures: &[PathBuf], mut keys: KeyLog) -> anyhow::Result<()> {
    let mut source = capture::open(captures)?;
    let (surveyed, read) = survey(&mut source, &mut keys);
    write(&mut stderr().lock(), &surveyed)?;
    // A capture that is still being written ends in the middle of a packet.
    drop(read);
    Ok(())
}

fn write(out: &mut dyn Write, surveyed: &Surveyed) -> io::Result<()> {
    let connections = &surveyed.connections;
    for connection in connections {
        let [initiator, acceptor] = connection.ends;
        let carrier = connection.carrier.name();
        let [sent, received] = connection.bytes.map(Bytes);
        let fate = fate(connection);
        writeln!(
            out,
            "  {carrier} {initiator} > {acceptor}  {sent} and {received}: {fate}"
        )?;
    }
    let count = |open: usize| {
        let connections = connections.iter();
        let sides = connections.map(|it| it.is_open.iter().filter(|open| **open).count());
        sides.filter(|sides| *sides == open).count()
    };
    let tally = surveyed.tally;
    writeln!(
        out,
        "{}: {} proven, {} in one direction, {} lost; {} of no direction of their own",
        Count(connections.len() as u64, "encrypted connection"),
        count(2),
        count(1),
        count(0),
        Count(tally.states.saturating_sub(tally.proven) as u64, "state"),
    )?;
    if surveyed.is_exhausted {
        writeln!(out, "not every state was tried: there are too many")?;
    }
    Ok(())
}

fn fate(connection: &Locked) -> &'static str {
    match connection.is_open {
        [true, true] => "proven",
        [true, false] => "what the initiator sends is proven, the other direction lost",
        [false, true] => "what the acceptor sends is proven, the other direction lost",
        [false, false] => "lost (closed before the look, or of another process)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_proven_and_what_is_not_is_said() {
        let report = |found, moving| Report {
            found,
            moving,
            looks: 4,
            bytes: 14 << 20,
            time: std::time::Duration::from_millis(9),
            stopped: std::time::Duration::from_micros(1300),
        };
        assert!(states(report(0, 0)).starts_with("no state of RC4 found"));
        assert_eq!(
            states(report(2, 2)),
            "2 states found, in use: proven to be RC4"
        );
        assert_eq!(
            states(report(3, 2)),
            "3 states found, 2 in use (proven to be RC4), 1 at rest (unproven)"
        );
        assert_eq!(
            effort(report(1, 1)),
            "14.0 MiB of memory read in 9.0 ms, 4 times; stopped for 1.3 ms"
        );
    }
}
