//! Numbers for questions: the newest number of a slot is the only one whose answers count.

use crate::msg::{Slot, Ticket};
use std::collections::HashMap;

#[derive(Debug, Default)]
pub struct Tickets {
    open: HashMap<Slot, u64>,
    last: u64,
}

impl Tickets {
    /// Opens the slot for a new question; answers to an older one are strangers from now on.
    pub fn issue(&mut self, slot: Slot) -> Ticket {
        self.last += 1;
        self.open.insert(slot.clone(), self.last);
        Ticket {
            slot,
            number: self.last,
        }
    }

    /// The one place where late answers are dropped.
    pub fn admits(&self, ticket: &Ticket) -> bool {
        self.open.get(&ticket.slot) == Some(&ticket.number)
    }

    /// A question is pending in this slot.
    pub fn is_open(&self, slot: &Slot) -> bool {
        self.open.contains_key(slot)
    }

    /// The ticket of the question that stands in this slot, for adding to it.
    pub fn current(&self, slot: &Slot) -> Option<Ticket> {
        let number = *self.open.get(slot)?;
        Some(Ticket {
            slot: slot.clone(),
            number,
        })
    }

    /// The slots with a question.
    pub fn open(&self) -> impl Iterator<Item = &Slot> {
        self.open.keys()
    }

    pub fn close(&mut self, slot: &Slot) {
        self.open.remove(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn a_late_answer_meets_a_closed_door() {
        let mut t = Tickets::default();
        let old = t.issue(Slot::Search(Kind::User));
        let new = t.issue(Slot::Search(Kind::User));
        assert!(!t.admits(&old) && t.admits(&new));
        t.close(&new.slot);
        assert!(!t.admits(&new));
    }
}
