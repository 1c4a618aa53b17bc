//! A message in few words, where something else has said what it is about.

use std::fmt;

use super::document::Document;
use crate::session::Heard;
use crate::wire::client::Client;
use crate::wire::peer::Message;

/// The words of a message; of a handshake without the info-hash, which the
/// connection's introduction has. May hold text of the capture.
pub struct Brief<'a>(pub &'a Heard<'a>);

/// The same, sanitised, in about `most` bytes.
pub fn brief(heard: &Heard<'_>, most: usize) -> String {
    let mut document = Document::new(false);
    document.push_brief(Brief(heard), most);
    document.text().to_owned()
}

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Message::Handshake(handshake)) = self.0.peer_message() else {
            return self.0.fmt(f);
        };
        f.write_str("handshake")?;
        if let Some(client) = Client::from_peer_id(&handshake.peer_id) {
            write!(f, ", {client}")?;
        }
        let names: Vec<_> = handshake.reserved.known().map(|flag| flag.name).collect();
        if names.is_empty() {
            return Ok(());
        }
        write!(f, " [{}]", names.join(", "))
    }
}
