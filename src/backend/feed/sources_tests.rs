//! Sign-ins, directory audits and audit searches beside the feed, against the simulator: whole, each once, and where one
//! cannot be had, it says why and the rest goes on.

use super::tests::{Log, flags, playing};
use crate::model::feed::{Reach, Source, Standing};
use crate::model::{Key, Kind};
use crate::msg::{Body, Request, Slot, Ticket};
use crate::resource::record;
use table::Cell;

impl Log {
    /// Rows with this word in this column.
    fn having(&self, column: &str, word: &str) -> Vec<u32> {
        let col = record::SPEC.column(column).unwrap();
        let rows = self.rows.live();
        let rows = rows.iter();
        rows.filter(|r| self.rows.cell(*r, col).text().map(|t| t.exact()) == Some(word))
            .collect()
    }

    /// Asks for a search and waits until it is over.
    fn search(&mut self, words: &str) {
        let searches = |log: &Self| {
            let types = log.ledger.types.iter();
            types.filter(|t| t.source == Source::Search).count()
        };
        let before = searches(self);
        let slot = Slot::Search(Kind::Record);
        let ticket = Ticket { slot, number: 7 };
        let kind = Kind::Record;
        let words = words.to_owned();
        let request = Request::Search { kind, words };
        self.backend.ask(ticket, request).unwrap();
        self.until("end of the search", |log, _| {
            let found = log
                .ledger
                .types
                .iter()
                .rfind(|t| t.source == Source::Search);
            let over = |s: Standing| !matches!(s, Standing::Queued | Standing::Running);
            searches(log) > before && found.is_some_and(|t| over(t.standing))
        });
    }

    fn standing(&self, name: &str) -> Option<Standing> {
        let mut types = self.ledger.types.iter();
        let found = types.find(|t| t.name.txt().exact() == name);
        found.map(|t| t.standing)
    }

    fn records(&self, name: &str) -> usize {
        self.content(name).sum(|w| w.records) as usize
    }

    fn open(&mut self, row: u32) -> serde_json::Value {
        let key = Key::new(Kind::Record, self.rows.key(row).to_text());
        let slot = Slot::Part(key.clone(), "");
        let ticket = Ticket { slot, number: 9 };
        let fresh = false;
        self.backend
            .ask(ticket, Request::Entity { key, fresh })
            .unwrap();
        let opened = std::cell::RefCell::new(serde_json::Value::Null);
        self.until("record", |log, body| match body {
            Some(Body::Entity(entity)) => {
                *opened.borrow_mut() = (*entity.json).clone();
                true
            }
            _ => {
                assert_eq!(log.faults, []);
                false
            }
        });
        opened.into_inner()
    }
}

#[test]
fn s0_6_sign_ins_and_directory_audits_stand_in_the_same_list_whole_and_each_once() {
    let mut log = Log::with(flags());
    log.read();
    let (sign_ins, audits) = log.sim.reports(7);
    assert!(sign_ins > 100 && audits > 50, "{sign_ins} {audits}");
    for (name, word, truth) in [
        (Source::SIGN_INS, "signin", sign_ins),
        (Source::AUDITS, "audit", audits),
    ] {
        assert_eq!(log.records(name), truth, "{name}");
        assert_eq!(log.having("source", word).len(), truth, "{name}");
        assert_eq!(log.content(name).windows.len(), 8);
        assert!(log.content(name).count(Reach::Complete) >= 6);
    }
    assert_eq!((log.again, log.wrong), (0, 0));
    // the presets find what either source says
    let sources = |about: &str| {
        let col = record::SPEC.column("source").unwrap();
        let mut words: Vec<String> = log
            .having("about", about)
            .iter()
            .filter_map(|r| Some(log.rows.cell(*r, col).text()?.exact().to_owned()))
            .collect();
        words.sort();
        words.dedup();
        words
    };
    assert!(sources("consent").contains(&"audit".to_owned()));
    assert!(sources("signin").contains(&"signin".to_owned()));
    let row = log.having("source", "signin")[0];
    let opened = log.open(row);
    assert!(opened["createdDateTime"].is_string(), "{opened}");
    let row = log.having("source", "audit")[0];
    assert!(log.open(row)["activityDisplayName"].is_string());
}

