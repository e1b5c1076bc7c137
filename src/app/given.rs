//! What the screen's side is given at the start, and what it makes of it: options, keys, themes.

use super::{App, columns, keymap, views};
use crate::config::settings::{Background, Settings};
use crate::config::theme::Theme;
use crate::msg::Level;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// What the screen's side is given at the start: files read by others, and facts about this machine.
#[derive(Clone, Debug)]
pub struct Given {
    /// `[settings]` of `config.toml` with what was kept over it.
    pub settings: BTreeMap<String, toml::Value>,
    /// What the policy of this machine sets and locks.
    pub locked: BTreeMap<String, toml::Value>,
    /// The text of `keymap.toml`.
    pub keymap: Option<String>,
    /// The person's themes: names and texts.
    pub themes: Vec<(String, String)>,
    /// The local time zone.
    pub zone: TimeZone,
    /// Where files that are fetched are proposed to go.
    pub folder: String,
    /// The terminal shows no more than ASCII, as far as can be told.
    pub letters: bool,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            settings: BTreeMap::new(),
            locked: BTreeMap::new(),
            keymap: None,
            themes: Vec::new(),
            zone: TimeZone::UTC,
            folder: "~".into(),
            letters: false,
        }
    }
}

impl App {
    /// Takes settings, keymap and themes. What is wrong with them is said; the defaults of those lines stay.
    pub fn configure(&mut self, given: Given) {
        let mut wrong;
        (self.settings, wrong) = Settings::read(&given.settings);
        self.settings.lock(&given.locked);
        self.own_themes = given.themes;
        self.zone = given.zone;
        self.folder = given.folder;
        self.letters = given.letters;
        if let Some(text) = &given.keymap {
            let (map, lines) = keymap::Keymap::with_file(text);
            self.keymap = map;
            wrong.extend(lines);
        }
        columns::apply(self);
        wrong.extend(views::check(self));
        for text in wrong {
            self.toasts.push(self.now, Level::Warn, text);
        }
        self.load_theme();
    }

    /// What the terminal told about itself: whether its background is light, and whether it has sixteen colours or fewer.
    pub fn terminal(&mut self, light: Option<bool>, sixteen: bool) {
        if self.terminal != (light, sixteen) {
            self.terminal = (light, sixteen);
            self.load_theme();
        }
    }

    pub(super) fn load_theme(&mut self) {
        let (light, sixteen) = self.terminal;
        let name = match self.settings.theme.as_str() {
            "auto" if light == Some(true) => "light",
            "auto" => "dark",
            name => name,
        };
        let (mut theme, wrong) = Theme::load(name, &self.own_themes, sixteen);
        theme.paint |= self.settings.background == Background::Theme;
        if let Some(ground) = theme.ground.filter(|_| theme.paint) {
            theme.popup = theme.popup.bg(ground);
        }
        self.theme = theme;
        for text in wrong {
            self.toasts.push(self.now, Level::Warn, text);
        }
        self.dirty = true;
    }
}
