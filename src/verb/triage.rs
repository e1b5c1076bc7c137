//! Tier 0 on incidents and alerts: take, take over, assign, status, classify, done, tag, comment.
//!
//! Both are changed by a PATCH that names only the fields to change, and commented by a POST (`api/graph.md` 6).
//! An incident that was merged into another is no target: what one wants is the other.

use super::common::sentence;
use super::{Args, Form, Needs, Verb, restore};
use crate::confirm::Target;
use crate::model::enums::{
    AlertStatus, Classification, Determination, IncidentStatus, PAIRS, plain, statuses,
};
use crate::model::{Call, Json, Key, Kind, Method, Path, Service};
use serde_json::{Value, json};
use table::Txt;

const BOTH: &[Kind] = &[Kind::Incident, Kind::Alert];

/// What the rows have in common.
const BASE: Verb = Verb {
    kinds: BOTH,
    tier: 0,
    needs,
    blocked: |_, now, _| merged(now),
    // merged while it was marked: what is said is not only that its status differs
    state: |_, now, _| vec![("merged into", now.text("redirectIncidentId"))],
    before: restore::before,
    inverse: Some(restore::NAME),
    undo: restore::undo,
    idempotent: true,
    ..super::BASE
};

pub static VERBS: &[Verb] = &[
    Verb {
        name: "take",
        key: Some("t"),
        help: "assign it to me; new or active becomes in progress",
        writes: &["assignedTo", "status"],
        blocked: take_blocked,
        sentence: |targets, _, me| {
            let plan = format!("assign to {}, set in progress", me.shown());
            sentence("take", targets, &plan)
        },
        plan: |key, now, _, me, _| take(key, now, me),
        verify: taken,
        ..BASE
    },
    Verb {
        name: "take over",
        key: Some("T"),
        help: "assign it to me, whoever has it; new or active becomes in progress",
        writes: &["assignedTo", "status"],
        blocked: |kind, now, me| merged(now).or_else(|| have_it(kind, now, me)),
        sentence: |targets, _, me| {
            let from = match targets {
                [one] => owner_seen(one),
                _ => None,
            };
            let plan = match from {
                Some(from) => format!("from {from} to {}, set in progress", me.shown()),
                None => format!("assign to {}, set in progress", me.shown()),
            };
            sentence("take over", targets, &plan)
        },
        plan: |key, now, _, me, _| take(key, now, me),
        verify: taken,
        ..BASE
    },
    Verb {
        name: "assign",
        key: Some("A"),
        help: "assign it to another person, or to nobody",
        form: Form::Person,
        writes: &["assignedTo"],
        sentence: |targets, args, _| match &args.person {
            Some(person) => sentence("assign", targets, &format!("to {}", person.txt().shown())),
            None => sentence("assign", targets, "to nobody"),
        },
        plan: |key, now, args, _, _| assign(key, now, args),
        verify: |_, now, args, _, _| {
            let wanted = args.person.as_ref().map(|p| p.txt().exact());
            match same_person(now.str("assignedTo"), wanted) {
                true => Ok(()),
                false => Err(shows(now, &["assignedTo"])),
            }
        },
        ..BASE
    },
    Verb {
        name: "status",
        key: Some("s"),
        help: "set the status",
        form: Form::Status,
        preview: |key, _, args| match args.status {
            Some("resolved") => restore::alerts_call(key).into_iter().collect(),
            _ => Vec::new(),
        },
        writes: &["status"],
        sentence: |targets, args, _| {
            let status = args.status.unwrap_or("");
            let more = closes_alerts(targets, status == "resolved");
            sentence("set", targets, &format!("to {}{more}", plain(status)))
        },
        plan: |key, now, args, _, _| set_status(key, now, args),
        verify: |key, now, args, _, _| match is_status(key.kind, now, args.status.unwrap_or("")) {
            true => Ok(()),
            false => Err(shows(now, &["status"])),
        },
        ..BASE
    },
    Verb {
        name: "classify",
        key: Some("c"),
        help: "set classification and determination; the status stays",
        form: Form::Pair,
        writes: &["classification", "determination"],
        sentence: |targets, args, _| {
            sentence("classify", targets, &format!("as {}", pair_words(args)))
        },
        plan: |key, now, args, _, _| {
            let (class, determination) = pair(args)?;
            if is_pair(now, class, determination) {
                return Err(format!("it is classified so already: {}", pair_words(args)));
            }
            patch(
                key,
                now,
                json!({"classification": class, "determination": determination}),
            )
        },
        verify: |_, now, args, _, _| verify_pair(now, args),
        ..BASE
    },
    Verb {
        name: "done",
        key: Some("d"),
        comments: true,
        help: "resolve it with classification and determination",
        form: Form::Pair,
        preview: |key, _, _| restore::alerts_call(key).into_iter().collect(),
        writes: &["status", "classification", "determination"],
        sentence: |targets, args, _| {
            let more = closes_alerts(targets, true);
            sentence(
                "resolve",
                targets,
                &format!("as {}{more}", pair_words(args)),
            )
        },
        plan: |key, now, args, _, _| done(key, now, args),
        verify: |key, now, args, _, _| {
            verify_pair(now, args)?;
            match is_status(key.kind, now, "resolved") && said(key.kind, now, args) {
                true => Ok(()),
                false => Err(shows(now, &["status", "resolvingComment"])),
            }
        },
        ..BASE
    },
    Verb {
        name: "tag",
        key: Some("#"),
        help: "add or remove tags of the incident",
        kinds: &[Kind::Incident],
        form: Form::Tags,
        writes: &["customTags"],
        merges: &["customTags"],
        sentence: |targets, args, _| {
            let words = |verb: &str, tags: &[table::Text]| {
                let tags: Vec<_> = tags
                    .iter()
                    .map(|t| format!("“{}”", t.txt().shown()))
                    .collect();
                (!tags.is_empty()).then(|| format!("{verb} {}", tags.join(", ")))
            };
            let parts: Vec<_> = words("add", &args.add)
                .into_iter()
                .chain(words("remove", &args.remove))
                .collect();
            sentence("tag", targets, &parts.join("; "))
        },
        plan: |key, now, args, _, _| tag(key, now, args),
        verify: |_, now, args, _, _| {
            let has = |tag: &table::Text| tags(now).any(|t| t == tag.txt().exact());
            match args.add.iter().all(has) && !args.remove.iter().any(has) {
                true => Ok(()),
                false => Err(shows(now, &["customTags"])),
            }
        },
        ..BASE
    },
    Verb {
        name: "comment",
        key: Some("m"),
        help: "add a comment that everyone sees",
        form: Form::Comment,
        inverse: None,
        undo: |_| None,
        idempotent: false,
        sentence: |targets, args, _| {
            let text = args
                .text
                .as_ref()
                .map(|t| t.txt().shown().into_owned())
                .unwrap_or_default();
            sentence("comment on", targets, &format!("“{text}”"))
        },
        plan: |key, now, args, _, _| {
            if let Some(why) = merged(now) {
                return Err(why);
            }
            let text = comment_text(args).ok_or("there is no text to send")?;
            Ok(vec![comment(key, &text)?])
        },
        verify: |_, now, args, _, _| match comment_text(args)
            .is_some_and(|text| has_comment(now, &text))
        {
            true => Ok(()),
            false => Err(format!(
                "{} comments, this one not among them",
                now.list("comments").count()
            )),
        },
        ..BASE
    },
];

