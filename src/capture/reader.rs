//! Reads the packets of one capture stream, whatever its format.
//!
//! The loop over records is ours rather than a crate's: it borrows packets from
//! the window without a second parse or an allocation a packet, reads every
//! variant in both byte orders, and names the packet and the lengths when a
//! record is wrong.

use std::io::Read;
use std::path::PathBuf;

use super::buffer::{Buffer, Ending};
use super::classic::{self, FILE_HEADER, FileHeader};
use super::foreign;
use super::order::Order;
use super::pcapng::{self, FRAMING, Section, block};
use super::secrets::{MAX_SECRET, Secrets};
use super::{CaptureError, Limit, LinkType, MAX_PACKET, Packet, Timestamp};

/// The longest pcapng block that is read whole: a packet with its options. What
/// is longer and no packet is passed over.
const MAX_BLOCK: u32 = MAX_PACKET + (1 << 20);

/// One capture stream.
pub(super) struct Reader {
    path: PathBuf,
    buffer: Buffer,
    format: Option<Format>,
    /// The first packet that was left out, and how many there were.
    left_out: Option<(CaptureError, u64)>,
    secrets: Secrets,
}

enum Format {
    Classic(FileHeader),
    Sections(Section),
}

/// A packet in the window.
#[derive(Clone, Copy)]
pub(super) struct Located {
    time: Timestamp,
    interface: u32,
    link: LinkType,
    start: usize,
    captured: usize,
    original: u32,
}

impl Reader {
    /// Reads `input`, which errors call `path`; puts secrets where `secrets` is.
    pub(super) fn new(path: PathBuf, input: Box<dyn Read + Send>, secrets: Secrets) -> Self {
        Self {
            path,
            buffer: Buffer::new(input),
            format: None,
            left_out: None,
            secrets,
        }
    }

