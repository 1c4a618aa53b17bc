//! The forms in which programs print bytes, as functions: what the properties of
//! this room, those of `tests/paste.rs` and the measure of its work print with.

#![allow(dead_code)] // who includes it uses some

use std::fmt::Write as _;

use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// How a program prints bytes.
pub struct Printer {
    pub name: &'static str,
    /// Stands in lines of its own.
    pub is_block: bool,
    /// Fewer bytes are not told from words, unless they are known to be bytes.
    pub least: usize,
    pub print: fn(&[u8]) -> String,
}

const fn inline(name: &'static str, least: usize, print: fn(&[u8]) -> String) -> Printer {
    Printer {
        name,
        is_block: false,
        least,
        print,
    }
}

const fn block(name: &'static str, least: usize, print: fn(&[u8]) -> String) -> Printer {
    Printer {
        is_block: true,
        ..inline(name, least, print)
    }
}

/// Every form.
pub const PRINTERS: &[Printer] = &[
    inline("node", 1, |b| format!("<Buffer {}>", hex(b, " "))),
    inline("node json", 1, |b| {
        format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", decimal(b, ","))
    }),
    inline("node array", 1, |b| {
        format!("Uint8Array({}) [ {} ]", b.len(), decimal(b, ", "))
    }),
    block("pairs", 4, |b| hex(b, " ")),
    block("capitals", 4, |b| hex(b, " ").to_uppercase()),
    block("colons", 4, |b| hex(b, ":")),
    block("dashes", 4, |b| hex(b, "-").to_uppercase()),
    block("stream", 16, |b| hex(b, "")),
    inline("NSData", 5, nsdata),
    inline("NSData of now", 4, |b| {
        format!("{{length = {}, bytes = 0x{}}}", b.len(), hex(b, ""))
    }),
    inline("0x", 2, |b| prefixed(b, " ")),
    inline("0x, commas", 2, |b| prefixed(b, ", ")),
    inline("0x stream", 10, |b| format!("0x{}", hex(b, ""))),
    inline("\\x", 1, |b| join(b, "", |byte| format!("\\x{byte:02x}"))),
    block("bits", 8, |b| join(b, " ", |byte| format!("{byte:08b}"))),
    inline("octal", 4, |b| join(b, "", |byte| format!("\\{byte:03o}"))),
    inline("percent", 4, |b| join(b, "", |byte| format!("%{byte:02x}"))),
    inline("c", 1, |b| {
        format!("char x[] = {{ {} }};", prefixed(b, ", "))
    }),
    inline("rust", 4, |b| format!("[{}]", decimal(b, ", "))),
    inline("rust {:02x?}", 4, |b| {
        format!("[{}]", join(b, ", ", |byte| format!("{byte:02x}")))
    }),
    inline("rust {:#x?}", 4, |b| {
        format!("[\n{}]", join(b, "", |byte| format!("    {byte:#x},\n")))
    }),
    inline("rust bytes", 1, |b| format!("b\"{}\"", rust_escaped(b))),
    inline("go", 4, |b| format!("[{}]", decimal(b, " "))),
    inline("go %#v", 1, |b| {
        format!("[]byte{{{}}}", join(b, ", ", |byte| format!("{byte:#x}")))
    }),
    inline("python", 1, python),
    inline("bytearray", 1, |b| format!("bytearray({})", python(b))),
    inline("java", 4, |b| {
        format!("[{}]", join(b, ", ", |byte| byte.cast_signed().to_string()))
    }),
    inline("scala", 4, |b| {
        format!(
            "Array({})",
            join(b, ", ", |byte| byte.cast_signed().to_string())
        )
    }),
    inline("erlang", 1, |b| format!("<<{}>>", decimal(b, ","))),
    inline("elixir", 1, |b| format!("<<{}>>", decimal(b, ", "))),
    inline("json", 1, json),
    inline("haskell", 1, haskell),
    inline("hex=", 1, |b| format!("[hex={}]", hex(b, ""))),
    inline("sql", 1, |b| format!("x'{}'", hex(b, ""))),
    inline("f#", 4, |b| {
        format!("[|{}|]", join(b, "; ", |byte| format!("{byte}uy")))
    }),
    inline("ada", 4, |b| {
        format!("({})", join(b, ", ", |byte| format!("16#{byte:02X}#")))
    }),
    inline("basic", 4, |b| {
        format!("{{{}}}", join(b, ", ", |byte| format!("&H{byte:02X}")))
    }),
    inline("c, remarks", 1, |b| {
        format!("char x[] = {{\n{}}};", remarked(b, "//"))
    }),
    inline("python, remarks", 2, |b| {
        format!("[\n{}]", remarked(b, "#"))
    }),
    inline("lua, remarks", 2, |b| {
        format!("{{\n{}}}", remarked(b, "--"))
    }),
    inline("lisp, remarks", 2, |b| {
        format!("(vector\n{})", remarked(b, ";"))
    }),
    inline("kotlin", 4, |b| {
        format!(
            "byteArrayOf({})",
            join(b, ", ", |byte| format!("{byte:#04x}.toByte()"))
        )
    }),
    inline("casts", 2, |b| {
        format!(
            "{{{}}}",
            join(b, ", ", |byte| format!("(byte)0x{byte:02x}"))
        )
    }),
    inline("verilog", 2, |b| {
        format!("{{{}}}", join(b, ", ", |byte| format!("8'h{byte:02x}")))
    }),
    inline("php, in parts", 2, |b| in_parts(b, " . ")),
    inline("elixir, in parts", 2, |b| in_parts(b, " <> ")),
    inline("lua, in parts", 2, |b| in_parts(b, " .. ")),
    inline("sql, in parts", 2, |b| in_parts(b, " || ")),
    inline("basic, in parts", 2, |b| in_parts(b, " & ")),
    inline("one line of lldb", 4, |b| {
        let items: Vec<_> = b.iter().enumerate().collect();
        let items = items
            .iter()
            .map(|(at, byte)| format!("[{at}] = '\\x{byte:02x}'"));
        format!("buf = ({})", items.collect::<Vec<_>>().join(", "))
    }),
    block("signed %02x", 4, |b| {
        join(b, " ", |byte| {
            format!("{:02x}", i32::from(byte.cast_signed()))
        })
    }),
    block("no-break blanks", 4, |b| hex(b, "\u{a0}")),
    block("underscores", 8, |b| hex(b, "_")),
    block("semicolons", 8, |b| hex(b, "; ")),
    block("a table", 4, |b| format!("| {} |", hex(b, " | "))),
    block("Visual Studio", 4, |b| {
        indexed(b, |at, byte| {
            format!("\t\t[{at}]\t{byte:#04x} '?'\tunsigned char\n")
        })
    }),
    block("JetBrains", 8, |b| {
        indexed(b, |at, byte| format!(" {at} = {}\n", byte.cast_signed()))
    }),
    block("awesome_print", 4, |b| {
        format!(
            "[\n{}]",
            indexed(b, |at, byte| format!("    [{at:2}] {byte},\n"))
        )
    }),
    block("behind words", 17, |b| {
        led(b, |at| format!("offset {at}: "))
    }),
    block("behind a name", 17, |b| {
        led(b, |at| format!("DEBUG recv[{at}]: "))
    }),
    block("in parentheses", 17, |b| led(b, |at| format!("({at}) "))),
    block("in angles", 17, |b| led(b, |at| format!("<+{at}>: "))),
    block("in braces", 17, |b| led(b, |at| format!("{{{at:04x}}} "))),
    block("behind a sign", 17, |b| led(b, |at| format!("${at:04X}: "))),
    block("behind a hash", 17, |b| led(b, |at| format!("#{at}: "))),
    block("before a full stop", 17, |b| {
        led(b, |at| format!("{at:04}. "))
    }),
    block("as a list", 17, |b| led(b, |at| format!("{at}) "))),
    block("before two colons", 17, |b| {
        led(b, |at| format!("{at:04x}::"))
    }),
    block("with a line in it", 17, |b| {
        led(b, |at| format!("0000_{at:04x} "))
    }),
    block("pwndbg", 1, |b| {
        led(b, |at| format!("+{at:04x} 0x7fffffffe{at:03x}  "))
    }),
    block("snoop", 17, |b| led(b, |at| format!("{at:12}: "))),
    inline("base64", 9, |b| format!("base64,{}", STANDARD.encode(b))),
    inline("base64url", 9, |b| {
        format!("base64,{}", URL_SAFE_NO_PAD.encode(b))
    }),
    inline("references", 4, |b| {
        join(b, "", |byte| format!("&#{byte};"))
    }),
    inline("references in hex", 4, |b| {
        join(b, "", |byte| format!("&#x{byte:x};"))
    }),
    inline("\\u", 4, |b| join(b, "", |byte| format!("\\u{byte:04x}"))),
    inline("in brackets", 8, |b| {
        join(b, "", |byte| format!("[{byte:02x}]"))
    }),
    inline("in angles", 8, |b| {
        join(b, "", |byte| format!("<{byte:02X}>"))
    }),
    block("Intel HEX", 1, intel_hex),
    block("Motorola", 1, motorola),
    block("xxd", 1, xxd),
    block("hexdump -C", 1, hexdump_c),
    block("tcpdump", 1, tcpdump),
    block("wireshark", 1, wireshark),
    block("od -t x1", 1, od_t_x1),
    block("od -c", 1, od_c),
    block("od -t a -t x1", 1, |b| twice(b, true)),
    block("od -A n -t cx1", 1, |b| twice(b, false)),
    block("od -w1", 2, |b| {
        let row = |(at, byte): (usize, &u8)| format!("{at:07o} {byte:02x}\n");
        let rows: String = b.iter().enumerate().map(row).collect();
        format!("{rows}{:07o}", b.len())
    }),
    block("characters first", 1, |b| {
        let row =
            |at, chunk: &[u8]| format!("{at:04x}  {:16}  {}", characters(chunk), hex(chunk, " "));
        rows(b, row, None)
    }),
    block("r raw", 17, r_raw),
    inline("pascal", 8, |b| join(b, "", |byte| format!("#${byte:02X}"))),
    inline("python hex", 4, |b| {
        format!("[{}]", join(b, ", ", |byte| format!("'{byte:#x}'")))
    }),
    block("gdb x", 2, gdb),
    block("gdb p/x", 1, |b| {
        format!("$1 = {{{}}}", repeated(b, |byte| format!("{byte:#x}")))
    }),
    block("gdb p", 4, |b| {
        format!("$1 = {{{}}}", repeated(b, gdb_character))
    }),
    block("lldb p", 4, |b| {
        format!(
            "(uint8_t [{}]) data = {{\n{}}}",
            b.len(),
            indexed(b, |at, byte| format!("  [{at}] = {byte:#04x}\n"))
        )
    }),
    block("swift dump", 4, |b| {
        format!(
            "bytes : {} elements\n{}",
            b.len(),
            indexed(b, |at, byte| format!("    - {at} : {byte}\n"))
        )
    }),
    block("Format-Hex", 1, format_hex),
    block("Netty", 1, netty),
    block("wrapped", 13, wrapped),
    block("hexyl", 1, hexyl),
    block("hexyl, code page", 1, |b| {
        hexyl_in(b, |high| ['│', '└', '┊', 'é', '░'][usize::from(high) % 5])
    }),
    block("rows and characters", 4, |b| {
        let row = |_, chunk: &[u8]| format!("{:47}  {}", hex(chunk, " "), characters(chunk));
        rows(b, row, None)
    }),
    block("rows of eight and characters", 4, |b| {
        let row = |chunk: &[u8]| format!("{:23}  {}\n", hex(chunk, " "), characters(chunk));
        b.chunks(8).map(row).collect()
    }),
    block("hexdump -e", 2, hexdump_format),
    inline("rust Bytes", 1, rust_bytes),
    inline("go %q", 1, go_quoted),
    block("WinDbg", 1, windbg),
    block("Ghidra", 4, ghidra),
    block("VS Code", 1, vs_code),
    block("two digits", 1, two_digits),
    block("Perl", 1, perl),
    block("DOS", 1, dos),
    block("nc -o", 1, |b| {
        let row = |at, chunk: &[u8]| {
            let digits = hex(chunk, " ");
            format!("< {at:08x} {digits:47} # {}", characters(chunk))
        };
        rows(b, row, None)
    }),
    block("behind rows", 1, behind_rows),
    block("logged rows", 1, |b| {
        let row = |at, chunk: &[u8]| {
            let digits = hex(chunk, " ");
            format!(
                "14:27:44.862 DEBUG net.c:12  {at:04x}: {digits:47}  {}",
                characters(chunk)
            )
        };
        rows(b, row, None)
    }),
];

