//! A `.torrent` around an info dictionary.

use std::collections::HashMap;

use serde_bencode::value::Value;

use crate::torrent::Content;

/// The file: the info dictionary as it is, the trackers, and the piece layers as far as
/// they are known.
///
/// The info dictionary is not parsed and written anew: its hash names the torrent, so that
/// not a byte of it may change, even where a client has written it otherwise than
/// serde_bencode does.
pub fn encode(content: &Content, trackers: &[String]) -> serde_bencode::Result<Vec<u8>> {
    let text = |text: &str| Value::Bytes(text.as_bytes().to_vec());
    // The keys of a dictionary are sorted (BEP 3).
    let mut file = vec![b'd'];
    if let Some(first) = trackers.first() {
        push(&mut file, "announce", &text(first))?;
    }
    if trackers.len() > 1 {
        let tiers = trackers.iter().map(|url| Value::List(vec![text(url)]));
        push(&mut file, "announce-list", &Value::List(tiers.collect()))?;
    }
    push_raw(&mut file, "info", content.info.bytes())?;
    if content.info.v2_hash().is_some() {
        let layers = content.layers.iter();
        let layers = layers.map(|(root, hashes)| (root.to_vec(), Value::Bytes(hashes.concat())));
        let layers: HashMap<_, _> = layers.collect();
        push(&mut file, "piece layers", &Value::Dict(layers))?;
    }
    file.push(b'e');
    Ok(file)
}

/// Adds an entry of the dictionary.
fn push(file: &mut Vec<u8>, key: &str, value: &Value) -> serde_bencode::Result<()> {
    push_raw(file, key, &serde_bencode::to_bytes(value)?)
}

/// Adds an entry whose value is bencoded already.
fn push_raw(file: &mut Vec<u8>, key: &str, value: &[u8]) -> serde_bencode::Result<()> {
    file.extend(serde_bencode::to_bytes(&key)?);
    file.extend_from_slice(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torrent::testing::{v1, v2};
    use crate::wire::metainfo::{Info, Metainfo};

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
                let file = Metainfo::parse(&encode(&content, &urls[..count]).unwrap()).unwrap();
                assert_eq!(file.info, content.info);
                let trackers: Vec<_> = file.trackers().collect();
                let expected: Vec<_> = urls[..count].iter().map(String::as_bytes).collect();
                assert_eq!(trackers, expected);
                assert_eq!(file.piece_layers, content.layers);
            }
        }
    }

    #[test]
    fn keys_are_sorted_and_the_info_dictionary_is_as_it_was() {
        // Clients have written dictionaries whose keys are not sorted.
        let mut info = b"d4:name1:x6:lengthi5e12:piece lengthi16384e6:pieces20:".to_vec();
        info.extend([7; 20]);
        info.push(b'e');
        let content = Content::from_info(Info::parse(&info).unwrap());
        let urls = ["http://a/".to_owned(), "udp://b:1".to_owned()];
        let expected = [
            b"d8:announce9:http://a/13:announce-listll9:http://a/el9:udp://b:1ee4:info",
            &info[..],
            b"e",
        ];
        assert_eq!(encode(&content, &urls).unwrap(), expected.concat());
    }
}
