//! Users of the Entra directory, `api/graph.md` 13, with the risk that Identity Protection gives them (15).

use super::words::{RISK_STATE, USER_RISK};
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '4',
    title: "Users",
    one: "user",
    sort: &[("displayName", Direction::Up)],
    sections: detail::user::SECTIONS,
    refs: detail::links::user_refs,
    portal: detail::links::user_portal,
    summary: detail::links::user_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::User, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get).searched(search).beside(Beside {
    list: risky,
    every: 600,
    decode: decode_risk,
    needs: RISK_NEEDS,
});

const NEEDS: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "User.ReadBasic.All",
];

const RISK_NEEDS: &[&str] = &[
    "IdentityRiskyUser.Read.All",
    "IdentityRiskyUser.ReadWrite.All",
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("risky", "risk>=low", &[("riskLevel", Direction::Down), ("riskLastUpdatedDateTime", Direction::Down)]),
    View::new("compromised", "state:confirmedCompromised", &[("riskLastUpdatedDateTime", Direction::Down)]),
    View::new("disabled", "on:no", &[("displayName", Direction::Up)]),
    View::new("guests", "type:guest", &[("createdDateTime", Direction::Down)]),
    View::new("new 7d", "created<7d", &[("createdDateTime", Direction::Down)]),
    View::new("old passwords", "on:yes pwd>365d", &[("lastPasswordChangeDateTime", Direction::Up)]),
    View::new("all", "", &[("displayName", Direction::Up)]),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "object id").wide(8, 36),
    Column::new("displayName", "name", Shape::Text(Meaning::Title), "display name").also(&["name"]).wide(14, 26).drop(0),
    Column::new("userPrincipalName", "sign-in name", Shape::Text(Meaning::Person), "user principal name").also(&["upn"]).wide(16, 34).grow(9).drop(0),
    Column::new("accountEnabled", "on", Shape::Bool, "may sign in: on:no").also(&["on", "enabled"]).wide(3, 3).drop(0),
    Column::new("riskLevel", "risk", Shape::Ranked(USER_RISK), "risk of Identity Protection: risk>=low").also(&["risk"]).wide(6, 6).drop(1).joined(),
    Column::new("riskState", "state", Shape::Ranked(RISK_STATE), "what became of the risk: state:atRisk").also(&["state"]).wide(6, 6).drop(4).joined(),
    Column::new("riskLastUpdatedDateTime", "risk upd", Shape::Time, "when the risk last changed: riskupd<24h").also(&["riskupd"]).wide(8, 8).joined(),
    Column::new("userType", "type", Shape::Text(Meaning::Word), "member or guest: type:guest").also(&["type"]).wide(6, 6).drop(3),
    Column::new("department", "department", Shape::Text(Meaning::Plain), "department").also(&["dept"]).wide(10, 18).drop(5),
    Column::new("jobTitle", "title", Shape::Text(Meaning::Plain), "job title").also(&["title", "job"]).wide(10, 20).drop(6),
    Column::new("mail", "mail", Shape::Text(Meaning::Person), "mail address").wide(14, 30).drop(8),
    Column::new("onPremisesSyncEnabled", "sync", Shape::Bool, "mastered on premises: sync:yes").also(&["sync", "synced"]).wide(4, 4).drop(7),
    Column::new("createdDateTime", "age", Shape::Time, "when it was created: created<7d").also(&["created", "age"]).wide(4, 4).drop(7),
    Column::new("lastPasswordChangeDateTime", "pwd", Shape::Time, "last change of the password: pwd>365d").also(&["pwd", "password"]).wide(4, 4).drop(6),
    Column::new("onPremisesSamAccountName", "account", Shape::Text(Meaning::Person), "account name on premises").also(&["sam", "account"]).wide(8, 14),
    Column::new("onPremisesSecurityIdentifier", "sid", Shape::Text(Meaning::Id), "security id on premises").also(&["sid"]).wide(8, 44),
];

/// Light: what the list shows and what a piece of evidence may name. `accountEnabled` comes only when asked for.
const LIST: &str = "id,displayName,userPrincipalName,mail,accountEnabled,userType,department,jobTitle,createdDateTime,\
lastPasswordChangeDateTime,onPremisesSyncEnabled,onPremisesSamAccountName,onPremisesSecurityIdentifier";

