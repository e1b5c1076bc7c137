//! Attacks on clouds and data: exposed storage, mined clusters, leaving employees, rules of the workspace.

use super::super::apps::{AUTOMATION, AZURE_CLI, GRAPH, SHAREPOINT};
use super::super::evidence_cloud::{self, Cluster, Run};
use super::scene::{BROWSER, Scene};
use super::source::{
    DLP, INSIDER, MDC, MDC_ARM, MDC_CONTAINERS, MDC_DNS, MDC_KEY_VAULT, MDC_SERVERS, MDC_STORAGE,
    MDCA, MDE, SENTINEL_SCHEDULED, SENTINEL_TI,
};
use super::{Machine, Severity::*, Template, Truth, Who, spec, template};
use serde_json::json;

const AKS: Cluster = Cluster {
    name: "aks-prod-weu",
    platform: "aks",
};
const MINER: Run<'static> = Run {
    name: "kube-metrics-agent",
    image: "docker.io/library/kube-metrics-agent:latest",
    id: "3f4e1c9ab0d27586ffee01a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6",
    command: &["/bin/sh", "-c"],
    args: &["./agent -o pool.example:3333 -u simulated"],
    privileged: true,
};

fn storage_access(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.suspicious().ip(&from, &["attacker"]);
    s.extra("account", &["attacked"], |_, mark| {
        evidence_cloud::azure_resource(
            mark,
            "rg-data",
            "Microsoft.Storage/storageAccounts",
            "contosoexports",
        )
    });
    s.extra("container", &[], |_, mark| {
        evidence_cloud::blob_container(mark, "contosoexports", "payroll")
    });
}

fn storage_sas(s: &mut Scene<'_>) {
    let from = s.attacker(1);
    s.suspicious().ip(&from, &["attacker"]);
    s.extra("sas", &[], |_, mark| {
        evidence_cloud::sas_token(mark, "contosoexports")
    });
    let file = s.file(None, "/payroll/2026-q1.csv");
    s.extra("blob", &[], |_, mark| {
        evidence_cloud::blob(mark, "contosoexports", "payroll", &file)
    });
}

fn storage_malware(s: &mut Scene<'_>) {
    let file = s.malicious().file(None, "/uploads/cv_final.pdf.exe");
    s.extra("blob", &[], |_, mark| {
        evidence_cloud::blob(mark, "contosoexports", "uploads", &file)
    });
    let (sha1, sha256, md5) = file.hashes();
    for (algorithm, value) in [
        ("sha256", &sha256),
        ("sha1", &sha1),
        ("md5", &md5),
        ("sha256ac", &sha256),
        ("unknown", &md5),
        ("blake3", &sha256),
    ] {
        s.extra(algorithm, &[], |_, mark| {
            mark.evidence(
                "fileHashEvidence",
                json!({"algorithm": algorithm, "value": value}),
            )
        });
    }
}

fn miner(s: &mut Scene<'_>) {
    s.malicious();
    s.extra("container", &["compromised"], |_, mark| {
        AKS.container(mark, "default", &MINER)
    });
    s.extra("pod", &[], |_, mark| AKS.pod(mark, "default", &MINER));
    s.extra("image", &[], |_, mark| {
        evidence_cloud::image(mark, MINER.image, MINER.id)
    });
    s.extra("registry", &[], |_, mark| evidence_cloud::registry(mark));
    s.extra("controller", &[], |_, mark| {
        AKS.controller(mark, "default", MINER.name)
    });
}

fn dashboard(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.suspicious().ip(&from, &["attacker"]);
    s.extra("cluster", &["attacked"], |_, mark| AKS.evidence(mark));
    s.extra("namespace", &[], |_, mark| {
        AKS.namespace(mark, "kube-system")
    });
    s.extra("service account", &[], |_, mark| {
        AKS.service_account(mark, "kube-system", "dashboard-admin")
    });
    s.extra("service", &[], |_, mark| {
        AKS.service(mark, "kube-system", "kubernetes-dashboard", "loadBalancer")
    });
    s.extra("secret", &[], |_, mark| {
        AKS.secret(mark, "default", "db-connection")
    });
}

