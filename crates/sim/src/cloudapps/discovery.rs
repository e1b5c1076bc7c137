//! Address ranges, the streams of discovery, and block scripts: the one list of unsanctioned applications that an API gives out.

use serde_json::json;

use super::query::{Fact, Query, Row};
use super::{Cx, Refusal, entity};
use crate::tenant::guid;
use crate::wire::answer::Answer;
use crate::world::shadow::{APPS, Tag};

struct Subnet(&'static str, &'static str, i64);

/// Name, range, category.
const SUBNETS: [Subnet; 4] = [
    Subnet("Offices", "192.0.2.0/24", 1),
    Subnet("Administrators", "10.1.0.0/24", 2),
    Subnet("Known for scanning", "203.0.113.0/25", 3),
    Subnet("VPN", "198.51.100.0/25", 4),
];

impl Row for &Subnet {
    fn facts(&self, field: &str) -> Vec<Fact> {
        match field {
            "category" => vec![Fact::Number(self.2)],
            "name" => vec![Fact::from(self.0)],
            _ => Vec::new(),
        }
    }
}

/// `GET|POST /subnet/`
pub(super) fn subnets(cx: &Cx<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(cx, &["category", "name", "tags"], &["category", "name"])?;
    let seed = cx.tenant.flags.seed;
    let shown = |n: usize| {
        let Subnet(name, range, category) = &SUBNETS[n];
        json!({
            "_id": guid(seed, 0x5b00 + n as u64).replace('-', "")[..24],
            "name": name,
            "subnets": [{"originalString": range, "mask": 120, "address": range.split('/').next()}],
            "category": category,
            "tags": [],
            "organization": null,
            "lastModified": cx.world.now().timestamp().as_millisecond(),
        })
    };
    Ok(query.page(SUBNETS.len(), |n| &SUBNETS[n], shown))
}

/// `GET /discovery/streams/`
pub(super) fn streams(cx: &Cx<'_>) -> Answer {
    let row = json!({
        "_id": stream_id(cx.tenant.flags.seed).replace('-', "")[..24],
        "displayName": "Win10 Endpoint Users",
        "streamType": 1,
        "status": 1,
        "lastDataTime": cx.world.now().timestamp().as_millisecond(),
        "logType": 216,
        "builtInStreamType": "WIN10_ENDPOINT",
    });
    entity(json!({"data": [row], "hasNext": false, "max": 100, "total": 1, "moreThanTotal": false}))
}

/// The id of the one stream, in the spelling of Graph.
fn stream_id(seed: u64) -> String {
    guid(seed, 0xd15c)
}

/// `GET /discovery_block_scripts/?format=…&type=banned|allowed`: text, a domain a line
pub(super) fn script(cx: &Cx<'_>) -> Result<Answer, Refusal> {
    let options = cx.ask.options();
    let option = |name: &str| {
        options
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.as_str())
    };
    let format: u32 = option("format")
        .and_then(|f| f.parse().ok())
        .filter(|f| (102..=135).contains(f))
        .ok_or_else(|| Refusal::bad("format must be between 102 and 135"))?;
    let tag = match option("type") {
        Some("banned") => Tag::Unsanctioned,
        Some("allowed") => Tag::Sanctioned,
        _ => return Err(Refusal::bad("type must be banned or allowed")),
    };
    let mut text = format!("! format {format}\r\n");
    for domain in APPS.iter().filter(|a| a.tag == tag).flat_map(|a| a.domains) {
        text.push_str(&format!(".{domain}\r\n"));
    }
    Ok(Answer::bytes(200, "text/plain; charset=utf-8", text))
}
