//! `watchfloor devices isolate NAME …`: a verb on one target or a set, through the same prompt, guards and record as on screen.
//!
//! Tier 0 on one target needs no more than the command; tier 1 wants `--confirm`; tiers 2 and 3 a plan: `--dry-run` prints
//! what would be sent and a plan id, and the same words with `--plan ID` do it, if nothing is otherwise by then.

use super::exit::{CONFLICT, PARTIAL, REFUSED, USAGE, code, ended};
use super::words;
use crate::app::App;
use crate::app::command::Stage;
use crate::app::form::others::DEEDS;
use crate::app::prompt::{Asked, Phase};
use crate::cli::choose::{self, Refusal};
use crate::confirm::{Given, Prompt};
use crate::model::enums::{PAIRS, statuses};
use crate::model::time::DAY;
use crate::model::{Key, Kind, Stand, Ticks};
use crate::msg::{Body, Event, RunState, Slot};
use crate::resource::Spec;
use crate::run::silent::Silent;
use crate::verb::{Args, Form, Indicator, Verb, ioc};
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

/// The word of a verb: `take-over`.
pub fn word(verb: &Verb) -> String {
    verb.name.replace(' ', "-")
}

/// The verb of that word for a resource.
pub fn verb(word_: &str, spec: &Spec) -> Option<&'static Verb> {
    crate::verb::all().find(|v| v.kinds.contains(&spec.kind) && word(v) == word_)
}

pub fn command(verb: &'static Verb, spec: &'static Spec) -> Command {
    let value = |name: &'static str, of: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(of).help(help)
    };
    let several = |arg: Arg| arg.action(ArgAction::Append);
    let targets = match verb.form {
        Form::Indicator => "Hashes, addresses, domains or URLs",
        _ => match spec.kind {
            Kind::User | Kind::Device => "Ids or names",
            _ => "Ids",
        },
    };
    let mut command = Command::new(word(verb))
        .about(verb.help)
        .arg(
            Arg::new("target")
                .value_name("TARGET")
                .required(true)
                .num_args(1..)
                .help(targets),
        )
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
        );
    let how = |choices: &'static [crate::verb::Choice]| {
        let words: Vec<&str> = choices.iter().map(|c| c.word).collect();
        Arg::new("how")
            .long("how")
            .value_name("WAY")
            .required(true)
            .value_parser(clap::builder::PossibleValuesParser::new(words))
            .ignore_case(true)
            .help("In which way")
    };
    match verb.form {
        Form::None => {}
        Form::Pair => {
            let pairs = PAIRS.iter().map(|(_, c, d)| pair_word(c.word(), d.word()));
            command = command.arg(
                Arg::new("as")
                    .long("as")
                    .value_name("CLASS/DETERMINATION")
                    .required(true)
                    .value_parser(clap::builder::PossibleValuesParser::new(
                        pairs.collect::<Vec<_>>(),
                    ))
                    .ignore_case(true)
                    .help("What it was"),
            );
        }
        Form::Status => {
            let words: Vec<&str> = statuses(spec.kind).iter().map(|(_, w)| *w).collect();
            command = command.arg(
                Arg::new("to")
                    .long("to")
                    .value_name("STATUS")
                    .required(true)
                    .value_parser(clap::builder::PossibleValuesParser::new(words))
                    .ignore_case(true)
                    .help("The new status"),
            );
        }
        Form::Comment => {
            command = command.arg(value("text", "TEXT", "The comment, exactly").required(true));
        }
        Form::Tags => {
            command = command
                .arg(several(value(
                    "add",
                    "TAG",
                    "A tag to add; may be given several times",
                )))
                .arg(several(value(
                    "remove",
                    "TAG",
                    "A tag to remove; may be given several times",
                )));
        }
        Form::Person => {
            command = command.arg(value("person", "UPN", "Whom, by sign-in name").required(true));
        }
        Form::Choice(choices) => command = command.arg(how(choices)),
        Form::Device => {
            command = command.arg(value("sha1", "HASH", "SHA-1 of the file").required(true));
        }
        Form::Incident(choices) => {
            command = command.arg(value("incident", "NUMBER", "The other incident").required(true));
            if !choices.is_empty() {
                command = command.arg(how(choices));
            }
        }
        Form::Indicator => {
            command = command
                .arg(
                    value("action", "ACTION", "What happens to it")
                        .default_value("Block")
                        .value_parser(clap::builder::PossibleValuesParser::new(
                            DEEDS.iter().map(|(_, w, _)| *w),
                        ))
                        .ignore_case(true),
                )
                .arg(
                    value(
                        "days",
                        "N",
                        "Expires at the end of the Nth day from now; 0 = never, which is tier 3",
                    )
                    .default_value("30")
                    .value_parser(clap::value_parser!(u32)),
                )
                .arg(several(value(
                    "group",
                    "NAME",
                    "A device group; none = every device, which is tier 3",
                )))
                .arg(value("title", "TEXT", "Its title"))
                .arg(value("description", "TEXT", "Its description"));
        }
        Form::Mails(choices) => command = command.arg(how(choices)),
    }
    command
}