/// Records of 16 bytes, each with its checksum.
fn records(bytes: &[u8], record: impl Fn(&[u8]) -> String) -> String {
    let row = |at: usize, chunk: &[u8]| {
        let address = [(at >> 8) as u8, at as u8];
        record(&[&address[..], chunk].concat())
    };
    rows(bytes, row, None)
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

fn intel_hex(bytes: &[u8]) -> String {
    let record = |body: &[u8]| {
        let body = [&[(body.len() - 2) as u8], &body[..2], &[0], &body[2..]].concat();
        let check = sum(&body).wrapping_neg();
        format!(":{}{check:02X}", hex(&body, "").to_uppercase())
    };
    records(bytes, record) + ":00000001FF\n"
}

fn motorola(bytes: &[u8]) -> String {
    let record = |body: &[u8]| {
        let body = [&[(body.len() + 1) as u8], body].concat();
        format!("S1{}{:02X}", hex(&body, "").to_uppercase(), !sum(&body))
    };
    records(bytes, record) + "S9030000FC\n"
}

pub fn decimal(bytes: &[u8], separator: &str) -> String {
    join(bytes, separator, |byte| byte.to_string())
}

pub fn prefixed(bytes: &[u8], separator: &str) -> String {
    join(bytes, separator, |byte| format!("0x{byte:02x}"))
}

/// A line for each four bytes, with a remark behind that names their place.
fn remarked(bytes: &[u8], mark: &str) -> String {
    let line = |(at, four): (usize, &[u8])| {
        format!(
            "    {}, {mark} byte {} of [{}]\n",
            prefixed(four, ", "),
            4 * at,
            bytes.len()
        )
    };
    bytes.chunks(4).enumerate().map(line).collect()
}

/// Literals of seven bytes each, which a language joins.
fn in_parts(bytes: &[u8], sign: &str) -> String {
    let part = |part: &[u8]| format!("\"{}\"", join(part, "", |byte| format!("\\x{byte:02x}")));
    bytes.chunks(7).map(part).collect::<Vec<_>>().join(sign)
}

/// Rows behind an offset in any dress.
fn led(bytes: &[u8], head: impl Fn(usize) -> String) -> String {
    let row =
        |at, chunk: &[u8]| format!("{}{:47}   {}", head(at), hex(chunk, " "), characters(chunk));
    rows(bytes, row, None)
}

fn indexed(bytes: &[u8], item: impl Fn(usize, u8) -> String) -> String {
    bytes
        .iter()
        .enumerate()
        .map(|(at, byte)| item(at, *byte))
        .collect()
}

fn nsdata(bytes: &[u8]) -> String {
    let words: Vec<_> = bytes.chunks(4).map(|word| hex(word, "")).collect();
    format!("<{}>", words.join(" "))
}

fn rust_escaped(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Rows of characters and, below, of digits: names without the upper bit behind offsets, or
/// escapes without them.
fn twice(bytes: &[u8], has_offsets: bool) -> String {
    const NAMES: [&str; 33] = [
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr",
        "so", "si", "dle", "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub",
        "esc", "fs", "gs", "rs", "us", "sp",
    ];
    let name = |byte: u8| match byte & 0x7f {
        low @ 0..=32 => NAMES[usize::from(low)].to_owned(),
        127 => "del".to_owned(),
        low => char::from(low).to_string(),
    };
    let escape = |byte: u8| match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\n' => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        b'\r' => "\\r".to_owned(),
        _ => format!("{byte:03o}"),
    };
    let row = |at, chunk: &[u8]| {
        let digits = join(chunk, "", |byte| format!("  {byte:02x}"));
        if has_offsets {
            let shown = join(chunk, "", |byte| format!("{:>4}", name(byte)));
            format!("{at:07o}{shown}\n       {digits}")
        } else {
            let shown = join(chunk, "", |byte| format!("{:>4}", escape(byte)));
            format!("{shown}\n{digits}")
        }
    };
    let end = format!("{:07o}", bytes.len());
    rows(bytes, row, has_offsets.then_some(&end))
}

/// Rows of 16 bytes behind the index of the first of each, from 1 on.
fn r_raw(bytes: &[u8]) -> String {
    let width = bytes.len().to_string().len() + 2;
    let row = |at: usize, chunk: &[u8]| {
        format!("{:>width$} {}", format!("[{}]", at + 1), hex(chunk, " "))
    };
    rows(bytes, row, None)
}

/// `0x0 <repeats 5 times>`
fn repeated(bytes: &[u8], item: impl Fn(u8) -> String) -> String {
    /// Fewer are printed one by one.
    const LEAST: usize = 5;
    let runs = bytes.chunk_by(|a, b| a == b).map(|run| match run.len() {
        length @ LEAST.. => format!("{} <repeats {length} times>", item(run[0])),
        _ => join(run, ", ", &item),
    });
    runs.collect::<Vec<_>>().join(", ")
}

fn gdb_character(byte: u8) -> String {
    match byte {
        b'\'' | b'\\' => format!("{byte} '\\{}'", char::from(byte)),
        b' '..=b'~' => format!("{byte} '{}'", char::from(byte)),
        _ => format!("{byte} '\\{byte:03o}'"),
    }
}

fn hexyl(bytes: &[u8]) -> String {
    hexyl_in(bytes, |_| '×')
}

/// `hexyl --character-table`, with a character for each byte that is no ASCII.
fn hexyl_in(bytes: &[u8], high: fn(u8) -> char) -> String {
    let shown = |bytes: &[u8]| {
        join(bytes, "", |byte| {
            match byte {
                0 => '⋄',
                b'\t' | b'\n' | 12 | b'\r' | b' ' => {
                    if byte == b' ' {
                        ' '
                    } else {
                        '_'
                    }
                }
                b'!'..=b'~' => char::from(byte),
                0x80.. => high(byte),
                _ => '•',
            }
            .to_string()
        })
    };
    let row = |at, chunk: &[u8]| {
        let (left, right) = chunk.split_at(chunk.len().min(8));
        format!(
            "│{at:08x}│ {:23} ┊ {:23} │{:8}┊{:8}│",
            hex(left, " "),
            hex(right, " "),
            shown(left),
            shown(right)
        )
    };
    let line = |l, m, r| {
        let bar = |length| "─".repeat(length);
        format!(
            "{l}{}{m}{}{m}{}{m}{}{m}{}{r}\n",
            bar(8),
            bar(25),
            bar(25),
            bar(8),
            bar(8)
        )
    };
    format!(
        "{}{}{}",
        line('┌', '┬', '┐'),
        rows(bytes, row, None),
        line('└', '┴', '┘')
    )
}

fn windbg(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let (left, right) = chunk.split_at(chunk.len().min(8));
        let mark = if right.is_empty() { " " } else { "-" };
        let digits = format!("{}{mark}{}", hex(left, " "), hex(right, " "));
        format!("00000000`{at:08x}  {digits:47}  {}", characters(chunk))
    };
    rows(bytes, row, None)
}

