//! Bytes of a message, each field with what it means.

use crate::wire::words::Count;
use std::fmt::Write as _;

use maud::{Markup, html};

use super::format::{bep, spaced};
use super::names::Names;
use crate::findings::Excerpt;
use crate::view::dump::{Row, notes_of, rows};
use crate::view::remarks;
use crate::wire::span::slice;
use crate::wire::{Node, Note};

/// Bytes of a field that are shown.
const MAX_BYTES: usize = 24;

/// Rows at most.
const MAX_ROWS: usize = 40;

/// The annotated bytes.
pub fn draw(excerpt: &Excerpt, names: &Names) -> Markup {
    let message = excerpt.message;
    let all: Vec<Row> = rows(&excerpt.tree, false).collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label="The bytes of the message" {
            table.bytes {
                caption {
                    (message.protocol.name()) " " (spaced(message.name)) ", "
                    (crate::wire::words::Count(excerpt.length, "byte").to_string())
                    @if let Some(number) = message.bep { " " (bep(number)) }
                }
                thead { tr {
                    th scope="col" { "offset" }
                    @if !names.are_aliases() { th scope="col" { "bytes" } }
                    th scope="col" { "field" }
                    th scope="col" { "value" }
                    th scope="col" { "what it means" }
                } }
                tbody {
                    @for row in all.iter().take(MAX_ROWS) {
                        @match row {
                            Row::Node(index) => (node(excerpt, names, *index)),
                            Row::Folded { items, start, .. } => {
                                tr { td { (format!("{start:04x}")) } td colspan="4" { "… " (Count(*items, "more item").to_string()) } }
                            }
                        }
                    }
                    @if all.len() > MAX_ROWS {
                        tr { td {} td colspan="4" { "… " (Count((all.len() - MAX_ROWS) as u64, "more field").to_string()) } }
                    }
                }
            }
        }
    }
}

fn node(excerpt: &Excerpt, names: &Names, index: usize) -> Markup {
    let node = &excerpt.tree.nodes()[index];
    let bytes = &excerpt.bytes;
    let notes = notes_of(&excerpt.tree, index);
    let is_wrong = excerpt
        .at
        .is_some_and(|at| excerpt.tree.is_leaf(index) && (node.start..node.end).contains(&at));
    let meaning = node.label.field().map_or("", |field| field.meaning);
    html! {
        tr.wrong[is_wrong] {
            td.mono { (format!("{:04x}", node.start)) }
            @if !names.are_aliases() {
                td.mono { @if excerpt.tree.is_leaf(index) { (hex(node, bytes)) } }
            }
            th.field scope="row" class={ "d" (node.depth.min(5)) } { (names.label(node.label, bytes)) }
            td {
                (names.value(node, bytes, notes.clone()))
                @for note in notes { (remark(note, bytes, names)) }
            }
            td.meaning { (prose(meaning)) }
        }
    }
}

fn hex(node: &Node, bytes: &[u8]) -> String {
    let all = slice(bytes, node.start, node.end);
    let shown = &all[..all.len().min(MAX_BYTES)];
    let mut text = String::new();
    for byte in shown {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&hex::encode([*byte]));
    }
    let more = (node.end - node.start) as usize - shown.len();
    if more > 0 {
        let _ = write!(text, " … {more} more");
    }
    text
}

/// A note that has words of its own: what is wrong with the field.
fn remark(note: &Note, bytes: &[u8], names: &Names) -> Markup {
    let mut words = String::new();
    let told = match note {
        Note::Anomaly(deviation) => {
            words = format!("anomaly: {}", names.deviation(deviation, bytes));
            Some(false)
        }
        note => remarks::push_remark(&mut words, note, bytes),
    };
    html! { @if told.is_some() { p.remark { (words) } } }
}

/// Words of our own, in which code stands between backticks.
pub fn prose(words: &str) -> Markup {
    html! {
        @for (index, part) in words.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
