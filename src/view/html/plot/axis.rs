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
        let step = nice(rough, base);
        if self.measure == Measure::Count {
            step.max(1.0)
        } else {
            step
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

/// A time in the unit that suits what goes up to `greatest`, with as many digits as a
/// `step` needs.
#[allow(clippy::cast_sign_loss)] // It is none below 0.
fn time(seconds: f64, greatest: f64, step: f64) -> String {
    if seconds < step / 2.0 {
        return "0".to_owned();
    }
    let (size, unit) = match greatest {
        ..0.001 => (1e-6, "µs"),
        ..1.0 => (1e-3, "ms"),
        ..120.0 => (1.0, "s"),
        ..7200.0 => (60.0, "min"),
        _ => (3600.0, "h"),
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
