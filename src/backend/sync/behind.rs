//! A list that another instance polls: what that one wrote into the cache is read from there, and when it goes, or brings
//! nothing any more, this instance polls itself.

use super::{Follow, told};
use crate::backend::core::lock;
use crate::backend::part::blocking;
use crate::backend::poll::Marks;
use crate::backend::ports::{Place, Turn};
use crate::model::{Fault, Ticks};
use crate::msg::{Body, Origin, Page};
use std::sync::Arc;
use std::time::Duration;

/// How often the cache is looked into.
const LOOK: Duration = Duration::from_secs(10);

/// Where this instance stands behind another.
#[derive(Default)]
pub struct Behind {
    /// We poll; it is not asked again.
    mine: bool,
    /// How far the cache was read.
    place: Option<Place>,
    /// When the other one last brought something, and what it said then.
    moved: Option<(Duration, Option<Ticks>)>,
}

impl Follow {
    /// Notes where the cache stands, before it is loaded.
    pub(super) async fn stand(&mut self) {
        if let Ok(turn) = self.turn().await {
            self.behind.mine = turn.mine;
            self.behind.place = turn.place;
        }
    }

    async fn turn(&self) -> Result<Turn, Fault> {
        let (core, kind, place) = (Arc::clone(&self.core), self.spec.kind, self.behind.place);
        blocking(move || core.store.turn(kind, place)).await
    }

    /// Another instance polls this list: takes in what it wrote and says so. False: polling is ours.
    pub(super) async fn look(&mut self) -> bool {
        if self.behind.mine {
            return false;
        }
        let turn = match self.turn().await {
            Ok(turn) => turn,
            // a cache that cannot be read tells nothing of anybody
            Err(fault) => {
                self.core.store_failed(&fault);
                return false;
            }
        };
        self.behind.mine = turn.mine;
        self.behind.place = turn.place;
        self.take_in(turn);
        let now = self.core.mono();
        let as_of = self.progress.as_of;
        let since = match self.behind.moved {
            Some((since, was)) if was == as_of => since,
            _ => now,
        };
        // it holds its turn and brings nothing: it may be stopped, or not allowed to read this list
        let patience = (self.every() * 3).max(Duration::from_secs(60));
        if self.behind.mine || now.saturating_sub(since) > patience {
            self.behind.moved = Some((now, as_of));
            return false;
        }
        self.behind.moved = Some((since, as_of));
        self.due = now + LOOK.min(self.every());
        self.fill_after = self.due;
        true
    }

    fn take_in(&mut self, turn: Turn) {
        let kind = self.spec.kind;
        let origin = match self.progress.complete {
            true => Origin::Poll,
            false => Origin::Fill,
        };
        let loaded = {
            let mut known = lock(&self.known);
            for chunk in &turn.chunks {
                known.cached(chunk);
            }
            for id in &turn.gone {
                known.remove(id.txt().exact());
            }
            known.len() as u64
        };
        if turn.seen.as_of.is_none() {
            return;
        }
        self.progress = told(&turn.seen, loaded);
        self.marks = Marks::stored(turn.seen.watermark.filter(|_| turn.seen.complete));
        self.remember();
        let progress = self.progress;
        for chunk in turn.chunks {
            self.out.say(Body::Page(Page {
                kind,
                chunk: Some(chunk),
                origin,
                progress,
                bad: 0,
                bad_why: None,
                removed: Vec::new(),
            }));
        }
        self.tell(Origin::Poll, turn.gone);
    }

    /// Nothing can be read with this sign-in: whoever can may poll.
    pub(super) fn give_turn(&mut self) {
        self.behind.mine = false;
        self.core.store.give(self.spec.kind);
    }
}
