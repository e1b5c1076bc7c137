//! What find finds: rows of the lists and records of the services, ranked. Records that are the thing come first, then
//! what mentions it or stands in an alert with it, then what only has the words in it.
//!
//! It looks at snapshots of the lists, so that a thread may do it: over hundreds of thousands of rows it takes longer
//! than a letter may.

use super::{Ask, Look, Search};
use crate::model::{EntityRef, Json, Key, Kind, Ticks};
use crate::resource::{Answer, Spec, filter, spec};
use std::collections::{BTreeMap, HashSet};
use table::{Cancel, Cell, Keyed, Pattern, Predicate, Test, Text, Truth};

/// Hits shown of each kind and each manner.
const EACH: usize = 8;
/// Alerts that are looked through for what stands beside the thing.
const ALERTS: usize = 500;
/// Rows counted at most.
const COUNTED: usize = 10_000;

/// How something was found, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It is the thing.
    Is,
    /// It names the thing, or stands in alerts with it.
    Names,
    /// It has the words in its name.
    Named,
    /// It has the words somewhere.
    Like,
}

/// Where a hit leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Opens {
    Key(Key),
    /// Named in an alert, not in our lists.
    Ref(EntityRef),
    /// The list of this kind with this filter.
    List(Kind, String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub kind: Kind,
    pub how: How,
    pub opens: Opens,
    /// Safe for the screen.
    pub label: String,
    pub note: String,
}

/// A list as it stood when the look began.
#[derive(Clone)]
pub struct List {
    pub spec: &'static Spec,
    pub rows: Keyed,
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.rows.len(), self.spec.title)
    }
}

/// A look through all lists.
#[derive(Clone, Debug)]
pub struct Looking {
    pub lists: Vec<List>,
    pub refs: Vec<EntityRef>,
    pub looks: Vec<Look>,
    pub now: Ticks,
    pub cancel: Cancel,
}

impl Looking {
    pub fn new(lists: Vec<List>, search: &Search, now: Ticks) -> Self {
        Self {
            lists,
            refs: search.refs.clone(),
            looks: search.looks.clone(),
            now,
            cancel: Cancel::default(),
        }
    }

    fn of(&self, kind: Kind) -> Option<&List> {
        self.lists.iter().find(|l| l.spec.kind == kind)
    }

    /// Looks; `None` when cancelled.
    pub fn run(&self) -> Option<Vec<Hit>> {
        let hits = local(self);
        (!self.cancel.is_cancelled()).then_some(hits)
    }
}

/// The rows of a list with exactly this value in a column.
pub fn equal(spec: &Spec, rows: &Keyed, column: &str, value: &Text) -> Vec<Key> {
    let Some(col) = spec.column(column) else {
        return Vec::new();
    };
    // ids have an index
    if col == 0 {
        let row = rows.find(value.txt().exact());
        return row
            .map(|_| Key::new(spec.kind, value.clone()))
            .into_iter()
            .collect();
    }
    let test = Test::Text(Pattern::equals(value.txt().exact()));
    let is = Predicate::Test { col, test };
    let found = table::filter(rows.table(), &rows.live(), &is, &Cancel::default());
    found.map_or_else(Vec::new, |f| {
        let key = |row| Key::new(spec.kind, rows.key(row).to_text());
        f.rows.iter().map(key).collect()
    })
}

fn local(all: &Looking) -> Vec<Hit> {
    let (refs, looks) = (all.refs.as_slice(), all.looks.as_slice());
    let mut out: Vec<Hit> = Vec::new();
    let mut likes: Vec<Hit> = Vec::new();
    let mut named: Vec<u32> = Vec::new();
    for look in looks {
        let Some(pane) = all.of(look.kind) else {
            continue;
        };
        let exact = rows(all, pane, &look.exact);
        let (is, names): (Vec<u32>, Vec<u32>) = exact.iter().partition(|r| is_it(pane, **r, refs));
        let hit = |how| move |row: u32| of_row(pane, row, how, all.now);
        out.extend(is.iter().map(|r| hit(How::Is)(*r)));
        out.extend(names.iter().take(EACH).map(|r| hit(How::Names)(*r)));
        if look.kind == Kind::Alert {
            named.clone_from(&names);
        }
        if names.len() > EACH
            && let Some(filter) = naming(look.kind, refs)
        {
            out.push(more(look.kind, How::Names, names.len(), filter));
        }
        let loose = rows(all, pane, &look.loose);
        let known: HashSet<u32> = exact.iter().copied().collect();
        let new: Vec<u32> = loose
            .into_iter()
            .filter(|r| !known.contains(r))
            .take(COUNTED)
            .collect();
        let Some(EntityRef::Word(words)) = refs.last() else {
            continue;
        };
        // who is called so comes before what mentions somebody who is
        let (called, others): (Vec<u32>, Vec<u32>) =
            new.iter().partition(|r| is_called(pane, **r, words));
        for (rows, how) in [(&called, How::Named), (&others, How::Like)] {
            likes.extend(rows.iter().take(EACH).map(|r| hit(how)(*r)));
        }
        if called.len() > EACH || others.len() > EACH {
            likes.push(more(look.kind, How::Like, new.len(), words_of(words)));
        }
    }
    beside(all, &named, &mut out);
    out.append(&mut likes);
    sort(&mut out, refs);
    out
}

