//! Over which tenants the queries of a tab are run: this one, all, or some by their names. It is not kept for the next start:
//! whoever asks others' tenants says so anew.

use crate::app::App;
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::model::Engine;
use crate::msg::Level;

/// The name of the pick list, and of what is typed in it.
const PICK: &str = "across";

/// Whether a query can be asked of others at all.
pub fn able(app: &App) -> Result<(), String> {
    app.has_others()?;
    match app.hunt.query().engine {
        Engine::Defender => Ok(()),
        _ => Err("only Defender is the same in every tenant; Alt-e changes the place".into()),
    }
}

/// Asks for the tenants of the tab.
pub fn choose(app: &mut App) {
    let across = &app.hunt.query().across;
    let all = app.tenants.all.len();
    let item = |label: String, n: usize, on: bool| Item {
        label,
        on,
        value: Value::Index(n),
        ..Item::default()
    };
    let mut items = vec![
        item("this tenant alone".into(), 0, across.is_empty()),
        item(format!("all {all} tenants"), 1, across.len() == all),
    ];
    items.extend(app.tenants.all.iter().map(|s| Item {
        label: table::Txt::new(&s.identity.words()).shown().into_owned(),
        note: s.says.clone(),
        value: Value::Named("tenant", s.identity.name.as_str().into()),
        ..Item::default()
    }));
    let mut pick = Pick::new(PICK, "hunt in", items, |app, item, _| {
        let names = match item.value {
            Value::Index(0) => Ok(Vec::new()),
            Value::Index(_) => Ok(names(app)),
            Value::Named(_, text) => some(app, text.txt().exact()),
            _ => return,
        };
        match names {
            Ok(names) => app.hunt.query_mut().across = names,
            Err(why) => app.toasts.push(app.now, Level::Warn, why),
        }
    });
    pick.note = "or some of them: parts of their names, with commas".into();
    pick.free = true;
    app.push(Overlay::Pick(pick));
}

fn names(app: &App) -> Vec<String> {
    let all = app.tenants.all.iter();
    all.map(|s| s.identity.name.clone()).collect()
}

/// Tenants by parts of their names; one that is meant exactly is not any other.
fn some(app: &App, text: &str) -> Result<Vec<String>, String> {
    let all = names(app);
    let mut out: Vec<String> = Vec::new();
    for word in text.split(',').map(|w| w.trim().to_lowercase()) {
        let exact = all.iter().filter(|n| n.to_lowercase() == word);
        let mut fit: Vec<&String> = exact.collect();
        if fit.is_empty() && !word.is_empty() {
            fit = all
                .iter()
                .filter(|n| n.to_lowercase().contains(&word))
                .collect();
        }
        if fit.is_empty() && !word.is_empty() {
            return Err(format!(
                "no tenant is called `{}`",
                table::Txt::new(&word).shown()
            ));
        }
        for name in fit {
            if !out.contains(name) {
                out.push(name.clone());
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{self, press};
    use crate::model::{Identity, Standing};
    use crate::msg::{Effect, Elsewhere, Event};

    #[test]
    fn a_query_goes_to_the_tenants_that_were_named_and_to_no_other() {
        let mut app = fixture::filled(100, 30);
        app.tenants.own.name = "contoso".into();
        let standing = |name: &str| Standing {
            identity: Identity {
                name: name.into(),
                ..Identity::default()
            },
            ..Standing::default()
        };
        let all = ["contoso", "contoso-eu", "fabrikam"].map(standing).to_vec();
        app.update(fixture::at(1), Event::Tenants(all));
        assert_eq!(some(&app, "contoso, fab").unwrap(), ["contoso", "fabrikam"]);
        assert_eq!(some(&app, "conto").unwrap(), ["contoso", "contoso-eu"]);
        assert!(some(&app, "fab, x").is_err());

        press(&mut app, "5");
        app.hunt.query_mut().editor.insert("DeviceInfo | take 1");
        press(&mut app, "Alt-o");
        assert!(
            matches!(app.overlays.last(), Some(Overlay::Pick(_))),
            "{:?}",
            app.toasts.log
        );
        for c in "eu,fab".chars() {
            press(&mut app, &c.to_string());
        }
        press(&mut app, "Enter");
        assert_eq!(app.hunt.query().across, ["contoso-eu", "fabrikam"]);
        assert!(app.hunt_header().contains("in 2 tenants"));
        let fx = press(&mut app, "F5");
        let asked = fx.iter().find_map(|e| match e {
            Effect::Elsewhere(Elsewhere::Hunt(fan)) => Some(fan.tenants.clone()),
            Effect::Ask(_, crate::msg::Request::Hunt { .. }) => panic!("asked of one alone"),
            _ => None,
        });
        assert_eq!(asked.unwrap(), ["contoso-eu", "fabrikam"]);
    }
}
