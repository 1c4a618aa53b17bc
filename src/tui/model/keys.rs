//! What keys and the mouse do: those of less, vim and termshark.

use super::prompt::Outcome;
use super::state::WHEEL_LINES;
use super::{Effect, Form, Key, Mode, Model, Pane, Prompt, Purpose, SortBy, Step};
use crate::tui::listing::Choice;

impl Model {
    pub(super) fn key(&mut self, key: Key) -> Option<Effect> {
        match &mut self.mode {
            Mode::Browse => self.browse(key),
            Mode::Help(top) => {
                match key {
                    Key::Down | Key::Char('j') => *top += 1,
                    Key::Up | Key::Char('k') => *top = top.saturating_sub(1),
                    Key::PageDown | Key::Char(' ') => *top += 10,
                    Key::PageUp => *top = top.saturating_sub(10),
                    _ => self.mode = Mode::Browse,
                }
                None
            }
            Mode::Copy => {
                self.mode = Mode::Browse;
                match key {
                    Key::Char('x' | 'h') => self.copy(Form::Hex),
                    Key::Char('j') => self.copy(Form::Json),
                    Key::Char('e') => self.copy(Form::Command),
                    Key::Char('y' | 'l') => self.copy(Form::Line),
                    _ => None,
                }
            }
            Mode::Prompt(prompt) => {
                let history = match prompt.purpose {
                    Purpose::Filter => &self.filters,
                    Purpose::Search { .. } | Purpose::Packet => &self.searches,
                };
                match prompt.key(key, history) {
                    Outcome::Open => {}
                    Outcome::Cancelled => self.mode = Mode::Browse,
                    Outcome::Entered(text) => {
                        let purpose = prompt.purpose;
                        self.mode = Mode::Browse;
                        return self.entered(purpose, text);
                    }
                }
                None
            }
        }
    }

    fn browse(&mut self, key: Key) -> Option<Effect> {
        if let Some(step) = step(key) {
            self.step(step);
            return None;
        }
        match key {
            Key::Char('q') | Key::Ctrl('c') => return Some(Effect::Quit),
            Key::Ctrl('z') => return Some(Effect::Suspend),
            Key::Ctrl('l') => return Some(Effect::Redraw),
            Key::Char('?') => self.mode = Mode::Help(0),
            Key::Char('f' | '&') => {
                let text = self.filter.clone();
                self.ask(Purpose::Filter, &text);
            }
            Key::Char('/') => self.ask(Purpose::Search { backwards: false }, ""),
            Key::Char('\\') => self.ask(Purpose::Search { backwards: true }, ""),
            Key::Char(':') => self.ask(Purpose::Packet, ""),
            Key::Char('n') => self.search_again(false),
            Key::Char('N') => self.search_again(true),
            Key::Char(']') => self.next_finding(1),
            Key::Char('[') => self.next_finding(-1),
            Key::Char('c') => self.follow(),
            Key::Char('F') => self.tails = !self.tails,
            Key::Char('t') => self.cycle_time(),
            Key::Char('y') if self.detail.is_some() => self.mode = Mode::Copy,
            Key::Char('z') => self.is_zoomed = !self.is_zoomed,
            Key::Char('u') => self.unfold = !self.unfold,
            Key::Char('s') => self.sort(self.connections.by.next(), false),
            Key::Char('S') => self.sort(self.connections.by, !self.connections.is_reversed),
            Key::Char('a') => self.show_all(),
            Key::Char(digit @ '1'..='5') => {
                let place = digit as usize - '1' as usize;
                self.focus_on(Pane::ALL[place]);
            }
            Key::Tab => self.cycle(1),
            Key::BackTab => self.cycle(-1),
            Key::Enter => self.enter(),
            Key::Backspace | Key::Ctrl('o') => self.jump_back(),
            Key::Left | Key::Char('h') => self.sideways(-1),
            Key::Right | Key::Char('l') => self.sideways(1),
            Key::Esc => self.escape(),
            _ => {}
        }
        None
    }

    fn ask(&mut self, purpose: Purpose, text: &str) {
        self.notice = None;
        self.mode = Mode::Prompt(Box::new(Prompt::new(purpose, text)));
    }

    /// Back to where one came from, one step.
    fn escape(&mut self) {
        let pending = self.pending.take();
        if pending.is_some_and(|pending| pending.then != super::pending::Then::Stay) {
            self.tell("search given up");
        } else if self.notice.take().is_some() {
        } else if self.is_zoomed {
            self.is_zoomed = false;
        } else if self.follows {
            self.follow();
        } else {
            self.show_all();
        }
    }

    fn show_all(&mut self) {
        self.follows = false;
        if !self.choice.is_everything() {
            self.choose(Choice::default(), String::new());
        }
    }

