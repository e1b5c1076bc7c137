//! Consent that was given a moment ago: what was refused for want of a permission is asked for again, counted down, until
//! it is there (S4-20, S4-21). A token tells what was consented to when it was made, so each try begins with a new one.
//!
//! It begins where a person wants something and is refused, or refreshes a list that was; it ends with success, or when
//! consent that was given would long be known.

use super::App;
use super::keymap::Bound;
use crate::model::{FaultKind, Grant, Kind, Service};
use crate::msg::{Effect, Level, Request, SignInStep, Slot};
use crate::verb::Verb;
use std::time::Duration;

/// From one try to the next.
const PAUSE: Duration = Duration::from_secs(15);
/// New consent is known everywhere by then, as a rule.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// What is waited for.
#[derive(Clone, Copy, Debug)]
enum Want {
    List(Kind),
    Verb(&'static Verb, Kind),
}

/// A wait for a permission.
#[derive(Debug)]
pub struct Awaited {
    want: Want,
    service: Service,
    /// When it is asked again.
    next: Duration,
    until: Duration,
    /// The second that was drawn.
    drawn: u64,
}

impl Awaited {
    fn name(&self) -> String {
        match self.want {
            Want::List(kind) => crate::resource::spec(kind).title.to_lowercase(),
            Want::Verb(verb, _) => verb.name.to_owned(),
        }
    }

    fn is(&self, want: Want) -> bool {
        match (self.want, want) {
            (Want::List(a), Want::List(b)) => a == b,
            (Want::Verb(a, of), Want::Verb(b, on)) => a.name == b.name && of == on,
            _ => false,
        }
    }
}

/// What is said with the refusal.
const NOTE: &str = "; consent that was just given may take minutes: it is asked again by itself";

/// Somebody wanted this and was told `why` not: if a permission is missing, it may be on its way. What to say of that.
pub fn refused(app: &mut App, bound: Bound, why: &str, fx: &mut Vec<Effect>) -> &'static str {
    let list = (0..app.panes.len()).find(|n| app.usable(*n).is_err_and(|w| w == why));
    let want = match (list.and_then(|n| app.panes.get(n)), bound) {
        (Some(pane), _) if !app.is_off(pane.spec.title) => Want::List(pane.spec.kind),
        (None, Bound::Verb(verb)) => match app.subject() {
            Some(key) if verb.kinds.contains(&key.kind) => Want::Verb(verb, key.kind),
            _ => return "",
        },
        _ => return "",
    };
    match begin(app, want, fx) {
        true => NOTE,
        false => "",
    }
}

/// A person refreshes the list in front: one that was refused may be there by now.
pub fn refreshed(app: &mut App, fx: &mut Vec<Effect>) {
    let pane = app.pane();
    let fault = pane.fault.as_ref();
    let forbidden =
        fault.is_some_and(|f| f.kind == FaultKind::Forbidden && !f.permissions.is_empty());
    if forbidden || lacks(app, Want::List(pane.spec.kind)) {
        let (kind, title) = (pane.spec.kind, pane.spec.title.to_lowercase());
        if begin(app, Want::List(kind), fx) {
            let text = format!("{title}{NOTE}");
            app.toasts.push(app.now, Level::Info, text);
        }
    }
}

/// The tokens at hand do not show the permission, or the service refused for want of it.
fn lacks(app: &App, want: Want) -> bool {
    let missing = |service, any: &[&str]| {
        matches!(app.grants.any(service, any), Grant::NotSeen | Grant::Denied)
    };
    match want {
        Want::List(kind) => {
            let spec = crate::resource::spec(kind);
            missing((spec.listing.list)(None).service, spec.needs)
        }
        Want::Verb(verb, kind) => {
            let needs = (verb.needs)(kind);
            missing(needs.service, needs.any)
                || (!needs.also.is_empty() && missing(needs.service, needs.also))
        }
    }
}

/// True: it is waited for from now on.
fn begin(app: &mut App, want: Want, fx: &mut Vec<Effect>) -> bool {
    let service = match want {
        Want::List(kind) => (crate::resource::spec(kind).listing.list)(None).service,
        Want::Verb(verb, kind) => (verb.needs)(kind).service,
    };
    let refused = matches!(want, Want::List(kind) if is_refused(app, kind));
    if app.session.is_none() || app.commanded || !(lacks(app, want) || refused) {
        return false;
    }
    if app.awaited.as_ref().is_some_and(|a| a.is(want)) {
        return false;
    }
    let now = app.now.mono;
    app.awaited = Some(Awaited {
        want,
        service,
        next: now + PAUSE,
        until: now + PATIENCE,
        drawn: 0,
    });
    ask(app, service, want, fx);
    true
}

