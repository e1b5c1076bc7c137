//! Queries that reach out of the tenant ask once, whoever wrote them, before they are sent.

use crate::app::App;
use crate::app::hunt::running::{self, Extent};
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::resource::library::touches;
use std::sync::Arc;

/// Asks about a text that reaches out and was not allowed yet. True: wait for the answer.
pub fn asks(app: &mut App, extent: Extent, text: &Arc<str>) -> bool {
    let ways = touches::reaches(text);
    if ways.is_empty() || app.library.allowed.contains(text) {
        return false;
    }
    app.library.asked = Some((text.clone(), extent));
    let title = format!(
        "This query reaches out of the tenant ({}). Run it?",
        ways.join(", ")
    );
    let item = |key: &str, label: &str| Item {
        key: key.to_owned(),
        label: label.to_owned(),
        value: Value::Name("answer"),
        ..Item::default()
    };
    let items = vec![
        item("n", "no: read it first"),
        item("y", "run it; this text is not asked about again"),
    ];
    app.push(Overlay::Pick(Pick::letters(
        "reaches out",
        title,
        items,
        |app, item, fx| {
            let Some((text, extent)) = app.library.asked.take() else {
                return;
            };
            if item.key == "y" {
                app.library.allowed.insert(text);
                running::run_extent(app, extent, fx);
            }
        },
    )));
    true
}
