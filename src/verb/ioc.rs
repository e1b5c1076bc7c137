//! Values worth an indicator, found in pasted text: addresses, names, URLs and hashes, also where somebody made them
//! harmless (`hxxps://evil[.]example`). What is left out is told, so that nothing goes missing unseen.

use crate::resource::evidence::host_of;
use crate::resource::find::refang;
use std::net::IpAddr;
use table::Text;

/// A value and the service's name for its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ioc {
    pub value: Text,
    /// `indicatorType`.
    pub kind: &'static str,
}

/// What a text held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Each value once, in the order they came.
    pub iocs: Vec<Ioc>,
    /// Words that look like a value but cannot be one: ranges, mail addresses, file names.
    pub left: Vec<Text>,
}

/// Endings of file names that are no domains in anybody's list; some are top-level domains all the same, and count as such
/// only where the text made them harmless.
const FILES: &[&str] = &[
    "exe", "dll", "sys", "ps1", "bat", "cmd", "vbs", "js", "jse", "hta", "lnk", "iso", "img",
    "zip", "rar", "gz", "doc", "docx", "docm", "xls", "xlsx", "xlsm", "ppt", "pptx", "pdf", "txt",
    "log", "csv", "json", "xml", "html", "htm", "png", "jpg", "jpeg", "gif", "msi", "tmp", "dat",
    "bin", "py", "sh", "rs", "md",
];

/// The kind of one exact value; none = the service has no indicator for it.
pub fn kind(value: &str) -> Option<&'static str> {
    if value.parse::<IpAddr>().is_ok() {
        return Some("IpAddress");
    }
    if value.bytes().all(|b| b.is_ascii_hexdigit()) {
        match value.len() {
            32 => return Some("FileMd5"),
            40 => return Some("FileSha1"),
            64 => return Some("FileSha256"),
            _ => {}
        }
    }
    if let Some((scheme, _)) = value.split_once("://") {
        let known = ["http", "https", "ftp"]
            .iter()
            .any(|s| scheme.eq_ignore_ascii_case(s));
        return (known && host_of(value).is_some()).then_some("Url");
    }
    is_domain(value).then_some("DomainName")
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let label = |l: &&str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    labels.len() >= 2
        && text.len() <= 253
        && labels.iter().all(label)
        && labels.last().is_some_and(|tld| {
            tld.len() >= 2 && tld.chars().all(|c| c.is_alphabetic() || c == '-')
                || tld.starts_with("xn--")
        })
}

/// Every value in a text.
pub fn extract(text: &str) -> Found {
    let mut out = Found::default();
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '|' | ';' | '"' | '`'))
    {
        // a comma is part of a URL's query more often than it parts two URLs
        let whole = word.contains("://") || word.contains("[:");
        let parts: Vec<&str> = if whole {
            vec![word]
        } else {
            word.split(',').collect()
        };
        for part in parts {
            one(part, &mut out);
        }
    }
    out
}

fn one(word: &str, out: &mut Found) {
    let clean = refang(word);
    let ends = |c: char| {
        matches!(
            c,
            '.' | ',' | ':' | ')' | ']' | '}' | '>' | '\'' | '!' | '?'
        )
    };
    let begins = |c: char| matches!(c, '(' | '[' | '{' | '<' | '\'' | '=');
    // `sha1=…`, `ip=…`: what stands behind counts; a URL may have such signs itself
    let bare = match clean.contains("://") {
        true => clean.as_str(),
        false => clean.rsplit('=').next().unwrap_or_default(),
    };
    let mut value = bare
        .trim_end_matches(ends)
        .trim_start_matches(begins)
        .to_owned();
    // an address with a port, in brackets where it is a long one
    let port = bare.trim_end_matches(['.', ',', ')']);
    if let Ok(at_port) = port.parse::<std::net::SocketAddr>() {
        value = at_port.ip().to_string();
    }
    let defanged = word.contains(['[', '{', '(']) || word.to_ascii_lowercase().contains("hxxp");
    let Some(kind) = kind(&value) else {
        if is_near(&value) {
            leave(out, &value);
        }
        return;
    };
    if kind == "DomainName" && !defanged {
        let tail = value
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if FILES.contains(&tail.as_str()) {
            return leave(out, &value);
        }
    }
    // hosts, hashes and addresses are the same in any case; the path of a URL is not
    if kind != "Url" {
        value = value.to_lowercase();
    }
    let value = Text::from(value);
    if !out.iocs.iter().any(|i| i.value == value) {
        out.iocs.push(Ioc { value, kind });
    }
}

