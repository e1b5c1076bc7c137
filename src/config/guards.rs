//! Rules about targets: the *never* and *careful* lists and our own switches, of a tenant's table and of the policy file;
//! and the options that the policy locks.

use super::file::{self, FileFault};
use super::settings;
pub use crate::model::guard::POLICY;
use crate::model::guard::{Never, Switch};
use crate::model::{Guards, Key, Kind};
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// Reads the rules of a table. `Err`: what is wrong with it.
pub fn read(table: &Table) -> Result<Guards, String> {
    let flag = |key: &str| match table.get(key) {
        None => Ok(false),
        Some(Value::Boolean(b)) => Ok(*b),
        Some(_) => Err(format!("`{key}` must be true or false")),
    };
    let mut never = Vec::new();
    match table.get("never") {
        None => {}
        Some(Value::Table(rules)) => {
            for (rule, ids) in rules {
                for id in words(ids, "never")? {
                    let key = key(&id)?;
                    never.push(Never {
                        key,
                        rule: rule.clone(),
                    });
                }
            }
        }
        Some(_) => {
            return Err("`never` must be a table: rule = [\"user:ID\", \"device:ID\"]".into());
        }
    }
    let careful = match table.get("careful") {
        None => Vec::new(),
        Some(list) => words(list, "careful")?,
    };
    if let Some(wide) = careful.iter().find(|w| w.trim_matches('*').is_empty()) {
        return Err(format!("`careful` has `{wide}`, which is everything"));
    }
    Ok(Guards {
        never,
        careful: careful.into_iter().map(|w| w.to_lowercase()).collect(),
        lifted: Vec::new(),
        isolation: flag("isolation")?,
        quarantine: flag("quarantine")?,
        reason: flag("want-reason")?,
        here: None,
        headless: Vec::new(),
        held_off: Vec::new(),
    })
}

fn words(value: &Value, key: &str) -> Result<Vec<String>, String> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let words: Vec<String> = all
        .iter()
        .filter_map(|w| w.as_str().map(str::to_owned))
        .collect();
    match value.is_array() && words.len() == all.len() {
        true => Ok(words),
        false => Err(format!("`{key}` must be a list of words")),
    }
}

/// `user:ID` or `device:ID`. Only ids may refuse: names and tags are in other people's hands.
fn key(text: &str) -> Result<Key, String> {
    let wrong =
        || format!("`never` has `{text}`, which is neither user:OBJECT-ID nor device:MACHINE-ID");
    let (kind, id) = text.split_once(':').ok_or_else(wrong)?;
    let id = id.trim();
    let hex = |n: usize| id.len() == n && id.bytes().all(|b| b.is_ascii_hexdigit());
    match kind {
        "user" if uuid::Uuid::parse_str(id).is_ok() => Ok(Key::new(Kind::User, id)),
        "device" if hex(40) => Ok(Key::new(Kind::Device, id)),
        _ => Err(wrong()),
    }
}

/// What the policy of this machine adds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// First 16 hex digits of the file's SHA-256; `none` where there is no file.
    pub hash: String,
    guards: Guards,
    /// Why nothing may be written.
    pub read_only: Option<String>,
    /// Options that it sets and locks.
    pub settings: BTreeMap<String, Value>,
}

const POLICY_KEYS: &[&str] = &[
    "read-only",
    "lift",
    "want-reason",
    "careful",
    "never",
    "headless",
    "isolation",
    "quarantine",
    "settings",
];

impl Policy {
    /// The policy in force. A file that is there and cannot be believed forbids every write.
    pub fn load(path: &Path) -> Self {
        let forbids = |hash: &str, why: String| Self {
            hash: hash.to_owned(),
            guards: Guards::default(),
            read_only: Some(format!("the policy cannot be applied: {why}")),
            settings: BTreeMap::new(),
        };
        let text = match file::read(path, 1 << 20) {
            Ok(text) => text,
            Err(FileFault::Absent(_)) => {
                return Self {
                    hash: "none".into(),
                    ..Self::default()
                };
            }
            Err(e) => return forbids("unreadable", e.to_string()),
        };
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let hash: String = digest
            .as_ref()
            .iter()
            .take(8)
            .map(|b| format!("{b:02x}"))
            .collect();
        if !root_owned(path) {
            return forbids(&hash, format!("{} is not root's", path.display()));
        }
        let path = path.display();
        match Self::parse(&text) {
            Ok(policy) => Self { hash, ..policy },
            Err(why) => forbids(&hash, format!("{path}: {why}")),
        }
    }

