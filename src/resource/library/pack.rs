//! The starter pack: hunts of our own over the Defender tables, in `hunts/` beside the sources and part of the program.
//!
//! A further hunt is a file there and its name here; the tests read the folder, bind every hunt and run it.

use super::front;
use super::touches;
use crate::model::saved::{Kept, Place};
use std::sync::{Arc, OnceLock};

macro_rules! pack {
    ($($name:literal)*) => {
        /// Name and text of each, in the order in which they are offered.
        pub static FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../hunts/", $name, ".kql"))),)*
        ];
    };
}

pack! {
    "device-timeline"
    "user-timeline"
    "anything-everywhere"
    "file-everywhere"
    "file-spread"
    "ip-everywhere"
    "url-clicks"
    "domain-everywhere"
    "message-story"
    "mailbox-senders"
    "alert-evidence"
    "incident-alerts"
    "cve-devices"
    "alert-alike"
    "alert-around"
    "alerts-by-technique"
    "antivirus-detections"
    "app-sign-ins-new-country"
    "apps-with-much-power"
    "attack-surface-rules"
    "backups-tampered"
    "consent-given"
    "defender-switched-off"
    "device-alerts"
    "device-cloud-apps"
    "device-downloads"
    "device-facts"
    "device-logons"
    "device-persistence"
    "device-rare-destinations"
    "device-weaknesses"
    "directory-read-in-bulk"
    "directory-replication"
    "domain-senders"
    "encoded-powershell"
    "end-of-support"
    "event-log-cleared"
    "exploitable-and-open"
    "fetch-with-system-tools"
    "file-behaviour"
    "file-in-mail"
    "file-signer"
    "inbox-rules"
    "ip-connections"
    "ip-sign-ins"
    "ip-who-has-it"
    "kerberos-tickets-for-many-services"
    "looking-around"
    "lsass-access"
    "mail-taken-back"
    "many-files-changed"
    "mass-download"
    "message-alike"
    "mining"
    "named-pipes-of-tools"
    "names-that-deceive"
    "network-protection-open"
    "office-starts-programs"
    "old-protocols"
    "one-sender-many-people"
    "password-spray"
    "phish-delivered-and-clicked"
    "programs-from-user-folders"
    "regular-connections"
    "remote-control-tools"
    "remote-logons-from-outside"
    "response-actions"
    "risky-sign-ins"
    "roles-given"
    "run-keys"
    "scheduled-tasks"
    "services-from-odd-places"
    "success-after-failures"
    "system-names-in-odd-places"
    "two-countries"
    "url-connections"
    "url-in-mail"
    "usb-copies"
    "user-alerts"
    "user-cloud-activity"
    "user-cloud-apps"
    "user-devices"
    "user-directory-changes"
    "user-facts"
    "user-mail"
    "user-sign-ins"
    "value-anywhere"
    "web-server-starts-shell"
}

/// The hunts of the pack, read once.
pub fn all() -> &'static [Kept] {
    static ALL: OnceLock<Vec<Kept>> = OnceLock::new();
    ALL.get_or_init(|| {
        let read = |(name, text): &(&'static str, &str)| {
            let (saved, wrong) = front::read(text, name);
            Kept {
                reaches: touches::reaches(&saved.text),
                saved: Arc::new(saved),
                place: Place::Pack(name),
                wrong: wrong.map(|w| w.to_string()),
            }
        };
        FILES.iter().map(read).collect()
    })
}
