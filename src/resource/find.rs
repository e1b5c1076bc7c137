//! Find anything (`S4-1`): what a typed or pasted text may be, which rows of the lists to look for, and what to ask the
//! services where the lists may not have it.
//!
//! Nothing here is certain: 40 hex digits are a file or a device, a word is a host or part of a title. The likeliest
//! comes first, and every list is looked through.

mod classify;
pub mod hits;
mod portal;

pub use classify::{classify, is_technique, mail as is_mail, refang};
pub use portal::portal;

use super::{Meaning, Source, Spec, alert, device, incident, spec, user};
use crate::model::call::Path;
use crate::model::{Call, EntityRef, Key, Kind, Service, Ticks};
use table::{Pattern, Predicate, Test, Text};

/// What to do for a text.
#[derive(Debug, Default)]
pub struct Search {
    /// What it may be, likeliest first.
    pub refs: Vec<EntityRef>,
    /// What to look for in the lists: exact hits of all lists come before loose ones.
    pub looks: Vec<Look>,
    /// What to ask the services; answers come in this order.
    pub asks: Vec<Ask>,
}

/// Rows of one list.
#[derive(Clone, Debug)]
pub struct Look {
    pub kind: Kind,
    /// Rows that are this thing, or name it.
    pub exact: Predicate,
    /// Rows with these words in a text.
    pub loose: Predicate,
}

/// A question to a service.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The kind of the rows that answer.
    pub kind: Kind,
    pub call: Call,
    /// The answer is the entity itself, not a list.
    pub one: bool,
}

/// Plans the search. `joined` as in `filter::Env`: joined columns are looked at only when they are complete, since what
/// is not known yet must not be a hit.
pub fn search(text: &str, now: Ticks, joined: bool) -> Search {
    let refs = classify(text);
    let text = refang(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    if refs.is_empty() || words.is_empty() {
        return Search::default();
    }
    let looks = super::ALL
        .iter()
        .map(|spec| Look {
            kind: spec.kind,
            exact: exact(spec, &refs, joined),
            loose: loose(spec, &words, joined),
        })
        .collect();
    Search {
        asks: asks(&refs, now),
        refs,
        looks,
    }
}

/// The words by which an entity stands in the columns of alerts (`entities`, `devices`, `users`).
pub fn words_of(entity: &EntityRef) -> Vec<&Text> {
    let mut out: Vec<&Text> = match entity {
        EntityRef::Device {
            machine,
            azure,
            name,
        } => [machine, azure, name].into_iter().flatten().collect(),
        EntityRef::User { id, upn, sid, name } => {
            // a bare account name is shared by too many
            let local = name.as_ref().filter(|n| n.txt().exact().contains('\\'));
            [id, upn, sid].into_iter().flatten().chain(local).collect()
        }
        EntityRef::File {
            sha1, sha256, md5, ..
        } => [sha256, sha1, md5].into_iter().flatten().collect(),
        EntityRef::Mail {
            network_message_id,
            address,
        } => [network_message_id, address]
            .into_iter()
            .flatten()
            .collect(),
        other => other.value().into_iter().collect(),
    };
    out.retain(|t| !t.is_empty());
    out
}

/// Rows that are one of these entities or name it.
fn exact(spec: &Spec, refs: &[EntityRef], joined: bool) -> Predicate {
    let mut any = Vec::new();
    for entity in refs {
        for (name, test) in tests(spec.kind, entity) {
            let Some(col) = spec.column(name) else {
                continue;
            };
            let own = spec
                .columns
                .get(col)
                .is_some_and(|c| c.source == Source::Own);
            if own || joined {
                any.push(Predicate::Test {
                    col,
                    test: Test::Text(test),
                });
            }
        }
    }
    match any.is_empty() {
        true => Predicate::None,
        false => Predicate::Or(any),
    }
}

/// Which columns of a kind hold this entity, and as what.
fn tests(kind: Kind, entity: &EntityRef) -> Vec<(&'static str, Pattern)> {
    let mut out = Vec::new();
    let mut is = |column: &'static str, value: &Option<Text>| {
        if let Some(value) = value {
            out.push((column, Pattern::equals(value.txt().exact())));
        }
    };
    match (kind, entity) {
        (Kind::Incident, EntityRef::Incident(id)) => {
            is("id", &Some(id.clone()));
            is("redirectIncidentId", &Some(id.clone()));
        }
        (Kind::Alert, EntityRef::Incident(id)) => is("incidentId", &Some(id.clone())),
        (Kind::Alert, EntityRef::Alert(id)) => {
            is("id", &Some(id.clone()));
            is("providerAlertId", &Some(id.clone()));
        }
        (
            Kind::Device,
            EntityRef::Device {
                machine,
                azure,
                name,
            },
        ) => {
            is("id", machine);
            is("mergedIntoMachineId", machine);
            is("aadDeviceId", azure);
            if let Some(name) = name {
                out.extend(host("computerDnsName", name));
            }
        }
        (Kind::Device, EntityRef::Ip(ip)) => is("ips", &Some(ip.clone())),
        (Kind::User, EntityRef::User { id, upn, sid, name }) => {
            is("id", id);
            is("userPrincipalName", upn);
            is("mail", upn);
            is("onPremisesSecurityIdentifier", sid);
            let local = name
                .as_ref()
                .map(|n| n.txt().exact())
                .map(|n| n.rsplit('\\').next().unwrap_or(n));
            is("onPremisesSamAccountName", &local.map(Text::from));
        }
        (Kind::User, EntityRef::Mail { address, .. }) => is("mail", address),
        // what is blocked or let through is named by its value
        (
            Kind::Indicator,
            EntityRef::Ip(_)
            | EntityRef::Domain(_)
            | EntityRef::Url(_)
            | EntityRef::File { .. }
            | EntityRef::Word(_),
        ) => {
            for word in words_of(entity) {
                is("id", &Some(word.clone()));
            }
        }
        (Kind::Incident | Kind::Alert, EntityRef::Word(word)) => {
            let word = word.txt().exact();
            if classify::is_technique(word) {
                let column = if kind == Kind::Alert {
                    "mitreTechniques"
                } else {
                    "techniques"
                };
                out.push((column, Pattern::starts_with(word)));
            }
        }
        (Kind::Incident | Kind::Alert, entity) => {
            for word in words_of(entity) {
                let word = Some(word.clone());
                if kind == Kind::Alert {
                    is("entities", &word);
                }
                is("users", &word);
            }
            if let EntityRef::Device {
                name: Some(name), ..
            } = entity
            {
                out.extend(host("devices", name));
            }
        }
        _ => {}
    }
    out
}

