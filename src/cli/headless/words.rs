//! Names on the command line to ids: what people write is looked up, and a request names its target by id only.

use super::exit::ended;
use crate::cli::choose::Refusal;
use crate::model::{Fault, FaultKind, Key, Kind};
use crate::msg::{Body, Event, Request, Slot};
use crate::resource::Spec;
use crate::run::silent::Silent;
use std::time::Duration;

/// Whether a text has the form of an id of this kind.
fn is_id(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::User => uuid::Uuid::parse_str(text).is_ok(),
        Kind::Device => text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()),
        Kind::Incident => !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()),
        // whatever else there is goes by its id only
        _ => true,
    }
}

/// The entity that a text names. A name that several have is refused with their ids.
pub fn key(silent: &mut Silent, spec: &'static Spec, text: &str) -> Result<Key, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err((2, format!("an empty word names no {}", spec.one)));
    }
    if is_id(spec.kind, text) {
        return Ok(Key::new(spec.kind, text));
    }
    if spec.listing.search.is_none() {
        return Err((
            2,
            format!("`{text}` is no id of {} {}", article(spec.one), spec.one),
        ));
    }
    let found = search(silent, spec, text).map_err(|f| ended(&f))?;
    match found.as_slice() {
        [(key, _)] => Ok(key.clone()),
        [] => Err((
            7,
            format!(
                "no {} is called `{}`",
                spec.one,
                table::Txt::new(text).shown()
            ),
        )),
        several => {
            let mut out = format!(
                "{} {}s are called that; give the id:",
                several.len(),
                spec.one
            );
            for (key, name) in several.iter().take(20) {
                out.push_str(&format!("\n  {}  {name}", key.id.txt().shown()));
            }
            Err((7, out))
        }
    }
}

fn article(noun: &str) -> &'static str {
    match noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => "an",
        false => "a",
    }
}

/// Those whose name is exactly this, whatever its case: a device's full name or its first label, a user's sign-in name.
fn search(
    silent: &mut Silent,
    spec: &'static Spec,
    text: &str,
) -> Result<Vec<(Key, String)>, Fault> {
    let kind = spec.kind;
    let request = Request::Search {
        kind,
        words: text.to_owned(),
    };
    let number = silent.act(|app, fx| app.ask_command(Slot::Search(kind), request, fx));
    silent.until(Duration::from_secs(120), |_, event| match event? {
        Event::Reply(r) if r.ticket.number == number => match &r.body {
            Body::Fault(fault) => Some(Err(fault.clone())),
            Body::Dropped => Some(Err(Fault::new(FaultKind::Cancelled, "it ended early"))),
            _ if r.last => Some(Ok(())),
            _ => None,
        },
        _ => None,
    })??;
    let names: &[&str] = match kind {
        Kind::User => &["userPrincipalName"],
        Kind::Device => &["computerDnsName"],
        _ => &[],
    };
    let Some(pane) = silent.app().panes.iter().find(|p| p.spec.kind == kind) else {
        return Ok(Vec::new());
    };
    let cols: Vec<usize> = names.iter().filter_map(|n| spec.column(n)).collect();
    let same = |name: &str| {
        name.eq_ignore_ascii_case(text)
            || (kind == Kind::Device
                && name
                    .split('.')
                    .next()
                    .is_some_and(|l| l.eq_ignore_ascii_case(text)))
    };
    let mut out = Vec::new();
    for row in pane.rows.live().iter() {
        for col in &cols {
            if let Some(name) = pane.rows.cell(row, *col).text()
                && same(name.exact())
            {
                let key = Key::new(kind, pane.rows.key(row).to_text());
                out.push((key, name.shown().into_owned()));
                break;
            }
        }
    }
    Ok(out)
}
