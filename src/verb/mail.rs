//! Messages of an alert's evidence: taken out of the mailboxes they were delivered to (`api/graph.md` 10). The service says
//! yes to the request and nothing about its end: it stays *accepted* until a later reading of the alert shows it.

use super::common::{comment, list, sentence, shown};
use super::{Args, Choice, Consequence, Form, Needs, Proof, Stamp, Verb};
use crate::model::{Call, Json, Kind, Method, Mode, Path, Service};
use serde_json::{Value, json};
use table::Text;

const NEEDS: &[&str] = &["SecurityAnalyzedMessage.ReadWrite.All"];

static WAYS: &[Choice] = &[
    way('s', "softDelete", "delete, recoverable by the admin", 2),
    way('d', "moveToDeletedItems", "move to deleted items", 2),
    way('j', "moveToJunk", "move to junk", 2),
    way('b', "moveToInbox", "move back to the inbox", 2),
    way('h', "hardDelete", "delete for good", 3),
];

const fn way(letter: char, word: &'static str, label: &'static str, tier: u8) -> Choice {
    Choice {
        letter,
        word,
        label,
        tier,
    }
}

pub static VERBS: &[Verb] = &[Verb {
    name: "remediate mail",
    letter: Some('r'),
    help: "take the alert's messages out of the mailboxes: delete, junk, or back",
    also: "email message purge soft delete hard junk phish",
    kinds: &[Kind::Alert],
    form: Form::Mails(WAYS),
    needs: |_| Needs::any(Service::Graph, NEEDS).licence("Defender for Office 365 Plan 2"),
    blocked: |_, now, _| {
        // a row of the list does not tell
        let told = !now.at("evidence").is_null();
        (told && messages(now).is_empty())
            .then(|| "no message with a recipient is among its evidence".to_owned())
    },
    consequences: |about| {
        let chosen = chosen(about.entity, about.args);
        let mut out = Vec::new();
        if about.session.mode == Mode::Delegated {
            let text = "the service documents this for an app's sign-in: it may refuse a person's";
            out.push(Consequence::warn(text));
        }
        let names = chosen.iter().map(|m| {
            let subject = m
                .subject
                .as_ref()
                .map_or("no subject".into(), |s| s.txt().shown());
            format!("“{subject}” to {}", m.recipient.txt().shown())
        });
        out.push(Consequence::note(format!(
            "{} messages: {}",
            chosen.len(),
            list(names, 4)
        )));
        let clusters = about.entity.list("evidence");
        if clusters
            .filter(|e| e.odata_type() == Some("mailClusterEvidence"))
            .count()
            > 0
        {
            let text = "its mail clusters name no recipients: their other messages are not touched";
            out.push(Consequence::warn(text));
        }
        out.push(match about.args.choice {
            Some("hardDelete") => Consequence::grave("what is deleted for good cannot be got back by anybody"),
            _ => Consequence::note("it runs in the service's action center; whether it is done shows there, and in the alert later"),
        });
        out
    },
    sentence: |t, args, _| {
        let way = WAYS.iter().find(|w| Some(w.word) == args.choice);
        let what = match args.mails.len() {
            0 => "all messages".to_owned(),
            n => format!("{n} messages"),
        };
        let way = way.map_or("remediate", |w| w.label);
        sentence("remediate mail of", t, &format!("{what}: {way}"))
    },
    plan: |key, now, args, _, _| {
        let way = args.choice.filter(|c| WAYS.iter().any(|w| w.word == *c));
        let way = way.ok_or("how to deal with them is missing")?;
        let chosen = chosen(now, args);
        if chosen.is_empty() {
            return Err("no message with a recipient is among its evidence".to_owned());
        }
        let mails: Vec<Value> = chosen
            .iter()
            .map(|m| {
                json!({
                    "networkMessageId": m.id.txt().exact(),
                    "recipientEmailAddress": m.recipient.txt().exact(),
                })
            })
            .collect();
        let body = json!({
            "displayName": format!("Watchfloor {}", key.id.txt().exact()),
            "description": comment(args, "Asked for with Watchfloor"),
            "severity": "medium",
            "action": way,
            "remediateSendersCopy": false,
            "analyzedEmails": mails,
        });
        let path = Path::new("/security/collaboration/analyzedEmails/remediate");
        Ok(vec![
            Call::write(Service::Graph, Method::Post, path, body).needs(NEEDS),
        ])
    },
    stamp: Some(Stamp {
        comment: "description",
        external: "",
    }),
    proof: Proof::Later,
    verify: |_, now, args, _, _| {
        let chosen = chosen(now, args);
        let open = chosen.iter().filter(|m| !m.done).count();
        match open {
            0 if !chosen.is_empty() => Ok(()),
            _ => Err(format!(
                "{open} of {} messages not remediated",
                chosen.len()
            )),
        }
    },
    ..super::BASE
}];

/// A message in a mailbox.
struct Mail {
    id: Text,
    recipient: Text,
    subject: Option<Text>,
    done: bool,
}

/// The messages of an alert that the service can find again: those with an id and a recipient.
fn messages(alert: Json<'_>) -> Vec<Mail> {
    alert
        .list("evidence")
        .filter(|e| e.odata_type() == Some("analyzedMessageEvidence"))
        .filter_map(|e| {
            Some(Mail {
                id: e.text("networkMessageId")?,
                recipient: e.text("recipientEmailAddress")?,
                subject: e.text("subject"),
                done: shown(e, "remediationStatus").eq_ignore_ascii_case("remediated"),
            })
        })
        .collect()
}

/// Those that the person ticked, and are the alert's; all where none was.
fn chosen(alert: Json<'_>, args: &Args) -> Vec<Mail> {
    let ticked = |m: &Mail| {
        let is = |(id, to): &(Text, Text)| *id == m.id && *to == m.recipient;
        args.mails.is_empty() || args.mails.iter().any(is)
    };
    messages(alert).into_iter().filter(ticked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_of_the_alert_can_be_chosen() {
        let alert = json!({"evidence": [
            {"@odata.type": "#microsoft.graph.security.analyzedMessageEvidence", "networkMessageId": "n-1", "recipientEmailAddress": "a@x.example"},
            {"@odata.type": "#microsoft.graph.security.analyzedMessageEvidence", "networkMessageId": "n-2"},
            {"@odata.type": "#microsoft.graph.security.urlEvidence", "url": "https://x.example"},
        ]});
        assert_eq!(messages(Json(&alert)).len(), 1);
        let foreign = Args {
            mails: vec![("n-9".into(), "b@x.example".into())],
            ..Args::default()
        };
        assert!(chosen(Json(&alert), &foreign).is_empty());
        let row = &VERBS[0];
        let none = json!({"evidence": []});
        assert!((row.blocked)(Kind::Alert, Json(&none), Text::from("x").txt()).is_some());
        let listed = json!({"title": "a row of the list"});
        assert_eq!(
            (row.blocked)(Kind::Alert, Json(&listed), Text::from("x").txt()),
            None
        );
    }
}
