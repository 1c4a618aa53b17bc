//! A list of any length of which a part is on the screen.

/// What is selected of a list, and what of it is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The place that is selected.
    pub selected: u64,
    /// The place at the top of the pane.
    pub top: u64,
}

/// A step through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many places on, or back.
    By(i64),
    /// So many panes on, or back.
    Pages(i64),
    /// So many halves of a pane on, or back.
    Halves(i64),
    /// To the first place.
    First,
    /// To the last place.
    Last,
}

impl Scroll {
    /// Takes a step in a list of `count` places, `height` of which are shown.
    pub fn step(&mut self, step: Step, count: u64, height: u64) {
        let last = count.saturating_sub(1);
        let height = height.max(1);
        let by = |selected: u64, by: i64| selected.saturating_add_signed(by).min(last);
        let height_signed = i64::try_from(height).unwrap_or(1);
        self.selected = match step {
            Step::By(places) => by(self.selected, places),
            Step::Pages(pages) => by(self.selected, pages * height_signed),
            Step::Halves(halves) => by(self.selected, halves * (height_signed / 2).max(1)),
            Step::First => 0,
            Step::Last => last,
        };
        self.show(count, height);
    }

    /// Sees to it that what is selected is there and on the screen.
    pub fn show(&mut self, count: u64, height: u64) {
        let height = height.max(1);
        self.selected = self.selected.min(count.saturating_sub(1));
        if self.selected < self.top {
            self.top = self.selected;
        } else if self.selected - self.top >= height {
            self.top = self.selected - height + 1;
        }
        self.top = self.top.min(count.saturating_sub(height));
    }

    /// Selects a place, which comes to stand in the middle if it was not shown.
    pub fn select(&mut self, place: u64, count: u64, height: u64) {
        let is_shown = (self.top..self.top + height).contains(&place);
        self.selected = place;
        if !is_shown {
            self.top = place.saturating_sub(height / 2);
        }
        self.show(count, height);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_selected_is_on_the_screen(
            steps in prop::collection::vec((0..5_u8, -9..9_i64, 0..30_u64, 1..9_u64), 0..40),
        ) {
            let mut scroll = Scroll::default();
            for (kind, by, count, height) in steps {
                let step = match kind {
                    0 => Step::By(by),
                    1 => Step::Pages(by),
                    2 => Step::Halves(by),
                    3 => Step::First,
                    _ => Step::Last,
                };
                scroll.step(step, count, height);
                prop_assert!(scroll.selected < count.max(1));
                prop_assert!(scroll.top <= scroll.selected);
                prop_assert!(scroll.selected < scroll.top + height);
                // No empty lines below the last place.
                prop_assert!(scroll.top == 0 || scroll.top + height <= count);
            }
        }
    }

    #[test]
    fn what_was_not_shown_comes_to_the_middle() {
        let mut scroll = Scroll::default();
        scroll.select(50, 100, 10);
        assert_eq!((scroll.selected, scroll.top), (50, 45));
        scroll.select(54, 100, 10);
        assert_eq!((scroll.selected, scroll.top), (54, 45));
        scroll.select(99, 100, 10);
        assert_eq!((scroll.selected, scroll.top), (99, 90));
    }
}
