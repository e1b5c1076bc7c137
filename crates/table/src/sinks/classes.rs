//! What a character does on a screen.

use icu_properties::props::{
    DefaultIgnorableCodePoint, Emoji, EmojiModifier, ExtendedPictographic, GeneralCategory,
};
use icu_properties::script::ScriptWithExtensions;
use icu_properties::{CodePointMapData, CodePointSetData, props::Script};
use unicode_width::UnicodeWidthChar;

/// How the screen treats a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Has a place of its own.
    Plain,
    /// Stands on the character before it.
    Mark,
    /// Joins or selects; welcome only where a script or an emoji needs it.
    Joiner,
    /// Never shown as itself.
    Hidden,
}

pub(super) fn class(c: char) -> Class {
    match c {
        ' '..='~' => return Class::Plain,
        // the opening bracket of our own marker: as itself it could feign one
        '\u{27E8}' => return Class::Hidden,
        // a blank that counts as a symbol
        '\u{2800}' => return Class::Hidden,
        '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' => return Class::Joiner,
        // variants of Han characters, in names; Mongolian variants
        '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180D}' | '\u{180F}' => return Class::Joiner,
        _ => {}
    }
    match CodePointMapData::<GeneralCategory>::new().get(c) {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator => Class::Hidden,
        _ if CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) => Class::Hidden,
        GeneralCategory::NonspacingMark
        | GeneralCategory::SpacingMark
        | GeneralCategory::EnclosingMark => Class::Mark,
        // vowels and finals of Hangul syllables
        _ if c.width() == Some(0) => Class::Mark,
        _ => Class::Plain,
    }
}

pub(super) fn is_emoji(c: char) -> bool {
    CodePointSetData::new::<Emoji>().contains(c)
}

pub(super) fn is_pictograph(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

pub(super) fn is_skin_tone(c: char) -> bool {
    CodePointSetData::new::<EmojiModifier>().contains(c)
}

pub(super) fn script(c: char) -> Script {
    ScriptWithExtensions::new().get_script_val(c)
}

/// Whether words of a script are written with joiners between their letters.
pub(super) fn needs_joiners(script: Script) -> bool {
    const NEED: [Script; 23] = [
        Script::Arabic,
        Script::Syriac,
        Script::Nko,
        Script::Mongolian,
        Script::Devanagari,
        Script::Bengali,
        Script::Gurmukhi,
        Script::Gujarati,
        Script::Oriya,
        Script::Tamil,
        Script::Telugu,
        Script::Kannada,
        Script::Malayalam,
        Script::Sinhala,
        Script::Khmer,
        Script::Myanmar,
        Script::Tibetan,
        Script::Javanese,
        Script::Balinese,
        Script::Sundanese,
        Script::Thaana,
        Script::Mandaic,
        Script::Adlam,
    ];
    NEED.contains(&script)
}
