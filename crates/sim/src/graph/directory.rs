//! `/devices`, `/organization`, and what directory objects have in common.

use serde_json::Value;

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use super::users;
use crate::odata::check::{
    ENDS, EQ, IN, Kind, NE, NOT, ORDER, Ops, Over, Refused, Rules, STARTS, check, field,
};
use crate::odata::eval::{Case, Cell, Lazy};
use crate::wire::answer::Answer;
use crate::world::Obj;

const TEXT: Ops = EQ | NE | IN | ORDER | STARTS | ENDS | NOT;

/// Devices, also as directory objects.
pub(super) const DEVICE: Rules = Rules {
    kind: "microsoft.graph.device",
    filter: &[
        field("id", Kind::Text, EQ | NE | IN | NOT),
        field("deviceId", Kind::Text, TEXT),
        field("displayName", Kind::Text, TEXT),
        field("operatingSystem", Kind::Text, TEXT),
        field("operatingSystemVersion", Kind::Text, TEXT),
        field("trustType", Kind::Text, TEXT),
        field("profileType", Kind::Text, TEXT),
        field("managementType", Kind::Text, TEXT),
        field("manufacturer", Kind::Text, TEXT),
        field("model", Kind::Text, TEXT),
        field("accountEnabled", Kind::Bool, EQ | NE | IN | NOT),
        field("isCompliant", Kind::Bool, EQ | NE | IN | NOT),
        field("isManaged", Kind::Bool, EQ | NE | IN | NOT),
        field("onPremisesSyncEnabled", Kind::Bool, EQ | NE | IN | NOT),
        field(
            "approximateLastSignInDateTime",
            Kind::Time,
            EQ | NE | ORDER | NOT,
        ),
        field("registrationDateTime", Kind::Time, EQ | NE | ORDER | NOT),
        field("physicalIds", Kind::List(&[""]), NOT),
    ],
    select: &[
        "id",
        "deletedDateTime",
        "accountEnabled",
        "alternativeSecurityIds",
        "approximateLastSignInDateTime",
        "complianceExpirationDateTime",
        "deviceCategory",
        "deviceId",
        "deviceMetadata",
        "deviceOwnership",
        "deviceVersion",
        "displayName",
        "enrollmentProfileName",
        "enrollmentType",
        "isCompliant",
        "isManaged",
        "isManagementRestricted",
        "isRooted",
        "managementType",
        "manufacturer",
        "mdmAppId",
        "model",
        "onPremisesLastSyncDateTime",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "operatingSystem",
        "operatingSystemVersion",
        "physicalIds",
        "profileType",
        "registrationDateTime",
        "systemLabels",
        "trustType",
    ],
    orderby: &["displayName"],
    expand: &["registeredOwners", "registeredUsers"],
    top: (100, 999),
    over: Over::Refused,
    skip: false,
    count: true,
    search: false,
    advanced: true,
    case: Case::Folded,
};

/// Groups, roles and administrative units together.
pub(super) const MEMBER: Rules = Rules {
    kind: "microsoft.graph.directoryObject",
    filter: &[
        field("id", Kind::Text, EQ | NE | IN | NOT),
        field("displayName", Kind::Text, TEXT),
        field("roleTemplateId", Kind::Text, EQ | IN),
        field("mail", Kind::Text, TEXT),
        field("securityEnabled", Kind::Bool, EQ | NE | IN | NOT),
        field("isAssignableToRole", Kind::Bool, EQ | NE | IN | NOT),
    ],
    select: &[
        "id",
        "deletedDateTime",
        "createdDateTime",
        "description",
        "displayName",
        "groupTypes",
        "isAssignableToRole",
        "mail",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "membershipRuleProcessingState",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "roleTemplateId",
        "securityEnabled",
        "securityIdentifier",
        "visibility",
    ],
    orderby: &["displayName"],
    expand: &[],
    ..DEVICE
};

