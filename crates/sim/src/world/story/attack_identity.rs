//! Attacks on identities: sprays, impossible travel, directory replication, risky administrators, Teams.

use super::super::apps::{AZURE_CLI, AZURE_PORTAL, GRAPH, OFFICE_HOME};
use super::scene::{BROWSER, KIT, SPRAYER, Scene};
use super::source::{EIP, MDCA, MDI, MDO, SENTINEL_ML, SENTINEL_NRT, SENTINEL_SCHEDULED, XDR};
use super::{Machine, Severity::*, Template, Truth, Who, spec, template};
use serde_json::json;

fn spray(s: &mut Scene<'_>) {
    let from = s.attacker(s.repeat as u64 % 3);
    s.suspicious().sign_in(
        AZURE_CLI,
        &from,
        50126,
        "medium",
        &["passwordSpray"],
        SPRAYER,
    );
    s.sign_in(
        AZURE_CLI,
        &from,
        50053,
        "medium",
        &["passwordSpray"],
        SPRAYER,
    );
}

fn spray_hit(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.by(1).malicious().sign_in(
        AZURE_CLI,
        &from,
        0,
        "high",
        &["passwordSpray", "anonymizedIPAddress"],
        SPRAYER,
    );
}

fn spray_read(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.by(1).suspicious().cloud(
        GRAPH,
        "Directory enumeration",
        "GET /v1.0/users?$select=displayName",
        &from,
    );
}

fn travel(s: &mut Scene<'_>) {
    let (here, there) = (s.attacker(0), s.attacker(3));
    s.suspicious()
        .sign_in(OFFICE_HOME, &here, 0, "low", &["unlikelyTravel"], BROWSER);
    s.sign_in(
        OFFICE_HOME,
        &there,
        0,
        "medium",
        &["unlikelyTravel", "unfamiliarFeatures"],
        KIT,
    );
}

fn travel_mdca(s: &mut Scene<'_>) {
    let (here, there) = (s.attacker(0), s.attacker(3));
    s.suspicious()
        .cloud(
            OFFICE_HOME,
            "Log on",
            "from two countries within 40 minutes",
            &here,
        )
        .ip(&there, &["attacker"]);
}

fn new_mfa(s: &mut Scene<'_>) {
    let there = s.attacker(3);
    s.malicious().cloud(
        GRAPH,
        "User registered security info",
        "Authenticator app on an unknown phone",
        &there,
    );
}

fn recon(s: &mut Scene<'_>) {
    s.suspicious().directory(
        "LDAP query",
        "(&(objectCategory=computer)(userAccountControl:1.2.840.113556.1.4.803:=524288))",
    );
    s.on(1).device();
    s.extra("domain", &[], |_, mark| mark.evidence("activeDirectoryDomainEvidence", json!({
        "activeDirectoryDomainName": "corp.contoso.com", "trustedDomains": [mark.nested(json!({"activeDirectoryDomainName": "emea.contoso.com", "trustedDomains": []}))],
    })));
}

fn roast(s: &mut Scene<'_>) {
    s.suspicious().directory(
        "Kerberos TGS request",
        "MSSQLSvc/srv-sql-01.corp.contoso.com",
    );
    s.by(2).user();
}

fn dcsync(s: &mut Scene<'_>) {
    s.malicious()
        .directory("Directory services replication", "krbtgt");
    s.on(1).device();
    s.by(1).user();
    s.extra("group", &[], |world, mark| {
        world.security_group(mark, "Domain Admins")
    });
    s.extra("domain", &[], |_, mark| {
        mark.evidence(
            "activeDirectoryDomainEvidence",
            json!({"activeDirectoryDomainName": "corp.contoso.com", "trustedDomains": []}),
        )
    });
}

fn golden(s: &mut Scene<'_>) {
    let from = s.host_ip();
    s.on(1).by(1).malicious().logon(&from, "Network", true);
}

fn group_change(s: &mut Scene<'_>) {
    s.malicious()
        .directory("Group membership changed", "Domain Admins");
    s.extra("group", &["added"], |world, mark| {
        world.security_group(mark, "Domain Admins")
    });
}

fn role(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.suspicious().sign_in(
        AZURE_PORTAL,
        &from,
        0,
        "medium",
        &["unfamiliarFeatures"],
        BROWSER,
    );
    s.cloud(GRAPH, "Add member to role", "Global Administrator", &from);
}

fn sentinel_role(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.suspicious().user().ip(&from, &["source"]);
    s.extra("portal", &[], |_, mark| {
        mark.evidence(
            "urlEvidence",
            json!({"url": "https://portal.azure.example/#view/roles"}),
        )
    });
}

fn teams_lure(s: &mut Scene<'_>) {
    let (to, second) = (s.address(), s.by(1).address());
    s.by(0).malicious().user();
    let ids: [String; 4] =
        ["campaign", "thread", "message", "tenant"].map(|name| s.guid(name).to_string());
    let from = s.attacker(0).ip.to_string();
    let url = format!("https://{}/join", s.domain(0));
    s.extra("teams", &[], |world, mark| mark.evidence("teamsMessageEvidence", json!({
        "campaignId": ids[0], "channelId": null, "deliveryAction": "delivered", "deliveryLocation": "teams", "files": [],
        "groupId": null, "isExternal": true, "isOwned": false, "lastModifiedDateTime": mark.at.to_string(), "messageDirection": "inbound",
        "messageId": ids[2], "owningTenantId": ids[3], "parentMessageId": null, "receivedDateTime": mark.at.to_string(),
        "recipients": [to, second], "senderFromAddress": "helpdesk@it-support.example", "senderIP": from, "sourceAppName": "Microsoft Teams",
        "sourceId": world.tenant_id().to_string(), "subject": "Help Desk: your account needs attention", "suspiciousRecipients": [to],
        "threadId": format!("19:{}@unq.gbl.spaces", ids[1]), "threadType": "chat",
        "urls": [mark.nested(json!({"url": url}))],
    })));
    s.url(&url);
}

