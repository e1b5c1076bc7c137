//! Find anything from one prompt: what is typed is classified, looked up in all lists at once, and asked at the services
//! where our lists may not have it. Enter opens; records come before what mentions them.

#[cfg(test)]
mod tests;

pub use crate::resource::find::hits::{Hit, How, Opens};

use super::App;
use super::detail;
use super::filter::cost;
use super::go;
use super::line::{Edit, Line};
use super::lists::AT_ONCE;
use super::overlay::{Overlay, Step};
use super::pick::{Go, movement};
use super::soon::{PAUSE, What};
use crate::model::{EntityRef, Kind};
use crate::msg::{Body, Effect, KeyPress, Reply, Request, Slot};
use crate::resource::find::hits::{self, List, Looking};
use crate::resource::find::{self, Ask, Search};
use crate::resource::{Answer, spec};
use crossterm::event::{KeyCode, KeyModifiers};
use std::net::IpAddr;
use table::{Cancel, Text};

/// Fewer characters would find everything.
const LEAST: usize = 2;

/// The prompt and its results.
#[derive(Debug)]
pub struct Find {
    pub line: Line,
    /// What the text is taken for.
    pub says: String,
    pub hits: Vec<Hit>,
    pub cursor: usize,
    /// What is being asked, or could not be.
    pub note: String,
    refs: Vec<EntityRef>,
    asks: Vec<Ask>,
    stage: Stage,
    /// A thread looks through the lists; until it answers, the hits are those of before.
    look: Option<Cancel>,
    /// The person chose a hit.
    moved: bool,
    /// Enter was pressed before the services answered: the record that comes is opened.
    opens: bool,
    /// A row led here: a record that is beyond doubt is opened, and nothing else.
    pivot: bool,
}

/// How far the question to the services is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// There is nothing to ask.
    Idle,
    /// Waits for a pause in typing.
    Waiting,
    Asked,
    Answered,
}

/// `f`.
pub fn begin(app: &mut App, _fx: &mut Vec<Effect>) {
    app.push(Overlay::Find(Find::new(Line::default())));
}

/// Looks for a value. `record`: one wants the thing itself, so that is opened without a further key where there is one.
pub fn with(app: &mut App, words: &Text, record: bool, fx: &mut Vec<Effect>) {
    let mut find = Find::new(Line::new(words.txt().exact()));
    find.search(app, fx);
    (find.opens, find.pivot) = (record, record);
    if record && let Some(hit) = find.record() {
        let opens = hit.opens.clone();
        return open(app, opens, fx);
    }
    let waits = find.stage == Stage::Waiting && find.look.is_none();
    app.push(Overlay::Find(find));
    if waits {
        ask(app, fx);
    }
}

/// Asks the services now. Called when nothing was typed for a moment.
pub fn ask(app: &mut App, fx: &mut Vec<Effect>) {
    app.soon.clear(What::Find);
    let Some(find) = top(app).filter(|f| f.stage == Stage::Waiting) else {
        return;
    };
    find.stage = Stage::Asked;
    find.note = "asking the services …".into();
    let calls = find.asks.iter().map(|a| a.call.clone()).collect();
    let ticket = app.tickets.issue(Slot::Pick("find"));
    fx.push(Effect::Ask(ticket, Request::Pick { calls }));
}

fn top(app: &mut App) -> Option<&mut Find> {
    app.overlays.iter_mut().rev().find_map(|o| match o {
        Overlay::Find(f) => Some(f),
        _ => None,
    })
}

/// Goes to what a hit stands for.
fn open(app: &mut App, to: Opens, fx: &mut Vec<Effect>) {
    match to {
        Opens::Key(key) => detail::open_in_tab(app, key, fx),
        Opens::Ref(entity) => go::open_ref(app, &entity, fx),
        Opens::List(kind, filter) => {
            let here = app.spot();
            app.places.leave(here);
            if let Some(index) = app.panes.iter().position(|p| p.spec.kind == kind) {
                app.tab(index, fx);
                detail::close(app, fx);
                app.set_filter(kind, &filter, fx);
            }
        }
    }
}

