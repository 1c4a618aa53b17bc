//! What is to be said when the screen is given back.

use crate::cli::trouble;
use crate::pipeline::Learned;
use crate::tui::spool::Spool;

/// Notes what of the capture was not kept, if anything.
pub(super) fn note_learned(spool: &Spool, learned: &Learned) {
    for line in trouble::not_kept(learned) {
        spool.note(line);
    }
}
