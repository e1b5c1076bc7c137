//! How Kusto words what it refuses: the codes, sentences and places that its three services build their errors from.

use kql::engine::{ErrorKind, RunError};

/// A refusal in Kusto's own terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub kind: ErrorKind,
    /// `SYN0002`, `SEM0100` …
    pub code: &'static str,
    pub message: String,
    /// Line and column, both from 1, and the word there.
    pub place: Option<(usize, usize, String)>,
}

/// What the service would say.
pub(crate) fn said(error: &RunError, text: &str) -> Said {
    let place = error
        .span
        .and_then(|(from, to)| place(text, from as usize, to as usize));
    let (code, message) = match error.kind {
        ErrorKind::Syntax => ("SYN0002", syntax(&place)),
        ErrorKind::Semantic => semantic(error, text),
        ErrorKind::Limit => (
            "E_RUNAWAY_QUERY",
            format!("Runaway query (E_RUNAWAY_QUERY). {}.", error.message),
        ),
        ErrorKind::Cancelled => ("E_QUERY_CANCELLED", "The query was cancelled.".to_owned()),
        _ => ("SEM0000", error.message.clone()),
    };
    Said {
        kind: error.kind,
        code,
        message,
        place,
    }
}

fn place(text: &str, from: usize, to: usize) -> Option<(usize, usize, String)> {
    let before = text.get(..from)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    let word = text.get(from..to.max(from)).unwrap_or_default();
    Some((line, column, word.chars().take(60).collect()))
}

fn syntax(place: &Option<(usize, usize, String)>) -> String {
    match place {
        Some((line, column, word)) if !word.is_empty() => {
            format!("Query could not be parsed at '{word}' on line [{line},{column}]")
        }
        Some((line, column, _)) => {
            format!("Query could not be parsed at '' on line [{line},{column}]")
        }
        None => "Query could not be parsed".to_owned(),
    }
}

/// A name that is not known, as Kusto says it, with the operator in which it stands.
fn semantic(error: &RunError, text: &str) -> (&'static str, String) {
    let message = error.message.as_str();
    let table = message
        .strip_prefix("there is no table, view or function `")
        .and_then(|rest| rest.split_once('`'));
    if let Some((name, _)) = table {
        return (
            "SEM0100",
            format!("Failed to resolve table or column expression named '{name}'"),
        );
    }
    let name = message
        .strip_prefix('`')
        .and_then(|rest| rest.split_once("` is not a known "))
        .map(|(name, _)| name);
    let Some(name) = name else {
        return ("SEM0100", error.message.clone());
    };
    let at = error.span.map_or(0, |(from, _)| from as usize);
    match operator(text.get(..at).unwrap_or_default()) {
        Some(operator) => (
            "SEM0100",
            format!("'{operator}' operator: Failed to resolve scalar expression named '{name}'"),
        ),
        None => (
            "SEM0100",
            format!("Failed to resolve table or column expression named '{name}'"),
        ),
    }
}

/// The operator whose arguments end the text, if the last pipe has one.
fn operator(before: &str) -> Option<&str> {
    let (_, rest) = before.rsplit_once('|')?;
    let word = rest.trim_start();
    let end = word
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .unwrap_or(word.len());
    // a name right after the operator's own word is its table
    let tabular = matches!(&word[..end], "join" | "union" | "lookup" | "");
    (!tabular).then(|| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, message: &str, span: Option<(u32, u32)>) -> RunError {
        RunError {
            kind,
            message: message.into(),
            span,
        }
    }

    #[test]
    fn names_that_do_not_resolve_say_where() {
        let text = "AlertInfo\n| where Severtiy == 'High'";
        let unknown = "`Severtiy` is not a known column, table, variable or function";
        let said = said(&error(ErrorKind::Semantic, unknown, Some((18, 26))), text);
        assert_eq!(
            said.message,
            "'where' operator: Failed to resolve scalar expression named 'Severtiy'"
        );
        assert_eq!(said.place, Some((2, 9, "Severtiy".into())));
    }

    #[test]
    fn a_table_is_a_table() {
        let unknown = "there is no table, view or function `Nope`";
        let said = said(
            &error(ErrorKind::Semantic, unknown, Some((0, 4))),
            "Nope | take 1",
        );
        assert_eq!(
            said.message,
            "Failed to resolve table or column expression named 'Nope'"
        );
    }

    #[test]
    fn a_syntax_error_names_line_and_column() {
        let said = said(
            &error(ErrorKind::Syntax, "x", Some((10, 14))),
            "AlertInfo wher",
        );
        assert_eq!(
            said.message,
            "Query could not be parsed at 'wher' on line [1,11]"
        );
    }
}
