//! Which alerts belong together: incidents merged, alerts moved, each with a reason out of the service's own list
//! (`api/graph.md` 6). The service chooses which incident remains.

use super::common::{answer, comment, is, list, sentence, shown};
use super::{About, Args, Choice, Consequence, Form, Needs, Stamp, Verb, Witness};
use crate::model::{Call, Json, Key, Kind, Method, Path, Service};
use crate::resource::Answer;
use serde_json::{Value, json};
use table::Text;

pub static VERBS: &[Verb] = &[
    Verb {
        name: "merge incidents",
        letter: Some('g'),
        help: "merge it with another incident: one of them remains, with all alerts",
        also: "join combine duplicate",
        kinds: &[Kind::Incident],
        tier: 2,
        form: Form::Incident(REASONS),
        needs: |_| {
            Needs::any(Service::Graph, &["SecurityIncident.ReadWrite.All"])
                .role("Security Operator")
        },
        writes: &["status"],
        blocked: |_, now, _| super::triage::merged(now),
        preview: |_, _, args| other_call(args).into_iter().collect(),
        consequences: |about| {
            let mut out = other(about);
            out.push(Consequence::warn(
                "the service chooses which of the two remains; the other points to it from then on",
            ));
            out
        },
        sentence: |t, args, _| sentence("merge", t, &with(args, "with")),
        plan: |key, _, args, _, answers| {
            let other = wanted(args, answers)?.ok_or("the other incident is missing")?;
            if other == key.id {
                return Err("an incident cannot be merged with itself".to_owned());
            }
            // which of the two remains is read off them afterwards: a third would prove nothing
            if args.incident.as_ref() != Some(&other) {
                let heir = other.txt().shown();
                return Err(format!(
                    "the other was merged into incident {heir}: name that one"
                ));
            }
            let body = json!({
                "incidentIds": [key.id.txt().exact(), other.txt().exact()],
                "incidentComment": comment(args, "Merged with Watchfloor"),
                "mergeReasons": reason(args)?,
            });
            let path = Path::new("/security/incidents/mergeIncidents");
            Ok(vec![
                Call::write(Service::Graph, Method::Post, path, body)
                    .needs(&["SecurityIncident.ReadWrite.All"]),
            ])
        },
        stamp: Some(Stamp {
            comment: "incidentComment",
            external: "",
        }),
        // whichever remains, the other points to it
        witness: Some(Witness {
            calls: |_, args| other_call(args).into_iter().collect(),
            verify: merged,
        }),
        ..super::BASE
    },
    Verb {
        name: "move alert",
        letter: Some('m'),
        help: "move it to another incident, or to one of its own",
        also: "correlate unlink",
        kinds: &[Kind::Alert],
        tier: 1,
        form: Form::Incident(REASONS),
        needs: |_| {
            Needs::any(Service::Graph, &["SecurityAlert.ReadWrite.All"]).role("Security Operator")
        },
        writes: &["incidentId"],
        preview: |_, _, args| other_call(args).into_iter().collect(),
        consequences: other,
        sentence: |t, args, _| {
            let where_to = match &args.incident {
                Some(_) => with(args, "to"),
                None => "to a new incident of its own".to_owned(),
            };
            sentence("move", t, &where_to)
        },
        plan: |key, now, args, _, answers| {
            let to = match args.restored(key).and_then(|was| was.get("incidentId")) {
                Some(was) => was.as_str().map(Text::from),
                None => wanted(args, answers)?,
            };
            if to.is_some() && to == now.text("incidentId") {
                return Err("it belongs there already".to_owned());
            }
            let body = json!({
                "alertIds": [key.id.txt().exact()],
                "incidentId": to.as_ref().map(|t| t.txt().exact()),
                "alertComment": comment(args, "Moved with Watchfloor"),
                "newCorrelationReasons": reason(args)?,
            });
            let path = Path::new("/security/alerts_v2/moveAlerts");
            Ok(vec![
                Call::write(Service::Graph, Method::Post, path, body)
                    .needs(&["SecurityAlert.ReadWrite.All"]),
            ])
        },
        stamp: Some(Stamp {
            comment: "alertComment",
            external: "",
        }),
        verify: |_, now, _, _, before| {
            let was = before.get("incidentId").and_then(Value::as_str);
            match now.str("incidentId") {
                Some(is) if Some(is) != was => Ok(()),
                _ => Err(format!("incident {}", shown(now, "incidentId"))),
            }
        },
        inverse: Some("move alert"),
        undo: |deed| {
            let was = deed.before.get("incidentId").and_then(Value::as_str)?;
            let args = Args {
                incident: Some(was.into()),
                choice: REASONS.first().map(|c| c.word),
                restore: vec![(deed.key.clone(), deed.before.clone())],
                ..Args::default()
            };
            Some(("move alert", args))
        },
        ..super::BASE
    },
];

macro_rules! reasons {
    ($($letter:literal $word:literal $label:literal)*) => {
        &[$(Choice { letter: $letter, word: $word, label: $label, tier: 0 }),*]
    };
}

/// `security.correlationReason`, in the order in which people think of them.
static REASONS: &[Choice] = reasons! {
    'a' "sameActor" "same actor"
    'c' "sameCampaign" "same campaign"
    'i' "sharedIndicators" "shared indicators"
    'd' "sameAsset" "same asset"
    't' "sameTargetedAsset" "same targeted asset"
    'r' "repeatedAlertOccurrence" "repeated alert"
    's' "sameThreatSource" "same threat source"
    'p' "similarTTPsOrBehavior" "similar techniques or behaviour"
    'f' "similarArtifacts" "similar artifacts"
    'e' "eventSequence" "sequence of events"
    'k' "eventCasualSequence" "causal sequence of events"
    'w' "timeFrame" "time frame"
    'x' "temporalProximity" "close in time"
    'l' "lateralMovementPath" "path of lateral movement"
    'n' "networkProximity" "close in the network"
    'g' "sameNetworkSegment" "same network segment"
    'y' "sameGeography" "same geography"
};

