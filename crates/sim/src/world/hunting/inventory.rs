//! Tables of what there is rather than of what happened: devices, their adapters, software, weaknesses, signed files.

use std::sync::Arc;

use hashbrown::HashSet;
use serde_json::{Value, json};
use table::Chunk;

use super::super::World;
use super::super::dice::Topic;
use super::super::settings::SETTINGS;
use super::super::software::PRODUCTS;
use super::super::stamp::{DAY, HOUR, MINUTE, Stamp};
use super::super::story::What;
use super::super::story::facts::File;
use super::super::systems::Kind;
use super::book::Book;
use super::programs::PROGRAMS;
use super::shape::Shape;

/// Devices whose software is listed, at most.
const INVENTORIES: usize = 3_000;

/// The rows of such a table; None for tables of other kinds.
pub(super) fn make(world: &World, name: &str, shape: &Arc<Shape>) -> Option<Vec<Chunk>> {
    let shape = Arc::clone(shape);
    Some(vec![match name {
        "DeviceInfo" => devices(world, shape),
        "DeviceNetworkInfo" => adapters(world, shape),
        "DeviceTvmSecureConfigurationAssessment" => settings(world, shape),
        "DeviceTvmSecureConfigurationAssessmentKB" => settings_known(shape),
        "DeviceTvmSoftwareInventory" => software(world, shape),
        "DeviceTvmSoftwareVulnerabilities" => weaknesses(world, shape),
        "DeviceTvmSoftwareVulnerabilitiesKB" => catalogue(world, shape),
        "DeviceFileCertificateInfo" => certificates(world, shape),
        _ => return None,
    }])
}

/// When a device wrote about itself: the newest last seen, then every so many days, as far as thirty go.
fn snapshots(world: &World, device: usize, share: usize) -> Vec<Stamp> {
    let wanted = world.size().events as usize / share / world.machine_count().max(1);
    let wanted = wanted.clamp(1, 30) as i64;
    let newest = world.device(device).last_seen.min(world.now());
    let first = world.now().plus(-30 * DAY);
    (0..wanted)
        .map(|n| newest.plus(-n * (30 / wanted) * DAY))
        .filter(|at| *at == newest || *at >= first)
        .collect()
}

