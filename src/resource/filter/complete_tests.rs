//! What is offered at the cursor.

use super::*;
use crate::resource::walk_tests::chunk;
use crate::resource::{Spec, alert, incident};
use serde_json::json;
use std::sync::Arc;
use table::Keyed;

/// Offers at `|`, as the text would read after taking each.
fn taken(spec: &Spec, marked: &str, values: &dyn Values) -> Vec<String> {
    let cursor = marked.find('|').unwrap();
    let text = marked.replace('|', "");
    complete(&text, cursor, spec, values)
        .into_iter()
        .map(|c| {
            let mut text = text.clone();
            text.replace_range(c.span, &c.insert);
            text
        })
        .collect()
}

fn first(spec: &Spec, marked: &str) -> String {
    taken(spec, marked, &())
        .first()
        .cloned()
        .unwrap_or_default()
}

#[test]
fn fields_words_and_operators_by_what_was_begun() {
    let spec = &incident::SPEC;
    for (marked, best) in [
        ("|", "id:"),
        ("se|", "sev:"),
        ("!se|", "!sev:"),
        ("st:new ti|", "st:new title:"),
        ("severi|ty", "severity:"),
        ("sev:|", "sev:high"),
        ("sev>=m|", "sev>=medium"),
        ("st:active,in|", "st:active,inProgress"),
        ("own:m|", "own:me"),
        ("own:n|", "own:none"),
        ("age<2|", "age<24h"),
        ("src:md|", "src:mde"),
        ("!src:\"Defender for Id|", "!src:mdi"),
        ("sev:hi| own:me", "sev:high own:me"),
        ("created:to|", "created:today"),
    ] {
        assert_eq!(first(spec, marked), best, "{marked}");
    }
    let ops = taken(spec, "sev|", &());
    for text in ["sev:", "sev>=", "sev!="] {
        assert!(ops.iter().any(|t| t == text), "{ops:?}");
    }
    assert!(!ops.iter().any(|t| t == "sev~"), "{ops:?}");
    assert!(taken(spec, "nosuch:x|", &()).is_empty());
}

#[test]
fn values_of_the_table_are_offered_quoted_where_they_must_be_and_shown_safely() {
    let spec = &alert::SPEC;
    let rows = [
        json!({"id": "1", "serviceSource": "microsoftDefenderForToasters", "systemTags": ["two words"], "evidence": [{"hostName": "ws\u{202e}1"}]}),
        json!({"id": "2", "serviceSource": "microsoftDefenderForToasters", "systemTags": ["none"]}),
    ];
    let mut keyed = Keyed::new(spec.schema());
    keyed.upsert(Arc::new(chunk(spec, &rows).unwrap()));
    let values = TableValues(&keyed);
    let sources = taken(spec, "src:toast|", &values);
    assert_eq!(sources, ["src:microsoftDefenderForToasters"], "S0-21");
    assert!(taken(spec, "tag:|", &values).contains(&"tag:\"two words\"".to_owned()));
    assert!(
        taken(spec, "tag:|", &values).contains(&"tag:\"none\"".to_owned()),
        "a tag called none is no absence"
    );
    let host = complete("dev:ws", 6, spec, &values).remove(0);
    assert_eq!(
        (host.insert.as_str(), host.label.contains('\u{202e}')),
        ("ws\u{202e}1", false)
    );
    assert_eq!(host.help, "1 row");
}
