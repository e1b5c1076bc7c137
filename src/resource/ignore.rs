//! Rows that a person chose not to see (`S4-11` to `S4-16`): as one predicate of what hides, so that a footer can count.
//!
//! Hiding is never a filter: the rows are there, the count says how many, and what is not known yet hides nothing.

use super::filter::Values;
use super::{Shape, Spec};
use crate::model::Ticks;
use crate::model::enums::source_of_short;
use crate::model::time::DAY;
use table::{Cmp, Filtered, Pattern, Predicate, Test};

/// The lists, words as the service writes them or short, in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    pub classifications: Vec<String>,
    pub determinations: Vec<String>,
    pub severities: Vec<String>,
    pub statuses: Vec<String>,
    pub service_sources: Vec<String>,
    /// Rows created longer ago than this many days are hidden.
    pub look_back_days: Option<u32>,
}

impl Ignored {
    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What hides, for a resource that has such fields; `None` of them hides nothing. `values` are those of the list:
    /// an incident of several sources is hidden only when all of them are ignored.
    pub fn predicate(&self, spec: &Spec, now: Ticks, values: &dyn Values) -> Predicate {
        let lists = [
            ("classification", &self.classifications),
            ("determination", &self.determinations),
            ("severity", &self.severities),
            ("status", &self.statuses),
            ("serviceSource", &self.service_sources),
        ];
        let mut any: Vec<Predicate> = lists
            .into_iter()
            .filter(|(_, words)| !words.is_empty())
            .filter_map(|(name, words)| {
                let col = spec.column(name)?;
                Some(one_of(spec, col, words, values))
            })
            .collect();
        if let (Some(days), Some(col)) = (self.look_back_days, self.window_column(spec)) {
            let from = now.0.saturating_sub(i64::from(days).saturating_mul(DAY));
            any.push(Predicate::Test {
                col,
                test: Test::Int(Cmp::Lt, from),
            });
        }
        match any.len() {
            0 => Predicate::None,
            _ => Predicate::Or(any),
        }
    }

    /// The active window in words, for where it must always be visible.
    pub fn window(&self, spec: &Spec) -> Option<String> {
        let days = self.look_back_days?;
        self.window_column(spec)?;
        Some(match days {
            1 => "last day".to_owned(),
            n => format!("last {n} days"),
        })
    }

    /// Only what is worked off a queue has a window: devices and users do not go out of date by being old.
    fn window_column(&self, spec: &Spec) -> Option<usize> {
        spec.column("severity")
            .and_then(|_| spec.column("createdDateTime"))
    }
}

/// How many rows a predicate of [`Ignored::predicate`] hides, from filtering the list with it.
pub fn hidden(found: &Filtered) -> usize {
    found.rows.len().saturating_sub(found.maybe as usize)
}

fn one_of(spec: &Spec, col: usize, words: &[String], values: &dyn Values) -> Predicate {
    let shape = spec.columns.get(col).map(|c| c.shape);
    let full: Vec<String> = words.iter().map(|w| full(shape, w)).collect();
    let test = |pattern: Pattern| Predicate::Test {
        col,
        test: Test::Text(pattern),
    };
    let ignored = test(Pattern::one_of(full.iter().map(String::as_str)));
    if !matches!(shape, Some(Shape::Words(_))) {
        return ignored;
    }
    let held = values.distinct(col, usize::MAX);
    let others: Vec<&str> = held
        .iter()
        .map(|(value, _)| value.txt().exact())
        .filter(|value| !full.iter().any(|f| f.eq_ignore_ascii_case(value)))
        .collect();
    if others.is_empty() {
        return ignored;
    }
    let other = test(Pattern::one_of(others));
    Predicate::And(vec![ignored, Predicate::Not(Box::new(other))])
}

