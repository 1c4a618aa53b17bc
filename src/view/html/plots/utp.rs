//! How a uTP connection went below its stream: delay, round trips, what was in flight
//! against the window, loss (BEP 29).

use maud::html;

use super::{Drawn, Scene, together};
use crate::flow::Side;
use crate::report::{Card, UtpBin, UtpCourse};
use crate::session::UtpSideFigures;
use crate::view::html::format::count;
use crate::view::html::plot::{Axis, Chart, Marks, Measure, Numbers, Series};
use crate::view::sessions::LETTERS;

/// One side of the connection.
struct Sender<'a> {
    name: String,
    style: usize,
    course: &'a UtpCourse,
    figures: UtpSideFigures,
    begin: f64,
}

impl Sender<'_> {
    fn bins(&self) -> impl Iterator<Item = (f64, f64, &UtpBin)> {
        let begin = self.begin;
        let bins = self.course.bins().all();
        bins.map(move |(span, bin)| {
            let at = |nanos: u64| begin + nanos as f64 / 1e9;
            (at(span.start), at(span.end), bin)
        })
    }
}

fn packets(card: &Card) -> u64 {
    let sides = card.course.iter().flat_map(|course| &course.sides);
    let courses = sides.filter_map(|side| side.utp.as_ref());
    courses
        .flat_map(|course| course.bins().all().map(|(_, bin)| u64::from(bin.packets)))
        .sum()
}

/// The plots: those of the connection with the most packets.
pub fn draw(scene: &Scene<'_>) -> Drawn {
    const NONE: &str = "No uTP packets of connections between peers: there is no plot of their delay, window and loss.";
    let cards = scene.digest.cards.iter();
    let card = cards.max_by_key(|card| packets(card)).ok_or(NONE)?;
    let course = card.course.as_ref().ok_or(NONE)?;
    let figures = card.utp.as_ref().ok_or(NONE)?;
    let senders: Vec<Sender<'_>> = Side::BOTH
        .into_iter()
        .filter_map(|side| {
            let utp = course.sides[side.index()].utp.as_deref()?;
            let address = scene.names.address(card.past.connection.address(side));
            Some(Sender {
                name: format!("{}: {address}", LETTERS[side.index()]),
                style: side.index(),
                course: utp,
                figures: figures.sides[side.index()],
                begin: scene.times.seconds(utp.bins().begin()),
            })
        })
        .collect();
    let ends = senders.iter().flat_map(Sender::bins).map(|(_, end, _)| end);
    let (Some(begin), Some(end)) = (
        senders.first().map(|sender| sender.begin),
        ends.reduce(f64::max),
    ) else {
        return Err(NONE);
    };
    let plots = Plots {
        scene,
        card,
        senders,
        range: (begin, end),
    };
    Ok(html! { (plots.delay()) (plots.round_trip()) (plots.window()) (plots.loss()) })
}

/// What held a sender back.
fn limits(sender: &Sender<'_>) -> String {
    let limits = sender.figures.limits;
    format!(
        "{} sent {} packets with data while nothing but itself held it back, {} when the window was full, {} while it made up for a loss.",
        sender.name,
        count(limits.sender),
        count(limits.window),
        count(limits.loss)
    )
}

/// Why a sender sent packets again.
fn causes(sender: &Sender<'_>) -> String {
    let figures = &sender.figures;
    format!(
        "{}: {} because later ones were acknowledged, {} because nothing was for long, {} although they had been, {} whose first copy the capture lacks; beside these {} came out of order and {} twice.",
        sender.name,
        count(figures.resent_fast),
        count(figures.resent_timeout),
        count(figures.resent_needless),
        count(figures.lost_before),
        count(figures.reordered),
        count(figures.doubled)
    )
}

struct Plots<'a> {
    scene: &'a Scene<'a>,
    card: &'a Card,
    senders: Vec<Sender<'a>>,
    range: (f64, f64),
}

