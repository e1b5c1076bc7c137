//! The program without a terminal: real backend, real HTTP, a buffer for a screen. Pictures and end-to-end tests use it.

use super::Clock;
use super::core::{Core, Side, Surface};
use crate::app::App;
use crate::config::{Dirs, TenantConfig};
use crate::jobs::Events;
use crate::msg::{Event, KeyPress};
use crate::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// What was handed to the outside, for tests to look at.
#[derive(Debug, Default)]
pub struct Paper {
    pub copied: Vec<String>,
    pub opened: Vec<String>,
    pub titles: Vec<String>,
}

impl Surface for Paper {
    fn copy(&mut self, what: &'static str, text: String) -> Option<String> {
        self.copied.push(text);
        Some(format!("{what}: copied"))
    }

    fn title(&mut self, title: &str) {
        self.titles.push(title.to_owned());
    }

    fn mouse(&mut self, _: bool) {}

    fn repaint(&mut self) {}

    fn suspend(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn edit(&mut self, text: &str) -> Result<String, String> {
        Ok(format!("{text}\n"))
    }

    fn open(&mut self, url: &str) -> String {
        self.opened.push(url.to_owned());
        "opened".into()
    }
}

/// A running program.
pub struct Stage {
    pub core: Core,
    pub paper: Paper,
    from: Receiver<Event>,
    size: (u16, u16),
    frame: u64,
}

impl Stage {
    /// Starts on a tenant. `dirs` are the caller's own.
    pub fn new(tenant: TenantConfig, dirs: &Dirs, clock: Clock, size: (u16, u16)) -> Self {
        let (to, from) = channel::<Event>();
        let events: Events = Arc::new(move |event| {
            let _ = to.send(event);
        });
        let app = App::new(clock.now(), size);
        let mut core = Core::new(
            app,
            clock,
            Side {
                tenant,
                dirs,
                demo: false,
                keeper: None,
                // stages are set against simulators that do not throttle
                budget_scale: 100.0,
                audit: Default::default(),
                threads: crate::backend::Threads::default(),
            },
            events,
        );
        let mut paper = Paper::default();
        core.start(&mut paper);
        Self {
            core,
            paper,
            from,
            size,
            frame: 0,
        }
    }

    /// The screen is drawn, and its person sees it.
    fn look(&mut self) {
        self.frame += 1;
        for event in [
            Event::FrameFlushed(self.frame),
            Event::FrameSeen(self.frame),
        ] {
            self.core.take(event, &mut self.paper);
        }
    }

    /// Presses keys given as key text, parted by blanks: `j`, `Enter`, `Ctrl-d`. Whoever presses them sees the screen.
    pub fn press(&mut self, keys: &str) {
        for key in crate::app::keys::parse(keys).into_iter().flatten() {
            self.look();
            self.core
                .take(Event::Key(KeyPress { key, in_read: 1 }), &mut self.paper);
        }
    }

    /// Types a text letter by letter.
    pub fn text(&mut self, text: &str) {
        use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
        for c in text.chars() {
            self.look();
            let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
            self.core
                .take(Event::Key(KeyPress { key, in_read: 1 }), &mut self.paper);
        }
    }

    /// Pastes a text, as a terminal marks it.
    pub fn paste(&mut self, text: &str) {
        self.look();
        let text = table::Text::from(text);
        self.core.take(Event::Paste(text), &mut self.paper);
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.size = (cols, rows);
        self.core.take(Event::Resize(cols, rows), &mut self.paper);
    }

    /// Takes everything that is ready, and waits for more until the screen shows `words`. `Err` is the screen as it stood.
    pub fn until(&mut self, words: &str) -> Result<(), String> {
        self.until_that(|screen| screen.contains(words))
            .map_err(|screen| format!("no {words:?} on\n{screen}"))
    }

    /// The same for any condition on the screen's text.
    pub fn until_that(&mut self, holds: impl Fn(&str) -> bool) -> Result<(), String> {
        let limit = Instant::now() + Duration::from_secs(30);
        loop {
            while let Ok(event) = self.from.try_recv() {
                self.core.take(event, &mut self.paper);
            }
            let screen = self.screen();
            if holds(&screen) {
                return Ok(());
            }
            let left = limit.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(screen);
            }
            let wish = self.core.sleep().unwrap_or(left).min(left);
            match self.from.recv_timeout(wish) {
                Ok(event) => self.core.take(event, &mut self.paper),
                Err(_) => self.core.wake(&mut self.paper),
            }
        }
    }

    /// Takes events until none has come for a moment: for pictures, where no word tells that all is there.
    pub fn settle(&mut self) {
        while let Ok(event) = self.from.recv_timeout(Duration::from_millis(400)) {
            self.core.take(event, &mut self.paper);
        }
    }

    /// The screen as drawn.
    pub fn buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        view::draw(&self.core.app, &self.core.app.theme, &mut buffer);
        buffer
    }

    /// The screen as text, a line a row.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let width = usize::from(buffer.area.width.max(1));
        let mut out = String::new();
        for row in buffer.content.chunks(width) {
            let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    pub fn stop(self) {
        self.core.stop();
    }
}