    fn sort(&mut self, by: SortBy, is_reversed: bool) {
        self.connections.by = by;
        self.connections.is_reversed = is_reversed;
        let height = self.layout().rows(Pane::Connections);
        self.refresh_overview(height);
        self.connections.scroll = super::Scroll::default();
        let way = if is_reversed {
            ", the other way round"
        } else {
            ""
        };
        self.tell(format!("connections by {}{way}", by.name()));
    }

    pub(super) fn focus_on(&mut self, pane: Pane) {
        match pane {
            Pane::Connections => self.shows_findings = false,
            Pane::Findings => self.shows_findings = true,
            Pane::Messages | Pane::Fields | Pane::Bytes => {}
        }
        if matches!(pane, Pane::Connections | Pane::Findings) && self.follows {
            self.follows = false;
        }
        self.focus = pane;
    }

    fn cycle(&mut self, by: isize) {
        let upper = if self.shows_findings {
            Pane::Findings
        } else {
            Pane::Connections
        };
        let mut panes = vec![upper, Pane::Messages, Pane::Fields, Pane::Bytes];
        if self.follows {
            panes.remove(0);
        }
        let at = panes.iter().position(|pane| *pane == self.focus);
        let next = (at.unwrap_or(0) + panes.len()).wrapping_add_signed(by) % panes.len();
        self.focus = panes[next];
    }

    fn enter(&mut self) {
        match self.focus {
            Pane::Connections => self.choose_connection(),
            Pane::Findings => self.show_finding(),
            Pane::Messages => self.jump(),
            Pane::Fields => self.focus = Pane::Bytes,
            Pane::Bytes => self.focus = Pane::Fields,
        }
    }

    /// To the pane on that side; within the bytes to the field on that side.
    fn sideways(&mut self, by: i64) {
        match (self.focus, by) {
            (Pane::Bytes, by) => self.step_bytes(Step::By(by)),
            (Pane::Fields, 1) => self.focus = Pane::Bytes,
            (Pane::Fields, _) | (Pane::Connections | Pane::Findings, 1) => {
                self.focus = Pane::Messages;
            }
            (Pane::Messages, 1) => self.focus = Pane::Fields,
            _ => {}
        }
    }

    /// Moves in the pane with the cursor.
    fn step(&mut self, step: Step) {
        let layout = self.layout();
        let rows = layout.rows(self.focus);
        // What was said of another place is of no use at this one.
        self.notice = self.notice.take().filter(|notice| notice.is_trouble);
        match self.focus {
            Pane::Connections => {
                let count = self.connections.len();
                self.connections.scroll.step(step, count, rows);
                self.show_connection();
            }
            Pane::Findings => {
                let count = self.found.len() as u64;
                self.findings.step(step, count, rows);
                self.look_at_finding();
            }
            Pane::Messages => {
                let count = self.count();
                self.messages.step(step, count, rows);
                self.tails = self.tails && step == Step::Last;
            }
            Pane::Fields => self.step_fields(step, rows),
            Pane::Bytes => self.step_rows_of_bytes(step),
        }
    }

    fn step_fields(&mut self, step: Step, height: u64) {
        let unfold = self.unfold;
        let Some(detail) = &mut self.detail else {
            return;
        };
        let rows = detail.rows(unfold);
        // What has no line belongs to the field before it.
        let here = rows.iter().rposition(|node| *node <= detail.node);
        let selected = here.unwrap_or(0) as u64;
        let mut scroll = super::Scroll { selected, top: 0 };
        scroll.step(step, rows.len() as u64, height);
        if let Some(node) = rows.get(scroll.selected as usize) {
            detail.node = *node;
        }
    }

    /// From one field with bytes to another.
    fn step_bytes(&mut self, step: Step) {
        let Some(detail) = &mut self.detail else {
            return;
        };
        let leaves = detail.leaves();
        let here = leaves.iter().position(|node| *node >= detail.node);
        let selected = here.unwrap_or(leaves.len().saturating_sub(1)) as u64;
        let mut scroll = super::Scroll { selected, top: 0 };
        scroll.step(step, leaves.len() as u64, 1);
        if let Some(node) = leaves.get(scroll.selected as usize) {
            detail.node = *node;
        }
    }

