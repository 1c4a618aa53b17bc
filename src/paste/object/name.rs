//! Names of types before brackets: `Map(2) {`, `OrderedDict([`, `map[string]interface {}{`.

/// Brackets in which entries stand.
pub const OPENINGS: [char; 3] = ['{', '[', '('];

/// A longer name is none.
const MAX_NAME: usize = 48;

/// Types that are printed with the number of their items.
const COUNTED: [&str; 6] = ["array", "Array", "Map", "Set", "Object", "string"];

/// What PHP prints, with its bracket in the next line.
const OF_PHP: [&str; 2] = ["Array", "Object"];

/// Types of which the items are pairs of a key and its value.
const MAPS: [&str; 5] = ["map", "dict", "fromlist", "entries", "hash"];

/// Types of lists, of which one may have one item.
const LISTS: [&str; 5] = ["list", "set", "seq", "vec", "array"];

/// Types of bytes.
const BYTES: [&str; 5] = ["byte", "uint8", "int8", "u8", "buffer"];

/// Functions and types in small letters that are printed with their entries in parentheses.
const CALLS: [&str; 6] = [
    "dict",
    "namespace",
    "array",
    "mappingproxy",
    "defaultdict",
    "map",
];

/// Signs before a bracket that say what it is: `%{}` of Elixir, `#{}` of Erlang, `@{}` of
/// PowerShell, `&{}` of Go.
const SIGNS: [char; 4] = ['%', '#', '@', '&'];

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '\\' | '$')
}

/// The name that stands before a bracket at the end of a text.
pub fn before(text: &str) -> &str {
    let near = &text[text.ceil_char_boundary(text.len().saturating_sub(MAX_NAME))..];
    let near = near.trim_end_matches(' ').trim_end_matches(SIGNS);
    let inner = near.strip_suffix(')').unwrap_or(near);
    let inner = if inner.len() < near.len() {
        inner.trim_end_matches(|c: char| c.is_ascii_digit())
    } else {
        inner
    };
    let name = match inner.strip_suffix('(') {
        Some(name) => name,
        None => near,
    };
    &name[name.trim_end_matches(is_of_name).len()..]
}

/// The name and the length up to the bracket, where a text begins with a bracket or with a
/// name before one. `tight` says that no blank is between.
pub fn ahead(rest: &str, tight: bool) -> Option<(&str, usize)> {
    const WITHOUT_PROTOTYPE: &str = "[Object: null prototype] ";
    let mut at = 0;
    for skipped in [WITHOUT_PROTOTYPE, "new ", "&"] {
        at += if rest[at..].starts_with(skipped) {
            skipped.len()
        } else {
            0
        };
    }
    if let Some(length) = go_type(&rest[at..]) {
        return Some((&rest[at..at + length], at + length));
    }
    let inner = rest[at..].trim_start_matches(SIGNS);
    at = rest.len() - inner.len();
    let after = inner.trim_start_matches(is_of_name);
    let name = &inner[..inner.len() - after.len()];
    if name.len() > MAX_NAME {
        return None;
    }
    at += name.len();
    if name == "object" || OF_PHP.contains(&name) || name == "stdClass" {
        at = rest.len() - behind_class(after).len();
    } else if COUNTED.contains(&name)
        && let Some(behind) = count(after)
    {
        at = rest.len() - behind.len();
    }
    let blank = &rest[at..];
    let bracket = if OF_PHP.iter().any(|word| rest[..at].ends_with(word)) {
        blank.trim_start()
    } else if tight || name.is_empty() {
        blank
    } else {
        blank.trim_start_matches(' ')
    };
    at = rest.len() - bracket.len();
    bracket.starts_with(OPENINGS).then_some((name, at))
}

/// What stands behind `(3)`.
fn count(after: &str) -> Option<&str> {
    let inner = after.strip_prefix('(')?;
    let end = inner.trim_start_matches(|c: char| c.is_ascii_digit());
    let behind = end.strip_prefix(')')?;
    (end.len() < inner.len()).then_some(behind)
}

/// What stands behind the class of an object of PHP: `(stdClass)#3 (2)`, ` Object`.
fn behind_class(after: &str) -> &str {
    let class = after.strip_prefix('(').and_then(|inner| {
        let class = inner.trim_start_matches(is_of_name);
        let number = class.strip_prefix(")#")?;
        let number = number.trim_start_matches(|c: char| c.is_ascii_digit());
        count(number.strip_prefix(' ')?)
    });
    let word = after.strip_prefix(" Object");
    class.or(word).or(count(after)).unwrap_or(after)
}

/// Length of a type of Go with its keys, `map[string]interface {}`, `[]uint8`, `[6]byte`,
/// before a bracket.
fn go_type(rest: &str) -> Option<usize> {
    const ANY: &str = "interface {}";
    let mut inner = rest;
    let mut depth = 0;
    while depth < 4
        && let Some(after) = inner.strip_prefix("map[").or(inner.strip_prefix('['))
    {
        let key = after.strip_prefix(ANY).unwrap_or(after);
        let key = key.trim_start_matches(is_of_name);
        inner = key.strip_prefix(']')?;
        depth += 1;
    }
    let item = inner.trim_start_matches('*');
    let name = item
        .strip_prefix(ANY)
        .unwrap_or_else(|| item.trim_start_matches(is_of_name));
    let length = rest.len() - name.len();
    let is_type = depth > 0 && name.len() < inner.len() && name.starts_with('{');
    (is_type && length <= MAX_NAME).then_some(length)
}

/// Whether a text begins with a map as Go prints it.
pub fn is_go_map(rest: &str) -> bool {
    rest.starts_with("map[")
}

fn is_one_of(name: &str, parts: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    parts.iter().any(|part| name.contains(part))
}

/// Whether a name says that the items are pairs of a key and its value.
pub fn is_map(name: &str) -> bool {
    is_one_of(name, &MAPS)
}

/// Whether a name says that there may be one item or more.
pub fn is_list(name: &str) -> bool {
    is_one_of(name, &LISTS)
}

/// Whether a name says that the items are bytes.
pub fn is_of_bytes(name: &str) -> bool {
    is_one_of(name, &BYTES)
}

/// Whether entries in parentheses behind a name are the fields of what is printed, and no
/// remark in a sentence.
pub fn is_of_fields(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) || CALLS.contains(&name)
}

/// Length of the name of a type whose items are not printed, `Uint8Array(6)`.
pub fn uncounted(rest: &str) -> Option<usize> {
    const TYPES: [&str; 6] = ["Uint8Array", "ArrayBuffer", "Array", "Map", "Set", "Buffer"];
    let name = TYPES.iter().find(|name| rest.starts_with(**name))?;
    let behind = count(&rest[name.len()..])?;
    let is_alone = behind.starts_with([',', '}', ']', '\n']) || behind.is_empty();
    is_alone.then_some(rest.len() - behind.len())
}
