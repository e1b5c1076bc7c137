//! From readings to a prompt: freezes each target as it was read, works out changes and requests, and asks the rules.

use super::{Asked, Phase, sheet};
use crate::app::App;
use crate::app::act::{Frozen, called, me, name_of};
use crate::app::known::Lists;
use crate::confirm::{Challenge, Draft, Prompt, Target, challenge};
use crate::model::{Json, Kind, Ticks};
use crate::msg::Previewed;
use crate::resource::Answer;
use crate::verb::{About, Args, Consequence, Verb};
use serde_json::Value;
use std::sync::Arc;

/// A target with what its consequences are told from.
pub struct Ready {
    target: Target,
    entity: Arc<Value>,
    answers: Vec<Answer>,
    /// It was read for this, and is not only a row of a list.
    fresh: bool,
}

impl Ready {
    /// As it stands in the list.
    pub fn seen(frozen: Frozen) -> Self {
        Self {
            target: frozen.target,
            entity: Arc::new(frozen.entity),
            answers: Vec::new(),
            fresh: false,
        }
    }
}

/// Takes the fresh readings for what was in sight. What cannot have the verb is left out; `Err` when nothing is left.
pub fn fresh(
    app: &App,
    asked: &mut Asked,
    args: &Args,
    targets: Vec<Frozen>,
    read: Vec<Previewed>,
) -> Result<Vec<Ready>, String> {
    let verb = asked.verb;
    let mut ready = Vec::new();
    for (frozen, read) in targets.into_iter().zip(read) {
        if frozen.target.key != read.key {
            return Err("the answer is about something else; begin again".into());
        }
        let entity = match read.entity {
            Ok(entity) => entity,
            Err(fault) => {
                asked
                    .facts
                    .left_out
                    .push((called(&frozen.target), fault.to_string()));
                continue;
            }
        };
        let j = Json(&entity);
        // what is made anew has no name yet but the one it was asked for by
        let name = match entity.is_null() {
            true => frozen.target.name.clone(),
            false => name_of(&read.key, j),
        };
        let target = Target::read(read.key, name, j, &read.answers, verb);
        if let Some(why) = (verb.blocked)(target.key.kind, j, me(app).txt()) {
            asked.facts.left_out.push((called(&target), why));
            continue;
        }
        ready.push(Ready {
            target,
            entity,
            answers: read.answers,
            fresh: true,
        });
    }
    let _ = args;
    match (ready.is_empty(), asked.facts.left_out.first()) {
        (true, Some((name, why))) => Err(format!("{name}: {why}")),
        _ => Ok(ready),
    }
}

/// Opens the prompt within `asked`, or says what refuses.
pub fn open(
    app: &App,
    asked: &mut Asked,
    args: Args,
    ready: Vec<Ready>,
    recent: usize,
    read_at: Option<Ticks>,
    undoes: Vec<String>,
) -> Result<(), String> {
    let Some(session) = app.session.clone() else {
        return Err("not signed in yet".into());
    };
    let verb = asked.verb;
    let ready = plans(app, asked, &args, ready)?;
    let mut consequences: Vec<(Option<usize>, Consequence)> = Vec::new();
    let mut words = Vec::new();
    for (place, one) in ready.iter().enumerate() {
        let entity = Json(&one.entity);
        for field in ["machineTags", "customTags"] {
            let tags = entity.list(field).filter_map(Json::as_str);
            words.extend(tags.map(|t| (place, t.to_owned())));
        }
        if !one.fresh {
            continue;
        }
        let about = About {
            verb,
            key: &one.target.key,
            entity,
            answers: &one.answers,
            args: &args,
            session: &session,
            now: app.now.wall,
            known: &Lists(app),
        };
        let found = (verb.consequences)(&about).into_iter();
        consequences.extend(found.map(|c| (Some(place), c)));
    }
    let tail = match ready.as_slice() {
        [one] => Some(tail(app, &one.target)),
        _ => None,
    };
    let draft = Draft {
        verb,
        args,
        targets: ready.into_iter().map(|r| r.target).collect(),
        consequences,
        words,
        recent,
        tail,
        read_at,
        undoes,
    };
    let prompt = Prompt::open(draft, &session, app.now, app.answers).map_err(|e| e.to_string())?;
    let as_whom = prompt.command().me.txt().shown().into_owned();
    let name = table::Txt::new(&session.tenant).shown().into_owned();
    asked.facts.tenant = match session.demo {
        true => format!("DEMO {name} · nothing real happens · as {as_whom}"),
        false => format!("tenant {name} · as {as_whom}"),
    };
    if let Some(writer) = &session.writer {
        let writer = writer.txt().shown();
        asked.facts.tenant += &format!(" · by the credential for writes, {writer}");
    }
    asked.on_reason = prompt.reason_wanted() || (verb.comments && prompt.tier() < 2);
    asked.phase = Phase::Open(prompt);
    sheet::fits(asked, app.size)
}

