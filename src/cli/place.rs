//! A capture and maybe a connection in it, as users name them.

use std::path::PathBuf;

use anyhow::bail;

/// What stands between a file and the number of a connection.
const STREAM: &str = ":stream=";

/// A capture, and maybe a connection in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user calls it.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// Number of the connection.
    pub stream: Option<u64>,
}

impl Place {
    /// A file, and the number of a connection where one stands behind it.
    pub fn parse(argument: &str) -> anyhow::Result<Self> {
        let (file, stream) = match argument.rsplit_once(STREAM) {
            Some((file, stream)) => match stream.parse() {
                Ok(number) => (file, Some(number)),
                Err(_) => bail!(
                    "{argument}: :stream= needs the number of a connection, as `peerscope sessions` gives it"
                ),
            },
            None => (argument, None),
        };
        Ok(Self {
            name: file.to_owned(),
            file: file.into(),
            stream,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_chosen_behind_the_file() {
        let place = Place::parse("a:b.pcap:stream=12").unwrap();
        assert_eq!(place.file.to_str(), Some("a:b.pcap"));
        assert_eq!(place.stream, Some(12));
        assert_eq!(Place::parse("a.pcap").unwrap().stream, None);
        for bad in ["a.pcap:stream=", "a.pcap:stream=x", "a.pcap:stream=-1"] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }
}
