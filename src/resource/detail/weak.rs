//! A vulnerability, a software, a recommendation: what it is, which devices it is about, what mends it.

use super::device::readable;
use super::parts::{field, lines, severity_tone, time, toned, word, words};
use super::{links, own};
use crate::model::call::{Pages, Path};
use crate::model::{Call, EntityRef, Json, Kind, Service};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Section, Subject, Tenant, recommendation, software, vulnerability};
use table::Text;

pub static VULNERABILITY: &[Section] = &[
    own("vulnerability", "Vulnerability", vulnerability),
    Section {
        id: "devices",
        title: "Devices",
        calls: |s| {
            below(
                s,
                "/vulnerabilities",
                "/machineReferences",
                vulnerability::NEEDS,
            )
        },
        costly: false,
        answers_of: None,
        render: devices,
    },
];

pub static SOFTWARE: &[Section] = &[
    own("software", "Software", software),
    Section {
        id: "versions",
        title: "Versions",
        calls: versions_calls,
        costly: false,
        answers_of: None,
        render: versions,
    },
    Section {
        id: "weak",
        title: "Weaknesses",
        calls: |s| below(s, "/Software", "/vulnerabilities", vulnerability::NEEDS),
        costly: false,
        answers_of: None,
        render: weaknesses,
    },
    Section {
        id: "devices",
        title: "Devices",
        calls: |s| below(s, "/Software", "/machineReferences", software::NEEDS),
        costly: false,
        answers_of: None,
        render: devices,
    },
    Section {
        id: "updates",
        title: "Updates",
        calls: |s| below(s, "/Software", "/getmissingkbs", software::NEEDS),
        costly: false,
        answers_of: None,
        render: updates,
    },
];

pub static RECOMMENDATION: &[Section] = &[
    own("recommendation", "Recommendation", recommendation),
    Section {
        id: "devices",
        title: "Devices",
        calls: |s| {
            below(
                s,
                "/recommendations",
                "/machineReferences",
                recommendation::NEEDS,
            )
        },
        costly: false,
        answers_of: None,
        render: devices,
    },
    Section {
        id: "weak",
        title: "Weaknesses",
        calls: |s| {
            below(
                s,
                "/recommendations",
                "/vulnerabilities",
                vulnerability::NEEDS,
            )
        },
        costly: false,
        answers_of: None,
        render: weaknesses,
    },
];

/// A list below an entity.
pub(super) fn below(
    s: &Subject<'_>,
    root: &'static str,
    tail: &'static str,
    needs: &'static [&'static str],
) -> Vec<Call> {
    let path = Path::new(root).id(s.key.id.txt());
    let call = path.map(|p| {
        Call::get(Service::Defender, p.then(tail))
            .needs(needs)
            .none_is_404()
            .pages(Pages::Skip {
                top: 5_000,
                at_most: 20_000,
            })
    });
    call.into_iter().collect()
}

fn vulnerability(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(name) = j.text("name").or(j.text("id")) {
        let head = Form::Head(Value::Text(name.clone()), None);
        doc.push(0, head).target = Some(EntityRef::Cve(name));
    }
    toned(doc, "severity", j, "severity", severity_tone);
    match j.real("cvssV3").filter(|n| *n > 0.0) {
        Some(n) => doc.push(0, Form::Field("CVSS", vec![Value::Own(format!("{n:.1}"))])),
        None => doc.push(
            0,
            Form::Field("CVSS", vec![Value::Word(Tone::Dim, "not scored".into())]),
        ),
    };
    field(doc, "vector", j, "cvssVector");
    if let Some(n) = j.real("epss") {
        doc.push(0, Form::Field("EPSS", vec![Value::Own(format!("{n:.3}"))]));
    }
    let exploit = match vulnerability::exploit(j) {
        Some("ExploitIsInKit") => Value::Word(Tone::Bad, "an exploit is in a kit".into()),
        Some("ExploitIsVerified") => Value::Word(Tone::Bad, "an exploit is verified".into()),
        Some("ExploitIsPublic") => Value::Word(Tone::High, "an exploit is public".into()),
        Some(_) => Value::Word(Tone::Dim, "none is known".into()),
        None => Value::Unknown,
    };
    doc.push(0, Form::Field("exploit", vec![exploit]));
    words(doc, "exploit types", j, "exploitTypes");
    field(doc, "exposed devices", j, "exposedMachines");
    time(doc, "published", j, "publishedOn");
    time(doc, "updated", j, "updatedOn");
    time(doc, "found here", j, "firstDetected");
    field(doc, "support", j, "CveSupportability");
    words(doc, "tags", j, "tags");
    if let Some(text) = j.text("description") {
        doc.head("Description", None);
        doc.push(0, Form::Prose(text));
    }
    let uris: Vec<Text> = j.list("exploitUris").filter_map(Json::as_text).collect();
    if !uris.is_empty() {
        doc.head("Exploits", Some(uris.len()));
        for uri in uris {
            let row = Form::Row(vec![Value::Text(uri.clone())]);
            doc.push(0, row).target = Some(EntityRef::Url(uri));
        }
    }
}

