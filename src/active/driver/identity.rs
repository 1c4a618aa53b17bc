//! Who we are, and the secrets of encrypted handshakes.

use std::io;
use std::net::SocketAddr;

use super::config::{Config, Target};
use crate::active::machine::Identity;
use crate::active::mse::Secrets;
use crate::active::random;
use crate::torrent::Wanted;
use crate::wire::metainfo::Protocol;
use crate::wire::mse::MAX_PAD;

/// A digit of our version, as a peer id has it.
fn digit(number: &str) -> u8 {
    number.bytes().next().unwrap_or(b'0')
}

/// A peer id in Azureus style: `PS`, our version, 12 random letters and digits.
fn peer_id() -> io::Result<[u8; 20]> {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut id = *b"-PS0000-............";
    id[3] = digit(env!("CARGO_PKG_VERSION_MAJOR"));
    id[4] = digit(env!("CARGO_PKG_VERSION_MINOR"));
    id[5] = digit(env!("CARGO_PKG_VERSION_PATCH"));
    for (place, byte) in id[8..].iter_mut().zip(random::bytes::<12>()?) {
        *place = DIGITS[usize::from(byte % 32)];
    }
    Ok(id)
}

/// The random part of an encrypted handshake.
pub(super) fn secrets() -> io::Result<Secrets> {
    let random: [u8; 22 + MAX_PAD] = random::bytes()?;
    let pad = usize::from(u16::from_be_bytes([random[20], random[21]])) % (MAX_PAD + 1);
    Ok(Secrets {
        exponent: std::array::from_fn(|at| random[at]),
        pad: random[22..22 + pad].to_vec(),
    })
}

/// Who we are in the torrent of `config`.
pub(super) fn identity(config: &Config, listen: Option<SocketAddr>) -> io::Result<Identity> {
    let (info_hashes, hybrid) = match &config.torrent {
        Target::File(metainfo) => {
            let info = &metainfo.info;
            let hybrid = info.protocol() == Protocol::Hybrid;
            (info.info_hashes().collect(), hybrid)
        }
        Target::Link(magnet) => (short_hashes(&magnet.wanted), false),
    };
    Ok(Identity {
        peer_id: peer_id()?,
        info_hashes,
        hybrid,
        port: listen.map(|address| address.port()),
    })
}

fn short_hashes(wanted: &Wanted) -> Vec<[u8; 20]> {
    let v2 = wanted.v2.map(|hash| std::array::from_fn(|at| hash[at]));
    wanted.v1.into_iter().chain(v2).collect()
}
