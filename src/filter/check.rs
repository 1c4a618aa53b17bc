//! Whether a comparison can be true at all: a number is not compared with a word.

use super::condition::{Condition, Pattern, reads_as_hex};
use super::digits::{Digits, MIN_DIGITS};
use super::fact::Sort;
use super::nearest::{hint, quoted};
use super::quantity::Measure;
use super::syntax::Operator;
use crate::wire::Kind;

/// Numbers of an enumeration that are looked through for its names.
const ENUM_VALUES: u64 = 1 << 10;

/// What is wrong with comparing a value of `sort` so, if anything; which value
/// of the condition is at fault.
pub fn check(condition: &Condition, sort: Sort, is_many: bool) -> Result<(), (usize, String)> {
    let operator = condition.operator();
    for (index, pattern) in condition.patterns().iter().enumerate() {
        let checked = match sort {
            Sort::Kind(kind) => of_kind(operator, pattern, unescaped(kind), is_many),
            Sort::Span => number(operator, pattern, Measure::Time, is_many),
            Sort::Moment if pattern.is_moment() => Ok(()),
            Sort::Moment => number(operator, pattern, Measure::Time, is_many)
                .map_err(|reason| format!("{reason}, or a date such as 2026-11-22T17:16:36Z")),
        };
        checked.map_err(|reason| (index, reason))?;
    }
    Ok(())
}

fn unescaped(kind: Kind) -> Kind {
    match kind {
        Kind::Escaped(inner) => *inner,
        kind => kind,
    }
}

type Checked = Result<(), String>;

fn of_kind(operator: Operator, pattern: &Pattern, kind: Kind, is_many: bool) -> Checked {
    match kind {
        Kind::Uint(_) | Kind::Int | Kind::Data => {
            number(operator, pattern, kind.unit().into(), is_many)
        }
        Kind::Bool if pattern.truth().is_some() && !operator.is_order() => Ok(()),
        Kind::Bool => number(operator, pattern, Measure::Plain, is_many)
            .map_err(|_| "this field is true or false (1 or 0)".to_owned()),
        Kind::Enum(name) => enumeration(operator, pattern, name, is_many),
        Kind::Flags(flags) if operator == Operator::Contains => {
            let names: Vec<_> = flags.iter().map(|flag| flag.name).collect();
            let is_known = names.contains(&pattern.text()) || pattern.digits().is_some();
            is_known.then_some(()).ok_or_else(|| {
                let hint = hint(pattern.text(), names.iter().copied());
                format!("no flag of this name; there are {}", names.join(", "))
                    + &hint.unwrap_or_default()
            })
        }
        Kind::Group => Err("this is a dictionary: name a key in it, as in `m.ut_pex`".to_owned()),
        _ if operator == Operator::Matches => Ok(()),
        _ if operator.is_order() && !matches!(kind, Kind::Flags(_)) => Err(format!(
            "`{}` is for numbers and times, and this is {}",
            operator.name(),
            article(kind)
        )),
        Kind::Address if operator != Operator::Contains => {
            let is_address = pattern.net().is_some();
            is_address.then_some(()).ok_or_else(|| {
                "no address: 10.0.0.1, 10.0.0.1:6881, [::1]:6881 and 10.0.0.0/8 are".to_owned()
            })
        }
        Kind::Hash => digits(operator, pattern),
        _ => Ok(()),
    }
}

fn number(operator: Operator, pattern: &Pattern, measure: Measure, is_many: bool) -> Checked {
    match operator {
        Operator::Matches => Ok(()),
        Operator::Contains if !is_many => {
            Err("this is one number: `contains` is for text, bytes, addresses and lists".to_owned())
        }
        _ if pattern.number(measure).is_some() => Ok(()),
        Operator::In => Err(format!(
            "{} is due, or a range such as 60..75",
            measure.title()
        )),
        _ => Err(format!("{} is due", measure.title())),
    }
}

fn enumeration(
    operator: Operator,
    pattern: &Pattern,
    name: fn(u64) -> Option<&'static str>,
    is_many: bool,
) -> Checked {
    let names = || (0..ENUM_VALUES).filter_map(name);
    let is_name = !operator.is_order() && names().any(|name| name == pattern.text());
    if is_name && operator != Operator::Contains {
        return Ok(());
    }
    number(operator, pattern, Measure::Plain, is_many).map_err(|reason| {
        let mut known: Vec<_> = names().collect();
        known.dedup();
        if known.is_empty() {
            return reason;
        }
        let hint = hint(pattern.text(), names());
        let known = quoted(known.into_iter());
        format!("a number is due, or one of {known}") + &hint.unwrap_or_default()
    })
}

fn digits(operator: Operator, pattern: &Pattern) -> Checked {
    let digits = pattern.digits();
    if operator == Operator::Contains {
        let is_whole = digits.and_then(Digits::whole).is_some();
        return is_whole
            .then_some(())
            .ok_or_else(|| "pairs of hex digits are due".to_owned());
    }
    match digits {
        None => Err("this is a hash: digits of hex are due, such as ef183ba1 or ef18..".to_owned()),
        Some(digits) if !digits.is_enough() => Err(format!(
            "too short for a hash: {MIN_DIGITS} digits or more are due, or `..` where some are \
             left out"
        )),
        Some(_) => Ok(()),
    }
}

fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Address => "an address",
        kind if reads_as_hex(kind) => "a string of bytes",
        _ => "neither",
    }
}
