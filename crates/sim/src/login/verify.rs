//! What a service does with the token it is sent: signature, audience, expiry, challenge, permissions.

use base64::Engine;
use serde_json::Value;

use super::scope::audience;
use crate::permissions::{Api, DEFENDER, GRAPH, covers, delegated};
use crate::response::accounts;
use crate::tenant::{Tenant, locked};
use crate::wire::ask::Ask;

/// Who is calling, as the token says.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The signed-in user; none for an application by itself.
    pub user: Option<usize>,
    /// UPN or application id, as it shows in `lastModifiedBy` and in comments.
    pub name: String,
    /// Permissions in the spelling of application roles, without those taken away since.
    pub held: Vec<String>,
}

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    Missing,
    Malformed,
    Signature,
    Expired,
    Audience,
    /// Accepted only with these claims; the text is what the header carries (base64).
    Challenge(String),
    /// The same, but the client never said that it understands challenges.
    Policy,
}

/// Any of these sets is enough, all of a set is needed.
pub(crate) type Need = &'static [&'static [&'static str]];

impl Caller {
    /// Reads and checks the `Authorization` header for an API.
    pub fn of(tenant: &Tenant, ask: &Ask, api: Api) -> Result<Self, Denied> {
        let header = ask.header("authorization").ok_or(Denied::Missing)?;
        let (kind, token) = header.split_once(' ').ok_or(Denied::Malformed)?;
        if !kind.eq_ignore_ascii_case("bearer") {
            return Err(Denied::Malformed);
        }
        let claims = tenant
            .login
            .keys
            .open(token.trim())
            .map_err(|bad| match bad {
                super::jwt::Bad::Malformed => Denied::Malformed,
                super::jwt::Bad::Signature => Denied::Signature,
            })?;
        if claims["aud"].as_str() != Some(audience(api)) {
            return Err(Denied::Audience);
        }
        let now = tenant.clock.told().as_second();
        // five minutes of grace before it starts, none after it ends
        if ask.expired {
            return Err(Denied::Expired);
        }
        if claims["exp"].as_i64().is_none_or(|exp| now >= exp)
            || claims["nbf"].as_i64().is_none_or(|nbf| now + 300 < nbf)
        {
            return Err(Denied::Expired);
        }
        if api == Api::Graph
            && let Some(nbf) = *locked(&tenant.login.challenge)
            && claims["xms_challenge"]
                .as_i64()
                .is_none_or(|answered| answered < nbf)
        {
            return Err(if claims["xms_cc"].is_array() {
                Denied::Challenge(challenge(nbf))
            } else {
                Denied::Policy
            });
        }
        let caller = Self::read(tenant, api, &claims);
        // a client that understands challenges is cut off at once when sessions end; others keep the token for its life
        if api == Api::Graph
            && claims["xms_cc"].is_array()
            && let Some(user) = caller.user
            && claims["wf_generation"].as_u64() < Some(accounts::generation(tenant, user))
        {
            return Err(Denied::Challenge(challenge(now)));
        }
        Ok(caller)
    }

    fn read(tenant: &Tenant, api: Api, claims: &Value) -> Self {
        let grants = locked(&tenant.grants);
        let mut held: Vec<String> = match claims["scp"].as_str() {
            Some(scopes) => scopes
                .split(' ')
                .filter(|s| !s.is_empty())
                .map(|s| application_name(api, s))
                .collect(),
            None => claims["roles"]
                .as_array()
                .map(|r| {
                    r.iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect()
                })
                .unwrap_or_default(),
        };
        held.retain(|name| !grants.is_revoked(api, name));
        let user = claims["upn"]
            .as_str()
            .and_then(|_| tenant.world().user_by_id(claims["oid"].as_str()?));
        let name = claims["upn"]
            .as_str()
            .or(claims["appid"].as_str())
            .unwrap_or_default()
            .to_owned();
        Self { user, name, held }
    }

    /// Does the token carry enough?
    pub fn may(&self, need: Need) -> bool {
        need.is_empty()
            || need.iter().any(|all| {
                all.iter()
                    .all(|wanted| self.held.iter().any(|held| covers(held, wanted)))
            })
    }
}

fn application_name(api: Api, scope: &str) -> String {
    let list = if api == Api::Defender {
        DEFENDER
    } else {
        GRAPH
    };
    list.iter()
        .find(|n| delegated(api, n) == scope)
        .map_or_else(|| scope.to_owned(), |n| (*n).to_owned())
}

fn challenge(nbf: i64) -> String {
    let claims =
        serde_json::json!({"access_token": {"nbf": {"essential": true, "value": nbf.to_string()}}});
    base64::engine::general_purpose::STANDARD.encode(claims.to_string())
}
