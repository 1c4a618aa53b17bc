//! From bytes to a message.

use super::anomalies;
use super::code::ErrorCode;
use super::contacts;
use super::fault;
use super::keys::MESSAGE;
use super::message::{Arguments, Body, ErrorBody, Message, Query, Response, Results, Want};
use super::method::Method;
use super::remark::Remarks;
use crate::wire::bencode::{self, Document, Node, TokenKind};
use crate::wire::dissected::Dissected;
use crate::wire::field::{Field, Kind};
use crate::wire::message_type::Member;
use crate::wire::reader::{Malformed, Problem, Reader};
use crate::wire::sink::{Note, Sink};

static TRAILING: Field = Field::new(
    "trailing_bytes",
    Kind::Unclaimed,
    "Bytes after the dictionary.",
);

/// What is left over of a message.
pub(in crate::wire) static ANYWHERE: &[Member] = &[Member::Field(&TRAILING)];

/// Dissects one datagram.
///
/// `declared` is its length on the wire, `bytes` what was captured of it.
/// `asked` is the method of the query that this is a response to, where it was
/// seen; it is not looked at for queries and errors.
pub fn dissect<'i, S: Sink>(
    bytes: &'i [u8],
    declared: usize,
    asked: Option<Method<'i>>,
    sink: &mut S,
) -> Dissected<Message<'i>> {
    let mut remarks = Remarks::new(bytes, sink);
    let mut reader = Reader::new(bytes, declared, &mut remarks);
    let is_whole = reader.is_whole();
    let document = bencode::dissect(&mut reader, &MESSAGE);
    let message = read(&document, asked);
    let problem = broken(&document, is_whole).or_else(|| {
        let malformed = fault::find(&document, &message)?;
        if reader.left() == 0 {
            reader.note(Note::Malformed(malformed.anomaly));
        }
        Some(Problem::Malformed(malformed))
    });
    if S::NOTES {
        contacts::check(&mut reader, &document, &message);
    }
    if reader.finish(&TRAILING) > 0 {
        remarks.note(Note::Malformed(&anomalies::TRAILING));
    }
    Dissected { message, problem }
}

/// Why the dictionary is incomplete.
fn broken(document: &Document<'_>, is_whole: bool) -> Option<Problem> {
    let error = document.error()?;
    Some(if error.reason.is_truncation() && !is_whole {
        Problem::Cut
    } else {
        let anomaly = anomalies::BENCODE.broken(error.reason);
        Problem::Malformed(Malformed::new(error.at, anomaly))
    })
}

/// The keys of the envelope.
#[derive(Default)]
struct Envelope<'i, 't> {
    kind: Option<&'i [u8]>,
    method: Option<&'i [u8]>,
    arguments: Option<Node<'i, 't>>,
    results: Option<Node<'i, 't>>,
    error: Option<Node<'i, 't>>,
}

fn read<'i>(document: &Document<'i>, asked: Option<Method<'i>>) -> Message<'i> {
    let mut envelope = Envelope::default();
    let mut message = Message {
        transaction: None,
        body: Body::Unknown(None),
        version: None,
        ip: None,
        read_only: false,
        topic: None,
    };
    for (key, value) in document.root().iter().flat_map(Node::entries) {
        match key {
            b"t" => set(&mut message.transaction, value.as_bytes()),
            b"y" => set(&mut envelope.kind, value.as_bytes()),
            b"q" => set(&mut envelope.method, value.as_bytes()),
            b"a" => set(&mut envelope.arguments, Some(value)),
            b"r" => set(&mut envelope.results, Some(value)),
            b"e" => set(&mut envelope.error, Some(value)),
            b"v" => set(&mut message.version, value.as_bytes()),
            b"ip" => set(&mut message.ip, value.as_bytes()),
            b"ro" => message.read_only = value.as_int() == Some(1),
            b"c" => set(&mut message.topic, value.as_bytes()),
            _ => {}
        }
    }
    message.body = envelope.body(asked);
    message
}

/// Keeps the first of several.
fn set<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}