pub(super) fn needs(kind: Kind) -> Needs {
    let permission: &[&str] = match kind {
        Kind::Incident => &["SecurityIncident.ReadWrite.All"],
        _ => &["SecurityAlert.ReadWrite.All"],
    };
    Needs::any(Service::Graph, permission)
}

// ---- what stands against it

pub(super) fn merged(now: Json<'_>) -> Option<String> {
    let status = now.str("status").unwrap_or("");
    if IncidentStatus::parse(status) != IncidentStatus::Redirected {
        return None;
    }
    Some(match now.text("redirectIncidentId") {
        Some(id) => format!(
            "it was merged into incident {}: open that one",
            id.txt().shown()
        ),
        None => "it was merged into another incident".to_owned(),
    })
}

fn take_blocked(kind: Kind, now: Json<'_>, me: Txt<'_>) -> Option<String> {
    let other = || {
        let owner = now
            .text("assignedTo")
            .filter(|o| !same_person(Some(o.txt().exact()), Some(me.exact())))?;
        Some(format!("{} has it: take over with T", owner.txt().shown()))
    };
    merged(now)
        .or_else(other)
        .or_else(|| have_it(kind, now, me))
}

fn have_it(kind: Kind, now: Json<'_>, me: Txt<'_>) -> Option<String> {
    let mine = same_person(now.str("assignedTo"), Some(me.exact()));
    (mine && !is_untouched(kind, now)).then(|| "you have it already".to_owned())
}

