//! The investigation package: a link for a while, and the file behind it. The link is all that is needed; a token sent there would be
//! a mistake of the client's, and is refused.

use std::io::Write;

use axum::http::Method;
use flate2::Crc;
use jiff::SignedDuration;
use serde_json::json;

use super::{Cx, Fault, actions};
use crate::response::course::{End, Verb};
use crate::tenant::Tenant;
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;

/// How long a link lives (assumed; the page only says that it is short).
const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// `GET /machineactions/{id}/getPackageUri`: 404 until there is a package
pub(super) fn uri(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let now = cx.tenant.clock.told();
    let mut book = actions::book(cx.tenant);
    let id = book
        .find(&path[1])
        .filter(|a| a.verb == Verb::Collect && a.at(now).end == Some(End::Succeeded))
        .map(|a| a.id.clone())
        .ok_or_else(|| Fault::none("Package of machine action", &path[1]))?;
    let token = uuid::Uuid::new_v4().simple().to_string();
    let until = now.saturating_add(LIFE).unwrap_or(now);
    book.links.insert(token.clone(), (id.clone(), until));
    let link = format!(
        "{}/safedownload/{id}.zip?token={token}",
        cx.tenant.info.files
    );
    // the extra pair of quotes is the service's
    let body = json!({"@odata.context": cx.context("Edm.String"), "value": format!("\"{link}\"")});
    Ok(Answer::json(200, &body).with("content-type", "application/json; odata.metadata=minimal"))
}

/// `GET {files}/safedownload/{id}.zip?token=…`
pub(crate) fn file(tenant: &Tenant, ask: &Ask) -> Answer {
    let plain = |status, text: &str| Answer::bytes(status, "text/plain", text);
    if ask.header("authorization").is_some() {
        return plain(
            400,
            "A link is all that is needed here: no token belongs with it.",
        );
    }
    if ask.method != Method::GET && ask.method != Method::HEAD {
        return plain(405, "Only GET.");
    }
    let now = tenant.clock.told();
    let token = ask
        .options()
        .into_iter()
        .find(|(k, _)| k == "token")
        .map(|(_, v)| v)
        .unwrap_or_default();
    let book = actions::book(tenant);
    let found = book
        .links
        .get(&token)
        .filter(|(id, until)| *until > now && ask.path == format!("/safedownload/{id}.zip"))
        .and_then(|(id, _)| book.find(id));
    let Some(action) = found else {
        return plain(403, "The link is not valid, or no longer.");
    };
    let row = tenant.world().machine_row(action.machine);
    let label = row.dns_name.split('.').next().unwrap_or("device");
    let zip = archive(&[
        (
            "Forensics Collection Summary.txt",
            &format!(
                "Machine {}\r\nCollected {}\r\n",
                row.dns_name,
                action.at(now).changed
            ),
        ),
        (
            "Autoruns/Run.csv",
            "Entry,Path\r\nOneDrive,C:\\Program Files\\OneDrive.exe\r\n",
        ),
        (
            "Network connections/ActiveNetConnections.txt",
            "TCP 10.0.0.4:49812 198.51.100.7:443 ESTABLISHED\r\n",
        ),
    ]);
    // a name that would leave the folder if somebody used it
    Answer::bytes(200, "application/zip", zip).with(
        "content-disposition",
        format!("attachment; filename=\"../{label}-package.zip\""),
    )
}

/// A zip archive of stored files.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut index = Vec::new();
    for (name, text) in files {
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let (size, sum) = (text.len() as u32, crc.sum());
        let at = out.len() as u32;
        let mut common = Vec::new();
        // version 2.0, no flags, stored, 1 January 2026
        for half in [20_u16, 0, 0, 0, 0x5c21] {
            common.extend_from_slice(&half.to_le_bytes());
        }
        for word in [sum, size, size] {
            common.extend_from_slice(&word.to_le_bytes());
        }
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&0_u16.to_le_bytes());
        let _ = out.write_all(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(text.as_bytes());
        index.extend_from_slice(b"PK\x01\x02\x14\x00");
        index.extend_from_slice(&common);
        // no comment, first disk, no attributes
        index.extend_from_slice(&[0; 10]);
        index.extend_from_slice(&at.to_le_bytes());
        index.extend_from_slice(name.as_bytes());
    }
    let (start, length, count) = (out.len() as u32, index.len() as u32, files.len() as u16);
    out.extend_from_slice(&index);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}