/// Everything for one user; `signInActivity` needs more rights and is asked for apart.
const ONE: &str = "id,displayName,userPrincipalName,mail,accountEnabled,userType,jobTitle,department,companyName,\
officeLocation,usageLocation,createdDateTime,lastPasswordChangeDateTime,signInSessionsValidFromDateTime,\
onPremisesSyncEnabled,onPremisesSamAccountName,onPremisesDomainName,onPremisesSecurityIdentifier,\
onPremisesDistinguishedName,securityIdentifier,externalUserState,passwordPolicies,proxyAddresses,assignedLicenses,\
identities";

fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::Graph, Path::new("/users"))
        .query("$select", LIST)
        .query("$top", "999")
        .query("$count", "true")
        .eventual()
        .pages(Pages::Links { at_most: 1_000_000 })
        .needs(NEEDS)
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/users").id(key.id.txt())?;
    Ok(Call::get(Service::Graph, path)
        .query("$select", ONE)
        .needs(NEEDS))
}

/// Users with a word that begins so in name, mail or sign-in name.
fn search(words: &str) -> Call {
    // inside the quotes of a clause only quotes and backslashes have a meaning
    let words = words.trim().replace('\\', "\\\\").replace('"', "\\\"");
    let clause = |field: &str| format!("\"{field}:{words}\"");
    Call::get(Service::Graph, Path::new("/users"))
        .query(
            "$search",
            ["displayName", "userPrincipalName", "mail"]
                .map(clause)
                .join(" OR "),
        )
        .query("$select", LIST)
        .query("$top", "50")
        .query("$count", "true")
        .eventual()
        .needs(NEEDS)
}

/// Users mastered on premises under this security id.
/// The object id that a cloud security id is made of: `S-1-12-1-` and its sixteen bytes as four numbers, little end first
/// (`securityIdentifier` of Graph's user). None for a security id of another authority.
pub fn id_in_sid(sid: table::Txt<'_>) -> Option<Text> {
    let mut parts = sid.exact().strip_prefix("S-1-12-1-")?.split('-');
    let mut bytes = [0; 16];
    for four in bytes.chunks_exact_mut(4) {
        four.copy_from_slice(&parts.next()?.parse::<u32>().ok()?.to_le_bytes());
    }
    let id = uuid::Uuid::from_bytes_le(bytes).to_string();
    parts.next().is_none().then(|| Text::from(id.as_str()))
}

pub(super) fn by_sid(sid: table::Txt<'_>) -> Call {
    let filter = format!("onPremisesSecurityIdentifier eq {}", sid.odata_literal());
    Call::get(Service::Graph, Path::new("/users"))
        .query("$filter", filter)
        .query("$select", LIST)
        .query("$count", "true")
        .eventual()
        .needs(NEEDS)
}

/// One request a second is the tenant's limit here, so the whole list comes at once and single users are not asked for.
fn risky() -> Call {
    Call::get(Service::Graph, Path::new("/identityProtection/riskyUsers"))
        .query("$top", "500")
        .pages(Pages::Links { at_most: 200_000 })
        .needs(RISK_NEEDS)
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a user")?;
    to.texts(
        row,
        &[
            "displayName",
            "userPrincipalName",
            "userType",
            "department",
            "jobTitle",
            "mail",
            "onPremisesSamAccountName",
            "onPremisesSecurityIdentifier",
        ],
    );
    to.times(row, &["createdDateTime", "lastPasswordChangeDateTime"]);
    to.bool("accountEnabled", row.bool("accountEnabled"));
    // null means that the account was never synchronized
    to.bool(
        "onPremisesSyncEnabled",
        Some(row.bool("onPremisesSyncEnabled").unwrap_or(false)),
    );
    Ok(())
}

fn decode_risk(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a risky user")?;
    to.ranked(row, "riskLevel", USER_RISK);
    to.ranked(row, "riskState", RISK_STATE);
    to.times(row, &["riskLastUpdatedDateTime"]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_security_id_holds_the_object_id() {
        let id = |sid: &str| id_in_sid(Text::from(sid).txt()).map(|t| t.txt().exact().to_owned());
        // 1943430372 is 73d664e4 in hexadecimal; the others stand with their little end first
        assert_eq!(
            id("S-1-12-1-1943430372-1249052806-2496021943-3034400218").as_deref(),
            Some("73d664e4-0886-4a73-b745-c694da45ddb4")
        );
        for other in [
            "S-1-5-21-1-2-3-1104",
            "S-1-12-1-1-2-3",
            "S-1-12-1-1-2-3-4-5",
            "S-1-12-1-1-2-3-4294967296",
            "S-1-12-1-1-2-3-x",
            "",
        ] {
            assert_eq!(id(other), None, "{other}");
        }
    }
}