/// Machines as short references; each opens its device.
pub(super) fn devices(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let Some(answer) = answers.first() else {
        return;
    };
    if !readable(doc, Some(answer), "devices") {
        return;
    }
    let all: Vec<Json<'_>> = answer.items().collect();
    doc.head("Devices", Some(all.len()));
    if all.is_empty() {
        doc.note(Tone::Good, "no device");
    }
    for j in all {
        let (id, name) = (j.text("id"), j.text("computerDnsName"));
        let mut row: Vec<Value> = name
            .clone()
            .or(id.clone())
            .map(Value::Text)
            .into_iter()
            .collect();
        row.extend(j.text("osPlatform").map(Value::Text));
        row.extend(j.text("rbacGroupName").map(Value::Text));
        let device = EntityRef::Device {
            machine: id,
            azure: None,
            name,
        };
        doc.push(0, Form::Row(row)).target = Some(device).filter(|d| d.value().is_some());
    }
}

fn weaknesses(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let Some(all) = super::device::worst_first(answers, doc) else {
        return;
    };
    doc.head("Vulnerabilities", Some(all.len()));
    if all.is_empty() {
        doc.note(Tone::Good, "no known vulnerabilities");
    }
    for j in all {
        super::device::one(doc, j);
    }
}

fn software(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(name) = j.text("name") {
        doc.push(0, Form::Head(Value::Text(name), None));
    }
    field(doc, "vendor", j, "vendor");
    field(doc, "weaknesses", j, "weaknesses");
    field(doc, "exposed devices", j, "exposedMachines");
    field(doc, "installed on", j, "installedMachines");
    flag(doc, "public exploit", j, "publicExploit");
    flag(doc, "active alert", j, "activeAlert");
    if let Some(n) = j.real("impactScore") {
        doc.push(
            0,
            Form::Field("exposure impact", vec![Value::Own(format!("{n:.2}"))]),
        );
    }
    match s.known.cell(s.key, "supportEnded") {
        Some(table::Value::Bool(true)) => doc.note(
            Tone::High,
            "a version that is installed is out of support: see Versions",
        ),
        Some(table::Value::Bool(false)) => doc.note(
            Tone::Dim,
            "no recommendation says that its support has ended",
        ),
        _ => {}
    }
    if j.bool("isNormalized") == Some(false) {
        doc.note(
            Tone::Dim,
            "the service does not know this product by itself: weaknesses are not matched",
        );
    }
    field(doc, "id", j, "id");
}

fn flag(doc: &mut Doc, name: &'static str, j: Json<'_>, key: &str) {
    let words = |b| match b {
        true => Value::Word(Tone::Bad, "yes".into()),
        false => Value::Word(Tone::Dim, "no".into()),
    };
    doc.field(name, j.bool(key).map(words));
}

/// The distribution of versions, and the recommendations about the product, which tell of ended support.
fn versions_calls(s: &Subject<'_>) -> Vec<Call> {
    let mut out = below(s, "/Software", "/distributions", software::NEEDS);
    if let Some(name) = s.entity.text("name") {
        let filter = format!("productName eq {}", name.txt().odata_literal());
        let path = Path::new("/recommendations");
        out.push(
            Call::get(Service::Defender, path)
                .query("$filter", filter)
                .needs(recommendation::NEEDS)
                .none_is_404(),
        );
    }
    out
}

/// Cells of the longest bar.
const BAR: i64 = 24;

fn versions(s: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let Some(answer) = answers.first() else {
        return;
    };
    match answers.get(1) {
        Some(Answer::Withheld(needs)) => doc.note(
            Tone::Medium,
            format!("end of support needs {}", needs.join(" or ")),
        ),
        Some(Answer::Failed(fault)) => doc.note(Tone::Bad, format!("end of support: {fault}")),
        Some(told) => {
            let vendor = s.entity.str("vendor");
            let ours = told
                .items()
                .filter(|r| vendor.is_none() || r.str("vendor") == vendor);
            let ended: Vec<Json<'_>> = ours.filter(|r| ends(*r)).collect();
            for r in &ended {
                let name = r.text("recommendationName").unwrap_or_default();
                doc.push(
                    0,
                    Form::Row(vec![
                        Value::Word(Tone::High, "out of support".into()),
                        Value::Text(name),
                    ]),
                );
                field(doc, "devices", *r, "exposedMachinesCount");
            }
            if ended.is_empty() {
                doc.note(
                    Tone::Dim,
                    "no recommendation says that its support has ended",
                );
            }
        }
        None => {}
    }
    if !readable(doc, Some(answer), "versions") {
        return;
    }
    let mut all: Vec<Json<'_>> = answer.items().collect();
    all.sort_by_key(|j| std::cmp::Reverse(j.int("installations")));
    let most = all
        .first()
        .and_then(|j| j.int("installations"))
        .unwrap_or(0)
        .max(1);
    doc.head("Versions", Some(all.len()));
    for j in all {
        let n = j.int("installations").unwrap_or(0).max(0);
        let cells = (n * BAR + most - 1) / most;
        let bar = "█".repeat(cells.clamp(0, BAR) as usize);
        // the bar first: blanks before a line's first word are not kept
        let mut row = vec![Value::Own(format!("{bar:<24} {n:>6}"))];
        row.extend(j.text("version").map(Value::Text));
        match j.int("vulnerabilities") {
            Some(0) => row.push(Value::Word(Tone::Good, "no weakness".into())),
            Some(n) => row.push(Value::Word(Tone::High, format!("{n} weaknesses"))),
            None => {}
        }
        doc.push(0, Form::Row(row));
    }
}

