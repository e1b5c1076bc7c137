//! Which fields of a result are looked at: summary fields and ignored fields, of one query and of all (`S4-7`, `S4-8`).
//!
//! Those of a query are lines of its own text, so that they go wherever it goes: `// summary: DeviceName, FileName` and
//! `// ignore: ReportId`. Those of all queries are settings. Nothing is lost by either: exports have every column.

use super::filter::nearest;
use table::{Schema, Txt};

/// Fields by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The only columns shown, in this order; none: all.
    pub summary: Vec<String>,
    /// Columns that are not shown.
    pub ignore: Vec<String>,
}

/// The words before a list of fields.
const SUMMARY: &str = "summary";
const IGNORE: &str = "ignore";

/// What becomes of a result's columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Places in the schema, in the order shown; never empty while there are columns.
    pub columns: Vec<usize>,
    /// Columns that are ignored.
    pub ignored: Vec<usize>,
    /// A sentence for each field of the query that the result does not have.
    pub unknown: Vec<String>,
}

/// `summary` of `// summary: a, b`, and the fields.
fn directive(line: &str) -> Option<(&'static str, Vec<String>)> {
    let rest = line.trim_start().strip_prefix("//")?.trim_start();
    let (word, list) = rest.split_once(':')?;
    let word = [SUMMARY, IGNORE]
        .into_iter()
        .find(|w| word.trim().eq_ignore_ascii_case(w))?;
    let fields = list.split(',').map(str::trim).filter(|f| !f.is_empty());
    Some((word, fields.map(str::to_owned).collect()))
}

/// The wishes in a query's text.
pub fn of_query(text: &str) -> Wishes {
    let mut wishes = Wishes::default();
    for (word, fields) in text.lines().filter_map(directive) {
        match word {
            SUMMARY => wishes.summary.extend(fields),
            _ => wishes.ignore.extend(fields),
        }
    }
    wishes
}

/// A query's text with its list of summary (or ignored) fields set; no fields take the line away.
pub fn with(text: &str, ignore: bool, fields: &[String]) -> String {
    let word = if ignore { IGNORE } else { SUMMARY };
    let mut lines: Vec<String> = Vec::new();
    let mut place = None;
    for line in text.split('\n') {
        match directive(line) {
            Some((w, _)) if w == word => place = place.or(Some(lines.len())),
            _ => lines.push(line.to_owned()),
        }
    }
    if !fields.is_empty() {
        let line = format!("// {word}: {}", fields.join(", "));
        lines.insert(place.unwrap_or(0), line);
    }
    lines.join("\n")
}

/// Whether a name can stand in such a line.
pub fn can_stand(name: &str) -> bool {
    !name.trim().is_empty() && name.trim() == name && !name.contains([',', '\n', '\r'])
}

/// The columns of a result by the wishes of its query and of all queries. The query's own summary counts before the
/// general one; what any of them ignores is ignored, but never everything.
pub fn choose(schema: &Schema, general: &Wishes, own: &Wishes) -> Chosen {
    let of = |name: &str| -> Vec<usize> {
        let all = schema.columns().enumerate();
        all.filter(|(_, (n, _))| n.exact().eq_ignore_ascii_case(name))
            .map(|(c, _)| c)
            .collect()
    };
    let mut unknown = Vec::new();
    for (word, names) in [(SUMMARY, &own.summary), (IGNORE, &own.ignore)] {
        for name in names.iter().filter(|n| of(n).is_empty()) {
            let columns: Vec<&str> = schema.columns().map(|(n, _)| n.exact()).collect();
            unknown.push(missing(word, name, "the result has", &columns));
        }
    }
    let ignored: Vec<usize> = (general.ignore.iter().chain(&own.ignore))
        .flat_map(|n| of(n))
        .collect();
    let mut columns: Vec<usize> = Vec::new();
    for list in [&own.summary, &general.summary] {
        if columns.is_empty() {
            columns = list.iter().flat_map(|n| of(n)).collect();
        }
    }
    if columns.is_empty() {
        columns = (0..schema.len()).collect();
    }
    let mut seen = hashbrown::HashSet::new();
    columns.retain(|c| seen.insert(*c));
    let left: Vec<usize> = columns
        .iter()
        .copied()
        .filter(|c| !ignored.contains(c))
        .collect();
    Chosen {
        columns: if left.is_empty() { columns } else { left },
        ignored,
        unknown,
    }
}

