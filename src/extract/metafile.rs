//! A `.torrent` around an info dictionary.

use crate::torrent::Content;
use crate::wire::bencode::{Dict, List};

/// The file: the dictionary as it is, the trackers, and the piece layers as far as they
/// are known.
pub fn encode(content: &Content, trackers: &[String]) -> Vec<u8> {
    let mut root = Dict::new().raw("info", content.info.bytes());
    if let Some(first) = trackers.first() {
        root = root.bytes("announce", first);
    }
    if trackers.len() > 1 {
        let tiers = trackers.iter().fold(List::new(), |tiers, url| {
            tiers.raw(&List::new().bytes(url).encode())
        });
        root = root.list("announce-list", tiers);
    }
    if content.info.v2_hash().is_some() {
        let layers = content
            .layers
            .iter()
            .fold(Dict::new(), |layers, (file, hashes)| {
                layers.bytes(file, hashes.concat())
            });
        root = root.dict("piece layers", &layers);
    }
    root.encode()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torrent::testing::{v1, v2};
    use crate::wire::metainfo::Metainfo;

    #[test]
    fn the_file_reads_back() {
        let urls = ["http://a/announce", "udp://b:1/announce"].map(str::to_owned);
        for sample in [
            v1(200_000, 65536, 1),
            v2(&[200_000, 5], 65536, false),
            v2(&[200_000, 5], 65536, true),
        ] {
            let content = sample.content();
            for count in 0..=2 {
                let file = Metainfo::parse(&encode(&content, &urls[..count])).unwrap();
                assert_eq!(file.info, content.info);
                let trackers: Vec<_> = file.trackers().collect();
                let expected: Vec<_> = urls[..count].iter().map(String::as_bytes).collect();
                assert_eq!(trackers, expected);
                assert_eq!(file.piece_layers, content.layers);
            }
        }
    }
}
