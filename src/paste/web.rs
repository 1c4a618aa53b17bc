//! Requests to trackers and their replies as text: a whole message, its first
//! line in a log, or a URL; and magnet links.

use std::ops::Range;

use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

/// Lines that the head of a message has, at most.
const MAX_HEAD: usize = 64;

/// Characters before a first line in which a log or a quotation mark stands.
const METHODS: [&str; 2] = ["GET /", "HTTP/1."];

/// What links begin with.
const LINKS: [&str; 4] = ["http://", "https://", "udp://", "magnet:?"];

/// What a request has to a tracker and to nobody else.
const MARKS: [&str; 4] = ["info_hash=", "/announce?", "/scrape?", "/scrape"];

/// What the parameters of an announce begin with.
const HASH: &str = "info_hash=";

/// Fewer parameters without a URL are none.
const PARAMETERS: usize = 3;

/// What ends a sentence, and no URL.
const SENTENCE_ENDS: [char; 5] = ['.', ',', ')', ';', ']'];

/// Lines of a head that are about the body as it was carried: who prints the body
/// as text has undone that.
const OF_BODY: [&str; 2] = ["content-encoding", "transfer-encoding"];

/// The one that says how long it was.
const LENGTH: &str = "content-length";

/// Those that go where the length is wrong.
const OF_REPLY: [&str; 3] = [OF_BODY[0], OF_BODY[1], LENGTH];

/// Whether a character is none of a URL.
fn is_url_end(c: char) -> bool {
    c.is_whitespace() || "\"'`<>|\\".contains(c)
}

/// Whether the text of a literal is a message with its line ends.
pub fn is_message(bytes: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 3] = [b"GET /", b"HTTP/1.", b"BT-SEARCH "];
    BEGINNINGS.iter().any(|begin| bytes.starts_with(begin)) && bytes.ends_with(b"\r\n")
        || (bytes.starts_with(b"HTTP/1.") && bytes.windows(4).any(|end| end == b"\r\n\r\n"))
}

/// Finds the first message or link of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let index = text.line_of(from);
    let line = text.line(index).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    // One walk over the line, up to the first that is one. What begins within a link
    // that is none is not walked over again.
    let mut walked = 0;
    let mut starts = rest.match_indices(['G', 'H', 'h', 'u', 'm', 'i']);
    Ok(starts.find_map(|(at, _)| {
        let begins = |mark: &&str| at >= walked && rest[at..].starts_with(*mark);
        let is_link = LINKS.iter().any(begins) || begins(&HASH);
        if is_link {
            walked = at + rest[at..].find(is_url_end).unwrap_or(rest.len() - at);
        }
        let begins = |mark: &&str| rest[at..].starts_with(*mark);
        if METHODS.iter().any(begins) {
            message(text, index, from + at)
        } else if is_link && begins(&HASH) {
            query(text, from + at..line.end)
        } else if is_link {
            link(text, from + at..line.end)
        } else {
            None
        }
    }))
}

/// The parameters of an announce without the URL, or behind a blank in it, as the
/// request that they stand for. There may be blanks before each.
fn query(text: &Text<'_>, span: Range<usize>) -> Option<Found> {
    let before = text.text[..span.start].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let mut found = Found::new(Form::Url, span.start);
    push_made(&mut found, "GET /announce?", span.start);
    let (mut at, mut count) = (span.start, 0);
    loop {
        let rest = &text.text[at..span.end];
        let end = rest.find(is_url_end).unwrap_or(rest.len());
        let parameters = rest[..end].trim_end_matches(SENTENCE_ENDS);
        push(&mut found, text, at..at + parameters.len());
        count += parameters.matches('=').count();
        at += parameters.len();
        found.span.end = at;
        let behind = text.text[at..span.end].trim_start_matches(' ');
        let is_next = behind.starts_with('&') && parameters.len() == end;
        if !is_next {
            break;
        }
        at = span.end - behind.len();
    }
    push_made(&mut found, " HTTP/1.1\r\n\r\n", at);
    (count >= PARAMETERS).then_some(found)
}

/// What stands before each line of a message, as `curl -v` prints it.
fn margin(before: &str) -> Option<&str> {
    matches!(before.trim(), "" | ">" | "<").then_some(before)
}

/// A message that begins at `start`: with its head and body where it begins its
/// line, else its first line alone.
fn message(text: &Text<'_>, index: usize, start: usize) -> Option<Found> {
    let line = text.line(index)?;
    let before = &text.text[line.start..start];
    let is_reply = text.rest(start).starts_with("HTTP/");
    let row = &text.text[start..line.end];
    if is_reply {
        return reply(text, index, start, margin(before)?);
    }
    let path_end = row["GET ".len()..].find(' ').map_or(row.len(), |at| at + 4);
    let has_version = row[path_end..].starts_with(" HTTP/1.");
    if !MARKS.iter().any(|mark| row[..path_end].contains(mark)) {
        return None;
    }
    let first_end = if has_version {
        path_end + " HTTP/1.1".len()
    } else {
        path_end
    };
    let first_line = start..(start + first_end).min(line.end);
    let mut found = Found::new(Form::Http, start);
    push(&mut found, text, first_line.clone());
    if !has_version {
        push_made(&mut found, " HTTP/1.1", first_line.end);
    }
    push_made(&mut found, "\r\n", first_line.end);
    found.span.end = first_line.end;
    if let Some(margin) = margin(before)
        && line.end <= first_line.end + 1
    {
        head(text, index + 1, margin, &mut found, &[]);
    }
    let end = found.span.end;
    push_made(&mut found, "\r\n", end);
    Some(found)
}

