//! Response on machines, `api/defender.md` 4 and 5. Every machine action is a POST with a comment, answers with an action
//! and runs its course there: accepted is not done.
//!
//! Whether a platform can have it is the service's to say: we warn, send, and show its refusal.

use super::common::{comment, is, is_us, quoted, sentence, shown};
use super::device_facts::{
    FOLLOW, about_file, file, isolating, isolation_word, ordinary, preview, releasing, state,
    traces, whose,
};
use super::{Args, Choice, Consequence, Form, Needs, Proof, Stamp, Verb};
use crate::model::{Call, Json, Key, Kind, Method, Path, Service, Switch};
use crate::resource::Answer;
use serde_json::{Value, json};
use std::time::Duration;
use table::Text;

const ROLE: &str = "active remediation actions (Defender)";

/// What rows about machines have in common.
const BASE: Verb = Verb {
    kinds: &[Kind::Device],
    blocked,
    preview,
    state,
    stamp: Some(Stamp {
        comment: "Comment",
        external: "ExternalId",
    }),
    follow: Some(FOLLOW),
    proof: Proof::Course,
    // 100 calls a minute for each endpoint, and a read before each
    pace: Duration::from_secs(2),
    ..super::BASE
};

pub static VERBS: &[Verb] = &[
    Verb {
        name: "isolate",
        letter: Some('i'),
        help: "cut the device off the network, all but Defender",
        also: "contain quarantine machine network",
        needs: |_| machine(&["Machine.Isolate"]).switch(Switch::Isolation),
        asides: traces,
        consequences: |about| isolating(about, "Full"),
        sentence: |t, _, _| sentence("isolate", t, "fully, until it is released"),
        plan: |key, _, args, _, _| act(key, "/isolate", args, &[("IsolationType", "Full")]),
        inverse: Some("release"),
        undo: |_| Some(("release", Args::default())),
        ..BASE
    },
    Verb {
        name: "isolate selectively",
        letter: Some('I'),
        help: "cut the device off, but leave Outlook, Teams and Skype",
        also: "contain network selective",
        needs: |_| machine(&["Machine.Isolate"]).switch(Switch::Isolation),
        asides: traces,
        consequences: |about| isolating(about, "Selective"),
        sentence: |t, _, _| sentence("isolate", t, "selectively, until it is released"),
        plan: |key, _, args, _, _| act(key, "/isolate", args, &[("IsolationType", "Selective")]),
        inverse: Some("release"),
        undo: |_| Some(("release", Args::default())),
        ..BASE
    },
    Verb {
        name: "release",
        letter: Some('r'),
        help: "end the isolation of the device",
        also: "unisolate unquarantine",
        tier: 1,
        needs: |_| machine(&["Machine.Isolate"]).switch(Switch::Isolation),
        consequences: releasing,
        sentence: |t, _, _| sentence("release", t, "back to the network"),
        plan: |key, _, args, _, _| act(key, "/unisolate", args, &[]),
        inverse: Some("isolate"),
        undo: |deed| match deed.before.get("isolation").and_then(Value::as_str) {
            Some("selective") => Some(("isolate selectively", Args::default())),
            Some("full") => Some(("isolate", Args::default())),
            _ => None,
        },
        before: |_, _, _, answers| json!({"isolation": isolation_word(answers)}),
        ..BASE
    },
    Verb {
        name: "quick scan",
        letter: Some('s'),
        help: "antivirus scan of the usual places",
        also: "antivirus scan defender",
        tier: 1,
        needs: |_| machine(&["Machine.Scan"]),
        consequences: |about| ordinary(about, "RunAntiVirusScan"),
        sentence: |t, _, _| sentence("scan", t, "quickly, with antivirus"),
        plan: |key, _, args, _, _| act(key, "/runAntiVirusScan", args, &[("ScanType", "Quick")]),
        ..BASE
    },
    Verb {
        name: "full scan",
        letter: Some('S'),
        help: "antivirus scan of everything; takes hours",
        also: "antivirus scan defender",
        tier: 1,
        needs: |_| machine(&["Machine.Scan"]),
        consequences: |about| ordinary(about, "RunAntiVirusScan"),
        sentence: |t, _, _| sentence("scan", t, "fully, with antivirus"),
        plan: |key, _, args, _, _| act(key, "/runAntiVirusScan", args, &[("ScanType", "Full")]),
        ..BASE
    },
    Verb {
        name: "restrict apps",
        letter: Some('x'),
        help: "let only programs signed by Microsoft start",
        also: "restrict code execution",
        needs: |_| machine(&["Machine.RestrictExecution"]),
        consequences: |about| {
            let mut out = ordinary(about, "RestrictCodeExecution");
            out.push(Consequence::warn(
                "only programs signed by Microsoft start from then on; what runs is stopped",
            ));
            out
        },
        sentence: |t, _, _| sentence("restrict apps on", t, "only programs signed by Microsoft"),
        plan: |key, _, args, _, _| act(key, "/restrictCodeExecution", args, &[]),
        inverse: Some("unrestrict apps"),
        undo: |_| Some(("unrestrict apps", Args::default())),
        ..BASE
    },
    Verb {
        name: "unrestrict apps",
        letter: Some('X'),
        help: "let all programs start again",
        also: "unrestrict code execution",
        tier: 1,
        needs: |_| machine(&["Machine.RestrictExecution"]),
        consequences: |about| {
            let mut out = ordinary(about, "UnrestrictCodeExecution");
            out.extend(whose(about, "RestrictCodeExecution", "restricted it"));
            out
        },
        sentence: |t, _, _| sentence("unrestrict apps on", t, "any program may start"),
        plan: |key, _, args, _, _| act(key, "/unrestrictCodeExecution", args, &[]),
        inverse: Some("restrict apps"),
        undo: |_| Some(("restrict apps", Args::default())),
        ..BASE
    },
    Verb {
        name: "collect package",
        letter: Some('p'),
        help: "collect an investigation package; fetched with `fetch package` when it is ready",
        also: "forensics investigation",
        tier: 1,
        needs: |_| {
            Needs::any(Service::Defender, &["Machine.CollectForensics"])
                .role("alerts investigation (Defender)")
        },
        consequences: |about| ordinary(about, "CollectInvestigationPackage"),
        sentence: |t, _, _| sentence("collect an investigation package of", t, ""),
        plan: |key, _, args, _, _| act(key, "/collectInvestigationPackage", args, &[]),
        ..BASE
    },
    Verb {
        name: "tag device",
        key: None,
        letter: Some('t'),
        help: "add or remove tags of the device",
        also: "machine tags label",
        tier: 1,
        form: Form::Tags,
        needs: |_| writes(),
        writes: &["machineTags"],
        merges: &["machineTags"],
        preview: |_, _, _| Vec::new(),
        state: |_, _, _| Vec::new(),
        consequences: |_| {
            vec![Consequence::warn(
                "tags can move a device to another device group, and with it who may see it and what is remediated alone",
            )]
        },
        sentence: |t, args, _| {
            if !args.restore.is_empty() {
                return sentence("tag", t, "put back the tags it had");
            }
            let words = |verb: &str, tags: &[Text]| {
                let tags: Vec<_> = tags.iter().map(|t| quoted(t.txt())).collect();
                (!tags.is_empty()).then(|| format!("{verb} {}", tags.join(", ")))
            };
            let parts = [words("add", &args.add), words("remove", &args.remove)];
            sentence(
                "tag",
                t,
                &parts.into_iter().flatten().collect::<Vec<_>>().join("; "),
            )
        },
        plan: tag,
        stamp: None,
        follow: None,
        proof: Proof::Entity,
        verify: |key, now, args, _, _| {
            let args = &put_back(key, now, args);
            let has = |tag: &Text| tags(now).any(|t| t == tag.txt().exact());
            match args.add.iter().all(has) && !args.remove.iter().any(has) {
                true => Ok(()),
                false => Err(format!("tags {}", shown(now, "machineTags"))),
            }
        },
        idempotent: true,
        inverse: Some("tag device"),
        undo: |deed| {
            let restore = vec![(deed.key.clone(), deed.before.clone())];
            let args = Args {
                restore,
                ..Args::default()
            };
            (deed.before.get("machineTags").is_some()).then_some(("tag device", args))
        },
        ..BASE
    },
    Verb {
        name: "device value",
        letter: Some('v'),
        help: "say how much the device matters: low, normal, high",
        also: "asset value criticality",
        form: Form::Choice(VALUES),
        needs: |_| writes(),
        writes: &["deviceValue"],
        preview: |_, _, _| Vec::new(),
        state: |_, _, _| Vec::new(),
        consequences: |_| {
            vec![Consequence::note(
                "it changes the exposure score and the order of recommendations",
            )]
        },
        sentence: |t, args, _| {
            let was = match t {
                [one] => one.seen.iter().find(|(f, _)| *f == "deviceValue"),
                _ => None,
            };
            let was = was.and_then(|(_, v)| v.as_ref());
            let from = was.map_or(String::new(), |w| format!("from {} ", w.txt().shown()));
            let to = args.choice.unwrap_or_default();
            sentence("set the value of", t, &format!("{from}to {to}"))
        },
        plan: |key, now, args, _, _| {
            let wanted = restored(args, key, "deviceValue");
            let value = wanted.or(args.choice.map(str::to_owned));
            let value = value.filter(|v| VALUES.iter().any(|c| is(Some(c.word), v)));
            let value = value.ok_or("a value is missing")?;
            if is(now.str("deviceValue"), &value) {
                return Err(format!("its value is {value} already"));
            }
            let path = path(key)?.then("/setDeviceValue");
            Ok(vec![write(path, json!({"DeviceValue": value}), writes())])
        },
        stamp: None,
        follow: None,
        proof: Proof::Entity,
        verify: |key, now, args, _, _| {
            let wanted = restored(args, key, "deviceValue");
            let wanted = wanted
                .or(args.choice.map(str::to_owned))
                .unwrap_or_default();
            match is(now.str("deviceValue"), &wanted) {
                true => Ok(()),
                false => Err(format!("value {}", shown(now, "deviceValue"))),
            }
        },
        idempotent: true,
        inverse: Some("device value"),
        undo: |deed| {
            let was = deed.before.get("deviceValue").and_then(Value::as_str)?;
            let choice = VALUES.iter().find(|c| is(Some(c.word), was))?.word;
            let restore = vec![(deed.key.clone(), deed.before.clone())];
            Some((
                "device value",
                Args {
                    choice: Some(choice),
                    restore,
                    ..Args::default()
                },
            ))
        },
        ..BASE
    },
    Verb {
        name: "offboard",
        letter: Some('O'),
        help: "take the device out of Defender for Endpoint",
        also: "remove unenroll",
        tier: 3,
        needs: |_| machine(&["Machine.Offboard"]),
        consequences: |about| {
            let mut out = ordinary(about, "Offboard");
            out.push(Consequence::grave(
                "it is not protected or seen by Defender from then on, and comes back only by onboarding it again on the device",
            ));
            let os = about.entity.str("osPlatform").unwrap_or_default();
            if !os.starts_with("Windows") {
                out.push(Consequence::warn(format!(
                    "the service offboards Windows only; this is {}: it may refuse",
                    shown(about.entity, "osPlatform")
                )));
            }
            out
        },
        sentence: |t, _, _| sentence("offboard", t, "out of Defender for Endpoint"),
        plan: |key, _, args, _, _| act(key, "/offboard", args, &[]),
        ..BASE
    },
    Verb {
        name: "cancel",
        letter: Some('c'),
        help: "cancel an action that has not begun",
        also: "abort stop",
        kinds: &[Kind::Action],
        tier: 1,
        needs: |_| {
            Needs::any(
                Service::Defender,
                &[
                    "Machine.Isolate",
                    "Machine.Scan",
                    "Machine.RestrictExecution",
                    "Machine.CollectForensics",
                    "Machine.StopAndQuarantine",
                    "Machine.LiveResponse",
                    "Machine.Offboard",
                ],
            )
            .role(ROLE)
        },
        blocked: |_, now, _| {
            let status = now.str("status");
            let over = ["Succeeded", "Failed", "TimeOut", "Cancelled"];
            over.iter()
                .any(|o| is(status, o))
                .then(|| format!("it is over: {}", shown(now, "status")))
        },
        preview: |_, _, _| Vec::new(),
        state: |_, now, _| vec![("status", now.text("status"))],
        consequences: |about| {
            let j = about.entity;
            let age = j.time("creationDateTimeUtc");
            let age = age.map_or(String::new(), |t| {
                format!(", asked {} ago", t.age(about.now))
            });
            let mut what = format!("{}, {}{age}", shown(j, "type"), shown(j, "status"));
            if let Some(why) = j.text("requestorComment") {
                what.push_str(&format!(": “{}”", why.txt().shown()));
            }
            let mut out = vec![Consequence::warn(what)];
            if is(j.str("status"), "InProgress") {
                out.push(Consequence::warn(
                    "it has begun: only what is still pending is sure to be cancelled",
                ));
            }
            let who = about.entity.str("requestor");
            if !is_us(about, who) {
                out.push(Consequence::warn(format!(
                    "{} asked for it",
                    shown(about.entity, "requestor")
                )));
            }
            out
        },
        sentence: |t, _, _| sentence("cancel", t, "before it is carried out"),
        plan: |key, _, args, _, _| {
            let path = Path::new("/machineactions");
            let path = path.id(key.id.txt()).map_err(|e| e.to_string())?;
            let body = json!({"Comment": comment(args, "Cancelled with Watchfloor")});
            let needs = (named("cancel").needs)(Kind::Action);
            Ok(vec![write(path.then("/cancel"), body, needs)])
        },
        stamp: Some(Stamp {
            comment: "Comment",
            external: "",
        }),
        follow: None,
        proof: Proof::Entity,
        verify: |_, now, _, _, _| match is(now.str("status"), "Cancelled") {
            true => Ok(()),
            false => Err(format!("it is {}", shown(now, "status"))),
        },
        ..BASE
    },
];

