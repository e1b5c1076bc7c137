//! What the rows of several families say alike: sentences, comments, what could not be read, who else is touched.

use super::{About, Args, Consequence};
use crate::confirm::Target;
use crate::model::{Call, EntityRef, Json, Kind, Method, Path, Service};
use crate::resource::{Answer, spec};
use serde_json::json;
use table::{Text, Txt};

/// `isolate device “ws1.contoso.com”: fully`, or `isolate 3 devices: fully`; without a plan, without the colon.
pub fn sentence(verb: &str, targets: &[Target], plan: &str) -> String {
    let what = match targets {
        [one] => match one.key.kind {
            Kind::Incident | Kind::Alert => format!(
                "{} {} “{}”",
                spec(one.key.kind).one,
                one.key.id.txt().shown(),
                one.name.txt().shown()
            ),
            _ => format!("{} “{}”", spec(one.key.kind).one, one.name.txt().shown()),
        },
        several => match several.first() {
            Some(first) => format!("{} {}s", several.len(), spec(first.key.kind).one),
            None => "nothing".to_owned(),
        },
    };
    match plan {
        "" => format!("{verb} {what}"),
        plan => format!("{verb} {what}: {plan}"),
    }
}

/// The person's words for a comment that a service demands; signed where it would name an app only.
pub fn comment(args: &Args, otherwise: &str) -> String {
    let said = args.reason.as_ref().or(args.text.as_ref());
    let said = said
        .map(|t| t.txt().exact().trim())
        .filter(|t| !t.is_empty());
    let text = said.unwrap_or(otherwise);
    match &args.signature {
        Some(who) => format!("{text} — {}", who.txt().exact()),
        None => text.to_owned(),
    }
}

/// The answer to the nth call of `preview`, or that it could not be checked.
pub fn answer<'a>(
    about: &About<'a>,
    n: usize,
    what: &str,
    out: &mut Vec<Consequence>,
) -> Option<&'a Answer> {
    let answer = about.answers.get(n);
    match answer {
        Some(Answer::Got { more, .. }) => {
            if *more {
                out.push(Consequence::unchecked(format!(
                    "{what}: there is more than was read"
                )));
            }
            answer
        }
        Some(Answer::None) => answer,
        Some(Answer::Withheld(needs)) => {
            out.push(Consequence::unchecked(format!(
                "{what}: that needs {}",
                needs.join(" or ")
            )));
            None
        }
        Some(Answer::Failed(fault)) => {
            out.push(Consequence::unchecked(format!("{what}: {}", fault.what)));
            None
        }
        None => {
            out.push(Consequence::unchecked(what));
            None
        }
    }
}

/// A hunting query whose answer says something about a target. Values go in by `kql_literal` and in no other way.
pub fn hunt(query: String) -> Call {
    let path = Path::new("/security/runHuntingQuery");
    Call::write(Service::Graph, Method::Post, path, json!({"Query": query}))
        .needs(&["ThreatHunting.Read.All"])
}

/// The rows of a hunting query's answer.
pub fn rows<'a>(answer: &'a Answer) -> impl Iterator<Item = Json<'a>> + use<'a> {
    answer.entity().into_iter().flat_map(|a| a.list("results"))
}

/// Open incidents whose alerts name it, and other records of its name.
pub fn others(about: &About<'_>, entity: &EntityRef, name: Option<&Text>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let text = |key: &_, column: &str| match about.known.cell(key, column) {
        Some(table::Value::Text(t)) => Some(t),
        _ => None,
    };
    let mut incidents: Vec<Text> = Vec::new();
    for alert in about.known.alerts_of(entity) {
        let done = text(&alert, "status").is_some_and(|s| s.txt().exact() == "resolved");
        if let Some(id) = text(&alert, "incidentId").filter(|id| !done && !incidents.contains(id)) {
            incidents.push(id);
        }
    }
    if !about.known.complete(Kind::Alert) {
        let text = "open incidents on it: not all alerts are read, there may be more";
        out.push(Consequence::unchecked(text));
    }
    if !incidents.is_empty() {
        let ids = list(incidents.iter().map(|i| i.txt().shown().into_owned()), 5);
        out.push(Consequence::note(format!("open incidents with it: {ids}")));
    }
    if let Some(name) = name {
        let same = about.known.same_name(about.key.kind, name);
        let same = same.iter().filter(|k| **k != *about.key).count();
        if same > 0 {
            let records = if same == 1 {
                "record has"
            } else {
                "records have"
            };
            out.push(Consequence::warn(format!(
                "{same} other {records} this name: look at the id"
            )));
        }
    }
    out
}

/// The first few, and how many more.
pub fn list(items: impl Iterator<Item = String>, most: usize) -> String {
    let all: Vec<String> = items.collect();
    let more = all.len().saturating_sub(most);
    let first = all
        .iter()
        .take(most)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match more {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// A field made safe for a sentence.
pub fn shown(j: Json<'_>, field: &str) -> String {
    j.text(field)
        .map_or_else(|| "nothing".to_owned(), |t| t.txt().shown().into_owned())
}

/// The signed-in account or app, by its object id, app id or sign-in name.
pub fn is_us(about: &About<'_>, who: Option<&str>) -> bool {
    let Some(who) = who else { return false };
    let me = about.session.me.as_ref();
    let names = [
        Some(&about.session.principal),
        about.session.writer.as_ref(),
        me,
    ];
    names
        .into_iter()
        .flatten()
        .any(|n| !n.is_empty() && n.txt().exact().eq_ignore_ascii_case(who))
}

/// Words without regard to case.
pub fn is(word: Option<&str>, wanted: &str) -> bool {
    word.is_some_and(|w| w.eq_ignore_ascii_case(wanted))
}

/// The name a sentence uses for a text of the tenant.
pub fn quoted(text: Txt<'_>) -> String {
    format!("“{}”", text.shown())
}
