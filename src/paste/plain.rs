//! Plain hex: in any spacing and case, with words before or behind.

use std::ops::Range;

use super::bencode;
use super::bits;
use super::cells::{self, COLUMN_GAP, Cells, Stop};
use super::column::{self, Order};
use super::dump::Cut;
use super::fault::{Fault, Reason};
use super::fields;
use super::form::Form;
use super::found::{Broken, Found};
use super::keyed;
use super::margin::margin;
use super::markup;
use super::named;
use super::proof;
use super::repeats;
use super::text::Text;
use super::whole;

/// So many pairs in a row are no accident.
const PAIRS: usize = 4;

/// So many where something else than a blank, a colon or a hyphen is between.
const SEPARATED: usize = 8;

/// So many digits without a blank are no word and no number.
const STREAM: usize = 16;

/// A line of a message taken apart, such as `index: 00 00 00 04`, has this many
/// bytes at most; a longer one behind a label is a dump of its own.
const LABELLED_PART: usize = 8;

/// Characters that a label before bytes may have.
const MAX_LABEL: usize = 40;

/// Lines that may be bytes before one that certainly is, at most.
const MAX_UNCERTAIN: usize = 8;

/// Groups after a run that is none that are looked at once more.
const MAX_AGAIN: usize = 64;

/// Digits in a line, or in a part of it.
struct Run {
    cells: Cells,
    /// How many of the groups are bytes.
    count: usize,
    start: usize,
    /// Where what belongs to the run ends (characters beside it included).
    end: usize,
    cut: bool,
    /// Nothing stands before it in its line, but perhaps a label; and nothing
    /// behind it.
    alone: bool,
    labelled: bool,
}

impl Run {
    fn size(&self) -> usize {
        self.cells.size(self.count)
    }

    fn groups(&self) -> &[cells::Group] {
        &self.cells.groups[..self.count]
    }

    /// What its digits cover.
    fn span(&self) -> Range<usize> {
        self.start..self.cells.end(self.count).unwrap_or(self.start)
    }

    fn bytes(&self, text: &Text<'_>) -> Vec<u8> {
        let mut found = Found::new(Form::Hex, self.start);
        for group in self.groups() {
            cells::push(&mut found, text, group);
        }
        found.bytes
    }

    /// Whether it is bytes whatever stands around it.
    fn is_certain(&self, text: &Text<'_>) -> bool {
        let groups = self.groups();
        if bits::are_behind(text, groups) || fields::is_field(text, self.start) {
            return false;
        }
        if whole::are_told(text, &self.span(), &self.bytes(text)) || self.is_keyed(text) {
            return true;
        }
        let digits = |group: &cells::Group| &text.text[group.span.clone()];
        let has_letter =
            |group: &cells::Group| digits(group).contains(|c: char| c.is_ascii_alphabetic());
        let is_no_word = |group: &cells::Group| {
            let digits = digits(group);
            let has_digit = digits.contains(|c: char| c.is_ascii_digit());
            has_letter(group) && has_digit || digits.starts_with('0')
        };
        let is_number = |group: &cells::Group| !has_letter(group) && group.span.len() < 2 * STREAM;
        if let [only] = groups {
            if names_revision(&text.text[..only.span.start]) {
                return false;
            }
            if named::is_hex(&text.text[..only.span.start]) {
                return true;
            }
            // Eight zeros are any number.
            let is_zero = digits(only).bytes().all(|digit| digit == b'0');
            let is_length = digits(only).starts_with("00") && !is_zero;
            let enough = only.span.len() >= STREAM || is_length;
            return only.span.len() >= 8 && enough && (self.alone || !is_number(only));
        }
        if groups.iter().all(|group| group.span.len() == 2) {
            let joined = groups.iter().skip(1).filter(|group| group.gap == 0).count();
            let is_joined = joined + 1 == groups.len();
            // `22 17:16:36` is a time.
            if joined > 0 && !is_joined && !self.alone {
                return false;
            }
            // Numbers without a zero before them or a letter may be decimal ones.
            let is_hex = |group: &cells::Group| has_letter(group) || digits(group).starts_with('0');
            let is_told = groups.iter().any(is_hex);
            // Numbers that only rise are those of a table or a list.
            if !is_told && groups.len() >= PAIRS && is_rising(&self.bytes(text)) {
                return false;
            }
            // Dates and versions have dots and strokes.
            if !self.cells.separator.is_none_or(cells::is_usual) {
                return is_joined && is_told && groups.len() >= SEPARATED;
            }
            if !(self.alone || is_told || groups.len() >= SEPARATED) {
                return false;
            }
            // Six pairs with colons in a sentence are a hardware address.
            let is_address = is_joined && matches!(groups.len(), 0..=6 | 8) && !self.alone;
            return groups.len() >= PAIRS && !is_address;
        }
        // `dead dead` are words, also in a line of their own.
        let has_digit = |group: &cells::Group| digits(group).contains(|c: char| c.is_ascii_digit());
        (self.alone && self.size() >= PAIRS && groups.iter().any(has_digit))
            || groups
                .iter()
                .any(|group| group.span.len() >= STREAM && !is_number(group))
            // `dead 14:27:38` is a word and a time, `50 dead beef 65` are numbers and words.
            || (groups.len() >= PAIRS
                && groups.iter().any(is_no_word)
                && groups.iter().skip(1).all(|group| group.gap > 0))
    }

