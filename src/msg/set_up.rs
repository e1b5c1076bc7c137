//! Setting up a tenant on screen: the questions and pages of `init`, which runs on a thread of its own, and the answers.

use std::fmt;
use zeroize::Zeroizing;

/// An answer as it was typed. It may be a secret: it is wiped when it goes, and no Debug text shows it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Answer(pub Zeroizing<String>);

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({} bytes)", self.0.len())
    }
}

/// To whoever sets up.
#[derive(Debug)]
pub enum SetUp {
    /// Begin with the first question; what was under way ends.
    Begin,
    Answer(Answer),
    /// The question before this one again.
    Back,
    /// Nobody answers any more.
    Stop,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    /// What Enter alone answers; empty = nothing proposed.
    pub default: String,
    /// The words that it may be; empty = any text.
    pub words: Vec<String>,
    /// What is typed is not to be seen.
    pub secret: bool,
}

/// From it, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingUp {
    /// What was said and asked so far counts no more.
    Anew,
    /// A line or a page.
    Say(String),
    /// Where an admin consents, and the same as a code of half blocks, dark modules being blanks.
    Link {
        url: String,
        code: Option<String>,
    },
    /// How a wait goes on, in place of what this said before; empty = it is over.
    Counting(String),
    /// The last answer is not usable.
    Wrong(String),
    Ask(Question),
    /// What was answered before going back, so that the answers can be told.
    Answered(Question, String),
    /// The name of what was saved, or why nothing was.
    Done(Result<String, String>),
}
