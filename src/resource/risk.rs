//! One level for a device out of what Defender says of it, with the sum behind it (`S2-2`, `S2-8`).
//!
//! (threat + exposure + worst weakness) × value × health. What was never assessed counts a little more than "none":
//! not knowing is not safety.

/// What the sum is made from; none = the service does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inputs<'a> {
    /// `riskScore`.
    pub risk: Option<&'a str>,
    /// `exposureLevel`.
    pub exposure: Option<&'a str>,
    /// `deviceValue`.
    pub value: Option<&'a str>,
    /// `healthStatus`.
    pub health: Option<&'a str>,
    /// The worst vulnerability, where it was read (the list does not have it).
    pub weakness: Option<Weakness<'a>>,
}

/// The worst vulnerability of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weakness<'a> {
    /// `Low`, `Medium`, `High`, `Critical`.
    pub severity: &'a str,
    /// An exploit is public, verified or in a kit.
    pub exploitable: bool,
}

/// The level, its points (0 to 100), and each step of the sum in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combined {
    /// A word of `words::COMBINED`.
    pub level: &'static str,
    pub points: u32,
    pub steps: Vec<Step>,
}

/// A step of the sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub what: &'static str,
    /// The service's word, or ours where it has none; from the service, so made safe where it is drawn.
    pub word: String,
    pub effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Plus(u32),
    /// Per cent of the sum so far.
    Times(u32),
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plus(n) => write!(f, "+{n}"),
            Self::Times(n) => write!(f, "×{}.{:02}", n / 100, n % 100),
        }
    }
}

/// The least points of each level, highest first.
pub const LEVELS: &[(u32, &str)] = &[
    (80, "Critical"),
    (45, "High"),
    (22, "Medium"),
    (5, "Low"),
    (0, "None"),
];

const THREAT: &[(&str, u32)] = &[
    ("none", 0),
    ("informational", 4),
    ("low", 10),
    ("medium", 25),
    ("high", 40),
];
const EXPOSURE: &[(&str, u32)] = &[("none", 0), ("low", 6), ("medium", 18), ("high", 30)];
const WEAKNESS: &[(&str, u32)] = &[("low", 1), ("medium", 3), ("high", 7), ("critical", 12)];
/// What a public exploit adds to a weakness.
const EXPLOIT: u32 = 10;
/// Points of what was never assessed, and of words we do not know.
const UNASSESSED: u32 = 6;
const VALUE: &[(&str, u32)] = &[("low", 70), ("normal", 100), ("high", 150)];
/// A device whose sensor is silent may hide more than it shows; one that is off cannot act.
const HEALTH: &[(&str, u32)] = &[
    ("active", 100),
    ("inactive", 80),
    ("impairedcommunication", 110),
    ("nosensordata", 120),
    ("nosensordataimpairedcommunication", 120),
    ("unknown", 100),
];

/// Adds up.
pub fn combined(of: Inputs<'_>) -> Combined {
    let mut steps = Vec::with_capacity(5);
    let mut plus = |what, word: Option<&str>, table, extra: u32| {
        let points = word.and_then(|w| look(table, w)).unwrap_or(UNASSESSED) + extra;
        steps.push(Step {
            what,
            word: word.unwrap_or("never assessed").to_owned(),
            effect: Effect::Plus(points),
        });
        points
    };
    let mut sum = plus("threat", of.risk, THREAT, 0);
    sum += plus("exposure", of.exposure, EXPOSURE, 0);
    if let Some(weakness) = of.weakness {
        let extra = if weakness.exploitable { EXPLOIT } else { 0 };
        sum += plus(
            "worst vulnerability",
            Some(weakness.severity),
            WEAKNESS,
            extra,
        );
    }
    for (what, word, table) in [("value", of.value, VALUE), ("health", of.health, HEALTH)] {
        let percent = word.and_then(|w| look(table, w)).unwrap_or(100);
        sum = sum * percent / 100;
        steps.push(Step {
            what,
            word: word.unwrap_or("not said").to_owned(),
            effect: Effect::Times(percent),
        });
    }
    let points = sum.min(100);
    let level = LEVELS
        .iter()
        .find(|(least, _)| points >= *least)
        .map_or("None", |(_, level)| level);
    Combined {
        level,
        points,
        steps,
    }
}

fn look(table: &[(&str, u32)], word: &str) -> Option<u32> {
    table
        .iter()
        .find(|(w, _)| w.eq_ignore_ascii_case(word))
        .map(|(_, n)| *n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(risk: &'a str, exposure: &'a str, value: &'a str, health: &'a str) -> Inputs<'a> {
        let some = |w: &'a str| (!w.is_empty()).then_some(w);
        Inputs {
            risk: some(risk),
            exposure: some(exposure),
            value: some(value),
            health: some(health),
            weakness: None,
        }
    }

    #[test]
    fn s2_2_one_level_with_its_arithmetic() {
        let got = combined(of("High", "High", "High", "NoSensorData"));
        assert_eq!((got.level, got.points), ("Critical", 100));
        let sum: Vec<String> = got
            .steps
            .iter()
            .map(|s| format!("{} {}", s.what, s.effect))
            .collect();
        assert_eq!(
            sum,
            ["threat +40", "exposure +30", "value ×1.50", "health ×1.20"]
        );
        for (inputs, level, points) in [
            (of("None", "None", "Normal", "Active"), "None", 0),
            (of("", "", "", ""), "Low", 12),
            (of("Low", "Low", "Normal", "Active"), "Low", 16),
            (of("None", "High", "Normal", "Active"), "Medium", 30),
            (of("Medium", "Medium", "Normal", "Active"), "Medium", 43),
            (of("High", "Low", "Normal", "Active"), "High", 46),
            (of("High", "High", "Low", "Inactive"), "Medium", 39),
            (of("BrandNew", "None", "Normal", "Active"), "Low", 6),
        ] {
            let got = combined(inputs);
            assert_eq!((got.level, got.points), (level, points), "{inputs:?}");
        }
    }

    #[test]
    fn s2_8_an_exploitable_critical_weakness_ranks_above_an_equal_device_without() {
        let plain = of("Medium", "Medium", "Normal", "Active");
        let weak = Inputs {
            weakness: Some(Weakness {
                severity: "Critical",
                exploitable: true,
            }),
            ..plain
        };
        let (a, b) = (combined(plain), combined(weak));
        assert!(b.points > a.points && b.level == "High" && a.level == "Medium");
        assert!(
            b.steps
                .iter()
                .any(|s| s.what == "worst vulnerability" && s.effect == Effect::Plus(22))
        );
    }

    #[test]
    fn more_of_anything_never_lowers_the_sum() {
        let words = ["none", "low", "medium", "high"];
        for exposure in words {
            let points: Vec<u32> = words
                .iter()
                .map(|r| combined(of(r, exposure, "High", "Active")).points)
                .collect();
            assert!(points.is_sorted(), "{points:?}");
        }
    }
}
