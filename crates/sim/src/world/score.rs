//! The secure score: what is asked of the tenant, and how many points each control had on each day.

use serde_json::{Value, json};

use super::dice::mix;
use super::stamp::{DAY, Stamp};
use super::{Obj, World, obj};

/// One control.
#[derive(Debug)]
pub struct Control {
    pub id: &'static str,
    title: &'static str,
    category: &'static str,
    service: &'static str,
    max: f64,
    /// Implementation cost and user impact.
    cost: &'static str,
    impact: &'static str,
    tier: &'static str,
    threats: &'static [&'static str],
    remediation: &'static str,
    course: Course,
}

/// How its points went in the last ninety days.
#[derive(Clone, Copy, Debug)]
enum Course {
    /// All the time this part of the maximum.
    Steady(f64),
    /// From one part to another, so many days ago.
    Step(f64, f64, i64),
}

use Course::{Steady, Step};

const fn control(
    id: &'static str,
    (title, category, service): (&'static str, &'static str, &'static str),
    max: f64,
    (cost, impact, tier): (&'static str, &'static str, &'static str),
    remediation: &'static str,
    course: Course,
) -> Control {
    Control {
        id,
        title,
        category,
        service,
        max,
        cost,
        impact,
        tier,
        threats: &["Account breach", "Elevation of privilege"],
        remediation,
        course,
    }
}

const CORE: &str = "Core";
const DEPTH: &str = "Defense in Depth";
const ADVANCED: &str = "Advanced";

/// All controls that scores mention. The last has no profile any more.
#[rustfmt::skip]
pub static CONTROLS: [Control; 28] = [
    control("MFARegistrationV2", ("Ensure multifactor authentication is enabled for all users", "Identity", "AzureAD"), 9.0, ("Moderate", "Moderate", CORE), "<p>Go to <a href=\"https://entra.microsoft.com\">Conditional Access</a> and <b>create a policy</b> that requires MFA.</p><ol><li>All users</li><li>All apps &amp; services</li></ol>", Step(0.61, 0.88, 33)),
    control("AdminMFAV2", ("Ensure multifactor authentication is enabled for all users in administrative roles", "Identity", "AzureAD"), 10.0, ("Low", "Low", CORE), "<p>Require MFA for the administrator roles.</p>", Steady(1.0)),
    control("BlockLegacyAuthentication", ("Enable Conditional Access policies to block legacy authentication", "Identity", "AzureAD"), 8.0, ("Moderate", "Moderate", CORE), "<p>Block <i>legacy</i> protocols.</p><script>alert(1)</script>", Step(0.0, 1.0, 61)),
    control("SigninRiskPolicy", ("Protect all users with a sign-in risk policy", "Identity", "AzureAD"), 7.0, ("Moderate", "Moderate", DEPTH), "<p>Turn the policy on.</p>", Steady(0.0)),
    control("UserRiskPolicy", ("Protect all users with a user risk policy", "Identity", "AzureAD"), 7.0, ("Moderate", "Moderate", DEPTH), "<p>Turn the policy on.</p>", Steady(0.0)),
    control("OneAdmin", ("Designate more than one global admin", "Identity", "AzureAD"), 1.0, ("Low", "Low", CORE), "<p>Two to four people.</p>", Steady(1.0)),
    control("RoleOverlap", ("Use least privileged administrative roles", "Identity", "AzureAD"), 1.0, ("Low", "Low", CORE), "<p>Prefer narrow roles.</p>", Steady(0.0)),
    control("SelfServicePasswordReset", ("Enable self-service password reset", "Identity", "AzureAD"), 1.0, ("Moderate", "Moderate", DEPTH), "<p>Enable it for all.</p>", Steady(1.0)),
    control("IntegratedApps", ("Do not allow users to grant consent to unreliable applications", "Identity", "AzureAD"), 4.0, ("Low", "Moderate", DEPTH), "<p>Limit consent to verified publishers.</p>", Step(1.0, 0.0, 19)),
    control("PWAgePolicyNew", ("Ensure the password expiration policy is set to never expire", "Identity", "AzureAD"), 8.0, ("Low", "Low", CORE), "<p>Set it to never.</p>", Steady(1.0)),
    control("AATP_DefenderForIdentityIsNotInstalled", ("Start your Defender for Identity deployment", "Identity", "Azure ATP"), 5.0, ("High", "Low", CORE), "<p>Install sensors.</p>", Steady(1.0)),
    control("AATP_UnsecureAccount", ("Resolve unsecure account attributes", "Identity", "Azure ATP"), 5.0, ("Low", "Low", DEPTH), "<p>Look at the exposed entities.</p>", Step(0.4, 0.6, 8)),
    control("mdo_safelinksforemail", ("Create Safe Links policies for email messages", "Apps", "MDO"), 9.0, ("Low", "Low", CORE), "<p>Use the <u>Standard</u> preset.</p>", Step(1.0, 0.55, 6)),
    control("mdo_safeattachmentpolicy", ("Turn on Safe Attachments in block mode", "Apps", "MDO"), 5.0, ("Low", "Low", CORE), "<p>Block.</p>", Steady(1.0)),
    control("mdo_antiphishingpolicies", ("Create an anti-phishing policy", "Apps", "MDO"), 8.0, ("Low", "Low", CORE), "<p>Protect domains and people.</p>", Step(0.5, 0.75, 27)),
    control("mdo_zapspam", ("Create zero-hour auto purge policies for spam messages", "Apps", "MDO"), 6.0, ("Low", "Low", DEPTH), "<p>Turn on ZAP.</p>", Steady(0.8)),
    control("exo_mailtipsenabled", ("Ensure MailTips are enabled for end users", "Apps", "EXO"), 2.0, ("Low", "Low", DEPTH), "<p>Run <code>Set-OrganizationConfig</code>.</p>", Steady(0.0)),
    control("exo_blockmailforward", ("Ensure all forms of mail forwarding are blocked", "Apps", "EXO"), 7.0, ("Moderate", "High", DEPTH), "<p>Block automatic forwarding.</p>", Steady(0.0)),
    control("meeting_restrictanonymousjoin_v1", ("Restrict anonymous users from joining meetings", "Apps", "MicrosoftTeams"), 1.0, ("Low", "Moderate", ADVANCED), "<p>Change the meeting policy.</p>", Steady(0.0)),
    control("spo_legacy_auth", ("Sign out inactive users in SharePoint Online", "Apps", "SPO"), 1.0, ("Low", "Moderate", DEPTH), "<p>Turn on idle sign-out.</p>", Steady(0.0)),
    control("mcas_discovery", ("Deploy a log collector to discover shadow IT activity", "Apps", "MCAS"), 1.0, ("High", "Low", ADVANCED), "<p>Deploy it.</p>", Steady(0.0)),
    control("mip_autosensitivitylabelspolicies", ("Ensure auto-labeling data classification policies are set up", "Data", "MIP"), 5.0, ("High", "Moderate", ADVANCED), "<p>Create policies.</p>", Steady(0.2)),
    control("mip_DLP_policies_enabled", ("Ensure DLP policies are enabled", "Data", "MIP"), 5.0, ("Moderate", "Moderate", DEPTH), "<p>Enable them.</p>", Steady(1.0)),
    control("scid_96", ("Turn on network protection", "Device", "MDATP"), 8.0, ("Low", "Low", CORE), "<p>Set <code>EnableNetworkProtection</code> to 1.</p>", Step(0.5, 0.7, 45)),
    control("scid_2003", ("Turn on tamper protection", "Device", "MDATP"), 8.0, ("Low", "Low", CORE), "<p>Turn it on tenant-wide.</p>", Steady(0.88)),
    control("scid_2090", ("Encrypt all BitLocker-supported drives", "Device", "MDATP"), 9.0, ("Moderate", "Low", CORE), "<p>By policy.</p>", Steady(0.78)),
    control("scid_2013", ("Turn on protection from unwanted applications", "Device", "MDATP"), 6.0, ("Low", "Low", DEPTH), "<p>By policy. \u{202e}\u{1b}[31m</p>", Steady(0.62)),
    control("McasFirewallLogUpload", ("A control that was withdrawn", "Apps", "MCAS"), 1.0, ("Low", "Low", DEPTH), "", Steady(0.0)),
];

/// Days ago that have no score.
const GAPS: [i64; 3] = [12, 13, 40];

/// A day as the ids write it.
fn date(day: i64) -> String {
    Stamp(day * DAY)
        .timestamp()
        .strftime("%Y-%m-%d")
        .to_string()
}

impl World {
    /// The day (since 1970) that the tenant was made on.
    fn born(&self) -> i64 {
        self.now.0.div_euclid(DAY)
    }

    /// Days that have a score, newest first: ninety, but for those that are missing.
    pub fn score_days(&self, now: Stamp, missing: i64) -> Vec<i64> {
        let today = now.0.div_euclid(DAY);
        (missing..90)
            .map(|ago| today - ago)
            .filter(|day| !GAPS.contains(&(self.born() - day)))
            .collect()
    }

    /// Part of a control's maximum on a day.
    fn control_part(&self, n: usize, day: i64) -> f64 {
        match CONTROLS[n].course {
            Steady(part) => part,
            Step(before, _, ago) if self.born() - day > ago => before,
            Step(_, after, _) => after,
        }
    }

    /// The score of a day. `full` says which controls count in full since a decision of the tenant's.
    pub fn secure_score(&self, day: i64, full: impl Fn(&str, i64) -> bool) -> Obj {
        let (mut current, mut max) = (0.0, 0.0);
        let mut controls = Vec::new();
        for (n, control) in CONTROLS.iter().enumerate() {
            let part = if full(control.id, day) {
                1.0
            } else {
                self.control_part(n, day)
            };
            let score = (control.max * part * 100.0).round() / 100.0;
            current += score;
            max += control.max;
            let total = self.user_count();
            controls.push(json!({
                "controlCategory": control.category,
                "controlName": control.id,
                "description": format!("<p>{}</p>", control.title),
                "score": score,
                "source": control.service,
                "IsApplicable": true,
                "scoreInPercentage": (part * 10_000.0).round() / 100.0,
                "implementationStatus": format!("You have {} of {total} done.", (total as f64 * part) as usize),
                "on": if part >= 1.0 { "true" } else { "false" },
                "lastSynced": format!("{}T00:00:00Z", date(day)),
                "count": (total as f64 * part) as usize,
                "total": total,
            }));
        }
        let average = |basis: &str, score: f64, extra: Value| {
            let mut row = obj(
                json!({"basis": basis, "averageScore": score, "identityScore": score / 3.0, "dataScore": 4.0, "deviceScore": score / 4.0, "appsScore": score / 5.0}),
            );
            row.extend(obj(extra));
            row
        };
        let drift = (mix(day as u64) % 20) as f64 / 10.0;
        let licensed = self.user_count();
        obj(json!({
            "id": format!("{}_{}", self.tenant, date(day)),
            "azureTenantId": self.tenant.to_string(),
            "activeUserCount": licensed * 19 / 20,
            "createdDateTime": format!("{}T00:00:00Z", date(day)),
            "currentScore": (current * 100.0).round() / 100.0,
            "enabledServices": ["HasExchange", "HasSharePoint", "HasEntraP2", "HasMDE", "HasMDO", "HasMCAS"],
            "licensedUserCount": licensed,
            "maxScore": max,
            "vendorInformation": vendor(),
            "averageComparativeScores": [
                average("AllTenants", 61.4 + drift, json!({})),
                average("TotalSeats", 68.2 + drift, json!({"SeatSizeRangeLowerValue": "1001", "SeatSizeRangeUpperValue": "5000"})),
                average("IndustryTypes", 64.9 + drift, json!({"industryName": "Manufacturing"})),
            ],
            "controlScores": controls,
        }))
    }

    /// Profiles there are: one control of the scores has none any more.
    pub fn control_profiles(&self) -> impl Iterator<Item = usize> {
        0..CONTROLS.len() - 1
    }

    /// A control's profile, without what clients decided about it.
    pub fn control_profile(&self, n: usize) -> Obj {
        let control = &CONTROLS[n];
        obj(json!({
            "id": control.id,
            "azureTenantId": self.tenant.to_string(),
            "actionType": if n % 5 == 3 { "Review" } else { "Config" },
            "actionUrl": "https://security.microsoft.com/securescore",
            "controlCategory": control.category,
            "title": control.title,
            "deprecated": control.id == "PWAgePolicyNew",
            "implementationCost": control.cost,
            "lastModifiedDateTime": self.now.plus(-(n as i64 * 3 % 50) * DAY).whole_second().to_string(),
            "maxScore": control.max,
            "rank": n + 1,
            "remediation": control.remediation,
            "remediationImpact": format!("<p>{}</p>", if control.impact == "Low" { "Users will not notice." } else { "Some users must change what they do; tell them before." }),
            "service": control.service,
            "threats": control.threats,
            "tier": control.tier,
            "userImpact": control.impact,
            "complianceInformation": [],
            "controlStateUpdates": [],
            "vendorInformation": vendor(),
        }))
    }
}

fn vendor() -> Value {
    json!({"provider": "SecureScore", "providerVersion": null, "subProvider": null, "vendor": "Microsoft"})
}
