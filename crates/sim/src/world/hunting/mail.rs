//! Mail: messages, their links and attachments, what was done after delivery, and clicks.

use std::sync::Arc;

use serde_json::json;
use table::Chunk;

use super::super::World;
use super::super::dice::{Dice, Guid, Topic};
use super::super::stamp::{DAY, MINUTE, SECOND, Stamp};
use super::super::story::What;
use super::super::story::facts::{self, File, Mail};
use super::book::Book;
use super::shape::Shape;
use super::story_endpoint::Tell;
use super::told::{Scene, Told};

/// What tells such a table from the stories.
pub(super) fn tell(table: &str) -> Option<Tell> {
    Some(match table {
        "EmailEvents" => told_messages,
        "EmailUrlInfo" => told_urls,
        "EmailAttachmentInfo" => told_attachments,
        "EmailPostDeliveryEvents" => told_later,
        "UrlClickEvents" => told_clicks,
        _ => return None,
    })
}

/// What makes the noise of such a table.
pub(super) fn noise(table: &str) -> Option<fn(&World, Arc<Shape>) -> Chunk> {
    Some(match table {
        "EmailEvents" => messages,
        "EmailUrlInfo" => urls,
        "EmailAttachmentInfo" => attachments,
        "EmailPostDeliveryEvents" => later,
        "UrlClickEvents" => clicks,
        _ => return None,
    })
}

/// One of twenty events is a mail.
const SHARE: usize = 20;

/// An ordinary message.
struct Message {
    mail: Mail,
    direction: &'static str,
    /// The sender's index, for mail from inside.
    from: Option<usize>,
    junk: bool,
}

/// Senders outside: address, name, address of their server, where their links go.
static SENDERS: [(&str, &str, &str, &str); 12] = [
    (
        "newsletter@news.example.org",
        "The Morning Briefing",
        "192.0.2.201",
        "https://news.example.org/today",
    ),
    (
        "billing@saas.example.com",
        "Acme Billing",
        "192.0.2.240",
        "https://saas.example.com/invoices",
    ),
    (
        "no-reply@travel.example.net",
        "Contoso Travel",
        "192.0.2.241",
        "https://travel.example.net/trip",
    ),
    (
        "orders@fabrikam.example",
        "Fabrikam Orders",
        "192.0.2.242",
        "https://fabrikam.example/orders",
    ),
    (
        "hr@northwind.example",
        "Northwind HR",
        "192.0.2.243",
        "https://northwind.example/people",
    ),
    (
        "売上@adatum.example",
        "アダタム 営業部",
        "192.0.2.244",
        "https://adatum.example/見積",
    ),
    (
        "sales@litware.example",
        "Продажи Litware",
        "192.0.2.245",
        "https://litware.example/предложение",
    ),
    (
        "info@woodgrove.example",
        "Woodgrove بنك",
        "192.0.2.246",
        "https://woodgrove.example/statement",
    ),
    (
        "promo@deals.example.com",
        "50% OFF \u{1f525}",
        "198.51.100.77",
        "https://deals.example.com/x",
    ),
    (
        "alerts@monitoring.example.net",
        "Monitoring",
        "192.0.2.247",
        "https://monitoring.example.net/a",
    ),
    (
        "team@proseware.example",
        "Proseware Team",
        "192.0.2.248",
        "https://proseware.example/board",
    ),
    (
        "=cmd|'/c calc'!A1@wwi.example",
        "=2+5+cmd|' /C calc'!A0",
        "192.0.2.249",
        "https://wwi.example/?q=%3D1%2B1",
    ),
];

static SUBJECTS: [&str; 16] = [
    "Weekly status",
    "Re: Forecast for next quarter",
    "Your invoice {n}",
    "Agenda for tomorrow",
    "FW: contract draft {n}",
    "Lunch?",
    "見積書 {n} のご確認",
    "Счёт № {n}",
    "عرض أسعار {n}",
    "Besprechungsprotokoll {n}",
    "הזמנה {n}",
    "Réunion d’équipe",
    "Order {n} has shipped \u{1f4e6}",
    "=HYPERLINK(\"http://x.example\",\"open\")",
    "annexe_{n}\u{202e}fdp.exe",
    "line one\r\nline two \u{1b}[31m{n}",
];

fn count(world: &World) -> usize {
    world.size().events as usize / SHARE
}

/// People who get mail.
fn people(world: &World) -> Vec<usize> {
    (0..world.staff_end())
        .filter(|u| world.user_row(*u).mail.is_some())
        .take(4_000)
        .collect()
}

