//! What was written on accounts and shows later: risk, delta queries, lagging reads.

use serde_json::{Value, json};

use crate::accounts::{audits, later, member, patch, read, users};
use crate::http::{Bench, send};
use crate::machine_actions::patient;

#[test]
fn risk_is_confirmed_and_dismissed_after_a_while() {
    let b = patient();
    b.sim.set_scenario("[tenant]\nrisk-lag = \"10s\"").unwrap();
    let judge = |verb: &str, id: &str| {
        b.send(
            "POST",
            &format!("/identityProtection/riskyUsers/{verb}"),
            &[],
            Some(json!({"userIds": [id]})),
        )
    };
    let risky = |id: &str| b.get(&format!("/identityProtection/riskyUsers/{id}"));
    let open = b
        .get("/identityProtection/riskyUsers?$filter=riskState eq 'atRisk'")
        .rows()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let reply = judge("confirmCompromised", &open);
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    let now = risky(&open).json();
    assert_eq!(
        (&now["isProcessing"], &now["riskState"]),
        (&json!(true), &json!("atRisk"))
    );
    later(&b, 10);
    let now = risky(&open).json();
    assert_eq!(
        (&now["isProcessing"], &now["riskState"], &now["riskLevel"]),
        (
            &json!(false),
            &json!("confirmedCompromised"),
            &json!("high")
        )
    );
    assert_eq!(now["riskLastUpdatedDateTime"], "2026-08-20T12:00:10Z");
    let listed = b
        .get("/identityProtection/riskyUsers?$filter=riskState eq 'confirmedCompromised'&$top=500")
        .rows();
    assert!(listed.iter().any(|u| u["id"] == json!(open)));
    let history = b
        .get(&format!("/identityProtection/riskyUsers/{open}/history"))
        .rows();
    assert_eq!(history[0]["riskDetail"], "adminConfirmedUserCompromised");
    assert_eq!(history[0]["initiatedBy"], json!(b.sim.info.client_id));
    judge("dismiss", &open);
    later(&b, 10);
    assert_eq!(risky(&open).json()["riskState"], "dismissed");
    let seen = b
        .get(&format!(
            "/identityProtection/riskDetections?$filter=userId eq '{open}'"
        ))
        .rows();
    assert!(seen.iter().all(|d| d["riskState"] == "dismissed"));
    judge("confirmSafe", &open);
    later(&b, 10);
    assert_eq!(risky(&open).json()["riskState"], "confirmedSafe");
    let activities: Vec<Value> = audits(&b, &open)
        .iter()
        .map(|a| a["activityDisplayName"].clone())
        .collect();
    assert_eq!(
        activities,
        [
            json!("ConfirmAccountSafe"),
            json!("DismissUser"),
            json!("ConfirmAccountCompromised")
        ]
    );
    // somebody who was never at risk
    let calm = users(&b, |_| true)
        .into_iter()
        .find(|id| risky(id).status == 404)
        .unwrap();
    assert_eq!(judge("dismiss", &calm).status, 204);
    later(&b, 10);
    assert_eq!(risky(&calm).status, 404, "nothing to dismiss");
    judge("confirmCompromised", &calm);
    later(&b, 10);
    assert_eq!(risky(&calm).json()["riskState"], "confirmedCompromised");
    assert_eq!(
        b.get("/identityProtection/riskyUsers?$top=1").rows()[0]["id"],
        json!(calm)
    );
    assert_eq!(
        judge("confirmCompromised", "00000000-0000-4000-8000-000000000000").status,
        204,
        "no word on single ids"
    );
    for bad in [
        json!({}),
        json!({"userIds": []}),
        json!({"userIds": "x"}),
        json!({"userIds": [1]}),
        json!({"userids": ["x"]}),
    ] {
        let reply = b.send(
            "POST",
            "/identityProtection/riskyUsers/dismiss",
            &[],
            Some(bad.clone()),
        );
        assert_eq!(reply.status, 400, "{bad}");
    }
    b.sim.revoke("IdentityRiskyUser.ReadWrite.All").unwrap();
    assert_eq!(judge("dismiss", &open).status, 403);
}

#[test]
fn a_later_round_of_delta_tells_who_was_written_on() {
    let b = patient();
    let mut link = "/users/delta?$select=displayName,accountEnabled".to_owned();
    let next = |link: &str| {
        let page = b.get(link).json();
        let rows = page["value"].as_array().unwrap().clone();
        let text = |key: &str| page[key].as_str().map(str::to_owned);
        (rows, text("@odata.nextLink"), text("@odata.deltaLink"))
    };
    let id = member(&b, true);
    let delta = loop {
        let (_, more, delta) = next(&link);
        match (more, delta) {
            (_, Some(delta)) => break delta,
            (Some(more), _) => {
                // between two pages: told by the next round
                patch(&b, &id, json!({"accountEnabled": false}));
                link = more;
            }
            _ => panic!("no link"),
        }
    };
    let (rows, _, after) = next(&delta);
    assert_eq!(rows, [json!({"id": id, "accountEnabled": false})]);
    let after = after.unwrap();
    assert!(next(&after).0.is_empty());
    later(&b, 3600);
    assert_eq!(
        next(&after).0,
        [json!({"id": id, "accountEnabled": true})],
        "flipped back"
    );
}

#[test]
fn reading_back_takes_a_moment() {
    let b = Bench::new();
    let id = member(&b, false);
    b.sim
        .set_scenario("[tenant]\ndirectory-lag = \"2s\"\naudit-lag = \"3m\"")
        .unwrap();
    patch(&b, &id, json!({"accountEnabled": false}));
    assert_eq!(read(&b, &id)["accountEnabled"], true, "not yet");
    later(&b, 2);
    assert_eq!(read(&b, &id)["accountEnabled"], false);
    assert!(audits(&b, &id).is_empty());
    later(&b, 180);
    assert_eq!(audits(&b, &id).len(), 1);
    let raw = send(
        "PATCH",
        &format!("{}/users/{id}", b.sim.info.graph),
        &[("Content-Type", "application/json")],
        b"{}",
    )
    .unwrap();
    assert_eq!(raw.status, 401);
}
