use super::*;

fn found(name: &str) -> Vec<String> {
    let Ok(Subject::Fields(fields)) = field(name) else {
        return Vec::new();
    };
    let mut names = fields.places.iter().map(|place| {
        let message = place.message.map_or("*", |message| message.name);
        let protocol = place.message.map_or("*", |message| message.protocol.name());
        format!("{protocol}.{message}")
    });
    let mut names: Vec<String> = names.by_ref().collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn names_are_qualified_by_message_and_protocol() {
    let request = ["peer.request"];
    assert_eq!(found("request.index"), request);
    assert_eq!(found("peer.request.index"), request);
    assert!(found("index").len() > 5);
    assert_eq!(found("peer.index"), found("index"));
    assert_eq!(found("port.port"), ["peer.port"]);
    assert!(found("port").contains(&"peer.ut_holepunch".to_owned()));
    assert_eq!(found("dht.response.r.nodes.node.id"), ["dht.response"]);
    assert_eq!(found("nodes.node.id"), ["dht.response", "dht.unknown"]);
    assert_eq!(found("added.f"), ["peer.extended", "peer.ut_pex"]);
    assert_eq!(found("ut_pex.added.f"), ["peer.ut_pex"]);
    assert_eq!(found("trailing_bytes"), ["*.*"]);
    assert_eq!(found("have.trailing_bytes"), ["peer.have"]);
}

#[test]
fn keys_of_dictionaries_may_be_the_senders_own() {
    assert_eq!(found("m.ut_pex"), ["peer.extended_handshake"]);
    assert!(found("headers.User-Agent").contains(&"http_tracker.announce_request".to_owned()));
    assert!(found("reqq.x").is_empty() && found("m.").is_empty());
}

#[test]
fn what_is_not_there_has_a_neighbour() {
    for (name, part) in [
        ("indx", "did you mean `index`?"),
        ("info-hash", "did you mean `info_hash`?"),
        ("Request", "did you mean `request`?"),
        ("xyzzyxyzzy", "`peerscope fields` lists all"),
        ("request.indx", "it has `index`, `begin`, `length`"),
        (
            "request",
            "is a message; its fields are `index`, `begin`, `length`",
        ),
        ("unchoke", "it has no fields"),
    ] {
        let reason = field(name).expect_err(name);
        assert!(reason.contains(part), "{name}: {reason}");
    }
}

#[test]
fn a_message_is_called_by_its_name_or_its_protocol() {
    let count = |name: &str| match alone(name) {
        Ok(Subject::Messages(messages)) => messages.len(),
        _ => 0,
    };
    assert_eq!(count("request"), 1);
    assert_eq!(count("peer.request"), 1);
    assert_eq!(count("error"), 3);
    assert_eq!(count("udp_tracker.error"), 1);
    assert_eq!(count("lsd"), 1);
    assert!(count("dht") > 2);
    assert_eq!(count("metadata_size"), 0);
    assert!(matches!(alone("metadata_size"), Ok(Subject::Fields(_))));
    assert!(matches!(alone("anomaly"), Ok(Subject::Fact(Fact::Anomaly))));
}
