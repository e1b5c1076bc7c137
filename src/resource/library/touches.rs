//! What a query's text touches, by its tokens: tables it names, values it asks for, and ways out of the service.

use kql::schema::{Schema, Which};
use kql::syntax::{T, lex};

/// Words that reach beyond the tables when a bracket follows: other clusters and workspaces, and requests to elsewhere.
const CALLS: &[&str] = &[
    "adx",
    "ai_chat_completion",
    "ai_embeddings",
    "ai_embed_text",
    "arg",
    "azure_digital_twins_query_request",
    "cluster",
    "cosmosdb_sql_request",
    "external_table",
    "http_request",
    "http_request_post",
    "mysql_request",
    "postgresql_request",
    "resource",
    "sql_request",
    "workspace",
];

/// What a text reaches out with, each once: it is marked, and asks once before it runs.
pub fn reaches(text: &str) -> Vec<&'static str> {
    let tokens = lex(text, &mut Vec::new());
    let mut out: Vec<&'static str> = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        let word = &text[token.start as usize..token.end as usize];
        let found = match token.kind {
            T::ExternalData | T::ExternalDataOld => Some("externaldata"),
            T::StringLit | T::Eof => None,
            _ if tokens.get(n + 1).is_some_and(|t| t.kind == T::OpenParen) => {
                CALLS.iter().find(|c| c.eq_ignore_ascii_case(word)).copied()
            }
            _ => None,
        };
        if let Some(found) = found.filter(|f| !out.contains(f)) {
            out.push(found);
        }
    }
    out
}

/// The known tables that a text names, each once, in order.
pub fn tables(text: &str) -> Vec<String> {
    let schema = Schema::builtin(Which::Unified);
    let tokens = lex(text, &mut Vec::new());
    let mut out: Vec<String> = Vec::new();
    let mut before = T::Eof;
    for token in tokens {
        let word = &text[token.start as usize..token.end as usize];
        if token.kind == T::Ident
            && before != T::Dot
            && let Some(table) = schema.table(word)
            && !out.iter().any(|t| **t == *table.name)
        {
            out.push(table.name.to_string());
        }
        before = token.kind;
    }
    out
}

/// The values that a text asks for as `{{NAME}}`, each once, in order.
pub fn parameters(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((inside, next)) = after.split_once("}}") else {
            break;
        };
        let name = inside.split([':', '=']).next().unwrap_or_default().trim();
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if is_name && !name.is_empty() && !out.iter().any(|n| n.eq_ignore_ascii_case(name)) {
            out.push(name.to_owned());
        }
        rest = if is_name { next } else { after };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_out_is_found_in_code_and_not_in_strings_or_comments() {
        for (text, found) in [
            (
                "externaldata (a: string) ['https://x.example/a.csv']",
                &["externaldata"][..],
            ),
            (
                "cluster('x').database('y').T | union (workspace('w').T)",
                &["cluster", "workspace"],
            ),
            (
                "evaluate http_request ('https://x.example')",
                &["http_request"],
            ),
            (
                "DeviceInfo | where DeviceName has 'externaldata(' // cluster('x')",
                &[],
            ),
            ("DeviceInfo | extend cluster = 1 | where cluster == 1", &[]),
            ("ADX('help').T", &["adx"]),
        ] {
            assert_eq!(reaches(text), found, "{text}");
        }
    }

    #[test]
    fn tables_and_values_of_a_text() {
        let text = "let x = '{{ENTITY}} {{ entity }}'; DeviceInfo | union (EmailEvents) | where a.DeviceEvents == {{n:int=5}} // {{";
        assert_eq!(tables(text), ["DeviceInfo", "EmailEvents"]);
        assert_eq!(parameters(text), ["ENTITY", "n"]);
    }
}
