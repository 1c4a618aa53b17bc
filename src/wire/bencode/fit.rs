//! Whether a value is of the type that its field asks for.

use super::rules::Rules;
use super::table::Shape;
use super::tape::{Token, TokenKind};
use crate::wire::anomaly::Anomaly;
use crate::wire::{Field, Kind, Member};

// Values that no table knows: items of private lists, a root that is not a
// dictionary.
static VALUE_INT: Field = Field::new("value", Kind::Int, "An integer that no table names.");
static VALUE_TEXT: Field = Field::new("value", Kind::Text, "A string that no table names.");
static VALUE_LIST: Field = Field::new("value", Kind::List, "A list that no table names.");
static VALUE_DICT: Field = Field::new("value", Kind::Group, "A dictionary that no table names.");

/// What a value without a table can be.
pub(super) static ANYWHERE: &[Member] = &[
    Member::Field(&VALUE_INT),
    Member::Field(&VALUE_TEXT),
    Member::Field(&VALUE_LIST),
    Member::Field(&VALUE_DICT),
];

/// The field of a value that no table knows.
pub(super) fn generic(kind: TokenKind) -> &'static Field {
    match kind {
        TokenKind::Int => &VALUE_INT,
        TokenKind::Bytes => &VALUE_TEXT,
        TokenKind::List => &VALUE_LIST,
        TokenKind::Dict => &VALUE_DICT,
    }
}

/// Whether a field reads as a number.
pub(super) fn expects_int(field: &Field) -> bool {
    matches!(
        field.kind,
        Kind::Uint(_) | Kind::Int | Kind::Enum(_) | Kind::Bool
    )
}

fn expects_string(field: &Field) -> bool {
    matches!(
        field.kind,
        Kind::Text | Kind::Bytes | Kind::Hash | Kind::PeerId | Kind::Address | Kind::Flags(_)
    )
}

/// Why a value does not suit the field that it stands for, if it does not.
pub(super) fn unfit(
    field: &Field,
    token: Token,
    shape: Shape,
    rules: &'static Rules,
) -> Option<&'static Anomaly> {
    let foreseen = match token.kind {
        TokenKind::Int => false,
        TokenKind::Bytes => shape.compact.is_some(),
        TokenKind::List => shape.items.is_some(),
        TokenKind::Dict => shape.dict.is_some(),
    };
    if foreseen {
        return None;
    }
    let types = &rules.types;
    if shape.compact.is_some() {
        return Some(match token.kind {
            TokenKind::Int => &types.integer_for_string,
            _ => &types.not_a_string,
        });
    }
    match (field.kind, token.kind) {
        (_, TokenKind::Int) if expects_int(field) => None,
        (Kind::Address, TokenKind::Bytes) => {
            let fits = matches!(token.content().len(), 4 | 6 | 16 | 18);
            (!fits).then_some(&types.address_length)
        }
        (_, TokenKind::Bytes) if expects_int(field) => Some(&types.string_for_integer),
        (_, _) if expects_int(field) => Some(&types.not_an_integer),
        (_, TokenKind::Int) if expects_string(field) => Some(&types.integer_for_string),
        (_, TokenKind::List | TokenKind::Dict) if expects_string(field) => {
            Some(&types.not_a_string)
        }
        (Kind::Group, kind) if kind != TokenKind::Dict => Some(&types.not_a_dictionary),
        (Kind::List, TokenKind::Int | TokenKind::Bytes | TokenKind::Dict) => {
            Some(&types.not_a_list)
        }
        _ => None,
    }
}
