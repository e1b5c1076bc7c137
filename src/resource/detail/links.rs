//! What an entity refers to, its page in the portal, and the few lines that tell a colleague about it.

use super::alert::source_name;
use super::evidence;
use crate::model::{EntityRef, Json};
use crate::resource::Tenant;
use table::Text;

/// Hosts of the portal that a service's own link may name.
const PORTALS: &[&str] = &[
    "security.microsoft.com",
    "security.microsoft.us",
    "security.apps.mil",
];

/// A link that the service sent, if it is https on a portal's host.
pub(super) fn from_service(j: Json<'_>, field: &str) -> Option<String> {
    let url = url::Url::parse(j.str(field)?).ok()?;
    let plain = url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.port().is_none();
    (plain && url.host_str().is_some_and(|h| PORTALS.contains(&h))).then(|| url.into())
}

/// A page we build: segments are escaped, the tenant is named so that the right one opens.
fn page(parts: &[&str], ids: &[&Text], tail: &str, tenant: &Tenant<'_>) -> Option<String> {
    let mut url = String::from("https://security.microsoft.com");
    for (n, part) in parts.iter().enumerate() {
        url.push_str(part);
        if let Some(id) = ids.get(n) {
            url.push_str(&id.txt().path_segment().ok()?);
        }
    }
    url.push_str(tail);
    url.push_str(if url.contains('?') { "&tid=" } else { "?tid=" });
    url.push_str(&Text::from(tenant.id).txt().path_segment().ok()?);
    Some(url)
}

pub fn incident_portal(j: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    from_service(j, "incidentWebUrl")
        .or_else(|| page(&["/incident2/"], &[&j.text("id")?], "/overview", tenant))
}

pub fn alert_portal(j: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    from_service(j, "alertWebUrl").or_else(|| page(&["/alerts/"], &[&j.text("id")?], "", tenant))
}

/// Whether an alert came through Sentinel.
pub fn through_sentinel(j: Json<'_>) -> bool {
    let source = j.str("serviceSource").unwrap_or_default();
    source.eq_ignore_ascii_case("microsoftSentinel")
        || j.at("additionalData").text("WorkspaceId").is_some()
}

/// The page of the workspace that an alert came through. The path is what the service sent: it is taken only where it
/// is a path of a resource and nothing else.
pub fn workspace_page(j: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    let path = j.at("additionalData").str("WorkspaceResourceId")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.()".contains(c);
    let is_path = path.to_ascii_lowercase().starts_with("/subscriptions/")
        && path.chars().all(plain)
        && path
            .split('/')
            .skip(1)
            .all(|part| !part.trim_matches('.').is_empty());
    let tenant = Text::from(tenant.id).txt().path_segment().ok()?;
    is_path.then(|| format!("https://portal.azure.com/#@{tenant}/resource{path}/overview"))
}

pub fn device_portal(j: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    machine_page(&j.text("id")?, tenant)
}

/// A page of the portal that needs no id.
pub fn fixed(path: &'static str, tenant: &Tenant<'_>) -> Option<String> {
    page(&[path], &[], "", tenant)
}

/// The page of a vulnerability.
pub fn vulnerability_page(id: &Text, tenant: &Tenant<'_>) -> Option<String> {
    page(
        &["/vulnerabilities/vulnerability/"],
        &[id],
        "/overview",
        tenant,
    )
}

/// The page of a machine by its id.
pub fn machine_page(id: &Text, tenant: &Tenant<'_>) -> Option<String> {
    page(&["/machines/v2/"], &[id], "/overview", tenant)
}

/// The page of a machine's alerts.
pub fn machine_alerts_page(id: &Text, tenant: &Tenant<'_>) -> Option<String> {
    page(&["/machines/v2/"], &[id], "/alerts", tenant)
}

/// What an indicator names has a page; the indicator itself has none.
pub fn value_page(entity: &EntityRef, tenant: &Tenant<'_>) -> Option<String> {
    match entity {
        EntityRef::File { .. } => page(&["/file/"], &[entity.value()?], "", tenant),
        EntityRef::Ip(ip) => page(&["/ip/"], &[ip], "/overview", tenant),
        EntityRef::Domain(name) => page(&["/domains/"], &[name], "", tenant),
        _ => None,
    }
}

pub fn user_portal(j: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    page(&["/user?aad="], &[&j.text("id")?], "", tenant)
}

/// An incident names entities through its alerts; on its own it names only what it was merged into.
pub fn incident_refs(j: Json<'_>) -> Vec<EntityRef> {
    let mut out: Vec<EntityRef> = j
        .text("redirectIncidentId")
        .map(EntityRef::Incident)
        .into_iter()
        .collect();
    for alert in j.list("alerts") {
        out.extend(alert.text("id").map(EntityRef::Alert));
        for r in evidence::refs(alert) {
            if !out.contains(&r) {
                out.push(r);
            }
        }
    }
    out
}

