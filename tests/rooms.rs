//! The rooms of the house use only the rooms that `ARCHITECTURE.md` allows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room of the architecture page, and what it may use. `cli` is not among
/// them: it uses all.
fn allowed(page: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let table = page.split("| room | uses |\n|---|---|\n").nth(1).unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let room = cells.next().unwrap().trim_matches('`');
        let uses = cells.next().unwrap().split(", ");
        (room, uses.filter(|other| *other != "nothing").collect())
    })
    .collect()
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
    files
}

/// The room that a file of `src` belongs to.
fn room(src: &Path, file: &Path) -> String {
    let first = file.strip_prefix(src).unwrap().iter().next().unwrap();
    let first = first.to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first).to_owned()
}

/// The rooms named in `crate::…` paths, in a list of braces too.
fn used(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        // Not `$crate::` of another crate's macro, nor `mycrate::`.
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            rooms.extend(first_names(list));
        } else {
            rooms.insert(name(rest).to_owned());
        }
    }
    rooms
}

/// The identifier that a path begins with.
fn name(path: &str) -> &str {
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_');
    &path[..end.unwrap_or(path.len())]
}

/// What each entry of a `use` list begins with, up to the closing brace.
fn first_names(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut entry) = (0, Vec::new(), String::new());
    for c in list.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut entry)),
            _ if depth == 0 && !c.is_whitespace() => entry.push(c),
            _ => {}
        }
    }
    names.push(entry);
    let names = names.iter().map(|entry| name(entry).to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn rooms_use_what_the_architecture_page_allows() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let src = repository.join("src");
    let page = fs::read_to_string(repository.join("ARCHITECTURE.md")).unwrap();
    let allowed = allowed(&page);
    let mut wrong = Vec::new();
    let mut rooms = BTreeSet::new();
    for file in sources(&src) {
        let room = room(&src, &file);
        let Some(may) = allowed.get(room.as_str()) else {
            assert!(
                ["cli", "lib", "main"].contains(&room.as_str()),
                "{room} is not in the table of rooms"
            );
            continue;
        };
        for other in used(&fs::read_to_string(&file).unwrap()) {
            if other != room && !may.contains(other.as_str()) {
                wrong.push(format!("{} uses {other}", file.display()));
            }
        }
        rooms.insert(room);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // And the table names no room that is not there.
    let named = allowed
        .iter()
        .flat_map(|(room, uses)| uses.iter().chain([room]));
    assert!(
        named.into_iter().all(|room| rooms.contains(*room)),
        "{rooms:?}"
    );
}

#[test]
fn used_rooms_are_found() {
    let text = "use crate::wire::peer;\nuse crate::{flow::{Side, Gap}, packet};\n\
                // use crate::cli;\nlet x: crate::view::Line = mycrate::no();";
    let expected = ["flow", "packet", "view", "wire"].map(str::to_owned);
    assert_eq!(used(text), expected.into());
}
