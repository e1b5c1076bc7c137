//! What the tenant has licences for, as far as the integrations want them: `GET /subscribedSkus` names what was bought, and the
//! service plans in it. Whom a plan is assigned to is another question, and not asked here.

use super::{Answer, Json};
use crate::model::{Call, Path, Service};

/// Something that is wanted, with the service plans that bring it; any one does.
#[derive(Debug)]
pub struct Licence {
    pub name: &'static str,
    /// Names of service plans as Microsoft lists them.
    pub plans: &'static [&'static str],
    /// What is missing without it.
    pub brings: &'static str,
}

/// All of them, in the order of the integrations.
#[rustfmt::skip]
pub static WANTED: &[Licence] = &[
    Licence { name: "Defender for Endpoint Plan 2", plans: &["WINDEFATP", "MDE_SMB"], brings: "devices, hunting on them, vulnerabilities, response" },
    Licence { name: "Defender for Office 365 Plan 2", plans: &["THREAT_INTELLIGENCE"], brings: "evidence of mail in incidents, hunting on mail" },
    Licence { name: "Defender for Identity", plans: &["ATA"], brings: "alerts and events of domain controllers" },
    Licence { name: "Defender for Cloud Apps", plans: &["ADALLOM_S_STANDALONE"], brings: "alerts of cloud apps, unsanctioned apps, CloudAppEvents" },
    Licence { name: "Entra ID P1", plans: &["AAD_PREMIUM", "AAD_PREMIUM_P2"], brings: "sign-in logs" },
    Licence { name: "Entra ID P2", plans: &["AAD_PREMIUM_P2"], brings: "risk of users and sign-ins" },
    Licence { name: "Intune", plans: &["INTUNE_A"], brings: "policies by which devices are put into block mode" },
];

/// Any of these lets it be read.
pub const NEEDS: &[&str] = &[
    "Organization.Read.All",
    "LicenseAssignment.Read.All",
    "Directory.Read.All",
];

/// Asks what was bought.
pub fn call() -> Call {
    Call::get(Service::Graph, Path::new("/subscribedSkus")).needs(NEEDS)
}

/// How one of them stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In force: licences bought and given out.
    Has {
        bought: i64,
        given: i64,
    },
    /// Bought once, and not in force now.
    Lapsed,
    Lacks,
    /// It could not be asked: why.
    Untold(String),
}

impl Standing {
    /// Whether something is missing.
    pub fn is_short(&self) -> bool {
        matches!(self, Self::Lapsed | Self::Lacks)
    }

    pub fn words(&self, licence: &Licence) -> String {
        match self {
            Self::Has { bought, given } => format!("licensed, {given} of {bought} given out"),
            Self::Lapsed => format!("licence not in force any more: no {}", licence.brings),
            Self::Lacks => format!("no licence: no {}", licence.brings),
            Self::Untold(why) => format!("licence not readable: {why}"),
        }
    }
}

/// How each of them stands by the answer, in their order.
pub fn told(answer: Option<&Answer>) -> Vec<(&'static Licence, Standing)> {
    let why = super::neighbours::could_not(answer);
    let skus: Vec<Json<'_>> = answer.into_iter().flat_map(Answer::items).collect();
    let all = WANTED.iter();
    all.map(|licence| {
        let standing = match &why {
            Some(why) => Standing::Untold(why.clone()),
            None => standing(&skus, licence),
        };
        (licence, standing)
    })
    .collect()
}

fn standing(skus: &[Json<'_>], licence: &Licence) -> Standing {
    let brings = |sku: &&Json<'_>| {
        sku.list("servicePlans").any(|plan| {
            let name = plan.str("servicePlanName").unwrap_or_default();
            licence.plans.iter().any(|p| p.eq_ignore_ascii_case(name))
        })
    };
    // in its last weeks a subscription only warns
    let in_force = |sku: &Json<'_>| {
        let status = sku.str("capabilityStatus").unwrap_or("Enabled");
        ["Enabled", "Warning"]
            .iter()
            .any(|s| s.eq_ignore_ascii_case(status))
    };
    let (mut bought, mut given, mut any, mut lapsed) = (0, 0, false, false);
    for sku in skus.iter().filter(brings) {
        if !in_force(sku) {
            lapsed = true;
            continue;
        }
        any = true;
        let units = sku.at("prepaidUnits");
        let of = |name| units.int(name).unwrap_or(0);
        bought += of("enabled") + of("warning");
        given += sku.int("consumedUnits").unwrap_or(0);
    }
    match (any, lapsed) {
        (true, _) => Standing::Has { bought, given },
        (false, true) => Standing::Lapsed,
        (false, false) => Standing::Lacks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn s1_13_each_licence_is_there_lapsed_missing_or_not_readable() {
        let sku = |status: &str, plans: &[&str], n: i64| {
            let plans: Vec<_> = plans
                .iter()
                .map(|p| json!({"servicePlanName": p}))
                .collect();
            json!({"capabilityStatus": status, "consumedUnits": n - 1, "prepaidUnits": {"enabled": n}, "servicePlans": plans})
        };
        let body = json!({"value": [
            sku("Enabled", &["WINDEFATP", "aad_premium"], 10),
            sku("Enabled", &["WINDEFATP"], 5),
            sku("Suspended", &["ATA", "WINDEFATP"], 0),
        ]});
        let answer = Answer::Got {
            body: Arc::new(body),
            more: false,
        };
        let told = told(Some(&answer));
        let of = |name: &str| {
            let (licence, standing) = told.iter().find(|(l, _)| l.name == name).unwrap();
            standing.words(licence)
        };
        assert_eq!(
            of("Defender for Endpoint Plan 2"),
            "licensed, 13 of 15 given out"
        );
        assert_eq!(of("Entra ID P1"), "licensed, 9 of 10 given out");
        assert!(of("Defender for Identity").contains("not in force"));
        assert_eq!(
            of("Entra ID P2"),
            "no licence: no risk of users and sign-ins"
        );
        let none = super::told(Some(&Answer::Withheld(NEEDS)));
        assert!(none.iter().all(|(l, s)| {
            s.words(l)
                .contains("not readable: this needs Organization.Read.All")
        }));
        assert!(
            none.iter().all(|(_, s)| !s.is_short()),
            "what may not be asked is not called missing"
        );
    }
}
