//! Connections to HTTP trackers.

use crate::flow::{Chunk, Connection, Gap, Side};
use crate::packet::Stamp;
use crate::session::http::{Tell, Turn};
use crate::session::{
    Dissection, Frame, Heard, HttpTracker, WebConnection, WebEvent, WebPart, web,
};
use crate::wire::Layout;

use super::audience::Audience;
use super::observer::Observer;
use super::peering::Reading;
use super::reading::ConnectionReader;

impl ConnectionReader<'_, '_> {
    /// `from` has begun with a line of HTTP: it is of no use unless it turns out
    /// to be a request to a tracker.
    pub fn found_http(&mut self, from: Side) {
        self.state.readings = [Reading::Off, Reading::Off];
        let Some(opening) = self.state.opening.take() else {
            return;
        };
        let overview = &mut self.shared.overview;
        overview.requested(self.connection, from, &opening);
        let is_request = opening.probe(from).bytes.starts_with(b"GET ");
        let is_whole = opening.probes.iter().all(|probe| probe.beyond == 0);
        if !is_request || !is_whole {
            return;
        }
        self.state.http = Some(Box::new(HttpTracker::new(from, &self.shared.budget)));
        if self.shared.audience.interest.web {
            self.state.web = Some(Box::new(WebConnection::new(from, &self.shared.budget)));
        }
        for side in [from, from.other()] {
            for chunk in opening.probe(side).chunks(0) {
                self.http_data(side, chunk);
            }
        }
    }

    /// Bytes of `from`.
    pub fn http_data(&mut self, from: Side, chunk: Chunk<'_>) {
        self.with_http(|http, tell| http.data(from, chunk, tell));
        self.with_web(|web, tell| web.data(from, chunk, tell));
    }

    /// Bytes of `from` are missing.
    pub fn http_gap(&mut self, from: Side, gap: Gap) {
        self.with_http(|http, tell| http.gap(from, gap, tell));
        self.with_web(|web, tell| web.gap(from, gap, tell));
    }

    /// `from` sends no more.
    pub fn http_end(&mut self, from: Side) {
        let last = self.connection.last;
        let has_stopped = self.state.finishes[from.index()].is_some();
        self.with_http(|http, tell| http.end(from, has_stopped, tell));
        self.with_web(|web, tell| web.end(from, last, tell));
    }

    fn with_http(&mut self, step: impl FnOnce(&mut HttpTracker, Tell<'_>)) {
        let Some(http) = &mut self.state.http else {
            return;
        };
        let audience = &mut self.shared.audience;
        let connection = self.connection;
        step(http, &mut |from, turn, frame| {
            tell(connection, from, turn, &frame, audience);
        });
        if http.is_over() {
            self.state.http = None;
        }
    }

    fn with_web(&mut self, step: impl FnOnce(&mut WebConnection, web::Tell<'_>)) {
        let Some(web) = &mut self.state.web else {
            return;
        };
        let (connection, client) = (self.connection, web.client());
        let observer = &mut *self.shared.audience.observer;
        step(web, &mut |event, stamp| {
            tell_web(connection, client, event, stamp, observer);
        });
        if web.is_over() {
            self.state.web = None;
        }
    }
}

fn tell_web(
    connection: &Connection,
    client: Side,
    event: WebEvent<'_>,
    stamp: Stamp,
    observer: &mut dyn Observer,
) {
    observer.web(&WebPart {
        stream: connection.stream,
        client: connection.address(client),
        server: connection.address(client.other()),
        stamp,
        event,
    });
}

fn tell(
    connection: &Connection,
    from: Side,
    turn: Turn,
    frame: &Frame<'_>,
    audience: &mut Audience<'_>,
) {
    let length = usize::try_from(frame.length).unwrap_or(usize::MAX);
    let (layout, query) = match turn {
        Turn::Request => (Layout::HttpRequest, None),
        Turn::Response(asked) => (Layout::HttpResponse(asked.purpose), Some(asked.stamp)),
    };
    if let Some(read) = layout.dissect(frame.bytes, length, &mut ()) {
        let dissection = Dissection {
            query,
            ..Dissection::new(&read, layout)
        };
        audience.message(&Heard::in_stream(
            connection,
            from,
            frame,
            dissection.into(),
        ));
    }
}
