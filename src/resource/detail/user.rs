//! A user's detail: state, risk, roles, groups, methods, grants, devices, sign-ins, audits, incidents.

use super::activity::{audits, sign_ins};
use super::device::{known_alerts, readable};
use super::own;
use super::parts::{field, severity_tone, time, toned, word};
use crate::model::call::{Pages, Path};
use crate::model::{Call, EntityRef, Json, Service};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Section, Subject};
use table::Text;

/// The fields of one user that triage needs; the list asks for fewer.
pub const SELECT: &str = "id,displayName,userPrincipalName,mail,accountEnabled,userType,jobTitle,department,companyName,officeLocation,usageLocation,\
createdDateTime,lastPasswordChangeDateTime,signInSessionsValidFromDateTime,onPremisesSyncEnabled,onPremisesSamAccountName,onPremisesDomainName,\
onPremisesSecurityIdentifier,onPremisesDistinguishedName,securityIdentifier,externalUserState,passwordPolicies,proxyAddresses,assignedLicenses,identities";

const USER: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const AUDIT: &[&str] = &["AuditLog.Read.All"];

pub static SECTIONS: &[Section] = &[
    Section {
        id: "user",
        title: "User",
        calls: basics,
        costly: false,
        answers_of: None,
        render: user,
    },
    Section {
        id: "roles",
        title: "Roles",
        calls: |s| {
            vec_of(below(s, "/memberOf", USER).map(|c| {
                c.query("$top", "999")
                    .pages(Pages::Links { at_most: 2_000 })
            }))
        },
        costly: false,
        answers_of: None,
        render: roles,
    },
    Section {
        id: "access",
        title: "Access",
        calls: access_calls,
        costly: true,
        answers_of: None,
        render: access,
    },
    Section {
        id: "devices",
        title: "Devices",
        calls: device_calls,
        costly: true,
        answers_of: None,
        render: devices,
    },
    Section {
        id: "signins",
        title: "Sign-ins (interactive only)",
        calls: sign_in_calls,
        costly: true,
        answers_of: None,
        render: sign_ins,
    },
    Section {
        id: "audits",
        title: "Audits",
        calls: audit_calls,
        costly: true,
        answers_of: None,
        render: audits,
    },
    own("alerts", "Alerts", alerts),
];

fn below(s: &Subject<'_>, tail: &'static str, needs: &'static [&'static str]) -> Option<Call> {
    Path::new("/users")
        .id(s.key.id.txt())
        .ok()
        .map(|p| Call::get(Service::Graph, p.then(tail)).needs(needs))
}

fn vec_of(call: Option<Call>) -> Vec<Call> {
    call.into_iter().collect()
}

fn basics(s: &Subject<'_>) -> Vec<Call> {
    let mut calls = vec_of(below(s, "", USER).map(|c| c.query("$select", SELECT)));
    calls.extend(below(s, "/manager", USER).map(|c| {
        c.query("$select", "id,displayName,userPrincipalName")
            .none_is_404()
    }));
    calls.extend(
        Path::new("/identityProtection/riskyUsers")
            .id(s.key.id.txt())
            .ok()
            .map(|p| {
                Call::get(Service::Graph, p)
                    .needs(&[
                        "IdentityRiskyUser.Read.All",
                        "IdentityRiskyUser.ReadWrite.All",
                    ])
                    .none_is_404()
            }),
    );
    calls
}

fn access_calls(s: &Subject<'_>) -> Vec<Call> {
    let mut calls = vec_of(below(
        s,
        "/authentication/methods",
        &[
            "UserAuthenticationMethod.Read.All",
            "UserAuthenticationMethod.ReadWrite.All",
        ],
    ));
    calls.extend(below(
        s,
        "/oauth2PermissionGrants",
        &[
            "Directory.Read.All",
            "DelegatedPermissionGrant.ReadWrite.All",
            "Directory.ReadWrite.All",
        ],
    ));
    calls.extend(below(
        s,
        "/appRoleAssignments",
        &[
            "Directory.Read.All",
            "AppRoleAssignment.ReadWrite.All",
            "Directory.ReadWrite.All",
        ],
    ));
    calls
}

