//! What a run is given: tables from files, an archive, a folder for `externaldata`, an instant.

use crate::bind::World;
use crate::engine::{Catalog, Options, Provider, Stored, Want, use_places};
use crate::load::{Archive, External, Notes, table};
use crate::schema::Schema;
use crate::types::Ty;
use hashbrown::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Where tables come from and how queries run.
#[derive(Clone, Debug)]
pub struct Given {
    /// Name and file; a name may be given several times.
    pub tables: Vec<(String, PathBuf)>,
    /// A folder of the streaming export.
    pub archive: Option<PathBuf>,
    /// A folder with a file for each address.
    pub external: Option<PathBuf>,
    /// A database of where addresses are.
    pub geo: Option<PathBuf>,
    /// The instant of `now()`, in ticks since 1970.
    pub now: i64,
    /// Threads for loading and for each query; at least one.
    pub threads: usize,
    /// Most bytes that a query may hold besides the tables.
    pub memory_limit: Option<usize>,
}

/// Tables that were loaded, and what is known by name.
pub struct Ready {
    /// Names and types.
    pub world: World,
    /// Rows.
    pub catalog: Catalog,
    /// How queries run.
    pub options: Options,
    /// What was wrong with the files.
    pub notes: Notes,
    archive: Option<Arc<Archive>>,
    external: Option<Arc<External>>,
}

/// Tables that are not in memory.
struct Asked {
    broken: HashMap<String, String>,
    archive: Option<Arc<Archive>>,
}

impl Provider for Asked {
    fn table(&self, name: &str, want: &Want) -> Option<Result<Arc<Stored>, String>> {
        match self.broken.get(name) {
            Some(why) => Some(Err(why.clone())),
            None => self.archive.as_ref()?.table(name, want),
        }
    }
}

impl Given {
    /// Nothing but an instant.
    pub fn at(now: i64) -> Given {
        Given {
            tables: Vec::new(),
            archive: None,
            external: None,
            geo: None,
            now,
            threads: 1,
            memory_limit: None,
        }
    }

    /// Loads the tables; the error is a sentence about a folder that cannot be used.
    pub fn load(&self, base: &Schema) -> Result<Ready, String> {
        let threads = self.threads.max(1);
        if let Some(file) = &self.geo {
            use_places(file)?;
        }
        let mut catalog = Catalog::new();
        let mut schema = base.clone();
        let mut notes = Notes::default();
        let mut broken = HashMap::new();
        let mut names: Vec<&String> = Vec::new();
        for (name, _) in &self.tables {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names {
            let of_name = |t: &&(String, PathBuf)| t.0 == *name;
            let files: Vec<PathBuf> = self
                .tables
                .iter()
                .filter(of_name)
                .map(|t| t.1.clone())
                .collect();
            let loaded = table(name, &files, base.table(name).map(|t| &**t), threads);
            let columns: Vec<(String, Ty)> = loaded
                .def
                .columns
                .iter()
                .map(|c| (c.name.to_string(), c.ty))
                .collect();
            match schema.table(name) {
                Some(_) => schema.learn(name, &columns),
                None => schema.add_table(loaded.def.clone()),
            }
            // a table whose files cannot be read is no empty one
            let fault = loaded.notes.kept().iter().find(|n| n.line == 0);
            match fault.filter(|_| loaded.table.is_empty()) {
                Some(note) => {
                    broken.insert(loaded.def.name.to_string(), note.to_string());
                }
                None => catalog.add(&loaded.def.name, loaded.stored()),
            }
            notes.extend(loaded.notes);
        }
        let archive = match &self.archive {
            Some(dir) => Some(Arc::new(Archive::open(dir, base, threads)?)),
            None => None,
        };
        let external = match &self.external {
            Some(dir) => Some(Arc::new(External::open(dir)?)),
            None => None,
        };
        if let Some(archive) = &archive {
            archive.learn(&mut schema);
            notes.extend(archive.take_notes());
        }
        catalog.provider = Some(Arc::new(Asked {
            broken,
            archive: archive.clone(),
        }));
        if let Some(external) = &external {
            catalog.externals = Some(external.clone());
        }
        let mut options = Options {
            now: self.now,
            threads,
            ..Options::default()
        };
        if let Some(limit) = self.memory_limit {
            options.memory_limit = limit;
        }
        Ok(Ready {
            world: World::new(Arc::new(schema)),
            catalog,
            options,
            notes,
            archive,
            external,
        })
    }
}

impl Ready {
    /// What was wrong with what queries read since the last time this was asked.
    pub fn take_notes(&self) -> Notes {
        let mut notes = Notes::default();
        if let Some(archive) = &self.archive {
            notes.extend(archive.take_notes());
        }
        if let Some(external) = &self.external {
            notes.extend(external.take_notes());
        }
        notes
    }
}
