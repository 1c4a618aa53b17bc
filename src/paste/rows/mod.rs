//! Rows with an offset before each: `xxd`, `hexdump`, `od`, `tcpdump -X`,
//! Wireshark's hex dump, debuggers and memory views, in frames and below rulers.
//! Offsets say how many bytes a row has, so that a column of characters behind
//! them is not taken for hex; `od` may print each row twice, and leave them out.

mod bare;
mod block;
mod chars;
mod decimal;
mod fields;
mod head;
mod hex;
mod kind;
mod led;
mod next;
mod number;
mod order;
mod partial;
mod radix;
mod ruler;
mod walk;

pub use bare::block as bare;
pub use walk::find;