    /// Whether it is one group that the name before it says to be hex.
    fn is_keyed(&self, text: &Text<'_>) -> bool {
        self.count == 1 && keyed::are_told(text, &self.span())
    }

    /// Whether it may be bytes beside a line that certainly is.
    fn is_possible(&self) -> bool {
        let only_pairs = self.groups().iter().all(|group| group.span.len() == 2);
        let ends = match self.cells.stop {
            Stop::End | Stop::Cut(_) => true,
            Stop::Word(_, gap) => gap >= COLUMN_GAP,
            Stop::Other(_, gap) => gap > 0,
        };
        let ends_before = self.count < self.cells.groups.len();
        (only_pairs || self.alone) && (ends || ends_before)
    }

    /// The one group of digits that it is.
    fn stream(&self) -> Option<usize> {
        match self.groups() {
            [only] if only.span.len() >= STREAM => Some(only.span.len()),
            _ => None,
        }
    }
}

/// Whether each byte is greater than the one before, and they begin no handshake.
fn is_rising(bytes: &[u8]) -> bool {
    bytes.windows(2).all(|pair| pair[0] < pair[1]) && !proof::may_be_handshake(bytes)
}

/// Reads the digits from `at` on; `None` where there are none.
fn run(text: &Text<'_>, at: usize, line: &Range<usize>, sure: bool) -> Result<Option<Run>, Fault> {
    let mut cells = cells::read(text, at..line.end);
    // `14 00 d1:md..`: bencode as text stands behind the digits.
    if let Some(last) = cells
        .groups
        .pop_if(|last| is_bencode(text, last.span.start))
    {
        cells.stop = Stop::Other(last.span.start, last.gap);
    }
    let begins = at <= line.start + margin(&text.text[line.clone()]);
    if cells.groups.is_empty() {
        check_stop(text, &cells, begins, sure)?;
        return Ok(None);
    }
    let start = cells.start;
    let is_pure = matches!(cells.stop, Stop::End | Stop::Cut(_));
    // In a table a byte a cell, the last cells are no characters of the others.
    let mut others = cells.groups.iter().skip(1);
    let is_table = is_pure && cells.groups.len() > 2 && others.all(|group| group.gap > COLUMN_GAP);
    let column = || column::groups_before(text, &cells, line.end, Order::Big);
    let shown = (!is_table).then(column).flatten();
    let (count, end) = match shown {
        Some(count) => (count, line.end),
        None if is_pure => (cells.groups.len(), line.end),
        None => {
            let column = cells.groups.iter().skip(1);
            let column = column.take_while(|group| group.gap < COLUMN_GAP).count();
            let count = column + 1;
            (count, cells.end(count).unwrap_or(at))
        }
    };
    if count == cells.groups.len() && end != line.end {
        check_stop(text, &cells, begins, sure)?;
    }
    let is_all = count == cells.groups.len();
    // Dots are characters where there is one for each byte.
    let cut = matches!(cells.stop, Stop::Cut(_)) && is_all && shown.is_none();
    let end = match cells.stop {
        Stop::Cut(after) if cut => after,
        _ => end,
    };
    Ok(Some(Run {
        alone: begins && end == line.end,
        labelled: !begins,
        cells,
        count,
        start,
        end,
        cut,
    }))
}

