//! Timelines against the simulated tenant: what its sources tell of a user and a device of its stories, and what is said
//! where one refuses, is cut, or is asked about somebody with a hostile name.

use crate::backend_rig::{Rig, flags};
use std::collections::BTreeMap;
use watchfloor::model::time::DAY;
use watchfloor::model::{Engine, EntityRef, Ticks};
use watchfloor::msg::{Body, Request, Slot};
use watchfloor::resource::timeline::{self, Ask, DEVICE, Event, Gap, Source, Span, USER};

/// All sources of what is looked at that are asked of a service: what each told, and what it lacks.
type Told = BTreeMap<&'static str, (Vec<Event>, Vec<Gap>)>;

fn rig() -> Rig {
    Rig::new(sim::Flags {
        events: 20_000,
        ..flags()
    })
}

fn span() -> Span {
    let now = Ticks::parse(crate::backend_rig::NOW).unwrap();
    Span::new(Ticks(now.0 - 30 * DAY), now)
}

fn ask(rig: &Rig, sources: &'static [Source], of: &EntityRef) -> Told {
    let mut out = Told::new();
    for source in sources {
        let whole = |why: String| {
            let span = span();
            let why = why.into();
            (Vec::new(), vec![Gap { span, why }])
        };
        let slot = Slot::Timeline(source.name);
        let told = match &source.ask {
            Ask::Hunt(table) => {
                let query = table.query(of, span()).unwrap();
                let request = Request::Hunt {
                    engine: Engine::Defender,
                    query: query.into(),
                    timespan: None,
                };
                let n = rig.ask(slot, request);
                match rig.last(n) {
                    Body::Hunted(h) => {
                        table.events(0, &h.answer.table, h.partial.as_deref(), span())
                    }
                    Body::Fault(fault) => whole(fault.to_string()),
                    other => panic!("{}: {other:?}", source.name),
                }
            }
            Ask::Calls { calls, read } => {
                let calls = calls(of, span());
                let n = rig.ask(slot, Request::Pick { calls });
                match rig.last(n) {
                    Body::Part(answers) => timeline::of_answers(&answers, *read, span()),
                    Body::Fault(fault) => whole(fault.to_string()),
                    other => panic!("{}: {other:?}", source.name),
                }
            }
            _ => continue,
        };
        out.insert(source.name, told);
    }
    out
}

/// One cell of the first row of a query.
fn first(rig: &Rig, query: &str) -> Vec<String> {
    let request = Request::Hunt {
        engine: Engine::Defender,
        query: query.into(),
        timespan: None,
    };
    let n = rig.ask(Slot::Hunt(1), request);
    let Body::Hunted(hunted) = rig.last(n) else {
        panic!("{query}")
    };
    let table = hunted.answer.table;
    (0..table.schema().len())
        .map(|c| {
            table
                .text(0, c)
                .map_or_else(String::new, |t| t.exact().to_owned())
        })
        .collect()
}

fn user(rig: &Rig) -> EntityRef {
    let cells = first(
        rig,
        "let Seen = DeviceLogonEvents | distinct AccountName;
        let Mailed = EmailEvents | distinct RecipientEmailAddress;
        AlertEvidence | where EntityType == 'User' and isnotempty(AccountUpn) and isnotempty(AccountObjectId)
        | where AccountName in (Seen) and AccountUpn in (Mailed)
        | summarize Alerts = dcount(AlertId), AccountName = take_any(AccountName), Sid = take_any(AccountSid) by AccountUpn, AccountObjectId
        | top 1 by Alerts | project AccountUpn, AccountObjectId, AccountName, Sid",
    );
    let text = |n: usize| Some(cells[n].as_str().into()).filter(|_| !cells[n].is_empty());
    EntityRef::User {
        upn: text(0),
        id: text(1),
        name: text(2),
        sid: text(3),
    }
}

