//! The line at the bottom while something is typed into it: a filter, a text to
//! look for, the number of a packet.

use super::editor::Editor;
use super::input::Key;
use crate::filter::{Filter, completions};

/// Completions that are offered at once.
const MAX_OFFERED: usize = 64;

/// Filters that were used and can be had again.
const MAX_HISTORY: usize = 50;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An expression of a filter.
    Filter,
    /// A text to look for.
    Search {
        /// Towards the beginning.
        backwards: bool,
    },
    /// The number of a packet.
    Packet,
}

/// The line.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What is asked for.
    pub purpose: Purpose,
    /// What is typed.
    pub editor: Editor,
    /// What is wrong with it: the character, from 1, and the reason.
    pub fault: Option<(usize, String)>,
    /// Completions of the name before the cursor, and which of them is in the line.
    pub offered: Vec<String>,
    /// The one that is in the line.
    pub chosen: Option<usize>,
    /// Which of the history is in the line.
    recalled: Option<usize>,
}

/// What a key led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on.
    Open,
    /// It was given up.
    Cancelled,
    /// It is complete.
    Entered(String),
}

/// What was entered before, the latest last.
#[derive(Debug, Clone, Default)]
pub struct History(Vec<String>);

impl History {
    /// Remembers a line.
    pub fn add(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        self.0.retain(|known| known != line);
        self.0.push(line.to_owned());
        if self.0.len() > MAX_HISTORY {
            self.0.remove(0);
        }
    }
}

impl Prompt {
    /// Asks for something, with a text to begin with.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        let mut prompt = Self {
            purpose,
            editor: Editor::new(text),
            fault: None,
            offered: Vec::new(),
            chosen: None,
            recalled: None,
        };
        prompt.changed();
        prompt
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key, history: &History) -> Outcome {
        match key {
            Key::Esc | Key::Ctrl('c' | 'g') => return Outcome::Cancelled,
            Key::Enter if self.fault.is_none() => {
                return Outcome::Entered(self.editor.text().trim().to_owned());
            }
            Key::Enter => return Outcome::Open,
            Key::Tab => {
                self.complete(1);
                return Outcome::Open;
            }
            Key::BackTab => {
                self.complete(-1);
                return Outcome::Open;
            }
            Key::Up | Key::Ctrl('p') => self.recall(history, true),
            Key::Down | Key::Ctrl('n') => self.recall(history, false),
            // In an empty line nothing is left to take away but the line.
            Key::Backspace if self.editor.text().is_empty() => return Outcome::Cancelled,
            Key::Backspace | Key::Ctrl('h') => self.editor.backspace(),
            Key::Delete | Key::Ctrl('d') => self.editor.delete(),
            Key::Ctrl('w') => self.editor.delete_word(),
            Key::Ctrl('u') => self.editor.delete_before(),
            Key::Left | Key::Ctrl('b') => self.editor.left(),
            Key::Right | Key::Ctrl('f') => self.editor.right(),
            Key::Home | Key::Ctrl('a') => self.editor.home(),
            Key::End | Key::Ctrl('e') => self.editor.end(),
            Key::Char(character) => self.editor.insert(character),
            Key::Ctrl(_) | Key::PageUp | Key::PageDown => {}
        }
        self.changed();
        Outcome::Open
    }

    /// The text is another: judges it, and looks what the name could become.
    fn changed(&mut self) {
        self.chosen = None;
        self.offered.clear();
        let text = self.editor.text();
        self.fault = match self.purpose {
            Purpose::Filter if !text.trim().is_empty() => Filter::parse(text)
                .err()
                .map(|fault| (fault.column(), fault.reason().to_owned())),
            Purpose::Packet
                if !text.is_empty()
                    && !is_quit(text.trim())
                    && text.trim().parse::<u64>().is_err() =>
            {
                Some((1, "a packet has a number; q ends".to_owned()))
            }
            _ => None,
        };
        if self.purpose == Purpose::Filter {
            let word = word_before(self.editor.before());
            self.offered = completions(word);
            self.offered.retain(|name| name != word);
            self.offered.truncate(MAX_OFFERED);
        }
    }

    /// Puts the next completion into the line, or the one before.
    fn complete(&mut self, by: isize) {
        if self.offered.is_empty() {
            return;
        }
        let count = self.offered.len();
        let next = match self.chosen {
            None if by > 0 => 0,
            None => count - 1,
            Some(chosen) => (chosen + count).wrapping_add_signed(by) % count,
        };
        let replaced = match self.chosen {
            Some(chosen) => self.offered[chosen].len(),
            None => word_before(self.editor.before()).len(),
        };
        self.editor.replace_before(replaced, &self.offered[next]);
        let offered = std::mem::take(&mut self.offered);
        self.changed();
        (self.offered, self.chosen) = (offered, Some(next));
        if count == 1 {
            self.changed();
        }
    }

    fn recall(&mut self, history: &History, back: bool) {
        let lines = &history.0;
        let next = match (self.recalled, back) {
            (None, true) => lines.len().checked_sub(1),
            (Some(at), true) => Some(at.saturating_sub(1)),
            (Some(at), false) => Some(at + 1),
            (None, false) => None,
        };
        let Some(next) = next else { return };
        let text = lines.get(next).map_or("", String::as_str);
        self.recalled = (next < lines.len()).then_some(next);
        self.editor = Editor::new(text);
    }
}

