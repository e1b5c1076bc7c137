//! Sign-ins of people as hunting tables: the same ones that the directory's sign-in log lists.

use std::sync::Arc;

use serde_json::{Value, json};
use table::Chunk;

use super::super::World;
use super::super::signins::Key;
use super::super::stamp::{DAY, Stamp};
use super::super::{Obj, UserRow};
use super::book::Book;
use super::shape::Shape;

/// Sign-ins kept here, at most: the newest, and all of stories.
const MOST: usize = 60_000;

/// Sign-ins in one piece of a table. Each is a document of its own, so pieces are small enough to be shared out.
const PIECE: usize = 4_000;

/// A number that no story has.
const DAILY: u32 = u32::MAX;

/// What makes such a table.
pub(super) fn noise(table: &str) -> Option<fn(&World, Arc<Shape>) -> Chunk> {
    Some(match table {
        "AADUserRiskEvents" => detections,
        "AADRiskyUsers" => risky,
        _ => return None,
    })
}

/// The tables of the sign-ins themselves, made piece by piece on several threads.
pub(super) fn make(world: &World, table: &str, shape: &Arc<Shape>) -> Option<Vec<Chunk>> {
    let write = match table {
        "AADSignInEventsBeta" | "EntraIdSignInEvents" => events,
        "SigninLogs" => logs,
        _ => return None,
    };
    let mut left = MOST;
    let keys: Vec<Key> = world
        .sign_ins()
        .iter()
        .filter(|key| {
            let kept = key.story != DAILY || left > 0;
            left -= usize::from(kept && key.story == DAILY);
            kept
        })
        .copied()
        .collect();
    let each = super::sheet::CHUNK / PIECE;
    Some(super::in_parallel(keys.len(), each, |range| {
        write(
            world,
            keys.get(range).unwrap_or_default(),
            Arc::clone(shape),
        )
    }))
}

