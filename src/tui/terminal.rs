//! The terminal: taken and given back, whatever happens in between.

use std::io::{self, IsTerminal, Stdout, Write, stdout};
use std::os::fd::AsFd;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, raise};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    self, DisableMouseCapture, EnableMouseCapture, Event, KeyCode, KeyEvent, KeyEventKind,
    KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::model::{Input, Key, Model};
use super::render::{Palette, draw};
use super::signals;

/// The longest text that goes to the clipboard: terminals take no more in one
/// sequence.
const MAX_COPIED_BYTES: usize = 74_994;

/// The terminal is ours.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The whole screen. It is given back when this is dropped, on a panic of any
/// thread too.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    palette: Palette,
    signal: Arc<AtomicUsize>,
}

impl Screen {
    /// Takes the terminal on standard output.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn take(palette: Palette) -> io::Result<Self> {
        if !stdout().is_terminal() {
            return Err(io::Error::other("standard output is no terminal"));
        }
        let signal = signals::watch()?;
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        let terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        let mut screen = Self {
            terminal,
            palette,
            signal,
        };
        screen.begin()?;
        Ok(screen)
    }

    fn begin(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        IS_TAKEN.store(true, Ordering::SeqCst);
        execute!(stdout(), EnterAlternateScreen, EnableMouseCapture)?;
        self.terminal.clear()
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws the model.
    pub fn draw(&mut self, model: &mut Model) -> io::Result<()> {
        let palette = self.palette;
        self.terminal.draw(|frame| {
            let area = frame.area();
            // The window may have changed since it was last told.
            model.size = (area.width, area.height);
            if let Some(cursor) = draw(model, frame.buffer_mut(), palette) {
                frame.set_cursor_position(cursor);
            }
        })?;
        Ok(())
    }

    /// Draws everything anew.
    pub fn redraw(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// What happens next, if it does within this time.
    ///
    /// # Errors
    ///
    /// When the terminal has gone. That is looked for before crossterm may read:
    /// it takes the end of the terminal for a read of nothing and tries again
    /// without end.
    pub fn wait(&mut self, time: Duration) -> io::Result<Option<Input>> {
        if hung_up(Duration::ZERO)? {
            return Err(io::Error::other("the terminal has gone"));
        }
        if !is_at_hand()? {
            // The wait is ours, so that a hang-up ends it. A signal does too, that
            // of another size among them.
            if time.is_zero() || !has_input(time)? || hung_up(Duration::ZERO)? {
                return Ok(None);
            }
            if !is_at_hand()? {
                return Ok(None);
            }
        }
        Ok(input(&event::read()?))
    }

    /// The signal that ends the program, if one has come.
    pub fn signal(&self) -> Option<i32> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            signal => i32::try_from(signal).ok(),
        }
    }

    /// Lets the shell have the terminal until it gives it back.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        raise(Signal::SIGTSTP)?;
        self.begin()
    }

    /// Puts a text on the clipboard, by way of the terminal (OSC 52).
    ///
    /// # Errors
    ///
    /// When it is too long.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        if text.len() > MAX_COPIED_BYTES {
            return Err(io::Error::other("too long for the clipboard"));
        }
        let text = BASE64_STANDARD.encode(text);
        let mut out = stdout();
        write!(out, "\x1b]52;c;{text}\x07")?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether the terminal has gone.
fn hung_up(time: Duration) -> io::Result<bool> {
    let gone = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    Ok(ready(time)?.intersects(gone))
}

/// Whether crossterm has an event.
fn is_at_hand() -> io::Result<bool> {
    match event::poll(Duration::ZERO) {
        // A signal: who asks looks at it.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
        other => other,
    }
}

/// Whether there is something to be read from the terminal within this time.
fn has_input(time: Duration) -> io::Result<bool> {
    Ok(!ready(time)?.is_empty())
}

/// What the terminal is ready for; nothing where a signal came first.
fn ready(time: Duration) -> io::Result<PollFlags> {
    let out = stdout();
    let mut terminal = [PollFd::new(out.as_fd(), PollFlags::POLLIN)];
    let timeout = PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX);
    match poll(&mut terminal, timeout) {
        Ok(_) => Ok(terminal[0].revents().unwrap_or(PollFlags::empty())),
        Err(Errno::EINTR) => Ok(PollFlags::empty()),
        Err(error) => Err(error.into()),
    }
}

/// Gives the terminal back, if it is ours.
fn give_back() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        // There is nobody to tell that it did not work.
        let _ = execute!(stdout(), DisableMouseCapture, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// What an event of the terminal means to us.
fn input(event: &Event) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => self::key(*key).map(Input::Key),
        Event::Mouse(mouse) => self::mouse(*mouse),
        Event::Resize(width, height) => Some(Input::Resize(*width, *height)),
        _ => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.modifiers.contains(KeyModifiers::CONTROL) {
        return match event.code {
            KeyCode::Char(character) => Some(Key::Ctrl(character.to_ascii_lowercase())),
            _ => None,
        };
    }
    Some(match event.code {
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => return None,
    })
}

fn mouse(event: MouseEvent) -> Option<Input> {
    let (x, y) = (event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Input::Click(x, y)),
        MouseEventKind::ScrollDown => Some(Input::Wheel(x, y, 1)),
        MouseEventKind::ScrollUp => Some(Input::Wheel(x, y, -1)),
        _ => None,
    }
}