/// The listing of Ghidra, a byte a line.
fn ghidra(bytes: &[u8]) -> String {
    indexed(bytes, |at, byte| {
        let shown = if byte.is_ascii_graphic() {
            char::from(byte)
        } else {
            ' '
        };
        let address = 0x0010_2010 + at;
        format!("        {address:08x} {byte:02x}              ??         {byte:02X}h    {shown}\n")
    })
}

/// The hex editor of VS Code, cells copied with a blank between.
fn vs_code(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let shown: Vec<_> = characters(chunk).chars().map(String::from).collect();
        format!(
            "{at:08X} {} {}",
            hex(chunk, " ").to_uppercase(),
            shown.join(" ")
        )
    };
    rows(bytes, row, None)
}

/// Names for control characters, decimal numbers, and `\\&` between a number and a
/// digit.
fn haskell(bytes: &[u8]) -> String {
    const NAMES: [&str; 32] = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "a", "b", "t", "n", "v", "f", "r", "SO",
        "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC",
        "FS", "GS", "RS", "US",
    ];
    let item = |(index, &byte): (usize, &u8)| {
        let last = index.checked_sub(1).map(|at| bytes[at]);
        match byte {
            0..=31 => format!("\\{}", NAMES[usize::from(byte)]),
            127 => "\\DEL".to_owned(),
            128.. => format!("\\{byte}"),
            b'"' | b'\\' => format!("\\{}", char::from(byte)),
            b'0'..=b'9' if last.is_some_and(|last| last >= 128) => {
                format!("\\&{}", char::from(byte))
            }
            b'H' if last == Some(14) => "\\&H".to_owned(),
            _ => char::from(byte).to_string(),
        }
    };
    let items: String = bytes.iter().enumerate().map(item).collect();
    format!("\"{items}\"")
}

