//! Sign-ins and directory audits as sources, `api/graph.md` 16.
//!
//! Both are asked for one person: sign-ins by object id or sign-in name, audits as whoever did it and as whom it was done
//! to. Ids get into a filter only as literals of the language.

use super::{Event, Gap, Span, Thing, Told, sentence};
use crate::model::call::{Pages, Path};
use crate::model::{Call, EntityRef, Json, Service, Ticks};
use crate::resource::Answer;
use crate::resource::doc::Tone;
use crate::resource::log_event::LogEvent;
use std::collections::BTreeSet;
use table::Txt;

const NEEDS: &[&str] = &["AuditLog.Read.All", "Directory.Read.All"];
/// Rows of a report at most.
const MOST: u32 = 5_000;

fn report(path: &'static str, time: &str, span: Span, who: String, top: &str) -> Call {
    let (from, to) = (span.from.literal(), span.to.literal());
    Call::get(Service::Graph, Path::new(path))
        .query(
            "$filter",
            format!("{time} ge {from} and {time} le {to} and {who}"),
        )
        .query("$top", top)
        .needs(NEEDS)
        .pages(Pages::Links { at_most: MOST })
}

/// The sign-ins of a person, newest first as the service has them.
pub fn sign_ins(of: &EntityRef, span: Span) -> Vec<Call> {
    let EntityRef::User { id, upn, .. } = of else {
        return Vec::new();
    };
    // names are stored in lower case, and compared as they are
    let by_name = || {
        let name = upn.as_ref()?.txt().exact().to_lowercase();
        Some(format!(
            "userPrincipalName eq {}",
            Txt::new(&name).odata_literal()
        ))
    };
    let by_id = id
        .as_ref()
        .map(|id| format!("userId eq {}", id.txt().odata_literal()));
    let who = by_id.or_else(by_name);
    let call = |who| report("/auditLogs/signIns", "createdDateTime", span, who, "1000");
    who.map(call).into_iter().collect()
}

/// What a person did in the directory, and what was done to them.
pub fn audits(of: &EntityRef, span: Span) -> Vec<Call> {
    let EntityRef::User { id, upn, .. } = of else {
        return Vec::new();
    };
    let who: Vec<String> = match (id, upn) {
        (Some(id), _) => {
            let id = id.txt().odata_literal();
            vec![
                format!("initiatedBy/user/id eq {id}"),
                format!("targetResources/any(t: t/id eq {id})"),
            ]
        }
        (None, Some(upn)) => {
            let upn = upn.txt().odata_literal();
            vec![format!("initiatedBy/user/userPrincipalName eq {upn}")]
        }
        (None, None) => Vec::new(),
    };
    let call = |who| {
        report(
            "/auditLogs/directoryAudits",
            "activityDateTime",
            span,
            who,
            "500",
        )
        .query("$orderby", "activityDateTime desc")
    };
    who.into_iter().map(call).collect()
}

