//! Attacks that begin with a mail or a consent: token theft, business mail compromise, consent phishing, loaders.

use super::super::apps::{
    CONSENT_PHISH, EXCHANGE, GRAPH, MAIL_ARCHIVER, OFFICE_HOME, SHAREPOINT, WEB_OUTLOOK,
};
use super::scene::{BROWSER, KIT, Scene};
use super::source::{APP_DETECTION, AV, EIP, MDCA, MDE, MDO, XDR};
use super::{Machine, Severity::*, Template, Truth, Who, spec, template};
use serde_json::json;

fn lure(s: &mut Scene<'_>, n: u64, delivery: (&'static str, &'static str)) {
    let domain = s.domain(0);
    let subject = s.one(
        "subject",
        &[
            "Invoice INV-20841 overdue: action required",
            "You have received a secure document",
            "Re: Updated payment schedule Q3",
            "Your mailbox is almost full",
            "DocuCenter: please sign \"Supplier agreement 2026\"",
            "Payroll change needs your confirmation",
        ],
    );
    let sender = format!("billing@{domain}");
    let url = format!(
        "https://{domain}/s/{:08x}/view?u={}",
        s.number("lure", u64::from(u32::MAX)),
        s.account()
    );
    let (subject, sender) = (subject.to_owned(), sender);
    s.mail(
        n,
        &subject,
        (&sender, "Contoso Billing"),
        &[url],
        &[],
        delivery,
    );
}

fn aitm_mail(s: &mut Scene<'_>) {
    s.malicious();
    lure(s, 0, ("delivered", "inbox_folder"));
    let domain = s.domain(0);
    let hash = s.guid("cluster").to_string();
    let ids: Vec<String> = (0..3)
        .map(|n| s.guid(&format!("sibling {n}")).to_string())
        .collect();
    s.extra("cluster", &[], |_, mark| {
        mark.evidence("mailClusterEvidence", json!({
            "clusterBy": "Subject;P2SenderDomain;ContentType",
            "clusterByValue": format!("Invoice;{domain};1"),
            "emailCount": 14, "networkMessageIds": ids, "urn": format!("urn:MailClusterEntity:{hash}"),
            "query": format!("((NormalizedUrl:\"{domain}\") AND (ContentType: 1))"),
        }))
    });
}

fn aitm_click(s: &mut Scene<'_>) {
    let url = format!("https://{}/common/login?client=contoso", s.domain(1));
    s.malicious().click(&url);
    let shell = s.shell();
    let browser = s.harmless().run(
        &shell,
        "msedge.exe",
        "\"msedge.exe\" --single-argument mail-link",
    );
    let attacker = s.attacker(0);
    s.malicious().connect(&browser, &attacker, 443, Some(&url));
    s.dns(s.domain(1), &attacker);
}

fn stolen_session(s: &mut Scene<'_>) {
    let attacker = s.attacker(0);
    s.malicious().sign_in(
        OFFICE_HOME,
        &attacker,
        0,
        "high",
        &["anomalousToken", "unfamiliarFeatures"],
        KIT,
    );
    s.sign_in(
        EXCHANGE,
        &attacker,
        0,
        "medium",
        &["unfamiliarFeatures"],
        KIT,
    );
}

fn inbox_rule(s: &mut Scene<'_>) {
    let attacker = s.attacker(0);
    s.malicious()
        .cloud(EXCHANGE, "New-InboxRule", "..", &attacker);
    let user = s.who();
    s.extra("rule", &[], |world, mark| {
        world.mailbox_configuration(mark, user, "userInboxRule", "..")
    });
}

fn fraud_mail(s: &mut Scene<'_>) {
    let attacker = s.attacker(0);
    let from = s.address();
    s.malicious()
        .cloud(WEB_OUTLOOK, "Send", "New bank details", &attacker);
    s.by(1);
    s.mail(
        3,
        "Re: New bank details for the October run",
        (&from, "Accounts"),
        &[],
        &["Bank_details_2026.pdf"],
        ("delivered", "inbox_folder"),
    );
}

