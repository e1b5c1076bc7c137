//! Scenarios: which faults the tenant plays, and when. One TOML file each.
//!
//! ```toml
//! about = "The queue is refused twice, then it works"
//! clock-skew = "1h"          # optional: the services' clock against the true one (Date, token times, instants they write)
//! token-lifetime = 90        # optional: seconds that new tokens live
//! revoke = ["User.Read.All"] # optional: permissions missing from the start
//!
//! [[rule]]                   # as many as wanted; every rule that fires strikes, in order
//! service = "graph"          # login, graph, defender, files, loganalytics, adx, office, cloudapps or arm; any without it
//! method = "GET"             # any without it; "write" is all but GET and HEAD, without hunting queries and batches
//! path = "/security/*"       # below the service's root, in any case; `*` is any text, `?` one character; any path without it
//! query = "$skip="           # text that the decoded query contains
//! nth = [1, 2]               # which matching requests, counted from 1; all without it
//! after = 3                  # not before so many matching ones
//! every = 2                  # only each second one
//! times = 5                  # at most so often
//! probability = 0.25         # by the tenant's seed
//! fault = { kind = "status", status = 503, body = "html", retry-after = "2.128" }
//! ```
//!
//! | kind | what happens | its keys |
//! |---|---|---|
//! | `status` | answered without being carried out | `status`, `body` (json, html, plain, empty), `retry-after`, `code` |
//! | `throttle` | 429 in the service's shape | `retry-after` (none without it) |
//! | `html-page` | a proxy's page instead of the answer | `status` (200) |
//! | `redirect` | not carried out | `status` (307), `to` |
//! | `aadsts` | a refusal of the sign-in service | `code` |
//! | `expire-token` | the token counts as expired | |
//! | `claims-challenge` | from here on Graph wants tokens that answer a challenge | |
//! | `revoke`, `grant` | permissions change before the request is looked at | `permission` |
//! | `slow-headers` | nothing comes for a while | `ms` |
//! | `slow-body` | the body comes in pieces | `ms` between them, `pieces` |
//! | `cut-body` | the connection ends inside the body | `keep` (part of it, 0.5) |
//! | `reset-before`, `reset-after` | the connection is reset, the request not carried out · carried out | |
//! | `malformed-json` | the JSON ends early, in a whole body | |
//! | `gzip-bomb` | small on the wire, huge unpacked | `megabytes` |
//! | `nest` | objects inside objects in the first row | `depth` |
//! | `reorder` | the page's rows backwards | |
//! | `overlap` | the next page begins so many rows early; the last rows stand twice | `rows` |
//! | `empty-page` | no rows, and a link to the same page | |
//! | `next-link` | the link differs | `to`: scheme, host, port, userinfo, path, same |
//! | `set`, `drop` | a property of rows is replaced · is missing | `field`, `value`; `all` (else the first row) |
//! | `lone-surrogate`, `invalid-utf8` | in the first text of the first row that is a title or name | |
//! | `action` | the machine action that the request starts goes so | `end`, `pending`, `running`, `offline`, `back-after`, `error` (seconds) |
//! | `late-status` | carried out, then answered like `status` | as `status` |
//! | `answer` | carried out, then answered with this | `status` (200), `body`, `content-type` (application/json) |
//! | `result` | the result of a query is odd | `odd`: disagree, huge-cell (`megabytes`, 5), controls, names, wide, empty |
//! | `location` | the answer's `Location` header, added or replaced | `to` |
//! | `link` | a property of the answer, or of each row of a bare array, is this link | `field`, `to` |
//! | `next-page` | the header `NextPageUri`, added to listings or replaced | `to` |
//! | `cut-gzip` | packed, and the packed bytes end early, in a whole body | `keep` (0.5) |
//! | `huge` | the answer is a bare array with one record of this size, unpacked | `megabytes` |
//!
//! `to` of `redirect`, `location` and `link` may hold the places that `hostile` fills; `hostile/PLACE/NAME` names a scenario of one of
//! its links, `hostile/next-link/userinfo` for one.
//!
//! `[tenant]` holds the switches of `settings`.

