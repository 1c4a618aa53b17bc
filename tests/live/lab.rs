//! A network of its own for each test: the test runs itself again in new
//! network, process and mount namespaces, which end with it, whatever it left
//! running.

use std::io::{Read, Seek};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

/// Set for the process inside the namespaces.
const INSIDE: &str = "PEERSCOPE_TEST_INSIDE";

/// The longest that a test may take.
const DEADLINE: Duration = Duration::from_secs(200);

/// Addresses of the two ends of every conversation, both on the loopback
/// interface. (Transmission refuses those of 127.0.0.0/8.)
pub const ENDS: [&str; 2] = ["10.99.0.1", "10.99.0.2"];

/// Runs a command in namespaces of its own, with these addresses: the lab's, which
/// scripts use too.
const NAMESPACES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/lab/inside");

/// Runs `body`, of the test `name`, in namespaces of its own, with the loopback
/// interface up; says why not where that cannot be done or one of `programs` is
/// missing.
pub fn inside(name: &str, programs: &[&str], body: fn()) {
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    if let Some(why) = obstacle(programs) {
        eprintln!("skipped: {name}: {why}");
        return;
    }
    let mut said = tempfile::tempfile().expect("temporary file");
    let mut test = Command::new(NAMESPACES)
        .arg(ENDS.join(","))
        .arg(env::current_exe().expect("own path"))
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .stdout(said.try_clone().expect("handle"))
        .stderr(said.try_clone().expect("handle"))
        .spawn()
        .expect("namespaces");
    let began = Instant::now();
    let status = loop {
        if let Some(status) = test.try_wait().expect("own child") {
            break Some(status);
        }
        if began.elapsed() > DEADLINE {
            // All processes of the namespace go with it.
            let _ = test.kill();
            let _ = test.wait();
            break None;
        }
        sleep(Duration::from_millis(20));
    };
    let mut output = String::new();
    let read = said
        .rewind()
        .and_then(|()| said.read_to_string(&mut output));
    read.expect("UTF-8");
    let status = status.unwrap_or_else(|| panic!("it takes too long: {output}"));
    let passed = status.success() && output.contains(" 1 passed");
    assert!(passed, "failed inside its namespaces: {output}");
}

fn obstacle(programs: &[&str]) -> Option<String> {
    // In a user namespace there would be a root too, but one without other users: nobody
    // to give files to, and no user to become.
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        return Some("needs root".to_owned());
    }
    for program in ["bash", "unshare", "ip"].iter().chain(programs) {
        let mut paths = env::split_paths(&env::var_os("PATH")?).collect::<Vec<_>>();
        paths.extend(["/usr/sbin".into(), "/sbin".into()]);
        if !paths.iter().any(|path| path.join(program).exists()) {
            return Some(format!("{program} is not installed"));
        }
    }
    let tried = Command::new(NAMESPACES)
        .args([&ENDS.join(","), "true"])
        .output();
    let able = tried.is_ok_and(|output| output.status.success());
    (!able).then(|| "needs leave to make namespaces".to_owned())
}

/// Runs `ip`.
pub fn ip(arguments: &str) {
    let words = arguments.split(' ');
    let status = Command::new("ip").args(words).status().expect("ip");
    assert!(status.success(), "ip {arguments}: {status}");
}

/// Waits until `ready` says yes.
pub fn wait_for(what: &str, seconds: u64, mut ready: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !ready() {
        assert!(Instant::now() < end, "waited {seconds} s for {what}");
        sleep(Duration::from_millis(10));
    }
}
