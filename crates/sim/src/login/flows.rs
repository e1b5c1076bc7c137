//! The token endpoint: client credentials, device code, authorization code, refresh.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::aadsts::{Refusal, refused};
use super::scope::{self, Scopes};
use super::{Form, authority, client, consent, opaque, seconds};
use crate::permissions::{Api, delegated};
use crate::tenant::{Tenant, locked};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;

/// A refresh token that is out.
#[derive(Clone, Debug)]
pub(super) struct Refresh {
    user: usize,
    last: Timestamp,
    /// The token it was exchanged for: once that one is used, this one is dead.
    successor: Option<String>,
    /// The sessions of its user were ended.
    pub(super) ended: bool,
}

impl Refresh {
    pub(super) fn user(&self) -> usize {
        self.user
    }
}

/// Idle refresh tokens die after this.
const IDLE_DAYS: i64 = 90;

/// Who a token is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject {
    App,
    User(usize),
}

/// The token endpoint.
pub(super) fn token(tenant: &Tenant, ask: &Ask, name: &str) -> Result<Answer, Refusal> {
    let form = Form::of(ask);
    let grant = form.need("grant_type")?;
    authority(tenant, name, grant != "client_credentials")?;
    client(tenant, form.need("client_id")?)?;
    match grant {
        "client_credentials" => app_only(tenant, &form, name),
        "urn:ietf:params:oauth:grant-type:device_code" => super::device::poll(tenant, &form),
        "authorization_code" => super::authorize::redeem(tenant, &form),
        "refresh_token" => refresh(tenant, &form),
        other => Err(refused(70003, &[other])),
    }
}

fn app_only(tenant: &Tenant, form: &Form, name: &str) -> Result<Answer, Refusal> {
    let text = form.need("scope")?;
    let asked = match scope::read(text, &tenant.info.tenant_id) {
        Ok(asked) if asked.default => asked,
        Err(refusal) if refusal.code == 500011 => return Err(refusal),
        _ => return Err(refused(1002012, &[text])),
    };
    if form.get("client_assertion").is_some() {
        super::assertion::check(tenant, form, name)?;
    } else {
        let secret = form
            .get("client_secret")
            .ok_or_else(|| refused(7000218, &[]))?;
        check_secret(tenant, secret)?;
    }
    let roles = locked(&tenant.grants).on(asked.api);
    let (access, lifetime) = access(tenant, asked.api, Subject::App, &roles, &Asked::read(form));
    Ok(Answer::json(
        200,
        &json!({"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": access}),
    ))
}

/// A secret that was sent must be right, also where none was needed.
pub(super) fn check_secret(tenant: &Tenant, secret: &str) -> Result<(), Refusal> {
    let same = |known: &str| {
        secret.len() == known.len()
            && secret
                .bytes()
                .zip(known.bytes())
                .fold(0, |sum, (a, b)| sum | (a ^ b))
                == 0
    };
    let first = same(&tenant.info.client_secret);
    match locked(&tenant.login.secret).as_deref() {
        None if first => Ok(()),
        Some(newer) if same(newer) => Ok(()),
        Some(_) if first => Err(refused(7000222, &[&tenant.info.client_id])),
        _ => Err(refused(7000215, &[&tenant.info.client_id])),
    }
}

fn refresh(tenant: &Tenant, form: &Form) -> Result<Answer, Refusal> {
    let token = form.need("refresh_token")?;
    if let Some(secret) = form.get("client_secret") {
        check_secret(tenant, secret)?;
    }
    let now = tenant.clock.now();
    let user = {
        let mut all = locked(&tenant.login.refresh);
        let found = all
            .get(token)
            .cloned()
            .ok_or_else(|| refused(9002313, &[]))?;
        if seconds(now) - seconds(found.last) > IDLE_DAYS * 86_400 {
            all.remove(token);
            return Err(refused(700082, &[&found.last.to_string()]));
        }
        if found.ended {
            return Err(refused(50173, &[&found.last.to_string()]));
        }
        // the first use of a successor proves that it arrived; until then the old one still serves (assumed)
        let dead: Vec<String> = all
            .iter()
            .filter(|(_, r)| r.successor.as_deref() == Some(token))
            .map(|(t, _)| t.clone())
            .collect();
        for old in dead {
            all.remove(&old);
        }
        found.user
    };
    still_allowed(tenant, user)?;
    let asked = scope::read(
        form.get("scope")
            .unwrap_or("https://graph.microsoft.com/.default"),
        &tenant.info.tenant_id,
    )?;
    let answer = user_tokens(
        tenant,
        form,
        user,
        &Scopes {
            offline: true,
            ..asked
        },
        None,
    )?;
    if let Some(old) = locked(&tenant.login.refresh).get_mut(token) {
        old.last = now;
        old.successor = answer.refresh.clone();
    }
    Ok(answer.answer)
}

/// Accounts that were disabled after sign-in get no more tokens.
pub(super) fn still_allowed(tenant: &Tenant, user: usize) -> Result<(), Refusal> {
    if tenant.user_enabled(user) {
        Ok(())
    } else {
        Err(refused(50057, &[]))
    }
}

/// Tokens of a person, as one answer.
pub(super) struct Issued {
    pub answer: Answer,
    pub refresh: Option<String>,
}

