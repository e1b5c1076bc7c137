//! The screen at three sizes, with a fixed clock and rows made by hand.

use super::draw;
use crate::app::App;
use crate::app::fixture::*;
use crate::model::{Fault, FaultKind, Kind, Service};
use crate::msg::{Body, Event, Level, News, Origin, Reply, Slot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn screen(app: &App) -> String {
    let mut buf = Buffer::empty(Rect::new(0, 0, app.size.0, app.size.1));
    let caret = draw(app, &app.theme, &mut buf);
    let mut out = text(&buf);
    if let Some((x, y)) = caret {
        out.push_str(&format!("cursor at {x},{y}\n"));
    }
    out
}

/// The buffer as text, a line a row, blanks at the ends of lines removed.
fn text(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buf.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[test]
fn the_list_at_three_sizes() {
    for (w, h) in [(80, 24), (120, 40), (40, 12)] {
        insta::assert_snapshot!(format!("list_{w}x{h}"), screen(&filled(w, h)));
    }
}

fn sizes(name: &str, prepare: impl Fn(&mut App)) {
    for (w, h) in [(80, 24), (120, 40), (40, 12)] {
        let mut app = filled(w, h);
        prepare(&mut app);
        insta::assert_snapshot!(format!("{name}_{w}x{h}"), screen(&app));
    }
}

/// S4-17: a lock beside the option, and below it who decided.
#[test]
fn a_locked_option_has_a_lock_and_its_source() {
    let mut app = filled(80, 24);
    let locked = [("lock-after".to_owned(), 10.into())];
    app.settings.lock(&locked.into());
    press(&mut app, ": 'setting lock-after' Enter");
    let of = |app: &App| {
        let all = screen(app);
        let row = all.lines().find(|l| l.contains("lock-after")).unwrap();
        (row.to_owned(), all.clone())
    };
    let (row, all) = of(&app);
    assert!(row.contains('🔒'), "{row}");
    assert!(all.contains("/etc/watchfloor/policy.toml"), "{all}");
    app.letters = true;
    let (row, _) = of(&app);
    assert!(row.contains(" L ") && !row.contains('🔒'), "{row}");
}

#[test]
fn a_filter_with_a_problem_and_with_completions() {
    sizes("filter_problem", |app| {
        press(app, "/ 'sevv:high inbox '");
    });
    sizes("filter_menu", |app| {
        press(app, "/ 'st' Tab");
    });
}

#[test]
fn groups_with_counts_one_of_them_folded() {
    sizes("groups", |app| {
        press(app, "b 'sev' Enter g g j j z");
    });
}

#[test]
fn palette_help_settings_columns_and_which_key() {
    sizes("palette", |app| {
        press(app, ": 'tak'");
    });
    sizes("help", |app| {
        press(app, "?");
    });
    sizes("settings", |app| {
        press(app, ", j");
    });
    sizes("columns", |app| {
        press(app, "C j j");
    });
    sizes("views", |app| {
        press(app, "v");
    });
    sizes("which_key", |app| {
        key(app, at(10), "g");
        app.update(at(11), Event::Wake);
    });
}

#[test]
fn what_waits_what_is_hidden_and_what_went_wrong() {
    sizes("news", |app| {
        press(
            app,
            ": 'setting ignore-statuses' Enter Enter 'resolved' Enter Esc Esc",
        );
        let new: Vec<_> = (0..7)
            .map(|n| incident(4800 + n, "high", "active", "", "new", "-1m"))
            .collect();
        give(
            app,
            at(30),
            page(Kind::Incident, &new, Origin::Poll, 37, 37),
        );
        let ticket = app.tickets.current(&Slot::Sync(Kind::Incident)).unwrap();
        let fault = Fault::new(FaultKind::Server, "the service is unavailable")
            .on(Service::Graph)
            .status(503);
        app.update(
            at(31),
            Event::Reply(Reply {
                ticket,
                last: false,
                body: Body::Fault(fault),
            }),
        );
        app.update(
            at(32),
            Event::News(News::Notice {
                level: Level::Warn,
                text: "the cache was set aside and is filled again".into(),
            }),
        );
        app.update(at(200), Event::Wake);
        app.update(
            at(201),
            Event::News(News::Throttled {
                service: Service::Graph,
                until: at(261).wall,
            }),
        );
    });
}

#[test]
fn half_loaded_and_of_the_last_run() {
    for (w, h) in [(80, 24), (40, 12)] {
        let mut half = app(w, h);
        give(
            &mut half,
            at(0),
            page(Kind::Incident, &incidents(), Origin::Fill, 1400, 1987),
        );
        insta::assert_snapshot!(format!("half_{w}x{h}"), screen(&half));
        let mut cached = App::new(at(0), (w, h));
        cached.start();
        give(
            &mut cached,
            at(0),
            page(Kind::Incident, &incidents(), Origin::Cache, 30, 30),
        );
        insta::assert_snapshot!(format!("cached_{w}x{h}"), screen(&cached));
    }
}

#[test]
fn demo_has_its_own_word_and_frame_at_every_size() {
    let mut session = session();
    session.demo = true;
    for (w, h) in [(80, 24), (40, 12)] {
        let mut app = filled(w, h);
        app.update(at(0), Event::News(News::Session(session.clone(), grants())));
        let text = screen(&app);
        assert!(text.lines().next().unwrap().contains("DEMO"), "{text}");
        insta::assert_snapshot!(format!("demo_{w}x{h}"), text);
        // no theme takes it away
        for (name, _) in crate::config::theme::BUILT_IN {
            let (theme, _) = crate::config::theme::Theme::load(name, &[], false);
            let mut buf = Buffer::empty(Rect::new(0, 0, w, h));
            draw(&app, &theme, &mut buf);
            let x = (0..w).find(|x| buf[(*x, 0)].symbol() == "D").unwrap();
            assert_eq!(
                buf[(x, 0)].style().bg,
                crate::config::theme::Theme::DEMO.bg,
                "{name}"
            );
        }
    }
}

#[test]
fn every_size_is_drawn_with_every_box_open() {
    for keys in [
        "",
        "/ 'st' Tab",
        ":",
        "?",
        ",",
        "C",
        "v",
        "S",
        "b 'sev' Enter",
        "Enter",
        "g",
    ] {
        let mut app = filled(80, 24);
        press(&mut app, keys);
        for w in [
            0, 1, 2, 5, 20, 39, 40, 41, 60, 79, 80, 100, 109, 110, 111, 140, 250,
        ] {
            for h in [0, 1, 2, 3, 5, 8, 12, 24, 50, 80] {
                app.update(at(20), Event::Resize(w, h));
                let mut buf = Buffer::empty(Rect::new(0, 0, w, h));
                let caret = draw(&app, &app.theme, &mut buf);
                if let Some((x, y)) = caret {
                    assert!(x < w && y < h, "{keys} {w}x{h}: cursor at {x},{y}");
                }
            }
        }
    }
}

/// Headings stand over their cells, and rows over each other, at every width.
#[test]
fn columns_are_aligned_at_every_width() {
    let app = filled(80, 24);
    for w in 40..=250u16 {
        let widths = super::cells::widths(app.pane(), w - 1);
        let total: u16 = widths.iter().map(|(_, w)| w + 1).sum();
        assert!(total <= w, "{w}: {widths:?}");
        assert!(widths.len() >= 3, "{w}: {widths:?}");
        let title = app.pane().spec.name_column;
        let title = widths
            .iter()
            .find(|(c, _)| *c == title)
            .map_or(0, |(_, w)| *w);
        let least = if w < 80 { 12 } else { 34 };
        assert!(title >= least, "{w}: the title has {title}");
    }
}

/// With verbs in the footer, filter and find still stand there at 80 columns.
#[test]
fn the_footer_keeps_filter_and_find() {
    let text = screen(&filled(80, 24));
    let foot = text.lines().last().unwrap_or_default();
    for word in ["t take", "/ filter", "f find", ": palette", "? help"] {
        assert!(foot.contains(word), "{word} not in {foot}");
    }
}

/// A move changes the mark in the gutter and nothing else: two cells.
#[test]
fn a_move_changes_two_cells() {
    let mut app = filled(120, 40);
    let draw_it = |app: &App| {
        let mut buf = Buffer::empty(Rect::new(0, 0, 120, 40));
        draw(app, &app.theme, &mut buf);
        buf
    };
    press(&mut app, "j");
    let before = draw_it(&app);
    press(&mut app, "j");
    let changed = before.diff(&draw_it(&app)).len();
    assert_eq!(changed, 2);
}

/// What severity and state a row has is told without colours.
#[test]
fn severity_and_state_are_words() {
    let app = filled(80, 24);
    let text = screen(&app);
    for word in ["high", "med", "low", "info", "active", "inProg", "done"] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn hostile_text_draws_as_code_points_and_never_as_itself() {
    let app = filled(120, 40);
    let text = screen(&app);
    assert!(text.contains("⟨202E⟩evil⟨001B⟩[31m"));
    assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'));
}

#[test]
fn without_permission_the_screen_says_which_one_is_missing() {
    use crate::model::Grants;
    for (w, h) in [(80, 24), (40, 12)] {
        let mut app = App::new(at(0), (w, h));
        app.start();
        let mut none = Grants::default();
        for service in Service::ALL {
            none.token(*service, Some(vec!["CloudApp-Discovery.Read.All".into()]));
        }
        app.update(at(0), Event::News(News::Session(session(), none)));
        let text = screen(&app);
        insta::assert_snapshot!(format!("no_permission_{w}x{h}"), text);
        assert_eq!(
            text.matches("needs SecurityIncident").count(),
            1,
            "said once"
        );
        assert!(
            !text.contains("· 0"),
            "nothing is known of a list never read"
        );
    }
}

/// S3-2: whether an app or a person is signed in.
#[test]
fn app_only_and_read_only_are_said() {
    let mut s = session();
    s.mode = crate::model::Mode::AppOnly;
    s.me = None;
    s.read_only = Some("this tenant is configured read-only".into());
    let mut app = filled(120, 40);
    app.update(at(0), Event::News(News::Session(s, grants())));
    let text = screen(&app);
    let head = text.lines().next().unwrap();
    for word in ["contoso-prod", "app", "no analyst", "read-only"] {
        assert!(head.contains(word), "{word} not in {head}");
    }
}
