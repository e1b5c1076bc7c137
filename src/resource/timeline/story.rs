//! The events of all sources in one order, which of them are shown, and how many fall into each column of the axis.
//!
//! What is shown is indexes; drawing and zooming look them up and copy nothing. The order depends on the events alone, not
//! on which source answered first.

use super::{Event, Gap, Source, Span};
use crate::model::Ticks;
use table::Pattern;

/// How a source stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stand {
    /// Its answer is on its way.
    #[default]
    Reading,
    /// It answered; what is missing is in its gaps.
    Here,
}

/// A source with what it told.
#[derive(Debug)]
pub struct Lane {
    pub source: &'static Source,
    pub stand: Stand,
    /// Newest first.
    events: Vec<Event>,
    pub gaps: Vec<Gap>,
    pub on: bool,
    /// Instants of the events that are shown, oldest first: counts are two searches in it.
    times: Vec<i64>,
}

/// A line of the story: an event, or a gap, of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub lane: u8,
    pub gap: bool,
    pub row: u32,
}

/// All lanes, and the lines that are shown of them, newest first.
#[derive(Debug, Default)]
pub struct Story {
    pub lanes: Vec<Lane>,
    order: Vec<Place>,
    filter: String,
}

impl Lane {
    pub fn new(source: &'static Source) -> Self {
        Self {
            source,
            stand: Stand::Reading,
            events: Vec::new(),
            gaps: Vec::new(),
            on: true,
            times: Vec::new(),
        }
    }

    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Takes the events of a source, in place of those it had.
    pub fn take(&mut self, mut events: Vec<Event>, gaps: Vec<Gap>) {
        // stable: what happened in one instant stays in the order in which the source told it
        events.sort_by_key(|e| std::cmp::Reverse(e.at));
        self.events = events;
        self.gaps = gaps;
        self.stand = Stand::Here;
    }

    /// How many events are shown in a span.
    pub fn count(&self, span: Span) -> usize {
        self.before(span.to.0.saturating_add(1)) - self.before(span.from.0)
    }

    /// How many fall into each column of a view.
    pub fn counts(&self, view: Span, out: &mut [u32]) {
        let columns = out.len();
        let mut left = self.before(view.from.0);
        for (n, cell) in out.iter_mut().enumerate() {
            let right = self.before(view.edge(n + 1, columns).0);
            *cell = right.saturating_sub(left) as u32;
            left = right;
        }
    }

    fn before(&self, at: i64) -> usize {
        self.times.partition_point(|t| *t < at)
    }

    /// Whether something is missing of it between two instants.
    pub fn lacks(&self, span: Span) -> bool {
        self.gaps.iter().any(|g| g.span.meets(span))
    }
}

impl Story {
    pub fn new(sources: &'static [Source]) -> Self {
        Self {
            lanes: sources.iter().map(Lane::new).collect(),
            ..Self::default()
        }
    }

    /// Lines that are shown.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub fn place(&self, line: usize) -> Option<Place> {
        self.order.get(line).copied()
    }

    pub fn lane(&self, place: Place) -> Option<&Lane> {
        self.lanes.get(usize::from(place.lane))
    }

    pub fn event(&self, place: Place) -> Option<&Event> {
        let lane = self.lane(place).filter(|_| !place.gap)?;
        lane.events.get(place.row as usize)
    }

    pub fn gap(&self, place: Place) -> Option<&Gap> {
        let lane = self.lane(place).filter(|_| place.gap)?;
        lane.gaps.get(place.row as usize)
    }

    /// When it happened; a gap stands where it ends.
    pub fn at(&self, place: Place) -> Option<Ticks> {
        match place.gap {
            true => self.gap(place).map(|g| g.span.to),
            false => self.event(place).map(|e| e.at),
        }
    }

    /// Its words.
    pub fn sentence(&self, place: Place) -> Option<&table::Text> {
        match place.gap {
            true => self.gap(place).map(|g| &g.why),
            false => self.event(place).map(|e| &e.sentence),
        }
    }

    /// What is looked for.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Shows only events with these letters in their sentence or their source's name. Gaps stay: what is missing may have
    /// had them.
    pub fn look_for(&mut self, letters: &str) {
        self.filter = letters.trim().to_owned();
        self.arrange();
    }

    /// Makes the order anew, after lanes or the filter changed.
    pub fn arrange(&mut self) {
        let words: Vec<Pattern> = (self.filter.split_whitespace())
            .map(Pattern::contains)
            .collect();
        self.order.clear();
        let mut keyed: Vec<(i64, Place)> = Vec::new();
        for (n, lane) in self.lanes.iter_mut().enumerate() {
            lane.times.clear();
            if !lane.on {
                continue;
            }
            let own = |word: &Pattern| word.matches(lane.source.name);
            let words: Vec<&Pattern> = words.iter().filter(|w| !own(w)).collect();
            let place = |row: usize, gap: bool| Place {
                lane: n as u8,
                gap,
                row: row as u32,
            };
            for (row, event) in lane.events.iter().enumerate() {
                let text = event.sentence.txt().exact();
                if words.iter().all(|w| w.matches(text)) {
                    lane.times.push(event.at.0);
                    keyed.push((event.at.0, place(row, false)));
                }
            }
            lane.times.reverse();
            let gaps = lane.gaps.iter().enumerate();
            keyed.extend(gaps.map(|(row, gap)| (gap.span.to.0, place(row, true))));
        }
        keyed.sort_by_key(|(at, p)| (std::cmp::Reverse(*at), !p.gap, p.lane, p.row));
        self.order.extend(keyed.into_iter().map(|(_, p)| p));
    }

    /// The first line that is not newer than an instant; the last where all are.
    pub fn line_at(&self, at: Ticks) -> usize {
        let n = (self.order).partition_point(|p| self.at(*p).is_some_and(|t| t > at));
        n.min(self.order.len().saturating_sub(1))
    }

    /// The line nearest to an instant.
    pub fn nearest(&self, at: Ticks) -> usize {
        let older = self.line_at(at);
        let far = |line: usize| {
            let t = self.place(line).and_then(|p| self.at(p));
            t.map_or(i64::MAX, |t| t.0.saturating_sub(at.0).saturating_abs())
        };
        match older.checked_sub(1) {
            Some(newer) if far(newer) < far(older) => newer,
            _ => older,
        }
    }

    /// The next line from one that holds, older or newer.
    pub fn seek(&self, from: usize, older: bool, holds: impl Fn(Place) -> bool) -> Option<usize> {
        let is = |line: &usize| self.place(*line).is_some_and(&holds);
        match older {
            true => (from + 1..self.order.len()).find(is),
            false => (0..from.min(self.order.len())).rev().find(is),
        }
    }

    /// Everything that is missing, lane by lane.
    pub fn gaps(&self) -> impl Iterator<Item = (&Lane, &Gap)> {
        let lanes = self.lanes.iter();
        lanes.flat_map(|l| l.gaps.iter().map(move |g| (l, g)))
    }

    /// Events of all lanes, shown or not.
    pub fn total(&self) -> usize {
        self.lanes.iter().map(|l| l.events.len()).sum()
    }
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;
