//! The service's own error codes, with the statuses they come with. Where no status was seen, it is assumed.

use serde_json::json;

use crate::wire::answer::Answer;

/// A refusal.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

/// Code, status, text with `{}` where what was asked for goes.
const CODES: [(&str, u16, &str); 26] = [
    (
        "AF10001",
        403,
        "The permission set ({}) sent in the request did not include the expected permission.",
    ),
    ("AF20001", 400, "Missing parameter: {}."),
    (
        "AF20002",
        400,
        "Invalid parameter type: {}. Expected type: {}.",
    ),
    (
        "AF20003",
        400,
        "Expiration {} provided is set to past date and time.",
    ),
    (
        "AF20010",
        400,
        "The tenant ID passed in the URL ({}) does not match the tenant ID passed in the access token.",
    ),
    ("AF20011", 400, "Tenant {} does not exist."),
    (
        "AF20012",
        400,
        "Specified tenant ID ({}) is incorrectly configured in the system.",
    ),
    (
        "AF20013",
        400,
        "The tenant ID passed in the URL ({}) is not a valid GUID.",
    ),
    ("AF20020", 400, "The specified content type is not valid."),
    (
        "AF20021",
        400,
        "The webhook endpoint ({}) could not be validated. The remote name could not be resolved.",
    ),
    (
        "AF20022",
        400,
        "No subscription found for the specified content type.",
    ),
    ("AF20023", 400, "The subscription was disabled by {}."),
    (
        "AF20024",
        400,
        "The subscription is already enabled. No property change.",
    ),
    (
        "AF20030",
        400,
        "Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time no more than 7 days in the past.",
    ),
    ("AF20031", 400, "Invalid nextPage Input: {}."),
    ("AF20050", 404, "The specified content ({}) does not exist."),
    (
        "AF20051",
        404,
        "Content requested with the key {} has already expired. Content older than 7 days cannot be retrieved.",
    ),
    ("AF20052", 404, "Content ID {} in the URL is invalid."),
    (
        "AF20053",
        400,
        "Only one language may be present in the Accept-Language header.",
    ),
    ("AF20054", 400, "Invalid syntax in Accept-Language header."),
    (
        "AF20055",
        400,
        "Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time prior to end time and start time no more than 7 days in the past.",
    ),
    (
        "AF429",
        403,
        "Too many requests. Method={}, PublisherId={}.",
    ),
    (
        "AF50000",
        500,
        "An internal error occurred. Retry the request.",
    ),
    (
        "AF50005-2000",
        503,
        "Content service is currently unavailable. Please retry your request.",
    ),
    ("AF404", 404, "The requested resource does not exist."),
    (
        "AF405",
        405,
        "The requested resource does not support http method '{}'.",
    ),
];

/// The refusal of a code.
pub(super) fn refused(code: &str, what: &str) -> Refusal {
    let (code, status, text) = CODES
        .iter()
        .find(|(c, ..)| c.eq_ignore_ascii_case(code))
        .unwrap_or(&CODES[22]);
    Refusal {
        status: *status,
        code,
        message: text.replace("{}", what),
    }
}

impl Refusal {
    pub fn answer(&self) -> Answer {
        Answer::json(
            self.status,
            &json!({"error": {"code": self.code, "message": self.message}}),
        )
    }
}

/// A refusal that a scenario asks for: by its code, or by the status that comes closest to one of the service's own.
pub(crate) fn refuse(status: u16, code: &str) -> Answer {
    let known = CODES.iter().any(|(c, ..)| c.eq_ignore_ascii_case(code));
    let refusal = match (known, code, status) {
        (true, ..) => refused(code, "another administrator"),
        // throttled calls come as 403
        (_, "TooManyRequests", _) | (_, _, 429) => refused("AF429", "GET"),
        (_, _, 503) => refused("AF50005-2000", ""),
        _ => refused("AF50000", ""),
    };
    let kept = matches!(refusal.code, "AF50000" | "AF50005-2000");
    let mut answer = refusal.answer();
    if kept {
        answer.status = status;
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_gets_the_services_own_words() {
        for (status, code, wanted, said) in [
            (429, "", 403, "AF429"),
            (429, "TooManyRequests", 403, "AF429"),
            (400, "AF20023", 400, "AF20023"),
            (502, "", 502, "AF50000"),
            (503, "", 503, "AF50005-2000"),
        ] {
            let answer = refuse(status, code);
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(
                (answer.status, body["error"]["code"].as_str()),
                (wanted, Some(said))
            );
        }
    }
}
