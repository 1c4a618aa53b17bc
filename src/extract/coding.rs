//! What the head of a response says of its body: whether it brings what was asked for,
//! how it is packed (`Content-Encoding`; RFC 9110, 8.4); and what is in it.
//!
//! What a response brings is bounded by the capture; what is packed in it may be a
//! thousand times as much. So it is unpacked as it comes, a little at a time, and all
//! of it together is held against an [`Allowance`].

use flate2::{Decompress, FlushDecompress, Status};

use crate::session::web::header;
use crate::wire::http_tracker::Coding;

/// Bytes that are unpacked in any case, of all responses together.
const FREE: u64 = 256 << 20;

/// Those for each byte that came packed.
const FOR_EACH: u64 = 16;

/// Bytes of history that a stream may refer back to, as a power of two: all that
/// deflate allows.
const WINDOW_BITS: u8 = 15;

/// How the body of the response with this head is packed; `None` where it cannot be read.
pub fn coding(head: &[u8]) -> Option<Coding> {
    Coding::named(coding_name(head))
}

/// The name of that, empty where there is none.
pub fn coding_name(head: &[u8]) -> &[u8] {
    header(head, "content-encoding").unwrap_or_default()
}

/// What may yet be unpacked.
#[derive(Debug)]
pub struct Allowance(u64);

impl Default for Allowance {
    fn default() -> Self {
        Self(FREE)
    }
}

impl Allowance {
    /// So many bytes came packed.
    pub fn earn(&mut self, packed: usize) {
        self.0 = self.0.saturating_add(FOR_EACH * packed as u64);
    }

    /// So many were in them; false if that is too much.
    pub fn spend(&mut self, plain: usize) -> bool {
        let left = self.0.checked_sub(plain as u64);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// What a step of unpacking did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Packed bytes that it took.
    pub taken: usize,
    /// Bytes that it gave.
    pub given: usize,
    /// There is no more in the stream.
    pub is_over: bool,
}

/// Unpacks a body as it passes by.
#[derive(Debug)]
pub struct Unpacker {
    inflate: Decompress,
    /// Offset in the packed body of the byte that comes next.
    pub next: u64,
}

impl Unpacker {
    /// For a body that is packed like this; `None` if it is not packed.
    pub fn new(coding: Coding) -> Option<Self> {
        let inflate = match coding {
            Coding::Identity => return None,
            Coding::Gzip => Decompress::new_gzip(WINDOW_BITS),
            Coding::Deflate => Decompress::new(true),
        };
        Some(Self { inflate, next: 0 })
    }

    /// Unpacks some of `packed` into `room`; `None` where the stream is broken.
    pub fn step(&mut self, packed: &[u8], room: &mut [u8]) -> Option<Step> {
        let (before, out) = (self.inflate.total_in(), self.inflate.total_out());
        let done = self.inflate.decompress(packed, room, FlushDecompress::None);
        let is_over = done.ok()? == Status::StreamEnd;
        let taken = (self.inflate.total_in() - before) as usize;
        self.next += taken as u64;
        Some(Step {
            taken,
            given: (self.inflate.total_out() - out) as usize,
            is_over,
        })
    }

