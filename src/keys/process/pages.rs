//! Which pages of a process can hold a state: private, writable, in memory, and
//! not as they are in a file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use nix::unistd::{SysconfVar, sysconf};

/// Bytes of an entry of the page map.
const ENTRY: u64 = 8;

/// Bits of an entry: the page is in memory; it is of a file, or shared.
const PRESENT: u64 = 1 << 63;
const OF_FILE: u64 = 1 << 61;

/// Entries read at a time.
const AT_ONCE: u64 = 1 << 16;

/// The longest list of mappings that is read.
const MAX_MAPS: u64 = 64 << 20;

/// Pages of address space that are looked up at most: 4 TiB of small ones.
const MAX_PAGES: u64 = 1 << 30;

/// What tells them.
#[derive(Debug)]
pub(super) struct Pages {
    maps: File,
    pagemap: File,
    /// Bytes of a page.
    page: u64,
}

impl Pages {
    /// By the two files of a process, which stay readable when root is given up.
    pub fn new(maps: File, pagemap: File) -> io::Result<Self> {
        let page = sysconf(SysconfVar::PAGE_SIZE)?;
        let page = page.and_then(|size| u64::try_from(size).ok());
        Ok(Self {
            maps,
            pagemap,
            page: page.unwrap_or(4096),
        })
    }

    /// The stretches of memory to look at, in order.
    pub fn list(&mut self) -> io::Result<Vec<Range<u64>>> {
        self.maps.seek(SeekFrom::Start(0))?;
        let mut text = Vec::new();
        (&self.maps).take(MAX_MAPS).read_to_end(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        let mut stretches = Vec::new();
        let mut left = MAX_PAGES;
        for mapping in text.lines().filter_map(mapping) {
            let pages = (mapping.end - mapping.start) / self.page;
            if pages > left {
                break;
            }
            left -= pages;
            self.add(&mapping, &mut stretches)?;
        }
        Ok(stretches)
    }

    /// Adds what is in memory of a mapping.
    fn add(&self, mapping: &Range<u64>, stretches: &mut Vec<Range<u64>>) -> io::Result<()> {
        let end = mapping.end / self.page;
        let mut page = mapping.start / self.page;
        let mut buffer = vec![0; (AT_ONCE.min(end - page) * ENTRY) as usize];
        while page < end {
            let bytes = ((end - page) * ENTRY).min(buffer.len() as u64) as usize;
            let read = self.pagemap.read_at(&mut buffer[..bytes], page * ENTRY)?;
            let (entries, _) = buffer[..read].as_chunks();
            if entries.is_empty() {
                // The process is over.
                break;
            }
            for entry in entries {
                if u64::from_le_bytes(*entry) & (PRESENT | OF_FILE) == PRESENT {
                    let start = page * self.page;
                    match stretches.last_mut() {
                        Some(last) if last.end == start => last.end += self.page,
                        _ => stretches.push(start..start + self.page),
                    }
                }
                page += 1;
            }
        }
        Ok(())
    }
}

/// A line of the list of mappings, if states can be there.
fn mapping(line: &str) -> Option<Range<u64>> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let rights = words.next()?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    let (start, end) = (number(start)?, number(end)?);
    (rights.starts_with("rw") && rights.ends_with('p') && start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_writable_mappings_are_looked_at() {
        let heap = "55d0c0a00000-55d0c0a21000 rw-p 00000000 00:00 0          [heap]";
        assert_eq!(mapping(heap), Some(0x55d0_c0a0_0000..0x55d0_c0a2_1000));
        let code = "55d0c0a00000-55d0c0a21000 rwxp 00000000 08:01 12 /usr/bin/node";
        assert!(mapping(code).is_some());
        for other in ["r--p", "r-xp", "rw-s", "---p"] {
            assert_eq!(mapping(&heap.replace("rw-p", other)), None);
        }
        for broken in ["", "x-y rw-p", "2-1 rw-p", "1000-2000"] {
            assert_eq!(mapping(broken), None);
        }
    }
}
