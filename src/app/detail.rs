//! The detail of one entity, beside or over the list it was opened from.

use super::App;
use super::action::moving::Move;
use crate::model::Key;
use crate::msg::{Body, Effect, Entity, Reply, Request, Slot};

/// An open detail.
#[derive(Debug)]
pub struct Detail {
    pub key: Key,
    pub entity: Option<Entity>,
    pub top: usize,
}

/// Opens an entity in the pane in front and asks for it.
pub fn open(app: &mut App, key: Key, fx: &mut Vec<Effect>) {
    let ticket = app.tickets.issue(Slot::Part(key.clone(), ""));
    fx.push(Effect::Ask(
        ticket,
        Request::Entity {
            key: key.clone(),
            fresh: false,
        },
    ));
    let pane = app.pane_mut();
    pane.detail = Some(Detail {
        key,
        entity: None,
        top: 0,
    });
    pane.in_detail = true;
}

/// A move while the detail has the focus.
pub fn moved(app: &mut App, to: Move, _fx: &mut Vec<Effect>) {
    let height = usize::from(app.layout().detail.height);
    if let Some(detail) = &mut app.pane_mut().detail {
        detail.top = to.apply(detail.top, usize::MAX, height);
    }
}

/// Enter while the detail has the focus.
pub fn enter(_app: &mut App, _fx: &mut Vec<Effect>) {}

/// `n` and `N` while the detail has the focus.
pub fn seek(_app: &mut App, _forward: bool, _fx: &mut Vec<Effect>) {}

/// Esc while the detail has the focus: one level. False: nothing is left but closing it.
pub fn back(_app: &mut App, _fx: &mut Vec<Effect>) -> bool {
    false
}

/// An answer to a `Part` slot.
pub fn reply(app: &mut App, reply: Reply, _fx: &mut Vec<Effect>) {
    if let (Slot::Part(key, ""), Body::Entity(entity)) = (&reply.ticket.slot, reply.body) {
        for pane in &mut app.panes {
            if let Some(d) = pane.detail.as_mut().filter(|d| d.key == *key) {
                d.entity = Some(entity.clone());
            }
        }
    }
}
