//! The token tape: one pass over the input, no recursion, bounded memory.

use std::ops::Range;

/// What bounds a parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Containers open at once.
    pub depth: usize,
    /// Tokens kept (20 bytes of memory each).
    pub tokens: usize,
}

impl Limits {
    /// For a message. Clients use 8 to 512 levels; the largest real messages
    /// have a few hundred tokens.
    pub const MESSAGE: Self = Self {
        depth: 128,
        tokens: 1 << 16,
    };
    /// For a `.torrent` file, which may list a million files.
    pub const METAINFO: Self = Self {
        depth: 128,
        tokens: 1 << 22,
    };
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `i<decimal>e`
    Int,
    /// `<length>:<bytes>`
    Bytes,
    /// `l<items>e`
    List,
    /// `d<key><value>..e`: keys and values are tokens in turn.
    Dict,
}

/// One value, or the key of a dictionary entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub(super) kind: TokenKind,
    /// Whether a container's closing `e` was read.
    pub(super) closed: bool,
    pub(super) start: u32,
    pub(super) content: u32,
    pub(super) end: u32,
    /// Index of the token after this one and all it holds.
    pub(super) next: u32,
}

impl Token {
    /// Its type.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The whole encoding, framing included.
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The digits (with sign) of an integer, the bytes of a string, what is
    /// between the framing bytes of a container.
    pub fn content(&self) -> Range<usize> {
        let framing = u32::from(self.closed && self.kind != TokenKind::Bytes);
        self.content as usize..(self.end - framing) as usize
    }

    /// Whether it is complete; only a container that a fault cut short is not.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Index in the tape of what follows this value and all it holds.
    pub fn next(&self) -> usize {
        self.next as usize
    }
}

/// A deviation from BEP 3 that leaves the meaning clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anomaly {
    /// Offset in the input.
    pub at: usize,
    /// Index of the token it concerns.
    pub token: usize,
    /// Which rule.
    pub kind: AnomalyKind,
}

/// The rules of BEP 3 that parsers in the wild do not enforce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnomalyKind {
    /// A dictionary key that sorts before its predecessor.
    UnsortedKey,
    /// A dictionary key equal to its predecessor.
    DuplicateKey,
    /// `i03e` or `03:abc`.
    LeadingZero,
    /// `i-0e`.
    NegativeZero,
}

impl AnomalyKind {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::UnsortedKey => "dictionary key out of order",
            Self::DuplicateKey => "duplicate dictionary key",
            Self::LeadingZero => "leading zero",
            Self::NegativeZero => "negative zero",
        }
    }
}

/// Why a parse ended before the value did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bencode at offset {at}: {}", .reason.text())]
pub struct Error {
    /// Offset in the input of the first byte that does not fit.
    pub at: usize,
    /// What is wrong.
    pub reason: Reason,
}

/// What ends a parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The input ends before the value does.
    Truncated,
    /// A string is longer than what is left of the input.
    StringPastEnd,
    /// A string length is not followed by a colon.
    BadLength,
    /// An integer without a digit.
    EmptyInteger,
    /// An integer with a byte that is no digit.
    BadInteger,
    /// A byte that begins no value.
    BadByte,
    /// A dictionary key that is no string.
    KeyNotString,
    /// A dictionary ends after a key.
    KeyWithoutValue,
    /// More than [`Limits::depth`] containers are open.
    TooDeep,
    /// More than [`Limits::tokens`] values.
    TooMany,
    /// The input is 4 GiB or longer.
    TooLong,
}

