//! The daily noise of machines, mail and identities: small true positives, tests, and things that only looked bad.

use super::super::apps::{EXCHANGE, OFFICE_HOME};
use super::attack_mail::reported;
use super::scene::{BROWSER, Scene};
use super::source::{
    AIR, APP_POLICY, AV, COPILOT, CUSTOM, CUSTOM_TI, EIP, MANUAL, MDCA, MDE, MDI, MDO,
    SENTINEL_SCHEDULED, SMART_SCREEN, UNKNOWN, XDR,
};
use super::{Machine, Severity::*, Template, Truth, Who, spec, template};

fn pua(s: &mut Scene<'_>) {
    let shell = s.shell();
    let account = s.account();
    let name = s.one(
        "pua",
        &[
            "driver-booster-setup.exe",
            "free-pdf-merge.exe",
            "coupon-bar.exe",
            "video-codec-pack.exe",
        ],
    );
    s.suspicious().file(
        Some(&shell),
        &format!(r"C:\Users\{account}\Downloads\{name}"),
    );
    s.device().user();
}

fn eicar(s: &mut Scene<'_>) {
    let shell = s.shell();
    let file = s.malicious().file(Some(&shell), r"C:\Temp\eicar.com");
    let device = s.machine();
    s.device();
    s.extra("malware", &[], |world, mark| {
        let id = device.map(|d| world.machine_id(d));
        super::super::evidence_cloud::malware(mark, "Virus:DOS/EICAR_Test_File", "Virus", &file, id)
    });
}

fn script(s: &mut Scene<'_>) {
    let shell = s.shell();
    let host = s.host();
    let command = match s.number("script", 4) {
        0 => format!(r"powershell.exe -ExecutionPolicy Bypass -File \\SRV-SCCM-01\scripts\inventory.ps1 -Computer {host}"),
        1 => format!("powershell.exe -NoProfile -EncodedCommand {}", Scene::encoded("Get-Service | Where-Object Status -eq Running # simulated")),
        2 => "powershell.exe -Command \"Get-ADUser -Filter * -Properties LastLogonDate | Export-Csv C:\\Temp\\users.csv\"".to_owned(),
        _ => "powershell.exe -w hidden -c \"& { Start-Sleep 5; 'simulated' }\"".to_owned(),
    };
    s.suspicious().run(&shell, "powershell.exe", &command);
    s.user();
}

fn admin_tool(s: &mut Scene<'_>) {
    let shell = s.shell();
    let tool = s.suspicious().run(
        &shell,
        r"C:\Tools\PsExec64.exe",
        r"PsExec64.exe \\srv-app-01 -s cmd /c ipconfig /all",
    );
    s.file(Some(&tool), r"C:\Windows\PSEXESVC.exe");
    s.user();
}

