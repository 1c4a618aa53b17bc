//! What a peer had over time, by its own word.

use crate::packet::Stamp;

/// Points that are kept of a peer.
const MAX_POINTS: usize = 32;

/// So many pieces it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Had {
    /// Since this packet.
    pub at: Stamp,
    /// How many.
    pub pieces: u32,
}

/// Some of the times at which it had more than before, evenly chosen by how many pieces it
/// had: where there are too many, every second one goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growth {
    points: Vec<Had>,
    /// Fewer pieces more than the last ones are not worth a point: this and one.
    step: u32,
}

impl Growth {
    /// The points, in their order.
    pub fn points(&self) -> &[Had] {
        &self.points
    }

    /// It has `pieces`. All peers have `room` for so many points more; false where that is
    /// spent.
    pub fn note(&mut self, at: Stamp, pieces: u32, room: &mut usize) -> bool {
        let least = self
            .points
            .last()
            .map(|last| last.pieces.saturating_add(self.step));
        if least.is_some_and(|least| pieces <= least) {
            return true;
        }
        self.push(Had { at, pieces }, room)
    }

    /// The same at the end, where any more is worth a point.
    pub fn end(&mut self, at: Stamp, pieces: u32, room: &mut usize) -> bool {
        let had = self.points.last().map(|last| last.pieces);
        had >= Some(pieces) || self.push(Had { at, pieces }, room)
    }

    fn push(&mut self, had: Had, room: &mut usize) -> bool {
        if self.points.len() == MAX_POINTS {
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            *room += MAX_POINTS - self.points.len();
            self.step = self.step * 2 + 1;
        }
        let has_room = *room > 0;
        if has_room {
            *room -= 1;
            self.points.push(had);
        }
        has_room
    }

    /// Takes over what it said on another connection.
    pub fn join(&mut self, other: Self, room: &mut usize) {
        if self.points.is_empty() {
            *self = other;
            return;
        }
        let mut all = std::mem::take(&mut self.points);
        all.extend(other.points);
        *room += all.len();
        all.sort_by_key(|had| had.at.frame);
        self.step = self.step.max(other.step);
        for had in all {
            self.note(had.at, had.pieces, room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;

    fn at(frame: u64) -> Stamp {
        Stamp {
            frame,
            time: Timestamp::UNKNOWN,
        }
    }

    #[test]
    fn evenly_chosen_and_never_too_many() {
        let mut room = 1000;
        let mut growth = Growth::default();
        for pieces in 0..=5000 {
            assert!(growth.note(at(u64::from(pieces)), pieces, &mut room));
        }
        assert!(growth.end(at(6000), 5001, &mut room));
        let had: Vec<u32> = growth.points().iter().map(|had| had.pieces).collect();
        assert!(
            (MAX_POINTS / 2..=MAX_POINTS).contains(&had.len()),
            "{had:?}"
        );
        assert_eq!((had[0], had.last()), (0, Some(&5001)));
        let steps: Vec<_> = had.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(
            steps[..steps.len() - 1]
                .iter()
                .all(|step| *step == steps[0]),
            "{had:?}"
        );
        assert_eq!(room, 1000 - had.len());
    }

    #[test]
    fn connections_are_joined_and_room_is_kept() {
        let mut room = 4;
        let [mut one, mut other] = [Growth::default(), Growth::default()];
        for (growth, frame, pieces) in [(&mut one, 1, 0), (&mut other, 2, 5)] {
            assert!(growth.note(at(frame), pieces, &mut room));
        }
        assert!(one.note(at(3), 4, &mut room) && one.note(at(4), 7, &mut room));
        assert!(!other.note(at(5), 8, &mut room));
        let mut again = one.clone();
        one.join(other, &mut room);
        let had: Vec<u32> = one.points().iter().map(|had| had.pieces).collect();
        assert_eq!((had, room), (vec![0, 5, 7], 1));
        // Nothing is lost where there is no room beside.
        again.join(one, &mut 0);
        assert_eq!(again.points().len(), 3);
    }
}