impl<'i> Envelope<'i, '_> {
    fn body(&self, asked: Option<Method<'i>>) -> Body<'i> {
        match self.kind {
            Some(b"q") => self.query(),
            Some(b"r") => self.response(asked),
            Some(b"e") => self.failure(),
            Some(other) => Body::Unknown(Some(other)),
            None if self.method.is_some() || self.arguments.is_some() => self.query(),
            None if self.results.is_some() => self.response(asked),
            None if self.error.is_some() => self.failure(),
            None => Body::Unknown(None),
        }
    }

    fn query(&self) -> Body<'i> {
        Body::Query(Box::new(Query {
            method: Method(self.method.unwrap_or_default()),
            arguments: self.arguments.map(arguments).unwrap_or_default(),
        }))
    }

    fn response(&self, asked: Option<Method<'i>>) -> Body<'i> {
        let results = self.results.map(results).unwrap_or_default();
        // Some clients name the method in the response.
        let known = asked.or(self.method.map(Method));
        Body::Response(Box::new(Response {
            inferred: known.is_none() && results.likely_method().is_some(),
            method: known.or_else(|| results.likely_method()),
            results,
        }))
    }

    fn failure(&self) -> Body<'i> {
        let mut error = ErrorBody {
            code: None,
            text: None,
        };
        if let Some(list) = self.error {
            for item in list.items() {
                set(&mut error.code, item.as_int().map(ErrorCode));
                set(&mut error.text, item.as_bytes());
            }
            set(&mut error.text, list.as_bytes());
        }
        Body::Error(error)
    }
}

fn arguments<'i>(dict: Node<'i, '_>) -> Arguments<'i> {
    let mut arguments = Arguments::default();
    for (key, value) in dict.entries() {
        let a = &mut arguments;
        match key {
            b"id" => set(&mut a.id, value.as_bytes()),
            b"target" => set(&mut a.target, value.as_bytes()),
            b"info_hash" => set(&mut a.info_hash, value.as_bytes()),
            b"want" => set(&mut a.want, want(value)),
            b"noseed" => set(&mut a.noseed, value.as_int()),
            b"scrape" => set(&mut a.scrape, value.as_int()),
            b"port" => set(&mut a.port, value.as_int()),
            b"implied_port" => set(&mut a.implied_port, value.as_int()),
            b"token" => set(&mut a.token, value.as_bytes()),
            b"seed" => set(&mut a.seed, value.as_int()),
            b"n" | b"name" => set(&mut a.name, value.as_bytes()),
            b"v" => set(&mut a.value, Some(value.raw())),
            b"k" => set(&mut a.key, value.as_bytes()),
            b"seq" => set(&mut a.sequence, value.as_int()),
            b"sig" => set(&mut a.signature, value.as_bytes()),
            b"salt" => set(&mut a.salt, value.as_bytes()),
            b"cas" => set(&mut a.cas, value.as_int()),
            _ => {}
        }
    }
    arguments
}

fn want(list: Node<'_, '_>) -> Option<Want> {
    if list.kind() != TokenKind::List {
        return None;
    }
    let mut want = Want::default();
    for item in list.items() {
        match item.as_bytes() {
            Some(b"n4") => want.v4 = true,
            Some(b"n6") => want.v6 = true,
            _ => {}
        }
    }
    Some(want)
}

fn results<'i>(dict: Node<'i, '_>) -> Results<'i> {
    let mut results = Results::default();
    for (key, value) in dict.entries() {
        let r = &mut results;
        match key {
            b"id" => set(&mut r.id, value.as_bytes()),
            b"nodes" => set(&mut r.nodes, value.as_bytes()),
            b"nodes6" => set(&mut r.nodes6, value.as_bytes()),
            b"values" => set(&mut r.values, values(value)),
            b"token" => set(&mut r.token, value.as_bytes()),
            b"BFsd" => set(&mut r.seeds, value.as_bytes()),
            b"BFpe" => set(&mut r.peers, value.as_bytes()),
            b"interval" => set(&mut r.interval, value.as_int()),
            b"num" => set(&mut r.num, value.as_int()),
            b"samples" => set(&mut r.samples, value.as_bytes()),
            b"v" => set(&mut r.value, Some(value.raw())),
            b"k" => set(&mut r.key, value.as_bytes()),
            b"seq" => set(&mut r.sequence, value.as_int()),
            b"sig" => set(&mut r.signature, value.as_bytes()),
            _ => {}
        }
    }
    results
}

fn values<'i>(list: Node<'i, '_>) -> Option<Vec<&'i [u8]>> {
    let is_list = list.kind() == TokenKind::List;
    is_list.then(|| list.items().filter_map(|item| item.as_bytes()).collect())
}
