//! Where the next page of a listing is, and when a listing is at its end. Pure: who fetches tells what came.

use super::origin::Origins;
use crate::model::{Call, Fault, FaultKind, Pages};
use std::collections::HashSet;
use url::Url;

/// Nothing we list has more.
const MOST_PAGES: u32 = 10_000;

/// How a listing ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The service said that this was all.
    Complete,
    /// Our own limit of rows was reached, and there is more.
    Cut,
    /// It cannot be followed further; what came so far stands.
    Broken(Fault),
}

/// A listing under way.
#[derive(Debug)]
pub struct Pager {
    call: Call,
    origins: Origins,
    url: Option<Url>,
    turned: HashSet<Url>,
    pages: u32,
    rows: u64,
    /// What the page said of a further one, where pages are counted and say it.
    says_more: Option<bool>,
    /// Calls whose pages belong to the same listing.
    rest: &'static [fn() -> Call],
    end: Option<End>,
}

impl Pager {
    pub fn new(call: Call, origins: Origins) -> Result<Self, Fault> {
        let mut this = Self {
            url: None,
            call,
            origins,
            turned: HashSet::new(),
            pages: 0,
            rows: 0,
            says_more: None,
            rest: &[],
            end: None,
        };
        this.url = Some(this.origins.url(&this.page_call(0))?);
        Ok(this)
    }

    /// Further calls to the same service, read one after the other as if they were one listing.
    pub fn then(self, rest: &'static [fn() -> Call]) -> Self {
        Self { rest, ..self }
    }

    pub fn call(&self) -> &Call {
        &self.call
    }

    /// The page to fetch now; none at the end.
    pub fn url(&self) -> Option<&Url> {
        self.url.as_ref().filter(|_| self.end.is_none())
    }

    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// The first page was taken.
    pub fn is_begun(&self) -> bool {
        self.pages > 0
    }

    /// What the page that is about to be turned says of a further one.
    pub fn hear(&mut self, more: Option<bool>) {
        self.says_more = more;
    }

    /// The current page came, with so many rows and perhaps a link.
    pub fn turn(&mut self, rows: usize, link: Option<&str>) {
        self.pages += 1;
        self.rows += rows as u64;
        if let Some(url) = self.url.take() {
            self.turned.insert(url);
        }
        let at_most = match self.call.pages {
            Pages::One => u32::MAX,
            Pages::Links { at_most }
            | Pages::Skip { at_most, .. }
            | Pages::Limit { at_most, .. } => at_most,
        };
        let says_more = self.says_more.take();
        let next = match (link, self.call.pages) {
            // a link is followed wherever one appears, but where one answer was all that was wanted
            (Some(link), Pages::Links { .. } | Pages::Skip { .. }) => {
                Some(self.origins.link(link).and_then(|url| {
                    if self.turned.contains(&url) {
                        Err(self.stuck())
                    } else {
                        Ok(url)
                    }
                }))
            }
            (None, Pages::Skip { top, .. }) if rows >= top as usize => {
                Some(self.origins.url(&self.page_call(self.rows)))
            }
            // an empty page with more behind it would be asked for for ever
            (None, Pages::Limit { limit, .. })
                if rows > 0 && says_more.unwrap_or(rows >= limit as usize) =>
            {
                Some(self.origins.url(&self.page_call(self.rows)))
            }
            _ => None,
        };
        self.end = match next {
            None => return self.complete(),
            Some(Err(fault)) => Some(End::Broken(fault)),
            Some(Ok(_)) if self.rows >= u64::from(at_most) => Some(End::Cut),
            Some(Ok(_)) if self.pages >= MOST_PAGES => Some(End::Broken(
                Fault::new(
                    FaultKind::BadAnswer,
                    format!("the listing does not end: {MOST_PAGES} pages were read"),
                )
                .on(self.call.service)
                .next("narrow it with a filter"),
            )),
            Some(Ok(url)) => {
                self.url = Some(url);
                None
            }
        };
    }

    /// There was nothing at all (a documented 404).
    pub fn nothing(&mut self) {
        self.url = None;
        self.complete();
    }

    /// A call was read to its end: the next one begins, or all is done.
    fn complete(&mut self) {
        let Some((next, rest)) = self.rest.split_first() else {
            self.end = Some(End::Complete);
            return;
        };
        (self.call, self.rest, self.rows) = (next(), rest, 0);
        match self.origins.url(&self.page_call(0)) {
            Ok(url) => self.url = Some(url),
            Err(fault) => self.end = Some(End::Broken(fault)),
        }
    }

    fn stuck(&self) -> Fault {
        Fault::new(
            FaultKind::BadAnswer,
            format!(
                "the listing came back to a page it had given before; {} rows were read and the list is not complete",
                self.rows
            ),
        )
        .on(self.call.service)
        .next("refresh to begin again")
    }

    fn page_call(&self, skip: u64) -> Call {
        let mut call = self.call.clone();
        if let Pages::Skip { top, .. } = call.pages {
            if !call.query.iter().any(|(n, _)| *n == "$top") {
                call = call.query("$top", top.to_string());
            }
            if skip > 0 {
                call = call.query("$skip", skip.to_string());
            }
        }
        if let Pages::Limit { limit, .. } = call.pages {
            call = call.query("limit", limit.to_string());
            if skip > 0 {
                call = call.query("skip", skip.to_string());
            }
        }
        call
    }
}

#[cfg(test)]
#[path = "paging_tests.rs"]
mod tests;
