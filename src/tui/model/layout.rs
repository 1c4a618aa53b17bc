//! Where the panes are.

/// A part of the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    /// Its first column.
    pub x: u16,
    /// Its first row.
    pub y: u16,
    /// Its columns.
    pub width: u16,
    /// Its rows.
    pub height: u16,
}

impl Area {
    /// Whether a cell of the screen is in it.
    pub fn has(self, x: u16, y: u16) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }

    /// Whether nothing is to be seen of it.
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }
}

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// The connections.
    Connections,
    /// What was found.
    Findings,
    /// The messages that are listed.
    Messages,
    /// The fields of the message that is selected.
    Fields,
    /// Its bytes.
    Bytes,
}

impl Pane {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Connections,
        Self::Messages,
        Self::Fields,
        Self::Bytes,
        Self::Findings,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connections => "Connections",
            Self::Findings => "Findings",
            Self::Messages => "Messages",
            Self::Fields => "Fields",
            Self::Bytes => "Bytes",
        }
    }
}

/// Narrower screens show fields or bytes, not both.
const MIN_BOTH: u16 = 72;

/// Columns of the bytes where they are beside the fields: eight in a row, in
/// digits and characters.
const BYTES_WIDTH: u16 = 40;

/// Screens from this width on have room for bytes with their names.
const WIDE: u16 = 132;

/// Blanks before fields that are not shown: below the line of a message they are
/// indented by more than a pane needs.
pub const FIELD_INDENT: usize = 3;

/// Columns that fields are laid out for in a pane of this width, the last of which
/// stays free.
pub fn field_columns(width: u16) -> usize {
    usize::from(width) + FIELD_INDENT - 2
}

/// The panes on a screen: each has its title in its first row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Layout {
    /// The line at the top.
    pub title: Area,
    /// Connections or findings.
    pub upper: Area,
    /// The messages.
    pub messages: Area,
    /// The fields.
    pub fields: Area,
    /// The bytes.
    pub bytes: Area,
    /// What the selected field means.
    pub meaning: Area,
    /// The line at the bottom.
    pub status: Area,
}

/// What is shown, and where the user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrangement {
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// The pane with the cursor.
    pub focus: Pane,
    /// It has the whole screen.
    pub is_zoomed: bool,
    /// The messages of one connection are shown as a conversation: the connections
    /// make room.
    pub follows: bool,
    /// Rows that the meaning of the selected field takes.
    pub meaning_rows: u16,
}

impl Layout {
    /// Divides the screen.
    pub fn new(arrangement: Arrangement) -> Self {
        let (width, height) = arrangement.size;
        let row = |y: u16, height: u16| Area {
            x: 0,
            y,
            width,
            height,
        };
        let mut layout = Self {
            title: row(0, height.min(1)),
            status: row(height.saturating_sub(1), height.saturating_sub(1).min(1)),
            ..Self::default()
        };
        let main = height.saturating_sub(2);
        if arrangement.is_zoomed || main < 12 {
            *layout.pane(arrangement.focus) = row(layout.title.height, main);
            return layout;
        }
        let upper = if arrangement.follows {
            0
        } else {
            (main / 4).max(4)
        };
        let lower = (main * 2 / 5).max(6);
        layout.upper = row(1, upper);
        layout.messages = row(1 + upper, main - upper - lower);
        let y = 1 + main - lower;
        let meaning = arrangement.meaning_rows.min(lower / 2);
        layout.meaning = row(y + lower - meaning, meaning);
        let detail = row(y, lower - meaning);
        if width < MIN_BOTH {
            let is_bytes = arrangement.focus == Pane::Bytes;
            *(if is_bytes {
                &mut layout.bytes
            } else {
                &mut layout.fields
            }) = detail;
            return layout;
        }
        let bytes = if width >= WIDE {
            width / 2
        } else {
            BYTES_WIDTH
        };
        layout.fields = Area {
            width: width - bytes,
            ..detail
        };
        layout.bytes = Area {
            x: width - bytes,
            width: bytes,
            ..detail
        };
        layout
    }

    fn pane(&mut self, pane: Pane) -> &mut Area {
        match pane {
            Pane::Connections | Pane::Findings => &mut self.upper,
            Pane::Messages => &mut self.messages,
            Pane::Fields => &mut self.fields,
            Pane::Bytes => &mut self.bytes,
        }
    }

    /// The part of the screen that a pane has.
    pub fn area(mut self, pane: Pane) -> Area {
        *self.pane(pane)
    }

    /// Rows of a pane below its title, and below the heads of its columns.
    pub fn rows(self, pane: Pane) -> u64 {
        let heads = match pane {
            Pane::Connections => 2,
            _ => 1,
        };
        self.area(pane).height.saturating_sub(heads).max(1).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_are_within_the_screen_and_apart() {
        for (width, height) in [
            (80, 24),
            (200, 60),
            (40, 10),
            (71, 14),
            (1, 1),
            (3, 300),
            (0, 0),
        ] {
            for focus in Pane::ALL {
                for bits in 0..4 {
                    let layout = Layout::new(Arrangement {
                        size: (width, height),
                        focus,
                        is_zoomed: bits & 1 != 0,
                        follows: bits & 2 != 0,
                        meaning_rows: 1 + width % 2,
                    });
                    let areas = [
                        layout.title,
                        layout.upper,
                        layout.messages,
                        layout.fields,
                        layout.bytes,
                        layout.meaning,
                        layout.status,
                    ];
                    let mut cells = std::collections::HashSet::new();
                    for area in areas {
                        assert!(area.x + area.width <= width && area.y + area.height <= height);
                        for x in area.x..area.x + area.width {
                            for y in area.y..area.y + area.height {
                                assert!(cells.insert((x, y)), "{width}x{height} {areas:?}");
                            }
                        }
                    }
                    assert_eq!(cells.len(), usize::from(width) * usize::from(height));
                }
            }
        }
    }

    #[test]
    fn eighty_by_twenty_four_has_room_for_all() {
        let layout = Layout::new(Arrangement {
            size: (80, 24),
            focus: Pane::Messages,
            is_zoomed: false,
            follows: false,
            meaning_rows: 1,
        });
        assert_eq!(layout.rows(Pane::Connections), 3);
        assert_eq!(layout.rows(Pane::Messages), 8);
        assert_eq!(layout.rows(Pane::Fields), 6);
        assert_eq!(layout.bytes.width, 40);
    }
}
