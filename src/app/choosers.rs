//! Choosers of a list: what to sort by, what to group by.

use super::App;
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use crate::msg::Effect;
use crate::resource::{Direction, Shape, grouping};

/// Sort columns remembered after the first.
const KEPT: usize = 3;

/// `S`: picks the column to sort by; the one in force turns round.
pub fn sort(app: &mut App) {
    let pane = app.pane();
    let items = columns(app, |col, _| match pane.sorted_by(col) {
        Some(true) => Some("↓ turn round".to_owned()),
        Some(false) => Some("↑ turn round".to_owned()),
        None => Some(String::new()),
    });
    app.push(Overlay::Pick(Pick::new(
        "sort",
        "Sort by",
        items,
        |app, item, fx| {
            if let Value::Index(col) = item.value {
                sort_by(app, col, fx);
            }
        },
    )));
}

/// Sorts by a column: by what is wanted first of it, or the other way round if it is in force. Earlier columns decide ties.
pub fn sort_by(app: &mut App, col: usize, fx: &mut Vec<Effect>) {
    let pane = app.pane_mut();
    let down = match pane.sorted_by(col) {
        Some(down) => !down,
        None => matches!(
            pane.spec.columns.get(col).map(|c| c.shape),
            Some(Shape::Ranked(_) | Shape::Int | Shape::Real | Shape::Time | Shape::Bool)
        ),
    };
    let key = pane
        .spec
        .sort_key(col, if down { Direction::Down } else { Direction::Up });
    pane.sort.retain(|k| k.col != col);
    pane.sort.insert(0, key);
    pane.sort.truncate(KEPT);
    pane.ordered = None;
    pane.view.clear();
    let kind = pane.spec.kind;
    app.compute(kind, fx);
}

/// Turns the sort in force round.
pub fn reverse(app: &mut App, fx: &mut Vec<Effect>) {
    if let Some(col) = app.pane().sort.first().map(|k| k.col) {
        sort_by(app, col, fx);
    }
}

/// Picks the column to group by, or none.
pub fn group(app: &mut App) {
    let now = app.pane().group;
    let mut items = vec![Item {
        label: "no groups".into(),
        on: now.is_none(),
        value: Value::None,
        ..Item::default()
    }];
    items.extend(columns(app, |_, column| {
        grouping::can_group(column).then(String::new)
    }));
    for item in &mut items {
        item.on = match item.value {
            Value::Index(col) => now == Some(col),
            _ => now.is_none(),
        };
    }
    app.push(Overlay::Pick(Pick::new(
        "group",
        "Group by",
        items,
        |app, item, fx| {
            let col = if let Value::Index(col) = item.value {
                Some(col)
            } else {
                None
            };
            group_by(app, col, fx);
        },
    )));
}

/// Groups by a column, or not at all.
pub fn group_by(app: &mut App, col: Option<usize>, fx: &mut Vec<Effect>) {
    let pane = app.pane_mut();
    pane.touched = true;
    pane.group = col;
    pane.folded.clear();
    pane.view.clear();
    let kind = pane.spec.kind;
    app.compute(kind, fx);
}

/// The columns that `note` has a word for: those shown first, in their order.
fn columns(
    app: &App,
    note: impl Fn(usize, &crate::resource::Column) -> Option<String>,
) -> Vec<Item> {
    let pane = app.pane();
    let shown = pane.columns.shown().iter().copied();
    let rest = (0..pane.spec.columns.len()).filter(|c| !pane.columns.shown().contains(c));
    shown
        .chain(rest)
        .filter_map(|col| {
            let column = pane.spec.columns.get(col)?;
            let word = note(col, column)?;
            Some(Item {
                label: column.head.to_owned(),
                note: column.help.to_owned(),
                on: !word.is_empty(),
                key: word,
                also: column.name,
                value: Value::Index(col),
                ..Item::default()
            })
        })
        .collect()
}