/// Whether a dictionary or a list as text begins here.
fn is_bencode(text: &Text<'_>, at: usize) -> bool {
    bencode::begins(text.rest(at))
}

/// Whether what ends a run is a damaged byte.
fn check_stop(text: &Text<'_>, cells: &Cells, begins: bool, sure: bool) -> Result<(), Fault> {
    let Stop::Word(word, gap) = &cells.stop else {
        return match cells.stop {
            Stop::Other(at, _) if sure => Err(not_hex(text, at)),
            _ => Ok(()),
        };
    };
    let token = &text.text[word.clone()];
    let is_damage = if is_bencode(text, word.start) {
        false
    } else if sure {
        true
    } else if cells.groups.is_empty() {
        begins && is_damaged_stream(text, word)
    } else {
        let digit = token.contains(|c: char| c.is_ascii_digit()) || cells::is_hex(token);
        cells.groups.len() >= PAIRS
            && *gap < COLUMN_GAP
            && digit
            && !are_decimal(text, cells, word)
            && cells::is_amid(text, cells, word)
    };
    if !is_damage {
        return Ok(());
    }
    match token.find(|c: char| !c.is_ascii_hexdigit()) {
        Some(bad) => Err(not_hex(text, word.start + bad)),
        None => Err(text.fault(word.end.saturating_sub(1), Reason::OddDigits)),
    }
}

/// Words behind one that are looked at.
const MAX_NEXT: usize = 16;

/// Whether a word is a decimal number of a byte among others, of which one is no pair of hex:
/// none has a letter, nor a zero before another digit.
fn are_decimal(text: &Text<'_>, cells: &Cells, word: &Range<usize>) -> bool {
    let is_decimal = |digits: &str| {
        let is_canonical = digits == "0" || !digits.starts_with('0');
        is_canonical && digits.parse::<u8>().is_ok()
    };
    let line = text.line(text.line_of(word.start)).unwrap_or_default();
    let words = text.text[word.start..line.end].split_ascii_whitespace();
    let mut numbers = words.take(MAX_NEXT).take_while(|word| is_decimal(word));
    let mut groups = cells.groups.iter();
    numbers.any(|number| number.len() > 2)
        && groups.all(|group| is_decimal(&text.text[group.span.clone()]))
}

fn not_hex(text: &Text<'_>, at: usize) -> Fault {
    let character = text.rest(at).chars().next().unwrap_or(' ');
    text.fault(at, Reason::NotHex(character))
}

/// Whether a word that fills its line is a stream of hex but for a character.
fn is_damaged_stream(text: &Text<'_>, word: &Range<usize>) -> bool {
    let token = &text.text[word.clone()];
    let line = text.line(text.line_of(word.start)).unwrap_or_default();
    let behind = text.text.get(word.end..line.end).unwrap_or_default();
    let strange = token.chars().filter(|c| !c.is_ascii_hexdigit()).count();
    let has_digit = token.contains(|c: char| c.is_ascii_digit());
    !token.starts_with("0x")
        && token.len() >= STREAM
        && behind.trim().is_empty()
        && strange * 20 <= token.len()
        && (strange > 0 || is_odd_dump(token))
        && has_digit
}