impl World {
    /// The row of a device in `DeviceInfo` at an instant, not ended.
    pub(super) fn device_info(&self, book: &mut Book, device: usize, at: Stamp, mitigation: &str) {
        let row = self.machine_row(device);
        let d = self.device(device);
        let json = self.machine_json(device);
        let logged_on: Vec<Value> = self
            .machine_users(device)
            .into_iter()
            .take(3)
            .map(|user| {
                let row = self.user_row(user);
                json!({"UserName": row.account, "DomainName": if row.synced { "CONTOSO" } else { "AzureAD" }, "Sid": self.user_sid(user)})
            })
            .collect();
        let (category, kind) = match d.kind {
            Kind::Workstation | Kind::Virtual | Kind::Mac => ("Endpoint", "Workstation"),
            Kind::Server | Kind::LinuxServer | Kind::Domain => ("Endpoint", "Server"),
            Kind::Phone => ("Endpoint", "Mobile"),
            Kind::Network => ("NetworkDevice", "Printer"),
        };
        let onboarding = match row.onboarding {
            "CanBeOnboarded" => "Can be onboarded",
            "InsufficientInfo" => "Insufficient info",
            other => other,
        };
        let health = match row.health {
            "ImpairedCommunication" => "Impaired communication",
            "NoSensorData" => "No sensor data",
            "NoSensorDataImpairedCommunication" => "No sensor data, impaired communication",
            other => other,
        };
        let exposed = row.tags.contains(&"internet-facing");
        let joined = row.aad_device_id.map(|id| id.to_string());
        book.at(at)
            .text("DeviceId", row.id)
            .text("DeviceName", row.dns_name)
            .some("ClientVersion", json["agentVersion"].as_str())
            .text("PublicIP", &World::egress(d.office).to_string())
            .some("OSArchitecture", json["osArchitecture"].as_str())
            .text("OSPlatform", row.os_platform)
            .some("OSVersion", row.version)
            .some("OSVersionInfo", row.version)
            .bool("IsAzureADJoined", joined.is_some())
            .text(
                "JoinType",
                match (&joined, d.kind) {
                    (None, _) => "",
                    (_, Kind::Workstation | Kind::Server | Kind::Virtual) => "Hybrid Azure AD Join",
                    _ => "AAD Registered",
                },
            )
            .some("AadDeviceId", joined.as_deref())
            .json("LoggedOnUsers", &json!(Value::Array(logged_on).to_string()))
            .some("MachineGroup", row.rbac_group)
            .int("ReportId", (device as i64 * 31 + at.0 / MINUTE) % 900_000)
            .text("OnboardingStatus", onboarding)
            .text("DeviceCategory", category)
            .text("DeviceType", kind)
            .text("DeviceSubtype", kind)
            .text(
                "OSDistribution",
                match d.kind {
                    Kind::LinuxServer => row.os_platform,
                    _ => "",
                },
            )
            .some("MergedToDeviceId", json["mergedIntoMachineId"].as_str())
            .bool("IsInternetFacing", exposed)
            .text("SensorHealthState", health)
            .bool("IsExcluded", d.excluded.is_some())
            .some("ExclusionReason", d.excluded)
            .some("ExposureLevel", row.exposure)
            .text("AssetValue", row.device_value)
            .json("DeviceManualTags", &json!(json!(row.tags).to_string()))
            .text("DeviceDynamicTags", "[]")
            .text("ConnectivityType", "Streamlined")
            .bool("IsTransient", d.kind == Kind::Virtual)
            .text("MitigationStatus", mitigation)
            .text("Site", d.office.city)
            .text("AdditionalFields", "{}");
        if let Some(build) = d.system.build {
            book.int("OSBuild", i64::from(build));
        }
        let (model, vendor) = match d.kind {
            Kind::Mac => ("MacBookPro18,3", "Apple Inc."),
            Kind::Workstation => ("Latitude 7450", "Dell Inc."),
            Kind::Virtual | Kind::Server | Kind::LinuxServer => {
                ("Virtual Machine", "Microsoft Corporation")
            }
            _ => ("", ""),
        };
        book.text("Model", model).text("Vendor", vendor);
        if let Some(vm) = json.get("vmMetadata").filter(|vm| !vm.is_null()) {
            book.some("AzureResourceId", vm["resourceId"].as_str())
                .some("AzureVmId", vm["vmId"].as_str())
                .some("AzureVmSubscriptionId", vm["subscriptionId"].as_str())
                .text("CloudPlatforms", "[\"Azure\"]");
        }
    }
}

fn devices(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for device in 0..world.machine_count() {
        for at in snapshots(world, device, 12) {
            world.device_info(&mut book, device, at, "");
            book.end();
        }
    }
    book.finish()
}

fn adapters(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for device in 0..world.machine_count() {
        let row = world.machine_row(device);
        if row.onboarding != "Onboarded" {
            continue;
        }
        let json = world.machine_json(device);
        let network = json!([{"Name": "corp.contoso.com", "Description": "corp", "IsConnectedToInternet": true, "Category": "DomainAuthenticated"}]);
        for at in snapshots(world, device, 16) {
            for (n, adapter) in json["ipAddresses"]
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
            {
                let Some(mac) = adapter["macAddress"].as_str() else {
                    continue;
                };
                let kind = adapter["type"].as_str().unwrap_or_default();
                let up = adapter["operationalStatus"] == "Up";
                let ip = adapter["ipAddress"].as_str().unwrap_or_default();
                let ips = json!([{"IPAddress": ip, "SubnetPrefix": 24, "AddressType": "Private"}]);
                book.at(at)
                    .text("DeviceId", row.id)
                    .text("DeviceName", row.dns_name)
                    .text(
                        "NetworkAdapterName",
                        if n == 0 { "Ethernet" } else { "WLAN" },
                    )
                    .text("MacAddress", &dashed(mac))
                    .text("NetworkAdapterType", kind)
                    .text("NetworkAdapterStatus", if up { "Up" } else { "Down" })
                    .text("TunnelType", "None")
                    .text("DnsAddresses", "[\"10.1.0.10\",\"10.1.2.11\"]")
                    .text("DefaultGateways", "[\"10.1.0.1\"]")
                    .text("IPv4Dhcp", "10.1.0.10")
                    .text("OnboardingStatus", "Onboarded")
                    .text("NetworkAdapterVendor", "Intel")
                    .text("NetworkAdapterDnsSuffix", "corp.contoso.com")
                    .int("ReportId", (device as i64 * 17 + n as i64) % 900_000);
                if up {
                    book.json("IPAddresses", &json!(ips.to_string()))
                        .json("ConnectedNetworks", &json!(network.to_string()));
                } else {
                    book.text("IPAddresses", "[]")
                        .text("ConnectedNetworks", "[]");
                }
                book.end();
            }
        }
    }
    book.finish()
}

