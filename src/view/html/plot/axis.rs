//! Axes: where a value lies, which values are named, and how.

use crate::view::quantity::Bytes;

/// What an axis counts; decides how its values are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Seconds.
    Seconds,
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
}

/// An axis.
#[derive(Debug, Clone)]
pub struct Axis {
    /// What it counts, in words.
    pub title: String,
    /// How its values are named.
    pub measure: Measure,
    /// Its least and greatest value.
    pub range: (f64, f64),
    /// Equal factors are equally far apart, not equal differences.
    pub is_logarithmic: bool,
}

impl Axis {
    /// One from `least` to `greatest`.
    pub fn new(title: impl Into<String>, measure: Measure, least: f64, greatest: f64) -> Self {
        let greatest = if greatest > least {
            greatest
        } else {
            least + 1.0
        };
        Self {
            title: title.into(),
            measure,
            range: (least, greatest),
            is_logarithmic: false,
        }
    }

    /// This, logarithmic; all values are greater than 0.
    #[must_use]
    pub fn logarithmic(mut self) -> Self {
        const LEAST: f64 = 1e-6;
        let (least, greatest) = self.range;
        let least = least.max(LEAST);
        self.range = (least, greatest.max(least * 10.0));
        self.is_logarithmic = true;
        self
    }

    /// Where a value lies, from 0 to 1.
    pub fn place(&self, value: f64) -> f64 {
        let (least, greatest) = self.range;
        let value = value.clamp(least, greatest);
        if self.is_logarithmic {
            (value / least).ln() / (greatest / least).ln()
        } else {
            (value - least) / (greatest - least)
        }
    }

    /// About `most` values, each with its name.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        if self.is_logarithmic {
            let decades = self.decades(most).into_iter();
            return decades
                .map(|value| (value, self.name(value, value)))
                .collect();
        }
        let step = self.step(most);
        let (least, greatest) = self.range;
        let lowest = (least / step).ceil() as i64;
        let highest = (greatest / step).floor() as i64;
        let values = (lowest..=highest).map(|number| number as f64 * step);
        values
            .map(|value| (value, self.name(value, step)))
            .collect()
    }

    fn decades(&self, most: usize) -> Vec<f64> {
        let (least, greatest) = self.range;
        let lowest = least.log10().ceil() as i32;
        let highest = greatest.log10().floor() as i32;
        let every = highest.abs_diff(lowest) as usize / most + 1;
        let decades = (lowest..=highest).step_by(every);
        decades.map(|power| 10_f64.powi(power)).collect()
    }

    /// From one named value to the next.
    fn step(&self, most: usize) -> f64 {
        let (least, greatest) = self.range;
        let rough = (greatest - least) / most as f64;
        let base = match self.measure {
            Measure::Bytes | Measure::BytesPerSecond => 2.0,
            Measure::Seconds | Measure::Count => 10.0,
        };
        match self.measure {
            Measure::Count => nice(rough, base).max(1.0),
            Measure::Seconds => time_step(rough),
            Measure::Bytes | Measure::BytesPerSecond => nice(rough, base),
        }
    }

    /// A value in words, with as many digits as tell it from those a `step` apart.
    fn name(&self, value: f64, step: f64) -> String {
        match self.measure {
            // On a logarithmic axis each value has its own unit.
            Measure::Seconds if self.is_logarithmic => time(value, value, step),
            Measure::Seconds => time(value, self.range.1, step),
            Measure::Count => format!("{value:.0}"),
            Measure::Bytes => bytes(value),
            Measure::BytesPerSecond => format!("{}/s", bytes(value)),
        }
    }
}

/// The least step of times that is not below `rough`: one that is round in seconds,
/// minutes, hours or days.
fn time_step(rough: f64) -> f64 {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const ROUND: [f64; 16] = [
        1.0,
        2.0,
        5.0,
        10.0,
        15.0,
        30.0,
        MINUTE,
        2.0 * MINUTE,
        5.0 * MINUTE,
        10.0 * MINUTE,
        15.0 * MINUTE,
        30.0 * MINUTE,
        HOUR,
        2.0 * HOUR,
        6.0 * HOUR,
        12.0 * HOUR,
    ];
    if rough <= 0.5 {
        return nice(rough, 10.0);
    }
    let step = ROUND.into_iter().find(|step| *step >= rough);
    step.unwrap_or_else(|| nice(rough / DAY, 10.0).max(1.0) * DAY)
}

/// The least step of the form that people count in which is not below `rough`.
fn nice(rough: f64, base: f64) -> f64 {
    let power = base.powf(rough.log(base).floor());
    let multiples: &[f64] = if base > 2.0 {
        &[1.0, 2.0, 5.0, 10.0]
    } else {
        &[1.0, 2.0]
    };
    let multiple = multiples
        .iter()
        .find(|multiple| power * **multiple >= rough);
    power * multiple.unwrap_or(&base)
}