fn remote_tool(s: &mut Scene<'_>) {
    let shell = s.shell();
    let tool = s.suspicious().run(
        &shell,
        "AnyDesk.exe",
        r#""C:\ProgramData\AnyDesk\AnyDesk.exe" --silent"#,
    );
    let to = s.attacker(1);
    s.connect(&tool, &to, 443, None).user();
}

fn leaked(s: &mut Scene<'_>) {
    s.suspicious().user();
}

/// See the module header.
pub static ALL: [Template; 6] = [
    template(
        "password-spray", "Password spray against several users, one account compromised",
        Truth::Attack, 10, &[Who::Staff, Who::Staff], &[],
        &[
            spec("Successful sign-in after a password spray", High, &EIP, "CredentialAccess", &["T1110.003", "T1078.004"], spray_hit)
                .about("One of the sprayed accounts was signed in to from the same source."),
            spec("Directory enumeration by a risky session", Medium, &MDCA, "Discovery", &["T1087.004"], spray_read).at(19).odds(600),
            spec("Password spray", Medium, &EIP, "CredentialAccess", &["T1110.003"], spray).at(26)
                .about("Many accounts were tried with few common passwords from one source."),
        ],
    ).repeating().system(&["Credential Phish"]),
    template(
        "impossible-travel", "Impossible travel activity of {u}",
        Truth::Varied, 14, &[Who::Staff], &[],
        &[
            spec("Atypical travel", Medium, &EIP, "InitialAccess", &["T1078.004"], travel)
                .about("Two sign-ins from places too far apart for the time between them; at least one is atypical for the user."),
            spec("Impossible travel activity", Medium, &MDCA, "InitialAccess", &["T1078"], travel_mdca).at(3),
            spec("Security info registered after a risky sign-in", High, &XDR, "Persistence", &["T1098.005"], new_mfa).at(17).odds(250),
        ],
    ),
    template(
        "dcsync", "Directory reconnaissance and replication from {d}",
        Truth::Attack, 7, &[Who::Owner(0), Who::Named(18), Who::Named(24)], &[Machine::Workstation, Machine::Named(0)],
        &[
            spec("Active Directory attributes reconnaissance (LDAP)", Medium, &MDI, "Discovery", &["T1087.002", "T1069.002"], recon)
                .about("Sensitive attributes and delegation settings were read over LDAP."),
            spec("Suspected Kerberos SPN exposure", High, &MDI, "CredentialAccess", &["T1558.003"], roast).at(18),
            spec("Suspected DCSync attack (replication of directory services)", High, &MDI, "CredentialAccess", &["T1003.006"], dcsync).at(57)
                .about("A machine that is not a domain controller asked for the replication of password hashes."),
            spec("Suspected Golden Ticket usage (encryption downgrade)", High, &MDI, "PrivilegeEscalation", &["T1558.001"], golden).at(140).odds(600),
            spec("Suspicious additions to sensitive groups", Medium, &MDI, "Persistence", &["T1098"], group_change).at(152).odds(700),
        ],
    ).tagged(&["tier0", "P1"]).system(&["Critical asset"]),
    template(
        "role-abuse", "Privileged role given outside of PIM to {u}",
        Truth::Varied, 8, &[Who::Operator], &[],
        &[
            spec("Global Administrator role assigned outside of PIM", High, &SENTINEL_NRT, "PrivilegeEscalation", &["T1098.003"], role)
                .about("A privileged role was assigned permanently. Near-real-time rule of the workspace."),
            spec("Rare privileged operation by an account", Medium, &SENTINEL_SCHEDULED, "Persistence", &["T1098"], sentinel_role).at(14),
            spec("Anomalous administrator activity (machine learning)", Low, &SENTINEL_ML, "PrivilegeEscalation", &["T1078.004"], sentinel_role).at(31).odds(400),
        ],
    ),
    template(
        "teams-helpdesk", "Help desk impersonation in Teams against {u}",
        Truth::Attack, 8, &[Who::Owner(0), Who::Staff], &[Machine::Workstation],
        &[
            spec("Malicious URL in a Teams message", High, &MDO, "InitialAccess", &["T1566.003"], teams_lure)
                .about("An external account posing as the help desk sent a link."),
            spec("Remote management software started after an external chat", Medium, &XDR, "CommandAndControl", &["T1219"], remote_tool).at(16),
        ],
    ),
    template(
        "leaked-credentials", "Leaked credentials of {u}",
        Truth::Varied, 9, &[Who::Staff], &[],
        &[spec("Leaked Credentials", High, &EIP, "CredentialAccess", &["T1589.001"], leaked)
            .about("The user's valid credentials were found in a public leak.")],
    ).repeating(),
];
