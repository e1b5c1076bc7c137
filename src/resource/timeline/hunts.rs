//! Tables of advanced hunting as sources: who is meant in each, which columns come, and how a row reads as a sentence.
//!
//! Names and ids are tenant text; they get into a query only as literals of the language (`kql_literal`). A query asks for
//! the newest `MOST` rows, so that what a busy device wrote cannot fill the memory; that it was cut is a gap.

use super::{Event, Gap, Span, Thing, sentence};
use crate::model::{EntityRef, Ticks};
use crate::resource::doc::Tone;
use crate::resource::hunt_cell;
use table::{Text, Txt};

/// Rows of one table at most.
pub const MOST: u32 = 10_000;

/// What is read, given the condition on time: a table, or a union of some in one shape. None where nothing that is known
/// of the entity names it there.
type From = fn(&str, &EntityRef) -> Option<String>;

/// A table as a source.
pub struct Table {
    from: From,
    /// The sentence: words of ours before a column, which are left out with it where it is empty.
    words: &'static [(&'static str, &'static str)],
    /// Columns that come beside those of the sentence, for the raw text.
    beside: &'static [&'static str],
    /// A column, words in it, and how much a row with one of them matters.
    grave: &'static [(&'static str, &'static [&'static str], Tone)],
}

fn lit(text: &Text) -> String {
    text.txt().kql_literal()
}

/// On a device: by its own id, else by its name. A name is also the first label of a full one.
fn on_device(of: &EntityRef) -> Option<String> {
    match of {
        EntityRef::Device {
            machine: Some(id), ..
        } => Some(format!("DeviceId =~ {}", lit(id))),
        EntityRef::Device {
            name: Some(name), ..
        } => {
            let label = Txt::new(name.txt().exact().split('.').next().unwrap_or_default());
            let label = format!("{}.", label.exact());
            Some(format!(
                "(DeviceName =~ {} or DeviceName startswith {})",
                lit(name),
                Txt::new(&label).kql_literal()
            ))
        }
        _ => None,
    }
}

/// Logons on a device, or of an account: by its security id, else by its name on devices.
fn logged_on(of: &EntityRef) -> Option<String> {
    let EntityRef::User { upn, sid, name, .. } = of else {
        return on_device(of);
    };
    let account = name.as_ref().map(|n| {
        let bare = n.txt().exact().rsplit('\\').next().unwrap_or_default();
        Text::from(bare)
    });
    let account = account.or_else(|| {
        let local = upn.as_ref()?.txt().exact().split('@').next()?;
        Some(Text::from(local))
    });
    let by: Vec<String> = [
        sid.as_ref().map(|s| format!("AccountSid =~ {}", lit(s))),
        account
            .filter(|a| !a.is_empty())
            .map(|a| format!("AccountName =~ {}", lit(&a))),
        upn.as_ref().map(|u| format!("AccountName =~ {}", lit(u))),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!by.is_empty()).then(|| format!("({})", by.join(" or ")))
}

fn upn(of: &EntityRef) -> Option<&Text> {
    match of {
        EntityRef::User { upn, .. } => upn.as_ref(),
        _ => None,
    }
}

/// Mail sent or received by a person, and what was done to it afterwards, in one shape.
fn mail(when: &str, of: &EntityRef) -> Option<String> {
    let address = lit(upn(of)?);
    Some(format!(
        "union (EmailEvents
    | where {when} and (RecipientEmailAddress =~ {address} or SenderFromAddress =~ {address} or SenderMailFromAddress =~ {address})
    | project Timestamp, What = EmailDirection, SenderFromAddress, RecipientEmailAddress, Subject, Done = DeliveryAction, DeliveryLocation, ThreatTypes, ThreatNames, DetectionMethods, SenderIPv4, AttachmentCount, UrlCount, NetworkMessageId, InternetMessageId),
    (EmailPostDeliveryEvents
    | where {when} and (RecipientEmailAddress =~ {address} or SenderFromAddress =~ {address})
    | project Timestamp, What = ActionType, SenderFromAddress, RecipientEmailAddress, Subject = '', Done = Action, DeliveryLocation, ThreatTypes, ThreatNames = '', DetectionMethods, SenderIPv4 = '', AttachmentCount = int(null), UrlCount = int(null), NetworkMessageId, InternetMessageId)"
    ))
}

