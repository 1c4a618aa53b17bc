//! The messages of two peers with the same role, side by side.

use super::page::{Mark, Page};
use super::value::seconds;
use crate::compare::{Divergence, Role, Row, Step};
use crate::view::style::Role as Style;
use crate::view::text::{Safe, wrap};

/// Equal rows that are shown before and after a difference.
const CONTEXT: usize = 3;

/// Rows up to which all are shown.
const SHOW_ALL: usize = 40;

/// Lines of a message in its column.
const MAX_LINES: usize = 3;

/// Differing rows that are shown.
const MAX_DIFFERING: usize = 200;

impl Page<'_> {
    pub fn messages(&mut self, role: Role) {
        let rows = &self.comparison.rows[role as usize];
        if rows.is_empty() {
            return;
        }
        let column = (self.columns - 2 - 2) / 2;
        self.title(&format!("{} sends", role.name()));
        self.document.end_line();
        let shown = shown(rows);
        let mut hidden = 0;
        for (index, row) in rows.iter().enumerate() {
            if shown[index] {
                self.fold(std::mem::take(&mut hidden));
                self.row(role, index, row, column);
            } else {
                hidden += 1;
            }
        }
        self.fold(hidden);
        self.left_out(role);
    }

    fn fold(&mut self, hidden: usize) {
        if hidden > 0 {
            self.document.role(Style::Quiet);
            self.document.push(&format!("  … {hidden} more"));
            self.document.end_line();
        }
    }

    fn row(&mut self, role: Role, index: usize, row: &Row, column: usize) {
        let comparison = self.comparison;
        let here = Divergence { role, row: index };
        let mark = match row.differs {
            false => Mark::None,
            true if comparison.divergence == Some(here) => Mark::First,
            true if comparison.ignored.contains(row.category) => Mark::Ignored,
            true => Mark::Differs,
        };
        let steps = comparison.steps(role, row);
        let cells = [0, 1].map(|at| {
            let cell = |step: &Step| self.line(at, step, &short(step));
            steps[at].map(cell).unwrap_or_default()
        });
        let lines = cells
            .each_ref()
            .map(|cell| wrap(cell, column).take(MAX_LINES).collect());
        self.two_columns(mark, "", 0, column, &lines);
    }

    /// Frame, time since the first message, words.
    fn line(&self, session: usize, step: &Step, words: &str) -> String {
        let time = self.comparison.sessions[session].since_zero(step.first.stamp);
        let time = time.map_or_else(|| "-".to_owned(), |time| format!("{} s", seconds(time)));
        format!("#{} {time} {words}", step.first.stamp.frame)
    }

    fn left_out(&mut self, role: Role) {
        let comparison = self.comparison;
        let sides = comparison.sides[role as usize];
        let left_out = [0, 1].map(|at| comparison.sessions[at].peer(sides[at]).steps.left_out);
        if left_out != [0, 0] {
            let [one, other] = left_out;
            self.document.role(Style::Problem);
            self.document.push(&format!(
                "  not compared: later messages, {one} of A, {other} of B"
            ));
            self.document.end_line();
        }
    }

    pub fn divergence(&mut self) {
        let comparison = self.comparison;
        let Some(Divergence { role, row: index }) = comparison.divergence else {
            return;
        };
        let rows = &comparison.rows[role as usize];
        let row = &rows[index];
        let (who, what) = (role.name(), row.category.name());
        self.title(&format!("first divergence: {who}, {what}"));
        self.document.end_line();
        let steps = comparison.steps(role, row);
        for (at, name) in ["A", "B"].into_iter().enumerate() {
            let text = match steps[at] {
                Some(step) => self.line(at, step, &long(step)),
                None => match self.next(role, index, at) {
                    Some(next) => {
                        format!("nothing here; next {}", self.line(at, next, &long(next)))
                    }
                    None => "nothing here, and nothing more".to_owned(),
                },
            };
            self.paragraph(name, &text, Style::Plain);
        }
    }

    /// The step of a session that follows a row.
    fn next(&self, role: Role, row: usize, session: usize) -> Option<&Step> {
        let rows = self.comparison.rows[role as usize].iter().skip(row);
        rows.map(|row| self.comparison.steps(role, row)[session])
            .find_map(|step| step)
    }
}

/// Which rows are shown: all of a short list, else the differing ones and what
/// is around them.
pub fn shown(rows: &[Row]) -> Vec<bool> {
    if rows.len() <= SHOW_ALL {
        return vec![true; rows.len()];
    }
    let mut shown = vec![false; rows.len()];
    let differing = rows.iter().enumerate().filter(|(_, row)| row.differs);
    for (at, _) in differing.take(MAX_DIFFERING) {
        let end = (at + CONTEXT + 1).min(rows.len());
        shown[at.saturating_sub(CONTEXT)..end].fill(true);
    }
    shown
}

/// A step in a few words.
fn short(step: &Step) -> String {
    match step.key.as_str() {
        "handshake" => "handshake".to_owned(),
        "extended_handshake" => "extended handshake".to_owned(),
        _ => long(step),
    }
}

/// A step in words, sanitised; runs are folded.
pub fn long(step: &Step) -> String {
    if step.is_transfer {
        let mut counts = step.counts.sorted();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let parts = counts
            .iter()
            .map(|(name, count)| format!("{} ×{count}", spaced(name)));
        return parts.collect::<Vec<_>>().join(", ");
    }
    match step.counts.total() {
        1 => Safe::from(&step.text[..]).to_string(),
        count => {
            let names = step.counts.sorted();
            let name = names.first().map_or("", |(name, _)| name);
            format!("{} ×{count}", spaced(name))
        }
    }
}

/// The name of a message as words, that of its extension left whole.
fn spaced(name: &str) -> String {
    let (prefix, rest) = match name.split_at_checked(3) {
        Some((prefix @ ("ut_" | "lt_"), rest)) => (prefix, rest),
        _ => ("", name),
    };
    format!("{prefix}{}", rest.replace('_', " "))
}
