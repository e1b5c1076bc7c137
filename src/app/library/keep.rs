//! Saving, renaming, deleting and importing hunts: what is asked before, and what is wished for then.

use super::{look, saved_of};
use crate::app::App;
use crate::app::ask::Ask;
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::model::saved::Place;
use crate::msg::{Effect, Level, Shelf as Wish};

/// `F2`: keeps the text of the tab in front. One that was opened from a file goes back there; a new one is asked for
/// its title.
pub fn save(app: &mut App, fx: &mut Vec<Effect>) {
    let query = app.hunt.query();
    let text = query.editor.text().clone();
    if text.trim().is_empty() {
        return say(app, "there is no text to save");
    }
    let tab = query.id;
    match app.library.links.get(&tab).cloned() {
        Some(place @ Place::File { .. }) => {
            let saved = Box::new(saved_of(app, tab, &text, "query"));
            fx.push(Effect::Shelf(Wish::Save {
                saved,
                place: Some(place),
                tab,
                over: true,
            }));
        }
        _ => save_as(app),
    }
}

/// Keeps the text under another title.
pub fn save_as(app: &mut App) {
    let query = app.hunt.query();
    if query.editor.text().trim().is_empty() {
        return say(app, "there is no text to save");
    }
    let name: String = query.name().chars().take(80).collect();
    let ask = Ask::about("save", "Save the query as (its title)", &name, titled);
    app.push(Overlay::Ask(ask));
}

fn titled(app: &mut App, _: &'static str, title: &str, fx: &mut Vec<Effect>) {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        return say(app, "a saved query needs a title");
    }
    let query = app.hunt.query();
    let (tab, text) = (query.id, query.editor.text().clone());
    let place = app.library.links.get(&tab).cloned();
    let mut saved = saved_of(app, tab, &text, &title);
    // under its own title a hunt of the pack is saved over it, under another one beside it
    let place = place.filter(|p| matches!(p, Place::Pack(_)) && saved.title == title);
    saved.title = title;
    let saved = Box::new(saved);
    app.library.saving = Some((saved.clone(), tab));
    fx.push(Effect::Shelf(Wish::Save {
        saved,
        place,
        tab,
        over: false,
    }));
}

/// A file of that name is there: nothing was written, the person decides.
pub fn exists(app: &mut App, place: Place, tab: u64) {
    let known = app.library.saving.as_ref().is_some_and(|(_, t)| *t == tab);
    if !known {
        return;
    }
    let path = place.path().unwrap_or_default();
    let title = format!("{} is there already", path.display());
    app.library.about = Some(place);
    let items = yes_no("write over it", "leave it");
    app.push(Overlay::Pick(Pick::letters(
        "write over",
        title,
        items,
        |app, item, fx| {
            let (Some((saved, tab)), Some(place)) =
                (app.library.saving.take(), app.library.about.take())
            else {
                return;
            };
            if item.key == "y" {
                fx.push(Effect::Shelf(Wish::Save {
                    saved,
                    place: Some(place),
                    tab,
                    over: true,
                }));
            }
        },
    )));
}

fn yes_no(yes: &str, no: &str) -> Vec<Item> {
    let item = |key: &str, label: &str| Item {
        key: key.to_owned(),
        label: label.to_owned(),
        value: Value::Name("answer"),
        ..Item::default()
    };
    vec![item("n", no), item("y", yes)]
}

/// Asks for another title.
pub fn rename(app: &mut App, place: Place, title: &str) {
    if matches!(place, Place::Pack(_)) {
        return say(
            app,
            "what came with the program keeps its name; save it under another",
        );
    }
    app.library.about = Some(place);
    let ask = Ask::about("rename", "Its title", title, |app, _, title, fx| {
        let to = title.split_whitespace().collect::<Vec<_>>().join(" ");
        match (app.library.about.take(), to.is_empty()) {
            (Some(from), false) => fx.push(Effect::Shelf(Wish::Rename { from, to })),
            (_, true) => say(app, "a saved query needs a title"),
            (None, _) => {}
        }
    });
    app.push(Overlay::Ask(ask));
}

/// Asks before a file goes. What came with the program comes back when the file that was saved over it goes.
pub fn delete(app: &mut App, place: Place, title: &str) {
    if matches!(place, Place::Pack(_)) {
        return say(app, "what came with the program cannot be deleted");
    }
    let path = place.path().unwrap_or_default();
    let mut shown = String::new();
    table::Txt::new(title).shown_fit(&mut shown, 60);
    let question = format!("Delete “{shown}” ({})?", path.display());
    app.library.about = Some(place);
    let items = yes_no("delete the file", "keep it");
    app.push(Overlay::Pick(Pick::letters(
        "delete query",
        question,
        items,
        |app, item, fx| {
            if let Some(place) = app.library.about.take().filter(|_| item.key == "y") {
                fx.push(Effect::Shelf(Wish::Delete { place }));
            }
        },
    )));
}

/// Asks for a file or folder with rules of Sentinel. They are read and kept; none of them runs by itself.
pub fn import(app: &mut App) {
    let title = "Import rules of Sentinel: a YAML file, or a folder of them";
    let ask = Ask::about("import", title, "~/", |app, _, path, fx| {
        if path.trim().is_empty() {
            return;
        }
        fx.push(Effect::Shelf(Wish::Import {
            from: path.trim().to_owned(),
        }));
        look(app, fx);
    });
    app.push(Overlay::Ask(ask));
}

fn say(app: &mut App, text: &str) {
    app.toasts.push(app.now, Level::Warn, text.to_owned());
}
