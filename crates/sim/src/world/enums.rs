//! The enums of the Graph security and identity APIs: known members, and which of them stand after the sentinel.
//!
//! The tenant uses all of them, and in each enum that may grow one that no version of the service knows yet.

use super::Obj;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;

/// One enum.
#[derive(Debug)]
pub struct Enum {
    /// The name in the service's metadata, without its namespace.
    pub name: &'static str,
    /// Members that every caller sees.
    pub members: &'static [&'static str],
    /// Members after the sentinel, which only callers with `Prefer: include-unknown-enum-members` see.
    pub after: &'static [&'static str],
    /// May it grow?
    pub grows: bool,
    /// Where it stands: the property, and if the name alone does not tell, another property the same object must have.
    places: &'static [(&'static str, Option<&'static str>)],
}

impl Enum {
    /// Is it a member, of those before the sentinel or after it?
    pub fn has(&self, member: &str) -> bool {
        self.members.contains(&member) || self.after.contains(&member)
    }
}

macro_rules! enums {
    ($($id:ident = $name:literal, $grows:literal, [$($place:expr),*], [$($member:literal)*], [$($after:literal)*];)*) => {
        $(pub static $id: Enum = Enum { name: $name, members: &[$($member),*], after: &[$($after),*], grows: $grows, places: &[$($place),*] };)*
        /// All of them.
        pub static ALL: &[&Enum] = &[$(&$id),*];
    };
}

/// A property whose name says it all.
const fn any(property: &'static str) -> (&'static str, Option<&'static str>) {
    (property, None)
}

/// A property of objects that have this other one.
const fn beside(
    property: &'static str,
    other: &'static str,
) -> (&'static str, Option<&'static str>) {
    (property, Some(other))
}

