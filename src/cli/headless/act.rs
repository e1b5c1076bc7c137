//! `watchfloor devices isolate NAME …`: a verb on one target or a set, through the same prompt, guards and record as on screen.
//!
//! Tier 0 on one target needs no more than the command; tier 1 wants `--confirm`; tiers 2 and 3 a plan: `--dry-run` prints
//! what would be sent and a plan id, and the same words with `--plan ID` do it, if nothing is otherwise by then.

use super::exit::{CONFLICT, PARTIAL, REFUSED, USAGE, code, ended};
use super::form;
use super::words;
use crate::app::App;
use crate::app::command::Stage;
use crate::app::prompt::{Asked, Phase};
use crate::cli::choose::{self, Refusal};
use crate::confirm::{Given, Prompt};
use crate::model::{Key, Kind, Stand, Ticks};
use crate::msg::{Body, Event, RunState, Slot};
use crate::resource::Spec;
use crate::run::silent::Silent;
use crate::verb::{Args, Form, Verb, ioc};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use table::Text;

/// How long reading the targets may take.
const READING: Duration = Duration::from_secs(300);
/// How long a run is waited for: a confirmation of a set lives no longer.
const FOLLOWING: Duration = Duration::from_secs(16 * 60);

/// The flags by which a command answers the question of a verb.
pub fn answers(command: Command) -> Command {
    let value = |name: &'static str, of: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(of).help(help)
    };
    command
        .arg(value(
            "reason",
            "TEXT",
            "Why, for the record and for comments",
        ))
        .arg(value(
            "confirm",
            "NAME",
            "For tier 1: the target's name, or how many they are",
        ))
        .arg(
            value(
                "plan",
                "ID",
                "For tiers 2 and 3: the plan that a dry run of the same words printed",
            )
            .conflicts_with("dry-run"),
        )
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Print what would be sent, and the id of the plan; send nothing"),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("One JSON object"),
        )
}

/// One target as the command ends.
struct Ended {
    key: Key,
    what: String,
    state: Option<RunState>,
}

pub fn run(
    verb: &'static Verb,
    spec: &'static Spec,
    matches: &ArgMatches,
    tenant: Option<&str>,
) -> Result<ExitCode, Refusal> {
    let now = Ticks::from_timestamp(jiff::Timestamp::now());
    let args = form::args(verb, spec, matches, now)?;
    let start = choose::tenant_of_command(tenant)?;
    let name = start.tenant.name.clone();
    let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
    let done = go(&mut silent, verb, spec, matches, args, &name);
    silent.stop();
    done
}

fn go(
    silent: &mut Silent,
    verb: &'static Verb,
    spec: &'static Spec,
    matches: &ArgMatches,
    mut args: Args,
    tenant: &str,
) -> Result<ExitCode, Refusal> {
    let given = matches.get_many::<String>("target").into_iter().flatten();
    let mut entities: Vec<(Key, Text, Arc<Value>)> = Vec::new();
    for text in given {
        if verb.form == Form::Indicator {
            let values = ioc::extract(text).iocs;
            if values.is_empty() {
                let text = table::Txt::new(text);
                return Err((
                    USAGE,
                    format!(
                        "`{}` has no address, domain, URL or hash in it",
                        text.shown()
                    ),
                ));
            }
            let target = |v: Text| {
                (
                    Key::new(Kind::Indicator, v.clone()),
                    v,
                    Arc::new(Value::Null),
                )
            };
            entities.extend(values.into_iter().map(|i| target(i.value)));
            continue;
        }
        let key = words::key(silent, spec, text)?;
        if entities.iter().any(|(k, ..)| *k == key) {
            continue;
        }
        let entity = silent.entity(&key).map_err(|f| ended(&f))?;
        if let Form::Mails(_) = verb.form {
            args.mails = crate::app::form::others::mails(crate::model::Json(&entity));
        }
        entities.push((key, Text::from(text.as_str()), entity));
    }
    silent.sign_in().map_err(|f| ended(&f))?;
    let kind = entities.first().map_or(spec.kind, |(k, ..)| k.kind);
    if let Some(why) = silent.app().refused_for(verb, kind) {
        return Err((5, format!("{}: {why}", verb.name)));
    }
    let dry = matches.get_flag("dry-run");
    let tier0 = verb.tier_with(&args) == 0 && entities.len() == 1;
    if dry && tier0 {
        return dry_of_tier_0(
            silent.app(),
            verb,
            &entities,
            &args,
            matches.get_flag("json"),
            tenant,
        );
    }
    silent
        .act(|app, fx| app.begin_command(verb, entities, args, fx))
        .map_err(|why| (CONFLICT, format!("{}: {why}", verb.name)))?;
    answered(silent, matches, tenant)
}

