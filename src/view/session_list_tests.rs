use super::*;
use crate::view::fixture;
use crate::view::text::width;

fn list(columns: usize, file: &str) -> String {
    let mut list = SessionList::new(columns, false);
    let mut out = Vec::new();
    let first = fixture::session();
    let mut second = first;
    second.stream = 1;
    second.encryption = "mse_rc4";
    (second.name, second.info_hash) = (None, None);
    for end in &mut second.ends {
        (end.messages, end.payload_bytes, end.client) = (&[], 0, None);
        end.address = fixture::socket("[2001:db8:85a3::8a2e:370:7334]:51413");
    }
    list.push(&mut out, &first).unwrap();
    list.push(&mut out, &second).unwrap();
    list.finish(&mut out, Some(file)).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    for columns in [80, 100, 120, 140, 150, 170, 200] {
        for line in list(columns, "x.pcap").lines() {
            assert!(width(line) <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn an_address_is_told_once() {
    for columns in [80, 120, 140, 200] {
        let text = list(columns, "x.pcap");
        let row = text.lines().find(|line| line.contains("MSE")).unwrap();
        // Both ends of this connection have the same one.
        assert_eq!(row.matches(":51413").count(), 2, "{columns}: {row}");
        assert_eq!(row.matches("MSE").count(), 1, "{columns}: {row}");
    }
}

#[test]
fn file_names_are_quoted() {
    assert!(list(80, "a b.pcap").contains("'a b.pcap'"));
    assert_eq!(quoted("it's\u{1b}[2J"), "'it'\\''s[2J'");
    assert_eq!(quoted("dir/a-1.pcap"), "dir/a-1.pcap");
}
