//! The simulator by itself: the same flags as `watchfloor sim`.

use clap::Parser;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    flags: sim::Flags,
}

fn main() {
    if let Err(error) = sim::run_forever(Line::parse().flags) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
