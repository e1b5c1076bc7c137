//! Timelines at three sizes, in letters alone, and as a screen without colours has them.

use super::tests::screen;
use crate::app::App;
use crate::app::fixture::press;
use crate::app::timeline::tests::{of_device, of_user};

fn sizes(name: &str, of: fn(u16, u16) -> App, prepare: impl Fn(&mut App)) {
    for (w, h) in [(80, 24), (120, 40), (200, 50)] {
        let mut app = of(w, h);
        prepare(&mut app);
        app.toasts.seen();
        insta::assert_snapshot!(format!("timeline_{name}_{w}x{h}"), screen(&app));
    }
}

#[test]
fn a_user_with_sources_refused_and_cut() {
    sizes("user", of_user, |_| {});
}

#[test]
fn closer_around_an_event() {
    sizes("zoomed", of_user, |app| {
        press(app, "j j j + + + + + +");
    });
}

#[test]
fn a_device() {
    sizes("device", of_device, |_| {});
}

#[test]
fn letters_looked_for_sources_off_and_letters_instead_of_blocks() {
    sizes("filtered", of_user, |app| {
        app.letters = true;
        press(app, "4 / 'raj'");
    });
}

/// Any size draws, and where there is too little room nothing is drawn over anything.
#[test]
fn every_size_draws() {
    for w in [1, 10, 19, 20, 40, 79, 121] {
        for h in [1, 4, 6, 8, 12, 20, 31] {
            let mut app = of_user(80, 24);
            app.update(crate::app::fixture::at(2), crate::msg::Event::Resize(w, h));
            let _ = screen(&app);
        }
    }
}