fn macro_document(s: &mut Scene<'_>) {
    let shell = s.shell();
    let account = s.account();
    let word = s.harmless().run(
        &shell,
        "WINWORD.EXE",
        &format!(r#""WINWORD.EXE" /n "C:\Users\{account}\Downloads\Order form.docm""#),
    );
    s.suspicious()
        .run(&word, "cmd.exe", "cmd.exe /c dir C:\\ > nul");
    s.user();
}

fn smart_screen(s: &mut Scene<'_>) {
    let url = format!("https://{}/win/prize", s.domain(3));
    s.suspicious().click(&url).device();
}

fn indicator(s: &mut Scene<'_>) {
    let shell = s.shell();
    let chrome = s
        .harmless()
        .run(&shell, "chrome.exe", "\"chrome.exe\" --type=renderer");
    let to = s.attacker(5);
    let url = format!("https://{}/beacon.js", s.domain(4));
    s.suspicious().connect(&chrome, &to, 443, Some(&url));
}

fn unsanctioned(s: &mut Scene<'_>) {
    s.suspicious()
        .click("https://filedrop.example.org/upload")
        .device();
}

fn scheduled_scan(s: &mut Scene<'_>) {
    s.harmless().device();
    let parent = s.service("svchost.exe", "svchost.exe -k netsvcs");
    s.file(Some(&parent), r"C:\ProgramData\Package Cache\setup.exe");
}

fn manual(s: &mut Scene<'_>) {
    s.suspicious().device().user();
}

fn mass_logon(s: &mut Scene<'_>) {
    s.suspicious()
        .directory("Failed logons", "42 accounts in 5 minutes");
    s.on(1).device();
}

fn honey(s: &mut Scene<'_>) {
    s.suspicious()
        .directory("Honeytoken queried", "svc-legacy-sql");
}

fn vpn(s: &mut Scene<'_>) {
    let from = s.attacker(1);
    s.suspicious()
        .logon(&from.ip.to_string(), "Network", true)
        .ip(&from, &["source"]);
}

fn unfamiliar(s: &mut Scene<'_>) {
    let from = s.attacker(s.repeat as u64);
    s.suspicious().sign_in(
        OFFICE_HOME,
        &from,
        0,
        "low",
        &["unfamiliarFeatures"],
        BROWSER,
    );
}

fn anonymous(s: &mut Scene<'_>) {
    let from = s.attacker(s.repeat as u64 + 2);
    s.suspicious().sign_in(
        EXCHANGE,
        &from,
        53003,
        "medium",
        &["anonymizedIPAddress"],
        BROWSER,
    );
}

fn spam(s: &mut Scene<'_>) {
    let sender = format!("news@{}", s.domain(5));
    let subject = s
        .one(
            "spam",
            &[
                "Your parcel is waiting",
                "50 % off cloud hosting",
                "Last reminder: voicemail (1)",
                "You won a voucher",
            ],
        )
        .to_owned();
    let url = format!("https://{}/track", s.domain(5));
    s.suspicious().mail(
        1,
        &subject,
        (&sender, "Newsletter"),
        &[url],
        &[],
        ("deliveredAsSpam", "junkFolder"),
    );
}

fn zap(s: &mut Scene<'_>) {
    let sender = format!("payroll@{}", s.domain(6));
    s.malicious();
    s.mail(
        2,
        "Salary statement attached",
        (&sender, "Payroll"),
        &[],
        &["Statement.html"],
        ("delivered", "quarantine"),
    );
    s.user();
}

fn forwarding(s: &mut Scene<'_>) {
    let from = s.attacker(6);
    s.suspicious()
        .cloud(EXCHANGE, "Set-Mailbox", "ForwardingSmtpAddress", &from);
    let user = s.who();
    let kind = s.one(
        "forward",
        &[
            "mailForwardingRule",
            "owaSettings",
            "ewsSettings",
            "mailDelegation",
            "userInboxRule",
            "unknown",
            "journalRule",
        ],
    );
    let kind = kind.to_owned();
    s.extra("config", &[], |world, mark| {
        world.mailbox_configuration(mark, user, &kind, "Forward to private mailbox")
    });
}

fn app_policy(s: &mut Scene<'_>) {
    s.suspicious().user();
    s.extra("oauth", &[], |world, mark| {
        world.oauth_application(mark, 28)
    });
}

fn new_country(s: &mut Scene<'_>) {
    let from = s.attacker(7);
    s.suspicious()
        .cloud(OFFICE_HOME, "Log on", "first time from this country", &from);
}

fn custom_usb(s: &mut Scene<'_>) {
    let shell = s.shell();
    s.suspicious().file(Some(&shell), r"E:\photos\setup.exe");
    s.device().user();
}

fn rule_noise(s: &mut Scene<'_>) {
    let from = s.attacker(2);
    s.suspicious().user().ip(&from, &["source"]);
}

fn nothing_known(s: &mut Scene<'_>) {
    s.suspicious().user();
}

/// See the module header.
pub static ALL: [Template; 24] = [
    template(
        "unwanted-software",
        "Unwanted software on {d}",
        Truth::Attack,
        90,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "An uncommon file was created and added to a Run Key",
            Informational,
            &AV,
            "UnwantedSoftware",
            &[],
            pua,
        )
        .threat("PUA:Win32/Bundlore", "Bundlore")
        .about("Potentially unwanted software was found and removed.")],
    )
    .repeating(),
    template(
        "antivirus-test-malware",
        "Malware test file on {d}",
        Truth::Expected,
        20,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "'EICAR_Test_File' malware was prevented",
            Informational,
            &AV,
            "Malware",
            &[],
            eicar,
        )
        .threat("Virus:DOS/EICAR_Test_File", "EICAR_Test_File")],
    ),
    template(
        "admin-script",
        "Suspicious PowerShell command line on {d}",
        Truth::Expected,
        80,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Suspicious PowerShell command line",
            Medium,
            &MDE,
            "Execution",
            &["T1059.001"],
            script,
        )
        .about("A PowerShell command line with unusual parameters was run.")],
    )
    .repeating()
    .tagged(&["test"]),
    template(
        "admin-tool",
        "Remote execution tool on {d}",
        Truth::Expected,
        35,
        &[Who::Operator],
        &[Machine::Server],
        &[spec(
            "Suspicious remote execution with PsExec",
            Low,
            &MDE,
            "LateralMovement",
            &["T1569.002", "T1021.002"],
            admin_tool,
        )],
    ),
    template(
        "macro-document",
        "Office application ran suspicious commands on {d}",
        Truth::False,
        40,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Suspicious behavior by Microsoft Word was observed",
            Medium,
            &MDE,
            "Execution",
            &["T1204.002", "T1059.003"],
            macro_document,
        )],
    )
    .repeating(),
    template(
        "smart-screen",
        "Connection to a site of low reputation from {d}",
        Truth::Attack,
        60,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "SmartScreen blocked a phishing page",
            Informational,
            &SMART_SCREEN,
            "InitialAccess",
            &["T1566.002"],
            smart_screen,
        )],
    )
    .repeating(),
    template(
        "network-indicator",
        "Custom network indicator matched on {d}",
        Truth::False,
        40,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Connection to a custom network indicator",
            Low,
            &CUSTOM_TI,
            "CommandAndControl",
            &["T1071.001"],
            indicator,
        )],
    ),
    template(
        "unsanctioned-app",
        "Unsanctioned cloud app access was blocked on {d}",
        Truth::Expected,
        60,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Unsanctioned cloud app access was blocked",
            Informational,
            &CUSTOM_TI,
            "SuspiciousActivity",
            &[],
            unsanctioned,
        )],
    )
    .repeating(),
    template(
        "automated-finding",
        "Automated investigation finding on {d}",
        Truth::False,
        30,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Automated investigation started by a scheduled scan",
            Informational,
            &AIR,
            "SuspiciousActivity",
            &[],
            scheduled_scan,
        )],
    ),
    template(
        "manual-alert",
        "Investigation started by hand on {d}",
        Truth::Varied,
        12,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Alert raised by an analyst",
            Low,
            &MANUAL,
            "SuspiciousActivity",
            &[],
            manual,
        )],
    ),
    template(
        "failed-logons",
        "Suspected brute-force attack (NTLM) from {d}",
        Truth::False,
        40,
        &[Who::Owner(0)],
        &[Machine::Workstation, Machine::Named(1)],
        &[spec(
            "Suspected brute-force attack (Kerberos, NTLM)",
            Medium,
            &MDI,
            "CredentialAccess",
            &["T1110"],
            mass_logon,
        )],
    )
    .repeating(),
    template(
        "honeytoken",
        "Honeytoken activity from {d}",
        Truth::False,
        18,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Honeytoken activity",
            Medium,
            &MDI,
            "Discovery",
            &["T1087"],
            honey,
        )],
    ),
    template(
        "suspicious-vpn",
        "Suspicious VPN connection of {u}",
        Truth::Expected,
        30,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Suspicious VPN connection",
            Medium,
            &MDI,
            "InitialAccess",
            &["T1133"],
            vpn,
        )],
    ),
    template(
        "unfamiliar-sign-in",
        "Unfamiliar sign-in properties involving one user",
        Truth::Expected,
        130,
        &[Who::Staff],
        &[],
        &[spec(
            "Unfamiliar sign-in properties",
            Low,
            &EIP,
            "InitialAccess",
            &["T1078.004"],
            unfamiliar,
        )
        .about("The sign-in had properties that the user did not have before.")],
    )
    .repeating(),
    template(
        "anonymous-address",
        "Anonymous IP address involving one user",
        Truth::Varied,
        60,
        &[Who::Staff],
        &[],
        &[spec(
            "Anonymous IP address",
            Medium,
            &EIP,
            "InitialAccess",
            &["T1090.003"],
            anonymous,
        )],
    )
    .repeating(),
    template(
        "spam-mail",
        "Email messages removed after delivery",
        Truth::Attack,
        90,
        &[Who::Staff],
        &[],
        &[spec(
            "Email messages from a campaign removed after delivery",
            Informational,
            &MDO,
            "InitialAccess",
            &["T1566"],
            spam,
        )],
    )
    .repeating(),
    template(
        "zap-phish",
        "Phishing mail purged from the mailbox of {u}",
        Truth::Attack,
        60,
        &[Who::Staff],
        &[],
        &[spec(
            "Email messages containing malicious file removed after delivery",
            Informational,
            &MDO,
            "InitialAccess",
            &["T1566.001"],
            zap,
        )],
    )
    .repeating(),
    template(
        "user-report-mail",
        "Email reported by {u} as malware or phish",
        Truth::Varied,
        110,
        &[Who::Staff],
        &[],
        &[spec(
            "Email reported by user as malware or phish",
            Low,
            &MDO,
            "InitialAccess",
            &["T1566"],
            reported,
        )],
    )
    .repeating(),
    template(
        "forwarding-rule",
        "Suspicious email forwarding by {u}",
        Truth::Expected,
        30,
        &[Who::Staff],
        &[],
        &[spec(
            "Suspicious email forwarding activity",
            Low,
            &XDR,
            "Exfiltration",
            &["T1114.003"],
            forwarding,
        )],
    )
    .repeating(),
    template(
        "app-policy",
        "Unused application with high privilege",
        Truth::Expected,
        25,
        &[Who::Staff],
        &[],
        &[spec(
            "Increase in data usage by an overprivileged app",
            Low,
            &APP_POLICY,
            "Persistence",
            &["T1098"],
            app_policy,
        )],
    ),
    template(
        "new-country",
        "Activity from infrequent country by {u}",
        Truth::Expected,
        70,
        &[Who::Staff],
        &[],
        &[spec(
            "Activity from infrequent country",
            Medium,
            &MDCA,
            "InitialAccess",
            &["T1078"],
            new_country,
        )],
    )
    .repeating(),
    template(
        "custom-usb",
        "Custom detection: executable on removable media, {d}",
        Truth::Expected,
        30,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Executable started from removable media",
            Low,
            &CUSTOM,
            "InitialAccess",
            &["T1091"],
            custom_usb,
        )],
    )
    .repeating(),
    template(
        "workspace-rule",
        "Scheduled rule: many failed sign-ins of {u}",
        Truth::False,
        60,
        &[Who::Staff],
        &[],
        &[
            spec(
                "Brute force attempt on a cloud account",
                Low,
                &SENTINEL_SCHEDULED,
                "CredentialAccess",
                &["T1110"],
                rule_noise,
            ),
            spec(
                "Summary by Security Copilot",
                Informational,
                &COPILOT,
                "SuspiciousActivity",
                &[],
                rule_noise,
            )
            .at(2)
            .odds(150),
        ],
    )
    .repeating(),
    template(
        "unattributed",
        "Alert without a known source",
        Truth::Varied,
        4,
        &[Who::Staff],
        &[],
        &[spec(
            "Imported alert",
            Informational,
            &UNKNOWN,
            "SuspiciousActivity",
            &[],
            nothing_known,
        )],
    ),
];
