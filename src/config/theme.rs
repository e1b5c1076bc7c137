//! Themes: TOML with semantic names, a palette and `inherits`. What tells the tenant, a prompt or DEMO is not in their
//! reach; a style that could not be read falls back to the base theme's.

use super::load::nearest;
use crate::model::Hue;
use crate::resource::doc::Tone;
use ratatui::style::{Color, Modifier, Style};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// The themes that come with the program.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../themes/high-contrast.toml"),
    ),
    (
        "colour-blind",
        include_str!("../../themes/colour-blind.toml"),
    ),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// Least contrast of text, and of what is dim on purpose.
pub const TEXT: f64 = 4.5;
pub const DIM: f64 = 3.0;

/// The semantic names, and the least contrast of each.
const NAMES: &[(&str, f64)] = &[
    ("text", TEXT),
    ("dim", DIM),
    ("head", TEXT),
    ("cursor", TEXT),
    ("accent", TEXT),
    ("border", DIM),
    ("popup", TEXT),
    ("key", TEXT),
    ("toast", TEXT),
    ("match", TEXT),
    ("problem", TEXT),
    ("stale", TEXT),
    ("tab", DIM),
    ("tab-on", TEXT),
    ("good", TEXT),
    ("info", TEXT),
    ("low", TEXT),
    ("medium", TEXT),
    ("high", TEXT),
    ("bad", TEXT),
];

/// Styles by meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    pub name: String,
    /// The background it is made for; none = any.
    pub ground: Option<Color>,
    /// It paints that background itself.
    pub paint: bool,
    pub text: Style,
    pub dim: Style,
    pub head: Style,
    /// The row under the cursor, where the whole row is marked; its bold also where it is not.
    pub cursor: Style,
    pub accent: Style,
    pub border: Style,
    /// Inside of boxes.
    pub popup: Style,
    /// Names of keys.
    pub key: Style,
    pub toast: Style,
    /// What a search found.
    pub found: Style,
    /// A wrong piece of typed text.
    pub problem: Style,
    /// Rows and times that are older than they should be.
    pub stale: Style,
    pub tab: Style,
    pub tab_on: Style,
    tones: [Style; 8],
}

impl Theme {
    /// The tenant in the header.
    pub const TENANT: Style = Style::new().add_modifier(Modifier::BOLD);
    /// DEMO, and the lines that frame a demo.
    pub const DEMO: Style = Style::new()
        .fg(Color::Black)
        .bg(Color::LightMagenta)
        .add_modifier(Modifier::BOLD);
    /// The frame of a prompt that ends in a write.
    pub const PROMPT: Style = Style::new()
        .fg(Color::Black)
        .bg(Color::LightYellow)
        .add_modifier(Modifier::BOLD);
    /// The frame of a demo's boxes and rules.
    pub const DEMO_LINE: Style = Style::new().fg(Color::LightMagenta);

    /// A tenant's colour under its name: no theme reaches it.
    pub fn hue(hue: Hue) -> Style {
        let (text, ground) = match hue {
            Hue::Red => (Color::White, Color::Red),
            Hue::Yellow => (Color::Black, Color::Yellow),
            Hue::Green => (Color::Black, Color::Green),
            Hue::Cyan => (Color::Black, Color::Cyan),
            Hue::Blue => (Color::White, Color::Blue),
            Hue::Magenta => (Color::White, Color::Magenta),
        };
        let style = Style::new().fg(text).bg(ground);
        style.add_modifier(Modifier::BOLD)
    }

    /// The same as the colour of text.
    pub fn hue_text(hue: Hue) -> Style {
        let ground = Self::hue(hue).bg.unwrap_or(Color::Reset);
        Style::new().fg(ground)
    }

    /// The style of a word that matters that much.
    pub fn tone(&self, tone: Tone) -> Style {
        self.tones[tone as usize]
    }

