//! The daily noise of machines: small finds, tests, and things that only looked bad.

use super::scene::Scene;
use super::source::{AIR, AV, CUSTOM, CUSTOM_TI, MANUAL, MDE, MDI, SMART_SCREEN};
use super::{Machine, Severity::*, Template, Truth, Who, spec, template};

fn pua(s: &mut Scene<'_>) {
    let shell = s.shell();
    let account = s.account();
    let name = s.one(
        "pua",
        &[
            "driver-booster-setup.exe",
            "free-pdf-merge.exe",
            "coupon-bar.exe",
            "video-codec-pack.exe",
        ],
    );
    s.suspicious().file(
        Some(&shell),
        &format!(r"C:\Users\{account}\Downloads\{name}"),
    );
    s.device().user();
}

fn eicar(s: &mut Scene<'_>) {
    let shell = s.shell();
    let file = s.malicious().file(Some(&shell), r"C:\Temp\eicar.com");
    let device = s.machine();
    s.device();
    s.extra("malware", &[], |world, mark| {
        let id = device.map(|d| world.machine_id(d));
        super::super::evidence_cloud::malware(mark, "Virus:DOS/EICAR_Test_File", "Virus", &file, id)
    });
}

fn script(s: &mut Scene<'_>) {
    let shell = s.shell();
    let host = s.host();
    let command = match s.number("script", 4) {
        0 => format!(r"powershell.exe -ExecutionPolicy Bypass -File \\SRV-SCCM-01\scripts\inventory.ps1 -Computer {host}"),
        1 => format!("powershell.exe -NoProfile -EncodedCommand {}", Scene::encoded("Get-Service | Where-Object Status -eq Running # simulated")),
        2 => "powershell.exe -Command \"Get-ADUser -Filter * -Properties LastLogonDate | Export-Csv C:\\Temp\\users.csv\"".to_owned(),
        _ => "powershell.exe -w hidden -c \"& { Start-Sleep 5; 'simulated' }\"".to_owned(),
    };
    s.suspicious().run(&shell, "powershell.exe", &command);
    s.user();
}

fn admin_tool(s: &mut Scene<'_>) {
    let shell = s.shell();
    let tool = s.suspicious().run(
        &shell,
        r"C:\Tools\PsExec64.exe",
        r"PsExec64.exe \\srv-app-01 -s cmd /c ipconfig /all",
    );
    s.file(Some(&tool), r"C:\Windows\PSEXESVC.exe");
    s.user();
}

