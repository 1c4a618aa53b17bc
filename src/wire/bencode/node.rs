//! Reading values from a tape.

use std::ops::Range;

use super::tape::{Anomaly, Error, Limits, Tape, Token, TokenKind};

/// An input and its tape.
#[derive(Debug, Clone)]
pub struct Document<'i> {
    input: &'i [u8],
    tape: Tape,
}

impl<'i> Document<'i> {
    /// Parses the first value of `input` under [`Limits::MESSAGE`].
    pub fn parse(input: &'i [u8]) -> Self {
        Self::parse_within(input, Limits::MESSAGE)
    }

    /// Parses the first value of `input`; never fails outright (see
    /// [`Tape::parse_within`]).
    pub fn parse_within(input: &'i [u8], limits: Limits) -> Self {
        Self {
            input,
            tape: Tape::parse_within(input, limits),
        }
    }

    /// The value; `None` when not even its first token could be read.
    pub fn root(&self) -> Option<Node<'i, '_>> {
        (!self.tape.tokens().is_empty()).then_some(Node {
            input: self.input,
            tokens: self.tape.tokens(),
            index: 0,
        })
    }

    /// What was parsed.
    pub fn input(&self) -> &'i [u8] {
        self.input
    }

    /// The tokens.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Offset after the value (after its last intact token when it is broken).
    pub fn end(&self) -> usize {
        self.tape.end()
    }

    /// What follows the value.
    pub fn trailing(&self) -> &'i [u8] {
        &self.input[self.end()..]
    }

    /// Why the value is incomplete.
    pub fn error(&self) -> Option<Error> {
        self.tape.error()
    }

    /// The deviations from BEP 3.
    pub fn anomalies(&self) -> &[Anomaly] {
        self.tape.anomalies()
    }
}

/// One value of a [`Document`]: `'i` is the input's lifetime, `'t` the tape's.
#[derive(Debug, Clone, Copy)]
pub struct Node<'i, 't> {
    input: &'i [u8],
    tokens: &'t [Token],
    index: usize,
}

impl<'i, 't> Node<'i, 't> {
    /// The value at `index` of the tokens.
    pub(super) fn at(input: &'i [u8], tokens: &'t [Token], index: usize) -> Self {
        Self {
            input,
            tokens,
            index,
        }
    }

    /// Its type.
    pub fn kind(&self) -> TokenKind {
        self.token().kind
    }

    /// Its offsets in the input, framing included.
    pub fn span(&self) -> Range<usize> {
        self.token().span()
    }

    /// The offsets of its content: see [`Token::content`].
    pub fn content(&self) -> Range<usize> {
        self.token().content()
    }

    /// Its encoding as it stands in the input: what an info-hash is taken of.
    pub fn raw(&self) -> &'i [u8] {
        &self.input[self.span()]
    }

    /// Whether it is complete (see [`Token::is_closed`]).
    pub fn is_closed(&self) -> bool {
        self.token().closed
    }

    /// The bytes of a string.
    pub fn as_bytes(&self) -> Option<&'i [u8]> {
        (self.kind() == TokenKind::Bytes).then(|| &self.input[self.content()])
    }

    /// The bytes of a string that is exactly `N` long.
    pub fn as_array<const N: usize>(&self) -> Option<[u8; N]> {
        self.as_bytes()?.try_into().ok()
    }

    /// The text of a string that is UTF-8.
    pub fn as_text(&self) -> Option<&'i str> {
        std::str::from_utf8(self.as_bytes()?).ok()
    }

    /// An integer that fits in 64 bits with sign.
    pub fn as_int(&self) -> Option<i64> {
        self.digits()?.parse().ok()
    }

    /// An integer that fits in 64 bits without sign.
    pub fn as_uint(&self) -> Option<u64> {
        self.digits()?.parse().ok()
    }

    /// The sign and digits of an integer of any size.
    pub fn digits(&self) -> Option<&'i str> {
        if self.kind() != TokenKind::Int {
            return None;
        }
        std::str::from_utf8(&self.input[self.content()]).ok()
    }

    /// [`Node::as_int`], or the number that a string spells, as some clients
    /// send it.
    pub fn lenient_int(&self) -> Option<i64> {
        self.as_int().or_else(|| self.as_text()?.parse().ok())
    }

    /// The value of a dictionary's `key`: the first one if it is there twice.
    pub fn get(&self, key: &[u8]) -> Option<Self> {
        self.entries()
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    /// The entries of a dictionary in the order of the bytes; none for any other
    /// type.
    pub fn entries(&self) -> Entries<'i, 't> {
        Entries(self.children(TokenKind::Dict))
    }

    /// The items of a list; none for any other type.
    pub fn items(&self) -> Items<'i, 't> {
        Items(self.children(TokenKind::List))
    }

    fn token(&self) -> &'t Token {
        &self.tokens[self.index]
    }

    fn children(&self, of: TokenKind) -> Children<'i, 't> {
        let end = if self.kind() == of {
            self.token().next as usize
        } else {
            0
        };
        Children {
            input: self.input,
            tokens: self.tokens,
            index: self.index + 1,
            end,
        }
    }
}

#[derive(Debug, Clone)]
struct Children<'i, 't> {
    input: &'i [u8],
    tokens: &'t [Token],
    index: usize,
    end: usize,
}

impl<'i, 't> Children<'i, 't> {
    fn next(&mut self) -> Option<Node<'i, 't>> {
        if self.index >= self.end {
            return None;
        }
        let node = Node {
            input: self.input,
            tokens: self.tokens,
            index: self.index,
        };
        self.index = node.token().next as usize;
        Some(node)
    }
}

/// The items of a list.
#[derive(Debug, Clone)]
pub struct Items<'i, 't>(Children<'i, 't>);

impl<'i, 't> Iterator for Items<'i, 't> {
    type Item = Node<'i, 't>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// The entries of a dictionary: key and value.
#[derive(Debug, Clone)]
pub struct Entries<'i, 't>(Children<'i, 't>);

impl<'i, 't> Iterator for Entries<'i, 't> {
    type Item = (&'i [u8], Node<'i, 't>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.0.next()?;
        let value = self.0.next()?;
        Some((&key.input[key.content()], value))
    }
}