/// Works out the requests of each target; one that has nothing to do is left out.
fn plans(
    app: &App,
    asked: &mut Asked,
    args: &Args,
    ready: Vec<Ready>,
) -> Result<Vec<Ready>, String> {
    let verb = asked.verb;
    let me = me(app);
    let mut kept = Vec::new();
    for one in ready {
        let entity = Json(&one.entity);
        match (verb.plan)(&one.target.key, entity, args, me.txt(), &one.answers) {
            Ok(calls) => {
                for call in &calls {
                    let body = call.body.as_ref().map(|b| stamped(verb, b));
                    asked.facts.requests.push(request(call, body.as_ref()));
                    if let Some(Value::Object(fields)) = &call.body {
                        note_changes(asked, verb, entity, fields);
                    }
                }
                kept.push(one);
            }
            Err(why) => asked.facts.left_out.push((called(&one.target), why)),
        }
    }
    match (kept.is_empty(), asked.facts.left_out.first()) {
        (true, Some((_, why))) if asked.facts.left_out.len() == 1 => Err(why.clone()),
        (true, Some((name, why))) => Err(format!("nothing is left to do: {name}: {why}")),
        _ => Ok(kept),
    }
}

/// `POST Defender for Endpoint /machines/…/isolate {…}`
fn request(call: &crate::model::Call, body: Option<&Value>) -> String {
    let body = body.map_or(String::new(), |b| {
        format!(" {}", table::Txt::new(&b.to_string()).shown())
    });
    let (method, service) = (call.method.name(), call.service.name());
    let path = call.path.as_str();
    format!("{method} {service} {}{body}", table::Txt::new(path).shown())
}

/// The body with the run's mark where the sending puts it.
fn stamped(verb: &Verb, body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(stamp) = verb.stamp {
        if let Some(Value::String(text)) = body.get_mut(stamp.comment) {
            text.push_str(" [wf <run id>]");
        }
        if !stamp.external.is_empty()
            && let Some(fields) = body.as_object_mut()
        {
            fields.insert(stamp.external.into(), "<run id>".into());
        }
    }
    body
}

/// Fields the verb writes: before → after, counted over the targets.
fn note_changes(
    asked: &mut Asked,
    verb: &Verb,
    entity: Json<'_>,
    fields: &serde_json::Map<String, Value>,
) {
    for (field, after) in fields {
        if !verb.writes.contains(&field.as_str()) {
            continue;
        }
        let before = words(entity.at(field).0);
        let after = words(after);
        if before == after {
            continue;
        }
        let known = (asked.facts.changes.iter_mut())
            .find(|(f, b, a, _)| f == field && *b == before && *a == after);
        match known {
            Some((.., n)) => *n += 1,
            None => asked.facts.changes.push((field.clone(), before, after, 1)),
        }
    }
}

fn words(value: &Value) -> String {
    let shown = |s: &str| table::Txt::new(s).shown().into_owned();
    match value {
        Value::Null => "none".into(),
        Value::String(s) if s.is_empty() => "none".into(),
        Value::String(s) => shown(s),
        Value::Array(a) if a.is_empty() => "none".into(),
        Value::Array(a) => a.iter().map(words).collect::<Vec<_>>().join(" "),
        other => shown(&other.to_string()),
    }
}

/// The challenge of one target, from the names of all others of its kind.
fn tail(app: &App, target: &Target) -> Challenge {
    let column = match target.key.kind {
        Kind::Device => "computerDnsName",
        Kind::User => "userPrincipalName",
        _ => "",
    };
    let pane = (app.panes.iter())
        .find(|p| p.spec.kind == target.key.kind && p.progress.complete && !p.cached);
    let others = pane.and_then(|p| Some((p, p.spec.column(column)?)));
    let others = others.map(|(pane, col)| {
        (pane.rows.live().iter())
            .filter(|row| pane.rows.key(*row).exact() != target.key.id.txt().exact())
            .filter_map(|row| {
                pane.rows
                    .cell(row, col)
                    .text()
                    .map(|t| t.exact().to_owned())
            })
            .collect::<Vec<_>>()
    });
    let others = others.as_ref().map(|all| all.iter().map(String::as_str));
    challenge::tail(&target.handle, &target.key.id, others)
}
