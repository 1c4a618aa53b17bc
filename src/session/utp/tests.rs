use super::figures::{UtpFigures, UtpLimits};
use super::meters::UtpMeters;
use super::sending::Sending;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::wire::utp::{Extensions, Packet, PacketType};

const STREAM: u64 = 7;
const WINDOW: u32 = 3000;
const BYTES: usize = 1000;

/// A connection in which the initiator sends packets of 1000 bytes and the acceptor
/// acknowledges.
struct Scene(UtpMeters);

impl Scene {
    fn new() -> Self {
        Self(UtpMeters::default())
    }

    fn hear(&mut self, from: Side, packet: &Packet<'_>, millis: i64) -> super::UtpStep {
        let at = stamp(millis);
        self.0.hear(STREAM, from, packet, at).unwrap()
    }

    /// The clock of the sender says the time.
    fn data(&mut self, number: u16, millis: i64) -> Sending {
        self.copy(number, millis, millis)
    }

    /// A packet that its sender sent at `clock`.
    fn copy(&mut self, number: u16, clock: i64, millis: i64) -> Sending {
        let packet = Packet {
            timestamp: clock.unsigned_abs() as u32 * 1000,
            ..packet(PacketType::DATA, number, 9)
        };
        let step = self.hear(Side::Initiator, &packet, millis);
        step.sending.unwrap()
    }

    fn ack(&mut self, number: u16, millis: i64) -> super::UtpHeard {
        let packet = packet(PacketType::STATE, 9, number);
        self.hear(Side::Acceptor, &packet, millis).heard
    }

    /// Also of these bits from `number` + 2 on.
    fn selective(&mut self, number: u16, bits: u8, millis: i64) -> super::UtpHeard {
        let bytes = [0, 4, bits, 0, 0, 0];
        let packet = Packet {
            extensions: Extensions::new(1, &bytes).unwrap(),
            ..packet(PacketType::STATE, 9, number)
        };
        self.hear(Side::Acceptor, &packet, millis).heard
    }

    fn end(mut self) -> UtpFigures {
        *self.0.take(STREAM, stamp(0)).unwrap()
    }
}

fn stamp(millis: i64) -> Stamp {
    Stamp {
        frame: 1,
        time: Timestamp::from_nanos(i128::from(millis) * 1_000_000),
    }
}

fn packet(packet_type: PacketType, seq_nr: u16, ack_nr: u16) -> Packet<'static> {
    Packet {
        packet_type,
        connection_id: 1,
        timestamp: 0,
        timestamp_difference: 0,
        wnd_size: WINDOW,
        seq_nr,
        ack_nr,
        extensions: Extensions::NONE,
        payload: &[],
        payload_length: if packet_type == PacketType::DATA {
            BYTES
        } else {
            0
        },
    }
}

#[test]
fn losses_are_told_apart_by_their_cause() {
    let mut scene = Scene::new();
    // The numbers turn over.
    let sent: Vec<_> = [65534, 65535, 0, 1].map(|n| scene.data(n, 1)).into();
    assert_eq!(sent, [Sending::New; 4]);
    assert_eq!(scene.copy(1, 1, 2), Sending::Doubled);
    scene.ack(65534, 50);
    // 0 and 1 arrived, 65535 did not.
    scene.selective(65534, 0b11, 51);
    assert_eq!(scene.data(65535, 52), Sending::Fast);
    scene.ack(1, 90);
    scene.data(2, 100);
    assert_eq!(scene.data(2, 1500), Sending::Timeout);
    scene.ack(2, 1550);
    assert_eq!(scene.data(2, 1551), Sending::Needless);
    // A copy of the network is late.
    assert_eq!(scene.copy(2, 100, 1552), Sending::Doubled);
    // 3 and 4 are missing here; 4 was sent before 5, and 3 again after it.
    scene.data(5, 1600);
    assert_eq!(scene.copy(4, 1599, 1601), Sending::Reordered);
    assert_eq!(scene.data(3, 1700), Sending::LostBefore);
    // Of 6, the first copy comes behind the second one.
    scene.data(7, 1800);
    assert_eq!(scene.data(6, 1801), Sending::LostBefore);
    assert_eq!(scene.copy(6, 1799, 1802), Sending::Reordered);
    assert_eq!(scene.copy(6, 1799, 1802), Sending::Doubled);
    let figures = scene.end().sides[0];
    let resent = (
        figures.resent_fast,
        figures.resent_timeout,
        figures.resent_needless,
        figures.lost_before,
    );
    assert_eq!(resent, (1, 1, 2, 1));
    assert_eq!((figures.doubled, figures.reordered), (3, 2));
    assert_eq!((figures.packets, figures.resent()), (10, 5));
}

