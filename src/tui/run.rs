//! The loop: what happens goes into the model, and the model onto the screen.

use std::io;
use std::time::{Duration, Instant};

use super::model::{Effect, Input, Model};
use super::terminal::Screen;

/// Between two looks at what is new.
const TICK: Duration = Duration::from_millis(100);

/// The same where nothing is expected to be.
const IDLE_TICK: Duration = Duration::from_millis(500);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The user wanted it.
    Quit,
    /// This signal.
    Signal(i32),
    /// `goes_on` said no.
    Broken,
}

/// Runs until the user ends it, or a signal does, or `goes_on` says no.
pub fn run(
    screen: &mut Screen,
    model: &mut Model,
    mut goes_on: impl FnMut() -> bool,
) -> io::Result<End> {
    model.size = screen.size()?;
    model.update(Input::Tick);
    let mut ticked = Instant::now();
    loop {
        screen.draw(model)?;
        let is_idle = model.progress.is_complete && !model.is_searching() && model.left() == 0;
        let tick = if is_idle { IDLE_TICK } else { TICK };
        let mut next = screen.wait(tick.saturating_sub(ticked.elapsed()))?;
        // What came meanwhile is taken before the next drawing.
        while let Some(input) = next {
            if let Some(effect) = model.update(input)
                && carry_out(screen, model, effect)?
            {
                return Ok(End::Quit);
            }
            next = screen.wait(Duration::ZERO)?;
        }
        if let Some(signal) = screen.signal() {
            return Ok(End::Signal(signal));
        }
        if !goes_on() {
            return Ok(End::Broken);
        }
        if ticked.elapsed() >= tick {
            model.update(Input::Tick);
            ticked = Instant::now();
        }
    }
}

/// Does what the model wants done; whether that is to end.
fn carry_out(screen: &mut Screen, model: &mut Model, effect: Effect) -> io::Result<bool> {
    match effect {
        Effect::Quit => return Ok(true),
        Effect::Suspend => screen.suspend()?,
        Effect::Redraw => screen.redraw()?,
        Effect::Copy(text) => {
            if let Err(error) = screen.copy(&text) {
                model.complain(format!("not copied: {error}"));
            }
        }
    }
    Ok(false)
}
