//! Every option of the console: one row each, with its type, default, sentence and what must be made again when it changes.
//!
//! The settings pane, the check of `config.toml`'s `[settings]` table and README read the same rows. Values are kept by
//! `run::keep`; nothing is read or written here.

use super::guards::POLICY;
use super::load::nearest;
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

/// All options, typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Options that the policy of this machine has set, which nobody changes here.
    pub locked: BTreeSet<&'static str>,
    /// A theme's name, or `auto`: light or dark as the terminal says.
    pub theme: String,
    pub background: Background,
    pub cursor: Cursor,
    pub time: TimeShown,
    pub charts: Charts,
    pub mouse: bool,
    /// The query editor has the manners of vim.
    pub vim: bool,
    /// Milliseconds of silence after which a lone ESC is the key.
    pub escape_ms: u16,
    /// Milliseconds until the continuations of a begun sequence are shown.
    pub which_key_ms: u16,
    pub toast_seconds: u16,
    /// Minutes without a key after which the screen is hidden and tokens are dropped; 0 = never.
    pub lock_after: u16,
    /// Columns from which list and detail stand side by side.
    pub side_by_side: u16,
    pub poll_seconds: u16,
    /// What was not read for this many days is forgotten by the cache.
    pub cache_days: u16,
    /// Hours after which devices we isolated and users we disabled are brought to mind; 0 = never.
    pub remind_hours: u16,
    /// Rows created before this many days are hidden; 0 = none are.
    pub look_back_days: u16,
    pub ignore: Ignore,
    /// Name of the view each tab opens with, in the order of the tabs; empty = as it comes.
    pub views: [String; 4],
    /// Further folders of saved queries.
    pub hunt_folders: Vec<String>,
    /// The person's own views (`app::views` reads them).
    pub own_views: Value,
    /// Columns chosen for each list (`app::columns` reads them).
    pub columns: Value,
    /// Fields of hunting results that are shown where a result has them, and those that never are (S4-7, S4-8).
    pub summary_fields: Vec<String>,
    pub ignore_fields: Vec<String>,
}

/// Words whose rows are hidden (S4-11 to S4-15), in Microsoft's spelling.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ignore {
    pub severities: Vec<String>,
    pub statuses: Vec<String>,
    pub classifications: Vec<String>,
    pub determinations: Vec<String>,
    pub sources: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// The terminal's own stays: fewest bytes.
    Terminal,
    /// The theme paints its own.
    Theme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// A mark at the left edge: few bytes a move.
    Gutter,
    /// The whole row.
    Row,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeShown {
    /// UTC, and local beside it.
    Both,
    Utc,
    Local,
}

/// What charts are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charts {
    /// Braille where the terminal has it, as far as its name and the locale tell.
    Auto,
    /// Braille dots and blocks.
    Braille,
    /// Letters that every terminal has.
    Ascii,
}

/// One option.
pub struct Row {
    /// As in `config.toml`.
    pub key: &'static str,
    /// The heading it stands under.
    pub group: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub touches: Touches,
    pub get: fn(&Settings) -> Value,
    /// Takes a value of the right kind.
    put: fn(&mut Settings, &Value),
}

/// What values an option takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Flag,
    Number {
        least: u16,
        most: u16,
        unit: &'static str,
    },
    Choice(&'static [&'static str]),
    /// A theme's name.
    Theme,
    /// Any of these words, and words this version does not know.
    Words(&'static [&'static str]),
    /// The name of a view of the n-th tab.
    View(usize),
    /// Changed by a chooser of its own, whose action has this name.
    Elsewhere(&'static str),
}

/// What must be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touches {
    Screen,
    Theme,
    Mouse,
    /// The rows shown.
    Rows,
    /// Something outside of the screen: the terminal's reader.
    Outside,
    /// The pace of polling.
    Pace,
}

