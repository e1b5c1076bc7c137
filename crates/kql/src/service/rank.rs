//! What follows what, counted over public hunts by `examples/counts.rs`.

use hashbrown::HashMap;
use std::sync::OnceLock;

/// What is looked at when ranking: keys into the counts.
#[derive(Clone, Debug, Default)]
pub struct Features {
    pub(super) keys: Vec<String>,
    hashes: Vec<u64>,
}

impl Features {
    pub(super) fn new(parts: &[(&str, &str, &str)]) -> Features {
        let keys: Vec<String> = parts
            .iter()
            .map(|(k, a, b)| format!("{k}:{a} {b}"))
            .collect();
        let hashes = keys.iter().map(|k| hash(k.as_bytes())).collect();
        Features { keys, hashes }
    }
}

/// How much each feature says; the order is that of `complete::features`.
const WEIGHTS: [f32; 9] = [0.05, 0.3, 1.0, 1.2, 0.8, 0.6, 0.5, 0.5, 0.7];
/// Evidence that counts as none.
const PRIOR: [f32; 9] = [50.0, 10.0, 4.0, 2.0, 5.0, 5.0, 8.0, 6.0, 5.0];

/// The counts.
#[derive(Debug, Default)]
pub struct Model {
    /// For a feature and a label how often they met.
    pairs: HashMap<u64, u16>,
    /// For a feature how often it was there.
    totals: HashMap<u64, u32>,
}

fn hash(bytes: &[u8]) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    for b in bytes {
        h = (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    h
}
fn both(feature: u64, label: u64) -> u64 {
    (feature ^ label.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

const DATA: &str = include_str!("../../data/counts.txt");

impl Model {
    /// The counts, read once.
    pub fn get() -> &'static Model {
        static CELL: OnceLock<Model> = OnceLock::new();
        CELL.get_or_init(|| Model::read(DATA))
    }
    /// A line: feature, tab, its total, then label and count in turn, all by tabs.
    fn read(text: &str) -> Model {
        let mut m = Model::default();
        for line in text.lines() {
            let mut f = line.split('\t');
            let (Some(feature), Some(total)) = (f.next(), f.next()) else {
                continue;
            };
            let h = hash(feature.as_bytes());
            m.totals.insert(h, total.parse().unwrap_or(0));
            while let (Some(label), Some(n)) = (f.next(), f.next()) {
                m.pairs
                    .insert(both(h, hash(label.as_bytes())), n.parse().unwrap_or(0));
            }
        }
        m
    }
    /// How likely the label is, roughly.
    pub fn score(&self, features: &Features, label: &str) -> f32 {
        let l = hash(label.as_bytes());
        let mut sum = 0.0;
        for (i, f) in features.hashes.iter().enumerate() {
            if let Some(n) = self.pairs.get(&both(*f, l)) {
                let total = self.totals.get(f).copied().unwrap_or(1) as f32;
                sum += WEIGHTS[i] * f32::from(*n) / (total + PRIOR[i]);
            }
        }
        sum
    }
}
