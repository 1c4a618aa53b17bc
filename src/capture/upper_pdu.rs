//! Messages that were taken out of their packets, as packets of their own: link
//! type 252, whose header names the dissector and the ends in tags
//! (`wiretap/exported_pdu_tags.h` of Wireshark, where the type is documented).

use std::net::{IpAddr, SocketAddr};

use super::{LinkType, MAX_WIRESHARK_PACKET};

/// `LINKTYPE_WIRESHARK_UPPER_PDU`.
pub const UPPER_PDU: LinkType = LinkType(252);

/// Numbers of the tags.
mod tag {
    pub const END: u16 = 0;
    pub const DISSECTOR: u16 = 12;
    pub const V4_SRC: u16 = 20;
    pub const V4_DST: u16 = 21;
    pub const V6_SRC: u16 = 22;
    pub const V6_DST: u16 = 23;
    pub const PORT_TYPE: u16 = 24;
    pub const SRC_PORT: u16 = 25;
    pub const DST_PORT: u16 = 26;
    pub const ORIGINAL_FRAME: u16 = 30;
}

/// What a port is of, as the tags number it.
const TCP_PORT: u32 = 2;

/// A message without the packets that brought it. Its ports are always those of
/// TCP: that is what dissectors of streams expect, whatever carried it.
#[derive(Debug, Clone, Copy)]
pub struct UpperPdu<'a> {
    /// Name of the dissector, as Wireshark registers it.
    pub dissector: &'a str,
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// The packet that completed it.
    pub frame: u64,
    /// Its first bytes.
    pub bytes: &'a [u8],
    /// Bytes of it in all.
    pub length: u64,
}

impl UpperPdu<'_> {
    /// Writes it into `data` as a packet of [`UPPER_PDU`] begins; gives the length
    /// that the packet would have as a whole.
    pub fn write(&self, data: &mut Vec<u8>) -> u32 {
        data.clear();
        push(data, tag::DISSECTOR, self.dissector.as_bytes());
        push_ip(data, [tag::V4_SRC, tag::V6_SRC], self.src.ip());
        push_ip(data, [tag::V4_DST, tag::V6_DST], self.dst.ip());
        let original = u32::try_from(self.frame).unwrap_or(u32::MAX);
        for (number, value) in [
            (tag::PORT_TYPE, TCP_PORT),
            (tag::SRC_PORT, self.src.port().into()),
            (tag::DST_PORT, self.dst.port().into()),
            (tag::ORIGINAL_FRAME, original),
        ] {
            push(data, number, &value.to_be_bytes());
        }
        push(data, tag::END, &[]);
        let header = data.len();
        let room = (MAX_WIRESHARK_PACKET as usize).saturating_sub(header);
        data.extend_from_slice(&self.bytes[..self.bytes.len().min(room)]);
        u32::try_from(self.length + header as u64).unwrap_or(u32::MAX)
    }
}

/// A tag: number, length with the padding, value padded to four bytes.
fn push(data: &mut Vec<u8>, number: u16, value: &[u8]) {
    let length = value.len().next_multiple_of(4);
    data.extend_from_slice(&number.to_be_bytes());
    data.extend_from_slice(&(length as u16).to_be_bytes());
    data.extend_from_slice(value);
    data.resize(data.len() + length - value.len(), 0);
}

fn push_ip(data: &mut Vec<u8>, [v4, v6]: [u16; 2], address: IpAddr) {
    match address {
        IpAddr::V4(address) => push(data, v4, &address.octets()),
        IpAddr::V6(address) => push(data, v6, &address.octets()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_padded_and_end_where_the_message_begins() {
        let pdu = UpperPdu {
            dissector: "bittorrent.tcp",
            src: "10.0.0.1:6881".parse().expect("v4"),
            dst: "[2001:db8::2]:40000".parse().expect("v6"),
            frame: 7,
            bytes: &[0, 0, 0, 0],
            length: 9,
        };
        let mut data = vec![1, 2, 3];
        let length = pdu.write(&mut data);
        let expected = [
            "000c0010626974746f7272656e742e7463700000",
            "001400040a000001",
            "0017001020010db8000000000000000000000002",
            "0018000400000002",
            "0019000400001ae1",
            "001a000400009c40",
            "001e000400000007",
            "0000000000000000",
        ];
        assert_eq!(hex::encode(&data), expected.concat());
        assert_eq!(length as usize, data.len() - 4 + 9);
    }

    #[test]
    fn nothing_is_longer_than_wireshark_takes() {
        let bytes = vec![7; 1 << 20];
        let pdu = UpperPdu {
            dissector: "x",
            src: "10.0.0.1:1".parse().expect("v4"),
            dst: "10.0.0.2:2".parse().expect("v4"),
            frame: u64::MAX,
            bytes: &bytes,
            length: u64::from(u32::MAX),
        };
        let mut data = Vec::new();
        assert_eq!(pdu.write(&mut data), u32::MAX);
        assert_eq!(data.len(), MAX_WIRESHARK_PACKET as usize);
    }
}