fn dashed(mac: &str) -> String {
    let pairs: Vec<&str> = (0..mac.len() / 2)
        .filter_map(|i| mac.get(i * 2..i * 2 + 2))
        .collect();
    pairs.join("-")
}

fn on_device(world: &World, book: &mut Book, device: usize) {
    let row = world.machine_row(device);
    book.text("DeviceId", row.id)
        .text("DeviceName", row.dns_name)
        .text("OSPlatform", row.os_platform)
        .some("OSVersion", row.version)
        .text("OSArchitecture", "x64");
}

fn software(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for device in 0..world.machine_count().min(INVENTORIES) {
        for (product, name, version) in world.machine_products(device) {
            let p = &PRODUCTS[product];
            on_device(world, &mut book, device);
            book.text("SoftwareVendor", p.vendor)
                .text("SoftwareName", &name)
                .text("SoftwareVersion", version)
                .text(
                    "ProductCodeCpe",
                    &format!("cpe:2.3:a:{}:{name}:{version}:*:*:*:*:*:*:*", p.vendor),
                );
            if version == p.versions[2] {
                book.text("EndOfSupportStatus", "EOS Version").time(
                    "EndOfSupportDate",
                    world.now().plus(-60 * DAY).whole_second(),
                );
            }
            book.end();
        }
    }
    book.finish()
}

fn weaknesses(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for device in 0..world.machine_count().min(INVENTORIES) {
        for row in world.machine_weaknesses(device) {
            on_device(world, &mut book, device);
            let cve = row["cveId"].as_str().unwrap_or_default();
            book.json("SoftwareVendor", &row["productVendor"])
                .json("SoftwareName", &row["productName"])
                .json("SoftwareVersion", &row["productVersion"])
                .text("CveId", cve)
                .json("VulnerabilitySeverityLevel", &row["severity"])
                .json("RecommendedSecurityUpdateId", &row["fixingKbId"])
                .text("RecommendedSecurityUpdate", "Cumulative update")
                .text(
                    "CveTags",
                    if cve.ends_with('1') {
                        "[\"ZeroDay\"]"
                    } else {
                        "[]"
                    },
                );
            book.end();
        }
    }
    book.finish()
}

fn settings(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for device in 0..world.machine_count().min(INVENTORIES) {
        for (n, setting) in SETTINGS.iter().enumerate() {
            let Some((applies, complies)) = world.setting_state(device, n) else {
                continue;
            };
            let row = world.machine_row(device);
            book.at(row.last_seen.min(world.now()))
                .text("DeviceId", row.id)
                .text("DeviceName", row.dns_name)
                .text("OSPlatform", row.os_platform)
                .text("ConfigurationId", setting.id)
                .text("ConfigurationCategory", setting.category)
                .text("ConfigurationSubcategory", setting.sub)
                .real("ConfigurationImpact", setting.impact)
                .bool("IsCompliant", complies)
                .bool("IsApplicable", applies)
                .json("Context", &world.setting_context(device, n))
                .bool("IsExpectedUserImpact", false);
            book.end();
        }
    }
    book.finish()
}

