//! Vectors, and the two machines against each other.

use super::{Encryption, Link, Secrets};
use crate::active::machine::Close;

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    bytes(text).try_into().unwrap()
}

fn secrets(exponent: [u8; 20], pad: usize) -> Secrets {
    Secrets {
        exponent,
        pad: vec![0x5a; pad],
    }
}

/// Vector A: both sides made up, no padding.
const A_SKEY: &str = "5d533b039577ed667b5dd6406ce54565f01bf7d7";
const A_YA: &str = "\
96e112dab29e8c5272accb9b17b26887ce54a144a4e3b697c7d159b7a817e556b0918db2b4c658e02a87f7e5\
fb14b18a553e084cbf3dad2d30f16596ccb982d406258c61b30c5c1dae2ddc60bdbd48d79896312aad63238c\
39e1a633821eb693";
const A_YB: &str = "\
6f72c10f7c5cb043a9f36fa7089d06b8e6dfac4e4a1aa6b0132d7ab064b33c595079f97e083b5d2dd56908c6\
35c06cfd18da020eaf0da28bb27f7a2feb2cdd93260c139a59bf00aa7fffb754d3ffd63f2c4e911b84b8dc08\
0e0e198f2cb9f510";
const A_S: &str = "\
647917bf1d8fa2dd2287ca80f6f3c81d3b2b46731e2cd43a15c49e6c912c1dd3daf8a43b3b12057c27bb91eb\
df21d771d001ea17e04705a62d6732246dbd9cf7e0f79cb490e75962697d487eec5ca71bfa112a3323445eb2\
e25a7f472854e83d";
const A_NEGOTIATION: &str = "\
90896606dafbb8f455a81bebcc266214333441a12a34f499539a126f729135c373ef7c7472f1c8d7d971b626\
0fddaf5faa3564abf600e4659bd74b6f4ed562827595957977eeed547b693972603ba391f86d111f1198827f\
121caebb24e225b0aeb7ce7aa768bb2b5993c794e628ace0db02aaec61f08d8bd74455d2";
const A_INITIAL: &str = "\
13426974546f7272656e742070726f746f636f6c00000000001000055d533b039577ed667b5dd6406ce54565\
f01bf7d72d5353303030312d414141414141414141414141";
const A_ANSWER: &str = "\
d4cc390eb9ea56ef5c2b1e04307c";
const A_AFTER: &str = "\
40941e831dccc28fe3501747e3a5eb8575e6912726b821d49c1e927cb7a7a9e7ff6fb53f1934347d2687c8d8\
457d4792f325686ddddd8404604b1bf5a06ed316f3affd7c6dbc247b6b";
const A_INTERESTED: &str = "a727556bda";

/// Vector B: a dialler from the wild; the exponent is ours.
const B_SKEY: &str = "\
2c6b6858d61da9543d4231a71db4b1c9264b0685";
const B_EXPONENT: &str = "\
d0460a0b00564380e0f645f7739c718d5b410cac";
const B_YA: &str = "\
b2f93248815c0acac34de1e33ede75e9415bb2847ee6f7db7b9fe6eacb44eeee492d9d74909d7d3663fae04d\
74a889e7efcb02ac9823c35c841c7c2bcce70a891958bdc328b7324c7be4a3ac55276b0dca05f9f66dc28187\
16ffb1f33d27b9c9";
const B_REST: &str = "\
20202020202020202020a76be23201678c457cee31362455ec69766b34d2b9316ebb4e8d5355b244f89fd35f\
0961e546c2b4cfb2d10fbb7579966ce3b4c1952da2f9104ae5a49f775ebcfe79ae84210114640f83e2329a57\
fb68f4d562d38ff55b50363c7820f88f69b9a73f8bd06c14f7237507a856d53bde53426d30d081389eca30d6\
9b0a";
const B_S: &str = "\
218f45c4e425dc91b8a74df5fe4f778417892363bb2dfdb3979165247839293d75ee32ada87153f15855fb45\
12c629191bb40be2935c3759cb601d1b4cb555db457c3c391b053846466ddf8715042d3ae620f33900803a71\
26a2a031596b6da5";
const B_INITIAL: &str = "\
13426974546f7272656e742070726f746f636f6c00000000001000052c6b6858d61da9543d4231a71db4b1c9\
264b06852d54523330305a2d77346264346d6b65626b6269";

