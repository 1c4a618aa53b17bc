//! File descriptors: how it shows that there are no more.

use std::io;

/// Whether it says that this process, or the system, has too many files open.
pub(super) fn is_out_of_descriptors(error: &io::Error) -> bool {
    // ENFILE and EMFILE; WSAEMFILE.
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}
