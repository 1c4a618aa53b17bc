//! The expression as it was typed: words and how they are joined, nothing known
//! of what they mean.

use std::fmt;

/// Bytes of the text of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A name or a value, and where it stands. Where it does counts for nothing when
/// two are compared.
#[derive(Debug, Clone)]
pub struct Word {
    /// The text, without its quotes.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Word {}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `contains`
    Contains,
    /// `matches`
    Matches,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::Unequal,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::In,
        Self::Contains,
        Self::Matches,
    ];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Contains => "contains",
            Self::Matches => "matches",
        }
    }

    /// Whether it asks which of two values is the greater one.
    pub const fn is_order(self) -> bool {
        matches!(
            self,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual
        )
    }
}

/// A comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Of which field.
    pub name: Word,
    /// How.
    pub operator: Operator,
    /// With which values: more than one only of [`Operator::In`].
    pub values: Vec<Word>,
}

/// An expression. Made by [`Expression::all`] and [`Expression::any`], so that one
/// meaning has one form and chains of any length do not nest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// True where all are; at least two.
    All(Vec<Expression>),
    /// True where any is; at least two.
    Any(Vec<Expression>),
    /// True where it is not.
    Not(Box<Expression>),
    /// A name alone.
    Named(Word),
    /// A field and a value.
    Compared(Comparison),
}

impl Expression {
    /// True where all of them are; at least one.
    pub fn all(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::All(inner) => inner,
            other => vec![other],
        });
        Self::joined(flat.collect(), Self::All)
    }

    /// True where any of them is; at least one.
    pub fn any(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Any(inner) => inner,
            other => vec![other],
        });
        Self::joined(flat.collect(), Self::Any)
    }

    fn joined(mut parts: Vec<Self>, join: impl Fn(Vec<Self>) -> Self) -> Self {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                join(parts)
            }
            None => join(parts),
        }
    }
}

/// Words that mean something by themselves unless they are in quotes.
pub(super) const RESERVED: [&str; 6] = ["and", "or", "not", "in", "contains", "matches"];

/// Whether a character ends a word.
pub(super) fn is_delimiter(character: char) -> bool {
    character.is_whitespace() || "()!&|<>={},\"'".contains(character)
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.as_str();
        let is_bare = !text.is_empty() && !text.contains(is_delimiter) && !RESERVED.contains(&text);
        if is_bare {
            return f.write_str(text);
        }
        f.write_str("\"")?;
        for character in text.chars() {
            if matches!(character, '"' | '\\') {
                f.write_str("\\")?;
            }
            write!(f, "{character}")?;
        }
        f.write_str("\"")
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.name, self.operator.name())?;
        if let [only] = self.values.as_slice() {
            return only.fmt(f);
        }
        for (index, value) in self.values.iter().enumerate() {
            let before = if index == 0 { "{" } else { ", " };
            write!(f, "{before}{value}")?;
        }
        f.write_str("}")
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nested = |part: &Self, f: &mut fmt::Formatter<'_>| match part {
            Self::All(_) | Self::Any(_) => write!(f, "({part})"),
            _ => part.fmt(f),
        };
        let (parts, between) = match self {
            Self::All(parts) => (parts, " and "),
            Self::Any(parts) => (parts, " or "),
            Self::Not(inner) => {
                f.write_str("not ")?;
                return nested(inner, f);
            }
            Self::Named(name) => return name.fmt(f),
            Self::Compared(comparison) => return comparison.fmt(f),
        };
        for (index, part) in parts.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { between })?;
            nested(part, f)?;
        }
        Ok(())
    }
}