/// Offsets of two digits, with a ruler.
fn two_digits(bytes: &[u8]) -> String {
    let row =
        |at, chunk: &[u8]| format!("{at:02x}   {:47}   {}", hex(chunk, " "), characters(chunk));
    rows(bytes, row, None)
}

/// `Data::HexDump`, with a line between the halves.
fn perl(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let (left, right) = chunk.split_at(chunk.len().min(8));
        let line = if right.is_empty() { "" } else { " - " };
        let digits = format!("{}{line}{}", hex(left, " "), hex(right, " ")).to_uppercase();
        format!("{at:08X}  {digits:49}  {}", characters(chunk))
    };
    let ruler = "          00 01 02 03 04 05 06 07 - 08 09 0A 0B 0C 0D 0E 0F  0123456789ABCDEF\n\n";
    ruler.to_owned() + &rows(bytes, row, None)
}

/// `debug` of DOS, with segments.
fn dos(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let (left, right) = chunk.split_at(chunk.len().min(8));
        let line = if right.is_empty() { "" } else { "-" };
        let digits = format!("{}{line}{}", hex(left, " "), hex(right, " ")).to_uppercase();
        format!(
            "0B1F:{:04X}  {digits:47}   {}",
            0x100 + at,
            characters(chunk)
        )
    };
    rows(bytes, row, None)
}