fn miner_vm(s: &mut Scene<'_>) {
    let cron = s.service("cron", "/usr/sbin/cron -f");
    let sh = s
        .malicious()
        .run(&cron, "sh", "/bin/sh -c /tmp/.x/kdevtmp --simulated");
    s.file(Some(&sh), "/tmp/.x/kdevtmp");
    let to = s.attacker(2);
    s.connect(&sh, &to, 3333, Some("stratum+tcp://pool.example:3333"));
    s.extra("vm", &[], |_, mark| {
        evidence_cloud::azure_resource(
            mark,
            "rg-app",
            "Microsoft.Compute/virtualMachines",
            "lnx-app-01",
        )
    });
}

fn miner_dns(s: &mut Scene<'_>) {
    let to = s.attacker(2);
    s.suspicious().dns("pool.example", &to);
    s.device();
}

fn resource_manager(s: &mut Scene<'_>) {
    let from = s.attacker(3);
    s.suspicious().sign_in(
        AZURE_CLI,
        &from,
        0,
        "medium",
        &["unfamiliarFeatures"],
        BROWSER,
    );
    s.extra("subscription", &[], |_, mark| {
        evidence_cloud::azure_resource(
            mark,
            "rg-core",
            "Microsoft.Resources/subscriptions",
            "contoso-prod",
        )
    });
    s.extra("principal", &[], |world, mark| {
        world.service_principal(mark, AUTOMATION, "application")
    });
}

fn vault(s: &mut Scene<'_>) {
    let from = s.attacker(3);
    s.suspicious().user().ip(&from, &["attacker"]);
    s.extra("vault", &["attacked"], |_, mark| {
        evidence_cloud::azure_resource(
            mark,
            "rg-core",
            "Microsoft.KeyVault/vaults",
            "kv-contoso-prod",
        )
    });
}

fn mass_download(s: &mut Scene<'_>) {
    let from = s.attacker(4);
    s.suspicious().cloud(
        SHAREPOINT,
        "FileDownloaded",
        "2,318 files from Sales Playbooks",
        &from,
    );
}

fn insider(s: &mut Scene<'_>) {
    s.suspicious().user().device();
}

fn usb_copy(s: &mut Scene<'_>) {
    let shell = s.shell();
    let copy = s.suspicious().run(
        &shell,
        "robocopy.exe",
        r#"robocopy "C:\Users\Public\Playbooks" "E:\bak" /E /MT:16"#,
    );
    s.file(Some(&copy), r"E:\bak\Customer list EMEA.xlsx");
    s.user();
}

fn dlp_mail(s: &mut Scene<'_>) {
    let from = s.address();
    s.suspicious();
    let subject = s
        .one(
            "dlp",
            &["Fwd: customer export", "List as discussed", "Personal copy"],
        )
        .to_owned();
    s.mail(
        4,
        &subject,
        (&from, "Sender"),
        &[],
        &["Customers_2026.xlsx"],
        ("blocked", "quarantine"),
    );
    s.user();
}

fn dlp_upload(s: &mut Scene<'_>) {
    let from = s.attacker(4);
    s.suspicious().cloud(
        SHAREPOINT,
        "FileUploaded",
        "Customers_2026.xlsx to filedrop.example.org",
        &from,
    );
    s.device();
}

fn dlp_cloud(s: &mut Scene<'_>) {
    let shell = s.shell();
    let edge = s.suspicious().run(
        &shell,
        "chrome.exe",
        "\"chrome.exe\" https://filedrop.example.org/upload",
    );
    let to = s.attacker(4);
    s.connect(&edge, &to, 443, Some("https://filedrop.example.org/upload"))
        .user();
}

fn sentinel(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.suspicious().user().ip(&from, &["source"]).device();
}

fn sentinel_ti(s: &mut Scene<'_>) {
    let to = s.attacker(0);
    s.suspicious().device();
    let domain = s.domain(0);
    s.flow(&to, 443, "tcp")
        .dns(domain, &to)
        .ip(&to, &["commandAndControl"]);
}

fn graph_export(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.suspicious()
        .cloud(GRAPH, "Bulk export of sign-in logs", "41,000 rows", &from);
}

