//! The language: what is read, what is not, and that what is printed reads back.

use proptest::prelude::*;

use super::Filter;
use super::parse::{MAX_DEPTH, MAX_LENGTH, parse};
use super::syntax::{Comparison, Expression, Operator, Span, Word};

#[test]
fn or_binds_loosest_and_not_tightest() {
    for (text, printed) in [
        ("request", "request"),
        ("a or b and not c", "a or (b and not c)"),
        ("(a or b) && !c", "(a or b) and not c"),
        ("!(a && b) || c", "not (a and b) or c"),
        ("not a == b", "not a == b"),
        ("((a))", "a"),
        ("a and (b and c)", "a and b and c"),
        ("x in {1, 2..5 3}", "x in {1, 2..5, 3}"),
        ("x in {1}", "x in 1"),
        ("x in 10.0.0.0/8", "x in 10.0.0.0/8"),
        (r#""min interval"<60"#, r#""min interval" < 60"#),
        (r#"v contains "\"a\\b\"""#, r#"v contains "\"a\\b\"""#),
        (r#"v matches "^\d+ $""#, r#"v matches "^\\d+ $""#),
        (r#"v == "and""#, r#"v == "and""#),
        (r#"v == """#, r#"v == """#),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), printed, "{text}");
    }
}

#[test]
fn filters_that_are_fine() {
    for text in [
        "request and index == 60",
        "src in 10.0.0.0/8 or dst == [2001:db8::1]:6881",
        "info_hash == ef18..",
        "info_hash == ef183ba1",
        "info_hash != ef183ba16ac49df63eee59c1a27985dbcca9eb05",
        "time < 2s and latency > 250ms",
        "time >= 2026-11-22T17:16:36.5Z",
        "anomaly and not malformed",
        r#"anomaly == "RQ-01""#,
        "unanswered",
        r#"client contains "Transmission""#,
        r#"client matches "(?i)^utorrent""#,
        "length > 16KiB",
        "m.ut_pex == 0",
        r#"headers."User-Agent" contains curl"#,
        "udp_tracker.announce_request.event == started",
        "event in {started, stopped}",
        "index in 60..75",
        "extensions contains fast",
        "ut_pex.added.f contains seed",
        "added contains 10.0.0.1",
        "reserved contains fast",
        "added == 10.0.0.1:6881",
        r#""min interval" > 1min"#,
        "compact == true",
        "nodes.node.id == 00..ff",
        "dht or lsd",
        "queue >= 250",
        "t == 0xaa",
    ] {
        if let Err(fault) = Filter::parse(text) {
            panic!("{text}: {fault}");
        }
    }
}

#[test]
fn what_is_wrong_is_said_and_where() {
    for (text, column, part) in [
        ("", 1, "the name of a message or a field is due"),
        ("request and", 12, "the name of a message or a field is due"),
        ("and request", 1, "the name of a message or a field is due"),
        ("request have", 9, "`and`, `or` or an operator is due"),
        ("request)", 8, "no `(`"),
        ("(request", 9, "`)` is due"),
        ("index ==", 9, "a value is due"),
        ("index in {1, 2", 15, "a value or `}` is due"),
        ("index == 60 70", 13, "`and`, `or` or an operator is due"),
        ("request and indx == 60", 13, "did you mean `index`?"),
        ("index == sixty", 10, "a number is due"),
        ("index == 2s", 10, "a number is due"),
        ("index in 60..x", 10, "a range such as 60..75"),
        ("index contains 6", 16, "this is one number"),
        ("index == 60..75", 10, "a number is due"),
        ("time < 2", 8, "a time with its unit"),
        ("latency > fast", 11, "a time with its unit"),
        ("info_hash == ef183b", 14, "too short for a hash"),
        ("info_hash == xyz", 14, "digits of hex are due"),
        ("info_hash < ef183ba1", 13, "`<` is for numbers and times"),
        ("info_hash contains abc", 20, "pairs of hex digits"),
        ("src == here", 8, "no address"),
        ("src in 10.0.0.0/33", 8, "no address"),
        ("client < b", 10, "`<` is for numbers and times"),
        ("client matches \"(\"", 16, "no regular expression"),
        (
            "client matches \"a{1000}{1000}\"",
            16,
            "this pattern is too large",
        ),
        ("udp_tracker.event == startd", 22, "`started`"),
        ("m == 1", 6, "this is a dictionary"),
        ("request == 60", 1, "is a message; its fields are"),
        ("request.indx == 60", 1, "it has `index`, `begin`, `length`"),
        (
            "handshake.reserved contains fats",
            29,
            "no flag of this name",
        ),
        ("inferred == maybe", 13, "true or false"),
        ("tcp.port == 6881", 1, "here it is `src_port` or `dst_port`"),
        ("bittorrent", 1, "here it is `peer`"),
        ("index = 60", 7, "`==` compares"),
        ("\u{2265} == 60", 1, "no message or field is called"),
    ] {
        let fault = Filter::parse(text).expect_err(text);
        assert!(fault.reason().contains(part), "{text}: {fault}");
        assert_eq!(fault.column(), column, "{text}: {fault}");
    }
}

#[test]
fn nesting_and_length_are_bounded() {
    for open in ["(", "!", "not ", "!("] {
        let deep = open.repeat(MAX_LENGTH / 8);
        let fault = Filter::parse(&deep).unwrap_err();
        assert!(fault.reason().contains("within each other"), "{fault}");
    }
    let deepest = format!("{}request{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH));
    assert!(Filter::parse(&deepest).is_ok());
    let long = vec!["request"; MAX_LENGTH / 12].join(" and ");
    assert!(Filter::parse(&long).is_ok());
    let too_long = "request or ".repeat(MAX_LENGTH / 10);
    assert!(
        Filter::parse(&too_long)
            .unwrap_err()
            .reason()
            .contains("longer")
    );
}

fn word() -> impl Strategy<Value = Word> {
    let names = prop::sample::select(vec![
        "request",
        "index",
        "and",
        "in",
        "added.f",
        "min interval",
        "10.0.0.0/8",
        "a\"b\\",
        "",
        "60..75",
        "[::1]:80",
        "'",
        "\u{e9}\n",
    ]);
    let text = prop_oneof![names.prop_map(str::to_owned), any::<String>()];
    let span = Span { start: 0, end: 0 };
    text.prop_map(move |text| Word { text, span })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    let operator = prop::sample::select(Operator::ALL.to_vec());
    let values = prop::collection::vec(word(), 1..4);
    (word(), operator, values).prop_map(|(name, operator, mut values)| {
        if operator != Operator::In {
            values.truncate(1);
        }
        Comparison {
            name,
            operator,
            values,
        }
    })
}

fn expression() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        word().prop_map(Expression::Named),
        comparison().prop_map(Expression::Compared),
    ];
    leaf.prop_recursive(8, 64, 4, |inner| {
        let parts = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            parts.clone().prop_map(Expression::all),
            parts.prop_map(Expression::any),
            inner.prop_map(|inner| Expression::Not(Box::new(inner))),
        ]
    })
}

/// Text that is more often nearly an expression than not.
fn nearly() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "request",
        "index",
        " ",
        "==",
        "!=",
        "<",
        "(",
        ")",
        "{",
        "}",
        ",",
        "and",
        "or",
        "not",
        "in",
        "contains",
        "matches",
        "60",
        "2s",
        "..",
        "\"",
        "'",
        "\\",
        "ef18..",
        "10.0.0.0/8",
        "peer.",
        "info_hash",
        "time",
        "m.",
        ".",
        "[",
        "*",
        "(?",
        "&&",
        "||",
        "!",
        "&",
        "=",
        "\0",
        "\u{202e}",
        "\u{e9}",
        "added.f",
        "length",
        "0x",
        "-",
        "anomaly",
        "99999999999999999999",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(expression in expression()) {
        let printed = expression.to_string();
        let read = parse(&printed).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
        prop_assert_eq!(&read, &expression, "{}", printed);
        prop_assert_eq!(read.to_string(), printed);
    }

    #[test]
    fn no_text_is_too_odd(text in prop_oneof![any::<String>(), nearly()]) {
        match Filter::parse(&text) {
            Ok(_) => {}
            Err(fault) => {
                let shown = fault.to_string();
                prop_assert!(fault.column() <= text.chars().count() + 1);
                prop_assert_eq!(shown.lines().count(), 3, "{}", shown);
            }
        }
    }
}
