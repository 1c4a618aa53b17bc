//! Values of facts in words.

use crate::compare::{Fact, Value};
use crate::view::quantity::Bytes;
use crate::view::text::Safe;
use crate::wire::words::{Count, Size};

/// A value of a fact in words, a number with what it counts.
pub fn fact_words(fact: &Fact, value: &Value, top: f64) -> String {
    let text = words(value, top);
    match (value, unit(&fact.name)) {
        (Value::Count(count), Some(noun)) => Count(*count, noun).to_string(),
        // Values of the extended handshake are text of the capture.
        (Value::Text(text), Some(unit)) if is_number(text) => format!("{text} {unit}"),
        (Value::Text(id), None) if fact.name.starts_with("m.") && is_number(id) => match &id[..] {
            "0" => "off (id 0)".to_owned(),
            id => format!("id {id}"),
        },
        _ => text,
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a fact counts.
fn unit(name: &str) -> Option<&'static str> {
    Some(match name {
        "messages" | "haves" => "message",
        "gaps" => "gap",
        "requests" | "queue_max" | "queue_median" | "duplicate_requests" => "request",
        "pieces_received" => "piece",
        "metadata_size" => "B",
        "reqq" => "requests",
        "complete_ago" => "s",
        _ => return None,
    })
}

/// Heights of a bar, lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A value in words, sanitised; `top` is what a full bar of a series stands for.
pub fn words(value: &Value, top: f64) -> String {
    match value {
        Value::Absent => "-".to_owned(),
        Value::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Value::Text(text) => Safe::from(&text[..]).to_string(),
        Value::Names(names) if names.is_empty() => "none".to_owned(),
        Value::Names(names) => names.join(", "),
        Value::Count(count) => count.to_string(),
        // A block is 16 KiB, not 16.0 KiB.
        Value::Bytes(bytes @ ..0x10_0000) => Size(*bytes).to_string(),
        Value::Bytes(bytes) => Bytes(*bytes).to_string(),
        Value::Nanos(nanos) => format!("{} s", seconds(*nanos)),
        Value::Share(share) => format!("{:.0} %", share * 100.0),
        Value::Pieces(pieces) => {
            let pieces: Vec<String> = pieces.iter().map(u32::to_string).collect();
            pieces.join(" ")
        }
        Value::Series(series) => series.iter().map(|value| bar(*value, top)).collect(),
    }
}

/// A time as `read` shows it: seconds with six digits.
pub fn seconds(nanos: i64) -> String {
    const SECOND: u64 = 1_000_000_000;
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let micros = nanos % SECOND / 1000;
    format!("{sign}{}.{micros:06}", nanos / SECOND)
}

fn bar(value: f64, top: f64) -> char {
    let steps = BARS.len() as f64;
    let mut bars = (1..).zip(BARS);
    let tall = bars.find(|(height, _)| value * steps <= top * f64::from(*height));
    tall.map_or(BARS[BARS.len() - 1], |(_, bar)| bar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_their_kind() {
        let cases = [
            (Value::Absent, "-"),
            (Value::Text("a\u{1b}b".into()), "a\\x1bb"),
            (Value::Names(vec![]), "none"),
            (Value::Bytes(16384), "16 KiB"),
            (Value::Bytes(3_145_729), "3.00 MiB"),
            (Value::Nanos(-1_500_000), "-0.001500 s"),
            (Value::Nanos(61_000_000_999), "61.000000 s"),
            (Value::Share(0.254), "25 %"),
            (Value::Pieces(vec![3, 1]), "3 1"),
            (Value::Series(vec![0.0, 1.0, 4.0, 8.0]), "▁▁▄█"),
        ];
        for (value, text) in cases {
            assert_eq!(words(&value, 8.0), text);
        }
    }
}
