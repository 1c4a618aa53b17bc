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

/// Circles of files that are there still. None may come to be; who opens one takes
/// its line out.
const OPEN_CIRCLES: &[&[&str]] = &[];

type Module = Vec<String>;

/// The files of a tree of modules, and what each uses.
struct Files {
    modules: BTreeSet<Module>,
    /// By module and name: what is exported again under that name.
    exported: BTreeMap<(Module, String), Module>,
    uses: BTreeMap<Module, Vec<Module>>,
}

impl Files {
    fn read(src: &Path) -> Self {
        let mut texts = BTreeMap::new();
        for file in sources(src) {
            let path = file.strip_prefix(src).unwrap().with_extension("");
            let path = match path.file_name() {
                Some(name) if name == "mod" => path.parent().unwrap_or(&path),
                _ => &path,
            };
            let module: Module = path
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            if !module.iter().any(|part| is_of_tests(part)) {
                texts.insert(module, code(&fs::read_to_string(&file).unwrap()));
            }
        }
        let mut files = Self {
            modules: texts.keys().cloned().collect(),
            exported: BTreeMap::new(),
            uses: BTreeMap::new(),
        };
        for (module, text) in &texts {
            files.add(module, text);
        }
        files
    }

    /// Notes the paths of a file: of its `use` items, and within its code.
    fn add(&mut self, module: &Module, text: &str) {
        for statement in text.split(';') {
            let item = statement.rsplit_once("use ").filter(|(before, _)| {
                before.is_empty() || before.ends_with(|c: char| c.is_whitespace())
            });
            let paths = item.map(|(_, paths)| paths).filter(|paths| is_path(paths));
            let Some(paths) = paths else {
                for (at, _) in statement
                    .match_indices("super::")
                    .chain(statement.match_indices("crate::"))
                {
                    let rest = &statement[at..];
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
                    self.note(module, &rest[..end.unwrap_or(rest.len())]);
                }
                continue;
            };
            let before = item.unwrap().0.trim_end();
            let is_exported = before.ends_with("pub") || before.ends_with(')');
            for path in expanded(paths) {
                let (path, name) = path.split_once(" as ").map_or_else(
                    || {
                        (
                            path.clone(),
                            path.rsplit("::").next().unwrap_or_default().to_owned(),
                        )
                    },
                    |(path, name)| (path.to_owned(), name.trim().to_owned()),
                );
                if is_exported {
                    if let Some(target) = self.absolute(module, &path) {
                        self.exported.insert((module.clone(), name), target);
                    }
                } else {
                    self.note(module, &path);
                }
            }
        }
    }

    fn note(&mut self, module: &Module, path: &str) {
        if let Some(target) = self.absolute(module, path) {
            self.uses.entry(module.clone()).or_default().push(target);
        }
    }

    /// A path from the root of the crate.
    fn absolute(&self, module: &Module, path: &str) -> Option<Module> {
        let mut parts: Vec<_> = path
            .split("::")
            .map(|part| part.trim().to_owned())
            .collect();
        parts.retain(|part| !part.is_empty());
        let first = parts.first()?.clone();
        let mut base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            _ => {
                let child = [&module[..], &[first]].concat();
                let is_child = self.modules.contains(&child);
                return is_child.then(|| [&module[..], &parts].concat());
            }
        };
        for part in parts.into_iter().skip(1) {
            if part == "super" {
                base.pop();
            } else {
                base.push(part);
            }
        }
        Some(base)
    }

    /// The file that declares what a path names.
    fn file(&self, path: &Module, depth: usize) -> Option<Module> {
        let length = (1..=path.len())
            .rev()
            .find(|length| self.modules.contains(&path[..*length]))?;
        let module = path[..length].to_vec();
        let name = path.get(length);
        let target = name.and_then(|name| self.exported.get(&(module.clone(), name.clone())));
        match target {
            Some(target) if depth < 8 => {
                self.file(&[&target[..], &path[length + 1..]].concat(), depth + 1)
            }
            _ => Some(module),
        }
    }

    /// The files of its own room that each file uses.
    fn edges(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let edges = self.uses.iter().map(|(module, paths)| {
            let targets = paths.iter().filter_map(|path| self.file(path, 0));
            let same_room = |target: &Module| target != module && target.first() == module.first();
            (module, targets.filter(same_room).collect())
        });
        edges.collect()
    }

    /// Files that use each other, directly or by others.
    fn circles(&self) -> BTreeSet<Vec<String>> {
        let edges = self.edges();
        let reach: BTreeMap<&Module, BTreeSet<&Module>> = edges
            .keys()
            .map(|module| (*module, reached(&edges, module)))
            .collect();
        let mut circles = BTreeSet::new();
        for (module, from) in &reach {
            if !from.contains(*module) {
                continue;
            }
            let returns = |other: &&&Module| {
                reach
                    .get(**other)
                    .is_some_and(|back| back.contains(*module))
            };
            let circle = from.iter().filter(returns).map(|other| other.join("::"));
            circles.insert(circle.collect());
        }
        circles
    }
}

