//! From tokens to an expression. `or` binds loosest, then `and`, then `not`.

use super::fault::Fault;
use super::lexer::{Token, tokens};
use super::syntax::{Comparison, Expression, Operator, Span, Word};

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 16 << 10;

/// Parentheses and `not`s within each other: what nests deeper is a mistake, and
/// would take the stack.
pub const MAX_DEPTH: usize = 64;

/// Reads an expression.
pub fn parse(text: &str) -> Result<Expression, Fault> {
    let all = Span {
        start: 0,
        end: text.len(),
    };
    if text.len() > MAX_LENGTH {
        let reason = format!("longer than {} KiB", MAX_LENGTH >> 10);
        return Err(Fault::new(text, Span { end: 1, ..all }, reason));
    }
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let expression = parser.any()?;
    match parser.peek() {
        None => Ok(expression),
        Some(Token::Close) => Err(parser.fault("there is no `(` that this closes")),
        Some(Token::Word(_)) => Err(parser.fault("`and`, `or` or an operator is due")),
        Some(_) => Err(parser.fault("`and` or `or` is due")),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Span)>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn take(&mut self, token: &Token) -> bool {
        let is_next = self.peek() == Some(token);
        self.next += usize::from(is_next);
        is_next
    }

    /// What is wrong with the next token, or with the end.
    fn fault(&self, reason: impl Into<String>) -> Fault {
        let end = self.text.len();
        let span = self.tokens.get(self.next).map(|(_, span)| *span);
        let span = span.unwrap_or(Span { start: end, end });
        Fault::new(self.text, span, reason)
    }

    fn word(&mut self, due: &str) -> Result<Word, Fault> {
        match self.tokens.get(self.next) {
            Some((Token::Word(text), span)) => {
                let word = Word {
                    text: text.clone(),
                    span: *span,
                };
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.fault(due)),
        }
    }

    fn any(&mut self) -> Result<Expression, Fault> {
        let mut parts = vec![self.all()?];
        while self.take(&Token::Or) {
            parts.push(self.all()?);
        }
        Ok(Expression::any(parts))
    }

    fn all(&mut self) -> Result<Expression, Fault> {
        let mut parts = vec![self.not()?];
        while self.take(&Token::And) {
            parts.push(self.not()?);
        }
        Ok(Expression::all(parts))
    }

    fn not(&mut self) -> Result<Expression, Fault> {
        if self.peek() == Some(&Token::Not) {
            return self.nested(|parser| Ok(Expression::Not(Box::new(parser.not()?))));
        }
        if self.peek() == Some(&Token::Open) {
            return self.nested(|parser| {
                let inner = parser.any()?;
                if parser.take(&Token::Close) {
                    Ok(inner)
                } else {
                    Err(parser.fault("`)` is due"))
                }
            });
        }
        self.test()
    }

    /// Goes on behind a token that nests.
    fn nested(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<Expression, Fault>,
    ) -> Result<Expression, Fault> {
        if self.depth == MAX_DEPTH {
            let reason = format!("more than {MAX_DEPTH} parentheses and `not`s within each other");
            return Err(self.fault(reason));
        }
        self.next += 1;
        self.depth += 1;
        let expression = inner(self)?;
        self.depth -= 1;
        Ok(expression)
    }

    fn test(&mut self) -> Result<Expression, Fault> {
        let name = self.word("the name of a message or a field is due")?;
        let Some(&Token::Operator(operator)) = self.peek() else {
            return Ok(Expression::Named(name));
        };
        self.next += 1;
        let values = if operator == Operator::In && self.take(&Token::OpenSet) {
            self.set()?
        } else {
            vec![self.word("a value is due")?]
        };
        Ok(Expression::Compared(Comparison {
            name,
            operator,
            values,
        }))
    }

    /// Values up to the closing brace; the comma may be left out.
    fn set(&mut self) -> Result<Vec<Word>, Fault> {
        let mut values = vec![self.word("a value is due")?];
        while !self.take(&Token::CloseSet) {
            self.take(&Token::Comma);
            values.push(self.word("a value or `}` is due")?);
        }
        Ok(values)
    }
}
