//! Where addresses are: a database in MaxMind's format that a person names. None is shipped, and
//! none is ever fetched; without one nothing is known.

use super::json;
use super::value::{Val, dynamic};
use maxminddb::Reader;
use serde_json::Value;
use std::net::IpAddr;
use std::path::Path;
use std::sync::OnceLock;

/// The database of this program. One for all queries: functions of a row carry no state.
static DATABASE: OnceLock<Reader<Vec<u8>>> = OnceLock::new();

/// Reads a database for all queries from now on. The first one read stays; the error is a
/// sentence about the file.
pub fn use_places(file: &Path) -> Result<(), String> {
    let reader = Reader::open_readfile(file).map_err(|e| format!("{}: {e}", file.display()))?;
    DATABASE.get_or_init(|| reader);
    Ok(())
}

/// What the database says of an address, as `geo_info_from_ip_address` gives it.
pub(super) fn place(ip: &str) -> Val<'static> {
    let Some((db, ip)) = DATABASE.get().zip(ip.trim().parse::<IpAddr>().ok()) else {
        return Val::Null;
    };
    // as a tree: the library's own types of a record are a hundred times the code of the five fields wanted
    let found = db.lookup(ip).ok().and_then(|r| r.decode::<Value>().ok());
    match found.flatten() {
        Some(city) => dynamic(written(&city)),
        None => Val::Null,
    }
}

fn written(city: &Value) -> String {
    let mut parts = Vec::new();
    for (key, path) in [
        ("country", "/country/names/en"),
        ("state", "/subdivisions/0/names/en"),
        ("city", "/city/names/en"),
    ] {
        if let Some(v) = city.pointer(path).and_then(Value::as_str) {
            parts.push(format!("{}:{}", json::quote(key), json::quote(v)));
        }
    }
    for (key, path) in [
        ("latitude", "/location/latitude"),
        ("longitude", "/location/longitude"),
    ] {
        if let Some(v) = city.pointer(path).and_then(Value::as_f64) {
            parts.push(format!("{}:{}", json::quote(key), json::real(v)));
        }
    }
    format!("{{{}}}", parts.join(","))
}