/// The `hexdump` crate of Rust: offsets behind the characters.
fn behind_rows(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let groups: Vec<_> = chunk.chunks(4).map(|group| hex(group, "")).collect();
        format!(
            "|{:35}| {:16} {at:08x}",
            groups.join(" "),
            characters(chunk)
        )
    };
    rows(bytes, row, Some(&format!("{:57}{:08x}", "", bytes.len())))
}

pub fn join(bytes: &[u8], separator: &str, item: impl Fn(u8) -> String) -> String {
    let items: Vec<_> = bytes.iter().map(|byte| item(*byte)).collect();
    items.join(separator)
}

pub fn hex(bytes: &[u8], separator: &str) -> String {
    join(bytes, separator, |byte| format!("{byte:02x}"))
}

pub fn characters(bytes: &[u8]) -> String {
    join(bytes, "", |byte| {
        let shown = if matches!(byte, b' '..=b'~') {
            byte
        } else {
            b'.'
        };
        char::from(shown).to_string()
    })
}

/// Rows of 16 bytes: an offset, the bytes, and the end offset alone.
pub fn rows(bytes: &[u8], row: impl Fn(usize, &[u8]) -> String, end: Option<&str>) -> String {
    let chunks = bytes.chunks(16).enumerate();
    let mut text: String = chunks
        .map(|(index, chunk)| row(16 * index, chunk) + "\n")
        .collect();
    text.extend(end.map(|end| format!("{end}\n")));
    text
}

