//! Where else than Defender a tenant's queries may run: `[tenant.NAME.workspace.X]`, `[….adx.X]`, `[….archive.X]`.

use crate::model::Engine;
use std::path::PathBuf;
use toml::{Table, Value};
use url::Url;

/// What a tenant's table names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// The Log Analytics API, where it is not the cloud's own.
    pub loganalytics: Option<Url>,
    /// The API of Cloud Apps: `https://NAME.REGION.portal.cloudappsecurity.com/api/v1`.
    pub cloudapps: Option<Url>,
    /// The activity feed's root (`…/api`), where it is not the cloud's own.
    pub office: Option<Url>,
    pub workspaces: Vec<Workspace>,
    pub clusters: Vec<Cluster>,
    pub archives: Vec<Archive>,
}

/// A Log Analytics workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct Workspace {
    pub name: String,
    /// A GUID.
    pub id: String,
}

/// A database of a Data Explorer cluster; the URL is an origin without a path of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub name: String,
    pub url: Url,
    pub database: String,
}

/// A folder of streamed files.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    pub name: String,
    pub path: PathBuf,
}

impl Sources {
    /// Reads the three tables of a tenant. `link` checks an address as every other of the file is.
    pub fn read(
        tenant: &Table,
        link: &dyn Fn(&str) -> Result<Url, String>,
    ) -> Result<Self, String> {
        let mut out = Self::default();
        for (key, place) in [
            ("loganalytics-url", &mut out.loganalytics),
            ("cloudapps-url", &mut out.cloudapps),
        ] {
            if let Some(url) = tenant.get(key) {
                let url = url
                    .as_str()
                    .ok_or_else(|| format!("`{key}` must be text"))?;
                *place = Some(link(url).map_err(|why| format!("`{key}` {why}"))?);
            }
        }
        if let Some(url) = tenant.get("office-url") {
            let url = url.as_str().ok_or("`office-url` must be text")?;
            out.office = Some(link(url).map_err(|why| format!("`office-url` {why}"))?);
        }
        for (name, table) in named(tenant, "workspace", &["id"])? {
            let id = word(table, "workspace", &name, "id")?;
            if uuid::Uuid::parse_str(&id).is_err() {
                return Err(format!("workspace.{name}: `id` is not a GUID"));
            }
            out.workspaces.push(Workspace { name, id });
        }
        for (name, table) in named(tenant, "adx", &["cluster", "database"])? {
            let url = link(&word(table, "adx", &name, "cluster")?)
                .map_err(|why| format!("adx.{name}: `cluster` {why}"))?;
            let database = word(table, "adx", &name, "database")?;
            out.clusters.push(Cluster {
                name,
                url,
                database,
            });
        }
        for (name, table) in named(tenant, "archive", &["path"])? {
            let path = PathBuf::from(word(table, "archive", &name, "path")?);
            if !path.is_absolute() {
                return Err(format!("archive.{name}: `path` must be absolute"));
            }
            out.archives.push(Archive { name, path });
        }
        Ok(out)
    }

    /// Every place a query can run, Defender first.
    pub fn engines(&self) -> Vec<Engine> {
        let workspaces = self.workspaces.iter();
        let clusters = self.clusters.iter();
        let archives = self.archives.iter();
        std::iter::once(Engine::Defender)
            .chain(workspaces.map(|w| Engine::Workspace(w.name.clone())))
            .chain(clusters.map(|c| Engine::Explorer(c.name.clone())))
            .chain(archives.map(|a| Engine::Archive(a.name.clone())))
            .chain([Engine::Lists])
            .collect()
    }
}

/// The tables of one sort, in the order of their names.
fn named<'a>(
    tenant: &'a Table,
    sort: &str,
    keys: &[&str],
) -> Result<Vec<(String, &'a Table)>, String> {
    let all = match tenant.get(sort) {
        None => return Ok(Vec::new()),
        Some(Value::Table(all)) => all,
        Some(_) => {
            return Err(format!(
                "`{sort}` must be tables: [tenant.NAME.{sort}.NAME]"
            ));
        }
    };
    let mut out = Vec::new();
    for (name, value) in all {
        let Value::Table(table) = value else {
            return Err(format!(
                "`{sort}.{name}` must be a table: [tenant.NAME.{sort}.{name}]"
            ));
        };
        if let Some(odd) = table.keys().find(|k| !keys.contains(&k.as_str())) {
            return Err(format!(
                "{sort}.{name}: there is no `{odd}`; it takes {}",
                keys.join(", ")
            ));
        }
        out.push((name.clone(), table));
    }
    Ok(out)
}

fn word(table: &Table, sort: &str, name: &str, key: &str) -> Result<String, String> {
    match table.get(key) {
        Some(Value::String(s)) if !s.trim().is_empty() => Ok(s.trim().to_owned()),
        Some(_) => Err(format!("{sort}.{name}: `{key}` must be text")),
        None => Err(format!("{sort}.{name}: `{key}` is missing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Sources, String> {
        let table: Table = text.parse().unwrap();
        Sources::read(&table, &|u| Url::parse(u).map_err(|e| e.to_string()))
    }

    #[test]
    fn each_place_has_its_table_and_what_is_wrong_is_said() {
        let all = read(
            "[workspace.sentinel]\nid='11111111-2222-3333-4444-555555555555'\n\
             [adx.lake]\ncluster='https://lake.westeurope.kusto.windows.net'\ndatabase='hunting'\n\
             [archive.q3]\npath='/srv/q3'",
        )
        .unwrap();
        let names: Vec<String> = all.engines().iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "Defender",
                "workspace sentinel",
                "cluster lake",
                "archive q3",
                "lists on screen"
            ]
        );
        for (text, why) in [
            ("[workspace.a]\nid='x'", "not a GUID"),
            ("[workspace.a]", "`id` is missing"),
            ("workspace=1", "must be tables"),
            (
                "[adx.a]\ncluster='nowhere'\ndatabase='d'",
                "adx.a: `cluster`",
            ),
            ("[archive.a]\npath='q3'", "must be absolute"),
            ("[archive.a]\npath='/q3'\nfolder=1", "there is no `folder`"),
        ] {
            let e = read(text).unwrap_err();
            assert!(e.contains(why), "{e}");
        }
    }
}
