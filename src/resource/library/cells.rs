//! What a cell of a result names: by its column, with its neighbours of the same row, else by the form of its value.

use crate::model::EntityRef;
use crate::resource::find;
use table::Text;

/// A row as names of columns and texts of cells.
pub type Cells<'a> = [(&'a str, &'a str)];

/// What kinds of columns there are, by the end of their names. The first that fits counts.
const COLUMNS: &[(&str, Is)] = &[
    ("NetworkMessageId", Is::Message),
    ("SHA256", Is::Hash),
    ("SHA1", Is::Hash),
    ("MD5", Is::Hash),
    ("Hash", Is::Hash),
    ("AadDeviceId", Is::AzureDevice),
    ("EntraIdDeviceId", Is::AzureDevice),
    ("DeviceId", Is::Machine),
    ("MachineId", Is::Machine),
    ("DeviceName", Is::Host),
    ("ComputerName", Is::Host),
    ("Computer", Is::Host),
    ("HostName", Is::Host),
    ("AccountUpn", Is::Upn),
    ("UserPrincipalName", Is::Upn),
    ("UserId", Is::Upn),
    ("AccountObjectId", Is::Person),
    ("RecipientObjectId", Is::Person),
    ("AccountSid", Is::Sid),
    ("OnPremSid", Is::Sid),
    ("AccountName", Is::Account),
    ("EmailAddress", Is::Address),
    ("FromAddress", Is::Address),
    ("AlertId", Is::Alert),
    ("ProviderIncidentId", Is::Incident),
    ("IncidentId", Is::Incident),
    ("CveId", Is::Cve),
    ("IPAddress", Is::Ip),
    ("IPv4", Is::Ip),
    ("IP", Is::Ip),
    ("Domain", Is::Domain),
    ("Url", Is::Url),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Message,
    Hash,
    AzureDevice,
    Machine,
    Host,
    Upn,
    Person,
    Sid,
    Account,
    Address,
    Alert,
    Incident,
    Cve,
    Ip,
    Domain,
    Url,
}

fn kind(column: &str) -> Option<(Is, &str)> {
    let ends = |end: &str| {
        let at = column.len().checked_sub(end.len())?;
        let (head, tail) = (column.get(..at)?, column.get(at..)?);
        tail.eq_ignore_ascii_case(end).then_some(head)
    };
    COLUMNS
        .iter()
        .find_map(|(end, is)| ends(end).map(|head| (*is, head)))
        // the account's own domain is no name on the web
        .filter(|(is, head)| *is != Is::Domain || !head.ends_with("Account"))
}

/// What the cell at a place names.
pub fn entity(cells: &Cells<'_>, at: usize) -> Option<EntityRef> {
    let (column, value) = *cells.get(at)?;
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    let Some((is, head)) = kind(column) else {
        return by_form(value).filter(is_sure);
    };
    // a neighbour of the same family: `InitiatingProcessAccountUpn` beside `InitiatingProcessAccountName`
    let beside = |end: &str| {
        let found = cells.iter().find(|(name, v)| {
            name.len() == head.len() + end.len()
                && name.starts_with(head)
                && name.ends_with(end)
                && !v.trim().is_empty()
        });
        found.map(|(_, v)| Text::from(v.trim()))
    };
    let text = || Some(Text::from(value));
    let local = matches!(value, "127.0.0.1" | "::1" | "-");
    Some(match is {
        Is::Message => EntityRef::Mail {
            network_message_id: text(),
            address: None,
        },
        Is::Hash => {
            let of = |end: &str, len: usize| match value.len() == len && column.ends_with(end) {
                true => text(),
                false => beside(end).filter(|t| t.txt().exact().len() == len),
            };
            let hex = value.bytes().all(|b| b.is_ascii_hexdigit());
            let (sha1, sha256, md5) = (of("SHA1", 40), of("SHA256", 64), of("MD5", 32));
            if !hex {
                return None;
            }
            if sha1.is_none() && sha256.is_none() && md5.is_none() {
                return by_form(value);
            }
            EntityRef::File {
                sha1,
                sha256,
                md5,
                name: beside("FileName"),
            }
        }
        Is::Machine | Is::Host | Is::AzureDevice => EntityRef::Device {
            machine: beside("DeviceId").filter(machine),
            azure: beside("AadDeviceId"),
            name: match is {
                Is::Host => text(),
                _ => beside("DeviceName"),
            },
        }
        .or_id(is, value),
        Is::Upn | Is::Person | Is::Sid | Is::Account => {
            let upn = beside("AccountUpn").or(beside("UserPrincipalName"));
            let upn = upn.or((is == Is::Upn).then(|| Text::from(value)));
            let sid = beside("AccountSid").or((is == Is::Sid).then(|| Text::from(value)));
            EntityRef::User {
                id: beside("AccountObjectId").or((is == Is::Person).then(|| Text::from(value))),
                upn: upn.filter(|t| t.txt().exact().contains('@')),
                sid: sid.filter(|t| t.txt().exact().starts_with("S-1-")),
                name: (is == Is::Account).then(|| Text::from(value)),
            }
        }
        Is::Address => EntityRef::Mail {
            network_message_id: None,
            address: text(),
        },
        Is::Alert => EntityRef::Alert(Text::from(value)),
        Is::Incident => EntityRef::Incident(Text::from(value)),
        Is::Cve => EntityRef::Cve(Text::from(value)),
        Is::Ip if local => return None,
        Is::Ip | Is::Domain | Is::Url => {
            let of_web = |e: &EntityRef| {
                matches!(
                    e,
                    EntityRef::Ip(_) | EntityRef::Domain(_) | EntityRef::Url(_)
                )
            };
            return by_form(value).filter(of_web);
        }
    })
}

