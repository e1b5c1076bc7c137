//! The terminal as a surface: everything between a drawn buffer and the bytes that leave.

use super::core::Surface;
use crate::app::App;
use crate::term::clipboard::Copied;
use crate::term::wire::Link;
use crate::term::{self, Caps, Clipboard, Depth, Frames, Guard, Rgb, Source, Wire};
use crate::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io;
use std::time::{Duration, Instant};

pub struct Screen {
    pub guard: Guard,
    source: Source,
    clipboard: Clipboard,
    caps: Caps,
    wire: Wire,
    pub frames: Frames,
    buffer: Buffer,
    out: Vec<u8>,
    /// A frame is due that nothing in `app` asks for, or that the line had no room for.
    pub held: bool,
    esc: Duration,
    /// The terminal has answered a question.
    answered: bool,
    /// The size changed while we were away.
    pub resized: Option<(u16, u16)>,
}

impl Screen {
    pub fn new(
        guard: Guard,
        source: Source,
        clipboard: Clipboard,
        (cols, rows): (u16, u16),
    ) -> Self {
        let caps = Caps::from_env();
        let wire = Wire::new(caps.clone());
        let buffer = Buffer::empty(Rect::new(0, 0, cols, rows));
        Self {
            guard,
            source,
            clipboard,
            caps,
            wire,
            frames: Frames::new(),
            buffer,
            out: Vec::with_capacity(16 << 10),
            held: false,
            esc: Duration::from_millis(60),
            answered: false,
            resized: None,
        }
    }

    /// Asks the terminal what it can do; nothing waits for the answers.
    pub fn ask(&mut self) -> io::Result<()> {
        let questions = self.caps.questions();
        if questions.is_empty() {
            Ok(())
        } else {
            self.guard.write(&questions)
        }
    }

    /// Takes a reply into account; true: draw again.
    pub fn fold(&mut self, reply: &term::Reply) -> bool {
        self.answered = true;
        let changed = self.caps.fold(reply);
        if changed.kitty {
            let _ = self.guard.kitty();
            // an ESC is never ambiguous from now on
            self.set_esc(Duration::ZERO);
        }
        if changed.depth || changed.other {
            self.wire.set_caps(self.caps.clone());
        }
        changed.depth || changed.background
    }

    /// Whether the background is light, as far as is known, and whether there are sixteen colours or fewer.
    pub fn look(&self) -> (Option<bool>, bool) {
        let light = self.caps.background.map(|Rgb(r, g, b)| {
            u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114 > 128_000
        });
        (light, self.caps.depth <= Depth::Sixteen)
    }

    /// Answers of the terminal are still under way.
    pub fn awaits(&self) -> bool {
        self.frames.outstanding() > 0 || (self.answered && !self.caps.settled())
    }

    /// Takes an answer that came while leaving.
    pub fn late(&mut self, reply: &term::Reply) {
        if *reply == term::Reply::Status {
            self.frames.ack(Instant::now());
        } else {
            self.caps.fold(reply);
        }
    }

    /// How long a lone ESC waits; under the kitty protocol it never does.
    pub fn set_esc(&mut self, wait: Duration) {
        let wait = if self.caps.kitty {
            Duration::ZERO
        } else {
            wait
        };
        if self.esc != wait {
            self.esc = wait;
            self.source.set_esc_wait(wait);
        }
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.buffer = Buffer::empty(Rect::new(0, 0, cols, rows));
        self.again();
    }

    /// Somebody stopped and continued us.
    pub fn renew(&mut self) {
        let _ = self.guard.renew();
        self.again();
    }

    fn again(&mut self) {
        self.frames.reset();
        self.wire.repaint();
        self.held = true;
    }

    /// Draws and writes one frame; its number, if anything left.
    pub fn draw(&mut self, app: &App) -> io::Result<Option<u64>> {
        self.held = false;
        self.buffer.reset();
        let cursor = view::draw(app, &app.theme, &mut self.buffer);
        self.out.clear();
        let links = view::set_up::links(app, &self.buffer).into_iter();
        let links = links.map(|(row, cols, url)| Link {
            row,
            cols,
            url: url.to_owned(),
        });
        let links: Vec<Link> = links.collect();
        self.wire
            .draw_linked(&self.buffer, cursor, &links, &mut self.out);
        if self.out.is_empty() {
            return Ok(None);
        }
        let frame = self
            .frames
            .stamp(&mut self.out, app.prompting(), Instant::now());
        self.guard.write(&self.out)?;
        self.frames.flushed(frame, Instant::now());
        Ok(Some(frame))
    }

    /// The desktop's clipboard failed: by the terminal instead.
    pub fn copy_by_terminal(&mut self, text: &str, why: &str) -> String {
        let mut out = Vec::new();
        let said = self.clipboard.by_terminal(text, &mut out);
        let _ = self.guard.write(&out);
        format!("{said} ({why})")
    }
}

impl Surface for Screen {
    fn copy(&mut self, what: &'static str, text: String) -> Option<String> {
        let mut out = Vec::new();
        let copied = self.clipboard.copy(text, &mut out);
        if !out.is_empty() {
            let _ = self.guard.write(&out);
        }
        match copied {
            Copied::Said(sentence) => Some(format!("{what}: {sentence}")),
            Copied::Later => None,
        }
    }

    fn title(&mut self, title: &str) {
        let mut out = Vec::new();
        term::title::set_title(title, &mut out);
        let _ = self.guard.write(&out);
    }

    fn mouse(&mut self, on: bool) {
        let _ = self.guard.mouse(on);
    }

    fn repaint(&mut self) {
        self.again();
    }

    fn suspend(&mut self) -> Result<(), String> {
        self.source.pause();
        let done = self.guard.suspend().map_err(|e| e.to_string());
        self.source.resume();
        self.resized = term::guard::size();
        self.again();
        done
    }

    fn edit(&mut self, text: &str) -> Result<String, String> {
        let program = super::elsewhere::program()?;
        self.source.pause();
        self.guard.leave();
        let done = super::elsewhere::edit(&program, text);
        let back = self.guard.renew();
        self.source.resume();
        self.resized = term::guard::size();
        self.again();
        back.map_err(|e| e.to_string())?;
        done
    }

    fn open(&mut self, url: &str) -> String {
        if !self.caps.remote && super::who::open(url) {
            return page_words("opened in the browser");
        }
        let said = self.copy("portal address", url.to_owned());
        page_words(said.as_deref().unwrap_or("portal address copied"))
    }
}

/// What is said of a page that was opened, or whose address was copied: who follows it must be let in there.
fn page_words(what: &str) -> String {
    format!("{what}; the page needs the Security Reader role")
}

#[cfg(test)]
mod tests {
    #[test]
    fn s2_33_every_link_says_which_role_its_page_wants() {
        for what in ["opened in the browser", "portal address copied"] {
            let said = super::page_words(what);
            assert!(said.starts_with(what) && said.contains("Security Reader"));
        }
    }
}
