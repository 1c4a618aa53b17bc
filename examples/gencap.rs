//! Makes a capture of any size for tests and measurements:
//! `cargo run --release --example gencap -- --shape clean --size 1.5G OUT.pcap`.
//!
//! What is in it is printed as one JSON object, so that a test can compare.

#[path = "../benches/gencap/mod.rs"]
mod gencap;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use gencap::{Shape, Spec};
use serde_json::json;

#[derive(Parser)]
#[command(about = "Make a capture of BitTorrent traffic, the same for the same options")]
struct Arguments {
    /// The kind of traffic
    #[arg(long, value_enum, default_value_t = Kind::Clean)]
    shape: Kind,
    /// Bytes of the file, with K, M or G for powers of 1000 (1.5G)
    #[arg(long, value_parser = size, default_value = "100M")]
    size: u64,
    /// Another seed gives another capture of the same kind
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The file to write; `-` for standard output
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Clean,
    Reordered,
    Lossy,
    Small,
    Connections,
}

impl From<Kind> for Shape {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Clean => Self::Clean,
            Kind::Reordered => Self::Reordered,
            Kind::Lossy => Self::Lossy,
            Kind::Small => Self::Small,
            Kind::Connections => Self::Connections,
        }
    }
}

/// Reads a size such as `1.5G`.
fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.as_bytes().last() {
        Some(b'K') => (&text[..text.len() - 1], 1e3),
        Some(b'M') => (&text[..text.len() - 1], 1e6),
        Some(b'G') => (&text[..text.len() - 1], 1e9),
        _ => (text, 1.0),
    };
    let number: f64 = number.parse().map_err(|_| "not a size such as 1.5G")?;
    let bytes = number * unit;
    if (0.0..1e15).contains(&bytes) {
        #[allow(clippy::cast_sign_loss)] // just seen to be in range
        Ok(bytes as u64)
    } else {
        Err("out of range".to_owned())
    }
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let out: Box<dyn Write> = if arguments.out.as_os_str() == "-" {
        Box::new(io::stdout().lock())
    } else {
        Box::new(File::create(&arguments.out)?)
    };
    let spec = Spec {
        shape: arguments.shape.into(),
        size: arguments.size,
        seed: arguments.seed,
    };
    let made = gencap::write(spec, BufWriter::with_capacity(1 << 20, out))?;
    eprintln!(
        "{}",
        json!({
            "packets": made.packets,
            "bytes": made.bytes,
            "lost_packets": made.lost_packets,
            "lost_bytes": made.lost_bytes,
            "connections": made.connections,
            "total_messages": made.total_messages(),
            "messages": { "initiator": made.messages[0], "acceptor": made.messages[1] },
            "payload_bytes": { "initiator": made.payload_bytes[0], "acceptor": made.payload_bytes[1] },
        })
    );
    Ok(())
}
