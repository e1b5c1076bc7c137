//! Several tenants: which there are and how each stands, the fuzzy switch, and what an app takes over from the one that was
//! in front before. Each tenant has an app of its own; nothing but settings and the terminal's facts goes across.

use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use super::{App, columns};
use crate::model::{Health, Identity, Key, Kind, Standing};
use crate::msg::{Effect, Elsewhere, Level};

/// What is known of all tenants.
#[derive(Debug, Default)]
pub struct Tenants {
    /// In the order of the configuration; empty or one: there is nothing to switch.
    pub all: Vec<Standing>,
    /// How the tenant of this app is told from the others.
    pub own: Identity,
}

/// The name of the pick list.
const PICK: &str = "tenants";

impl App {
    /// Whether there is another tenant to go to.
    pub fn has_others(&self) -> Result<(), String> {
        match self.tenants.all.len() {
            0 | 1 => Err("there is one tenant: `watchfloor init` sets up more".into()),
            _ => Ok(()),
        }
    }

    /// Something on screen shows how the others stand.
    pub fn watches_tenants(&self) -> bool {
        self.overlays.iter().any(|o| match o {
            Overlay::Queue(_) => true,
            Overlay::Pick(p) => p.name == PICK,
            _ => false,
        })
    }

    /// How this tenant stands, for the others.
    pub fn standing(&self) -> Standing {
        let pane = self.panes.iter().find(|p| p.spec.kind == Kind::Incident);
        let progress = pane.map(|p| p.progress).unwrap_or_default();
        let fault = pane.and_then(|p| p.fault.as_ref());
        let (health, says) = if self.status.sign_in.is_some() {
            (Health::Bad, "wants your sign-in".to_owned())
        } else if let Some(fault) = self.status.sign_in_failed.as_ref().or(fault) {
            (Health::Bad, fault.to_string())
        } else if let Some(Err(why)) = pane.map(|p| super::able::readable(&self.grants, p.spec)) {
            (Health::Bad, why)
        } else if self.session.is_none() {
            (Health::Coming, "signing in …".to_owned())
        } else {
            let health = match progress.complete {
                true => Health::Good,
                false => Health::Coming,
            };
            let of = match (progress.complete, progress.total) {
                (false, Some(total)) => format!(" of {total}"),
                _ => String::new(),
            };
            let counts = self.counts().map_or_else(String::new, |c| format!(", {c}"));
            (health, format!("{}{of} incidents{counts}", progress.loaded))
        };
        Standing {
            identity: self.tenants.own.clone(),
            health,
            says,
            loaded: progress.loaded,
            complete: progress.complete,
            here: false,
        }
    }

    /// Takes over what does not belong to a tenant from the app that was in front.
    pub fn adopt(&mut self, before: &App) {
        self.settings = before.settings.clone();
        self.own_themes = before.own_themes.clone();
        self.terminal = before.terminal;
        self.answers = before.answers;
        columns::apply(self);
        self.load_theme();
    }

    /// It comes to the front: everything is drawn, and the terminal's title told anew.
    pub fn fronted(&mut self) {
        self.titled.clear();
        self.dirty = true;
    }

    pub(super) fn told_of_tenants(&mut self, all: Vec<Standing>) {
        self.dirty = self.watches_tenants() || self.tenants.all.len() != all.len();
        self.tenants.all = all;
        let items = items(self);
        if let Some(pick) = self.pick_mut(PICK) {
            pick.set_items(items);
        }
    }

    /// Opens what another tenant's row led to.
    pub fn open_here(&mut self, key: Key, fx: &mut Vec<Effect>) {
        self.overlays.clear();
        super::detail::open_in_tab(self, key, fx);
    }
}

fn items(app: &App) -> Vec<Item> {
    let item = |s: &Standing| {
        let name = table::Txt::new(&s.identity.words()).shown().into_owned();
        let sign = match s.health {
            Health::Closed => "·",
            Health::Coming => "…",
            Health::Good => "✓",
            Health::Bad => "!",
        };
        Item {
            label: format!("{sign} {name}"),
            note: s.says.clone(),
            on: s.here,
            value: Value::Named("tenant", s.identity.name.as_str().into()),
            ..Item::default()
        }
    };
    app.tenants.all.iter().map(item).collect()
}

/// `g t`: another tenant, found by any letters of its name; each keeps its lists, queries and places.
pub fn pick(app: &mut App) {
    let pick = Pick::new(PICK, "Tenant", items(app), |app, item, fx| {
        if let Value::Named(_, name) = item.value {
            switch(app, name.txt().exact(), None, fx);
        }
    });
    app.push(Overlay::Pick(pick));
}

/// Brings a tenant to the front.
pub fn switch(app: &mut App, name: &str, open: Option<Key>, fx: &mut Vec<Effect>) {
    if name != app.tenants.own.name {
        let name = name.to_owned();
        fx.push(Effect::Elsewhere(Elsewhere::Switch { name, open }));
        return;
    }
    match open {
        Some(key) => app.open_here(key, fx),
        None => app
            .toasts
            .push(app.now, Level::Info, "that tenant is in front".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{self, press};
    use crate::msg::Event;

    fn standing(name: &str, health: Health) -> Standing {
        Standing {
            identity: Identity {
                name: name.into(),
                ..Identity::default()
            },
            health,
            says: "12 incidents".into(),
            ..Standing::default()
        }
    }

    #[test]
    fn a_tenant_is_found_by_letters_of_its_name_and_wished_for() {
        let mut app = fixture::filled(100, 24);
        press(&mut app, "g t");
        assert!(
            app.overlays.is_empty(),
            "with one tenant there is nothing to pick"
        );
        app.tenants.own.name = "contoso".into();
        let all = ["contoso", "fabrikam", "adventure-works"];
        let all = all.map(|n| standing(n, Health::Good)).to_vec();
        app.update(fixture::at(1), Event::Tenants(all));
        press(&mut app, "g t");
        assert!(app.watches_tenants());
        let mut fx = Vec::new();
        for key in ["a", "w", "Enter"] {
            fx = press(&mut app, key);
        }
        let wish = fx.iter().find_map(|e| match e {
            Effect::Elsewhere(wish) => Some(wish.clone()),
            _ => None,
        });
        let name = "adventure-works".to_owned();
        assert_eq!(wish, Some(Elsewhere::Switch { name, open: None }));
        assert!(app.overlays.is_empty());
    }

    #[test]
    fn settings_go_across_and_nothing_else() {
        let mut before = fixture::filled(100, 24);
        before.settings.escape_ms = 33;
        let mut after = fixture::app(100, 24);
        after.adopt(&before);
        assert_eq!(after.settings.escape_ms, 33);
        assert!(after.session.is_none() || after.panes[0].rows.is_empty());
    }
}
