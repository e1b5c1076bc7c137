//! Reads `config.toml`: what is broken stops with line and column, what is unknown is warned about with the nearest
//! known key, the rest is in force. The file is never written here.

use super::audit::{self, AuditConfig};
use super::tenant::{Cache, Cloud, TenantConfig, Urls};
use super::{Dirs, Sources, file};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Value;
use url::Url;

/// What the file says.
#[derive(Debug, Default)]
pub struct Config {
    pub path: PathBuf,
    /// In the order of their names.
    pub tenants: Vec<TenantConfig>,
    pub default_tenant: Option<String>,
    /// The `[settings]` table as it stands; `config::settings` gives it meaning.
    pub settings: BTreeMap<String, Value>,
    pub audit: AuditConfig,
    /// By tenant: what is for the screen and the command line alone.
    extras: BTreeMap<String, Extra>,
    /// Unknown keys and the like, one sentence each.
    pub warnings: Vec<String>,
}

/// What a tenant's table says that its network side need not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// It is not opened: kept for later.
    pub disabled: bool,
    /// Words of modules that are switched off (S0-39).
    pub modules_off: Vec<String>,
    /// How it is told from others: a short word beside its name, and a colour.
    pub label: Option<String>,
    pub colour: Option<String>,
}

/// The file cannot be used. Exit code 2; nothing is overwritten.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    #[error(transparent)]
    File(#[from] file::FileFault),
    #[error("{path}:{line}:{column}: {what}")]
    Syntax {
        path: PathBuf,
        line: usize,
        column: usize,
        what: String,
    },
    #[error("{path}: [{table}] {what}")]
    Meaning {
        path: PathBuf,
        table: String,
        what: String,
    },
}

const TOP: &[&str] = &["tenant", "settings", "default-tenant", "audit"];
const TENANT: &[&str] = &[
    "tenant-id",
    "client-id",
    "cloud",
    "sign-in",
    "analyst",
    "secret-env",
    "secret-file",
    "secret-command",
    "secret-expires",
    "certificate-file",
    "token-file",
    "identity-endpoint",
    "az",
    "keep-session",
    "proxy",
    "proxy-password-file",
    "write",
    "login-url",
    "graph-url",
    "defender-url",
    "office-url",
    "loganalytics-url",
    "cloudapps-url",
    "read-only",
    "cache",
    "sim",
    "ca-file",
    "isolation",
    "quarantine",
    "want-reason",
    "careful",
    "never",
    "workspace",
    "adx",
    "archive",
    "enabled",
    "modules-off",
    "label",
    "colour",
];

/// Colours a tenant can be told by; their words are those of a terminal's sixteen.
pub const COLOURS: &[&str] = &["red", "yellow", "green", "cyan", "blue", "magenta"];

impl Extra {
    fn read(value: &Value) -> Result<Self, String> {
        let get = |key: &str| value.get(key);
        let text = |key: &str| match get(key) {
            None => Ok(None),
            Some(Value::String(s)) if !s.trim().is_empty() && s.chars().count() <= 12 => {
                Ok(Some(s.trim().to_owned()))
            }
            Some(_) => Err(format!("`{key}` must be a short word")),
        };
        let disabled = match get("enabled") {
            None => false,
            Some(Value::Boolean(on)) => !on,
            Some(_) => return Err("`enabled` must be true or false".into()),
        };
        let modules_off = match get("modules-off") {
            None => Vec::new(),
            Some(Value::Array(words)) if words.iter().all(Value::is_str) => words
                .iter()
                .filter_map(|w| w.as_str().map(str::to_lowercase))
                .collect(),
            Some(_) => return Err("`modules-off` must be a list of words".into()),
        };
        let colour = text("colour")?;
        if let Some(word) = &colour
            && !COLOURS.contains(&word.as_str())
        {
            return Err(format!("`colour` is one of {}", COLOURS.join(", ")));
        }
        Ok(Self {
            disabled,
            modules_off,
            label: text("label")?,
            colour,
        })
    }
}