/// New or active: nobody began with it yet.
fn is_untouched(kind: Kind, now: Json<'_>) -> bool {
    let status = now.str("status").unwrap_or("");
    match kind {
        Kind::Incident => IncidentStatus::parse(status) == IncidentStatus::Active,
        _ => matches!(
            AlertStatus::parse(status),
            AlertStatus::New | AlertStatus::Unknown
        ),
    }
}

/// Sign-in names are compared without case; no name and an empty one are nobody.
fn same_person(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

// ---- what is sent

fn take(key: &Key, now: Json<'_>, me: Txt<'_>) -> Result<Vec<Call>, String> {
    let mut body = json!({"assignedTo": me.exact()});
    if is_untouched(key.kind, now) {
        body["status"] = "inProgress".into();
    }
    patch(key, now, body)
}

fn assign(key: &Key, now: Json<'_>, args: &Args) -> Result<Vec<Call>, String> {
    let person = args.person.as_ref().map(|p| p.txt().exact());
    if same_person(now.str("assignedTo"), person) {
        return Err(match &args.person {
            Some(person) => format!("{} has it already", person.txt().shown()),
            None => "nobody has it".to_owned(),
        });
    }
    patch(key, now, json!({"assignedTo": person}))
}

fn set_status(key: &Key, now: Json<'_>, args: &Args) -> Result<Vec<Call>, String> {
    let status = args.status.unwrap_or("");
    if !statuses(key.kind).iter().any(|(_, s)| *s == status) {
        return Err(format!("{status} is not a status that can be set here"));
    }
    if is_status(key.kind, now, status) {
        return Err(format!("it is {} already", plain(status)));
    }
    patch(key, now, json!({"status": status}))
}

fn done(key: &Key, now: Json<'_>, args: &Args) -> Result<Vec<Call>, String> {
    let (class, determination) = pair(args)?;
    if is_pair(now, class, determination)
        && is_status(key.kind, now, "resolved")
        && said(key.kind, now, args)
    {
        return Err(format!("it is resolved so already: {}", pair_words(args)));
    }
    let mut body =
        json!({"status": "resolved", "classification": class, "determination": determination});
    let text = comment_text(args);
    if let (Kind::Incident, Some(text)) = (key.kind, &text) {
        body["resolvingComment"] = text.as_str().into();
    }
    let mut calls = patch(key, now, body)?;
    if let (Kind::Alert, Some(text)) = (key.kind, &text) {
        calls.push(comment(key, text)?);
    }
    Ok(calls)
}

/// There is no way to add one tag: the whole list is sent, made from what is there now.
fn tag(key: &Key, now: Json<'_>, args: &Args) -> Result<Vec<Call>, String> {
    let before: Vec<&str> = tags(now).collect();
    let mut after: Vec<&str> = before
        .iter()
        .copied()
        .filter(|t| !args.remove.iter().any(|r| r.txt().exact() == *t))
        .collect();
    for tag in &args.add {
        let tag = tag.txt().exact();
        if !tag.trim().is_empty() && !after.contains(&tag) {
            after.push(tag);
        }
    }
    if after == before {
        return Err("its tags are so already".to_owned());
    }
    patch(key, now, json!({"customTags": after}))
}

pub(super) fn path(key: &Key) -> Result<Path, String> {
    let root = match key.kind {
        Kind::Incident => "/security/incidents",
        Kind::Alert => "/security/alerts_v2",
        _ => return Err("this is for incidents and alerts".to_owned()),
    };
    Path::new(root).id(key.id.txt()).map_err(|e| e.to_string())
}

fn patch(key: &Key, now: Json<'_>, body: Value) -> Result<Vec<Call>, String> {
    if let Some(why) = merged(now) {
        return Err(why);
    }
    Ok(vec![written(key, body)?])
}

/// Fields of an incident or alert, written.
pub(super) fn written(key: &Key, body: Value) -> Result<Call, String> {
    let needs = needs(key.kind);
    Ok(Call::write(needs.service, Method::Patch, path(key)?, body).needs(needs.any))
}

fn comment(key: &Key, text: &str) -> Result<Call, String> {
    let needs = needs(key.kind);
    let body = json!({"@odata.type": "microsoft.graph.security.alertComment", "comment": text});
    Ok(Call::write(
        needs.service,
        Method::Post,
        path(key)?.then("/comments"),
        body,
    )
    .needs(needs.any))
}

/// The comment as it is sent: the person's words, signed where the service would name an app only.
fn comment_text(args: &Args) -> Option<String> {
    let text = args.text.as_ref().or(args.reason.as_ref())?;
    let text = text.txt().exact().trim_end();
    if text.trim().is_empty() {
        return None;
    }
    Some(match &args.signature {
        Some(who) => format!("{text}\n— {}", who.txt().exact()),
        None => text.to_owned(),
    })
}

/// A pair out of the one table, and no other.
fn pair(args: &Args) -> Result<(&'static str, &'static str), String> {
    let pair = args
        .pair
        .ok_or("a classification and determination are missing")?;
    let known = PAIRS.iter().any(|(_, c, d)| (c.word(), d.word()) == pair);
    known
        .then_some(pair)
        .ok_or_else(|| format!("{} does not go with {}", pair.1, pair.0))
}

// ---- what is read back

fn taken(key: &Key, now: Json<'_>, _: &Args, me: Txt<'_>, _: &Value) -> Result<(), String> {
    let mine = same_person(now.str("assignedTo"), Some(me.exact()));
    match mine && !is_untouched(key.kind, now) {
        true => Ok(()),
        false => Err(shows(now, &["assignedTo", "status"])),
    }
}

fn verify_pair(now: Json<'_>, args: &Args) -> Result<(), String> {
    let (class, determination) = pair(args)?;
    match is_pair(now, class, determination) {
        true => Ok(()),
        false => Err(shows(now, &["classification", "determination"])),
    }
}

/// Older spellings of a determination are the same determination.
fn is_pair(now: Json<'_>, class: &str, determination: &str) -> bool {
    let word = |name| now.str(name).unwrap_or("");
    Classification::parse(word("classification")) == Classification::parse(class)
        && Determination::parse(word("determination")) == Determination::parse(determination)
}

fn is_status(kind: Kind, now: Json<'_>, status: &str) -> bool {
    let is = now.str("status").unwrap_or("");
    match kind {
        Kind::Incident => IncidentStatus::parse(is) == IncidentStatus::parse(status),
        _ => AlertStatus::parse(is) == AlertStatus::parse(status),
    }
}

/// What was said on resolving, if anything was to be said.
fn said(kind: Kind, now: Json<'_>, args: &Args) -> bool {
    comment_text(args).is_none_or(|text| match kind {
        Kind::Incident => {
            now.str("resolvingComment") == Some(text.as_str()) || has_comment(now, &text)
        }
        _ => has_comment(now, &text),
    })
}

/// The service may trim a comment or change its line ends.
fn has_comment(now: Json<'_>, text: &str) -> bool {
    let same = |c: &str| c.split_whitespace().eq(text.split_whitespace());
    now.list("comments")
        .any(|c| c.str("comment").is_some_and(same))
}

fn tags<'a>(now: Json<'a>) -> impl Iterator<Item = &'a str> {
    now.list("customTags").filter_map(Json::as_str)
}

/// Fields and what they read, made safe for a sentence.
fn shows(now: Json<'_>, fields: &[&str]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|f| {
            let is = crate::confirm::seen(now, f);
            let is = is.as_ref().map_or("nothing".into(), |t| t.txt().shown());
            format!("{f} {is}")
        })
        .collect();
    fields.join(", ")
}

// ---- sentences

fn owner_seen(target: &Target) -> Option<String> {
    let (_, owner) = target.seen.iter().find(|(f, _)| *f == "assignedTo")?;
    owner.as_ref().map(|o| o.txt().shown().into_owned())
}

fn closes_alerts(targets: &[Target], resolves: bool) -> &'static str {
    match resolves && targets.iter().any(|t| t.key.kind == Kind::Incident) {
        true => "; its alerts are resolved with it",
        false => "",
    }
}

fn pair_words(args: &Args) -> String {
    args.pair
        .map_or_else(String::new, |(c, d)| format!("{}, {}", plain(c), plain(d)))
}

#[cfg(test)]
#[path = "triage_tests.rs"]
mod tests;
