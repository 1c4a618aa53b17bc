//! Models of whole captures, and their screens as text.

use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::model::{Input, Model};
use super::render::{Palette, draw};
use super::spool::Spool;
use crate::capture::{self, FileSource};
use crate::filter::{Fates, Filter};
use crate::packet::Stamp;
use crate::pipeline::{Observer, Pipeline};
use crate::session::{Ended, Heard, Torrents};

/// Nothing takes longer than this.
const PATIENCE: Duration = Duration::from_secs(30);

fn source(capture: &Path) -> FileSource {
    capture::open(&[capture.to_owned()]).expect("a capture")
}

fn fill(spool: &Spool, capture: &Path) {
    let mut recorder = spool.recorder(false);
    let mut pipeline = Pipeline::new(&mut recorder, Torrents::default());
    let run = pipeline.run(&mut source(capture));
    pipeline.finish();
    recorder.close();
    spool.note_progress(1, 1);
    let trouble = run.err().map(|error| error.to_string());
    spool.complete(trouble.into_iter().collect());
}

/// A capture that has been read.
pub fn model(capture: &Path) -> Model {
    let spool = Spool::new().expect("a temporary file");
    fill(&spool, capture);
    let name = capture.file_name().expect("a name");
    let mut model = Model::new(spool, name.to_string_lossy().into_owned(), None);
    settle(&mut model);
    model
}

/// A capture that is being read.
pub fn slowly(capture: &Path) -> (Model, JoinHandle<()>) {
    let spool = Spool::new().expect("a temporary file");
    let (filled, capture) = (spool.clone(), capture.to_owned());
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        fill(&filled, &capture);
    });
    (Model::new(spool, "slow".to_owned(), Some(1)), thread)
}

/// Waits until nothing is looked for any more.
pub fn settle(model: &mut Model) {
    let began = Instant::now();
    loop {
        model.update(Input::Tick);
        let is_done = model.spool().is_complete() && model.left() == 0;
        if (is_done || !model.spool().is_complete()) && !model.is_searching() {
            // What was published last is taken in.
            model.update(Input::Tick);
            return;
        }
        if !model.spool().is_complete() && began.elapsed() > Duration::from_millis(300) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "it takes too long");
        thread::sleep(Duration::from_millis(2));
    }
}

/// How many messages pass a filter when the capture is read for it.
pub fn read(capture: &Path, filter: &str) -> u64 {
    struct Count(Filter, u64);
    impl Observer for Count {
        fn begin(&mut self, first: Stamp) {
            self.0.begin(first);
        }
        fn message(&mut self, heard: &Heard<'_>) {
            self.1 += u64::from(self.0.passes(heard));
        }
    }
    struct Survey(Fates);
    impl Observer for Survey {
        fn ended(&mut self, ended: &Ended<'_>) {
            self.0.ended(ended);
        }
    }
    let run = |observer: &mut dyn Observer| {
        let mut pipeline = Pipeline::new(observer, Torrents::default());
        pipeline.run(&mut source(capture)).expect("sound");
        pipeline.finish();
    };
    let mut survey = Survey(Fates::new());
    run(&mut survey);
    let mut count = Count(Filter::parse(filter).expect("a filter"), 0);
    count.0.know(survey.0);
    run(&mut count);
    count.1
}

/// The screen as cells.
pub fn buffer(model: &mut Model, width: u16, height: u16, colour: bool) -> Buffer {
    model.update(Input::Resize(width, height));
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let cursor = draw(model, &mut buffer, Palette { colour });
    if let Some((x, y)) = cursor {
        assert!(x < width.max(1) && y < height.max(1), "{x} {y}");
    }
    buffer
}

/// The screen as text: rows, and below each what is marked in it (`^`) or
/// underlined (`_`).
pub fn screen(model: &mut Model, width: u16, height: u16) -> String {
    let buffer = buffer(model, width, height, false);
    let mut text = String::new();
    for y in 0..height {
        let cells = (0..width).map(|x| &buffer[(x, y)]);
        let row: String = cells.clone().map(ratatui::buffer::Cell::symbol).collect();
        text.push_str(row.trim_end());
        text.push('\n');
        let marks: String = cells
            .map(|cell| {
                assert!(matches!(cell.fg, Color::Reset) && matches!(cell.bg, Color::Reset));
                if cell.modifier.contains(Modifier::REVERSED) {
                    '^'
                } else if cell.modifier.contains(Modifier::UNDERLINED) {
                    '_'
                } else {
                    ' '
                }
            })
            .collect();
        if !marks.trim_end().is_empty() {
            text.push_str(marks.trim_end());
            text.push('\n');
        }
    }
    text
}
