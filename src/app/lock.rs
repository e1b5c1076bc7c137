//! The idle lock: nobody pressed a key for a while, so the screen shows nothing of the tenant and the tokens are dropped.
//!
//! What was sent is followed further and hunts go on; what is counted down is taken back, and sets end, since a
//! confirmation does not outlive the person's presence. A suspend, and a clock that jumps (a laptop that slept), lock too.

use super::{App, prompt, runs};
use crate::model::time::SECOND;
use crate::msg::{Effect, Event, Now, Request, SignInStep, Slot};
use crossterm::event::KeyCode;
use std::time::Duration;

/// The wall's clock may run ahead of ours by so much from one event to the next before it counts as a jump.
const JUMP: i64 = 120 * SECOND;

/// Since when nobody pressed a key.
#[derive(Debug, Default)]
pub struct Idle {
    /// The last key; none = nothing happened yet.
    since: Option<Now>,
    /// The last event of any kind.
    last: Option<Now>,
    locked: bool,
}

impl App {
    /// The screen is hidden.
    pub fn is_locked(&self) -> bool {
        self.idle.locked
    }

    fn lock_after(&self) -> Option<Duration> {
        let minutes = self.settings.lock_after;
        (minutes > 0).then(|| Duration::from_secs(60 * u64::from(minutes)))
    }

    /// When the lock falls, unless a key comes.
    pub(super) fn lock_at(&self) -> Option<Duration> {
        let (after, since) = (self.lock_after()?, self.idle.since?);
        (!self.idle.locked).then_some(since.mono + after)
    }

    /// Looks at an event before anything else does. True: the lock keeps it from everybody else.
    pub(super) fn guarded(&mut self, event: &Event, fx: &mut Vec<Effect>) -> bool {
        let now = self.now;
        let before = self.idle.last.replace(now);
        let input = matches!(event, Event::Key(_) | Event::Mouse(_) | Event::Paste(_));
        let Some(after) = self.lock_after() else {
            self.idle.since = Some(now);
            return false;
        };
        if !self.idle.locked {
            let jumped = before.is_some_and(|b| {
                let mono = i64::try_from((now.mono.saturating_sub(b.mono)).as_nanos() / 100);
                now.wall.0 - b.wall.0 - mono.unwrap_or(i64::MAX) > JUMP
            });
            let since = *self.idle.since.get_or_insert(now);
            let idle = now.mono.saturating_sub(since.mono) >= after;
            if jumped || idle || matches!(event, Event::Resumed) {
                self.lock(fx);
            } else if input {
                self.idle.since = Some(now);
            }
        }
        if !self.idle.locked {
            return false;
        }
        if let Event::Key(press) = event
            && press.key.code == KeyCode::Enter
            && before.is_some()
            && !self.idle.fresh(now, before)
        {
            self.unlock(fx);
        }
        input
    }

    fn lock(&mut self, fx: &mut Vec<Effect>) {
        self.idle.locked = true;
        self.idle.since = Some(self.now);
        self.chord.clear();
        prompt::cancel_all(self, "the screen was locked", fx);
        runs::stop_all(self, fx);
        self.tell(SignInStep::Lock, fx);
    }

    fn unlock(&mut self, fx: &mut Vec<Effect>) {
        self.idle.locked = false;
        self.idle.since = Some(self.now);
        self.tell(SignInStep::Unlock, fx);
        fx.push(Effect::Repaint);
    }

    pub(super) fn tell(&mut self, step: SignInStep, fx: &mut Vec<Effect>) {
        let ticket = self.tickets.issue(Slot::SignIn);
        fx.push(Effect::Ask(ticket, Request::SignIn(step)));
    }
}

impl Idle {
    /// The lock fell with this very event: its key was meant for something else.
    fn fresh(&self, now: Now, before: Option<Now>) -> bool {
        self.since == Some(now) && before != Some(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::model::Ticks;
    use crate::msg::KeyPress;
    use crossterm::event::{KeyEvent, KeyModifiers};

    fn at(seconds: u64) -> Now {
        apart(seconds, 0)
    }

    fn apart(seconds: u64, ahead: i64) -> Now {
        Now {
            mono: Duration::from_secs(seconds),
            wall: Ticks(SECOND * (1_000_000 + seconds as i64 + ahead)),
        }
    }

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyPress {
            key: KeyEvent::new(code, KeyModifiers::NONE),
            in_read: 1,
        })
    }

    fn app() -> App {
        let mut app = fixture::app(100, 30);
        app.settings.lock_after = 5;
        app.update(at(0), key(KeyCode::Char('j')));
        app
    }

    fn step(fx: &[Effect]) -> Option<&SignInStep> {
        fx.iter().find_map(|e| match e {
            Effect::Ask(_, Request::SignIn(step)) => Some(step),
            _ => None,
        })
    }

    #[test]
    fn after_its_time_the_screen_is_hidden_and_enter_alone_opens_it() {
        let mut app = app();
        let fx = app.update(at(200), key(KeyCode::Char('j')));
        assert!(step(&fx).is_none() && !app.is_locked());
        // the wake that was asked for is at the lock's own time, or before
        assert_eq!(app.lock_at(), Some(Duration::from_secs(500)));
        let fx = app.update(at(500), Event::Wake);
        assert!(app.is_locked() && matches!(step(&fx), Some(SignInStep::Lock)));
        let (tab, overlays) = (app.active, app.overlays.len());
        for code in [
            KeyCode::Char('2'),
            KeyCode::Char('q'),
            KeyCode::Char(':'),
            KeyCode::Esc,
        ] {
            let fx = app.update(at(510), key(code));
            assert!(app.is_locked() && !fx.iter().any(|e| matches!(e, Effect::Quit)));
        }
        assert_eq!((app.active, app.overlays.len()), (tab, overlays));
        let fx = app.update(at(520), key(KeyCode::Enter));
        assert!(!app.is_locked() && matches!(step(&fx), Some(SignInStep::Unlock)));
        assert_eq!(app.overlays.len(), overlays, "Enter did nothing else");
    }

    #[test]
    fn a_key_that_comes_too_late_is_not_acted_on_and_does_not_open() {
        let mut app = app();
        app.update(at(900), key(KeyCode::Enter));
        assert!(app.is_locked());
        app.update(at(901), key(KeyCode::Enter));
        assert!(!app.is_locked());
    }

    #[test]
    fn a_laptop_that_slept_and_a_suspend_lock() {
        let mut app = app();
        app.update(apart(10, 3600), Event::Wake);
        assert!(app.is_locked());
        let mut app = self::app();
        app.update(at(10), Event::Resumed);
        assert!(app.is_locked());
    }

    #[test]
    fn the_credential_for_writes_is_let_go_when_the_person_goes_elsewhere() {
        let mut app = app();
        let quiet = app.update(at(1), Event::Behind);
        assert!(step(&quiet).is_none(), "there is none");
        app.session.as_mut().unwrap().writer = Some("w".into());
        for event in [Event::Behind, Event::Away] {
            let fx = app.update(at(2), event);
            assert!(matches!(step(&fx), Some(SignInStep::Away)));
        }
    }

    #[test]
    fn without_a_time_nothing_locks() {
        let mut app = app();
        app.settings.lock_after = 0;
        app.update(apart(90_000, 9_000), Event::Resumed);
        assert!(!app.is_locked() && app.lock_at().is_none());
    }
}
