//! What we did, as the record has it: for undo, for the list of actions, for reminders.

use crate::verb::Deed;

/// Deeds of this tenant, oldest first.
#[derive(Debug, Default)]
pub struct Deeds {
    all: Vec<Deed>,
    /// What was left in force for longer than the set time.
    pub overdue: Vec<Deed>,
}

/// Deeds kept at most.
const KEPT: usize = 2_000;

impl Deeds {
    /// Takes deeds in, new ones or newer states of known ones.
    pub fn take(&mut self, deeds: Vec<Deed>) {
        for deed in deeds {
            match self
                .all
                .iter_mut()
                .find(|d| d.run == deed.run && d.key == deed.key)
            {
                Some(known) => *known = deed,
                None => self.all.push(deed),
            }
        }
        self.all.sort_by_key(|d| d.at);
        let over = self.all.len().saturating_sub(KEPT);
        self.all.drain(..over);
    }

    /// These were taken back.
    pub fn undone(&mut self, runs: &[String]) {
        for deed in self.all.iter_mut().chain(&mut self.overdue) {
            if runs.contains(&deed.run) && deed.undone.is_none() {
                deed.undone = Some(String::new());
            }
        }
        self.overdue.retain(|d| d.undone.is_none());
    }

    /// All that are known, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Deed> {
        self.all.iter().rev()
    }
}
