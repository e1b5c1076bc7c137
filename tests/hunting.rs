//! Queries at the simulated services: Defender, a workspace, a cluster; what each says of a wrong text; stopping one.

use crate::backend_rig::{Rig, flags};
use watchfloor::config::sources::{Cluster, Workspace};
use watchfloor::model::{Engine, FaultKind};
use watchfloor::msg::{Body, Hunted, Request, Slot};

fn rig(flags: sim::Flags) -> Rig {
    let store = std::sync::Arc::new(watchfloor::backend::memory::MemoryStore::default());
    let sim = std::sync::Arc::new(sim::start(flags).unwrap());
    let info = sim.info.clone();
    Rig::on(sim, store, |tenant| {
        tenant.sources.loganalytics = info.loganalytics.as_deref().map(|u| u.parse().unwrap());
        tenant.sources.workspaces.push(Workspace {
            name: "sentinel".into(),
            id: info.workspace_id.clone(),
        });
        tenant.sources.clusters.push(Cluster {
            name: "lake".into(),
            url: info.adx.as_deref().unwrap().parse().unwrap(),
            database: info.adx_database.to_owned(),
        });
    })
}

fn everywhere() -> [Engine; 3] {
    [
        Engine::Defender,
        Engine::Workspace("sentinel".into()),
        Engine::Explorer("lake".into()),
    ]
}

fn ask(rig: &Rig, engine: &Engine, query: &str, timespan: Option<&str>) -> Body {
    let request = Request::Hunt {
        engine: engine.clone(),
        query: query.into(),
        timespan: timespan.map(str::to_owned),
    };
    let number = rig.ask(Slot::Hunt(1), request);
    rig.last(number)
}

fn rows(rig: &Rig, engine: &Engine, query: &str) -> Hunted {
    match ask(rig, engine, query, None) {
        Body::Hunted(hunted) => hunted,
        other => panic!("{engine}: {other:?}"),
    }
}

#[test]
fn s2_27_the_same_rows_come_from_every_service() {
    let rig = rig(flags());
    let query = "DeviceInfo | where Timestamp > ago(7d) | summarize n = count(), d = dcount(DeviceId) by OSPlatform | extend t = datetime(2026-01-02T03:04:05Z), b = true, x = 1.5, bag = dynamic({\"a\":[1]}) | sort by OSPlatform asc";
    let mut all = Vec::new();
    for engine in everywhere() {
        let hunted = rows(&rig, &engine, query);
        assert_eq!(hunted.partial, None, "{engine}");
        assert_eq!(
            (hunted.answer.odd, hunted.answer.bad_rows),
            (0, 0),
            "{engine}"
        );
        let table = &hunted.answer.table;
        let cells: Vec<String> = (0..table.rows())
            .flat_map(|r| (0..table.schema().len()).map(move |c| (r, c)))
            .map(|(r, c)| watchfloor::resource::hunt_cell::text(table, r, c))
            .collect();
        assert!(!cells.is_empty());
        all.push(cells);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

#[test]
fn what_is_wrong_with_a_text_is_said_with_its_place() {
    let rig = rig(flags());
    for engine in everywhere() {
        let Body::Fault(fault) = ask(&rig, &engine, "AlertInfo\n| where (\n| take 1", None) else {
            panic!("{engine}");
        };
        assert_eq!(fault.kind, FaultKind::BadRequest, "{engine}: {fault}");
        assert!(fault.what.contains("line"), "{engine}: {fault}");
        let Body::Fault(fault) = ask(&rig, &engine, "AlertInfo | where Titel == 'x'", None) else {
            panic!("{engine}");
        };
        assert!(fault.what.contains("'Titel'"), "{engine}: {fault}");
    }
}

#[test]
fn a_time_beside_the_query_narrows_it() {
    let rig = rig(flags());
    for engine in &everywhere()[..2] {
        let count =
            |span: Option<&str>| match ask(&rig, engine, "DeviceProcessEvents | count", span) {
                Body::Hunted(h) => h.answer.table.cell(0, 0).int().unwrap(),
                other => panic!("{other:?}"),
            };
        let (hour, week) = (count(Some("PT1H")), count(Some("P7D")));
        assert!(hour < week, "{engine}: {hour} {week}");
    }
}

#[test]
fn what_a_service_does_not_know_is_a_sentence() {
    let rig = rig(flags());
    for engine in [
        Engine::Workspace("gone".into()),
        Engine::Explorer("gone".into()),
    ] {
        let Body::Fault(fault) = ask(&rig, &engine, "print 1", None) else {
            panic!("{engine}");
        };
        assert!(fault.what.contains("not in the configuration"), "{fault}");
    }
}
