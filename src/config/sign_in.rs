//! How a tenant's table says to sign in: the way, what it needs, and a credential of its own for writes.
//!
//! Neighbours: `tenant` has the types, `load` reads the rest of the table, `backend::signin` does it.

use super::load::nearest;
use super::tenant::{Access, Identity, Proxy, SecretSource, SignIn, Writer};
use crate::model::Ticks;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use toml::{Table, Value};
use url::{Host, Url};

/// Every way, in the order in which help lists them.
pub const WAYS: &[&str] = &[
    "secret",
    "certificate",
    "workload-identity",
    "managed-identity",
    "azure-cli",
    "device-code",
    "browser",
];

/// Keys that belong to one way each, and that way.
pub const BELONGS: &[(&str, &str)] = &[
    ("secret-env", "secret"),
    ("secret-file", "secret"),
    ("secret-command", "secret"),
    ("certificate-file", "certificate"),
    ("token-file", "workload-identity"),
    ("identity-endpoint", "managed-identity"),
    ("az", "azure-cli"),
];

/// What `[tenant.NAME.write]` takes.
const WRITE: &[&str] = &[
    "client-id",
    "sign-in",
    "secret-env",
    "secret-file",
    "secret-command",
    "certificate-file",
    "token-file",
    "identity-endpoint",
    "idle-minutes",
];

/// Without a write for so long a credential for writes is dropped, unless the file says otherwise.
const IDLE_MINUTES: u16 = 15;

/// What the table says.
#[derive(Debug)]
pub struct Said {
    /// Empty where the way of signing in has its own.
    pub client_id: String,
    pub sign_in: SignIn,
    pub access: Access,
}

/// Reads a tenant's table. `sim`: the other side is the simulator.
pub fn read(t: &Table, sim: bool) -> Result<Said, String> {
    let sign_in = way(t, sim)?;
    let own = matches!(sign_in, SignIn::ManagedIdentity(_) | SignIn::AzureCli(_));
    let client_id = client_id(t, own)?;
    let mut access = Access {
        proxy: proxy(t)?,
        secret_expires: day(t, "secret-expires")?,
        ..Access::default()
    };
    if flag(t, "keep-session")? {
        if !sign_in.needs_person() {
            return Err(
                "`keep-session` is for device-code and browser: the others keep nothing".into(),
            );
        }
        access.session_file = Some(PathBuf::new());
    }
    match t.get("write") {
        None => {}
        Some(Value::Table(w)) => {
            let writer = writer(w, sim).map_err(|why| format!("write: {why}"))?;
            access.write = Some(Arc::new(writer));
        }
        Some(_) => return Err("`write` must be a table: [tenant.NAME.write]".into()),
    }
    Ok(Said {
        client_id,
        sign_in,
        access,
    })
}

fn writer(t: &Table, sim: bool) -> Result<Writer, String> {
    if let Some(odd) = t.keys().find(|k| !WRITE.contains(&k.as_str())) {
        let hint =
            nearest(odd, WRITE).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        return Err(format!("there is no `{odd}`{hint}"));
    }
    let sign_in = way(t, sim)?;
    if sign_in.needs_person() || matches!(sign_in, SignIn::AzureCli(_)) {
        return Err("it signs in as an application: give it a secret, a certificate, or a workload or managed identity".into());
    }
    let idle = match t.get("idle-minutes") {
        None => IDLE_MINUTES,
        Some(v) => v
            .as_integer()
            .and_then(|n| u16::try_from(n).ok())
            .filter(|n| (1..=240).contains(n))
            .ok_or("`idle-minutes` must be between 1 and 240")?,
    };
    Ok(Writer {
        // who writes stands in each prompt, before any token of it says so
        client_id: client_id(t, false)?,
        sign_in,
        idle: Duration::from_secs(60 * u64::from(idle)),
    })
}

fn client_id(t: &Table, own: bool) -> Result<String, String> {
    match text(t, "client-id")? {
        Some(id) if uuid::Uuid::parse_str(&id).is_ok() => Ok(id),
        Some(_) => Err("`client-id` is not a GUID".into()),
        None if own => Ok(String::new()),
        None => Err("`client-id` is missing".into()),
    }
}

