//! `/subscribedSkus`: what the tenant has bought, with the service plans in it. A scenario that lacks a licence lacks its plans.

use serde_json::{Value, json};

use super::cx::Cx;
use super::directory::ORGANIZATION;
use super::fault::Fault;
use super::page;
use crate::odata::check::Rules;
use crate::tenant::guid;
use crate::wire::answer::Answer;
use crate::world::{Obj, obj};

/// Neither filters nor pages are offered.
const RULES: Rules = Rules {
    kind: "microsoft.graph.subscribedSku",
    select: &[
        "id",
        "accountId",
        "accountName",
        "appliesTo",
        "capabilityStatus",
        "consumedUnits",
        "prepaidUnits",
        "servicePlans",
        "skuId",
        "skuPartNumber",
        "subscriptionIds",
    ],
    orderby: &[],
    ..ORGANIZATION
};

/// A product: its part number, whether it is in force, and its plans, each with the word of a scenario that takes it away.
type Product = (
    &'static str,
    &'static str,
    u64,
    &'static [(&'static str, &'static str)],
);

#[rustfmt::skip]
const PRODUCTS: [Product; 3] = [
    ("SPE_E5", "Enabled", 1800, &[
        ("WINDEFATP", "vulnerability-management"), ("ATP_ENTERPRISE", ""), ("THREAT_INTELLIGENCE", ""), ("ATA", ""),
        ("ADALLOM_S_STANDALONE", "cloud-apps"), ("AAD_PREMIUM", ""), ("AAD_PREMIUM_P2", ""), ("INTUNE_A", ""), ("MTP", "secure-score"),
        ("M365_ADVANCED_AUDITING", "audit-search"), ("EXCHANGE_S_ENTERPRISE", "")]),
    ("FLOW_FREE", "Enabled", 10_000, &[("FLOW_P2_VIRAL", "")]),
    ("EMSPREMIUM", "Suspended", 0, &[("AAD_PREMIUM_P2", ""), ("ADALLOM_S_STANDALONE", "cloud-apps")]),
];

/// `GET /subscribedSkus`
pub(super) fn all(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let settings = cx.tenant.settings();
    let (seed, tenant) = (cx.tenant.flags.seed, &cx.tenant.info.tenant_id);
    let rows: Vec<Obj> = PRODUCTS
        .iter()
        .enumerate()
        .map(|(n, (part, status, units, plans))| {
            let sku = guid(seed, 0x5c0 + n as u64);
            let plans: Vec<Value> = plans
                .iter()
                .enumerate()
                .filter(|(_, (_, lack))| lack.is_empty() || !settings.lacks(lack))
                .map(|(p, (name, _))| {
                    json!({"servicePlanId": guid(seed, 0x5d00 + (n * 64 + p) as u64), "servicePlanName": name,
                        "provisioningStatus": "Success", "appliesTo": "User"})
                })
                .collect();
            obj(json!({
                "id": format!("{tenant}_{sku}"),
                "accountId": tenant,
                "accountName": "contoso",
                "appliesTo": "User",
                "capabilityStatus": status,
                "consumedUnits": units * 83 / 100,
                "prepaidUnits": {"enabled": units, "suspended": if *status == "Suspended" { 500 } else { 0 }, "warning": 0, "lockedOut": 0},
                "servicePlans": plans,
                "skuId": sku,
                "skuPartNumber": part,
                "subscriptionIds": [guid(seed, 0x5e0 + n as u64)],
            }))
        })
        .collect();
    page::objects(cx, "subscribedSkus", &RULES, &rows)
}
