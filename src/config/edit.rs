//! Changes to `config.toml`, asked for by a person: comments and order stay, what would not be read again is not written, and
//! the file of before is kept beside it.

use super::{Config, file};
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Table, Value, value};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditFault {
    #[error(transparent)]
    File(#[from] file::FileFault),
    #[error(transparent)]
    Config(#[from] super::ConfigFault),
    #[error("{path} cannot be changed: {why}")]
    Syntax { path: PathBuf, why: String },
    #[error("{path} has no tenant `{name}`")]
    NoTenant { path: PathBuf, name: String },
    #[error("{path} cannot be written: {source}")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// A value of a tenant's table; none takes the key away.
pub type Change = (&'static str, Option<Value>);

/// The file as it will be.
pub struct Draft {
    path: PathBuf,
    old: Option<String>,
    doc: DocumentMut,
}

/// What was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    pub path: PathBuf,
    /// The file of before; none where there was none.
    pub backup: Option<PathBuf>,
}

impl Draft {
    /// Reads the file in this folder; one that is not there is empty, one that is not believed is refused.
    pub fn open(folder: &Path) -> Result<Self, EditFault> {
        let path = folder.join("config.toml");
        let old = match file::read(&path, 1 << 20) {
            Ok(text) => Some(text),
            Err(file::FileFault::Absent(_)) => None,
            Err(e) => return Err(e.into()),
        };
        let doc = old.as_deref().unwrap_or_default().parse();
        let doc = doc.map_err(|e: toml_edit::TomlError| EditFault::Syntax {
            path: path.clone(),
            why: e.message().to_owned(),
        })?;
        Ok(Self { path, old, doc })
    }

    fn tenants(&mut self) -> Option<&mut Table> {
        let item = self.doc.entry("tenant").or_insert_with(|| {
            let mut table = Table::new();
            // only [tenant.NAME] is to be seen
            table.set_implicit(true);
            Item::Table(table)
        });
        item.as_table_mut()
    }

    /// Sets keys of a tenant, which is made where it is not there.
    pub fn set(&mut self, name: &str, changes: Vec<Change>) -> Result<(), EditFault> {
        let path = self.path.clone();
        let wrong = || EditFault::Syntax {
            path,
            why: "`tenant` is not made of tables [tenant.NAME]".into(),
        };
        let Some(tenants) = self.tenants() else {
            return Err(wrong());
        };
        let entry = tenants
            .entry(name)
            .or_insert_with(|| Item::Table(Table::new()));
        let Some(table) = entry.as_table_like_mut() else {
            return Err(wrong());
        };
        for (key, new) in changes {
            match new {
                Some(new) => drop(table.insert(key, value(new))),
                None => drop(table.remove(key)),
            }
        }
        Ok(())
    }

    /// Takes a tenant away with everything under it, and its place as the default.
    pub fn remove(&mut self, name: &str) -> Result<(), EditFault> {
        let there = self.tenants().and_then(|t| t.remove(name)).is_some();
        if !there {
            let (path, name) = (self.path.clone(), name.to_owned());
            return Err(EditFault::NoTenant { path, name });
        }
        if self.doc.get("default-tenant").and_then(Item::as_str) == Some(name) {
            self.doc.remove("default-tenant");
        }
        Ok(())
    }

    /// The file as it would be read.
    pub fn config(&self) -> Result<Config, EditFault> {
        Ok(Config::parse(&self.path, &self.doc.to_string())?)
    }

    /// Writes it in one step with mode 0600, after the file of before was kept as `config.toml.bak`. What would not be read
    /// again is not written.
    pub fn write(self) -> Result<Written, EditFault> {
        self.config()?;
        let io = |source| EditFault::Io {
            path: self.path.clone(),
            source,
        };
        let backup = match &self.old {
            Some(old) => {
                let path = self.path.with_extension("toml.bak");
                file::write_atomic(&path, old.as_bytes()).map_err(io)?;
                Some(path)
            }
            None => None,
        };
        file::write_atomic(&self.path, self.doc.to_string().as_bytes()).map_err(io)?;
        Ok(Written {
            path: self.path,
            backup,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const ID: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

    fn entry() -> Vec<Change> {
        vec![
            ("tenant-id", Some("contoso.com".into())),
            ("client-id", Some(ID.into())),
            ("sign-in", Some("device-code".into())),
        ]
    }

    /// S2-32: written whole, with the file of before beside it.
    #[test]
    fn what_a_person_wrote_stays_and_the_file_of_before_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut draft = Draft::open(dir.path()).unwrap();
        draft.set("new one", entry()).unwrap();
        let first = draft.write().unwrap();
        assert_eq!(first.backup, None);
        let text = std::fs::read_to_string(&first.path).unwrap();
        assert!(text.starts_with("[tenant.\"new one\"]\n"), "{text}");

        let mine = format!(
            "# mine\ndefault-tenant = \"new one\" # because\n{text}# end of it\n[tenant.\"new one\".archive.q]\npath = \"/x\"\n"
        );
        file::write_atomic(&first.path, mine.as_bytes()).unwrap();
        let mut draft = Draft::open(dir.path()).unwrap();
        draft
            .set("new one", vec![("analyst", Some("ana@contoso.com".into()))])
            .unwrap();
        draft.set("b", entry()).unwrap();
        let second = draft.write().unwrap();
        let backup = second.backup.unwrap();
        assert_eq!(std::fs::read_to_string(&backup).unwrap(), mine);
        for path in [&second.path, &backup] {
            let mode = std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let text = std::fs::read_to_string(&second.path).unwrap();
        assert!(
            text.contains("# mine") && text.contains("# because") && text.contains("# end of it"),
            "{text}"
        );

        let mut draft = Draft::open(dir.path()).unwrap();
        draft.remove("new one").unwrap();
        assert!(draft.remove("new one").is_err());
        draft.write().unwrap();
        let config = Config::parse(
            &second.path,
            &std::fs::read_to_string(&second.path).unwrap(),
        )
        .unwrap();
        assert_eq!(
            config
                .tenants
                .iter()
                .map(|t| t.name.as_str())
                .collect::<Vec<_>>(),
            ["b"]
        );
        assert_eq!(config.default_tenant, None);
    }

    #[test]
    fn nothing_is_written_that_would_not_be_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut draft = Draft::open(dir.path()).unwrap();
        draft
            .set("x", vec![("tenant-id", Some("contoso.com".into()))])
            .unwrap();
        assert!(draft.write().is_err());
        assert!(!dir.path().join("config.toml").exists());
    }
}
