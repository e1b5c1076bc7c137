//! The screen's side by itself, signed in: events go in, frames come out encoded.

// each bench takes what it needs
#![allow(dead_code)]

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::{Duration, Instant};
use watchfloor::app::App;
use watchfloor::model::{Grants, Mode, Service, Session, Ticks};
use watchfloor::msg::{Effect, Event, News, Now};
use watchfloor::term::{Caps, Wire};
use watchfloor::view;

const SIZE: (u16, u16) = (120, 40);

pub struct Console {
    pub app: App,
    wire: Wire,
    buffer: Buffer,
    out: Vec<u8>,
    start: Instant,
    pub wall: Ticks,
}

impl Console {
    pub fn new() -> Self {
        let wall = Ticks::parse("2026-08-01T12:04:05Z").unwrap();
        let now = Now {
            mono: Duration::ZERO,
            wall,
        };
        let caps = Caps::guess(|name| (name == "TERM").then(|| "xterm-256color".to_owned()));
        let mut console = Self {
            app: App::new(now, SIZE),
            wire: Wire::new(caps),
            buffer: Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1)),
            out: Vec::new(),
            start: Instant::now(),
            wall,
        };
        console.app.start();
        let mut grants = Grants::default();
        for service in Service::ALL {
            grants.token(*service, None);
        }
        let session = Session {
            tenant: "contoso-prod".into(),
            tenant_id: "t".into(),
            mode: Mode::Delegated,
            principal: "p".into(),
            me: Some("ana@contoso.com".into()),
            demo: false,
            read_only: None,
            writer: None,
            guards: Default::default(),
        };
        console.update(Event::News(News::Session(session, grants)));
        console
    }

    /// One event, and what it asks for.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let now = Now {
            mono: self.start.elapsed(),
            wall: self.wall,
        };
        self.app.update(now, event)
    }

    pub fn draw(&mut self) {
        self.buffer.reset();
        let cursor = view::draw(&self.app, &self.app.theme, &mut self.buffer);
        self.out.clear();
        self.wire.draw(&self.buffer, cursor, &mut self.out);
    }
}
