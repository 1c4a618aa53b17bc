//! The bytes of one direction, as they were sent.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::FollowArgs;
use crate::cli::files;
use crate::cli::nothing;
use crate::cli::progress::Progress;
use crate::cli::source;
use crate::cli::trouble::tell;
use crate::flow::Side;
use crate::pipeline::{Interest, Observer, Pipeline, StreamBytes, StreamSet};
use crate::wire::words::Count;

/// Refuses to write bytes to a terminal, which they could steer, and over what is
/// read.
pub fn check_output(args: &FollowArgs) -> anyhow::Result<()> {
    if args.output.is_none() && io::stdout().is_terminal() {
        bail!(
            "the bytes of a stream are nothing for a terminal: give -o FILE, or a pipe such as \
             | xxd"
        );
    }
    let stdout = PathBuf::from("-");
    let output = args.output.as_ref().unwrap_or(&stdout);
    files::check_output(output, &args.input.all_files())
}

/// Writes what `from` sent on the connection `stream`.
pub fn write(args: &FollowArgs, stream: u64, from: Side) -> anyhow::Result<()> {
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source)
        .beside_output()
        .unless(args.habits.quiet);
    let out: Box<dyn Write> = match &args.output {
        Some(path) => {
            let file = File::create(path).with_context(|| path.display().to_string())?;
            Box::new(BufWriter::new(file))
        }
        None => Box::new(BufWriter::new(io::stdout().lock())),
    };
    let mut raw = Raw {
        stream,
        from,
        out,
        next: 0,
        missing: 0,
        is_there: false,
        is_seen: false,
        written: Ok(()),
    };
    let mut pipeline: Pipeline<'_> = source::pipeline(&args.input, &mut raw)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    let is_there = raw.is_there;
    raw.close(args.habits.quiet)?;
    read?;
    opened.all?;
    let missing = if is_there { &[][..] } else { &[stream] };
    nothing::all_there(&learned.overview, missing)
}

struct Raw {
    stream: u64,
    from: Side,
    out: Box<dyn Write>,
    /// Offset of the byte behind the last one.
    next: u64,
    missing: u64,
    /// There are bytes of either side.
    is_there: bool,
    is_seen: bool,
    written: io::Result<()>,
}

impl Raw {
    fn close(mut self, is_quiet: bool) -> anyhow::Result<()> {
        let written = self.written.and_then(|()| self.out.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.context("cannot write the bytes")?,
        }
        if self.is_there && !self.is_seen {
            bail!(
                "the capture has no bytes of this side of connection {}",
                self.stream
            );
        }
        if self.missing > 0 && !is_quiet {
            let missing = Count(self.missing, "byte");
            tell(format_args!(
                "{missing} of the stream not in the capture: what is written has them left out"
            ));
        }
        Ok(())
    }
}

impl Observer for Raw {
    fn interest(&self) -> Interest {
        Interest {
            bytes_of: Some(StreamSet::only(vec![self.stream])),
            ..Interest::default()
        }
    }

    fn bytes(&mut self, bytes: &StreamBytes<'_>) {
        self.is_there = true;
        if bytes.from != self.from || self.written.is_err() {
            return;
        }
        // Where a capture begins in the middle, it begins there.
        if self.is_seen {
            self.missing += bytes.offset.saturating_sub(self.next);
        }
        self.is_seen = true;
        self.next = bytes.offset + bytes.bytes.len() as u64;
        self.written = self.out.write_all(bytes.bytes);
    }

    fn is_done(&self) -> bool {
        self.written.is_err()
    }
}