mod alter;
mod bytes;
pub mod hostile;
mod results;
mod rules;
mod settings;
mod shipped;

use jiff::SignedDuration;
use serde::Deserialize;

pub use shipped::SHIPPED;

pub(crate) use alter::{altered, own_address};
pub(crate) use bytes::{Shape, shape};
pub(crate) use rules::Play;
pub(crate) use settings::{Duplicates, Settings, UnknownKeys};

use crate::response::course::Wish;
use crate::wire::ask::Service;

/// A parsed scenario.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// One sentence for people.
    #[serde(default)]
    pub about: String,
    #[serde(default)]
    clock_skew: Option<String>,
    #[serde(default)]
    pub(crate) token_lifetime: Option<i64>,
    #[serde(default)]
    pub(crate) revoke: Vec<String>,
    #[serde(default, rename = "tenant")]
    pub(crate) settings: Settings,
    #[serde(default, rename = "rule")]
    pub(crate) rules: Vec<Rule>,
    #[serde(skip)]
    pub(crate) skew: SignedDuration,
}

/// When a fault strikes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Rule {
    service: Option<Service>,
    method: Option<String>,
    path: Option<String>,
    query: Option<String>,
    nth: Option<Vec<u64>>,
    after: Option<u64>,
    every: Option<u64>,
    times: Option<u64>,
    probability: Option<f64>,
    fault: Fault,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    tag = "kind",
    deny_unknown_fields,
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub(crate) enum Fault {
    Status {
        status: u16,
        #[serde(default)]
        body: Filling,
        retry_after: Option<String>,
        #[serde(default)]
        code: String,
    },
    Throttle {
        retry_after: Option<String>,
    },
    HtmlPage {
        status: Option<u16>,
    },
    Redirect {
        status: Option<u16>,
        to: String,
    },
    Aadsts {
        code: u32,
    },
    ExpireToken {},
    ClaimsChallenge {},
    Revoke {
        permission: String,
    },
    Grant {
        permission: String,
    },
    SlowHeaders {
        ms: u64,
    },
    SlowBody {
        ms: u64,
        pieces: usize,
    },
    CutBody {
        keep: Option<f64>,
    },
    ResetBefore {},
    ResetAfter {},
    MalformedJson {},
    GzipBomb {
        megabytes: u32,
    },
    Nest {
        depth: usize,
    },
    Reorder {},
    Overlap {
        rows: usize,
    },
    EmptyPage {},
    NextLink {
        to: Link,
    },
    Set {
        field: String,
        value: toml::Value,
        #[serde(default)]
        all: bool,
    },
    Drop {
        field: String,
        #[serde(default)]
        all: bool,
    },
    LoneSurrogate {},
    InvalidUtf8 {},
    Result {
        odd: results::Odd,
        megabytes: Option<u32>,
    },
    Action(Wish),
    LateStatus {
        status: u16,
        #[serde(default)]
        body: Filling,
        retry_after: Option<String>,
        #[serde(default)]
        code: String,
    },
    Answer {
        status: Option<u16>,
        body: String,
        content_type: Option<String>,
    },
    Location {
        to: String,
    },
    Link {
        field: String,
        to: String,
    },
    NextPage {
        to: String,
    },
    CutGzip {
        keep: Option<f64>,
    },
    Huge {
        megabytes: u32,
    },
}

/// What an answer that was not carried out is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Filling {
    #[default]
    Json,
    Html,
    Plain,
    Empty,
}

/// In what a link differs from the one that would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Link {
    Scheme,
    Host,
    Port,
    Userinfo,
    Path,
    Same,
}

