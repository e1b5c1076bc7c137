//! Made-up rows, as the services send them, decoded as the program does.

// each bench takes what it needs
#![allow(dead_code)]

pub mod console;

use serde_json::{Value, json};
use table::{Chunk, ChunkBuilder};
use watchfloor::model::Json;
use watchfloor::resource::{Sink, Spec};

pub fn decoded(spec: &'static Spec, rows: impl Iterator<Item = Value>) -> Chunk {
    let mut build = ChunkBuilder::new(spec.schema());
    for row in rows {
        (spec.decode)(Json(&row), &mut Sink::new(spec.columns, &mut build)).unwrap();
        build.end_row();
    }
    build.finish()
}

pub fn incident(n: usize) -> Value {
    json!({
        "id": n.to_string(),
        "severity": (["low", "medium", "high", "informational"][n % 4]),
        "status": (["active", "inProgress", "resolved"][n % 3]),
        "assignedTo": (if n.is_multiple_of(5) { Value::Null } else { format!("analyst{}@contoso.com", n % 40).into() }),
        "displayName": format!("Multi-stage incident involving initial access and lateral movement on {} endpoints reported by source {}", n % 90, n % 7001),
        "createdDateTime": format!("2026-{:02}-{:02}T{:02}:00:00Z", n % 8 + 1, n % 28 + 1, n % 24),
        "lastUpdateDateTime": "2026-08-01T12:00:00Z",
        "customTags": (if n.is_multiple_of(9) { json!(["vip"]) } else { json!([]) }),
    })
}

pub fn user(n: usize) -> Value {
    let id = format!("{n:08x}-1d2c-4f3e-9a8b-0c1d2e3f4a5b");
    let upn = format!("given{}.family{n}@contoso.com", n % 900);
    json!({"id": id, "displayName": format!("Given{} Family{n}", n % 900), "userPrincipalName": upn, "mail": upn, "userType": "Member",
        "accountEnabled": true, "department": format!("Department {}", n % 40), "jobTitle": format!("Role {}", n % 200),
        "onPremisesSamAccountName": format!("family{n}"), "onPremisesSecurityIdentifier": format!("S-1-5-21-2035136274-3594135181-{n}")})
}

pub fn device(n: usize) -> Value {
    json!({
        "id": format!("{:040x}", n * 7919),
        "computerDnsName": format!("wks-{}-{n}.contoso.com", ["ber", "nyc", "lon", "syd"][n % 4]),
        "osPlatform": (["Windows11", "Windows10", "WindowsServer2022", "Linux"][n % 4]),
        "version": (["23H2", "22H2", "21H2"][n % 3]),
        "osBuild": 22631 + n % 5,
        "healthStatus": (["Active", "Inactive"][n % 2]),
        "riskScore": (["None", "Low", "Medium", "High"][n % 4]),
        "exposureLevel": (["Low", "Medium", "High"][n % 3]),
        "onboardingStatus": "Onboarded",
        "lastSeen": format!("2026-07-{:02}T{:02}:00:00Z", n % 28 + 1, n % 24),
        "firstSeen": "2024-01-01T00:00:00Z",
        "lastIpAddress": format!("10.{}.{}.{}", n >> 16, n >> 8 & 255, n & 255),
        "machineTags": (if n.is_multiple_of(11) { json!(["vip"]) } else { json!([]) }),
    })
}

/// A record of the activity feed; of a thousand people, with objects that hardly repeat.
pub fn record(n: usize) -> Value {
    let who = format!("given{}.family{}@contoso.com", n % 90, n * 7 % 1_000);
    let (operation, workload, content) = [
        ("FileAccessed", "SharePoint", "Audit.SharePoint"),
        (
            "UserLoggedIn",
            "AzureActiveDirectory",
            "Audit.AzureActiveDirectory",
        ),
        ("MailItemsAccessed", "Exchange", "Audit.Exchange"),
        ("FileDownloaded", "OneDrive", "Audit.SharePoint"),
        ("MessageSent", "MicrosoftTeams", "Audit.General"),
        ("New-InboxRule", "Exchange", "Audit.Exchange"),
    ][n % 61 % 6];
    let mix = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    json!({
        "Id": format!("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", n, mix >> 48, mix >> 36 & 0xfff, mix >> 24 & 0xfff, mix & 0xffff_ffff_ffff),
        "CreationTime": format!("2026-08-{:02}T{:02}:{:02}:{:02}", n / 86_400 % 7 + 1, n / 3_600 % 24, n / 60 % 60, n % 60),
        "Operation": operation,
        "UserId": who,
        "ObjectId": format!("https://contoso.sharepoint.com/sites/team-{}/Shared Documents/Plan {n} of {}.xlsx", n % 40, n % 977),
        "ClientIP": format!("203.0.{}.{}:51514", n % 113, n % 251),
        "ResultStatus": "Succeeded",
        "Workload": workload,
        "RecordType": n % 30,
        "@contentType": content,
    })
}
