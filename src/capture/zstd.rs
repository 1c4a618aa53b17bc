//! zstd as a stream: several frames one after another, skippable ones skipped,
//! and of a cut frame all that can be decoded.

use std::io::{self, BufRead, ErrorKind, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The largest window accepted, that of `zstd --long`: what the decoder keeps
/// in memory.
const MAX_WINDOW: u64 = 128 << 20;

/// An empty raw block with the last-block flag, and room for a checksum: ends a
/// frame whose own end is missing.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Decompresses a stream of zstd frames.
pub(super) struct ZstdReader<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
    /// Reported when everything decoded before it has been read.
    error: Option<io::Error>,
}

impl<R: BufRead> ZstdReader<R> {
    /// A reader of the frames in `source`.
    pub(super) fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        Self {
            source,
            decoder,
            in_frame: false,
            error: None,
        }
    }

    /// Begins the next frame; false at the end of the input.
    fn begin_frame(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => self.skip(u64::from(length))?,
                Err(error) => return Err(describe(&error)),
            }
        }
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.source.by_ref().take(length), &mut io::sink())?;
        if skipped < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Decodes blocks until some output can be read or the frame is over.
    fn decode(&mut self) -> Result<(), FrameDecoderError> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            self.decoder
                .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))?;
        }
        Ok(())
    }

    /// Ends a frame that cannot be decoded further, so that the decoder gives
    /// out the window that it would keep for the blocks to come.
    fn abandon(&mut self, error: io::Error) {
        self.error = Some(error);
        // Cannot fail for want of bytes; where the decoder fails all the same,
        // the window is lost and the error is reported as it is.
        let _ = self
            .decoder
            .decode_blocks(&LAST_BLOCK[..], BlockDecodingStrategy::All);
    }

    fn check_sum(&self) -> io::Result<()> {
        let stored = self.decoder.get_checksum_from_data();
        if stored.is_some() && stored != self.decoder.get_calculated_checksum() {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "the checksum of a frame does not match",
            ));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if self.error.is_none() {
                if !self.in_frame {
                    if !self.begin_frame()? {
                        return Ok(0);
                    }
                    self.in_frame = true;
                }
                if let Err(error) = self.decode() {
                    self.abandon(describe(&error));
                }
            }
            let count = self.decoder.read(into)?;
            if count > 0 {
                return Ok(count);
            }
            if let Some(error) = self.error.take() {
                self.in_frame = false;
                return Err(error);
            }
            self.in_frame = false;
            self.check_sum()?;
        }
    }
}

/// The error in words; whether it is the end of the input hides in its sources.
fn describe(error: &FrameDecoderError) -> io::Error {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>()
            && io.kind() == ErrorKind::UnexpectedEof
        {
            return ErrorKind::UnexpectedEof.into();
        }
        source = inner.source();
    }
    io::Error::new(ErrorKind::InvalidData, error.to_string())
}
