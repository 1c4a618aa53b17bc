//! Opens a file that is written.

#[cfg(not(all(unix, any(feature = "live", feature = "active", feature = "keys"))))]
use std::fs::File;
use std::io;
use std::path::Path;

use super::output_file::{Existing, OutputFile};
#[cfg(all(unix, any(feature = "live", feature = "active", feature = "keys")))]
use super::unix;

/// Opens the file at `path` for writing. One that is made is readable by its owner
/// alone, and so is from then on a regular file of ours that was there.
pub fn create(path: &Path, existing: Existing) -> io::Result<OutputFile> {
    #[cfg(all(unix, any(feature = "live", feature = "active", feature = "keys")))]
    return unix::create(unix::Writer::of_process(), path, existing);
    #[cfg(not(all(unix, any(feature = "live", feature = "active", feature = "keys"))))]
    plain(path, existing)
}

#[cfg(not(all(unix, any(feature = "live", feature = "active", feature = "keys"))))]
fn plain(path: &Path, existing: Existing) -> io::Result<OutputFile> {
    let mut options = File::options();
    match existing {
        Existing::Replace => options.write(true).create(true).truncate(true),
        Existing::Append => options.append(true).create(true),
        Existing::Refuse => options.write(true).create_new(true),
    };
    let is_new = existing == Existing::Refuse;
    let file = options.open(path)?;
    Ok(OutputFile { file, is_new })
}
