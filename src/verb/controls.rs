//! What was decided about a control of the secure score: a state with a note, `api/graph.md` 8.
//!
//! The service has no field for it: each decision is appended to a list, and the newest is in force. So a state is read
//! back there, and taking it back is one more decision.

use super::common::{comment, quoted, sentence};
use super::{Args, Choice, Consequence, Form, Needs, Stamp, Verb};
use crate::model::{Call, Json, Key, Kind, Method, Path, Service};
use crate::resource::posture::{STATES, decision, state_of, state_words};
use serde_json::{Value, json};
use table::Text;

/// The states that can be set, the portal's words first.
const WAYS: &[Choice] = &[
    Choice {
        letter: 't',
        word: "Default",
        label: "to address (Default)",
        tier: 1,
    },
    Choice {
        letter: 'r',
        word: "Ignored",
        label: "risk accepted (Ignored)",
        tier: 1,
    },
    Choice {
        letter: 'p',
        word: "ThirdParty",
        label: "resolved through third party (ThirdParty)",
        tier: 1,
    },
    Choice {
        letter: 'm',
        word: "Reviewed",
        label: "resolved through alternate mitigation (Reviewed)",
        tier: 1,
    },
];

pub static VERBS: &[Verb] = &[Verb {
    name: "control state",
    letter: Some('s'),
    help: "record what was decided about a control, with a note that everyone sees",
    also: "risk accepted ignore third party mitigation reviewed to address secure score",
    kinds: &[Kind::Control],
    tier: 1,
    form: Form::Choice(WAYS),
    needs: |_| {
        Needs::any(Service::Graph, &["SecurityEvents.ReadWrite.All"]).role("Security Administrator")
    },
    consequences: |about| {
        let mut out = Vec::new();
        let now = state_of(about.entity);
        if let Some(d) = decision(about.entity) {
            let by = d.text("updatedBy");
            let by = by.map_or(String::new(), |b| format!(" by {}", b.txt().shown()));
            let note = d.text("comment");
            let note = note.map_or(String::new(), |c| format!(": {}", quoted(c.txt())));
            out.push(Consequence::note(format!(
                "decided before{by}, {}{note}",
                Text::from(state_words(now)).txt().shown()
            )));
        }
        out.push(match wanted(about.key, about.args) {
            Some("Ignored") => Consequence::warn("its points stay lost; nothing is protected by it"),
            Some("ThirdParty" | "Reviewed") => Consequence::warn(
                "the service gives its points from the next score on because you say so: it checks nothing",
            ),
            _ => Consequence::note("it counts by what the service finds"),
        });
        out.push(Consequence::note("the portal's Planned has no state here"));
        out
    },
    state: |_, now, _| vec![("state", Some(Text::from(state_of(now))))],
    before: |_, _, now, _| {
        let last = decision(now);
        let text = |field| {
            last.and_then(|d| d.text(field))
                .map(|t| t.txt().exact().to_owned())
        };
        json!({"state": state_of(now), "comment": text("comment"), "assignedTo": text("assignedTo")})
    },
    sentence: |targets, args, _| {
        let state = args.choice.unwrap_or_default();
        sentence(
            "set",
            targets,
            &format!("to {} ({state})", state_words(state)),
        )
    },
    plan: |key, now, args, _, _| {
        let state = wanted(key, args).ok_or("which state is missing")?;
        let before = args.restored(key).map(Json);
        if before.is_none() && state_of(now) == state && args.reason.is_none() {
            return Err(format!("it is so already: {}", state_words(state)));
        }
        let note = before.and_then(|b| b.str("comment"));
        let note = note.map_or_else(|| comment(args, "Set with Watchfloor"), str::to_owned);
        let vendor = now.at("vendorInformation");
        let of = |field, otherwise| vendor.str(field).unwrap_or(otherwise).to_owned();
        let mut body = json!({
            "state": state,
            "comment": note,
            // without it the service refuses
            "vendorInformation": {"provider": of("provider", "SecureScore"), "vendor": of("vendor", "Microsoft")},
        });
        // a decision names everything: what is left out would be forgotten
        let assigned = before.and_then(|b| b.str("assignedTo"));
        let assigned = assigned.or_else(|| decision(now)?.str("assignedTo"));
        if let (Some(who), Value::Object(fields)) = (assigned, &mut body) {
            fields.insert("assignedTo".to_owned(), who.into());
        }
        let path = Path::new("/security/secureScoreControlProfiles");
        let path = path.id(key.id.txt()).map_err(|e| e.to_string())?;
        Ok(vec![
            Call::write(Service::Graph, Method::Patch, path, body)
                .needs(&["SecurityEvents.ReadWrite.All"]),
        ])
    },
    comments: true,
    stamp: Some(Stamp {
        comment: "comment",
        external: "",
    }),
    verify: |key, now, args, _, _| {
        let state = state_of(now);
        match wanted(key, args).is_some_and(|w| w.eq_ignore_ascii_case(state)) {
            true => Ok(()),
            false => Err(format!(
                "it is {}",
                Text::from(state_words(state)).txt().shown()
            )),
        }
    },
    idempotent: true,
    inverse: Some("control state"),
    undo: |deed| {
        let before = Json(&deed.before).str("state")?;
        let choice = known(before)?;
        Some((
            "control state",
            Args {
                choice: Some(choice),
                restore: vec![(deed.key.clone(), deed.before.clone())],
                ..Args::default()
            },
        ))
    },
    ..super::BASE
}];

