//! Indicators, `api/defender.md` 8. A target is a value: the row with it is read first, shown before and after, and kept as
//! the way back, since the service overwrites what is there, whoever made it.
//!
//! Without device groups a row reaches every device, and without an expiry it stays for ever: both are said and raise the
//! prompt. Some values are refused whatever the person says, unless policy lifts the rule.

use super::common::{answer, comment, is, list, sentence, shown};
use super::{About, Args, Consequence, Fact, Form, Needs, Stamp, Verb, ioc};
use crate::model::{Call, Json, Key, Kind, Method, Path, Service};
use crate::resource::Answer;
use crate::resource::detail::indicator::scope_words;
use crate::resource::evidence::host_of;
use crate::resource::indicator::{NEEDS, Origin, by_value, groups, origin};
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use std::time::Duration;
use table::{Text, Txt};

/// What rows about indicators have in common.
const BASE: Verb = Verb {
    kinds: &[Kind::Indicator],
    needs: |_| Needs::any(Service::Defender, NEEDS).role("manage security settings (Defender)"),
    read: Some(|key, _| Ok(by_value(key.id.txt()))),
    state,
    before: |_, _, now, _| now.0.clone(),
    idempotent: true,
    number_raises: false,
    // 100 calls a minute: a read, a write and a read back
    pace: Duration::from_secs(2),
    ..super::BASE
};

pub static VERBS: &[Verb] = &[Verb {
    name: "delete indicator",
    letter: Some('d'),
    help: "take the indicator away: the value is neither blocked nor watched nor let through by it",
    also: "remove unblock ioc",
    consequences: |about| {
        let mut out = Vec::new();
        let row = about.entity;
        out.push(match row.str("action").unwrap_or_default() {
            "Allowed" => Consequence::warn("what it let through is judged by Defender again"),
            "Audit" => Consequence::note("it is not watched any more"),
            _ => Consequence::warn("what it blocked can be reached or run again"),
        });
        out.push(Consequence::note(was(row)));
        out.extend(pushed(row));
        out
    },
    sentence: |t, _, _| sentence("delete", t, ""),
    plan: |_, now, _, _, _| {
        let id = now.text("id").ok_or("there is no row with this value")?;
        let path = Path::new("/indicators")
            .id(id.txt())
            .map_err(|e| e.to_string())?;
        Ok(vec![Call {
            method: Method::Delete,
            needs: NEEDS,
            ..Call::get(Service::Defender, path)
        }])
    },
    verify: |_, now, _, _, _| match now.is_null() {
        true => Ok(()),
        false => Err(format!("the row is there: {}", was(now))),
    },
    ..BASE
}];

/// Makes rows, and changes those that are there.
pub static INDICATE: Verb = Verb {
    name: "indicate",
    letter: Some('n'),
    help: "block, watch or let through: make an indicator, or change the one that is there",
    also: "block allow audit warn ioc indicator",
    form: Form::Indicator,
    preview: |key, _, _| checks(key),
    consequences: making,
    sentence: |t, args, _| {
        let Some(i) = &args.indicator else {
            return sentence("indicate", t, "as it was before");
        };
        let scope = match i.groups.as_slice() {
            [] => "on every device".to_owned(),
            groups => {
                let names = groups.iter().map(|g| g.txt().shown().into_owned());
                format!("on {}", list(names, 4))
            }
        };
        let until = match i.expires {
            Some(at) => format!("until {}", at.literal()),
            None => "for ever".to_owned(),
        };
        sentence("indicate", t, &format!("{}, {scope}, {until}", i.action))
    },
    plan: |key, _, args, _, _| {
        let body = match args.restored(key) {
            Some(row) => again(Json(row))?,
            None => made(key, args)?,
        };
        let path = Path::new("/indicators");
        Ok(vec![
            Call::write(Service::Defender, Method::Post, path, body).needs(NEEDS),
        ])
    },
    // the run's mark goes into the id alone: the description is shown to people on the devices
    stamp: Some(Stamp {
        comment: "",
        external: "externalId",
    }),
    verify: |key, now, args, _, _| {
        let wanted = match args.restored(key) {
            Some(row) => Json(row).str("action").unwrap_or_default(),
            None => args.indicator.as_ref().map_or("", |i| i.action),
        };
        match is(now.str("action"), wanted) {
            true => Ok(()),
            false if now.is_null() => Err("no row with this value".to_owned()),
            false => Err(was(now)),
        }
    },
    inverse: Some("delete indicator"),
    undo: |deed| match deed.before.is_null() {
        true => Some(("delete indicator", Args::default())),
        false => {
            let restore = vec![(deed.key.clone(), deed.before.clone())];
            let args = Args {
                restore,
                ..Args::default()
            };
            Some(("indicate", args))
        }
    },
    ..BASE
};