fn macro_document(s: &mut Scene<'_>) {
    let shell = s.shell();
    let account = s.account();
    let word = s.harmless().run(
        &shell,
        "WINWORD.EXE",
        &format!(r#""WINWORD.EXE" /n "C:\Users\{account}\Downloads\Order form.docm""#),
    );
    s.suspicious()
        .run(&word, "cmd.exe", "cmd.exe /c dir C:\\ > nul");
    s.user();
}

fn smart_screen(s: &mut Scene<'_>) {
    let url = format!("https://{}/win/prize", s.domain(3));
    s.suspicious().click(&url).device();
}

fn indicator(s: &mut Scene<'_>) {
    let shell = s.shell();
    let chrome = s
        .harmless()
        .run(&shell, "chrome.exe", "\"chrome.exe\" --type=renderer");
    let to = s.attacker(5);
    let url = format!("https://{}/beacon.js", s.domain(4));
    s.suspicious().connect(&chrome, &to, 443, Some(&url));
}

fn unsanctioned(s: &mut Scene<'_>) {
    s.suspicious()
        .click("https://filedrop.example.org/upload")
        .device();
}

fn scheduled_scan(s: &mut Scene<'_>) {
    s.harmless().device();
    let parent = s.service("svchost.exe", "svchost.exe -k netsvcs");
    s.file(Some(&parent), r"C:\ProgramData\Package Cache\setup.exe");
}

fn manual(s: &mut Scene<'_>) {
    s.suspicious().device().user();
}

fn vpn(s: &mut Scene<'_>) {
    let from = s.attacker(1);
    s.suspicious()
        .logon(&from.ip.to_string(), "Network", true)
        .ip(&from, &["source"]);
}

fn custom_usb(s: &mut Scene<'_>) {
    let shell = s.shell();
    s.suspicious().file(Some(&shell), r"E:\photos\setup.exe");
    s.device().user();
}

/// See the module header.
pub static ALL: [Template; 12] = [
    template(
        "unwanted-software",
        "Unwanted software on {d}",
        Truth::Attack,
        90,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "An uncommon file was created and added to a Run Key",
            Informational,
            &AV,
            "UnwantedSoftware",
            &[],
            pua,
        )
        .threat("PUA:Win32/Bundlore", "Bundlore")
        .about("Potentially unwanted software was found and removed.")],
    )
    .repeating(),
    template(
        "antivirus-test-malware",
        "Malware test file on {d}",
        Truth::Expected,
        20,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "'EICAR_Test_File' malware was prevented",
            Informational,
            &AV,
            "Malware",
            &[],
            eicar,
        )
        .threat("Virus:DOS/EICAR_Test_File", "EICAR_Test_File")],
    ),
    template(
        "admin-script",
        "Suspicious PowerShell command line on {d}",
        Truth::Expected,
        80,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Suspicious PowerShell command line",
            Medium,
            &MDE,
            "Execution",
            &["T1059.001"],
            script,
        )
        .about("A PowerShell command line with unusual parameters was run.")],
    )
    .repeating()
    .tagged(&["test"]),
    template(
        "admin-tool",
        "Remote execution tool on {d}",
        Truth::Expected,
        35,
        &[Who::Operator],
        &[Machine::Server],
        &[spec(
            "Suspicious remote execution with PsExec",
            Low,
            &MDE,
            "LateralMovement",
            &["T1569.002", "T1021.002"],
            admin_tool,
        )],
    ),
    template(
        "macro-document",
        "Office application ran suspicious commands on {d}",
        Truth::False,
        40,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Suspicious behavior by Microsoft Word was observed",
            Medium,
            &MDE,
            "Execution",
            &["T1204.002", "T1059.003"],
            macro_document,
        )],
    )
    .repeating(),
    template(
        "smart-screen",
        "Connection to a site of low reputation from {d}",
        Truth::Attack,
        60,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "SmartScreen blocked a phishing page",
            Informational,
            &SMART_SCREEN,
            "InitialAccess",
            &["T1566.002"],
            smart_screen,
        )],
    )
    .repeating(),
    template(
        "network-indicator",
        "Custom network indicator matched on {d}",
        Truth::False,
        40,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Connection to a custom network indicator",
            Low,
            &CUSTOM_TI,
            "CommandAndControl",
            &["T1071.001"],
            indicator,
        )],
    ),
    template(
        "unsanctioned-app",
        "Unsanctioned cloud app access was blocked on {d}",
        Truth::Expected,
        60,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Unsanctioned cloud app access was blocked",
            Informational,
            &CUSTOM_TI,
            "SuspiciousActivity",
            &[],
            unsanctioned,
        )],
    )
    .repeating(),
    template(
        "automated-finding",
        "Automated investigation finding on {d}",
        Truth::False,
        30,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Automated investigation started by a scheduled scan",
            Informational,
            &AIR,
            "SuspiciousActivity",
            &[],
            scheduled_scan,
        )],
    ),
    template(
        "manual-alert",
        "Investigation started by hand on {d}",
        Truth::Varied,
        12,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Alert raised by an analyst",
            Low,
            &MANUAL,
            "SuspiciousActivity",
            &[],
            manual,
        )],
    ),
    template(
        "suspicious-vpn",
        "Suspicious VPN connection of {u}",
        Truth::Expected,
        30,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Suspicious VPN connection",
            Medium,
            &MDI,
            "InitialAccess",
            &["T1133"],
            vpn,
        )],
    ),
    template(
        "custom-usb",
        "Custom detection: executable on removable media, {d}",
        Truth::Expected,
        30,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Executable started from removable media",
            Low,
            &CUSTOM,
            "InitialAccess",
            &["T1091"],
            custom_usb,
        )],
    )
    .repeating(),
];