fn message(world: &World, people: &[usize], i: usize, n: usize) -> Message {
    let mut dice = world.seed.dice(Topic::Noise, i as u64 | 1 << 32);
    let base = world.now().0 - 30 * DAY + (i as i64 * 30 * DAY) / n.max(1) as i64;
    let received = Stamp(base + dice.range(0, 5 * MINUTE)).min(world.now().plus(-SECOND));
    let recipient = *dice.pick(people);
    let number = dice.below(90_000) + 10_000;
    let subject = dice.pick(&SUBJECTS).replace("{n}", &number.to_string());
    let from = dice.chance(430).then(|| *dice.pick(people));
    let (address, name, server, link) = *dice.pick(&SENDERS);
    let (sender, ip, direction) = match from {
        Some(user) => {
            let row = world.user_row(user);
            let mail = row.mail.unwrap_or_default().to_owned();
            ((mail, row.display.to_owned()), "10.1.0.22", "Intra-org")
        }
        None => ((address.to_owned(), name.to_owned()), server, "Inbound"),
    };
    let urls = match from {
        Some(_) if dice.chance(200) => vec![format!(
            "https://contoso.sharepoint.com/sites/team/{number}"
        )],
        Some(_) => vec![],
        None => (0..=dice.below(2))
            .map(|k| format!("{link}/{}", number + k))
            .collect(),
    };
    let attachments = if dice.chance(240) {
        let name = [
            "Minutes.docx",
            "Angebot.pdf",
            "Plan.xlsx",
            "写真.zip",
            "Résumé.pdf",
            "invoice\u{202e}fdp.exe",
        ][dice.weighted(&[(0, 30), (1, 30), (2, 25), (3, 8), (4, 6), (5, 1)])];
        vec![facts::file(name, number)]
    } else {
        vec![]
    };
    let junk = from.is_none() && (address.starts_with("promo") || dice.chance(30));
    Message {
        mail: Mail {
            network_id: world.seed.guid(Topic::Noise, i as u32),
            subject,
            sender,
            from: facts::outside(ip.parse().unwrap_or(std::net::IpAddr::from([192, 0, 2, 1]))),
            recipient,
            urls,
            attachments,
            received,
            delivery: if junk { "deliveredAsSpam" } else { "delivered" },
            location: if junk { "junkFolder" } else { "inbox_folder" },
            threats: &[],
            methods: &[],
        },
        direction,
        from,
        junk,
    }
}

fn all_messages(world: &World) -> impl Iterator<Item = Message> + '_ {
    let people = people(world);
    let n = if people.is_empty() { 0 } else { count(world) };
    (0..n).map(move |i| message(world, &people, i, n))
}

fn delivery(mail: &Mail) -> (&'static str, &'static str) {
    let action = match mail.delivery {
        "delivered" => "Delivered",
        "deliveredAsSpam" => "Junked",
        "blocked" => "Blocked",
        _ => "Replaced",
    };
    let location = match mail.location {
        "inbox_folder" => "Inbox/folder",
        "junkFolder" => "Junk folder",
        "quarantine" => "Quarantine",
        _ => "Unknown",
    };
    (action, location)
}

fn domain(address: &str) -> &str {
    address.rsplit('@').next().unwrap_or_default()
}

fn report(id: Guid, n: usize) -> String {
    format!("{id}-{:x}-{n}", (id.0 >> 20) as u32)
}