enums! {
    INCIDENT_STATUS = "security.incidentStatus", true, [beside("status", "systemTags"), beside("status", "severity")],
        ["active" "resolved" "inProgress" "redirected"], ["awaitingAction"];
    ALERT_STATUS = "security.alertStatus", true, [beside("status", "evidence")], ["unknown" "new" "inProgress" "resolved"], [];
    ALERT_SEVERITY = "security.alertSeverity", true, [any("severity")], ["unknown" "informational" "low" "medium" "high"], [];
    ALERT_CLASSIFICATION = "security.alertClassification", true, [beside("classification", "determination")],
        ["unknown" "falsePositive" "truePositive" "informationalExpectedActivity"], [];
    ALERT_DETERMINATION = "security.alertDetermination", true, [any("determination")],
        ["unknown" "apt" "malware" "securityPersonnel" "securityTesting" "unwantedSoftware" "other" "multiStagedAttack" "compromisedAccount"
         "phishing" "maliciousUserActivity" "notMalicious" "notEnoughDataToValidate" "confirmedActivity" "lineOfBusinessApplication"], [];
    SERVICE_SOURCE = "security.serviceSource", true, [any("serviceSource")],
        ["unknown" "microsoftDefenderForEndpoint" "microsoftDefenderForIdentity" "microsoftDefenderForCloudApps" "microsoftDefenderForOffice365"
         "microsoft365Defender" "azureAdIdentityProtection" "microsoftAppGovernance" "dataLossPrevention"],
        ["microsoftDefenderForCloud" "microsoftSentinel" "microsoftInsiderRiskManagement" "microsoftThreatIntelligence" "microsoftSecurityForAI"];
    DETECTION_SOURCE = "security.detectionSource", true, [any("detectionSource")],
        ["unknown" "microsoftDefenderForEndpoint" "antivirus" "smartScreen" "customTi" "microsoftDefenderForOffice365" "automatedInvestigation"
         "microsoftThreatExperts" "customDetection" "microsoftDefenderForIdentity" "cloudAppSecurity" "microsoft365Defender"
         "azureAdIdentityProtection" "manual" "microsoftDataLossPrevention" "appGovernancePolicy" "appGovernanceDetection"],
        ["microsoftDefenderForCloud" "microsoftDefenderForIoT" "microsoftDefenderForServers" "microsoftDefenderForStorage" "microsoftDefenderForDNS"
         "microsoftDefenderForDatabases" "microsoftDefenderForContainers" "microsoftDefenderForNetwork" "microsoftDefenderForAppService"
         "microsoftDefenderForKeyVault" "microsoftDefenderForResourceManager" "microsoftDefenderForApiManagement" "nrtAlerts" "scheduledAlerts"
         "microsoftDefenderThreatIntelligenceAnalytics" "builtInMl" "microsoftInsiderRiskManagement" "microsoftThreatIntelligence"
         "microsoftDefenderForAIServices" "securityCopilot" "microsoftSentinel"];
    INVESTIGATION_STATE = "security.investigationState", true, [any("investigationState")],
        ["unknown" "terminated" "successfullyRemediated" "benign" "failed" "partiallyRemediated" "running" "pendingApproval" "pendingResource"
         "queued" "innerFailure" "preexistingAlert" "unsupportedOs" "unsupportedAlertType" "suppressedAlert" "partiallyInvestigated"
         "terminatedByUser" "terminatedBySystem"], [];
    EVIDENCE_VERDICT = "security.evidenceVerdict", true, [any("verdict")], ["unknown" "suspicious" "malicious" "noThreatsFound"], [];
    EVIDENCE_REMEDIATION = "security.evidenceRemediationStatus", true, [any("remediationStatus")],
        ["none" "remediated" "prevented" "blocked" "notFound"],
        ["active" "pendingApproval" "declined" "unremediated" "running" "partiallyRemediated"];
    EVIDENCE_ROLE = "security.evidenceRole", true, [any("roles")],
        ["unknown" "contextual" "scanned" "source" "destination" "created" "added" "compromised" "edited" "attacked" "attacker"
         "commandAndControl" "loaded" "suspicious" "policyViolator"], [];
    DETECTION_STATUS = "security.detectionStatus", true, [any("detectionStatus")], ["detected" "blocked" "prevented"], [];
    DEVICE_HEALTH = "security.deviceHealthStatus", true, [beside("healthStatus", "mdeDeviceId")],
        ["active" "inactive" "impairedCommunication" "noSensorData" "noSensorDataImpairedCommunication" "unknown"], [];
    DEVICE_RISK = "security.deviceRiskScore", true, [beside("riskScore", "mdeDeviceId")], ["none" "informational" "low" "medium" "high"], [];
    ONBOARDING = "security.onboardingStatus", true, [beside("onboardingStatus", "mdeDeviceId")],
        ["insufficientInfo" "onboarded" "canBeOnboarded" "unsupported"], [];
    DEFENDER_AV = "security.defenderAvStatus", true, [any("defenderAvStatus")],
        ["notReporting" "disabled" "notUpdated" "updated" "unknown" "notSupported"], [];
    VM_CLOUD = "security.vmCloudProvider", true, [beside("cloudProvider", "vmId")], ["unknown" "azure"], [];
    TEAMS_ACTION = "security.teamsMessageDeliveryAction", true, [beside("deliveryAction", "threadType")],
        ["unknown" "deliveredAsSpam" "delivered" "blocked" "replaced"], [];
    TEAMS_LOCATION = "security.teamsDeliveryLocation", true, [beside("deliveryLocation", "threadType")],
        ["unknown" "teams" "quarantine" "failed"], [];
    TEAMS_DIRECTION = "security.antispamTeamsDirection", true, [any("messageDirection")], ["unknown" "inbound" "outbound" "intraorg"], [];
    FILE_HASH = "security.fileHashAlgorithm", true, [beside("algorithm", "value")], ["unknown" "md5" "sha1" "sha256" "sha256ac"], [];
    PROTOCOL = "security.protocolType", true, [beside("protocol", "sourcePort")], ["tcp" "udp"], [];
    PORT_PROTOCOL = "security.containerPortProtocol", true, [beside("protocol", "targetPort")], ["udp" "tcp" "sctp"], [];
    AI_PLATFORM = "security.aiAgentPlatform", true, [any("hostingPlatformType")], ["unknown" "azureAIFoundry" "copilotStudio" "copilot"], [];
    GOOGLE_LOCATION = "security.googleCloudLocationType", true, [any("locationType")], ["unknown" "regional" "zonal" "global"], [];
    IOT_IMPORTANCE = "security.ioTDeviceImportanceType", true, [beside("importance", "purdueLayer")], ["unknown" "low" "normal" "high"], [];
    KUBERNETES_PLATFORM = "security.kubernetesPlatform", true, [beside("platform", "distribution")], ["unknown" "aks" "eks" "gke" "arc"], [];
    KUBERNETES_SERVICE = "security.kubernetesServiceType", true, [any("serviceType")],
        ["unknown" "clusterIP" "externalName" "nodePort" "loadBalancer"], [];
    MAILBOX_CONFIGURATION = "security.mailboxConfigurationType", true, [any("configurationType")],
        ["mailForwardingRule" "owaSettings" "ewsSettings" "mailDelegation" "userInboxRule" "unknown"], [];
    PRINCIPAL_TYPE = "security.servicePrincipalType", true, [beside("servicePrincipalType", "servicePrincipalObjectId")],
        ["unknown" "application" "managedIdentity" "legacy"], [];
    RISK_LEVEL = "riskLevel", true, [any("riskLevel"), any("riskLevelAggregated"), any("riskLevelDuringSignIn")],
        ["low" "medium" "high" "hidden" "none"], [];
    RISK_STATE = "riskState", true, [any("riskState")],
        ["none" "confirmedSafe" "remediated" "dismissed" "atRisk" "confirmedCompromised"], [];
    RISK_DETAIL = "riskDetail", true, [any("riskDetail"), beside("detail", "riskEventTypes")],
        ["none" "adminGeneratedTemporaryPassword" "userPerformedSecuredPasswordChange" "userPerformedSecuredPasswordReset"
         "adminConfirmedSigninSafe" "aiConfirmedSigninSafe" "userPassedMFADrivenByRiskBasedPolicy" "adminDismissedAllRiskForUser"
         "adminConfirmedSigninCompromised" "hidden" "adminConfirmedUserCompromised"],
        ["m365DAdminDismissedDetection" "adminConfirmedServicePrincipalCompromised" "adminDismissedAllRiskForServicePrincipal"
         "userChangedPasswordOnPremises" "adminDismissedRiskForSignIn" "adminConfirmedAccountSafe" "microsoftRevokedSessions"];
    RISK_TIMING = "riskDetectionTimingType", true, [any("detectionTimingType")], ["notDefined" "realtime" "nearRealtime" "offline"], [];
    ACTIVITY_TYPE = "activityType", true, [beside("activity", "riskEventType")], ["signin" "user"], ["servicePrincipal"];
    TOKEN_ISSUER = "tokenIssuerType", false, [any("tokenIssuerType")],
        ["AzureAD" "ADFederationServices" "UnknownFutureValue" "AzureADBackupAuth" "ADFederationServicesMFAAdapter" "NPSExtension"], [];
    RISK_EVENT = "riskEventType", false, [beside("riskEventTypes", "riskEventTypes_v2")],
        ["unlikelyTravel" "anonymizedIPAddress" "maliciousIPAddress" "unfamiliarFeatures" "malwareInfectedIPAddress" "suspiciousIPAddress"
         "leakedCredentials" "investigationsThreatIntelligence" "generic" "adminConfirmedUserCompromised" "mcasImpossibleTravel"
         "mcasSuspiciousInboxManipulationRules" "investigationsThreatIntelligenceSigninLinked" "maliciousIPAddressValidCredentialsBlockedIP"], [];
    CONDITIONAL_ACCESS = "conditionalAccessStatus", true, [any("conditionalAccessStatus")], ["success" "failure" "notApplied"], [];
    POLICY_RESULT = "appliedConditionalAccessPolicyResult", true, [beside("result", "enforcedGrantControls")],
        ["success" "failure" "notApplied" "notEnabled" "unknown"],
        ["reportOnlySuccess" "reportOnlyFailure" "reportOnlyNotApplied" "reportOnlyInterrupted"];
    OPERATION_RESULT = "operationResult", true, [beside("result", "activityDisplayName")], ["success" "failure" "timeout"], [];
    GROUP_TYPE = "groupType", true, [any("groupType")], ["unifiedGroups" "azureAD"], [];
    PHONE_TYPE = "authenticationPhoneType", true, [any("phoneType")], ["mobile" "alternateMobile" "office"], [];
    SMS_STATE = "authenticationMethodSignInState", true, [any("smsSignInState")],
        ["notSupported" "notAllowedByPolicy" "notEnabled" "phoneNumberNotUnique" "ready" "notConfigured"], [];
    KEY_STRENGTH = "authenticationMethodKeyStrength", false, [any("keyStrength")], ["normal" "weak" "unknown"], [];
    METHOD_PLATFORM = "authenticationMethodPlatform", true, [beside("platform", "keyStrength")],
        ["unknown" "windows" "macOS" "iOS" "android" "linux"], [];
    ATTESTATION = "attestationLevel", true, [any("attestationLevel")], ["attested" "notAttested"], [];
    PASSKEY = "passkeyType", true, [any("passkeyType")], ["deviceBound" "synced"], [];
}