/// Waits for the form that asks which device: not among `VERBS` until that is there.
pub static QUARANTINE: Verb = Verb {
    name: "quarantine file",
    letter: Some('q'),
    help: "stop a file on a device and put it away",
    also: "stop and quarantine malware hash",
    kinds: &[Kind::Device],
    form: Form::Device,
    needs: |_| machine(&["Machine.StopAndQuarantine"]).switch(Switch::Quarantine),
    asides: about_file,
    consequences: |about| {
        let mut out = ordinary(about, "StopAndQuarantineFile");
        out.extend(file(about));
        out.push(Consequence::warn(
            "every process of the file is stopped and its start entries are removed",
        ));
        out
    },
    sentence: |t, args, _| {
        let file = args.sha1.as_ref().map(|s| s.txt().shown().into_owned());
        sentence(
            &format!("stop and quarantine file {} on", file.unwrap_or_default()),
            t,
            "",
        )
    },
    plan: |key, _, args, _, _| {
        let sha1 = args
            .sha1
            .as_ref()
            .map(|s| s.txt().exact())
            .unwrap_or_default();
        let hex = sha1.len() == 40 && sha1.bytes().all(|b| b.is_ascii_hexdigit());
        if !hex {
            return Err("the service takes the SHA-1 of a file, and no other hash".to_owned());
        }
        let device = args.device.as_ref().map_or(key, |(device, _)| device);
        act(device, "/StopAndQuarantineFile", args, &[("Sha1", sha1)])
    },
    ..BASE
};