    /// Loads a theme by name from the person's files, then from the built-in ones. Always a theme; the sentences say
    /// what was wrong with it.
    pub fn load(name: &str, own: &[(String, String)], sixteen: bool) -> (Self, Vec<String>) {
        let mut wrong = Vec::new();
        let mut sheet = Sheet::default();
        sheet.read(name, own, &mut Vec::new(), &mut wrong);
        let base_name = if sheet.is_light() { "light" } else { "dark" };
        let mut base = Sheet::default();
        base.read(base_name, &[], &mut Vec::new(), &mut Vec::new());
        let ground = sheet
            .palette
            .get("ground")
            .and_then(|c| sheet.color(c, false).ok());
        let style = |key: &str, least: f64, wrong: &mut Vec<String>| -> Style {
            let fallback = || {
                base.styles
                    .get(key)
                    .and_then(|v| base.style(v, sixteen).ok())
                    .unwrap_or_default()
            };
            let Some(value) = sheet.styles.get(key) else {
                return fallback();
            };
            match (sheet.style(value, false), sheet.style(value, sixteen)) {
                (Ok(full), Ok(style)) => match contrast(full.fg, full.bg.or(ground)) {
                    Some(c) if c < least => {
                        wrong.push(format!("theme {name}: `{key}` has a contrast of {c:.1}, less than {least}; the {base_name} theme's is used"));
                        fallback()
                    }
                    _ => style,
                },
                (Err(why), _) | (_, Err(why)) => {
                    wrong.push(format!("theme {name}: `{key}`: {why}"));
                    fallback()
                }
            }
        };
        let mut by_name: BTreeMap<&str, Style> = BTreeMap::new();
        for (key, least) in NAMES {
            by_name.insert(key, style(key, *least, &mut wrong));
        }
        let at = |key: &str| by_name.get(key).copied().unwrap_or_default();
        let theme = Self {
            name: name.to_owned(),
            ground: sheet
                .palette
                .get("ground")
                .and_then(|c| sheet.color(c, sixteen).ok()),
            paint: sheet.paint,
            text: at("text"),
            dim: at("dim"),
            head: at("head"),
            cursor: at("cursor"),
            accent: at("accent"),
            border: at("border"),
            popup: at("popup"),
            key: at("key"),
            toast: at("toast"),
            found: at("match"),
            problem: at("problem"),
            stale: at("stale"),
            tab: at("tab"),
            tab_on: at("tab-on"),
            tones: [
                at("text"),
                at("dim"),
                at("good"),
                at("info"),
                at("low"),
                at("medium"),
                at("high"),
                at("bad"),
            ],
        };
        (theme, wrong)
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::load("dark", &[], false).0
    }
}

/// A theme's file with all that it inherits.
#[derive(Default)]
struct Sheet {
    palette: Table,
    styles: Table,
    paint: bool,
}

