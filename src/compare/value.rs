//! The values of facts.

/// A value of one session.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// There is none, or it cannot be known.
    Absent,
    /// A text, maybe of the capture.
    Text(String),
    /// Names in order.
    Names(Vec<&'static str>),
    /// A number.
    Count(u64),
    /// A number of bytes.
    Bytes(u64),
    /// A time span in nanoseconds.
    Nanos(i64),
    /// 0 to 1.
    Share(f64),
    /// Piece numbers.
    Pieces(Vec<u32>),
    /// A course over the transfer.
    Series(Vec<f64>),
}

impl Value {
    pub(super) fn is_absent(&self) -> bool {
        *self == Self::Absent
    }

    pub(super) fn text(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Absent, |text| Self::Text(text.into()))
    }

    pub(super) fn count(count: Option<u64>) -> Self {
        count.map_or(Self::Absent, Self::Count)
    }

    pub(super) fn bytes(bytes: Option<u32>) -> Self {
        bytes.map_or(Self::Absent, |bytes| Self::Bytes(bytes.into()))
    }

    pub(super) fn share(share: Option<f64>) -> Self {
        share.map_or(Self::Absent, Self::Share)
    }

    pub(super) fn nanos(nanos: Option<i64>) -> Self {
        nanos.map_or(Self::Absent, Self::Nanos)
    }
}
