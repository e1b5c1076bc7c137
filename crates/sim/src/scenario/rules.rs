//! Which rules a request fires: matching and counting.

use std::sync::Mutex;

use super::{Fault, Rule, Scenario, Settings};
use crate::tenant::locked;
use crate::wire::ask::Ask;

/// A scenario being played.
#[derive(Debug, Default)]
pub(crate) struct Play {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    rules: Vec<(Rule, Count)>,
    rng: fastrand::Rng,
    settings: Settings,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    matched: u64,
    fired: u64,
}

impl Play {
    /// Starts a scenario over; the old one's counters are gone.
    pub fn set(&self, scenario: &Scenario, seed: u64) {
        let rules = scenario
            .rules
            .iter()
            .map(|r| (r.clone(), Count::default()))
            .collect();
        *locked(&self.inner) = Inner {
            rules,
            rng: fastrand::Rng::with_seed(seed),
            settings: scenario.settings.clone(),
        };
    }

    /// The switches of the scenario.
    pub fn settings(&self) -> Settings {
        locked(&self.inner).settings.clone()
    }

    /// The faults that strike this request, in the order of their rules.
    pub fn struck(&self, ask: &Ask) -> Vec<Fault> {
        let mut inner = locked(&self.inner);
        let Inner { rules, rng, .. } = &mut *inner;
        let mut faults = Vec::new();
        for (rule, count) in rules {
            if !matches(rule, ask) {
                continue;
            }
            count.matched += 1;
            let now = count.matched;
            let due = rule.nth.as_ref().is_none_or(|n| n.contains(&now))
                && rule.after.is_none_or(|a| now > a)
                && rule.every.is_none_or(|e| now.is_multiple_of(e.max(1)))
                && rule.times.is_none_or(|t| count.fired < t);
            if due && rule.probability.is_none_or(|p| rng.f64() < p) {
                count.fired += 1;
                faults.push(rule.fault.clone());
            }
        }
        faults
    }
}

fn matches(rule: &Rule, ask: &Ask) -> bool {
    rule.service.is_none_or(|s| s == ask.service)
        && rule.method.as_ref().is_none_or(|m| {
            m.eq_ignore_ascii_case(ask.method.as_str()) || (m == "write" && ask.writes())
        })
        && rule.path.as_ref().is_none_or(|p| {
            glob(
                p.to_lowercase().as_bytes(),
                ask.path.to_lowercase().as_bytes(),
            )
        })
        && rule.query.as_ref().is_none_or(|q| {
            let decoded: Vec<String> = ask
                .options()
                .into_iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            decoded.join("&").contains(q.as_str())
        })
}

/// `*` is any text, `?` one byte.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                // give the last star one byte more
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("/security/*", "/security/incidents", true),
            ("/security/*", "/users", false),
            ("*/token", "/x/oauth2/v2.0/token", true),
            ("/a?c", "/abc", true),
            ("/a?c", "/ac", false),
            ("*", "", true),
            ("/a*b*c", "/a1b2b3c", true),
            ("/a*b*c", "/a1b2b3", false),
        ] {
            assert_eq!(
                glob(pattern.as_bytes(), text.as_bytes()),
                fits,
                "{pattern} {text}"
            );
        }
    }
}
