//! The record as configured: its key, its places outside, who writes. Console and command line open it the same way.

use super::who;
use crate::audit::Record;
use crate::audit::heads::{Outside, Places, Say, Witness};
use crate::audit::line::{KEY_LEAST, Seal};
use crate::backend::bare::Bare;
use crate::config::{AuditConfig, Dirs, WitnessConfig, file};
use std::path::PathBuf;
use std::sync::Arc;

/// A tenant's record; with it, why nothing may be written, if so.
pub fn open(
    dirs: &Dirs,
    audit: &AuditConfig,
    folder: &str,
    demo: bool,
    say: Say,
) -> (Record, Option<String>) {
    let record = Record::new(dirs.tenant_audit(folder), who::writer());
    // `demo` is no tenant of the configuration: its simulator is a new one each time
    let record = record.forgetful(demo && folder == "demo");
    let (seal, why) = match seal(audit) {
        Ok(seal) => (seal, None),
        Err(why) => (None, Some(format!("nothing may be written: {why}"))),
    };
    let record = record.sealed(seal);
    // nothing real happens in a demo: its heads would only confuse whoever reads the journal
    match demo {
        true => (record, why),
        false => (record.telling(Outside::new(places(audit, None), say)), why),
    }
}

/// The configured key, or why it cannot be had.
pub fn seal(audit: &AuditConfig) -> Result<Option<Seal>, String> {
    let Some(path) = &audit.key_file else {
        return Ok(None);
    };
    let text = file::read(path, 64 * 1024).map_err(|e| format!("the record's key: {e}"))?;
    match Seal::new(text.into_bytes()) {
        Some(seal) => Ok(Some(seal)),
        None => Err(format!(
            "the record's key in {} is shorter than {KEY_LEAST} bytes",
            path.display()
        )),
    }
}

/// Where heads go and are read from.
pub fn places(audit: &AuditConfig, ca_file: Option<PathBuf>) -> Places {
    let witness = audit.witness.clone().map(|w| match w {
        WitnessConfig::Command(argv) => Witness::Command(argv),
        WitnessConfig::Url(url) => Witness::Url(Arc::new(Bare::new(url, ca_file))),
    });
    Places::of_this_machine(witness)
}
