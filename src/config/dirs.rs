//! Where things live (XDG): config, data, state, cache, each with a folder of ours, 0700.

use std::path::PathBuf;

/// The four folders. `demo` keeps a set of its own, so that nothing simulated mixes with a real tenant's.
#[derive(Clone, Debug)]
pub struct Dirs {
    pub config: PathBuf,
    pub data: PathBuf,
    pub state: PathBuf,
    pub cache: PathBuf,
}

impl Dirs {
    /// From the environment; none where there is no home.
    pub fn find() -> Option<Self> {
        let dirs = directories::ProjectDirs::from("", "", "watchfloor")?;
        let state = dirs.state_dir().map_or_else(
            || dirs.data_local_dir().join("state"),
            std::path::Path::to_path_buf,
        );
        Some(Self {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_dir().to_owned(),
            state,
            cache: dirs.cache_dir().to_owned(),
        })
    }

    /// Folder of a tenant's cache. The name is made into one safe path segment.
    pub fn tenant_cache(&self, tenant: &str) -> PathBuf {
        self.cache.join(segment(tenant))
    }

    /// Folder of a tenant's query texts.
    pub fn tenant_drafts(&self, tenant: &str) -> PathBuf {
        self.state.join("drafts").join(segment(tenant))
    }

    /// Where a person's session with a tenant is kept, if that was asked for.
    pub fn tenant_session(&self, tenant: &str) -> PathBuf {
        self.state.join("sessions").join(segment(tenant))
    }

    /// Folder that exports of a tenant are offered to be written to.
    pub fn tenant_exports(&self, tenant: &str) -> PathBuf {
        self.data.join("exports").join(segment(tenant))
    }

    /// Folder of a tenant's history of queries.
    pub fn tenant_history(&self, tenant: &str) -> PathBuf {
        self.state.join("history").join(segment(tenant))
    }

    /// The own folder of saved queries; they belong to the person, not to a tenant.
    pub fn queries(&self) -> PathBuf {
        self.data.join("queries")
    }

    /// Folder of a tenant's record.
    pub fn tenant_audit(&self, tenant: &str) -> PathBuf {
        self.state.join("audit").join(segment(tenant))
    }
}

/// A name as one path segment: letters, digits, `-`, `_` and inner dots stay, the rest is hex.
pub fn segment(name: &str) -> String {
    let mut out = String::new();
    for (n, c) in name.bytes().enumerate() {
        match c {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(c as char),
            b'.' if n > 0 => out.push('.'),
            _ => out.push_str(&format!("%{c:02x}")),
        }
    }
    if out.is_empty() { "%".into() } else { out }
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn a_tenant_name_cannot_leave_its_folder() {
        for name in ["..", ".", "a/b", "a\\b", "", "\0", "ü"] {
            let s = segment(name);
            assert!(
                !s.is_empty() && !s.starts_with('.') && !s.contains(['/', '\\', '\0']),
                "{s}"
            );
        }
        assert_ne!(segment("a/b"), segment("a%2fb"));
    }
}
