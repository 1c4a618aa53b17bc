//! Vectors and hostile input.

mod properties;

use super::*;
use crate::wire::testing::noted as noted_in;
use crate::wire::{Anomaly, Breach, Field, Kind, Label, Note, Reader, Tree, Unit, Value};

fn reason(input: &[u8]) -> Option<(usize, Reason)> {
    Tape::parse(input)
        .error()
        .map(|error| (error.at, error.reason))
}

fn anomalies(input: &[u8]) -> Vec<(usize, AnomalyKind)> {
    let tape = Tape::parse(input);
    assert_eq!(tape.error(), None);
    tape.anomalies()
        .iter()
        .map(|anomaly| (anomaly.at, anomaly.kind))
        .collect()
}

fn report_tree(input: &[u8], table: &'static Table) -> Tree {
    let mut tree = Tree::new();
    report(&Document::parse(input), &mut tree, 0, table);
    tree
}

/// The leaves follow each other without gap or overlap up to `end`, and groups
/// hold their members.
fn assert_partition(tree: &Tree, end: usize) {
    let mut at = 0;
    for (_, leaf) in tree.leaves() {
        assert_eq!(leaf.start, at, "{leaf:?}");
        assert!(leaf.end >= leaf.start);
        at = leaf.end;
    }
    assert_eq!(at as usize, end);
    for (index, group) in tree.nodes().iter().enumerate() {
        let members = tree.nodes()[index + 1..]
            .iter()
            .take_while(|node| node.depth > group.depth);
        for member in members {
            assert!(group.start <= member.start && member.end <= group.end);
        }
    }
}

#[test]
fn values_of_every_type() {
    let document = Document::parse(b"d1:ai-3e1:bl0:3:xyze1:cd1:ki7eee tail");
    let root = document.root().unwrap();
    assert_eq!(root.get(b"a").unwrap().as_int(), Some(-3));
    assert_eq!(root.get(b"a").unwrap().as_uint(), None);
    let items: Vec<_> = root.get(b"b").unwrap().items().collect();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].as_bytes(), Some(&b""[..]));
    assert_eq!(items[1].as_text(), Some("xyz"));
    let inner = root.get(b"c").unwrap();
    assert_eq!(inner.raw(), b"d1:ki7ee");
    assert_eq!(inner.content(), 24..30);
    assert_eq!(inner.get(b"k").unwrap().as_uint(), Some(7));
    assert_eq!(inner.get(b"missing").map(|node| node.span()), None);
    assert_eq!(document.end(), 32);
    assert_eq!(document.trailing(), b" tail");
    assert!(document.anomalies().is_empty());
}

#[test]
fn integers_at_the_limits() {
    let int = |input: &[u8]| {
        let document = Document::parse(input);
        let root = document.root().unwrap();
        (root.as_int(), root.as_uint())
    };
    assert_eq!(int(b"i0e"), (Some(0), Some(0)));
    assert_eq!(
        int(b"i9223372036854775807e"),
        (Some(i64::MAX), Some(i64::MAX as u64))
    );
    assert_eq!(int(b"i-9223372036854775808e"), (Some(i64::MIN), None));
    assert_eq!(int(b"i18446744073709551615e"), (None, Some(u64::MAX)));
    let document = Document::parse(b"i99999999999999999999e");
    let big = document.root().unwrap();
    assert_eq!((big.as_int(), big.as_uint()), (None, None));
    assert_eq!(big.digits(), Some("99999999999999999999"));
    assert!(document.anomalies().is_empty());
    assert_eq!(
        report_tree(b"i99999999999999999999e", &Table::EMPTY).nodes()[0].value,
        Value::Bytes { start: 1, end: 21 }
    );
}

