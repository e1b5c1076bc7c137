//! Machine actions: each carries the mark of the run that asked for it, with the first digits of its intent's hash.

use super::{Part, Verdict, here, young};
use crate::backend::finish::LAG;
use crate::backend::ports::Past;
use crate::backend::trace::{self, Mark};
use crate::model::{Json, Kind, Service, Stand, Ticks};
use crate::verb;
use serde_json::Value;

pub const NAME: &str = "machine actions";

/// Whether a deed must be in the list.
pub fn leaves(p: &Past) -> bool {
    verb::named(&p.deed.verb).is_some_and(|v| {
        v.stamp.is_some()
            && (v.needs)(p.deed.key.kind).service == Service::Defender
            && (p.deed.key.kind == Kind::Device || p.args.get("device").is_some())
    })
}

/// `app`: the id under which an app's actions are listed.
pub fn compare(past: &[Past], actions: &[Value], now: Ticks, app: Option<&str>) -> Part {
    let mut out = Part::new(NAME);
    out.looked = actions.len();
    let mut traced = Vec::new();
    for action in actions.iter().map(Json) {
        let by_app = || app.is_some_and(|app| action.str("requestor") == Some(app));
        match trace::marked(action) {
            Some(Mark { run, hash }) => {
                match past.iter().find(|p| p.deed.run == run && p.intent) {
                    None => out.find(Verdict::NoIntent, there(action)),
                    Some(p) if !p.hash.starts_with(&hash) => {
                        out.find(
                            Verdict::OtherHash,
                            format!("{} · {}", there(action), here(p)),
                        );
                    }
                    Some(p) if p.deed.stand == Stand::NotSent => {
                        out.find(
                            Verdict::SentAfterAll,
                            format!("{} · {}", there(action), here(p)),
                        );
                    }
                    Some(_) => out.agree += 1,
                }
                traced.push(run);
            }
            None if by_app() => out.find(Verdict::NoIntent, there(action)),
            None => {}
        }
    }
    for p in past.iter().filter(|p| p.intent && leaves(p)) {
        // refused by the service, or proven not sent: there is nothing to find
        let nothing = match p.deed.stand {
            Stand::NotSent => true,
            Stand::Failed => p.deed.action.is_none(),
            _ => false,
        };
        if nothing || traced.contains(&p.deed.run) {
            continue;
        }
        match young(p, now, LAG) {
            true => out.find(Verdict::Young, here(p)),
            false => out.find(Verdict::NoTrace, here(p)),
        }
    }
    out
}

fn there(action: Json<'_>) -> String {
    let text = |name| {
        let text = action.text(name).unwrap_or_default();
        text.txt().shown().into_owned()
    };
    let machine = match action.str("computerDnsName") {
        Some(_) => text("computerDnsName"),
        None => text("machineId"),
    };
    let made = action.time("creationDateTimeUtc");
    format!(
        "{} {} on {machine} by {} (action {})",
        made.map_or_else(String::new, Ticks::literal),
        text("type"),
        text("requestor"),
        text("id")
    )
}