fn clicked(of: &EntityRef) -> Option<String> {
    Some(format!("AccountUpn =~ {}", lit(upn(of)?)))
}

pub static PROCESSES: Table = Table {
    from: |when, of| {
        Some(format!(
            "DeviceProcessEvents | where {when} and {}",
            on_device(of)?
        ))
    },
    words: &[
        ("", "FileName"),
        (": ", "ProcessCommandLine"),
        (" · by ", "InitiatingProcessFileName"),
        (" · as ", "AccountName"),
    ],
    beside: &[
        "ActionType",
        "DeviceName",
        "FolderPath",
        "SHA1",
        "SHA256",
        "ProcessId",
        "ProcessIntegrityLevel",
        "AccountDomain",
        "AccountUpn",
        "InitiatingProcessId",
        "InitiatingProcessCommandLine",
        "InitiatingProcessFolderPath",
        "InitiatingProcessParentFileName",
        "ReportId",
    ],
    grave: &[],
};

pub static NETWORK: Table = Table {
    from: |when, of| {
        Some(format!(
            "DeviceNetworkEvents | where {when} and {}",
            on_device(of)?
        ))
    },
    words: &[
        ("", "ActionType"),
        (" ", "RemoteUrl"),
        (" ", "RemoteIP"),
        (" port ", "RemotePort"),
        (" · by ", "InitiatingProcessFileName"),
        (" · as ", "InitiatingProcessAccountName"),
    ],
    beside: &[
        "DeviceName",
        "LocalIP",
        "LocalPort",
        "Protocol",
        "RemoteIPType",
        "InitiatingProcessId",
        "InitiatingProcessCommandLine",
        "InitiatingProcessSHA256",
        "ReportId",
    ],
    grave: &[("ActionType", &["Blocked", "Reported"], Tone::Medium)],
};

pub static FILES: Table = Table {
    from: |when, of| {
        Some(format!(
            "DeviceFileEvents | where {when} and {}",
            on_device(of)?
        ))
    },
    words: &[
        ("", "ActionType"),
        (" ", "FolderPath"),
        (" · by ", "InitiatingProcessFileName"),
        (" · as ", "InitiatingProcessAccountName"),
    ],
    beside: &[
        "DeviceName",
        "FileName",
        "PreviousFileName",
        "SHA1",
        "SHA256",
        "FileSize",
        "FileOriginUrl",
        "InitiatingProcessId",
        "InitiatingProcessCommandLine",
        "ReportId",
    ],
    grave: &[],
};

pub static REGISTRY: Table = Table {
    from: |when, of| {
        Some(format!(
            "DeviceRegistryEvents | where {when} and {}",
            on_device(of)?
        ))
    },
    words: &[
        ("", "ActionType"),
        (" ", "RegistryKey"),
        (" ", "RegistryValueName"),
        (" = ", "RegistryValueData"),
        (" · by ", "InitiatingProcessFileName"),
        (" · as ", "InitiatingProcessAccountName"),
    ],
    beside: &[
        "DeviceName",
        "PreviousRegistryValueData",
        "InitiatingProcessId",
        "InitiatingProcessCommandLine",
        "ReportId",
    ],
    grave: &[],
};

pub static EVENTS: Table = Table {
    from: |when, of| {
        Some(format!(
            "DeviceEvents | where {when} and {}",
            on_device(of)?
        ))
    },
    words: &[
        ("", "ActionType"),
        (" ", "FileName"),
        (" ", "RemoteUrl"),
        (" · by ", "InitiatingProcessFileName"),
        (" · as ", "InitiatingProcessAccountName"),
    ],
    beside: &[
        "DeviceName",
        "FolderPath",
        "SHA1",
        "SHA256",
        "ProcessCommandLine",
        "RegistryKey",
        "RemoteIP",
        "AccountName",
        "InitiatingProcessCommandLine",
        "AdditionalFields",
        "ReportId",
    ],
    grave: &[(
        "ActionType",
        &["Detection", "Blocked", "Tamper", "Exploit"],
        Tone::High,
    )],
};

