use kql::bind::World;
use kql::schema::{Schema, Which};
use kql::service::complete::complete;
use kql::service::hover::{call_around, definition, hover, references, rename};
use kql::service::{Colour, analyse, check, classify};
use std::sync::Arc;

fn world() -> World {
    World::new(Schema::builtin(Which::Unified))
}
fn labels(text: &str) -> Vec<String> {
    complete(text, text.len(), &world())
        .into_iter()
        .map(|i| i.label.into_owned())
        .collect()
}

#[test]
fn misspelt_names_are_recognised() {
    let c = check(&analyse(
        "DeviceProcessEvents | where DeviceNmae == 'x'",
        &world(),
    ));
    let f = c
        .findings
        .iter()
        .find(|f| f.code == "KS142")
        .expect("an error");
    assert_eq!(f.suggestion.as_deref(), Some("DeviceName"));
    assert_eq!((f.start, f.end), (28, 38));
}

#[test]
fn a_mistyped_table_is_recognised_in_the_finding_and_while_it_is_typed() {
    for text in [
        "DeviceProcesEvents | take 1",
        "union DeviceInfo, DeviceProcesEvents",
    ] {
        let c = check(&analyse(text, &world()));
        let meant = c.findings.iter().filter_map(|f| f.suggestion.as_deref());
        assert_eq!(meant.collect::<Vec<_>>(), ["DeviceProcessEvents"], "{text}");
    }
    assert_eq!(labels("DeviceProcse")[0], "DeviceProcessEvents");
    assert_eq!(
        labels("union DeviceInfo, DevcieNetworkI")[0],
        "DeviceNetworkInfo"
    );
    // what begins no table's name stays without an answer
    assert!(labels("Zebracrossing").is_empty());
}

#[test]
fn hints_never_block() {
    let c = check(&analyse(
        "DeviceEvents | where FileName contains \"mimi\" | join DeviceInfo on DeviceId | where Timestamp > ago(90d)",
        &world(),
    ));
    assert!(c.bind_ok);
    let codes: Vec<&str> = c.findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["WF002", "WF003", "WF005"]);
    let c = check(&analyse("DeviceEvents | take 5", &world()));
    assert!(c.bind_ok && c.findings[0].code == "WF001");
    let c = check(&analyse("SigninLogs | where Timestamp > ago(1d)", &world()));
    assert!(c.findings.iter().any(|f| f.code == "WF004"));
}

#[test]
fn operators_follow_a_pipe() {
    let l = labels("DeviceEvents | ");
    assert!(l[..4].contains(&"where".to_owned()), "{:?}", &l[..4]);
    assert!(l.contains(&"project-away".to_owned()) && !l.contains(&"DeviceName".to_owned()));
    assert!(labels("DeviceEvents | project-aw").contains(&"project-away".to_owned()));
}

#[test]
fn columns_follow_renames_joins_and_summarize() {
    let l = labels("DeviceEvents | summarize Seen=max(Timestamp) by DeviceName | where ");
    assert!(
        l.contains(&"Seen".to_owned())
            && l.contains(&"DeviceName".to_owned())
            && !l.contains(&"ActionType".to_owned())
    );
    let l = labels(
        "AlertInfo | join (AlertEvidence | project-rename Who=AccountName) on AlertId | project ",
    );
    assert!(
        l.contains(&"Who".to_owned())
            && l.contains(&"AlertId1".to_owned())
            && !l.contains(&"AccountName".to_owned())
    );
    let l = labels("DeviceEvents | join kind=");
    assert!(l[..12].contains(&"leftanti".to_owned()), "{:?}", &l[..12]);
}

#[test]
fn values_of_enum_like_columns_are_offered() {
    let l = labels("DeviceLogonEvents | where ActionType == ");
    assert!(l.contains(&"\"LogonSuccess\"".to_owned()), "{:?}", &l[..8]);
    assert!(labels("AlertInfo | where Severity in (\"").contains(&"High".to_owned()));
    assert!(labels("DeviceEvents // where ").is_empty());
}

#[test]
fn hover_says_type_and_signature() {
    let w = world();
    let text = "let t = 1d; DeviceEvents | where Timestamp > ago(t) | extend x = strcat(DeviceName, \"a\")";
    let a = analyse(text, &w);
    let at = |s: &str| text.find(s).expect("there") + 1;
    assert_eq!(
        hover(&a, at("Timestamp"), &w).map(|h| h.title),
        Some("Timestamp: datetime".into())
    );
    assert!(
        hover(&a, at("DeviceEvents"), &w)
            .is_some_and(|h| h.title.starts_with("DeviceEvents: table") && !h.text.is_empty())
    );
    assert!(hover(&a, at("strcat"), &w).is_some_and(|h| h.title.starts_with("strcat(")));
    let h = call_around(&a, text.find("\"a\"").expect("there")).expect("inside a call");
    assert!(
        h.parameter
            .is_some_and(|(s, e)| h.title[s..e].contains("arg"))
    );
}

#[test]
fn let_names_are_found_and_renamed() {
    let text = "let span = 1d;\nDeviceEvents\n| where Timestamp > ago(span)\n| extend y = span";
    let a = analyse(text, &world());
    let at = text.rfind("span").expect("there");
    assert_eq!(definition(&a, at), Some((4, 8)));
    assert_eq!(references(&a, at).len(), 3);
    assert_eq!(
        rename(&a, at, "window").as_deref(),
        Some(&*text.replace("span", "window"))
    );
    assert_eq!(rename(&a, at, "two words"), None);
}

#[test]
fn a_persons_tables_and_functions_are_known() {
    let mut s = (*Schema::builtin(Which::Defender)).clone();
    assert_eq!(s.add_text("Mine (When: datetime, What: string)\nlet Recent = (n: long) { Mine | where When > ago(n * 1d) };\nnonsense"), [3]);
    s.learn("Mine", &[("Extra".into(), kql::types::Ty::LONG)]);
    let w = World::new(Arc::new(s));
    let c = check(&analyse("Recent(3) | summarize max(Extra) by What", &w));
    assert!(c.bind_ok, "{:?}", c.findings);
    assert_eq!(c.columns[1].0, "max_Extra");
}

#[test]
fn colours_cover_names_and_comments() {
    let text = "// hi\nDeviceEvents | where ActionType has 'x'";
    let p = classify(&analyse(text, &world()));
    let of = |s: &str| {
        p.iter()
            .find(|p| &text[p.start as usize..p.end as usize] == s)
            .map(|p| p.colour)
    };
    assert_eq!(of("// hi"), Some(Colour::Comment));
    assert_eq!(of("DeviceEvents"), Some(Colour::Table));
    assert_eq!(of("where"), Some(Colour::QueryOperator));
    assert_eq!(of("ActionType"), Some(Colour::Column));
    assert_eq!(of("has"), Some(Colour::ScalarOperator));
}

#[test]
fn a_long_condition_breaks_by_its_words_and_not_by_the_blanks_around_them() {
    let text = "DeviceLogonEvents\n| where Timestamp between ((timestamp - lookupPeriod) .. lookupPeriod)\n        and DeviceId == DeviceId\n        and LogonT";
    let once = kql::service::format::format(text);
    assert_eq!(kql::service::format::format(&once), once);
    let airy = text.replace(" == ", "   ==   ");
    assert_eq!(kql::service::format::format(&airy), once);
}