impl Config {
    /// The user's file, or nothing where there is none.
    pub fn load(dirs: &Dirs) -> Result<Option<Self>, ConfigFault> {
        let path = dirs.config.join("config.toml");
        match file::read(&path, 1 << 20) {
            Ok(text) => {
                let mut config = Self::parse(&path, &text)?;
                for tenant in &mut config.tenants {
                    // sessions are state of ours: only the folder was not known while reading
                    let kept = tenant.access.session_file.take();
                    tenant.access.session_file = kept.map(|_| dirs.tenant_session(&tenant.name));
                }
                Ok(Some(config))
            }
            Err(file::FileFault::Absent(_)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Reads the text of a file; the path is for messages.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigFault> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            let at = e.span().map_or(0, |s| s.start).min(text.len());
            let before = text.get(..at).unwrap_or_default();
            ConfigFault::Syntax {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before
                    .rsplit('\n')
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .count()
                    + 1,
                what: e.message().to_owned(),
            }
        })?;
        let mut config = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        config.warn_unknown("", table.keys(), TOP);
        if let Some(settings) = table.get("settings").and_then(Value::as_table) {
            config.settings = settings.clone().into_iter().collect();
        }
        match table.get("audit") {
            None => {}
            Some(Value::Table(t)) => {
                config.warn_unknown("audit", t.keys(), audit::KEYS);
                config.audit = AuditConfig::read(t).map_err(|why| config.wrong("audit", &why))?;
            }
            Some(_) => return Err(config.wrong("audit", "must be a table")),
        }
        config.default_tenant = table
            .get("default-tenant")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if let Some(tenants) = table.get("tenant") {
            let Some(tenants) = tenants.as_table() else {
                return Err(config.wrong("tenant", "must be tables: [tenant.NAME]"));
            };
            for (name, value) in tenants {
                let tenant = config.tenant(name, value)?;
                config.tenants.push(tenant);
                let extra = Extra::read(value)
                    .map_err(|why| config.wrong(&format!("tenant.{name}"), &why))?;
                config.extras.insert(name.clone(), extra);
            }
        }
        if let Some(name) = &config.default_tenant
            && !config.tenants.iter().any(|t| t.name == *name)
        {
            return Err(config.wrong(
                "default-tenant",
                &format!("names `{name}`, which is not configured"),
            ));
        }
        Ok(config)
    }

    /// What the file says of a tenant beside its sign-in.
    pub fn extra(&self, tenant: &str) -> Extra {
        self.extras.get(tenant).cloned().unwrap_or_default()
    }

    fn wrong(&self, table: &str, what: &str) -> ConfigFault {
        ConfigFault::Meaning {
            path: self.path.clone(),
            table: table.to_owned(),
            what: what.to_owned(),
        }
    }

    fn warn_unknown<'a>(
        &mut self,
        table: &str,
        keys: impl Iterator<Item = &'a String>,
        known: &[&str],
    ) {
        for key in keys.filter(|k| !known.contains(&k.as_str())) {
            let place = if table.is_empty() {
                key.clone()
            } else {
                format!("{table}.{key}")
            };
            let hint =
                nearest(key, known).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
            self.warnings.push(format!(
                "{}: unknown key `{place}` is ignored{hint}",
                self.path.display()
            ));
        }
    }

    fn tenant(&mut self, name: &str, value: &Value) -> Result<TenantConfig, ConfigFault> {
        let place = format!("tenant.{name}");
        let Some(t) = value.as_table() else {
            return Err(self.wrong(&place, "must be a table"));
        };
        self.warn_unknown(&place, t.keys(), TENANT);
        let text = |key: &str| -> Result<Option<String>, ConfigFault> {
            match t.get(key) {
                None => Ok(None),
                Some(Value::String(s)) if !s.trim().is_empty() => Ok(Some(s.trim().to_owned())),
                Some(_) => Err(self.wrong(&place, &format!("`{key}` must be text"))),
            }
        };
        let flag = |key: &str| match t.get(key) {
            None => Ok(false),
            Some(Value::Boolean(b)) => Ok(*b),
            Some(_) => Err(self.wrong(&place, &format!("`{key}` must be true or false"))),
        };
        let need = |key: &str| {
            text(key)?.ok_or_else(|| self.wrong(&place, &format!("`{key}` is missing")))
        };
        let word = |key: &str, words: &[&str]| -> Result<usize, ConfigFault> {
            let Some(w) = text(key)? else { return Ok(0) };
            words.iter().position(|x| *x == w).ok_or_else(|| {
                let hint = nearest(&w, words)
                    .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                self.wrong(
                    &place,
                    &format!("`{key}` is `{w}`, not one of {}{hint}", words.join(", ")),
                )
            })
        };
        let sim = flag("sim")?;
        let link = |key: &str| -> Result<Option<Url>, ConfigFault> {
            let Some(u) = text(key)? else { return Ok(None) };
            let url = Url::parse(&u)
                .map_err(|e| self.wrong(&place, &format!("`{key}` is no address: {e}")))?;
            allowed(&url, sim).map_err(|why| self.wrong(&place, &format!("`{key}` {why}")))?;
            Ok(Some(url))
        };
        let tenant_id = need("tenant-id")?;
        if uuid::Uuid::parse_str(&tenant_id).is_err() && !domain_like(&tenant_id) {
            return Err(self.wrong(&place, "`tenant-id` is neither a GUID nor a domain"));
        }
        let cloud = [Cloud::Global, Cloud::GccHigh, Cloud::Dod, Cloud::China]
            [word("cloud", &["global", "gcc-high", "dod", "china"])?];
        let cache =
            [Cache::On, Cache::Memory, Cache::Off][word("cache", &["on", "memory", "off"])?];
        let said = super::sign_in::read(t, sim).map_err(|why| self.wrong(&place, &why))?;
        Ok(TenantConfig {
            name: name.to_owned(),
            tenant_id,
            client_id: said.client_id,
            cloud,
            sign_in: said.sign_in,
            analyst: text("analyst")?,
            urls: Urls {
                login: link("login-url")?,
                graph: link("graph-url")?,
                defender: link("defender-url")?,
            },
            read_only: flag("read-only")?.then(|| "this tenant is configured read-only".to_owned()),
            cache,
            sim,
            guards: super::guards::read(t)
                .map_err(|why| self.wrong(&place, &why))?
                .into(),
            ca_file: text("ca-file")?.map(Into::into),
            sources: Sources::read(t, &|u| {
                let url = Url::parse(u).map_err(|e| format!("is no address: {e}"))?;
                allowed(&url, sim).map_err(str::to_owned)?;
                Ok(url)
            })
            .map_err(|why| self.wrong(&place, &why))?,
            access: said.access,
        })
    }
}