fn device_calls(s: &Subject<'_>) -> Vec<Call> {
    let mut calls = vec_of(below(s, "/ownedDevices", USER));
    calls.extend(below(s, "/registeredDevices", USER));
    // the Defender host knows users by the bare account name
    let account = s.entity.text("onPremisesSamAccountName").or_else(|| {
        s.entity
            .str("userPrincipalName")
            .and_then(|u| u.split('@').next())
            .map(Text::from)
    });
    if let Some(path) = account.and_then(|a| Path::new("/users").id(a.txt()).ok()) {
        calls.push(
            Call::get(Service::Defender, path.then("/machines"))
                .needs(&["Machine.Read.All", "Machine.ReadWrite.All"])
                .none_is_404(),
        );
    }
    calls
}

fn sign_in_calls(s: &Subject<'_>) -> Vec<Call> {
    vec![
        Call::get(Service::Graph, Path::new("/auditLogs/signIns"))
            .query(
                "$filter",
                format!("userId eq {}", s.key.id.txt().odata_literal()),
            )
            .query("$top", "50")
            .needs(AUDIT),
    ]
}

fn audit_calls(s: &Subject<'_>) -> Vec<Call> {
    let id = s.key.id.txt().odata_literal();
    let call = |filter: String| {
        Call::get(Service::Graph, Path::new("/auditLogs/directoryAudits"))
            .query("$filter", filter)
            .query("$top", "50")
            .needs(AUDIT)
    };
    vec![
        call(format!("initiatedBy/user/id eq {id}")),
        call(format!("targetResources/any(t: t/id eq {id})")),
    ]
}

fn user(s: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    // the list's row is enough to begin with; the full entity replaces it
    let j = answers.first().and_then(Answer::entity).unwrap_or(s.entity);
    if let Some(name) = j.text("displayName") {
        doc.push(0, Form::Head(Value::Text(name), None));
    }
    let state = match j.bool("accountEnabled") {
        Some(true) => Value::Word(Tone::Good, "enabled".into()),
        Some(false) => Value::Word(Tone::High, "disabled".into()),
        None => Value::Unknown,
    };
    doc.push(0, Form::Field("account", vec![state]));
    match answers.get(2) {
        Some(Answer::Got { body, .. }) => {
            let r = Json(body);
            let mut row = vec![
                r.str("riskLevel")
                    .map_or(Value::Unknown, |w| word(severity_tone, w)),
            ];
            row.extend(r.text("riskState").map(Value::Text));
            row.extend(r.text("riskDetail").map(Value::Text));
            row.extend(r.time("riskLastUpdatedDateTime").map(Value::Time));
            if r.bool("isProcessing") == Some(true) {
                row.push(Value::Word(Tone::Medium, "being changed".into()));
            }
            doc.push(0, Form::Field("risk", row));
        }
        Some(Answer::None) => {
            doc.push(
                0,
                Form::Field(
                    "risk",
                    vec![Value::Word(Tone::Dim, "no risk on record".into())],
                ),
            );
        }
        Some(Answer::Failed(f)) => doc.note(Tone::Bad, format!("risk: {f}")),
        Some(Answer::Withheld(needs)) => {
            doc.note(Tone::Medium, format!("risk needs {}", needs.join(" or ")))
        }
        None => {
            doc.push(0, Form::Field("risk", vec![Value::Unknown]));
        }
    }
    for (name, key) in [
        ("sign-in name", "userPrincipalName"),
        ("mail", "mail"),
        ("type", "userType"),
        ("title", "jobTitle"),
        ("department", "department"),
        ("company", "companyName"),
        ("office", "officeLocation"),
        ("country", "usageLocation"),
    ] {
        field(doc, name, j, key);
    }
    if let Some(m) = answers.get(1).and_then(Answer::entity)
        && let Some(name) = m
            .text("displayName")
            .or_else(|| m.text("userPrincipalName"))
    {
        doc.push(0, Form::Field("manager", vec![Value::Text(name)]))
            .target = Some(person(m));
    }
    time(doc, "created", j, "createdDateTime");
    time(doc, "password changed", j, "lastPasswordChangeDateTime");
    time(
        doc,
        "sessions valid from",
        j,
        "signInSessionsValidFromDateTime",
    );
    match j.bool("onPremisesSyncEnabled") {
        Some(true) => {
            doc.push(
                0,
                Form::Field(
                    "source",
                    vec![Value::Own("synced from Active Directory".into())],
                ),
            );
            field(doc, "account name", j, "onPremisesSamAccountName");
            field(doc, "domain", j, "onPremisesDomainName");
            field(doc, "on-premises SID", j, "onPremisesSecurityIdentifier");
            field(doc, "dn", j, "onPremisesDistinguishedName");
        }
        _ => {
            doc.push(
                0,
                Form::Field("source", vec![Value::Own("cloud only".into())]),
            );
        }
    }
    toned(doc, "guest state", j, "externalUserState", |_| Tone::Plain);
    field(doc, "id", j, "id");
    let licences = j.list("assignedLicenses").count();
    if licences > 0 {
        doc.push(
            0,
            Form::Field("licences", vec![Value::Int(licences as i64)]),
        );
    }
    if let Some(Answer::Failed(f)) = answers.first() {
        doc.note(Tone::Bad, f.to_string());
    }
}