/// Answers the question that was begun with what the command line says, and follows what was sent.
pub fn answered(
    silent: &mut Silent,
    matches: &ArgMatches,
    tenant: &str,
) -> Result<ExitCode, Refusal> {
    let reason = matches
        .get_one::<String>("reason")
        .map(|t| Text::from(t.as_str()));
    let dry = matches.get_flag("dry-run");
    let stage = silent.until(READING, |app, _| match app.command_stage() {
        Stage::Reading => None,
        stage => Some(stage),
    });
    let id = match stage.map_err(|f| ended(&f))? {
        Stage::Sent(id) => id,
        Stage::Refused => {
            // why is among what `app` says
            silent.talk();
            return Err((REFUSED, String::new()));
        }
        _ => {
            let Some((asked, prompt)) = open(silent.app()) else {
                return Err((1, "the question is gone".into()));
            };
            if dry {
                let now = silent.app().now;
                let plan = prompt.plan(
                    reason
                        .as_ref()
                        .filter(|r| !r.txt().exact().trim().is_empty()),
                    now,
                );
                return print_plan(
                    silent.app(),
                    asked,
                    prompt,
                    &plan,
                    matches.get_flag("json"),
                    tenant,
                );
            }
            let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
            let given = Given {
                confirm: text("confirm"),
                plan: text("plan"),
            };
            let sentence = prompt.command().sentence.clone();
            silent
                .act(|app, fx| app.answer_command(given, reason, fx))
                .map_err(|why| match why.is_conflict() {
                    true => (CONFLICT, why.to_string()),
                    false => (REFUSED, format!("{sentence}: not sent; {why}")),
                })?;
            let sent = silent.app().verbs.running.keys().next_back().copied();
            sent.ok_or((1, "it was not taken".to_owned()))?
        }
    };
    follow(silent, id, matches.get_flag("json"), tenant)
}

fn open(app: &App) -> Option<(&Asked, &Prompt)> {
    let asked = app.asked_command()?;
    match &asked.phase {
        Phase::Open(prompt) => Some((asked, prompt)),
        _ => None,
    }
}

/// Waits for the end of a run, and tells where each target stands.
fn follow(silent: &mut Silent, id: u64, json: bool, tenant: &str) -> Result<ExitCode, Refusal> {
    let Some(run) = silent.app().verbs.running.get(&id) else {
        return Err((1, "it was sent; what became of it is on record".into()));
    };
    let sentence = run.sentence.clone();
    let mut targets: Vec<Ended> = (run.targets.iter())
        .map(|m| Ended {
            key: m.key.clone(),
            what: m.what.clone(),
            state: m.state.clone(),
        })
        .collect();
    let waited = silent.until(FOLLOWING, |_, event| match event? {
        Event::Reply(reply) if reply.ticket.slot == Slot::Run(id) => {
            match &reply.body {
                Body::Ran { target, state } => {
                    if let Some(t) = targets.get_mut(*target) {
                        t.state = Some(state.clone());
                    }
                }
                Body::Fault(fault) => {
                    for t in targets.iter_mut().filter(|t| !is_final(t)) {
                        t.state = Some(RunState::Unknown(fault.clone()));
                    }
                }
                _ => {}
            }
            reply.last.then_some(())
        }
        _ => None,
    });
    let runs: Vec<String> = targets
        .iter()
        .map(|t| silent.app().deeds.run_of(&t.key).unwrap_or_default())
        .collect();
    if json {
        let rows = targets.iter().zip(&runs).map(|(t, run)| {
            json!({
                "id": t.key.id.txt().exact(),
                "state": t.state.as_ref().map_or("unknown", |s| s.stand().word()),
                "detail": t.state.as_ref().map_or_else(String::new, detail),
                "run": run,
            })
        });
        let mut out = json!({
            "schema": super::out::SCHEMA, "tenant": tenant, "sentence": sentence,
            "targets": rows.collect::<Vec<_>>(),
        });
        if silent.app().session.as_ref().is_some_and(|s| s.demo) {
            out["demo"] = true.into();
        }
        println!("{out:#}");
    } else {
        println!("{sentence}");
        for t in &targets {
            let state = t.state.as_ref();
            let word = state.map_or("unknown", |s| s.stand().word());
            let detail = state.map_or_else(String::new, detail);
            let gap = if detail.is_empty() { "" } else { ": " };
            println!("  {} · {word}{gap}{detail}", t.what);
        }
    }
    waited.map_err(|f| ended(&f))?;
    Ok(ExitCode::from(outcome(&targets)))
}

fn is_final(target: &Ended) -> bool {
    target.state.as_ref().is_some_and(|s| s.stand().is_final())
}

fn detail(state: &RunState) -> String {
    match state {
        RunState::Failed(f) | RunState::Unknown(f) | RunState::NotSent(f) => f.to_string(),
        RunState::Changed(fields) => fields
            .iter()
            .map(|(field, was, is)| format!("{field} was {was}, is {is}"))
            .collect::<Vec<_>>()
            .join("; "),
        _ => String::new(),
    }
}