pub fn alert_refs(j: Json<'_>) -> Vec<EntityRef> {
    let mut out: Vec<EntityRef> = j
        .text("incidentId")
        .map(EntityRef::Incident)
        .into_iter()
        .collect();
    out.extend(evidence::refs(j));
    out
}

pub fn device_refs(j: Json<'_>) -> Vec<EntityRef> {
    let mut out = Vec::new();
    if let Some(into) = j.text("mergedIntoMachineId") {
        out.push(EntityRef::Device {
            machine: Some(into),
            azure: None,
            name: None,
        });
    }
    for field in ["lastIpAddress", "lastExternalIpAddress"] {
        out.extend(j.text(field).map(EntityRef::Ip));
    }
    for a in j.list("ipAddresses") {
        if let Some(ip) = a.text("ipAddress").map(EntityRef::Ip)
            && !out.contains(&ip)
        {
            out.push(ip);
        }
    }
    out
}

pub fn user_refs(j: Json<'_>) -> Vec<EntityRef> {
    j.text("mail")
        .map(|address| EntityRef::Mail {
            network_message_id: None,
            address: Some(address),
        })
        .into_iter()
        .collect()
}

fn line(out: &mut String, name: &str, value: Option<String>) {
    if let Some(value) = value {
        out.push_str(name);
        out.push_str(": ");
        out.push_str(&value);
        out.push('\n');
    }
}

fn shown(j: Json<'_>, field: &str) -> Option<String> {
    j.text(field).map(|t| t.txt().shown().into_owned())
}

/// Addresses, links and mails in a summary are defanged: it is made to be pasted where a click would follow.
fn defanged(j: Json<'_>, field: &str) -> Option<String> {
    j.text(field).map(|t| t.txt().defanged())
}

fn evidence_lines(out: &mut String, alerts: &[Json<'_>]) {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for r in alerts.iter().flat_map(|a| evidence::refs(*a)) {
        let Some(value) = r.value().map(|v| v.txt().defanged()) else {
            continue;
        };
        match groups.iter_mut().find(|(n, _)| *n == r.noun()) {
            Some((_, values)) if values.contains(&value) => {}
            Some((_, values)) => values.push(value),
            None => groups.push((r.noun(), vec![value])),
        }
    }
    for (noun, values) in groups {
        let more = values.len().saturating_sub(8);
        let tail = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        line(
            out,
            noun,
            Some(format!(
                "{}{tail}",
                values[..values.len().min(8)].join(", ")
            )),
        );
    }
}

pub fn incident_summary(j: Json<'_>) -> String {
    let mut out = String::new();
    line(
        &mut out,
        "Incident",
        Some(
            format!(
                "{} {}",
                shown(j, "id").unwrap_or_default(),
                defanged(j, "displayName").unwrap_or_default()
            )
            .trim_end()
            .to_owned(),
        ),
    );
    line(&mut out, "Severity", shown(j, "severity"));
    line(&mut out, "Status", shown(j, "status"));
    line(&mut out, "Owner", shown(j, "assignedTo"));
    line(
        &mut out,
        "Classification",
        // nobody has classified it
        shown(j, "classification")
            .filter(|c| c != "unknown")
            .map(|c| {
                format!("{c} {}", shown(j, "determination").unwrap_or_default())
                    .trim_end()
                    .to_owned()
            }),
    );
    line(&mut out, "Opened", shown(j, "createdDateTime"));
    line(&mut out, "Last change", shown(j, "lastUpdateDateTime"));
    let alerts: Vec<Json<'_>> = j.list("alerts").collect();
    if !alerts.is_empty() {
        line(&mut out, "Alerts", Some(alerts.len().to_string()));
        let mut techniques: Vec<String> = alerts
            .iter()
            .flat_map(|a| a.list("mitreTechniques"))
            .filter_map(|t| t.as_text())
            .map(|t| t.txt().shown().into_owned())
            .collect();
        techniques.sort();
        techniques.dedup();
        line(
            &mut out,
            "Techniques",
            (!techniques.is_empty()).then(|| techniques.join(", ")),
        );
        evidence_lines(&mut out, &alerts);
    }
    out.trim_end().to_owned()
}

pub fn alert_summary(j: Json<'_>) -> String {
    let mut out = String::new();
    line(&mut out, "Alert", defanged(j, "title"));
    line(&mut out, "Id", shown(j, "id"));
    line(&mut out, "Incident", shown(j, "incidentId"));
    line(&mut out, "Severity", shown(j, "severity"));
    line(&mut out, "Status", shown(j, "status"));
    line(&mut out, "Source", j.str("serviceSource").map(source_name));
    line(&mut out, "Created", shown(j, "createdDateTime"));
    let techniques: Vec<String> = j
        .list("mitreTechniques")
        .filter_map(Json::as_text)
        .map(|t| t.txt().shown().into_owned())
        .collect();
    line(
        &mut out,
        "Techniques",
        (!techniques.is_empty()).then(|| techniques.join(", ")),
    );
    evidence_lines(&mut out, &[j]);
    out.trim_end().to_owned()
}

