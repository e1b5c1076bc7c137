//! The queue of all tenants: their incidents in one order, found by the filter language of lists and by `@tenant`, and how
//! each tenant stands. Enter goes to the tenant and opens the incident there: nothing is done to anything from here.

use super::App;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::pane::Pane;
use super::pick::{Go, movement};
use super::tenants;
use crate::model::{Health, Key, Kind};
use crate::msg::{Computed, Effect, Elsewhere, Gathered, KeyPress};
use crate::resource::filter::{Env, compile, parse};
use crate::resource::{gathered, spec};
use crossterm::event::KeyCode;
use table::{Cancel, Pattern, Predicate, Test, Text};

/// What marks a word as the name of a tenant.
const AT: char = '@';

/// The list and what is typed above it.
pub struct Queue {
    pub line: Line,
    /// Incidents of all tenants; their ids tell whose they are.
    pub pane: Pane,
    /// Why a part of what is typed does not apply.
    pub problem: String,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Queue({} rows)", self.pane.rows.len())
    }
}

/// `g q` of all tenants: opens it, and has all of them read.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    let mut queue = Queue {
        line: Line::default(),
        pane: Pane::new(spec(Kind::Incident)),
        problem: String::new(),
    };
    queue.compute(app);
    app.push(Overlay::Queue(Box::new(queue)));
    fx.push(Effect::Elsewhere(Elsewhere::Gather(true)));
}

/// The keys of this place and what they do, for the lowest line.
pub const KEYS: &[(&str, &str)] = &[
    ("Enter", "open there"),
    ("Esc", "back"),
    ("@name", "one tenant"),
    ("sev:high", "filter"),
    ("↑ ↓", "move"),
    ("F1", "help"),
];

/// Lines of rows in sight: below header, title, what is typed and the headings; above the footer.
pub fn rows_in_sight(app: &App) -> usize {
    usize::from(app.size.1)
        .saturating_sub(5 + troubles(app).len())
        .max(1)
}

/// Tenants that are not well, the first few of them; the rest is counted.
pub fn troubles(app: &App) -> Vec<String> {
    const MOST: usize = 3;
    let bad: Vec<String> = (app.tenants.all.iter())
        .filter(|s| s.health == Health::Bad)
        .map(|s| {
            let name = table::Txt::new(&s.identity.words()).shown().into_owned();
            format!("{name}: {}", s.says)
        })
        .collect();
    let over = bad.len().saturating_sub(MOST);
    let mut out: Vec<String> = bad.into_iter().take(MOST).collect();
    if over > 0
        && let Some(last) = out.last_mut()
    {
        last.push_str(&format!(" · and {over} more tenants"));
    }
    out
}

/// How many rows of how many tenants, and whether they are all.
pub fn title(app: &App, queue: &Queue) -> String {
    let all = &app.tenants.all;
    let done = all.iter().filter(|s| s.complete).count();
    let shown = queue.pane.shown.len();
    let rows = queue.pane.rows.len();
    let rows = match shown == rows {
        true => format!("{rows} incidents"),
        false => format!("{shown} of {rows} incidents"),
    };
    match done == all.len() {
        true => format!("All tenants · {rows} of {} tenants", all.len()),
        false => format!(
            "All tenants · {rows} · {done} of {} tenants complete",
            all.len()
        ),
    }
}

/// Rows of one tenant came.
pub fn took(app: &mut App, gathered: Gathered) {
    let Some(place) = (app.overlays.iter()).rposition(|o| matches!(o, Overlay::Queue(_))) else {
        return;
    };
    let Overlay::Queue(mut queue) = app.overlays.remove(place) else {
        return;
    };
    let rows = &mut queue.pane.rows;
    if let Some(tenant) = &gathered.anew {
        let beginning = gathered::beginning(tenant);
        rows.retain(|key| !key.exact().starts_with(&beginning));
    }
    rows.upsert(gathered.rows);
    queue.compute(app);
    app.overlays.insert(place, Overlay::Queue(queue));
}