/// A new token, and with it the list once more.
fn ask(app: &mut App, service: Service, want: Want, fx: &mut Vec<Effect>) {
    // a person who is just signing in is not disturbed
    if app.status.sign_in.is_none() {
        app.tell(SignInStep::Anew(service), fx);
    }
    if let Want::List(kind) = want
        && !lacks(app, want)
    {
        app.fill(kind, fx);
        if let Some(ticket) = app.tickets.current(&Slot::Sync(kind)) {
            fx.push(Effect::Ask(ticket, Request::Refresh { kind }));
        }
    }
}

fn is_refused(app: &App, kind: Kind) -> bool {
    let pane = app.panes.iter().find(|p| p.spec.kind == kind);
    let fault = pane.and_then(|p| p.fault.as_ref());
    fault.is_some_and(|f| f.kind == FaultKind::Forbidden)
}

/// After any event: it is there, or it is time to ask again. True: the countdown moved.
pub fn turn(app: &mut App, fx: &mut Vec<Effect>) -> bool {
    if app.is_locked() {
        app.awaited = None;
    }
    let Some(awaited) = &app.awaited else {
        return false;
    };
    let (want, service, now) = (awaited.want, awaited.service, app.now.mono);
    let there = match want {
        _ if lacks(app, want) => false,
        Want::Verb(..) => true,
        // the token shows it; the service itself has the last word
        Want::List(kind) => {
            app.fill(kind, fx);
            let pane = app.panes.iter().find(|p| p.spec.kind == kind);
            pane.is_some_and(|p| p.fault.is_none() && p.progress.as_of.is_some() && !p.cached)
        }
    };
    let Some(awaited) = &mut app.awaited else {
        return false;
    };
    let name = awaited.name();
    if there {
        app.awaited = None;
        let text = format!("{name}: the permission is there now");
        app.toasts.push(app.now, Level::Info, text);
        return true;
    }
    if now >= awaited.until {
        app.awaited = None;
        let text = format!(
            "{name}: still refused after {} minutes; `watchfloor permissions --missing` says what lacks",
            PATIENCE.as_secs() / 60
        );
        app.toasts.push(app.now, Level::Warn, text);
        return true;
    }
    if now >= awaited.next {
        awaited.next = now + PAUSE;
        ask(app, service, want, fx);
        return true;
    }
    let left = (awaited.next - now).as_secs();
    std::mem::replace(&mut awaited.drawn, left) != left
}

/// When the countdown moves next.
pub fn next(app: &App) -> Option<Duration> {
    let awaited = app.awaited.as_ref()?;
    let left = awaited.next.saturating_sub(app.now.mono);
    // whole seconds before the try
    let part = Duration::from_nanos((left.as_nanos() % 1_000_000_000) as u64);
    let step = if part.is_zero() {
        Duration::from_secs(1)
    } else {
        part
    };
    Some(app.now.mono + step.min(left))
}