impl Plots<'_> {
    fn chart(
        &self,
        name: &str,
        title: &str,
        description: String,
        y: (&str, Measure),
        series: Vec<Series>,
    ) -> Chart {
        let (begin, end) = self.range;
        let heights = series.iter().flat_map(|series| match &series.marks {
            Marks::Steps(values) => values.iter().map(|(_, y)| *y).collect::<Vec<_>>(),
            Marks::Bars(bars) => bars.iter().map(|(_, _, y)| *y).collect(),
            _ => Vec::new(),
        });
        let top = heights.fold(0.0, f64::max);
        Chart {
            id: self.scene.id(name),
            title: format!("{title} (connection {})", self.card.past.stream()),
            description,
            x: Axis::new("time since the first packet", Measure::Seconds, begin, end),
            y: Axis::new(y.0, y.1, 0.0, top * 1.05),
            series,
            numbers: Numbers::default(),
        }
    }

    /// A line of each side: `values` says how high it is in each of its bins.
    fn series<V>(&self, values: impl Fn(&Sender<'_>) -> V) -> Vec<Series>
    where
        V: Fn(&UtpBin) -> Option<f64>,
    {
        let series = self.senders.iter().map(|sender| {
            let value = values(sender);
            let steps = sender.bins();
            let steps = steps.filter_map(|(from, _, bin)| Some((from, value(bin)?)));
            Series {
                name: sender.name.clone(),
                style: sender.style,
                marks: Marks::Steps(steps.collect()),
            }
        });
        series
            .filter(|series| !matches!(&series.marks, Marks::Steps(steps) if steps.is_empty()))
            .collect()
    }

    fn delay(&self) -> maud::Markup {
        let series = self.series(|sender| {
            let above_least = sender.course.delays_above_least();
            move |bin| Some(above_least(bin)? as f64 / 1e6)
        });
        let mut chart = self.chart(
            "utp-delay",
            "uTP: delay",
            "How much longer than the shortest the packets of each side were on their way at most, as the other side reports it: what waits in queues. uTP aims at no more than 100 ms.".to_owned(),
            ("one-way delay above the least", Measure::Seconds),
            series,
        );
        chart.numbers = self.numbers();
        chart.draw()
    }

    fn round_trip(&self) -> maud::Markup {
        let series = self.series(|_| |bin| Some(bin.round_trip? as f64 / 1e9));
        let mut chart = self.chart(
            "utp-round-trip",
            "uTP: round trips",
            "From a packet of each side to its acknowledgement at most, as both went by where the capture was made.".to_owned(),
            ("round trip", Measure::Seconds),
            series,
        );
        chart.numbers = self.numbers();
        chart.draw()
    }

    fn window(&self) -> maud::Markup {
        let mut series = self.series(|_| |bin| Some(bin.in_flight? as f64));
        for one in &mut series {
            one.name.push_str(", in flight");
        }
        let windows = self.series(|_| |bin| Some(f64::from(bin.window?)));
        series.extend(windows.into_iter().map(|mut window| {
            window.name.push_str(", room that it is offered");
            window.style += Side::BOTH.len();
            window
        }));
        let limits: Vec<String> = self.senders.iter().map(limits).collect();
        let mut chart = self.chart(
            "utp-window",
            "uTP: in flight and window",
            format!(
                "How many bytes each side had under way at most, and how many the other side had room for. {}",
                limits.join(" ")
            ),
            ("bytes", Measure::Bytes),
            series,
        );
        chart.numbers = self.numbers();
        chart.draw()
    }

    fn loss(&self) -> maud::Markup {
        let series = self.senders.iter().map(|sender| Series {
            name: format!(
                "{}, {} sent again in all",
                sender.name,
                count(sender.figures.resent())
            ),
            style: sender.style,
            marks: Marks::Bars(
                sender
                    .bins()
                    .map(|(from, to, bin)| (from, to, f64::from(bin.resent)))
                    .collect(),
            ),
        });
        let series = series.collect();
        let mut chart = self.chart(
            "utp-loss",
            "uTP: loss",
            format!(
                "Packets that were sent again: the first copy was lost, or its acknowledgement was. {}",
                self.senders.iter().map(causes).collect::<Vec<_>>().join(" ")
            ),
            ("packets sent again", Measure::Count),
            series,
        );
        chart.numbers = self.numbers();
        chart.draw()
    }

    fn numbers(&self) -> Numbers {
        let mut rows = Vec::new();
        for sender in &self.senders {
            let above_least = sender.course.delays_above_least();
            let bins: Vec<_> = sender.bins().collect();
            for some in bins.chunks(together(bins.len() * self.senders.len())) {
                let delay = some.iter().filter_map(|(_, _, bin)| above_least(bin)).max();
                let round_trip = some.iter().filter_map(|(_, _, bin)| bin.round_trip).max();
                let in_flight = some.iter().filter_map(|(_, _, bin)| bin.in_flight).max();
                let mut windows = some.iter().filter_map(|(_, _, bin)| bin.window);
                let sum = |value: fn(&UtpBin) -> u32| {
                    some.iter()
                        .map(|(_, _, bin)| u64::from(value(bin)))
                        .sum::<u64>()
                };
                rows.push(vec![
                    sender.name.clone(),
                    format!("{:.3}", some[0].0),
                    count(sum(|bin| bin.packets)),
                    delay.map_or("-".to_owned(), |delay| format!("{:.1}", delay as f64 / 1e3)),
                    round_trip.map_or("-".to_owned(), |nanos| format!("{:.1}", nanos as f64 / 1e6)),
                    in_flight.map_or("-".to_owned(), count),
                    windows
                        .next_back()
                        .map_or("-".to_owned(), |window| count(window.into())),
                    count(sum(|bin| bin.resent)),
                ]);
            }
        }
        Numbers {
            head: [
                "sender",
                "from (s)",
                "packets",
                "delay at most (ms)",
                "round trip at most (ms)",
                "in flight at most (bytes)",
                "window (bytes)",
                "sent again",
            ]
            .map(str::to_owned)
            .into(),
            rows,
            note: String::new(),
        }
    }
}