    /// All that is in `packed`, which is the whole body; of what is broken what stands
    /// before the fault, and no more than `most` bytes.
    ///
    /// # Errors
    ///
    /// What is in it up to where no more was allowed.
    pub fn all(
        mut self,
        packed: &[u8],
        most: usize,
        allowance: &mut Allowance,
    ) -> Result<Vec<u8>, Vec<u8>> {
        allowance.earn(packed.len());
        let mut plain = Vec::new();
        let mut room = [0; 16 << 10];
        let mut rest = packed;
        while plain.len() < most {
            let Some(step) = self.step(rest, &mut room) else {
                break;
            };
            rest = &rest[step.taken..];
            let fits = step.given.min(most - plain.len());
            plain.extend_from_slice(&room[..fits]);
            if !allowance.spend(step.given) {
                return Err(plain);
            }
            if step.is_over || (step.given < room.len() && rest.is_empty()) {
                break;
            }
        }
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(plain: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(coding: Coding, packed: &[u8], most: usize) -> Vec<u8> {
        let unpacker = Unpacker::new(coding).unwrap();
        let plain = unpacker.all(packed, most, &mut Allowance::default());
        plain.expect("little is allowed")
    }

    #[test]
    fn a_head_says_how_its_body_is_packed() {
        let of = |value: &str| {
            coding(format!("HTTP/1.1 200 OK\r\nContent-Encoding: {value}\r\n\r\n").as_bytes())
        };
        assert_eq!(coding(b"HTTP/1.1 200 OK\r\n\r\n"), Some(Coding::Identity));
        assert_eq!(of("identity"), Some(Coding::Identity));
        assert_eq!(of("GZip"), Some(Coding::Gzip));
        assert_eq!(of("x-gzip"), Some(Coding::Gzip));
        assert_eq!(of("deflate"), Some(Coding::Deflate));
        for unread in ["br", "zstd", "gzip, gzip"] {
            assert_eq!(of(unread), None, "{unread}");
        }
    }

    #[test]
    fn what_is_packed_is_unpacked_as_far_as_it_goes() {
        let plain: Vec<u8> = (0..100_000_u32)
            .flat_map(|n| (n / 7).to_le_bytes())
            .collect();
        for (coding, packed) in [
            (Coding::Gzip, gzip(&plain)),
            (Coding::Deflate, zlib(&plain)),
        ] {
            assert!(unpacked(coding, &packed, plain.len()) == plain);
            assert!(unpacked(coding, &packed, 12_345) == plain[..12_345]);
            let half = unpacked(coding, &packed[..packed.len() / 2], plain.len());
            assert!(plain.starts_with(&half) && half.len() > plain.len() / 4);
        }
        assert_eq!(unpacked(Coding::Gzip, b"no gzip at all", 100), b"");
        assert_eq!(unpacked(Coding::Gzip, b"", 100), b"");
    }

    /// Packets of one byte, and little room.
    #[test]
    fn it_comes_in_any_pieces() {
        let plain: Vec<u8> = (0..5000_u32).flat_map(u32::to_be_bytes).collect();
        let packed = [&gzip(&plain)[..], b"behind it"].concat();
        let mut unpacker = Unpacker::new(Coding::Gzip).unwrap();
        let (mut found, mut room) = (Vec::new(), [0; 7]);
        let mut is_over = false;
        for byte in packed.chunks(1) {
            let mut rest = byte;
            while !is_over {
                let step = unpacker.step(rest, &mut room).unwrap();
                rest = &rest[step.taken..];
                found.extend_from_slice(&room[..step.given]);
                is_over = step.is_over;
                if step.given < room.len() {
                    break;
                }
            }
        }
        assert!(is_over && found == plain);
        assert_eq!(unpacker.next, packed.len() as u64 - 9);
    }

    #[test]
    fn what_may_be_unpacked_grows_with_what_came() {
        let mut allowance = Allowance::default();
        assert!(allowance.spend(FREE as usize));
        assert!(!allowance.spend(1));
        allowance.earn(10);
        assert!(allowance.spend(10 * FOR_EACH as usize));
        assert!(!allowance.spend(1));
    }

    /// Its beginning is there, to tell whether anything is missed.
    #[test]
    fn where_no_more_is_allowed_it_is_said() {
        let packed = gzip(&vec![b'd'; 100_000]);
        let unpacker = Unpacker::new(Coding::Gzip).unwrap();
        let mut none = Allowance(0);
        let cut = unpacker.all(&packed, 100_000, &mut none).unwrap_err();
        assert!(cut.len() < 100_000 && cut.starts_with(b"d"));
    }
}
