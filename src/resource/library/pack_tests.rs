//! Every hunt of the starter pack is read, binds without an error, and runs over the simulated tenant.

use super::{front, pack, touches};
use crate::model::saved::About;
use kql::bind;
use kql::engine::{Catalog, Options, Provider, Stored, Want};
use kql::schema::{Schema, Which};
use kql::service::{analyse, check};
use kql::syntax::Severity;
use sim::world::hunting::Live;
use sim::world::{Size, World};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

#[test]
fn the_folder_and_the_list_are_the_same_and_no_head_is_wrong() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hunts");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().replace(".kql", ""))
        .collect();
    let listed: BTreeSet<String> = pack::FILES.iter().map(|(n, _)| (*n).to_owned()).collect();
    assert_eq!(files, listed);
    assert!(listed.len() >= 40, "{}", listed.len());
    let mut titles = BTreeSet::new();
    for (kept, (name, text)) in pack::all().iter().zip(pack::FILES) {
        assert_eq!(kept.wrong, None, "{name}");
        assert!(!kept.saved.description.is_empty(), "{name}");
        assert!(titles.insert(&kept.saved.title), "{name}: title twice");
        assert_eq!(kept.reaches, [""; 0], "{name}");
        assert_eq!(
            kept.saved.tables,
            touches::tables(&kept.saved.text),
            "{name}"
        );
        assert_eq!(front::write(&kept.saved), *text, "{name}");
        for t in &kept.saved.techniques {
            let digits = t.strip_prefix('T').unwrap_or_default();
            assert!(
                digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
                "{t}"
            );
        }
        let asks = touches::parameters(&kept.saved.text).is_empty();
        assert_eq!(asks, kept.saved.entities.is_empty(), "{name}");
    }
    // every kind of entity has one
    for (about, word) in About::ALL {
        let any = pack::all().iter().any(|k| k.saved.entities.contains(about));
        assert!(any, "no hunt about {word}");
    }
}

/// The simulated tenant's tables, without what was done since its start.
struct Tables(Arc<World>);

impl Provider for Tables {
    fn table(&self, name: &str, want: &Want) -> Option<Result<Arc<Stored>, String>> {
        let schema = Schema::builtin(Which::Unified);
        let known = schema.table(name)?;
        if let Some(stored) = self.0.hunting_table(&known.name) {
            let (from, to) = (want.from.unwrap_or(i64::MIN), want.to.unwrap_or(i64::MAX));
            let rows = self
                .0
                .hunting_rows(&known.name, from, to, &Live::default())?;
            return Some(Ok(Arc::new(Stored {
                columns: stored.columns(),
                chunks: rows.chunks().to_vec(),
            })));
        }
        let columns = known.columns.iter().map(|c| (c.name.to_string(), c.ty));
        Some(Ok(Arc::new(Stored::empty(columns.collect()))))
    }
}

/// A value for a hunt about something, taken from the tenant's own stories.
fn value(about: About, one: &dyn Fn(&str) -> String) -> String {
    match about {
        About::Device => one(
            "DeviceLogonEvents | where ActionType == 'LogonSuccess' | summarize N = count() by DeviceName | top 1 by N | project DeviceName",
        ),
        About::User => one(
            "DeviceLogonEvents | where isnotempty(AccountName) | summarize N = count() by AccountName | join kind=inner IdentityInfo on AccountName | top 1 by N | project AccountUpn",
        ),
        About::Mailbox => one(
            "EmailEvents | where EmailDirection == 'Inbound' | summarize N = count() by RecipientEmailAddress | top 1 by N | project RecipientEmailAddress",
        ),
        About::File => one(
            "DeviceFileEvents | where isnotempty(SHA256) and FolderPath has 'Public' | top 1 by Timestamp | project SHA256",
        ),
        About::Ip => one(
            "AlertEvidence | where isnotempty(RemoteIP) | top 1 by Timestamp | project RemoteIP",
        ),
        About::Url => one(
            "EmailUrlInfo | join kind=inner EmailEvents on NetworkMessageId | top 1 by Timestamp | project Url",
        ),
        About::Domain => one(
            "EmailEvents | where EmailDirection == 'Inbound' | summarize N = count() by SenderFromDomain | top 1 by N | project SenderFromDomain",
        ),
        About::Message => one(
            "UrlClickEvents | where isnotempty(NetworkMessageId) | top 1 by Timestamp | project NetworkMessageId",
        ),
        About::Alert => {
            one("AlertEvidence | where isnotempty(DeviceId) | top 1 by Timestamp | project AlertId")
        }
        About::Incident => {
            one("SecurityIncident | top 1 by TimeGenerated | project ProviderIncidentId")
        }
        About::Cve => one("DeviceTvmSoftwareVulnerabilities | take 1 | project CveId"),
        About::Word => "powershell".to_owned(),
    }
}