/// The service's word for one that may be short.
fn full(shape: Option<Shape>, word: &str) -> String {
    if let Some(Shape::Ranked(words)) = shape
        && let Some((whole, _)) = words
            .iter()
            .find(|(w, short)| w.eq_ignore_ascii_case(word) || short.eq_ignore_ascii_case(word))
    {
        return (*whole).to_owned();
    }
    source_of_short(word).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::filter::TableValues;
    use crate::resource::walk_tests::chunk;
    use crate::resource::{Source, device, incident};
    use serde_json::json;
    use std::sync::Arc;
    use table::{Cancel, Keyed, Text, Value};

    fn queue() -> Keyed {
        let spec = &incident::SPEC;
        let rows = [
            json!({"id": "1", "severity": "low", "classification": "falsePositive", "status": "resolved", "createdDateTime": "2026-08-01T00:00:00Z"}),
            json!({"id": "2", "severity": "High", "determination": "Clean", "status": "active", "createdDateTime": "2026-06-01T00:00:00Z"}),
            json!({"id": "3", "severity": "brandNew"}),
            json!({"id": "4", "severity": "high", "status": "active", "createdDateTime": "2026-07-31T00:00:00Z"}),
        ];
        let mut keyed = Keyed::new(spec.schema());
        keyed.upsert(Arc::new(chunk(spec, &rows).unwrap()));
        let col = spec.column("serviceSources").unwrap();
        let sources = |words: &[&str]| {
            vec![(
                col,
                Value::List(words.iter().map(|w| Text::from(*w)).collect()),
            )]
        };
        keyed.set_cells([
            (0, sources(&["dataLossPrevention"])),
            (
                1,
                sources(&["dataLossPrevention", "microsoftDefenderForToasters"]),
            ),
            (3, sources(&["microsoftDefenderForEndpoint"])),
        ]);
        keyed
    }

    fn hides(keyed: &Keyed, ignored: &Ignored) -> Vec<String> {
        let now = Ticks::parse("2026-08-01T12:00:00Z").unwrap();
        let predicate = ignored.predicate(&incident::SPEC, now, &TableValues(keyed));
        let found =
            table::filter(keyed.table(), &keyed.live(), &predicate, &Cancel::new()).unwrap();
        assert_eq!(hidden(&found), found.rows.len() - found.maybe as usize);
        let mut ids: Vec<String> = found
            .rows
            .iter()
            .map(|r| keyed.key(r).exact().to_owned())
            .collect();
        ids.sort();
        ids
    }

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn s4_11_to_s4_14_words_of_every_list_hide() {
        let keyed = queue();
        let none = Ignored::default();
        assert!(none.is_empty() && hides(&keyed, &none).is_empty());
        for (row, ignored, ids) in [
            (
                "S4-11",
                Ignored {
                    classifications: list(&["fp"]),
                    ..none.clone()
                },
                vec!["1"],
            ),
            (
                "S4-12",
                Ignored {
                    determinations: list(&["notMalicious"]),
                    ..none.clone()
                },
                vec!["2"],
            ),
            (
                "S4-13",
                Ignored {
                    severities: list(&["LOW", "informational"]),
                    ..none.clone()
                },
                vec!["1"],
            ),
            (
                "S4-14",
                Ignored {
                    statuses: list(&["resolved"]),
                    ..none.clone()
                },
                vec!["1"],
            ),
            (
                "all",
                Ignored {
                    severities: list(&["low"]),
                    determinations: list(&["clean"]),
                    ..none.clone()
                },
                vec!["1", "2"],
            ),
        ] {
            assert_eq!(hides(&keyed, &ignored), ids, "{row}");
        }
    }

    #[test]
    fn s4_15_an_incident_is_hidden_when_all_its_sources_are_ignored() {
        let keyed = queue();
        let dlp = Ignored {
            service_sources: list(&["dlp"]),
            ..Ignored::default()
        };
        assert_eq!(
            hides(&keyed, &dlp),
            ["1"],
            "2 has a source that nobody ignored"
        );
        let both = Ignored {
            service_sources: list(&["dlp", "microsoftDefenderForToasters"]),
            ..Ignored::default()
        };
        assert_eq!(hides(&keyed, &both), ["1", "2"]);
    }

    #[test]
    fn s4_16_the_window_hides_what_is_older_and_says_so() {
        let keyed = queue();
        let month = Ignored {
            look_back_days: Some(30),
            ..Ignored::default()
        };
        assert_eq!(hides(&keyed, &month), ["2"], "3 has no instant and stays");
        assert_eq!(month.window(&incident::SPEC).unwrap(), "last 30 days");
        assert_eq!(month.window(&device::SPEC), None);
        let now = Ticks::parse("2026-08-01T12:00:00Z").unwrap();
        assert!(matches!(
            month.predicate(&device::SPEC, now, &()),
            Predicate::None
        ));
    }

    #[test]
    fn what_is_not_known_yet_hides_nothing() {
        let spec = &incident::SPEC;
        let mut keyed = Keyed::new(spec.schema());
        keyed.upsert(Arc::new(chunk(spec, &[json!({"id": "1"})]).unwrap()));
        for (col, column) in spec.columns.iter().enumerate() {
            keyed.set_pending(col, column.source == Source::Joined);
        }
        let dlp = Ignored {
            service_sources: list(&["dlp"]),
            ..Ignored::default()
        };
        let predicate = dlp.predicate(spec, Ticks(0), &TableValues(&keyed));
        let found =
            table::filter(keyed.table(), &keyed.live(), &predicate, &Cancel::new()).unwrap();
        assert_eq!(hidden(&found), 0);
    }
}
