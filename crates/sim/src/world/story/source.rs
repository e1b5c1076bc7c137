//! Where alerts come from: the service, its detection source, and how it names its alerts.

/// A pair of `serviceSource` and `detectionSource`.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    pub service: &'static str,
    pub detection: &'static str,
    pub product: &'static str,
    /// Start of its alert ids.
    pub prefix: &'static str,
}

const fn source(
    service: &'static str,
    detection: &'static str,
    product: &'static str,
    prefix: &'static str,
) -> Source {
    Source {
        service,
        detection,
        product,
        prefix,
    }
}

const ENDPOINT: &str = "microsoftDefenderForEndpoint";
const ENDPOINT_NAME: &str = "Microsoft Defender for Endpoint";
const CLOUD: &str = "microsoftDefenderForCloud";
const CLOUD_NAME: &str = "Microsoft Defender for Cloud";
const SENTINEL: &str = "microsoftSentinel";
const SENTINEL_NAME: &str = "Microsoft Sentinel";

macro_rules! sources {
    ($($name:ident = $service:expr, $detection:expr, $product:expr, $prefix:expr;)*) => {
        $(pub static $name: Source = source($service, $detection, $product, $prefix);)*
        /// All of them.
        pub static ALL: &[&Source] = &[$(&$name),*];
    };
}

sources! {
    MDE = ENDPOINT, "microsoftDefenderForEndpoint", ENDPOINT_NAME, "da";
    AV = ENDPOINT, "antivirus", ENDPOINT_NAME, "da";
    SMART_SCREEN = ENDPOINT, "smartScreen", ENDPOINT_NAME, "da";
    CUSTOM_TI = ENDPOINT, "customTi", ENDPOINT_NAME, "da";
    AIR = ENDPOINT, "automatedInvestigation", ENDPOINT_NAME, "da";
    EXPERTS = ENDPOINT, "microsoftThreatExperts", ENDPOINT_NAME, "da";
    MANUAL = ENDPOINT, "manual", ENDPOINT_NAME, "da";
    CUSTOM = "microsoft365Defender", "customDetection", "Microsoft 365 Defender", "ed";
    XDR = "microsoft365Defender", "microsoft365Defender", "Microsoft 365 Defender", "ra";
    MDI = "microsoftDefenderForIdentity", "microsoftDefenderForIdentity", "Microsoft Defender for Identity", "aa";
    MDO = "microsoftDefenderForOffice365", "microsoftDefenderForOffice365", "Microsoft Defender for Office 365", "fa";
    MDCA = "microsoftDefenderForCloudApps", "cloudAppSecurity", "Microsoft Defender for Cloud Apps", "ca";
    EIP = "azureAdIdentityProtection", "azureAdIdentityProtection", "Microsoft Entra ID Protection", "ad";
    APP_POLICY = "microsoftAppGovernance", "appGovernancePolicy", "Microsoft Application Governance", "ma";
    APP_DETECTION = "microsoftAppGovernance", "appGovernanceDetection", "Microsoft Application Governance", "ma";
    DLP = "dataLossPrevention", "microsoftDataLossPrevention", "Microsoft Data Loss Prevention", "dl";
    MDC = CLOUD, "microsoftDefenderForCloud", CLOUD_NAME, "dc";
    MDC_IOT = CLOUD, "microsoftDefenderForIoT", "Microsoft Defender for IoT", "dc";
    MDC_SERVERS = CLOUD, "microsoftDefenderForServers", CLOUD_NAME, "dc";
    MDC_STORAGE = CLOUD, "microsoftDefenderForStorage", CLOUD_NAME, "dc";
    MDC_DNS = CLOUD, "microsoftDefenderForDNS", CLOUD_NAME, "dc";
    MDC_DATABASES = CLOUD, "microsoftDefenderForDatabases", CLOUD_NAME, "dc";
    MDC_CONTAINERS = CLOUD, "microsoftDefenderForContainers", CLOUD_NAME, "dc";
    MDC_NETWORK = CLOUD, "microsoftDefenderForNetwork", CLOUD_NAME, "dc";
    MDC_APP_SERVICE = CLOUD, "microsoftDefenderForAppService", CLOUD_NAME, "dc";
    MDC_KEY_VAULT = CLOUD, "microsoftDefenderForKeyVault", CLOUD_NAME, "dc";
    MDC_ARM = CLOUD, "microsoftDefenderForResourceManager", CLOUD_NAME, "dc";
    MDC_API = CLOUD, "microsoftDefenderForApiManagement", CLOUD_NAME, "dc";
    SENTINEL_SCHEDULED = SENTINEL, "scheduledAlerts", SENTINEL_NAME, "sn";
    SENTINEL_NRT = SENTINEL, "nrtAlerts", SENTINEL_NAME, "sn";
    SENTINEL_ML = SENTINEL, "builtInMl", SENTINEL_NAME, "sn";
    SENTINEL_TI = SENTINEL, "microsoftDefenderThreatIntelligenceAnalytics", SENTINEL_NAME, "sn";
    SENTINEL_OTHER = SENTINEL, "microsoftSentinel", SENTINEL_NAME, "sn";
    INSIDER = "microsoftInsiderRiskManagement", "microsoftInsiderRiskManagement", "Microsoft Purview Insider Risk Management", "ir";
    INTELLIGENCE = "microsoftThreatIntelligence", "microsoftThreatIntelligence", "Microsoft Threat Intelligence", "ti";
    AI = "microsoftSecurityForAI", "microsoftDefenderForAIServices", "Microsoft Security for AI", "ai";
    COPILOT = "microsoft365Defender", "securityCopilot", "Microsoft 365 Defender", "ra";
    UNKNOWN = "unknown", "unknown", "Unknown", "xx";
    FUTURE = "microsoftDefenderForBrowsers", "browserIsolation", "Microsoft Defender for Browsers", "br";
}
