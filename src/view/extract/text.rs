//! In words: a heading a torrent, then a line a file.

use crate::extract::{Extracted, ExtractedFile, ExtractedTorrent, Failure, Given, Origin, Senders};
use crate::view::document::Document;
use crate::view::quantity::Bytes;
use crate::view::style::Role;
use crate::wire::words::Count;

/// Failures that are shown of a torrent.
const SHOWN_FAILURES: usize = 10;

/// Appends what came of a torrent; `is_list` where nothing was to be written.
pub fn push_extracted(
    document: &mut Document,
    torrent: &ExtractedTorrent,
    senders: &Senders,
    is_list: bool,
) {
    document.role(Role::Hash);
    document.push(&hex::encode(torrent.info_hash()));
    document.role(Role::Plain);
    document.push("  ");
    document.push_display(String::from_utf8_lossy(&torrent.name));
    document.end_line();
    let (have, all) = (torrent.verified.count(), torrent.verified.pieces());
    let is_whole = torrent.verified.is_all();
    document.role(if is_whole {
        Role::Delivery
    } else {
        Role::Plain
    });
    document.push_display(format_args!(
        "  {have} of {} verified",
        Count(all.into(), "piece")
    ));
    document.role(Role::Quiet);
    document.push(match torrent.origin {
        Origin::Given => ", the .torrent was given",
        Origin::Peers => ", metadata from peers",
        Origin::Http => ", the .torrent was fetched over HTTP",
    });
    if let Some(metafile) = &torrent.metafile {
        document.push_display(format_args!(": {metafile}"));
    }
    document.end_line();
    push_notes(document, torrent);
    let failures = &torrent.failures;
    for failure in failures.iter().take(SHOWN_FAILURES) {
        push_failure(document, failure, senders);
    }
    if failures.len() > SHOWN_FAILURES {
        let more = failures.len() - SHOWN_FAILURES;
        push_note(
            document,
            Role::Warning,
            format_args!("! and {more} more like this"),
        );
    }
    for file in &torrent.files {
        push_file(document, file, is_list);
    }
}

fn push_notes(document: &mut Document, torrent: &ExtractedTorrent) {
    if torrent.unverified > 0 {
        let pieces = Count(torrent.unverified.into(), "piece");
        let words = format_args!("of {pieces} there is something, but not what proves right");
        push_note(document, Role::Warning, words);
    }
    if torrent.missing_layers > 0 {
        let files = Count(torrent.missing_layers as u64, "file");
        let words = format_args!("the capture lacks the piece layers of {files} (BEP 52)");
        push_note(document, Role::Warning, words);
    }
    if torrent.inconsistent > 0 {
        let pieces = Count(torrent.inconsistent.into(), "piece");
        let words = format_args!("the torrent contradicts itself: {pieces} right by one hash only");
        push_note(document, Role::Warning, words);
    }
}

fn push_note(document: &mut Document, role: Role, words: std::fmt::Arguments<'_>) {
    document.role(role);
    document.push_display(format_args!("  {words}"));
    document.end_line();
}

fn push_failure(document: &mut Document, failure: &Failure, senders: &Senders) {
    let of = &failure.of;
    let who = senders.get(of.sender).map(|sender| sender.src.to_string());
    let who = who.unwrap_or_else(|| "a peer".to_owned());
    let [first, last] = of.frames;
    let frames = if first == last {
        format!("frame {first}")
    } else {
        format!("frames {first} to {last}")
    };
    let what = if failure.is_certain {
        "wrong"
    } else {
        "not what its hash wants"
    };
    let words = format_args!(
        "! piece {} at {}: {what}, {frames}, from {who}",
        of.piece, of.begin
    );
    push_note(document, Role::Problem, words);
}

fn push_file(document: &mut Document, file: &ExtractedFile, is_list: bool) {
    let given = file.written.as_ref().map(|written| written.given);
    let (role, state) = match (given, file.is_whole()) {
        (Some(Given::Whole), _) => (Role::Delivery, "written"),
        (Some(Given::Partial), _) => (Role::Warning, "partial"),
        (None, true) if is_list => (Role::Delivery, "whole"),
        (None, true) if file.have > 0 => (Role::Problem, "failed"),
        (None, _) if file.have > 0 => (Role::Warning, "in part"),
        (None, _) => (Role::Quiet, "missing"),
    };
    document.role(role);
    document.push_display(format_args!("  {state:<8}"));
    document.role(Role::Plain);
    document.push_display(&file.path);
    document.role(Role::Quiet);
    if file.is_whole() {
        document.push_display(format_args!("  {}", Bytes(file.length)));
    } else {
        document.push_display(format_args!(
            "  {} of {}",
            Bytes(file.have),
            Bytes(file.length)
        ));
    }
    document.end_line();
}

/// Appends the files of blocks that no hash proves.
pub fn push_raw(document: &mut Document, extracted: &Extracted) {
    for raw in &extracted.raw {
        let blocks = Count(raw.blocks, "block");
        document.push_display(format_args!("{}  {blocks}, {}", raw.name, Bytes(raw.bytes)));
        document.end_line();
    }
}
