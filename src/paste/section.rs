//! What a text is made of.

use super::dump::Dump;
use super::fault::Fault;
use super::log::Logged;

/// Text around dumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'t> {
    /// The text, line ends included.
    pub text: &'t str,
}

impl<'t> Context<'t> {
    /// The lines that say something, without the blank ends of the text: an
    /// empty line stands for any number of them.
    pub fn lines(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        let says = |line: &str| line.contains(char::is_alphanumeric);
        let mut lines = self.text.lines().map(str::trim_end);
        let mut blank = false;
        let mut begun = false;
        let mut held = None;
        std::iter::from_fn(move || {
            if let Some(line) = held.take() {
                return Some(line);
            }
            loop {
                let line = lines.next()?;
                if line.trim().is_empty() {
                    blank = true;
                } else if says(line) {
                    if std::mem::take(&mut blank) && begun {
                        held = Some(line);
                        return Some("");
                    }
                    begun = true;
                    return Some(line);
                }
            }
        })
    }
}

/// What a text is made of, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section<'t> {
    /// Bytes.
    Dump(Dump),
    /// A message of which a log tells.
    Logged(Logged<'t>),
    /// Anything else.
    Context(Context<'t>),
}

/// A text taken apart, up to its first fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted<'t> {
    /// Dumps and context.
    pub sections: Vec<Section<'t>>,
    /// Why it was not read to the end, or why there is nothing.
    pub fault: Option<Fault>,
}
