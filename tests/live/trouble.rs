//! What can go wrong: a clear line, and what was captured is kept.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::lab::{self, ip, wait_for};
use super::program::{Program, Said, interrupt, peerscope, read_json};
use super::talk::Talk;

/// The lines on standard error that peerscope itself has put there.
fn complaints(said: &Said) -> Vec<&str> {
    let lines = said.err.lines();
    lines
        .filter(|line| line.starts_with("peerscope: "))
        .collect()
}

fn run(command: &mut Command) -> Said {
    Program::start(command).finish(20)
}

#[test]
fn without_privilege_one_line_says_what_to_do() {
    lab::inside(
        "trouble::without_privilege_one_line_says_what_to_do",
        &["setpriv"],
        || {
            // Where everybody may run it.
            let folder = tempfile::tempdir().expect("folder");
            fs::set_permissions(folder.path(), open_to_all()).expect("own folder");
            let program = folder.path().join("peerscope");
            fs::copy(env!("CARGO_BIN_EXE_peerscope"), &program).expect("copy");
            let said = run(Command::new("setpriv")
                .args(["--reuid=65534", "--clear-groups", "--inh-caps=-all"])
                .arg(&program)
                .args(["live", "-i", "lo"]));
            assert_eq!(said.status.code(), Some(2));
            assert_eq!(said.err.lines().count(), 1, "{}", said.err);
            assert!(said.err.contains("setcap cap_net_raw"), "{}", said.err);
        },
    );
}

fn open_to_all() -> fs::Permissions {
    fs::Permissions::from_mode(0o755)
}

#[test]
fn an_unknown_interface_names_the_known_ones() {
    lab::inside(
        "trouble::an_unknown_interface_names_the_known_ones",
        &[],
        || {
            let said = run(peerscope("live").args(["-i", "eth77"]));
            assert_eq!(said.status.code(), Some(2));
            let [line] = complaints(&said)[..] else {
                panic!("{}", said.err);
            };
            assert!(line.starts_with("peerscope: eth77: no such interface; there are "));
            assert!(line.contains("lo"), "{line}");
            let listed = run(&mut peerscope("interfaces"));
            let lo = listed.out.lines().find(|line| line.starts_with("lo "));
            assert!(
                lo.is_some_and(|line| line.contains("up, loopback") && line.contains("10.99.0.1"))
            );
        },
    );
}

#[test]
fn a_wrong_filter_is_quoted() {
    lab::inside("trouble::a_wrong_filter_is_quoted", &[], || {
        let said = run(peerscope("live").args(["-i", "lo", "-f", "port or"]));
        assert_eq!(said.status.code(), Some(2));
        assert!(said.err.contains("\"port or\""), "{}", said.err);
    });
}

#[test]
fn root_is_given_up() {
    lab::inside("trouble::root_is_given_up", &[], || {
        let about = |program: &Program, key: &str| {
            let status = fs::read_to_string(format!("/proc/{}/status", program.id()));
            let status = status.expect("process");
            let line = status.lines().find(|line| line.starts_with(key));
            line.expect("key").to_owned()
        };
        let user = |program: &Program| about(program, "Uid:");
        let owner = |path: &Path| {
            let metadata = fs::metadata(path).expect("file");
            assert_eq!(metadata.mode() & 0o777, 0o600);
            metadata.uid()
        };
        let folder = tempfile::tempdir().expect("folder");
        let of_root = folder.path().join("root.pcapng");
        let given = folder.path().join("given.pcapng");
        let path = of_root.to_str().expect("UTF-8");
        let nobody = Program::peerscope(&["-i", "lo", "-w", path]);
        assert_eq!(user(&nobody), "Uid:\t65534\t65534\t65534\t65534");
        assert_eq!(about(&nobody, "NoNewPrivs:"), "NoNewPrivs:\t1");
        let root = Program::peerscope(&["-i", "lo", "--keep-privileges"]);
        assert_eq!(user(&root), "Uid:\t0\t0\t0\t0");
        let mut as_by_sudo = peerscope("live");
        as_by_sudo.env("SUDO_UID", "4321").env("SUDO_GID", "1234");
        let sudo = Program::listening(as_by_sudo.args(["-i", "lo", "-w"]).arg(&given));
        assert_eq!(user(&sudo), "Uid:\t4321\t4321\t4321\t4321");
        assert_eq!(owner(&given), 4321);
        for program in [nobody, root, sudo] {
            assert!(program.stop().status.success());
        }
        // What was there before stays whose it was.
        let mut as_by_sudo = peerscope("live");
        as_by_sudo.env("SUDO_UID", "4321").env("SUDO_GID", "1234");
        let again = Program::listening(as_by_sudo.args(["-i", "lo", "-w"]).arg(&of_root));
        assert_eq!(owner(&of_root), 0);
        assert!(again.stop().status.success());
    });
}

