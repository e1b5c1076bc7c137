//! The daily noise of mail, sign-ins and applications.

use super::super::apps::{EXCHANGE, OFFICE_HOME};
use super::attack_mail::reported;
use super::scene::{BROWSER, Scene};
use super::source::{APP_POLICY, COPILOT, EIP, MDCA, MDI, MDO, SENTINEL_SCHEDULED, UNKNOWN, XDR};
use super::{Machine, Severity::*, Template, Truth, Who, spec, template};

fn mass_logon(s: &mut Scene<'_>) {
    s.suspicious()
        .directory("Failed logons", "42 accounts in 5 minutes");
    s.on(1).device();
}

fn honey(s: &mut Scene<'_>) {
    s.suspicious()
        .directory("Honeytoken queried", "svc-legacy-sql");
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

fn rule_noise(s: &mut Scene<'_>) {
    let from = s.attacker(2);
    s.suspicious().user().ip(&from, &["source"]);
}

fn nothing_known(s: &mut Scene<'_>) {
    s.suspicious().user();
}

/// See the module header.
pub static ALL: [Template; 12] = [
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
