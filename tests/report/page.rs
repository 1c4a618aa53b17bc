//! Reading a page without a browser: its tags, and the numbers that it marks.

use std::collections::BTreeMap;

use regex::Regex;

/// The text of each element of this name that has this class, with its start tag.
pub fn elements<'p>(page: &'p str, name: &str, class: &str) -> Vec<&'p str> {
    let start = format!("<{name} class=\"{class}\"");
    let end = format!("</{name}>");
    let pieces = page.match_indices(&start);
    pieces
        .map(|(at, _)| {
            let rest = &page[at..];
            &rest[..rest.find(&end).expect("elements end")]
        })
        .collect()
}

/// An attribute of the first tag of some markup.
pub fn attribute(markup: &str, name: &str) -> Option<String> {
    let tag = &markup[..markup.find('>')?];
    let pattern = Regex::new(&format!(r#" {name}="([^"]*)""#)).unwrap();
    Some(pattern.captures(tag)?[1].to_owned())
}

/// The numbers that some markup marks, by their keys.
pub fn numbers(markup: &str) -> BTreeMap<String, u64> {
    let pattern = Regex::new(r#"<data data-key="([^"]*)" value="(\d+)">"#).unwrap();
    let all = pattern.captures_iter(markup);
    all.map(|found| (found[1].to_owned(), found[2].parse().unwrap()))
        .collect()
}

/// The markup of the cells of a side, in a card.
pub fn cells<'p>(card: &'p str, side: &str) -> Vec<&'p str> {
    let start = format!("<td data-side=\"{side}\"");
    let cells = card.match_indices(&start);
    cells
        .map(|(at, _)| {
            let rest = &card[at..];
            &rest[..rest.find("</td>").expect("cells end")]
        })
        .collect()
}
