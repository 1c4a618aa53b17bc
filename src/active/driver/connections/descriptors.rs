//! File descriptors: how it shows that there are no more.

use std::io;

/// Whether an error says that this process, or the system, has too many open files.
pub(super) fn is_out_of_descriptors(error: &io::Error) -> bool {
    // ENFILE and EMFILE; WSAEMFILE.
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}