/// See the module header.
pub static ALL: [Template; 5] = [
    template(
        "exposed-storage", "Data exfiltration from the storage account contosoexports",
        Truth::Attack, 9, &[Who::Staff], &[],
        &[
            spec("Publicly accessible storage containers successfully discovered", High, &MDC_STORAGE, "Discovery", &["T1619"], storage_access)
                .about("A scan found containers of this account that anyone may read."),
            spec("Unusual external access by an over-permissive SAS token", Medium, &MDC_STORAGE, "Exfiltration", &["T1567", "T1530"], storage_sas).at(33),
            spec("Malicious file uploaded to a storage account", High, &MDC_STORAGE, "LateralMovement", &["T1105"], storage_malware).at(71).odds(700)
                .threat("Trojan:Win32/Agent", "Agent"),
        ],
    ).tagged(&["azure"]),
    template(
        "crypto-mining", "Crypto-mining in the cluster aks-prod-weu and on {d}",
        Truth::Attack, 9, &[Who::Operator], &[Machine::Named(17)],
        &[
            spec("Exposed Kubernetes dashboard detected", High, &MDC_CONTAINERS, "InitialAccess", &["T1190"], dashboard)
                .about("The service of the dashboard is open to the internet and its account may do anything."),
            spec("Digital currency mining container detected", High, &MDC_CONTAINERS, "Impact", &["T1496"], miner).at(15)
                .about("A privileged container from an unknown image talks to a mining pool."),
            spec("Digital currency mining related behavior detected", High, &MDC_SERVERS, "Impact", &["T1496", "T1053.003"], miner_vm).at(27),
            spec("Digital currency mining activity", Low, &MDC_DNS, "Exfiltration", &["T1071.004"], miner_dns).at(29),
            spec("Suspicious management session using Azure CLI", Medium, &MDC_ARM, "Persistence", &["T1078.004"], resource_manager).at(52).odds(600),
            spec("User accessed high volume of key vaults", Medium, &MDC_KEY_VAULT, "CredentialAccess", &["T1555.006"], vault).at(58).odds(600),
            spec("Attack path: exposed workload can reach a key vault", Medium, &MDC, "SuspiciousActivity", &["T1078"], resource_manager).at(63).odds(300),
        ],
    ).tagged(&["azure", "kubernetes"]),
    template(
        "insider-download", "Mass download by a departing employee ({u})",
        Truth::Varied, 8, &[Who::Owner(0)], &[Machine::Workstation],
        &[
            spec("Mass download", Medium, &MDCA, "Exfiltration", &["T1530"], mass_download)
                .about("More files were downloaded within an hour than in the 30 days before."),
            spec("Potential data theft by departing user", High, &INSIDER, "Exfiltration", &["T1052"], insider).at(31)
                .about("A resignation date is on file and download, copy and print activity rose."),
            spec("Copy of many files to removable storage", Medium, &MDE, "Exfiltration", &["T1052.001"], usb_copy).at(64).odds(700),
        ],
    ).tagged(&["insider", "HR"]),
    template(
        "dlp-exfiltration", "DLP policy matched for documents of {u}",
        Truth::Varied, 13, &[Who::Owner(0)], &[Machine::Workstation],
        &[
            spec("DLP policy (Customer data) matched for a document in a device", Medium, &DLP, "Exfiltration", &["T1567.002"], dlp_cloud)
                .about("A document with more than 500 customer records was uploaded from a device."),
            spec("DLP policy (Customer data) matched for a document in SharePoint", Low, &DLP, "Exfiltration", &["T1567"], dlp_upload).at(21).odds(700),
            spec("DLP policy (Customer data) matched for email with subject", Medium, &DLP, "Exfiltration", &["T1048"], dlp_mail).at(44),
        ],
    ).repeating(),
    template(
        "sentinel-hunt", "Scheduled rule: sign-in from an address on a watch list, {u}",
        Truth::Varied, 14, &[Who::Owner(0)], &[Machine::Workstation],
        &[
            spec("Sign-in from a watch-listed address", Medium, &SENTINEL_SCHEDULED, "InitialAccess", &["T1078.004"], sentinel)
                .about("Rule: SigninLogs joined with the watch list HighRiskIPs.\r\nEntities: account, address, host."),
            spec("Indicator of threat intelligence seen in DNS events", Medium, &SENTINEL_TI, "CommandAndControl", &["T1071.004"], sentinel_ti).at(13).odds(600),
            spec("Bulk export by an unusual application", Low, &SENTINEL_SCHEDULED, "Collection", &["T1530"], graph_export).at(40).odds(300),
        ],
    ).repeating(),
];
