//! Bodies as they are carried: chunked, compressed.

use std::io::Read;
use std::ops::Range;

use crate::wire::headers::Line;

/// A longer body is no tracker's.
pub const MAX_BODY: usize = 1 << 20;

/// How far the reading of a chunked body has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Its end has not come.
    More,
    /// It ends before this offset.
    End(usize),
    /// It breaks the layout of chunks, or is too long.
    Broken,
}

/// Reads the chunks of a body that grows.
#[derive(Debug, Clone, Default)]
pub struct Chunks {
    at: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    /// A line with the size of the next chunk.
    #[default]
    Size,
    /// Bytes of a chunk.
    Data(usize),
    /// The line end behind them.
    DataEnd,
    /// Lines after the last chunk.
    Trailer,
}

impl Chunks {
    /// Goes on with all of the `body` that there is, from its first byte on;
    /// gives each whole chunk's offsets to `chunk`.
    pub fn advance(&mut self, body: &[u8], mut chunk: impl FnMut(Range<usize>)) -> Progress {
        loop {
            if let State::Data(length) = self.state {
                let end = self.at + length;
                if end > body.len() {
                    return Progress::More;
                }
                chunk(self.at..end);
                self.at = end;
                self.state = State::DataEnd;
            }
            let line = Line::at(body, self.at).filter(|line| line.is_ended(body));
            let Some(line) = line else {
                let is_absurd = body.len() - self.at > MAX_LINE;
                return if is_absurd {
                    Progress::Broken
                } else {
                    Progress::More
                };
            };
            self.at = line.span.end;
            self.state = match (self.state, size(&body[line.text.clone()])) {
                (State::Size, Some(0)) => State::Trailer,
                (State::Size, Some(length)) => State::Data(length),
                (State::DataEnd, _) if line.text.is_empty() => State::Size,
                (State::Trailer, _) if line.text.is_empty() => return Progress::End(self.at),
                (State::Trailer, _) => State::Trailer,
                _ => return Progress::Broken,
            };
        }
    }
}

/// A size line with extensions may be this long.
const MAX_LINE: usize = 1024;

/// The size in hex digits that a line begins with.
fn size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    let is_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    let size = usize::from_str_radix(text, 16).ok()?;
    (size <= MAX_BODY).then_some(size)
}

/// How a body is packed (`Content-Encoding`; RFC 9110, 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// zlib (RFC 1950), which HTTP calls deflate.
    Deflate,
}

impl Coding {
    /// The one of a name; `None` for one that cannot be read.
    pub fn named(name: &[u8]) -> Option<Self> {
        match name.to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Some(Self::Identity),
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" => Some(Self::Deflate),
            _ => None,
        }
    }
}

/// What a compressed body holds; a broken or endless one as far as it goes, up
/// to [`MAX_BODY`]. `None` for an encoding that is not known.
pub fn decompress(encoding: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let limit = MAX_BODY as u64;
    let coding = Coding::named(encoding)?;
    // What was decoded before a fault is kept: the dictionary tells if it is cut.
    let _ = match coding {
        Coding::Identity => body.take(limit).read_to_end(&mut out),
        Coding::Gzip => flate2::read::GzDecoder::new(body)
            .take(limit)
            .read_to_end(&mut out),
        Coding::Deflate => flate2::read::ZlibDecoder::new(body)
            .take(limit)
            .read_to_end(&mut out),
    };
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(body: &[u8]) -> (Progress, Vec<u8>) {
        let mut out = Vec::new();
        let progress = Chunks::default().advance(body, |span| out.extend_from_slice(&body[span]));
        (progress, out)
    }

    #[test]
    fn chunks_are_joined() {
        let body = b"3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nnext";
        assert_eq!(
            run(body),
            (Progress::End(body.len() - 4), b"abc0123456789".to_vec())
        );
        for length in 0..body.len() - 4 {
            assert_eq!(run(&body[..length]).0, Progress::More, "{length}");
        }
        let mut chunks = Chunks::default();
        let mut count = 0;
        for length in 0..body.len() {
            let progress = chunks.advance(&body[..length], |_| count += 1);
            if progress != Progress::More {
                assert_eq!(progress, Progress::End(body.len() - 4));
                break;
            }
        }
        assert_eq!(count, 2);
    }

    #[test]
    fn what_is_no_chunk_is_broken() {
        for body in [
            &b"xyz\r\n"[..],
            b"\r\n",
            b"-1\r\n",
            b"3\r\nabcd\r\n",
            b"ffffffff\r\n",
        ] {
            assert_eq!(run(body).0, Progress::Broken, "{}", body.escape_ascii());
        }
        assert_eq!(run(&[b'0'; 2000]).0, Progress::Broken);
    }

    #[test]
    fn a_bomb_is_capped() {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&vec![b'x'; 4 * MAX_BODY]).unwrap();
        let bomb = encoder.finish().unwrap();
        assert_eq!(decompress(b"GZIP", &bomb).unwrap().len(), MAX_BODY);
        assert!(decompress(b"gzip", &bomb[..bomb.len() / 2]).unwrap().len() > 1000);
        assert_eq!(decompress(b"br", &bomb), None);
        assert_eq!(decompress(b"gzip", b"junk"), Some(Vec::new()));
    }
}