pub static LOGONS: Table = Table {
    from: |when, of| {
        Some(format!(
            "DeviceLogonEvents | where {when} and {}",
            logged_on(of)?
        ))
    },
    words: &[
        ("", "ActionType"),
        (" ", "LogonType"),
        (" of ", "AccountName"),
        (" on ", "DeviceName"),
        (" from ", "RemoteIP"),
        (" · ", "FailureReason"),
        (" · by ", "InitiatingProcessFileName"),
    ],
    beside: &[
        "DeviceId",
        "AccountDomain",
        "AccountSid",
        "Protocol",
        "IsLocalAdmin",
        "RemoteDeviceName",
        "RemoteIPType",
        "LogonId",
        "ReportId",
    ],
    grave: &[("ActionType", &["Failed"], Tone::Medium)],
};

pub static MAIL: Table = Table {
    from: mail,
    words: &[
        ("", "What"),
        (" from ", "SenderFromAddress"),
        (" to ", "RecipientEmailAddress"),
        (": ", "Subject"),
        (" · ", "Done"),
        (" ", "DeliveryLocation"),
        (" · ", "ThreatTypes"),
    ],
    beside: &[
        "ThreatNames",
        "DetectionMethods",
        "SenderIPv4",
        "AttachmentCount",
        "UrlCount",
        "NetworkMessageId",
        "InternetMessageId",
    ],
    grave: &[("ThreatTypes", &["Phish", "Malware"], Tone::High)],
};

pub static CLICKS: Table = Table {
    from: |when, of| {
        Some(format!(
            "UrlClickEvents | where {when} and {}",
            clicked(of)?
        ))
    },
    words: &[
        ("", "ActionType"),
        (" ", "Url"),
        (" in ", "Workload"),
        (" from ", "IPAddress"),
        (" · ", "ThreatTypes"),
    ],
    beside: &[
        "AccountUpn",
        "IsClickedThrough",
        "UrlChain",
        "DetectionMethods",
        "NetworkMessageId",
        "ReportId",
    ],
    grave: &[
        ("ThreatTypes", &["Phish", "Malware"], Tone::High),
        ("ActionType", &["Blocked"], Tone::Medium),
    ],
};

impl Table {
    /// The query for what happened to an entity in a span, newest rows first; none where nothing that is known of the
    /// entity names it in this table.
    pub fn query(&self, of: &EntityRef, span: Span) -> Option<String> {
        let (from, to) = (span.from.literal(), span.to.literal());
        let when = format!("Timestamp between (datetime({from}) .. datetime({to}))");
        let text = (self.from)(&when, of)?;
        let columns: Vec<&str> = self.columns().collect();
        Some(format!(
            "{text}\n| top {MOST} by Timestamp desc\n| project Timestamp, {}",
            columns.join(", ")
        ))
    }