/// A reply with its head, and with a body of bencode.
fn reply(text: &Text<'_>, index: usize, start: usize, margin: &str) -> Option<Found> {
    let line = text.line(index)?;
    let mut found = Found::new(Form::Http, start);
    push(&mut found, text, start..line.end);
    push_made(&mut found, "\r\n", line.end);
    found.span.end = line.end;
    let mut found_head = Found::new(Form::Http, start);
    let after = head(text, index + 1, margin, &mut found_head, &OF_BODY);
    let blank = text.line(after)?;
    let body = text.line(after + 1)?;
    if !text.text[blank].trim_matches([' ', '<', '\t']).is_empty() {
        return None;
    }
    let body = super::bencode::find(text, body.start).ok()??;
    let is_at_start = text.line(after + 1)?.start == body.span.start;
    if !is_at_start {
        return None;
    }
    if body.cut.is_none() && !says_length(&found_head.bytes, body.bytes.len()) {
        found_head.bytes.clear();
        found_head.offsets.clear();
        head(text, index + 1, margin, &mut found_head, &OF_REPLY);
    }
    let end = found_head.span.end.max(line.end);
    push_made(&mut found_head, "\r\n", end);
    for part in [&found_head, &body] {
        found.bytes.extend(&part.bytes);
        found.offsets.extend(&part.offsets);
    }
    found.cut = body.cut;
    found.breaks = body.breaks;
    found.until = body.until;
    found.absent = body.absent;
    found.span.end = body.span.end;
    Some(found)
}

/// Whether a head, if it says how long the body is, says so many bytes.
fn says_length(head: &[u8], length: usize) -> bool {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let line = lines.find(|(name, _)| name.eq_ignore_ascii_case(LENGTH));
    line.is_none_or(|(_, value)| value.trim().parse() == Ok(length))
}

/// Adds the lines of a head from `index` on, but for those with a name among
/// `without`; gives the line after them.
fn head(text: &Text<'_>, index: usize, margin: &str, found: &mut Found, without: &[&str]) -> usize {
    for index in index..index + MAX_HEAD {
        let Some(line) = text.line(index) else {
            return index;
        };
        let row = &text.text[line.clone()];
        let Some(field) = row.strip_prefix(margin) else {
            return index;
        };
        let name = field.split(':').next().unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !field.contains(':') || name.is_empty() || !name.chars().all(is_name) {
            return index;
        }
        if !without.iter().any(|left| name.eq_ignore_ascii_case(left)) {
            push(found, text, line.end - field.len()..line.end);
            push_made(found, "\r\n", line.end);
        }
        found.span.end = line.end;
    }
    index + MAX_HEAD
}

/// A URL of a tracker as the request that it stands for, or a magnet link.
fn link(text: &Text<'_>, span: Range<usize>) -> Option<Found> {
    let rest = &text.text[span.clone()];
    let end = rest.find(is_url_end);
    let url = rest[..end.unwrap_or(rest.len())].trim_end_matches(SENTENCE_ENDS);
    let span = span.start..span.start + url.len();
    if url.starts_with("magnet:?") {
        let mut found = Found::new(Form::Magnet, span.start);
        push(&mut found, text, span.clone());
        found.span.end = span.end;
        return Some(found);
    }
    let (_, after) = url.split_once("://")?;
    let slash = after.find('/')?;
    let (host, path) = after.split_at(slash);
    if !path.contains("info_hash=") {
        return None;
    }
    let path_start = span.end - path.len();
    let host_start = path_start - host.len();
    let mut found = Found::new(Form::Url, span.start);
    push_made(&mut found, "GET ", span.start);
    push(&mut found, text, path_start..span.end);
    push_made(&mut found, " HTTP/1.1\r\nHost: ", span.start);
    push(&mut found, text, host_start..path_start);
    push_made(&mut found, "\r\n\r\n", span.end);
    found.span = span;
    Some(found)
}

/// Adds the bytes of a part of the text.
fn push(found: &mut Found, text: &Text<'_>, span: Range<usize>) {
    for at in span {
        found.push(text.text.as_bytes()[at], at);
    }
}

/// Adds what a text leaves out.
fn push_made(found: &mut Found, made: &str, at: usize) {
    for byte in made.bytes() {
        found.push(byte, at);
    }
}