fn each(world: &World, keys: &[Key], mut tell: impl FnMut(Stamp, UserRow<'_>, &Obj)) {
    let earliest = world.now().plus(-30 * DAY);
    for key in keys {
        let Key { user, story, .. } = *key;
        let json = world.sign_in_json(*key);
        let Some(at) = json["createdDateTime"]
            .as_str()
            .and_then(|t| t.parse::<jiff::Timestamp>().ok())
            .map(Stamp::from)
        else {
            continue;
        };
        if story == DAILY && at < earliest {
            continue;
        }
        tell(at, world.user_row(user as usize), &json);
    }
}

fn level(name: &str) -> i64 {
    match name {
        "low" => 10,
        "medium" => 50,
        "high" => 100,
        "hidden" => 1,
        _ => 0,
    }
}

fn state(name: &str) -> i64 {
    match name {
        "confirmedSafe" => 1,
        "remediated" => 2,
        "dismissed" => 3,
        "atRisk" => 4,
        "confirmedCompromised" => 5,
        _ => 0,
    }
}

fn events(world: &World, keys: &[Key], shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    let tenant = world.tenant_id().to_string();
    each(world, keys, |at, user, s| {
        let device = &s["deviceDetail"];
        let place = &s["location"];
        let geo = &place["geoCoordinates"];
        let managed = device["isManaged"] == true;
        let risk = s["riskLevelAggregated"].as_str().unwrap_or_default();
        let access = match s["conditionalAccessStatus"].as_str() {
            Some("success") => 0,
            Some("failure") => 1,
            _ => 2,
        };
        book.at(at)
            .json("Application", &s["appDisplayName"])
            .json("ApplicationId", &s["appId"])
            .text("LogonType", "[\"interactiveUser\"]")
            .int("ErrorCode", s["status"]["errorCode"].as_i64().unwrap_or(0))
            .json("CorrelationId", &s["correlationId"])
            .json("SessionId", &s["correlationId"])
            .text("AccountDisplayName", user.display)
            .text("AccountObjectId", &user.id.to_string())
            .text("AccountUpn", user.upn)
            .bool("IsConfidentialClient", false)
            .int("IsExternalUser", i64::from(user.user_type == "Guest"))
            .bool("IsGuestUser", user.user_type == "Guest")
            .json("ResourceDisplayName", &s["resourceDisplayName"])
            .json("ResourceId", &s["resourceId"])
            .text("ResourceTenantId", &tenant)
            .json("DeviceName", &device["displayName"])
            .json("AadDeviceId", &device["deviceId"])
            .json("EntraIdDeviceId", &device["deviceId"])
            .json("OSPlatform", &device["operatingSystem"])
            .json("DeviceTrustType", &device["trustType"])
            .int("IsManaged", i64::from(managed))
            .int("IsCompliant", i64::from(managed))
            .text("AuthenticationProcessingDetails", "[]")
            .text(
                "AuthenticationRequirement",
                if access == 0 {
                    "multiFactorAuthentication"
                } else {
                    "singleFactorAuthentication"
                },
            )
            .int("TokenIssuerType", 0)
            .int("RiskLevelAggregated", level(risk))
            .int("RiskDetails", 0)
            .int(
                "RiskState",
                state(s["riskState"].as_str().unwrap_or_default()),
            )
            .json("UserAgent", &s["userAgent"])
            .json("ClientAppUsed", &s["clientAppUsed"])
            .json("Browser", &device["browser"])
            .text(
                "ConditionalAccessPolicies",
                &s["appliedConditionalAccessPolicies"].to_string(),
            )
            .int("ConditionalAccessStatus", access)
            .json("IPAddress", &s["ipAddress"])
            .json("Country", &place["countryOrRegion"])
            .json("State", &place["state"])
            .json("City", &place["city"])
            .text("Latitude", &number(&geo["latitude"]))
            .text("Longitude", &number(&geo["longitude"]))
            .text("NetworkLocationDetails", "[]")
            .json("RequestId", &s["id"])
            .json("ReportId", &s["id"])
            .text("EndpointCall", "OAuth2:Token");
        book.end();
    });
    book.finish()
}

fn number(value: &Value) -> String {
    value.as_f64().map(|n| n.to_string()).unwrap_or_default()
}

fn logs(world: &World, keys: &[Key], shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    let tenant = world.tenant_id().to_string();
    each(world, keys, |at, user, s| {
        let status = &s["status"];
        let error = status["errorCode"].as_i64().unwrap_or(0);
        let letters = s["location"]["countryOrRegion"]
            .as_str()
            .unwrap_or_default();
        let one = s["conditionalAccessStatus"] == "success";
        let mfa = if one {
            "multiFactorAuthentication"
        } else {
            "singleFactorAuthentication"
        };
        let method = json!([{"authenticationMethod": "Password", "succeeded": error == 0, "authenticationStepDateTime": at.to_string()}]);
        book.time("TimeGenerated", at)
            .time("CreatedDateTime", at)
            .text(
                "ResourceId",
                &format!("/tenants/{tenant}/providers/Microsoft.aadiam"),
            )
            .text("OperationName", "Sign-in activity")
            .text("OperationVersion", "1.0")
            .text("Category", "SignInLogs")
            .text("ResultType", &error.to_string())
            .text("ResultSignature", "None")
            .json(
                "ResultDescription",
                &if error == 0 {
                    json!("")
                } else {
                    status["failureReason"].clone()
                },
            )
            .json("CorrelationId", &s["correlationId"])
            .text("Identity", user.display)
            .text("Location", letters)
            .json("AppDisplayName", &s["appDisplayName"])
            .json("AppId", &s["appId"])
            .json("AuthenticationDetails", &json!(method.to_string()))
            .text("AuthenticationProcessingDetails", "[]")
            .text("AuthenticationRequirement", mfa)
            .json("ClientAppUsed", &s["clientAppUsed"])
            .json(
                "ConditionalAccessPolicies",
                &s["appliedConditionalAccessPolicies"],
            )
            .json("ConditionalAccessStatus", &s["conditionalAccessStatus"])
            .json("DeviceDetail", &s["deviceDetail"])
            .bool("IsInteractive", true)
            .json("Id", &s["id"])
            .json("OriginalRequestId", &s["id"])
            .json("IPAddress", &s["ipAddress"])
            .bool("IsRisky", s["riskState"] == "atRisk")
            .json("LocationDetails", &s["location"])
            .json("MfaDetail", &json!({}))
            .text("NetworkLocationDetails", "[]")
            .json("RiskDetail", &s["riskDetail"])
            .text("RiskEventTypes", &s["riskEventTypes"].to_string())
            .text("RiskEventTypes_V2", &s["riskEventTypes_v2"].to_string())
            .json("RiskLevelAggregated", &s["riskLevelAggregated"])
            .json("RiskLevelDuringSignIn", &s["riskLevelDuringSignIn"])
            .json("RiskState", &s["riskState"])
            .json("ResourceDisplayName", &s["resourceDisplayName"])
            .json("ResourceIdentity", &s["resourceId"])
            .json("Status", status)
            .text("TokenIssuerType", "AzureAD")
            .json("UserAgent", &s["userAgent"])
            .text("UserDisplayName", user.display)
            .text("UserId", &user.id.to_string())
            .text("UserPrincipalName", &user.upn.to_lowercase())
            .text("UserType", user.user_type)
            .text("AADTenantId", &tenant)
            .text("HomeTenantId", &tenant)
            .text("ResourceTenantId", &tenant)
            .json("UniqueTokenIdentifier", &s["correlationId"])
            .json("SessionId", &s["correlationId"])
            .text("AuthenticationProtocol", "none")
            .text("CrossTenantAccessType", "none")
            .text("SourceSystem", "Azure AD");
        book.end();
    });
    book.finish()
}

fn when(value: &Value) -> Option<Stamp> {
    let at = value.as_str()?.parse::<jiff::Timestamp>().ok()?;
    Some(Stamp::from(at))
}

fn detections(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for i in 0..world.detection_count() {
        let d = world.detection_json(i);
        let at = world.detection_row(i).at;
        book.time("TimeGenerated", at)
            .time(
                "ActivityDateTime",
                when(&d["activityDateTime"]).unwrap_or(at),
            )
            .time(
                "DetectedDateTime",
                when(&d["detectedDateTime"]).unwrap_or(at),
            )
            .time(
                "LastUpdatedDateTime",
                when(&d["lastUpdatedDateTime"]).unwrap_or(at),
            )
            .json("Activity", &d["activity"])
            .json("CorrelationId", &d["correlationId"])
            .json("DetectionTimingType", &d["detectionTimingType"])
            .json("Id", &d["id"])
            .json("IpAddress", &d["ipAddress"])
            .json("Location", &d["location"])
            .json("RequestId", &d["requestId"])
            .json("RiskDetail", &d["riskDetail"])
            .json("RiskEventType", &d["riskEventType"])
            .json("RiskLevel", &d["riskLevel"])
            .json("RiskState", &d["riskState"])
            .json("Source", &d["source"])
            .json("TokenIssuerType", &d["tokenIssuerType"])
            .json("UserDisplayName", &d["userDisplayName"])
            .json("UserId", &d["userId"])
            .json("UserPrincipalName", &d["userPrincipalName"])
            .text("OperationName", "User Risk Detection")
            .text("SourceSystem", "Azure AD");
        book.end();
    }
    book.finish()
}

fn risky(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for i in 0..world.risky_count() {
        let r = world.risky_json(i);
        let at = world.risky_row(i).updated;
        book.time("TimeGenerated", at)
            .time("RiskLastUpdatedDateTime", at)
            .json("Id", &r["id"])
            .bool("IsDeleted", r["isDeleted"] == true)
            .bool("IsProcessing", r["isProcessing"] == true)
            .json("RiskDetail", &r["riskDetail"])
            .json("RiskLevel", &r["riskLevel"])
            .json("RiskState", &r["riskState"])
            .json("UserDisplayName", &r["userDisplayName"])
            .json("UserPrincipalName", &r["userPrincipalName"])
            .text("OperationName", "Risky user")
            .text("SourceSystem", "Azure AD");
        book.end();
    }
    book.finish()
}
