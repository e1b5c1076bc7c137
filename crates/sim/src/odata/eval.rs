//! Running a filter on a row. A row may be an entity already rendered, or a cheap index row that knows only the filterable fields.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::filter::{Expr, Function, Literal, Op, Path, time};

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Time(Timestamp),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Cell::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Cell::Null, Cell::from)
    }
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Bool(b) => Cell::Bool(*b),
            Value::Number(n) => n
                .as_i64()
                .map_or_else(|| n.as_f64().map_or(Cell::Null, Cell::Real), Cell::Int),
            Value::String(s) => Cell::from(s.as_str()),
            Value::Null | Value::Array(_) | Value::Object(_) => Cell::Null,
        }
    }
}

/// Anything a filter can be run on.
pub(crate) trait Row {
    /// The value at a path of property names; what is not there is null.
    fn cell(&self, path: &[String]) -> Cell<'_>;
    /// The items of a collection, for `any` and `all`.
    fn items(&self, path: &[String]) -> Vec<Value>;
}

impl<T: Row + ?Sized> Row for &T {
    fn cell(&self, path: &[String]) -> Cell<'_> {
        (**self).cell(path)
    }

    fn items(&self, path: &[String]) -> Vec<Value> {
        (**self).items(path)
    }
}

/// A row whose frequent properties are cheap and whose others are looked up in the rendered entity.
pub(crate) struct Lazy<'a, F, R> {
    quick: F,
    render: R,
    whole: std::cell::OnceCell<Map<String, Value>>,
    lent: std::marker::PhantomData<&'a ()>,
}

impl<'a, F: Fn(&str) -> Option<Cell<'a>>, R> Lazy<'a, F, R> {
    pub fn new(quick: F, render: R) -> Self {
        Self {
            quick,
            render,
            whole: std::cell::OnceCell::new(),
            lent: std::marker::PhantomData,
        }
    }
}

impl<'a, F: Fn(&str) -> Option<Cell<'a>>, R: Fn() -> Map<String, Value>> Row for Lazy<'a, F, R> {
    fn cell(&self, path: &[String]) -> Cell<'_> {
        let quick = match path {
            [name] => (self.quick)(name),
            _ => (self.quick)(&path.join("/")),
        };
        match quick {
            Some(cell) => cell,
            None => self.whole.get_or_init(&self.render).cell(path),
        }
    }

    fn items(&self, path: &[String]) -> Vec<Value> {
        self.whole.get_or_init(&self.render).items(path)
    }
}

impl Row for Value {
    fn cell(&self, path: &[String]) -> Cell<'_> {
        let mut at = self;
        for name in path {
            if name == "$count" {
                return Cell::Int(at.as_array().map_or(0, |a| a.len() as i64));
            }
            // a cast: the item must say that it is of that type
            if name.contains('.') {
                let is = at
                    .get("@odata.type")
                    .and_then(Value::as_str)
                    .is_some_and(|t| t.trim_start_matches('#') == name);
                if !is {
                    return Cell::Null;
                }
                continue;
            }
            match at.get(name) {
                Some(next) => at = next,
                None => return Cell::Null,
            }
        }
        Cell::from(at)
    }

    fn items(&self, path: &[String]) -> Vec<Value> {
        let mut at = self;
        for name in path {
            match at.get(name) {
                Some(next) => at = next,
                None => return Vec::new(),
            }
        }
        at.as_array().cloned().unwrap_or_default()
    }
}

impl Row for Map<String, Value> {
    fn cell(&self, path: &[String]) -> Cell<'_> {
        match path.split_first() {
            Some((first, rest)) => self.get(first).map_or(Cell::Null, |v| v.cell(rest)),
            None => Cell::Null,
        }
    }

    fn items(&self, path: &[String]) -> Vec<Value> {
        path.split_first()
            .and_then(|(first, rest)| self.get(first).map(|v| v.items(rest)))
            .unwrap_or_default()
    }
}

/// Whether letters of different case are the same: yes in Graph, no in Defender and in sign-in logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Folded,
    Exact,
}