fn person(j: Json<'_>) -> EntityRef {
    EntityRef::User {
        id: j.text("id"),
        upn: j.text("userPrincipalName"),
        sid: None,
        name: j.text("displayName"),
    }
}

fn roles(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let Some(answer) = answers.first() else {
        return;
    };
    if !readable(doc, Some(answer), "roles and groups") {
        return;
    }
    let is = |j: &Json<'_>, t: &str| j.odata_type().is_some_and(|x| x.eq_ignore_ascii_case(t));
    let held: Vec<Json<'_>> = answer.items().filter(|j| is(j, "directoryRole")).collect();
    let groups: Vec<Json<'_>> = answer.items().filter(|j| !is(j, "directoryRole")).collect();
    doc.head("Directory roles", Some(held.len()));
    if held.is_empty() {
        doc.note(
            Tone::Dim,
            "none active; eligible (PIM) roles are not visible here",
        );
    }
    for j in held {
        match j.text("displayName") {
            Some(name) => doc.push(
                0,
                Form::Row(vec![Value::Word(
                    Tone::High,
                    name.txt().shown().into_owned(),
                )]),
            ),
            None => doc.push(
                0,
                Form::Row(vec![
                    Value::Unknown,
                    Value::Word(
                        Tone::Medium,
                        "a role whose name cannot be read: counts as privileged".into(),
                    ),
                ]),
            ),
        };
    }
    doc.head("Groups", Some(groups.len()));
    for j in groups {
        let name = j.text("displayName").map_or(Value::Unknown, Value::Text);
        let mut row = vec![name];
        row.extend(j.text("mail").map(Value::Text));
        if j.bool("isAssignableToRole") == Some(true) {
            row.push(Value::Word(Tone::High, "role-assignable".into()));
        }
        doc.push(0, Form::Row(row)).target = j.text("id").map(EntityRef::Word);
    }
}