    /// The packet that [`Reader::advance`] has just found.
    #[inline]
    pub(super) fn packet(&self, frame: u64, at: Located) -> Packet<'_> {
        Packet {
            frame,
            time: at.time,
            interface: at.interface,
            link: at.link,
            data: self.buffer.slice(at.start, at.captured),
            original_length: at.original,
        }
    }

    /// Whether it can hold secrets, as far as is known by now: classic pcap
    /// cannot.
    pub(super) fn may_hold_secrets(&self) -> bool {
        !matches!(self.format, Some(Format::Classic(_)))
    }

    /// Whether the next record is in the window as a whole.
    pub(super) fn is_at_hand(&self) -> bool {
        let bytes = self.buffer.available();
        let length = match &self.format {
            Some(Format::Classic(header)) if bytes.len() >= header.record_header => {
                header.record_header as u64 + u64::from(header.record(bytes).captured)
            }
            Some(Format::Sections(section)) if bytes.len() >= FRAMING as usize => {
                u64::from(section.order.u32(bytes, 4))
            }
            _ => return false,
        };
        bytes.len() as u64 >= length
    }

    /// Finds the next packet and counts it in `frames`; `None` at the clean end.
    #[inline]
    pub(super) fn advance(&mut self, frames: &mut u64) -> Result<Option<Located>, CaptureError> {
        match self.format {
            Some(Format::Classic(header)) => self.record(&header, frames),
            Some(Format::Sections(_)) => self.block(frames),
            None => {
                self.begin()?;
                self.advance(frames)
            }
        }
    }

    /// Tells the format by the first bytes.
    fn begin(&mut self) -> Result<(), CaptureError> {
        if !self.buffer.fill(4) {
            return Err(self.too_short());
        }
        let mut magic = [0; 4];
        magic.copy_from_slice(&self.buffer.available()[..4]);
        if magic == block::SECTION.to_be_bytes() {
            // The first block sets the byte order.
            let order = Order::Little;
            self.format = Some(Format::Sections(Section::empty(order)));
            return Ok(());
        }
        if !classic::is_magic(magic) {
            // As much as it takes to tell what else it is, if it goes on.
            self.buffer.fill(foreign::ENOUGH);
            return Err(self.no_capture(self.buffer.available()));
        }
        if !self.buffer.fill(FILE_HEADER) {
            let at_hand = self.buffer.available().len();
            return Err(self.cut_within("the file header", at_hand as u64, FILE_HEADER as u64));
        }
        let mut header = [0; FILE_HEADER];
        header.copy_from_slice(&self.buffer.available()[..FILE_HEADER]);
        let header = FileHeader::parse(&header).map_err(|reason| self.error(reason))?;
        self.buffer.take(FILE_HEADER);
        self.format = Some(Format::Classic(header));
        Ok(())
    }

    fn too_short(&self) -> CaptureError {
        match (self.buffer.ending(), self.buffer.available()) {
            (Some(Ending::Failed(reason)), _) => self.error(reason.clone()),
            (_, []) => self.error("empty file"),
            (_, bytes) => self.no_capture(bytes),
        }
    }

    /// The next record of a classic file.
    #[inline]
    fn record(
        &mut self,
        header: &FileHeader,
        frames: &mut u64,
    ) -> Result<Option<Located>, CaptureError> {
        let prefix = header.record_header;
        if !self.buffer.fill(prefix) {
            return self.end(prefix, *frames);
        }
        let record = header.record(self.buffer.available());
        if record.captured > header.limit {
            let error = self.error(format!(
                "packet {} declares {} bytes, more than the {} that a packet of this file can have",
                *frames + 1,
                record.captured,
                header.limit
            ));
            return Err(error.lacking(record.captured.into(), header.limit.into(), Limit::Snaplen));
        }
        let captured = record.captured as usize;
        if !self.buffer.fill(prefix + captured) {
            let at_hand = self.buffer.available().len() - prefix;
            let what = format!("packet {}", *frames + 1);
            return Err(self.cut_within(&what, at_hand as u64, captured as u64));
        }
        *frames += 1;
        Ok(Some(Located {
            time: record.time,
            interface: 0,
            link: header.link,
            start: self.buffer.take(prefix + captured) + prefix,
            captured,
            original: record.original,
        }))
    }

    /// The next packet block of a pcapng file.
    fn block(&mut self, frames: &mut u64) -> Result<Option<Located>, CaptureError> {
        loop {
            if !self.buffer.fill(FRAMING as usize) {
                return self.end(FRAMING as usize, *frames);
            }
            let (kind, length) = self.block_header()?;
            match kind {
                block::SECTION | block::INTERFACE => self.describe(kind, length)?,
                block::PACKET | block::SIMPLE_PACKET | block::ENHANCED_PACKET => {
                    *frames += 1;
                    if let Some(found) = self.packet_block(kind, length, *frames)? {
                        return Ok(Some(found));
                    }
                }
                block::DECRYPTION_SECRETS if length <= MAX_SECRET => self.secrets(length)?,
                _ => self.pass_over(length)?,
            }
        }
    }

    /// Type and length of the block that begins here; a section header sets the
    /// byte order.
    #[inline]
    fn block_header(&mut self) -> Result<(u32, u32), CaptureError> {
        let bytes = self.buffer.available();
        let mut order = self.order();
        let kind = order.u32(bytes, 0);
        if kind == block::SECTION {
            match pcapng::section_order(bytes) {
                Some(found) => order = found,
                None => return Err(self.error("a section header without its byte-order mark")),
            }
            self.format = Some(Format::Sections(Section::empty(order)));
        }
        let length = order.u32(self.buffer.available(), 4);
        if length < FRAMING || !length.is_multiple_of(4) {
            return Err(self.error(format!(
                "a block of type {kind:#x} declares {length} bytes, not a multiple of 4 from 12 on"
            )));
        }
        Ok((kind, length))
    }

    fn order(&self) -> Order {
        match &self.format {
            Some(Format::Sections(section)) => section.order,
            _ => Order::Little,
        }
    }

    /// Makes a whole block available and checks that its end agrees with its
    /// beginning.
    #[inline]
    fn whole_block(&mut self, length: u32, what: impl Fn() -> String) -> Result<(), CaptureError> {
        if length > MAX_BLOCK {
            let error = self.error(format!(
                "{} declares {length} bytes, more than the {MAX_BLOCK} that are believed",
                what()
            ));
            return Err(error.lacking(length.into(), MAX_BLOCK.into(), Limit::Belief));
        }
        if !self.buffer.fill(length as usize) {
            let at_hand = self.buffer.available().len();
            return Err(self.cut_within(&what(), at_hand as u64, length.into()));
        }
        let trailer = self
            .order()
            .u32(self.buffer.available(), length as usize - 4);
        self.check_trailer(length, trailer)
    }

    #[inline]
    fn check_trailer(&self, length: u32, trailer: u32) -> Result<(), CaptureError> {
        if trailer == length {
            return Ok(());
        }
        Err(self.error(format!(
            "a block declares {length} bytes at its beginning and {trailer} at its end"
        )))
    }

    /// Reads a section header or an interface description.
    fn describe(&mut self, kind: u32, length: u32) -> Result<(), CaptureError> {
        self.whole_block(length, || "a description".to_owned())?;
        let bytes = &self.buffer.available()[..length as usize];
        let result = match &mut self.format {
            Some(Format::Sections(section)) if kind == block::INTERFACE => section.describe(bytes),
            _ => Section::check_version(self.order(), bytes),
        };
        result.map_err(|reason| self.error(reason))?;
        self.buffer.take(length as usize);
        Ok(())
    }

    /// Reads a decryption secrets block. One that contradicts itself is passed
    /// over.
    #[cold]
    fn secrets(&mut self, length: u32) -> Result<(), CaptureError> {
        self.whole_block(length, || "a block".to_owned())?;
        let block = &self.buffer.available()[..length as usize];
        if let Some(secret) = pcapng::secret(self.order(), block) {
            self.secrets.put(secret);
        }
        self.buffer.take(length as usize);
        Ok(())
    }

    /// Reads a packet block. One that contradicts itself inside a sound block,
    /// or names an unknown interface, is left out and reported at the end: the
    /// packets after it are as good as those before.
    #[inline]
    fn packet_block(
        &mut self,
        kind: u32,
        length: u32,
        frame: u64,
    ) -> Result<Option<Located>, CaptureError> {
        self.whole_block(length, || format!("packet {frame}"))?;
        let Some(Format::Sections(section)) = &self.format else {
            return Ok(None);
        };
        let bytes = &self.buffer.available()[..length as usize];
        let found = match kind {
            block::SIMPLE_PACKET => section.simple_packet(bytes),
            _ => section.packet(kind, bytes),
        };
        match found {
            Ok(found) => Ok(Some(Located {
                time: found.time,
                interface: found.interface,
                link: found.link,
                start: self.buffer.take(length as usize) + found.at,
                captured: found.captured,
                original: found.original,
            })),
            Err(reason) => {
                self.leave_out(frame, &reason);
                self.buffer.take(length as usize);
                Ok(None)
            }
        }
    }

    #[cold]
    fn leave_out(&mut self, frame: u64, reason: &str) {
        let error = self.error(format!("packet {frame} {reason}"));
        self.left_out.get_or_insert((error, 0)).1 += 1;
    }

    /// Passes over a block that carries no packet, however long it is.
    fn pass_over(&mut self, length: u32) -> Result<(), CaptureError> {
        let start = self.buffer.offset();
        let body = u64::from(length) - 4;
        let skipped = self.buffer.skip(body);
        if skipped < body || !self.buffer.fill(4) {
            let at_hand = skipped + self.buffer.available().len() as u64;
            let mut error = self.cut_within("a block", at_hand, length.into());
            error.offset = Some(start);
            return Err(error);
        }
        let trailer = self.order().u32(self.buffer.available(), 0);
        self.check_trailer(length, trailer)?;
        self.buffer.take(4);
        Ok(())
    }

    /// The end of the stream where a record could begin: clean if nothing is
    /// there.
    #[cold]
    fn end(&mut self, header: usize, frames: u64) -> Result<Option<Located>, CaptureError> {
        let at_hand = self.buffer.available().len();
        let failed = matches!(self.buffer.ending(), Some(Ending::Failed(_)));
        if at_hand > 0 {
            let what = format!("the header after packet {frames}");
            return Err(self.cut_within(&what, at_hand as u64, header as u64));
        }
        if failed {
            return Err(self.cut(&format!("after packet {frames}")));
        }
        match self.left_out.take() {
            None => Ok(None),
            Some((first, 1)) => Err(first),
            Some((mut first, count)) => {
                first.reason = format!("{} ({count} packets like it are left out)", first.reason);
                Err(first)
            }
        }
    }

    /// The stream ended where it should not.
    fn cut(&self, place: &str) -> CaptureError {
        self.error(match self.buffer.ending() {
            Some(Ending::Failed(reason)) => format!("{reason}, {place}"),
            _ => format!("ends {place}"),
        })
    }

    /// The stream ended within something, of which so many bytes are at hand.
    fn cut_within(&self, what: &str, had: u64, needed: u64) -> CaptureError {
        let error = self.cut(&format!("inside {what}: {had} of {needed} bytes"));
        error.lacking(needed, had, Limit::File)
    }

    /// The file is none that we read.
    fn no_capture(&self, bytes: &[u8]) -> CaptureError {
        self.error(foreign::describe(&self.path, bytes))
    }

    fn error(&self, reason: impl Into<String>) -> CaptureError {
        CaptureError::new(&self.path, Some(self.buffer.offset()), reason)
    }
}