pub fn xxd(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let groups: Vec<_> = chunk.chunks(2).map(|pair| hex(pair, "")).collect();
        format!("{at:08x}: {:39}  {}", groups.join(" "), characters(chunk))
    };
    rows(bytes, row, None)
}

pub fn hexdump_c(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let (left, right) = chunk.split_at(chunk.len().min(8));
        let bytes = format!("{:23}  {:23}", hex(left, " "), hex(right, " "));
        format!("{at:08x}  {bytes}  |{}|", characters(chunk))
    };
    rows(bytes, row, Some(&format!("{:08x}", bytes.len())))
}

pub fn tcpdump(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let groups: Vec<_> = chunk.chunks(2).map(|pair| hex(pair, "")).collect();
        format!(
            "\t0x{at:04x}:  {:39}  {}",
            groups.join(" "),
            characters(chunk)
        )
    };
    rows(bytes, row, None)
}

pub fn wireshark(bytes: &[u8]) -> String {
    let row =
        |at, chunk: &[u8]| format!("{at:04x}   {:47}   {}", hex(chunk, " "), characters(chunk));
    rows(bytes, row, None)
}

pub fn od_t_x1(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| format!("{at:07o} {}", hex(chunk, " "));
    rows(bytes, row, Some(&format!("{:07o}", bytes.len())))
}

