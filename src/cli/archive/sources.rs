//! What is kept: incidents and alerts as Graph lists them, and hunting tables, a window of time at a time.

use super::keep::Row;
use crate::backend::Reader;
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{Call, Fault, FaultKind, Method, Pages, Path, Service, Ticks};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// Rows at which an answer is full: there may be more.
const FULL: usize = 100_000;
/// Below this many the next window is twice as long.
const FEW: usize = 20_000;

/// No window is longer: what a cut throws away is read again.
const LONGEST: i64 = 16 * DAY;

/// One thing that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Incidents,
    /// With their evidence inside.
    Alerts,
    /// A hunting table by its name.
    Table(String),
}

impl Source {
    /// A hunting table; none where the name is no name.
    pub fn table(name: &str) -> Option<Self> {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let fits = !name.is_empty() && name.len() <= 100 && name.bytes().all(word);
        fits.then(|| Self::Table(name.to_owned()))
    }

    /// The name of its table in the archive.
    pub fn name(&self) -> &str {
        match self {
            Self::Incidents => "Incidents",
            Self::Alerts => "Alerts",
            Self::Table(name) => name,
        }
    }

    /// How long the first window is.
    pub fn first_window(&self) -> i64 {
        match self {
            Self::Incidents | Self::Alerts => DAY,
            Self::Table(_) => 6 * HOUR,
        }
    }

    /// How far before the end of the last run the next one begins: rows come late.
    pub fn overlap(&self) -> i64 {
        match self {
            Self::Incidents | Self::Alerts => 10 * MINUTE,
            Self::Table(_) => 2 * HOUR,
        }
    }

    /// The rows of a window, from `from` to before `to`.
    pub fn rows(&self, reader: &Reader, from: Ticks, to: Ticks) -> Result<Window, Fault> {
        match self {
            Self::Incidents => listed(
                reader,
                Path::new("/security/incidents"),
                "50",
                &[
                    "SecurityIncident.Read.All",
                    "SecurityIncident.ReadWrite.All",
                ],
                from,
                to,
            ),
            Self::Alerts => listed(
                reader,
                Path::new("/security/alerts_v2"),
                "200",
                &["SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"],
                from,
                to,
            ),
            Self::Table(name) => hunted(reader, name, from, to),
        }
    }
}

/// What a window gave.
pub enum Window {
    Rows(Vec<Row>),
    /// More than one answer may hold: ask for less time.
    TooMuch,
}

impl Window {
    /// How long the next window is after one of `length` that gave so many rows.
    pub fn next_length(length: i64, rows: usize) -> i64 {
        if rows < FEW {
            (length * 2).min(LONGEST)
        } else {
            length
        }
    }
}

fn listed(
    reader: &Reader,
    path: Path,
    top: &'static str,
    needs: &'static [&'static str],
    from: Ticks,
    to: Ticks,
) -> Result<Window, Fault> {
    let filter = format!(
        "lastUpdateDateTime ge {} and lastUpdateDateTime lt {}",
        from.literal(),
        to.literal()
    );
    let call = Call::get(Service::Graph, path)
        .query("$top", top)
        .query("$filter", filter)
        .pages(Pages::Links { at_most: 500_000 })
        .needs(needs);
    let mut rows = Vec::new();
    reader.list(&call, &mut |row| rows.extend(with_time(row, from)))?;
    Ok(Window::Rows(rows))
}

/// A row as the service wrote it, and the time the archive is searched by; one without a time counts as of the window's begin.
fn with_time(row: &RawValue, from: Ticks) -> Option<Row> {
    let said: Map<String, Value> = serde_json::from_str(row.get()).ok()?;
    let found = ["lastUpdateDateTime", "createdDateTime"]
        .iter()
        .find_map(|key| {
            let text = said.get(*key)?.as_str()?;
            Some((Ticks::parse(text)?, text.to_owned()))
        });
    let (ticks, time) = found.unwrap_or_else(|| (from, from.literal()));
    let mut properties = Map::new();
    properties.insert("Timestamp".into(), time.into());
    properties.extend(said.into_iter().filter(|(key, _)| key != "Timestamp"));
    Some(Row {
        time: ticks,
        properties,
    })
}

fn hunted(reader: &Reader, table: &str, from: Ticks, to: Ticks) -> Result<Window, Fault> {
    let (a, b) = (from.literal(), to.literal());
    let schema = kql::schema::Schema::builtin(kql::schema::Which::Unified);
    let column = match schema.table(table) {
        Some(t) if t.columns.iter().any(|c| &*c.name == "Timestamp") => "Timestamp",
        Some(_) => "TimeGenerated",
        None => "Timestamp",
    };
    let query = format!("{table}\n| where {column} >= datetime({a}) and {column} < datetime({b})");
    let call = Call {
        method: Method::Post,
        body: Some(json!({"Query": query, "Timespan": format!("{a}/{b}")})),
        ..Call::get(Service::Graph, Path::new("/security/runHuntingQuery"))
    }
    .needs(&["ThreatHunting.Read.All"]);
    let text = match reader.ask(&call) {
        Ok(text) => text,
        // the text of these is the service's own; what helps is to ask for less
        Err(fault) if is_too_much(&fault) && to.0 - from.0 > MINUTE => return Ok(Window::TooMuch),
        Err(fault) => return Err(fault),
    };
    let bad = |what: String| Fault::new(FaultKind::BadAnswer, what).on(Service::Graph);
    let answer: Value = serde_json::from_str(&text)
        .map_err(|e| bad(format!("the answer of the hunt is not JSON: {e}")))?;
    let results = ["results", "Results"]
        .iter()
        .find_map(|key| answer.get(*key)?.as_array())
        .ok_or_else(|| bad("the answer of the hunt has no results".into()))?;
    if results.len() >= FULL && to.0 - from.0 > MINUTE {
        return Ok(Window::TooMuch);
    }
    let row = |row: &Value| {
        let said = row.as_object()?;
        let properties: Map<String, Value> = said
            .iter()
            .filter(|(key, _)| !key.contains("@odata."))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let time = properties
            .get(column)
            .and_then(Value::as_str)
            .and_then(Ticks::parse);
        Some(Row {
            time: time.unwrap_or(from),
            properties,
        })
    };
    Ok(Window::Rows(results.iter().filter_map(row).collect()))
}

fn is_too_much(fault: &Fault) -> bool {
    match fault.kind {
        FaultKind::Timeout => true,
        FaultKind::BadAnswer => fault.what.contains("larger than"),
        FaultKind::Server => fault.status == 504,
        FaultKind::BadRequest => {
            let what = fault.what.to_ascii_lowercase();
            ["size", "limit", "exceeded", "pre-empted"]
                .iter()
                .any(|word| what.contains(word))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_be_more_than_a_table_is_none() {
        assert_eq!(
            Source::table("EmailEvents"),
            Some(Source::Table("EmailEvents".into()))
        );
        for not in ["", "A | take 1", "a-b", "\"x\"", "Ä"] {
            assert_eq!(Source::table(not), None);
        }
    }

    #[test]
    fn windows_grow_while_they_are_light() {
        assert_eq!(Window::next_length(HOUR, 10), 2 * HOUR);
        assert_eq!(Window::next_length(LONGEST, 10), LONGEST);
        assert_eq!(Window::next_length(HOUR, FEW), HOUR);
    }
}