impl Queue {
    /// Whose the row under the cursor is, and what.
    pub fn chosen(&self) -> Option<(String, Key)> {
        let key = self.pane.key()?;
        let (tenant, id) = gathered::part(key.id.txt().exact())?;
        Some((tenant.to_owned(), Key::new(Kind::Incident, id)))
    }

    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let height = rows_in_sight(app);
        let last = self.pane.shown.len().saturating_sub(1);
        let to = movement(press.key, false).map(|go| match go {
            Go::By(n) => self.pane.cursor.saturating_add_signed(n).min(last),
            Go::To(n) => n.min(last),
        });
        if let Some(to) = to {
            self.pane.move_to(to, height);
            return Step::Stay(Overlay::Queue(Box::new(self)));
        }
        match press.key.code {
            // first what is typed, then the list
            KeyCode::Esc if !self.line.is_empty() => {
                self.line.set("");
                self.compute(app);
            }
            KeyCode::Esc => {
                fx.push(Effect::Elsewhere(Elsewhere::Gather(false)));
                return Step::Close;
            }
            KeyCode::Enter => {
                if let Some((tenant, key)) = self.chosen() {
                    fx.push(Effect::Elsewhere(Elsewhere::Gather(false)));
                    return Step::Then(Box::new(move |app, fx| {
                        tenants::switch(app, &tenant, Some(key), fx);
                    }));
                }
            }
            _ => match self.line.key(press.key) {
                Edit::Changed => self.compute(app),
                Edit::Moved => {}
                Edit::Ignored => return Step::Pass(Overlay::Queue(Box::new(self))),
            },
        }
        Step::Stay(Overlay::Queue(Box::new(self)))
    }

    pub fn paste(mut self, app: &mut App, text: &Text) -> Step {
        self.line.insert(text.txt().exact().trim());
        self.compute(app);
        Step::Stay(Overlay::Queue(Box::new(self)))
    }

    /// Finds and orders the rows; the cursor stays on its incident.
    fn compute(&mut self, app: &App) {
        let (whose, words): (Vec<&str>, Vec<&str>) = (self.line.text().split(' '))
            .filter(|w| !w.is_empty())
            .partition(|w| w.starts_with(AT));
        let parsed = parse(&words.join(" "), self.pane.spec);
        self.problem = parsed
            .problems
            .first()
            .map_or_else(String::new, |p| p.sentence.clone());
        let env = Env {
            now: app.now.wall,
            me: app.session.as_ref().and_then(|s| s.me.clone()),
            joined: true,
        };
        let mut all = vec![compile(&parsed, self.pane.spec, &env)];
        if let Some(id) = self.pane.spec.column("id") {
            for word in whose {
                let word = word.trim_start_matches(AT).to_lowercase();
                let names = app.tenants.all.iter().map(|s| &s.identity);
                let fit = names.filter(|i| i.words().to_lowercase().contains(&word));
                let any = fit.map(|i| Predicate::Test {
                    col: id,
                    test: Test::Text(Pattern::starts_with(&gathered::beginning(&i.name))),
                });
                all.push(Predicate::Or(any.collect()));
            }
        }
        let (table, never) = (self.pane.rows.table(), Cancel::default());
        let live = self.pane.rows.live();
        let fit =
            table::filter(table, &live, &Predicate::And(all), &never).map_or(live, |f| f.rows);
        let rows = table::sort(table, &fit, &self.pane.sort, &never).unwrap_or(fit);
        let done = Computed {
            ordered: None,
            rows,
            maybe: 0,
            hidden: 0,
            groups: Vec::new(),
        };
        self.pane.show(done, rows_in_sight(app));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{self, press};
    use crate::model::{Identity, Standing};
    use crate::msg::Event;
    use std::sync::Arc;

    /// An app of tenant `a` that shows the queue of `a` and `b`, who have the same incidents.
    pub fn two() -> App {
        let mut app = fixture::filled(100, 24);
        let standing = |name: &str, health, says: &str| Standing {
            identity: Identity {
                name: name.into(),
                ..Identity::default()
            },
            health,
            says: says.into(),
            complete: health == Health::Good,
            ..Standing::default()
        };
        app.tenants.own.name = "a".into();
        let all = vec![
            standing("a", Health::Good, ""),
            standing("b", Health::Good, ""),
            standing("c", Health::Bad, "sign-in failed: no"),
        ];
        app.update(fixture::at(1), Event::Tenants(all));
        press(&mut app, "g Q");
        for name in ["a", "b"] {
            let table = app.panes[0].rows.table().clone();
            let rows = Arc::new(gathered::rows(name, &table, 0, 0, |_| true));
            app.update(
                fixture::at(1),
                Event::Gathered(Gathered { rows, anew: None }),
            );
        }
        app
    }

    fn queue(app: &App) -> &Queue {
        match app.overlays.last() {
            Some(Overlay::Queue(queue)) => queue,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_numbers_of_two_tenants_stand_side_by_side_and_lead_to_their_own() {
        let mut app = two();
        let each = app.panes[0].rows.len();
        assert_eq!(queue(&app).pane.shown.len(), 2 * each);
        assert!(title(&app, queue(&app)).contains("2 of 3 tenants complete"));
        assert_eq!(troubles(&app), ["c: sign-in failed: no"]);
        for key in ["@", "b"] {
            press(&mut app, key);
        }
        assert_eq!(queue(&app).pane.shown.len(), each);
        press(&mut app, "Down");
        let (tenant, key) = queue(&app).chosen().unwrap();
        assert_eq!(tenant, "b");
        let fx = press(&mut app, "Enter");
        let wishes: Vec<_> = fx
            .iter()
            .filter_map(|e| match e {
                Effect::Elsewhere(e) => Some(e.clone()),
                _ => None,
            })
            .collect();
        let switch = Elsewhere::Switch {
            name: tenant,
            open: Some(key),
        };
        assert_eq!(wishes, [Elsewhere::Gather(false), switch]);
        assert!(app.overlays.is_empty());
    }

    #[test]
    fn filters_apply_and_a_tenant_that_begins_anew_loses_only_its_own() {
        let mut app = two();
        let each = app.panes[0].rows.len();
        for c in "sev:high".chars() {
            press(&mut app, &c.to_string());
        }
        let high = queue(&app).pane.shown.len();
        assert!(
            high > 0 && high < 2 * each && high.is_multiple_of(2),
            "{high}"
        );
        let empty = table::ChunkBuilder::new(app.panes[0].spec.schema()).finish();
        let gathered = Gathered {
            rows: Arc::new(empty),
            anew: Some("a".into()),
        };
        app.update(fixture::at(2), Event::Gathered(gathered));
        assert_eq!(queue(&app).pane.rows.len(), each);
        assert_eq!(queue(&app).pane.shown.len(), high / 2);
        press(&mut app, "Esc");
        assert!(
            matches!(app.overlays.last(), Some(Overlay::Queue(_))),
            "Esc takes the filter first"
        );
        press(&mut app, "Esc");
        assert!(app.overlays.is_empty());
    }
}