pub fn od_words(bytes: &[u8], word: impl Fn(u16) -> String) -> String {
    let row = |at, chunk: &[u8]| {
        let words = chunk.chunks(2);
        let word = |pair: &[u8]| {
            let high = pair.get(1).copied().unwrap_or(0);
            word(u16::from_le_bytes([pair[0], high]))
        };
        let words: Vec<_> = words.map(word).collect();
        format!("{at:07o} {}", words.join(" "))
    };
    rows(bytes, row, Some(&format!("{:07o}", bytes.len())))
}

pub fn od_c(bytes: &[u8]) -> String {
    let cell = |byte| match byte {
        0 => "  \\0".to_owned(),
        b'\n' => "  \\n".to_owned(),
        b'\r' => "  \\r".to_owned(),
        b'\t' => "  \\t".to_owned(),
        b' '..=b'~' => format!("   {}", char::from(byte)),
        other => format!(" {other:03o}"),
    };
    let row = |at, chunk: &[u8]| format!("{at:07o}{}", join(chunk, "", cell));
    rows(bytes, row, Some(&format!("{:07o}", bytes.len())))
}

pub fn gdb(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (index, chunk) in bytes.chunks(8).enumerate() {
        let at = 0x7fff_ffff_e000_u64 + 8 * index as u64;
        let values = join(chunk, "\t", |byte| format!("0x{byte:02x}"));
        let _ = writeln!(text, "0x{at:x}:\t{values}");
    }
    text
}

