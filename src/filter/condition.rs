//! What a value is held against: an operator, and what was typed behind it in all
//! the ways in which it can be meant. Which one counts, the kind of the value says.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use regex::bytes::{Regex, RegexBuilder};

use super::address::Net;
use super::digits::Digits;
use super::quantity::{Measure, Quantity};
use super::syntax::{Operator, Word};
use crate::wire::{Flag, Kind, compact, percent};

/// What a compiled pattern of `matches` and its automata may take, in bytes each.
const REGEX_LIMIT_BYTES: usize = 1 << 20;

/// A value of a field.
#[derive(Debug, Clone, Copy)]
pub enum Sample<'a> {
    /// A number, and how it reads.
    Number(i128, Kind),
    /// A span of time, in nanoseconds.
    Span(i128),
    /// Bytes, and how they read.
    Bytes(&'a [u8], Kind),
    /// Text.
    Text(&'a str),
    /// An address with its port.
    Socket(SocketAddr),
    /// A moment: nanoseconds since 1970, and since the capture began.
    Moment { epoch: i128, relative: Option<i128> },
}

/// An operator and its values.
#[derive(Debug, Clone)]
pub struct Condition {
    operator: Operator,
    patterns: Vec<Pattern>,
    /// Of `matches`.
    regex: Option<Regex>,
}

impl Condition {
    /// Reads the values; the error is about one of them.
    pub fn new(operator: Operator, values: &[Word]) -> Result<Self, (Word, String)> {
        let has_ranges = operator == Operator::In;
        let patterns = values
            .iter()
            .map(|word| Pattern::new(&word.text, has_ranges));
        let regex = match values {
            [pattern] if operator == Operator::Matches => {
                let made = regex(&pattern.text).map_err(|reason| (pattern.clone(), reason))?;
                Some(made)
            }
            _ => None,
        };
        Ok(Self {
            operator,
            patterns: patterns.collect(),
            regex,
        })
    }

    /// The operator.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// What was typed behind it.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether a value meets it.
    pub fn is_met(&self, sample: Sample<'_>) -> bool {
        if let Sample::Bytes(bytes, Kind::Escaped(kind)) = sample {
            return self.is_met(Sample::Bytes(&percent::decode(bytes), *kind));
        }
        let any = |test: fn(&Pattern, Sample<'_>) -> bool| {
            self.patterns.iter().any(|pattern| test(pattern, sample))
        };
        match self.operator {
            Operator::Equal | Operator::In => any(Pattern::equals),
            Operator::Unequal => !any(Pattern::equals),
            Operator::Less => any(Pattern::is_above),
            Operator::Greater => any(Pattern::is_below),
            Operator::LessOrEqual => {
                any(|pattern, sample| pattern.is_above(sample) || pattern.equals_number(sample))
            }
            Operator::GreaterOrEqual => {
                any(|pattern, sample| pattern.is_below(sample) || pattern.equals_number(sample))
            }
            Operator::Contains => any(Pattern::is_in),
            Operator::Matches => self
                .regex
                .as_ref()
                .is_some_and(|regex| matches(regex, sample)),
        }
    }
}

fn regex(pattern: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(REGEX_LIMIT_BYTES);
    builder.dfa_size_limit(REGEX_LIMIT_BYTES);
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "this pattern is too large".to_owned(),
        error => {
            // The first lines show the pattern, which the fault shows too.
            let text = error.to_string();
            let last = text
                .lines()
                .last()
                .unwrap_or("")
                .trim_start_matches("error: ");
            format!("no regular expression: {last}")
        }
    })
}

/// The pattern against the value as records have it: digits of bytes, addresses
/// with a port.
fn matches(regex: &Regex, sample: Sample<'_>) -> bool {
    match sample {
        Sample::Number(number, _) | Sample::Span(number) => {
            regex.is_match(number.to_string().as_bytes())
        }
        Sample::Moment { .. } => false,
        Sample::Bytes(bytes, kind) => match text_of(bytes, kind) {
            Some(text) => regex.is_match(text.as_bytes()),
            None => regex.is_match(bytes),
        },
        Sample::Text(text) => regex.is_match(text.as_bytes()),
        Sample::Socket(socket) => regex.is_match(socket.to_string().as_bytes()),
    }
}