/// Rows that surely pass, in the order the list is first shown. What is not known yet is no hit.
fn rows(all: &Looking, pane: &List, predicate: &Predicate) -> Vec<u32> {
    if matches!(predicate, Predicate::None) {
        return Vec::new();
    }
    let cancel = &all.cancel;
    let table = pane.rows.table();
    let Some(found) = table::filter(table, &pane.rows.live(), predicate, cancel) else {
        return Vec::new();
    };
    let mut rows = found.rows;
    if rows.len() <= COUNTED {
        rows =
            table::sort(table, &rows, &pane.spec.sort_keys(pane.spec.sort), cancel).unwrap_or(rows);
    }
    let sure = |row: &u32| found.maybe == 0 || predicate.truth(table, *row) == Truth::Yes;
    rows.iter().filter(sure).collect()
}

/// All words stand in the names that people know the row by.
fn is_called(pane: &List, row: u32, words: &Text) -> bool {
    let mut names = String::new();
    let own = pane.spec.columns.get(pane.spec.name_column).map(|c| c.name);
    let more = ["userPrincipalName", "mail", "onPremisesSamAccountName"];
    for column in own.into_iter().chain(more) {
        let cell = pane.spec.column(column).map(|c| pane.rows.cell(row, c));
        if let Some(text) = cell.and_then(|c| c.text()) {
            names.push_str(&text.exact().to_lowercase());
            names.push('\n');
        }
    }
    let words = words.txt().exact().to_lowercase();
    words.split_whitespace().all(|w| names.contains(w))
}

/// The row is one of these things itself, not only something that names one.
fn is_it(pane: &List, row: u32, refs: &[EntityRef]) -> bool {
    let id = pane.rows.key(row);
    let same = |t: &Text| t.txt().exact().eq_ignore_ascii_case(id.exact());
    let cell = |column: &str, value: &Text| {
        let col = pane.spec.column(column);
        let text = col.and_then(|c| pane.rows.cell(row, c).text());
        text.is_some_and(|t| t.exact().eq_ignore_ascii_case(value.txt().exact()))
    };
    refs.iter().any(|r| match (pane.spec.kind, r) {
        (Kind::Incident, EntityRef::Incident(n)) => same(n),
        (Kind::Alert, EntityRef::Alert(n)) => same(n) || cell("providerAlertId", n),
        (
            Kind::Device,
            EntityRef::Device {
                machine: Some(m), ..
            },
        ) => same(m),
        (Kind::Device, EntityRef::Device { .. } | EntityRef::Ip(_)) => true,
        (Kind::User, EntityRef::User { .. } | EntityRef::Mail { .. }) => true,
        _ => false,
    })
}

/// Incidents, devices and users of the alerts that name the thing.
fn beside(all: &Looking, alerts: &[u32], out: &mut Vec<Hit>) {
    let Some(pane) = all.of(Kind::Alert) else {
        return;
    };
    let mut found: BTreeMap<(Kind, String), (Text, usize)> = BTreeMap::new();
    let mut order: Vec<(Kind, String)> = Vec::new();
    for row in alerts.iter().take(ALERTS) {
        for (kind, column) in [
            (Kind::Incident, "incidentId"),
            (Kind::Device, "devices"),
            (Kind::User, "users"),
        ] {
            let Some(col) = pane.spec.column(column) else {
                continue;
            };
            let words: Vec<Text> = match pane.rows.cell(*row, col) {
                Cell::Text(t) => vec![t.to_text()],
                Cell::List(items) => items.iter().map(|t| t.to_text()).collect(),
                _ => Vec::new(),
            };
            for word in words {
                let place = (kind, word.txt().exact().to_lowercase());
                if !found.contains_key(&place) {
                    order.push(place.clone());
                }
                found.entry(place).or_insert((word, 0)).1 += 1;
            }
        }
    }
    let mut shown: BTreeMap<Kind, usize> = BTreeMap::new();
    for place in order {
        let Some((word, times)) = found.remove(&place) else {
            continue;
        };
        let count = shown.entry(place.0).or_default();
        if *count < EACH
            && let Some(hit) = of_word(all, place.0, &word, times)
            && !out.iter().any(|h| h.opens == hit.opens)
        {
            *count += 1;
            out.push(hit);
        }
    }
}

