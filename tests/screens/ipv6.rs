//! The same capture as if its hosts had spoken IPv6.

const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
const ETHERNET: usize = 14;
const IPV4: usize = 20;
const IPV6: usize = 40;

/// Rewrites a classic little-endian capture of Ethernet: of every IPv4 packet
/// without options the header becomes one of IPv6, `10.98.0.2` becomes
/// `2001:db8:85a3:8d3:1319:8a2e:a62:2`.
pub fn of_ipv4(capture: &[u8]) -> Vec<u8> {
    let (header, mut rest) = capture.split_at(FILE_HEADER);
    let mut out = header.to_vec();
    while let Some((record, after)) = rest.split_at_checked(RECORD_HEADER) {
        let length = u32::from_le_bytes(record[8..12].try_into().unwrap());
        let (packet, after) = after.split_at(length as usize);
        rest = after;
        let packet = convert(packet).unwrap_or_else(|| packet.to_vec());
        let length = (packet.len() as u32).to_le_bytes();
        out.extend_from_slice(&record[..8]);
        out.extend_from_slice(&length);
        out.extend_from_slice(&length);
        out.extend_from_slice(&packet);
    }
    out
}

fn convert(packet: &[u8]) -> Option<Vec<u8>> {
    let (ethernet, ip) = packet.split_at_checked(ETHERNET)?;
    let is_plain_ipv4 = ethernet[12..] == [0x08, 0x00] && ip.first() == Some(&0x45);
    if !is_plain_ipv4 {
        return None;
    }
    let total = usize::from(u16::from_be_bytes(ip[2..4].try_into().ok()?));
    let payload = ip.get(IPV4..total)?;
    let mut out = Vec::with_capacity(ETHERNET + IPV6 + payload.len());
    out.extend_from_slice(&ethernet[..12]);
    out.extend_from_slice(&[0x86, 0xdd, 0x60, 0, 0, 0]);
    out.extend_from_slice(&(payload.len() as u16).to_be_bytes());
    out.extend_from_slice(&[ip[9], ip[8]]);
    for address in [&ip[12..16], &ip[16..20]] {
        out.extend_from_slice(&[0x20, 0x01, 0x0d, 0xb8, 0x85, 0xa3, 0x08, 0xd3]);
        out.extend_from_slice(&[0x13, 0x19, 0x8a, 0x2e]);
        out.extend_from_slice(&[address[0], address[1], address[2], address[3]]);
    }
    out.extend_from_slice(payload);
    Some(out)
}