/// Makes what a user flow answers with.
pub(super) fn user_tokens(
    tenant: &Tenant,
    form: &Form,
    user: usize,
    asked: &Scopes,
    nonce: Option<&str>,
) -> Result<Issued, Refusal> {
    let held = consent(tenant, user, asked)?;
    let wants = Asked::read(form);
    let (token, lifetime) = access(tenant, asked.api, Subject::User(user), &held, &wants);
    let prefix = match asked.api {
        Api::Graph => String::new(),
        api => format!("{}/", scope::audience(api)),
    };
    let mut words: Vec<String> = held
        .iter()
        .map(|n| format!("{prefix}{}", delegated(asked.api, n)))
        .collect();
    if asked.openid {
        words.extend(["profile".to_owned(), "openid".to_owned()]);
    }
    let mut body = Map::new();
    body.insert("token_type".into(), json!("Bearer"));
    body.insert("scope".into(), json!(words.join(" ")));
    body.insert("expires_in".into(), json!(lifetime));
    body.insert("ext_expires_in".into(), json!(lifetime));
    if lifetime > 2 * 3600 {
        body.insert("refresh_in".into(), json!(lifetime / 2));
    }
    body.insert("access_token".into(), json!(token));
    let mut given = None;
    if asked.offline {
        let fresh = format!("1.{}", opaque(48));
        let entry = Refresh {
            user,
            last: tenant.clock.now(),
            successor: None,
            ended: false,
        };
        locked(&tenant.login.refresh).insert(fresh.clone(), entry);
        body.insert("refresh_token".into(), json!(fresh));
        given = Some(fresh);
    }
    if asked.openid {
        body.insert("id_token".into(), json!(id_token(tenant, user, nonce)));
    }
    Ok(Issued {
        answer: Answer::json(200, &Value::Object(body)),
        refresh: given,
    })
}

/// What the `claims` parameter asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// The client says that it understands challenges.
    cp1: bool,
    /// The challenge it answers.
    nbf: Option<i64>,
}

impl Asked {
    pub fn read(form: &Form) -> Self {
        let claims: Value = form
            .get("claims")
            .and_then(|c| serde_json::from_str(c).ok())
            .unwrap_or_default();
        let access = &claims["access_token"];
        let values = access["xms_cc"]["values"].as_array();
        let number = &access["nbf"]["value"];
        Self {
            cp1: values.is_some_and(|v| v.iter().any(|v| v == "cp1" || v == "CP1")),
            nbf: number.as_i64().or_else(|| number.as_str()?.parse().ok()),
        }
    }
}

/// An access token and how many seconds it lives.
pub(super) fn access(
    tenant: &Tenant,
    api: Api,
    subject: Subject,
    held: &[String],
    asked: &Asked,
) -> (String, i64) {
    let now = seconds(tenant.clock.told());
    let spread = i64::from(fastrand::u16(..1800));
    let usual = if asked.cp1 && api == Api::Graph {
        24 * 3600 + spread * 8
    } else {
        3600 + spread
    };
    let lifetime = locked(&tenant.login.lifetime).unwrap_or(usual - 1);
    let mut claims = Map::new();
    let mut put = |key: &str, value: Value| {
        claims.insert(key.to_owned(), value);
    };
    put("aud", json!(scope::audience(api)));
    put(
        "iss",
        json!(format!(
            "https://sts.windows.net/{}/",
            tenant.info.tenant_id
        )),
    );
    put("iat", json!(now));
    put("nbf", json!(now));
    put("exp", json!(now + lifetime));
    put("appid", json!(tenant.info.client_id));
    put("app_displayname", json!("Watchfloor"));
    put("tid", json!(tenant.info.tenant_id));
    put("uti", json!(opaque(16)));
    put("ver", json!("1.0"));
    match subject {
        Subject::App => {
            put("idtyp", json!("app"));
            put("oid", json!(tenant.app_object_id()));
            put("sub", json!(tenant.app_object_id()));
            if !held.is_empty() {
                put("roles", json!(held));
            }
            let own = tenant.settings().app_roles;
            let roles = own
                .iter()
                .filter_map(|r| crate::world::directory::role_template_id(r));
            let wids: Vec<&str> = ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"]
                .into_iter()
                .chain(roles)
                .collect();
            put("wids", json!(wids));
        }
        Subject::User(user) => {
            let row = tenant.world().user_row(user);
            put("idtyp", json!("user"));
            put("oid", json!(row.id.to_string()));
            put(
                "sub",
                json!(crate::tenant::guid(tenant.flags.seed ^ user as u64, 77)),
            );
            put("name", json!(row.display));
            put("upn", json!(row.upn));
            // ours: which of the user's sessions this is, counted by how often they were ended
            put(
                "wf_generation",
                json!(crate::response::accounts::generation(tenant, user)),
            );
            put("unique_name", json!(row.upn));
            put(
                "scp",
                json!(
                    held.iter()
                        .map(|n| delegated(api, n))
                        .collect::<Vec<_>>()
                        .join(" ")
                ),
            );
            put("wids", json!(tenant.role_templates(user)));
        }
    }
    if asked.cp1 {
        put("xms_cc", json!(["CP1"]));
    }
    if let Some(nbf) = asked.nbf {
        put("xms_challenge", json!(nbf));
    }
    (tenant.login.keys.sign(&Value::Object(claims)), lifetime)
}

fn id_token(tenant: &Tenant, user: usize, nonce: Option<&str>) -> String {
    let row = tenant.world().user_row(user);
    let now = seconds(tenant.clock.told());
    let mut claims = json!({
        "aud": tenant.info.client_id,
        "iss": format!("{}/{}/v2.0", tenant.info.login, tenant.info.tenant_id),
        "iat": now, "nbf": now, "exp": now + 3600,
        "name": row.display, "preferred_username": row.upn, "oid": row.id.to_string(),
        "sub": crate::tenant::guid(tenant.flags.seed ^ user as u64, 78),
        "tid": tenant.info.tenant_id, "ver": "2.0",
    });
    if let (Some(nonce), Some(map)) = (nonce, claims.as_object_mut()) {
        map.insert("nonce".into(), json!(nonce));
    }
    tenant.login.keys.sign(&claims)
}
