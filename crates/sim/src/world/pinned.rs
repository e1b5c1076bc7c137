//! The named people: chiefs, the security team, administrators, emergency and service accounts, and names that test a screen.

use super::people::Class;

/// A named user. Its index in `PINNED` is its user index.
pub struct Pinned {
    pub upn: &'static str,
    pub display: &'static str,
    pub account: &'static str,
    pub class: Class,
    pub title: Option<&'static str>,
    /// Branch and place in `DEPARTMENTS`.
    pub department: Option<(u8, u8)>,
    pub office: u8,
    pub manager: Option<u8>,
    pub enabled: bool,
    pub synced: bool,
    /// Directory roles held.
    pub roles: &'static [&'static str],
}

/// Analysts of the queue, the demo analyst first.
pub static ANALYSTS: [usize; 4] = [9, 10, 11, 12];
/// Accounts with the highest rights, which stories may go after.
pub const DOMAIN_ADMIN: usize = 18;
/// The synchronisation account.
pub const SYNC_ACCOUNT: usize = 27;
/// A backup service account with a weak password.
pub const BACKUP_ACCOUNT: usize = 25;

const fn staff(
    upn: &'static str,
    display: &'static str,
    title: &'static str,
    department: Option<(u8, u8)>,
    office: u8,
    manager: u8,
) -> Pinned {
    let (account, _) = upn.split_at(upn.len() - "@contoso.com".len());
    Pinned {
        upn,
        display,
        account,
        class: Class::Staff,
        title: Some(title),
        department,
        office,
        manager: Some(manager),
        enabled: true,
        synced: true,
        roles: &[],
    }
}

const fn cloud(
    upn: &'static str,
    display: &'static str,
    account: &'static str,
    class: Class,
) -> Pinned {
    Pinned {
        upn,
        display,
        account,
        class,
        title: None,
        department: None,
        office: 0,
        manager: None,
        enabled: true,
        synced: false,
        roles: &[],
    }
}

const fn with(pinned: Pinned, roles: &'static [&'static str]) -> Pinned {
    Pinned { roles, ..pinned }
}

const fn on_premises(pinned: Pinned) -> Pinned {
    Pinned {
        synced: true,
        ..pinned
    }
}

const fn left(pinned: Pinned) -> Pinned {
    Pinned {
        enabled: false,
        ..pinned
    }
}

