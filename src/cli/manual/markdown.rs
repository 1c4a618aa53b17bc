//! Markdown, as far as `docs/` uses it, as roff: headings, paragraphs, lists,
//! tables, code, and bold, code and links within a line.

use roff::{Inline, Roff, bold, roman};

use super::texts::named_by_file;

/// Adds the sections of `text`, without its title, to a page. A paragraph before
/// the first heading becomes a section named `introduction`.
pub fn push(roff: &mut Roff, text: &str, introduction: &str) {
    let mut blocks = Blocks {
        roff,
        paragraph: Vec::new(),
    };
    let mut header: Option<Vec<&str>> = None;
    let mut lines = text.lines().peekable();
    let mut is_titled = false;
    while let Some(line) = lines.next() {
        if line.starts_with('|') {
            blocks.end_paragraph();
            match &header {
                None => {
                    header = Some(cells(line));
                    // The rule below the header.
                    lines.next();
                }
                Some(header) => blocks.row(header, &cells(line)),
            }
            continue;
        }
        header = None;
        if let Some(title) = line.strip_prefix("# ") {
            let _ = title;
        } else if let Some(title) = line.strip_prefix("## ") {
            is_titled = true;
            blocks.heading("SH", &title.to_uppercase());
        } else if let Some(title) = line.strip_prefix("### ") {
            blocks.heading("SS", title);
        } else if line.starts_with("```") {
            let code = lines.by_ref().take_while(|line| !line.starts_with("```"));
            let code: Vec<&str> = code.collect();
            blocks.end_paragraph();
            verbatim(blocks.roff, &code);
        } else if let Some(item) = line.strip_prefix("- ") {
            blocks.end_paragraph();
            blocks.roff.control("IP", ["\\(bu", "2"]);
            blocks.paragraph.push(item);
        } else if line.trim().is_empty() {
            blocks.end_paragraph();
        } else {
            if !is_titled {
                is_titled = true;
                blocks.heading("SH", introduction);
            }
            if blocks.paragraph.is_empty() {
                blocks.roff.control("PP", []);
            }
            blocks.paragraph.push(line.trim());
        }
    }
    blocks.end_paragraph();
}

/// Lines as they are, indented.
pub fn verbatim(roff: &mut Roff, lines: &[&str]) {
    roff.control("PP", []);
    roff.control("RS", ["4"]);
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line.to_owned())]);
    }
    roff.control("fi", []);
    roff.control("RE", []);
}

/// A page that is being written.
struct Blocks<'r, 't> {
    roff: &'r mut Roff,
    /// The lines of the paragraph that has not ended yet.
    paragraph: Vec<&'t str>,
}

impl Blocks<'_, '_> {
    fn heading(&mut self, macro_name: &str, title: &str) {
        self.end_paragraph();
        let title = plain(title);
        self.roff.control(macro_name, [title.as_str()]);
    }

    fn end_paragraph(&mut self) {
        if !self.paragraph.is_empty() {
            let text = self.paragraph.join(" ");
            self.paragraph.clear();
            self.roff.text(inlines(&text));
        }
    }

    /// A row of a table: its first cell, and below it the others, each with the
    /// name of its column where there are several.
    fn row(&mut self, header: &[&str], cells: &[&str]) {
        let [first, rest @ ..] = cells else { return };
        self.roff.control("TP", []);
        self.roff.text(inlines(first));
        let mut text = Vec::new();
        for (at, cell) in rest.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            if !text.is_empty() {
                text.push(roman("; "));
            }
            let name = header.get(at + 1).filter(|name| !name.is_empty());
            if let (Some(name), 2..) = (name, rest.len()) {
                text.push(roman(format!("{}: ", plain(name))));
            }
            text.extend(inlines(cell));
        }
        self.roff.text(text);
    }
}

/// The cells of a row. A bar within code has a backslash before it.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim().trim_start_matches('|');
    let line = line.strip_suffix('|').unwrap_or(line);
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, _) in line.match_indices('|') {
        if !line[..at].ends_with('\\') {
            cells.push(line[start..at].trim());
            start = at + 1;
        }
    }
    cells.push(line[start..].trim());
    cells
}

/// The words of a line without its marks.
fn plain(text: &str) -> String {
    inlines(text)
        .into_iter()
        .map(|part| match part {
            Inline::Roman(text) | Inline::Bold(text) | Inline::Italic(text) => text,
            Inline::LineBreak => " ".to_owned(),
        })
        .collect()
}

/// Code and bold text in bold, links as what they lead to.
fn inlines(text: &str) -> Vec<Inline> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*', '[', '\\']) {
        parts.push(roman(&rest[..at]));
        rest = &rest[at..];
        let (part, length) = marked(rest);
        parts.push(part);
        rest = &rest[length..];
    }
    parts.push(roman(rest));
    parts
}

/// What stands at the beginning of `text`, which is a mark or looks like one,
/// and how long it is.
fn marked(text: &str) -> (Inline, usize) {
    for mark in ["`", "**"] {
        if let Some(inner) = text.strip_prefix(mark)
            && let Some(end) = inner.find(mark)
        {
            let inner = &inner[..end];
            let length = end + 2 * mark.len();
            return (bold(inner.replace("\\|", "|")), length);
        }
    }
    if let Some(inner) = text.strip_prefix('[')
        && let Some((label, target)) = inner.split_once("](")
        && let Some((target, _)) = target.split_once(')')
    {
        let length = "[](".len() + label.len() + target.len() + ")".len();
        return match named_by_file(target) {
            Some(page) => (bold(page), length),
            None => (roman(label), length),
        };
    }
    if text.starts_with("\\|") {
        return (roman("|"), 2);
    }
    (roman(&text[..1]), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> String {
        let mut roff = Roff::new();
        push(&mut roff, text, "INTRODUCTION");
        roff.to_roff()
    }

    #[test]
    fn each_kind_of_block() {
        let text = "# Title\n\nFirst `code`,\nthen **bold**.\n\n## Part\n\n- one\n  more\n- two\n\n\
                    ```sh\n.x 'y'\n```\n\n| a | b | |\n|---|---|---|\n| `k\\|l` | 1 | [json](json.md) |\n";
        insta::assert_snapshot!(page(text), @r"
        .SH INTRODUCTION
        .PP
        First \fBcode\fR, then \fBbold\fR.
        .SH PART
        .IP \(bu 2
        one more
        .IP \(bu 2
        two
        .PP
        .RS 4
        .nf
        \&.x 'y'
        .fi
        .RE
        .TP
        \fBk|l\fR
        b: 1; \fBpeerscope\-json(5)\fR
        ");
    }

    #[test]
    fn marks_that_are_none_are_words() {
        assert_eq!(plain("a * b ` c [d] \\ e"), "a * b ` c [d] \\ e");
    }
}
