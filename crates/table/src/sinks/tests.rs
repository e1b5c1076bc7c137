use std::borrow::Cow;

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::classes::{Class, class};
use super::{BadSegment, MAX_SHOWN, screen};
use crate::Txt;

/// Whatever an attacker reaches for, and what honest people write.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Z0-9 .,:/\\\\'\"=+@-]{0,5}".prop_map(String::from),
        3 => prop::sample::select(vec![
            "\x1b[2J", "\u{9b}1A", "\x07", "\x7f", "\r\n", "\t", "\0", "\u{202E}", "\u{2066}", "\u{200F}", "\u{61C}",
            "\u{200B}", "\u{200C}", "\u{200D}", "\u{2060}", "\u{FEFF}", "\u{AD}", "\u{34F}", "\u{3164}", "\u{115F}",
            "\u{1160}", "\u{FFA0}", "\u{2800}", "\u{180E}", "\u{180B}", "\u{FE0F}", "\u{FE0E}", "\u{FE00}",
            "\u{E0100}", "\u{E0041}", "\u{E007F}", "\u{E000}", "\u{F0000}", "\u{378}", "\u{FFFE}", "\u{10FFFF}",
            "\u{2028}", "\u{2029}", "\u{85}", "\u{301}", "\u{20DD}", "\u{94D}", "\u{FFF9}", "\u{27E8}", "\u{27E9}",
            "\u{20E3}", "\u{1F3FD}", "\u{1F1E6}", "👩", "💻", "⚠", "1", "漢", "葛", "क", "ष", "ی", "خ", "ל", "ا",
            "\u{1100}", "\u{1161}", "\u{11A8}", "한", "é", "ﷺ", "\u{600}", "\u{D4E}", "ᨕᨗ", "\u{17D2}", "\u{1780}",
        ]).prop_map(String::from),
        1 => any::<char>().prop_map(String::from),
        1 => (0usize..700).prop_map(|n| "\u{301}".repeat(n)),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn assert_safe(shown: &str) {
    for (at, c) in shown.char_indices() {
        assert!(!c.is_control(), "a control in {shown:?}");
        assert!(
            c == '⟨' || class(c) != Class::Hidden,
            "U+{:04X} in {shown:?}",
            u32::from(c)
        );
        if class(c) == Class::Joiner {
            let before = shown[..at].chars().next_back();
            assert!(
                before.is_some_and(|b| class(b) != Class::Joiner && b != '⟩' && b != ' '),
                "{shown:?}"
            );
        }
    }
    for cluster in shown.graphemes(true) {
        let marks = cluster.chars().filter(|c| class(*c) == Class::Mark).count();
        let bases = cluster
            .chars()
            .filter(|c| class(*c) == Class::Plain)
            .count();
        assert!(marks <= 4 * bases, "{marks} marks on {bases} in {shown:?}");
    }
    // each of our brackets holds a code point, so none was feigned
    for part in shown.split('⟨').skip(1) {
        let inside = part
            .split_once('⟩')
            .map(|(inside, _)| inside)
            .unwrap_or_else(|| panic!("open bracket in {shown:?}"));
        let (hex, count) = inside.split_once(" ×").unwrap_or((inside, "2"));
        assert!(
            u32::from_str_radix(hex, 16).is_ok() && count.parse::<u32>().is_ok(),
            "{inside} in {shown:?}"
        );
    }
}

