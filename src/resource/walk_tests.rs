//! Walks every resource: what a column list must keep to, and that no JSON at all can hurt a decoder.

use super::words::Words;
use super::*;
use crate::model::enums::{AlertStatus, Classification, Determination, IncidentStatus, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;
use table::{Cell, ChunkBuilder, Keyed};

/// One row through a spec's decoder, as the backend does it.
pub(super) fn decoded(spec: &'static Spec, row: &Value) -> Result<Keyed, BadRow> {
    let mut keyed = Keyed::new(spec.schema());
    keyed.upsert(Arc::new(chunk(spec, std::slice::from_ref(row))?));
    Ok(keyed)
}

pub(super) fn chunk(spec: &'static Spec, rows: &[Value]) -> Result<table::Chunk, BadRow> {
    let mut builder = ChunkBuilder::new(spec.schema());
    for row in rows {
        (spec.decode)(Json(row), &mut Sink::new(spec.columns, &mut builder))?;
        builder.end_row();
    }
    Ok(builder.finish())
}

#[test]
fn names_and_aliases_are_unique_plain_words() {
    for spec in ALL {
        let mut seen = HashSet::new();
        for column in spec.columns {
            for name in std::iter::once(&column.name).chain(column.aliases) {
                assert!(
                    seen.insert(name.to_ascii_lowercase()),
                    "{name} of {} is taken",
                    spec.title
                );
                let plain = name.chars().all(|c| c.is_ascii_alphanumeric())
                    && name.starts_with(|c: char| c.is_ascii_alphabetic());
                assert!(plain, "{name} of {} cannot be a filter field", spec.title);
            }
        }
    }
}

#[test]
fn columns_are_documented_and_their_heads_fit() {
    for spec in ALL {
        for column in spec.columns {
            let at = format!("{} of {}", column.name, spec.title);
            assert!(
                !column.help.is_empty() && !column.help.ends_with('.'),
                "{at}"
            );
            assert!(
                !column.head.is_empty() && column.head.len() <= usize::from(column.width.0),
                "{at}"
            );
            assert!(column.width.0 <= column.width.1, "{at}");
            if let Shape::Ranked(words) = column.shape {
                for (word, short) in words {
                    let wide = usize::from(column.width.1);
                    assert!(short.len() <= wide || word.len() <= wide, "{short} in {at}");
                }
                for (_, member) in column.says {
                    assert!(words.iter().any(|(w, _)| w == member), "{member} of {at}");
                }
            }
        }
    }
}

#[test]
fn eighty_columns_hold_what_is_never_dropped_and_the_age() {
    for spec in ALL {
        let least: u16 = spec
            .columns
            .iter()
            .filter(|c| c.drop <= 1)
            .map(|c| c.width.0 + 1)
            .sum();
        assert!(least <= 60, "{} need {least}", spec.title);
        let never: u16 = spec
            .columns
            .iter()
            .filter(|c| c.drop == 0)
            .map(|c| c.width.0 + 1)
            .sum();
        assert!(never <= 39, "{} need {never} of 40", spec.title);
        assert_eq!(
            spec.columns.iter().filter(|c| c.grow > 0).count(),
            1,
            "{}",
            spec.title
        );
    }
}

#[test]
fn sorts_views_and_special_columns_exist() {
    for spec in ALL {
        assert_eq!(spec.columns[0].name, "id");
        assert!(matches!(
            spec.columns[spec.name_column].shape,
            Shape::Text(_)
        ));
        assert!(
            spec.listing
                .watermark
                .is_none_or(|w| spec.column(w).is_some())
        );
        assert_eq!(spec.sort_keys(spec.sort).len(), spec.sort.len());
        let mut names = HashSet::new();
        for view in spec.views {
            assert!(names.insert(view.name), "{} twice", view.name);
            assert_eq!(
                spec.sort_keys(view.sort).len(),
                view.sort.len(),
                "{}",
                view.name
            );
        }
        assert!(!spec.needs.is_empty());
    }
}

#[test]
fn words_know_every_member_of_the_service() {
    fn covers<T>(words: Words, known: &[(&str, T)]) {
        for (word, _) in known {
            assert!(words.iter().any(|(w, _)| w == word), "{word}");
        }
    }
    covers(words::SEVERITY, Severity::KNOWN);
    covers(words::INCIDENT_STATUS, IncidentStatus::KNOWN);
    covers(words::ALERT_STATUS, AlertStatus::KNOWN);
    covers(words::CLASSIFICATION, Classification::KNOWN);
    covers(words::DETERMINATION, Determination::KNOWN);
}

#[test]
fn a_row_with_nothing_but_an_id_is_kept_and_one_without_is_told() {
    for spec in ALL {
        let rows = decoded(spec, &json!({(spec.id): "x"})).unwrap();
        assert_eq!(rows.len(), 1, "{}", spec.title);
        let why = decoded(spec, &json!({"displayName": "no id"})).unwrap_err();
        assert!(why.0.contains("without id"), "{why}");
    }
}

#[test]
fn every_own_column_is_filled_by_a_full_row() {
    for (spec, row) in full_rows() {
        let rows = decoded(spec, &row).unwrap();
        for (col, column) in spec.columns.iter().enumerate() {
            let null = rows.cell(0, col).is_null();
            let joined = column.source == Source::Joined;
            assert_eq!(null, joined, "{} of {}", column.name, spec.title);
        }
    }
}

#[test]
fn enums_in_any_case_are_one_and_unknown_members_keep_their_word() {
    let spec = &incident::SPEC;
    let row = json!({"id": "1", "status": "Active", "severity": "catastrophic", "determination": "CompromisedUser"});
    let rows = decoded(spec, &row).unwrap();
    let word = |name| match rows.cell(0, spec.column(name).unwrap()) {
        Cell::Text(t) => t.exact().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(word("status"), "active");
    assert_eq!(word("severity"), "catastrophic");
    assert_eq!(word("determination"), "compromisedAccount");
}

#[test]
fn s0_21_a_source_added_tomorrow_stays_under_its_raw_name() {
    let spec = &alert::SPEC;
    let rows = decoded(
        spec,
        &json!({"id": "1", "serviceSource": "microsoftDefenderForToasters"}),
    )
    .unwrap();
    let cell = rows.cell(0, spec.column("src").unwrap());
    assert_eq!(cell.text().unwrap().exact(), "microsoftDefenderForToasters");
}

#[test]
fn s0_1_s0_12_s2_3_the_listings_are_as_documented() {
    let since = Ticks::parse("2026-08-01T12:00:00Z");
    let call = (incident::SPEC.listing.list)(since);
    assert_eq!(call.path.as_str(), "/security/incidents");
    assert_eq!(
        call.query,
        [
            ("$top", "50".to_owned()),
            (
                "$filter",
                "lastUpdateDateTime ge 2026-08-01T12:00:00Z".to_owned()
            )
        ]
    );
    assert!(
        (incident::SPEC.listing.list)(None)
            .query
            .iter()
            .all(|(n, _)| *n != "$expand")
    );

    let call = (alert::SPEC.listing.list)(None);
    assert_eq!(
        (call.path.as_str(), call.query[0].1.as_str()),
        ("/security/alerts_v2", "200")
    );

    let call = (device::SPEC.listing.list)(None);
    assert_eq!(call.service, crate::model::Service::Defender);
    assert!(call.none_is_404 && matches!(call.pages, crate::model::Pages::Skip { top: 2_000, .. }));
    assert!(device::SPEC.listing.every <= 3_600, "S2-4");

    let call = (user::SPEC.listing.list)(None);
    assert!(call.eventual && call.query.contains(&("$count", "true".to_owned())));
    assert!(call.query.contains(&("$top", "999".to_owned())));
    assert!(
        call.query
            .iter()
            .any(|(n, v)| *n == "$select" && v.contains("accountEnabled") && !v.contains(' '))
    );
    let beside = user::SPEC.listing.beside.as_ref().unwrap();
    assert_eq!(
        (beside.list)().path.as_str(),
        "/identityProtection/riskyUsers"
    );
}

#[test]
fn s0_2_a_search_at_the_directory_cannot_leave_its_quotes() {
    let call = (user::SPEC.listing.search.unwrap())(r#" ann" OR "mail:x\ "#);
    let (_, search) = call.query.iter().find(|(n, _)| *n == "$search").unwrap();
    assert_eq!(
        search,
        r#""displayName:ann\" OR \"mail:x\\" OR "userPrincipalName:ann\" OR \"mail:x\\" OR "mail:ann\" OR \"mail:x\\""#
    );
    let call = (device::SPEC.listing.search.unwrap())("O'Neil-PC");
    assert_eq!(call.query[0].1, "startswith(computerDnsName,'o''neil-pc')");
}

#[test]
fn ids_that_would_leave_their_place_in_a_path_are_refused() {
    for spec in ALL.iter().filter(|s| s.id == "id") {
        for id in ["", ".", "..", "a/b", "a\\b", "a\nb"] {
            assert!(
                (spec.listing.get)(&Key::new(spec.kind, id)).is_err(),
                "{id:?} in {}",
                spec.title
            );
        }
        assert!((spec.listing.get)(&Key::new(spec.kind, "da637_x-1")).is_ok());
    }
}

#[test]
fn s0_18_risk_of_users_is_read_beside_the_list() {
    let spec = &user::SPEC;
    let beside = spec.listing.beside.as_ref().unwrap();
    let row = json!({"id": "u1", "riskLevel": "High", "riskState": "atRisk", "riskLastUpdatedDateTime": "2026-08-01T12:00:00Z"});
    let mut builder = ChunkBuilder::new(spec.schema());
    (beside.decode)(Json(&row), &mut Sink::new(spec.columns, &mut builder)).unwrap();
    builder.end_row();
    let chunk = builder.finish();
    let cell = |name| chunk.cell(0, spec.column(name).unwrap());
    assert_eq!(cell("risk").text().unwrap(), "high");
    assert_eq!(cell("state").text().unwrap(), "atRisk");
    assert!(cell("displayName").is_null());
}

/// JSON of any shape, with field names that the decoders look for.
fn any_json() -> impl Strategy<Value = Value> {
    let names: Vec<String> = ALL
        .iter()
        .flat_map(|s| s.columns)
        .map(|c| c.name.to_owned())
        .chain(
            [
                "evidence",
                "vmMetadata",
                "ipAddresses",
                "userAccount",
                "url",
                "categories",
                "osBuild",
                "comments",
                "@odata.type",
                "accountName",
                "hostName",
                "agentVersion",
            ]
            .map(str::to_owned),
        )
        .collect();
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,16}Z?".prop_map(Value::from),
        "https?://[^ ]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        let name = prop_oneof![4 => proptest::sample::select(names.clone()), 1 => "\\PC{0,6}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..8)
                .prop_map(|f| Value::Object(f.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_json_hurts_a_decoder_and_no_row_with_an_id_is_lost(row in any_json(), id in "[a-z0-9]{1,8}") {
        for spec in ALL {
            let _ = decoded(spec, &row);
            if let Value::Object(fields) = &row {
                let mut row = fields.clone();
                row.insert(spec.id.to_owned(), Value::from(id.clone()));
                let rows = decoded(spec, &Value::Object(row)).unwrap();
                prop_assert!(rows.find(&id).is_some());
            }
        }
    }
}

/// A row of each kind with every field that a column reads.
fn full_rows() -> [(&'static Spec, Value); 14] {
    let at = "2026-08-01T12:00:00.1234567Z";
    [
        (
            &incident::SPEC,
            json!({"id": "4711", "severity": "high", "status": "active", "assignedTo": "ana@contoso.com",
                "displayName": "Multi-stage incident", "createdDateTime": at, "lastUpdateDateTime": at, "priorityScore": 80,
                "classification": "truePositive", "determination": "malware", "customTags": ["vip"], "systemTags": ["Defender Experts"],
                "lastModifiedBy": "API-App:x", "redirectIncidentId": "4700"}),
        ),
        (
            &alert::SPEC,
            json!({"id": "da1", "severity": "high", "status": "new", "title": "T", "serviceSource": "microsoftDefenderForEndpoint",
                "createdDateTime": at, "assignedTo": "ana@contoso.com", "incidentId": "4711", "mitreTechniques": ["T1566.002"],
                "categories": ["InitialAccess"], "detectionSource": "antivirus", "lastUpdateDateTime": at, "lastActivityDateTime": at,
                "firstActivityDateTime": at, "resolvedDateTime": at, "classification": "unknown", "determination": "unknown",
                "threatDisplayName": "x", "threatFamilyName": "y", "actorDisplayName": "z", "investigationState": "queued",
                "systemTags": ["s"], "providerAlertId": "p", "detectorId": "d",
                "evidence": [{"deviceDnsName": "ws1.contoso.com"}, {"userAccount": {"accountName": "ana", "userPrincipalName": "ana@contoso.com"}}]}),
        ),
        (
            &device::SPEC,
            json!({"id": "aa", "computerDnsName": "ws1", "riskScore": "High", "exposureLevel": "Low", "healthStatus": "Active",
                "lastSeen": at, "firstSeen": at, "osPlatform": "Windows11", "version": "23H2", "deviceValue": "Normal",
                "onboardingStatus": "Onboarded", "rbacGroupName": "g", "machineTags": ["t"], "lastIpAddress": "10.0.0.4",
                "vmMetadata": {"resourceId": "/subscriptions/1", "cloudProvider": "Azure"}, "aadDeviceId": "bb",
                "managedBy": "Intune", "isExcluded": false, "mergedIntoMachineId": "cc"}),
        ),
        (
            &user::SPEC,
            json!({"id": "u1", "displayName": "Ana", "userPrincipalName": "ana@contoso.com", "accountEnabled": true, "userType": "Member",
                "department": "IT", "jobTitle": "Admin", "mail": "ana@contoso.com", "onPremisesSyncEnabled": null, "createdDateTime": at,
                "lastPasswordChangeDateTime": at, "onPremisesSamAccountName": "ana", "onPremisesSecurityIdentifier": "S-1-5-21-7"}),
        ),
        (
            &action::SPEC,
            json!({"id": "a1", "type": "StopAndQuarantineFile", "status": "Failed", "computerDnsName": "ws1", "scope": "Full",
                "requestor": "ana@contoso.com", "requestorComment": "why", "creationDateTimeUtc": at, "lastUpdateDateTimeUtc": at,
                "requestSource": "Portal", "relatedFileInfo": {"fileIdentifier": "ff", "fileIdentifierType": "Sha1"},
                "errorHResult": -2145844840i64, "cancellationRequestor": "raj@contoso.com", "machineId": "aa", "externalId": "x"}),
        ),
        (
            &indicator::SPEC,
            json!({"id": "995", "indicatorValue": "evil.example", "indicatorType": "DomainName", "action": "Block", "severity": "High",
                "title": "Case", "description": "why", "rbacGroupNames": ["Workstations"], "expirationTime": at, "generateAlert": true,
                "creationTimeDateTimeUtc": at, "lastUpdateTime": at, "lastUpdatedBy": "ana@contoso.com", "application": "demo",
                "createdByDisplayName": "Ana", "externalId": "x"}),
        ),
        (
            &cloud_alert::SPEC,
            json!({"_id": "5f0c", "severityValue": 2, "resolutionStatusValue": 0, "statusValue": 1, "title": "T", "timestamp": 1_785_585_600_000_i64,
                "closeTime": 1_785_585_600_000_i64, "handledByUser": "ana@contoso.com", "comment": "c", "threatScore": 40,
                "entities": [{"type": "policyRule", "label": "P"}, {"type": "account", "label": "Ana", "pa": "ana@contoso.com"},
                    {"type": "ip", "id": "203.0.113.9"}, {"type": "service", "id": 20595, "label": "Dropbox"}]}),
        ),
        (
            &cloud_activity::SPEC,
            json!({"_id": "a_1", "timestamp": 1_785_585_600_000_i64, "appName": "Dropbox", "eventTypeValue": "FileDownloaded",
                "description": "Download: x", "user": {"userName": "ana@contoso.com"}, "device": {"clientIP": "203.0.113.9"},
                "location": {"countryCode": "DE", "city": "Kiel"}, "source": 2, "userAgent": {"name": "Edge"}}),
        ),
        (
            &control::SPEC,
            json!({"id": "AdminMFAV2", "title": "MFA", "implementationCost": "Low", "userImpact": "Low", "rank": 2, "maxScore": 10.0,
                "controlCategory": "Identity", "service": "AzureAD", "tier": "Core", "actionType": "Config", "threats": ["Account breach"],
                "deprecated": false, "lastModifiedDateTime": at, "controlStateUpdates": [{"state": "Ignored", "comment": "why",
                    "assignedTo": "raj@contoso.com", "updatedBy": "ana@contoso.com", "updatedDateTime": at}]}),
        ),
        (
            &score::SPEC,
            json!({"id": "t_2026-08-01", "createdDateTime": at, "currentScore": 30.5, "maxScore": 60.0, "activeUserCount": 9,
                "licensedUserCount": 10, "controlScores": [{"controlName": "AdminMFAV2", "score": 10.0}],
                "averageComparativeScores": [{"basis": "AllTenants", "averageScore": 1.0}, {"basis": "TotalSeats", "averageScore": 1.0},
                    {"basis": "IndustryTypes", "averageScore": 1.0}, {"basis": "NeverHeardOf", "averageScore": 1.0}]}),
        ),
        (
            &vulnerability::SPEC,
            json!({"id": "CVE-2021-44228", "severity": "Critical", "cvssV3": 10.0, "exploitInKit": true, "exposedMachines": 3,
                "description": "d", "publishedOn": at, "updatedOn": at, "firstDetected": at, "epss": 0.9, "exploitTypes": ["Remote"],
                "tags": ["t"], "CveSupportability": "Supported"}),
        ),
        (
            &software::SPEC,
            json!({"id": "google-_-chrome", "name": "chrome", "vendor": "google", "weaknesses": 3, "exposedMachines": 2,
                "installedMachines": 4, "publicExploit": false, "activeAlert": false, "impactScore": 0.5, "isNormalized": true}),
        ),
        (
            &recommendation::SPEC,
            json!({"id": "va-_-google-_-chrome", "recommendationName": "Update Chrome", "exposureImpact": 1.0, "configScoreImpact": 0.0,
                "severityScore": 2.0, "exposedMachinesCount": 2, "totalMachineCount": 4, "weaknesses": 3, "publicExploit": false,
                "activeAlert": false, "remediationType": "Update", "status": "Active", "productName": "chrome", "vendor": "google",
                "recommendedVersion": "131", "recommendationCategory": "Application", "subCategory": "x", "relatedComponent": "Chrome",
                "tags": ["EOSVersion"], "associatedThreats": ["t"]}),
        ),
        (
            &exposed::SPEC,
            json!({"id": "aa_google_chrome_131_CVE-1", "deviceId": "aa", "deviceName": "ws1", "cveId": "CVE-1", "softwareName": "chrome",
                "softwareVersion": "131", "softwareVendor": "google", "vulnerabilitySeverityLevel": "High", "exploitabilityLevel": "NoExploit",
                "cvssScore": 7.5, "securityUpdateAvailable": true, "recommendedSecurityUpdate": "KB", "osPlatform": "Windows11",
                "rbacGroupName": "g", "firstSeenTimestamp": "2026-01-02 03:04:05.1234567", "lastSeenTimestamp": "2026-01-02 03:04:05"}),
        ),
    ]
}

#[test]
fn s2_26_s2_28_the_listings_of_exposure_are_as_documented() {
    let call = (vulnerability::SPEC.listing.list)(None);
    assert_eq!(
        (call.path.as_str(), call.none_is_404),
        ("/vulnerabilities", true)
    );
    assert!(matches!(call.pages, crate::model::Pages::Skip { top, .. } if top <= 8_000));
    // `$top` would take the link away
    let call = (exposed::SPEC.listing.list)(None);
    assert!(
        call.query.iter().all(|(n, _)| *n != "$top")
            && matches!(call.pages, crate::model::Pages::Links { .. })
    );
    let rows = decoded(&exposed::SPEC, &json!({"id": "x", "lastSeenTimestamp": "2026-01-02 03:04:05.5", "rbacGroupName": "Unassigned", "cveId": null})).unwrap();
    let cell = |name: &str| rows.cell(0, exposed::SPEC.column(name).unwrap()).to_value();
    assert_eq!(
        cell("seen"),
        table::Value::Time(Ticks::parse("2026-01-02T03:04:05.5Z").unwrap().0),
        "a blank instead of T, no Z, UTC"
    );
    assert_eq!(
        (cell("group"), cell("cve")),
        (table::Value::Null, table::Value::Null)
    );
    let rows = decoded(
        &vulnerability::SPEC,
        &json!({"id": "CVE-1", "cvssV3": 0, "publicExploit": true, "exploitVerified": true}),
    )
    .unwrap();
    let cell = |name: &str| {
        rows.cell(0, vulnerability::SPEC.column(name).unwrap())
            .to_value()
    };
    assert_eq!(cell("cvss"), table::Value::Null, "0 is not scored");
    assert_eq!(
        cell("exploit"),
        table::Value::Text("ExploitIsVerified".into())
    );
    let odd = (software::SPEC.listing.get)(&Key::new(Kind::Software, "a b-_-c%/d"));
    assert!(odd.is_err(), "a slash leaves its place");
}