fn device(rig: &Rig) -> EntityRef {
    let cells = first(
        rig,
        "AlertEvidence | where EntityType == 'Machine' and isnotempty(DeviceId)
        | summarize Alerts = dcount(AlertId) by DeviceId, DeviceName | top 1 by Alerts | project DeviceId, DeviceName",
    );
    EntityRef::Device {
        machine: Some(cells[0].as_str().into()),
        azure: None,
        name: Some(cells[1].as_str().into()),
    }
}

fn no_gaps(told: &Told) {
    for (name, (events, gaps)) in told {
        assert!(gaps.is_empty(), "{name}: {gaps:?}");
        assert!(
            events
                .iter()
                .all(|e| span().holds(e.at) && !e.sentence.is_empty()),
            "{name}"
        );
    }
}

#[test]
fn the_sources_of_a_user_and_a_device_of_the_story_have_something_to_tell() {
    let rig = rig();
    let told = ask(&rig, USER, &user(&rig));
    no_gaps(&told);
    assert_eq!(told.len(), 5);
    let counts: Vec<_> = told.iter().map(|(n, (e, _))| (*n, e.len())).collect();
    for name in ["sign-ins", "mail", "logons"] {
        assert!(!told[name].0.is_empty(), "{counts:?}");
    }
    let told = ask(&rig, DEVICE, &device(&rig));
    no_gaps(&told);
    assert_eq!(told.len(), 6);
    let counts: Vec<_> = told.iter().map(|(n, (e, _))| (*n, e.len())).collect();
    for name in ["processes", "network", "files", "logons"] {
        assert!(!told[name].0.is_empty(), "{counts:?}");
    }
}

/// A name that would end its literal, in every language a source is asked in: answered, and about nobody.
#[test]
fn a_hostile_name_finds_nobody_and_breaks_nothing() {
    let rig = rig();
    for evil in [
        "x' or 1 == 1 //",
        "\\",
        "'); union EmailEvents //",
        "a\"|take 5\n",
        "raj' or userId ne '",
    ] {
        let t = || Some(evil.into());
        let of = EntityRef::User {
            id: t(),
            upn: t(),
            sid: t(),
            name: t(),
        };
        let of_name = EntityRef::User {
            id: None,
            upn: t(),
            sid: None,
            name: None,
        };
        let host = EntityRef::Device {
            machine: None,
            azure: None,
            name: t(),
        };
        for (sources, of) in [(USER, of), (USER, of_name), (DEVICE, host)] {
            for (name, (events, gaps)) in ask(&rig, sources, &of) {
                assert!(
                    events.is_empty() && gaps.is_empty(),
                    "{name} {evil:?}: {events:?} {gaps:?}"
                );
            }
        }
    }
}

/// 403 on one report and a cut answer of one table: a gap each with its sentence, and the rest as before.
#[test]
fn a_source_refused_and_a_source_cut_are_gaps_and_the_others_tell() {
    let rig = rig();
    let of = user(&rig);
    let whole = ask(&rig, USER, &of);
    rig.sim
        .set_scenario(
            "[[rule]]\nservice = \"graph\"\npath = \"/auditLogs/signIns\"\nfault = { kind = \"status\", status = 403 }\n",
        )
        .unwrap();
    let told = ask(&rig, USER, &of);
    let (events, gaps) = &told["sign-ins"];
    assert!(events.is_empty());
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].span, span());
    let why = gaps[0].why.txt().exact();
    assert!(
        why.contains("403") && why.contains("Microsoft Graph"),
        "{why}"
    );
    assert_eq!(told["mail"].0.len(), whole["mail"].0.len());

    rig.sim.set_scenario("hunt-cut").unwrap();
    let told = ask(&rig, USER, &of);
    let (events, gaps) = &told["mail"];
    assert!(events.len() < whole["mail"].0.len());
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let why = gaps[0].why.txt().exact();
    assert!(!why.is_empty() && gaps[0].span.from == span().from, "{why}");
    assert!(
        events.iter().all(|e| e.at >= gaps[0].span.to),
        "what came is the newest"
    );
}