/// The rows of all answers as events, each once, and what each answer lacks. `Thing::Raw` is the answer's place and the
/// row's.
pub fn of_answers(
    answers: &[Answer],
    read: fn(Json<'_>) -> Option<Told>,
    span: Span,
) -> (Vec<Event>, Vec<Gap>) {
    let (mut events, mut gaps): (Vec<Event>, Vec<Gap>) = (Vec::new(), Vec::new());
    let mut ids = BTreeSet::new();
    for (n, answer) in answers.iter().enumerate() {
        let mut oldest: Option<Ticks> = None;
        for (row, j) in answer.items().enumerate() {
            let Some(told) = read(j) else { continue };
            oldest = Some(oldest.map_or(told.at, |o| o.min(told.at)));
            // who did something to themselves is in two answers
            if j.text("id").is_none_or(|id| ids.insert(id)) {
                events.push(Event {
                    at: told.at,
                    sentence: sentence(&told.sentence),
                    tone: told.tone,
                    thing: Thing::Raw(n as u32, row as u32),
                });
            }
        }
        gaps.extend(lacking(answer, oldest, span));
    }
    (events, gaps)
}

/// What an answer lacks.
fn lacking(answer: &Answer, oldest: Option<Ticks>, span: Span) -> Option<Gap> {
    let before = || Span::new(span.from, oldest.unwrap_or(span.to).min(span.to));
    let (span, why) = match answer {
        Answer::Failed(fault) => (span, fault.to_string()),
        Answer::Withheld(needs) => (span, format!("not permitted: needs {}", needs.join(" or "))),
        Answer::Got { more: true, .. } => {
            let why = "cut: the service has more than was read; only the newest are here";
            (before(), why.to_owned())
        }
        Answer::Got { .. } | Answer::None => return None,
    };
    Some(Gap {
        span,
        why: why.into(),
    })
}

/// `signed in to Office 365 from 203.0.113.7 (Lagos, NG) on WS-042 · risk:high`
pub fn sign_in(j: Json<'_>) -> Option<Told> {
    let event = LogEvent::of(j);
    let code = j.at("status").int("errorCode");
    let mut text = match code {
        Some(0) => "signed in".to_owned(),
        Some(code) => format!("sign-in failed ({code})"),
        None => "sign-in".to_owned(),
    };
    let mut add = |before: &str, value: Option<&str>| {
        if let Some(value) = value {
            text.push_str(before);
            text.push_str(value);
        }
    };
    add(" to ", event.object.as_deref());
    add(" from ", event.ip);
    let place = j.at("location");
    let place = [place.str("city"), place.str("countryOrRegion")];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    let place = format!("({})", place.join(", "));
    add(" ", Some(place.as_str()).filter(|p| *p != "()"));
    let system = j.at("deviceDetail").str("operatingSystem");
    add(" on ", event.device.or(system));
    let grave = |c: &&String| !c.starts_with("error:");
    for change in event.changes.iter().filter(grave) {
        add(" · ", Some(change));
    }
    if code.is_some_and(|c| c != 0) {
        add(" · ", j.at("status").str("failureReason"));
    }
    let risk = event.changes.iter().find_map(|c| c.strip_prefix("risk:"));
    let tone = match (risk, code) {
        (Some("high"), _) => Tone::High,
        (Some(_), _) => Tone::Medium,
        (None, Some(0) | None) => Tone::Plain,
        (None, Some(_)) => Tone::Low,
    };
    Some(Told {
        at: event.at?,
        sentence: text,
        tone,
    })
}

/// `Update user by ana@contoso.com on raj@contoso.com: AccountEnabled · success`
pub fn audit(j: Json<'_>) -> Option<Told> {
    let event = LogEvent::of(j);
    let mut text = event.operation.unwrap_or("directory audit").to_owned();
    let mut add = |before: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            text.push_str(before);
            text.push_str(value);
        }
    };
    let target = event.target.as_ref().map(|t| t.txt().exact());
    add(" by ", event.user);
    add(" on ", target);
    let object = event.object.as_deref();
    add(" · ", object.filter(|o| target.is_none_or(|t| t != *o)));
    add(": ", Some(event.changes.join(", ").as_str()));
    add(" · ", event.result);
    add(" · ", j.str("resultReason"));
    let failed = event
        .result
        .is_some_and(|r| r.eq_ignore_ascii_case("failure"));
    let tone = match (failed, event.about) {
        (true, _) => Tone::Low,
        (false, Some(_)) => Tone::Medium,
        (false, None) => Tone::Plain,
    };
    Some(Told {
        at: event.at?,
        sentence: text,
        tone,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ticks;
    use serde_json::json;
    use table::Text;

    fn user(id: Option<&str>, upn: Option<&str>) -> EntityRef {
        EntityRef::User {
            id: id.map(Text::from),
            upn: upn.map(Text::from),
            sid: None,
            name: None,
        }
    }

    fn filters(calls: &[Call]) -> Vec<String> {
        let filter = |c: &Call| c.query.iter().find(|(n, _)| *n == "$filter").cloned();
        calls.iter().filter_map(filter).map(|(_, f)| f).collect()
    }

    #[test]
    fn a_name_cannot_leave_its_literal() {
        let span = Span::new(Ticks(0), Ticks(crate::model::time::DAY));
        let evil = "X' or userId ne '";
        let all = filters(&sign_ins(&user(None, Some(evil)), span));
        assert_eq!(
            all,
            [
                "createdDateTime ge 1970-01-01T00:00:00Z and createdDateTime le 1970-01-02T00:00:00Z and userPrincipalName eq 'x'' or userid ne '''"
            ]
        );
        for filter in filters(&audits(&user(Some(evil), None), span)) {
            assert!(filter.contains("'X'' or userId ne '''"), "{filter}");
        }
        assert!(sign_ins(&user(None, None), span).is_empty());
    }

    #[test]
    fn sign_ins_and_audits_read_as_sentences() {
        let row = json!({"createdDateTime": "2026-08-01T11:00:00Z", "appDisplayName": "Office 365", "ipAddress": "203.0.113.7",
            "location": {"city": "Lagos", "countryOrRegion": "NG"}, "status": {"errorCode": 0}, "riskLevelDuringSignIn": "high",
            "deviceDetail": {"displayName": "", "operatingSystem": "Windows 11"}});
        let told = sign_in(Json(&row)).unwrap();
        assert_eq!(
            told.sentence,
            "signed in to Office 365 from 203.0.113.7 (Lagos, NG) on Windows 11 · risk:high"
        );
        assert_eq!(told.tone, Tone::High);
        let row = json!({"createdDateTime": "2026-08-01T11:00:00Z", "status": {"errorCode": 50126, "failureReason": "Wrong password"}});
        assert_eq!(
            sign_in(Json(&row)).unwrap().sentence,
            "sign-in failed (50126) · Wrong password"
        );
        assert!(sign_in(Json(&json!({"status": 3}))).is_none());
        let row = json!({"activityDateTime": "2026-08-01T11:00:00Z", "activityDisplayName": "Update user",
            "initiatedBy": {"user": {"userPrincipalName": "ana@x"}, "app": null}, "result": "success", "resultReason": "",
            "targetResources": [{"userPrincipalName": "raj@x", "modifiedProperties": [{"displayName": "AccountEnabled"}]}]});
        assert_eq!(
            audit(Json(&row)).unwrap().sentence,
            "Update user by ana@x on raj@x: AccountEnabled · success"
        );
    }
}