    /// What a policy's text says; a rule that is not understood makes all of it void.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Table = text
            .parse()
            .map_err(|e: toml::de::Error| e.message().to_owned())?;
        if let Some(unknown) = table.keys().find(|k| !POLICY_KEYS.contains(&k.as_str())) {
            // a rule that is not understood is not kept
            return Err(format!("there is no rule `{unknown}`"));
        }
        let mut guards = read(&table)?;
        guards.lifted = match table.get("lift") {
            None => Vec::new(),
            Some(list) => words(list, "lift")?,
        };
        guards.headless = match table.get("headless") {
            None => Vec::new(),
            Some(Value::Table(t)) if t.keys().all(|k| k == "allow") => t
                .get("allow")
                .map_or(Ok(Vec::new()), |l| words(l, "allow"))?,
            Some(_) => return Err("`headless` must be a table: allow = [\"isolate\"]".into()),
        };
        if let Some(unknown) = (guards.headless.iter()).find(|v| crate::verb::named(v).is_none()) {
            return Err(format!(
                "`headless.allow` has `{unknown}`, which is no verb"
            ));
        }
        for switch in [Switch::Isolation, Switch::Quarantine] {
            match table.get(switch.word()) {
                None => {}
                Some(Value::Boolean(false)) => guards.held_off.push(switch),
                Some(_) => {
                    let word = switch.word();
                    return Err(format!(
                        "`{word}` can only be false here: a tenant's own table switches it on"
                    ));
                }
            }
        }
        let read_only = match table.get("read-only") {
            None | Some(Value::Boolean(false)) => None,
            Some(Value::Boolean(true)) => {
                Some("the policy of this machine forbids every write".into())
            }
            Some(_) => return Err("`read-only` must be true or false".into()),
        };
        Ok(Self {
            hash: String::new(),
            guards,
            read_only,
            settings: settings(&table)?,
        })
    }

    /// The rules of a tenant with those of the policy. The policy only adds, but for built-in refusals that it lifts.
    pub fn over(&self, tenant: &Guards) -> Guards {
        let mut all = tenant.clone();
        all.never.extend(self.guards.never.iter().cloned());
        all.careful.extend(self.guards.careful.iter().cloned());
        all.lifted.clone_from(&self.guards.lifted);
        all.headless.clone_from(&self.guards.headless);
        all.reason |= self.guards.reason;
        all.held_off.clone_from(&self.guards.held_off);
        all
    }
}

/// The options that a policy locks: names and values that are.
fn settings(table: &Table) -> Result<BTreeMap<String, Value>, String> {
    let locked = match table.get("settings") {
        None => return Ok(BTreeMap::new()),
        Some(Value::Table(locked)) => locked,
        Some(_) => return Err("`settings` must be a table: lock-after = 10".into()),
    };
    for (key, value) in locked {
        let row = settings::ALL.iter().find(|row| row.key == key);
        let row = row.ok_or_else(|| format!("there is no setting `{key}`"))?;
        (row.kind.check(value)).map_err(|why| format!("setting `{key}` {why}"))?;
    }
    Ok(locked.clone().into_iter().collect())
}

fn root_owned(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::symlink_metadata(path).is_ok_and(|m| m.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "11111111-2222-3333-4444-555555555555";

    #[test]
    fn switches_are_off_until_set_and_only_ids_refuse() {
        let read = |text: &str| read(&text.parse().unwrap());
        let none = read("").unwrap();
        assert!(!none.isolation && !none.quarantine && none.never.is_empty());
        let some = read(&format!(
            "isolation = true\ncareful = ['DC*']\n[never]\nbreak-glass = ['user:{USER}']\n"
        ))
        .unwrap();
        assert!(some.isolation && !some.quarantine);
        assert_eq!(some.careful, ["dc*"]);
        assert_eq!(some.never(&Key::new(Kind::User, USER)), Some("break-glass"));
        for bad in [
            "isolation = 'yes'",
            "careful = ['*']",
            "careful = 'dc'",
            "never = ['user:x']",
            "[never]\nx = ['user:ana@contoso.com']",
            "[never]\nx = ['device:dc01']",
            "[never]\nx = ['dc01']",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_policy_that_cannot_be_believed_forbids_every_write() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.toml");
        let none = Policy::load(&path);
        assert_eq!((none.hash.as_str(), &none.read_only), ("none", &None));
        for bad in [
            "careful = ",
            "unheard-of = 1",
            "read-only = 'yes'",
            "settings = 1",
            "[settings]\nlock-aftr = 10",
            "[settings]\nlock-after = 'never'",
        ] {
            assert!(Policy::parse(bad).is_err(), "{bad}");
        }
        file::write_atomic(&path, b"careful = ").unwrap();
        assert!(Policy::load(&path).read_only.is_some());
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        assert!(Policy::load(&path).read_only.is_some());
    }

    /// S4-17: options and switches are locked; what cannot be understood is not half applied.
    #[test]
    fn a_policy_locks_options_and_holds_switches_off() {
        let policy = Policy::parse(
            "isolation = false\n[settings]\nlock-after = 10\nignore-severities = ['informational']",
        )
        .unwrap();
        assert_eq!(policy.settings["lock-after"].as_integer(), Some(10));
        let on = Guards {
            isolation: true,
            quarantine: true,
            ..Guards::default()
        };
        let all = policy.over(&on);
        assert!(!all.on(Switch::Isolation) && all.on(Switch::Quarantine));
        assert!(all.off(Switch::Isolation, "prod").contains(POLICY));
        for (bad, why) in [
            ("isolation = true", "can only be false"),
            ("[settings]\nlock-aftr = 10", "no setting `lock-aftr`"),
            ("[settings]\nlock-after = 9999", "from 0 to 1440"),
            ("settings = 1", "must be a table"),
        ] {
            let said = Policy::parse(bad).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn a_policy_adds_and_does_not_switch_on() {
        let policy =
            Policy::parse("want-reason = true\nlift = ['prevalent file']\ncareful = ['x']")
                .unwrap();
        let all = policy.over(&Guards::default());
        assert!(all.reason && all.lifts("prevalent file") && !all.isolation);
        assert!(
            Policy::parse("read-only = true")
                .unwrap()
                .read_only
                .is_some()
        );
    }
}
