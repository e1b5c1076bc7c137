//! What a person types to show that they mean it, and mean this one.

use table::Text;

/// The tail of a name is at least and at most so long.
const TAIL: std::ops::RangeInclusive<usize> = 4..=8;
/// So much of an id stands for a name that cannot be typed or told apart.
const ID: usize = 6;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Tier 0: the key that was pressed.
    ByKey,
    /// One key: a capital Y.
    Y,
    /// The number of targets.
    Count(usize),
    /// The end of the target's name, or of its id.
    Tail { text: String, of_id: bool },
    /// The whole name.
    FullName(String),
    /// Words: `isolate 12`.
    Phrase(String),
}

impl Challenge {
    /// Whether this answers it. Case and blanks around it do not matter.
    pub fn is_met(&self, typed: &str) -> bool {
        let typed = typed.trim();
        match self {
            Self::ByKey => false,
            Self::Y => typed == "Y",
            Self::Count(n) => typed == n.to_string(),
            Self::Tail { text, .. } | Self::FullName(text) => typed.eq_ignore_ascii_case(text),
            Self::Phrase(text) => {
                let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
                let (mut a, mut b) = (typed.split_whitespace(), text.split_whitespace());
                loop {
                    match (a.next(), b.next()) {
                        (Some(a), Some(b)) if same(a, b) => {}
                        (None, None) => return true,
                        _ => return false,
                    }
                }
            }
        }
    }

    /// What to type, without the words around it.
    pub fn wanted(&self) -> String {
        match self {
            Self::ByKey => String::new(),
            Self::Y => "Y".into(),
            Self::Count(n) => n.to_string(),
            Self::Tail { text, .. } | Self::FullName(text) | Self::Phrase(text) => text.clone(),
        }
    }

    /// How it is asked for.
    pub fn asks(&self) -> String {
        match self {
            Self::ByKey => String::new(),
            Self::Y => "press Y".into(),
            Self::Count(_) => "type how many".into(),
            Self::Tail { text, of_id: false } => format!("type the end of its name: {text}"),
            Self::Tail { text, of_id: true } => format!("type the end of its id: {text}"),
            Self::FullName(text) => format!("type its full name: {text}"),
            Self::Phrase(text) => format!("type: {text}"),
        }
    }
}

/// The part of a host or sign-in name that tells one from the other: the first label, the local part.
pub fn label(handle: &str) -> &str {
    match handle.split_once('@') {
        Some((local, _)) => local,
        None => handle.split('.').next().unwrap_or(handle),
    }
}

/// The shortest tail of the target's label that no other label ends with; where there is none, the last of its id.
/// `others` are the handles of every other object of the kind; none = they are not all known.
pub fn tail<'a>(
    handle: &Text,
    id: &Text,
    others: Option<impl Iterator<Item = &'a str>>,
) -> Challenge {
    let own = label(handle.txt().exact());
    let typeable = own.chars().all(|c| c.is_ascii_graphic());
    if let Some(others) = others.filter(|_| typeable && own.len() >= *TAIL.start()) {
        // how much of its end the nearest other shares
        let shared = |other: &str| {
            let (a, b) = (own.bytes().rev(), label(other).bytes().rev());
            a.zip(b)
                .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
                .count()
        };
        let need = others
            .map(shared)
            .max()
            .map_or(0, |n| n + 1)
            .max(*TAIL.start());
        if need <= *TAIL.end() && need <= own.len() {
            return Challenge::Tail {
                text: own[own.len() - need..].to_owned(),
                of_id: false,
            };
        }
    }
    Challenge::Tail {
        text: end_of_id(id),
        of_id: true,
    }
}

/// The last letters and digits of an id.
pub fn end_of_id(id: &Text) -> String {
    let plain: Vec<char> = (id.txt().exact().chars())
        .filter(char::is_ascii_alphanumeric)
        .collect();
    plain[plain.len().saturating_sub(ID)..].iter().collect()
}

/// The whole name, where it can be typed.
pub fn full_name(handle: &Text) -> Option<String> {
    let name = handle.txt().exact();
    let typeable = name.len() >= *TAIL.start() && name.chars().all(|c| c.is_ascii_graphic());
    typeable.then(|| name.to_owned())
}