#[test]
fn root_follows_no_planted_link() {
    lab::inside("trouble::root_follows_no_planted_link", &[], || {
        let folder = tempfile::tempdir().expect("folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).expect("own");
        let victim = folder.path().join("victim");
        fs::write(&victim, "secret").expect("file");
        let links = ["x.pcapng", "r-00001.pcapng", "r-00002.pcapng"];
        for link in links.map(|link| folder.path().join(link)) {
            symlink(&victim, &link).expect("link");
            lchown(&link, Some(65534), Some(65534)).expect("root");
        }
        let file = folder.path().join("x.pcapng");
        let said = run(peerscope("live").args(["-i", "lo", "-w"]).arg(file));
        assert_eq!(said.status.code(), Some(2));
        assert!(complaints(&said)[0].contains("a link"), "{}", said.err);
        // The files of a ring have names that nobody has taken.
        let ring = folder.path().join("r.pcapng");
        let mut sniffer = peerscope("live");
        sniffer
            .args(["-i", "lo", "--ring", "2x1kB", "-w"])
            .arg(ring);
        let sniffer = Program::listening(&mut sniffer);
        let said = sniffer.stop();
        assert!(said.status.success(), "{}", said.err);
        assert!(folder.path().join("r-00003.pcapng").exists());
        assert_eq!(fs::read(&victim).expect("file"), b"secret");
    });
}

#[test]
fn an_interrupt_is_obeyed_though_nobody_reads() {
    let name = "trouble::an_interrupt_is_obeyed_though_nobody_reads";
    lab::inside(name, &[], || {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("x.pcapng");
        let mut sniffer = peerscope("live")
            .args(["-i", "lo", "-p", "6881", "--json", "-w"])
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("peerscope runs");
        wait_for("the file", 20, || file.exists());
        sleep(Duration::from_millis(300));
        let mut talk = Talk::connect(6881);
        talk.greet();
        // More than a pipe and the buffer before it hold.
        talk.fetch_all(1000);
        sleep(Duration::from_millis(500));
        interrupt(sniffer.id());
        wait_for("the end", 5, || {
            sniffer.try_wait().is_ok_and(|end| end.is_some())
        });
        assert_eq!(sniffer.wait().expect("ended").code(), Some(130));
        // What was recorded before the pipe was full is whole.
        assert!(read_json(&[&file]).lines().count() > 100);
    });
}

#[test]
fn an_interface_that_vanishes_ends_the_run() {
    lab::inside(
        "trouble::an_interface_that_vanishes_ends_the_run",
        &[],
        || {
            ip("link add gone type veth peer name other");
            ip("addr add 10.98.0.1/24 dev gone");
            ip("link set gone up");
            ip("link set other up");
            let folder = tempfile::tempdir().expect("folder");
            let file = folder.path().join("x.pcapng");
            let path = file.to_str().expect("UTF-8");
            let sniffer = Program::peerscope(&["-i", "gone", "-w", path]);
            // Something to capture: nobody has this address, so it is asked for.
            let _ = std::net::UdpSocket::bind("10.98.0.1:0")
                .and_then(|socket| socket.send_to(b"hello", "10.98.0.2:9"));
            sleep(Duration::from_millis(200));
            ip("link del gone");
            let said = sniffer.finish(5);
            assert_eq!(said.status.code(), Some(2), "{}", said.err);
            let [line] = complaints(&said)[..] else {
                panic!("{}", said.err);
            };
            assert!(line.starts_with("peerscope: gone: "), "{line}");
            assert!(said.err.contains("dropped by kernel"), "{}", said.err);
            assert!(fs::metadata(&file).expect("kept").len() > 150);
            read_json(&[&file]);
        },
    );
}

#[test]
fn a_full_disk_keeps_what_fits() {
    lab::inside("trouble::a_full_disk_keeps_what_fits", &["mount"], || {
        let folder = tempfile::tempdir().expect("folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1M", "none"])
            .arg(folder.path())
            .status();
        assert!(mounted.is_ok_and(|status| status.success()), "mount");
        let file = folder.path().join("x.pcapng");
        let path = file.to_str().expect("UTF-8");
        let sniffer = Program::peerscope(&["-i", "lo", "-p", "6881", "--json", "-w", path]);
        let mut talk = Talk::connect(6881);
        talk.greet();
        talk.fetch_all(200);
        let said = sniffer.finish(10);
        assert_eq!(said.status.code(), Some(2), "{}", said.err);
        let complaint = format!("peerscope: {path}: cannot write: no space left on device");
        assert_eq!(complaints(&said), [complaint]);
        // To the last whole packet, without a complaint.
        let kept = read_json(&[&file]);
        let pieces = kept.matches("\"message\":\"piece\"").count();
        assert!((30..70).contains(&pieces), "{pieces}");
        // What is shown is what is kept, and at most a buffer more.
        assert!(said.out.starts_with(&kept), "{}", said.err);
    });
}

#[test]
fn a_closed_pipe_ends_the_run_without_a_complaint() {
    lab::inside(
        "trouble::a_closed_pipe_ends_the_run_without_a_complaint",
        &["head"],
        || {
            let folder = tempfile::tempdir().expect("folder");
            let file = folder.path().join("x.pcapng");
            let path = file.to_str().expect("UTF-8");
            let mut piped = Command::new("sh");
            let script = "\"$0\" live -i lo -p 6881 --json -w \"$1\"; echo status $? >&2";
            let mut pipe = Program::listening(
                piped
                    .args(["-c", &format!("({script}) | head -n 3")])
                    .args([env!("CARGO_BIN_EXE_peerscope"), path]),
            );
            let mut talk = Talk::connect(6881);
            talk.greet();
            // The reader has gone; without a further message it is noticed.
            wait_for("the end", 5, || !pipe.is_running());
            let said = pipe.finish(5);
            assert!(said.err.contains("status 0"), "{}", said.err);
            assert_eq!(complaints(&said), [""; 0]);
            assert_eq!(said.out.lines().count(), 3);
            assert!(read_json(&[&file]).lines().count() >= 3);
        },
    );
}