#[test]
fn leniency_leaves_a_trace() {
    assert_eq!(anomalies(b"i-0e"), [(1, AnomalyKind::NegativeZero)]);
    assert_eq!(anomalies(b"i00e"), [(1, AnomalyKind::LeadingZero)]);
    assert_eq!(anomalies(b"i-03e"), [(2, AnomalyKind::LeadingZero)]);
    assert_eq!(anomalies(b"03:abc"), [(0, AnomalyKind::LeadingZero)]);
    assert_eq!(
        anomalies(b"d1:b0:1:a0:1:a0:e"),
        [
            (6, AnomalyKind::UnsortedKey),
            (11, AnomalyKind::DuplicateKey)
        ]
    );
    // Raw byte order, and the order of an inner dictionary is its own.
    assert_eq!(anomalies(b"d1:Zde1:ad1:Ai0eee"), []);
    let document = Document::parse(b"d1:a1:x1:a1:ye");
    let first = document.root().unwrap().get(b"a").unwrap();
    assert_eq!(first.as_bytes(), Some(&b"x"[..]));
    assert_eq!(
        Document::parse(b"2:-7").root().unwrap().lenient_int(),
        Some(-7)
    );
}

#[test]
fn faults_say_where_and_why() {
    let cases: [(&[u8], usize, Reason); 21] = [
        (b"", 0, Reason::Truncated),
        (b"e", 0, Reason::BadByte),
        (b":", 0, Reason::BadByte),
        (b"-1:a", 0, Reason::BadByte),
        (b"1", 1, Reason::Truncated),
        (b"1:", 0, Reason::StringPastEnd),
        (b"99999999999:", 0, Reason::StringPastEnd),
        (b"99999999999999999999999:a", 0, Reason::StringPastEnd),
        (b"1x:a", 1, Reason::BadLength),
        (b"ie", 1, Reason::EmptyInteger),
        (b"i-e", 2, Reason::EmptyInteger),
        (b"i e", 1, Reason::EmptyInteger),
        (b"i1", 2, Reason::Truncated),
        (b"i1x", 2, Reason::BadInteger),
        (b"i1-e", 2, Reason::BadInteger),
        (b"l", 1, Reason::Truncated),
        (b"li1e", 4, Reason::Truncated),
        (b"di1e1:ae", 1, Reason::KeyNotString),
        (b"dle1:ae", 1, Reason::KeyNotString),
        (b"d1:ae", 4, Reason::KeyWithoutValue),
        (b"d1:a99:bc", 4, Reason::StringPastEnd),
    ];
    for (input, at, expected) in cases {
        let text = String::from_utf8_lossy(input);
        assert_eq!(reason(input), Some((at, expected)), "{text}");
    }
    assert_eq!(reason(b"0:"), None);
    assert_eq!(reason(b"d0:0:e"), None);
}

#[test]
fn a_fault_keeps_what_precedes_it() {
    let document = Document::parse(b"d1:ai1e1:bli2e1:x99:junk");
    let root = document.root().unwrap();
    assert!(!root.is_closed());
    assert_eq!(root.get(b"a").unwrap().as_int(), Some(1));
    let list = root.get(b"b").unwrap();
    assert_eq!(list.items().count(), 2);
    assert_eq!(list.span(), 10..17);
    assert_eq!(document.end(), 17);
    // A key whose value is missing is no entry.
    let document = Document::parse(b"d1:ai1e2:bb");
    assert_eq!(document.root().unwrap().entries().count(), 1);
    assert_eq!(document.end(), 7);
}

#[test]
fn nesting_is_capped_without_recursion() {
    for depth in [127, 128] {
        let input = [vec![b'l'; depth], vec![b'e'; depth]].concat();
        assert_eq!(reason(&input), None);
    }
    for (unit, count) in [(&b"l"[..], 30_000), (&b"d1:a"[..], 15_000)] {
        let input = unit.repeat(count);
        assert_eq!(reason(&input), Some((128 * unit.len(), Reason::TooDeep)));
        assert_partition(&report_tree(&input, &Table::EMPTY), input.len());
    }
}

