//! The pane of the connections.

use super::canvas::{Canvas, pointer};
use super::ink::Mark;
use crate::flow::{Close, Side};
use crate::tui::model::{Area, Model, Pane};
use crate::tui::spool::{Row, State};
use crate::view::Role;
use crate::view::quantity::{Bytes, Duration};
use crate::view::text::Safe;
use crate::wire::Severity;

/// Columns of the number, of messages, payload, time and state.
const NUMBER: usize = 4;
const MESSAGES: usize = 6;
const PAYLOAD: usize = 9;
const LASTED: usize = 9;
const SIGN: usize = 3;
const STATE: usize = 11;

/// Screens from this width on say how much data went by.
const WITH_PAYLOAD: u16 = 72;

/// Screens from this width on say how long connections lasted, and which torrent
/// they are about.
const WITH_TIME: u16 = 100;
const WITH_TORRENT: u16 = 132;
const TORRENT: usize = 20;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let spool = model.spool().clone();
    spool.overview(|overview| {
        let connections = &model.connections;
        let count = connections.len();
        let left_out = match overview.left_out() {
            0 => String::new(),
            _ => ", and more than can be listed".to_owned(),
        };
        let way = if connections.is_reversed {
            " reversed"
        } else {
            ""
        };
        let words = format!("{count}{left_out}, by {}{way}", connections.by.name());
        canvas.heading(model, Pane::Connections, area, &words);
        let columns = Columns::new(area.width);
        columns.heads(canvas, area);
        let rows = area.height.saturating_sub(2);
        for row in 0..rows {
            let place = connections.scroll.top + u64::from(row);
            let Some(connection) = connections.row(overview, place) else {
                continue;
            };
            let is_selected = place == connections.scroll.selected;
            let is_listed = model.stream() == Some(connection.stream);
            columns.row(canvas, area, row + 2, connection, is_selected, is_listed);
            let has_focus = model.focus == Pane::Connections;
            let mut pen = canvas.pen(area, row + 2);
            pen.mark(area, Mark::of(is_selected, has_focus));
        }
    });
}

struct Columns {
    /// Of each end.
    end: usize,
    with_payload: bool,
    with_time: bool,
    with_torrent: bool,
}

impl Columns {
    fn new(width: u16) -> Self {
        let (with_time, with_torrent) = (width >= WITH_TIME, width >= WITH_TORRENT);
        let mut fixed = 1 + NUMBER + 5 + 2 + MESSAGES + 1 + SIGN + STATE;
        let with_payload = width >= WITH_PAYLOAD;
        fixed += if with_payload { PAYLOAD + 1 } else { 0 };
        fixed += if with_time { LASTED + 1 } else { 0 };
        fixed += if with_torrent { TORRENT + 1 } else { 0 };
        Self {
            end: usize::from(width).saturating_sub(fixed) / 2,
            with_payload,
            with_time,
            with_torrent,
        }
    }

    fn heads(&self, canvas: &mut Canvas<'_>, area: Area) {
        let mut pen = canvas.pen(area, 1);
        pen.blanks(1);
        pen.number(Role::Label, "#", NUMBER);
        pen.blanks(5);
        pen.cell(Role::Label, "A initiator", self.end);
        pen.blanks(1);
        pen.cell(Role::Label, "B acceptor", self.end);
        pen.blanks(1);
        if self.with_torrent {
            pen.cell(Role::Label, "torrent", TORRENT);
            pen.blanks(1);
        }
        pen.number(Role::Label, "msgs", MESSAGES);
        pen.blanks(1);
        if self.with_payload {
            pen.number(Role::Label, "payload", PAYLOAD);
            pen.blanks(1);
        }
        if self.with_time {
            pen.number(Role::Label, "lasted", LASTED);
            pen.blanks(1);
        }
        pen.blanks(SIGN);
        pen.cell(Role::Label, "state", STATE);
    }

    fn row(
        &self,
        canvas: &mut Canvas<'_>,
        area: Area,
        at: u16,
        row: &Row,
        is_selected: bool,
        is_listed: bool,
    ) {
        let mut pen = canvas.pen(area, at);
        pen.put(
            Role::Label,
            if is_listed { "*" } else { pointer(is_selected) },
        );
        pen.number(Role::Quiet, &row.stream.to_string(), NUMBER);
        pen.blanks(1);
        pen.cell(Role::Quiet, row.carrier.name(), 3);
        pen.blanks(1);
        for side in Side::BOTH {
            pen.cell(Role::Address, &end(row, side), self.end);
            pen.blanks(1);
        }
        if self.with_torrent {
            pen.cell(Role::Hash, &torrent(row), TORRENT);
            pen.blanks(1);
        }
        let messages: u64 = row.messages.iter().sum();
        pen.number(Role::Plain, &messages.to_string(), MESSAGES);
        pen.blanks(1);
        if self.with_payload {
            let payload: u64 = row.payload.iter().sum();
            pen.number(Role::Delivery, &Bytes(payload).to_string(), PAYLOAD);
            pen.blanks(1);
        }
        if self.with_time {
            pen.number(Role::Plain, &Duration(row.nanos()).to_string(), LASTED);
            pen.blanks(1);
        }
        let (role, sign) = match row.worst {
            Some(Severity::Error) => (Role::Problem, "!!"),
            Some(Severity::Warning) => (Role::Warning, "!"),
            Some(Severity::Info) => (Role::Quiet, "i"),
            None => (Role::Plain, ""),
        };
        pen.cell(role, sign, SIGN);
        let (role, state) = state(row);
        pen.cell(role, &state, STATE);
    }
}

fn end(row: &Row, side: Side) -> String {
    let address = row.ends[side.index()];
    match &row.clients[side.index()] {
        Some(client) => format!("{address} {}", Safe::from(&**client)),
        None => address.to_string(),
    }
}

fn torrent(row: &Row) -> String {
    match (&row.name, row.info_hash) {
        (Some(name), _) => Safe::from(&**name).to_string(),
        (None, Some(hash)) => hex::encode(hash),
        (None, None) => String::new(),
    }
}

/// In words; who did it is a letter.
fn state(row: &Row) -> (Role, String) {
    let by = |side: Option<Side>| match side {
        Some(Side::Initiator) => "A ",
        Some(Side::Acceptor) => "B ",
        None => "",
    };
    match row.state {
        State::Open => (Role::Plain, "open".to_owned()),
        State::Failed(how) => (Role::Problem, how.to_owned()),
        State::Ended(Close::Reset, side) => (Role::Warning, format!("{}reset", by(side))),
        State::Ended(Close::Fin, side) => (Role::Plain, format!("{}closed", by(side))),
        State::Ended(Close::Replaced, _) => (Role::Plain, "replaced".to_owned()),
        State::Ended(Close::Evicted | Close::Open, _) => (Role::Plain, "out of sight".to_owned()),
    }
}
