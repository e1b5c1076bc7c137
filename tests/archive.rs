//! `watchfloor archive` against the simulated tenant (S1-22): a run that is cut goes on, and nothing is kept twice.

use crate::backend_rig::{NOW, flags, tenant};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use watchfloor::backend::memory::{MemoryRecord, MemoryStore};
use watchfloor::backend::{Ports, Reader};
use watchfloor::cli::archive::keep::Keep;
use watchfloor::cli::archive::sources::Source;
use watchfloor::cli::archive::{bring, code};
use watchfloor::model::Ticks;
use watchfloor::run::clock::Clock;

struct Held {
    archive: kql::load::Archive,
}

impl Held {
    fn of(dir: &Path) -> Held {
        let schema = kql::schema::Schema::builtin(kql::schema::Which::Unified);
        let archive = kql::load::Archive::open(dir, &schema, 2).unwrap();
        Held { archive }
    }
    /// Rows, and how many different ids they have.
    fn ids(&self, table: &str, id: &str) -> (usize, usize) {
        let t = self.archive.read(table, None, None, None).unwrap();
        let at = t.def.columns.iter().position(|c| &*c.name == id).unwrap();
        let col = t.places[at].unwrap();
        let ids: HashSet<String> = (0..t.table.rows())
            .map(|r| t.table.text(r, col).unwrap().exact().to_owned())
            .collect();
        assert!(self.archive.take_notes().is_empty());
        (t.table.rows() as usize, ids.len())
    }
}

#[test]
fn s1_22_a_cut_run_goes_on_and_keeps_every_row_once() {
    let sim = sim::start(flags()).unwrap();
    let ports = Ports {
        events: Arc::new(|_| {}),
        store: Arc::new(MemoryStore::default()),
        record: Arc::new(MemoryRecord::default()),
        clock: Arc::new(Clock::standing_at(Ticks::parse(NOW).unwrap())),
        budget_scale: 100.0,
    };
    let reader = Reader::new(tenant(&sim.info), ports).unwrap();
    let now = Ticks::parse(NOW).unwrap();
    let since = Ticks::parse("2025-01-01T00:00:00Z").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let id = sim.info.tenant_id.clone();
    let run = |source: &Source, windows: Option<u32>| {
        let mut keep = Keep::open(dir.path(), &id).unwrap();
        bring(&reader, &mut keep, source, since, now, windows)
    };
    // until the cut falls between rows that are there
    let mut cut = run(&Source::Incidents, Some(1));
    while cut.added < 20 {
        assert!(!cut.whole, "there are more than twenty incidents");
        let more = run(&Source::Incidents, Some(1));
        cut.added += more.added;
        cut.whole = more.whole;
    }
    assert_eq!(code(&[cut]), 3);
    let before = Held::of(dir.path()).ids("Incidents", "id").0;
    let rest = run(&Source::Incidents, None);
    assert!(rest.whole && rest.fault.is_none(), "{rest:?}");
    assert_eq!(rest.until, Some(now));
    let (rows, ids) = Held::of(dir.path()).ids("Incidents", "id");
    assert_eq!((rows, ids), (230, 230));
    assert!(before < rows);
    // a run with nothing new adds nothing
    let again = run(&Source::Incidents, None);
    assert_eq!((again.added, again.whole, code(&[again])), (0, true, 0));
    // an incident that changed is kept as it was and as it is
    let alerts = run(&Source::Alerts, None);
    assert!(alerts.whole, "{alerts:?}");
    let (rows, ids) = Held::of(dir.path()).ids("Alerts", "id");
    assert_eq!((rows, rows), (700, ids));
    // hunting tables, as far back as the service answers
    let since = Ticks::parse("2026-07-03T12:00:00Z").unwrap();
    let table = Source::table("AlertInfo").unwrap();
    let hunt = |windows: Option<u32>| {
        let mut keep = Keep::open(dir.path(), &id).unwrap();
        bring(&reader, &mut keep, &table, since, now, windows)
    };
    let first = hunt(Some(3));
    assert!(!first.whole && first.fault.is_none(), "{first:?}");
    let rest = hunt(None);
    assert!(rest.whole && rest.added > 0, "{rest:?}");
    assert_eq!(hunt(None).added, 0);
    let (rows, ids) = Held::of(dir.path()).ids("AlertInfo", "AlertId");
    assert_eq!(rows as u64, first.added + rest.added);
    assert_eq!(rows, ids);
}