impl Fault {
    /// Its name in the format and in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Fault::Status { .. } => "status",
            Fault::Throttle { .. } => "throttle",
            Fault::HtmlPage { .. } => "html-page",
            Fault::Redirect { .. } => "redirect",
            Fault::Aadsts { .. } => "aadsts",
            Fault::ExpireToken {} => "expire-token",
            Fault::ClaimsChallenge {} => "claims-challenge",
            Fault::Revoke { .. } => "revoke",
            Fault::Grant { .. } => "grant",
            Fault::SlowHeaders { .. } => "slow-headers",
            Fault::SlowBody { .. } => "slow-body",
            Fault::CutBody { .. } => "cut-body",
            Fault::ResetBefore {} => "reset-before",
            Fault::ResetAfter {} => "reset-after",
            Fault::MalformedJson {} => "malformed-json",
            Fault::GzipBomb { .. } => "gzip-bomb",
            Fault::Nest { .. } => "nest",
            Fault::Reorder {} => "reorder",
            Fault::Overlap { .. } => "overlap",
            Fault::EmptyPage {} => "empty-page",
            Fault::NextLink { .. } => "next-link",
            Fault::Set { .. } => "set",
            Fault::Drop { .. } => "drop",
            Fault::LoneSurrogate {} => "lone-surrogate",
            Fault::InvalidUtf8 {} => "invalid-utf8",
            Fault::Result { .. } => "result",
            Fault::Action(_) => "action",
            Fault::LateStatus { .. } => "late-status",
            Fault::Answer { .. } => "answer",
            Fault::Location { .. } => "location",
            Fault::Link { .. } => "link",
            Fault::NextPage { .. } => "next-page",
            Fault::CutGzip { .. } => "cut-gzip",
            Fault::Huge { .. } => "huge",
        }
    }
}

impl Scenario {
    /// Reads the format. The error says where and what.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut scenario: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        if let Some(skew) = &scenario.clock_skew {
            scenario.skew = skew
                .parse()
                .map_err(|e| format!("clock-skew {skew}: {e}"))?;
        }
        Ok(scenario)
    }

    /// A shipped one by its name, else the file of that path.
    pub fn named(name: &str) -> Result<Self, String> {
        if let Some((_, text)) = SHIPPED.iter().find(|(n, _)| *n == name) {
            return Self::parse(text);
        }
        if let Some((place, link)) = name
            .strip_prefix("hostile/")
            .and_then(|n| n.split_once('/'))
        {
            return hostile::scenario(place, link);
        }
        let text = std::fs::read_to_string(name).map_err(|e| {
            let known: Vec<&str> = SHIPPED.iter().map(|(n, _)| *n).collect();
            format!(
                "no scenario {name} is shipped ({}), and as a file: {e}",
                known.join(", ")
            )
        })?;
        Self::parse(&text).map_err(|e| format!("{name}: {e}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_parses_and_says_what_it_is() {
        for (name, text) in SHIPPED {
            let scenario = Scenario::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(!scenario.about.is_empty(), "{name}");
        }
        assert!(
            SHIPPED.windows(2).all(|w| w[0].0 < w[1].0),
            "in order, no name twice"
        );
    }

    #[test]
    fn every_file_of_the_folder_is_shipped() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        for file in std::fs::read_dir(folder).unwrap() {
            let name = file
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            assert!(SHIPPED.iter().any(|(n, _)| *n == name), "{name}");
        }
    }

    #[test]
    fn mistakes_are_found() {
        for text in [
            "[[rule]]\nfault = { kind = \"nonsense\" }",
            "[[rule]]\nfault = { kind = \"nest\" }",
            "[[rule]]\nfault = { kind = \"nest\", depth = 1, deep = 2 }",
            "[[rule]]\npaths = \"/\"\nfault = { kind = \"reorder\" }",
            "skew = \"1h\"",
            "clock-skew = \"soon\"",
        ] {
            assert!(Scenario::parse(text).is_err(), "{text}");
        }
        assert!(
            Scenario::named("no-such-thing")
                .unwrap_err()
                .contains("flaky")
        );
    }
}
