//! Derived facts in JSON.

use serde_json::Value as Json;

use crate::session::facts;
use crate::session::{Fact, FactValue};
use crate::wire::peer::Message;

/// The facts of a message of the peer wire.
pub fn peer_facts(message: &Message<'_>) -> Vec<(&'static str, Json)> {
    json(facts::peer_facts(message))
}

/// Facts as a record has them.
pub fn json(facts: Vec<Fact<'_>>) -> Vec<(&'static str, Json)> {
    let facts = facts.into_iter();
    facts.map(|(name, value)| (name, value_of(value))).collect()
}

fn value_of(value: FactValue<'_>) -> Json {
    match value {
        FactValue::Unknown => Json::Null,
        FactValue::Number(number) => match u64::try_from(number) {
            Ok(number) => number.into(),
            Err(_) => i64::try_from(number).ok().into(),
        },
        FactValue::Text(text) => text.into(),
        FactValue::Names(names) => names.into(),
        FactValue::Addresses(all) => all.iter().map(ToString::to_string).collect(),
    }
}