/// Vector C: qBittorrent 4.2.5 answers; torrent and exponent as in B.
const C_YB: &str = "\
49f828abf9eb41f0f82308ab7e4fae84e99030e0bf4302bfbd888e69cb75345f53a565e6b3772f94a10ac6cd\
155269e6cad461f5b8782dcb356ecc250ba474e57ac91b32e166a02a70b514011d554cb039a0a4a3475d37f3\
315b86773bd63aa5";
const C_REST: &str = "\
a5a677b2d790a13139f1d3642dfbcf25d19f4e58b51426b515cbe3a821a4cc48a0c31553a3ba3d32f8889c13\
466737ad5ed3f47f83e00f44ae6d7a0c3448b67736bf3ecb80e5efbb19c9cd78d4f47dc6f0e3d1d6b5780bdf\
06f5f2c837a6e2f523aa22d4342115f0a0d710c3c23d8010a036732ef332384b4933f89fd28d1437cf125adb\
75923443f1436f5255c87ccd18b27261280e9f27bff881e2bbf96a366a271f68b14ec86e481096d383d39061\
b0c715aa15cc3d316340f1f89d25a2a33e0b3acf8fc52979721c6c3ee926b4f75cf1026c5435d9c098e4b5b9\
472995231f133f46a31a24f1a2ed4bec36c60f9e1262057fe2a15b69f46c5a9f403be60325ca2e15dfe38953\
7eaf7968c6f7d3d00f47f43440311d2b64aa50a57675640840b80397187148bedc3cc1de9d3f26debb9f8ba1\
1d92f74fc8a701d62236cd6f2a5066e03d867e097c53163cff531bf135d65a01e3e324acfdb653bd9ece32f9\
8a977be001043f4feef301a3d6dda45e1343f4e35f6ac03ea58db9cbc18cd3833407bfb4c4a9ac1cfeed9edc\
102c01990131fcdeb3b16923b7fa8fd1762290240b06c4c214d3cb1c05ce553a6ac09a3798acb369167a5756\
e6af1f989fef8f74ccc0aedc31271bd8696d86e25fde53f8451c45b33aa520afaf74f0ab54";
const C_S: &str = "\
43599f3c691d4d3db83be6400e4ae30913fda91010af44a64e73eb9bcd8c4fee5b6f7263f13b09397052a395\
858029082df1d874d985e48de6c9d14bcee5c03ff84f8808447b40ebe55fcb3a4a1bca419b2e7463f0d0728f\
b4a17bcaf03f33bd";
const C_HANDSHAKE: &str = "\
13426974546f7272656e742070726f746f636f6c00000000001800052c6b6858d61da9543d4231a71db4b1c9\
264b06852d7142343235302d7363797344495f4a75564e33";

#[test]
fn vector_a_as_initiator() {
    let exponent = std::array::from_fn(|at| at as u8 + 1);
    let mut link = Link::dial(array(A_SKEY), Encryption::Prefer, &secrets(exponent, 0));
    assert_eq!(hex::encode(link.output()), A_YA);
    link.advance(96);
    assert_eq!(link.take(&bytes(A_INITIAL)), 68);
    assert_eq!(link.take(b"later"), 0);
    assert!(link.receive(&mut bytes(A_YB)).is_none());
    assert_eq!(hex::encode(link.output()), A_NEGOTIATION);
    assert_eq!(
        link.take_keys().map(|keys| keys.to_string()),
        Some(format!("MSE {A_YA} {A_S} {A_SKEY}"))
    );
    let mut answer = bytes(A_ANSWER);
    answer.extend(bytes(A_AFTER));
    let plain = link.receive(&mut answer).unwrap().to_vec();
    assert_eq!(plain.len(), 73);
    assert_eq!(plain[..20], *crate::wire::peer::PREFIX);
    assert_eq!(plain[68..], [0, 0, 0, 1, 0x0e]);
    link.advance(link.output().len());
    assert_eq!(link.take(&[0, 0, 0, 1, 2]), 5);
    assert_eq!(hex::encode(link.output()), A_INTERESTED);
    assert!(!link.is_negotiating());
}

#[test]
fn vector_a_as_acceptor() {
    let exponent = std::array::from_fn(|at| at as u8 + 0xa1);
    let hashes = vec![[1; 20], array(A_SKEY)];
    let mut link = Link::accept(hashes, Encryption::Prefer, secrets(exponent, 0));
    assert!(link.receive(&mut bytes(A_YA)).is_none());
    assert_eq!(hex::encode(link.output()), A_YB);
    link.advance(96);
    let mut negotiation = bytes(A_NEGOTIATION);
    let plain = link.receive(&mut negotiation).unwrap();
    assert_eq!(hex::encode(plain), A_INITIAL);
    assert_eq!(hex::encode(link.output()), A_ANSWER);
    assert_eq!(
        link.take_keys().map(|keys| keys.to_string()),
        Some(format!("MSE {A_YA} {A_S} {A_SKEY}"))
    );
}

#[test]
fn vector_b() {
    let secrets = secrets(array(B_EXPONENT), 0);
    let mut link = Link::accept(vec![array(B_SKEY)], Encryption::Require, secrets);
    let mut input = bytes(B_YA);
    input.extend(bytes(B_REST));
    let plain = link.receive(&mut input).unwrap();
    assert_eq!(hex::encode(plain), B_INITIAL);
    assert_eq!(
        link.take_keys().map(|keys| keys.to_string()),
        Some(format!("MSE {B_YA} {B_S} {B_SKEY}"))
    );
}

