//! Acts in clouds as Cloud Apps lists them: newest first, each with the record it came from.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::super::apps::APPS;
use super::super::dice::Dice;
use super::super::hunting::record_id;
use super::super::stamp::{DAY, Stamp};
use super::super::story::scene::BROWSER;
use super::super::{Obj, World, obj};

/// How far back a search looks.
const REACH: i64 = 180 * DAY;

/// What a filter looks at.
#[derive(Clone, Debug)]
pub struct Activity<'a> {
    pub id: String,
    pub at: Stamp,
    pub saas: i64,
    pub upn: &'a str,
    pub action: &'a str,
    pub object: &'a str,
    pub ip: IpAddr,
    pub country: &'static str,
}

impl World {
    /// How many acts there are.
    pub fn cloud_activity_count(&self) -> usize {
        let acts = &self.feed().acts;
        let old = self.now.plus(-REACH);
        acts.len() - acts.partition_point(|a| a.at < old)
    }

    fn cloud_act(&self, n: usize) -> &super::CloudAct {
        let acts = &self.feed().acts;
        &acts[acts.len() - 1 - n]
    }

    /// The n-th newest act.
    pub fn cloud_activity(&self, n: usize) -> Activity<'_> {
        let act = self.cloud_act(n);
        Activity {
            id: format!("{}_{}", 11_161 + act.app, record_id(act.at, act.user)),
            at: act.at,
            saas: 11_161 + act.app as i64,
            upn: self.user_row(act.user).upn,
            action: act.action,
            object: &act.object,
            ip: act.from.ip,
            country: act.from.place.letters,
        }
    }

    /// The n-th newest act as it is listed.
    pub fn cloud_activity_json(&self, n: usize) -> Obj {
        let act = self.cloud_act(n);
        let view = self.cloud_activity(n);
        let row = self.user_row(act.user);
        let app = APPS[act.app].name;
        let at = act.at.timestamp().as_millisecond();
        let place = act.from.place;
        let raw = self.activity_json(&self.act_fact(super::facts::content_of(act.app), act));
        let tenant = Dice::of(self.tenant.0 as u64).below(90_000_000) + 10_000_000;
        let user = json!({"userName": row.upn, "userTags": []});
        let objects = json!([
            {"objType": 23, "role": 4, "tags": [], "name": row.display, "id": row.id.to_string(), "instanceId": 0, "resolved": true, "saasId": view.saas, "type": "User"},
            {"objType": 1, "role": 3, "tags": [], "name": act.object, "instanceId": 0, "saasId": view.saas, "type": act.kind},
        ]);
        obj(json!({
            "_id": view.id,
            "tenantId": tenant,
            "aadTenantId": self.tenant.to_string(),
            "appId": view.saas,
            "saasId": view.saas,
            "appName": app,
            "timestamp": at,
            "timestampRaw": at,
            "instantiation": at + 90_000,
            "instantiationRaw": at + 90_000,
            "created": at + 95_000,
            "createdRaw": at + 95_000,
            "eventType": 2_293_760 + act.app as i64,
            "eventTypeName": format!("EVENT_CATEGORY_{}", act.action.to_uppercase().replace([' ', '-', '.'], "_")),
            "eventTypeValue": act.action,
            "eventRouting": {"auditing": true},
            "description": format!("{}: {}", act.action, act.object),
            "description_id": "EVENT_DESCRIPTION_BASIC_EVENT",
            "description_metadata": {"event_category": act.action, "target_object": act.object},
            "device": {"clientIP": act.from.ip.to_string(), "userAgent": BROWSER, "countryCode": place.letters},
            "location": {"countryCode": place.letters, "city": place.city, "region": place.state, "organizationSearchable": "Example Carrier",
                "anonymousProxy": false, "isSatelliteProvider": false, "category": 0, "categoryValue": "NONE"},
            "user": user,
            "userAgent": {"family": "EDGE", "name": "Edge", "operatingSystem": {"name": "Windows 10", "family": "Windows"}, "type": "Browser", "typeName": "Browser", "deviceType": "DESKTOP", "nativeBrowser": false, "tags": []},
            "internals": {"otherIPs": [act.from.ip.to_string()]},
            "mainInfo": {"eventObjects": objects, "rawOperationName": act.action, "prettyOperationName": act.action, "type": "basic"},
            "rawDataJson": Value::Object(raw),
            "resolvedActor": {"id": row.id.to_string(), "saasId": "11161", "instanceId": "0", "name": row.display},
            "resolvedActorObject": objects[0],
            "entityData": {"0": {"displayName": row.display, "id": {"id": row.id.to_string(), "inst": 0, "saas": 11_161}, "resolved": true}},
            "severity": "INFO",
            "uid": view.id,
            "collected": {"o365": {"routed": true, "blobCreated": at + 60_000}},
            "confidenceLevel": 30,
            "source": 2,
            "lucene": true,
        }))
    }
}