/// A recommendation that says that support has ended.
pub fn ends(r: Json<'_>) -> bool {
    let tag = |t: &str| t.get(..3).is_some_and(|h| h.eq_ignore_ascii_case("eos"));
    let upcoming = |t: &str| t.to_ascii_lowercase().contains("upcoming");
    r.list("tags")
        .filter_map(Json::as_str)
        .any(|t| tag(t) && !upcoming(t))
}

fn updates(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let Some(answer) = answers.first() else {
        return;
    };
    if !readable(doc, Some(answer), "missing updates") {
        return;
    }
    for j in answer.items() {
        let mut row: Vec<Value> = j.text("id").map(Value::Text).into_iter().collect();
        row.extend(j.text("name").map(Value::Text));
        if let Some(n) = j.int("machineMissedUpdatesCount") {
            row.push(Value::Own(format!("missing on {n} devices")));
        }
        if let Some(n) = j.int("cveAddressed") {
            row.push(Value::Own(format!("mends {n}")));
        }
        doc.push(0, Form::Row(row));
    }
}

fn recommendation(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(name) = j.text("recommendationName") {
        doc.push(0, Form::Head(Value::Text(name), None));
    }
    doc.field(
        "status",
        j.str("status").map(|w| {
            word(
                |w| {
                    if w == "Active" {
                        Tone::Medium
                    } else {
                        Tone::Dim
                    }
                },
                w,
            )
        }),
    );
    field(doc, "type", j, "remediationType");
    for (name, key) in [
        ("exposure score", "exposureImpact"),
        ("configuration score", "configScoreImpact"),
    ] {
        if let Some(n) = j.real(key).filter(|n| *n > 0.0) {
            let way = if key == "exposureImpact" {
                "falls"
            } else {
                "rises"
            };
            doc.push(
                0,
                Form::Field(name, vec![Value::Own(format!("{way} by {n:.1}"))]),
            );
        }
    }
    let counts = (j.int("exposedMachinesCount"), j.int("totalMachineCount"));
    if let (Some(open), Some(all)) = counts {
        doc.push(
            0,
            Form::Field(
                "devices",
                vec![Value::Own(format!("{open} of {all} should act"))],
            ),
        );
    }
    field(doc, "not productive", j, "nonProductivityImpactedAssets");
    field(doc, "weaknesses", j, "weaknesses");
    flag(doc, "public exploit", j, "publicExploit");
    flag(doc, "active alert", j, "activeAlert");
    for (name, key) in [
        ("product", "productName"),
        ("vendor", "vendor"),
        ("version", "recommendedVersion"),
        ("program", "recommendedProgram"),
        ("category", "recommendationCategory"),
        ("part", "subCategory"),
        ("component", "relatedComponent"),
    ] {
        field(doc, name, j, key);
    }
    words(doc, "threats", j, "associatedThreats");
    words(doc, "tags", j, "tags");
    if ends(j) {
        doc.note(Tone::High, "support has ended for what this is about");
    }
    field(doc, "id", j, "id");
}

pub fn vulnerability_portal(j: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    links::vulnerability_page(&j.text("id")?, tenant)
}

pub fn software_portal(_: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    links::fixed("/software-inventory", tenant)
}

pub fn recommendation_portal(_: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    links::fixed("/security-recommendations", tenant)
}

pub fn vulnerability_summary(j: Json<'_>) -> String {
    lines(
        j,
        &[
            ("Vulnerability", "id"),
            ("Severity", "severity"),
            ("CVSS", "cvssV3"),
            ("Exposed devices", "exposedMachines"),
            ("What it is", "description"),
        ],
    )
}

pub fn software_summary(j: Json<'_>) -> String {
    lines(
        j,
        &[
            ("Software", "name"),
            ("Vendor", "vendor"),
            ("Weaknesses", "weaknesses"),
            ("Exposed devices", "exposedMachines"),
        ],
    )
}

pub fn recommendation_summary(j: Json<'_>) -> String {
    lines(
        j,
        &[
            ("Recommendation", "recommendationName"),
            ("Status", "status"),
            ("Devices", "exposedMachinesCount"),
            ("Type", "remediationType"),
        ],
    )
}

/// The kinds of this file, for whoever goes from one of them to devices.
pub const KINDS: &[Kind] = &[Kind::Vulnerability, Kind::Software, Kind::Recommendation];
