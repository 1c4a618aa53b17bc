//! Messages in words: `request index=4 begin=0 length=16384`.
//!
//! A message is its name, as JSON has it, and its fields as `key=value`, named
//! and written as JSON has them too. [`encode`] makes bytes of words, for test
//! vectors; the functions that begin with `of_` make words of a message, such
//! that [`encode`] gives back the same bytes.
//!
//! | value | for |
//! |---|---|
//! | `16384`, `-1` | integers |
//! | `294150cb…` (hex digits) | hashes, ids, raw bytes |
//! | `"text \x13"` | any string; the escapes are `\xNN`, `\"`, `\\`, `\n`, `\r`, `\t` |
//! | `0x1342` | any string |
//! | `1.2.3.4:6881`, `[::1]:6881`, `1.2.3.4` | addresses |
//! | `[a, b]` | lists |
//! | `{key=value, "a key"=value}` | dictionaries |
//!
//! ```
//! use peerscope::notation;
//!
//! let request = notation::encode("request index=4 begin=0 length=16384", &|_| None).unwrap();
//! assert_eq!(request.bytes[..5], [0, 0, 0, 13, 6]);
//! ```

mod arguments;
mod bencoded;
mod decode;
mod dht;
mod encode;
mod encoded;
mod extended;
mod extension_names;
mod fault;
mod http_tracker;
mod lexer;
mod lsd;
mod peer;
mod similar;
mod spelling;
#[cfg(test)]
mod tests;
mod udp_tracker;
mod utp;
mod value;
mod write;

pub use decode::{of_bencode, of_block, of_bytes, of_message};
pub use encode::encode;
pub use encoded::{Encoded, Ids, Protocol};
pub use fault::TextError;
pub use similar::is_made;
pub use spelling::is_near;
