//! The files of a torrent: reading, writing, and checking what is there.

mod direct;
mod error;
mod files;
mod folder;
mod handles;
mod paths;
mod resume;
#[cfg(test)]
mod tests;

pub use error::StorageError;
pub use files::Storage;
pub use folder::Folder;
pub use handles::Way;
pub use paths::{
    Taken, below as paths_below, clean as safe_name, is_any_too_long, short as short_name,
};
pub use resume::{CheckProgress, check_existing};
