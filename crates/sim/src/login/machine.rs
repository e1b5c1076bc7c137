//! What a machine's own identity service answers: the metadata address of a virtual machine, and App Service's endpoint.

use std::collections::HashMap;

use axum::http::Method;
use serde_json::json;

use super::flows::{self, Subject};
use super::scope;
use crate::tenant::{Tenant, locked};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;

/// `GET …/metadata/identity/oauth2/token` and `GET …/msi/token`.
pub(super) fn token(tenant: &Tenant, ask: &Ask, service: bool) -> Answer {
    let no = |status: u16, error: &str, words: &str| {
        Answer::json(status, &json!({"error": error, "error_description": words}))
    };
    if ask.method != Method::GET {
        return no(405, "invalid_request", "only GET");
    }
    let known = match service {
        true => ask.header("x-identity-header") == Some(tenant.login.identity_header.as_str()),
        false => ask.header("metadata") == Some("true"),
    };
    match (known, service) {
        (true, _) => {}
        (false, true) => return no(401, "unauthorized", "X-IDENTITY-HEADER"),
        (false, false) => {
            return no(
                400,
                "invalid_request",
                "Required metadata header not specified",
            );
        }
    }
    let options: HashMap<String, String> = ask.options().into_iter().collect();
    let version = if service { "2019-08-01" } else { "2018-02-01" };
    if options.get("api-version").map(String::as_str) != Some(version) {
        return no(400, "invalid_request", "The api-version is not supported");
    }
    let client = options.get("client_id");
    if client.is_some_and(|c| !c.eq_ignore_ascii_case(&tenant.info.client_id)) {
        return no(400, "invalid_request", "Identity not found");
    }
    let Some(resource) = options.get("resource") else {
        return no(400, "invalid_request", "The resource is missing");
    };
    let asked = match scope::read(&format!("{resource}/.default"), &tenant.info.tenant_id) {
        Ok(asked) => asked,
        Err(refusal) => {
            return no(
                400,
                refusal.error,
                &format!("AADSTS{}: {}", refusal.code, refusal.text),
            );
        }
    };
    let roles = locked(&tenant.grants).on(asked.api);
    let (access, life) = flows::access(
        tenant,
        asked.api,
        Subject::App,
        &roles,
        &flows::Asked::default(),
    );
    let end = super::seconds(tenant.clock.told()) + life;
    let mut body = json!({
        "access_token": access, "client_id": tenant.info.client_id, "expires_on": end.to_string(), "resource": resource,
        "token_type": "Bearer",
    });
    // App Service tells the instant alone, and both write numbers as text
    if !service && let Some(map) = body.as_object_mut() {
        map.insert("expires_in".into(), json!(life.to_string()));
        map.insert("not_before".into(), json!((end - life).to_string()));
    }
    Answer::json(200, &body)
}