/// What ends less and vim where a number is asked for.
pub(super) fn is_quit(text: &str) -> bool {
    matches!(text, "q" | "q!" | "qa" | "qa!" | "quit" | "x" | "wq")
}

/// The name that the cursor stands behind.
fn word_before(before: &str) -> &str {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let start = before.rfind(|c| !is_part(c));
    start.map_or(before, |at| {
        let after = before[at..].chars().next().map_or(0, char::len_utf8);
        &before[at + after..]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_into(prompt: &mut Prompt, text: &str) {
        for character in text.chars() {
            prompt.key(Key::Char(character), &History::default());
        }
    }

    #[test]
    fn a_filter_is_judged_while_it_is_typed() {
        let mut prompt = Prompt::new(Purpose::Filter, "");
        let history = History::default();
        type_into(&mut prompt, "request and indx == 60");
        let (column, reason) = prompt.fault.clone().unwrap();
        assert_eq!(column, 13);
        assert!(reason.contains("did you mean `index`?"));
        // It is not taken.
        assert_eq!(prompt.key(Key::Enter, &history), Outcome::Open);
        for _ in 0..7 {
            prompt.key(Key::Left, &history);
        }
        type_into(&mut prompt, "e");
        assert_eq!(prompt.editor.text(), "request and index == 60");
        let entered = Outcome::Entered("request and index == 60".to_owned());
        assert_eq!(prompt.key(Key::Enter, &history), entered);
    }

    #[test]
    fn names_are_completed() {
        let mut prompt = Prompt::new(Purpose::Filter, "");
        let history = History::default();
        type_into(&mut prompt, "not unansw");
        assert_eq!(prompt.offered, ["unanswered"]);
        prompt.key(Key::Tab, &history);
        assert_eq!(prompt.editor.text(), "not unanswered");
        type_into(&mut prompt, " and (hash");
        let offered = prompt.offered.clone();
        assert!(offered.len() > 2, "{offered:?}");
        prompt.key(Key::Tab, &history);
        prompt.key(Key::Tab, &history);
        let expected = format!("not unanswered and ({}", offered[1]);
        assert_eq!(prompt.editor.text(), expected);
        prompt.key(Key::BackTab, &history);
        assert!(prompt.editor.text().ends_with(&offered[0]));
    }

    #[test]
    fn what_was_entered_comes_again() {
        let mut history = History::default();
        for line in ["have", "piece", "have"] {
            history.add(line);
        }
        let mut prompt = Prompt::new(Purpose::Filter, "");
        prompt.key(Key::Up, &history);
        assert_eq!(prompt.editor.text(), "have");
        prompt.key(Key::Up, &history);
        prompt.key(Key::Up, &history);
        assert_eq!(prompt.editor.text(), "piece");
        prompt.key(Key::Down, &history);
        prompt.key(Key::Down, &history);
        assert_eq!(prompt.editor.text(), "");
        assert_eq!(prompt.key(Key::Backspace, &history), Outcome::Cancelled);
    }
}
