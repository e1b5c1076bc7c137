//! What is copied, in the form made for the clipboard: safe to paste anywhere, never a final newline.

use super::App;
use super::action::Place;
use super::doc;
use crate::model::{Json, Key};
use crate::msg::{Effect, Level};
use crate::resource::{Tenant, spec};
use table::{Cell, Text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Value,
    Row,
    Json,
    Defanged,
    Portal,
    Summary,
}

/// Copies something of what is under the cursor.
pub fn copy(app: &mut App, what: What, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    let made = match what {
        What::Value => value(app).map(|v| ("value", v.txt().clipboard())),
        What::Defanged => value(app).map(|v| ("defanged value", v.txt().defanged())),
        What::Row => row(app, &key).map(|t| ("row", t)),
        What::Json => json(app, &key).map(|t| ("JSON", t)),
        What::Portal => portal(app, &key).map(|t| ("portal address", t)),
        What::Summary => summary(app, &key).map(|t| ("summary", t)),
    };
    match made {
        Some((what, text)) => fx.push(Effect::Copy { what, text }),
        None => {
            let text = match what {
                What::Json | What::Summary => "the entity is not loaded yet: open it first",
                What::Portal => "this has no page in the portal",
                _ => "there is nothing to copy here",
            };
            app.toasts.push(app.now, Level::Warn, text.into());
        }
    }
}

/// `o`.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    match portal(app, &key) {
        Some(url) => fx.push(Effect::Open { url }),
        None => app.toasts.push(
            app.now,
            Level::Warn,
            "this has no page in the portal".into(),
        ),
    }
}

/// The value under the cursor: what the detail's line points to, else its text; in a list the name of the row.
fn value(app: &App) -> Option<Text> {
    let pane = app.pane();
    if app.here() == Place::Detail {
        let d = pane.detail.as_ref()?;
        if let Some(v) = d.target().and_then(|t| t.value()) {
            return Some(v.clone());
        }
        let text = doc::plain(d.line()?, app.now.wall);
        return (!text.is_empty()).then(|| Text::from(text));
    }
    let row = pane.row()?;
    match pane.rows.cell(row, pane.spec.name_column) {
        Cell::Text(t) => Some(t.to_text()),
        _ => pane.key().map(|k| k.id),
    }
}

fn row(app: &App, key: &Key) -> Option<String> {
    let pane = app.panes.iter().find(|p| p.spec.kind == key.kind)?;
    let row = pane.rows.find(key.id.txt().exact())?;
    let cells: Vec<String> = (0..pane.spec.columns.len())
        .map(|col| match pane.rows.cell(row, col) {
            Cell::Null => String::new(),
            Cell::Text(t) => t.clipboard(),
            Cell::List(items) => items
                .iter()
                .map(|t| t.clipboard())
                .collect::<Vec<_>>()
                .join(", "),
            Cell::Int(n) | Cell::Span(n) => n.to_string(),
            Cell::Real(n) => n.to_string(),
            Cell::Bool(b) => b.to_string(),
            Cell::Time(t) => crate::model::Ticks(t).literal(),
        })
        .collect();
    Some(cells.join("\t"))
}

/// The open detail's entity.
fn entity<'a>(app: &'a App, key: &Key) -> Option<&'a serde_json::Value> {
    let d = app
        .panes
        .iter()
        .filter_map(|p| p.detail.as_ref())
        .find(|d| d.key == *key)?;
    d.entity.as_ref().map(|e| &*e.json)
}

/// JSON with every control and invisible character escaped.
fn json(app: &App, key: &Key) -> Option<String> {
    let text = serde_json::to_string_pretty(entity(app, key)?).ok()?;
    Some(escaped(&text))
}

/// Characters that a terminal or an eye would not show, as JSON escapes: outside strings there are none.
pub fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        let plain =
            c == '\n' || (' '..='~').contains(&c) || (c.is_alphanumeric() && !c.is_control());
        if plain {
            out.push(c);
        } else {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

fn portal(app: &App, key: &Key) -> Option<String> {
    let tenant = app.session.as_ref()?;
    let tenant = Tenant {
        id: &tenant.tenant_id,
    };
    let by_id = serde_json::json!({"id": key.id.txt().exact()});
    (spec(key.kind).portal)(Json(entity(app, key).unwrap_or(&by_id)), &tenant)
}

fn summary(app: &App, key: &Key) -> Option<String> {
    Some((spec(key.kind).summary)(Json(entity(app, key)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_json_reads_back_exactly_and_shows_nothing_odd() {
        let v = serde_json::json!({"a": "x\u{1b}[31m\u{202e}\u{200b}é漢 😀\n", "b": [1, null]});
        let out = escaped(&serde_json::to_string_pretty(&v).unwrap());
        assert!(
            !out.contains('\u{1b}')
                && !out.contains('\u{202e}')
                && !out.contains('\u{200b}')
                && !out.ends_with('\n')
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap(), v);
    }
}
