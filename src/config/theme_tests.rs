use super::*;

fn load(name: &str, own: &[(&str, &str)]) -> (Theme, Vec<String>) {
    let own: Vec<_> = own
        .iter()
        .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()))
        .collect();
    Theme::load(name, &own, false)
}

#[test]
fn built_in_themes_are_whole_and_keep_their_contrast() {
    for (name, _) in BUILT_IN {
        let (theme, wrong) = load(name, &[]);
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
        let mut sheet = Sheet::default();
        sheet.read(name, &[], &mut Vec::new(), &mut Vec::new());
        for (key, least) in NAMES {
            let style = sheet
                .style(
                    sheet
                        .styles
                        .get(*key)
                        .unwrap_or_else(|| panic!("{name} has no {key}")),
                    false,
                )
                .unwrap();
            // mono has no colours and takes the terminal's contrast; every other theme is measured
            if *name != "mono" {
                let c = contrast(style.fg, style.bg.or(theme.ground))
                    .unwrap_or_else(|| panic!("{name}: {key} has no true colour"));
                assert!(c >= *least, "{name}: {key} has a contrast of {c:.2}");
            }
        }
    }
}

#[test]
fn severities_look_different_in_every_theme_of_colours() {
    for (name, _) in BUILT_IN.iter().filter(|(n, _)| *n != "mono") {
        for sixteen in [false, true] {
            let (theme, _) = Theme::load(name, &[], sixteen);
            let tones = [Tone::Low, Tone::Medium, Tone::High].map(|t| theme.tone(t).fg);
            assert!(
                tones[0] != tones[1] && tones[1] != tones[2] && tones[0] != tones[2],
                "{name}"
            );
        }
    }
}

#[test]
fn sixteen_colours_are_the_ones_that_were_named_for_it() {
    let (theme, _) = Theme::load("dark", &[], true);
    assert_eq!(theme.tone(Tone::High).fg, Some(Color::LightRed));
    assert_eq!(theme.text.fg, Some(Color::Reset));
}

#[test]
fn a_theme_changes_what_it_names_and_inherits_the_rest() {
    let (mine, wrong) = load(
        "mine",
        &[(
            "mine",
            "inherits = \"dark\"\n[palette]\nsky = \"#ffffff\"\n[styles]\nhigh = { fg = \"#ffb0a0\", italic = true }",
        )],
    );
    let (dark, _) = load("dark", &[]);
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(mine.accent.fg, Some(Color::Rgb(255, 255, 255)));
    assert_eq!(
        mine.tone(Tone::High),
        Style::new()
            .fg(Color::Rgb(0xff, 0xb0, 0xa0))
            .add_modifier(Modifier::ITALIC)
    );
    assert_eq!(mine.text, dark.text);
}

#[test]
fn a_circle_of_themes_ends_and_is_said() {
    let (theme, wrong) = load(
        "a",
        &[
            ("a", "inherits = \"b\"\n"),
            ("b", "inherits = \"a\"\n[styles]\ntext = \"#eeeeee\""),
        ],
    );
    assert!(
        wrong.iter().any(|w| w.contains("inherits from itself")),
        "{wrong:?}"
    );
    assert_eq!(
        theme.text.fg,
        Some(Color::Rgb(0xee, 0xee, 0xee)),
        "what it says itself is in force"
    );
    // a file of a built-in name may build on that
    let (theme, wrong) = load(
        "dark",
        &[("dark", "inherits = \"dark\"\n[styles]\ngood = \"#aaffaa\"")],
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(
        theme.tone(Tone::Good).fg,
        Some(Color::Rgb(0xaa, 0xff, 0xaa))
    );
}

#[test]
fn what_cannot_be_read_falls_back_and_is_said() {
    let file = "inherits = \"dark\"\ncolours = 1\n[styles]\ntext = \"#202020\"\nhihg = \"#ffffff\"\ngood = \"gren\"\nbad = { fg = \"#ffffff\", blink = true }\n";
    let (theme, wrong) = load("mine", &[("mine", file)]);
    let (dark, _) = load("dark", &[]);
    let all = wrong.join("\n");
    for want in [
        "`text` has a contrast of",
        "did you mean `high`?",
        "`gren` is no colour",
        "`blink` is none of",
        "`colours` is not understood",
    ] {
        assert!(all.contains(want), "{want} not in\n{all}");
    }
    assert_eq!(
        (theme.text, theme.tone(Tone::Good), theme.tone(Tone::Bad)),
        (dark.text, dark.tone(Tone::Good), dark.tone(Tone::Bad))
    );
    let (theme, wrong) = load("drak", &[]);
    assert!(wrong[0].contains("did you mean `dark`?"), "{wrong:?}");
    assert_eq!(theme.text, dark.text);
    let (_, wrong) = load("broken", &[("broken", "[styles\n")]);
    assert!(wrong[0].starts_with("theme broken: "), "{wrong:?}");
}

#[test]
fn no_theme_reaches_the_tenant_the_prompt_or_demo() {
    // they are constants: every name a theme can give is in NAMES, and none of these is among them
    for name in ["tenant", "prompt", "demo"] {
        let (_, wrong) = load(
            "mine",
            &[("mine", &format!("[styles]\n{name} = \"#ffffff\"\n"))],
        );
        assert!(
            wrong
                .iter()
                .any(|w| w.contains(&format!("nothing is called `{name}`"))),
            "{wrong:?}"
        );
    }
    assert_ne!(Theme::DEMO.bg, Theme::PROMPT.bg);
}
