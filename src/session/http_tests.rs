use proptest::prelude::*;

use super::*;
use crate::capture::Timestamp;

const REQUEST: &[u8] = b"GET /announce?info_hash=x HTTP/1.1\r\nHost: t\r\n\r\n";
const SCRAPE: &[u8] = b"GET /scrape?info_hash=x HTTP/1.1\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nd1:e";
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n";
const OPEN_END: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nd8:intervali1ee";

/// A message: is it a request, what it answers (a frame), offset, length,
/// missing, bytes at hand, first and last frame.
type Said = (bool, Option<u64>, u64, u64, u64, Vec<u8>, u64, u64);

struct Talk {
    http: HttpTracker,
    budget: Budget,
    said: Vec<Said>,
    offsets: [u64; 2],
    frame: u64,
}

impl Talk {
    fn new() -> Self {
        let budget = Budget::default();
        Self {
            http: HttpTracker::new(Side::Initiator, &budget),
            budget,
            said: Vec::new(),
            offsets: [0; 2],
            frame: 0,
        }
    }

    fn stamp(&mut self) -> Stamp {
        self.frame += 1;
        Stamp {
            frame: self.frame,
            time: Timestamp::UNKNOWN,
        }
    }

    fn with(&mut self, step: impl FnOnce(&mut HttpTracker, Tell<'_>)) {
        let said = &mut self.said;
        step(&mut self.http, &mut |side, turn, frame| {
            let (is_request, asked) = match turn {
                Turn::Request => (true, None),
                Turn::Response(asked) => (false, Some(asked.stamp.frame)),
            };
            assert_eq!(is_request, side == Side::Initiator);
            said.push((
                is_request,
                asked,
                frame.offset,
                frame.length,
                frame.missing,
                frame.bytes.to_vec(),
                frame.first.frame,
                frame.last.frame,
            ));
        });
    }

    fn data(&mut self, from: Side, bytes: &[u8]) {
        let chunk = Chunk {
            bytes,
            offset: self.offsets[from.index()],
            stamp: self.stamp(),
        };
        self.offsets[from.index()] += bytes.len() as u64;
        self.with(|http, tell| http.data(from, chunk, tell));
    }

    fn up(&mut self, bytes: &[u8]) {
        self.data(Side::Initiator, bytes);
    }

    fn down(&mut self, bytes: &[u8]) {
        self.data(Side::Acceptor, bytes);
    }

    fn gap(&mut self, from: Side, length: u64, cause: GapCause) {
        let gap = Gap {
            offset: self.offsets[from.index()],
            length: Some(length),
            cause,
            stamp: self.stamp(),
        };
        self.offsets[from.index()] += length;
        self.with(|http, tell| http.gap(from, gap, tell));
    }

    fn end(&mut self, from: Side) {
        self.with(|http, tell| http.end(from, true, tell));
    }

    /// Whether it is a request, and the bytes at hand.
    fn texts(&self) -> Vec<(bool, &[u8])> {
        self.said.iter().map(|said| (said.0, &said.5[..])).collect()
    }
}

#[test]
fn requests_and_responses_in_turn() {
    let mut talk = Talk::new();
    talk.up(REQUEST);
    talk.down(&RESPONSE[..10]);
    talk.down(&RESPONSE[10..]);
    talk.up(SCRAPE);
    talk.down(CHUNKED);
    let length = RESPONSE.len() as u64;
    assert_eq!(
        talk.said[1],
        (false, Some(1), 0, length, 0, RESPONSE.to_vec(), 2, 3)
    );
    assert_eq!(talk.said[2].6, 4);
    let chunked = (
        false,
        Some(4),
        length,
        CHUNKED.len() as u64,
        0,
        CHUNKED.to_vec(),
        5,
        5,
    );
    assert_eq!(talk.said[3], chunked);
    assert!(!talk.http.is_over());
}

#[test]
fn pipelined_in_one_packet() {
    let mut talk = Talk::new();
    talk.up(&[REQUEST, SCRAPE].concat());
    talk.down(&[RESPONSE, CHUNKED].concat());
    assert_eq!(
        talk.texts(),
        [
            (true, REQUEST),
            (true, SCRAPE),
            (false, RESPONSE),
            (false, CHUNKED)
        ]
    );
}

#[test]
fn a_body_until_close() {
    let mut talk = Talk::new();
    talk.up(REQUEST);
    talk.end(Side::Initiator);
    talk.down(OPEN_END);
    assert_eq!(talk.said.len(), 1);
    talk.end(Side::Acceptor);
    assert_eq!(talk.texts()[1], (false, OPEN_END));
    assert!(talk.http.is_over());
    assert_eq!(talk.budget.left(), Budget::default().left());
}

#[test]
fn an_interim_response_is_passed_over() {
    let mut talk = Talk::new();
    talk.up(REQUEST);
    talk.down(&[b"HTTP/1.1 100 Continue\r\n\r\n", RESPONSE].concat());
    assert_eq!(talk.texts(), [(true, REQUEST), (false, RESPONSE)]);
}

#[test]
fn the_rest_of_the_web_is_left_alone() {
    for request in [
        &b"GET / HTTP/1.1\r\n"[..],
        b"GET /x?info_hash=a&piece=1 HTTP/1.1\r\n",
        b"POST /announce HTTP/1.1\r\n",
        &vec![b'x'; MAX_HEAD + 1],
    ] {
        let mut talk = Talk::new();
        talk.up(request);
        assert!(talk.http.is_over());
        talk.down(RESPONSE);
        assert!(talk.said.is_empty());
    }
    // After a request to a tracker, its response is still read.
    let mut talk = Talk::new();
    talk.up(REQUEST);
    talk.up(b"GET / HTTP/1.1\r\n\r\n");
    talk.down(RESPONSE);
    talk.down(RESPONSE);
    assert_eq!(talk.texts(), [(true, REQUEST), (false, RESPONSE)]);
    assert!(talk.http.is_over());
}

#[test]
fn a_cut_packet_breaks_one_message() {
    let mut talk = Talk::new();
    talk.up(&REQUEST[..40]);
    talk.gap(Side::Initiator, 8, GapCause::Snaplen);
    talk.down(&RESPONSE[..39]);
    talk.gap(Side::Acceptor, 1, GapCause::Snaplen);
    talk.down(&RESPONSE[40..]);
    talk.up(SCRAPE);
    talk.down(CHUNKED);
    assert_eq!(
        talk.texts(),
        [
            (true, &REQUEST[..40]),
            (false, &RESPONSE[..39]),
            (true, SCRAPE),
            (false, CHUNKED)
        ]
    );
    assert_eq!((talk.said[0].3, talk.said[0].4), (48, 8));
    assert_eq!((talk.said[1].3, talk.said[1].4), (RESPONSE.len() as u64, 1));
}

#[test]
fn after_a_lost_request_nothing_is_paired() {
    let mut talk = Talk::new();
    talk.up(REQUEST);
    talk.gap(Side::Initiator, 100, GapCause::Lost);
    talk.up(SCRAPE);
    talk.down(RESPONSE);
    talk.down(CHUNKED);
    assert_eq!(talk.texts(), [(true, REQUEST), (false, RESPONSE)]);
}

#[test]
fn what_is_held_is_bounded() {
    let mut talk = Talk::new();
    talk.up(REQUEST);
    talk.down(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n");
    let piece = [b'x'; 1000];
    for _ in 0..2000 {
        talk.down(&piece);
    }
    assert!(talk.http.is_over());
    assert_eq!(talk.said.len(), 2);
    assert!(talk.said[1].5.len() < MAX_HEAD + MAX_BODY + 2000);
    let mut talk = Talk::new();
    for _ in 0..100 {
        talk.up(REQUEST);
    }
    assert_eq!(talk.said.len(), MAX_WAITING);
    let mut talk = Talk::new();
    talk.down(&vec![b'x'; MAX_HEAD + 1]);
    assert!(talk.http.is_over());
}

proptest! {
    /// However the streams are split, the messages are the same.
    #[test]
    fn splits_do_not_matter(
        cuts in proptest::collection::vec((any::<bool>(), 1_usize..60), 1..40),
    ) {
        let up = [REQUEST, SCRAPE, REQUEST].concat();
        let down = [RESPONSE, CHUNKED, OPEN_END].concat();
        let mut talk = Talk::new();
        let mut at = [0, 0];
        for (is_up, length) in cuts {
            let (stream, at) = if is_up { (&up, &mut at[0]) } else { (&down, &mut at[1]) };
            let end = (*at + length).min(stream.len());
            let piece = &stream[*at..end];
            *at = end;
            talk.data(if is_up { Side::Initiator } else { Side::Acceptor }, piece);
        }
        talk.up(&up[at[0]..]);
        talk.down(&down[at[1]..]);
        talk.end(Side::Acceptor);
        let of = |is_request| {
            let said = talk.said.iter().filter(move |said| said.0 == is_request);
            said.map(|said| said.5.clone()).collect::<Vec<_>>()
        };
        prop_assert_eq!(of(true), [REQUEST, SCRAPE, REQUEST]);
        prop_assert_eq!(of(false), [RESPONSE, CHUNKED, OPEN_END]);
    }

    #[test]
    fn any_bytes_give_an_answer(
        pieces in proptest::collection::vec(
            (any::<bool>(), prop_oneof![
                Just(REQUEST.to_vec()), Just(RESPONSE.to_vec()), Just(CHUNKED.to_vec()),
                Just(b"\r\n".to_vec()), Just(b"HTTP/1.1 ".to_vec()),
                proptest::collection::vec(any::<u8>(), 0..12),
            ], 0_u64..20),
            0..20,
        ),
    ) {
        let mut talk = Talk::new();
        for (is_up, piece, gap) in pieces {
            let side = if is_up { Side::Initiator } else { Side::Acceptor };
            talk.data(side, &piece);
            if gap < 4 {
                talk.gap(side, gap, GapCause::Snaplen);
            }
        }
        talk.end(Side::Initiator);
        talk.end(Side::Acceptor);
    }
}
