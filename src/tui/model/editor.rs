//! One line that is typed.

/// More is not taken: an expression of a filter is short.
const MAX_CHARACTERS: usize = 1000;

/// A line and where the next character goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Editor {
    text: String,
    /// Byte at which the cursor stands.
    at: usize,
}

impl Editor {
    /// A line that has something in it, the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            at: text.len(),
        }
    }

    /// What is typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub fn before(&self) -> &str {
        &self.text[..self.at]
    }

    /// Types a character. Those that steer a terminal are not taken.
    pub fn insert(&mut self, character: char) {
        if !character.is_control() && self.text.chars().count() < MAX_CHARACTERS {
            self.text.insert(self.at, character);
            self.at += character.len_utf8();
        }
    }

    /// Puts `word` in the place of the last `bytes` before the cursor.
    pub fn replace_before(&mut self, bytes: usize, word: &str) {
        let start = self.at.saturating_sub(bytes);
        self.text.replace_range(start..self.at, word);
        self.at = start + word.len();
    }

    /// Takes the character before the cursor away.
    pub fn backspace(&mut self) {
        let last = self.before().chars().next_back().map_or(0, char::len_utf8);
        self.replace_before(last, "");
    }

    /// Takes the character at the cursor away.
    pub fn delete(&mut self) {
        if self.at < self.text.len() {
            self.text.remove(self.at);
        }
    }

    /// Takes the word before the cursor away.
    pub fn delete_word(&mut self) {
        let before = self.before().trim_end();
        let start = before.rfind(' ').map_or(0, |blank| blank + 1);
        self.replace_before(self.at - start, "");
    }

    /// Takes all before the cursor away.
    pub fn delete_before(&mut self) {
        self.replace_before(self.at, "");
    }

    /// One character back.
    pub fn left(&mut self) {
        self.at -= self.before().chars().next_back().map_or(0, char::len_utf8);
    }

    /// One character on.
    pub fn right(&mut self) {
        self.at += self.text[self.at..]
            .chars()
            .next()
            .map_or(0, char::len_utf8);
    }

    /// To the beginning.
    pub fn home(&mut self) {
        self.at = 0;
    }

    /// To the end.
    pub fn end(&mut self) {
        self.at = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited() {
        let mut line = Editor::new("have piece");
        line.delete_word();
        "µ\u{1b}x".chars().for_each(|c| line.insert(c));
        assert_eq!(line.text(), "have µx");
        line.left();
        line.backspace();
        line.delete();
        line.delete();
        assert_eq!((line.text(), line.before()), ("have ", "have "));
        line.home();
        line.right();
        line.delete();
        assert_eq!((line.text(), line.before()), ("hve ", "h"));
        line.end();
        line.replace_before(2, "x");
        assert_eq!(line.text(), "hvx");
        line.delete_before();
        line.backspace();
        line.left();
        assert_eq!(line.text(), "");
    }
}