proptest! {
    #![proptest_config(crate::arbitrary::cases(400))]

    #[test]
    fn nothing_on_the_screen_moves_hides_or_piles_up(text in nasty(), agreed in any::<bool>()) {
        let shown = screen::shown(&text, MAX_SHOWN, agreed);
        assert_safe(&shown);
        prop_assert!(shown.len() <= MAX_SHOWN);
    }

    #[test]
    fn what_is_fitted_is_no_wider_than_asked(text in nasty(), cells in 0usize..60, before in "[a-z]{0,3}") {
        let mut out = before.clone();
        let used = Txt::new(&text).shown_fit(&mut out, cells);
        let fitted = out.strip_prefix(&before).unwrap();
        prop_assert!(used <= cells);
        prop_assert_eq!(used, fitted.graphemes(true).map(UnicodeWidthStr::width).sum::<usize>(), "{:?}", fitted);
        prop_assert!(fitted.width() <= cells);
        assert_safe(fitted);
        let whole = Txt::new(&text).shown();
        match fitted.strip_suffix('…') {
            Some(head) if fitted != whole => prop_assert!(whole.starts_with(head)),
            _ if cells == 0 => prop_assert_eq!(fitted, ""),
            _ => prop_assert_eq!(fitted, whole),
        }
    }

    #[test]
    fn every_literal_reads_back_as_the_exact_text(text in nasty()) {
        let txt = Txt::new(&text);
        prop_assert_eq!(&serde_json::from_str::<String>(&txt.json()).unwrap(), &text);
        prop_assert_eq!(&read_kql(&txt.kql_literal()), &text);
        prop_assert_eq!(&read_odata(&txt.odata_literal()), &text);
        prop_assert_eq!(&read_csv(&txt.csv_cell(true)), &text);
        let safe = read_csv(&txt.csv_cell(false));
        prop_assert_eq!(safe.strip_prefix('\'').filter(|_| safe != text).unwrap_or(&safe), &text);
        for literal in [txt.json(), txt.kql_literal()] {
            prop_assert!(literal.chars().all(|c| c == '⟨' || !matches!(class(c), Class::Hidden)));
        }
    }

    #[test]
    fn a_path_segment_decodes_to_the_id_or_is_refused(text in nasty()) {
        if let Ok(segment) = Txt::new(&text).path_segment() {
            prop_assert!(segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            prop_assert_eq!(percent_decoded(&segment), text);
        }
    }
}

/// Reads a KQL literal by the language's rules; panics where it ends early.
fn read_kql(literal: &str) -> String {
    let inside = literal
        .strip_prefix('"')
        .and_then(|l| l.strip_suffix('"'))
        .expect("quotes");
    let mut out = String::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        assert_ne!(c, '"', "the literal ends early: {literal:?}");
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars
            .next()
            .expect("a backslash at the end would escape the quote")
        {
            'u' => out.push(hex(&mut chars, 4)),
            'U' => out.push(hex(&mut chars, 8)),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            c @ ('"' | '\\') => out.push(c),
            c => panic!("no escape of KQL: {c:?}"),
        }
    }
    out
}

fn hex(chars: &mut std::str::Chars<'_>, digits: usize) -> char {
    let digits: String = chars.take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
}

fn read_odata(literal: &str) -> String {
    let inside = literal
        .strip_prefix('\'')
        .and_then(|l| l.strip_suffix('\''))
        .expect("quotes");
    assert_eq!(
        inside.replace("''", "").matches('\'').count(),
        0,
        "the literal ends early"
    );
    inside.replace("''", "'")
}

fn read_csv(field: &str) -> String {
    let inside = field
        .strip_prefix('"')
        .and_then(|l| l.strip_suffix('"'))
        .expect("quotes");
    assert_eq!(
        inside.replace("\"\"", "").matches('"').count(),
        0,
        "the field ends early"
    );
    inside.replace("\"\"", "\"")
}