#[test]
fn without_the_licence_of_sign_ins_that_is_said_and_the_rest_goes_on() {
    let mut log = Log::with(playing("entra-free"));
    log.read();
    log.until("sign-ins refused", |log, _| {
        log.standing(Source::SIGN_INS) == Some(Standing::Unlicensed)
    });
    let said = &log.content(Source::SIGN_INS).trouble;
    assert!(said.contains("Microsoft Entra ID P1"), "{said}");
    assert_eq!(log.records(Source::AUDITS), log.sim.reports(7).1);
    assert!(log.records("Audit.Exchange") > 0);
    assert_eq!(log.ledger.gaps(), 0, "nothing that is read is missing");
    // it is not asked for again with every look
    let refused = |log: &Log| {
        let journal = log.sim.journal();
        let calls = journal
            .iter()
            .filter(|c| c.path.contains("/auditLogs/signIns"));
        calls.count()
    };
    let before = refused(&log);
    let looked = log.ledger.as_of;
    log.until("further looks", |log, _| {
        let since = log.ledger.as_of.zip(looked).map(|(a, b)| a.0 - b.0);
        since.is_some_and(|s| s > 10 * crate::model::time::MINUTE)
    });
    assert_eq!(refused(&log), before);
    assert_eq!(log.faults, []);
}

#[test]
fn s0_6_each_source_names_the_permission_that_it_lacks() {
    let mut log = Log::with(sim::Flags {
        permissions: "ActivityFeed.Read".into(),
        ..flags()
    });
    log.read();
    for name in [Source::SIGN_INS, Source::AUDITS] {
        log.until("refusal", |log, _| {
            log.standing(name) == Some(Standing::Forbidden)
        });
        let said = &log.content(name).trouble;
        assert!(said.contains("AuditLog.Read.All"), "{said}");
    }
    log.search("op:New-InboxRule from:7d");
    let said = log.content("search 1").trouble.clone();
    assert!(said.contains("AuditLogsQuery.Read.All"), "{said}");
    // and the other way round: the feed says what it lacks, what Graph tells comes all the same
    let mut log = Log::with(sim::Flags {
        permissions: "AuditLog.Read.All".into(),
        ..flags()
    });
    let (sign_ins, audits) = log.sim.reports(7);
    log.until("the rest", |log, _| log.rows.len() >= sign_ins + audits);
    assert_eq!(log.faults[0].permissions, ["ActivityFeed.Read"]);
}

#[test]
fn s0_37_where_auditing_is_off_sign_ins_still_come() {
    let mut log = Log::with(playing("feed-unaudited"));
    let (sign_ins, audits) = log.sim.reports(7);
    log.until("the rest", |log, _| log.rows.len() >= sign_ins + audits);
    log.until("fault", |log, _| !log.faults.is_empty());
    let said = log.faults[0].to_string();
    assert!(said.contains("Set-AdminAuditLogConfig"), "{said}");
    let json = crate::resource::feed::json(log.content("Audit.Exchange"));
    let audited = crate::resource::feed::is_audited(crate::model::Json(&json));
    assert_eq!(audited, Some(false), "{json}");
}

#[test]
fn a_page_that_stays_bad_is_a_gap_until_it_is_read() {
    for fault in ["malformed-json", "html-page"] {
        let mut log = Log::with(flags());
        let rule = format!(
            "[[rule]]\npath = \"/auditLogs/directoryAudits\"\nfault = {{ kind = \"{fault}\" }}"
        );
        log.sim.set_scenario(&rule).unwrap();
        log.until("gaps", |log, _| {
            let audits = log
                .ledger
                .types
                .iter()
                .rfind(|t| t.source == Source::Audits);
            audits.is_some_and(|t| t.windows.len() == 8 && t.count(Reach::Gap) == 8)
        });
        let window = &log.content(Source::AUDITS).windows[0];
        assert!(window.retries > 0 && window.broken.is_some(), "{window:?}");
        log.sim.set_scenario("").unwrap();
        let ticket = Ticket {
            slot: Slot::Sync(Kind::Record),
            number: 2,
        };
        let kind = Kind::Record;
        log.backend.ask(ticket, Request::Refresh { kind }).unwrap();
        log.read();
        let audits = log.sim.reports(7).1;
        assert_eq!(log.having("source", "audit").len(), audits, "{fault}");
        assert_eq!(log.records(Source::AUDITS), audits, "{fault}");
    }
}

#[test]
fn an_audit_search_is_followed_to_its_end_and_its_records_stand_in_the_list() {
    let mut log = Log::scripted(flags(), Some("[tenant]\nsearch-fails = 2"));
    log.read();
    let before = log.rows.len();
    log.search("op:UserLoggedIn,FileDownloaded from:20d");
    assert_eq!(log.standing("search 1"), Some(Standing::Succeeded));
    let content = log.content("search 1");
    assert_eq!(content.windows.len(), 3, "a window a week");
    assert!(content.asked.starts_with("op:UserLoggedIn,FileDownloaded"));
    // two failed at the service and were asked for again
    assert!(content.sum(|w| w.retries) >= 2, "{content:?}");
    assert!(content.windows.iter().all(|w| w.job == "succeeded"));
    let found = log.records("search 1");
    assert!(found > 150, "{found}: more than a page");
    assert_eq!(log.having("source", "search").len(), found);
    assert_eq!(log.having("content", "search 1").len(), found);
    assert_eq!(log.rows.len(), before + found);
    let at = record::SPEC.column("time").unwrap();
    let row = log.having("source", "search")[0];
    assert!(matches!(log.rows.cell(row, at), Cell::Time(_)));
    let opened = log.open(row);
    assert!(opened["auditData"]["Operation"].is_string(), "{opened}");
    // one that finds nothing is a search all the same
    log.search("who:nobody@nowhere.example from:2d");
    assert_eq!(log.standing("search 2"), Some(Standing::Succeeded));
    assert_eq!(log.records("search 2"), 0);
}