const SEVERITIES: &[&str] = &["unknown", "informational", "low", "medium", "high"];
const STATUSES: &[&str] = &[
    "active",
    "new",
    "inProgress",
    "awaitingAction",
    "resolved",
    "redirected",
];
const CLASSIFICATIONS: &[&str] = &[
    "unknown",
    "falsePositive",
    "truePositive",
    "informationalExpectedActivity",
];
const DETERMINATIONS: &[&str] = &[
    "unknown",
    "apt",
    "malware",
    "securityPersonnel",
    "securityTesting",
    "unwantedSoftware",
    "other",
    "multiStagedAttack",
    "compromisedAccount",
    "phishing",
    "maliciousUserActivity",
    "notMalicious",
    "notEnoughDataToValidate",
    "confirmedActivity",
    "lineOfBusinessApplication",
];
const SOURCES: &[&str] = &[
    "microsoftDefenderForEndpoint",
    "microsoftDefenderForIdentity",
    "microsoftDefenderForCloudApps",
    "microsoftDefenderForOffice365",
    "microsoft365Defender",
    "azureAdIdentityProtection",
    "microsoftAppGovernance",
    "dataLossPrevention",
    "microsoftDefenderForCloud",
    "microsoftSentinel",
    "microsoftInsiderRiskManagement",
    "microsoftThreatIntelligence",
    "microsoftSecurityForAI",
];

/// Fields that hunting results often have; any other can be typed.
const FIELDS: &[&str] = &[
    "Timestamp",
    "DeviceName",
    "DeviceId",
    "AccountUpn",
    "AccountName",
    "ActionType",
    "FileName",
    "FolderPath",
    "SHA1",
    "SHA256",
    "ProcessCommandLine",
    "InitiatingProcessFileName",
    "InitiatingProcessCommandLine",
    "RemoteIP",
    "RemoteUrl",
    "AdditionalFields",
    "ReportId",
    "MachineGroup",
];

fn words(list: &[String]) -> Value {
    Value::Array(list.iter().cloned().map(Value::String).collect())
}