/// All that a file uses, directly or by others.
fn reached<'e>(
    edges: &'e BTreeMap<&Module, BTreeSet<Module>>,
    from: &Module,
) -> BTreeSet<&'e Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Module> = edges.get(from).into_iter().flatten().collect();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(edges.get(module).into_iter().flatten());
        }
    }
    reached
}

fn is_of_tests(part: &str) -> bool {
    part.contains("test") || ["fixture", "hostile", "vectors"].contains(&part)
}

/// Whether a text can be what follows `use`.
fn is_path(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || c.is_whitespace() || "_:{},*".contains(c))
}

/// The code of a file, without comments and without the tests at its end.
fn code(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths of a `use` item, its braces multiplied out.
fn expanded(item: &str) -> Vec<String> {
    let item = item.trim();
    let Some((prefix, rest)) = item.split_once('{') else {
        return vec![item.to_owned()];
    };
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for c in rest.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                part.push(c);
            }
        }
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| expanded(&format!("{prefix}{}", part.trim())))
        .collect()
}

#[test]
fn files_of_a_room_use_each_other_in_no_circle() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let open = OPEN_CIRCLES
        .iter()
        .map(|circle| circle.iter().map(|&file| file.to_owned()).collect());
    let open: BTreeSet<Vec<String>> = open.collect();
    let found = Files::read(&src).circles();
    let text = |circles: Vec<&Vec<String>>| {
        circles
            .iter()
            .map(|circle| circle.join(", "))
            .collect::<Vec<_>>()
            .join("\n")
    };
    // A circle that lost files is smaller than the one that is listed.
    let is_part = |circle: &&Vec<String>| {
        !open
            .iter()
            .any(|known| circle.iter().all(|file| known.contains(file)))
    };
    let new: Vec<_> = found.iter().filter(is_part).collect();
    assert!(new.is_empty(), "circles of files:\n{}", text(new));
    let gone: Vec<_> = open
        .iter()
        .filter(|known| {
            !found
                .iter()
                .any(|circle| circle.iter().all(|file| known.contains(file)))
        })
        .collect();
    assert!(
        gone.is_empty(),
        "circles that are no more, to be taken out:\n{}",
        text(gone)
    );
}

#[test]
fn circles_are_found_through_exports() {
    let module = |path: &str| -> Module { path.split("::").map(str::to_owned).collect() };
    let mut files = Files {
        modules: ["a", "a::b", "a::c", "a::d"].map(module).into(),
        exported: BTreeMap::new(),
        uses: BTreeMap::new(),
    };
    files.add(&module("a"), "mod b;\npub use b::{One, Two as Other};");
    files.add(&module("a::b"), "use super::c::Three;\nfn f() {}");
    files.add(&module("a::c"), "use crate::a::{Other};");
    files.add(&module("a::d"), "fn f(_: super::One) {}");
    let circle: Vec<_> = ["a::b", "a::c"].map(str::to_owned).into();
    assert_eq!(files.circles(), [circle].into());
}