#[test]
fn tokens_are_capped() {
    let input = [&b"l"[..], &b"0:".repeat(70_000), b"e"].concat();
    let tape = Tape::parse(&input);
    assert_eq!(
        tape.error().map(|error| error.reason),
        Some(Reason::TooMany)
    );
    assert_eq!(tape.tokens().len(), Limits::MESSAGE.tokens);
    assert_eq!(Tape::parse_within(&input, Limits::METAINFO).error(), None);
}

fn names(_: u64) -> Option<&'static str> {
    None
}

static MSG_TYPE: Field = Field::new("msg_type", Kind::Enum(names), "");
static M: Field = Field::new("m", Kind::Group, "");
static SIZE: Field = Field::new("size", Kind::Uint(Unit::Bytes), "");
static NODES: Field = Field::new("nodes", Kind::List, "");
static NODE: Field = Field::new("node", Kind::Group, "");
static ID: Field = Field::new("id", Kind::Hash, "");
static ADDRESS: Field = Field::new("address", Kind::Address, "");
static FLAGS: Field = Field::new("f", Kind::List, "");
static FLAG: Field = Field::new("flag", Kind::Uint(Unit::None), "");
static EVEN: Field = Field::new("even", Kind::Int, "");
static VALUES: Field = Field::new("values", Kind::List, "");
static NODE_LIST: Compact = Compact::new(
    &NODE,
    &[
        Part {
            field: &ID,
            size: 20,
        },
        Part {
            field: &ADDRESS,
            size: 6,
        },
    ],
);
static FLAG_LIST: Compact = Compact::new(
    &FLAG,
    &[Part {
        field: &FLAG,
        size: 1,
    }],
);
static INNER: Table = Table::new(&[Key::new(&SIZE)]);
static TABLE: Table = Table::new(&[
    Key::new(&MSG_TYPE),
    Key::new(&SIZE),
    Key::shaped(&M, Shape::dict(&INNER)),
    Key::shaped(&NODES, Shape::compact(&NODE_LIST)),
    Key::shaped(&FLAGS, Shape::compact(&FLAG_LIST)),
    Key::shaped(&VALUES, Shape::list(&ADDRESS)),
    Key::new(&ID),
    Key::new(&EVEN).checked(odd),
]);

static ODD: Anomaly = Anomaly::warning("BE-99", 3, "odd");

fn odd(node: Node<'_, '_>) -> Option<Breach> {
    (node.as_int()? % 2 != 0).then(|| Breach::from(&ODD))
}

/// A tree in a few characters a node: depth, span, name, value.
fn sketch(tree: &Tree) -> Vec<String> {
    tree.nodes()
        .iter()
        .map(|node| {
            let name = node.label.field().map_or("?", |field| field.name);
            let value = match node.value {
                Value::Group(_) => "group".to_owned(),
                Value::Uint(number) => number.to_string(),
                Value::Int(number) => number.to_string(),
                Value::Bytes { start, end } => format!("@{start}..{end}"),
            };
            let (depth, start, end) = (node.depth, node.start, node.end);
            format!("{depth} {start}..{end} {name} {value}")
        })
        .collect()
}

#[test]
fn a_scalar_entry_is_one_leaf_and_a_container_a_group() {
    let tree = report_tree(b"d8:msg_typei1e1:md4:sizei9e1:xi-1eee", &TABLE);
    assert_eq!(
        sketch(&tree),
        [
            "0 0..1 dictionary @0..1",
            "0 1..14 msg_type 1",
            "0 14..35 m group",
            "1 14..18 dictionary @14..18",
            "1 18..27 size 9",
            "1 27..34 ? -1",
            "1 34..35 end @34..35",
            "0 35..36 end @35..36",
        ]
    );
    assert!(matches!(
        tree.nodes()[1].label,
        Label::Key {
            start: 3,
            end: 11,
            ..
        }
    ));
}