/// Does the row pass?
pub(crate) fn passes(expr: &Expr, row: &dyn Row, case: Case) -> bool {
    match expr {
        Expr::Or(terms) => terms.iter().any(|t| passes(t, row, case)),
        Expr::And(terms) => terms.iter().all(|t| passes(t, row, case)),
        Expr::Not(inner) => !passes(inner, row, case),
        Expr::Compare(path, op, literal) => compare(&row.cell(path), *op, literal, case),
        Expr::In(path, literals) => {
            let cell = row.cell(path);
            literals.iter().any(|l| compare(&cell, Op::Eq, l, case))
        }
        Expr::Call(function, path, wanted) => match row.cell(path) {
            Cell::Text(text) => call(*function, &folded(&text, case), &folded(wanted, case)),
            _ => false,
        },
        Expr::Is(path) => row.cell(path) == Cell::Bool(true),
        Expr::Any(path, None) => !row.items(path).is_empty(),
        Expr::Any(path, Some(lambda)) => row.items(path).iter().any(|item| {
            passes(
                &lambda.body,
                &Item {
                    var: &lambda.var,
                    item,
                    outer: row,
                },
                case,
            )
        }),
        Expr::All(path, lambda) => row.items(path).iter().all(|item| {
            passes(
                &lambda.body,
                &Item {
                    var: &lambda.var,
                    item,
                    outer: row,
                },
                case,
            )
        }),
    }
}

/// Inside a lambda: paths that begin with its variable speak of the item, others of the row around it.
struct Item<'a> {
    var: &'a str,
    item: &'a Value,
    outer: &'a dyn Row,
}

impl Row for Item<'_> {
    fn cell(&self, path: &[String]) -> Cell<'_> {
        match path.split_first() {
            Some((first, rest)) if first == self.var => self.item.cell(rest),
            _ => self.outer.cell(path),
        }
    }

    fn items(&self, path: &[String]) -> Vec<Value> {
        match path.split_first() {
            Some((first, rest)) if first == self.var => self.item.items(rest),
            _ => self.outer.items(path),
        }
    }
}

fn call(function: Function, text: &str, wanted: &str) -> bool {
    match function {
        Function::StartsWith => text.starts_with(wanted),
        Function::EndsWith => text.ends_with(wanted),
        Function::Contains => text.contains(wanted),
    }
}