fn missing(word: &str, name: &str, where_: &str, known: &[&str]) -> String {
    let hint = nearest(name, known.iter().copied()).map_or(String::new(), |n| {
        format!("; did you mean {}?", Txt::new(n).shown())
    });
    format!(
        "{word} field {}: {where_} no such column{hint}",
        Txt::new(name).shown()
    )
}

/// A sentence for each field that no known table has: for the settings, which are about all queries.
pub fn strangers(word: &str, names: &[String]) -> Vec<String> {
    use kql::schema::{Schema, Which};
    let schema = Schema::builtin(Which::Unified);
    let mut known: Vec<&str> = Vec::new();
    let mut out = Vec::new();
    for name in names {
        let has = schema
            .tables()
            .any(|t| t.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name)));
        if !has {
            if known.is_empty() {
                known = schema
                    .tables()
                    .flat_map(|t| t.columns.iter().map(|c| &*c.name))
                    .collect();
                known.sort_unstable();
                known.dedup();
            }
            out.push(missing(word, name, "the known tables have", &known));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use table::Type;

    fn schema() -> Schema {
        let names = [
            "Timestamp",
            "DeviceName",
            "FileName",
            "ReportId",
            "FileName",
        ];
        Schema::new(names.map(|n| (n, Type::Text)))
    }

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn s4_7_a_query_chooses_its_summary_and_what_is_unknown_is_flagged() {
        let own = of_query("// summary: FileName, devicename, FielName\nDeviceEvents\n| take 5");
        let chosen = choose(&schema(), &Wishes::default(), &own);
        assert_eq!(chosen.columns, [2, 4, 1]);
        assert_eq!(chosen.unknown.len(), 1);
        assert!(
            chosen.unknown[0].contains("FielName") && chosen.unknown[0].contains("FileName?"),
            "{:?}",
            chosen.unknown
        );
    }

    #[test]
    fn s4_8_fields_are_ignored_by_a_query_and_by_all_and_never_everything() {
        let general = Wishes {
            ignore: list(&["reportid", "NotHere"]),
            ..Wishes::default()
        };
        let own = of_query("print 1 //x\n  //ignore:Timestamp");
        let chosen = choose(&schema(), &general, &own);
        assert_eq!(
            (chosen.columns, chosen.ignored),
            (vec![1, 2, 4], vec![3, 0])
        );
        assert_eq!(
            chosen.unknown,
            Vec::<String>::new(),
            "settings are about all tables"
        );
        let all = Wishes {
            ignore: list(&["Timestamp", "DeviceName", "FileName", "ReportId"]),
            ..Wishes::default()
        };
        assert_eq!(choose(&schema(), &all, &Wishes::default()).columns.len(), 5);
    }

    #[test]
    fn the_line_is_set_replaced_and_taken_away() {
        let text = "DeviceEvents\n| take 5";
        let one = with(text, false, &list(&["a", "b"]));
        assert_eq!(one, "// summary: a, b\nDeviceEvents\n| take 5");
        let both = with(&one, true, &list(&["c"]));
        assert_eq!(of_query(&both).ignore, ["c"]);
        assert_eq!(with(&both, false, &[]), format!("// ignore: c\n{text}"));
        assert!(!can_stand("a,b") && !can_stand("") && can_stand("Vendor Name"));
    }

    #[test]
    fn s4_7_general_fields_that_no_table_has_are_flagged_with_what_was_meant() {
        assert_eq!(
            strangers("summary", &list(&["DeviceName", "timestamp"])),
            Vec::<String>::new()
        );
        let said = strangers("ignore", &list(&["DevcieName"]));
        assert!(said[0].contains("DeviceName"), "{said:?}");
    }
}