/// A host by its whole name, or by its first label.
fn host(column: &'static str, name: &Text) -> [(&'static str, Pattern); 2] {
    let name = name.txt().exact();
    [
        (column, Pattern::equals(name)),
        (column, Pattern::starts_with(&format!("{name}."))),
    ]
}

/// Rows with all words somewhere in the texts that people know them by.
fn loose(spec: &Spec, words: &[&str], joined: bool) -> Predicate {
    let cols: Vec<usize> = spec
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| c.is_searched() && (joined || c.source == Source::Own))
        .filter(|(_, c)| {
            use super::Shape::{Text, Words};
            !matches!(c.shape, Text(Meaning::Id) | Words(Meaning::Id))
        })
        .map(|(col, _)| col)
        .collect();
    let each = words.iter().map(|word| Predicate::AnyText {
        cols: cols.clone(),
        test: Pattern::contains(word),
    });
    Predicate::And(each.collect())
}

/// What the services may know that the lists do not. Each question once.
fn asks(refs: &[EntityRef], now: Ticks) -> Vec<Ask> {
    let mut out: Vec<Ask> = Vec::new();
    let one = |kind: Kind, id: &Text| {
        let call = (spec(kind).listing.get)(&Key::new(kind, id.clone()));
        call.ok().map(|call| Ask {
            kind,
            call: call.none_is_404(),
            one: true,
        })
    };
    let many = |kind: Kind, call: Call| {
        Some(Ask {
            kind,
            call,
            one: false,
        })
    };
    let found = |kind: Kind, words: &str| {
        spec(kind)
            .listing
            .search
            .and_then(|search| many(kind, search(words)))
    };
    // what has a form of its own is nobody's name
    let may_be_name = refs.iter().all(|r| match r {
        EntityRef::Word(word) => !classify::is_technique(word.txt().exact()),
        EntityRef::Device { machine, azure, .. } => machine.is_none() && azure.is_none(),
        EntityRef::User { id, upn, sid, .. } => id.is_none() && upn.is_none() && sid.is_none(),
        // `omar.haddad` looks like one
        EntityRef::Domain(_) => true,
        _ => false,
    });
    for entity in refs {
        let asked: Vec<Option<Ask>> = match entity {
            EntityRef::Incident(id) => vec![one(incident::SPEC.kind, id)],
            EntityRef::Alert(id) => vec![one(alert::SPEC.kind, id)],
            EntityRef::Device { machine, name, .. } => vec![
                machine.as_ref().and_then(|id| one(device::SPEC.kind, id)),
                name.as_ref()
                    .and_then(|n| found(Kind::Device, n.txt().exact())),
            ],
            EntityRef::User { id, upn, sid, .. } => vec![
                id.as_ref().and_then(|id| one(user::SPEC.kind, id)),
                sid.as_ref()
                    .and_then(|sid| many(Kind::User, user::by_sid(sid.txt()))),
                upn.as_ref()
                    .and_then(|upn| found(Kind::User, upn.txt().exact())),
            ],
            EntityRef::Ip(ip) => vec![
                ip.txt().exact().parse().ok().and_then(|ip| {
                    let path = Path::new("/machines/findbyip").ip_at(ip, now);
                    let call = Call::get(Service::Defender, path)
                        .needs(device::SPEC.needs)
                        .none_is_404();
                    many(Kind::Device, call)
                }),
                // that one knows a quarter of an hour; the last address of a device is older
                many(Kind::Device, device::by_last_ip(ip.txt())),
            ],
            EntityRef::Word(words) if may_be_name => {
                vec![found(Kind::User, words.txt().exact())]
            }
            EntityRef::Word(_) => Vec::new(),
            EntityRef::Domain(_)
            | EntityRef::Url(_)
            | EntityRef::File { .. }
            | EntityRef::Mail { .. }
            | EntityRef::Cve(_)
            | EntityRef::Control(_)
            | EntityRef::WeakOn(_) => Vec::new(),
        };
        for ask in asked.into_iter().flatten() {
            if !out.iter().any(|o| o.call == ask.call) {
                out.push(ask);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
