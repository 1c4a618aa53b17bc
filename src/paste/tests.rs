//! What is found in which text.

use super::*;

const HANDSHAKE: &[u8] = b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05";

fn dumps(text: &str) -> Vec<Dump> {
    let pasted = read(text);
    assert_eq!(pasted.fault, None, "{text}");
    let dump = |part| match part {
        Part::Dump(dump) => Some(dump),
        Part::Context(_) => None,
    };
    pasted.parts.into_iter().filter_map(dump).collect()
}

#[test]
#[ignore]
fn show_file() {
    let text = std::fs::read_to_string(std::env::var("PASTE").unwrap()).unwrap();
    let pasted = read(&text);
    for part in &pasted.parts {
        match part {
            Part::Dump(dump) => println!(
                "DUMP {} {} cut {:?} follows {} {}",
                dump.place(0),
                dump.form,
                dump.cut,
                dump.follows,
                hex::encode(&dump.bytes)
            ),
            Part::Context(context) => {
                for line in context.lines() {
                    println!("  | {line}")
                }
            }
        }
    }
    println!("fault {:?}", pasted.fault);
}
