//! Exchanges of which everything is known, for tests of several modules.

use super::{KeyLine, PUBLIC_KEY};

/// One exchange, in hexadecimal.
pub struct Exchange {
    pub ya: &'static str,
    pub yb: &'static str,
    pub secret: &'static str,
    pub skey: &'static str,
    /// All that the initiator sends after Ya.
    pub from_a: &'static str,
    /// All that the acceptor sends after Yb.
    pub from_b: &'static str,
}

impl Exchange {
    pub fn secret(&self) -> [u8; PUBLIC_KEY] {
        array(self.secret)
    }

    pub fn skey(&self) -> [u8; 20] {
        array(self.skey)
    }

    pub fn key_line(&self) -> KeyLine {
        KeyLine {
            public_key: array(self.ya),
            secret: self.secret(),
            skey: self.skey(),
        }
    }

    /// What the initiator sends.
    pub fn stream_a(&self) -> Vec<u8> {
        [bytes(self.ya), bytes(self.from_a)].concat()
    }

    /// What the acceptor sends.
    pub fn stream_b(&self) -> Vec<u8> {
        [bytes(self.yb), bytes(self.from_b)].concat()
    }
}

pub fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hexadecimal")
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    bytes(text).try_into().expect("of that length")
}

/// Made up, both sides; no padding. RC4, then have_all and interested.
pub const A: Exchange = Exchange {
    ya: "96e112dab29e8c5272accb9b17b26887ce54a144a4e3b697c7d159b7a817e556b0918db2b4c658e02a87f7e5fb14b18a\
553e084cbf3dad2d30f16596ccb982d406258c61b30c5c1dae2ddc60bdbd48d79896312aad63238c39e1a633821eb693",
    yb: "6f72c10f7c5cb043a9f36fa7089d06b8e6dfac4e4a1aa6b0132d7ab064b33c595079f97e083b5d2dd56908c635c06cfd\
18da020eaf0da28bb27f7a2feb2cdd93260c139a59bf00aa7fffb754d3ffd63f2c4e911b84b8dc080e0e198f2cb9f510",
    secret: "647917bf1d8fa2dd2287ca80f6f3c81d3b2b46731e2cd43a15c49e6c912c1dd3daf8a43b3b12057c27bb91ebdf21d771\
d001ea17e04705a62d6732246dbd9cf7e0f79cb490e75962697d487eec5ca71bfa112a3323445eb2e25a7f472854e83d",
    skey: "5d533b039577ed667b5dd6406ce54565f01bf7d7",
    from_a: "90896606dafbb8f455a81bebcc266214333441a12a34f499539a126f729135c373ef7c7472f1c8d7\
d971b6260fddaf5faa3564abf600e465\
9bd74b6f4ed562827595957977eeed547b693972603ba391f86d111f1198827f121caebb24e225b0aeb7ce7aa768bb2b\
5993c794e628ace0db02aaec61f08d8bd74455d2a727556bda",
    from_b: "d4cc390eb9ea56ef5c2b1e04307c\
40941e831dccc28fe3501747e3a5eb8575e6912726b821d49c1e927cb7a7a9e7ff6fb53f1934347d2687c8d8457d4792\
f325686ddddd8404604b1bf5a06ed316f3affd7c6dbc247b6b",
};

/// From the wild, of an incoming connection: ten bytes of PadA. The acceptor's
/// stream ends with its public key, which is the same as the initiator's (the
/// recording used one exponent for both).
pub const B: Exchange = Exchange {
    ya: WILD,
    yb: WILD,
    secret: "218f45c4e425dc91b8a74df5fe4f778417892363bb2dfdb3979165247839293d75ee32ada87153f15855fb4512c62919\
1bb40be2935c3759cb601d1b4cb555db457c3c391b053846466ddf8715042d3ae620f33900803a7126a2a031596b6da5",
    skey: "2c6b6858d61da9543d4231a71db4b1c9264b0685",
    from_a: "20202020202020202020a76be23201678c457cee31362455ec69766b34d2b9316ebb4e8d5355b244f89fd35f0961e546\
c2b4cfb2d10fbb7579966ce3b4c1952da2f9104ae5a49f775ebcfe79ae84210114640f83e2329a57fb68f4d562d38ff5\
5b50363c7820f88f69b9a73f8bd06c14f7237507a856d53bde53426d30d081389eca30d69b0a",
    from_b: "",
};

/// From the wild, of an outgoing connection: qBittorrent answers with PadB and
/// PadD. The initiator's stream ends with its public key.
pub const C: Exchange = Exchange {
    ya: WILD,
    yb: "49f828abf9eb41f0f82308ab7e4fae84e99030e0bf4302bfbd888e69cb75345f53a565e6b3772f94a10ac6cd155269e6\
cad461f5b8782dcb356ecc250ba474e57ac91b32e166a02a70b514011d554cb039a0a4a3475d37f3315b86773bd63aa5",
    secret: "43599f3c691d4d3db83be6400e4ae30913fda91010af44a64e73eb9bcd8c4fee5b6f7263f13b09397052a39585802908\
2df1d874d985e48de6c9d14bcee5c03ff84f8808447b40ebe55fcb3a4a1bca419b2e7463f0d0728fb4a17bcaf03f33bd",
    skey: "2c6b6858d61da9543d4231a71db4b1c9264b0685",
    from_a: "",
    from_b: "a5a677b2d790a13139f1d3642dfbcf25d19f4e58b51426b515cbe3a821a4cc48a0c31553a3ba3d32f8889c13466737ad\
5ed3f47f83e00f44ae6d7a0c3448b67736bf3ecb80e5efbb19c9cd78d4f47dc6f0e3d1d6b5780bdf06f5f2c837a6e2f5\
23aa22d4342115f0a0d710c3c23d8010a036732ef332384b4933f89fd28d1437cf125adb75923443f1436f5255c87ccd\
18b27261280e9f27bff881e2bbf96a366a271f68b14ec86e481096d383d39061b0c715aa15cc3d316340f1f89d25a2a3\
3e0b3acf8fc52979721c6c3ee926b4f75cf1026c5435d9c098e4b5b9472995231f133f46a31a24f1a2ed4bec36c60f9e\
1262057fe2a15b69f46c5a9f403be60325ca2e15dfe389537eaf7968c6f7d3d00f47f43440311d2b64aa50a57675640840b80397187148bedc3cc1de9d3f26debb9f8ba11d92f74fc8a701d62236cd6f\
2a5066e03d867e097c53163cff531bf135d65a01e3e324acfdb653bd9ece32f98a977be001043f4feef301a3d6dda45e\
1343f4e35f6ac03ea58db9cbc18cd3833407bfb4c4a9ac1cfeed9edc102c01990131fcdeb3b16923b7fa8fd1762290240b06c4c214d3cb1c05ce553a6ac09a3798acb369167a5756e6af1f989fef8f74\
ccc0aedc31271bd8696d86e25fde53f8451c45b33aa520afaf74f0ab54",
};

const WILD: &str = "b2f93248815c0acac34de1e33ede75e9415bb2847ee6f7db7b9fe6eacb44eeee492d9d74909d7d3663fae04d74a889e7\
efcb02ac9823c35c841c7c2bcce70a891958bdc328b7324c7be4a3ac55276b0dca05f9f66dc2818716ffb1f33d27b9c9";