#[allow(clippy::cast_sign_loss)] // It is none below 0.
fn bytes(value: f64) -> String {
    let text = Bytes(value.max(0.0) as u64).to_string();
    // Round numbers without their zeros: `2.00 MiB` is `2 MiB`.
    match text.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            let number = number.trim_end_matches('0').trim_end_matches('.');
            format!("{number} {unit}")
        }
        _ => text,
    }
}

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// A time in the unit that suits what goes up to `greatest`, with as many digits as a
/// `step` needs. Minutes, hours and days are whole, or the unit is a smaller one: so a
/// label is never another value than that which it stands at.
#[allow(clippy::cast_sign_loss)] // It is none below 0.
fn time(seconds: f64, greatest: f64, step: f64) -> String {
    if seconds < step / 2.0 {
        return "0".to_owned();
    }
    let is_whole = |size: f64| step >= size && step % size == 0.0;
    let (size, unit) = match greatest {
        ..0.001 => (1e-6, "µs"),
        ..1.0 => (1e-3, "ms"),
        172_800.0.. if is_whole(DAY) => (DAY, "d"),
        7200.0.. if is_whole(3600.0) => (3600.0, "h"),
        120.0.. if is_whole(60.0) => (60.0, "min"),
        _ => (1.0, "s"),
    };
    let digits = (-(step / size).log10()).ceil().clamp(0.0, 6.0) as usize;
    format!("{:.digits$} {unit}", seconds / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<String> {
        let ticks = axis.ticks(5);
        ticks.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        let axis = Axis::new("", Measure::Count, 0.0, 260.0);
        assert_eq!(names(&axis), ["0", "100", "200"]);
        let axis = Axis::new("", Measure::BytesPerSecond, 0.0, 5e6);
        assert_eq!(
            names(&axis),
            ["0 B/s", "1 MiB/s", "2 MiB/s", "3 MiB/s", "4 MiB/s"]
        );
        let axis = Axis::new("", Measure::Seconds, 2.0, 7.0);
        assert_eq!(names(&axis), ["2 s", "3 s", "4 s", "5 s", "6 s", "7 s"]);
        let axis = Axis::new("", Measure::Seconds, 2.051, 2.0535);
        assert_eq!(
            names(&axis),
            [
                "2.0510 s", "2.0515 s", "2.0520 s", "2.0525 s", "2.0530 s", "2.0535 s"
            ]
        );
        let axis = Axis::new("", Measure::Seconds, 0.0002, 12.0).logarithmic();
        assert_eq!(names(&axis), ["1 ms", "10 ms", "100 ms", "1 s", "10 s"]);
    }

    #[test]
    fn times_are_labelled_as_what_they_are() {
        for (least, greatest, expected) in [
            (0.0, 0.004, "0, 1 ms, 2 ms, 3 ms, 4 ms"),
            (0.0, 70.0, "0, 15 s, 30 s, 45 s, 60 s"),
            (0.0, 300.0, "0, 1 min, 2 min, 3 min, 4 min, 5 min"),
            (0.0, 130.0, "0, 30 s, 60 s, 90 s, 120 s"),
            (
                7000.0,
                7010.0,
                "7000 s, 7002 s, 7004 s, 7006 s, 7008 s, 7010 s",
            ),
            (0.0, 4000.0, "0, 15 min, 30 min, 45 min, 60 min"),
            (0.0, 8000.0, "0, 30 min, 60 min, 90 min, 120 min"),
            (0.0, 40_000.0, "0, 6 h"),
            (0.0, 30_000.0, "0, 2 h, 4 h, 6 h, 8 h"),
            (0.0, 4.0 * DAY, "0, 1 d, 2 d, 3 d, 4 d"),
            (0.0, 90.0 * DAY, "0, 20 d, 40 d, 60 d, 80 d"),
        ] {
            let axis = Axis::new("", Measure::Seconds, least, greatest);
            assert_eq!(names(&axis).join(", "), expected, "{least} to {greatest}");
        }
        let axis = Axis::new("", Measure::Seconds, 10.0, 12_000.0).logarithmic();
        assert_eq!(names(&axis), ["10 s", "100 s", "1000 s", "10000 s"]);
    }

    #[test]
    fn any_range_has_few_ticks_and_every_value_a_place() {
        let ranges = [(0.0, 0.0), (5.0, 5.0), (0.0, 1e-9), (0.0, 1e19), (3.0, 4e9)];
        for (least, greatest) in ranges {
            for measure in [Measure::Count, Measure::Bytes, Measure::Seconds] {
                let axis = Axis::new("", measure, least, greatest);
                for axis in [axis.clone(), axis.logarithmic()] {
                    assert!(axis.ticks(5).len() <= 12, "{axis:?}");
                    for value in [-1.0, 0.0, greatest / 2.0, greatest * 2.0] {
                        assert!((0.0..=1.0).contains(&axis.place(value)), "{axis:?}");
                    }
                }
            }
        }
    }
}
