//! Bytes as source code: an array of C, a buffer of Node.js, or digits alone;
//! every field with its name and value as a comment.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::dump;
use super::number::push_hex;
use super::record::Record;
use super::text::Safe;
use super::words;
use crate::wire::Tree;
use crate::wire::span::slice;

/// What the bytes are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// One line of hex digits a message.
    Hex,
    /// `const uint8_t`.
    C,
    /// `Buffer.from`.
    Node,
}

/// Bytes a row.
const PER_ROW: usize = 8;

/// Columns of a byte.
const BYTE: usize = "0x00, ".len();

/// Writes messages as source code, each under a name of its own.
#[derive(Debug)]
pub struct ArrayWriter {
    language: Language,
    /// How many messages of each name there were.
    names: BTreeMap<&'static str, u32>,
    tree: Tree,
    text: String,
}

impl ArrayWriter {
    /// A writer of this language.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            names: BTreeMap::new(),
            tree: Tree::new(),
            text: String::new(),
        }
    }

    /// Writes a message.
    pub fn record(&mut self, out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
        self.text.clear();
        if self.language == Language::Hex {
            push_hex(&mut self.text, record.bytes);
            self.text.push('\n');
        } else {
            self.open(record);
            self.rows(record);
            self.close(record.missing);
        }
        out.write_all(self.text.as_bytes())
    }

    fn open(&mut self, record: &Record<'_>) {
        let summary = record.summary.to_string();
        let summary = Safe(summary.as_bytes()).to_string();
        self.line_comment(&summary);
        let count = self.names.entry(record.message).or_default();
        *count += 1;
        let number = match count {
            1 => String::new(),
            more => format!("_{more}"),
        };
        let name = record.message;
        let _ = match self.language {
            Language::C => writeln!(
                self.text,
                "static const uint8_t {name}{number}[{}] = {{",
                record.bytes.len()
            ),
            _ => writeln!(self.text, "const {name}{number} = Buffer.from(["),
        };
    }

    fn rows(&mut self, record: &Record<'_>) {
        self.tree.clear();
        record.subject.dissect(&mut self.tree);
        let longest = self.tree.leaves().map(|(_, leaf)| leaf.end - leaf.start);
        let longest = longest
            .max()
            .map_or(0, |longest| PER_ROW.min(longest as usize));
        let mut comment = String::new();
        for (index, node) in self.tree.leaves() {
            let bytes = slice(record.bytes, node.start, node.end);
            let notes = dump::notes_of(&self.tree, index);
            let mut value = String::new();
            words::push_value(&mut value, node, record.bytes, notes, false);
            comment.clear();
            words::push_label(&mut comment, node.label, record.bytes);
            if !value.is_empty() {
                let _ = write!(comment, ": {}", value.replace('\n', ", "));
            }
            let columns = BYTE * longest;
            push_rows(&mut self.text, self.language, bytes, &comment, columns);
        }
    }

    fn close(&mut self, missing: u64) {
        if missing > 0 {
            self.line_comment(&format!("{missing} bytes cut here"));
        }
        self.text.push_str(match self.language {
            Language::C => "};\n",
            _ => "]);\n",
        });
    }

    fn line_comment(&mut self, words: &str) {
        push_comment(&mut self.text, self.language, words);
        self.text.push('\n');
    }
}

fn push_rows(out: &mut String, language: Language, bytes: &[u8], comment: &str, columns: usize) {
    for (row, chunk) in bytes.chunks(PER_ROW).enumerate() {
        out.push_str("  ");
        for byte in chunk {
            let _ = write!(out, "0x{byte:02x}, ");
        }
        if row == 0 {
            let blank = columns.saturating_sub(BYTE * chunk.len()) + 1;
            out.extend(std::iter::repeat_n(' ', blank));
            push_comment(out, language, comment);
        } else {
            out.truncate(out.trim_end().len());
        }
        out.push('\n');
    }
}

/// Appends a comment; nothing in it ends it.
fn push_comment(out: &mut String, language: Language, words: &str) {
    let _ = match language {
        Language::C => write!(out, "/* {} */", words.replace("*/", "* /")),
        _ => write!(out, "// {words}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture;

    fn written(language: Language, times: usize) -> String {
        let mut writer = ArrayWriter::new(language);
        let mut out = Vec::new();
        for _ in 0..times {
            fixture::request().record(|record| writer.record(&mut out, record).unwrap());
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_array_of_c() {
        insta::assert_snapshot!(written(Language::C, 1), @r"
        /* request piece 60, offset 0, 16 KiB */
        static const uint8_t request[17] = {
          0x00, 0x00, 0x00, 0x0d,  /* length prefix: 13 bytes follow */
          0x06,                    /* id: 6, request */
          0x00, 0x00, 0x00, 0x3c,  /* index: 60 */
          0x00, 0x00, 0x00, 0x00,  /* begin: 0 */
          0x00, 0x00, 0x40, 0x00,  /* length: 16384, 16 KiB */
        };
        ");
    }

    #[test]
    fn a_buffer_of_node() {
        let written = written(Language::Node, 2);
        let second = written.split_once("]);\n").unwrap().1;
        insta::assert_snapshot!(second, @r"
        // request piece 60, offset 0, 16 KiB
        const request_2 = Buffer.from([
          0x00, 0x00, 0x00, 0x0d,  // length prefix: 13 bytes follow
          0x06,                    // id: 6, request
          0x00, 0x00, 0x00, 0x3c,  // index: 60
          0x00, 0x00, 0x00, 0x00,  // begin: 0
          0x00, 0x00, 0x40, 0x00,  // length: 16384, 16 KiB
        ]);
        ");
    }

    #[test]
    fn digits_alone() {
        let digits = "0000000d060000003c0000000000004000\n";
        assert_eq!(written(Language::Hex, 2), digits.repeat(2));
    }

    #[test]
    fn a_comment_of_c_ends_where_it_should() {
        let mut out = String::new();
        push_comment(&mut out, Language::C, "a*/b");
        assert_eq!(out, "/* a* /b */");
    }
}
