//! A headless Chromium, driven by its DevTools protocol over two named pipes: no
//! port is opened, and no other program is needed.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long an answer may take: a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(90);

/// Programs that are Chromium.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A browser with one page.
pub struct Chromium {
    child: Child,
    commands: File,
    told: Receiver<Value>,
    /// Events that came while an answer was waited for.
    events: Vec<Value>,
    session: Value,
    last_id: u64,
    _folder: TempDir,
}

/// The program; `None`, with a word, where there is none.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let installed = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = named
        .into_iter()
        .chain(installed)
        .find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: Chromium is not installed");
    }
    found
}

impl Chromium {
    /// Starts it; `None` where there is none, and where it cannot start.
    pub fn start() -> Option<Self> {
        let program = program()?;
        let folder = tempfile::tempdir().expect("a folder");
        let pipes = ["commands", "answers"].map(|name| folder.path().join(name));
        for pipe in &pipes {
            let made = Command::new("mkfifo").arg(pipe).status();
            assert!(made.is_ok_and(|status| status.success()), "mkfifo");
        }
        // A shell puts the pipes where the browser looks for them.
        let script = "exec \"$0\" --headless=new --no-sandbox --disable-gpu --no-first-run \
            --disable-background-networking --disable-component-update --disable-sync \
            --disable-extensions --user-data-dir=\"$3\" --remote-debugging-pipe \
            --host-resolver-rules='MAP * ~NOTFOUND' about:blank 3<\"$1\" 4>\"$2\"";
        let child = Command::new("sh")
            .args(["-c", script])
            .arg(&program)
            .args(&pipes)
            .arg(folder.path().join("profile"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let commands = OpenOptions::new()
            .write(true)
            .open(&pipes[0])
            .expect("a pipe");
        let answers = BufReader::new(File::open(&pipes[1]).expect("a pipe"));
        let (sender, told) = channel();
        thread::spawn(move || {
            for answer in answers.split(0).map_while(Result::ok) {
                if let Ok(answer) = serde_json::from_slice(&answer)
                    && sender.send(answer).is_err()
                {
                    break;
                }
            }
        });
        let mut browser = Self {
            child,
            commands,
            told,
            events: Vec::new(),
            session: Value::Null,
            last_id: 0,
            _folder: folder,
        };
        browser.attach()?;
        Some(browser)
    }

    fn attach(&mut self) -> Option<()> {
        let Some(target) = self.ask("Target.createTarget", &json!({"url": "about:blank"})) else {
            println!("skipped: Chromium does not start");
            return None;
        };
        let id = &target["targetId"];
        let attached = self.ask(
            "Target.attachToTarget",
            &json!({"targetId": id, "flatten": true}),
        )?;
        self.session = attached["sessionId"].clone();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.ask(&format!("{domain}.enable"), &json!({}))?;
        }
        Some(())
    }

    /// Asks for something, and gives the answer.
    pub fn ask(&mut self, method: &str, parameters: &Value) -> Option<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut command = json!({"id": id, "method": method, "params": parameters});
        if !self.session.is_null() {
            command["sessionId"] = self.session.clone();
        }
        let mut text = command.to_string().into_bytes();
        text.push(0);
        self.commands.write_all(&text).ok()?;
        let deadline = Instant::now() + PATIENCE;
        while let Ok(told) = self
            .told
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if told["id"] == id {
                assert!(told.get("error").is_none(), "{method}: {told}");
                return Some(told["result"].clone());
            }
            self.events.push(told);
        }
        None
    }

    /// Opens a file, and waits until it is there; gives what happened on the way.
    pub fn open(&mut self, file: &Path) -> Vec<Value> {
        self.events.clear();
        let url = format!("file://{}", file.display());
        self.ask("Page.navigate", &json!({"url": url}))
            .expect("an answer");
        let deadline = Instant::now() + PATIENCE;
        let is_loaded = |event: &Value| event["method"] == "Page.loadEventFired";
        while !self.events.iter().any(is_loaded) {
            let left = deadline.saturating_duration_since(Instant::now());
            self.events
                .push(self.told.recv_timeout(left).expect("the page loads"));
        }
        // What follows the load at once.
        thread::sleep(Duration::from_millis(100));
        self.value("1");
        std::mem::take(&mut self.events)
    }

    /// The value of an expression in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self
            .ask("Runtime.evaluate", &parameters)
            .expect("an answer");
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Makes the window so many pixels wide.
    pub fn width(&mut self, width: u32) {
        let metrics =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.ask("Emulation.setDeviceMetricsOverride", &metrics)
            .expect("an answer");
    }

    /// Sets features of the medium, such as `prefers-color-scheme`.
    pub fn medium(&mut self, medium: &str, feature: &str, value: &str) {
        let features = json!({"media": medium, "features": [{"name": feature, "value": value}]});
        self.ask("Emulation.setEmulatedMedia", &features)
            .expect("an answer");
    }

    /// Switches scripts of pages on or off.
    pub fn scripts(&mut self, are_on: bool) {
        let parameters = json!({"value": !are_on});
        self.ask("Emulation.setScriptExecutionDisabled", &parameters)
            .expect("an answer");
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
