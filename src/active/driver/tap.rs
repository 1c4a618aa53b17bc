//! The recording of a session, and its key log.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::config::Config;
use super::error::SessionError;
use crate::active::recorder::Recorder;
use crate::capture::{Existing, OutputFile, create};
use crate::wire::mse::KeyLine;

/// The files that a session writes beside its data.
#[derive(Debug, Default)]
pub(super) struct Tap {
    pub(super) recorder: Option<Recorder>,
    keylog: Option<File>,
    /// Why the key log ended before the session.
    keylog_error: Option<SessionError>,
    /// The paths of the recording and of the key log.
    paths: [PathBuf; 2],
}

impl Tap {
    /// Opens them.
    pub(super) fn open(config: &Config) -> Result<Self, SessionError> {
        let recorder = config.record.as_deref();
        let recorder = recorder.map(|path| Recorder::create(path).map_err(|e| failed(path, e)));
        let keylog = config.keylog.as_deref().map(|path| {
            let file = create(path, Existing::Append);
            file.map(OutputFile::into_file)
                .map_err(|error| failed(path, error))
        });
        Ok(Self {
            recorder: recorder.transpose()?,
            keylog: keylog.transpose()?,
            keylog_error: None,
            paths: [&config.record, &config.keylog].map(|path| path.clone().unwrap_or_default()),
        })
    }

    /// Writes the keys of a connection to the key log and to the recording.
    pub(super) fn keys(&mut self, keys: &KeyLine) {
        if let Some(keylog) = &mut self.keylog {
            // The transfer goes on without a key log; the error is reported at its end.
            if let Err(error) = writeln!(keylog, "{keys}") {
                self.keylog_error = Some(failed(&self.paths[1], error));
                self.keylog = None;
            }
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.keys(keys);
        }
    }

    /// Ends the recording; says what went wrong with it or the log on the way.
    pub(super) fn finish(&mut self) -> Result<(), SessionError> {
        let recorded = self.recorder.take().map_or(Ok(()), Recorder::finish);
        recorded.map_err(|error| failed(&self.paths[0], error))?;
        self.keylog_error.take().map_or(Ok(()), Err)
    }
}

fn failed(path: &Path, error: std::io::Error) -> SessionError {
    SessionError::File {
        path: path.to_owned(),
        error,
    }
}