/// An incident, device or user by the word with which an alert names it.
fn of_word(all: &Looking, kind: Kind, word: &Text, times: usize) -> Option<Hit> {
    let column = match kind {
        Kind::Incident => "id",
        Kind::Device => "computerDnsName",
        Kind::User => "userPrincipalName",
        _ => return None,
    };
    let alerts = if times == 1 {
        "1 alert".to_owned()
    } else {
        format!("{times} alerts")
    };
    let pane = all.of(kind)?;
    let key = equal(pane.spec, &pane.rows, column, word)
        .into_iter()
        .next();
    if let Some(row) = key.and_then(|k| pane.rows.find(k.id.txt().exact())) {
        let hit = of_row(pane, row, How::Names, all.now);
        let note = format!("{} · {alerts}", hit.note);
        return Some(Hit {
            note: note.trim_start_matches(" · ").to_owned(),
            ..hit
        });
    }
    let opens = match kind {
        Kind::Incident => Opens::Key(Key::new(kind, word.clone())),
        Kind::Device => Opens::Ref(EntityRef::Device {
            machine: None,
            azure: None,
            name: Some(word.clone()),
        }),
        _ => {
            let local = word.txt().exact().contains('\\');
            Opens::Ref(EntityRef::User {
                id: None,
                upn: (!local).then(|| word.clone()),
                sid: None,
                name: local.then(|| word.clone()),
            })
        }
    };
    Some(Hit {
        kind,
        how: How::Names,
        opens,
        label: word.txt().shown().into_owned(),
        note: alerts,
    })
}

fn more(kind: Kind, how: How, count: usize, filter: String) -> Hit {
    Hit {
        kind,
        how,
        opens: Opens::List(kind, filter),
        label: format!("… all {count} in the list"),
        note: String::new(),
    }
}

/// The filter that finds what names the thing.
fn naming(kind: Kind, refs: &[EntityRef]) -> Option<String> {
    let spec = spec(kind);
    let column = spec.columns.get(spec.column("entities")?)?;
    let value = refs.first()?.value()?;
    Some(format!(
        "ent:{}",
        filter::print_value(value.txt().exact(), column)
    ))
}

/// The filter that finds all of these words.
fn words_of(words: &Text) -> String {
    let quoted = |w: &str| format!("\"{}\"", w.replace('"', "\"\""));
    let plain = |w: &str| {
        w.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
            && !w.starts_with('-')
    };
    let each = words.txt().exact().split_whitespace();
    each.map(|w| if plain(w) { w.to_owned() } else { quoted(w) })
        .collect::<Vec<_>>()
        .join(" ")
}

/// A row of a list as a hit.
fn of_row(pane: &List, row: u32, how: How, now: Ticks) -> Hit {
    let text = |column: &str| {
        let col = pane.spec.column(column);
        let cell = col.and_then(|c| pane.rows.cell(row, c).text());
        cell.map(|t| t.shown().into_owned()).unwrap_or_default()
    };
    let seen = pane
        .spec
        .column("lastSeen")
        .and_then(|c| match pane.rows.cell(row, c) {
            Cell::Time(t) => Some(Ticks(t)),
            _ => None,
        });
    let key = Key::new(pane.spec.kind, pane.rows.key(row).to_text());
    hit(key, how, text, seen, now)
}

/// A record that a service sent as a hit.
fn of_json(key: Key, how: How, j: Json<'_>, now: Option<Ticks>) -> Hit {
    let text = |field: &str| {
        j.text(field)
            .map(|t| t.txt().shown().into_owned())
            .unwrap_or_default()
    };
    let seen = j.time("lastSeen");
    let now = now.or(seen).unwrap_or(Ticks(0));
    hit(key, how, text, seen, now)
}

