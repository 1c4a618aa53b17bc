//! What users type after `peerscope hex`.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{ArgAction, Args, ValueEnum};

use crate::cli::args::Color;
use crate::notation::is_near;
use crate::pasted::Reading;
use crate::view::Language;
use crate::wire::extension::Extension;

pub const EXAMPLES: &str = "\
Examples:
  peerscope hex notes.txt                      every dump in a text, annotated
  pbpaste | peerscope hex                      what was copied
  peerscope hex --bytes '<Buffer 00 00 00 01 02>'
  peerscope hex --bytes 0000000d06... -V       the fields as a tree
  peerscope hex --as utp --bytes '21 00 ...'   read it as a uTP packet
  peerscope hex --map ut_metadata=3 dump.txt   extended id 3 is ut_metadata
  peerscope hex --json dump.txt | jq .fields
  peerscope hex --encode 'request index=4 begin=0 length=16384'
  peerscope hex --encode --list                what can be made, with its fields
  peerscope hex --encode '{ msg_type: 0, piece: 0 }' --map ut_metadata=3
  peerscope hex --encode 'ut_pex extended_id=1 added=[1.2.3.4:6881]' --to c

Forms that are recognised, several in one text, with words between them:
  <Buffer 13 42 ...>, hex in any spacing, 0x13 0x42, \\x13\\x42, arrays as
  C, Rust, Go, Python and JavaScript write or print them, b'..' and other
  string literals, base64, and the dumps of xxd, hexdump, od, hexyl, tcpdump,
  Wireshark, PowerShell, Netty, HxD, gdb and lldb, with or without offsets,
  rulers, frames and characters beside; bencode, requests to trackers, magnet
  links; dictionaries as Node.js, Python, Ruby and JSON print them; structures
  with an id and a payload; Intel HEX; messages in the logs of libtorrent,
  WebTorrent, Transmission, rqbit and aria2.

Exit status: 0 fine; 2 trouble: no bytes, or a dump with a fault in it (all
before it is shown first).";

/// `peerscope hex`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // they are switches
pub struct HexArgs {
    /// The text; - is standard input. A file that is no text is taken as bytes
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,

    /// What was pasted without quotation marks
    #[arg(hide = true, value_name = "WORD", conflicts_with_all = ["bytes", "encode", "list"])]
    pub more: Vec<String>,

    /// The text itself, instead of a FILE
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    pub bytes: Option<String>,

    /// The other way round: make a message of its name and fields, which are
    /// those of peerscope man json (see peerscope man hex); several are put in a row
    #[arg(long, value_name = "MESSAGE", num_args = 0..=1, conflicts_with_all = ["file", "bytes", "reading"])]
    pub encode: Vec<String>,

    /// List the messages that --encode makes, each with its fields
    #[arg(long, conflicts_with_all = ["file", "bytes", "reading"])]
    pub list: bool,

    /// Read the bytes as this, instead of as what they look like
    #[arg(long = "as", value_name = "NAME")]
    pub reading: Option<AsReading>,

    /// What extended ids stand for, as the receiver announced them in its
    /// extended handshake; those in the same text are known
    #[arg(long, value_name = "NAME=ID,..", value_delimiter = ',', value_parser = mapping)]
    pub map: Vec<(String, u8)>,

    /// Show every byte with its meaning (the default); twice: long runs in full
    #[arg(short = 'x', long = "hex", group = "view", action = ArgAction::Count)]
    pub hex: u8,

    /// Show all fields as a tree (also -v)
    #[arg(short = 'V', long = "tree", short_alias = 'v', group = "view")]
    pub tree: bool,

    /// One line a message
    #[arg(short = 'l', long = "line", group = "view")]
    pub line: bool,

    /// Print one JSON object a message (see peerscope man json)
    #[arg(long, group = "view")]
    pub json: bool,

    /// Print the bytes for use elsewhere, instead of what they mean
    #[arg(long, value_name = "FORM", group = "view")]
    pub to: Option<To>,

    /// No colour, and 80 columns: for an issue or a mail
    #[arg(long, conflicts_with = "color")]
    pub plain: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

impl HexArgs {
    /// What was typed, if it is more than the name of a file.
    pub fn words(&self) -> Option<String> {
        let first = self.file.to_string_lossy();
        let words: Vec<_> = [&*first]
            .into_iter()
            .chain(self.more.iter().map(String::as_str))
            .collect();
        (!self.more.is_empty()).then(|| words.join(" "))
    }
}

fn mapping(text: &str) -> Result<(String, u8), String> {
    let (name, id) = text.split_once('=').ok_or("not NAME=ID")?;
    let id = id.parse().map_err(|_| "an extended id is 1 to 255")?;
    if id == 0 {
        return Err("id 0 is the extended handshake".to_owned());
    }
    let mut known = Extension::ALL.iter().map(|known| known.name());
    let is_known = known.clone().any(|known| known == name);
    // Clients have extensions of their own, of whatever name.
    if !is_known && let Some(meant) = known.find(|known| is_near(name, known)) {
        return Err(format!("no extension has the name: is it `{meant}`?"));
    }
    Ok((name.to_owned(), id))
}

/// `--as`
#[derive(Debug, Clone, Copy)]
pub struct AsReading(pub Reading);

const READINGS: [AsReading; Reading::ALL.len()] = {
    let mut all = [AsReading(Reading::Bytes); Reading::ALL.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = AsReading(Reading::ALL[index]);
        index += 1;
    }
    all
};

impl ValueEnum for AsReading {
    fn value_variants<'a>() -> &'a [Self] {
        &READINGS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()).help(self.0.title()))
    }
}

/// `--to`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum To {
    /// Digits, a line a message
    Hex,
    /// An array of C, each field with a comment
    C,
    /// A buffer of Node.js, each field with a comment
    Node,
    /// Words that --encode takes
    Text,
}

impl To {
    /// The language of code, if it is that.
    pub fn language(self) -> Option<Language> {
        match self {
            Self::Hex => Some(Language::Hex),
            Self::C => Some(Language::C),
            Self::Node => Some(Language::Node),
            Self::Text => None,
        }
    }
}