fn list(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> u16 {
    value
        .as_integer()
        .and_then(|n| u16::try_from(n).ok())
        .unwrap_or_default()
}

macro_rules! number_row {
    ($key:literal, $group:literal, $help:literal, $field:ident, $least:literal, $most:literal, $unit:literal, $touches:ident) => {
        Row {
            key: $key,
            group: $group,
            help: $help,
            kind: Kind::Number {
                least: $least,
                most: $most,
                unit: $unit,
            },
            touches: Touches::$touches,
            get: |s| Value::Integer(s.$field.into()),
            put: |s, v| s.$field = number(v),
        }
    };
}

macro_rules! ignore_row {
    ($key:literal, $help:literal, $field:ident, $words:ident) => {
        Row {
            key: $key,
            group: "Hidden rows",
            help: $help,
            kind: Kind::Words($words),
            touches: Touches::Rows,
            get: |s| words(&s.ignore.$field),
            put: |s, v| s.ignore.$field = list(v),
        }
    };
}

macro_rules! view_row {
    ($key:literal, $help:literal, $n:literal) => {
        Row {
            key: $key,
            group: "Lists",
            help: $help,
            kind: Kind::View($n),
            touches: Touches::Screen,
            get: |s| Value::String(s.views[$n].clone()),
            put: |s, v| s.views[$n] = text(v),
        }
    };
}

/// Every option, in the order of the settings pane.
#[rustfmt::skip]
pub static ALL: &[Row] = &[
    Row { key: "theme", group: "Screen", help: "colours; auto = light or dark as the terminal says", kind: Kind::Theme, touches: Touches::Theme,
        get: |s| Value::String(s.theme.clone()), put: |s, v| s.theme = text(v) },
    Row { key: "background", group: "Screen", help: "the terminal's own background, or the theme's", kind: Kind::Choice(&["terminal", "theme"]), touches: Touches::Theme,
        get: |s| Value::String(if s.background == Background::Theme { "theme" } else { "terminal" }.into()),
        put: |s, v| s.background = if v.as_str() == Some("theme") { Background::Theme } else { Background::Terminal } },
    Row { key: "cursor", group: "Screen", help: "a mark in the gutter (few bytes), or the whole row", kind: Kind::Choice(&["gutter", "row"]), touches: Touches::Screen,
        get: |s| Value::String(if s.cursor == Cursor::Row { "row" } else { "gutter" }.into()),
        put: |s, v| s.cursor = if v.as_str() == Some("row") { Cursor::Row } else { Cursor::Gutter } },
    Row { key: "time", group: "Screen", help: "which times the clock shows; the zone is always named", kind: Kind::Choice(&["both", "utc", "local"]), touches: Touches::Screen,
        get: |s| Value::String(match s.time { TimeShown::Both => "both", TimeShown::Utc => "utc", TimeShown::Local => "local" }.into()),
        put: |s, v| s.time = match v.as_str() { Some("utc") => TimeShown::Utc, Some("local") => TimeShown::Local, _ => TimeShown::Both } },
    Row { key: "charts", group: "Screen", help: "charts in braille dots and blocks, or in ASCII letters alone; auto: by the locale and the terminal", kind: Kind::Choice(&["auto", "braille", "ascii"]), touches: Touches::Screen,
        get: |s| Value::String(match s.charts { Charts::Auto => "auto", Charts::Braille => "braille", Charts::Ascii => "ascii" }.into()),
        put: |s, v| s.charts = match v.as_str() { Some("ascii") => Charts::Ascii, Some("braille") => Charts::Braille, _ => Charts::Auto } },
    number_row!("side-by-side", "Screen", "list and detail stand side by side from this many columns on", side_by_side, 90, 500, "columns", Screen),
    number_row!("toast-seconds", "Screen", "how long news stay on screen; errors stay until seen", toast_seconds, 2, 120, "s", Screen),
    Row { key: "mouse", group: "Keys and mouse", help: "click selects, wheel scrolls; off leaves marking text to the terminal", kind: Kind::Flag, touches: Touches::Mouse,
        get: |s| Value::Boolean(s.mouse), put: |s, v| s.mouse = v.as_bool().unwrap_or_default() },
    Row { key: "editor-keys", group: "Keys and mouse", help: "manners of the query editor: plain, or those of vim", kind: Kind::Choice(&["plain", "vim"]), touches: Touches::Screen,
        get: |s| Value::String(if s.vim { "vim" } else { "plain" }.into()), put: |s, v| s.vim = v.as_str() == Some("vim") },
    number_row!("escape-ms", "Keys and mouse", "silence after which a lone ESC is the key and not the start of a sequence", escape_ms, 10, 2000, "ms", Outside),
    number_row!("which-key-ms", "Keys and mouse", "wait before the continuations of a begun sequence are shown", which_key_ms, 0, 5000, "ms", Screen),
    number_row!("poll-seconds", "Lists", "pace of asking for new incidents and alerts", poll_seconds, 10, 3600, "s", Pace),
    number_row!("cache-days", "Lists", "what was not read for so long is forgotten by the cache on disk", cache_days, 1, 90, "days", Pace),
    number_row!("remind-hours", "Lists", "what we isolated or disabled is brought to mind after so long; 0 = never", remind_hours, 0, 2160, "h", Pace),
    view_row!("view-incidents", "view that Incidents opens with", 0),
    view_row!("view-alerts", "view that Alerts opens with", 1),
    view_row!("view-devices", "view that Devices opens with", 2),
    view_row!("view-users", "view that Users opens with", 3),
    Row { key: "views", group: "Lists", help: "your own views", kind: Kind::Elsewhere("views"), touches: Touches::Screen,
        get: |s| s.own_views.clone(), put: |s, v| s.own_views = v.clone() },
    Row { key: "columns", group: "Lists", help: "columns chosen for each list", kind: Kind::Elsewhere("columns"), touches: Touches::Screen,
        get: |s| s.columns.clone(), put: |s, v| s.columns = v.clone() },
    Row { key: "summary-fields", group: "Hunting", help: "the only fields shown of results that have them; a query's own `// summary:` line counts before", kind: Kind::Words(FIELDS), touches: Touches::Screen,
        get: |s| words(&s.summary_fields), put: |s, v| s.summary_fields = list(v) },
    Row { key: "ignore-fields", group: "Hunting", help: "fields that results and their rows do not show; exports have them", kind: Kind::Words(FIELDS), touches: Touches::Screen,
        get: |s| words(&s.ignore_fields), put: |s, v| s.ignore_fields = list(v) },
    Row { key: "hunt-folders", group: "Hunting", help: "further folders of saved queries, as whole paths", kind: Kind::Words(&[]), touches: Touches::Outside,
        get: |s| words(&s.hunt_folders), put: |s, v| s.hunt_folders = list(v) },
    number_row!("look-back-days", "Hidden rows", "incidents and alerts created earlier are hidden; 0 = none are; Defender keeps 180 days of them", look_back_days, 0, 3650, "days", Rows),
    ignore_row!("ignore-severities", "rows of these severities are hidden", severities, SEVERITIES),
    ignore_row!("ignore-statuses", "rows of these statuses are hidden", statuses, STATUSES),
    ignore_row!("ignore-classifications", "rows of these classifications are hidden", classifications, CLASSIFICATIONS),
    ignore_row!("ignore-determinations", "rows of these determinations are hidden", determinations, DETERMINATIONS),
    ignore_row!("ignore-sources", "rows of these products are hidden", sources, SOURCES),
    number_row!("lock-after", "This machine", "without a key for so long the screen is hidden and tokens are dropped; 0 = never", lock_after, 0, 1440, "min", Screen),
];

impl Default for Settings {
    fn default() -> Self {
        Self {
            locked: BTreeSet::new(),
            theme: "auto".into(),
            background: Background::Terminal,
            cursor: Cursor::Gutter,
            time: TimeShown::Both,
            charts: Charts::Auto,
            mouse: false,
            vim: false,
            escape_ms: 60,
            which_key_ms: 400,
            toast_seconds: 6,
            lock_after: 0,
            side_by_side: 110,
            poll_seconds: 30,
            cache_days: 7,
            remind_hours: 24,
            look_back_days: 0,
            ignore: Ignore::default(),
            views: Default::default(),
            hunt_folders: Vec::new(),
            own_views: Value::Table(Default::default()),
            columns: Value::Table(Default::default()),
            summary_fields: Vec::new(),
            ignore_fields: Vec::new(),
        }
    }
}

/// The row of a key.
pub fn row(key: &str) -> Option<&'static Row> {
    ALL.iter().find(|r| r.key == key)
}