/// The row as it stands, as far as a list tells it too: who changes it meanwhile makes another case of it.
fn state(_: &Key, now: Json<'_>, _: &[Answer]) -> Vec<Fact> {
    let field = |name| (name, now.text(name));
    vec![field("action"), field("title")]
}

/// One row in a sentence: `Block “Case 88” on every device, until …, made by Ana`.
fn was(row: Json<'_>) -> String {
    let until = row.text("expirationTime");
    let until = until.map_or("for ever".to_owned(), |t| {
        format!("until {}", t.txt().shown())
    });
    let by = row
        .text("createdByDisplayName")
        .or_else(|| row.text("createdBy"));
    let by = by.map_or(String::new(), |b| format!(", made by {}", b.txt().shown()));
    format!(
        "{} “{}” on {}, {until}{by}",
        shown(row, "action"),
        shown(row, "title"),
        scope_words(row)
    )
}

fn pushed(row: Json<'_>) -> Option<Consequence> {
    let what = match origin(row) {
        Origin::Hand => return None,
        Origin::Unsanctioned => "of an unsanctioned app",
        Origin::Risky => "of a risky app",
        Origin::CloudApps => "of Cloud Apps",
    };
    let text =
        format!("the row is {what}: Cloud Apps puts it back within hours; change the app there");
    Some(Consequence::warn(text))
}

// ---- what is read and refused

/// Names that Microsoft's own services live under: blocking one cuts the tenant off, Defender first.
const MICROSOFT: &[&str] = &[
    "microsoft.com",
    "microsoftonline.com",
    "microsoftonline-p.com",
    "microsoft.us",
    "windows.com",
    "windows.net",
    "windowsupdate.com",
    "windowsazure.com",
    "office.com",
    "office.net",
    "office365.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "live.net",
    "msn.com",
    "bing.com",
    "azure.com",
    "azure.net",
    "azureedge.net",
    "azurefd.net",
    "msftauth.net",
    "msauth.net",
    "msidentity.com",
    "sharepoint.com",
    "onmicrosoft.com",
    "onedrive.com",
    "skype.com",
    "lync.com",
    "teams.cloud.microsoft",
    "cloud.microsoft",
    "msedge.net",
    "visualstudio.com",
    "digicert.com",
    "securitycenter.windows.com",
    "msftconnecttest.com",
    "msftncsi.com",
];

/// So many devices of the world have it: it is no malware of one case.
const COMMON: i64 = 100_000;
/// So many devices of this organization have it.
const COMMON_HERE: i64 = 1_000;

const ORGANIZATION: usize = 0;
const FACTS: usize = 1;
const HERE: usize = 2;

/// The organization's own names, and what the service knows about the value.
fn checks(key: &Key) -> Vec<Call> {
    let mut out = vec![
        Call::get(Service::Graph, Path::new("/organization"))
            .query("$select", "id,verifiedDomains")
            .needs(&["Organization.Read.All", "Directory.Read.All", "User.Read"]),
    ];
    let value = key.id.txt();
    let get = |path: Path, tail: &'static str, needs: &'static [&'static str]| {
        let path = if tail.is_empty() {
            path
        } else {
            path.then(tail)
        };
        Call::get(Service::Defender, path)
            .needs(needs)
            .none_is_404()
    };
    match ioc::kind(value.exact()) {
        Some("FileSha1" | "FileSha256") => {
            if let Ok(path) = Path::new("/files").id(value) {
                out.push(get(path.clone(), "", &["File.Read.All"]));
                out.push(get(path, "/stats", &["File.Read.All"]));
            }
        }
        Some("DomainName") => out.extend(
            Path::new("/domains")
                .id(value)
                .map(|p| get(p, "/stats", &["Url.Read.All"])),
        ),
        Some("IpAddress") => {
            out.extend(
                Path::new("/ips")
                    .id(value)
                    .map(|p| get(p, "/stats", &["Ip.Read.All"])),
            );
        }
        _ => {}
    }
    out
}

/// The rule that a value breaks by itself.
pub fn refused(value: &str) -> Option<(&'static str, &'static str)> {
    if value.contains('/') && !value.contains("://") {
        return Some((
            "ip-range",
            "a range of addresses: the service takes single ones only",
        ));
    }
    let host = match ioc::kind(value) {
        Some("Url") => host_of(value).unwrap_or_default().to_lowercase(),
        _ => value.to_lowercase(),
    };
    if let Ok(ip) = host.parse::<IpAddr>() {
        return private(ip).then_some((
            "private-address",
            "a private, loopback or otherwise reserved address: it is another machine on every network",
        ));
    }
    if host == "localhost" || host.ends_with(".local") || host.ends_with(".internal") {
        return Some(("private-address", "a name of the local network"));
    }
    under(&host, MICROSOFT.iter().copied()).then_some((
        "microsoft",
        "a name of Microsoft's own services, Defender's among them",
    ))
}

