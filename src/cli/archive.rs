//! `watchfloor archive`: keeps incidents, alerts, evidence and hunting tables beyond the product's retention. Made for cron.
//!
//! A run goes on where the last one ended, window by window; each window is on the disk before it counts as done.
//! Exit codes: 0 all up to now, 3 some of it, else why nothing went: 2 usage, 4 sign-in, 5 forbidden, 6 throttled, 1 other.

pub mod keep;
pub mod sources;

use super::choose::{self, Refusal};
use super::headless::exit;
use crate::backend::memory::{MemoryRecord, MemoryStore};
use crate::backend::{Ports, Reader};
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{Fault, FaultKind, Ticks};
use crate::msg::{Event, News};
use keep::{Keep, Unusable};
use sources::{Source, Window};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Keep what the service forgets: incidents, alerts with their evidence, and hunting tables.
#[derive(Debug, clap::Args)]
pub struct Archive {
    /// The archive's folder [default: archives/TENANT in the data folder]
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Hunting tables to keep, beside incidents and alerts
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        default_value = "AlertInfo,AlertEvidence"
    )]
    pub tables: Vec<String>,
    /// How far back the first run goes: 30d, 12h, or an instant
    #[arg(long, value_name = "AGE", default_value = "30d")]
    pub since: String,
    /// Stop after so many windows of each source; the next run goes on
    #[arg(long, value_name = "N")]
    pub windows: Option<u32>,
}

/// What became of one source.
#[derive(Debug)]
pub struct Done {
    pub source: Source,
    pub added: u64,
    pub until: Option<Ticks>,
    pub fault: Option<String>,
    /// Why it stopped before now, by the service's word.
    pub kind: Option<FaultKind>,
    pub whole: bool,
}

impl Archive {
    pub fn run(&self, tenant: Option<&str>) -> Result<ExitCode, Refusal> {
        let start = choose::tenant_of_command(tenant)?;
        let clock = Arc::new(crate::run::clock::Clock::new());
        let now = clock.now().wall;
        let since = instant(&self.since, now).ok_or_else(|| {
            (
                2,
                format!("--since {}: say 30d, 12h or an instant", self.since),
            )
        })?;
        let mut sources = vec![Source::Incidents, Source::Alerts];
        for name in self.tables.iter().filter(|name| !name.is_empty()) {
            let table = Source::table(name.trim());
            sources
                .push(table.ok_or_else(|| (2, format!("--tables: `{name}` is no table's name")))?);
        }
        let dir = self.dir.clone().unwrap_or_else(|| {
            let name = crate::config::dirs::segment(&start.tenant.name);
            start.dirs.data.join("archives").join(name)
        });
        let ports = Ports {
            events: Arc::new(talk),
            store: Arc::new(MemoryStore::default()),
            record: Arc::new(MemoryRecord::default()),
            clock,
            budget_scale: start.budget_scale,
        };
        let shown = table::Txt::new(&dir.to_string_lossy()).shown().into_owned();
        let mut keep = Keep::open(&dir, &start.tenant.tenant_id).map_err(|e| {
            let code = if matches!(e, Unusable::Busy | Unusable::OtherTenant(_)) {
                7
            } else {
                1
            };
            (code, format!("{shown}: {e}"))
        })?;
        let reader = Reader::new(start.tenant.clone(), ports).map_err(|e| (1, e.to_string()))?;
        let done: Vec<Done> = sources
            .iter()
            .map(|source| bring(&reader, &mut keep, source, since, now, self.windows))
            .collect();
        for one in &done {
            let until = one.until.map_or_else(
                || "nothing".to_owned(),
                |t| format!("until {}", t.literal()),
            );
            println!("{}\t{} new\t{until}", one.source.name(), one.added);
            if let Some(fault) = &one.fault {
                eprintln!("{}: {fault}", one.source.name());
            }
        }
        Ok(ExitCode::from(code(&done)))
    }
}

/// Brings one source up to `now`, window by window.
pub fn bring(
    reader: &Reader,
    keep: &mut Keep,
    source: &Source,
    since: Ticks,
    now: Ticks,
    windows: Option<u32>,
) -> Done {
    let name = source.name();
    let mut done = Done {
        source: source.clone(),
        added: 0,
        until: keep.until(name),
        fault: None,
        kind: None,
        whole: false,
    };
    let mut from = match done.until {
        Some(until) => Ticks(until.0 - source.overlap()),
        None => since,
    };
    let mut length = source.first_window();
    let mut passed = 0;
    while from < now {
        if windows.is_some_and(|most| passed >= most) {
            return done;
        }
        let to = Ticks((from.0 + length).min(now.0));
        let rows = match source.rows(reader, from, to) {
            Ok(Window::Rows(rows)) => rows,
            Ok(Window::TooMuch) => {
                length = ((to.0 - from.0) / 2).max(MINUTE);
                continue;
            }
            Err(fault) => {
                done.kind = Some(fault.kind);
                done.fault = Some(sentence(&fault));
                return done;
            }
        };
        let count = rows.len();
        let added = match keep.add(name, rows, now).and_then(|added| {
            // what the overlap reads again does not take the mark back
            let until = done.until.map_or(to, |old| old.max(to));
            keep.advance(name, until, added)?;
            done.until = Some(until);
            Ok(added)
        }) {
            Ok(added) => added,
            Err(e) => {
                done.fault = Some(format!("cannot be written: {e}"));
                return done;
            }
        };
        done.added += added;
        length = Window::next_length(length, count);
        from = to;
        passed += 1;
    }
    done.whole = true;
    done
}

fn sentence(fault: &Fault) -> String {
    table::Txt::new(&fault.to_string()).shown().into_owned()
}

/// The exit code of a run.
pub fn code(done: &[Done]) -> u8 {
    if done.iter().all(|d| d.whole) {
        return 0;
    }
    let progress = done
        .iter()
        .any(|d| d.whole || d.added > 0 || d.fault.is_none());
    match done.iter().find_map(|d| d.kind) {
        _ if progress => exit::PARTIAL,
        Some(kind) => exit::code(kind),
        None => 1,
    }
}

/// `30d`, `12h`, `90m`, or an instant.
pub fn instant(text: &str, now: Ticks) -> Option<Ticks> {
    let text = text.trim();
    let unit = match text.bytes().last()? {
        b'd' => DAY,
        b'h' => HOUR,
        b'm' => MINUTE,
        _ => return Ticks::parse(text),
    };
    let n: i64 = text.get(..text.len() - 1)?.parse().ok()?;
    (n >= 0).then_some(())?;
    Some(Ticks(now.0.checked_sub(n.checked_mul(unit)?)?))
}

/// What the network side has to say to a person goes to stderr.
fn talk(event: Event) {
    if let Event::News(News::Notice { text, .. }) = event {
        eprintln!("watchfloor: {}", table::Txt::new(&text).shown());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_instants() {
        let now = Ticks::parse("2026-02-03T04:00:00Z").unwrap();
        assert_eq!(instant("1d", now), Ticks::parse("2026-02-02T04:00:00Z"));
        assert_eq!(instant("90m", now), Ticks::parse("2026-02-03T02:30:00Z"));
        assert_eq!(
            instant("2026-01-01T00:00:00Z", now),
            Ticks::parse("2026-01-01T00:00:00Z")
        );
        for not in ["", "d", "-1d", "soon", "99999999999999999d"] {
            assert_eq!(instant(not, now), None, "{not}");
        }
    }
}
