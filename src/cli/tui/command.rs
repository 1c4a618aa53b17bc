//! The screen, and the thread that fills the spool meanwhile.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use anyhow::{Context, bail};

use super::TuiArgs;
use super::reading::read;
#[cfg(feature = "live")]
use super::sniff;
use crate::cli::files;
use crate::cli::trouble::tell;
use crate::tui::listing::Choice;
use crate::tui::model::Model;
use crate::tui::render::Palette;
use crate::tui::spool::Spool;
use crate::tui::{End, Screen};
use crate::view::ColorChoice;

/// Runs the command.
pub fn run(args: &TuiArgs) -> anyhow::Result<ExitCode> {
    crate::tui::let_writes_fail().context("cannot watch for signals")?;
    let spool = Spool::new().context("cannot make a temporary file")?;
    let (sender, receiver) = mpsc::channel();
    let (owned, filled) = (Arc::new(args.clone()), spool.clone());
    let fill: Box<dyn FnOnce() + Send> = match &args.interface {
        None => Box::new(move || read(&owned, &filled, &sender)),
        // Whoever sniffs needs to be root only until it listens.
        Some(name) => sniffing(name, owned, filled, sender)?,
    };
    let reading = thread::Builder::new().name("read".to_owned()).spawn(fill)?;
    let Ok(total) = receiver.recv() else {
        bail!("the capture cannot be read");
    };
    let total = total?;
    let mut model = model(args, spool.clone(), total)?;
    let colour = ColorChoice::from(args.color).for_stdout();
    let mut screen = Screen::take(Palette { colour })
        .context("peerscope tui needs a terminal; peerscope read does not")?;
    let goes_on = || spool.is_complete() || !reading.is_finished();
    let ended = crate::tui::run(&mut screen, &mut model, goes_on);
    drop(screen);
    spool.stop();
    if let End::Signal(signal) = ended? {
        return Ok(crate::tui::end_by(signal));
    }
    // Whoever sniffs has yet to say what was dropped: a moment, as it looks often whether
    // anybody still looks. Who reads may wait for a pipe.
    let has_broken = if args.interface.is_some() {
        reading.join().is_err()
    } else {
        reading.is_finished() && !spool.is_complete()
    };
    let trouble = spool.trouble();
    for line in trouble.iter().chain(&spool.notes()) {
        tell(line);
    }
    let is_bad = !trouble.is_empty() || has_broken;
    Ok(ExitCode::from(if is_bad { 2 } else { 0 }))
}

/// Opens an interface; gives what fills the spool from it.
#[cfg(feature = "live")]
fn sniffing(
    interface: &str,
    args: Arc<TuiArgs>,
    spool: Spool,
    ready: Sender<anyhow::Result<Option<u64>>>,
) -> anyhow::Result<Box<dyn FnOnce() + Send>> {
    let opened = sniff::Opened::new(interface, &args.input)?;
    Ok(Box::new(move || opened.fill(&spool, args.all, &ready)))
}

#[cfg(not(feature = "live"))]
fn sniffing(
    _: &str,
    _: Arc<TuiArgs>,
    _: Spool,
    _: Sender<anyhow::Result<Option<u64>>>,
) -> anyhow::Result<Box<dyn FnOnce() + Send>> {
    bail!("sniffing needs libpcap, and this peerscope was built without it")
}

fn model(args: &TuiArgs, spool: Spool, total: Option<u64>) -> anyhow::Result<Model> {
    let stream = match args.chosen.stream[..] {
        [] => None,
        [stream] => Some(stream),
        _ => bail!("one connection can be listed alone, or all"),
    };
    let files = match &args.interface {
        None => args.input.files(),
        Some(_) => Vec::new(),
    };
    let interface = args.interface.iter().cloned();
    let mut names: Vec<String> = interface.collect();
    let of_files = files.iter().map(|file| {
        if files::is_stdin(file) {
            "standard input".to_owned()
        } else {
            file.display().to_string()
        }
    });
    names.extend(of_files);
    let mut model = Model::new(spool, names.join(" "), total);
    model.time = args.time.into();
    model.is_live = args.interface.is_some();
    let filter = args.chosen.filter.clone();
    let text = filter
        .as_ref()
        .map_or("", crate::filter::Filter::text)
        .to_owned();
    let choice = Choice { stream, filter };
    if !choice.is_everything() {
        model.list(choice, text);
    }
    Ok(model)
}