impl Settings {
    /// Reads kept or configured values: what is unknown or wrong is a sentence, the rest is in force.
    pub fn read(values: &BTreeMap<String, Value>) -> (Self, Vec<String>) {
        let (mut settings, mut warnings) = (Self::default(), Vec::new());
        for (key, value) in values {
            match row(key) {
                Some(row) => {
                    if let Err(why) = settings.set(row, value.clone()) {
                        warnings.push(format!("settings: {key}: {why}; the default is in force"));
                    }
                }
                None => {
                    let known: Vec<&str> = ALL.iter().map(|r| r.key).collect();
                    let hint = nearest(key, &known)
                        .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                    warnings.push(format!("settings: there is no `{key}`{hint}"));
                }
            }
        }
        (settings, warnings)
    }

    /// Sets what the policy of this machine says; it stays so. Its values were checked where it was read.
    pub fn lock(&mut self, values: &BTreeMap<String, Value>) {
        for (key, value) in values {
            if let Some(row) = row(key)
                && self.set(row, value.clone()).is_ok()
            {
                self.locked.insert(row.key);
            }
        }
    }

    /// Sets one option, or says what it takes.
    pub fn set(&mut self, row: &Row, value: Value) -> Result<(), String> {
        if self.locked.contains(row.key) {
            return Err(format!("is locked by {POLICY}"));
        }
        row.kind.check(&value)?;
        (row.put)(self, &value);
        Ok(())
    }
}

impl Kind {
    /// Whether a value fits; what is wanted otherwise.
    pub fn check(self, value: &Value) -> Result<(), String> {
        match (self, value) {
            (Kind::Flag, Value::Boolean(_)) => Ok(()),
            (Kind::Flag, _) => Err("takes true or false".into()),
            (Kind::Number { least, most, .. }, Value::Integer(n))
                if (i64::from(least)..=i64::from(most)).contains(n) =>
            {
                Ok(())
            }
            (Kind::Number { least, most, unit }, _) => Err(format!(
                "takes a whole number from {least} to {most} ({unit})"
            )),
            (Kind::Choice(words), Value::String(s)) if words.contains(&s.as_str()) => Ok(()),
            (Kind::Choice(words), other) => {
                let hint = other
                    .as_str()
                    .and_then(|w| nearest(w, words))
                    .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                Err(format!("takes one of {}{hint}", words.join(", ")))
            }
            (Kind::Theme | Kind::View(_), Value::String(_)) => Ok(()),
            (Kind::Theme | Kind::View(_), _) => Err("takes a name".into()),
            (Kind::Words(_), Value::Array(a)) if a.iter().all(Value::is_str) => Ok(()),
            (Kind::Words(_), _) => Err("takes a list of words".into()),
            (Kind::Elsewhere(_), Value::Table(_)) => Ok(()),
            (Kind::Elsewhere(_), _) => Err("takes a table".into()),
        }
    }
}

