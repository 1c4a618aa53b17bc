//! Whatever is negotiated, and however it is cut into packets, the messages are
//! those of the same connection in the clear.

use super::exchange::{Plan, have, interested};
use super::{Acceptor, Initiator, Part, Parts, Side, Told, run};
use crate::wire::mse::vectors::A;
use proptest::prelude::*;

fn plans() -> impl Strategy<Value = Plan> {
    (
        any::<bool>(),
        prop::array::uniform4(0..=512_u16),
        any::<bool>(),
        prop::collection::vec(0..1000_u32, 0..12),
        0..4_usize,
    )
        .prop_map(|(rc4, pads, has_initial, haves, interests)| Plan {
            rc4,
            pads,
            has_initial,
            initiator: interested().repeat(interests),
            acceptor: haves.into_iter().flat_map(have).collect(),
            ..Plan::default()
        })
}

/// Cuts every flight at some of `cuts`.
fn cut(plan: &Plan, cuts: &[u16]) -> Parts {
    let mut parts = Parts::new();
    for (side, bytes) in plan.flights() {
        let mut at = 0;
        let mut places: Vec<_> = cuts.iter().map(|cut| usize::from(*cut)).collect();
        places.retain(|place| *place < bytes.len());
        places.push(bytes.len());
        places.sort_unstable();
        for place in places {
            parts.push((side, Part::Bytes(bytes[at..place].to_vec())));
            at = place;
        }
    }
    parts.retain(|(_, part)| !matches!(part, Part::Bytes(bytes) if bytes.is_empty()));
    parts
}

/// What one side says, as told, without what is specific to MSE.
fn messages(told: &[Told], side: Side, from: u64) -> Vec<(u64, Vec<u8>)> {
    told.iter()
        .filter(|told| told.from == side && told.offset >= from)
        .map(|told| (told.offset - from, told.bytes.clone()))
        .collect()
}

fn in_the_clear(plan: &Plan) -> Vec<Told> {
    let parts = Side::BOTH.map(|side| (side, Part::Bytes(plan.plain(side))));
    run(&[], &parts.to_vec()).told
}

proptest! {
    #[test]
    fn messages_are_those_in_the_clear(
        plan in plans(),
        cuts in prop::collection::vec(0..1300_u16, 0..6),
    ) {
        let ear = run(&[plan.key], &cut(&plan, &cuts));
        let clear = in_the_clear(&plan);
        for side in [Initiator, Acceptor] {
            let begins = plan.begins(side) as u64;
            prop_assert_eq!(messages(&ear.told, side, begins), messages(&clear, side, 0));
            prop_assert_eq!(&ear.names(side)[..2], ["public_key", "negotiation"]);
        }
        let expected = if plan.rc4 { "mse_rc4" } else { "mse_plaintext" };
        prop_assert_eq!(ear.encryption, Some(expected));
    }

    /// With gaps, bytes that are told are those of the same place in the clear.
    #[test]
    fn gaps_do_not_shift_the_keystream(
        plan in plans(),
        cuts in prop::collection::vec(0..1300_u16, 0..6),
        lost in prop::collection::vec((0..40_usize, any::<bool>()), 0..4),
    ) {
        let mut parts = cut(&plan, &cuts);
        for (index, known) in lost {
            if let Some((_, part)) = parts.get_mut(index)
                && let Part::Bytes(bytes) = part
            {
                *part = Part::Missing(bytes.len(), known);
            }
        }
        let all_known = !parts.iter().any(|(_, part)| matches!(part, Part::Missing(_, false)));
        let ear = run(&[plan.key], &parts);
        for told in ear.told.iter().filter(|_| all_known) {
            if matches!(told.name, "have" | "interested" | "handshake") {
                let at = (told.offset as usize).checked_sub(plan.begins(told.from));
                let clear = plan.plain(told.from);
                let at = at.expect("a message");
                prop_assert_eq!(&told.bytes[..], &clear[at..at + told.bytes.len()]);
            }
        }
    }

    #[test]
    fn any_bytes_after_a_known_public_key(
        noise in prop::collection::vec(
            (any::<bool>(), prop::collection::vec(any::<u8>(), 1..900)), 0..8),
        whole in 0..230_usize,
    ) {
        let a = A.stream_a();
        let mut parts: Parts = vec![(Initiator, Part::Bytes(a[..whole.min(a.len())].to_vec()))];
        parts.retain(|(_, part)| !matches!(part, Part::Bytes(bytes) if bytes.is_empty()));
        for (up, bytes) in noise {
            parts.push((if up { Initiator } else { Acceptor }, Part::Bytes(bytes)));
        }
        run(&[A.key_line()], &parts);
    }
}
