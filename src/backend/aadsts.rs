//! What Entra's error codes mean for a person: one sentence and one next step each.
//!
//! What the program does is decided on the answer's `error` word; codes only choose the words, since they change.

use crate::model::FaultKind;

/// One meaning, with every code that has it.
pub struct Row {
    pub codes: &'static [u32],
    pub kind: FaultKind,
    pub what: &'static str,
    pub next: &'static str,
    /// The way of signing in that may work where this one does not; empty where none is likelier.
    pub instead: &'static str,
}

impl Row {
    const fn or(self, instead: &'static str) -> Self {
        Self { instead, ..self }
    }

    /// What to do, for someone who signs in this way.
    pub fn step(&self, way: &str) -> String {
        match self.instead {
            "" => self.next.to_owned(),
            instead if instead == way => self.next.to_owned(),
            instead => format!("{}; or `sign-in = \"{instead}\"`", self.next),
        }
    }
}

const fn row(
    codes: &'static [u32],
    kind: FaultKind,
    what: &'static str,
    next: &'static str,
) -> Row {
    Row {
        codes,
        kind,
        what,
        next,
        instead: "",
    }
}

use FaultKind::{Clock, Forbidden, Licence, SignIn, Throttled};

/// All the codes we know, in the order of the documents.
#[rustfmt::skip]
pub static ROWS: &[Row] = &[
    row(&[700016], SignIn, "the application id is not known in this tenant", "check `client-id` and `tenant-id`, or have the application consented to in this tenant"),
    row(&[7000215], SignIn, "the client secret is wrong", "store the secret's value; its id is often pasted instead").or("certificate"),
    row(&[7000222], SignIn, "the client secret has expired", "make a new secret for the application and store its value").or("certificate"),
    row(&[700027], SignIn, "the certificate is not registered with the application", "upload the certificate to the application").or("secret"),
    row(&[700021, 700023, 50027], SignIn, "the sign-in assertion was not made for this application and tenant", "check `client-id`, `tenant-id` and `cloud`").or("secret"),
    row(&[700024], Clock, "the sign-in assertion is outside of its time window", "set this computer's clock").or("secret"),
    row(&[1000502], SignIn, "the certificate has expired", "register a new certificate with the application").or("secret"),
    row(&[700211, 700213, 70021], SignIn, "the application has no federated credential with this issuer and subject", "compare issuer, subject and audience with the application's federated credentials").or("certificate"),
    row(&[7000218], SignIn, "the application does not allow sign-in without a secret", "allow public client flows in the application's authentication settings").or("certificate"),
    row(&[7000112], SignIn, "the application is disabled in this tenant", "ask an administrator to enable the enterprise application"),
    row(&[90002, 900023], SignIn, "the tenant was not found", "check `tenant-id` and `cloud`"),
    row(&[50194], SignIn, "the application is for one tenant only and was used on a shared sign-in page", "set `tenant-id` to the tenant's own id"),
    row(&[500011, 650052], Licence, "this API is not set up in the tenant: never onboarded, or not licensed", "onboard the product, or work without it"),
    row(&[70011, 1002012, 28002], SignIn, "the scope is not valid", "check `cloud`; scopes come from it"),
    row(&[65001, 650056, 90094], Forbidden, "nobody has consented to what the application asks for", "ask an administrator to grant consent to the application"),
    row(&[65004], SignIn, "the consent was declined", "sign in again and accept, or ask an administrator to consent"),
    row(&[50076], SignIn, "this sign-in needs a second factor", "sign in again and complete it").or("browser"),
    row(&[50079], SignIn, "this account must be enrolled for a second factor first", "enrol at https://aka.ms/mfasetup and sign in again").or("browser"),
    row(&[50074], SignIn, "this sign-in needs stronger authentication", "sign in again in the browser").or("browser"),
    row(&[50158], SignIn, "a further check outside of Entra was not passed", "sign in again in the browser").or("browser"),
    row(&[50058], SignIn, "nobody is signed in", "sign in").or("device-code"),
    row(&[50105], Forbidden, "this account is not assigned to the application", "ask an administrator to assign you to the enterprise application"),
    row(&[50034], SignIn, "the account is not known in this tenant", "check the account and `tenant-id`"),
    row(&[50020], SignIn, "the account is of another tenant and is no guest here", "sign in with an account of this tenant, or be invited"),
    row(&[50053], SignIn, "the account is locked", "wait, or ask an administrator"),
    row(&[50055], SignIn, "the password has expired", "change the password and sign in again"),
    row(&[50057], SignIn, "the account is disabled", "ask an administrator"),
    row(&[50126], SignIn, "user name or password is wrong", "sign in again"),
    row(&[53000, 530003], SignIn, "Conditional Access wants a managed and compliant device", "sign in from such a device").or("browser"),
    row(&[53001], SignIn, "Conditional Access wants a joined device", "sign in from a device joined to the organization").or("browser"),
    row(&[53003, 530036], SignIn, "Conditional Access blocks this sign-in", "sign in from where the policy allows it, or ask an administrator").or("browser"),
    row(&[70043], SignIn, "the session is older than the tenant's sign-in frequency allows", "sign in again"),
    row(&[700082], SignIn, "the session was not used for too long", "sign in again"),
    row(&[50173], SignIn, "the session was ended: password changed or sessions revoked", "sign in again"),
    row(&[70008], SignIn, "the code or the session has expired", "sign in again"),
    row(&[54005], SignIn, "the code was used before", "sign in again"),
    row(&[70016], SignIn, "the sign-in is not finished yet", "finish it on the other device"),
    row(&[70018], SignIn, "the code was not accepted", "ask for a new code"),
    row(&[70019, 70020], SignIn, "the code has expired", "ask for a new code"),
    row(&[50196], SignIn, "Entra stopped this program because it asked again and again", "wait some minutes before signing in again"),
    row(&[90033, 90055], Throttled, "Entra is busy", "it is tried again by itself"),
];