/// A value as words for a person.
pub fn shown(row: &Row, value: &Value) -> String {
    match (row.kind, value) {
        (Kind::Flag, Value::Boolean(b)) => if *b { "on" } else { "off" }.into(),
        (Kind::Number { unit, .. }, Value::Integer(n)) => format!("{n} {unit}"),
        (Kind::Words(_), Value::Array(a)) if a.is_empty() => "none".into(),
        (Kind::Words(_), Value::Array(a)) => a
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        (Kind::View(_), Value::String(s)) if s.is_empty() => "as it comes".into(),
        (Kind::Elsewhere(_), Value::Table(t)) if t.is_empty() => "none of your own".into(),
        (Kind::Elsewhere(_), Value::Table(t)) => {
            format!("for {}", t.keys().cloned().collect::<Vec<_>>().join(", "))
        }
        (_, Value::String(s)) => s.clone(),
        (_, other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_gives_back_what_it_was_given_and_says_what_it_is() {
        let fresh = Settings::default();
        for row in ALL {
            assert!(
                !row.help.is_empty() && row.key.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            );
            let default = (row.get)(&fresh);
            assert!(
                row.kind.check(&default).is_ok(),
                "{} refuses its default",
                row.key
            );
            let other = match row.kind {
                Kind::Flag => Value::Boolean(default.as_bool() != Some(true)),
                Kind::Number { least, most, .. } => Value::Integer(
                    if default.as_integer() == Some(most.into()) {
                        least
                    } else {
                        most
                    }
                    .into(),
                ),
                Kind::Choice(words) => Value::String(
                    words
                        .iter()
                        .rfind(|w| Some(**w) != default.as_str())
                        .unwrap()
                        .to_string(),
                ),
                Kind::Theme | Kind::View(_) => Value::String("mine".into()),
                Kind::Words(words) => Value::Array(vec![Value::String(
                    words.first().copied().unwrap_or("~/hunts").into(),
                )]),
                Kind::Elsewhere(_) => Value::Table(
                    [("incidents".to_owned(), Value::Boolean(true))]
                        .into_iter()
                        .collect(),
                ),
            };
            let mut changed = fresh.clone();
            changed.set(row, other.clone()).unwrap();
            assert_eq!((row.get)(&changed), other, "{}", row.key);
            // nothing else moved
            for same in ALL.iter().filter(|r| r.key != row.key) {
                assert_eq!(
                    (same.get)(&changed),
                    (same.get)(&fresh),
                    "{} changed {}",
                    row.key,
                    same.key
                );
            }
        }
    }

    /// An option of the policy has its value, and nobody gives it another.
    #[test]
    fn what_the_policy_sets_is_locked() {
        let policy = "[settings]\nlock-after = 10\n"
            .parse::<toml::Table>()
            .unwrap();
        let values = policy["settings"].as_table().unwrap().clone();
        let (mut settings, _) = Settings::read(&BTreeMap::new());
        settings.lock(&values.into_iter().collect());
        let row = row("lock-after").unwrap();
        assert_eq!((row.get)(&settings), Value::Integer(10));
        let why = settings.set(row, Value::Integer(0)).unwrap_err();
        assert!(
            why.contains("locked by /etc/watchfloor/policy.toml"),
            "{why}"
        );
        assert_eq!((row.get)(&settings), Value::Integer(10));
        assert!(
            settings
                .set(super::row("mouse").unwrap(), Value::Boolean(true))
                .is_ok()
        );
    }

    #[test]
    fn unknown_keys_and_wrong_values_are_sentences_and_the_rest_is_in_force() {
        let table: toml::Table = "lok-back-days = 3\nmouse = \"yes\"\ncursor = \"rwo\"\npoll-seconds = 5\nlook-back-days = 30\nignore-statuses = [\"resolved\", \"brandNew\"]".parse().unwrap();
        let (s, warnings) = Settings::read(&table.into_iter().collect());
        let all = warnings.join("\n");
        for want in [
            "`lok-back-days`; did you mean `look-back-days`?",
            "mouse: takes true or false",
            "did you mean `row`?",
            "poll-seconds: takes a whole number from 10 to 3600 (s)",
        ] {
            assert!(all.contains(want), "{want} not in\n{all}");
        }
        assert_eq!((s.look_back_days, s.mouse, s.poll_seconds), (30, false, 30));
        assert_eq!(
            s.ignore.statuses,
            ["resolved", "brandNew"],
            "a word we do not know is kept"
        );
    }
}
