//! Whatever a capture holds, the page is small, and nothing of it is markup.

use std::path::Path;

use regex::Regex;

use crate::{everything, report};

/// No page is longer.
const MAX_PAGE: usize = 2_000_000;

/// The tags that a page is made of, and no other.
const TAGS: &str = "a|article|b|body|br|caption|code|data|dd|desc|details|div|dl|dt|figcaption|\
                    figure|h1|h2|h3|h4|head|header|html|li|main|meta|nav|p|path|rect|script|section|\
                    small|span|style|summary|svg|table|tbody|td|text|tfoot|th|thead|title|tr|ul";

/// What is wrong with a page.
fn faults(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if page.len() > MAX_PAGE {
        faults.push(format!("{} bytes", page.len()));
    }
    // Style and script are the project's own.
    let own = Regex::new(r"(?s)<(style|script)>.*?</(style|script)>").unwrap();
    assert_eq!(own.find_iter(page).count(), 2, "one style, one script");
    let page = own.replace_all(page, "");
    let tag = Regex::new(r"<[^>]*>").unwrap();
    let known = Regex::new(&format!(
        r#"^(<!DOCTYPE html>|</?({TAGS})( [a-zA-Z-]+(="[^"<>]*")?)*>)$"#
    ))
    .unwrap();
    let unknown = tag
        .find_iter(&page)
        .find(|tag| !known.is_match(tag.as_str()));
    faults.extend(unknown.map(|tag| format!("an odd tag {}", tag.as_str())));
    let handler = Regex::new(r"<[^>]* (on[a-z]+|src|style|srcdoc|action|formaction)=").unwrap();
    faults.extend(handler.find(&page).map(|tag| tag.as_str().to_owned()));
    let link = Regex::new(r#"href="([^"]*)""#).unwrap();
    let own_link =
        Regex::new(r"^(#[a-z0-9-]+|https://www\.bittorrent\.org/beps/bep_\d{4}\.html)$").unwrap();
    let odd = link
        .captures_iter(&page)
        .find(|link| !own_link.is_match(&link[1]));
    faults.extend(odd.map(|link| format!("a link to {}", &link[1])));
    let is_odd = |c: &char| {
        c.is_control() && *c != '\n'
            || ('\u{202a}'..='\u{202e}').contains(c)
            || ('\u{2066}'..='\u{2069}').contains(c)
    };
    faults.extend(page.chars().find(is_odd).map(|c| format!("{c:?}")));
    faults
}

fn check(capture: &Path, options: &[&str]) {
    let page = report(capture, options);
    assert!(page.ends_with("</html>"), "{}: cut", capture.display());
    let faults = faults(&page);
    assert!(
        faults.is_empty(),
        "{} {options:?}: {faults:?}",
        capture.display()
    );
}

#[test]
fn no_capture_makes_markup_or_a_long_page() {
    for capture in everything() {
        check(&capture, &[]);
    }
}

#[test]
fn pages_of_two_captures_are_as_safe() {
    let captures = crate::shipped();
    for pair in captures.windows(2) {
        for options in [&[][..], &["--anonymize"]] {
            let other = pair[1].to_str().unwrap();
            let options = [&[other], options].concat();
            check(&pair[0], &options);
        }
    }
}

#[test]
fn anonymized_pages_are_as_safe() {
    for capture in crate::shipped() {
        check(&capture, &["--anonymize"]);
    }
}