#[test]
fn three_more_acknowledgements_show_a_loss_too() {
    let mut scene = Scene::new();
    for number in 1..5 {
        scene.data(number, 0);
    }
    for _ in 0..4 {
        scene.ack(1, 10);
    }
    assert_eq!(scene.data(2, 11), Sending::Fast);
}

#[test]
fn round_trips_are_of_packets_that_were_sent_once() {
    let mut scene = Scene::new();
    for number in 1..4 {
        scene.data(number, i64::from(number));
    }
    scene.data(2, 30);
    // 3 arrived, then all of them.
    assert_eq!(scene.selective(1, 0b1, 40).round_trip, Some(39_000_000));
    assert_eq!(scene.ack(3, 90).round_trip, None);
    let round_trip = scene.end().sides[0].round_trip.unwrap();
    assert_eq!((round_trip.min, round_trip.max), (37_000_000, 39_000_000));
}

#[test]
fn what_is_in_flight_and_what_holds_the_sender_back() {
    let mut scene = Scene::new();
    scene.ack(0, 0);
    for number in 1..4 {
        scene.data(number, i64::from(number));
    }
    scene.selective(1, 0b1, 10);
    scene.data(2, 11);
    // In recovery until what was sent before is acknowledged.
    scene.data(4, 12);
    scene.ack(4, 20);
    scene.data(5, 21);
    let UtpFigures { sides, is_partial } = scene.end();
    assert!(!is_partial);
    let limits = UtpLimits {
        window: 1,
        loss: 1,
        sender: 3,
    };
    assert_eq!(sides[0].limits, limits);
    assert_eq!(sides[0].in_flight_max, 3 * BYTES as u64);
    assert_eq!(sides[0].window, Some([WINDOW; 2]));
    assert_eq!((sides[1].packets, sides[1].in_flight_max), (0, 0));
}

#[test]
fn a_delay_counts_from_the_least_and_turns_over() {
    let mut scene = Scene::new();
    let mut told = |difference| {
        let packet = Packet {
            timestamp_difference: difference,
            ..packet(PacketType::STATE, 9, 0)
        };
        let step = scene.hear(Side::Acceptor, &packet, 0);
        step.heard.delay_micros
    };
    let all = [0, u32::MAX - 4, 5, u32::MAX - 14].map(&mut told);
    assert_eq!(all, [None, Some(0), Some(10), Some(-10)]);
    let side = scene.end().sides[0];
    assert_eq!(side.base_delay_micros, Some(u32::MAX - 14));
    let delay = side.delay.unwrap();
    assert_eq!((delay.min, delay.max), (0, 10_000));
}

#[test]
fn absurd_numbers_cost_nothing() {
    let mut scene = Scene::new();
    for step in 0..70_000_u32 {
        // Ahead by much, and acknowledgements of what was never sent.
        scene.data(step.wrapping_mul(30_011) as u16, 0);
        scene.ack(step.wrapping_mul(7_919) as u16, 0);
    }
    scene.end();
}

#[test]
fn memory_is_charged_and_comes_back() {
    let mut meters = UtpMeters::default();
    let data = packet(PacketType::DATA, 1, 0);
    let hear = |meters: &mut UtpMeters, stream| {
        let heard = meters.hear(stream, Side::Initiator, &data, stamp(0));
        heard.is_some()
    };
    let open = (0..1 << 20).take_while(|stream| hear(&mut meters, *stream));
    let open = open.count() as u64;
    assert!((1 << 10..1 << 15).contains(&open), "{open}");
    for stream in 0..open {
        assert!(meters.take(stream, stamp(0)).is_some());
    }
    // What is over does not begin again.
    assert!(!hear(&mut meters, open - 1));
    assert!(hear(&mut meters, open));
}
