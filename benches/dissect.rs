//! One message at a time: what a dissector costs with each sink.

use divan::{Bencher, black_box};
use peerscope::wire::Tree;
use peerscope::wire::peer::{self, Context, Framing};

/// Messages as they are on the wire; of a piece only what stands before its
/// data, as the framer hands it over.
fn message(name: &str) -> (Vec<u8>, usize, Framing) {
    let hex = match name {
        "handshake" => {
            "13426974546f7272656e742070726f746f636f6c0000000000100005294150cb\
             4beb7585d89d5faf447121fee5360d822d4c54313030302d29494a7139317079745f796a"
        }
        "have" => "000000050400000007",
        "request" => "0000000d06000000040000000000004000",
        "piece" => "00004009070000000400000000",
        "extended_handshake" => {
            "00000070140064313a6d6431313a75745f6d65746164617461693365363a75745f70657869\
             31656531333a6d657461646174615f73697a656931343965313a70693638383165343a72657171\
             6935303065313a7631343a737761726d73636f706520302e31363a796f75726970343ac000020765"
        }
        "ut_pex" => {
            "0000002a140164353a6164646564363ac00002011ae1373a61646465642e66313a10373a64726f\
             70706564303a65"
        }
        _ => unreachable!("no such message"),
    };
    let bytes = hex::decode(hex).expect("hex");
    match name {
        "handshake" => (bytes, 68, Framing::Handshake),
        "piece" => (bytes, 16_397, Framing::Messages),
        _ => {
            let length = bytes.len();
            (bytes, length, Framing::Messages)
        }
    }
}

const NAMES: [&str; 6] = [
    "have",
    "request",
    "piece",
    "handshake",
    "extended_handshake",
    "ut_pex",
];

/// The value alone.
#[divan::bench(args = NAMES)]
fn value(bencher: Bencher, name: &str) {
    let (bytes, declared, framing) = message(name);
    let context = Context {
        framing,
        ..Context::default()
    };
    bencher.bench_local(|| {
        let dissected = peer::dissect(black_box(&bytes), declared, &context, &mut ());
        black_box(dissected.problem.is_some())
    });
}

/// With the span and value of every field.
#[divan::bench(args = NAMES)]
fn tree(bencher: Bencher, name: &str) {
    let (bytes, declared, framing) = message(name);
    let context = Context {
        framing,
        ..Context::default()
    };
    let mut tree = Tree::new();
    bencher.bench_local(|| {
        tree.clear();
        let dissected = peer::dissect(black_box(&bytes), declared, &context, &mut tree);
        black_box(dissected.problem.is_some())
    });
}

fn main() {
    divan::main();
}
