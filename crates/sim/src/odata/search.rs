//! The directory's `$search`: `"displayName:ann" OR "mail:ann"`, tokenised on names and descriptions, a prefix elsewhere.

/// A parsed `$search`: alternatives of terms that must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search(Vec<Vec<Term>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    property: String,
    value: String,
}

impl Search {
    /// Reads it; `properties` are those that can be searched. The error is the service's sentence.
    pub fn parse(text: &str, properties: &[&str]) -> Result<Self, String> {
        let bad = || {
            format!(
                "Syntax error: character '{}' is not valid at position 0 in '{text}'.",
                text.chars().next().unwrap_or(' ')
            )
        };
        let mut any = vec![Vec::new()];
        let mut rest = text.trim();
        loop {
            let inner = rest.strip_prefix('"').ok_or_else(bad)?;
            let (clause, after) = closing(inner).ok_or_else(bad)?;
            let (property, value) = clause.split_once(':').ok_or_else(bad)?;
            if !properties.iter().any(|p| p.eq_ignore_ascii_case(property)) {
                return Err(format!("Property '{property}' is not searchable."));
            }
            let term = Term {
                property: property.to_owned(),
                value: value.replace("\\\"", "\"").to_lowercase(),
            };
            if let Some(all) = any.last_mut() {
                all.push(term);
            }
            rest = after.trim_start();
            if rest.is_empty() {
                return Ok(Self(any));
            }
            if let Some(next) = rest.strip_prefix("OR ") {
                any.push(Vec::new());
                rest = next.trim_start();
            } else if let Some(next) = rest.strip_prefix("AND ") {
                rest = next.trim_start();
            } else {
                return Err(bad());
            }
        }
    }

    /// Does a row match? `value` gives the row's text of a property.
    pub fn matches<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().any(|all| {
            all.iter().all(|term| {
                value(&term.property).is_some_and(|text| holds(&term.property, text, &term.value))
            })
        })
    }
}

/// Up to the next quote that is not escaped.
fn closing(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return Some((&text[..at], &text[at + 1..])),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn holds(property: &str, text: &str, wanted: &str) -> bool {
    let text = text.to_lowercase();
    let tokenised = property.eq_ignore_ascii_case("displayName")
        || property.eq_ignore_ascii_case("description");
    if !tokenised {
        return text.starts_with(wanted);
    }
    let tokens: Vec<&str> = words(&text).collect();
    let mut wanted = words(wanted).peekable();
    wanted.peek().is_some() && wanted.all(|w| tokens.iter().any(|t| t.starts_with(w)))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROPERTIES: &[&str] = &["displayName", "mail"];

    fn finds(search: &str) -> bool {
        Search::parse(search, PROPERTIES).unwrap().matches(|p| {
            if p == "mail" {
                Some("ana.novak@contoso.com")
            } else {
                Some("Ana-Maria Novák")
            }
        })
    }

    #[test]
    fn names_by_the_start_of_a_word_others_by_the_start() {
        assert!(finds("\"displayName:mar\""));
        assert!(finds("\"displayName:nov ana\""));
        assert!(!finds("\"displayName:aria\""));
        assert!(finds("\"mail:ana.n\""));
        assert!(!finds("\"mail:novak\""));
        assert!(finds("\"displayName:zz\" OR \"mail:ana\""));
        assert!(!finds("\"displayName:zz\" AND \"mail:ana\""));
    }

    #[test]
    fn what_is_not_quoted_or_not_searchable_is_refused() {
        for text in [
            "displayName:ann",
            "\"displayName\"",
            "\"jobTitle:x\"",
            "\"mail:x",
            "\"mail:x\" \"mail:y\"",
        ] {
            assert!(Search::parse(text, PROPERTIES).is_err(), "{text}");
        }
    }
}
