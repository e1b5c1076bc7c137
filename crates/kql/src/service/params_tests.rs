//! Values in place of parameters: what they may hold, and that none can end its literal.

use super::*;
use crate::bind::World;
use crate::engine::value::Val;
use crate::engine::{Catalog, Options, run};
use crate::schema::{Schema, Which};
use crate::service::{analyse, check, classify};
use proptest::prelude::*;
use std::sync::OnceLock;

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World::new(Schema::builtin(Which::Defender)))
}

fn with(text: &str, value: &str) -> String {
    bind(text, &|_| Some(value.to_owned())).unwrap()
}

fn kinds(text: &str) -> Vec<T> {
    lex(text, &mut Vec::new()).iter().map(|t| t.kind).collect()
}

/// What `print` gives for an expression.
fn printed(text: &str) -> String {
    let answer = run(text, world(), &Catalog::new(), &Options::default()).expect(text);
    match answer.value(0, 0) {
        Val::Str(s) => s.into_owned(),
        Val::Bool(b) => b.to_string(),
        other => other.json().to_string(),
    }
}

#[test]
fn each_place_has_its_form() {
    let value = "a\"b'c\\d";
    assert_eq!(with("A == \"{{ENTITY}}\"", value), r#"A == "a\"b'c\\d""#);
    assert_eq!(with("A == '{{ENTITY}}'", value), r#"A == 'a\"b\'c\\d'"#);
    assert_eq!(with("A == @\"x{{ENTITY}}\"", value), r#"A == @"xa""b'c\d""#);
    assert_eq!(with("A == {{ENTITY}}", value), r#"A == "a\"b'c\\d""#);
    assert_eq!(with("A == h'{{ENTITY}}'", "x"), "A == h'x'");
    assert_eq!(with("A == ```{{ENTITY}}```", value), "A == ```a\"b'c\\d```");
    assert_eq!(with("A == @'{{E}}'", "a\nb"), "A == \"a\\nb\"");
    assert_eq!(with("A == @'x''y{{E}}'", "a\nb"), "A == \"x'ya\\nb\"");
    assert_eq!(with("A == ```{{E}}```", "```"), "A == \"```\"");
    assert_eq!(
        with("// {{E}}\nA == '{{E}}'", "x\ny"),
        "// {{E}}\nA == 'x\\ny'"
    );
    assert_eq!(with("A == '{{E}} and {{ E }}'", "x"), "A == 'x and x'");
    assert_eq!(with("take {{n:int}}", "5"), "take int(5)");
    assert_eq!(with("take {{n:long}}", "5"), "take 5");
    assert_eq!(with("x -{{n:long}}", "-5"), "x - long(-5)");
    assert_eq!(
        with("T > datetime({{FROM}})", "2026-08-01"),
        "T > datetime(2026-08-01T00:00:00.0000000Z)"
    );
    assert_eq!(
        with("ago({{w:timespan}})", "7d"),
        "ago(timespan(7.00:00:00))"
    );
    assert_eq!(with("h{{E}}", "x"), "h \"x\"");
    assert_eq!(with("@{{E}}", "x\\"), "@ \"x\\\\\"");
    assert_eq!(
        with("A matches regex @'^{{E}}$'", "a.b"),
        "A matches regex @'^a\\.b$'"
    );
}

#[test]
fn values_are_of_their_type_or_refused_and_defaults_stand_in() {
    let none = |_: &str| None;
    let text = "take {{n:long=7}}";
    assert_eq!(bind(text, &none).unwrap(), "take 7");
    let no = bind("take {{n:long}}", &|_| Some("7) | x".into())).unwrap_err();
    assert!(no.to_string().contains("n: takes a whole number"), "{no}");
    let no = bind("T > datetime({{FROM}})", &|_| Some("x) or (1".into()));
    assert!(no.is_err());
    let missing = bind("A == {{ENTITY}} // {{OTHER}}", &none).unwrap_err();
    assert!(matches!(missing, Unbound::Missing(w) if w.name == "ENTITY"));
    assert_eq!(
        wanted("{{A}} {{a}} {{FROM}} // {{C}}")
            .iter()
            .map(|w| (&*w.name, w.ty))
            .collect::<Vec<_>>(),
        [("A", Ty::STRING), ("FROM", Ty::DATETIME)]
    );
    // what looks like one and is none
    for text in [
        "dynamic({\"a\":{\"b\":1}})",
        "{{}}",
        "{{a b}}",
        "{{a:thing}}",
        "{{1}}",
    ] {
        assert_eq!(wanted(text), [], "{text}");
    }
}

#[test]
fn declared_parameters_become_lets() {
    let text = "declare query_parameters(name:string = \"x'y\", n:long);\nAlertInfo | where Title == name | take n";
    let wanted = wanted(text);
    assert_eq!(
        (&*wanted[0].name, wanted[0].default.as_deref()),
        ("name", Some("x'y"))
    );
    assert_eq!((wanted[1].ty, &wanted[1].default), (Ty::LONG, &None));
    let bound = bind(text, &|name| (name == "n").then(|| "5".to_owned())).unwrap();
    assert_eq!(
        bound,
        "let name = \"x'y\"; let n = 5;\nAlertInfo | where Title == name | take n"
    );
    let tables = "declare query_parameters(T:(a:long));\nT";
    assert_eq!(bind(tables, &|_| None).unwrap(), tables);
}

#[test]
fn nothing_is_found_wrong_with_a_text_for_its_parameters() {
    let text = "DeviceInfo\n| where Timestamp between ({{FROM}} .. {{TO}}) and DeviceName == {{ENTITY}}\n| where Timestamp > ago({{w:timespan=7d}}) and OSBuild > {{n:long=1}} and DeviceId == '{{ENTITY}}'\n| where Timestamp < datetime({{TO}})\n| take {{n:long}}";
    let masked = mask(text);
    assert_eq!(masked.len(), text.len());
    let checked = check(&analyse(&masked, world()));
    let wrong: Vec<_> = checked
        .findings
        .iter()
        .filter(|f| f.severity == crate::syntax::Severity::Error)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(matches!(mask("print 'x{{E}}'"), Cow::Borrowed(_)));
}

#[test]
fn parameters_have_a_colour_of_their_own_inside_of_strings_too() {
    let text = "A | where B == '{{E}}x{{F}}' and T > {{FROM}} // {{E}}";
    let pieces = coloured(text, classify(&analyse(&mask(text), world())));
    let own: Vec<&str> = pieces
        .iter()
        .filter(|p| p.colour == Colour::ClientParameter)
        .map(|p| &text[p.start as usize..p.end as usize])
        .collect();
    assert_eq!(own, ["{{E}}", "{{F}}", "{{FROM}}"]);
    assert!(
        pieces.windows(2).all(|w| w[0].end <= w[1].start),
        "{pieces:?}"
    );
    let of = |word: &str| {
        pieces
            .iter()
            .find(|p| &text[p.start as usize..p.end as usize] == word)
            .map(|p| p.colour)
    };
    assert_eq!(
        (of("'"), of("x")),
        (Some(Colour::StringLiteral), Some(Colour::StringLiteral))
    );
}

/// A stray sign before a string stays a token of its own when the string changes its form.
#[test]
fn a_stray_sign_is_no_part_of_a_rewritten_string() {
    for text in [
        "@@'{{ENTITY}}",
        "@@'{{ENTITY}}'",
        "print @@\"{{ENTITY}}\"",
        "@\"\"@\"{{ENTITY}}",
    ] {
        let bound = with(text, "\n");
        assert_eq!(kinds(&bound), kinds(&with(text, "plain")), "{bound}");
    }
}

/// Texts that would end a literal, open a comment, or hide something.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\"".to_owned()),
        Just("'".to_owned()),
        Just("\\".to_owned()),
        Just("\\u0022".to_owned()),
        Just("```".to_owned()),
        Just("~~~".to_owned()),
        Just("`".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("//".to_owned()),
        Just("| take 1".to_owned()),
        Just(";".to_owned()),
        Just("{{ENTITY}}".to_owned()),
        Just("{{FROM}}".to_owned()),
        Just("}}".to_owned()),
        Just(")".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("\0".to_owned()),
        Just("\u{85}".to_owned()),
        "[a-z0-9 .:äß€😀-]{0,4}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|v| v.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// The bound text lexes to the same tokens with one literal changed, and that literal is the value.
    #[test]
    fn no_value_ends_its_literal(value in hostile(), form in 0usize..9) {
        let (open, close) = [("\"", "\""), ("'", "'"), ("@\"", "\""), ("@'", "'"), ("```", "```"), ("~~~", "~~~"), ("h\"", "\""), ("H@'", "'"), ("", "")][form];
        let text = format!("print x = {open}{{{{ENTITY}}}}{close} // {{{{ENTITY}}}}\n| where 1 == 1 and 'a' != \"b\"");
        let bound = with(&text, &value);
        prop_assert_eq!(kinds(&bound), kinds(&with(&text, "plain")));
        let tail = "// {{ENTITY}}\n| where 1 == 1 and 'a' != \"b\"";
        prop_assert!(bound.ends_with(tail), "{}", bound);
        prop_assert_eq!(printed(&bound), value);
    }

    /// A value between other words of a string, at the string's end, twice in one string, in a list.
    #[test]
    fn a_value_finds_itself_amid_others(value in hostile(), form in 0usize..6) {
        let (open, close) = [("\"", "\""), ("'", "'"), ("@\"", "\""), ("@'", "'"), ("```", "```"), ("~~~", "~~~")][form];
        let text = format!("print x = {open}a{{{{ENTITY}}}}b{{{{ENTITY}}}}{close} in ('z', strcat('a', {{{{ENTITY}}}}, 'b', {{{{ENTITY}}}}))");
        let bound = with(&text, &value);
        prop_assert_eq!(kinds(&bound), kinds(&with(&text, "plain")));
        prop_assert_eq!(printed(&bound), "true", "{}", bound);
    }

    /// Also where the text is not finished, or is no query at all.
    #[test]
    fn unfinished_texts_keep_their_tokens(head in "[a-z'\"@`h~({\\[ /\\\\|]{0,12}", tail in "[a-z'\"@`~)}\\] /\\\\|]{0,12}", value in hostile()) {
        let text = format!("{head}{{{{ENTITY}}}}{tail}\nB");
        let bound = with(&text, &value);
        prop_assert_eq!(kinds(&bound), kinds(&with(&text, "plain")), "{}", bound);
        prop_assert_eq!(mask(&text).len(), text.len());
    }

    /// Values of other types are that type or nothing.
    #[test]
    fn typed_values_are_one_literal(value in hostile(), ty in 0usize..8) {
        let ty = ["long", "int", "real", "decimal", "bool", "datetime", "timespan", "guid"][ty];
        for text in [format!("print {{{{x:{ty}}}}} | take 1"), format!("print {ty}({{{{x:{ty}}}}}) | take 1"), format!("print '{{{{x:{ty}}}}}' | take 1")] {
            if let Ok(bound) = bind(&text, &|_| Some(value.clone())) {
                let tokens = kinds(&bound);
                prop_assert_eq!(tokens.len(), 6, "{}", bound);
                prop_assert_eq!(&tokens[2..], &kinds("x | take 1")[1..]);
            }
        }
    }
}
