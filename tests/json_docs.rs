//! `docs/json.md` names every field of every message.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files under a directory, but for tests.
fn sources(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path
            .file_stem()
            .is_some_and(|name| name.to_string_lossy().contains("test"));
        if is_test {
            continue;
        }
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The names in `Field::new("NAME", Kind::KIND` of a source, but for framing,
/// bulk data and metainfo files, which no record shows.
fn field_names(source: &str, into: &mut BTreeSet<String>) {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    for call in code.split("Field::new(").skip(1) {
        let Some((name, rest)) = call
            .trim_start()
            .strip_prefix('"')
            .and_then(|call| call.split_once('"'))
        else {
            continue;
        };
        let kind = rest.trim_start_matches([',', ' ', '\n']);
        if !kind.starts_with("Kind::Framing") && !kind.starts_with("Kind::Data") {
            into.insert(name.to_owned());
        }
    }
}

#[test]
fn every_field_is_documented() {
    let docs = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let mut files = Vec::new();
    sources(&root().join("src/wire"), &mut files);
    let mut names = BTreeSet::new();
    let is_of_a_message = |file: &&PathBuf| !file.to_string_lossy().contains("metainfo");
    for file in files.iter().filter(is_of_a_message) {
        field_names(&fs::read_to_string(file).unwrap(), &mut names);
    }
    assert!(names.len() > 30, "the field tables have moved: {names:?}");
    names.retain(|name| !docs.contains(&format!("`{name}`")));
    assert!(names.is_empty(), "not in docs/json.md: {names:?}");
}

#[test]
fn names_are_found_in_a_source() {
    let mut names = BTreeSet::new();
    let source = "static A: Field = Field::new(\"a_b\", Kind::Text);\n\
        static D: Field = Field::new(\n    \"d\",\n    Kind::Data,\n);\n\
        static F: Field = Field::new(\n    \"f\", Kind::Flags(&X));";
    field_names(source, &mut names);
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a_b", "f"]);
}