    /// The columns that come beside the time.
    fn columns(&self) -> impl Iterator<Item = &'static str> {
        let words = self.words.iter().map(|(_, c)| *c);
        words.chain(self.beside.iter().copied())
    }

    /// The rows of the n-th answer as events, and what the answer lacks. `partial` is why the service says it is no whole.
    pub fn events(
        &self,
        n: u32,
        answer: &table::Table,
        partial: Option<&str>,
        span: Span,
    ) -> (Vec<Event>, Vec<Gap>) {
        let schema = answer.schema();
        let col = |name: &str| {
            (schema.col(name)).or_else(|| {
                let mut names = schema.columns();
                names.position(|(c, _)| c.exact().eq_ignore_ascii_case(name))
            })
        };
        let time = col("Timestamp");
        let words: Vec<_> = (self.words.iter())
            .filter_map(|(before, c)| Some((*before, col(c)?)))
            .collect();
        let grave: Vec<_> = (self.grave.iter())
            .filter_map(|(c, w, tone)| Some((col(c)?, *w, *tone)))
            .collect();
        let mut events = Vec::with_capacity(answer.rows() as usize);
        let mut timeless = 0u32;
        let mut text = String::new();
        for row in 0..answer.rows() {
            let Some(at) = time.and_then(|c| answer.cell(row, c).time()) else {
                timeless += 1;
                continue;
            };
            text.clear();
            for (n, (before, c)) in words.iter().enumerate() {
                let value = hunt_cell::text(answer, row, *c);
                // a command line begins with the name of its program
                if n == 1 && begins_with(&value, &text) {
                    text.clear();
                }
                if !value.is_empty() {
                    if !text.is_empty() {
                        text.push_str(before);
                    }
                    text.push_str(&value);
                }
            }
            let tone = grave.iter().find(|(c, any, _)| {
                let has = |t: Txt<'_>| any.iter().any(|w| t.exact().contains(w));
                answer.text(row, *c).is_some_and(has)
            });
            events.push(Event {
                at: Ticks(at),
                sentence: sentence(&text),
                tone: tone.map_or(Tone::Plain, |(.., t)| *t),
                thing: Thing::Raw(n, row),
            });
        }
        let oldest = events.iter().map(|e| e.at).min().unwrap_or(span.to);
        let before = Span::new(span.from, oldest.min(span.to));
        let mut gaps = Vec::new();
        if let Some(why) = partial {
            let why = format!("the answer is not whole: {why}");
            gaps.push(Gap {
                span: before,
                why: why.into(),
            });
        } else if answer.rows() >= MOST {
            let why = format!(
                "cut: only the newest {MOST} rows are here; w reads less, and a query in the hunt tab reads more"
            );
            gaps.push(Gap {
                span: before,
                why: why.into(),
            });
        }
        if timeless > 0 {
            let why = format!("{timeless} rows came without a time and have no place here");
            gaps.push(Gap {
                span,
                why: why.into(),
            });
        }
        (events, gaps)
    }
}

/// Whether a text begins with a name, with or without its ending and in any case.
fn begins_with(text: &str, name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let head = text.trim_start_matches('"').get(..stem.len());
    !stem.is_empty() && head.is_some_and(|h| h.eq_ignore_ascii_case(stem))
}

#[cfg(test)]
mod tests {
    use super::super::{DEVICE, USER};
    use super::*;
    use crate::model::time::DAY;
    use crate::resource::timeline::Ask;
    use kql::bind::World;
    use kql::schema::{Schema, Which};

    const EVIL: &str = "o'brien\"\\') or true //\n| take 1 {{ENTITY}} @ FROM TO WHO";

    fn span() -> Span {
        let to = Ticks::parse("2026-08-01T12:00:00Z").unwrap();
        Span::new(Ticks(to.0 - DAY), to)
    }

    fn entities(word: &str) -> [EntityRef; 2] {
        let t = || Some(Text::from(word));
        [
            EntityRef::User {
                id: t(),
                upn: t(),
                sid: t(),
                name: t(),
            },
            EntityRef::Device {
                machine: None,
                azure: t(),
                name: t(),
            },
        ]
    }

    fn hunts() -> Vec<(&'static str, &'static Table, EntityRef)> {
        let mut out = Vec::new();
        for (set, n) in [(USER, 0), (DEVICE, 1)] {
            for source in set {
                if let Ask::Hunt(table) = source.ask {
                    out.push((source.name, table, entities(EVIL)[n].clone()));
                }
            }
        }
        out
    }