fn mailbox_search(s: &mut Scene<'_>) {
    let attacker = s.attacker(1);
    s.suspicious().cloud(
        EXCHANGE,
        "MailItemsAccessed",
        "iban OR \"wire transfer\" OR invoice",
        &attacker,
    );
    s.cloud(
        SHAREPOINT,
        "FileDownloaded",
        "Payments 2026.xlsx",
        &attacker,
    );
}

fn consent_mail(s: &mut Scene<'_>) {
    s.suspicious();
    lure(s, 5, ("delivered", "inbox_folder"));
}

fn consent(s: &mut Scene<'_>) {
    let attacker = s.attacker(2);
    s.malicious().cloud(
        GRAPH,
        "Consent to application",
        "Document Viewer Online",
        &attacker,
    );
    s.extra("oauth", &[], |world, mark| {
        world.oauth_application(mark, CONSENT_PHISH)
    });
}

fn app_mail(s: &mut Scene<'_>) {
    let attacker = s.attacker(2);
    s.malicious().cloud(
        EXCHANGE,
        "MailItemsAccessed",
        "4,120 messages through Graph",
        &attacker,
    );
    s.extra("oauth", &[], |world, mark| {
        world.oauth_application(mark, CONSENT_PHISH)
    });
    s.extra("principal", &[], |world, mark| {
        world.service_principal(mark, CONSENT_PHISH, "application")
    });
}

fn app_credential(s: &mut Scene<'_>) {
    let attacker = s.attacker(1);
    s.suspicious().cloud(
        GRAPH,
        "Update application – Certificates and secrets management",
        "MailArchiver Pro",
        &attacker,
    );
    s.extra("oauth", &[], |world, mark| {
        world.oauth_application(mark, MAIL_ARCHIVER)
    });
    s.extra("principal", &[], |world, mark| {
        world.service_principal(mark, MAIL_ARCHIVER, "managedIdentity")
    });
    s.extra("principal unknown", &[], |world, mark| {
        world.service_principal(mark, super::super::apps::AUTOMATION, "unknown")
    });
    s.extra("principal agent", &[], |world, mark| {
        world.service_principal(mark, super::super::apps::AUTOMATION, "agentIdentity")
    });
    s.extra("principal old", &[], |world, mark| {
        world.service_principal(mark, super::super::apps::AUTOMATION, "legacy")
    });
}

fn iso_mail(s: &mut Scene<'_>) {
    s.malicious();
    let sender = format!("scan@{}", s.domain(0));
    s.mail(
        0,
        "Scanned document 0231",
        (&sender, "Office Scanner"),
        &[],
        &["Scan_0231.iso"],
        ("delivered", "inbox_folder"),
    );
}

fn lnk(s: &mut Scene<'_>) {
    let shell = s.shell();
    let account = s.account();
    let iso = format!(r"C:\Users\{account}\Downloads\Scan_0231.iso");
    s.malicious().file(Some(&shell), &iso);
    s.file(Some(&shell), r"D:\Scan_0231.lnk");
    let cmd = s.run(
        &shell,
        "cmd.exe",
        r#""C:\Windows\System32\cmd.exe" /c start /min rundll32 D:\data\setup.dll,Start"#,
    );
    let dll = s.run(&cmd, "rundll32.exe", r"rundll32 D:\data\setup.dll,Start");
    s.file(Some(&cmd), r"D:\data\setup.dll");
    let to = s.attacker(0);
    s.connect(&dll, &to, 443, None);
    s.user();
}

