//! The one pass over the input that fills a tape: no recursion, bounded memory.

use std::cmp::Ordering;
use std::ops::Range;

use super::tape::{Anomaly, AnomalyKind, Error, Limits, Reason, Tape, Token, TokenKind};

impl Tape {
    /// Parses the first value of `input` under [`Limits::MESSAGE`].
    pub fn parse(input: &[u8]) -> Self {
        Self::parse_within(input, Limits::MESSAGE)
    }

    /// Parses the first value of `input`. Always gives an answer: after a fault
    /// the tokens before it are there, containers that it cut short marked as
    /// not closed, a key without its value left out.
    pub fn parse_within(input: &[u8], limits: Limits) -> Self {
        let mut tape = Self::default();
        tape.reparse(input, limits);
        tape
    }

    /// [`Tape::parse_within`] into the memory of this tape.
    pub fn reparse(&mut self, input: &[u8], limits: Limits) {
        self.tokens.clear();
        self.anomalies.clear();
        self.end = 0;
        self.error = if u32::try_from(input.len()).is_ok() {
            let mut parser = Parser {
                input,
                at: 0,
                limits,
                open: Vec::new(),
                tape: self,
            };
            let result = parser.run();
            parser.abandon_open();
            result.err()
        } else {
            Some(Error {
                at: 0,
                reason: Reason::TooLong,
            })
        };
    }
}

/// A container that is not closed yet.
#[derive(Debug, Clone, Copy)]
struct Frame {
    token: u32,
    expects: Expects,
    /// The dictionary's latest key, to compare with the next one.
    last_key: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Item,
    Key,
    Value,
}

