//! What an audit search asks for, in one line of words: `op:New-InboxRule who:raj@contoso.com from:30d to:2d payroll`. The
//! same words become the body that the service takes (`api/graph.md` 9), and stand beside what was found.
//!
//! A search is a question, no verb: it takes a permission to read and changes nothing but the tenant's list of searches.

use crate::model::call::{BadPath, Pages, Path};
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{Call, Method, Service, Ticks};
use crate::resource::record::NEEDS_SEARCH;
use serde_json::{Map, Value, json};
use table::Txt;

/// The service keeps no more, but with licences that few have.
const LONGEST: i64 = 366 * DAY;
/// So much time where nobody says another.
const USUAL: i64 = 30 * DAY;

/// Keys of the words, the list in the body that each fills, and what it is.
const KEYS: &[(&str, &str, &str)] = &[
    ("who", "userPrincipalNameFilters", "sign-in name"),
    ("user", "userPrincipalNameFilters", ""),
    ("op", "operationFilters", "operation"),
    ("ip", "ipAddressFilters", "address"),
    ("object", "objectIdFilters", "object"),
    ("service", "serviceFilters", "service"),
    ("workload", "serviceFilters", ""),
    ("type", "recordTypeFilters", "record type"),
];

/// A search as it was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    /// Lists of the body by their names, in the order they were said.
    lists: Vec<(&'static str, Vec<String>)>,
    keyword: String,
    pub from: Ticks,
    pub to: Ticks,
}

/// The line that a form begins with, for whom the cursor is on.
pub fn begin(who: Option<Txt<'_>>) -> String {
    let who = who.map(|w| format!("who:{} ", quoted(w.exact())));
    format!("from:30d to:0d {}op:", who.unwrap_or_default())
}

/// One line that says what may be said.
pub const HELP: &str =
    "who: op: ip: object: service: type: text: from: to:; several values with commas";

fn quoted(word: &str) -> String {
    match word.contains([' ', '"', ',']) {
        true => format!("\"{}\"", word.replace('"', "")),
        false => word.to_owned(),
    }
}