/// `devices: asked again in 12 s`, while something is waited for.
pub fn words(app: &App) -> Option<String> {
    let awaited = app.awaited.as_ref()?;
    let left = awaited
        .next
        .saturating_sub(app.now.mono)
        .as_secs_f64()
        .ceil();
    Some(format!("{}: asked again in {left} s", awaited.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::entities;
    use crate::app::fixture::*;
    use crate::app::tests::{asked, log};
    use crate::model::{Fault, Grants};
    use crate::msg::{Body, Event, News, Reply};

    fn only(service: Service, names: &[&str]) -> Grants {
        let mut grants = Grants::default();
        for s in Service::ALL {
            grants.token(*s, Some(Vec::new()));
        }
        grants.token(service, Some(names.iter().map(|n| (*n).into()).collect()));
        grants
    }

    fn anew(fx: &[Effect]) -> bool {
        fx.iter().any(|e| {
            matches!(
                e,
                Effect::Ask(_, Request::SignIn(SignInStep::Anew(Service::Defender)))
            )
        })
    }

    fn app_without_devices() -> App {
        let mut app = filled(100, 24);
        let grants = only(
            Service::Graph,
            &["SecurityIncident.Read.All", "SecurityAlert.Read.All"],
        );
        app.update(at(0), Event::News(News::Session(session(), grants)));
        app
    }

    /// S4-20, S4-21, S3-8: from the refusal over the countdown to the rows, without a restart.
    #[test]
    fn what_was_refused_is_counted_down_and_asked_again_until_rows_come() {
        let mut app = app_without_devices();
        let fx = press(&mut app, "3");
        assert!(
            anew(&fx),
            "a token tells what was consented to when it was made"
        );
        assert!(log(&app).contains("may take minutes"), "{}", log(&app));
        assert_eq!(words(&app).unwrap(), "devices: asked again in 15 s");
        // it moves with the seconds, and nothing is asked meanwhile
        let fx = app.update(at(5), Event::Wake);
        assert!(app.dirty && !anew(&fx));
        assert_eq!(words(&app).unwrap(), "devices: asked again in 11 s");
        assert!(
            fx.iter()
                .any(|e| matches!(e, Effect::WakeAt(d) if *d == Duration::from_secs(6)))
        );
        assert!(anew(&app.update(at(16), Event::Wake)));
        // the token has it now; the service still refuses
        let mut grants = only(Service::Defender, &["Machine.Read.All"]);
        grants.token(
            Service::Graph,
            Some(vec!["SecurityIncident.Read.All".into()]),
        );
        let fx = app.update(at(17), Event::News(News::Session(session(), grants)));
        assert!(asked(&fx, &Slot::Sync(Kind::Device)), "{fx:?}");
        let mut fault = Fault::new(FaultKind::Forbidden, "an API permission is missing");
        fault.permissions = vec!["Machine.Read.All".into()];
        let ticket = app.tickets.current(&Slot::Sync(Kind::Device)).unwrap();
        let reply = Reply {
            ticket,
            last: false,
            body: Body::Fault(fault),
        };
        app.update(at(18), Event::Reply(reply));
        assert!(words(&app).is_some());
        let fx = app.update(at(31), Event::Wake);
        let again =
            |e: &Effect| matches!(e, Effect::Ask(_, Request::Refresh { kind: Kind::Device }));
        assert!(anew(&fx) && fx.iter().any(again), "{fx:?}");
        // and then it does not
        entities::fill(&mut app, Kind::Device, &[entities::device()], true);
        assert!(words(&app).is_none());
        assert!(
            log(&app).contains("the permission is there now"),
            "{}",
            log(&app)
        );
        assert!(!anew(&app.update(at(46), Event::Wake)));
    }

    #[test]
    fn it_ends_when_consent_would_long_be_known() {
        let mut app = app_without_devices();
        press(&mut app, "3");
        let mut asked = 0;
        for second in 1..=700 {
            asked += usize::from(anew(&app.update(at(second), Event::Wake)));
        }
        assert!(
            words(&app).is_none() && (38..=40).contains(&asked),
            "{asked}"
        );
        assert!(log(&app).contains("permissions --missing"), "{}", log(&app));
    }

    /// S4-20: a verb, too, appears when its permission does.
    #[test]
    fn a_verb_that_lacks_its_permission_is_waited_for() {
        let mut app = app_without_devices();
        let fx = press(&mut app, "t");
        let graph = |e: &Effect| {
            matches!(
                e,
                Effect::Ask(_, Request::SignIn(SignInStep::Anew(Service::Graph)))
            )
        };
        assert!(fx.iter().any(graph), "{}", log(&app));
        assert!(words(&app).unwrap().starts_with("take: "));
        let grants = only(
            Service::Graph,
            &["SecurityIncident.ReadWrite.All", "SecurityAlert.Read.All"],
        );
        app.update(at(2), Event::News(News::Session(session(), grants)));
        assert!(words(&app).is_none());
        let fx = press(&mut app, "t");
        assert!(
            fx.iter()
                .any(|e| matches!(e, Effect::Ask(_, Request::Run(_))))
        );
    }

    #[test]
    fn what_is_no_matter_of_permissions_waits_for_nothing() {
        let mut app = filled(100, 24);
        app.off = vec!["devices".into()];
        press(&mut app, "3");
        assert!(words(&app).is_none());
    }
}