/// Whether an odd number of digits is a dump that lacks one, and not the name of a revision.
fn is_odd_dump(token: &str) -> bool {
    const REVISION: usize = 40;
    token.starts_with("00") || token.len() > REVISION
}

/// The digits that a line begins with, or that follow its label.
fn of_line(text: &Text<'_>, line: &Range<usize>) -> Result<Option<Run>, Fault> {
    let words = &text.text[line.clone()];
    let start = margin(words);
    let shown = column::before(&words[start..], PAIRS).unwrap_or_default();
    if let Some(run) = run(text, line.start + start + shown, line, false)? {
        let alone = run.alone || (shown > 0 && run.end == line.end);
        let labelled = run.labelled && shown == 0;
        return Ok(Some(Run {
            alone,
            labelled,
            ..run
        }));
    }
    for (at, mark) in words.match_indices([':', '=', '>']) {
        // What is quoted or in brackets is no label.
        if at > MAX_LABEL || words[..at].contains(['<', '{', '"', '\'', '`', '\\']) {
            break;
        }
        let after = line.start + at + mark.len();
        if text.rest(after).starts_with([' ', '\t'])
            && let Some(run) = run(text, after, line, false)?
        {
            // A label and nothing behind the bytes is as good as no label.
            let alone = run.end == line.end;
            return Ok(Some(Run { alone, ..run }));
        }
    }
    Ok(None)
}

/// Lines of hex from line `first` on, at least one of them certain; a line after
/// hex (`goes_on`) need not be.
pub fn block(text: &Text<'_>, first: usize, goes_on: bool) -> Result<Option<Found>, Fault> {
    let mut runs: Vec<Run> = Vec::new();
    let mut is_certain = goes_on;
    for line in first.. {
        let Some(span) = text.line(line) else { break };
        let Some(run) = of_line(text, &span)? else {
            break;
        };
        let certain = run.is_certain(text);
        // Words that introduce what follows: `65 of them (see:`.
        let has_words = run.end < span.end;
        if !certain && has_words && text.text[span].trim_end().ends_with(':') {
            break;
        }
        if !(certain || run.is_possible()) || !continues(text, &runs, &run) {
            break;
        }
        is_certain |= certain;
        if !is_certain && runs.len() >= MAX_UNCERTAIN {
            return Ok(None);
        }
        // Words behind the bytes are notes on them, but other bytes are not.
        let has_more = find(text, run.end).is_ok_and(|found| found.is_some());
        let ends = run.cut || has_more;
        runs.push(run);
        if ends {
            break;
        }
    }
    let Some(start) = runs.first().map(|run| run.start) else {
        return Ok(None);
    };
    if !is_certain {
        return Ok(None);
    }
    let mut found = Found::new(Form::Hex, start);
    for run in &runs {
        take(text, run, &mut found);
    }
    // `pstrlen: 19` is a decimal number.
    let is_apart = runs.first().is_some_and(|run| run.size() == 1);
    if is_apart && proof::is_name_behind(DECIMAL_LENGTH, &found.bytes) {
        found.bytes[0] = NAME_LENGTH;
    }
    Ok(Some(found))
}

/// The length of the name of the protocol, and its decimal digits taken for hex ones.
const NAME_LENGTH: u8 = 19;
const DECIMAL_LENGTH: u8 = 0x19;

/// Bytes of the length before a message.
const LENGTH_PREFIX: usize = 4;

/// Whether a line with a name of its own holds what a dump begins with, `Recv: 00 00 00 01 01`
/// below `Sent: ...`: whole messages, or a handshake.
fn begins_another(text: &Text<'_>, first: &Run, run: &Run) -> bool {
    let words = |run: &Run| {
        let line = text.line(text.line_of(run.start)).unwrap_or_default();
        &text.text[line.start..run.start]
    };
    let has_name = run.labelled || words(run).starts_with(BULLET);
    let is_row = first.size().is_multiple_of(ROW_STEP) && words(first) == words(run);
    if !has_name || is_row || run.size() <= LENGTH_PREFIX {
        return false;
    }
    let bytes = run.bytes(text);
    proof::are_whole(&bytes) || proof::begins_handshake(&bytes)
}

