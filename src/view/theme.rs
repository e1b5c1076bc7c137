//! Semantic colours of a theme, loaded from TOML (`themes/`).

use crate::resource::doc::Tone;
use ratatui::style::{Color, Modifier, Style};

/// Styles by meaning.
#[derive(Clone, Debug)]
pub struct Theme {
    pub text: Style,
    pub dim: Style,
    pub head: Style,
    pub cursor: Style,
    pub accent: Style,
    pub border: Style,
    /// Inside of boxes.
    pub popup: Style,
    /// Names of keys.
    pub key: Style,
    pub toast: Style,
    tones: [Style; 8],
}

impl Default for Theme {
    fn default() -> Self {
        let fg = |c| Style::new().fg(c);
        Self {
            text: Style::new(),
            dim: fg(Color::DarkGray),
            head: Style::new().add_modifier(Modifier::BOLD),
            cursor: Style::new().add_modifier(Modifier::BOLD),
            accent: fg(Color::Cyan),
            border: fg(Color::DarkGray),
            popup: Style::new(),
            key: fg(Color::Cyan),
            toast: Style::new().add_modifier(Modifier::REVERSED),
            tones: [
                Style::new(),
                fg(Color::DarkGray),
                fg(Color::Green),
                fg(Color::Cyan),
                fg(Color::Blue),
                fg(Color::Yellow),
                fg(Color::Red),
                fg(Color::LightRed),
            ],
        }
    }
}

impl Theme {
    pub fn tone(&self, tone: Tone) -> Style {
        self.tones[tone as usize]
    }
}