/// See the module header.
pub static PINNED: [Pinned; 36] = [
    Pinned {
        manager: None,
        ..staff(
            "helen.marsh@contoso.com",
            "Helen Marsh",
            "Chief Executive Officer",
            None,
            0,
            0,
        )
    },
    staff(
        "daniel.okafor@contoso.com",
        "Daniel Okafor",
        "Chief Financial Officer",
        Some((0, 1)),
        0,
        0,
    ),
    staff(
        "priya.raman@contoso.com",
        "Priya Raman",
        "Chief Technology Officer",
        Some((1, 0)),
        4,
        0,
    ),
    staff(
        "lars.eriksen@contoso.com",
        "Lars Eriksen",
        "Chief Information Officer",
        Some((2, 0)),
        0,
        0,
    ),
    staff(
        "marta.kowalska@contoso.com",
        "Marta Kowalska",
        "Chief Operating Officer",
        Some((3, 0)),
        3,
        0,
    ),
    staff(
        "claire.dubois@contoso.com",
        "Claire Dubois",
        "Chief People Officer",
        Some((4, 0)),
        1,
        0,
    ),
    staff(
        "samuel.whitfield@contoso.com",
        "Samuel Whitfield",
        "General Counsel",
        Some((5, 0)),
        0,
        0,
    ),
    staff(
        "isabela.rocha@contoso.com",
        "Isabela Rocha",
        "Chief Marketing Officer",
        Some((6, 0)),
        7,
        0,
    ),
    staff(
        "kenji.watanabe@contoso.com",
        "Kenji Watanabe",
        "Chief Sales Officer",
        Some((7, 2)),
        5,
        0,
    ),
    with(
        staff(
            "ana@contoso.com",
            "Ana Novak",
            "SOC Analyst",
            Some((2, 0)),
            0,
            13,
        ),
        &["Security Operator"],
    ),
    with(
        staff(
            "raj@contoso.com",
            "Raj Patel",
            "Senior SOC Analyst",
            Some((2, 0)),
            4,
            13,
        ),
        &["Security Administrator"],
    ),
    with(
        staff(
            "mei@contoso.com",
            "Mei Tanaka",
            "SOC Analyst",
            Some((2, 0)),
            5,
            13,
        ),
        &["Security Operator"],
    ),
    with(
        staff(
            "tomasz@contoso.com",
            "Tomasz Zieliński",
            "Threat Hunter",
            Some((2, 0)),
            3,
            13,
        ),
        &["Security Reader"],
    ),
    with(
        staff(
            "ingrid.haugen@contoso.com",
            "Ingrid Haugen",
            "Chief Information Security Officer",
            Some((2, 0)),
            0,
            3,
        ),
        &["Security Reader", "Global Reader"],
    ),
    staff(
        "omar.haddad@contoso.com",
        "Omar Haddad",
        "Infrastructure Lead",
        Some((2, 0)),
        0,
        3,
    ),
    staff(
        "grace.kim@contoso.com",
        "Grace Kim",
        "Service Desk Lead",
        Some((2, 1)),
        6,
        3,
    ),
    staff(
        "pavel.dvorak@contoso.com",
        "Pavel Dvořák",
        "Messaging Engineer",
        Some((2, 0)),
        2,
        14,
    ),
    staff(
        "lucia.ferrer@contoso.com",
        "Lucía Ferrer",
        "Identity Engineer",
        Some((2, 0)),
        1,
        14,
    ),
    with(
        on_premises(cloud(
            "adm-ohaddad@contoso.com",
            "Omar Haddad (Admin)",
            "adm-ohaddad",
            Class::Admin,
        )),
        &["Global Administrator"],
    ),
    with(
        cloud(
            "adm-gkim@contoso.com",
            "Grace Kim (Admin)",
            "adm-gkim",
            Class::Admin,
        ),
        &["Helpdesk Administrator", "Authentication Administrator"],
    ),
    with(
        cloud(
            "adm-pdvorak@contoso.com",
            "Pavel Dvořák (Admin)",
            "adm-pdvorak",
            Class::Admin,
        ),
        &["Exchange Administrator"],
    ),
    with(
        cloud(
            "adm-lferrer@contoso.com",
            "Lucía Ferrer (Admin)",
            "adm-lferrer",
            Class::Admin,
        ),
        &[
            "Privileged Role Administrator",
            "Conditional Access Administrator",
        ],
    ),
    with(
        cloud(
            "bg-emergency-01@contoso.onmicrosoft.com",
            "Emergency Access 01",
            "bg-emergency-01",
            Class::BreakGlass,
        ),
        &["Global Administrator"],
    ),
    with(
        cloud(
            "bg-emergency-02@contoso.onmicrosoft.com",
            "Emergency Access 02",
            "bg-emergency-02",
            Class::BreakGlass,
        ),
        &["Global Administrator"],
    ),
    on_premises(cloud(
        "svc-sql@contoso.com",
        "Service SQL",
        "svc-sql",
        Class::Service,
    )),
    on_premises(cloud(
        "svc-backup@contoso.com",
        "Service Backup",
        "svc-backup",
        Class::Service,
    )),
    on_premises(cloud(
        "svc-vulnscan@contoso.com",
        "Service Vulnerability Scan",
        "svc-vulnscan",
        Class::Service,
    )),
    with(
        cloud(
            "Sync_SRV-AADC-01_7f3e1c@contoso.onmicrosoft.com",
            "On-Premises Directory Synchronization Service Account",
            "sync_srv-aadc-01",
            Class::Service,
        ),
        &["Directory Synchronization Accounts"],
    ),
    cloud(
        "аna.novak_fabrikam.example#EXT#@contoso.onmicrosoft.com",
        "Аna Novak",
        "ana.novak.ext",
        Class::Guest,
    ),
    staff(
        "nadia.petrova@contoso.com",
        "Nadia Petrova",
        "Accounts Payable Specialist",
        Some((0, 0)),
        2,
        1,
    ),
    staff(
        "ben.carter@contoso.com",
        "Ben Carter",
        "Payments Analyst",
        Some((0, 0)),
        0,
        1,
    ),
    staff(
        "robin.fox@contoso.com",
        "🦊 Robin Fox 👩‍💻",
        "UX Designer",
        Some((1, 3)),
        6,
        2,
    ),
    staff(
        "asa.nunez@contoso.com",
        "A\u{30a}sa N\u{303}u\u{301}n\u{303}ez\u{308}\u{301}\u{32d}",
        "Test Engineer",
        Some((1, 0)),
        1,
        2,
    ),
    staff(
        "khaled.almansour@contoso.com",
        "خالد المنصور (Khaled)",
        "Account Executive",
        Some((7, 0)),
        0,
        8,
    ),
    cloud(
        "hr.update_litware.example#EXT#@contoso.onmicrosoft.com",
        "=HYPERLINK(\"https://hr-update.example\",\"HR update\")",
        "hr.update.ext",
        Class::Guest,
    ),
    left(staff(
        "sean.o'neil@contoso.com",
        "Seán O'Neil \"Shay\" | where 1==1 //",
        "Account Executive",
        Some((7, 0)),
        1,
        8,
    )),
];
