//! What a directory role lets a signed-in person do.

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