impl Find {
    fn new(line: Line) -> Self {
        Self {
            line,
            says: String::new(),
            hits: Vec::new(),
            cursor: 0,
            note: String::new(),
            refs: Vec::new(),
            asks: Vec::new(),
            stage: Stage::Idle,
            look: None,
            moved: false,
            opens: false,
            pivot: false,
        }
    }

    /// The services are being asked, or will be.
    pub fn waits(&self) -> bool {
        self.look.is_some() || matches!(self.stage, Stage::Waiting | Stage::Asked)
    }

    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let last = self.hits.len().saturating_sub(1);
        let to = movement(press.key, false).map(|go| match go {
            Go::By(n) => self.cursor.saturating_add_signed(n).min(last),
            Go::To(n) => n.min(last),
        });
        if let Some(to) = to {
            self.moved |= to != self.cursor;
            self.cursor = to;
            return Step::Stay(Overlay::Find(self));
        }
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        match press.key.code {
            KeyCode::Esc => {
                self.leave(app, fx);
                Step::Close
            }
            KeyCode::Char('c') if ctrl => {
                if self.line.is_empty() {
                    self.leave(app, fx);
                    return Step::Close;
                }
                self.line.set("");
                self.typed(app, fx);
                Step::Stay(Overlay::Find(self))
            }
            KeyCode::Enter => self.enter(app, fx),
            _ => match self.line.key(press.key) {
                Edit::Changed => {
                    self.typed(app, fx);
                    Step::Stay(Overlay::Find(self))
                }
                Edit::Moved => Step::Stay(Overlay::Find(self)),
                Edit::Ignored => Step::Pass(Overlay::Find(self)),
            },
        }
    }

    pub fn paste(mut self, app: &mut App, text: &Text, fx: &mut Vec<Effect>) -> Step {
        self.line.insert(text.txt().exact().trim());
        self.typed(app, fx);
        Step::Stay(Overlay::Find(self))
    }

    fn typed(&mut self, app: &mut App, fx: &mut Vec<Effect>) {
        self.search(app, fx);
        (self.opens, self.pivot) = (false, false);
    }

    /// Nobody waits for the services any more.
    fn leave(&self, app: &mut App, fx: &mut Vec<Effect>) {
        app.soon.clear(What::Find);
        if let Some(look) = &self.look {
            look.cancel();
            app.tickets.close(&Slot::Look);
        }
        let slot = Slot::Pick("find");
        if app.tickets.is_open(&slot) {
            app.tickets.close(&slot);
            fx.push(Effect::Drop(slot));
        }
    }

    fn enter(mut self, app: &mut App, fx: &mut Vec<Effect>) -> Step {
        // the hits are those of what was typed before
        if self.look.is_some() {
            self.opens = true;
            return Step::Stay(Overlay::Find(self));
        }
        let sure = self.moved
            || !self.waits()
            || self.hits.get(self.cursor).is_some_and(|h| h.how == How::Is);
        // the services may know the record itself; a second Enter takes what is there
        if !sure && !self.opens {
            self.opens = true;
            if self.stage == Stage::Waiting {
                // it is off the stack while it handles a key
                return Step::Then(Box::new(move |app, fx| {
                    app.push(Overlay::Find(self));
                    ask(app, fx);
                    if let Some(find) = top(app) {
                        find.note = WAITS.into();
                    }
                }));
            }
            self.note = WAITS.into();
            return Step::Stay(Overlay::Find(self));
        }
        match self.hits.get(self.cursor) {
            Some(hit) => {
                let to = hit.opens.clone();
                self.leave(app, fx);
                Step::Then(Box::new(move |app, fx| open(app, to, fx)))
            }
            None => Step::Stay(Overlay::Find(self)),
        }
    }

    /// The one record that the text names, if that is beyond doubt.
    fn record(&self) -> Option<&Hit> {
        let mut records = self.hits.iter().filter(|h| h.how == How::Is);
        let first = records.next()?;
        records.next().is_none().then_some(first)
    }

    /// Looks in all lists, and plans what to ask the services.
    fn search(&mut self, app: &mut App, fx: &mut Vec<Effect>) {
        let text = self.line.text().trim().to_owned();
        (self.cursor, self.moved, self.stage) = (0, false, Stage::Idle);
        self.note.clear();
        self.refs.clear();
        self.asks.clear();
        self.says.clear();
        app.soon.clear(What::Find);
        // answers to what was typed before are strangers now
        app.tickets.close(&Slot::Pick("find"));
        app.tickets.close(&Slot::Look);
        if let Some(old) = self.look.take() {
            old.cancel();
        }
        if text.chars().count() < LEAST && !text.bytes().all(|b| b.is_ascii_digit())
            || text.is_empty()
        {
            self.hits.clear();
            return;
        }
        let joined = app.env(Kind::Incident).joined;
        let search = find::search(&text, app.now.wall, joined);
        self.says = says(&text, &search.refs);
        if let Some(tenant) = other_tenant(app, &text) {
            self.note = format!(
                "copied from another tenant ({tenant}): the same number is something else here"
            );
        }
        let list = |p: &super::pane::Pane| List {
            spec: p.spec,
            rows: p.rows.clone(),
        };
        let lists = app.panes.iter().map(list).collect();
        let looking = Looking::new(lists, &search, app.now.wall);
        let Search { refs, asks, looks } = search;
        (self.refs, self.asks) = (refs, asks);
        let of = |kind: Kind| app.panes.iter().find(|p| p.spec.kind == kind);
        let cells = looks.iter().map(|look| {
            let rows = of(look.kind).map_or(0, |p| p.rows.len());
            rows * (cost(&look.exact) + cost(&look.loose))
        });
        if cells.sum::<usize>() > AT_ONCE {
            self.look = Some(looking.cancel.clone());
            fx.push(Effect::Look(app.tickets.issue(Slot::Look), looking));
            return;
        }
        self.found(app, looking.run().unwrap_or_default());
    }

    /// Takes what the lists have, and plans what to ask the services.
    fn found(&mut self, app: &mut App, hits: Vec<Hit>) {
        self.look = None;
        self.hits = hits;
        let asks = std::mem::take(&mut self.asks);
        self.asks = asks.into_iter().filter(|a| self.is_open(app, a)).collect();
        if !self.asks.is_empty() {
            self.stage = Stage::Waiting;
            app.soon.set(What::Find, app.now.mono + PAUSE);
        }
    }

    /// A question whose answer is not in our lists already.
    fn is_open(&self, app: &App, ask: &Ask) -> bool {
        let pane = app.panes.iter().find(|p| p.spec.kind == ask.kind);
        let complete = pane.is_some_and(|p| p.progress.complete && !p.cached);
        let found = self
            .hits
            .iter()
            .any(|h| h.how == How::Is && h.kind == ask.kind);
        !found && (ask.one || !complete || matches!(self.refs.first(), Some(EntityRef::Ip(_))))
    }
}