/// The mark of a list, which is that of a comment too.
const BULLET: &str = "* ";

/// Whether a line holds the name of the protocol, behind one with its length.
fn is_name(text: &Text<'_>, before: &[Run], run: &Run) -> bool {
    let [length] = before else {
        return false;
    };
    let [first] = length.bytes(text)[..] else {
        return false;
    };
    let is_length = [NAME_LENGTH, DECIMAL_LENGTH].contains(&first);
    is_length && proof::is_name(&run.bytes(text))
}

/// Whether a line belongs to the lines before it.
fn continues(text: &Text<'_>, before: &[Run], run: &Run) -> bool {
    let (Some(first), Some(last)) = (before.first(), before.last()) else {
        return true;
    };
    let streams = (first.stream(), last.stream(), run.stream());
    if let (Some(first), Some(last), Some(this)) = streams {
        // One stream a line: wrapped if all are as long but the last, unless each has a
        // name of its own.
        return !run.labelled && first == last && this <= first;
    }
    let is_named = run.labelled && first.is_keyed(text);
    if is_named || begins_another(text, first, run) {
        return false;
    }
    let is_part = !run.labelled || run.size() <= LABELLED_PART;
    is_part || is_name(text, before, run) || is_row(text, first, last, run)
}

/// Bytes in the rows of a log, each behind the same words.
const ROW_STEP: usize = 8;

/// Whether a line is a row below others that a log wrote at once: behind the same words,
/// and not longer.
fn is_row(text: &Text<'_>, first: &Run, last: &Run, run: &Run) -> bool {
    let words = |run: &Run| {
        let line = text.line(text.line_of(run.start)).unwrap_or_default();
        &text.text[line.start..run.start]
    };
    let width = first.size();
    let is_full = width.is_multiple_of(ROW_STEP) && last.size() == width && run.size() <= width;
    is_full && words(first) == words(run)
}

fn take(text: &Text<'_>, run: &Run, found: &mut Found) {
    for group in run.groups() {
        cells::push(found, text, group);
    }
    found.span.end = run.end;
    if run.cut {
        found.cut = Some(Cut { missing: None });
    }
}

/// Bytes in a sentence.
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let mut at = from;
    while let Some(start) = next_word(text, at, line.end) {
        let end = word_end(text, start, line.end);
        at = end;
        // People put `0x` before the first byte alone.
        let start = start + before_pairs(&text.text[start..line.end]);
        let word = &text.text[start..end];
        if !(cells::is_group(word) || cells::is_joined(word)) {
            continue;
        }
        let run = run(text, start, &line, false).map_err(Broken::at(start))?;
        let Some(run) = run else {
            continue;
        };
        if run.is_certain(text) && !is_of_base64(text, &run) {
            let mut found = Found::new(Form::Hex, run.start);
            take(text, &run, &mut found);
            if run.is_keyed(text) {
                keyed::push_next(text, &mut found);
            } else {
                next_rows(text, &run, &mut found);
            }
            return Ok(Some(found));
        }
        // A long line is not read again for each of its groups.
        let groups = run.cells.groups.len();
        let read = if groups > MAX_AGAIN {
            groups
        } else {
            run.count
        };
        at = run.cells.end(read).unwrap_or(at);
    }
    Ok(None)
}

/// Whether the end of a text says that digits name a revision of a source, or a page about
/// one.
fn names_revision(before: &str) -> bool {
    const NEAR: usize = 40;
    const NAMES: [&str; 7] = [
        "commit", "commits", "tree", "blob", "compare", "revision", "parent",
    ];
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(NEAR))..];
    let named = near.trim_end_matches(['/', ' ', ':']);
    let name = named.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    let is_named = name.is_some_and(|name| NAMES.contains(&name));
    let is_gist = near.ends_with('/') && near.contains("gist.");
    (is_named && named.len() < near.len()) || is_gist
}

