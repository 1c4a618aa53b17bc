//! What the handshakes have settled: the extensions of both sides, and what the peer
//! says of itself.

use std::net::IpAddr;

use super::requests::{DEFAULT_REQQ, LOCAL_REQQ, MAX_REQQ};
use crate::wire::extension::{
    ExtendedHandshake, ExtendedId, Extension, ExtensionMap, ExtensionName,
};
use crate::wire::peer::Handshake;

/// The name of a client is cut to this.
const MAX_CLIENT_NAME_BYTES: usize = 64;

/// Our name in the extended handshake.
const OWN_CLIENT_NAME: &str = concat!("peerscope ", env!("CARGO_PKG_VERSION"));

/// What a peer says of itself in the extended handshake (BEP 10). What a later one leaves
/// out stays as it was.
#[derive(Debug, Default)]
struct PeerInfo {
    client: Option<String>,
    metadata_size: Option<u64>,
    reqq: Option<usize>,
}

impl PeerInfo {
    fn update(&mut self, handshake: &ExtendedHandshake<'_>) {
        if let Some(reqq) = handshake.reqq {
            let reqq = usize::try_from(reqq).ok().filter(|reqq| *reqq > 0);
            self.reqq = reqq.map(|reqq| reqq.min(MAX_REQQ));
        }
        if let Some(v) = handshake.v {
            let v = String::from_utf8_lossy(&v[..v.len().min(MAX_CLIENT_NAME_BYTES)]);
            self.client = Some(v.into_owned());
        }
        if let Some(size) = handshake.metadata_size {
            self.metadata_size = u64::try_from(size).ok().filter(|size| *size > 0);
        }
    }
}

/// The negotiated side of a connection.
#[derive(Debug)]
pub(super) struct Negotiation {
    /// The handshake of the peer.
    handshake: Option<Handshake>,
    /// Ids of extended messages to the peer.
    peer_extensions: ExtensionMap,
    /// Ids of extended messages to us.
    own_extensions: ExtensionMap,
    has_extended_handshake: bool,
    info: PeerInfo,
}

/// The ids that we announce for extended messages to us.
fn own_ids() -> Vec<(&'static [u8], i64)> {
    vec![(b"lt_donthave", 7), (b"ut_metadata", 2)]
}

impl Negotiation {
    pub(super) fn new() -> Self {
        let mut own_extensions = ExtensionMap::new();
        own_extensions.update(&ExtendedHandshake {
            m: own_ids(),
            ..ExtendedHandshake::default()
        });
        Self {
            handshake: None,
            peer_extensions: ExtensionMap::new(),
            own_extensions,
            has_extended_handshake: false,
            info: PeerInfo::default(),
        }
    }

    /// The handshake of the peer, once it has come.
    pub(super) fn handshake(&self) -> Option<&Handshake> {
        self.handshake.as_ref()
    }

    /// The peer's handshake has come.
    pub(super) fn take_handshake(&mut self, handshake: Handshake) {
        self.handshake = Some(handshake);
    }

    /// The peer's extended handshake has come.
    pub(super) fn take_extended_handshake(&mut self, handshake: &ExtendedHandshake<'_>) {
        self.peer_extensions.update(handshake);
        self.has_extended_handshake = true;
        self.info.update(handshake);
    }

    /// Whether both sides speak the Fast extension (BEP 6).
    pub(super) fn is_fast(&self) -> bool {
        let handshake = self.handshake.as_ref();
        handshake.is_some_and(|handshake| handshake.reserved.fast())
    }

    /// Whether both sides speak the extension protocol (BEP 10).
    pub(super) fn has_extension_protocol(&self) -> bool {
        let handshake = self.handshake.as_ref();
        handshake.is_some_and(|handshake| handshake.reserved.extension())
    }

    /// Ids of extended messages to us.
    pub(super) fn own_extensions(&self) -> &ExtensionMap {
        &self.own_extensions
    }

    /// The id of ut_metadata messages to the peer (BEP 9).
    pub(super) fn metadata_id(&self) -> Option<ExtendedId> {
        let name = ExtensionName::from(Extension::UtMetadata);
        self.peer_extensions.id(&name)
    }

    /// Bytes of the info dictionary that the peer offers (BEP 9).
    pub(super) fn metadata_size(&self) -> Option<u64> {
        self.metadata_id().and(self.info.metadata_size)
    }

    /// Why the peer cannot send the info dictionary, as far as it has said.
    pub(super) fn metadata_obstacle(&self) -> Option<&'static str> {
        self.handshake.as_ref()?;
        if !self.has_extension_protocol() {
            Some("it does not speak the extension protocol (BEP 10)")
        } else if self.has_extended_handshake && self.metadata_id().is_none() {
            Some("it does not offer ut_metadata (BEP 9)")
        } else {
            None
        }
    }

    /// The name of the peer's client.
    pub(super) fn client(&self) -> Option<&str> {
        self.info.client.as_deref()
    }

    /// The most outstanding requests that the peer accepts.
    pub(super) fn reqq(&self) -> usize {
        self.info.reqq.unwrap_or(DEFAULT_REQQ)
    }
}

/// The extended handshake that we send.
pub(super) fn own_extended_handshake(
    port: Option<u16>,
    metadata_size: Option<u64>,
    yourip: IpAddr,
) -> ExtendedHandshake<'static> {
    ExtendedHandshake {
        m: own_ids(),
        p: port.map(i64::from),
        v: Some(OWN_CLIENT_NAME.as_bytes()),
        yourip: Some(yourip),
        reqq: i64::try_from(LOCAL_REQQ).ok(),
        metadata_size: metadata_size.and_then(|size| i64::try_from(size).ok()),
        ..ExtendedHandshake::default()
    }
}