/// Groups of four bytes, the little end first.
pub fn xxd_e(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let word = |word: &[u8]| {
            let word: Vec<u8> = word.iter().rev().copied().collect();
            format!("{:>8}", hex(&word, ""))
        };
        let words: Vec<_> = chunk.chunks(4).map(word).collect();
        format!("{at:08x}: {:35}  {}", words.join(" "), characters(chunk))
    };
    rows(bytes, row, None)
}

pub fn format_hex(bytes: &[u8]) -> String {
    let columns: Vec<u8> = (0..16).collect();
    let row = |at, chunk: &[u8]| {
        let digits = hex(chunk, " ").to_uppercase();
        format!("{at:08X}   {digits:47}  {}", characters(chunk))
    };
    format!(
        "{:11}{}\n{}",
        "",
        hex(&columns, " "),
        rows(bytes, row, None)
    )
}

pub fn netty(bytes: &[u8]) -> String {
    let line = format!(
        "+{}+{}+{}+\n",
        "-".repeat(8),
        "-".repeat(49),
        "-".repeat(16)
    );
    let row = |at, chunk: &[u8]| {
        let shown = characters(chunk);
        format!("|{at:08x}| {:48}|{shown:16}|", hex(chunk, " "))
    };
    format!("{line}{}{line}", rows(bytes, row, None))
}

/// Rows of `xxd -g1` that a mail program wrapped behind the twelfth byte.
pub fn wrapped(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let (left, right) = chunk.split_at(chunk.len().min(12));
        let right = hex(right, " ");
        let end = if right.is_empty() { "" } else { "\n" };
        format!("{at:08x}: {}{end}{right}", hex(left, " "))
    };
    rows(bytes, row, Some(&format!("{:08x}:", bytes.len())))
}

pub fn python(bytes: &[u8]) -> String {
    let escaped = join(bytes, "", |byte| match byte {
        b'\\' | b'\'' => format!("\\{}", char::from(byte)),
        b'\n' => "\\n".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("\\x{other:02x}"),
    });
    format!("b'{escaped}'")
}

/// `hexdump -v -e '16/1 "0x%02x, " "\n"'`, which fills up its last row.
fn hexdump_format(bytes: &[u8]) -> String {
    let row = |_, chunk: &[u8]| {
        let blank = "0x  , ".repeat(16 - chunk.len());
        format!("{}, {blank}", prefixed(chunk, ", "))
    };
    rows(bytes, row, None)
}

/// `Debug` of the crate bytes.
fn rust_bytes(bytes: &[u8]) -> String {
    let escaped = join(bytes, "", |byte| match byte {
        0 => "\\0".to_owned(),
        other => other.escape_ascii().to_string(),
    });
    format!("b\"{escaped}\"")
}

/// Go's `%q` of a string: what is UTF-8 is printed as a character, where another byte tells
/// that it is.
fn go_quoted(bytes: &[u8]) -> String {
    let is_telling = |byte: &u8| *byte > 0xa0 && *byte != 0xad;
    let has_other = bytes
        .utf8_chunks()
        .any(|chunk| chunk.invalid().iter().any(is_telling));
    let mut quoted = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let _ = match c {
                '"' | '\\' => write!(quoted, "\\{c}"),
                '\n' => write!(quoted, "\\n"),
                ' '..='~' => write!(quoted, "{c}"),
                '\0'..='\x7f' => write!(quoted, "\\x{:02x}", u32::from(c)),
                _ if !has_other => c
                    .to_string()
                    .bytes()
                    .try_for_each(|byte| write!(quoted, "\\x{byte:02x}")),
                _ if c.is_alphabetic() => write!(quoted, "{c}"),
                '\u{10000}'.. => write!(quoted, "{c}"),
                _ => write!(quoted, "\\u{:04x}", u32::from(c)),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(quoted, "\\x{byte:02x}");
        }
    }
    format!("\"{quoted}\"")
}

pub fn json(bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    serde_json_like(&text)
}

/// A string of JSON, all beyond ASCII escaped.
pub fn serde_json_like(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}
