//! Two sessions, compared.

use super::align::{Edit, align};
use super::category::{Categories, Category};
use super::facts::{Fact, Facts};
use super::options::Options;
use super::role::Role;
use super::session::Session;
use super::steps::Step;
use crate::flow::Side;
use crate::session::Encryption;

/// One row of an alignment: steps of the first and the second session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Whose step it is; indices into the steps of the peers with the role.
    pub edit: Edit,
    /// Whether the sessions differ here.
    pub differs: bool,
    /// What the difference is, or would be, one of.
    pub category: Category,
}

/// The first message at which two sessions part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Divergence {
    /// Whose messages.
    pub role: Role,
    /// The row of that role.
    pub row: usize,
}

/// Two sessions, compared.
#[derive(Debug)]
pub struct Comparison {
    /// The two.
    pub sessions: [Session; 2],
    /// For each role: which end has it in the first and the second session.
    pub sides: [[Side; 2]; 2],
    /// What is told side by side.
    pub facts: Vec<Fact>,
    /// The messages, for each role.
    pub rows: [Vec<Row>; 2],
    /// Where the sessions part first, ignored categories aside.
    pub divergence: Option<Divergence>,
    /// The categories in which they differ, ignored ones too.
    pub differing: Categories,
    /// The categories that do not count.
    pub ignored: Categories,
}

impl Comparison {
    /// Compares two sessions.
    pub fn new(mut sessions: [Session; 2], options: &Options) -> Self {
        let mut downloaders = sessions.each_ref().map(Session::downloader);
        if options.swap {
            downloaders[1] = downloaders[1].other();
        }
        let sides = [downloaders, downloaders.map(Side::other)];
        for role in sides {
            level_handshakes(&mut sessions, role);
        }
        let [one, other] = &sessions;
        let facts = Facts::all([one, other], sides, options);
        let rows = sides.map(|[side, counterpart]| {
            let steps = [one.peer(side), other.peer(counterpart)].map(|peer| peer.steps.all());
            let mut rows = rows(steps);
            if let Some(last) = rows.last_mut() {
                last.differs &= match last.edit {
                    Edit::Both(..) => true,
                    Edit::First(_) => !one.ends_with_idle_choke(side),
                    Edit::Second(_) => !other.ends_with_idle_choke(counterpart),
                };
            }
            rows
        });
        let mut comparison = Self {
            sessions,
            sides,
            facts,
            rows,
            divergence: None,
            differing: Categories::default(),
            ignored: options.ignored,
        };
        comparison.sum_up();
        comparison
    }

    /// Whether they differ in a category that counts.
    pub fn differs(&self) -> bool {
        let mut differing = self.differing.iter();
        differing.any(|category| !self.ignored.contains(category))
    }

    /// The steps of a row.
    pub fn steps(&self, role: Role, row: &Row) -> [Option<&Step>; 2] {
        let (one, other) = match row.edit {
            Edit::Both(one, other) => (Some(one), Some(other)),
            Edit::First(one) => (Some(one), None),
            Edit::Second(other) => (None, Some(other)),
        };
        let sides = self.sides[role as usize];
        let step = |at: usize, index: Option<usize>| {
            let peer = self.sessions[at].peer(sides[at]);
            peer.steps.all().get(index?)
        };
        [step(0, one), step(1, other)]
    }

    fn sum_up(&mut self) {
        let facts = self.facts.iter().filter(|fact| fact.differs);
        let rows = self.rows.iter().flatten().filter(|row| row.differs);
        self.differing = facts
            .filter_map(|fact| fact.category)
            .chain(rows.map(|row| row.category))
            .collect();
        self.divergence = Role::ALL
            .into_iter()
            .filter_map(|role| self.first_divergence(role))
            .min_by_key(|(number, _)| *number)
            .map(|(_, divergence)| divergence);
    }

    /// The first row of a role that counts, and where it is in its session.
    fn first_divergence(&self, role: Role) -> Option<(u64, Divergence)> {
        let rows = &self.rows[role as usize];
        let counts = |row: &Row| row.differs && !self.ignored.contains(row.category);
        let at = rows.iter().position(counts)?;
        let steps = self.steps(role, &rows[at]);
        let numbers = steps.iter().flatten().map(|step| step.first.number);
        Some((numbers.min()?, Divergence { role, row: at }))
    }
}

/// Where one session hides a handshake (in MSE, or before the capture began)
/// that the other shows, neither is aligned.
fn level_handshakes(sessions: &mut [Session; 2], sides: [Side; 2]) {
    let is_hidden = |at: usize| {
        let session: &Session = &sessions[at];
        let is_partial = session.encryption != Encryption::None || !session.from_start;
        is_partial && session.peer(sides[at]).greeting().is_none()
    };
    if is_hidden(0) || is_hidden(1) {
        for (session, side) in sessions.iter_mut().zip(sides) {
            session.peers[side.index()].steps.drop_handshake();
        }
    }
}

fn rows(steps: [&[Step]; 2]) -> Vec<Row> {
    let keys = steps.map(|steps| steps.iter().map(|step| &step.key).collect::<Vec<_>>());
    let row = |edit: Edit| match edit {
        Edit::Both(one, other) => Row {
            edit,
            differs: !steps[0][one].equals(&steps[1][other]),
            category: steps[0][one].category(),
        },
        Edit::First(at) => lone(edit, &steps[0][at]),
        Edit::Second(at) => lone(edit, &steps[1][at]),
    };
    align(&keys[0], &keys[1]).into_iter().map(row).collect()
}

/// The row of a step that the other session lacks.
fn lone(edit: Edit, step: &Step) -> Row {
    let category = if step.opening {
        Category::Opening
    } else {
        Category::Transfer
    };
    Row {
        edit,
        differs: !step.is_circumstantial(),
        category,
    }
}