/// Words, where quotes hold blanks together.
fn words(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut inside = false;
    for c in text.chars() {
        match c {
            '"' => inside = !inside,
            c if c.is_whitespace() && !inside => out.push(String::new()),
            c => {
                if let Some(word) = out.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

/// `2026-08-01`, `2026-08-01T10:00`, `30d`, `12h` or `90m` back from now.
fn instant(text: &str, now: Ticks) -> Option<Ticks> {
    if let Some((number, unit)) = text
        .len()
        .checked_sub(1)
        .and_then(|n| text.split_at_checked(n))
        && let Ok(number) = number.parse::<u32>()
    {
        let unit = match unit {
            "d" => DAY,
            "h" => HOUR,
            "m" => MINUTE,
            _ => return None,
        };
        return Some(Ticks(now.0.saturating_sub(i64::from(number) * unit)));
    }
    [
        text.to_owned(),
        format!("{text}Z"),
        format!("{text}:00Z"),
        format!("{text}T00:00:00Z"),
    ]
    .iter()
    .find_map(|t| Ticks::parse(t))
}

impl Search {
    /// Reads the words; `Err` says what is wrong with them.
    pub fn parse(text: &str, now: Ticks) -> Result<Self, String> {
        let mut search = Search {
            from: Ticks(now.0 - USUAL),
            to: now,
            ..Self::default()
        };
        let mut bare: Vec<String> = Vec::new();
        for word in words(text) {
            let Some((key, value)) = word.split_once(':').filter(|(k, _)| is_word(k)) else {
                bare.push(word);
                continue;
            };
            let key = key.to_ascii_lowercase();
            if value.is_empty() {
                continue;
            }
            if key == "text" {
                bare.push(value.to_owned());
                continue;
            }
            if let "from" | "to" = key.as_str() {
                let at = instant(value, now).ok_or_else(|| {
                    let value = Txt::new(value).shown();
                    format!("{value} is no time: 2026-08-01, 2026-08-01T10:00, 30d or 12h")
                })?;
                match key.as_str() {
                    "from" => search.from = at,
                    _ => search.to = at,
                }
                continue;
            }
            let Some((_, list, _)) = KEYS.iter().find(|(k, ..)| *k == key) else {
                let key = Txt::new(&key).shown();
                return Err(format!("{key}: is not known here; there are {HELP}"));
            };
            let values = value
                .split(',')
                .filter(|v| !v.is_empty())
                .map(str::to_owned);
            match search.lists.iter_mut().find(|(l, _)| l == list) {
                Some((_, all)) => all.extend(values),
                None => search.lists.push((list, values.collect())),
            }
        }
        search.keyword = bare.join(" ");
        search.to = Ticks(search.to.0.min(now.0));
        if search.lists.is_empty() && search.keyword.is_empty() {
            return Err(format!("say what or who, several with commas: {HELP}"));
        }
        if search.from >= search.to {
            return Err("it would end before it begins: from: is the older one".to_owned());
        }
        if search.to.0 - search.from.0 > LONGEST {
            return Err("a search reaches at most a year".to_owned());
        }
        Ok(search)
    }

    /// The same words again, with instants instead of ages: they mean the same tomorrow.
    pub fn words(&self) -> String {
        let mut out: Vec<String> = Vec::new();
        for (list, values) in &self.lists {
            let key = KEYS.iter().find(|(_, l, _)| l == list).map_or("", |k| k.0);
            let values: Vec<String> = values.iter().map(|v| v.replace('"', "")).collect();
            let values = values.join(",");
            out.push(match values.contains(' ') {
                true => format!("{key}:\"{values}\""),
                false => format!("{key}:{values}"),
            });
        }
        let keyword = self.keyword.replace('"', "");
        out.extend((!keyword.is_empty()).then(|| format!("text:\"{keyword}\"")));
        out.push(format!("from:{}", self.from.literal()));
        out.push(format!("to:{}", self.to.literal()));
        out.join(" ")
    }

    /// The request that begins the search of one window of it.
    pub fn create(&self, from: Ticks, to: Ticks) -> Call {
        let mut body = Map::new();
        let name: String = format!("watchfloor: {}", self.words())
            .chars()
            .take(200)
            .collect();
        body.insert("displayName".to_owned(), name.into());
        body.insert("filterStartDateTime".to_owned(), from.literal().into());
        body.insert("filterEndDateTime".to_owned(), to.literal().into());
        for (list, values) in &self.lists {
            // sign-in names are stored in lower case
            let lower = *list == "userPrincipalNameFilters";
            let values = values.iter().map(|v| match lower {
                true => v.to_lowercase(),
                false => v.clone(),
            });
            body.insert((*list).to_owned(), json!(values.collect::<Vec<_>>()));
        }
        if !self.keyword.is_empty() {
            body.insert("keywordFilter".to_owned(), self.keyword.as_str().into());
        }
        let path = Path::new("/security/auditLog/queries");
        Call::write(Service::Graph, Method::Post, path, Value::Object(body)).needs(NEEDS_SEARCH)
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic())
}

/// How a search stands.
pub fn state(id: &str) -> Result<Call, BadPath> {
    let path = Path::new("/security/auditLog/queries").id(Txt::new(id))?;
    Ok(Call::get(Service::Graph, path).needs(NEEDS_SEARCH))
}

/// What it found, page by page; the service sets their size.
pub fn records(id: &str) -> Result<Call, BadPath> {
    let path = Path::new("/security/auditLog/queries").id(Txt::new(id))?;
    Ok(Call::get(Service::Graph, path.then("/records"))
        .needs(NEEDS_SEARCH)
        .pages(Pages::Links { at_most: u32::MAX }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Ticks {
        Ticks::parse("2026-08-20T12:00:00Z").unwrap()
    }

    #[test]
    fn words_become_the_body_that_the_service_takes() {
        let text =
            "who:Raj@Contoso.com op:New-InboxRule,Set-InboxRule from:2026-07-01 to:12h pay roll";
        let search = Search::parse(text, now()).unwrap();
        assert_eq!(search.from, Ticks::parse("2026-07-01T00:00:00Z").unwrap());
        assert_eq!(search.to, Ticks::parse("2026-08-20T00:00:00Z").unwrap());
        let call = search.create(search.from, search.to);
        let body = call.body.unwrap();
        assert_eq!(body["userPrincipalNameFilters"], json!(["raj@contoso.com"]));
        assert_eq!(
            body["operationFilters"],
            json!(["New-InboxRule", "Set-InboxRule"])
        );
        assert_eq!(body["keywordFilter"], "pay roll");
        assert_eq!(body["filterStartDateTime"], "2026-07-01T00:00:00Z");
        assert_eq!(call.needs[0], "AuditLogsQuery.Read.All");
        // said again they mean the same
        assert_eq!(Search::parse(&search.words(), now()).unwrap(), search);
        let op = "op:\"Add member to role.\" from:1d";
        let search = Search::parse(op, now()).unwrap();
        assert_eq!(Search::parse(&search.words(), now()).unwrap(), search);
    }

    #[test]
    fn what_cannot_be_asked_is_said() {
        for (text, why) in [
            ("", "say what or who"),
            ("op: from:30d to:0d", "say what or who"),
            ("colour:red", "is not known here"),
            ("a from:yesterday", "is no time"),
            ("a from:1d to:2d", "end before it begins"),
            ("a from:900d", "at most a year"),
        ] {
            let said = Search::parse(text, now()).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
        assert_eq!(begin(None), "from:30d to:0d op:");
        let who = table::Text::from("ana b@x");
        assert!(begin(Some(who.txt())).contains("who:\"ana b@x\" "));
        assert!(Search::parse(&begin(Some(who.txt())), now()).is_ok());
        assert!(records("../x").is_err());
    }
}
