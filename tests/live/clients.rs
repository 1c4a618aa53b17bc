//! Two real clients: Transmission seeds, aria2 downloads.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sha1::{Digest, Sha1};

use super::lab::ENDS;
use super::program::Program;

const PIECE: usize = 1 << 20;
const NAME: &str = "content";
const TRACKER: &str = "127.0.0.1:6969";

/// The ports on which the two clients listen.
pub const PORTS: [u16; 2] = [6881, 6882];

/// Both programs that are needed.
pub const PROGRAMS: [&str; 2] = ["transmission-cli", "aria2c"];

/// Transfers `mebibytes` of content in `folder`, from one client to the other.
pub fn transfer(folder: &Path, mebibytes: usize) {
    let torrent = make_content(folder, mebibytes);
    let _seeder = seed(folder, &torrent);
    let leecher = Program::start(&mut leecher(folder, &torrent));
    let said = leecher.finish(90);
    assert!(said.status.success(), "aria2c: {}", said.out);
    let [sent, got] = ["seed", "leech"].map(|end| folder.join(end).join(NAME));
    let read = |path: PathBuf| fs::read(path).expect("content");
    assert!(read(sent) == read(got), "the content differs");
}

/// Writes the content and its .torrent.
fn make_content(folder: &Path, mebibytes: usize) -> PathBuf {
    let mut state = 1_u64;
    let piece: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    })
    .take(PIECE)
    .collect();
    let hash = Sha1::digest(&piece);
    fs::create_dir_all(folder.join("seed")).expect("folder");
    fs::write(folder.join("seed").join(NAME), piece.repeat(mebibytes)).expect("content");
    let announce = format!("http://{TRACKER}/announce");
    let mut torrent = format!(
        "d8:announce{}:{announce}4:infod6:lengthi{}e4:name{}:{NAME}12:piece lengthi{PIECE}e6:pieces{}:",
        announce.len(),
        PIECE * mebibytes,
        NAME.len(),
        20 * mebibytes,
    )
    .into_bytes();
    torrent.extend(hash.repeat(mebibytes));
    torrent.extend(b"ee");
    let path = folder.join("content.torrent");
    fs::write(&path, torrent).expect("torrent");
    path
}

/// A tracker that tells the leecher of the seeder, and the seeder nothing; sets
/// the flag when it has heard of the seeder.
fn track() -> Arc<AtomicBool> {
    let listener = TcpListener::bind(TRACKER).expect("free port");
    let announced = Arc::<AtomicBool>::default();
    let heard = Arc::clone(&announced);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]);
            if request.contains("event=started") {
                heard.store(true, Ordering::Relaxed);
            }
            let mut body = b"d8:intervali600e5:peers".to_vec();
            if request.contains(&format!("port={}", PORTS[1])) {
                body.extend(b"6:\x0a\x63\x00\x01");
                body.extend(PORTS[0].to_be_bytes());
            } else {
                body.extend(b"0:");
            }
            body.push(b'e');
            let response = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let reply = [response.as_bytes(), &body].concat();
            let _ = stream.write_all(&reply);
        }
    });
    announced
}

fn seed(folder: &Path, torrent: &Path) -> Program {
    let configuration = folder.join("transmission");
    fs::create_dir_all(&configuration).expect("folder");
    let settings = format!(
        "{{\"bind-address-ipv4\":\"{}\",\"dht-enabled\":false,\"lpd-enabled\":false,\
         \"utp-enabled\":false,\"port-forwarding-enabled\":false}}",
        ENDS[0]
    );
    fs::write(configuration.join("settings.json"), settings).expect("settings");
    let mut seeder = Command::new("transmission-cli");
    seeder
        .args(["-v", "-et", "-M", "-p", &PORTS[0].to_string()])
        .arg("-g")
        .arg(&configuration)
        .arg("-w")
        .arg(folder.join("seed"))
        .arg(torrent);
    let announced = track();
    let seeder = Program::start(&mut seeder);
    // It announces itself when it has verified the content.
    let began = Instant::now();
    while !announced.load(Ordering::Relaxed) {
        let waits = began.elapsed() < Duration::from_mins(1);
        assert!(waits, "the seeder does not come up: {}", seeder.err());
        thread::sleep(Duration::from_millis(50));
    }
    seeder
}

fn leecher(folder: &Path, torrent: &Path) -> Command {
    let mut command = Command::new("aria2c");
    command
        .args(["--no-conf", "--enable-dht=false", "--enable-dht6=false"])
        .args(["--bt-enable-lpd=false", "--disable-ipv6=true"])
        .args(["--seed-time=0", "--file-allocation=none"])
        .arg(format!("--listen-port={}", PORTS[1]))
        .arg(format!("--interface={}", ENDS[1]))
        .arg(format!("--dir={}", folder.join("leech").display()))
        .arg(torrent);
    command
}