trait OrId {
    fn or_id(self, is: Is, value: &str) -> Self;
}

impl OrId for EntityRef {
    /// A device whose own cell was not of the usual form keeps that cell's value as its name.
    fn or_id(self, is: Is, value: &str) -> Self {
        match self {
            EntityRef::Device {
                machine: None,
                azure: None,
                name: None,
            } if is != Is::AzureDevice => EntityRef::Device {
                machine: None,
                azure: None,
                name: Some(Text::from(value)),
            },
            EntityRef::Device {
                machine,
                azure: None,
                name,
            } if is == Is::AzureDevice => EntityRef::Device {
                machine,
                azure: Some(Text::from(value)),
                name,
            },
            other => other,
        }
    }
}

/// Defender's own id of a device: forty hex digits.
fn machine(text: &Text) -> bool {
    let text = text.txt().exact();
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What a value is by its form alone; words are nothing.
fn by_form(value: &str) -> Option<EntityRef> {
    // what is long or of several words is a command line or a title
    if value.len() > 2_000 || value.contains(char::is_whitespace) {
        return None;
    }
    let first = find::classify(value).into_iter().next()?;
    (!matches!(first, EntityRef::Word(_))).then_some(first)
}

/// Whether the form of a value alone tells what it is: numbers, short words and file names do not.
fn is_sure(entity: &EntityRef) -> bool {
    matches!(
        entity,
        EntityRef::Ip(_)
            | EntityRef::Url(_)
            | EntityRef::File { .. }
            | EntityRef::Cve(_)
            | EntityRef::Control(_)
            | EntityRef::User { upn: Some(_), .. }
    )
}

/// Everything a row names, each once: what the cell at a place names first.
pub fn all(cells: &Cells<'_>, at: usize) -> Vec<EntityRef> {
    let mut out: Vec<EntityRef> = Vec::new();
    let order = std::iter::once(at).chain((0..cells.len()).filter(|n| *n != at));
    for n in order {
        // beyond the cell itself only columns that say what they hold are believed
        let known = n == at || cells.get(n).is_some_and(|(c, _)| kind(c).is_some());
        if let Some(found) = known.then(|| entity(cells, n)).flatten()
            && !out.contains(&found)
        {
            out.push(found);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(cells: &Cells<'_>, at: usize) -> String {
        match entity(cells, at) {
            None => "nothing".to_owned(),
            Some(e) => {
                let value = e.value().map_or("", |v| v.txt().exact()).to_owned();
                format!("{} {value}", e.noun())
            }
        }
    }

    #[test]
    fn a_cell_names_what_its_column_says_with_its_neighbours() {
        let machine = "a".repeat(40);
        let sha1 = "b".repeat(40);
        let sha256 = "c".repeat(64);
        let row: Vec<(&str, &str)> = vec![
            ("DeviceId", &machine),
            ("DeviceName", "wks-1.corp"),
            ("SHA1", &sha1),
            ("InitiatingProcessSHA256", &sha256),
            ("AccountName", "ana"),
            ("AccountUpn", "ana@contoso.com"),
            ("RemoteIP", "203.0.113.7"),
            ("RemoteUrl", "evil.example"),
            ("NetworkMessageId", "4d5e0000-0000-4000-8000-000000000001"),
            ("RecipientEmailAddress", "raj@contoso.com"),
            ("AccountDomain", "corp"),
            ("ProcessCommandLine", "cmd.exe /c dir"),
            ("Url", "https://evil.example/a?b"),
            ("Count", "7"),
            ("AlertId", "da637"),
            ("LocalIP", "127.0.0.1"),
            ("FileName", "a.exe"),
        ];
        for (at, says) in [
            (0, "device wks-1.corp"),
            (1, "device wks-1.corp"),
            (4, "user ana@contoso.com"),
            (6, "address 203.0.113.7"),
            (7, "domain evil.example"),
            (8, "mail 4d5e0000-0000-4000-8000-000000000001"),
            (9, "mail raj@contoso.com"),
            (10, "nothing"),
            (11, "nothing"),
            (12, "URL https://evil.example/a?b"),
            (14, "alert da637"),
            (15, "nothing"),
            (13, "nothing"),
            (16, "nothing"),
            (99, "nothing"),
        ] {
            assert_eq!(one(&row, at), says, "{at}");
        }
        assert!(matches!(
            entity(&row, 2),
            Some(EntityRef::File { sha1: Some(_), sha256: None, name: Some(n), .. }) if n.txt().exact() == "a.exe"
        ));
        assert!(matches!(
            entity(&row, 3),
            Some(EntityRef::File {
                sha256: Some(_),
                sha1: None,
                ..
            })
        ));
        assert!(matches!(
            entity(&row, 0),
            Some(EntityRef::Device {
                machine: Some(_),
                ..
            })
        ));
        let every = all(&row, 6);
        assert!(matches!(every[0], EntityRef::Ip(_)));
        let devices = every
            .iter()
            .filter(|e| matches!(e, EntityRef::Device { .. }));
        assert_eq!(devices.count(), 1, "each once");
    }

    #[test]
    fn values_that_are_not_what_their_column_says_name_nothing() {
        for (column, value) in [
            ("SHA1", "not a hash"),
            ("RemoteIP", "-"),
            ("Title", "evil words"),
            ("SHA256", ""),
        ] {
            assert_eq!(entity(&[(column, value)], 0), None, "{column}");
        }
        assert!(matches!(
            entity(&[("x", "CVE-2026-1234")], 0),
            Some(EntityRef::Cve(_))
        ));
    }
}