const WAITS: &str = "opens when the services answer · Enter again takes what is marked";

/// What a thread found in the lists.
pub fn looked(app: &mut App, body: Body, fx: &mut Vec<Effect>) {
    let hits = match body {
        Body::Found(hits) => hits,
        // cancelled, or failed: the services may still know
        _ => Vec::new(),
    };
    // off the stack meanwhile, as for a key
    let Some(place) = (app.overlays.iter()).rposition(|o| matches!(o, Overlay::Find(_))) else {
        return;
    };
    let Overlay::Find(mut find) = app.overlays.remove(place) else {
        return;
    };
    let opens = std::mem::take(&mut find.opens);
    find.found(app, hits);
    let doubt = find.pivot && find.stage == Stage::Idle && find.record().is_none();
    if !opens || doubt {
        return app.overlays.insert(place, Overlay::Find(find));
    }
    // Enter was pressed meanwhile
    match find.enter(app, fx) {
        Step::Stay(overlay) | Step::Pass(overlay) => app.overlays.insert(place, overlay),
        Step::Close => {}
        Step::Then(then) => then(app, fx),
    }
}

/// The services' answers.
pub fn reply(app: &mut App, reply: Reply, fx: &mut Vec<Effect>) {
    let Some(find) = top(app) else { return };
    let chosen = find.hits.get(find.cursor).map(|h| h.opens.clone());
    find.stage = Stage::Answered;
    find.note.clear();
    match reply.body {
        Body::Part(answers) => {
            let asks = std::mem::take(&mut find.asks);
            for (ask, answer) in asks.iter().zip(&answers) {
                match answer {
                    Answer::Failed(fault) => find.note = fault.to_string(),
                    Answer::Withheld(needs) => {
                        let what = spec(ask.kind).title.to_lowercase();
                        find.note = format!(
                            "{what} were not asked for: that needs {}",
                            needs.join(" or ")
                        );
                    }
                    Answer::Got { .. } | Answer::None => {}
                }
                let found = hits::answered(ask, answer, &find.refs, find.line.text());
                hits::add(&mut find.hits, found);
            }
        }
        Body::Fault(fault) => find.note = fault.to_string(),
        Body::Dropped => find.note = "the question was cancelled".into(),
        _ => {}
    }
    if find.moved {
        let place = find
            .hits
            .iter()
            .position(|h| Some(&h.opens) == chosen.as_ref());
        find.cursor = place.unwrap_or(0);
    } else {
        find.cursor = 0;
    }
    let record = find
        .hits
        .first()
        .filter(|h| h.how == How::Is || find.hits.len() == 1);
    if find.opens
        && let Some(to) = record.map(|h| h.opens.clone())
        && matches!(app.overlays.last(), Some(Overlay::Find(_)))
    {
        app.overlays.pop();
        open(app, to, fx);
    } else if let Some(find) = top(app) {
        find.opens = false;
    }
}