#[test]
fn every_hunt_binds_and_runs_over_the_simulated_tenant() {
    let size = Size {
        incidents: 300,
        alerts: 900,
        devices: 200,
        users: 300,
        events: 20_000,
        ..Size::default()
    };
    let world = Arc::new(World::new(size, 7, "2026-03-04T12:00:00Z".parse().unwrap()));
    let names = bind::World::new(Schema::builtin(Which::Unified));
    let run = |text: &str| {
        let mut catalog = Catalog::new();
        catalog.provider = Some(Arc::new(Tables(world.clone())));
        let options = Options {
            now: world.now().0,
            threads: 2,
            ..Options::default()
        };
        kql::engine::run(text, &names, &catalog, &options)
    };
    let one = |text: &str| -> String {
        let answer = run(text).unwrap();
        let chunk = answer.chunks().into_iter().find(|c| c.rows() > 0);
        let cell = chunk.as_ref().map(|c| c.cell(0, 0).to_value());
        match cell {
            Some(table::Value::Text(t)) => t.txt().exact().to_owned(),
            other => panic!("{text}: {other:?}"),
        }
    };
    let (mut empty, mut wrong) = (Vec::new(), Vec::new());
    for (kept, (name, _)) in pack::all().iter().zip(pack::FILES) {
        let entity = kept.saved.entities.first().map(|a| value(*a, &one));
        let entity = entity.unwrap_or_default();
        let sha1 = || one("DeviceFileCertificateInfo | take 1 | project SHA1");
        let sha256 =
            || one("EmailAttachmentInfo | where isnotempty(SHA256) | take 1 | project SHA256");
        let mut text = kept.saved.text.clone();
        // the values here are plain, so that they can stand as they are
        for (name, value) in [
            ("ENTITY", &(|| entity.clone()) as &dyn Fn() -> String),
            ("FROM", &|| "2026-02-25T00:00:00Z".to_owned()),
            ("TO", &|| "2026-03-04T12:00:00Z".to_owned()),
            ("SHA1", &sha1),
            ("SHA256", &sha256),
            ("days:int=30", &|| "30".to_owned()),
        ] {
            let place = format!("{{{{{name}}}}}");
            if text.contains(&place) {
                text = text.replace(&place, &value());
            }
        }
        let checked = check(&analyse(&text, &names));
        for f in checked
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Error)
        {
            wrong.push(format!("{name}: {}", f.message));
        }
        if checked.columns.is_empty() {
            wrong.push(format!("{name}: no columns"));
        }
        match run(&text) {
            Ok(answer) if answer.rows() == 0 => empty.push(*name),
            Ok(_) => {}
            Err(e) => wrong.push(format!("{name}: {e}")),
        }
    }
    println!(
        "{} of {} without rows: {empty:?}",
        empty.len(),
        pack::FILES.len()
    );
    assert_eq!(wrong, [""; 0]);
    // S1-3: apps and services of a device or user over so many days; S1-12: devices that would not block
    for name in [
        "device-cloud-apps",
        "user-cloud-apps",
        "network-protection-open",
    ] {
        assert!(!empty.contains(&name), "{name} finds nothing");
        let text = pack::FILES.iter().find(|(n, _)| *n == name).unwrap().1;
        let days = text.contains("{{days:int=30}}");
        assert_eq!(days, name.ends_with("-apps"), "{name}");
    }
    assert!(empty.len() * 4 <= pack::FILES.len(), "{empty:?}");
}