/// How bytes read in a record where they are no text of their own.
fn text_of(bytes: &[u8], kind: Kind) -> Option<String> {
    if reads_as_hex(kind) {
        return Some(hex::encode(bytes));
    }
    match (kind, address(bytes)) {
        (Kind::Address, Some((ip, Some(port)))) => Some(SocketAddr::new(ip, port).to_string()),
        (Kind::Address, Some((ip, None))) => Some(ip.to_string()),
        (Kind::Address, None) => Some(hex::encode(bytes)),
        _ => None,
    }
}

/// Whether bytes of this kind are shown as digits.
pub fn reads_as_hex(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Hash
            | Kind::PeerId
            | Kind::Bytes
            | Kind::Flags(_)
            | Kind::Bitfield
            | Kind::Unclaimed
            | Kind::Data
    )
}

/// Whether bytes of this kind may also be told by the letters that they spell.
fn may_be_letters(kind: Kind) -> bool {
    matches!(kind, Kind::PeerId | Kind::Bytes)
}

fn address(bytes: &[u8]) -> Option<(IpAddr, Option<u16>)> {
    let without = compact::ip(bytes).map(|ip| (ip, None));
    without.or_else(|| {
        let socket = compact::address(bytes)?;
        Some((socket.ip(), Some(socket.port())))
    })
}

/// A value as it was typed.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    /// As a number of each measure, or a range of them.
    numbers: [Option<RangeInclusive<Quantity>>; Measure::ALL.len()],
    digits: Option<Digits>,
    net: Option<Net>,
    /// Nanoseconds since 1970.
    moment: Option<Quantity>,
}

