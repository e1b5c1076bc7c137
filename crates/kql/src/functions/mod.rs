//! The functions of the language as rows. `bind` reads signatures and result rules from
//! them, `service` their help; the engine adds kernels.

mod aggregates;
mod dynamics;
mod geo;
mod logic;
mod math;
mod network;
mod operators;
mod plugins;
pub mod row;
mod series;
pub mod signature;
mod system;
mod text;
mod time;

use hashbrown::HashMap;
pub use row::{Eval, Kind, Naming, Row};
use signature::Signature;
use std::sync::OnceLock;

/// Every family, in the order of [`all`].
pub const ALL: &[&[Row]] = &[
    text::ROWS,
    logic::ROWS,
    time::ROWS,
    math::ROWS,
    dynamics::ROWS,
    network::ROWS,
    geo::ROWS,
    series::ROWS,
    system::ROWS,
    aggregates::ROWS,
    plugins::ROWS,
    operators::ROWS,
];

/// A function with its signatures read.
#[derive(Debug)]
pub struct Function {
    /// Its row.
    pub row: &'static Row,
    /// Its signatures.
    pub signatures: Vec<Signature>,
}

/// All functions, read once.
#[derive(Debug)]
pub struct Functions {
    list: Vec<Function>,
    scalar: HashMap<&'static str, u32>,
    aggregate: HashMap<&'static str, u32>,
    plugin: HashMap<&'static str, u32>,
    operator: HashMap<&'static str, u32>,
}

/// All functions.
pub fn all() -> &'static Functions {
    static CELL: OnceLock<Functions> = OnceLock::new();
    CELL.get_or_init(|| {
        let mut f = Functions {
            list: Vec::new(),
            scalar: HashMap::new(),
            aggregate: HashMap::new(),
            plugin: HashMap::new(),
            operator: HashMap::new(),
        };
        for row in ALL.iter().flat_map(|rows| rows.iter()) {
            let id = f.list.len() as u32;
            f.list.push(Function {
                row,
                signatures: signature::read(row.signature),
            });
            match row.kind {
                Kind::Scalar => f.scalar.insert(row.name, id),
                Kind::Aggregate => f.aggregate.insert(row.name, id),
                Kind::Plugin => f.plugin.insert(row.name, id),
                Kind::Operator => f.operator.insert(row.name, id),
            };
        }
        f
    })
}

impl Functions {
    /// Every function.
    pub fn iter(&self) -> impl Iterator<Item = &Function> {
        self.list.iter()
    }
    /// A scalar function.
    pub fn scalar(&self, name: &str) -> Option<&Function> {
        self.get(&self.scalar, name)
    }
    /// An aggregate.
    pub fn aggregate(&self, name: &str) -> Option<&Function> {
        self.get(&self.aggregate, name)
    }
    /// A plug-in.
    pub fn plugin(&self, name: &str) -> Option<&Function> {
        self.get(&self.plugin, name)
    }
    /// An operator, by its official name.
    pub fn operator(&self, name: &str) -> Option<&Function> {
        self.get(&self.operator, name)
    }
    fn get(&self, map: &HashMap<&'static str, u32>, name: &str) -> Option<&Function> {
        self.list.get(*map.get(name)? as usize)
    }
}