fn private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => private(IpAddr::V4(v4)),
            None => {
                let first = v6.segments()[0];
                v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || first & 0xfe00 == 0xfc00
                    || first & 0xffc0 == 0xfe80
            }
        },
    }
}

/// The name itself, a name under one of these, or one that holds them all.
fn under<'a>(host: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
    names.any(|name| {
        host == name
            || host
                .strip_suffix(name)
                .is_some_and(|rest| rest.ends_with('.'))
            || name
                .strip_suffix(host)
                .is_some_and(|rest| rest.ends_with('.'))
    })
}

fn making(about: &About<'_>) -> Vec<Consequence> {
    let value = about.key.id.txt();
    let mut out = Vec::new();
    let shown_value = value.shown();
    if let Some((rule, why)) = refused(value.exact()) {
        out.push(Consequence::grave(format!("{shown_value} is {why}")).refuses(rule));
    }
    out.extend(own(about));
    out.extend(known_file(about));
    if let Some(i) = &about.args.indicator {
        if i.groups.is_empty() {
            let text = "no device group is named: it reaches every device";
            out.push(Consequence::warn(text).raises(3));
        }
        if i.expires.is_none() {
            out.push(Consequence::warn("it never expires").raises(3));
        }
        if i.action == "Allowed" {
            let text =
                "what it names is let through on these devices, whatever Defender thinks of it";
            out.push(Consequence::grave(text).raises(3));
        }
        if i.action == "BlockAndRemediate" {
            out.push(Consequence::warn(
                "the file is stopped and taken away where it is found",
            ));
        }
    }
    let row = about.entity;
    match row.is_null() {
        true => out.push(Consequence::note(
            "no row with this value is seen; with Ti.ReadWrite alone rows of others are not, and would be overwritten",
        )),
        false => {
            let after = about.args.indicator.as_ref().map(|i| i.action).unwrap_or("as before");
            out.push(Consequence::warn(format!(
                "the row that is there is overwritten: {} → {after}",
                was(row)
            )));
            out.extend(pushed(row));
        }
    }
    if matches!(
        ioc::kind(value.exact()),
        Some("IpAddress" | "DomainName" | "Url")
    ) {
        out.push(Consequence::unchecked(
            "devices whose network protection is in audit mode do not block it; which ones cannot be seen from here",
        ));
    }
    out
}

/// Names of the organization itself.
fn own(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let value = about.key.id.txt().exact();
    let host = match ioc::kind(value) {
        Some("Url") => host_of(value).unwrap_or_default().to_lowercase(),
        Some("DomainName") => value.to_lowercase(),
        _ => return out,
    };
    let what = "whether it is a name of your own organization";
    let Some(answer) = answer(about, ORGANIZATION, what, &mut out) else {
        return out;
    };
    let mut names: Vec<String> = Vec::new();
    for organization in answer.items() {
        let domains = organization
            .list("verifiedDomains")
            .filter_map(|d| d.str("name"));
        names.extend(domains.map(str::to_lowercase));
    }
    if under(&host, names.iter().map(String::as_str)) {
        let text = "it is a name of your own organization";
        out.push(Consequence::grave(text).refuses("own-domain"));
    }
    out
}

/// Files that half the world has, or that Microsoft signed.
fn known_file(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let kind = ioc::kind(about.key.id.txt().exact());
    match kind {
        Some("FileSha1" | "FileSha256") => {}
        Some("FileMd5") => {
            let text = "who signed it and how common it is cannot be asked by MD5: use a SHA hash";
            return vec![Consequence::unchecked(text)];
        }
        _ => return out,
    }
    if let Some(file) = answer(about, FACTS, "who signed it", &mut out).and_then(Answer::entity) {
        let signer = file
            .str("signer")
            .or(file.str("filePublisher"))
            .unwrap_or_default();
        let valid = file.bool("isValidCertificate") == Some(true);
        if valid && signer.to_lowercase().contains("microsoft") {
            let text = format!("its signature is valid and {}'s", Txt::new(signer).shown());
            out.push(Consequence::grave(text).refuses("microsoft-signed"));
        }
        if let Some(n) = file.int("globalPrevalence").filter(|n| *n >= COMMON) {
            let text = format!("{n} devices of the world have it");
            out.push(Consequence::grave(text).refuses("prevalent"));
        }
    }
    if let Some(stats) =
        answer(about, HERE, "how common it is here", &mut out).and_then(Answer::entity)
    {
        let here = stats
            .int("organizationPrevalence")
            .or(stats.int("orgPrevalence"));
        if let Some(n) = here.filter(|n| *n >= COMMON_HERE) {
            let text = format!("{n} of your devices have it");
            out.push(Consequence::grave(text).refuses("prevalent"));
        } else if let Some(n) = here {
            out.push(Consequence::note(format!("{n} of your devices have it")));
        }
    }
    out
}

