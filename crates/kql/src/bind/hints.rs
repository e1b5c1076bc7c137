//! Advice that never blocks: what makes a hunt slow or empty.

use super::Binder;
use crate::syntax::{Code, Diag, Id, N, Phase, Severity, T};

const MOST_DAYS: f64 = 30.0;

impl Binder<'_> {
    fn hint(&mut self, code: Code, span: (u32, u32), args: &[&str]) {
        let mut d = Diag::new(code, span.0 as usize, span.1 as usize);
        d.phase = Phase::Hint;
        d.severity = Severity::Hint;
        d.args = args.iter().map(|a| (*a).to_owned()).collect();
        self.out.diags.push(d);
    }

    pub(crate) fn hints(&mut self) {
        let t = self.main;
        let mut timed = false;
        let mut first_table: Option<Id> = None;
        let mut found: Vec<(Code, (u32, u32), String, String)> = Vec::new();
        for id in 0..t.nodes.len() as u32 {
            match t.kind(id) {
                N::NameRef => {
                    let text = t.text_of(id);
                    if matches!(text, "Timestamp" | "TimeGenerated") {
                        timed = true;
                    } else if first_table.is_none()
                        && self
                            .out
                            .facts
                            .get(id as usize)
                            .is_some_and(|f| f.mark == super::Mark::Table)
                        && self.world.schema.table(text).is_some_and(|d| {
                            d.columns
                                .iter()
                                .any(|c| matches!(&*c.name, "Timestamp" | "TimeGenerated"))
                        })
                    {
                        first_table = Some(id);
                    }
                }
                N::StrOp => {
                    if let Some(r) = t.child(id, 1) {
                        let op = t.node(r).first.saturating_sub(1);
                        let tok = t.token(op);
                        if tok.kind == T::Contains
                            && self.const_string(r).is_some_and(|s| {
                                s.len() >= 3 && s.bytes().all(|b| b.is_ascii_alphanumeric())
                            })
                        {
                            found.push((
                                Code::HINT_CONTAINS,
                                (tok.start, tok.end),
                                String::new(),
                                String::new(),
                            ));
                        }
                    }
                }
                N::Call => {
                    let name = t.child(id, 0).map_or("", |n| t.text_of(n));
                    if name == "ago"
                        && let Some(a) = t.child_of(id, N::Args).and_then(|l| t.child(l, 0))
                        && days(t.text_of(a)).is_some_and(|d| d > MOST_DAYS)
                    {
                        found.push((
                            Code::HINT_LOOK_BACK,
                            t.span(id),
                            String::new(),
                            String::new(),
                        ));
                    }
                }
                N::Join => {
                    let right = t
                        .children(id)
                        .find(|c| !matches!(t.kind(*c), N::Param | N::On | N::JoinWhere));
                    if let Some(r) = right {
                        let inner = t.unparen(r);
                        if t.kind(inner) == N::NameRef
                            && self
                                .out
                                .facts
                                .get(inner as usize)
                                .is_some_and(|f| f.mark == super::Mark::Table)
                        {
                            found.push((
                                Code::HINT_JOIN,
                                t.span(inner),
                                t.text_of(inner).to_owned(),
                                String::new(),
                            ));
                        }
                    }
                }
                _ => {}
            }
        }
        // a name that is no column, where the table keeps its time under the other name
        let mut time: Vec<(Code, (u32, u32), String, String)> = Vec::new();
        for d in &self.out.diags {
            if d.code == Code::UNKNOWN_NAME
                && let Some(n) = d.args.first()
                && let Some(other) = match n.as_str() {
                    "Timestamp" => Some("TimeGenerated"),
                    "TimeGenerated" => Some("Timestamp"),
                    _ => None,
                }
                && let Some(table) = first_table
            {
                time.push((
                    Code::HINT_TIME_COLUMN,
                    (d.start, d.end),
                    t.text_of(table).to_owned(),
                    other.to_owned(),
                ));
            }
        }
        found.extend(time);
        if let Some(table) = first_table
            && !timed
        {
            found.push((
                Code::HINT_NO_TIME,
                t.span(table),
                String::new(),
                String::new(),
            ));
        }
        for (code, span, a, b) in found {
            let args: Vec<&str> = [a.as_str(), b.as_str()]
                .into_iter()
                .filter(|s| !s.is_empty())
                .collect();
            self.hint(code, span, &args);
        }
    }
}

/// Days that a timespan literal spans.
fn days(text: &str) -> Option<f64> {
    let n = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let v: f64 = text.get(..n)?.parse().ok()?;
    Some(match text.get(n..)? {
        "d" | "day" | "days" => v,
        "h" | "hr" | "hrs" | "hour" | "hours" => v / 24.0,
        "m" | "min" | "minute" | "minutes" => v / 1440.0,
        _ => return None,
    })
}
