//! Names that mix look-alike scripts.

use icu_properties::props::Script;
use icu_properties::script::ScriptWithExtensions;

use crate::text::Txt;

/// Scripts whose letters pass for each other's.
const LOOK_ALIKE: [Script; 8] = [
    Script::Latin,
    Script::Cyrillic,
    Script::Greek,
    Script::Armenian,
    Script::Cherokee,
    Script::Coptic,
    Script::Lisu,
    Script::Deseret,
];
/// Writing systems of several scripts; each goes with Latin.
const TOGETHER: [&[Script]; 3] = [
    &[Script::Han, Script::Hiragana, Script::Katakana],
    &[Script::Han, Script::Hangul],
    &[Script::Han, Script::Bopomofo],
];

impl Txt<'_> {
    /// Whether look-alike scripts stand in one text (a Cyrillic word beside a Latin one), or any two
    /// scripts in one word that no language writes together.
    pub fn mixed_scripts(self) -> bool {
        let text = self.exact();
        if text.is_ascii() {
            return false;
        }
        let data = ScriptWithExtensions::new();
        let mut look_alikes = text
            .chars()
            .map(|c| data.get_script_val(c))
            .filter(|s| LOOK_ALIKE.contains(s));
        if let Some(first) = look_alikes.next()
            && look_alikes.any(|other| other != first)
        {
            return true;
        }
        text.split_whitespace().any(is_mixed)
    }
}

fn is_mixed(word: &str) -> bool {
    let data = ScriptWithExtensions::new();
    let mut latin = false;
    // scripts that all letters seen so far can belong to
    let mut common: Option<Vec<Script>> = None;
    let mut together = [true; TOGETHER.len()];
    for c in word.chars() {
        let scripts = data.get_script_extensions_val(c);
        if scripts.contains(&Script::Common) || scripts.contains(&Script::Inherited) {
            continue;
        }
        if scripts.contains(&Script::Latin) {
            latin = true;
            continue;
        }
        for (fits, system) in together.iter_mut().zip(TOGETHER) {
            *fits &= system.iter().any(|s| scripts.contains(s));
        }
        common = Some(match common {
            None => scripts.iter().collect(),
            Some(before) => before.into_iter().filter(|s| scripts.contains(s)).collect(),
        });
    }
    match common {
        None => false,
        Some(common) => !together.contains(&true) && (latin || common.is_empty()),
    }
}
