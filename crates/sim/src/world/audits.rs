//! Directory audits, newest first.

use super::{AuditRow, Obj, World, obj};
use serde_json::json;

impl World {
    fn audit_rows(&self) -> &[AuditRow] {
        self.audits.get_or_init(Vec::new)
    }

    /// How many directory audits there are.
    pub fn audit_count(&self) -> usize {
        self.audit_rows().len()
    }

    /// The index row of an audit. `i` below `audit_count()`.
    pub fn audit_row(&self, i: usize) -> AuditRow {
        self.audit_rows()[i]
    }

    /// Audits of which a user is the target, newest first.
    pub fn user_audits(&self, user: usize) -> Vec<usize> {
        (0..self.audit_count())
            .filter(|&i| self.audit_row(i).target == user)
            .collect()
    }

    /// A directory audit.
    pub fn audit_json(&self, i: usize) -> Obj {
        let row = self.audit_row(i);
        obj(json!({"activityDateTime": row.at.to_string(), "activityDisplayName": row.activity}))
    }

    /// The audit of an id.
    pub fn audit_by_id(&self, _id: &str) -> Option<usize> {
        None
    }
}
