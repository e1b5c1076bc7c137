//! What a verb's form asks, as flags of its command, and the answers to it.

use super::exit::USAGE;
use crate::app::form::others::DEEDS;
use crate::cli::choose::Refusal;
use crate::model::enums::{PAIRS, statuses};
use crate::model::time::DAY;
use crate::model::{Kind, Ticks};
use crate::resource::Spec;
use crate::verb::{Args, Form, Indicator, Verb};
use clap::{Arg, ArgAction, ArgMatches, Command};
use table::Text;

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
    let mut command = Command::new(word(verb)).about(verb.help).arg(
        Arg::new("target")
            .value_name("TARGET")
            .required(true)
            .num_args(1..)
            .help(targets),
    );
    command = super::act::answers(command);
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
pub fn args(
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
