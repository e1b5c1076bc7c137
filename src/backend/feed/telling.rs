//! What the readers of the logs hand on: rows in chunks, where each source stands, and the list's own progress. Shared by
//! all of them, so that they tell one story.

use super::decode::Gathered;
use crate::backend::core::{Core, lock};
use crate::backend::supervisor::Out;
use crate::model::Kind;
use crate::msg::{Body, News, Origin, Page, Progress};
use crate::resource::{Sink, feed, spec};
use std::sync::{Arc, Mutex};
use table::{Chunk, ChunkBuilder};

/// Which reader gathers rows: each has a pot of its own, since they are handed on in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pot {
    Feed,
    Pages,
    /// What somebody asked for: shown at once.
    Searches,
}

const POTS: [Pot; 3] = [Pot::Feed, Pot::Pages, Pot::Searches];

#[derive(Clone)]
pub struct Telling {
    pub core: Arc<Core>,
    /// The list that hangs on it: records, or the sources alone.
    pub kind: Kind,
    pub out: Out,
    pot: Pot,
    pots: Arc<[Mutex<Gathered>; 3]>,
}

/// A page without anything but this.
fn page(kind: Kind, chunk: Option<Arc<Chunk>>, origin: Origin, progress: Progress) -> Body {
    Body::Page(Page {
        kind,
        chunk,
        origin,
        progress,
        bad: 0,
        bad_why: None,
        removed: Vec::new(),
    })
}

impl Telling {
    /// For the feed's own reader.
    pub fn new(core: Arc<Core>, kind: Kind, out: Out) -> Self {
        Self {
            core,
            kind,
            out,
            pot: Pot::Feed,
            pots: Arc::new(POTS.map(|_| Mutex::new(Gathered::new()))),
        }
    }

    /// For another reader of the same list.
    pub fn beside(&self, pot: Pot) -> Self {
        Self {
            pot,
            ..self.clone()
        }
    }

    /// Where this reader's rows wait.
    pub fn gathered(&self) -> &Mutex<Gathered> {
        self.gathered_in(self.pot)
    }

    fn gathered_in(&self, pot: Pot) -> &Mutex<Gathered> {
        let [feed, pages, searches] = &*self.pots;
        match pot {
            Pot::Feed => feed,
            Pot::Pages => pages,
            Pot::Searches => searches,
        }
    }

    /// Hands on what was gathered, where it is worth a page.
    pub fn flush(&self, all: bool) {
        self.hand_on(self.pot, all);
    }

    fn hand_on(&self, pot: Pot, all: bool) {
        let now = self.core.mono();
        let chunk = lock(self.gathered_in(pot)).take(now, all);
        if let Some(chunk) = chunk {
            let (origin, progress) = (self.origin(pot), self.progress());
            self.out
                .say(page(Kind::Record, Some(chunk), origin, progress));
        }
    }

    /// What came after the first whole reading waits on the screen like anything that a poll brings. Where the feed itself
    /// cannot be read, the sentence that says so stays: other sources say nothing about it.
    fn origin(&self, pot: Pot) -> Origin {
        let book = lock(&self.core.feed);
        let begun = match pot {
            Pot::Feed => book.as_of.is_some(),
            Pot::Pages => book.pages_as_of.is_some(),
            Pot::Searches => return Origin::Search,
        };
        match (book.is_down, begun) {
            (true, _) => Origin::Search,
            (false, false) => Origin::Fill,
            (false, true) => Origin::Poll,
        }
    }

    fn progress(&self) -> Progress {
        let book = lock(&self.core.feed);
        Progress {
            loaded: book.loaded(),
            total: None,
            complete: book.as_of.is_some() && book.is_complete(),
            as_of: book.as_of.or(book.pages_as_of),
        }
    }

    /// Tells where everything stands: the ledger, and the rows of the sources. What the ledger counts was handed on before.
    pub fn tell(&self) {
        let (ledger, down) = {
            let book = lock(&self.core.feed);
            (Arc::new(book.ledger()), book.is_down)
        };
        for pot in POTS {
            self.hand_on(pot, true);
        }
        let mut builder = ChunkBuilder::new(spec(Kind::Feed).schema());
        for content in &ledger.types {
            let json = feed::json(content);
            let mut sink = Sink::new(spec(Kind::Feed).columns, &mut builder);
            match (spec(Kind::Feed).decode)(crate::model::Json(&json), &mut sink) {
                Ok(()) => builder.end_row(),
                Err(_) => builder.drop_row(),
            }
        }
        let known = builder.rows() as u64;
        let types = Progress {
            loaded: known,
            total: Some(known),
            complete: true,
            as_of: Some(self.core.wall()),
        };
        let origin = match down {
            true => Origin::Search,
            false => Origin::Fill,
        };
        self.core.news(News::Feed(ledger));
        if known > 0 {
            let chunk = Some(Arc::new(builder.finish()));
            self.out.say(page(Kind::Feed, chunk, origin, types));
        }
        if self.kind == Kind::Record {
            self.out
                .say(page(Kind::Record, None, origin, self.progress()));
        }
    }
}
