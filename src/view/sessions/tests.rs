use super::*;
use crate::view::fixture;

#[test]
fn a_connection_is_an_object_of_the_contract() {
    let mut json = SessionJson::default();
    let text = json.record(&fixture::session());
    let expected = concat!(
        r#"{"stream":0,"transport":"tcp","#,
        r#""initiator":{"address":"10.98.0.2:40322","peer_id":"2d4c54323061302d303132333435363738396162","client":"libtorrent 2.0.10"},"#,
        r#""acceptor":{"address":"10.98.0.1:6881","peer_id":null,"client":null},"#,
        r#""info_hash":"4b63dcd8474b63dcd8474b63dcd8474b63dcd847","name":"a\u001b[31mb","#,
        r#""start":"2026-11-22T17:16:36.000000000Z","end":"2026-11-22T17:16:39.215000000Z","#,
        r#""encryption":"none","messages":{"initiator":{"handshake":1,"request":257},"acceptor":{"piece":257}},"#,
        r#""payload_bytes":{"initiator":0,"acceptor":2109497},"payload_missing":{"initiator":0,"acceptor":1024},"gaps":2,"close":"fin","certainty":"certain","#,
        r#""closed_by":"acceptor","closed_in":700,"requests":{"initiator":{"asked":0,"repeated":0,"answered":0,"rejected":0,"cancelled":0,"choked_away":0,"unanswered":0,"forgotten":0,"unasked_pieces":0,"unasked_rejects":0,"queue_max":0,"latency_us":null,"unasked_bytes":0},"#,
        r#""acceptor":{"asked":0,"repeated":0,"answered":0,"rejected":0,"cancelled":0,"choked_away":0,"unanswered":0,"forgotten":0,"unasked_pieces":0,"unasked_rejects":0,"queue_max":0,"latency_us":null,"unasked_bytes":0}},"wire_bytes":{"initiator":17564,"acceptor":2113000},"not_seen":{"initiator":false,"acceptor":false}}"#,
        "\n"
    );
    assert_eq!(std::str::from_utf8(text).unwrap(), expected);
}