/// An enum at one of its places: the other property the object must have.
type Place = (&'static Enum, Option<&'static str>);

/// The enum of a property, if it is one.
fn enum_of(object: &Obj, property: &str) -> Option<&'static Enum> {
    static PLACES: OnceLock<HashMap<&'static str, Vec<Place>>> = OnceLock::new();
    let places = PLACES.get_or_init(|| {
        let mut places: HashMap<&'static str, Vec<Place>> = HashMap::new();
        for &kind in ALL {
            for &(property, other) in kind.places {
                places.entry(property).or_default().push((kind, other));
            }
        }
        places
    });
    let fits = |(kind, other): &&Place| {
        // incidents and alerts both have a status; only alerts have evidence
        other.is_none_or(|other| object.contains_key(other))
            && (kind.name != INCIDENT_STATUS.name || !object.contains_key("evidence"))
            // messages of the services have a severity of their own
            && (kind.name != ALERT_SEVERITY.name || !object.contains_key("isMajorChange"))
    };
    places
        .get(property)?
        .iter()
        .find(fits)
        .map(|(kind, _)| *kind)
}

/// Calls `see` with every enum value at any depth.
pub fn walk(object: &mut Obj, see: &mut dyn FnMut(&'static Enum, &mut Value)) {
    let kinds: Vec<Option<&'static Enum>> = object
        .keys()
        .map(|property| enum_of(object, property))
        .collect();
    for (value, kind) in object.values_mut().zip(kinds) {
        match (value, kind) {
            (value @ Value::String(_), Some(kind)) => see(kind, value),
            (Value::Array(list), Some(kind)) => list
                .iter_mut()
                .filter(|v| v.is_string())
                .for_each(|v| see(kind, v)),
            (Value::Array(list), None) => {
                list.iter_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(|inner| walk(inner, see));
            }
            (Value::Object(inner), _) => walk(inner, see),
            _ => {}
        }
    }
}

/// Hides what a caller without `Prefer: include-unknown-enum-members` must not see: members after the sentinel and unknown ones
/// become `unknownFutureValue`, at any depth.
pub fn mask(entity: &mut Obj) {
    walk(entity, &mut |kind, value| {
        if kind.grows
            && value
                .as_str()
                .is_some_and(|member| !kind.members.contains(&member))
        {
            *value = Value::String("unknownFutureValue".to_owned());
        }
    });
}
