//! Identity risk: risky users, their history and detections.

use super::{DetectionRow, Obj, RiskyRow, World, obj};
use serde_json::json;

impl World {
    fn risky_rows(&self) -> &[RiskyRow] {
        self.risky.get_or_init(Vec::new)
    }

    fn detection_rows(&self) -> &[DetectionRow] {
        self.detections.get_or_init(Vec::new)
    }

    /// How many users have a risk record.
    pub fn risky_count(&self) -> usize {
        self.risky_rows().len()
    }

    /// The index row of a risky user, last changed first.
    pub fn risky_row(&self, i: usize) -> RiskyRow {
        self.risky_rows()[i]
    }

    /// The risk record of a user, by the user's index.
    pub fn risky_of_user(&self, user: usize) -> Option<usize> {
        self.risky_rows().iter().position(|row| row.user == user)
    }

    /// A risky user.
    pub fn risky_json(&self, i: usize) -> Obj {
        let row = self.risky_row(i);
        obj(
            json!({"id": self.user_row(row.user).id.to_string(), "riskLevel": row.level, "riskState": row.state, "riskDetail": row.detail}),
        )
    }

    /// The history of a risky user, newest first.
    pub fn risky_history(&self, _i: usize) -> Vec<Obj> {
        Vec::new()
    }

    /// How many risk detections there are.
    pub fn detection_count(&self) -> usize {
        self.detection_rows().len()
    }

    /// The index row of a risk detection, newest first.
    pub fn detection_row(&self, i: usize) -> DetectionRow {
        self.detection_rows()[i]
    }

    /// A risk detection.
    pub fn detection_json(&self, i: usize) -> Obj {
        let row = self.detection_row(i);
        obj(json!({"riskEventType": row.kind, "riskLevel": row.level, "riskState": row.state}))
    }

    /// The risk detection of an id.
    pub fn detection_by_id(&self, _id: &str) -> Option<usize> {
        None
    }
}