/// What a text is taken for, in words: `IPv4 address`, `portal URL of incident 4711`.
pub fn says(text: &str, refs: &[EntityRef]) -> String {
    let shown = |t: &Text| t.txt().shown().into_owned();
    let Some(first) = refs.first() else {
        return String::new();
    };
    let is = match first {
        EntityRef::Incident(id) => format!("incident {}", shown(id)),
        EntityRef::Alert(_) => "alert id".into(),
        EntityRef::Device {
            machine: Some(_), ..
        } if refs.len() > 1 => "device id or SHA-1".into(),
        EntityRef::Device {
            machine: Some(_), ..
        } => "device id".into(),
        EntityRef::Device { azure: Some(_), .. } => "device id of Entra".into(),
        EntityRef::Device { .. } => "device or account name".into(),
        EntityRef::User { id: Some(_), .. } => "object id".into(),
        EntityRef::User { upn: Some(_), .. } => "sign-in name or mail address".into(),
        EntityRef::User { sid: Some(_), .. } => "security id".into(),
        EntityRef::User { .. } => "account name".into(),
        EntityRef::Ip(ip) => match ip.txt().exact().parse() {
            Ok(IpAddr::V6(_)) => "IPv6 address".into(),
            _ => "IPv4 address".into(),
        },
        EntityRef::File {
            sha256: Some(_), ..
        } => "SHA-256".into(),
        EntityRef::File { sha1: Some(_), .. } => "SHA-1".into(),
        EntityRef::File { md5: Some(_), .. } => "MD5".into(),
        EntityRef::File { .. } => "file".into(),
        EntityRef::Domain(_) => "domain or host name".into(),
        EntityRef::Url(_) => "URL".into(),
        EntityRef::Mail { .. } => "mail".into(),
        EntityRef::Cve(_) => "vulnerability".into(),
        EntityRef::Control(_) => "control".into(),
        EntityRef::WeakOn(_) => "device".into(),
        EntityRef::Word(_) if find::is_technique(text.trim()) => "MITRE technique".into(),
        EntityRef::Word(_) => "words".into(),
    };
    if find::portal(&find::refang(text)).is_none() {
        return is;
    }
    match (first, first.value()) {
        (EntityRef::Incident(_), _) | (_, None) => format!("portal URL of {is}"),
        (_, Some(value)) => format!("portal URL of {} {}", first.noun(), shown(value)),
    }
}

/// The tenant that a page of the portal was copied from, if it is not ours.
fn other_tenant(app: &App, text: &str) -> Option<String> {
    let text = find::refang(text);
    find::portal(&text)?;
    let url = url::Url::parse(&text).ok()?;
    let (_, tenant) = url
        .query_pairs()
        .find(|(n, v)| n == "tid" && !v.is_empty())?;
    let ours = &app.session.as_ref()?.tenant_id;
    let other = !tenant.eq_ignore_ascii_case(ours);
    other.then(|| table::Txt::new(&tenant).shown().into_owned())
}
