//! Refusals of the sign-in service: number, OAuth error, status and sentence.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::wire::answer::Answer;

/// A refusal, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub error: &'static str,
    pub status: u16,
    /// 0 where the service sends no number.
    pub code: u32,
    pub text: String,
    pub suberror: Option<&'static str>,
    pub claims: Option<String>,
}

/// The error, its HTTP status, its sentence with `{}` for each particular, and a suberror (`""` for none).
type Row = (u32, &'static str, u16, &'static str, &'static str);

const TABLE: &[Row] = &[
    (
        700016,
        "unauthorized_client",
        400,
        "Application with identifier '{}' was not found in the directory '{}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
        "",
    ),
    (
        7000215,
        "invalid_client",
        401,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.",
        "",
    ),
    (
        7000222,
        "invalid_client",
        401,
        "The provided client secret keys for app '{}' are expired. Visit the Azure portal to create new keys for your app.",
        "",
    ),
    (
        700027,
        "invalid_client",
        401,
        "The certificate with identifier used to sign the client assertion is not registered on application.",
        "",
    ),
    (
        700021,
        "invalid_client",
        401,
        "Client assertion application identifier doesn't match 'client_id' parameter.",
        "",
    ),
    (
        700023,
        "invalid_client",
        401,
        "Client assertion audience claim does not match Realm issuer.",
        "",
    ),
    (
        700024,
        "invalid_client",
        401,
        "Client assertion is not within its valid time range.",
        "",
    ),
    (
        1000502,
        "invalid_client",
        401,
        "The provided certificate is not within its specified validity window.",
        "",
    ),
    (
        700211,
        "invalid_client",
        401,
        "No matching federated identity record found for presented assertion issuer.",
        "",
    ),
    (
        700213,
        "invalid_client",
        401,
        "No matching federated identity record found for presented assertion subject.",
        "",
    ),
    (
        70021,
        "invalid_request",
        400,
        "No matching federated identity record found for presented assertion.",
        "",
    ),
    (
        7000218,
        "invalid_client",
        401,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        "",
    ),
    (
        7000112,
        "unauthorized_client",
        400,
        "Application '{}' is disabled.",
        "",
    ),
    (
        90002,
        "invalid_request",
        400,
        "Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
        "",
    ),
    (
        900023,
        "invalid_request",
        400,
        "Specified tenant identifier '{}' is neither a valid DNS name, nor a valid external domain.",
        "",
    ),
    (
        50194,
        "invalid_request",
        400,
        "Application '{}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps.",
        "",
    ),
    (
        500011,
        "invalid_resource",
        400,
        "The resource principal named {} was not found in the tenant named {}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
        "",
    ),
    (
        650052,
        "invalid_resource",
        400,
        "The app is trying to access a service that your organization lacks a service principal for.",
        "",
    ),
    (
        70011,
        "invalid_scope",
        400,
        "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {} is not valid.",
        "",
    ),
    (
        1002012,
        "invalid_scope",
        400,
        "The provided value for scope {} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
        "",
    ),
    (
        28002,
        "invalid_scope",
        400,
        "Provided value for the input parameter scope is not valid when requesting an access token.",
        "",
    ),
    (
        28000,
        "invalid_scope",
        400,
        "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {} is not valid.",
        "",
    ),
    (
        65001,
        "invalid_grant",
        400,
        "The user or administrator has not consented to use the application with ID '{}' named '{}'. Send an interactive authorization request for this user and resource.",
        "consent_required",
    ),
    (
        650056,
        "invalid_grant",
        400,
        "Misconfigured application: the client has not listed any permissions for the resource in its registration.",
        "consent_required",
    ),
    (
        90094,
        "invalid_grant",
        400,
        "An administrator must consent to this application.",
        "consent_required",
    ),
    (
        65004,
        "access_denied",
        400,
        "User declined to consent to access the app.",
        "",
    ),
    (
        50076,
        "interaction_required",
        400,
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
        "basic_action",
    ),
    (
        50079,
        "interaction_required",
        400,
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource.",
        "basic_action",
    ),
    (
        50074,
        "interaction_required",
        400,
        "Strong authentication is required.",
        "basic_action",
    ),
    (
        50158,
        "interaction_required",
        400,
        "External security challenge was not satisfied.",
        "basic_action",
    ),
    (
        50058,
        "login_required",
        400,
        "A silent sign-in request was sent but no user is signed in.",
        "",
    ),
    (
        50105,
        "invalid_grant",
        400,
        "Your administrator has configured the application to block users unless they are specifically granted access to it.",
        "",
    ),
    (
        50034,
        "invalid_grant",
        400,
        "The user account {} does not exist in the directory. To sign into this application, the account must be added to the directory.",
        "",
    ),
    (
        50020,
        "invalid_grant",
        400,
        "User account from an identity provider does not exist in the tenant and cannot access the application. The account needs to be added as an external user first.",
        "",
    ),
    (
        50053,
        "invalid_grant",
        400,
        "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
        "",
    ),
    (
        50055,
        "invalid_grant",
        400,
        "The password is expired.",
        "user_password_expired",
    ),
    (
        50057,
        "invalid_grant",
        400,
        "The user account is disabled.",
        "",
    ),
    (
        50126,
        "invalid_grant",
        400,
        "Error validating credentials due to invalid username or password.",
        "",
    ),
    (
        53000,
        "interaction_required",
        400,
        "Device is not in required device state: compliant. Conditional Access policy requires a compliant device.",
        "message_only",
    ),
    (
        53001,
        "interaction_required",
        400,
        "Device is not in required device state: domain-joined.",
        "message_only",
    ),
    (
        530003,
        "interaction_required",
        400,
        "Your device is required to be managed to access this resource.",
        "message_only",
    ),
    (
        53003,
        "access_denied",
        400,
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        "message_only",
    ),
    (
        530036,
        "access_denied",
        400,
        "Access has been blocked by Conditional Access policies. The authentication flow is not allowed.",
        "message_only",
    ),
    (
        70043,
        "invalid_grant",
        400,
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
        "token_expired",
    ),
    (
        700082,
        "invalid_grant",
        400,
        "The refresh token has expired due to inactivity. The token was issued on {} and was inactive for 90.00:00:00.",
        "",
    ),
    (
        50173,
        "invalid_grant",
        400,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
        "bad_token",
    ),
    (
        70008,
        "invalid_grant",
        400,
        "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
        "token_expired",
    ),
    (
        54005,
        "invalid_grant",
        400,
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
        "",
    ),
    (
        9002313,
        "invalid_grant",
        400,
        "Invalid request. Request is malformed or invalid.",
        "bad_token",
    ),
    (
        501481,
        "invalid_grant",
        400,
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        "",
    ),
    (
        9002325,
        "invalid_request",
        400,
        "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
        "",
    ),
    (
        500112,
        "invalid_client",
        400,
        "The reply address '{}' does not match the reply address '{}' provided when requesting Authorization code.",
        "",
    ),
    (
        50011,
        "invalid_request",
        400,
        "The redirect URI '{}' specified in the request does not match the redirect URIs configured for the application '{}'.",
        "",
    ),
    (
        50196,
        "invalid_grant",
        400,
        "The server terminated an operation because it encountered a client request loop. Please contact your app vendor.",
        "",
    ),
    (
        90033,
        "temporarily_unavailable",
        503,
        "A transient error has occurred. Please try again.",
        "",
    ),
    (
        90055,
        "temporarily_unavailable",
        429,
        "The tenant is throttled: too many requests.",
        "",
    ),
    (
        900144,
        "invalid_request",
        400,
        "The request body must contain the following parameter: '{}'.",
        "",
    ),
    (
        900561,
        "invalid_request",
        400,
        "The endpoint only accepts POST requests. Received a {} request.",
        "",
    ),
    (
        70003,
        "unsupported_grant_type",
        400,
        "The app requested an unsupported grant type '{}'.",
        "",
    ),
    (
        70016,
        "authorization_pending",
        400,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        "",
    ),
    (
        70018,
        "bad_verification_code",
        400,
        "Invalid verification code due to user typing in wrong user code for device code flow.",
        "",
    ),
    (
        70019,
        "expired_token",
        400,
        "Verification code expired.",
        "",
    ),
    (
        70020,
        "expired_token",
        400,
        "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
        "",
    ),
];

/// The refusal of a number. A number that is not in the table is still refused, as `invalid_request`.
pub(crate) fn refused(code: u32, particulars: &[&str]) -> Refusal {
    let row = TABLE.iter().find(|r| r.0 == code);
    let (_, error, status, sentence, suberror) =
        row.copied()
            .unwrap_or((code, "invalid_request", 400, "The request was refused.", ""));
    let mut text = String::new();
    let mut particulars = particulars.iter();
    for (n, piece) in sentence.split("{}").enumerate() {
        if n > 0 {
            text.push_str(particulars.next().copied().unwrap_or("…"));
        }
        text.push_str(piece);
    }
    Refusal {
        error,
        status,
        code,
        text,
        suberror: (!suberror.is_empty()).then_some(suberror),
        claims: None,
    }
}

impl Refusal {
    /// A refusal that has an OAuth error but no number.
    pub fn plain(error: &'static str, text: &str) -> Self {
        Self {
            error,
            status: 400,
            code: 0,
            text: text.to_owned(),
            suberror: None,
            claims: None,
        }
    }

    /// The sentence as `error_description` carries it.
    pub fn description(&self, at: Timestamp, trace: &str, correlation: &str) -> String {
        let number = if self.code == 0 {
            String::new()
        } else {
            format!("AADSTS{}: ", self.code)
        };
        format!(
            "{number}{}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {}",
            self.text,
            stamp(at)
        )
    }

    /// The whole answer.
    pub fn answer(&self, at: Timestamp, trace: &str, correlation: Option<&str>) -> Answer {
        let made;
        let correlation = match correlation {
            Some(id) => id,
            None => {
                made = uuid::Uuid::new_v4().to_string();
                &made
            }
        };
        let mut body = Map::new();
        body.insert("error".into(), json!(self.error));
        body.insert(
            "error_description".into(),
            json!(self.description(at, trace, correlation)),
        );
        body.insert(
            "error_codes".into(),
            if self.code == 0 {
                json!([])
            } else {
                json!([self.code])
            },
        );
        body.insert("timestamp".into(), json!(stamp(at)));
        body.insert("trace_id".into(), json!(trace));
        body.insert("correlation_id".into(), json!(correlation));
        if self.code != 0 {
            body.insert(
                "error_uri".into(),
                json!(format!(
                    "https://login.microsoftonline.com/error?code={}",
                    self.code
                )),
            );
        }
        if let Some(suberror) = self.suberror {
            body.insert("suberror".into(), json!(suberror));
        }
        if let Some(claims) = &self.claims {
            body.insert("claims".into(), json!(claims));
        }
        Answer::json(self.status, &Value::Object(body))
    }
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_every_documented_key() {
        let at: Timestamp = "2026-08-20T12:00:00Z".parse().unwrap();
        let answer = refused(7000215, &["app"]).answer(at, "trace", Some("corr"));
        assert_eq!(answer.status, 401);
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["error"], "invalid_client");
        assert_eq!(body["error_codes"], json!([7000215]));
        assert_eq!(body["timestamp"], "2026-08-20 12:00:00Z");
        let text = body["error_description"].as_str().unwrap();
        assert!(
            text.starts_with("AADSTS7000215: Invalid client secret provided."),
            "{text}"
        );
        assert!(text.ends_with("app 'app'.\r\nTrace ID: trace\r\nCorrelation ID: corr\r\nTimestamp: 2026-08-20 12:00:00Z"), "{text}");
        assert_eq!(body["trace_id"], "trace");
    }

    #[test]
    fn numbers_are_unique() {
        for (i, row) in TABLE.iter().enumerate() {
            assert!(TABLE[i + 1..].iter().all(|r| r.0 != row.0), "{}", row.0);
        }
    }
}
