use proptest::prelude::*;

use super::*;

type Runs<'d> = Vec<(Role, &'d str)>;

fn runs(document: &Document) -> Vec<Runs<'_>> {
    document.lines().map(|line| line.runs().collect()).collect()
}

#[test]
fn lines_have_runs_and_subjects() {
    let mut document = Document::new(true);
    document.role(Role::Quiet);
    document.push("#1 ");
    document.role(Role::Hash);
    document.role(Role::Request);
    document.push("request");
    document.end_line();
    document.end_line();
    document.subject(Some(3));
    document.push("index ");
    document.role(Role::Number);
    document.push("60");
    document.end_line();
    document.subject(None);
    document.push("end");
    assert_eq!(
        runs(&document),
        [
            vec![(Role::Quiet, "#1 "), (Role::Request, "request")],
            vec![],
            vec![(Role::Plain, "index "), (Role::Number, "60")],
            vec![(Role::Plain, "end")],
        ]
    );
    let subjects: Vec<_> = document.lines().map(|line| line.subject).collect();
    assert_eq!(subjects, [None, None, Some(3), None]);
    document.clear();
    assert_eq!(document.lines().count(), 0);
}

#[test]
fn a_line_is_wrapped_with_its_roles() {
    let mut whole = Document::new(true);
    whole.push("1:9 ");
    whole.role(Role::Request);
    whole.push("one two three");
    whole.role(Role::Plain);
    whole.push(" and four");
    let mut wrapped = Document::new(true);
    for line in whole.lines() {
        wrapped.push_wrapped(line, 10, 2);
    }
    assert_eq!(
        runs(&wrapped),
        [
            vec![(Role::Plain, "1:9 "), (Role::Request, "one")],
            vec![(Role::Plain, "  "), (Role::Request, "two")],
            vec![(Role::Plain, "  "), (Role::Request, "three")],
            vec![(Role::Plain, "  and four")],
        ]
    );
}

#[test]
fn without_style_everything_is_plain() {
    let mut document = Document::new(false);
    document.role(Role::Problem);
    document.push_safe("\u{1b}[0m");
    document.end_line();
    assert_eq!(runs(&document), [[(Role::Plain, "\\x1b[0m")]]);
}

#[test]
fn brief_text_ends_at_a_character() {
    let brief = |most| {
        let mut document = Document::new(false);
        document.push_brief("a\u{1b}µb", most);
        document.text
    };
    assert_eq!(brief(8), "a\\x1bµb");
    assert_eq!(brief(7), "a\\x1bµ…");
    assert_eq!(brief(6), "a\\x1b…");
    assert_eq!(brief(0), "…");
}

proptest! {
    #[test]
    fn runs_are_the_text(parts in prop::collection::vec((0..Role::ALL.len(), "[a-cµ\n]{0,4}"), 0..20)) {
        let mut document = Document::new(true);
        for (role, text) in &parts {
            document.role(Role::ALL[*role]);
            document.push(text);
        }
        let mut roles = Vec::new();
        for line in document.lines() {
            let joined: String = line.runs().map(|(_, text)| text).collect();
            prop_assert_eq!(joined, line.text);
            roles.extend(line.runs().flat_map(|(role, text)| text.chars().map(move |_| role)));
        }
        let written = parts.iter().flat_map(|(role, text)| {
            text.chars().filter(|c| *c != '\n').map(move |_| Role::ALL[*role])
        });
        prop_assert_eq!(roles, written.collect::<Vec<_>>());
        let lines: Vec<_> = document.lines().map(|line| line.text).collect();
        prop_assert_eq!(lines, document.text().lines().collect::<Vec<_>>());
    }
}