fn pair_word(class: &str, determination: &str) -> String {
    format!("{class}/{determination}")
}

/// The answers to the verb's form; `Err` is what is wrong with them.
fn args(
    verb: &'static Verb,
    spec: &'static Spec,
    matches: &ArgMatches,
    now: Ticks,
) -> Result<Args, Refusal> {
    let text = |name: &str| {
        let given = matches.try_get_one::<String>(name).ok().flatten();
        given.map(|t| Text::from(t.as_str()))
    };
    let all = |name: &str| -> Vec<Text> {
        let given = matches.try_get_many::<String>(name).ok().flatten();
        given
            .into_iter()
            .flatten()
            .map(|t| Text::from(t.as_str()))
            .collect()
    };
    let said = |name: &str| {
        let given = matches.try_get_one::<String>(name).ok().flatten();
        given.map_or("", String::as_str)
    };
    let mut out = Args::default();
    match verb.form {
        Form::None => {}
        Form::Pair => {
            let pair = PAIRS
                .iter()
                .find(|(_, c, d)| pair_word(c.word(), d.word()).eq_ignore_ascii_case(said("as")));
            out.pair = pair.and_then(|(_, c, d)| Some((c.known()?, d.known()?)));
        }
        Form::Status => {
            let status = statuses(spec.kind)
                .iter()
                .find(|(_, w)| w.eq_ignore_ascii_case(said("to")));
            out.status = status.map(|(_, w)| *w);
        }
        Form::Comment => out.text = text("text"),
        Form::Tags => {
            (out.add, out.remove) = (all("add"), all("remove"));
            if out.add.is_empty() && out.remove.is_empty() {
                return Err((USAGE, "give --add TAG or --remove TAG".into()));
            }
        }
        Form::Person => out.person = text("person"),
        Form::Device => {
            let sha1 = said("sha1");
            if sha1.len() != 40 || !sha1.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err((USAGE, "--sha1 wants 40 hex digits".into()));
            }
            out.sha1 = text("sha1");
        }
        Form::Incident(_) => {
            let number = said("incident");
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                return Err((USAGE, "--incident wants the number of an incident".into()));
            }
            out.incident = text("incident");
        }
        Form::Indicator => {
            let action = DEEDS
                .iter()
                .map(|(_, w, _)| *w)
                .find(|w| w.eq_ignore_ascii_case(said("action")));
            let days = matches.get_one::<u32>("days").copied().unwrap_or(30);
            out.indicator = Some(Indicator {
                action: action.unwrap_or("Block"),
                title: text("title").unwrap_or_default(),
                description: text("description").unwrap_or_default(),
                groups: all("group"),
                // to the end of a day: a plan made a minute later is the same
                expires: (days > 0)
                    .then(|| Ticks((now.0.div_euclid(DAY) + i64::from(days) + 1) * DAY)),
                severity: "Medium",
                alert: false,
            });
        }
        Form::Choice(_) | Form::Mails(_) => {}
    }
    if let Form::Choice(choices) | Form::Mails(choices) | Form::Incident(choices) = verb.form {
        let way = choices
            .iter()
            .find(|c| c.word.eq_ignore_ascii_case(said("how")));
        out.choice = way.map(|c| c.word);
    }
    Ok(out)
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
    let args = args(verb, spec, matches, now)?;
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
    let reason = matches
        .get_one::<String>("reason")
        .map(|t| Text::from(t.as_str()));
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
