//! What is to know of a table before one relies on it: whether its rows can be streamed out of the tenant, under which
//! event type, and whether Sentinel takes them in for nothing.

/// How the rows of a table leave the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streaming {
    /// Streamed, and free of charge in Sentinel: alerts and incidents.
    Free,
    /// Streamed; whoever takes it in pays for it.
    Paid,
    /// The streaming API does not have it.
    No,
}

impl Streaming {
    pub fn says(self) -> &'static str {
        match self {
            Self::Free => "free in Sentinel (alerts and incidents)",
            Self::Paid => "paid when streamed",
            Self::No => "not streamed",
        }
    }
}

const FREE: &[&str] = &["AlertEvidence", "AlertInfo"];

const PAID: &[&str] = &[
    "CloudAppEvents",
    "DeviceEvents",
    "DeviceFileCertificateInfo",
    "DeviceFileEvents",
    "DeviceImageLoadEvents",
    "DeviceInfo",
    "DeviceLogonEvents",
    "DeviceNetworkEvents",
    "DeviceNetworkInfo",
    "DeviceProcessEvents",
    "DeviceRegistryEvents",
    "EmailAttachmentInfo",
    "EmailEvents",
    "EmailPostDeliveryEvents",
    "EmailUrlInfo",
    "IdentityDirectoryEvents",
    "IdentityLogonEvents",
    "IdentityQueryEvents",
    "UrlClickEvents",
];

/// What Sentinel makes of incidents and alerts by itself.
const OF_SENTINEL: &[&str] = &["SecurityAlert", "SecurityIncident"];

pub fn streaming(table: &str) -> Streaming {
    match table {
        t if FREE.contains(&t) || OF_SENTINEL.contains(&t) => Streaming::Free,
        t if PAID.contains(&t) => Streaming::Paid,
        _ => Streaming::No,
    }
}

/// The event type under which a table is streamed, as the export's settings and each streamed line name it.
pub fn event_type(table: &str) -> Option<String> {
    let streamed = FREE.contains(&table) || PAID.contains(&table);
    streamed.then(|| format!("AdvancedHunting-{table}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kql::schema::{Schema, Which};

    /// S1-16, S1-20.
    #[test]
    fn every_event_type_is_that_of_a_table_and_alerts_are_free() {
        let schema = Schema::builtin(Which::Defender);
        let streamed: Vec<String> = schema
            .tables()
            .filter_map(|t| event_type(&t.name))
            .collect();
        assert_eq!(streamed.len(), FREE.len() + PAID.len(), "{streamed:?}");
        assert_eq!(streaming("AlertInfo"), Streaming::Free);
        assert_eq!(streaming("DeviceProcessEvents"), Streaming::Paid);
        assert_eq!(streaming("IdentityInfo"), Streaming::No);
        assert_eq!(event_type("SecurityIncident"), None);
        assert_eq!(
            event_type("EmailEvents").as_deref(),
            Some("AdvancedHunting-EmailEvents")
        );
    }
}
