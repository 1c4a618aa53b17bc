//! What of a report is told in full, and what only as more of the same.

use std::collections::HashMap;

use crate::findings::{Finding, Group, Weight};
use crate::wire::Severity;

/// Connections or findings that are told in full before others like them are
/// counted.
const IN_FULL: usize = 3;

/// A single one more is told in full as well: to say that there is one takes as
/// much room.
const MIN_FOLDED: usize = 2;

/// A connection, or several like some that were told.
pub enum Told<'r> {
    /// It is told in full.
    Full(&'r Group),
    /// They end alike and break the same rules as those told in full.
    More {
        /// Those told in full.
        like: Vec<&'r Group>,
        /// The others.
        more: Vec<&'r Group>,
    },
}

/// What makes two connections alike: how they ended, and which rules they break.
#[derive(PartialEq, Eq, Hash)]
struct Kind {
    weight: Option<Weight>,
    rule: Option<&'static str>,
    findings: Vec<(&'static str, Severity)>,
}

impl Kind {
    fn of(group: &Group) -> Self {
        let findings = group.findings.iter();
        let mut findings: Vec<_> = findings.map(kind).collect();
        findings.sort_unstable();
        findings.dedup();
        Self {
            weight: group.cause.as_ref().map(|cause| cause.weight),
            rule: group
                .cause
                .as_ref()
                .and_then(|cause| cause.rule)
                .map(|rule| rule.id),
            findings,
        }
    }
}

fn kind(finding: &Finding) -> (&'static str, Severity) {
    (finding.rule.id, finding.severity)
}

/// Connections in their order, those that are like others put together.
pub fn connections<'r>(groups: impl Iterator<Item = &'r Group>) -> Vec<Told<'r>> {
    let mut kinds: Vec<Vec<&Group>> = Vec::new();
    let mut kind_of: HashMap<Kind, usize> = HashMap::new();
    let groups: Vec<_> = groups
        .map(|group| {
            let kind = *kind_of.entry(Kind::of(group)).or_insert_with(|| {
                kinds.push(Vec::new());
                kinds.len() - 1
            });
            kinds[kind].push(group);
            (kind, kinds[kind].len())
        })
        .collect();
    let mut told = Vec::new();
    for (kind, number) in groups {
        let all = &kinds[kind];
        let is_folded = all.len() >= IN_FULL + MIN_FOLDED && number > IN_FULL;
        if !is_folded {
            told.push(Told::Full(all[number - 1]));
        } else if number == IN_FULL + 1 {
            let (like, more) = all.split_at(IN_FULL);
            told.push(Told::More {
                like: like.to_vec(),
                more: more.to_vec(),
            });
        }
    }
    told
}

/// Findings that are told in full, and behind the last of them those of the same
/// rule that are not.
pub fn findings(group: &Group) -> Vec<(&Finding, Vec<&Finding>)> {
    let mut kinds: HashMap<_, Vec<&Finding>> = HashMap::new();
    for finding in &group.findings {
        kinds.entry(kind(finding)).or_default().push(finding);
    }
    let mut numbers: HashMap<_, usize> = HashMap::new();
    let mut told = Vec::new();
    for finding in &group.findings {
        let number = numbers.entry(kind(finding)).or_default();
        *number += 1;
        let all = &kinds[&kind(finding)];
        let is_folding = all.len() >= IN_FULL + MIN_FOLDED;
        if !is_folding || *number < IN_FULL {
            told.push((finding, Vec::new()));
        } else if *number == IN_FULL {
            told.push((finding, all[IN_FULL..].to_vec()));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;
    use crate::findings::{Place, rules};
    use crate::flow::Carrier;
    use crate::packet::Stamp;

    fn group(stream: u64, ids: &[&str]) -> Group {
        let end = "192.0.2.1:1".parse().unwrap();
        let place = Place {
            stream: Some(stream),
            src: end,
            dst: end,
        };
        let stamp = Stamp {
            frame: stream,
            time: Timestamp::UNKNOWN,
        };
        let findings = ids.iter().map(|id| {
            let rule = rules::get(id).unwrap();
            Finding::at(rule, place, stamp, String::new())
        });
        Group {
            stream: Some(stream),
            carrier: Carrier::Tcp,
            ends: Some([end, end]),
            clients: [None, None],
            info_hash: None,
            cause: None,
            findings: findings.collect(),
        }
    }

    fn told(groups: &[Group]) -> Vec<String> {
        let told = connections(groups.iter()).into_iter();
        told.map(|told| match told {
            Told::Full(group) => group.stream.unwrap().to_string(),
            Told::More { like, more } => format!("{} like {}", more.len(), like.len()),
        })
        .collect()
    }

    #[test]
    fn connections_that_are_alike_are_counted() {
        let groups: Vec<_> = (0..6)
            .map(|stream| group(stream, &["CH-02", "RQ-04"]))
            .chain([group(6, &["CH-02"]), group(7, &["RQ-04", "CH-02"])])
            .collect();
        assert_eq!(told(&groups), ["0", "1", "2", "4 like 3", "6"]);
        assert_eq!(told(&groups[..4]), ["0", "1", "2", "3"]);
    }

    #[test]
    fn findings_of_a_rule_are_counted_behind_the_first_ones() {
        let ids = ["DT-02", "DT-02", "DT-05", "DT-02", "DT-02", "DT-02"];
        let group = group(0, &ids);
        let told: Vec<_> = findings(&group)
            .iter()
            .map(|(finding, more)| (finding.rule.id, more.len()))
            .collect();
        let expected = [("DT-02", 0), ("DT-02", 0), ("DT-05", 0), ("DT-02", 2)];
        assert_eq!(told, expected);
    }
}
