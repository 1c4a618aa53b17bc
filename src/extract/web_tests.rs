use super::*;
use crate::extract::Surveyed;
use crate::session::Torrents;
use crate::wire::bencode::{Dict, List};
use crate::wire::metainfo::{Info, Metainfo};

fn catalog() -> Catalog {
    let file = |length: i64, path: &[&str]| {
        let path = path.iter().fold(List::new(), List::bytes);
        Dict::new().int("length", length).list("path", path)
    };
    let files = List::new()
        .dict(&file(100, &["a b.txt"]))
        .dict(&file(5000, &["sub", "c.bin"]))
        .dict(&file(5000, &["other", "c.bin"]));
    let info = Dict::new()
        .bytes("name", "multi")
        .int("piece length", 4096)
        .bytes("pieces", [0; 60])
        .list("files", files);
    let file = Dict::new().raw("info", info.encode()).encode();
    let metainfo = Metainfo::parse(&file).unwrap();
    Catalog::new(vec![metainfo], &Torrents::default(), Surveyed::default())
}

fn runs(request: &str, head: &str) -> Vec<(u64, u64, u64)> {
    let catalog = catalog();
    let map = WebMap::new(&catalog);
    let (request, head) = (request.as_bytes(), head.as_bytes());
    let coding = content(head).and_then(Result::ok);
    let runs = coding.map(|coding| map.runs(&catalog, request, head, coding));
    let runs = runs.unwrap_or_default();
    runs.iter()
        .map(|run| (run.from, run.length, run.space))
        .collect()
}

#[test]
fn a_range_of_a_file_has_its_place() {
    let head = "HTTP/1.1 206 Partial\r\nContent-Range: bytes 10-4999/5000\r\n\r\n";
    // The whole path decides, else the name, else the length.
    assert_eq!(
        runs("GET /x/multi/other/c.bin HTTP/1.1\r\n\r\n", head),
        [(0, 4990, 5110)]
    );
    assert_eq!(
        runs("GET /c.bin HTTP/1.1\r\n\r\n", head),
        [(0, 4990, 110), (0, 4990, 5110)]
    );
    assert_eq!(runs("GET /get?id=7 HTTP/1.1\r\n\r\n", head).len(), 2);
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
    assert_eq!(
        runs("GET /multi/a%20b.txt HTTP/1.1\r\n\r\n", head),
        [(0, 100, 0)]
    );
}

/// Of what is packed, the length of the content is not known.
#[test]
fn what_is_packed_has_the_places_of_its_name() {
    let packed = |path: &str, status: &str, coding: &str| {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Encoding: {coding}\r\nContent-Length: 7\r\nContent-Range: bytes 0-6/7\r\n\r\n"
        );
        runs(&format!("GET /{path} HTTP/1.1\r\n\r\n"), &head)
    };
    let whole = "200 OK";
    assert_eq!(
        packed("x/multi/other/c.bin", whole, "gzip"),
        [(0, 5000, 5100)]
    );
    assert_eq!(
        packed("c.bin", whole, "deflate"),
        [(0, 5000, 100), (0, 5000, 5100)]
    );
    assert_eq!(packed("other-name", whole, "gzip"), []);
    assert_eq!(packed("c.bin", whole, "br"), []);
    assert_eq!(packed("c.bin", "206 Partial", "gzip"), []);
}

#[test]
fn a_piece_has_its_place() {
    let hash: [u8; 20] = Info::parse(catalog().torrents[0].content.info.bytes())
        .unwrap()
        .v1_hash()
        .unwrap();
    let mut escaped = Vec::new();
    percent::encode(&hash, &mut escaped);
    let escaped = String::from_utf8(escaped).unwrap();
    let ask = |rest: &str| {
        runs(
            &format!("GET /seed?info_hash={escaped}&piece={rest} HTTP/1.1\r\n\r\n"),
            "HTTP/1.1 200 OK\r\n\r\n",
        )
    };
    assert_eq!(ask("1"), [(0, 4096, 4096)]);
    assert_eq!(
        ask("2&ranges=0-9,100-1000000"),
        [(0, 10, 8192), (10, 1808, 8292)]
    );
    assert_eq!(ask("7"), []);
    assert_eq!(ask("1&ranges=9-3,x"), []);
}

#[test]
fn ranges_come_of_a_response_that_brings_content_as_it_is() {
    let path = |status: &str, fields: &str| {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: Multipart/ByteRanges; boundary=b\r\n{fields}\r\n"
        );
        let request = b"GET /a%20b?c=d HTTP/1.1\r\n\r\n";
        let coding = content(head.as_bytes())?.ok()?;
        path_of_parts(request, head.as_bytes(), coding)
    };
    let asked = Some(b"/a b".to_vec());
    assert_eq!(path("206 Partial", ""), asked);
    assert_eq!(path("206 Partial", "Content-Encoding: identity\r\n"), asked);
    assert_eq!(path("206 Partial", "Content-Encoding: gzip\r\n"), None);
    assert_eq!(path("404 No", ""), None);
}

#[test]
fn what_is_no_web_seed_has_no_place() {
    let head = "HTTP/1.1 206 P\r\nContent-Range: ";
    for (request, head) in [
        (
            "GET /c.bin HTTP/1.1\r\n\r\n",
            "HTTP/1.1 404 No\r\nContent-Length: 5000\r\n\r\n".to_owned(),
        ),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".to_owned(),
        ),
        (
            "GET /c.bin HTTP/1.1\r\n\r\n",
            format!("{head}bytes 0-4999/*\r\n\r\n"),
        ),
        (
            "GET /c.bin HTTP/1.1\r\n\r\n",
            format!("{head}bytes 9-5000/5000\r\n\r\n"),
        ),
        (
            "GET /c.bin HTTP/1.1\r\n\r\n",
            format!("{head}bytes 0-18446744073709551615/5000\r\n\r\n"),
        ),
    ] {
        assert_eq!(runs(request, &head), [], "{request} {head}");
    }
}
