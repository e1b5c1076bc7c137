//! What queries cost before: by their shape, so that the same query over another device is the same.

use crate::model::Engine;
use kql::syntax::{T, lex};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Shapes that are remembered.
const MOST: usize = 400;
/// From here on a run is worth a question before the next one.
const DEAR: Duration = Duration::from_secs(60);

/// One run of a shape, the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    shape: u64,
    pub took_ms: u32,
    pub rows: u32,
    /// It ran into a limit of the service, or into its patience.
    pub over: bool,
}

/// The costs of the last shapes, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costs(Vec<Cost>);

impl Costs {
    pub fn note(&mut self, engine: &Engine, text: &str, took: Duration, rows: u32, over: bool) {
        let shape = shape(engine, text);
        self.0.retain(|c| c.shape != shape);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(Cost {
            shape,
            took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
            rows,
            over,
        });
    }

    /// The last run of a query of this shape at this place.
    pub fn of(&self, engine: &Engine, text: &str) -> Option<Cost> {
        let shape = shape(engine, text);
        self.0.iter().find(|c| c.shape == shape).copied()
    }
}

impl Cost {
    /// Whether it is worth a second key.
    pub fn is_dear(self) -> bool {
        self.over || Duration::from_millis(self.took_ms.into()) >= DEAR
    }

    /// `the last such run took 2 min 10 s and gave 12000 rows`.
    pub fn words(self) -> String {
        let secs = self.took_ms / 1000;
        let took = match secs {
            0 => format!("{} ms", self.took_ms),
            1..60 => format!("{secs} s"),
            _ => format!("{} min {} s", secs / 60, secs % 60),
        };
        if self.over {
            format!("the last such run went over a limit of the service after {took}")
        } else {
            format!("the last such run took {took} and gave {} rows", self.rows)
        }
    }
}

/// A number for a query without its literals, comments and blanks. The same in every version of the program.
fn shape(engine: &Engine, text: &str) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for b in bytes {
            sum = (sum ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        }
        sum = (sum ^ 0xff).wrapping_mul(0x0100_0000_01b3);
    };
    add(engine.to_string().as_bytes());
    for token in lex(text, &mut Vec::new()) {
        let is_number = token.kind.is_literal() && token.kind != T::StringLit;
        if token.kind == T::StringLit || is_number && token.kind != T::TimespanLit {
            add(b"?");
        } else if let Some(word) = text.get(token.start as usize..token.end as usize) {
            add(word.as_bytes());
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_query_over_another_value_is_the_same_and_another_span_is_not() {
        let mut costs = Costs::default();
        let d = Engine::Defender;
        let text = "DeviceInfo | where DeviceName == 'a' and Timestamp > ago(7d) // x\n| take 5";
        costs.note(&d, text, Duration::from_secs(130), 12, false);
        let same = "DeviceInfo\n| where DeviceName == \"b\" and Timestamp > ago(7d) | take 50";
        let cost = costs.of(&d, same).unwrap();
        assert!(cost.is_dear());
        assert_eq!(
            cost.words(),
            "the last such run took 2 min 10 s and gave 12 rows"
        );
        assert_eq!(costs.of(&d, &same.replace("7d", "1d")), None);
        assert_eq!(costs.of(&Engine::Lists, same), None);
        costs.note(&d, same, Duration::from_millis(40), 7, false);
        assert!(!costs.of(&d, text).unwrap().is_dear());
        for n in 0..2 * MOST {
            costs.note(&d, &format!("T{n}"), Duration::ZERO, 0, true);
        }
        assert_eq!(costs.0.len(), MOST);
        assert!(costs.of(&d, "T799").unwrap().is_dear());
    }
}
