//! Items stored in the DHT (BEP 44).

/// An item, by where it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredItem {
    /// Whether it is mutable: signed by a key.
    pub is_mutable: bool,
    /// Messages that put it, and that brought it.
    pub puts: u64,
    /// See `puts`.
    pub gets: u64,
    /// Of these, those that are right: signed by the key, or stored under the hash of
    /// the value. One that was salted, and whose salt no `put` of the capture tells,
    /// cannot be verified: it is neither right nor wrong.
    pub right: u64,
    /// Those that are wrong.
    pub wrong: u64,
    /// The highest sequence number.
    pub sequence: Option<i64>,
    /// Its latest salt.
    pub salt: Vec<u8>,
}
