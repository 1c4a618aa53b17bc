//! The texts of `docs/` that are part of the manual, and what their pages are called.

/// The name of the program, and of its page.
pub const PROGRAM: &str = "peerscope";

/// Texts that have a page of their own: name, section, what it is.
pub const TEXTS: [(&str, char, &str, &str); 4] = [
    (
        "filter",
        '5',
        "expressions that say which messages are meant",
        include_str!("../../../docs/filter.md"),
    ),
    (
        "json",
        '5',
        "the JSON records of peerscope, a contract",
        include_str!("../../../docs/json.md"),
    ),
    (
        "keylog",
        '5',
        "keys of encrypted BitTorrent connections",
        include_str!("../../../docs/keylog.md"),
    ),
    (
        "active",
        '7',
        "how peerscope get and seed behave as peers",
        include_str!("../../../docs/active.md"),
    ),
];

/// Texts that go on where the page of a command ends.
pub const MORE: [(&str, &str); 7] = [
    ("check", include_str!("../../../docs/check.md")),
    ("diff", include_str!("../../../docs/diff.md")),
    ("extract", include_str!("../../../docs/extract.md")),
    ("hex", include_str!("../../../docs/hex.md")),
    ("live", include_str!("../../../docs/live.md")),
    ("report", include_str!("../../../docs/report.md")),
    ("tui", include_str!("../../../docs/tui.md")),
];

/// The page that a link to a file of `docs/` leads to.
pub fn named_by_file(file: &str) -> Option<String> {
    let name = file.rsplit('/').next()?.strip_suffix(".md")?;
    let text = TEXTS.iter().find(|(text, ..)| *text == name);
    let command = MORE.iter().find(|(command, _)| *command == name);
    let section = text.map(|text| text.1).or(command.map(|_| '1'))?;
    Some(format!("{PROGRAM}-{name}({section})"))
}
