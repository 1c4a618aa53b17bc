use super::*;
use crate::capture::Timestamp;
use crate::flow::GapCause;

const STAMP: Stamp = Stamp {
    frame: 1,
    time: Timestamp::UNKNOWN,
};

/// A step, owned: `>` a request, `<` a response, a body with its offset, `.` its end.
fn words(event: WebEvent<'_>) -> String {
    let first = |head: &[u8]| {
        let line = head.split(|byte| *byte == b'\r').next().unwrap();
        String::from_utf8_lossy(line).into_owned()
    };
    match event {
        WebEvent::Request(head) => format!("> {}", first(head)),
        WebEvent::Response { request, head } => format!("< {} | {}", first(request), first(head)),
        WebEvent::Body { offset, bytes } => format!("{offset}: {}", bytes.escape_ascii()),
        WebEvent::End => ".".to_owned(),
    }
}

#[derive(Debug, Clone, Copy)]
enum Step<'s> {
    Up(&'s str),
    Down(&'s str),
    Lost(u64),
    Close,
}

fn run(steps: &[Step<'_>]) -> Vec<String> {
    let mut web = WebConnection::new(Side::Initiator, &Budget::default());
    let mut told = Vec::new();
    let mut tell = |event: WebEvent<'_>, _| told.push(words(event));
    for step in steps {
        let chunk = |text| Chunk {
            bytes: str::as_bytes(text),
            offset: 0,
            stamp: STAMP,
        };
        match step {
            Step::Up(text) => web.data(Side::Initiator, chunk(*text), &mut tell),
            Step::Down(text) => web.data(Side::Acceptor, chunk(*text), &mut tell),
            Step::Lost(length) => {
                let gap = Gap {
                    offset: 0,
                    length: Some(*length),
                    cause: GapCause::Lost,
                    stamp: STAMP,
                };
                web.gap(Side::Acceptor, gap, &mut tell);
            }
            Step::Close => web.end(Side::Acceptor, STAMP, &mut tell),
        }
    }
    told
}

const GET: &str = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn responses_find_their_requests() {
    let told = run(&[
        Step::Up("GET /a HTTP/1.1\r\n\r\nGET /b HT"),
        Step::Up("TP/1.1\r\n\r\n"),
        Step::Down("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"),
        Step::Down("lloHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
    ]);
    let expected = [
        "> GET /a HTTP/1.1",
        "> GET /b HTTP/1.1",
        "< GET /a HTTP/1.1 | HTTP/1.1 200 OK",
        "0: he",
        "2: llo",
        ".",
        "< GET /b HTTP/1.1 | HTTP/1.1 404 No",
        ".",
    ];
    assert_eq!(told, expected);
}

/// However the bytes are cut, the chunks of a body are joined.
#[test]
fn chunks_are_joined_and_cut_anywhere() {
    let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                    3;x\r\nabc\r\n00A\r\n0123456789\r\n0\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\nrest";
    for cut in 1..response.len() {
        let steps = [
            Step::Up(GET),
            Step::Up(GET),
            Step::Down(&response[..cut]),
            Step::Down(&response[cut..]),
            Step::Close,
        ];
        let told = run(&steps);
        let body: String = told
            .iter()
            .filter_map(|step| Some(step.split_once(": ")?.1))
            .collect();
        assert_eq!(body, "abc0123456789rest", "{cut}");
        assert_eq!(told.iter().filter(|step| *step == ".").count(), 2, "{cut}");
    }
}

#[test]
fn what_is_missing_of_a_body_shows_in_the_offset() {
    let head = "HTTP/1.1 206 Partial\r\nContent-Length: 10\r\n\r\nab";
    let steps = |rest: &[Step<'_>]| run(&[&[Step::Up(GET), Step::Down(head)], rest].concat());
    let told = steps(&[Step::Lost(3), Step::Down("fghij")]);
    assert_eq!(told[2..], ["0: ab", "5: fghij", "."]);
    // Beyond the end of the body nothing is known.
    let told = steps(&[Step::Lost(9), Step::Down("fghij")]);
    assert_eq!(told[2..], ["0: ab", "."]);
}

#[test]
fn what_cannot_be_read_ends_it() {
    let long = "x".repeat(MAX_HEAD + 1);
    for down in [
        "SSH-2.0\r\n\r\n",
        &long,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ] {
        let told = run(&[
            Step::Up(GET),
            Step::Down(down),
            Step::Down("HTTP/1.1 200 OK\r\n\r\n"),
        ]);
        assert!(told.len() <= 3, "{told:?}");
    }
    assert!(run(&[Step::Up(&long), Step::Up(GET)]).is_empty());
}