fn way(t: &Table, sim: bool) -> Result<SignIn, String> {
    let source = secret(t)?;
    let certificate = text(t, "certificate-file")?;
    let asked = text(t, "sign-in")?;
    let way = match asked.as_deref() {
        Some(way) if WAYS.contains(&way) => way,
        Some(other) => {
            let hint =
                nearest(other, WAYS).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
            return Err(format!(
                "`sign-in` is `{other}`, not one of {}{hint}",
                WAYS.join(", ")
            ));
        }
        None if source.is_some() => "secret",
        None if certificate.is_some() => "certificate",
        None => "device-code",
    };
    let stray = BELONGS
        .iter()
        .find(|(key, of)| *of != way && t.contains_key(*key));
    if let Some((key, of)) = stray {
        return Err(match *of {
            "secret" if matches!(way, "device-code" | "browser") => format!(
                "`sign-in = \"{way}\"` takes no secret: remove it, or sign in with \"secret\""
            ),
            _ => format!(
                "`{key}` is for `sign-in = \"{of}\"`, and this is \"{way}\": remove one of them"
            ),
        });
    }
    Ok(match way {
        "secret" => SignIn::Secret(
            source
                .ok_or("`sign-in = \"secret\"` needs secret-env, secret-file or secret-command")?,
        ),
        "certificate" => SignIn::Certificate(absolute(
            "certificate-file",
            certificate.ok_or("`sign-in = \"certificate\"` needs `certificate-file`")?,
        )?),
        "workload-identity" => {
            let file = text(t, "token-file")?;
            let file = file.map(|f| absolute("token-file", f)).transpose()?;
            // a real token must not be shown to a simulator because a variable happens to be set
            if sim && file.is_none() {
                return Err("a simulated tenant needs a `token-file` of its own".into());
            }
            SignIn::WorkloadIdentity(file)
        }
        "managed-identity" => {
            let endpoint = text(t, "identity-endpoint")?;
            let endpoint = endpoint.map(|e| near(&e)).transpose()?;
            if sim && endpoint.is_none() {
                return Err("a simulated tenant needs an `identity-endpoint` of its own".into());
            }
            SignIn::ManagedIdentity(Identity {
                endpoint,
                header: None,
            })
        }
        "azure-cli" => {
            let az = text(t, "az")?.map(|p| absolute("az", p)).transpose()?;
            if sim && az.is_none() {
                return Err("a simulated tenant needs an `az` of its own".into());
            }
            SignIn::AzureCli(az)
        }
        "browser" => SignIn::Browser,
        _ => SignIn::DeviceCode,
    })
}

fn secret(t: &Table) -> Result<Option<SecretSource>, String> {
    let mut sources = Vec::new();
    if let Some(var) = text(t, "secret-env")? {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !var.chars().all(good) || var.starts_with(|c: char| c.is_ascii_digit()) {
            // it may be the secret itself, which is not said again
            return Err("`secret-env` is the name of a variable, of letters, digits and _; the secret itself does not belong into this file".into());
        }
        sources.push(SecretSource::Env(var));
    }
    if let Some(path) = text(t, "secret-file")? {
        sources.push(SecretSource::File(absolute("secret-file", path)?));
    }
    match t.get("secret-command") {
        None => {}
        Some(Value::Array(words))
            if !words.is_empty() && words.iter().all(|w| w.as_str().is_some()) =>
        {
            let words = words.iter().filter_map(|w| w.as_str().map(str::to_owned));
            sources.push(SecretSource::Command(words.collect()));
        }
        Some(_) => {
            return Err("`secret-command` must be a list of words, the program first".into());
        }
    }
    if sources.len() > 1 {
        return Err(
            "more than one secret: keep one of secret-env, secret-file, secret-command".into(),
        );
    }
    Ok(sources.pop())
}

/// The machine's own identity is asked for on the machine: a loopback or link-local address.
fn near(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("`identity-endpoint` is no address: {e}"))?;
    let local = match url.host() {
        Some(Host::Ipv4(a)) => a.is_loopback() || a.is_link_local(),
        Some(Host::Ipv6(a)) => a.is_loopback(),
        _ => false,
    };
    if !local || !url.username().is_empty() || url.password().is_some() {
        return Err(
            "`identity-endpoint` must be a loopback or link-local address, as 127.0.0.1 or 169.254.169.254".into(),
        );
    }
    Ok(url)
}

fn proxy(t: &Table) -> Result<Option<Proxy>, String> {
    let password_file = match text(t, "proxy-password-file")? {
        Some(path) => Some(absolute("proxy-password-file", path)?),
        None => None,
    };
    let Some(said) = text(t, "proxy")? else {
        return match password_file {
            None => Ok(None),
            Some(_) => Err("`proxy-password-file` is for `proxy`, which is not set".into()),
        };
    };
    let url = Url::parse(&said).map_err(|e| format!("`proxy` is no address: {e}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("`proxy` must not hold a password: put USER:PASSWORD into a file of yours alone and name it in `proxy-password-file`, or set the variable https_proxy".into());
    }
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("`proxy` must be http://HOST:PORT or https://HOST:PORT".into());
    }
    Ok(Some(Proxy { url, password_file }))
}

fn absolute(key: &str, path: String) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    match path.is_absolute() {
        true => Ok(path),
        false => Err(format!(
            "`{key}` must be an absolute path: nothing is read from the current folder"
        )),
    }
}

fn text(t: &Table, key: &str) -> Result<Option<String>, String> {
    match t.get(key) {
        None => Ok(None),
        Some(Value::String(s)) if !s.trim().is_empty() => Ok(Some(s.trim().to_owned())),
        Some(_) => Err(format!("`{key}` must be text")),
    }
}