#[test]
fn packed_strings_are_lists() {
    let input = [
        &b"d1:f3:\x01\x02\x805:nodes27:"[..],
        &[b'x'; 26],
        b"!6:valuesl6:abcdef2:abee",
    ]
    .concat();
    let tree = report_tree(&input, &TABLE);
    assert_eq!(
        sketch(&tree)[1..],
        [
            "0 1..9 f group",
            "1 1..6 length @1..6",
            "1 6..7 flag 1",
            "1 7..8 flag 2",
            "1 8..9 flag 128",
            "0 9..46 nodes group",
            "1 9..19 length @9..19",
            "1 19..45 node group",
            "2 19..39 id @19..39",
            "2 39..45 address @39..45",
            "1 45..46 remainder @45..46",
            "0 46..68 values group",
            "1 46..55 list @46..55",
            "1 55..63 address @57..63",
            "1 63..67 address @65..67",
            "1 67..68 end @67..68",
            "0 68..69 end @68..69",
        ]
    );
    let notes: Vec<_> = tree.notes().iter().map(|(node, _)| *node).collect();
    assert_eq!(notes, [11, 15]);
}

#[test]
fn anomalies_and_types_are_noted_where_they_occur() {
    let tree = report_tree(b"d4:size1:98:msg_typei03e1:mlee", &TABLE);
    assert_eq!(
        noted_in(&tree),
        [
            (1, "a string where an integer is due"),
            (2, "dictionary key out of order"),
            (2, "leading zero"),
            (3, "dictionary key out of order"),
            (3, "not a dictionary"),
        ]
    );
}

/// Every type where another is due, as the note on the entry says it.
#[test]
fn values_of_the_wrong_type() {
    let noted = |input: &[u8]| {
        let tree = report_tree(input, &TABLE);
        let entry = noted_in(&tree).into_iter().find(|(node, _)| *node == 1);
        entry.map(|(_, words)| words)
    };
    let anomaly = Some;
    assert_eq!(noted(b"d4:sizei1ee"), None);
    assert_eq!(
        noted(b"d4:size1:1e"),
        anomaly("a string where an integer is due")
    );
    assert_eq!(noted(b"d4:sizelee"), anomaly("not an integer"));
    assert_eq!(
        noted(b"d2:idi1ee"),
        anomaly("an integer where a string is due")
    );
    assert_eq!(noted(b"d2:iddee"), anomaly("not a string"));
    assert_eq!(noted(b"d1:mi1ee"), anomaly("not a dictionary"));
    assert_eq!(noted(b"d6:values1:ae"), anomaly("not a list"));
    assert_eq!(noted(b"d6:valuesdee"), anomaly("not a list"));
    assert_eq!(noted(b"d5:nodes0:e"), None);
    // The rule of the key comes after the type.
    assert_eq!(noted(b"d4:evenlee"), anomaly("not an integer"));
    assert_eq!(noted(b"d4:eveni3ee"), anomaly("odd"));
    assert_eq!(noted(b"d4:eveni4ee"), None);
}

#[test]
fn a_cut_message_is_not_called_malformed() {
    let input = b"d1:ai1e1:b9:abc";
    let dissected = |declared| {
        let mut tree = Tree::new();
        let mut reader = Reader::new(input, declared, &mut tree);
        dissect(&mut reader, &TABLE);
        assert_eq!(reader.left(), 0);
        assert_partition(&tree, declared);
        tree.notes().last().unwrap().1.clone()
    };
    assert_eq!(dissected(22), Note::Cut(7));
    assert_eq!(
        dissected(15),
        Note::Malformed(PLAIN.broken(Reason::StringPastEnd))
    );
}

#[test]
fn written_sorted() {
    let dict = Dict::new()
        .bytes(b"v", "x")
        .int(b"p", 6881)
        .dict(b"m", &Dict::new().int("ut_pex", 1))
        .list(b"l", List::new().int(1).bytes(b"").dict(&Dict::new()))
        .maybe_int(b"none", None::<i64>);
    assert_eq!(
        dict.encode(),
        b"d1:lli1e0:dee1:md6:ut_pexi1ee1:pi6881e1:v1:xe"
    );
}
