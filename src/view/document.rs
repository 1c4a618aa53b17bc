//! What a view says, before anybody decides how it looks: lines of styled runs,
//! each with its role.
//!
//! A view appends to a [`Document`]; a renderer (`view::terminal`, or one of your
//! own) makes of its lines what its medium shows. Whatever of a capture is in it
//! has been made harmless for a terminal ([`text`](super::text)); another medium
//! escapes its own markup.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::style::Role;
use super::text::{Safe, SafeWriter, clipped, width, wrap};

/// Memory that a cleared document keeps for what comes next, in bytes.
const KEPT_BYTES: usize = 1 << 20;

/// Lines of runs, in a buffer that can be used again.
#[derive(Debug, Default)]
pub struct Document {
    text: String,
    is_styled: bool,
    role: Role,
    /// Where a role begins, in order; none where nothing is styled.
    turns: Vec<RoleChange>,
    /// Where the lines begin that are about a field.
    subjects: Vec<Subject>,
}

/// From this byte on the text has another role.
#[derive(Debug, Clone, Copy)]
struct RoleChange {
    at: usize,
    role: Role,
}

/// From this byte on the lines are about another field, or none.
#[derive(Debug, Clone, Copy)]
struct Subject {
    at: usize,
    node: Option<usize>,
}

impl Document {
    /// An empty document. One that is not styled keeps its text alone, which costs
    /// less: everything in it is [`Role::Plain`].
    pub fn new(is_styled: bool) -> Self {
        Self {
            is_styled,
            ..Self::default()
        }
    }

    /// Whether it keeps roles.
    pub fn is_styled(&self) -> bool {
        self.is_styled
    }

    /// All its text, with a line feed behind every line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its lines.
    pub fn lines(&self) -> Lines<'_> {
        Lines {
            document: self,
            at: 0,
            turn: 0,
            subject: 0,
        }
    }

    /// Forgets what was written and keeps the memory, up to a bound.
    pub fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT_BYTES);
        self.turns.clear();
        self.turns.shrink_to(KEPT_BYTES / size_of::<RoleChange>());
        self.subjects.clear();
        self.subjects.shrink_to(KEPT_BYTES / size_of::<Subject>());
        self.role = Role::Plain;
    }

    /// Everything from here on is of this role.
    #[inline]
    pub fn role(&mut self, role: Role) {
        if self.is_styled && role != self.role {
            self.turn(role);
        }
    }

    fn turn(&mut self, role: Role) {
        let at = self.text.len();
        self.role = role;
        match self.turns.last_mut() {
            // Nothing was written in the role before.
            Some(last) if last.at == at => last.role = role,
            _ => self.turns.push(RoleChange { at, role }),
        }
    }

    /// The lines from here on are about this node of the tree that is shown, or
    /// about none.
    pub fn subject(&mut self, node: Option<usize>) {
        if self.is_styled && self.subjects.last().and_then(|last| last.node) != node {
            let at = self.text.len();
            self.subjects.push(Subject { at, node });
        }
    }

    /// Writes words of our own.
    pub fn push(&mut self, own: &str) {
        self.text.push_str(own);
    }

    /// Writes text of a capture.
    pub fn push_safe(&mut self, text: &str) {
        let _ = write!(self.text, "{}", Safe::from(text));
    }

    /// Writes anything that may hold text of a capture.
    pub fn push_display(&mut self, value: impl std::fmt::Display) {
        let _ = write!(SafeWriter::new(&mut self.text), "{value}");
    }

    /// The same, ended by `…` after about `most` bytes.
    pub fn push_brief(&mut self, value: impl std::fmt::Display, most: usize) {
        let brief = Brief {
            text: &mut self.text,
            left: most,
        };
        if write!(SafeWriter::new(brief), "{value}").is_err() {
            self.text.push('…');
        }
    }

    /// Writes a line of another document, clipped to `columns` with an ellipsis;
    /// says how many it takes. What comes behind it has a role of its own.
    pub fn push_line(&mut self, line: Line<'_>, columns: usize) -> usize {
        let shown = clipped(line.text, columns);
        // An ellipsis can be as long as what it stands for.
        let is_whole = matches!(shown, Cow::Borrowed(_));
        let ellipsis = if is_whole { 0 } else { '…'.len_utf8() };
        let mut left = shown.len() - ellipsis;
        for (role, text) in line.runs() {
            if left == 0 {
                break;
            }
            self.role(role);
            let here = text.len().min(left);
            self.text.push_str(&text[..here]);
            left -= here;
        }
        if !is_whole {
            self.text.push('…');
        }
        width(&shown)
    }

    /// Writes a line of another document in as many as it takes to have `columns` at most
    /// in each, the others set in by `indent`, and ends the last one.
    pub fn push_wrapped(&mut self, line: Line<'_>, columns: usize, indent: usize) {
        let text = line.text;
        let place = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
        let mut parts = wrap(text, columns);
        let first = parts.next().unwrap_or(&text[..0]);
        let others = parts.next().map_or("", |second| &text[place(second)..]);
        let others = wrap(others, columns.saturating_sub(indent));
        for (index, part) in std::iter::once(first).chain(others).enumerate() {
            self.spaces(if index > 0 { indent } else { 0 });
            let (start, end) = (place(part), place(part) + part.len());
            let mut at = 0;
            for (role, run) in line.runs() {
                let here = start.clamp(at, at + run.len())..end.clamp(at, at + run.len());
                if !here.is_empty() {
                    self.role(role);
                    self.push(&text[here]);
                }
                at += run.len();
            }
            self.end_line();
        }
    }

    /// Writes `count` spaces.
    pub fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }

    /// Ends the line, without style.
    pub fn end_line(&mut self) {
        self.role(Role::Plain);
        self.text.push('\n');
    }

    /// The buffer, for a writer of plain ASCII of our own.
    pub(super) fn buffer(&mut self) -> &mut String {
        &mut self.text
    }
}

