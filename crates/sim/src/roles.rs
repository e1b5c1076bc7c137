//! Directory roles: their template ids (what `wids` carries) and what they let a signed-in person do.

/// Names and template ids of the roles the services look at.
const ROLES: &[(&str, &str)] = &[
    (
        "Global Administrator",
        "62e90394-69f5-4237-9190-012177145e10",
    ),
    ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
    (
        "Security Administrator",
        "194ae4cb-b126-40b2-bd5b-6091b380977d",
    ),
    ("Security Operator", "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f"),
    ("Security Reader", "5d6b6bb7-de71-4623-b4af-96380a352509"),
    ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"),
    (
        "Privileged Role Administrator",
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
    ),
    (
        "Privileged Authentication Administrator",
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    ),
    (
        "Authentication Administrator",
        "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    ),
    (
        "Helpdesk Administrator",
        "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    ),
    ("Reports Reader", "4a5d8f65-41da-4de4-8968-e035b65339cf"),
    (
        "Exchange Administrator",
        "29232cdf-9323-42fd-ade2-1d097af3e4de",
    ),
    (
        "SharePoint Administrator",
        "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
    ),
    (
        "Conditional Access Administrator",
        "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    ),
    (
        "Application Administrator",
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    ),
    (
        "Cloud Application Administrator",
        "158c047a-c907-4556-b7ef-446551a6b5f7",
    ),
    (
        "Intune Administrator",
        "3a2c62db-5318-420d-8d74-23affee5d9d5",
    ),
    (
        "Groups Administrator",
        "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    ),
];

/// Template ids of roles by name, and of every user (the id that all members carry).
pub(crate) fn template_ids(names: &[&str]) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = ROLES
        .iter()
        .filter(|(name, _)| names.contains(name))
        .map(|(_, id)| *id)
        .collect();
    ids.push("b79fbf4d-3ef9-4689-8143-76b194e85509");
    ids
}

/// What a signed-in person needs a role for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Nothing but the scope.
    None,
    ReadSecurity,
    WriteSecurity,
    ReadReports,
    ReadMethods,
}

/// Does one of the roles allow it?
pub(crate) fn allows(names: &[&str], duty: Duty) -> bool {
    let list: &[&str] = match duty {
        Duty::None => return true,
        Duty::ReadSecurity => &[
            "Global Administrator",
            "Global Reader",
            "Security Administrator",
            "Security Operator",
            "Security Reader",
        ],
        Duty::WriteSecurity => &[
            "Global Administrator",
            "Security Administrator",
            "Security Operator",
        ],
        Duty::ReadReports => &[
            "Global Administrator",
            "Global Reader",
            "Security Administrator",
            "Security Operator",
            "Security Reader",
            "Reports Reader",
        ],
        Duty::ReadMethods => &[
            "Global Administrator",
            "Global Reader",
            "Authentication Administrator",
            "Privileged Authentication Administrator",
        ],
    };
    names.iter().any(|n| list.contains(n))
}