/// The meaning of the first code we know.
pub fn meaning(codes: &[u32]) -> Option<(&'static Row, u32)> {
    codes.iter().find_map(|code| {
        ROWS.iter()
            .find(|r| r.codes.contains(code))
            .map(|r| (r, *code))
    })
}

/// The `AADSTS` number at the beginning of a description, for answers without a list of codes.
pub fn code_of(description: &str) -> Option<u32> {
    let at = description.find("AADSTS")?;
    let digits: String = description[at + 6..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

/// The codes that the contract lists, device code's own last.
#[cfg(test)]
#[rustfmt::skip]
pub const DOCUMENT: &[u32] = &[
    700016, 7000215, 7000222, 700027, 700024, 1000502, 700211, 700213, 70021, 7000218, 7000112, 90002, 900023, 50194, 500011, 650052,
    70011, 1002012, 28002, 65001, 650056, 90094, 65004, 50076, 50079, 50074, 50158, 50058, 50105, 50034, 50020, 50053, 50055, 50057,
    50126, 53000, 53001, 530003, 53003, 70043, 700082, 50173, 70008, 54005, 50196, 90033, 90055, 70016, 70018, 70019, 70020, 530036,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_meaning_and_every_meaning_a_next_step() {
        let mut seen = std::collections::HashSet::new();
        for row in ROWS {
            assert!(!row.what.is_empty() && !row.next.is_empty());
            assert!(!row.what.ends_with('.'), "{}", row.what);
            for code in row.codes {
                assert!(seen.insert(code), "{code} twice");
            }
        }
    }

    /// S0-32: every code of `graph.md` 24, in its order.
    #[test]
    fn every_code_of_the_document_has_a_row_and_the_way_that_is_offered_exists() {
        for code in DOCUMENT {
            assert!(meaning(&[*code]).is_some(), "{code}");
        }
        for row in ROWS {
            assert!(
                row.instead.is_empty() || crate::config::sign_in::WAYS.contains(&row.instead),
                "{}",
                row.instead
            );
        }
        let (row, _) = meaning(&[53003]).unwrap();
        assert!(
            row.step("device-code")
                .ends_with("or `sign-in = \"browser\"`")
        );
        assert_eq!(row.step("browser"), row.next, "not what failed just now");
    }

    #[test]
    fn codes_are_found_in_descriptions() {
        assert_eq!(
            code_of("AADSTS7000215: Invalid client secret provided.\r\nTrace ID: x"),
            Some(7_000_215)
        );
        assert_eq!(code_of("no code"), None);
        assert!(meaning(&[1, 50057]).is_some_and(|(_, c)| c == 50057));
    }
}