/// The state of one parse; every step advances `at` or fails.
struct Parser<'a> {
    input: &'a [u8],
    at: usize,
    limits: Limits,
    open: Vec<Frame>,
    tape: &'a mut Tape,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), Error> {
        loop {
            self.step()?;
            self.tape.end = self.at;
            if self.open.is_empty() {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<(), Error> {
        let Some(&byte) = self.input.get(self.at) else {
            return Err(self.fault(Reason::Truncated));
        };
        let expects = self.open.last().map(|frame| frame.expects);
        match (byte, expects) {
            (b'e', Some(Expects::Value)) => Err(self.fault(Reason::KeyWithoutValue)),
            (b'e', Some(_)) => {
                self.close();
                Ok(())
            }
            (b'0'..=b'9', Some(Expects::Key)) => self.key(),
            (b'i' | b'l' | b'd', Some(Expects::Key)) => Err(self.fault(Reason::KeyNotString)),
            (b'0'..=b'9', _) => self.string(),
            (b'i', _) => self.integer(),
            (b'l', _) => self.open(TokenKind::List, Expects::Item),
            (b'd', _) => self.open(TokenKind::Dict, Expects::Key),
            _ => Err(self.fault(Reason::BadByte)),
        }
    }

    fn open(&mut self, kind: TokenKind, expects: Expects) -> Result<(), Error> {
        if self.open.len() >= self.limits.depth {
            return Err(self.fault(Reason::TooDeep));
        }
        let token = self.push(kind, self.at + 1, self.at + 1)?;
        self.tape.tokens[token as usize].closed = false;
        self.open.push(Frame {
            token,
            expects,
            last_key: None,
        });
        Ok(())
    }

    fn close(&mut self) {
        self.at += 1;
        if let Some(frame) = self.open.pop() {
            let next = self.tape.tokens.len() as u32;
            let token = &mut self.tape.tokens[frame.token as usize];
            token.closed = true;
            token.end = self.at as u32;
            token.next = next;
        }
    }

    fn integer(&mut self) -> Result<(), Error> {
        let content = self.at + 1;
        let negative = self.input.get(content) == Some(&b'-');
        let digits = self.digits(content + usize::from(negative));
        match self.input.get(digits.end) {
            None => return Err(Self::fault_at(digits.end, Reason::Truncated)),
            Some(b'e') if !digits.is_empty() => {}
            Some(_) if digits.is_empty() => {
                return Err(Self::fault_at(digits.end, Reason::EmptyInteger));
            }
            Some(_) => return Err(Self::fault_at(digits.end, Reason::BadInteger)),
        }
        let token = self.push(TokenKind::Int, content, digits.end + 1)?;
        let zero = self.input[digits.clone()]
            .iter()
            .all(|&digit| digit == b'0');
        if negative && zero {
            self.anomaly(content, token, AnomalyKind::NegativeZero);
        } else {
            self.check_leading_zero(digits, token);
        }
        Ok(())
    }

    fn key(&mut self) -> Result<(), Error> {
        let start = self.at;
        let token = self.tape.tokens.len();
        self.string()?;
        let Some(frame) = self.open.last_mut() else {
            return Ok(());
        };
        frame.expects = Expects::Value;
        let last = frame.last_key.replace(token as u32);
        let text = |index: usize| &self.input[self.tape.tokens[index].content()];
        let order = last.map(|last| text(last as usize).cmp(text(token)));
        match order {
            Some(Ordering::Greater) => {
                self.anomaly(start, token as u32, AnomalyKind::UnsortedKey);
            }
            Some(Ordering::Equal) => {
                self.anomaly(start, token as u32, AnomalyKind::DuplicateKey);
            }
            Some(Ordering::Less) | None => {}
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Error> {
        let digits = self.digits(self.at);
        match self.input.get(digits.end) {
            None => return Err(Self::fault_at(digits.end, Reason::Truncated)),
            Some(b':') => {}
            Some(_) => return Err(Self::fault_at(digits.end, Reason::BadLength)),
        }
        let content = digits.end + 1;
        let left = self.input.len() - content;
        let length = decimal(&self.input[digits.clone()])
            .filter(|&length| length <= left)
            .ok_or(self.fault(Reason::StringPastEnd))?;
        let token = self.push(TokenKind::Bytes, content, content + length)?;
        self.check_leading_zero(digits, token);
        Ok(())
    }

    /// Adds a token that begins at the current offset, and advances to its end.
    fn push(&mut self, kind: TokenKind, content: usize, end: usize) -> Result<u32, Error> {
        let index = self.tape.tokens.len();
        if index >= self.limits.tokens {
            return Err(self.fault(Reason::TooMany));
        }
        self.tape.tokens.push(Token {
            kind,
            closed: true,
            start: self.at as u32,
            content: content as u32,
            end: end as u32,
            next: index as u32 + 1,
        });
        self.at = end;
        if let Some(frame) = self.open.last_mut()
            && frame.expects == Expects::Value
        {
            frame.expects = Expects::Key;
        }
        Ok(index as u32)
    }

    /// Ends the containers that a fault left open, and forgets a key that has no
    /// value.
    fn abandon_open(&mut self) {
        let tape = &mut *self.tape;
        if self
            .open
            .last()
            .is_some_and(|frame| frame.expects == Expects::Value)
            && let Some(key) = tape.tokens.pop()
        {
            tape.end = key.start as usize;
            let kept = tape.tokens.len();
            while tape.anomalies.last().is_some_and(|last| last.token >= kept) {
                tape.anomalies.pop();
            }
        }
        let next = tape.tokens.len() as u32;
        for frame in self.open.drain(..) {
            let token = &mut tape.tokens[frame.token as usize];
            token.end = tape.end as u32;
            token.next = next;
        }
    }

    /// The run of decimal digits from `from` on.
    fn digits(&self, from: usize) -> Range<usize> {
        let rest = self.input.get(from..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len());
        from..from + length
    }

    fn check_leading_zero(&mut self, digits: Range<usize>, token: u32) {
        if digits.len() > 1 && self.input[digits.start] == b'0' {
            self.anomaly(digits.start, token, AnomalyKind::LeadingZero);
        }
    }

    fn anomaly(&mut self, at: usize, token: u32, kind: AnomalyKind) {
        self.tape.anomalies.push(Anomaly {
            at,
            token: token as usize,
            kind,
        });
    }

    fn fault(&self, reason: Reason) -> Error {
        Self::fault_at(self.at, reason)
    }

    fn fault_at(at: usize, reason: Reason) -> Error {
        Error { at, reason }
    }
}

/// The number that `digits` spell, if it fits.
fn decimal(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0_usize, |number, digit| {
        number
            .checked_mul(10)?
            .checked_add(usize::from(digit - b'0'))
    })
}