fn loader_task(s: &mut Scene<'_>) {
    let parent = s.service("rundll32.exe", r"rundll32 D:\data\setup.dll,Start");
    let script = "Write-Output 'simulated tenant: nothing runs here'";
    let command = format!(
        "powershell.exe -nop -w hidden -EncodedCommand {}",
        Scene::encoded(script)
    );
    let shell = s.malicious().run(&parent, "powershell.exe", &command);
    s.run(&shell, "schtasks.exe", r#"schtasks /create /tn "OneDrive Sync Helper" /sc minute /mo 45 /tr "rundll32 C:\ProgramData\odsync.dll,Start" /f"#);
    s.file(Some(&shell), r"C:\ProgramData\odsync.dll");
    s.registry(Some(&shell), "HKEY_LOCAL_MACHINE", r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree\OneDrive Sync Helper", "Id", "{5B1C…}");
}

fn loader_discovery(s: &mut Scene<'_>) {
    let parent = s.service("rundll32.exe", r"rundll32 D:\data\setup.dll,Start");
    for command in [
        "whoami /groups",
        "net group \"Domain Admins\" /domain",
        "nltest /domain_trusts",
        "tasklist /v",
    ] {
        let image = format!("{}.exe", command.split(' ').next().unwrap_or("whoami"));
        s.suspicious().run(&parent, &image, command);
    }
}

fn blocked_payload(s: &mut Scene<'_>) {
    let parent = s.shell();
    let file = s
        .malicious()
        .file(Some(&parent), r"C:\ProgramData\odsync.dll");
    let device = s.machine();
    s.device();
    s.extra("malware", &[], |world, mark| {
        let id = device.map(|d| world.machine_id(d));
        super::super::evidence_cloud::malware(
            mark,
            "Trojan:Win32/Emberload!MTB",
            "Trojan",
            &file,
            id,
        )
    });
}

fn quiet_sign_in(s: &mut Scene<'_>) {
    let attacker = s.attacker(0);
    s.suspicious().sign_in(
        WEB_OUTLOOK,
        &attacker,
        50074,
        "medium",
        &["maliciousIPAddress"],
        BROWSER,
    );
}

/// See the module header.
pub static ALL: [Template; 4] = [
    template(
        "aitm-phish-bec", "Multi-stage incident involving Initial access & Collection: {u} and business email compromise",
        Truth::Attack, 12, &[Who::Finance, Who::Executive, Who::Owner(0)], &[Machine::Workstation],
        &[
            spec("Email messages containing malicious URL removed after delivery", Informational, &MDO, "InitialAccess", &["T1566.002"], aitm_mail)
                .about("Mails with a URL that was found malicious after delivery were removed from the mailboxes."),
            spec("A potentially malicious URL click was detected", High, &MDO, "InitialAccess", &["T1566.002", "T1204.001"], aitm_click).at(9)
                .about("A user clicked on a link in a mail that leads to a page imitating the organisation's sign-in."),
            spec("Anomalous Token", High, &EIP, "CredentialAccess", &["T1528", "T1539"], stolen_session).at(14)
                .about("A session token was replayed from a place and a browser that the user never used."),
            spec("Stolen session cookie was used", High, &XDR, "CredentialAccess", &["T1539", "T1557"], stolen_session).at(16).odds(800)
                .about("A session cookie obtained through an adversary-in-the-middle page was used to sign in."),
            spec("Unfamiliar sign-in properties", Medium, &EIP, "InitialAccess", &["T1078.004"], quiet_sign_in).at(21).odds(600),
            spec("Suspicious inbox manipulation rule", Medium, &MDCA, "DefenseEvasion", &["T1564.008", "T1114.003"], inbox_rule).at(38)
                .about("A rule was made that moves messages with \"invoice\" or \"payment\" to the folder RSS Subscriptions."),
            spec("Suspicious mailbox search for payment data", Medium, &MDCA, "Collection", &["T1114.002"], mailbox_search).at(52).odds(700),
            spec("BEC financial fraud", High, &XDR, "Impact", &["T1657", "T1534"], fraud_mail).at(131)
                .about("A compromised account answered an existing thread and asked to change bank details."),
        ],
    ).tagged(&["BEC", "finance"]).system(&["BEC fraud", "Credential Phish"]),
    template(
        "consent-phish", "Suspicious OAuth application consented by {u}",
        Truth::Attack, 9, &[Who::Staff], &[],
        &[
            spec("Phishing mail leading to a consent page", Low, &MDO, "InitialAccess", &["T1566.002"], consent_mail).odds(700)
                .about("A mail led to the consent page of an application with an unverified publisher."),
            spec("Malicious OAuth app consent", High, &MDCA, "CredentialAccess", &["T1528", "T1550.001"], consent).at(12)
                .about("A user granted mail and file permissions to an application that is known to be used in consent phishing."),
            spec("App with high privilege made anomalous Graph calls to Exchange", High, &APP_DETECTION, "Collection", &["T1114.002"], app_mail).at(64)
                .about("An application read far more messages than in the 14 days before."),
            spec("App added new credentials after long inactivity", Medium, &APP_DETECTION, "Persistence", &["T1098.001"], app_credential).at(190).odds(500),
        ],
    ).tagged(&["oauth"]),
    template(
        "iso-loader", "Multi-stage incident involving Initial access & Execution on {d}",
        Truth::Attack, 10, &[Who::Owner(0)], &[Machine::Workstation],
        &[
            spec("Email messages containing malicious file removed after delivery", Informational, &MDO, "InitialAccess", &["T1566.001"], iso_mail),
            spec("Suspicious file opened from a mounted disk image", Medium, &MDE, "Execution", &["T1204.002", "T1553.005"], lnk).at(17)
                .about("A shortcut inside an ISO image that came by mail started a DLL through rundll32.")
                .actor("Storm-0000"),
            spec("Suspicious scheduled task", Medium, &MDE, "Persistence", &["T1053.005", "T1059.001"], loader_task).at(24)
                .about("PowerShell with an encoded command registered a task that starts a DLL from ProgramData."),
            spec("Suspicious sequence of exploration activities", Low, &MDE, "Discovery", &["T1087.002", "T1482", "T1033"], loader_discovery).at(29).odds(850)
                .about("One process ran several discovery commands within a minute."),
            spec("'Emberload' malware was prevented", Informational, &AV, "Malware", &["T1204.002"], blocked_payload).at(47)
                .threat("Trojan:Win32/Emberload!MTB", "Emberload"),
        ],
    ).tagged(&["loader"]),
    template(
        "quishing-wave", "Phishing campaign with a QR code reported by several users",
        Truth::Attack, 9, &[Who::Staff, Who::Staff], &[],
        &[
            spec("User accounts in a phishing campaign", Medium, &MDO, "InitialAccess", &["T1566.002"], aitm_mail)
                .about("The same mail with a QR code reached more than ten mailboxes."),
            spec("Email reported by user as malware or phish", Low, &MDO, "InitialAccess", &["T1566"], reported).at(22)
                .about("A user reported a delivered mail with the report button."),
        ],
    ).repeating(),
];

/// A mail that a user reported.
pub fn reported(s: &mut Scene<'_>) {
    s.suspicious();
    lure(s, 9, ("delivered", "inbox_folder"));
    let (user, address) = (s.user_name(), s.address());
    let sender = format!("billing@{}", s.domain(0));
    let id = s.guid(&format!("mail 9 {}", s.who())).to_string();
    let submission = s.guid(&format!("submission {}", s.who())).to_string();
    let from = s.attacker(9).ip.to_string();
    s.extra("submission", &[], |_, mark| {
        mark.evidence("submissionMailEvidence", json!({
            "networkMessageId": id, "recipient": address, "reportType": "Phish", "sender": sender, "senderIp": from,
            "subject": "Invoice INV-20841 overdue: action required", "submissionDateTime": mark.at.to_string(),
            "submissionId": submission, "submitter": user,
        }))
    });
    s.user();
}