fn percent_decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.bytes();
    while let Some(b) = rest.next() {
        if b == b'%' {
            let pair: Vec<u8> = rest.by_ref().take(2).collect();
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            bytes.push(b);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn shown(text: &str) -> Cow<'_, str> {
    screen::shown(text, MAX_SHOWN, false)
}

#[test]
fn plain_text_is_borrowed() {
    for text in ["", "WKS-014 (ana)", "José Müller", "株式会社", "Привет 😀"] {
        assert!(matches!(shown(text), Cow::Borrowed(_)), "{text}");
        assert_eq!(shown(text), text);
    }
}

#[test]
fn what_must_not_reach_a_terminal_stands_as_its_code_point() {
    for (text, expected) in [
        ("invoice\u{202E}fdp.exe", "invoice⟨202E⟩fdp.exe"),
        ("a\x1b[31mb", "a⟨001B⟩[31mb"),
        ("a\u{9b}31mb", "a⟨009B⟩31mb"),
        ("two\r\nlines\tand", "two⟨000D⟩⟨000A⟩lines⟨0009⟩and"),
        ("ad\u{200B}min", "ad⟨200B⟩min"),
        ("ad\u{AD}min", "ad⟨00AD⟩min"),
        ("\u{3164}", "⟨3164⟩"),
        ("\u{2800}", "⟨2800⟩"),
        ("x\u{E0041}\u{E007F}", "x⟨E0041⟩⟨E007F⟩"),
        ("\u{E000}\u{F8FF}", "⟨E000⟩⟨F8FF⟩"),
        ("\u{378}", "⟨0378⟩"),
        ("\u{FEFF}a\u{7F}", "⟨FEFF⟩a⟨007F⟩"),
        // a feigned marker
        ("⟨202E⟩", "⟨27E8⟩202E⟩"),
        // joiners where nothing needs them
        ("ad\u{200D}min", "ad⟨200D⟩min"),
        ("a\u{FE0F}", "a⟨FE0F⟩"),
        // a mark with nothing to stand on would go on whatever is drawn before the cell
        ("\u{301}a", "⟨0301⟩a"),
        ("\u{202E}\u{301}a", "⟨202E⟩⟨0301⟩a"),
    ] {
        assert_eq!(shown(text), expected);
    }
}

#[test]
fn scripts_keep_the_joiners_they_need() {
    for text in [
        "می\u{200C}خواهم",
        "क्\u{200D}ष",
        "葛\u{E0100}城",
        "ශ්\u{200D}රී",
        "e\u{301}\u{323}",
        "שָׁלוֹם",
    ] {
        assert_eq!(shown(text), text);
    }
    assert_eq!(shown("می\u{200C}\u{200C}خ"), "می⟨200C⟩⟨200C⟩خ");
    assert_eq!(shown("می\u{200C}"), "می⟨200C⟩");
    // a train of selectors can carry a message
    assert_eq!(shown("葛\u{E0100}\u{E0101}"), "葛\u{E0100}⟨E0101⟩");
    assert_eq!(shown("😀\u{FE0F}\u{FE0F}"), "😀⟨FE0F⟩⟨FE0F⟩");
}

#[test]
fn joined_emoji_wait_until_the_terminal_agrees_on_their_width() {
    for (text, until) in [
        ("👩\u{200D}💻", "👩⟨200D⟩💻"),
        ("⚠\u{FE0F} Action required", "⚠⟨FE0F⟩ Action required"),
        ("👍\u{1F3FD}", "👍⟨1F3FD⟩"),
        ("1\u{FE0F}\u{20E3}", "1⟨FE0F⟩⟨20E3⟩"),
    ] {
        assert_eq!(shown(text), until);
        assert_eq!(screen::shown(text, MAX_SHOWN, true), text);
    }
    assert_eq!(shown("🇩🇪"), "🇩🇪", "all agree on flags");
    assert_eq!(
        shown("😀\u{FE0F}"),
        "😀\u{FE0F}",
        "a selector that changes no width"
    );
    // never: a chain without end, or the hidden letters of a tag sequence
    let chain = vec!["👩"; 200].join("\u{200D}");
    assert!(screen::shown(&chain, MAX_SHOWN, true).contains("⟨200D⟩"));
    assert!(screen::shown("🏴\u{E0067}\u{E007F}", MAX_SHOWN, true).contains("⟨E0067⟩"));
}

#[test]
fn five_hundred_marks_are_four_and_a_number() {
    let text = format!("a{}b", "\u{301}".repeat(500));
    assert_eq!(
        shown(&text),
        format!("a{}⟨0301 ×496⟩b", "\u{301}".repeat(4))
    );
    let mut out = String::new();
    assert_eq!(Txt::new(&text).shown_fit(&mut out, 40), 13);
    // a conjunct of five hundred consonants is one cluster to Unicode, and five hundred cells to us
    let conjunct = vec!["क"; 500].join("\u{94D}");
    out.clear();
    assert_eq!(
        Txt::new(&conjunct).shown_fit(&mut out, 40),
        out.graphemes(true)
            .map(UnicodeWidthStr::width)
            .sum::<usize>()
    );
    assert!(out.width() <= 40);
}

#[test]
fn a_cell_has_a_size_and_a_copy_is_whole() {
    let long = "x".repeat(10_000);
    let cell = shown(&long);
    assert!(cell.len() <= MAX_SHOWN && cell.ends_with("x…"));
    assert_eq!(Txt::new(&long).clipboard(), long);
    assert_eq!(Txt::new("a\n").clipboard(), "a⟨000A⟩");
    assert!(shown(&"\u{202E}".repeat(10_000)).len() <= MAX_SHOWN);
}

#[test]
fn fitting_cuts_between_clusters() {
    let fit = |text: &str, cells| {
        let mut out = String::new();
        let used = Txt::new(text).shown_fit(&mut out, cells);
        (out, used)
    };
    assert_eq!(fit("incident", 8), ("incident".into(), 8));
    assert_eq!(fit("incident", 7), ("incide…".into(), 7));
    assert_eq!(fit("incident", 1), ("…".into(), 1));
    assert_eq!(fit("incident", 0), (String::new(), 0));
    assert_eq!(fit("漢字漢字", 8), ("漢字漢字".into(), 8));
    assert_eq!(fit("漢字漢字", 7), ("漢字漢…".into(), 7));
    assert_eq!(fit("漢字漢字", 6), ("漢字…".into(), 5));
    assert_eq!(fit("漢", 1), ("…".into(), 1));
    assert_eq!(
        fit("ab\u{202E}c", 7),
        ("ab…".into(), 3),
        "a marker is not cut in two"
    );
    // the mark right at the cut must not be lost to the ASCII way
    assert_eq!(fit("abcde\u{301}", 5), ("abcde\u{301}".into(), 5));
}

#[test]
fn paragraphs_are_real_lines() {
    let lines: Vec<_> = Txt::new("one\r\ntwo\n\n\u{202E}x\ry")
        .paragraphs()
        .collect();
    assert_eq!(lines, ["one", "two", "", "⟨202E⟩x⟨000D⟩y"]);
}

/// S2: what a spreadsheet would compute gets an apostrophe, whatever stands before the sign.
#[test]
fn formulas_in_csv_are_text() {
    for text in [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u{A0}=1",
        "\u{200B}=1",
        "\u{FEFF}=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "-2+3+cmd|' /C calc'!A0",
        "\0=1",
        "\u{3000}＝1",
        "\u{202E}=1",
        "-5",
    ] {
        assert!(
            Txt::new(text).csv_cell(false).starts_with("\"'"),
            "{text:?}"
        );
        assert!(
            !Txt::new(text).csv_cell(true).starts_with("\"'"),
            "{text:?}"
        );
    }
    for text in ["", "a=1", "1-2", "ana@contoso.example", " x", "\"=1\""] {
        assert!(
            !Txt::new(text).csv_cell(false).starts_with("\"'"),
            "{text:?}"
        );
    }
    assert_eq!(
        Txt::new("say \"hi\", ana").csv_cell(false),
        "\"say \"\"hi\"\", ana\""
    );
}

#[test]
fn quotes_and_backslashes_cannot_end_a_literal() {
    assert_eq!(Txt::new("O'Brien").odata_literal(), "'O''Brien'");
    assert_eq!(
        Txt::new(r#"C:\a" | drop"#).kql_literal(),
        r#""C:\\a\" | drop""#
    );
    assert_eq!(Txt::new("a\u{202E}\n").json(), r#""a\u202e\n""#);
    assert_eq!(Txt::new("\u{E0041}").kql_literal(), r#""\U000e0041""#);
}

#[test]
fn ids_that_are_no_segment_are_refused() {
    for (id, why) in [
        ("", BadSegment::Empty),
        (".", BadSegment::Dots),
        ("..", BadSegment::Dots),
        ("a/b", BadSegment::Character),
        ("a\\b", BadSegment::Character),
        ("a\nb", BadSegment::Character),
        ("a\u{85}b", BadSegment::Character),
    ] {
        assert_eq!(Txt::new(id).path_segment(), Err(why));
    }
    assert_eq!(
        Txt::new("ana@contoso.example").path_segment().unwrap(),
        "ana%40contoso.example"
    );
    assert_eq!(
        Txt::new("a?b#c%2e é").path_segment().unwrap(),
        "a%3Fb%23c%252e%20%C3%A9"
    );
}

#[test]
fn defanged_addresses_open_nothing() {
    for (text, expected) in [
        ("https://evil.example/a.b", "hxxps://evil[.]example/a[.]b"),
        ("HTTP://1.2.3.4", "HxxP://1[.]2[.]3[.]4"),
        (
            "see http://x.y and http://z.w.",
            "see hxxp://x[.]y and hxxp://z[.]w.",
        ),
        ("ana@contoso.example", "ana[@]contoso[.]example"),
        ("evil。example", "evil[。]example"),
        ("no address. none", "no address. none"),
        ("a\u{202E}b", "a⟨202E⟩b"),
    ] {
        assert_eq!(Txt::new(text).defanged(), expected);
    }
}

#[test]
fn names_that_mix_look_alike_scripts_are_found() {
    for name in [
        "P\u{430}ypal",
        "раураl",
        "Ωmega",
        "\u{430}dmin Smith",
        "Иван Smith",
        "abcمحمد",
        "漢字Привет",
    ] {
        assert!(Txt::new(name).mixed_scripts(), "{name}");
    }
    for name in [
        "",
        "Ana Smith",
        "José Müller",
        "Иван Петров",
        "Ελένη",
        "株式会社Contoso",
        "ひらがなカタカナ漢字",
        "한국어 Contoso",
        "Ali محمد",
        "10 µs — “ok” 😀",
        "e\u{301}",
    ] {
        assert!(!Txt::new(name).mixed_scripts(), "{name}");
    }
}
