//! Damaged files: what can be read is read, then one clear line, exit 2, within
//! bounded memory.

use std::fs;
use std::path::{Path, PathBuf};

use crate::corpus::{captures, case, shared, shipped};
use crate::tool::{Run, command, run};

/// Address space for a run: far less than a hostile length would take.
const MEMORY_KIB: u32 = 512 * 1024;

/// Reads a file under a memory limit; exit status, output, error lines.
fn read_limited(capture: &Path) -> (i32, String, Vec<String>) {
    let peerscope = command([""; 0]);
    let limit = format!("ulimit -v {MEMORY_KIB}; exec \"$0\" read --json \"$1\"");
    let output = std::process::Command::new("sh")
        .args(["-c", &limit])
        .arg(peerscope.get_program())
        .arg(capture)
        .output()
        .expect("sh runs");
    let stderr = String::from_utf8(output.stderr).unwrap();
    (
        output.status.code().expect("peerscope is not killed"),
        String::from_utf8(output.stdout).unwrap(),
        stderr.lines().map(str::to_owned).collect(),
    )
}

/// One line that names the file and says why.
fn assert_one_clear_line(capture: &Path, status: i32, errors: &[String]) {
    let name = capture.display();
    assert_eq!(status, 2, "{name}: {errors:?}");
    let [line] = errors else {
        panic!("{name}: not one line: {errors:#?}");
    };
    assert!(line.contains(&name.to_string()), "{line}");
    let reason = line.rsplit(": ").next().unwrap();
    assert!(reason.len() > 8, "no reason: {line}");
}

#[test]
fn damaged_files_of_a_fuzzing_corpus() {
    let Some(folder) = shared("broken") else {
        return;
    };
    for capture in captures(&folder) {
        let (status, _, errors) = read_limited(&capture);
        assert_one_clear_line(&capture, status, &errors);
    }
}

fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, bytes).unwrap();
    (folder, file)
}

#[test]
fn what_comes_before_the_damage_is_shown() {
    let whole = case("13-fields");
    let expected = run(["read".as_ref(), "--json".as_ref(), whole.as_os_str()]).stdout;
    let mut bytes = fs::read(&whole).unwrap();
    // A record that declares 4 GB, then nothing.
    bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    let (_folder, file) = written("huge-record.pcap", &bytes);
    let (status, output, errors) = read_limited(&file);
    assert_eq!(output, expected);
    assert_one_clear_line(&file, status, &errors);
    let end = fs::metadata(&whole).unwrap().len();
    assert!(errors[0].contains(&end.to_string()), "{errors:?}");
}

#[test]
fn a_file_cut_at_any_byte() {
    let bytes = fs::read(case("13-fields")).unwrap();
    for end in (0..bytes.len()).step_by(37) {
        let (_folder, file) = written("cut.pcap", &bytes[..end]);
        let (status, _, errors) = read_limited(&file);
        assert!(status == 0 || status == 2, "{end}: {status}");
        if status == 2 {
            assert_one_clear_line(&file, status, &errors);
        }
    }
}

#[test]
fn files_that_are_no_captures() {
    let text = shipped("lab/a-libtorrent-libtorrent.json");
    for file in [text, shipped("no-such-file.pcap"), shipped("lab")] {
        let (status, output, errors) = read_limited(&file);
        assert_eq!(output, "");
        assert_one_clear_line(&file, status, &errors);
    }
    let (_folder, empty) = written("empty.pcap", b"");
    let (status, _, errors) = read_limited(&empty);
    assert_one_clear_line(&empty, status, &errors);
}

/// Of what could not be read nobody knows what is in it.
#[test]
fn a_report_of_no_capture_says_that_and_no_more() {
    let file = shipped("lab/a-libtorrent-libtorrent.json");
    let arguments = [
        "report".as_ref(),
        "-o".as_ref(),
        "-".as_ref(),
        file.as_os_str(),
    ];
    let Run { status, stderr, .. } = run(arguments);
    let errors: Vec<_> = stderr.lines().map(str::to_owned).collect();
    assert_one_clear_line(&file, status, &errors);
}

#[test]
fn a_cut_compressed_capture() {
    let mut bytes = fs::read(shipped("lab/i-snap96.pcap.zst")).unwrap();
    bytes.truncate(bytes.len() / 2);
    let (_folder, file) = written("cut.pcap.zst", &bytes);
    let (status, output, errors) = read_limited(&file);
    assert!(output.lines().count() > 10, "{output}");
    assert_one_clear_line(&file, status, &errors);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let capture = shipped("lab/c-mseplain-libtorrent-libtorrent.pcap");
    let arguments = ["read".as_ref(), "--json".as_ref(), capture.as_os_str()];
    let mut child = command(arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}
