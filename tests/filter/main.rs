//! Filters against a second evaluator: random expressions over the fields of the
//! JSON records of captures, each held against what `peerscope::filter` says of
//! the message that the record is of.
//!
//! * `records`: the records of a capture, and which messages filters let pass,
//! * `oracle`: expressions as this test understands them, over records alone,
//! * `random`: expressions that are made of what the records hold.

mod oracle;
mod random;
mod records;

use peerscope::filter::Filter;
use random::Random;

/// Captures of every protocol.
const CAPTURES: [&str; 15] = [
    "captures/cases/1-session.pcap",
    "captures/cases/2-midstream.pcap",
    "captures/cases/5-utp.pcap",
    "captures/cases/6-http.pcap",
    "captures/cases/7-udptracker.pcap",
    "captures/cases/8-dht.pcap",
    "captures/cases/10-mse.pcap",
    "captures/cases/13-fields.pcap",
    "captures/cases/15-bencint.pcap",
    "captures/cases/16-dht2.pcap",
    "captures/cases/18-choke.pcap",
    "captures/cases/19-violations.pcap",
    "captures/reports/28-hash_request.pcap",
    "captures/reports/20-metadata_size.pcap",
    "captures/lab/a-libtorrent-libtorrent.pcap.gz",
];

/// Expressions for each capture.
const EXPRESSIONS: usize = 200;

#[test]
fn random_expressions_mean_the_same_to_both() {
    for (seed, capture) in CAPTURES.into_iter().enumerate() {
        let expected = records::read(capture);
        assert!(!expected.is_empty(), "{capture}");
        let mut random = Random::new(seed as u64 + 1, &expected);
        let expressions: Vec<_> = (0..EXPRESSIONS).map(|_| random.expression(3)).collect();
        let texts: Vec<String> = expressions.iter().map(|one| random.spell(one)).collect();
        let filters = texts.iter().map(|text| match Filter::parse(text) {
            Ok(filter) => filter,
            Err(fault) => panic!("{capture}: {fault}"),
        });
        let passed = records::filter(capture, filters.collect());
        assert_eq!(passed.len(), expected.len());
        let mut held = 0;
        for (record, passed) in expected.iter().zip(&passed) {
            for ((expression, text), passed) in expressions.iter().zip(&texts).zip(passed) {
                let holds = oracle::holds(expression, record);
                assert_eq!(*passed, holds, "{capture}: {text}\n{}", record.json);
                held += usize::from(holds);
            }
        }
        // Neither all nor nothing.
        let all = expected.len() * EXPRESSIONS;
        assert!(held * 50 > all && held < all, "{capture}: {held} of {all}");
    }
}
