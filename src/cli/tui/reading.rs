//! A capture is read into the spool.

use std::sync::mpsc::Sender;

use super::TuiArgs;
use super::notes::note_learned;
use super::watched::Watched;
use crate::capture::CaptureError;
use crate::cli::{source, torrents};
use crate::tui::spool::Spool;

/// Reads the capture into the spool; tells how long it is, or why it cannot be
/// read.
pub(super) fn read(args: &TuiArgs, spool: &Spool, ready: &Sender<anyhow::Result<Option<u64>>>) {
    let opened = match source::open(&args.input) {
        Ok(opened) => opened,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let mut trouble = Vec::new();
    if opened.all.is_err() {
        trouble.push("not all of the files could be opened".to_owned());
    }
    let torrents = match torrents::load(&args.input.torrent) {
        Ok(torrents) => torrents,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let mut recorder = spool.recorder(args.all);
    recorder.know(&torrents);
    let mut pipeline = match source::knowing(&args.input, torrents, &mut recorder) {
        Ok(pipeline) => pipeline,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let _ = ready.send(Ok(opened.source.total_size()));
    let mut watched = Watched::new(opened.source, spool.clone());
    let run = pipeline.run(&mut watched);
    let learned = pipeline.finish();
    watched.note();
    recorder.close();
    if let Err(error) = &run {
        spool.tell_in_short(in_short(error));
        trouble.extend(error.each().map(ToString::to_string));
    }
    note_learned(spool, &learned);
    spool.complete(trouble);
}

/// What is wrong with a file, for a line that may end early: the reason first.
fn in_short(error: &CaptureError) -> String {
    let name = error.file.file_name().unwrap_or(error.file.as_os_str());
    let at = error
        .offset
        .map_or(String::new(), |offset| format!(", at offset {offset}"));
    format!("{}{at} of {}", error.reason, name.display())
}
