//! What is read is never written over, whatever command writes and whatever the file
//! is called.

use std::fs;
use std::path::Path;

use super::tool::run;

const REFUSED: &str = "is what is read, and cannot be written";

/// A capture of our own, and other names of it.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let at = |name: &str| folder.path().join(name);
        fs::copy("captures/demo.pcap", at("x.pcap")).expect("copied");
        fs::copy("captures/lab/torrents/s16k.torrent", at("x.torrent")).expect("copied");
        fs::write(at("keys.txt"), "").expect("written");
        fs::create_dir(at("d")).expect("made");
        fs::hard_link(at("x.pcap"), at("hard.pcap")).expect("linked");
        #[cfg(unix)]
        std::os::unix::fs::symlink("x.pcap", at("soft.pcap")).expect("linked");
        Self(folder)
    }

    fn contents(&self) -> Vec<Vec<u8>> {
        let names = ["x.pcap", "x.torrent", "keys.txt"];
        let read = |name| fs::read(self.0.path().join(name)).expect("there");
        names.map(read).to_vec()
    }

    /// Runs a command, in which `@` is the folder.
    fn run(&self, command: &str) -> super::tool::Run {
        let folder = self.0.path().to_str().expect("UTF-8");
        let arguments: Vec<_> = command
            .split(' ')
            .map(|word| word.replace('@', folder))
            .collect();
        run(arguments.iter().map(Path::new))
    }
}

#[test]
fn no_command_writes_over_what_it_reads() {
    let files = Files::new();
    let before = files.contents();
    for command in [
        "report @/x.pcap -o @/x.pcap",
        "report @/x.pcap -o @/d/../x.pcap",
        "report @/x.pcap -o @/hard.pcap",
        "report @/soft.pcap -o @/x.pcap",
        "report captures/demo.pcap @/x.pcap -o @/x.pcap",
        "report captures/demo.pcap @/x.pcap:stream=0 -o @/x.pcap",
        "report --together captures/demo.pcap @/x.pcap -o @/x.pcap",
        "report --torrent @/x.torrent @/x.pcap -o @/x.torrent",
        "report --keylog @/keys.txt @/x.pcap -o @/keys.txt",
        "read @/x.pcap --write-wireshark @/x.pcap",
        "read @/x.pcap --write-wireshark @/hard.pcap",
        "read --torrent @/x.torrent @/x.pcap --write-wireshark @/x.torrent",
        "follow @/x.pcap --raw a -o @/x.pcap",
        "follow --keylog @/keys.txt @/x.pcap --raw a -o @/keys.txt",
        #[cfg(feature = "active")]
        "seed @/x.torrent @/x.pcap --record @/x.torrent --listen 127.0.0.1:0",
        #[cfg(feature = "active")]
        "seed @/x.torrent @/x.pcap --keylog @/x.pcap --listen 127.0.0.1:0",
        #[cfg(feature = "active")]
        "get @/x.torrent --peer 127.0.0.1:9 --keylog @/x.torrent -o @/d",
        #[cfg(all(feature = "keys", target_os = "linux"))]
        "keys 1 -r @/x.pcap -o @/x.pcap",
    ] {
        let run = files.run(command);
        assert_eq!(run.status, 2, "{command}: {}", run.stderr);
        assert!(run.stderr.contains(REFUSED), "{command}: {}", run.stderr);
        assert!(files.contents() == before, "{command}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_extracted_does_not_replace_what_is_read() {
    let files = Files::new();
    let manifest = files.0.path().join("manifest.json");
    fs::copy("captures/demo.pcap", &manifest).expect("copied");
    let run = files.run("extract -q @/manifest.json -o @");
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("this is what is read"),
        "{}",
        run.stderr
    );
    let (kept, demo) = (fs::read(&manifest), fs::read("captures/demo.pcap"));
    assert!(kept.expect("there") == demo.expect("there"));
}