impl World {
    fn write_message(
        &self,
        book: &mut Book,
        mail: &Mail,
        direction: &str,
        from: Option<usize>,
        junk: bool,
    ) {
        let recipient = self.user_row(mail.recipient);
        let (address, name) = &mail.sender;
        let (action, location) = delivery(mail);
        let bad = !mail.threats.is_empty();
        let checks = if bad {
            json!({"SPF": "fail", "DKIM": "none", "DMARC": "fail", "CompAuth": "fail"})
        } else {
            json!({"SPF": "pass", "DKIM": "pass", "DMARC": "pass", "CompAuth": "pass"})
        };
        let mut dice = Dice::of(mail.network_id.0 as u64);
        book.at(mail.received)
            .text("NetworkMessageId", &mail.network_id.to_string())
            .text("InternetMessageId", &internet_id(mail))
            .text("SenderMailFromAddress", address)
            .text("SenderFromAddress", address)
            .text("SenderDisplayName", name)
            .text("SenderMailFromDomain", domain(address))
            .text("SenderFromDomain", domain(address))
            .text("SenderIPv4", &mail.from.ip.to_string())
            .some("RecipientEmailAddress", recipient.mail)
            .text("RecipientObjectId", &recipient.id.to_string())
            .text(
                "RecipientDomain",
                domain(recipient.mail.unwrap_or_default()),
            )
            .text("Subject", &mail.subject)
            .int("EmailClusterId", dice.below(4_000_000_000) as i64)
            .text("EmailDirection", direction)
            .text("DeliveryAction", action)
            .text("DeliveryLocation", location)
            .text("LatestDeliveryAction", action)
            .text("LatestDeliveryLocation", location)
            .text(
                "ThreatTypes",
                if bad {
                    "Phish"
                } else if junk {
                    "Spam"
                } else {
                    ""
                },
            )
            .text("AuthenticationDetails", &checks.to_string())
            .int("AttachmentCount", mail.attachments.len() as i64)
            .int("UrlCount", mail.urls.len() as i64)
            .text("EmailLanguage", "en")
            .int("EmailSize", 8_000 + dice.below(900_000) as i64)
            .int("IsFirstContact", i64::from(bad || dice.chance(120)))
            .text("To", recipient.mail.unwrap_or_default())
            .text("ReportId", &report(mail.network_id, 0))
            .text("AdditionalFields", "{}");
        if bad {
            book.text(
                "DetectionMethods",
                &json!({"Phish": mail.methods}).to_string(),
            )
            .text(
                "ConfidenceLevel",
                "{\"Phish\":\"High\",\"Spam\":\"Not spam\"}",
            )
            .text("OrgLevelPolicy", "Anti-phishing policy");
        } else if junk {
            book.int("BulkComplaintLevel", 6)
                .text("ConfidenceLevel", "{\"Spam\":\"Normal\"}");
        }
        if let Some(user) = from {
            book.text("SenderObjectId", &self.user_row(user).id.to_string());
        }
        book.end();
    }

    fn write_attachment(&self, book: &mut Book, mail: &Mail, n: usize, file: &File) {
        let recipient = self.user_row(mail.recipient);
        let extension = file.name.rsplit('.').next().unwrap_or_default();
        let bad = !mail.threats.is_empty();
        book.at(mail.received)
            .text("NetworkMessageId", &mail.network_id.to_string())
            .text("SenderFromAddress", &mail.sender.0)
            .text("SenderDisplayName", &mail.sender.1)
            .some("RecipientEmailAddress", recipient.mail)
            .text("RecipientObjectId", &recipient.id.to_string())
            .text("FileName", &file.name)
            .text("FileType", extension)
            .text("FileExtension", extension)
            .text("SHA256", &file.hashes().1)
            .int("FileSize", file.size as i64)
            .text("ThreatTypes", if bad { "Malware" } else { "" })
            .text("ThreatNames", if bad { "Trojan_ISO_Lnk" } else { "" })
            .text("ReportId", &report(mail.network_id, n + 1));
        book.end();
    }
}

/// The header of a message, as evidence has it.
fn internet_id(mail: &Mail) -> String {
    format!(
        "<{:016x}@{}>",
        mail.network_id.0 as u64,
        domain(&mail.sender.0)
    )
}

fn write_urls(book: &mut Book, mail: &Mail) {
    for (n, url) in mail.urls.iter().enumerate() {
        book.at(mail.received)
            .text("NetworkMessageId", &mail.network_id.to_string())
            .text("Url", url)
            .text("UrlDomain", host(url))
            .text("UrlLocation", "Body")
            .text("ReportId", &report(mail.network_id, n + 20))
            .int("UrlChainPosition", 0);
        book.end();
    }
}

/// The host of a URL.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', ':']).next().unwrap_or_default()
}

fn messages(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for m in all_messages(world) {
        world.write_message(&mut book, &m.mail, m.direction, m.from, m.junk);
    }
    book.finish()
}

fn urls(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for m in all_messages(world) {
        write_urls(&mut book, &m.mail);
    }
    book.finish()
}

fn attachments(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for m in all_messages(world) {
        for (n, file) in m.mail.attachments.iter().enumerate() {
            world.write_attachment(&mut book, &m.mail, n, file);
        }
    }
    book.finish()
}

fn later(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for m in all_messages(world).filter(|m| m.junk).step_by(9) {
        moved(
            world,
            &mut book,
            &m.mail,
            ("Spam ZAP", "Moved to junk folder", "Junk folder"),
        );
    }
    book.finish()
}

