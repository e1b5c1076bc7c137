//! What comes back: answers to tickets and unasked news, each to its place. Late answers are dropped here and nowhere else.

use super::{App, detail};
use crate::msg::{Body, Effect, News, Reply, Slot};

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
            (_, Body::Page(page)) => {
                let kind = page.kind;
                if self.pane_of(kind).is_some_and(|p| p.take(page)) {
                    self.compute(kind, fx);
                }
            }
            (Slot::Compute(kind), Body::Computed(done)) => {
                let rows = self.list_height();
                if let Some(pane) = self.pane_of(*kind) {
                    pane.show(done.rows.clone(), done.maybe, rows);
                }
            }
            (Slot::Sync(kind), Body::Fault(fault)) => {
                if let Some(pane) = self.pane_of(*kind) {
                    pane.fault = Some(fault.clone());
                }
            }
            (Slot::Part(..), _) => detail::reply(self, reply, fx),
            (Slot::Pick("find"), _) => super::find::reply(self, reply, fx),
            (Slot::Pick(_) | Slot::Run(_), _) => super::form::reply(self, reply, fx),
            _ => {}
        }
    }

    pub(super) fn news(&mut self, news: News, _fx: &mut Vec<Effect>) {
        match news {
            News::Session(session, grants) => {
                self.session = Some(session);
                self.grants = grants;
            }
            News::Notice { level, text } => self.toasts.push(self.now, level, text),
            News::SignIn(_)
            | News::SignInFailed(_)
            | News::Throttled { .. }
            | News::Rate { .. } => {}
        }
    }
}
