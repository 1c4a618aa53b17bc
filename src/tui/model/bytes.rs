//! How bytes stand in rows where there is no room for their names.

use super::{Model, Pane};

/// Narrower panes show bytes in rows, wider ones each field on its own rows, with
/// its name and value.
const MIN_NAMED: u16 = 60;

/// Columns between offset, digits and characters.
const GAP: usize = 2;

/// Where things stand in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// Bytes of a row.
    pub per_row: usize,
    /// Digits of the offset.
    pub digits: usize,
}

impl Rows {
    /// For a message of `length` bytes, in so many columns.
    pub fn new(length: usize, columns: usize) -> Self {
        let digits = if length > 0xffff { 6 } else { 4 };
        // A byte has two digits, a blank and a character.
        let fits = columns.saturating_sub(digits + 2 * GAP - 1) / 4;
        let per_row = [16, 8, 4].into_iter().find(|count| *count <= fits);
        Self {
            per_row: per_row.unwrap_or(2),
            digits,
        }
    }

    /// The column of the digits of a byte in its row.
    pub fn digits_at(self, byte: usize) -> usize {
        self.digits + GAP + 3 * byte
    }

    /// The column of the character of a byte in its row.
    pub fn character_at(self, byte: usize) -> usize {
        self.digits_at(self.per_row) + GAP - 1 + byte
    }

    /// The byte of a row that stands at a column.
    pub fn byte_at(self, column: usize) -> Option<usize> {
        (0..self.per_row).find(|byte| {
            let digits = self.digits_at(*byte);
            (digits..digits + 3).contains(&column) || self.character_at(*byte) == column
        })
    }
}

impl Model {
    /// How the bytes of the message stand in rows; `None` where each field has its
    /// own rows.
    pub fn rows_of_bytes(&self) -> Option<Rows> {
        let width = self.layout().area(Pane::Bytes).width;
        let detail = self.detail.as_ref().filter(|_| width < MIN_NAMED)?;
        Some(Rows::new(detail.bytes.len(), width.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_lead_to_bytes_and_back() {
        let rows = Rows::new(100, 40);
        assert_eq!((rows.per_row, rows.digits), (8, 4));
        for byte in 0..8 {
            assert_eq!(rows.byte_at(rows.digits_at(byte)), Some(byte));
            assert_eq!(rows.byte_at(rows.digits_at(byte) + 1), Some(byte));
            assert_eq!(rows.byte_at(rows.character_at(byte)), Some(byte));
        }
        assert!(rows.character_at(7) < 40);
        assert_eq!(rows.byte_at(0), None);
        assert_eq!(Rows::new(1 << 20, 40).per_row, 4);
        assert_eq!(Rows::new(9, 1).per_row, 2);
        assert_eq!(Rows::new(9, 80).per_row, 16);
    }
}
