//! What an extraction came to: in words, as JSON, and the files that say what was
//! written (the manifest, and the map of pieces of files in part).

mod json;
mod manifest;
mod text;

pub use json::write_extracted_json;
pub use manifest::{CaptureSum, write_manifest, write_piece_map};
pub use text::{push_extracted, push_raw};