/// The word of a state that can be set.
fn known(state: &str) -> Option<&'static str> {
    let found = STATES.iter().find(|(w, _)| w.eq_ignore_ascii_case(state));
    found.map(|(w, _)| *w)
}

/// The state that is to be: the one before where something is taken back, else the chosen one.
fn wanted(key: &Key, args: &Args) -> Option<&'static str> {
    let before = args.restored(key).and_then(|b| Json(b).str("state"));
    before.and_then(known).or(args.choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s0_26_the_note_goes_along_and_taking_back_restores_state_and_note() {
        let now = json!({"id": "a", "controlStateUpdates": [{"state": "Reviewed", "comment": "was", "assignedTo": "raj@contoso.com", "updatedDateTime": "2026-07-01T00:00:00Z"}]});
        let key = Key::new(Kind::Control, "a");
        let args = Args {
            choice: Some("Ignored"),
            reason: Some("accepted by the board".into()),
            ..Args::default()
        };
        let me = Text::from("x");
        let verb = &VERBS[0];
        let calls = (verb.plan)(&key, Json(&now), &args, me.txt(), &[]).unwrap();
        let body = calls[0].body.as_ref().unwrap();
        assert_eq!(body["state"], "Ignored");
        assert_eq!(body["comment"], "accepted by the board");
        assert_eq!(body["assignedTo"], "raj@contoso.com");
        assert_eq!(
            body["vendorInformation"],
            json!({"provider": "SecureScore", "vendor": "Microsoft"})
        );
        let before = (verb.before)(verb, &key, Json(&now), &[]);
        let back = Args {
            choice: Some("Reviewed"),
            restore: vec![(key.clone(), before)],
            ..Args::default()
        };
        let calls = (verb.plan)(&key, Json(&now), &back, me.txt(), &[]).unwrap();
        let body = calls[0].body.as_ref().unwrap();
        assert_eq!(
            (&body["state"], &body["comment"]),
            (&json!("Reviewed"), &json!("was"))
        );
    }

    #[test]
    fn every_state_of_the_service_can_be_set_with_the_portals_words_beside() {
        for (way, (word, words)) in WAYS.iter().zip(STATES) {
            assert_eq!(way.word, *word);
            assert_eq!(way.label, format!("{words} ({word})"));
        }
        assert_eq!(WAYS.len(), STATES.len());
    }
}