impl Sheet {
    fn read(
        &mut self,
        name: &str,
        own: &[(String, String)],
        seen: &mut Vec<String>,
        wrong: &mut Vec<String>,
    ) {
        // a person's file may stand before a built-in theme of the same name and inherit from it
        let (yours, ours) = (format!("own {name}"), format!("built-in {name}"));
        let own_text = own.iter().find(|(n, _)| n == name).map(|(_, t)| t.as_str());
        let built_in = BUILT_IN.iter().find(|(n, _)| *n == name).map(|(_, t)| *t);
        let (mark, text) = match (own_text, built_in) {
            (Some(text), _) if !seen.contains(&yours) => (yours, text),
            (_, Some(text)) if !seen.contains(&ours) => (ours, text),
            (None, None) => {
                let known: Vec<&str> = BUILT_IN
                    .iter()
                    .map(|(n, _)| *n)
                    .chain(own.iter().map(|(n, _)| n.as_str()))
                    .collect();
                let hint = nearest(name, &known)
                    .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                wrong.push(format!("there is no theme `{name}`{hint}"));
                return;
            }
            _ => {
                wrong.push(format!("theme {name} inherits from itself"));
                return;
            }
        };
        seen.push(mark);
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(e) => {
                wrong.push(format!("theme {name}: {}", e.message()));
                return;
            }
        };
        if let Some(parent) = table.get("inherits").and_then(Value::as_str) {
            self.read(parent, own, seen, wrong);
        }
        for (key, value) in table {
            match (key.as_str(), value) {
                ("inherits", Value::String(_)) => {}
                ("paint", Value::Boolean(b)) => self.paint = b,
                ("palette", Value::Table(t)) => self.palette.extend(t),
                ("styles", Value::Table(t)) => {
                    for (key, value) in t {
                        if NAMES.iter().any(|(n, _)| *n == key) {
                            self.styles.insert(key, value);
                        } else {
                            let known: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
                            let hint = nearest(&key, &known)
                                .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                            wrong.push(format!("theme {name}: nothing is called `{key}`{hint}"));
                        }
                    }
                }
                (key, _) => {
                    let hint = nearest(key, &["inherits", "paint", "palette", "styles"])
                        .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                    wrong.push(format!("theme {name}: `{key}` is not understood{hint}"));
                }
            }
        }
    }

    fn is_light(&self) -> bool {
        let ground = self
            .palette
            .get("ground")
            .and_then(|c| self.color(c, false).ok());
        ground.and_then(luminance).is_some_and(|l| l > 0.4)
    }

    fn style(&self, value: &Value, sixteen: bool) -> Result<Style, String> {
        let mut style = Style::new();
        match value {
            Value::Table(table) => {
                for (key, value) in table {
                    let modifier = match key.as_str() {
                        "fg" => {
                            style = style.fg(self.color(value, sixteen)?);
                            continue;
                        }
                        "bg" => {
                            style = style.bg(self.color(value, sixteen)?);
                            continue;
                        }
                        "bold" => Modifier::BOLD,
                        "dim" => Modifier::DIM,
                        "italic" => Modifier::ITALIC,
                        "underline" => Modifier::UNDERLINED,
                        "reverse" => Modifier::REVERSED,
                        other => {
                            return Err(format!(
                                "`{other}` is none of fg, bg, bold, dim, italic, underline, reverse"
                            ));
                        }
                    };
                    match value {
                        Value::Boolean(true) => style = style.add_modifier(modifier),
                        Value::Boolean(false) => {}
                        _ => return Err(format!("`{key}` takes true or false")),
                    }
                }
            }
            other => style = style.fg(self.color(other, sixteen)?),
        }
        Ok(style)
    }

    /// A colour: a name of the palette, `#rrggbb`, one of the sixteen, `default`; a pair gives the one for sixteen too.
    fn color(&self, value: &Value, sixteen: bool) -> Result<Color, String> {
        match value {
            Value::String(word) => match self.palette.get(word) {
                Some(Value::String(again)) if self.palette.contains_key(again) => Err(format!("`{word}` names another name of the palette")),
                Some(entry) => self.color(entry, sixteen),
                None => named(word).ok_or_else(|| format!("`{word}` is no colour: a name of the palette, `#rrggbb`, one of the sixteen, or `default`")),
            },
            Value::Array(pair) => {
                let pick = if sixteen { pair.get(1).or(pair.first()) } else { pair.first() };
                let word = pick.and_then(Value::as_str).ok_or("a pair is [\"#rrggbb\", \"one of the sixteen\"]")?;
                named(word).ok_or_else(|| format!("`{word}` is no colour"))
            }
            _ => Err("a colour is a text or a pair of texts".into()),
        }
    }
}

fn named(word: &str) -> Option<Color> {
    if let Some(hex) = word.strip_prefix('#') {
        let n = u32::from_str_radix(hex, 16)
            .ok()
            .filter(|_| hex.len() == 6)?;
        return Some(Color::Rgb((n >> 16) as u8, (n >> 8) as u8, n as u8));
    }
    Some(match word {
        "default" => Color::Reset,
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "gray" => Color::Gray,
        "darkgray" => Color::DarkGray,
        "lightred" => Color::LightRed,
        "lightgreen" => Color::LightGreen,
        "lightyellow" => Color::LightYellow,
        "lightblue" => Color::LightBlue,
        "lightmagenta" => Color::LightMagenta,
        "lightcyan" => Color::LightCyan,
        "white" => Color::White,
        _ => return None,
    })
}

/// Relative luminance (WCAG 2); known for true colours only.
fn luminance(color: Color) -> Option<f64> {
    let Color::Rgb(r, g, b) = color else {
        return None;
    };
    let part = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    Some(0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b))
}

/// The contrast of two true colours, 1 to 21.
pub fn contrast(fg: Option<Color>, bg: Option<Color>) -> Option<f64> {
    let (a, b) = (luminance(fg?)?, luminance(bg?)?);
    Some((a.max(b) + 0.05) / (a.min(b) + 0.05))
}

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;
