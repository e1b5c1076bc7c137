//! How tenants are told from each other, and how each stands: for the header, for prompts, for the switch, for the queue of all.

/// A colour that no theme reaches. Never alone: the name stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hue {
    Red,
    Yellow,
    Green,
    Cyan,
    Blue,
    Magenta,
}

impl Hue {
    pub const ALL: [(&'static str, Hue); 6] = [
        ("cyan", Hue::Cyan),
        ("yellow", Hue::Yellow),
        ("green", Hue::Green),
        ("magenta", Hue::Magenta),
        ("blue", Hue::Blue),
        ("red", Hue::Red),
    ];

    pub fn named(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(w, _)| *w == word);
        found.map(|(_, hue)| *hue)
    }

    /// The colour of the n-th tenant that has none of its own.
    pub fn nth(n: usize) -> Self {
        Self::ALL
            .get(n % Self::ALL.len())
            .map_or(Hue::Cyan, |(_, hue)| *hue)
    }
}

/// What tells a tenant from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub name: String,
    /// A short word of the person's own: PROD.
    pub label: Option<String>,
    /// None where there is only one tenant: nothing can be mistaken.
    pub hue: Option<Hue>,
}

impl Identity {
    /// Name and label, as they stand wherever it matters.
    pub fn words(&self) -> String {
        match &self.label {
            Some(label) => format!("{} {label}", self.name),
            None => self.name.clone(),
        }
    }
}

/// How well a tenant is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It was not opened in this run.
    #[default]
    Closed,
    /// Signing in, or its first rows are on their way.
    Coming,
    Good,
    /// The person is wanted, or something failed.
    Bad,
}

/// One tenant among all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub identity: Identity,
    pub health: Health,
    /// One sentence, safe for the screen.
    pub says: String,
    /// Its incidents that are here, and whether they are all.
    pub loaded: u64,
    pub complete: bool,
    /// It is in front.
    pub here: bool,
}