fn other_call(args: &Args) -> Option<Call> {
    let id = args.incident.as_ref()?;
    let path = Path::new("/security/incidents").id(id.txt()).ok()?;
    Some(Call::get(Service::Graph, path).needs(&[
        "SecurityIncident.Read.All",
        "SecurityIncident.ReadWrite.All",
    ]))
}

/// One of the two was merged into the other: anything else that changed on them is no proof.
fn merged(key: &Key, now: Json<'_>, args: &Args, answers: &[Answer]) -> Result<(), String> {
    let other = args.incident.as_ref().ok_or("no other incident")?;
    let into = |from: Json<'_>, to: &Text| {
        is(from.str("status"), "redirected") && from.text("redirectIncidentId").as_ref() == Some(to)
    };
    let that = answers.first().and_then(Answer::entity);
    let that = that.ok_or("nothing of the other incident")?;
    match into(now, other) || into(that, &key.id) {
        true => Ok(()),
        false => Err(format!(
            "incident {} {}, incident {} {}",
            key.id.txt().shown(),
            shown(now, "status"),
            other.txt().shown(),
            shown(that, "status")
        )),
    }
}

/// The other incident as it is now; where it was merged meanwhile, the one it points to.
fn wanted(args: &Args, answers: &[Answer]) -> Result<Option<Text>, String> {
    let Some(id) = &args.incident else {
        return Ok(None);
    };
    let Some(now) = answers.first().and_then(Answer::entity) else {
        return Err(format!("incident {} could not be read", id.txt().shown()));
    };
    match is(now.str("status"), "redirected") {
        true => match now.text("redirectIncidentId") {
            Some(to) => Ok(Some(to)),
            None => Err(format!(
                "incident {} was merged into another",
                id.txt().shown()
            )),
        },
        false => Ok(Some(id.clone())),
    }
}

fn other(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let Some(id) = &about.args.incident else {
        out.push(Consequence::note("a new incident is made for it"));
        return out;
    };
    let id = id.txt().shown();
    let what = format!("incident {id}");
    let Some(now) = answer(about, 0, &what, &mut out).and_then(Answer::entity) else {
        return out;
    };
    out.push(match is(now.str("status"), "redirected") {
        true => Consequence::warn(format!(
            "incident {id} was merged into {}: that one is meant then",
            shown(now, "redirectIncidentId")
        )),
        false => Consequence::note(format!(
            "incident {id}: “{}”, {}, {}",
            shown(now, "displayName"),
            shown(now, "severity"),
            shown(now, "status")
        )),
    });
    out
}

fn reason(args: &Args) -> Result<&'static str, String> {
    let word = args.choice.ok_or("a reason is missing")?;
    let known = REASONS.iter().find(|c| c.word == word);
    known
        .map(|c| c.word)
        .ok_or_else(|| format!("{word} is no reason the service knows"))
}

/// `with incident 4709: same actor`.
fn with(args: &Args, preposition: &str) -> String {
    let other = args.incident.iter();
    let other = list(other.map(|i| i.txt().shown().into_owned()), 1);
    let why = REASONS.iter().find(|c| Some(c.word) == args.choice);
    let why = why.map_or(String::new(), |c| format!(" ({})", c.label));
    format!("{preposition} incident {other}{why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_that_was_merged_meanwhile_stands_for_its_heir() {
        let args = Args {
            incident: Some("4709".into()),
            ..Args::default()
        };
        let got = |v: Value| Answer::Got {
            body: std::sync::Arc::new(v),
            more: false,
        };
        let heir = got(json!({"id": "4709", "status": "redirected", "redirectIncidentId": "4702"}));
        assert_eq!(wanted(&args, &[heir]), Ok(Some("4702".into())));
        let itself = got(json!({"id": "4709", "status": "active"}));
        assert_eq!(wanted(&args, &[itself]), Ok(Some("4709".into())));
        assert!(
            wanted(&args, &[]).is_err(),
            "not sent on what could not be read"
        );
        assert_eq!(wanted(&Args::default(), &[]), Ok(None));
    }

    #[test]
    fn a_merge_is_proven_by_where_one_of_them_points_and_by_nothing_else() {
        let key = Key::new(Kind::Incident, "4711");
        let args = Args {
            incident: Some("4709".into()),
            ..Args::default()
        };
        let at = |id: &str, to: Option<&str>| {
            let status = if to.is_some() { "redirected" } else { "active" };
            json!({"id": id, "status": status, "redirectIncidentId": to, "lastUpdateDateTime": "2026-08-01T12:00:00Z"})
        };
        for (this, that, proven) in [
            (None, None, false),
            (Some("4709"), None, true),
            (None, Some("4711"), true),
            (Some("1"), None, false),
            (None, Some("1"), false),
        ] {
            let other = Answer::Got {
                body: std::sync::Arc::new(at("4709", that)),
                more: false,
            };
            let this = at("4711", this);
            let shows = merged(&key, Json(&this), &args, &[other]);
            assert_eq!(shows.is_ok(), proven, "{this} {that:?}: {shows:?}");
        }
        let gone = merged(
            &key,
            Json(&at("4711", Some("4709"))),
            &args,
            &[Answer::None],
        );
        assert!(gone.is_err());
    }
}