impl Pattern {
    fn new(text: &str, has_ranges: bool) -> Self {
        Self {
            text: text.to_owned(),
            numbers: Measure::ALL.map(|measure| numbers(text, measure, has_ranges)),
            digits: Digits::parse(text),
            net: Net::parse(text),
            moment: moment(text),
        }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As a number of a measure.
    pub fn number(&self, measure: Measure) -> Option<&RangeInclusive<Quantity>> {
        self.numbers[measure as usize].as_ref()
    }

    /// As digits of hex.
    pub fn digits(&self) -> Option<&Digits> {
        self.digits.as_ref()
    }

    /// As an address.
    pub fn net(&self) -> Option<Net> {
        self.net
    }

    /// Whether it is a date.
    pub fn is_moment(&self) -> bool {
        self.moment.is_some()
    }

    /// The value as a number, and what it is held against.
    fn quantities(&self, sample: Sample<'_>) -> Option<(Quantity, RangeInclusive<Quantity>)> {
        let (value, measure) = match sample {
            Sample::Number(number, kind) => (number, Measure::from(kind.unit())),
            Sample::Span(nanos) => (nanos, Measure::Time),
            Sample::Moment { epoch, relative } => match self.moment {
                Some(moment) => return Some((Quantity::whole(epoch), moment..=moment)),
                None => (relative?, Measure::Time),
            },
            _ => return None,
        };
        Some((Quantity::whole(value), self.number(measure)?.clone()))
    }

    fn equals_number(&self, sample: Sample<'_>) -> bool {
        let quantities = self.quantities(sample);
        quantities.is_some_and(|(value, range)| range.contains(&value))
    }

    /// The value is less than this.
    fn is_above(&self, sample: Sample<'_>) -> bool {
        let quantities = self.quantities(sample);
        quantities.is_some_and(|(value, range)| value < *range.start())
    }

    /// The value is more than this.
    fn is_below(&self, sample: Sample<'_>) -> bool {
        let quantities = self.quantities(sample);
        quantities.is_some_and(|(value, range)| value > *range.end())
    }

    fn equals(&self, sample: Sample<'_>) -> bool {
        match sample {
            Sample::Number(number, Kind::Enum(name)) => {
                self.equals_number(sample) || self.is_name(number, name)
            }
            Sample::Number(number, Kind::Bool) => {
                self.equals_number(sample) || self.truth() == Some(number != 0)
            }
            Sample::Number(..) | Sample::Span(_) | Sample::Moment { .. } => {
                self.equals_number(sample)
            }
            Sample::Bytes(bytes, kind) => self.equals_bytes(bytes, kind),
            Sample::Text(text) => self.equals_text(text.as_bytes()),
            Sample::Socket(socket) => self.has(socket.ip(), Some(socket.port())),
        }
    }

    fn equals_bytes(&self, bytes: &[u8], kind: Kind) -> bool {
        let digits = self.digits.as_ref();
        match kind {
            Kind::Hash => digits.is_some_and(|digits| digits.are_of_hash(bytes)),
            Kind::PeerId => {
                digits.is_some_and(|digits| digits.are_of_hash(bytes))
                    || self.text.as_bytes() == bytes
            }
            kind if reads_as_hex(kind) => {
                digits.is_some_and(|digits| digits.are(bytes))
                    || (may_be_letters(kind) && self.text.as_bytes() == bytes)
            }
            Kind::Address => match address(bytes) {
                Some((ip, port)) => self.has(ip, port),
                None => digits.is_some_and(|digits| digits.are(bytes)),
            },
            _ => self.equals_text(bytes),
        }
    }

    /// Text that is an address (as trackers get it) is compared as one.
    fn equals_text(&self, bytes: &[u8]) -> bool {
        self.text.as_bytes() == bytes
            || self.net.is_some_and(|net| {
                let text = std::str::from_utf8(bytes).ok();
                let ip = text.and_then(|text| text.parse::<IpAddr>().ok());
                let socket = text.and_then(|text| text.parse::<SocketAddr>().ok());
                let address = ip.map(|ip| (ip, None));
                let address = address.or(socket.map(|s| (s.ip(), Some(s.port()))));
                address.is_some_and(|(ip, port)| net.has(ip, port))
            })
    }

    fn has(&self, ip: IpAddr, port: Option<u16>) -> bool {
        self.net.is_some_and(|net| net.has(ip, port))
    }

    fn is_name(&self, number: i128, name: fn(u64) -> Option<&'static str>) -> bool {
        let number = u64::try_from(number).ok();
        number.and_then(name).is_some_and(|name| name == self.text)
    }

    /// As a truth value.
    pub fn truth(&self) -> Option<bool> {
        match self.text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The value contains it.
    fn is_in(&self, sample: Sample<'_>) -> bool {
        match sample {
            Sample::Number(number, Kind::Flags(flags)) => {
                let bytes = u64::try_from(number).unwrap_or(0).to_be_bytes();
                let last = bytes.len().saturating_sub(flags_width(flags));
                self.is_flag(&bytes[last..], flags) || self.equals_number(sample)
            }
            Sample::Number(..) | Sample::Span(_) | Sample::Moment { .. } => self.equals(sample),
            Sample::Bytes(bytes, kind) => self.is_in_bytes(bytes, kind),
            Sample::Text(text) => text.contains(&self.text),
            Sample::Socket(socket) => {
                self.equals(sample) || socket.to_string().contains(&self.text)
            }
        }
    }

    fn is_in_bytes(&self, bytes: &[u8], kind: Kind) -> bool {
        if let Kind::Flags(flags) = kind
            && self.is_flag(bytes, flags)
        {
            return true;
        }
        if reads_as_hex(kind) {
            let whole = self.digits.as_ref().and_then(Digits::whole);
            return whole.is_some_and(|whole| contains(bytes, &whole))
                || (may_be_letters(kind) && contains(bytes, self.text.as_bytes()));
        }
        match text_of(bytes, kind) {
            Some(text) => self.equals_bytes(bytes, kind) || text.contains(&self.text),
            None => contains(bytes, self.text.as_bytes()),
        }
    }

    fn is_flag(&self, bytes: &[u8], flags: &[Flag]) -> bool {
        flags.iter().any(|flag| {
            let byte = bytes.get(flag.byte).copied().unwrap_or(0);
            flag.name == self.text && byte & flag.mask == flag.mask
        })
    }
}

/// Bytes of a number whose bits these are.
fn flags_width(flags: &[Flag]) -> usize {
    flags.iter().map(|flag| flag.byte + 1).max().unwrap_or(1)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || memchr::memmem::find(bytes, part).is_some()
}

fn numbers(text: &str, measure: Measure, has_ranges: bool) -> Option<RangeInclusive<Quantity>> {
    if let Some(number) = Quantity::parse(text, measure) {
        return Some(number..=number);
    }
    let (from, to) = text.split_once("..").filter(|_| has_ranges)?;
    let (from, to) = (
        Quantity::parse(from, measure)?,
        Quantity::parse(to, measure)?,
    );
    Some(from..=to)
}

fn moment(text: &str) -> Option<Quantity> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    Some(Quantity::whole(moment.as_nanosecond()))
}
