//! `[audit]` of `config.toml`: the key that seals the record, and the witness that remembers its heads.

use std::path::PathBuf;
use url::Url;

/// How the record is kept.
#[derive(Clone, Debug, Default)]
pub struct AuditConfig {
    /// A file of at least 16 bytes, ours alone. Whoever can read it can write lines that verify.
    pub key_file: Option<PathBuf>,
    pub witness: Option<WitnessConfig>,
}

/// Who remembers heads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessConfig {
    /// argv without a shell; absolute path. Called with `put` (a head on stdin) and `list`.
    Command(Vec<String>),
    /// POST takes a head, GET gives all of them, a JSON object a line.
    Url(Url),
}

/// The keys of the table.
pub const KEYS: &[&str] = &["key-file", "witness"];

impl AuditConfig {
    /// Reads the table; `Err` says what is wrong with it.
    pub fn read(table: &toml::Table) -> Result<Self, String> {
        let key_file = match table.get("key-file") {
            None => None,
            Some(toml::Value::String(path)) if path.starts_with('/') => Some(PathBuf::from(path)),
            Some(_) => return Err("`key-file` must be an absolute path".into()),
        };
        let witness = match table.get("witness") {
            None => None,
            Some(toml::Value::String(text)) => match Url::parse(text) {
                Ok(url) if url.scheme() == "https" && url.password().is_none() => {
                    Some(WitnessConfig::Url(url))
                }
                _ => return Err("`witness` must be an https address, or a list of words".into()),
            },
            Some(toml::Value::Array(words)) => {
                let argv: Vec<String> = words
                    .iter()
                    .filter_map(|w| w.as_str().map(str::to_owned))
                    .collect();
                if argv.len() != words.len() || !argv.first().is_some_and(|p| p.starts_with('/')) {
                    return Err(
                        "`witness` must be a list of words, the program first, by its absolute path"
                            .into(),
                    );
                }
                Some(WitnessConfig::Command(argv))
            }
            Some(_) => {
                return Err("`witness` must be an https address, or a list of words".into());
            }
        };
        Ok(Self { key_file, witness })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_is_a_program_or_an_https_address() {
        let read = |text: &str| AuditConfig::read(&text.parse().unwrap());
        for good in [
            "",
            "witness = 'https://log.example/heads'",
            "witness = ['/usr/bin/x', 'y']",
            "key-file = '/etc/wf.key'",
        ] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "witness = 'http://log.example'",
            "witness = 'https://a:b@log.example'",
            "witness = ['x']",
            "witness = []",
            "witness = 3",
            "key-file = 'wf.key'",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