/// Length of the `0x` before a pair of digits with more of them behind.
fn before_pairs(rest: &str) -> usize {
    let pairs = rest.strip_prefix("0x").unwrap_or_default();
    let mut words = pairs.split(' ').take(PAIRS);
    let all = words.all(|word| word.len() == 2 && cells::is_hex(word));
    let enough = pairs.matches(' ').take(PAIRS).count() + 1 >= PAIRS;
    if all && enough { 2 } else { 0 }
}

/// Adds the rows that go on behind what Markdown or HTML puts between them, as wide as the
/// first one but for the last.
fn next_rows(text: &Text<'_>, first: &Run, found: &mut Found) {
    let mut joint = None;
    let mut size = first.size();
    while size == first.size()
        && let Some((start, between)) = markup::next_row(text, found.span.end)
        && joint.get_or_insert_with(|| between.clone()) == &between
        && let line = text.line(text.line_of(start)).unwrap_or_default()
        && let Ok(Some(run)) = run(text, start, &line, false)
        && run.size() <= size
        && run.groups().iter().all(|group| group.span.len() == 2)
    {
        take(text, &run, found);
        size = run.size();
    }
}

/// Whether digits are part of base64 that happens to have no other letters.
fn is_of_base64(text: &Text<'_>, run: &Run) -> bool {
    let before = text.text.get(..run.start).unwrap_or_default();
    before.ends_with("base64,") || text.rest(run.end).starts_with(['=', '+', '/'])
}

/// The next place where letters or digits begin.
fn next_word(text: &Text<'_>, at: usize, end: usize) -> Option<usize> {
    let before = text.text.get(..at)?.chars().next_back();
    let mut start = at;
    if before.is_some_and(cells::is_word) {
        start = word_end(text, at, end);
    }
    let rest = text.text.get(start..end)?;
    Some(start + rest.find(cells::is_word)?)
}

fn word_end(text: &Text<'_>, start: usize, end: usize) -> usize {
    let rest = text.text.get(start..end).unwrap_or_default();
    let length = rest.find(|c| !cells::is_word(c));
    start + length.unwrap_or(rest.len())
}

/// Whether a text without any certain form is digits and nothing else; `sure`
/// takes a text for that in which most words are.
pub fn is_all(text: &Text<'_>, sure: bool) -> bool {
    let is_separator = |c: char| c.is_whitespace() || ":-,._…".contains(c);
    let words = || {
        text.text
            .split(is_separator)
            .filter(|word| !word.is_empty())
    };
    let is_byte = |word: &&str| cells::is_hex(word);
    let hex = words().filter(is_byte).count();
    let short = words().filter(|word| word.len() <= 2).count();
    let count = words().count();
    let only_hex = text.text.split_whitespace().all(cells::is_hex);
    // `id 3` is a word and a number, and no damaged byte and a good one.
    let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    if hex < PAIRS && words().any(|word| !is_byte(&word) && !has_digit(word)) {
        return false;
    }
    hex > 0 && (only_hex || (short == count || sure) && 2 * hex >= count)
}

/// Reads such a text.
pub fn all(text: &Text<'_>) -> Result<Found, Fault> {
    let mut found = Found::new(Form::Hex, 0);
    for line in (0..).map_while(|line| text.line(line)) {
        let row = &text.text[line.clone()];
        if !found.bytes.is_empty() && repeats::is_same_again(row) {
            let at = line.end - row.trim_start().len();
            if found.bytes.len() < PAIRS {
                return Err(text.fault(at, Reason::SameAgain));
            }
            found.repeats = Some(at);
            found.cut = Some(Cut { missing: None });
            found.span.end = line.end;
            break;
        }
        if let Some(run) = run(text, line.start, &line, true)? {
            take(text, &run, &mut found);
            if run.count < run.cells.groups.len() {
                check_stop(text, &run.cells, true, true)?;
            }
        }
    }
    Ok(found)
}
