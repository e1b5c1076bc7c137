//! The record as the backend sees it: its entries become lines.

use super::file::Record as File;
use super::line::{Entry as LineEntry, RequestLine, Stage as LineStage, TargetLine};
use crate::backend::ports::{Entry, Record, Stage};
use crate::model::{Fault, FaultKind, Ticks};

impl Record for File {
    fn append(&self, at: Ticks, entry: &Entry) -> Result<(), Fault> {
        let time = at
            .timestamp()
            .ok_or_else(|| Fault::new(FaultKind::Disk, "the clock is outside the calendar"))?;
        self.append(time, &line(entry))
            .map(|_| ())
            .map_err(|e| Fault::new(FaultKind::Disk, e.to_string()).next("nothing is sent without a record: free the disk or mend the folder, then try again"))
    }
}

/// Exact text goes in: a record is evidence, and JSON escapes what a screen must not see.
fn line(entry: &Entry) -> LineEntry {
    let exact = |t: &table::Text| t.txt().exact().to_owned();
    LineEntry {
        stage: match entry.stage {
            Stage::Intent => LineStage::Intent,
            Stage::Attempt => LineStage::Attempt,
            Stage::Outcome => LineStage::Outcome,
        },
        run: entry.run.clone(),
        set: None,
        tier: 0,
        args: None,
        undoes: None,
        action: None,
        closed: false,
        tenant: entry.tenant.clone(),
        tenant_id: entry.tenant_id.clone(),
        principal: exact(&entry.principal),
        analyst: exact(&entry.analyst),
        verb: entry.verb.to_owned(),
        targets: entry
            .targets
            .iter()
            .map(|t| TargetLine {
                kind: crate::resource::spec(t.key.kind).one.to_owned(),
                id: exact(&t.key.id),
                name: exact(&t.name),
                before: t
                    .before
                    .iter()
                    .map(|(f, v)| ((*f).to_owned(), v.as_ref().map(exact)))
                    .collect(),
                replaced: None,
            })
            .collect(),
        sentence: entry.sentence.clone(),
        reason: entry.reason.as_ref().map(exact),
        requests: entry
            .requests
            .iter()
            .map(|r| RequestLine {
                service: r.service.to_owned(),
                method: r.method.to_owned(),
                path: r.path.clone(),
                body: r.body.clone(),
            })
            .collect(),
        state: entry.state.map(str::to_owned),
        detail: entry.detail.clone(),
    }
}