static VALUES: &[Choice] = &[
    Choice {
        letter: 'h',
        word: "High",
        label: "high value",
        tier: 2,
    },
    Choice {
        letter: 'n',
        word: "Normal",
        label: "normal value",
        tier: 2,
    },
    Choice {
        letter: 'l',
        word: "Low",
        label: "low value",
        tier: 2,
    },
];

fn named(name: &str) -> &'static Verb {
    VERBS.iter().find(|v| v.name == name).unwrap_or(&QUARANTINE)
}

fn machine(any: &'static [&'static str]) -> Needs {
    Needs::any(Service::Defender, any).role(ROLE)
}

fn writes() -> Needs {
    Needs::any(
        Service::Defender,
        &["Machine.ReadWrite.All", "Machine.ReadWrite"],
    )
    .role("manage security settings (Defender)")
}

// ---- what stands against it

fn blocked(_: Kind, now: Json<'_>, _: table::Txt<'_>) -> Option<String> {
    if let Some(into) = now.text("mergedIntoMachineId") {
        return Some(format!(
            "this record was folded into {}: act on that one",
            into.txt().shown()
        ));
    }
    let status = now.str("onboardingStatus")?;
    (!status.eq_ignore_ascii_case("Onboarded")).then(|| {
        let status = table::Txt::new(status).shown().into_owned();
        format!("the device is not onboarded ({status}): Defender cannot act on it")
    })
}

