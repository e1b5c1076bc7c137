//! Applications that discovery saw in use: sanctioned, watched, unsanctioned, or nobody decided. Those that were marked are the ones
//! whose domains Cloud Apps pushed as indicators.

use serde_json::{Value, json};

use super::dice::Topic;
use super::stamp::HOUR;
use super::{Obj, World, obj};

/// What somebody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    None,
    Sanctioned,
    Monitored,
    Unsanctioned,
}

/// An application.
#[derive(Debug)]
pub struct Discovered {
    pub name: &'static str,
    category: &'static str,
    /// 10 is trustworthy.
    risk: u8,
    pub tag: Tag,
    pub domains: &'static [&'static str],
}

const fn app(
    name: &'static str,
    category: &'static str,
    risk: u8,
    tag: Tag,
    domains: &'static [&'static str],
) -> Discovered {
    Discovered {
        name,
        category,
        risk,
        tag,
        domains,
    }
}

/// All of them; the marked ones first, in the order of their indicators.
#[rustfmt::skip]
pub static APPS: [Discovered; 13] = [
    app("MegaShare", "cloudStorage", 3, Tag::Unsanctioned, &["megashare.example", "mega-cdn.example"]),
    app("FreeVPN", "security", 2, Tag::Unsanctioned, &["freevpn.example", "api.freevpn.example", "dl.freevpn.example"]),
    app("PasteHub", "collaboration", 4, Tag::Unsanctioned, &["pastehub.example"]),
    app("ChatPal AI", "generativeAi", 4, Tag::Monitored, &["chatpal.example", "api.chatpal.example"]),
    app("QuickConvert", "contentManagement", 5, Tag::Monitored, &["quickconvert.example"]),
    app("Microsoft 365", "productivity", 10, Tag::Sanctioned, &["office.com", "sharepoint.com", "outlook.com"]),
    app("Salesforce", "crm", 9, Tag::Sanctioned, &["salesforce.com"]),
    app("ServiceNow", "itServices", 9, Tag::Sanctioned, &["service-now.com"]),
    app("Zoom", "onlineMeetings", 8, Tag::Sanctioned, &["zoom.us"]),
    app("GitHub", "developmentTools", 9, Tag::None, &["github.com", "githubusercontent.com"]),
    app("Figma", "productivity", 8, Tag::None, &["figma.com"]),
    app("GrammarHelper", "productivity", 3, Tag::None, &["grammarhelper.example"]),
    app("\u{202e}elgooG", "webAnalytics", 1, Tag::None, &["xn--ggle-0nda.example"]),
];

impl World {
    /// An application as Graph's discovery lists it.
    pub fn discovered_json(&self, n: usize) -> Obj {
        let app = &APPS[n];
        let mut dice = self.seed.dice(Topic::Posture, n as u64 | 1 << 40);
        let users = 1 + dice.below(self.user_count() as u64 / 2);
        let tags: Vec<&str> = match app.tag {
            Tag::None => vec![],
            Tag::Sanctioned => vec!["Sanctioned"],
            Tag::Monitored => vec!["Monitored"],
            Tag::Unsanctioned => vec!["Unsanctioned"],
        };
        obj(json!({
            "id": (20_000 + 37 * n).to_string(),
            "displayName": app.name,
            "tags": tags,
            "riskScore": app.risk,
            "lastSeenDateTime": self.now.plus(-dice.range(0, 72) * HOUR).whole_second().to_string(),
            "domains": app.domains,
            "category": app.category,
            "userCount": users,
            "ipAddressCount": users + dice.below(40),
            "transactionCount": users * (3 + dice.below(200)),
            "uploadNetworkTrafficInBytes": users * dice.below(90_000_000),
            "downloadNetworkTrafficInBytes": users * dice.below(400_000_000),
            "description": Value::Null,
        }))
    }
}
