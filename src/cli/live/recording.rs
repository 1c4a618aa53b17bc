//! What is recorded, within reach of two threads: the run, and whoever ends it
//! when it hangs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::capture::{CaptureError, Packet, Recorder};
use crate::wire::mse::{SECRETS_TYPE, StateLine};

/// The recorder of a run, if it has one.
#[derive(Clone, Default)]
pub struct Recording(Arc<Mutex<Option<Recorder>>>);

impl Recording {
    /// Records with `recorder` from now on.
    pub fn set(&self, recorder: Option<Recorder>) {
        *self.lock() = recorder;
    }

    /// The recorder, for as long as the guard is kept.
    pub fn lock(&self) -> MutexGuard<'_, Option<Recorder>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a packet.
    pub fn packet(&self, packet: &Packet<'_>) -> Result<(), CaptureError> {
        match &mut *self.lock() {
            Some(recorder) => recorder.packet(packet),
            None => Ok(()),
        }
    }

    /// Records states of RC4, so that the recording can be decrypted by itself.
    /// Gives the number of files that are full.
    pub fn states(&self, states: &[StateLine]) -> Result<u64, CaptureError> {
        let Some(recorder) = &mut *self.lock() else {
            return Ok(0);
        };
        if !states.is_empty() {
            let lines: Vec<String> = states.iter().map(StateLine::to_string).collect();
            recorder.secrets(SECRETS_TYPE, lines.join("\n").as_bytes())?;
        }
        Ok(recorder.full_files())
    }

    /// Writes what was gathered.
    pub fn flush(&self) -> Result<(), CaptureError> {
        match &mut *self.lock() {
            Some(recorder) => recorder.flush(),
            None => Ok(()),
        }
    }

    /// Writes what was gathered before the process is ended from outside, unless
    /// writing is what it hangs at.
    pub fn rescue(&self) {
        if let Ok(mut recorder) = self.0.try_lock()
            && let Some(recorder) = &mut *recorder
        {
            // There is nobody left to tell.
            let _ = recorder.flush();
        }
    }
}