/// Looks like a value: a range of addresses, a mail address.
fn is_near(text: &str) -> bool {
    let range = text
        .split_once('/')
        .is_some_and(|(ip, n)| ip.parse::<IpAddr>().is_ok() && n.parse::<u8>().is_ok());
    range || crate::resource::find::is_mail(text)
}

fn leave(out: &mut Found, text: &str) {
    let text = Text::from(text);
    if !out.left.contains(&text) {
        out.left.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<(String, &'static str)> {
        let iocs = extract(text).iocs.into_iter();
        iocs.map(|i| (i.value.txt().exact().to_owned(), i.kind))
            .collect()
    }

    #[test]
    fn values_are_found_however_they_were_made_harmless() {
        let sha1 = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";
        for (text, value, kind) in [
            (
                "see hxxps://Evil[.]example/a?B=c,d.",
                "https://Evil.example/a?B=c,d",
                "Url",
            ),
            ("evil[.]example", "evil.example", "DomainName"),
            ("evil(dot)example,", "evil.example", "DomainName"),
            ("C2: 203.0.113[.]9:8443", "203.0.113.9", "IpAddress"),
            ("[2001:db8::1]:443", "2001:db8::1", "IpAddress"),
            (
                "SHA1=87662BC3D60E4200CEAF7AAE249D1C343F4B83C9",
                sha1,
                "FileSha1",
            ),
            (sha1, sha1, "FileSha1"),
            (
                "xn--bcher-kva.example",
                "xn--bcher-kva.example",
                "DomainName",
            ),
            ("evil[.]zip", "evil.zip", "DomainName"),
        ] {
            assert_eq!(found(text), [(value.to_owned(), kind)], "{text}");
        }
        let pasted = "Block hxxps://evil[.]example/pay, evil[.]example; 203[.]0[.]113[.]7 and (see evil.example).";
        let values: Vec<String> = found(pasted).into_iter().map(|(v, _)| v).collect();
        assert_eq!(
            values,
            ["https://evil.example/pay", "evil.example", "203.0.113.7"]
        );
        assert_eq!(
            found("a.example\na.example, A.EXAMPLE").len(),
            1,
            "each once"
        );
    }

    #[test]
    fn what_is_no_value_is_left_out_and_what_is_near_is_told() {
        let found =
            extract("run setup.exe from 10.0.0.0/8 by ana@contoso.com at 12:30, v1.2.3 e.g. i.e");
        assert!(
            found.iocs.iter().all(|i| i.kind == "DomainName"),
            "{found:?}"
        );
        let left: Vec<&str> = found.left.iter().map(|t| t.txt().exact()).collect();
        assert_eq!(left, ["setup.exe", "10.0.0.0/8", "ana@contoso.com"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_and_what_was_found_is_found_again(text in "\\PC{0,80}") {
            for ioc in extract(&text).iocs {
                prop_assert_eq!(kind(ioc.value.txt().exact()), Some(ioc.kind));
            }
        }

        #[test]
        fn a_list_made_harmless_comes_out_whole(names in prop::collection::vec("[a-z]{3,8}\\.(example|test)", 1..20)) {
            let harmless: Vec<String> = names.iter().map(|n| n.replace('.', "[.]")).collect();
            let mut wanted: Vec<String> = Vec::new();
            for name in names {
                if !wanted.contains(&name) {
                    wanted.push(name);
                }
            }
            let got: Vec<String> = found(&harmless.join("\n")).into_iter().map(|(v, _)| v).collect();
            prop_assert_eq!(got, wanted);
        }
    }
}
