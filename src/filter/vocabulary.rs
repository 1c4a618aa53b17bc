//! Facts that have one of a few values: a comparison with any other word is never
//! true, and most often a slip.

use super::fact::Fact;
use super::names;
use super::nearest::{hint, quoted};
use super::syntax::Operator;
use crate::flow::Carrier;
use crate::session::Certainty;
use crate::wire::catalogue::Protocol;

/// Values that are named one by one to help.
const FEW: usize = 10;

/// The values that a fact can have, where those are few.
fn values(fact: Fact) -> Option<Vec<&'static str>> {
    let mut values: Vec<_> = match fact {
        Fact::Transport => Carrier::ALL.map(Carrier::name).into(),
        Fact::Protocol => names::messages()
            .map(|message| message.protocol.name())
            .collect(),
        Fact::Message => names::messages().map(|message| message.name).collect(),
        Fact::Certainty => [Certainty::Likely, Certainty::Inferred, Certainty::Certain]
            .map(Certainty::name)
            .into(),
        Fact::Anomaly => Protocol::ALL
            .into_iter()
            .filter(|protocol| *protocol != Protocol::Metainfo)
            .flat_map(Protocol::anomalies)
            .map(|anomaly| anomaly.id)
            .collect(),
        _ => return None,
    };
    values.sort_unstable();
    values.dedup();
    Some(values)
}

/// Whether a fact can be compared with this word; else why not.
pub fn check(fact: Fact, operator: Operator, word: &str) -> Result<(), String> {
    let is_whole = matches!(operator, Operator::Equal | Operator::Unequal | Operator::In);
    let Some(values) = values(fact).filter(|_| is_whole) else {
        return Ok(());
    };
    if values.contains(&word) {
        return Ok(());
    }
    let never = match fact {
        Fact::Anomaly => format!("no message breaks a rule `{word}` by itself"),
        _ => format!("no {} is called `{word}`", fact.name()),
    };
    Err(match hint(word, values.iter().copied()) {
        Some(hint) => never + &hint,
        None if values.len() <= FEW => {
            format!("{never}: there are {}", quoted(values.into_iter()))
        }
        None if fact == Fact::Anomaly => format!("{never}; `peerscope explain` lists all rules"),
        None => format!("{never}; `peerscope fields` lists all"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_cannot_be_has_a_neighbour() {
        for (fact, word, expected) in [
            (Fact::Transport, "tcpp", "did you mean `tcp`?"),
            (Fact::Transport, "carrier", "there are `tcp`, `udp`, `utp`"),
            (Fact::Message, "requst", "did you mean `request`?"),
            (Fact::Message, "Request", "did you mean `request`?"),
            (Fact::Protocol, "peeer", "did you mean `peer`?"),
            (
                Fact::Certainty,
                "sure",
                "there are `certain`, `inferred`, `likely`",
            ),
            (Fact::Anomaly, "bf-03", "did you mean `BF-03`?"),
            (
                Fact::Anomaly,
                "nonsense",
                "`peerscope explain` lists all rules",
            ),
        ] {
            let reason = check(fact, Operator::Equal, word).expect_err(word);
            assert!(reason.ends_with(expected), "{word}: {reason}");
            assert_eq!(check(fact, Operator::Contains, word), Ok(()));
        }
        for (fact, word) in [
            (Fact::Transport, "utp"),
            (Fact::Message, "gap"),
            (Fact::Protocol, "mse"),
            (Fact::Anomaly, "EX-06"),
            (Fact::Client, "anything"),
        ] {
            assert_eq!(check(fact, Operator::In, word), Ok(()), "{word}");
        }
    }
}
