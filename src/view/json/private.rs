//! Records in which names stand for what tells of people (`--anonymize`).

use serde_json::Value as Json;

use crate::capture::Timestamp;
use crate::privacy::Aliases;

/// What such records need.
#[derive(Debug, Default)]
pub struct Private {
    /// The names.
    pub aliases: Aliases,
    /// The first packet of the capture: times count from there.
    pub first: Option<Timestamp>,
}

impl Private {
    /// The time as if the capture had begun with 1970.
    pub fn time(&mut self, time: Timestamp) -> Timestamp {
        if time == Timestamp::UNKNOWN {
            return time;
        }
        let first = *self.first.get_or_insert(time);
        Timestamp::from_nanos(time.since(first).into())
    }

    /// What a derived fact says. Numbers and truth values stay, and the names that
    /// are our own; addresses and other texts get names.
    pub fn fact(&mut self, name: &str, value: &Json) -> Json {
        match value {
            Json::String(text) => match name {
                "cause" => value.clone(),
                // A client whose letters nobody knows may have one user.
                "client" if !text.starts_with("unknown client") => value.clone(),
                "client" => Json::Null,
                _ => self.text(text).into(),
            },
            Json::Array(_) if name == "extensions" => value.clone(),
            Json::Array(items) => items.iter().map(|item| self.fact("", item)).collect(),
            Json::Object(_) => Json::Null,
            Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if let Ok(address) = text.parse() {
            return self.aliases.address(address);
        }
        let key = self.aliases.key(text.as_bytes());
        key.unwrap_or_else(|| text.to_owned())
    }
}