fn folded(text: &str, case: Case) -> Cow<'_, str> {
    if case == Case::Exact || !text.chars().any(|c| c.is_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

fn compare(cell: &Cell<'_>, op: Op, literal: &Literal, case: Case) -> bool {
    if *literal == Literal::Null || *cell == Cell::Null {
        let same = *literal == Literal::Null && *cell == Cell::Null;
        return match op {
            Op::Eq => same,
            Op::Ne => !same,
            _ => false,
        };
    }
    let order = match (cell, literal) {
        (Cell::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (Cell::Int(a), Literal::Int(b)) => Some(a.cmp(b)),
        (Cell::Int(a), Literal::Text(b)) => b.parse().ok().map(|b| a.cmp(&b)),
        (Cell::Text(a), Literal::Int(b)) => a.parse().ok().map(|a: i64| a.cmp(b)),
        (Cell::Int(a), Literal::Real(b)) => (*a as f64).partial_cmp(b),
        (Cell::Real(a), Literal::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Cell::Real(a), Literal::Real(b)) => a.partial_cmp(b),
        (Cell::Time(a), Literal::Time(b)) => Some(a.cmp(b)),
        (Cell::Text(a), Literal::Time(b)) => time(a).map(|a| a.cmp(b)),
        (Cell::Text(a), Literal::Text(b) | Literal::Guid(b)) => Some(order(a, b, case)),
        _ => None,
    };
    let Some(order) = order else {
        return op == Op::Ne;
    };
    match op {
        Op::Eq => order == Ordering::Equal,
        Op::Ne => order != Ordering::Equal,
        Op::Gt => order == Ordering::Greater,
        Op::Ge => order != Ordering::Less,
        Op::Lt => order == Ordering::Less,
        Op::Le => order != Ordering::Greater,
    }
}

fn order(a: &str, b: &str, case: Case) -> Ordering {
    if case == Case::Folded && a.len() == b.len() && a.eq_ignore_ascii_case(b) {
        return Ordering::Equal;
    }
    folded(a, case).cmp(&folded(b, case))
}

/// The order in which two values stand in an `$orderby`: nulls first, as the services have it.
pub(crate) fn rank(a: &Cell<'_>, b: &Cell<'_>) -> Ordering {
    match (a, b) {
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) => Ordering::Less,
        (_, Cell::Null) => Ordering::Greater,
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
        (Cell::Int(a), Cell::Int(b)) => a.cmp(b),
        (Cell::Real(a), Cell::Real(b)) => a.total_cmp(b),
        (Cell::Int(a), Cell::Real(b)) => (*a as f64).total_cmp(b),
        (Cell::Real(a), Cell::Int(b)) => a.total_cmp(&(*b as f64)),
        (Cell::Time(a), Cell::Time(b)) => a.cmp(b),
        (Cell::Text(a), Cell::Text(b)) => match (time_like(a), time_like(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => folded(a, Case::Folded).cmp(&folded(b, Case::Folded)),
        },
        _ => Ordering::Equal,
    }
}

/// Instants are written with varying precision, so their texts do not sort.
fn time_like(text: &str) -> Option<Timestamp> {
    (text.len() >= 20 && text.as_bytes()[4] == b'-')
        .then(|| text.parse().ok())
        .flatten()
}

/// The cell at a path written with slashes.
pub(crate) fn path(text: &str) -> Path {
    text.split('/').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::filter::parse;
    use super::*;

    fn yes(filter: &str, row: &Value, case: Case) -> bool {
        passes(&parse(filter).unwrap(), row, case)
    }

    #[test]
    fn comparisons_nulls_and_case() {
        let row = json!({"severity": "high", "n": 5, "at": "2026-08-01T10:00:00.5Z", "who": null, "on": true, "tags": ["a", "b"],
            "status": {"errorCode": 0}});
        for filter in [
            "severity eq 'HIGH'",
            "n ge 5 and n lt 6",
            "at gt 2026-08-01T10:00:00Z",
            "who eq null",
            "missing eq null",
            "on",
            "on eq true",
            "severity in ('low','high')",
            "not (n eq 4)",
            "who ne 'x'",
            "startswith(severity,'HI')",
            "tags/any(t: t eq 'b')",
            "tags/$count eq 2",
            "status/errorCode eq 0",
            "tags/all(t: t ne 'c')",
            "tags/any()",
            "endswith(severity,'gh')",
        ] {
            assert!(yes(filter, &row, Case::Folded), "{filter}");
        }
        for filter in [
            "severity eq 'low'",
            "who eq 'x'",
            "who gt 'a'",
            "n in (1,2)",
            "missing",
            "tags/any(t: t eq 'c')",
        ] {
            assert!(!yes(filter, &row, Case::Folded), "{filter}");
        }
        assert!(!yes("severity eq 'HIGH'", &row, Case::Exact));
    }

    #[test]
    fn casts_choose_by_type() {
        let row = json!({"evidence": [
            {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "1.2.3.4"},
            {"@odata.type": "#microsoft.graph.security.userEvidence", "userAccount": {"userPrincipalName": "ana@contoso.com"}}]});
        let filter = |upn: &str| {
            format!(
                "evidence/any(e: e/microsoft.graph.security.userEvidence/userAccount/userPrincipalName eq '{upn}')"
            )
        };
        assert!(yes(&filter("ana@contoso.com"), &row, Case::Folded));
        assert!(!yes(&filter("raj@contoso.com"), &row, Case::Folded));
    }

    #[test]
    fn instants_of_different_precision_sort_by_time() {
        let earlier = Cell::from("2026-08-01T10:00:00Z");
        let later = Cell::from("2026-08-01T10:00:00.25Z");
        assert_eq!(rank(&earlier, &later), Ordering::Less);
    }
}
