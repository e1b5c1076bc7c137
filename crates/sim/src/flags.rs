//! What can be asked of a simulator. The same struct serves `watchfloor sim`, `watchfloor demo` and tests.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use jiff::Timestamp;

/// Flags of the simulated tenant.
#[derive(Clone, Debug, clap::Args)]
pub struct Flags {
    /// Where to listen (loopback only); port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Which tenant: the same number gives the same people, devices and stories
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The tenant's time at start (RFC 3339); without it the machine's
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<Timestamp>,
    /// How fast the tenant's clock runs; 0 stands still
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub time_scale: f64,
    /// Incidents in the queue
    #[arg(long, default_value_t = 2_000)]
    pub incidents: usize,
    /// Alerts behind them
    #[arg(long, default_value_t = 6_000)]
    pub alerts: usize,
    /// Devices
    #[arg(long, default_value_t = 800)]
    pub devices: usize,
    /// People
    #[arg(long, default_value_t = 1_500)]
    pub users: usize,
    /// Events in the hunting tables, about
    #[arg(long, default_value_t = 100_000)]
    pub events: usize,
    /// Records of seven days in the Office 365 activity feed, about; they are made when they are read
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub feed_records: usize,
    /// Blobs that they come in
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub feed_blobs: usize,
    /// Rows of vulnerability and machine, at least: further weaknesses are made up until there are so many; 0 for the well-known ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub vulnerabilities: usize,
    /// New incidents a minute; 0 for none
    #[arg(long, value_name = "PER_MINUTE", default_value_t = 0.0)]
    pub arrivals: f64,
    /// Refuse as the real services do when asked too often
    #[arg(long, value_name = "on|off", default_value = "on")]
    pub throttle: Switch,
    /// Faults to play: the name of a shipped scenario, or a TOML file
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Option<String>,
    /// The client secret, where a random one will not do (tests)
    #[arg(long, value_name = "SECRET")]
    pub fixed_secret: Option<String>,
    /// A port for each service, so that their origins differ
    #[arg(long)]
    pub split_ports: bool,
    /// A further port that belongs to no service: whoever is led there by a link or a redirect shows in the journal
    #[arg(long)]
    pub foreign: bool,
    /// What was consented to: s0, s2, s3, s4, all, or permission names (`mde:User.Read.All` where two services share one)
    #[arg(long, value_name = "SET|LIST", default_value = "all")]
    pub permissions: String,
    /// Approve device codes by themselves after so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub approve_after: Option<f64>,
    /// Append every request received to this file, a JSON object a line
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            now: None,
            time_scale: 1.0,
            incidents: 2_000,
            alerts: 6_000,
            devices: 800,
            users: 1_500,
            events: 100_000,
            feed_records: 20_000,
            feed_blobs: 400,
            vulnerabilities: 0,
            arrivals: 0.0,
            throttle: Switch::On,
            scenario: None,
            fixed_secret: None,
            split_ports: false,
            foreign: false,
            permissions: "all".into(),
            approve_after: None,
            journal: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: Flags,
    }

    #[test]
    fn the_default_is_what_an_empty_command_line_gives() {
        let parsed = Line::try_parse_from(["sim"]).unwrap().flags;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Flags::default()));
    }

    #[test]
    fn every_flag_parses() {
        let line = "sim --listen 127.0.0.1:8080 --seed 7 --now 2026-08-20T12:00:00Z --time-scale 60 --incidents 5 --alerts 6 --devices 7 \
                    --users 8 --events 9 --feed-records 10 --feed-blobs 2 --vulnerabilities 3 --arrivals 2.5 --throttle off --scenario html --fixed-secret s --split-ports --foreign --permissions s4 \
                    --approve-after 3 --journal /tmp/j";
        let flags = Line::try_parse_from(line.split_whitespace()).unwrap().flags;
        assert_eq!(
            (flags.seed, flags.incidents, flags.throttle),
            (7, 5, Switch::Off)
        );
        assert_eq!(flags.now.unwrap().to_string(), "2026-08-20T12:00:00Z");
    }
}
