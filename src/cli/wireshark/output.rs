//! The file for Wireshark.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use super::findings::Comments;
use crate::capture::{
    self, CaptureError, Existing, LinkType, MAX_WIRESHARK_PACKET, Packet, PcapngWriter, Source,
    UPPER_PDU, UpperPdu,
};
use crate::cli::files;
use crate::cli::trouble::tell;
use crate::session::Heard;
use crate::wire::words::Count;

/// Interfaces that are told apart; packets of more are put to the first of their
/// link type. (A capture of peerscope's own has one.)
const MAX_INTERFACES: usize = 4096;

/// A pcapng file that is being written.
pub struct Output {
    writer: PcapngWriter<Box<dyn Write>>,
    /// What errors call it.
    name: String,
    /// The number of each interface of the capture, by its number there and its
    /// link type.
    interfaces: HashMap<(u32, LinkType), u32>,
    data: Vec<u8>,
    packets: u64,
    with_comments: u64,
    messages: u64,
}

impl Output {
    /// Begins the file.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let (name, out): (String, Box<dyn Write>) = if files::is_stdin(path) {
            ("standard output".to_owned(), Box::new(io::stdout().lock()))
        } else {
            let name = path.display().to_string();
            let file = capture::create(path, Existing::Replace);
            let file = file.with_context(|| name.clone())?.into_file();
            (name, Box::new(file))
        };
        let out: Box<dyn Write> = Box::new(BufWriter::with_capacity(256 << 10, out));
        Ok(Self {
            writer: PcapngWriter::new(out).with_context(|| name.clone())?,
            name,
            interfaces: HashMap::new(),
            data: Vec::new(),
            packets: 0,
            with_comments: 0,
            messages: 0,
        })
    }

    /// Writes all packets of `source` with their comments, and the secrets among
    /// them; gives what is wrong with the source.
    pub fn copy(
        &mut self,
        source: &mut impl Source,
        comments: &Comments,
    ) -> anyhow::Result<Result<(), CaptureError>> {
        let secrets = source.secrets();
        loop {
            let packet = match source.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(Ok(())),
                Err(trouble) => return Ok(Err(trouble)),
            };
            for secret in secrets.take() {
                let written = self.writer.secrets(secret.kind, &secret.data);
                written.with_context(|| self.name.clone())?;
            }
            let comments = comments.get(&packet.frame).map_or(&[][..], |all| all);
            self.packet(&packet, comments)?;
            self.packets += 1;
            self.with_comments += u64::from(!comments.is_empty());
        }
    }

    /// Writes a message as a packet.
    pub fn message(&mut self, pdu: &UpperPdu<'_>, heard: &Heard<'_>) -> anyhow::Result<()> {
        let mut data = std::mem::take(&mut self.data);
        let original_length = pdu.write(&mut data);
        let (first, last) = (heard.first.frame, heard.last.frame);
        let comment = if first == last {
            format!("peerscope: stream {}, packet {last}", heard.stream)
        } else {
            format!(
                "peerscope: stream {}, packets {first} to {last}",
                heard.stream
            )
        };
        let packet = Packet {
            frame: 0,
            time: heard.last.time,
            interface: 0,
            link: UPPER_PDU,
            data: &data,
            original_length,
        };
        let written = self.packet(&packet, &[comment]);
        self.data = data;
        self.messages += 1;
        written
    }

    fn packet(&mut self, packet: &Packet<'_>, comments: &[String]) -> anyhow::Result<()> {
        let written = self.try_packet(packet, comments);
        written.with_context(|| self.name.clone())
    }

    fn try_packet(&mut self, packet: &Packet<'_>, comments: &[String]) -> io::Result<()> {
        let interface = self.interface(packet.interface, packet.link)?;
        let kept = packet.data.len().min(MAX_WIRESHARK_PACKET as usize);
        let packet = Packet {
            interface,
            data: &packet.data[..kept],
            original_length: packet.original_length.max(packet.data.len() as u32),
            ..*packet
        };
        self.writer
            .packet(&packet, comments.iter().map(String::as_str))
    }

    /// The number of an interface, which is described where it is new.
    fn interface(&mut self, number: u32, link: LinkType) -> io::Result<u32> {
        let number = if self.interfaces.len() < MAX_INTERFACES {
            number
        } else {
            0
        };
        if let Some(known) = self.interfaces.get(&(number, link)) {
            return Ok(*known);
        }
        let name = match link {
            UPPER_PDU => "messages".to_owned(),
            LinkType(link) => format!("{number}, link type {link}"),
        };
        let known = self.writer.interface(link, &name)?;
        self.interfaces.insert((number, link), known);
        Ok(known)
    }

    /// Ends the file; says what is in it.
    pub fn close(self, quiet: bool) -> anyhow::Result<()> {
        let name = || self.name.clone();
        let written = self.writer.into_inner();
        written.with_context(name)?.flush().with_context(name)?;
        if !quiet {
            tell(format_args!(
                "{}: {}, {} with comments; {} behind them",
                self.name,
                Count(self.packets, "packet"),
                self.with_comments,
                Count(self.messages, "message"),
            ));
        }
        Ok(())
    }
}
