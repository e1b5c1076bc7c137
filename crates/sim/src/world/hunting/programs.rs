//! Programs of an ordinary day: who makes them, what starts them, under which command line. Data only.
//!
//! A program stands by its place in `PROGRAMS`; a parent stands before its children. `{u}` in a path or command is the account.

/// Company, product, version.
pub(super) struct Maker(pub &'static str, pub &'static str, pub &'static str);

static WINDOWS: Maker = Maker(
    "Microsoft Corporation",
    "Microsoft® Windows® Operating System",
    "10.0.26100.2314",
);
static OFFICE: Maker = Maker(
    "Microsoft Corporation",
    "Microsoft Office",
    "16.0.17928.20286",
);
static EDGE: Maker = Maker("Microsoft Corporation", "Microsoft Edge", "131.0.2903.70");
static TEAMS: Maker = Maker(
    "Microsoft Corporation",
    "Microsoft Teams",
    "24295.605.3225.8804",
);
static SQL: Maker = Maker(
    "Microsoft Corporation",
    "Microsoft SQL Server",
    "16.0.4150.1",
);
static GOOGLE: Maker = Maker("Google LLC", "Google Chrome", "131.0.6778.109");
static ADOBE: Maker = Maker("Adobe Inc.", "Adobe Acrobat", "24.4.20272.0");
static ZOOM: Maker = Maker(
    "Zoom Video Communications, Inc.",
    "Zoom Workplace",
    "6.2.11.50939",
);
static IGOR: Maker = Maker("Igor Pavlov", "7-Zip", "24.08");
static PYTHON: Maker = Maker("Python Software Foundation", "Python", "3.12.7");
static GIT: Maker = Maker("The Git Development Community", "Git", "2.47.1");
static CONTOSO: Maker = Maker("Contoso Ltd", "Contoso Expense", "4.2.0");
static NOBODY: Maker = Maker("", "", "");

/// One program.
pub(super) struct Program {
    /// A name that `facts::file` knows, or a full path.
    pub image: &'static str,
    pub maker: &'static Maker,
    pub about: &'static str,
    pub command: &'static str,
    pub parent: usize,
    /// Runs as the system, not as the person.
    pub system: bool,
    /// Minutes after the start of the session.
    pub minute: i64,
}

const fn by(
    image: &'static str,
    maker: &'static Maker,
    about: &'static str,
    command: &'static str,
    parent: usize,
    system: bool,
    minute: i64,
) -> Program {
    Program {
        image,
        maker,
        about,
        command,
        parent,
        system,
        minute,
    }
}

/// Programs that are always there when a session begins and are never seen starting.
pub(super) const ROOTS: usize = 5;

/// All programs.
#[rustfmt::skip]
pub(super) static PROGRAMS: [Program; 75] = [
    by("services.exe", &WINDOWS, "Services and Controller app", r"C:\Windows\system32\services.exe", 0, true, -240),
    by(r"C:\Windows\System32\userinit.exe", &WINDOWS, "Userinit Logon Application", r"C:\Windows\system32\userinit.exe", 1, false, -1),
    by("/usr/lib/systemd/systemd", &NOBODY, "", "/sbin/init", 2, true, -900),
    by("/sbin/launchd", &NOBODY, "", "/sbin/launchd", 3, true, -600),
    by("winlogon.exe", &WINDOWS, "Windows Logon Application", "winlogon.exe", 4, true, -240),
    // workstations: always
    by("explorer.exe", &WINDOWS, "Windows Explorer", r"C:\Windows\Explorer.EXE", 1, false, 0),
    by("svchost.exe", &WINDOWS, "Host Process for Windows Services", "svchost.exe -k netsvcs -p -s Schedule", 0, true, 0),
    by(r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24090.11-0\MsMpEng.exe", &WINDOWS, "Antimalware Service Executable", "\"MsMpEng.exe\"", 0, true, 0),
    by("msedge.exe", &EDGE, "Microsoft Edge", "\"msedge.exe\" --profile-directory=Default", 5, false, 3),
    by("OUTLOOK.EXE", &OFFICE, "Microsoft Outlook", "\"OUTLOOK.EXE\"", 5, false, 4),
    by("ms-teams.exe", &TEAMS, "Microsoft Teams", "\"ms-teams.exe\" msteams:system-initiated", 5, false, 2),
    by("OneDrive.exe", &WINDOWS, "Microsoft OneDrive", "\"OneDrive.exe\" /background", 5, false, 2),
    // workstations: sometimes
    by("chrome.exe", &GOOGLE, "Google Chrome", "\"chrome.exe\" --type=utility --utility-sub-type=network.mojom.NetworkService", 5, false, 9),
    by("EXCEL.EXE", &OFFICE, "Microsoft Excel", "\"EXCEL.EXE\" \"C:\\Users\\{u}\\Documents\\Forecast_Q3.xlsx\"", 5, false, 21),
    by("WINWORD.EXE", &OFFICE, "Microsoft Word", "\"WINWORD.EXE\" /n \"C:\\Users\\{u}\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\Minutes.docx\"", 9, false, 34),
    by(r"C:\Program Files\Adobe\Acrobat DC\Acrobat\Acrobat.exe", &ADOBE, "Adobe Acrobat", "\"Acrobat.exe\" \"C:\\Users\\{u}\\Downloads\\Contract.pdf\"", 5, false, 48),
    by("notepad.exe", &WINDOWS, "Notepad", "\"notepad.exe\" C:\\Users\\{u}\\Desktop\\todo.txt", 5, false, 52),
    by(r"C:\Windows\System32\SearchProtocolHost.exe", &WINDOWS, "Microsoft Windows Search Protocol Host", "\"SearchProtocolHost.exe\" Global\\UsGthrFltPipeMssGthrPipe_S-1-5-21", 6, true, 15),
    by(r"C:\Program Files (x86)\Microsoft\EdgeUpdate\MicrosoftEdgeUpdate.exe", &EDGE, "Microsoft Edge Update", "\"MicrosoftEdgeUpdate.exe\" /ua /installsource scheduler", 6, true, 40),
    by(r"C:\Windows\System32\gpupdate.exe", &WINDOWS, "Microsoft Group Policy Update Utility", "gpupdate.exe /target:user", 6, true, 31),
    by("powershell.exe", &WINDOWS, "Windows PowerShell", "powershell.exe -NoProfile -executionPolicy bypass -file \"C:\\Program Files (x86)\\Microsoft Intune Management Extension\\Content\\DetectionScripts\\inventory.ps1\"", 6, true, 61),
    by(r"C:\Windows\System32\CompatTelRunner.exe", &WINDOWS, "Microsoft Compatibility Telemetry", "CompatTelRunner.exe -m:appraiser.dll -f:DoScheduledTelemetryRun", 6, true, 70),
    by("WmiPrvSE.exe", &WINDOWS, "WMI Provider Host", "wmiprvse.exe -secured -Embedding", 6, true, 12),
    by(r"C:\Windows\System32\backgroundTaskHost.exe", &WINDOWS, "Background Task Host", "\"backgroundTaskHost.exe\" -ServerName:CortanaUI.AppX", 6, false, 18),
    by("cmd.exe", &WINDOWS, "Windows Command Processor", r"cmd.exe /c net use H: \\srv-file-01\home\{u} /persistent:no", 5, false, 5),
    by("net.exe", &WINDOWS, "Net Command", r"net use H: \\srv-file-01\home\{u} /persistent:no", 24, false, 5),
    by(r"C:\Windows\System32\mstsc.exe", &WINDOWS, "Remote Desktop Connection", "\"mstsc.exe\" /v:srv-jump-01.corp.contoso.com", 5, false, 88),
    by(r"C:\Users\{u}\AppData\Local\Programs\Microsoft VS Code\Code.exe", &WINDOWS, "Visual Studio Code", "\"Code.exe\"", 5, false, 26),
    by(r"C:\Program Files\Git\cmd\git.exe", &GIT, "Git for Windows", "git.exe fetch --all --prune", 27, false, 29),
    by(r"C:\Users\{u}\AppData\Local\Programs\Python\Python312\python.exe", &PYTHON, "Python", "python.exe .\\report.py --month last", 24, false, 44),
    by(r"C:\Users\{u}\AppData\Roaming\Zoom\bin\Zoom.exe", &ZOOM, "Zoom Meetings", "\"Zoom.exe\" --url=zoommtg://contoso.zoom.us/join", 5, false, 57),
    by(r"C:\Program Files\7-Zip\7zG.exe", &IGOR, "7-Zip GUI", "\"7zG.exe\" x -o\"C:\\Users\\{u}\\Downloads\\samples\\\" -spe", 5, false, 63),
    by("rundll32.exe", &WINDOWS, "Windows host process (Rundll32)", "rundll32.exe printui.dll,PrintUIEntry /in /n \\\\srv-print-01\\floor2", 5, false, 7),
    by("msiexec.exe", &WINDOWS, "Windows® installer", "msiexec.exe /V", 0, true, 75),
    by("schtasks.exe", &WINDOWS, "Task Scheduler Configuration Tool", "schtasks.exe /query /fo csv /nh", 20, true, 62),
    by("reg.exe", &WINDOWS, "Registry Console Tool", r"reg.exe query HKLM\SOFTWARE\Contoso /v Build", 20, true, 62),
    by(r"C:\Program Files\Contoso\Expense\Expense.exe", &CONTOSO, "Contoso Expense", "\"Expense.exe\" --sync", 5, false, 37),
    // Windows servers: always
    by(r"C:\Program Files\Microsoft Monitoring Agent\Agent\MonitoringHost.exe", &WINDOWS, "Microsoft Monitoring Agent Service Host", "\"MonitoringHost.exe\" -Embedding", 0, true, 0),
    by("w3wp.exe", &WINDOWS, "IIS Worker Process", "w3wp.exe -ap \"Intranet\" -v \"v4.0\" -l \"webengine4.dll\"", 6, true, 1),
    by(r"C:\Windows\System32\taskhostw.exe", &WINDOWS, "Host Process for Windows Tasks", "taskhostw.exe", 6, true, 2),
    by("powershell.exe", &WINDOWS, "Windows PowerShell", r"powershell.exe -NonInteractive -File C:\Scripts\health-check.ps1", 6, true, 5),
    // Windows servers: sometimes
    by("sqlservr.exe", &SQL, "SQL Server Windows NT", "\"sqlservr.exe\" -sMSSQLSERVER", 0, true, 0),
    by("wevtutil.exe", &WINDOWS, "Eventing Command Line Utility", "wevtutil.exe qe System /c:50 /f:text", 37, true, 8),
    by("cmd.exe", &WINDOWS, "Windows Command Processor", r"cmd.exe /c C:\Scripts\backup.cmd", 6, true, 12),
    by("robocopy.exe", &WINDOWS, "Microsoft Robocopy", r"robocopy D:\Data \\srv-backup-01\data /MIR /R:1 /W:1", 43, true, 13),
    by(r"C:\Windows\System32\mmc.exe", &WINDOWS, "Microsoft Management Console", "\"mmc.exe\" C:\\Windows\\System32\\dsa.msc", 5, false, 26),
    by("vssadmin.exe", &WINDOWS, "Command Line Interface for Microsoft® Volume Shadow Copy Service", "vssadmin list shadows", 43, true, 14),
    by("certutil.exe", &WINDOWS, "CertUtil.exe", "certutil.exe -pulse", 39, true, 22),
    by("nltest.exe", &WINDOWS, "Microsoft® Logon Server Test Utility", "nltest.exe /sc_query:corp.contoso.com", 40, true, 6),
    by("net.exe", &WINDOWS, "Net Command", "net.exe localgroup Administrators", 40, true, 7),
    by("tasklist.exe", &WINDOWS, "Lists the current running tasks", "tasklist.exe /svc", 40, true, 7),
    by("quser.exe", &WINDOWS, "Query User Utility", "quser.exe", 40, true, 8),
    by("sc.exe", &WINDOWS, "Service Control Manager Configuration Tool", "sc.exe query state= all", 37, true, 30),
    // Linux: always
    by("/usr/sbin/cron", &NOBODY, "", "/usr/sbin/CRON -f -P", 2, true, 0),
    by("sshd", &NOBODY, "", "sshd: {u} [priv]", 2, true, 3),
    by("bash", &NOBODY, "", "-bash", 54, false, 3),
    by("python3", &NOBODY, "", "/usr/bin/python3 /opt/app/worker.py --queue default", 2, true, 0),
    by("curl", &NOBODY, "", "curl -fsS https://health.contoso.com/ping", 53, true, 5),
    by("/usr/bin/apt-get", &NOBODY, "", "apt-get -qq -y update", 53, true, 9),
    // Linux: sometimes
    by("/usr/bin/ls", &NOBODY, "", "ls -la /var/log", 55, false, 6),
    by("sudo", &NOBODY, "", "sudo systemctl restart app-worker", 55, false, 8),
    by("/usr/bin/systemctl", &NOBODY, "", "systemctl restart app-worker", 60, true, 8),
    by("/usr/bin/docker", &NOBODY, "", "docker ps --format {{.Names}}", 55, false, 11),
    by("/usr/bin/tar", &NOBODY, "", "tar -czf /backup/etc.tar.gz /etc", 53, true, 14),
    by("/usr/bin/grep", &NOBODY, "", "grep -c ERROR /var/log/app/worker.log", 55, false, 16),
    by("base64", &NOBODY, "", "base64 -d /run/secrets/app.cfg", 56, true, 2),
    // Macs: always
    by("/Applications/Safari.app/Contents/MacOS/Safari", &NOBODY, "", "/Applications/Safari.app/Contents/MacOS/Safari", 3, false, 2),
    by("/Applications/Microsoft Outlook.app/Contents/MacOS/Microsoft Outlook", &NOBODY, "", "/Applications/Microsoft Outlook.app/Contents/MacOS/Microsoft Outlook", 3, false, 3),
    by("zsh", &NOBODY, "", "-zsh", 3, false, 6),
    by("/usr/libexec/softwareupdated", &NOBODY, "", "/usr/libexec/softwareupdated", 3, true, 0),
    by("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", &NOBODY, "", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome --enable-automation=false", 3, false, 4),
    // Macs: sometimes
    by("/opt/homebrew/bin/git", &NOBODY, "", "git pull --rebase", 68, false, 12),
    by("osascript", &NOBODY, "", "osascript /Library/Contoso/volume.scpt", 3, true, 7),
    by("/usr/bin/defaults", &NOBODY, "", "defaults read com.apple.screensaver idleTime", 68, false, 15),
    by("/usr/bin/curl", &NOBODY, "", "curl -s https://mdm.contoso.com/checkin", 69, true, 9),
];

/// What a session is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Workstation,
    Server,
    Linux,
    Mac,
}

impl Class {
    /// Programs that are always there.
    pub const fn core(self) -> &'static [usize] {
        match self {
            Class::Workstation => &[5, 6, 7, 8, 9, 10, 11],
            Class::Server => &[6, 7, 37, 38, 39, 40, 43],
            Class::Linux => &[53, 54, 55, 56, 57, 58],
            Class::Mac => &[66, 67, 68, 69, 70],
        }
    }

    /// Programs that are there on some days.
    pub const fn rest(self) -> &'static [usize] {
        match self {
            Class::Workstation => &[
                12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
                33, 34, 35, 36,
            ],
            Class::Server => &[41, 42, 44, 46, 47, 48, 49, 50, 51, 52, 22, 33],
            Class::Linux => &[59, 60, 61, 62, 63, 64, 65],
            Class::Mac => &[71, 72, 73, 74],
        }
    }
}