// ---- what is sent

fn made(key: &Key, args: &Args) -> Result<Value, String> {
    let value = key.id.txt();
    let kind = ioc::kind(value.exact()).ok_or("the service has no indicator for such a value")?;
    let i = args
        .indicator
        .as_ref()
        .ok_or("what it is to do is missing")?;
    let or = |t: &Text, otherwise: &str| match t.txt().exact().trim() {
        "" => comment(args, otherwise),
        text => text.to_owned(),
    };
    let title = or(&i.title, "Made with Watchfloor");
    let description = or(&i.description, &title);
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("indicatorValue", value.exact().into());
    put("indicatorType", kind.into());
    put("action", i.action.into());
    put("title", title.into());
    put("description", description.into());
    if !i.severity.is_empty() {
        put("severity", i.severity.into());
    }
    // watching without an alert watches nothing
    put("generateAlert", (i.alert || i.action == "Audit").into());
    if let Some(at) = i.expires {
        put("expirationTime", at.literal().into());
    }
    if !i.groups.is_empty() {
        let names: Vec<&str> = i.groups.iter().map(|g| g.txt().exact()).collect();
        put("rbacGroupNames", json!(names));
    }
    Ok(body.into())
}

/// A row as it was on record, written again: what the service gives itself is left out.
fn again(row: Json<'_>) -> Result<Value, String> {
    let mut body = Map::new();
    for field in [
        "indicatorValue",
        "indicatorType",
        "action",
        "title",
        "description",
        "severity",
        "recommendedActions",
        "generateAlert",
        "expirationTime",
        "educateUrl",
    ] {
        let value = row.at(field);
        if !value.is_null() {
            body.insert(field.to_owned(), value.0.clone());
        }
    }
    let groups = groups(row);
    if !groups.is_empty() {
        body.insert("rbacGroupNames".to_owned(), json!(groups));
    }
    match body.contains_key("indicatorValue") {
        true => Ok(body.into()),
        false => Err("the row that was there is not on record".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hits_everyone_is_refused_by_its_form_alone() {
        for (value, rule) in [
            ("10.1.2.3", Some("private-address")),
            ("127.0.0.1", Some("private-address")),
            ("169.254.1.1", Some("private-address")),
            ("100.64.0.1", Some("private-address")),
            ("::1", Some("private-address")),
            ("fe80::1", Some("private-address")),
            ("::ffff:10.0.0.1", Some("private-address")),
            ("http://192.168.0.1/x", Some("private-address")),
            ("198.51.100.0/24", Some("ip-range")),
            ("login.microsoftonline.com", Some("microsoft")),
            ("https://x.sharepoint.com/a", Some("microsoft")),
            ("com", Some("microsoft")),
            ("notmicrosoft.com", None),
            ("microsoft.com.evil.example", None),
            ("203.0.113.9", None),
            ("2001:db8::1", None),
            ("evil.example", None),
            ("87662bc3d60e4200ceaf7aae249d1c343f4b83c9", None),
        ] {
            assert_eq!(refused(value).map(|(rule, _)| rule), rule, "{value}");
        }
    }

    #[test]
    fn an_overwritten_row_is_the_way_back() {
        let row = json!({"id": "995", "indicatorValue": "evil.example", "indicatorType": "DomainName", "action": "Audit",
            "title": "t", "description": "d", "rbacGroupNames": ["A"], "expirationTime": null, "createdBy": "x", "generateAlert": true});
        let key = Key::new(Kind::Indicator, "evil.example");
        let args = Args {
            restore: vec![(key.clone(), row)],
            ..Args::default()
        };
        let me = Text::from("x");
        let calls = (INDICATE.plan)(&key, Json(&Value::Null), &args, me.txt(), &[]).unwrap();
        assert_eq!(
            calls[0].body,
            Some(
                json!({"indicatorValue": "evil.example", "indicatorType": "DomainName", "action": "Audit", "title": "t",
                "description": "d", "generateAlert": true, "rbacGroupNames": ["A"]})
            )
        );
    }

    #[test]
    fn watching_always_raises_an_alert() {
        let key = Key::new(Kind::Indicator, "203.0.113.9");
        let args = Args {
            indicator: Some(crate::verb::Indicator {
                action: "Audit",
                title: "t".into(),
                description: "d".into(),
                ..crate::verb::Indicator::default()
            }),
            ..Args::default()
        };
        let body = made(&key, &args).unwrap();
        assert_eq!(body["generateAlert"], true);
        assert!(body.get("rbacGroupNames").is_none());
    }
}
