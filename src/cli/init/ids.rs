//! What is pasted: ids have the shape of ids, and a secret is not the id of a secret. A text that may be a secret is never
//! said again.

/// Why a text is not what was asked for; the sentence does not hold the text.
pub type Wrong = String;

fn guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::parse_str(text).is_ok()
}

/// A secret's value has more kinds of characters than any id, or is long.
fn secret_like(text: &str) -> bool {
    text.contains('~') || (text.len() > 36 && !text.contains('.'))
}

/// A tenant: its id or one of its domains.
pub fn tenant(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if guid(text) {
        return Ok(text.to_lowercase());
    }
    let domain = text.contains('.')
        && !text.starts_with(['.', '-'])
        && !text.ends_with('.')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    match (domain, secret_like(text)) {
        (true, _) => Ok(text.to_lowercase()),
        (_, true) => Err("that looks like a secret; the directory (tenant) id is wanted, on the overview of the app registration".into()),
        _ => Err("a directory (tenant) id has the form 11111111-2222-3333-4444-555555555555; a domain of the tenant will do".into()),
    }
}

/// The application's id, which is not the tenant's.
pub fn client(text: &str, tenant: &str) -> Result<String, Wrong> {
    let text = text.trim();
    match (guid(text), text.eq_ignore_ascii_case(tenant)) {
        (true, false) => Ok(text.to_lowercase()),
        (true, true) => Err("that is the tenant's id again; the application (client) id is the other one on the overview".into()),
        (false, _) if secret_like(text) => {
            Err("that looks like a secret; the application (client) id is wanted first".into())
        }
        _ => Err("an application (client) id has the form 11111111-2222-3333-4444-555555555555".into()),
    }
}

/// The value of a secret: never its id, nor one of the other ids.
pub fn secret(text: &str, tenant: &str, client: &str) -> Result<(), Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Err("the secret is empty".into());
    }
    if text.eq_ignore_ascii_case(tenant) || text.eq_ignore_ascii_case(client) {
        return Err("that is an id; the value of a secret is wanted".into());
    }
    if guid(text) {
        return Err("that is the id of a secret; its value stands in the column beside it and is shown only once: make a new one if it is gone".into());
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) || !text.is_ascii() {
        return Err("there are characters in it that no secret has; copy the value alone".into());
    }
    Ok(())
}

/// A name of ours for a tenant: a short word, so that it fits where it must be read.
pub fn name(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || text.len() > 32 || !text.chars().all(good) {
        return Err("letters, digits, - and _, at most 32 of them".into());
    }
    match text {
        "demo" | "environment" => Err(format!("`{text}` is taken: another name")),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: &str = "11111111-2222-3333-4444-555555555555";
    const C: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    const S: &str = "abC8Q~d3f.GhiJkLmNoPqRsTuVwXyZ0123456789";

    /// S0-31, S2-20, S4-18: the shape of each is looked at as it is typed.
    #[test]
    fn ids_and_secrets_that_were_swapped_are_told_apart() {
        assert_eq!(tenant(&format!(" {T} ")).unwrap(), T);
        assert_eq!(tenant("Contoso.com").unwrap(), "contoso.com");
        assert!(tenant("contoso").is_err() && tenant("a b.c").is_err());
        assert_eq!(client(&C.to_uppercase(), T).unwrap(), C);
        assert!(client(T, T).unwrap_err().contains("tenant's id again"));
        for wrong in [tenant(S).unwrap_err(), client(S, T).unwrap_err()] {
            assert!(
                wrong.contains("looks like a secret") && !wrong.contains(S),
                "{wrong}"
            );
        }
        assert!(secret(S, T, C).is_ok());
        assert!(
            secret("3b2f2e2a-0000-4444-8888-123456789abc", T, C)
                .unwrap_err()
                .contains("id of a secret")
        );
        assert!(secret(C, T, C).unwrap_err().contains("that is an id"));
        assert!(secret("", T, C).is_err() && secret("a b", T, C).is_err());
    }

    #[test]
    fn names_are_short_words() {
        assert_eq!(name(" contoso-prod ").unwrap(), "contoso-prod");
        for wrong in ["", "demo", "a/b", "a,b", "ä", &"x".repeat(33)] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }
}