// ---- what is sent

pub(super) fn path(key: &Key) -> Result<Path, String> {
    match key.kind {
        Kind::Device => Path::new("/machines")
            .id(key.id.txt())
            .map_err(|e| e.to_string()),
        _ => Err("this is for devices".to_owned()),
    }
}

fn write(path: Path, body: Value, needs: Needs) -> Call {
    Call::write(needs.service, Method::Post, path, body).needs(needs.any)
}

/// A machine action: the comment first, as the pages write it, then what is its own.
fn act(
    key: &Key,
    verb: &'static str,
    args: &Args,
    more: &[(&'static str, &str)],
) -> Result<Vec<Call>, String> {
    let mut body = json!({"Comment": comment(args, "Asked for with Watchfloor")});
    for (name, value) in more {
        body[*name] = (*value).into();
    }
    let needs = match verb {
        "/isolate" | "/unisolate" => (named("isolate").needs)(Kind::Device),
        "/runAntiVirusScan" => (named("quick scan").needs)(Kind::Device),
        "/restrictCodeExecution" | "/unrestrictCodeExecution" => {
            (named("restrict apps").needs)(Kind::Device)
        }
        "/collectInvestigationPackage" => (named("collect package").needs)(Kind::Device),
        "/offboard" => (named("offboard").needs)(Kind::Device),
        _ => (QUARANTINE.needs)(Kind::Device),
    };
    Ok(vec![write(path(key)?.then(verb), body, needs)])
}

/// Tags go one by one: the call for a whole list would lose what someone else adds meanwhile.
fn tag(
    key: &Key,
    now: Json<'_>,
    args: &Args,
    _: table::Txt<'_>,
    _: &[Answer],
) -> Result<Vec<Call>, String> {
    let has = |tag: &Text| tags(now).any(|t| t == tag.txt().exact());
    let args = &put_back(key, now, args);
    let path = path(key)?.then("/tags");
    let call = |tag: &Text, action: &str| {
        let body = json!({"Value": tag.txt().exact(), "Action": action});
        write(path.clone(), body, writes())
    };
    let add = args
        .add
        .iter()
        .filter(|t| !t.txt().exact().trim().is_empty() && !has(t));
    let remove = args.remove.iter().filter(|t| has(t));
    let calls: Vec<Call> = add
        .map(|t| call(t, "Add"))
        .chain(remove.map(|t| call(t, "Remove")))
        .collect();
    match calls.is_empty() {
        true => Err("its tags are so already".to_owned()),
        false => Ok(calls),
    }
}

/// Taking it back: what was there before comes again, what came since goes. The prompt shows which.
fn put_back(key: &Key, now: Json<'_>, args: &Args) -> Args {
    let Some(before) = args.restored(key) else {
        return args.clone();
    };
    let was = texts(before, "machineTags");
    let remove = tags(now).map(Text::from).filter(|t| !was.contains(t));
    Args {
        remove: remove.collect(),
        add: was,
        ..Args::default()
    }
}

fn tags<'a>(now: Json<'a>) -> impl Iterator<Item = &'a str> {
    now.list("machineTags").filter_map(Json::as_str)
}

fn texts(before: &Value, field: &str) -> Vec<Text> {
    Json(before).list(field).filter_map(Json::as_text).collect()
}

fn restored(args: &Args, key: &Key, field: &str) -> Option<String> {
    let value = args.restored(key)?.get(field)?;
    value.as_str().map(str::to_owned)
}
