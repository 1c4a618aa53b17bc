//! What two sessions can differ in.

/// A kind of difference, which `--ignore` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// TCP or uTP, encryption, and which role dialled.
    Transport,
    /// The reserved bits of the handshake.
    Reserved,
    /// Names, ids, keys and values of the extended handshake.
    Extensions,
    /// Messages up to the first block.
    Opening,
    /// Time from the handshake to interest, unchoke, request and block.
    Timing,
    /// How many requests are out at once.
    Queue,
    /// How large the requests are.
    Requests,
    /// Which blocks are asked for in which order, and twice.
    Order,
    /// How the downloader tells what it has.
    Have,
    /// The period of keep-alives.
    KeepAlive,
    /// Messages from the first block on.
    Transfer,
    /// Who ends the connection, and how.
    End,
}

impl Category {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::Transport,
        Self::Reserved,
        Self::Extensions,
        Self::Opening,
        Self::Timing,
        Self::Queue,
        Self::Requests,
        Self::Order,
        Self::Have,
        Self::KeepAlive,
        Self::Transfer,
        Self::End,
    ];

    /// The name, as the command line and JSON have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Reserved => "reserved",
            Self::Extensions => "extensions",
            Self::Opening => "opening",
            Self::Timing => "timing",
            Self::Queue => "queue",
            Self::Requests => "requests",
            Self::Order => "order",
            Self::Have => "have",
            Self::KeepAlive => "keepalive",
            Self::Transfer => "transfer",
            Self::End => "end",
        }
    }

    /// The category of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// A set of categories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Categories(u16);

impl Categories {
    /// Adds one.
    pub fn insert(&mut self, category: Category) {
        self.0 |= 1 << category as u16;
    }

    /// Whether it is in the set.
    pub fn contains(self, category: Category) -> bool {
        self.0 & 1 << category as u16 != 0
    }

    /// Those that are in the set, in the order of [`Category::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL
            .into_iter()
            .filter(move |category| self.contains(*category))
    }
}

impl FromIterator<Category> for Categories {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        let mut set = Self::default();
        categories.into_iter().for_each(|one| set.insert(one));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_sets_keep_their_order() {
        for category in Category::ALL {
            assert_eq!(Category::from_name(category.name()), Some(category));
        }
        assert_eq!(Category::from_name("colour"), None);
        let set: Categories = [Category::End, Category::Reserved].into_iter().collect();
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [Category::Reserved, Category::End]
        );
        assert!(!set.contains(Category::Queue));
        assert!(Categories::default().iter().next().is_none());
    }
}
