//! Where addresses are: a database in MaxMind's format that a person names. None is shipped, and
//! none is ever fetched; without one nothing is known.

use super::json;
use super::value::{Val, dynamic};
use maxminddb::{Reader, geoip2};
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
    let found = db
        .lookup(ip)
        .ok()
        .and_then(|r| r.decode::<geoip2::City>().ok());
    match found.flatten() {
        Some(city) => dynamic(written(&city)),
        None => Val::Null,
    }
}

fn written(city: &geoip2::City) -> String {
    let mut parts = Vec::new();
    let mut text = |key: &str, v: Option<&str>| {
        if let Some(v) = v {
            parts.push(format!("{}:{}", json::quote(key), json::quote(v)));
        }
    };
    text("country", city.country.names.english);
    text(
        "state",
        city.subdivisions.first().and_then(|s| s.names.english),
    );
    text("city", city.city.names.english);
    for (key, v) in [
        ("latitude", city.location.latitude),
        ("longitude", city.location.longitude),
    ] {
        if let Some(v) = v {
            parts.push(format!("{}:{}", json::quote(key), json::real(v)));
        }
    }
    format!("{{{}}}", parts.join(","))
}
