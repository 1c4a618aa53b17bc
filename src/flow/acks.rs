//! What the other side acknowledged before a direction showed any payload.

/// Acknowledgements of a direction that has shown no payload yet. As an ACK can
/// stand before the data that it answers, one that is a few packets old tells
/// best what precedes the payload to come.
///
/// Numbers are compared modulo 2^32; a uTP number goes in shifted by 16 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct EarlyAcks {
    latest: u32,
    /// The latest one 16 to 32 packets ago, or the lowest so far.
    earlier: u32,
    next_earlier: u32,
    count: u8,
}

impl EarlyAcks {
    pub fn new(ack: u32) -> Self {
        Self {
            latest: ack,
            earlier: ack,
            next_earlier: ack,
            count: 0,
        }
    }

    /// The latest number.
    pub fn latest(self) -> u32 {
        self.latest
    }

    /// A number that precedes whatever payload is captured from now on.
    pub fn earlier(self) -> u32 {
        self.earlier
    }

    pub fn note(&mut self, ack: u32) {
        if ack.wrapping_sub(self.latest).cast_signed() > 0 {
            self.latest = ack;
        }
        // Behind the first one: the packets were not captured in their order.
        if ack.wrapping_sub(self.earlier).cast_signed() < 0 {
            self.earlier = ack;
        }
        self.count += 1;
        if self.count == 16 {
            self.count = 0;
            self.earlier = self.next_earlier;
            self.next_earlier = self.latest;
        }
    }
}
