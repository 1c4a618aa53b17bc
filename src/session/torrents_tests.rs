use sha1::{Digest, Sha1};

use super::*;
use crate::wire::extension::{METADATA_PIECE, MetadataType};

/// An info dictionary with a name of `length` bytes.
fn dictionary(number: u32, length: usize) -> Vec<u8> {
    let name = format!("{number:08}").repeat(length / 8);
    let pieces = "h".repeat(20);
    format!(
        "d6:lengthi9e4:name{}:{name}12:piece lengthi16384e6:pieces20:{pieces}e",
        name.len()
    )
    .into_bytes()
}

/// Tells of one piece.
fn send(torrents: &mut Torrents, dictionary: &[u8], index: usize) {
    let data = dictionary.chunks(METADATA_PIECE as usize).nth(index);
    let data = data.unwrap();
    let message = UtMetadata {
        msg_type: Some(MetadataType::DATA),
        piece: i64::try_from(index).ok(),
        total_size: i64::try_from(dictionary.len()).ok(),
        data,
        data_length: data.len(),
    };
    torrents.learn(Sha1::digest(dictionary).into(), &message);
}

fn send_all(torrents: &mut Torrents, dictionary: &[u8]) {
    for index in 0..dictionary.len().div_ceil(METADATA_PIECE as usize) {
        send(torrents, dictionary, index);
    }
}

fn knows(torrents: &Torrents, dictionary: &[u8]) -> bool {
    torrents.get(&Sha1::digest(dictionary).into()).is_some()
}

#[test]
fn what_is_known_has_a_common_bound() {
    let mut torrents = Torrents::within(1 << 20);
    let all: Vec<_> = (0..20).map(|number| dictionary(number, 100_000)).collect();
    for dictionary in &all {
        send_all(&mut torrents, dictionary);
    }
    let known = all.iter().filter(|dictionary| knows(&torrents, dictionary));
    assert!((3..10).contains(&known.count()));
    assert!(knows(&torrents, &all[0]), "what is known stays");
    assert!(torrents.left_out().is_some());
}

#[test]
fn the_unfinished_one_that_waits_for_longest_is_given_up() {
    let mut torrents = Torrents::within(1 << 20);
    let stale: Vec<_> = (0..20).map(|number| dictionary(number, 100_000)).collect();
    for dictionary in &stale {
        for index in 0..6 {
            send(&mut torrents, dictionary, index);
        }
    }
    let wanted = dictionary(99, 100_000);
    send_all(&mut torrents, &wanted);
    assert!(knows(&torrents, &wanted));
    // The newest of the others is still there, the oldest is not.
    send(&mut torrents, &stale[19], 6);
    assert!(knows(&torrents, &stale[19]));
    send(&mut torrents, &stale[0], 6);
    assert!(!knows(&torrents, &stale[0]));
}

#[test]
fn what_nobody_needs_any_more_comes_back() {
    let mut torrents = Torrents::within(1 << 20);
    let budget = torrents.budget.clone();
    let one = dictionary(1, 100_000);
    send_all(&mut torrents, &one);
    assert!(budget.left() < (1 << 20) - 100_000);
    let held = torrents.get(&Sha1::digest(&one).into());
    drop(torrents);
    assert!(budget.left() < 1 << 20);
    drop(held);
    assert_eq!(budget.left(), 1 << 20);
}
