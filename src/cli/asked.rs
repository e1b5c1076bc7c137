//! A tenant asked without a screen by commands that only look: one small call a list, and what the tokens said of themselves.

use super::choose::{Refusal, Start};
use crate::backend::memory::{MemoryRecord, MemoryStore};
use crate::backend::{Ports, Reader};
use crate::model::{Call, Fault, Grants, Json, Session};
use crate::msg::{Event, News, SignInPrompt};
use crate::resource::{Answer, Spec};
use std::sync::{Arc, Mutex};

/// The reading side, and what it learned.
pub struct Asked {
    reader: Reader,
    learned: Arc<Mutex<Learned>>,
}

#[derive(Default)]
struct Learned {
    session: Option<Session>,
    grants: Grants,
}

impl Asked {
    pub fn new(start: &Start) -> Result<Self, Refusal> {
        Self::telling(start, Arc::new(|text| eprintln!("watchfloor: {text}")))
    }

    /// The same; what a person has to do to sign in is said to `say`.
    pub fn telling(start: &Start, say: Arc<dyn Fn(String) + Send + Sync>) -> Result<Self, Refusal> {
        let learned = Arc::new(Mutex::new(Learned::default()));
        let into = Arc::clone(&learned);
        let events = move |event| match event {
            Event::News(News::Session(session, grants)) => {
                if let Ok(mut learned) = into.lock() {
                    learned.session = Some(session);
                    learned.grants = grants;
                }
            }
            Event::News(News::SignIn(SignInPrompt::DeviceCode { url, code, .. })) => {
                say(format!("to sign in, open {url} and type {code}"));
            }
            Event::News(News::SignIn(SignInPrompt::Browser { url, .. })) => {
                say(format!("to sign in, open {url}"));
            }
            _ => {}
        };
        let ports = Ports {
            events: Arc::new(events),
            store: Arc::new(MemoryStore::default()),
            record: Arc::new(MemoryRecord::default()),
            clock: Arc::new(crate::run::clock::Clock::new()),
            budget_scale: start.budget_scale,
        };
        let reader = Reader::new(start.tenant.clone(), ports).map_err(|e| (1, e.to_string()))?;
        Ok(Self { reader, learned })
    }

    /// Reads the least of a list that shows whether it can be read.
    pub fn feed(&self, spec: &Spec) -> Result<(), Fault> {
        self.first(spec).map(|_| ())
    }

    /// The same, and what is to be said of the row that came, if one did.
    pub fn first(&self, spec: &Spec) -> Result<Option<String>, Fault> {
        let mut call = (spec.listing.list)(None);
        for (name, value) in &mut call.query {
            if matches!(*name, "$top" | "limit" | "pageSize") {
                *value = "1".into();
            }
        }
        let text = self.reader.ask(&call)?;
        let body: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let row = body.get("value").and_then(|v| v.get(0));
        // summaries are made safe where they are made
        Ok(row.map(|row| (spec.summary)(Json(row))))
    }

    /// The answer to one call, as a section of a detail would get it.
    pub fn ask(&self, call: &Call) -> Answer {
        match self.reader.ask(call) {
            Ok(text) => match serde_json::from_str(&text) {
                Ok(body) => Answer::Got {
                    body: Arc::new(body),
                    more: false,
                },
                Err(_) => Answer::None,
            },
            Err(fault) => Answer::Failed(fault),
        }
    }

    pub fn session(&self) -> Option<Session> {
        self.learned.lock().ok().and_then(|l| l.session.clone())
    }

    pub fn grants(&self) -> Grants {
        self.learned
            .lock()
            .map(|l| l.grants.clone())
            .unwrap_or_default()
    }
}
