//! Two sessions held against each other: the verdict, where they part first, what
//! is different about them, and their messages side by side.

use maud::{Markup, html};

use super::findings::said;
use super::format::spaced;
use super::names::Names;
use super::room::Room;
use crate::compare::{Category, Comparison, Divergence, Fact, Group, Role, Row, Step, Value};
use crate::session::Entry;
use crate::view::compare::messages::{long, shown};
use crate::view::compare::value::{seconds, words};
use crate::wire::client::Client;

/// Bytes of the page for the messages of a role.
const MESSAGES_BYTES: usize = 120 << 10;

/// Bytes of the page for facts.
const FACTS_BYTES: usize = 80 << 10;

/// The part about what differs.
pub fn draw(comparison: &Comparison, names: &Names) -> Markup {
    let compared = Compared { comparison, names };
    html! {
        section id="compared" aria-labelledby="compared-h" {
            h2 id="compared-h" { "A beside B" }
            (compared.verdict())
            (compared.divergence())
            (compared.facts())
            @for role in Role::ALL { (compared.messages(role)) }
        }
    }
}

struct Compared<'a> {
    comparison: &'a Comparison,
    names: &'a Names,
}

impl Compared<'_> {
    fn verdict(&self) -> Markup {
        let differing = self.comparison.differing.iter();
        let differing: Vec<_> = differing.map(Category::name).collect();
        let streams = self
            .comparison
            .sessions
            .each_ref()
            .map(|session| session.stream);
        html! {
            p.lead {
                @if differing.is_empty() { span.badge.fine { "equal" } " The two sessions are equal" }
                @else { span.badge.warning { "different" } " The two sessions differ in " b { (differing.join(", ")) } }
                ": connection " (streams[0]) " of A and connection " (streams[1])
                " of B, compared by role as " code { "peerscope diff" } " does."
            }
        }
    }

    fn divergence(&self) -> Markup {
        let Some(Divergence { role, row }) = self.comparison.divergence else {
            return html! {};
        };
        let row = &self.comparison.rows[role as usize][row];
        let steps = self.comparison.steps(role, row);
        html! {
            p.cause.bad {
                b { "They part first" } " in what the " (role.name()) " sends (" (row.category.name()) "): "
                @for (at, step) in steps.into_iter().enumerate() {
                    @if at > 0 { "; " }
                    (["A ", "B "][at])
                    @match step { Some(step) => (self.step(at, step)), None => "nothing here" }
                }
                "."
            }
        }
    }

    fn facts(&self) -> Markup {
        let mut room = Room::new(FACTS_BYTES, 1);
        let facts = self.comparison.facts.iter();
        let rows: Vec<_> = facts
            .filter_map(|fact| room.take(|| self.fact(fact)))
            .collect();
        html! {
            div.scroll tabindex="0" role="region" aria-label="What is known of A and B" {
                table.compared {
                    thead { tr {
                        th scope="col" { "of" } th scope="col" { "what" } th scope="col" { "A" } th scope="col" { "B" }
                        th scope="col" { "differs" }
                    } }
                    tbody { @for row in &rows { (row) } }
                }
            }
            @if room.left_out() > 0 { p.note { (room.left_out()) " more are left out." } }
        }
    }

    fn fact(&self, fact: &Fact) -> Markup {
        let of = match fact.group {
            Group::Session => "connection",
            Group::Peer(role) => role.name(),
        };
        let top = fact.values.iter().fold(0.0, |top: f64, value| match value {
            Value::Series(series) => series.iter().copied().fold(top, f64::max),
            _ => top,
        });
        let is_entry =
            fact.category == Some(Category::Extensions) && fact.name != "extended_handshake";
        let name = match (is_entry, &fact.name) {
            (false, name) => spaced(name),
            (true, key) => self.entry(key, "").0,
        };
        html! {
            tr.wrong[fact.differs] {
                td { (of) }
                th.field scope="row" { (name) }
                @for value in &fact.values { td { (self.value(fact, value, top, is_entry)) } }
                td { @if fact.differs { (fact.category.map_or("yes", Category::name)) } }
            }
        }
    }

    fn entry(&self, key: &str, value: &str) -> (String, String) {
        self.names.entry(&Entry {
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }

    fn value(&self, fact: &Fact, value: &Value, top: f64, is_entry: bool) -> String {
        let Value::Text(text) = value else {
            return words(value, top);
        };
        if is_entry {
            return self.entry(&fact.name, text).1;
        }
        if !self.names.are_aliases() {
            return said(&words(value, top));
        }
        match fact.name.as_str() {
            "info_hash" => self.names.hash(&hex::decode(text).unwrap_or_default()),
            "address" => match text.parse() {
                Ok(address) => self.names.address(address),
                Err(_) => self.names.text(text),
            },
            // It may be a text of the capture.
            "client" if !self.is_known_client(text) => self.names.text(text),
            // The others are words of our own.
            _ => text.clone(),
        }
    }

    /// Whether one of the peers is a known client of this name.
    fn is_known_client(&self, name: &str) -> bool {
        let peers = self
            .comparison
            .sessions
            .iter()
            .flat_map(|session| &session.peers);
        let mut ids = peers.filter_map(|peer| Some(peer.handshake?.peer_id));
        ids.any(|id| {
            let client = Client::from_peer_id(&id);
            client.is_some_and(|client| client.name().is_some() && client.to_string() == name)
        })
    }

    /// The messages that the peers of a role sent.
    fn messages(&self, role: Role) -> Markup {
        let rows = &self.comparison.rows[role as usize];
        let shown = shown(rows);
        let mut room = Room::new(MESSAGES_BYTES, 1);
        let told: Vec<_> = rows
            .iter()
            .enumerate()
            .filter(|(index, _)| shown[*index])
            .filter_map(|(index, row)| room.take(|| self.row(role, index, row)))
            .collect();
        html! {
            @if !told.is_empty() {
                details open {
                    summary { "What the " (role.name()) " sends, message by message" }
                    div.scroll tabindex="0" role="region" aria-label={ "What the " (role.name()) " sends" } {
                        table.compared {
                            thead { tr { th scope="col" { "A" } th scope="col" { "B" } th scope="col" { "differs" } } }
                            tbody { @for row in &told { (row) } }
                        }
                    }
                    @if told.len() < rows.len() {
                        p.note { (rows.len() - told.len()) " more, which are equal or far from what differs." }
                    }
                }
            }
        }
    }

    fn row(&self, role: Role, index: usize, row: &Row) -> Markup {
        let is_first = self.comparison.divergence == Some(Divergence { role, row: index });
        let steps = self.comparison.steps(role, row);
        html! {
            tr.wrong[row.differs] {
                @for (at, step) in steps.into_iter().enumerate() {
                    td { @if let Some(step) = step { (self.step(at, step)) } }
                }
                td {
                    @if row.differs { (row.category.name()) }
                    @if is_first { " " b { "first" } }
                }
            }
        }
    }

    /// Frame, time since the first message, and words.
    fn step(&self, session: usize, step: &Step) -> String {
        let time = self.comparison.sessions[session].since_zero(step.first.stamp);
        let time = time.map_or_else(|| "-".to_owned(), seconds);
        let words = if self.names.are_aliases() && !step.is_transfer {
            let name = step.counts.sorted().first().map_or("", |(name, _)| *name);
            match step.counts.total() {
                1 => spaced(name),
                count => format!("{} ×{count}", spaced(name)),
            }
        } else {
            said(&long(step))
        };
        format!("#{} {time} {words}", step.first.stamp.frame)
    }
}
