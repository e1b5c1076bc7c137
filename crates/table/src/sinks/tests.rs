use crate::Txt;

#[test]
fn plain_text_is_borrowed() {
    assert!(matches!(
        Txt::new("WKS-014 (ana)").shown(),
        std::borrow::Cow::Borrowed("WKS-014 (ana)")
    ));
}