#[test]
fn vector_c() {
    let mut link = Link::dial(
        array(B_SKEY),
        Encryption::Require,
        &secrets(array(B_EXPONENT), 0),
    );
    let mut input = bytes(C_YB);
    input.extend(bytes(C_REST));
    let plain = link.receive(&mut input).unwrap();
    assert!(hex::encode(plain).starts_with(C_HANDSHAKE));
    let keys = link.take_keys().unwrap();
    assert!(keys.to_string().contains(C_S));
}

/// Carries bytes between two links, `step` at a time, until both are through.
fn connect(a: &mut Link, b: &mut Link, step: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut at_a, mut at_b) = (Vec::new(), Vec::new());
    for _ in 0..100_000 {
        if a.is_idle() && b.is_idle() {
            break;
        }
        carry(a, b, step, &mut at_b);
        carry(b, a, step, &mut at_a);
    }
    (at_a, at_b)
}

fn carry(from: &mut Link, to: &mut Link, step: usize, got: &mut Vec<u8>) {
    let output = from.output();
    let mut bytes = output[..output.len().min(step)].to_vec();
    from.advance(bytes.len());
    got.extend_from_slice(to.receive(&mut bytes).unwrap_or_default());
}

fn pair(dialler: Encryption, acceptor: Encryption, pad: usize) -> (Link, Link) {
    let mut a = Link::dial([7; 20], dialler, &secrets([3; 20], pad));
    let hashes = vec![[1; 20], [7; 20]];
    let b = Link::accept(hashes, acceptor, secrets([5; 20], pad));
    assert_eq!(a.take(b"hello"), 5);
    (a, b)
}

#[test]
fn two_links_agree_whatever_the_padding_and_the_portions() {
    for (pad, step) in [(0, 1), (512, 1), (512, 1000), (77, 13), (0, 100_000)] {
        for dialler in [Encryption::Prefer, Encryption::Require] {
            let (mut a, mut b) = pair(dialler, Encryption::Prefer, pad);
            let (_, at_b) = connect(&mut a, &mut b, step);
            assert_eq!(at_b, b"hello");
            assert!(!a.is_negotiating() && !b.is_negotiating());
            assert_eq!(a.take(b"question"), 8);
            assert_eq!(b.take(b"answer"), 6);
            assert_ne!(a.output(), b"question", "RC4 is preferred");
            let (at_a, at_b) = connect(&mut a, &mut b, step);
            assert_eq!((&at_a[..], &at_b[..]), (&b"answer"[..], &b"question"[..]));
        }
    }
}

#[test]
fn policies() {
    let (mut a, mut b) = pair(Encryption::Off, Encryption::Require, 0);
    a.advance(5);
    b.receive(&mut crate::wire::peer::PREFIX.to_vec());
    assert!(matches!(b.failure(), Some(Close::Encryption(_))));

    let (mut a, mut b) = pair(Encryption::Prefer, Encryption::Off, 0);
    carry(&mut a, &mut b, 1000, &mut Vec::new());
    assert!(b.failure().is_some());

    let mut plain = Link::accept(vec![], Encryption::Prefer, secrets([5; 20], 0));
    assert!(plain.receive(&mut b"\x13BitTorrent".to_vec()).is_none());
    let mut rest = b" protocol and on".to_vec();
    let rest = plain.receive(&mut rest);
    assert_eq!(rest, Some(&b"\x13BitTorrent protocol and on"[..]));
    assert!(plain.receive(&mut b"x".to_vec()).is_some() && plain.is_transparent());
}

#[test]
fn what_is_no_handshake_fails() {
    let (mut a, mut b) = pair(Encryption::Require, Encryption::Require, 0);
    b.receive(&mut [0x55; 96]);
    b.receive(&mut [0x55; 600]);
    assert!(matches!(b.failure(), Some(Close::Encryption(_))));
    a.receive(&mut [0x55; 96]);
    a.receive(&mut [0x55; 600]);
    assert!(matches!(a.failure(), Some(Close::Encryption(_))));

    let mut degenerate = [0; 96];
    degenerate[95] = 1;
    let (mut a, _) = pair(Encryption::Require, Encryption::Require, 0);
    a.receive(&mut degenerate);
    assert!(matches!(a.failure(), Some(Close::Encryption(_))));

    let mut other = Link::accept(vec![[9; 20]], Encryption::Prefer, secrets([5; 20], 0));
    let (mut a, _) = pair(Encryption::Prefer, Encryption::Prefer, 0);
    connect(&mut a, &mut other, 1000);
    assert_eq!(other.failure(), Some(Close::OtherTorrent));
}