fn settings_known(shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for setting in &SETTINGS {
        book.text("ConfigurationId", setting.id)
            .real("ConfigurationImpact", setting.impact)
            .text("ConfigurationName", setting.name)
            .text("ConfigurationDescription", setting.name)
            .text(
                "RiskDescription",
                "Devices without it are easier to attack.",
            )
            .text("ConfigurationCategory", setting.category)
            .text("ConfigurationSubcategory", setting.sub)
            .text("RemediationOptions", setting.remedy);
        book.end();
    }
    book.finish()
}

fn catalogue(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for w in (0..world.weakness_count()).map(|n| world.weakness(n)) {
        let published = world.now().plus(-w.days * DAY).whole_second();
        let p = &PRODUCTS[w.product];
        book.text("CveId", w.id)
            .text(
                "CvssScore",
                &w.score.map(|s| s.to_string()).unwrap_or_default(),
            )
            .bool("IsExploitAvailable", w.public)
            .text("VulnerabilitySeverityLevel", w.severity)
            .time("PublishedDate", published)
            .time("LastModifiedTime", published.plus(9 * DAY))
            .text("VulnerabilityDescription", w.about)
            .json(
                "AffectedSoftware",
                &json!([format!("{}:{}", p.vendor, p.name)]),
            );
        book.end();
    }
    book.finish()
}

fn certificates(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    let mut seen: HashSet<(usize, u64)> = HashSet::new();
    let mut add = |device: usize, file: &File, at: Stamp| {
        if !seen.insert((device, file.seed)) {
            return;
        }
        certificate(world, &mut book, device, file, at);
    };
    for scene in &world.all_told().scenes {
        let (Some(device), at) = (scene.event.device, scene.event.at) else {
            continue;
        };
        match &scene.event.what {
            What::Process(p) => add(device, &p.image, at),
            What::File { file, .. }
                if file.name.ends_with(".dll") || file.name.ends_with(".exe") =>
            {
                add(device, file, at);
            }
            _ => {}
        }
    }
    let days = world.days();
    for session in days.sessions.iter().step_by(7) {
        let place = days.place(session);
        for k in 0..super::sessions::PROCESSES {
            let run = session.run(place.class, k);
            let program = &PROGRAMS[run.program];
            if program.maker.0.is_empty() {
                continue;
            }
            let mut file = super::sessions::image(program);
            file.signer = Some(program.maker.0);
            add(place.device, &file, Stamp(session.created(run)));
        }
    }
    book.finish()
}

fn certificate(world: &World, book: &mut Book, device: usize, file: &File, at: Stamp) {
    let mut dice = world.seed.dice(Topic::Noise, file.seed);
    let microsoft = file.signer.is_some_and(|s| s.starts_with("Microsoft"));
    book.at(at)
        .text("DeviceId", world.machine_id(device))
        .text("DeviceName", world.machine_name(device))
        .text("SHA1", &file.hashes().0)
        .bool("IsSigned", file.signer.is_some())
        .bool("IsTrusted", file.signer.is_some())
        .bool("IsRootSignerMicrosoft", microsoft)
        .int("ReportId", (at.0 / HOUR + device as i64 * 7) % 900_000);
    if let Some(signer) = file.signer {
        let issuer = if microsoft {
            "Microsoft Windows Production PCA 2011"
        } else {
            "Contoso Test Issuing CA"
        };
        let born = world.now().plus(-dice.range(60, 700) * DAY).whole_second();
        book.text(
            "SignatureType",
            if microsoft { "Catalog" } else { "Embedded" },
        )
        .text("Signer", signer)
        .text("SignerHash", &dice.hex(40))
        .text("Issuer", issuer)
        .text("IssuerHash", &dice.hex(40))
        .text("CertificateSerialNumber", &dice.hex(38))
        .text(
            "CrlDistributionPointUrls",
            "[\"http://crl.example/pca.crl\"]",
        )
        .time("CertificateCreationTime", born)
        .time("CertificateExpirationTime", born.plus(730 * DAY))
        .time("CertificateCountersignatureTime", born.plus(30 * DAY));
    }
    book.end();
}