fn clicks(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for m in all_messages(world).filter(|m| !m.junk).step_by(6) {
        if let Some(url) = m.mail.urls.first() {
            let id = Some(m.mail.network_id);
            let at = m.mail.received.plus(17 * MINUTE).min(world.now());
            click(world, &mut book, (at, url, m.mail.recipient), id, false);
        }
    }
    book.finish()
}

fn moved(world: &World, book: &mut Book, mail: &Mail, what: (&str, &str, &str)) {
    let (kind, action, location) = what;
    let at = mail.received.plus(41 * MINUTE).min(world.now());
    book.at(at)
        .text("NetworkMessageId", &mail.network_id.to_string())
        .text("InternetMessageId", &internet_id(mail))
        .text("Action", action)
        .text("ActionType", kind)
        .text(
            "ActionTrigger",
            if kind.ends_with("ZAP") {
                "ZAP"
            } else {
                "Admin"
            },
        )
        .text("ActionResult", "Success")
        .some("RecipientEmailAddress", world.user_row(mail.recipient).mail)
        .text("DeliveryLocation", location)
        .text("SourceLocation", "Inbox/folder")
        .text(
            "ThreatTypes",
            if kind.starts_with("Spam") {
                "Spam"
            } else {
                "Phish"
            },
        )
        .text("SenderFromAddress", &mail.sender.0)
        .text("EmailDirection", "Inbound")
        .text("ReportId", &report(mail.network_id, 50));
    book.end();
}

fn click(
    world: &World,
    book: &mut Book,
    what: (Stamp, &str, usize),
    mail: Option<Guid>,
    bad: bool,
) {
    let (at, url, user) = what;
    let row = world.user_row(user);
    book.at(at)
        .text("Url", url)
        .text("ActionType", "ClickAllowed")
        .text("AccountUpn", row.upn)
        .text("Workload", if mail.is_some() { "Email" } else { "Teams" })
        .text("ThreatTypes", if bad { "Phish" } else { "" })
        .text(
            "DetectionMethods",
            if bad {
                "{\"Phish\":[\"URL detonation reputation\"]}"
            } else {
                ""
            },
        )
        .text(
            "IPAddress",
            &World::egress(world.person(user).office).to_string(),
        )
        .bool("IsClickedThrough", bad)
        .text("UrlChain", &json!([url]).to_string())
        .text(
            "ReportId",
            &Dice::of(at.0 as u64 ^ user as u64).guid().to_string(),
        )
        .text("SourceSystem", "Microsoft 365 Defender");
    if let Some(id) = mail {
        book.text("NetworkMessageId", &id.to_string());
    }
    book.end();
}

fn told_mails(told: &Told) -> impl Iterator<Item = (&Scene, &Mail)> {
    told.of_kind(|what| match what {
        What::Mail(mail) => Some(mail),
        _ => None,
    })
}

fn told_messages(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for (_, mail) in told_mails(told) {
        let inside = domain(&mail.sender.0).ends_with("contoso.com");
        let from = world.user_by_upn(&mail.sender.0).filter(|_| inside);
        let direction = if inside { "Intra-org" } else { "Inbound" };
        world.write_message(&mut book, mail, direction, from, false);
    }
    book.finish()
}

fn told_urls(_: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for (_, mail) in told_mails(told) {
        write_urls(&mut book, mail);
    }
    book.finish()
}

fn told_attachments(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for (_, mail) in told_mails(told) {
        for (n, file) in mail.attachments.iter().enumerate() {
            world.write_attachment(&mut book, mail, n, file);
        }
    }
    book.finish()
}

fn told_later(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for (scene, mail) in told_mails(told) {
        if mail.threats.is_empty() || mail.delivery != "delivered" || scene.frame.rank % 5 > 2 {
            continue;
        }
        let what = if scene.frame.rank.is_multiple_of(5) {
            ("Manual remediation", "Soft delete", "Deleted items")
        } else {
            ("Phish ZAP", "Moved to quarantine", "Quarantine")
        };
        moved(world, &mut book, mail, what);
    }
    book.finish()
}

fn told_clicks(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let (What::Click { url }, Some(user)) = (&scene.event.what, scene.event.user) else {
            continue;
        };
        // the mail of the same story that reached the same person
        let mail = told
            .same_story(scene)
            .iter()
            .find_map(|s| match &s.event.what {
                What::Mail(mail) if mail.recipient == user => Some(mail.network_id),
                _ => None,
            });
        click(world, &mut book, (scene.event.at, url, user), mail, true);
    }
    book.finish()
}
