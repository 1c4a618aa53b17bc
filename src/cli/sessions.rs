//! `peerscope sessions`: the BitTorrent connections of a capture.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::flow::{Close, Connection, Side};
use crate::pipeline::{Observer, Pipeline};
use crate::session::{Ended, Torrent};
use crate::view::{ColorChoice, End, SessionJson, SessionSummary, SessionTable, style};
use crate::wire::client::Client;

use super::args::SessionsArgs;
use super::output::Output;
use super::progress::Progress;
use super::source;
use super::torrents;

/// Ended connections that wait for earlier ones, so that the list is in order.
/// Beyond, the earliest waiting one is listed, so that memory stays bounded.
const MAX_WAITING: usize = 4096;

/// Runs the command.
pub fn run(args: &SessionsArgs) -> anyhow::Result<()> {
    let torrents = torrents::load(&args.input.torrent)?;
    let source = Progress::new(source::open(&args.input)?);
    let mut source = source.beside_output();
    let mut list = List::new(args);
    let mut pipeline = Pipeline::new(&mut list, torrents);
    let read = pipeline.run(&mut source);
    pipeline.finish();
    drop(source);
    list.close()?;
    Ok(read?)
}

enum Shape {
    Table(Box<SessionTable>),
    Json(SessionJson),
}

/// Lists connections in the order in which they began.
struct List {
    shape: Shape,
    waiting: BTreeMap<u64, Row>,
    out: Output,
}

/// What is kept of an ended connection.
struct Row {
    connection: Connection,
    encryption: &'static str,
    close: Close,
    info_hash: Option<[u8; 20]>,
    torrent: Option<Arc<Torrent>>,
    ends: [RowEnd; 2],
}

struct RowEnd {
    peer_id: Option<[u8; 20]>,
    client: Option<String>,
    messages: Vec<(&'static str, u64)>,
    payload_bytes: u64,
    gaps: u64,
}

impl List {
    fn new(args: &SessionsArgs) -> Self {
        let shape = if args.json {
            Shape::Json(SessionJson::default())
        } else {
            let colour = ColorChoice::from(args.color).for_stdout();
            Shape::Table(Box::new(SessionTable::new(style::stdout_columns(), colour)))
        };
        Self {
            shape,
            waiting: BTreeMap::new(),
            out: Output::new(),
        }
    }

    fn list(&mut self, row: &Row) {
        let name = row.torrent.as_ref().map(|torrent| torrent.name());
        let summary = SessionSummary {
            stream: row.connection.stream,
            carrier: row.connection.carrier,
            ends: Side::BOTH.map(|side| row.end(side)),
            info_hash: row.info_hash,
            name: name.as_deref(),
            start: row.connection.first.time,
            end: row.connection.last.time,
            encryption: row.encryption,
            close: row.close,
        };
        match &mut self.shape {
            Shape::Table(table) => self.out.write(|out| table.push(out, &summary)),
            Shape::Json(json) => self.out.write(|out| out.write_all(json.record(&summary))),
        }
    }

    fn close(mut self) -> anyhow::Result<()> {
        while let Some((_, row)) = self.waiting.pop_first() {
            self.list(&row);
        }
        if let Shape::Table(table) = self.shape {
            self.out.write(|out| table.finish(out));
        }
        self.out.finish()
    }
}

impl Row {
    fn new(ended: &Ended<'_>) -> Self {
        Self {
            connection: ended.connection.clone(),
            encryption: ended.encryption.name(),
            close: ended.how,
            info_hash: ended.conversation.info_hash(),
            torrent: ended.conversation.torrent.clone(),
            ends: ended.conversation.speakers.each_ref().map(|speaker| {
                let peer_id = speaker.handshake.map(|handshake| handshake.peer_id);
                RowEnd {
                    peer_id,
                    client: peer_id
                        .and_then(|id| Client::from_peer_id(&id))
                        .map(|client| client.to_string()),
                    messages: speaker.counts.sorted(),
                    payload_bytes: speaker.payload_bytes,
                    gaps: speaker.gaps,
                }
            }),
        }
    }

    fn end(&self, side: Side) -> End<'_> {
        let end = &self.ends[side.index()];
        End {
            address: self.connection.address(side),
            peer_id: end.peer_id,
            client: end.client.as_deref(),
            messages: &end.messages,
            payload_bytes: end.payload_bytes,
            gaps: end.gaps,
        }
    }
}

impl Observer for List {
    fn ended(&mut self, ended: &Ended<'_>) {
        let row = Row::new(ended);
        self.waiting.insert(row.connection.stream, row);
        if self.waiting.len() > MAX_WAITING
            && let Some((_, row)) = self.waiting.pop_first()
        {
            self.list(&row);
        }
    }

    fn is_done(&self) -> bool {
        self.out.is_closed()
    }
}