pub(super) const ORGANIZATION: Rules = Rules {
    kind: "microsoft.graph.organization",
    filter: &[],
    select: &[
        "id",
        "deletedDateTime",
        "assignedPlans",
        "businessPhones",
        "city",
        "country",
        "countryLetterCode",
        "createdDateTime",
        "defaultUsageLocation",
        "displayName",
        "marketingNotificationEmails",
        "mobileDeviceManagementAuthority",
        "onPremisesLastSyncDateTime",
        "onPremisesSyncEnabled",
        "partnerTenantType",
        "postalCode",
        "preferredLanguage",
        "privacyProfile",
        "provisionedPlans",
        "securityComplianceNotificationMails",
        "securityComplianceNotificationPhones",
        "state",
        "street",
        "technicalNotificationMails",
        "tenantType",
        "verifiedDomains",
    ],
    orderby: &[],
    expand: &[],
    ..DEVICE
};

fn refused(refusal: Refused) -> Fault {
    Family::Directory.refuse(refusal)
}

fn render(cx: &Cx<'_>, i: usize) -> Obj {
    let mut obj = cx.world.entra_device_json(i);
    for item in &cx.options.expand {
        let owners: Vec<Value> = cx
            .world
            .entra_device_owners(i)
            .into_iter()
            .take(20)
            .map(|u| Value::Object(users::typed(cx.world, u)))
            .collect();
        obj.insert(item.name.clone(), Value::Array(owners));
    }
    obj
}

/// `GET /devices`
pub(super) fn devices(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &DEVICE, cx.eventual).map_err(refused)?;
    let demanded = |name: &str| cx.options.filter.as_ref().and_then(|f| f.demands(name));
    let one = match (demanded("deviceId"), demanded("id")) {
        (Some(id), _) => Some(cx.world.entra_device_by_device_id(id)),
        (None, Some(id)) => Some(cx.world.entra_device_by_id(id)),
        _ => None,
    };
    let positions: Vec<usize> = match one {
        Some(found) => found.into_iter().collect(),
        None => (0..cx.world.entra_device_count()).collect(),
    };
    let row = |i: usize| {
        Lazy::new(
            |_: &str| -> Option<Cell<'static>> { None },
            move || cx.world.entra_device_json(i),
        )
    };
    page::list(
        cx,
        "devices",
        &DEVICE,
        Paging::Token,
        positions.into_iter(),
        row,
        |i| render(cx, i),
    )
}

fn find(cx: &Cx<'_>, key: &str) -> Result<usize, Fault> {
    let found = match key.strip_prefix("deviceId=") {
        Some(id) => cx.world.entra_device_by_device_id(id.trim_matches('\'')),
        None => cx.world.entra_device_by_id(key),
    };
    found.ok_or_else(|| Fault::no_object(key))
}

/// `GET /devices/{id}`
pub(super) fn device(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    const ONE: Rules = users::single(DEVICE);
    check(&cx.options, &ONE, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    Ok(page::entity(cx, "devices/$entity", render(cx, i)))
}

/// `GET /devices/{id}/registeredOwners`, `/registeredUsers`
pub(super) fn owners(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &users::RULES, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    let list: Vec<Obj> = cx
        .world
        .entra_device_owners(i)
        .into_iter()
        .map(|u| users::typed(cx.world, u))
        .collect();
    page::objects(cx, "directoryObjects", &users::RULES, &list)
}

/// `GET /organization`
pub(super) fn organizations(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &ORGANIZATION, cx.eventual).map_err(refused)?;
    page::objects(
        cx,
        "organization",
        &ORGANIZATION,
        &[cx.world.organization_json()],
    )
}

/// `GET /organization/{id}`
pub(super) fn organization(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    const ONE: Rules = users::single(ORGANIZATION);
    check(&cx.options, &ONE, cx.eventual).map_err(refused)?;
    if !path[1].eq_ignore_ascii_case(&cx.tenant.info.tenant_id) {
        return Err(Fault::no_object(&path[1]));
    }
    Ok(page::entity(
        cx,
        "organization/$entity",
        cx.world.organization_json(),
    ))
}