#[test]
fn a_search_that_fails_for_good_is_a_gap_and_one_that_is_refused_says_why() {
    let script = "[tenant]\nsearch-fails = 3";
    let mut log = Log::scripted(flags(), Some(script));
    log.search("op:UserLoggedIn from:5d");
    assert_eq!(log.standing("search 1"), Some(Standing::Failed));
    let window = &log.content("search 1").windows[0];
    assert_eq!(window.reach(), Reach::Gap);
    let why = window.broken.as_deref().unwrap_or_default();
    assert!(why.contains("failed at the service"), "{why}");
    // who asks again has it begun anew
    let slot = Slot::Sync(Kind::Record);
    let ticket = Ticket { slot, number: 2 };
    let kind = Kind::Record;
    log.backend.ask(ticket, Request::Refresh { kind }).unwrap();
    log.until("success", |log, _| {
        log.standing("search 1") == Some(Standing::Succeeded)
    });
    // no licence
    let mut log = Log::with(playing("licences-missing"));
    log.search("op:UserLoggedIn from:5d");
    let content = log.content("search 1");
    assert!(!content.standing.brings(), "{content:?}");
    let said = format!("{:?}", content);
    assert!(said.contains("not enabled for audit search"), "{said}");
}

#[test]
fn sign_ins_without_a_time_are_kept_and_counted() {
    let rule = "[[rule]]\npath = \"/auditLogs/signIns\"\nnth = [1]\nfault = { kind = \"drop\", field = \"createdDateTime\", all = true }";
    let mut log = Log::scripted(flags(), Some(rule));
    log.read();
    let timed = record::SPEC.column("timed").unwrap();
    let timeless = |log: &Log| {
        let rows = log.having("source", "signin").into_iter();
        rows.filter(|r| log.rows.cell(*r, timed) == Cell::Bool(false))
            .count()
    };
    let counted = log.content(Source::SIGN_INS).sum(|w| w.timeless) as usize;
    assert!(counted > 0);
    assert_eq!(timeless(&log), counted);
    assert_eq!(log.records(Source::SIGN_INS), log.sim.reports(7).0);
}

#[test]
fn what_a_reading_should_have_had_is_late_and_what_came_twice_in_one_is_again() {
    use super::book::pages::Here;
    use super::book::{Book, Due};
    use super::decode::{Gathered, take_page};
    use crate::model::Ticks;
    use std::sync::Mutex;
    let at = |text: &str| Ticks::parse(text).unwrap();
    let book = Mutex::new(Book::default());
    let kind = book
        .lock()
        .unwrap()
        .source(Source::SIGN_INS, Source::SignIns);
    let due = Due {
        kind,
        from: at("2026-08-20T00:00:00Z"),
        to: at("2026-08-21T00:00:00Z"),
    };
    let row = |id: &str, time: &str| serde_json::json!({"id": id, "createdDateTime": time, "userPrincipalName": "ana@x"});
    let take = |before: Option<&str>, rows: Vec<serde_json::Value>| {
        let (to, here) = (Mutex::new(Gathered::new()), Mutex::new(Here::default()));
        let (brought, late) = take_page(&book, &to, (due, 0, before.map(at)), &here, rows);
        (brought.records, brought.duplicates, brought.nameless, late)
    };
    let nine = row("a", "2026-08-20T09:00:00Z");
    let first = vec![nine.clone(), nine.clone()];
    assert_eq!(take(None, first), (1, 1, 0, 0));
    // read at ten: what happened at nine should have been there, what happened at ten to ten need not
    let then = vec![
        nine,
        row("b", "2026-08-20T09:01:00Z"),
        row("c", "2026-08-20T09:50:00Z"),
        row("", "2026-08-20T10:05:00Z"),
    ];
    let ten = Some("2026-08-20T10:00:00Z");
    assert_eq!(take(ten, then.clone()), (3, 0, 1, 1));
    assert_eq!(take(ten, then), (0, 0, 0, 0), "all of it is known");
}
