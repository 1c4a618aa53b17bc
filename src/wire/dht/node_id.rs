//! Node ids that are bound to the node's address (BEP 42).

use std::net::IpAddr;

/// The 21 bits that a node id must begin with, in the top bits of the number,
/// for an address and the id's last byte `r` (of which 3 bits count).
///
/// BEP 42's text hashes 8 bytes for either version of IP; its vectors and every
/// implementation hash 4 for IPv4.
pub fn id_prefix(address: IpAddr, r: u8) -> u32 {
    const MASK4: [u8; 4] = [0x03, 0x0f, 0x3f, 0xff];
    const MASK6: [u8; 8] = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];
    let mut masked = [0; 8];
    let length = match address {
        IpAddr::V4(ip) => mask(&mut masked, &ip.octets(), &MASK4),
        IpAddr::V6(ip) => mask(&mut masked, &ip.octets(), &MASK6),
    };
    masked[0] |= (r & 7) << 5;
    crc32c(&masked[..length]) & PREFIX
}

const PREFIX: u32 = 0xffff_f800;

/// Whether a node id fits the node's address, or need not.
pub fn id_fits(id: &[u8; 20], address: IpAddr) -> bool {
    let address = address.to_canonical();
    let prefix = u32::from_be_bytes([id[0], id[1], id[2], id[3]]) & PREFIX;
    is_exempt(address) || prefix == id_prefix(address, id[19])
}

/// Whether nodes of this address may have any id: it is not a public one.
pub fn is_exempt(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

fn mask(out: &mut [u8; 8], octets: &[u8], mask: &[u8]) -> usize {
    for ((out, octet), mask) in out.iter_mut().zip(octets).zip(mask) {
        *out = octet & mask;
    }
    mask.len()
}

/// CRC-32C (Castagnoli), bit by bit: the input is 8 bytes.
fn crc32c(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_crc32c() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn the_vectors_of_bep_42() {
        for (ip, r, crc) in [
            ("124.31.75.21", 1, 0x5fbf_bdb2_u32),
            ("21.75.31.124", 86, 0x5a3c_e9b0),
            ("65.23.51.170", 22, 0xa5d4_344a),
            ("84.124.73.14", 65, 0x1b03_217b),
            ("43.213.53.83", 90, 0xe56f_6972),
            ("2001:db8::1", 1, 0x7189_ac24),
            ("2606:4700:4700::1111", 0x86, 0xed66_f22b),
            ("2001:b829:2123:be84:e16c:d6ae:5290:49f1", 5, 0x078a_b433),
        ] {
            assert_eq!(id_prefix(ip.parse().unwrap(), r), crc & PREFIX, "{ip}");
        }
    }

    #[test]
    fn the_example_ids_fit_their_addresses() {
        for (ip, id) in [
            ("124.31.75.21", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"),
            ("21.75.31.124", "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256"),
            ("65.23.51.170", "a5d43220bc8f112a3d426c84764f8c2a1150e616"),
            ("84.124.73.14", "1b0321dd1bb1fe518101ceef99462b947a01ff41"),
            ("43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a"),
        ] {
            let id: [u8; 20] = hex::decode(id).unwrap().try_into().unwrap();
            let address: IpAddr = ip.parse().unwrap();
            assert!(id_fits(&id, address), "{ip}");
            assert!(!id_fits(&[0; 20], address));
            assert!(id_fits(&[0; 20], "192.168.1.2".parse().unwrap()));
        }
    }
}
