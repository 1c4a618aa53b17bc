//! What holds for any input, and what the oracle serde_bencode says of it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::*;
use super::{TABLE, assert_partition, report_tree};

/// A model of a value, to compare with.
#[derive(Debug, Clone, PartialEq)]
enum Model {
    Int(i64),
    Bytes(Vec<u8>),
    List(Vec<Model>),
    Dict(BTreeMap<Vec<u8>, Model>),
}

impl Model {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Int(value) => int(*value),
            Self::Bytes(value) => bytes(value),
            Self::List(items) => items
                .iter()
                .fold(List::new(), |list, item| list.raw(&item.encode()))
                .encode(),
            Self::Dict(entries) => entries
                .iter()
                .fold(Dict::new(), |dict, (key, value)| {
                    dict.raw(key, value.encode())
                })
                .encode(),
        }
    }

    fn read(node: Node<'_, '_>) -> Self {
        match node.kind() {
            TokenKind::Int => Self::Int(node.as_int().unwrap()),
            TokenKind::Bytes => Self::Bytes(node.as_bytes().unwrap().to_vec()),
            TokenKind::List => Self::List(node.items().map(Self::read).collect()),
            TokenKind::Dict => Self::Dict(
                node.entries()
                    .map(|(key, value)| (key.to_vec(), Self::read(value)))
                    .collect(),
            ),
        }
    }
}

fn model() -> impl Strategy<Value = Model> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Model::Int),
        proptest::collection::vec(any::<u8>(), 0..12).prop_map(Model::Bytes),
    ];
    let key = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        Just(b"m".to_vec()),
        Just(b"nodes".to_vec()),
        Just(b"values".to_vec()),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Model::List),
            proptest::collection::btree_map(key.clone(), inner, 0..5).prop_map(Model::Dict),
        ]
    })
}

/// Bytes that look like bencode more often than chance would have it.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(&b"d"[..]),
        Just(&b"l"[..]),
        Just(&b"e"[..]),
        Just(&b"i"[..]),
        Just(&b"i-0e"[..]),
        Just(&b"i7e"[..]),
        Just(&b"1:a"[..]),
        Just(&b"0:"[..]),
        Just(&b"5:nodes"[..]),
        Just(&b"7:1234567"[..]),
        Just(&b"00"[..]),
        Just(&b"99999999999:"[..]),
        Just(&b"\xff"[..]),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// What the oracle says; it recurses, so only of input of bounded depth.
fn serde_accepts(input: &[u8]) -> bool {
    serde_bencode::from_bytes::<serde_bencode::value::Value>(input).is_ok()
}

proptest! {
    #[test]
    fn reads_what_it_writes(model in model()) {
        let encoded = model.encode();
        let document = Document::parse(&encoded);
        prop_assert_eq!(document.error(), None);
        prop_assert!(document.anomalies().is_empty());
        prop_assert_eq!(document.end(), encoded.len());
        prop_assert_eq!(Model::read(document.root().unwrap()), model);
        prop_assert!(serde_accepts(&encoded));
        assert_partition(&report_tree(&encoded, &TABLE), encoded.len());
    }

    #[test]
    fn every_prefix_gives_an_answer(model in model()) {
        let encoded = model.encode();
        for length in 0..encoded.len() {
            let prefix = &encoded[..length];
            let error = Tape::parse(prefix).error().unwrap();
            prop_assert!(error.reason.is_truncation());
            prop_assert!(error.at <= length);
            assert_partition(&report_tree(prefix, &TABLE), length);
        }
    }

    #[test]
    fn any_bytes_give_an_answer(
        input in prop_oneof![soup(), proptest::collection::vec(any::<u8>(), 0..64)],
    ) {
        let document = Document::parse(&input);
        let claimed = if document.error().is_some() { input.len() } else { document.end() };
        assert_partition(&report_tree(&input, &TABLE), claimed);
        if let Some(root) = document.root() {
            prop_assert!(root.entries().count() + root.items().count() <= input.len());
        }
    }

    /// What we call clean, the oracle reads too.
    #[test]
    fn clean_input_is_valid_for_the_oracle(input in soup()) {
        let document = Document::parse(&input);
        if document.error().is_none() && document.anomalies().is_empty() {
            prop_assert!(serde_accepts(&input[..document.end()]));
        }
    }
}
