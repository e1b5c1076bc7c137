//! What tokens and challenges say, read as hints: roles, scopes, the person; and the claims a service asks for.
//!
//! Tokens are opaque by contract. What cannot be read is *unknown*, never an error and never "not granted".

use crate::model::Service;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use table::Text;

/// What a token seems to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// `roles` and `scp`; `None`: neither could be read.
    pub permissions: Option<Vec<String>>,
    /// The user's object id.
    pub oid: Option<Text>,
    /// The user's sign-in name.
    pub name: Option<Text>,
    /// An application by itself, or a person; `None`: it does not say.
    pub app: Option<bool>,
    /// The application's id.
    pub app_id: Option<Text>,
    /// Minutes that it lives, as the token endpoint said.
    pub minutes: Option<u64>,
}

/// The claims of a JWT, if it is one.
pub fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, body, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = unpadded(body)?;
    serde_json::from_slice::<Value>(&bytes)
        .ok()
        .filter(Value::is_object)
}

/// Reads an access or id token as far as it lets itself be read.
pub fn hint(token: &str) -> Hint {
    let Some(claims) = claims(token) else {
        return Hint::default();
    };
    let text = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .filter(|s| !s.is_empty())
    };
    let roles: Option<Vec<String>> = claims.get("roles").and_then(Value::as_array).map(|list| {
        list.iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    });
    let scopes: Option<Vec<String>> =
        text("scp").map(|s| s.split_whitespace().map(str::to_owned).collect());
    // an app-only token without `roles` was granted nothing; without any of these claims it says nothing
    let app = match text("idtyp") {
        Some(kind) => Some(kind == "app"),
        None => scopes.is_some().then_some(false),
    };
    let permissions = match (roles, scopes) {
        (None, None) => (app == Some(true)).then(Vec::new),
        (roles, scopes) => Some(scopes.or(roles).unwrap_or_default()),
    };
    Hint {
        permissions,
        oid: text("oid").map(Text::from),
        name: text("upn")
            .or_else(|| text("preferred_username"))
            .or_else(|| text("unique_name"))
            .map(Text::from),
        app,
        app_id: text("appid").or_else(|| text("azp")).map(Text::from),
        minutes: None,
    }
}

/// Whom a token is for, where it says that it is for another service than this one. Some services go by several names, and
/// by ids that nobody can tell apart: those count as right.
pub fn other_audience(token: &str, service: Service, scope: &str) -> Option<String> {
    const DEFENDER: &[&str] = &[
        "https://securitycenter.onmicrosoft.com/windowsatpservice",
        "https://api.security.microsoft.com",
    ];
    let claims = claims(token)?;
    let audience = claims.get("aud")?.as_str()?.trim_end_matches('/');
    let own = scope.strip_suffix("/.default").unwrap_or(scope);
    let known = audience.eq_ignore_ascii_case(own)
        || !audience.starts_with("https://")
        || service == Service::Explorer
        || (service == Service::Defender && DEFENDER.contains(&audience));
    (!known).then(|| super::fault::shown(audience))
}

/// The `claims` parameter of every token request: we can take part in continuous access evaluation.
pub fn capabilities() -> String {
    json!({"access_token": {"xms_cc": {"values": ["cp1"]}}}).to_string()
}

/// A challenge's claims, merged with our capabilities; `None` where they cannot be read.
pub fn merged(challenge: &str) -> Option<String> {
    let bytes = unpadded(challenge).unwrap_or_else(|| challenge.as_bytes().to_vec());
    let mut value: Value = serde_json::from_slice(&bytes).ok()?;
    let object = value.as_object_mut()?;
    let token = object
        .entry("access_token")
        .or_insert_with(|| json!({}))
        .as_object_mut()?;
    token.insert("xms_cc".into(), json!({"values": ["cp1"]}));
    Some(value.to_string())
}

/// The claims of a `WWW-Authenticate` challenge. `authorization_uri` is not even looked at.
pub fn challenge<'a>(headers: impl Iterator<Item = &'a str>) -> Option<String> {
    for header in headers {
        let parameters = parameters(header);
        let of = |name: &str| {
            parameters
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, v)| v.as_str())
        };
        if let Some(claims) = of("claims")
            && of("error").is_none_or(|e| e.eq_ignore_ascii_case("insufficient_claims"))
        {
            return merged(claims);
        }
    }
    None
}

/// The `name="value"` pairs of a challenge; commas inside quotes belong to the value.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = header.trim();
    if let Some((scheme, tail)) = rest.split_once(' ')
        && !scheme.contains('=')
    {
        rest = tail;
    }
    while let Some((name, tail)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_owned();
        let (value, after) = match tail.strip_prefix('"') {
            Some(quoted) => match quoted.split_once('"') {
                Some((value, after)) => (value, after),
                None => (quoted, ""),
            },
            None => tail.split_once(',').unwrap_or((tail, "")),
        };
        out.push((name, value.trim().to_owned()));
        rest = after;
    }
    out
}

/// Base64, standard or URL-safe, with padding or without.
fn unpadded(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    URL_SAFE_NO_PAD
        .decode(text)
        .or_else(|_| STANDARD_NO_PAD.decode(text))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    fn jwt(claims: &Value) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn tokens_are_hints() {
        let app = hint(&jwt(
            &json!({"idtyp": "app", "roles": ["A.Read.All", "B.Read"]}),
        ));
        assert_eq!(
            app.permissions,
            Some(vec!["A.Read.All".into(), "B.Read".into()])
        );
        let person = hint(&jwt(
            &json!({"scp": "A.Read B.Read", "oid": "o", "upn": "ana@contoso.com"}),
        ));
        assert_eq!(person.permissions.unwrap().len(), 2);
        assert_eq!(person.name, Some(Text::from("ana@contoso.com")));
        for opaque in ["", "abc", "a.b.c", "a.W10.c"] {
            assert_eq!(
                hint(opaque).permissions,
                None,
                "{opaque}: unknown, not nothing"
            );
        }
    }

    #[test]
    fn challenges_of_every_form_are_merged_with_our_capability() {
        let want = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#;
        for coded in [
            STANDARD.encode(want),
            URL_SAFE.encode(want),
            URL_SAFE_NO_PAD.encode(want),
        ] {
            let header = format!(
                r#"Bearer realm="", authorization_uri="https://evil.example/a,b", error="insufficient_claims", claims="{coded}""#
            );
            let got: Value =
                serde_json::from_str(&challenge([header.as_str()].into_iter()).unwrap()).unwrap();
            assert_eq!(got["access_token"]["xms_cc"]["values"][0], "cp1");
            assert_eq!(got["access_token"]["nbf"]["value"], "1");
        }
        assert_eq!(
            challenge([r#"Bearer realm="x", error="invalid_token""#].into_iter()),
            None
        );
        assert_eq!(challenge([r#"Bearer claims="!!""#].into_iter()), None);
        let second = format!(
            r#"Bearer claims="{}", error="insufficient_claims""#,
            STANDARD.encode(want)
        );
        assert!(challenge(["Negotiate", second.as_str()].into_iter()).is_some());
    }

    proptest! {
        #[test]
        fn any_header_is_answered(text in "\\PC{0,60}") {
            let _ = challenge([text.as_str()].into_iter());
            let _ = hint(&text);
        }
    }
}
