//! The few fields of an X.509 certificate that are asked for: from when, until when, and whose key.

use crate::model::Ticks;

/// What is read of a certificate.
pub struct Read<'a> {
    /// The public key as it stands there (an `RSAPublicKey` where it is RSA).
    pub key: &'a [u8],
    pub from: Ticks,
    pub until: Ticks,
}

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const BITS: u8 = 0x03;
const SET: u8 = 0x31;
/// 2.5.4.10 and 2.5.4.3
const ORGANIZATION: &[u8] = &[0x55, 4, 10];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];

/// Reads a certificate (DER); `None` where it is none.
pub fn certificate(der: &[u8]) -> Option<Read<'_>> {
    let mut outer = Der(der).inside(SEQUENCE)?;
    let mut tbs = outer.inside(SEQUENCE)?;
    if tbs.0.first() == Some(&VERSION) {
        tbs.item()?;
    }
    // serial number, signature, issuer
    for _ in 0..3 {
        tbs.item()?;
    }
    let mut validity = tbs.inside(SEQUENCE)?;
    let (from, until) = (time(validity.item()?)?, time(validity.item()?)?);
    // subject
    tbs.item()?;
    let mut info = tbs.inside(SEQUENCE)?;
    // algorithm
    info.item()?;
    let (BITS, bits) = info.item()? else {
        return None;
    };
    let (0, key) = bits.split_first().map(|(unused, key)| (*unused, key))? else {
        return None;
    };
    Some(Read { key, from, until })
}

/// Who signed a certificate: its organization and common name, fit for the screen.
pub fn issuer(der: &[u8]) -> Option<String> {
    let mut tbs = Der(der).inside(SEQUENCE)?.inside(SEQUENCE)?;
    if tbs.0.first() == Some(&VERSION) {
        tbs.item()?;
    }
    // serial number, signature
    for _ in 0..2 {
        tbs.item()?;
    }
    let mut names = tbs.inside(SEQUENCE)?;
    let mut found = [None, None];
    while let Some((SET, mut set)) = names.item().map(|(tag, c)| (tag, Der(c))) {
        let mut pair = set.inside(SEQUENCE)?;
        let (kind, value) = (pair.item()?.1, pair.item()?.1);
        let at = match kind {
            ORGANIZATION => 0,
            COMMON_NAME => 1,
            _ => continue,
        };
        found[at] = Some(crate::backend::fault::shown(&String::from_utf8_lossy(
            value,
        )));
    }
    let all: Vec<String> = found.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// What is left to read.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next tag and its content.
    fn item(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // more than four bytes of length are no certificate
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = bytes.iter().fold(0_usize, |n, b| n << 8 | usize::from(*b));
                (length, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    fn inside(&mut self, tag: u8) -> Option<Self> {
        let (found, content) = self.item()?;
        (found == tag).then_some(Self(content))
    }
}

/// `UTCTime` (two digits of the year: 1950 to 2049) or `GeneralizedTime`.
fn time((tag, text): (u8, &[u8])) -> Option<Ticks> {
    let text = std::str::from_utf8(text).ok().filter(|t| t.is_ascii())?;
    let (century, rest) = match tag {
        0x17 => (if text.get(..1)? < "5" { "20" } else { "19" }, text),
        0x18 => (text.get(..2)?, text.get(2..)?),
        _ => return None,
    };
    let p = |at: usize| rest.get(at..at + 2);
    if rest.len() != 13 || !rest.ends_with('Z') {
        return None;
    }
    Ticks::parse(&format!(
        "{century}{}-{}-{}T{}:{}:{}Z",
        p(0)?,
        p(2)?,
        p(4)?,
        p(6)?,
        p(8)?,
        p(10)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_of_both_kinds() {
        let at = |tag, text: &str| time((tag, text.as_bytes())).map(Ticks::literal);
        let of = |text: &str| Ticks::parse(text).map(Ticks::literal);
        assert_eq!(at(0x17, "260801120000Z"), of("2026-08-01T12:00:00Z"));
        assert_eq!(at(0x17, "991231235959Z"), of("1999-12-31T23:59:59Z"));
        assert_eq!(at(0x18, "20500101000000Z"), of("2050-01-01T00:00:00Z"));
        for odd in ["", "2608011200Z", "2608011200000", "26080112000é"] {
            assert_eq!(at(0x17, odd), None, "{odd}");
        }
    }

    #[test]
    fn the_issuer_is_read_of_what_others_make() {
        let mut params = rcgen::CertificateParams::new(vec!["x".into()]).unwrap();
        let name = &mut params.distinguished_name;
        name.push(rcgen::DnType::OrganizationName, "Contoso");
        name.push(rcgen::DnType::CommonName, "Proxy CA \u{202e}1");
        let key = rcgen::KeyPair::generate().unwrap();
        let made = params.self_signed(&key).unwrap();
        let told = issuer(made.der()).unwrap();
        assert!(
            told.starts_with("Contoso, Proxy CA ") && !told.contains('\u{202e}'),
            "{told}"
        );
        assert!(certificate(made.der()).is_some());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = certificate(&bytes);
            let _ = issuer(&bytes);
        }
    }
}
