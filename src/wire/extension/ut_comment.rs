//! `ut_comment` (µTorrent, i2psnark; in no BEP): comments and ratings.

use std::fmt;

use super::anomalies;
use super::head::{HEAD, message};
use super::input::{Input, bytes_of, int_of};
use crate::wire::bencode::{Dict, Key, List, Node, Shape, Table};
use crate::wire::words::Count;
use crate::wire::{Field, Kind, Member, MessageType, Sink, Topic, Unit};

static MSG_TYPE: Field = Field::new(
    "msg_type",
    Kind::Enum(message_type),
    "0 asks for comments, 1 brings them.",
);
static NUM: Field = Field::new(
    "num",
    Kind::Uint(Unit::None),
    "At most so many comments are wanted.",
);
static FILTER: Field = Field::new(
    "filter",
    Kind::Bytes,
    "Bloom filter of the comments that the sender has.",
);
static COMMENTS: Field = Field::new("comments", Kind::List, "The comments.");
static COMMENT: Field = Field::new("comment", Kind::Group, "A comment.");
static OWNER: Field = Field::new("owner", Kind::Text, "Who wrote it.");
static TEXT: Field = Field::new("text", Kind::Text, "What it says.");
static LIKE: Field = Field::new("like", Kind::Uint(Unit::None), "The rating, 0 to 5.");
static TIMESTAMP: Field = Field::new(
    "timestamp",
    Kind::Uint(Unit::Seconds),
    "How long ago it was written.",
);

static COMMENT_TABLE: Table = Table::new(&[
    Key::new(&OWNER),
    Key::new(&TEXT),
    Key::new(&LIKE),
    Key::new(&TIMESTAMP),
]);
static COMMENT_SHAPE: Shape = Shape::dict(&COMMENT_TABLE);
static TABLE: Table = Table::new(&[
    Key::new(&MSG_TYPE),
    Key::new(&NUM),
    Key::new(&FILTER),
    Key::shaped(&COMMENTS, Shape::list_of(&COMMENT, &COMMENT_SHAPE)),
])
.under(&anomalies::BENCODE);

/// Comments and ratings, or a request for them.
pub static UT_COMMENT: MessageType =
    message("ut_comment", Topic::Discovery).members(&[Member::Shared(HEAD), Member::Keys(&TABLE)]);

fn message_type(value: u64) -> Option<&'static str> {
    match value {
        0 => Some("request"),
        1 => Some("response"),
        _ => None,
    }
}

/// A `ut_comment` message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UtComment<'a> {
    /// 0 asks for comments, 1 brings them.
    pub msg_type: Option<i64>,
    /// How many the sender wants, at most.
    pub num: Option<i64>,
    /// Bloom filter of the comments that the sender has.
    pub filter: Option<&'a [u8]>,
    /// The comments of a response.
    pub comments: Vec<Comment<'a>>,
}

/// One comment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Comment<'a> {
    /// Who wrote it.
    pub owner: Option<&'a [u8]>,
    /// What was written.
    pub text: Option<&'a [u8]>,
    /// Rating from 1 to 5, 0 for none.
    pub like: Option<i64>,
    /// Age in seconds.
    pub timestamp: Option<i64>,
}

pub(super) fn dissect<'i, S: Sink>(input: &mut Input<'_, 'i, '_, S>) -> UtComment<'i> {
    let document = input.dictionary(&TABLE);
    let msg_type = input.required_int(&document, "msg_type", &anomalies::COMMENT_NO_TYPE);
    let root = document.root();
    let comments = root.and_then(|root| root.get(b"comments"));
    let message = UtComment {
        msg_type,
        num: root.and_then(|root| int_of(root, "num")),
        filter: bytes_of(&document, "filter"),
        comments: comments.iter().flat_map(Node::items).map(comment).collect(),
    };
    input.end();
    message
}

fn comment<'i>(node: Node<'i, '_>) -> Comment<'i> {
    Comment {
        owner: node.get(b"owner").and_then(|owner| owner.as_bytes()),
        text: node.get(b"text").and_then(|text| text.as_bytes()),
        like: int_of(node, "like"),
        timestamp: int_of(node, "timestamp"),
    }
}

impl UtComment<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let mut dict = Dict::new()
            .maybe_int("msg_type", self.msg_type)
            .maybe_int("num", self.num)
            .maybe_bytes("filter", self.filter);
        if !self.comments.is_empty() {
            let comments = self.comments.iter().map(Comment::encode);
            dict = dict.list(
                "comments",
                comments.fold(List::new(), |list, comment| list.dict(&comment)),
            );
        }
        out.extend(dict.encode());
    }
}

impl Comment<'_> {
    fn encode(&self) -> Dict {
        Dict::new()
            .maybe_bytes("owner", self.owner)
            .maybe_bytes("text", self.text)
            .maybe_int("like", self.like)
            .maybe_int("timestamp", self.timestamp)
    }
}

impl fmt::Display for UtComment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.msg_type {
            Some(0) => f.write_str("ut_comment request")?,
            Some(1) => {
                let comments = Count(self.comments.len() as u64, "comment");
                return write!(f, "ut_comment {comments}");
            }
            Some(other) => write!(f, "ut_comment type {other}")?,
            None => f.write_str("ut_comment")?,
        }
        match self.num {
            Some(num) => write!(f, ", at most {num}"),
            None => Ok(()),
        }
    }
}