    /// Up and down among bytes: where they stand in rows, to the field above or
    /// below, else to the next one.
    fn step_rows_of_bytes(&mut self, step: Step) {
        let rows = self.rows_of_bytes();
        let (Some(stands), Some(detail)) = (rows, &mut self.detail) else {
            return self.step_bytes(match step {
                Step::Pages(by) => Step::By(by * 10),
                Step::Halves(by) => Step::By(by * 5),
                step => step,
            });
        };
        let rows = match step {
            Step::By(rows) => rows,
            Step::Pages(pages) => pages * 8,
            Step::Halves(halves) => halves * 4,
            Step::First | Step::Last => return self.step_bytes(step),
        };
        let (start, end) = detail.span();
        let before = detail.node;
        let length = detail.bytes.len();
        let from = if rows < 0 {
            start
        } else {
            end.saturating_sub(1).max(start)
        };
        let rows = isize::try_from(rows).unwrap_or(0);
        let by = rows.saturating_mul(isize::try_from(stands.per_row).unwrap_or(8));
        let to = from.saturating_add_signed(by).min(length.saturating_sub(1));
        match detail.leaf_at(to) {
            Some(node) if node != before => detail.node = node,
            _ => self.step_bytes(Step::By(rows.signum() as i64)),
        }
    }

    /// A click selects.
    pub(super) fn click(&mut self, x: u16, y: u16) {
        if !matches!(self.mode, Mode::Browse) {
            self.mode = Mode::Browse;
            return;
        }
        let Some(pane) = self.pane_at(x, y) else {
            return;
        };
        self.focus = pane;
        let layout = self.layout();
        let area = layout.area(pane);
        let heads = u64::from(area.height) - layout.rows(pane).min(area.height.into());
        let Some(row) = u64::from(y - area.y).checked_sub(heads) else {
            return;
        };
        match pane {
            Pane::Connections => {
                let place = self.connections.scroll.top + row;
                if place < self.connections.len() {
                    self.connections.scroll.selected = place;
                    self.show_connection();
                }
            }
            Pane::Findings => {
                let place = self.findings.top + row;
                if place < self.found.len() as u64 {
                    self.findings.selected = place;
                    self.show_finding();
                }
            }
            Pane::Messages => {
                let place = self.messages.top + row;
                if place < self.count() {
                    self.messages.selected = place;
                    self.tails = false;
                }
            }
            Pane::Fields => self.click_fields(self.tops[0] + row, area.width),
            Pane::Bytes => self.click_bytes(self.tops[1] + row, x - area.x, area.width),
        }
    }

    fn click_fields(&mut self, row: u64, width: u16) {
        let unfold = self.unfold;
        if let Some(detail) = &mut self.detail {
            let lines = detail.fields(super::field_columns(width), unfold);
            let line = lines.get(row as usize);
            if let Some(node) = line.and_then(|line| line.node) {
                detail.node = node;
            }
        }
    }

    fn click_bytes(&mut self, row: u64, column: u16, width: u16) {
        let unfold = self.unfold;
        let rows = self.rows_of_bytes();
        let Some(detail) = &mut self.detail else {
            return;
        };
        let node = if let Some(rows) = rows {
            let at = rows.byte_at(column.into());
            at.and_then(|at| detail.leaf_at(row as usize * rows.per_row + at))
        } else {
            let lines = detail.dump(width.into(), unfold);
            lines.get(row as usize).and_then(|line| line.node)
        };
        if let Some(node) = node {
            detail.node = node;
        }
    }

    /// The wheel turns what is under it.
    pub(super) fn wheel(&mut self, x: u16, y: u16, lines: i64) {
        if let Mode::Help(top) = &mut self.mode {
            *top = top.saturating_add_signed(lines * WHEEL_LINES);
            return;
        }
        if let Some(pane) = self.pane_at(x, y) {
            let focus = std::mem::replace(&mut self.focus, pane);
            self.step(Step::By(lines * WHEEL_LINES));
            if self.layout().area(focus).is_empty() {
                return;
            }
            self.focus = focus;
        }
    }

    fn pane_at(&self, x: u16, y: u16) -> Option<Pane> {
        let layout = self.layout();
        let upper = if self.shows_findings {
            Pane::Findings
        } else {
            Pane::Connections
        };
        let panes = [upper, Pane::Messages, Pane::Fields, Pane::Bytes];
        panes.into_iter().find(|pane| layout.area(*pane).has(x, y))
    }
}

/// The step that a key is for.
fn step(key: Key) -> Option<Step> {
    Some(match key {
        Key::Down | Key::Char('j') => Step::By(1),
        Key::Up | Key::Char('k') => Step::By(-1),
        Key::PageDown | Key::Ctrl('f') | Key::Char(' ') => Step::Pages(1),
        Key::PageUp | Key::Ctrl('b') | Key::Char('b') => Step::Pages(-1),
        Key::Ctrl('d') | Key::Char('d') => Step::Halves(1),
        Key::Ctrl('u') => Step::Halves(-1),
        Key::Home | Key::Char('g') => Step::First,
        Key::End | Key::Char('G') => Step::Last,
        _ => return None,
    })
}
