//! What comes back: answers to tickets and unasked news, each to its place. Late answers are dropped here and nowhere else.

use super::{App, detail};
use crate::msg::{Body, Effect, Reply, Slot};

impl App {
    pub(super) fn reply(&mut self, reply: Reply, fx: &mut Vec<Effect>) {
        if !self.tickets.admits(&reply.ticket) {
            self.dirty = false;
            return;
        }
        if reply.last {
            self.tickets.close(&reply.ticket.slot);
        }
        match (&reply.ticket.slot, &reply.body) {
            (_, Body::Page(page)) => self.page(page, fx),
            (Slot::Compute(kind), Body::Computed(done)) => self.computed(*kind, done, fx),
            (Slot::Compute(kind), Body::Fault(fault)) => {
                self.toasts
                    .push(self.now, crate::msg::Level::Error, fault.to_string());
                self.compute_failed(*kind);
            }
            (Slot::Compute(kind), _) => self.compute_failed(*kind),
            (Slot::Sync(kind), Body::Fault(fault)) => {
                if let Some(pane) = self.pane_of(*kind) {
                    pane.fault = Some(fault.clone());
                }
            }
            (Slot::Search(_), Body::Fault(fault)) => {
                let text = format!("the service could not be searched: {fault}");
                self.toasts.push(self.now, crate::msg::Level::Error, text);
            }
            (Slot::Part(..), _) => detail::reply(self, reply, fx),
            (Slot::Hunt(_) | Slot::Think(_) | Slot::Grid(_), _) => {
                super::hunt::running::reply(self, &reply, fx);
                super::library::ended(self, &reply, fx);
            }
            (Slot::Work(..), _) => super::hunt::local::reply(self, &reply, fx),
            (Slot::SignIn, _) => super::sign_in::reply(self, &reply),
            (Slot::Preview(_), _) => super::prompt::reply(self, reply),
            (Slot::Timeline(_), _) => super::timeline::reply(self, reply, fx),
            (Slot::Fetch(_), _) => super::fetch::reply(self, reply),
            (Slot::Look, _) => super::find::looked(self, reply.body, fx),
            (Slot::Pick(super::neighbours::NAME), _) => super::neighbours::reply(self, &reply),
            (Slot::Pick("find"), _) => super::find::reply(self, reply, fx),
            (Slot::Pick(_) | Slot::Run(_), _) => super::form::reply(self, reply, fx),
            _ => {}
        }
    }
}