fn access(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    doc.head("Authentication methods", None);
    if readable(doc, answers.first(), "authentication methods") {
        for j in answers.first().into_iter().flat_map(Answer::items) {
            let kind = j
                .odata_type()
                .unwrap_or("method")
                .trim_end_matches("AuthenticationMethod");
            let mut row = vec![Value::Text(Text::from(kind))];
            row.extend(
                [
                    "displayName",
                    "phoneNumber",
                    "emailAddress",
                    "model",
                    "deviceTag",
                ]
                .iter()
                .filter_map(|k| j.text(k))
                .map(Value::Text),
            );
            doc.push(
                0,
                Form::Event {
                    at: j
                        .time("createdDateTime")
                        .or_else(|| j.time("creationDateTime")),
                    values: row,
                },
            );
        }
    }
    doc.head("Consents to applications", None);
    if readable(doc, answers.get(1), "consents") {
        let mut any = false;
        for j in answers.get(1).into_iter().flat_map(Answer::items) {
            any = true;
            let mut row: Vec<Value> = j.text("clientId").map(Value::Text).into_iter().collect();
            row.extend(
                j.text("scope")
                    .map(|t| Value::Text(Text::from(t.txt().exact().trim()))),
            );
            row.extend(j.text("consentType").map(Value::Text));
            doc.push(0, Form::Row(row)).target = j.text("clientId").map(EntityRef::Word);
        }
        if !any {
            doc.note(Tone::Dim, "none");
        }
    }
    doc.head("Application roles", None);
    if readable(doc, answers.get(2), "application roles") {
        for j in answers.get(2).into_iter().flat_map(Answer::items) {
            let row: Vec<Value> = ["resourceDisplayName", "appRoleId"]
                .iter()
                .filter_map(|k| j.text(k))
                .map(Value::Text)
                .collect();
            doc.push(
                0,
                Form::Event {
                    at: j.time("createdDateTime"),
                    values: row,
                },
            );
        }
    }
}

/// Devices of all three sources, each once: owned and registered (Entra), seen logged on (Defender).
fn devices(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    struct Item {
        name: Option<Text>,
        azure: Option<Text>,
        machine: Option<Text>,
        os: Option<Text>,
        how: Vec<&'static str>,
    }
    let mut items: Vec<Item> = Vec::new();
    for (n, how) in ["owned", "registered", "logged on"].into_iter().enumerate() {
        let answer = answers.get(n);
        if !readable(
            doc,
            answer,
            [
                "owned devices",
                "registered devices",
                "devices logged on to",
            ][n],
        ) {
            continue;
        }
        for j in answer.into_iter().flat_map(Answer::items) {
            let (azure, machine, name, os) = if n == 2 {
                (
                    j.text("aadDeviceId"),
                    j.text("id"),
                    j.text("computerDnsName"),
                    j.text("osPlatform"),
                )
            } else {
                (
                    j.text("deviceId"),
                    None,
                    j.text("displayName"),
                    j.text("operatingSystem"),
                )
            };
            match items.iter_mut().find(|i| {
                (i.azure.is_some() && i.azure == azure)
                    || (i.machine.is_some() && i.machine == machine)
            }) {
                Some(i) => {
                    if !i.how.contains(&how) {
                        i.how.push(how);
                    }
                    i.machine = i.machine.take().or(machine);
                }
                None => items.push(Item {
                    name,
                    azure,
                    machine,
                    os,
                    how: vec![how],
                }),
            }
        }
    }
    doc.head("Devices", Some(items.len()));
    for i in items {
        let mut row = vec![i.name.clone().map_or(Value::Unknown, Value::Text)];
        row.extend(i.os.map(Value::Text));
        row.push(Value::Word(Tone::Dim, i.how.join(", ")));
        doc.push(0, Form::Row(row)).to(EntityRef::Device {
            machine: i.machine,
            azure: i.azure,
            name: i.name,
        });
    }
}

fn alerts(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    let me = EntityRef::User {
        id: Some(s.key.id.clone()),
        upn: j.text("userPrincipalName"),
        sid: j
            .text("onPremisesSecurityIdentifier")
            .or_else(|| j.text("securityIdentifier")),
        name: j.text("onPremisesSamAccountName"),
    };
    known_alerts(s, &me, doc);
}