fn hit(key: Key, how: How, text: impl Fn(&str) -> String, seen: Option<Ticks>, now: Ticks) -> Hit {
    let spec = spec(key.kind);
    let name = text(spec.columns.get(spec.name_column).map_or("", |c| c.name));
    let id = key.id.txt().shown().into_owned();
    let (label, note) = match key.kind {
        Kind::Incident => (
            format!("{id} {name}"),
            vec![text("severity"), text("status")],
        ),
        Kind::Alert => (name, vec![text("severity"), text("status")]),
        // records of one name are told apart by when they were seen
        Kind::Device => {
            let seen = seen.map(|t| format!("seen {}", t.age(now)));
            (name, vec![text("osPlatform"), seen.unwrap_or_default()])
        }
        Kind::User => (name, vec![text("userPrincipalName")]),
        Kind::Action => (text("type"), vec![name, text("status")]),
        Kind::Indicator => (name, vec![text("action"), text("title")]),
        Kind::CloudAlert => (name, vec![text("severity"), text("status")]),
        Kind::CloudActivity => (name, vec![text("app")]),
        Kind::Record => (name, vec![text("UserId"), text("ObjectId")]),
        Kind::Feed => (name, vec![text("status")]),
        Kind::Control => (name, vec![text("state")]),
        Kind::Vulnerability => (name, vec![text("severity"), text("exploit")]),
        Kind::Software => (name, vec![text("vendor")]),
        Kind::Recommendation => (name, vec![text("remediationType")]),
        Kind::Exposed => (name, vec![text("cveId"), text("softwareName")]),
        Kind::Issue => (name, vec![text("service"), text("status")]),
        _ => (name, vec![text("status")]),
    };
    let note: Vec<String> = note.into_iter().filter(|w| !w.is_empty()).collect();
    Hit {
        kind: key.kind,
        how,
        opens: Opens::Key(key),
        label: if label.trim().is_empty() { id } else { label },
        note: note.join(" "),
    }
}

/// The records in an answer of a service.
pub fn answered(ask: &Ask, answer: &Answer, refs: &[EntityRef], typed: &str) -> Vec<Hit> {
    let exact = ask.one
        || matches!(
            refs.first(),
            Some(EntityRef::Ip(_) | EntityRef::User { sid: Some(_), .. })
        );
    let record = |j: Json<'_>| {
        let key = Key::new(ask.kind, j.text("id")?);
        let spec = spec(ask.kind);
        let own = [
            spec.columns.get(spec.name_column).map_or("", |c| c.name),
            "userPrincipalName",
            "mail",
        ];
        let named = own.iter().any(|f| {
            j.str(f)
                .is_some_and(|v| v.eq_ignore_ascii_case(typed.trim()))
        });
        let how = if exact || named { How::Is } else { How::Named };
        Some(of_json(key, how, j, None))
    };
    if ask.one {
        return answer.entity().and_then(record).into_iter().collect();
    }
    answer.items().filter_map(record).take(EACH * 4).collect()
}

/// Takes hits in that are not there yet; the better manner of two counts.
pub fn add(hits: &mut Vec<Hit>, new: Vec<Hit>) {
    for hit in new {
        match hits.iter_mut().find(|h| h.opens == hit.opens) {
            Some(old) => old.how = old.how.min(hit.how),
            None => hits.push(hit),
        }
    }
    hits.sort_by_key(|h| h.how);
}

/// Records first, of the likeliest kind; then by manner and kind, as the lists have them.
fn sort(hits: &mut [Hit], refs: &[EntityRef]) {
    let kinds: Vec<Kind> = refs.iter().filter_map(kind_of).collect();
    let place = |kind: Kind| kinds.iter().position(|k| *k == kind).unwrap_or(kinds.len());
    hits.sort_by_key(|h| {
        let likely = if h.how == How::Is { place(h.kind) } else { 0 };
        (h.how, likely, h.kind)
    });
}

/// The list that has records of such a thing.
fn kind_of(entity: &EntityRef) -> Option<Kind> {
    match entity {
        EntityRef::Incident(_) => Some(Kind::Incident),
        EntityRef::Alert(_) => Some(Kind::Alert),
        EntityRef::Device { .. } | EntityRef::Ip(_) => Some(Kind::Device),
        EntityRef::User { .. } | EntityRef::Mail { .. } => Some(Kind::User),
        _ => None,
    }
}
