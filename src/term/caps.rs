//! What the terminal can do: guessed from the environment, then corrected by its own answers.
//!
//! Nothing waits for an answer. [`Caps::questions`] goes out with the first frame; each
//! [`Reply`] is folded in as it arrives, and a terminal that answers nothing keeps the guess.

#[cfg(test)]
mod tests;

use super::event::{Reply, Rgb};

/// Colours that the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// NO_COLOR or a terminal without: bold, underline and reverse only.
    None,
    Sixteen,
    Indexed,
    True,
}

/// What the terminal can do, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caps {
    pub depth: Depth,
    /// Synchronized updates (mode 2026).
    pub sync: bool,
    /// The kitty keyboard protocol.
    pub kitty: bool,
    /// Erasing fills with the current background.
    pub bce: bool,
    /// `REP` (`CSI n b`).
    pub rep: bool,
    /// Scroll regions with `SU` and `SD`.
    pub scroll: bool,
    /// `OSC 8` links.
    pub links: bool,
    /// Joined emoji are measured as a whole (mode 2027), as we measure them.
    pub clusters: bool,
    /// The terminal's name and version in its own words.
    pub version: Option<String>,
    pub background: Option<Rgb>,
    pub tmux: bool,
    /// GNU screen.
    pub screen: bool,
    /// The session came over SSH.
    pub remote: bool,
    /// The user's word (NO_COLOR, a setting) on colours, which no answer overrides.
    fixed: bool,
    settled: bool,
}

/// What a reply changed, so that the caller can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changed {
    /// Colours, or the glyphs that may be shown, differ now: `Wire::set_caps` and draw.
    pub depth: bool,
    /// The kitty protocol became known: `Guard::kitty`.
    pub kitty: bool,
    /// The background became known: a theme may be chosen by it.
    pub background: bool,
    /// Anything else that `Wire::set_caps` should hear of.
    pub other: bool,
}

/// Terminals by the beginning of their XTVERSION answer that are known to have REP for every character.
///
/// tmux (3.3) repeats ASCII only and drops the rest, and its line to us is not the slow one.
const WITH_REP: [&str; 8] = [
    "xterm", "kitty", "foot", "ghostty", "contour", "iterm2", "vte", "mintty",
];

impl Caps {
    /// A guess from environment variables, read through `var`.
    pub fn guess(var: impl Fn(&str) -> Option<String>) -> Self {
        let term = var("TERM").unwrap_or_default();
        let set = |name: &str| var(name).is_some_and(|value| !value.is_empty());
        let tmux = set("TMUX");
        let truecolor = matches!(var("COLORTERM").as_deref(), Some("truecolor" | "24bit"));
        let fixed = set("NO_COLOR");
        let console = term == "linux";
        let depth = if fixed || matches!(term.as_str(), "" | "dumb" | "vt100" | "vt220") {
            Depth::None
        } else if truecolor || (tmux && term.contains("256color")) || term.ends_with("-direct") {
            // tmux maps 24-bit colours down to what its own terminal has
            Depth::True
        } else if console {
            Depth::Sixteen
        } else if term.contains("256color")
            || [
                "xterm-kitty",
                "xterm-ghostty",
                "alacritty",
                "foot",
                "wezterm",
            ]
            .iter()
            .any(|name| term.starts_with(name))
        {
            Depth::Indexed
        } else {
            Depth::Sixteen
        };
        let screen = !tmux && term.starts_with("screen");
        Self {
            depth,
            sync: false,
            kitty: false,
            bce: !screen,
            rep: false,
            scroll: !console && term != "dumb",
            links: !console && term != "dumb" && !screen,
            clusters: false,
            version: None,
            background: None,
            tmux,
            screen,
            remote: set("SSH_CONNECTION") || set("SSH_TTY"),
            fixed,
            settled: matches!(term.as_str(), "" | "dumb"),
        }
    }

    /// Whether more than ASCII would come out as rubbish: the locale names another encoding, or the console has no such
    /// font. A locale that nobody set says nothing.
    pub fn letters(var: impl Fn(&str) -> Option<String>) -> bool {
        let term = var("TERM").unwrap_or_default();
        if matches!(term.as_str(), "linux" | "dumb" | "vt100" | "vt220") {
            return true;
        }
        // the first that is set counts, as in POSIX
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(&var);
        let locale = locale.into_iter().flatten().find(|l| !l.is_empty());
        locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            !locale.contains("utf-8") && !locale.contains("utf8")
        })
    }

    /// The guess for this process.
    pub fn from_env() -> Self {
        Self::guess(|name| std::env::var(name).ok())
    }

    /// Sets the colours for good, as a setting of the user.
    pub fn fix_depth(&mut self, depth: Depth) {
        self.depth = depth;
        self.fixed = true;
    }

    /// Whether the terminal has answered everything that it will answer.
    pub fn settled(&self) -> bool {
        self.settled
    }

    /// The questions, to be written once before the first frame; empty for a dumb terminal.
    ///
    /// Device attributes come last: every terminal answers them, so that answer ends the round.
    pub fn questions(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.settled {
            return out;
        }
        out.extend_from_slice(b"\x1b[>0q\x1b[?u\x1b[?2026$p\x1b[?2027$p\x1b]11;?\x1b\\");
        if self.depth < Depth::True && !self.fixed {
            // sets a colour that only a true-colour terminal can name again, asks, and resets
            out.extend_from_slice(b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m\x1bP+q524742\x1b\\");
        }
        out.extend_from_slice(b"\x1b[c");
        out
    }

    /// Takes one answer into account, whenever it comes.
    pub fn fold(&mut self, reply: &Reply) -> Changed {
        let mut changed = Changed::default();
        match reply {
            Reply::ModeReport { mode: 2026, state } => {
                let sync = matches!(state, 1..=3);
                changed.other = self.sync != sync;
                self.sync = sync;
            }
            Reply::ModeReport { mode: 2027, state } => {
                let clusters = matches!(state, 1 | 3);
                changed.depth = self.clusters != clusters;
                self.clusters = clusters;
            }
            Reply::KittyFlags(_) => {
                changed.kitty = !self.kitty;
                self.kitty = true;
            }
            Reply::Background(rgb) => {
                changed.background = self.background != Some(*rgb);
                self.background = Some(*rgb);
            }
            Reply::Version(version) => {
                let name = version.to_ascii_lowercase();
                let rep = WITH_REP.iter().any(|known| name.starts_with(known));
                changed.other = self.rep != rep;
                self.rep = rep;
                self.version = Some(version.clone());
            }
            Reply::Sgr(sgr) => {
                let named = sgr.replace(':', ";").replace(";;", ";");
                if named.contains("48;2;1;2;3") {
                    changed.depth = self.rise();
                }
            }
            Reply::Capability { name, has: true } if name == "RGB" || name == "Tc" => {
                changed.depth = self.rise();
            }
            Reply::Attributes(_) => self.settled = true,
            _ => {}
        }
        changed
    }

    fn rise(&mut self) -> bool {
        let rises = !self.fixed && self.depth < Depth::True;
        if rises {
            self.depth = Depth::True;
        }
        rises
    }
}