pub fn device_summary(j: Json<'_>) -> String {
    let mut out = String::new();
    line(&mut out, "Device", defanged(j, "computerDnsName"));
    line(&mut out, "Id", shown(j, "id"));
    line(
        &mut out,
        "OS",
        shown(j, "osPlatform").map(|o| {
            format!("{o} {}", shown(j, "version").unwrap_or_default())
                .trim_end()
                .to_owned()
        }),
    );
    line(
        &mut out,
        "Risk",
        shown(j, "riskScore").or_else(|| Some("never assessed".into())),
    );
    line(
        &mut out,
        "Exposure",
        shown(j, "exposureLevel").or_else(|| Some("never assessed".into())),
    );
    line(&mut out, "Health", shown(j, "healthStatus"));
    line(&mut out, "Address", defanged(j, "lastIpAddress"));
    line(&mut out, "Last seen", shown(j, "lastSeen"));
    out.trim_end().to_owned()
}

pub fn user_summary(j: Json<'_>) -> String {
    let mut out = String::new();
    line(&mut out, "User", shown(j, "displayName"));
    line(&mut out, "Sign-in name", defanged(j, "userPrincipalName"));
    line(&mut out, "Id", shown(j, "id"));
    line(
        &mut out,
        "Account",
        j.bool("accountEnabled")
            .map(|e| if e { "enabled" } else { "disabled" }.to_owned()),
    );
    line(&mut out, "Type", shown(j, "userType"));
    line(&mut out, "Title", shown(j, "jobTitle"));
    line(&mut out, "Department", shown(j, "department"));
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const T: Tenant<'_> = Tenant { id: "tid-1" };

    #[test]
    fn s1_14_an_alert_through_sentinel_names_its_workspace_and_no_odd_path_becomes_a_link() {
        let page = |path: &str| {
            let alert = json!({"serviceSource": "microsoftSentinel", "additionalData": {"WorkspaceId": "w", "WorkspaceResourceId": path}});
            workspace_page(Json(&alert), &T)
        };
        let path = "/subscriptions/1-2/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/soc";
        assert_eq!(
            page(path).unwrap(),
            format!("https://portal.azure.com/#@tid-1/resource{path}/overview")
        );
        for odd in [
            "https://evil.example/subscriptions/",
            "/subscriptions/../x",
            "/subscriptions//x",
            "/subscriptions/a?x=1",
            "/subscriptions/a#b",
            "/subscriptions/a\u{202e}b",
            "/other",
            "",
        ] {
            assert_eq!(page(odd), None, "{odd}");
        }
        let through = |v: serde_json::Value| through_sentinel(Json(&v));
        assert!(through(json!({"serviceSource": "microsoftSentinel"})));
        assert!(through(json!({"additionalData": {"WorkspaceId": "w"}})));
        assert!(!through(
            json!({"serviceSource": "microsoftDefenderForEndpoint"})
        ));
    }

    #[test]
    fn a_link_of_the_service_is_believed_only_on_a_portals_host() {
        let ours = "https://security.microsoft.com/incident2/7/overview?tid=tid-1";
        for (sent, want) in [
            (
                "https://security.microsoft.com/incident2/7/overview?tid=x",
                "https://security.microsoft.com/incident2/7/overview?tid=x",
            ),
            ("http://security.microsoft.com/incident2/7", ours),
            ("https://evil.example/incident2/7", ours),
            ("https://security.microsoft.com@evil.example/7", ours),
            ("javascript:alert(1)", ours),
        ] {
            let j = json!({"id": "7", "incidentWebUrl": sent});
            assert_eq!(
                incident_portal(Json(&j), &T).as_deref(),
                Some(want),
                "{sent}"
            );
        }
        let j = json!({"id": ".."});
        assert_eq!(
            device_portal(Json(&j), &T),
            None,
            "an id that is no segment makes no page"
        );
    }

    #[test]
    fn s2_9_the_page_of_a_device_and_a_user() {
        let j = json!({"id": "abc"});
        assert_eq!(
            device_portal(Json(&j), &T).unwrap(),
            "https://security.microsoft.com/machines/v2/abc/overview?tid=tid-1"
        );
        assert_eq!(
            user_portal(Json(&j), &T).unwrap(),
            "https://security.microsoft.com/user?aad=abc&tid=tid-1"
        );
    }

    #[test]
    fn a_summary_is_safe_to_paste() {
        let j = json!({"id": "7", "displayName": "call http://evil.example\u{1b}[31m now", "severity": "high", "alerts": [
            {"mitreTechniques": ["T1566"], "evidence": [{"@odata.type": "#microsoft.graph.security.urlEvidence", "url": "https://evil.example/a"}]}]});
        let s = incident_summary(Json(&j));
        assert!(
            s.contains("Techniques: T1566") && s.contains("URL: hxxps"),
            "{s}"
        );
        assert!(
            !s.contains("http://")
                && !s.contains("https://")
                && !s.contains('\u{1b}')
                && !s.ends_with('\n'),
            "{s}"
        );
    }
}
