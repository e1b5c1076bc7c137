//! How long each hunting table of a tenant takes to make: `tables [EVENTS [all]]`;
//! with a second word all at once, as a simulator of many rows does at its start.

use sim::world::hunting::TABLES;
use sim::world::{Size, World};
use std::time::Instant;

fn main() {
    let events = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let size = Size {
        events: events.unwrap_or(1_000_000),
        ..Size::default()
    };
    let now = "2026-01-01T00:00:00Z".parse().unwrap_or_default();
    let start = Instant::now();
    let world = World::new(size, 7, now);
    println!("world: {:?}", start.elapsed());
    if std::env::args().nth(2).is_some() {
        world.make_hunting_tables();
        println!("all tables: {:?}", start.elapsed());
        return;
    }
    let mut rows = 0;
    for name in TABLES {
        let at = Instant::now();
        let n = world.hunting_table(name).map_or(0, |t| t.all().rows());
        rows += n;
        println!("{name}: {n} rows in {:?}", at.elapsed());
    }
    println!("all: {rows} rows in {:?}", start.elapsed());
}