/// Nothing wrong is 0; all wrong in one way is that way's code; something of both is a partial result.
fn outcome(targets: &[Ended]) -> u8 {
    let fine = |t: &&Ended| {
        t.state.as_ref().is_some_and(|s| {
            matches!(
                s.stand(),
                Stand::Sent
                    | Stand::Accepted
                    | Stand::Pending
                    | Stand::InProgress
                    | Stand::Succeeded
            )
        })
    };
    let good = targets.iter().filter(fine).count();
    match (good, targets.len()) {
        (g, n) if g == n => 0,
        (0, _) => targets
            .iter()
            .find_map(|t| t.state.as_ref())
            .map_or(1, |s| match s {
                RunState::Changed(_) => CONFLICT,
                RunState::Failed(f) | RunState::NotSent(f) | RunState::Unknown(f) => code(f.kind),
                _ => 1,
            }),
        _ => PARTIAL,
    }
}

fn print_plan(
    app: &App,
    asked: &Asked,
    prompt: &Prompt,
    plan: &str,
    json: bool,
    tenant: &str,
) -> Result<ExitCode, Refusal> {
    let command = prompt.command();
    let tier = prompt.tier();
    let plan = (tier >= 2).then_some(plan);
    let shown = |t: &Text| t.txt().shown().into_owned();
    if json {
        let targets = command.targets.iter().map(|t| {
            let seen = t.seen.iter().map(|(field, v)| {
                let v = v.as_ref().map_or(Value::Null, |v| v.txt().exact().into());
                ((*field).to_owned(), v)
            });
            json!({"id": t.key.id.txt().exact(), "name": t.name.txt().exact(),
                "state": seen.collect::<serde_json::Map<_, _>>()})
        });
        let consequences = prompt.consequences().iter().map(|(_, c)| c.text.as_str());
        let mut out = json!({
            "schema": super::out::SCHEMA, "tenant": tenant, "verb": command.verb.name,
            "sentence": command.sentence, "tier": tier,
            "targets": targets.collect::<Vec<_>>(),
            "consequences": consequences.collect::<Vec<_>>(),
            "leftOut": asked.facts.left_out.iter().map(|(n, w)| json!({"target": n, "why": w})).collect::<Vec<_>>(),
            "requests": asked.facts.requests, "plan": plan,
        });
        if plan.is_none() {
            out["confirm"] = prompt.word().into();
        }
        if app.session.as_ref().is_some_and(|s| s.demo) {
            out["demo"] = true.into();
        }
        println!("{out:#}");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} (tier {tier})", command.sentence);
    for t in &command.targets {
        println!("  {}  {}", t.key.id.txt().shown(), shown(&t.name));
        for (field, value) in &t.seen {
            let value = value.as_ref().map_or_else(|| "none".to_owned(), shown);
            println!("    {field}: {value}");
        }
    }
    for (_, c) in prompt.consequences() {
        println!("  ! {}", c.text);
    }
    for (name, why) in &asked.facts.left_out {
        println!("  left out: {name}: {why}");
    }
    println!("requests, each with a token of this sign-in:");
    for request in &asked.facts.requests {
        println!("  {request}");
    }
    match plan {
        Some(plan) => println!(
            "plan {plan}, good for ten minutes: the same words with --plan {plan} instead of --dry-run"
        ),
        None => println!(
            "it wants --confirm {}",
            table::Txt::new(&prompt.word()).shown()
        ),
    }
    Ok(ExitCode::SUCCESS)
}

/// A verb whose key press is its answer has no prompt: its requests are worked out here.
fn dry_of_tier_0(
    app: &App,
    verb: &'static Verb,
    entities: &[(Key, Text, Arc<Value>)],
    args: &Args,
    json: bool,
    tenant: &str,
) -> Result<ExitCode, Refusal> {
    let me = app
        .session
        .as_ref()
        .and_then(|s| s.me.clone())
        .unwrap_or_default();
    let mut requests = Vec::new();
    for (key, _, entity) in entities {
        let j = crate::model::Json(entity);
        if let Some(why) = (verb.blocked)(key.kind, j, me.txt()) {
            return Err((CONFLICT, format!("{}: {why}", verb.name)));
        }
        let calls = (verb.plan)(key, j, args, me.txt(), &[])
            .map_err(|why| (CONFLICT, format!("{}: {why}", verb.name)))?;
        for call in calls {
            let body = call
                .body
                .as_ref()
                .map_or_else(String::new, |b| format!(" {b}"));
            let text = format!(
                "{} {} {}{body}",
                call.method.name(),
                call.service.name(),
                call.path.as_str()
            );
            requests.push(table::Txt::new(&text).shown().into_owned());
        }
    }
    if json {
        let out = json!({"schema": super::out::SCHEMA, "tenant": tenant, "verb": verb.name, "tier": 0, "requests": requests, "plan": null});
        println!("{out:#}");
    } else {
        for request in requests {
            println!("{request}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