    /// Every query binds without an error, and a name cannot leave its literal: the tokens are those of a harmless name.
    #[test]
    fn a_hostile_name_stays_a_literal_in_every_query() {
        let world = World::new(Schema::builtin(Which::Unified));
        let tokens = |text: &str| -> Vec<_> {
            let tokens = kql::syntax::lex(text, &mut Vec::new());
            tokens.iter().map(|t| t.kind).collect()
        };
        for (name, table, entity) in hunts() {
            let text = table.query(&entity, span()).unwrap();
            let plain = table
                .query(
                    &entities("raj")[usize::from(matches!(entity, EntityRef::Device { .. }))],
                    span(),
                )
                .unwrap();
            assert_eq!(tokens(&text), tokens(&plain), "{name}: {text}");
            let found = kql::service::check(&kql::service::analyse(&text, &world));
            let wrong: Vec<_> = (found.findings.iter())
                .filter(|f| f.severity == kql::syntax::Severity::Error)
                .collect();
            assert!(wrong.is_empty(), "{name}: {wrong:?}\n{text}");
        }
    }

    #[test]
    fn a_device_is_named_by_its_id_and_nothing_is_asked_of_nobody() {
        let of = EntityRef::Device {
            machine: Some("ab12".into()),
            azure: None,
            name: Some("ws1".into()),
        };
        let text = PROCESSES.query(&of, span()).unwrap();
        assert!(
            text.contains("DeviceId =~ ") && !text.contains("ws1"),
            "{text}"
        );
        let nobody = EntityRef::User {
            id: Some("x".into()),
            upn: None,
            sid: None,
            name: None,
        };
        assert_eq!(MAIL.query(&nobody, span()), None);
        assert_eq!(LOGONS.query(&nobody, span()), None);
    }

    fn answer(rows: &[(&str, &str, &str)]) -> table::Table {
        use table::{ChunkBuilder, Type};
        let schema = std::sync::Arc::new(table::Schema::new([
            ("timestamp", Type::Time),
            ("ActionType", Type::Text),
            ("RemoteIP", Type::Text),
        ]));
        let mut build = ChunkBuilder::new(schema.clone());
        for (at, action, ip) in rows {
            build.time(0, Ticks::parse(at).map(|t| t.0));
            build.text(1, Some(action));
            build.text(2, Some(ip).filter(|t| !t.is_empty()).copied());
            build.end_row();
        }
        let mut table = table::Table::new(schema);
        table.append(std::sync::Arc::new(build.finish()));
        table
    }

    #[test]
    fn rows_become_sentences_and_what_is_missing_is_told() {
        let rows = answer(&[
            ("2026-08-01T11:00:00Z", "LogonFailed", "203.0.113.7"),
            ("2026-08-01T10:00:00Z", "LogonSuccess", ""),
            ("no time", "LogonSuccess", "x"),
        ]);
        let (events, gaps) = LOGONS.events(0, &rows, None, span());
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].sentence, "LogonFailed from 203.0.113.7");
        assert_eq!(events[0].tone, Tone::Medium);
        assert_eq!(events[1].sentence, "LogonSuccess");
        assert!(gaps[0].why.txt().exact().starts_with("1 rows came without"));
        let (_, gaps) = LOGONS.events(0, &rows, Some("it breaks off"), span());
        assert_eq!(gaps[0].span.from, span().from);
        assert_eq!(gaps[0].span.to, events[1].at, "older than the oldest row");
    }

    #[test]
    fn a_program_is_not_named_twice() {
        assert!(begins_with("powershell.exe -enc x", "powershell.exe"));
        assert!(begins_with("\"PowerShell\" -enc x", "powershell.exe"));
        assert!(begins_with("quser", "quser.exe"));
        assert!(!begins_with("C:\\Windows\\Explorer.EXE", "explorer.exe"));
        assert!(!begins_with("x", "") && !begins_with("é", "e.exe"));
    }

    #[test]
    fn an_answer_of_as_many_rows_as_were_asked_for_is_cut() {
        let row = ("2026-08-01T11:00:00Z", "LogonSuccess", "10.0.0.1");
        let rows = answer(&vec![row; MOST as usize]);
        let (events, gaps) = LOGONS.events(0, &rows, None, span());
        assert_eq!((events.len(), gaps.len()), (MOST as usize, 1));
        assert!(gaps[0].why.txt().exact().contains("newest 10000 rows"));
        let rows = answer(&vec![row; MOST as usize - 1]);
        assert!(LOGONS.events(0, &rows, None, span()).1.is_empty());
    }
}