/// https, or plain http to a literal loopback address of a simulated tenant.
fn allowed(url: &Url, sim: bool) -> Result<(), &'static str> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password");
    }
    let loopback = match url.host() {
        Some(url::Host::Ipv4(a)) => a.is_loopback(),
        Some(url::Host::Ipv6(a)) => a.is_loopback(),
        Some(url::Host::Domain(_)) => false,
        None => return Err("has no host"),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback && sim => Ok(()),
        "http" if loopback => Err("is plain http: say `sim = true` if this is the simulator"),
        _ => Err("must be https"),
    }
}

fn domain_like(text: &str) -> bool {
    text.contains('.')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        && !text.starts_with('.')
        && !text.ends_with('.')
}

/// The known word that takes the fewest changes, if it is near at all.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|k| (distance(word, k), *k))
        .filter(|(d, k)| *d <= (k.len().max(word.len()) / 3).max(1))
        .min()
        .map(|(_, k)| k)
}

/// Edits (insert, delete, replace, swap of neighbours) between two short words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SecretSource, SignIn};

    const GOOD: &str = r#"
default-tenant = "prod"
[settings]
theme = "dark"
[tenant.prod]
tenant-id = "11111111-2222-3333-4444-555555555555"
client-id = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
sign-in = "secret"
secret-env = "PROD_SECRET"
analyst = "ana@contoso.com"
"#;

    fn parse(text: &str) -> Result<Config, ConfigFault> {
        Config::parse(Path::new("config.toml"), text)
    }

    #[test]
    fn a_good_file_is_read() {
        let c = parse(GOOD).unwrap();
        assert_eq!(c.tenants.len(), 1);
        assert!(c.warnings.is_empty() && c.settings.contains_key("theme"));
        assert!(
            matches!(&c.tenants[0].sign_in, SignIn::Secret(SecretSource::Env(v)) if v == "PROD_SECRET")
        );
    }

    #[test]
    fn an_unknown_key_is_a_warning_with_the_nearest_known_one() {
        let c = parse(&GOOD.replace("analyst", "anaylst")).unwrap();
        assert_eq!(c.tenants.len(), 1, "the rest is in force");
        assert!(
            c.warnings[0].contains("tenant.prod.anaylst") && c.warnings[0].contains("`analyst`"),
            "{}",
            c.warnings[0]
        );
    }

    #[test]
    fn a_broken_file_says_line_and_column() {
        let e = parse("a = 1\n[tenant.x\n").unwrap_err().to_string();
        assert!(e.starts_with("config.toml:2:"), "{e}");
    }

    #[test]
    fn wrong_values_name_their_place_and_the_way_out() {
        for (from, to, want) in [
            (
                "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
                "my secret",
                "client-id",
            ),
            ("\"secret\"", "\"devcie-code\"", "not one of"),
            (
                "analyst =",
                "graph-url = \"http://graph.example\"\nanalyst =",
                "https",
            ),
            (
                "analyst =",
                "graph-url = \"http://127.0.0.1:9\"\nanalyst =",
                "sim = true",
            ),
            (
                "analyst =",
                "graph-url = \"https://u@graph.example\"\nanalyst =",
                "user name",
            ),
            (
                "analyst =",
                "secret-file = \"/x\"\nanalyst =",
                "more than one secret",
            ),
            (
                "default-tenant = \"prod\"",
                "default-tenant = \"prd\"",
                "not configured",
            ),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD);
            let e = parse(&text).unwrap_err().to_string();
            assert!(e.contains(want), "{e}");
        }
    }

    #[test]
    fn near_words() {
        assert_eq!(nearest("garph-url", TENANT), Some("graph-url"));
        assert_eq!(nearest("zzz", TENANT), None);
    }
}
