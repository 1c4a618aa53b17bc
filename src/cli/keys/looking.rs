//! The run: finds the processes, looks into them, writes what it finds.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::args::KeysArgs;
use super::list;
use crate::capture::{Existing, OutputFile, create};
use crate::cli::files;
use crate::cli::trouble::tell;
use crate::keys::process::{Process, Refusal, Watch, by_name, by_number};
use crate::session::KeyLog;
use crate::wire::mse::StateLine;

/// Looks of a run that does not go on: so many are needed to see what moves.
const LOOKS: u32 = 4;

/// Between two looks: so long at least, and at most, and in between as many times
/// as long as a look takes.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);
const TIMES: u32 = 4;

/// Between two looks whether an end was asked for.
const NAP: Duration = Duration::from_millis(20);

/// The exit status of a process that a signal has ended, without the signal.
const SIGNALLED: i32 = 128;

/// Runs the command.
pub fn run(args: &KeysArgs) -> anyhow::Result<()> {
    let mut writer = Lines::new(args)?;
    let asked = on_signals().context("cannot listen to signals")?;
    let mut looking = Looking::new(args)?;
    let end = args.duration.map(|time| Instant::now() + time);
    let goes_on = args.watch || end.is_some() || looking.child.is_some();
    let mut looks = 0;
    while !looking.watches.is_empty() && !asked.load(Ordering::Relaxed) {
        let took = looking.look(&mut writer)?;
        looks += 1;
        if !goes_on && looks == LOOKS {
            break;
        }
        let next = Instant::now() + pause(took);
        while Instant::now() < next && !asked.load(Ordering::Relaxed) && !looking.has_ended() {
            thread::sleep(NAP);
        }
        if end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
    }
    looking.finish(&mut writer)?;
    if !args.quiet {
        list::processes(&looking.over, args.output.as_deref())?;
    }
    if let Some(child) = &mut looking.child {
        child.wait().context("cannot wait for the command")?;
    }
    if !args.captures.is_empty() {
        list::connections(&args.captures, writer.keys)?;
    }
    Ok(())
}

/// How long to wait after a look that took this time.
pub(super) fn pause(took: Duration) -> Duration {
    (took * TIMES).clamp(SHORTEST, LONGEST)
}

/// The first signal asks for an end, the second one ends the process at once.
fn on_signals() -> io::Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, SIGNALLED + signal, Arc::clone(&asked))?;
        flag::register(signal, Arc::clone(&asked))?;
    }
    Ok(asked)
}

/// Where the lines go.
struct Lines {
    out: Box<dyn Write>,
    /// The same, to be tried on captures.
    keys: KeyLog,
}

impl Lines {
    fn new(args: &KeysArgs) -> anyhow::Result<Self> {
        let out: Box<dyn Write> = match &args.output {
            Some(path) => {
                files::check_output(path, &args.captures)?;
                let file = create(path, Existing::Append).map(OutputFile::into_file);
                let file: File = file.with_context(|| path.display().to_string())?;
                Box::new(file)
            }
            None => Box::new(io::stdout()),
        };
        Ok(Self {
            out,
            keys: KeyLog::default(),
        })
    }

    /// Writes them at once: others may read the file meanwhile.
    fn write(&mut self, lines: Vec<StateLine>) -> anyhow::Result<()> {
        let mut text = String::new();
        for line in lines {
            text.push_str(&line.to_string());
            text.push('\n');
            self.keys.add_state(line);
        }
        let written = self.out.write_all(text.as_bytes());
        written
            .and_then(|()| self.out.flush())
            .context("cannot write the keys")
    }
}

/// The processes that are looked into.
struct Looking {
    watches: Vec<Watch>,
    /// Those that have ended, or were left.
    over: Vec<Watch>,
    child: Option<Child>,
}

impl Looking {
    fn new(args: &KeysArgs) -> anyhow::Result<Self> {
        let child = start(&args.command)?;
        let processes = match &child {
            Some(child) => vec![by_number(child.id())?],
            None => find(&args.processes)?,
        };
        let opened: Vec<Result<Watch, Refusal>> = processes.into_iter().map(Watch::new).collect();
        let mut watches = Vec::new();
        let mut last = None;
        for opened in opened {
            match opened {
                Ok(watch) => watches.push(watch),
                Err(refusal) => last = Some(tell(refusal)),
            }
        }
        match last {
            Some(told) if watches.is_empty() => Err(told.into()),
            _ => Ok(Self {
                watches,
                over: Vec::new(),
                child,
            }),
        }
    }

    /// Looks into all of them; says how long that took.
    fn look(&mut self, writer: &mut Lines) -> anyhow::Result<Duration> {
        let began = Instant::now();
        for mut watch in std::mem::take(&mut self.watches) {
            writer.write(watch.look().unwrap_or_default())?;
            if watch.process().is_over() {
                self.over.push(watch);
            } else {
                self.watches.push(watch);
            }
        }
        Ok(began.elapsed())
    }

    /// Whether all of them are over.
    fn has_ended(&self) -> bool {
        self.watches.iter().all(|watch| watch.process().is_over())
    }

    fn finish(&mut self, writer: &mut Lines) -> anyhow::Result<()> {
        self.over.append(&mut self.watches);
        for watch in &mut self.over {
            writer.write(watch.finish())?;
        }
        Ok(())
    }
}

/// Starts the command, if there is one.
fn start(command: &[OsString]) -> anyhow::Result<Option<Child>> {
    let [program, arguments @ ..] = command else {
        return Ok(None);
    };
    let started = Command::new(program).args(arguments).spawn();
    let name = || format!("cannot start {}", program.to_string_lossy());
    started.map(Some).with_context(name)
}

/// The processes that these words mean.
pub(super) fn find(words: &[String]) -> anyhow::Result<Vec<Process>> {
    let mut processes = Vec::new();
    for word in words {
        if let Ok(number) = word.parse() {
            processes.push(by_number(number)?);
            continue;
        }
        let called = by_name(word).context("/proc")?;
        if called.is_empty() {
            bail!("no process is called {word}");
        }
        processes.extend(called);
    }
    processes.sort_by_key(|process| process.pid);
    processes.dedup();
    Ok(processes)
}
