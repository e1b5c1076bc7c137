//! Things that wait for a pause: the detail for a resting cursor, questions for a pause in typing. Setting one again
//! puts it off, so that nothing is asked while a person scrolls or types.

use super::{App, detail, find, form};
use crate::msg::Effect;
use std::time::Duration;

/// How long the cursor rests before the detail follows it.
pub const REST: Duration = Duration::from_millis(250);
/// How long nothing is typed before a service is asked.
pub const PAUSE: Duration = Duration::from_millis(200);

/// What is put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The detail follows the list's cursor.
    Follow,
    /// Find asks the services.
    Find,
    /// The list of people asks the directory.
    People,
}

#[derive(Debug, Default)]
pub struct Soon {
    due: Vec<(What, Duration)>,
}

impl Soon {
    /// Puts something off until `at`; later calls move it.
    pub fn set(&mut self, what: What, at: Duration) {
        self.clear(what);
        self.due.push((what, at));
    }

    pub fn clear(&mut self, what: What) {
        self.due.retain(|(w, _)| *w != what);
    }

    /// When the first of them is due.
    pub fn next(&self) -> Option<Duration> {
        self.due.iter().map(|(_, at)| *at).min()
    }

    fn take(&mut self, now: Duration) -> Vec<What> {
        let due = self.due.iter().filter(|(_, at)| *at <= now);
        let due: Vec<What> = due.map(|(w, _)| *w).collect();
        self.due.retain(|(_, at)| *at > now);
        due
    }
}

/// Does what is due. True: there was something.
pub fn due(app: &mut App, fx: &mut Vec<Effect>) -> bool {
    let due = app.soon.take(app.now.mono);
    for what in &due {
        match what {
            What::Follow => detail::follow(app, fx),
            What::Find => find::ask(app, fx),
            What::People => form::ask_people(app, fx),
        }
    }
    !due.is_empty()
}
