//! The two ends of a connection, as it is introduced.

use std::net::SocketAddr;

use super::document::Document;
use super::style::Role;
use super::text::{Safe, clipped, width};

/// Columns before what goes on about a connection.
pub const MARGIN: usize = 6;

/// Columns between head, one end and the other.
const SPACE: usize = 2;

/// Appends `HEAD  A ADDRESS CLIENT  B ADDRESS CLIENT`: initiator and acceptor. Where
/// that is more than `columns`, each end has a line, clipped.
pub fn push_ends(
    document: &mut Document,
    columns: Option<usize>,
    head: &str,
    ends: [SocketAddr; 2],
    clients: [Option<&str>; 2],
) {
    let texts = [0, 1].map(|index| match clients[index] {
        Some(client) => format!("{} {}", ends[index], Safe::from(client)),
        None => ends[index].to_string(),
    });
    let letters = 2 * (SPACE + "A ".len());
    let one_line = width(head) + letters + texts.iter().map(|text| width(text)).sum::<usize>();
    let columns = columns.unwrap_or(usize::MAX);
    document.role(Role::Label);
    document.push(head);
    let mut used = width(head);
    let roles = [("A ", Role::Initiator), ("B ", Role::Acceptor)];
    for (index, ((letter, role), text)) in roles.into_iter().zip(&texts).enumerate() {
        let mut space = SPACE;
        if index == 1 && one_line > columns {
            document.end_line();
            (used, space) = (0, MARGIN);
        }
        document.spaces(space);
        document.role(role);
        document.push(letter);
        used += space + letter.len();
        document.role(Role::Address);
        let text = clipped(text, columns.saturating_sub(used));
        document.push(&text);
        used += width(&text);
    }
    document.end_line();
}
