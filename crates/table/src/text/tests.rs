use super::*;

#[test]
fn logs_and_panics_get_the_safe_form() {
    let text = Text::from("a\u{202E}b\n\x1b[2J");
    assert_eq!(format!("{text:?}"), "\"a⟨202E⟩b⟨000A⟩⟨001B⟩[2J\"");
    assert_eq!(format!("{:?}", text.txt()), format!("{text:?}"));
}

#[test]
fn decoding_keeps_every_character() {
    let text: Text = serde_json::from_str(r#""a\u202e\u0000\ud83d\ude00b""#).unwrap();
    assert_eq!(text.txt().exact(), "a\u{202E}\0😀b");
    assert!(serde_json::from_str::<Text>("1").is_err());
    let list: Vec<Text> = serde_json::from_slice(br#"["x", ""]"#).unwrap();
    assert!(list[0] == "x" && list[1].is_empty());
}
