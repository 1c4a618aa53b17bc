//! What a piece is asked for in.

/// The size of blocks that all clients request, in bytes.
pub const BLOCK: u32 = 16 << 10;