/// A line of a document.
#[derive(Debug, Clone, Copy)]
pub struct Line<'d> {
    /// Its text, without the line feed.
    pub text: &'d str,
    /// The node of the tree that it is about, where fields are shown.
    pub subject: Option<usize>,
    document: &'d Document,
    at: usize,
    /// The first turn that is not before the line.
    turn: usize,
}

impl<'d> Line<'d> {
    /// Its runs: a role, and the text that has it. Together they are the text.
    pub fn runs(self) -> impl Iterator<Item = (Role, &'d str)> {
        let turns = &self.document.turns;
        let end = self.at + self.text.len();
        let before = self.turn.checked_sub(1).and_then(|turn| turns.get(turn));
        let mut role = before.map_or(Role::Plain, |turn| turn.role);
        let mut rest = turns[self.turn..].iter().take_while(move |t| t.at < end);
        let mut at = self.at;
        std::iter::from_fn(move || {
            while at < end {
                let next = rest.next();
                let until = next.map_or(end, |turn| turn.at);
                let run = (role, &self.document.text[at..until]);
                at = until;
                role = next.map_or(role, |turn| turn.role);
                if !run.1.is_empty() {
                    return Some(run);
                }
            }
            None
        })
    }
}

/// The lines of a document, one after the other.
#[derive(Debug, Clone)]
pub struct Lines<'d> {
    document: &'d Document,
    at: usize,
    turn: usize,
    subject: usize,
}

impl<'d> Iterator for Lines<'d> {
    type Item = Line<'d>;

    fn next(&mut self) -> Option<Line<'d>> {
        let document = self.document;
        let rest = document
            .text
            .get(self.at..)
            .filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let turns = document.turns[self.turn..].iter();
        self.turn += turns.take_while(|turn| turn.at < self.at).count();
        let subjects = document.subjects[self.subject..].iter();
        self.subject += subjects.take_while(|from| from.at <= self.at).count();
        let from = self.subject.checked_sub(1);
        let line = Line {
            text: &rest[..length],
            subject: from.and_then(|from| document.subjects[from].node),
            document,
            at: self.at,
            turn: self.turn,
        };
        self.at += length + 1;
        Some(line)
    }
}

/// Refuses what goes beyond a number of bytes, and all that follows.
struct Brief<'t> {
    text: &'t mut String,
    left: usize,
}

impl std::fmt::Write for Brief<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let here = text.floor_char_boundary(self.left);
        self.text.push_str(&text[..here]);
        self.left -= here;
        if here == text.len() {
            return Ok(());
        }
        self.left = 0;
        Err(std::fmt::Error)
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
