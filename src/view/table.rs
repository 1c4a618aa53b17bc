//! Tables as data: columns, and rows of cells with roles.

use std::fmt::Display;
use std::net::SocketAddr;

use super::number::push_socket;
use super::style::Role;

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// What is in it.
    pub title: &'static str,
    /// Numbers stand on the right, so that they compare.
    pub is_right: bool,
    /// How narrow it gets where there is not room for all, its cells ending in
    /// `…`; `None` where every character counts.
    pub narrowest: Option<usize>,
    /// Its cells go on in the next line instead.
    pub wraps: bool,
}

impl Column {
    /// A column of short words, which are never shortened.
    pub const fn new(title: &'static str) -> Self {
        Self {
            title,
            is_right: false,
            narrowest: None,
            wraps: false,
        }
    }

    /// A column of numbers.
    pub const fn right(title: &'static str) -> Self {
        Self {
            is_right: true,
            ..Self::new(title)
        }
    }

    /// A column of words, which go on in the next line.
    pub const fn words(title: &'static str, narrowest: usize) -> Self {
        Self {
            narrowest: Some(narrowest),
            wraps: true,
            ..Self::new(title)
        }
    }

    /// A column of names, which may be shortened.
    pub const fn names(title: &'static str, narrowest: usize) -> Self {
        Self {
            narrowest: Some(narrowest),
            ..Self::new(title)
        }
    }
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it is.
    pub role: Role,
    /// What it says, sanitised.
    pub text: String,
    /// Columns at its end that are shown also where there is not room for all.
    pub end: usize,
}

impl Cell {
    /// A cell of words of our own, or of text that was sanitised.
    pub fn new(role: Role, text: impl Display) -> Self {
        Self {
            role,
            text: format!("{text}"),
            end: 0,
        }
    }

    /// An address, whose port is never cut off.
    pub fn address(role: Role, address: SocketAddr) -> Self {
        let mut text = String::new();
        push_socket(&mut text, address);
        let end = text.rfind(':').map_or(0, |colon| text.len() - colon);
        Self { role, text, end }
    }

    /// One in which nothing stands out.
    pub fn plain(text: impl Display) -> Self {
        Self::new(Role::Plain, text)
    }

    /// One that says nothing.
    pub fn empty() -> Self {
        Self::default()
    }
}
