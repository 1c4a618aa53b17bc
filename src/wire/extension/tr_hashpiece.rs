//! `Tr_hashpiece` (BEP 30): a block, with the Merkle nodes to check it.

use std::fmt;

use super::anomalies;
use super::input::Input;
use crate::wire::bencode::{Document, List, Node, Table, report};
use crate::wire::words::Size;
use crate::wire::{Field, Kind, Member, Problem, Sink, Unit};

static INDEX: Field = Field::new(
    "index",
    Kind::Uint(Unit::None),
    "The piece, counted from 0.",
);
static BEGIN: Field = Field::new(
    "begin",
    Kind::Uint(Unit::Bytes),
    "Offset of the block within the piece.",
);
static LIST_LENGTH: Field = Field::new(
    "hash_list_length",
    Kind::Uint(Unit::Bytes),
    "Length of the list of hashes.",
);
static SURPLUS: Field = Field::new(
    "trailing",
    Kind::Unclaimed,
    "Bytes after the list of hashes that its length counts.",
);
static BLOCK: Field = Field::new("block", Kind::Data, "Data of the block.");

/// Its fields, which a message `extended` has.
pub(super) static MEMBERS: &[Member] = &[
    Member::Field(&INDEX),
    Member::Field(&BEGIN),
    Member::Field(&LIST_LENGTH),
    Member::Field(&BLOCK),
];

/// The list of hashes, which has no keys.
static HASHES: Table = Table::EMPTY.under(&anomalies::BENCODE);

/// What its layout has no place for.
pub(super) static ANYWHERE: &[Member] = &[Member::Field(&SURPLUS)];

/// A `Tr_hashpiece` message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrHashpiece<'a> {
    /// The piece.
    pub index: u32,
    /// Offset of the block in the piece.
    pub begin: u32,
    /// Merkle nodes, numbered breadth-first from the root 0; only with the first
    /// block of a piece.
    pub hashes: Vec<(i64, [u8; 20])>,
    /// The bytes of the block that were captured.
    pub block: &'a [u8],
    /// Bytes of the block by the message's length.
    pub block_length: usize,
}

pub(super) fn dissect<'i, S: Sink>(
    input: &mut Input<'_, 'i, '_, S>,
) -> Result<TrHashpiece<'i>, Problem> {
    let index = input.word(&INDEX)?;
    let begin = input.word(&BEGIN)?;
    let length = input.word(&LIST_LENGTH)? as usize;
    if length > input.reader.left() {
        return Err(input.reader.malformed(&anomalies::HASH_LIST_PAST_END));
    }
    let Some(list) = input.reader.rest().get(..length) else {
        return Err(Problem::Cut);
    };
    let hashes = hash_list(input, list);
    let (block, block_length) = input.remainder(&BLOCK);
    Ok(TrHashpiece {
        index,
        begin,
        hashes,
        block,
        block_length,
    })
}

fn hash_list<S: Sink>(input: &mut Input<'_, '_, '_, S>, list: &[u8]) -> Vec<(i64, [u8; 20])> {
    let document = Document::parse(list);
    let base = input.reader.at();
    report(&document, input.reader.sink(), base, &HASHES);
    if let Some(error) = document.error() {
        input.reader.advance(list.len());
        input.anomaly(HASHES.rules.broken(error.reason));
    } else {
        input.reader.advance(document.end());
        let surplus = document.trailing().len();
        if surplus > 0 {
            input.reader.bulk(&SURPLUS, surplus);
            input.anomaly(&anomalies::HASH_LIST_LENGTH);
        }
    }
    let items = document.root().into_iter().flat_map(|root| root.items());
    items.filter_map(hash).collect()
}

fn hash(node: Node<'_, '_>) -> Option<(i64, [u8; 20])> {
    let mut pair = node.items();
    Some((pair.next()?.as_int()?, pair.next()?.as_array()?))
}

impl TrHashpiece<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let pair = |node: i64, hash: &[u8; 20]| List::new().int(node).bytes(hash).encode();
        let list = self
            .hashes
            .iter()
            .fold(List::new(), |list, (node, hash)| {
                list.raw(&pair(*node, hash))
            })
            .encode();
        out.extend(self.index.to_be_bytes());
        out.extend(self.begin.to_be_bytes());
        out.extend((list.len() as u32).to_be_bytes());
        out.extend(list);
        out.extend_from_slice(self.block);
    }
}

impl fmt::Display for TrHashpiece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = Size(self.block_length as u64);
        let (index, begin) = (self.index, self.begin);
        write!(f, "Tr_hashpiece piece {index}, offset {begin}, {size}")
    }
}