fn flag(t: &Table, key: &str) -> Result<bool, String> {
    match t.get(key) {
        None => Ok(false),
        Some(Value::Boolean(b)) => Ok(*b),
        Some(_) => Err(format!("`{key}` must be true or false")),
    }
}

/// A day as the portal shows it, written with or without quotes; it ends at midnight UTC.
fn day(t: &Table, key: &str) -> Result<Option<Ticks>, String> {
    let said = match t.get(key) {
        None => return Ok(None),
        Some(Value::String(s)) => s.trim().to_owned(),
        Some(Value::Datetime(d)) => d.to_string(),
        Some(_) => String::new(),
    };
    let full = match said.len() {
        10 => format!("{said}T00:00:00Z"),
        _ => said,
    };
    Ticks::parse(&full)
        .map(Some)
        .ok_or_else(|| format!("`{key}` must be a day, as 2027-03-31"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "client-id='aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'\n";

    fn said(text: &str) -> Result<Said, String> {
        read(&format!("{ID}{text}").parse().unwrap(), false)
    }

    #[test]
    fn every_way_of_the_list_can_be_said_and_is_called_what_it_was_called() {
        for (way, needs) in [
            ("secret", "secret-env='S'"),
            ("certificate", "certificate-file='/k.pem'"),
            ("workload-identity", ""),
            (
                "managed-identity",
                "identity-endpoint='http://127.0.0.1:41000/msi/token'",
            ),
            ("azure-cli", "az='/usr/bin/az'"),
            ("device-code", "keep-session=true"),
            ("browser", ""),
        ] {
            let got = said(&format!("sign-in='{way}'\n{needs}")).unwrap();
            assert_eq!(got.sign_in.word(), way);
        }
        assert_eq!(WAYS.len(), 7);
        // without the word, what is there tells
        assert_eq!(
            said("certificate-file='/k.pem'").unwrap().sign_in.word(),
            "certificate"
        );
        assert_eq!(said("").unwrap().sign_in.word(), "device-code");
        // what has an id of its own needs none
        let none: Table = "sign-in='managed-identity'".parse().unwrap();
        assert_eq!(read(&none, false).unwrap().client_id, "");
    }

    #[test]
    fn what_is_wrong_is_said_with_the_way_out() {
        for (text, why) in [
            ("sign-in='devcie-code'", "did you mean `device-code`"),
            ("sign-in='certificate'", "needs `certificate-file`"),
            ("certificate-file='k.pem'", "absolute"),
            // the value where a name or a path belongs: said without it
            (
                "secret-env='wF8Q~Zr7.k_T'",
                "the secret itself does not belong",
            ),
            ("secret-file='wF8Q~Zr7.k_T'", "absolute"),
            ("sign-in='browser'\nsecret-env='S'", "takes no secret"),
            (
                "sign-in='secret'\nsecret-env='S'\ncertificate-file='/k'",
                "remove one of them",
            ),
            (
                "sign-in='managed-identity'\nidentity-endpoint='http://10.0.0.1/'",
                "loopback or link-local",
            ),
            (
                "sign-in='managed-identity'\nidentity-endpoint='http://localhost/'",
                "loopback or link-local",
            ),
            ("secret-env='S'\nkeep-session=true", "keep nothing"),
            ("secret-env='S'\nsecret-expires='soon'", "2027-03-31"),
            ("proxy-password-file='/p'", "is for `proxy`"),
            (
                "proxy='http://proxy:3128'\nproxy-password-file='p'",
                "proxy-password-file",
            ),
            ("proxy='http://u:p@proxy:3128'", "https_proxy"),
            ("proxy='proxy:3128'", "http://HOST:PORT"),
            (
                "[write]\nclient-id='aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'",
                "as an application",
            ),
            ("[write]\nclient-id='x'\nsecret-env='S'", "not a GUID"),
            ("[write]\nclient-di='x'", "did you mean `client-id`"),
            (
                "[write]\nsecret-env='W'\nclient-id='aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'\nidle-minutes=0",
                "between 1 and 240",
            ),
        ] {
            let e = said(text).unwrap_err();
            assert!(e.contains(why), "{text}: {e}");
        }
    }

    #[test]
    fn days_and_a_credential_for_writes() {
        let got = said("secret-env='S'\nsecret-expires=2027-03-31\nproxy='http://proxy:3128'\n[write]\nclient-id='bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee'\ncertificate-file='/w.pem'").unwrap();
        assert_eq!(
            got.access.secret_expires,
            Ticks::parse("2027-03-31T00:00:00Z")
        );
        let writer = got.access.write.unwrap();
        assert_eq!(
            (writer.sign_in.word(), writer.idle.as_secs()),
            ("certificate", 900)
        );
    }

    #[test]
    fn a_simulated_tenant_never_reaches_for_a_real_identity() {
        for way in ["workload-identity", "managed-identity", "azure-cli"] {
            let t: Table = format!("{ID}sign-in='{way}'").parse().unwrap();
            assert!(read(&t, true).unwrap_err().contains("simulated"), "{way}");
            assert!(read(&t, false).is_ok());
        }
    }
}
