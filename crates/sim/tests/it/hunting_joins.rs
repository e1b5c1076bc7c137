//! What stories left in several tables is found by joining them.

use std::collections::HashSet;

use crate::http::Bench;
use crate::hunting::{one, rows};

#[test]
fn joins_find_the_story_of_an_incident() {
    let b = Bench::new();
    let linked = rows(
        &b,
        "AlertEvidence | where EntityType == 'Process' and isnotempty(SHA1)\n\
         | join kind=inner (DeviceProcessEvents | project DeviceId, SHA1, ProcessCommandLine, ProcessId, ProcessCreationTime) on DeviceId, SHA1, ProcessCommandLine\n\
         | summarize Processes = dcount(ProcessId) by AlertId | join kind=inner AlertInfo on AlertId | project AlertId, Title, Processes",
    );
    assert!(linked.len() > 10, "{}", linked.len());
    let known: HashSet<String> = b
        .all("/security/alerts_v2", &[])
        .0
        .iter()
        .map(|a| a["id"].as_str().unwrap().to_owned())
        .collect();
    for row in &linked {
        assert!(known.contains(row["AlertId"].as_str().unwrap()), "{row}");
    }
    let mails = one(
        &b,
        "EmailEvents | where ThreatTypes has 'Phish' | join kind=inner EmailUrlInfo on NetworkMessageId | summarize Mails = dcount(NetworkMessageId)",
        "Mails",
    );
    assert!(mails.as_i64().unwrap() > 0);
    let tree = one(
        &b,
        "DeviceProcessEvents | join kind=inner (DeviceProcessEvents | project DeviceId, ParentId = ProcessId, ParentTime = ProcessCreationTime, ParentName = FileName) on DeviceId, $left.InitiatingProcessId == $right.ParentId, $left.InitiatingProcessCreationTime == $right.ParentTime | where InitiatingProcessFileName =~ ParentName | count",
        "Count",
    );
    assert!(tree.as_i64().unwrap() > 20, "{tree}");
}
