//! `peerscope keys` on a process of our own: whatever the system lets it do to
//! others, it may look into what it has started.
#![cfg(all(feature = "keys", target_os = "linux"))]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use peerscope::wire::mse::{Rc4, StateLine};

/// What holds states. It is run as a process of its own, by this very program.
#[path = "../examples/cipherhold.rs"]
mod cipherhold;

/// Not a test: what the process runs.
#[test]
#[ignore = "run by the others"]
fn holder() {
    cipherhold::hold(4, 1);
}

fn keys(arguments: &[&str]) -> Output {
    let program = Command::new(env!("CARGO_BIN_EXE_peerscope"))
        .arg("keys")
        .args(arguments)
        .output();
    program.expect("runs")
}

fn lines(text: &str) -> Vec<StateLine> {
    // The harness has lines of its own around them.
    let lines = text.lines().filter(|line| line.starts_with("RC4 "));
    lines.map(|line| line.parse().expect("a state")).collect()
}

/// Whether `found` comes after `first` in its keystream.
fn follows(first: &Rc4, found: &Rc4) -> bool {
    let mut cipher = first.clone();
    (0..1 << 17).any(|_| {
        cipher.skip(1);
        cipher == *found
    })
}

#[test]
fn the_states_of_a_command_are_found() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("keys.txt");
    fs::write(&file, "").expect("file");
    fs::remove_file(&file).expect("file");
    let path = file.to_str().expect("text");
    let own = std::env::current_exe().expect("a program");
    let own = own.to_str().expect("text");
    let command = [own, "--exact", "holder", "--ignored", "--nocapture"];
    let output = keys(&[&["-o", path, "--"][..], &command].concat());
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    let held = lines(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(held.len(), 4);
    let mode = fs::metadata(&file).expect("written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let found = lines(&fs::read_to_string(&file).expect("text"));
    for (n, held) in held.iter().enumerate() {
        let ours = found
            .iter()
            .filter(|found| follows(&held.cipher, &found.cipher));
        assert_eq!(ours.count(), 1, "state {n} of {}: {err}", found.len());
    }
    // Nothing of the tables that are no states; copies that were left are some.
    let up: [u8; 256] = std::array::from_fn(|at| at as u8);
    let down = up.map(|value| !value);
    assert!(
        found
            .iter()
            .all(|found| ![up, down].contains(found.cipher.state()))
    );
    assert!(found.len() < 32, "{}", found.len());
    assert!(err.contains("4 in use (proven to be RC4)"), "{err}");
    assert!(err.contains("keys.txt: "), "{err}");
}

#[test]
fn what_cannot_be_looked_into_is_said() {
    let err = |arguments: &[&str]| {
        let output = keys(arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let absent = err(&["4294967295"]);
    assert!(
        absent.contains("no process has the number 4294967295"),
        "{absent}"
    );
    let nobody = err(&["no-such-client-at-all"]);
    assert!(
        nobody.contains("no process is called no-such-client-at-all"),
        "{nobody}"
    );
    let command = err(&["--", "/no/such/program"]);
    assert!(
        command.contains("cannot start /no/such/program"),
        "{command}"
    );
    assert!(err(&[]).contains("PID|NAME"));
}