impl Reason {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Truncated => "ends in the middle of a bencoded value",
            Self::StringPastEnd => "bencoded string longer than what follows",
            Self::BadLength => "bencoded string length without a colon",
            Self::EmptyInteger => "bencoded integer without digits",
            Self::BadInteger => "bencoded integer with a byte that is no digit",
            Self::BadByte => "no bencoded value begins with this byte",
            Self::KeyNotString => "dictionary key that is not a string",
            Self::KeyWithoutValue => "dictionary key without a value",
            Self::TooDeep => "bencode nested deeper than 128 levels",
            Self::TooMany => "more bencoded values than the decoder keeps",
            Self::TooLong => "longer than 4 GiB",
        }
    }

    /// Whether more bytes could have mended it: what a cut capture looks like.
    pub const fn is_truncation(self) -> bool {
        matches!(self, Self::Truncated | Self::StringPastEnd)
    }
}

/// The tokens of the first bencoded value of an input, in the order of the bytes.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    tokens: Vec<Token>,
    anomalies: Vec<Anomaly>,
    open: Vec<Frame>,
    end: usize,
    error: Option<Error>,
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
        self.open.clear();
        self.end = 0;
        let result = if u32::try_from(input.len()).is_ok() {
            let mut parser = Parser {
                input,
                at: 0,
                limits,
                tape: self,
            };
            parser.run()
        } else {
            Err(Error {
                at: 0,
                reason: Reason::TooLong,
            })
        };
        self.error = result.err();
        self.abandon_open();
    }

    /// All tokens; the first one is the value itself. Empty after a fault in the
    /// first token.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The deviations, in the order of their tokens.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// Offset after the value; after a fault, offset after the last token that
    /// is intact.
    pub fn end(&self) -> usize {
        self.end
    }

    /// Why the value is incomplete.
    pub fn error(&self) -> Option<Error> {
        self.error
    }

    /// Ends the containers that a fault left open.
    fn abandon_open(&mut self) {
        if self
            .open
            .last()
            .is_some_and(|frame| frame.expects == Expects::Value)
            && let Some(key) = self.tokens.pop()
        {
            self.end = key.start as usize;
            let kept = self.tokens.len();
            while self.anomalies.last().is_some_and(|last| last.token >= kept) {
                self.anomalies.pop();
            }
        }
        let next = self.tokens.len() as u32;
        for frame in self.open.drain(..) {
            let token = &mut self.tokens[frame.token as usize];
            token.end = self.end as u32;
            token.next = next;
        }
    }
}

/// The state of one parse; every step advances `at` or fails.
struct Parser<'a> {
    input: &'a [u8],
    at: usize,
    limits: Limits,
    tape: &'a mut Tape,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), Error> {
        loop {
            self.step()?;
            self.tape.end = self.at;
            if self.tape.open.is_empty() {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<(), Error> {
        let Some(&byte) = self.input.get(self.at) else {
            return Err(self.fault(Reason::Truncated));
        };
        let expects = self.tape.open.last().map(|frame| frame.expects);
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
        if self.tape.open.len() >= self.limits.depth {
            return Err(self.fault(Reason::TooDeep));
        }
        let token = self.push(kind, self.at + 1, self.at + 1)?;
        self.tape.tokens[token as usize].closed = false;
        self.tape.open.push(Frame {
            token,
            expects,
            last_key: None,
        });
        Ok(())
    }

    fn close(&mut self) {
        self.at += 1;
        if let Some(frame) = self.tape.open.pop() {
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
        let Some(frame) = self.tape.open.last_mut() else {
            return Ok(());
        };
        frame.expects = Expects::Value;
        let last = frame.last_key.replace(token as u32);
        let text = |index: usize| &self.input[self.tape.tokens[index].content()];
        let order = last.map(|last| text(last as usize).cmp(text(token)));
        match order {
            Some(std::cmp::Ordering::Greater) => {
                self.anomaly(start, token as u32, AnomalyKind::UnsortedKey);
            }
            Some(std::cmp::Ordering::Equal) => {
                self.anomaly(start, token as u32, AnomalyKind::DuplicateKey);
            }
            Some(std::cmp::Ordering::Less) | None => {}
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
        if let Some(frame) = self.tape.open.last_mut()
            && frame.expects == Expects::Value
        {
            frame.expects = Expects::Key;
        }
        Ok(index as u32)
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
