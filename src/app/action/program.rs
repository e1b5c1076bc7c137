//! What belongs to the program: tabs, palette, help, messages, leaving.

use super::{Action, Place, ROW};
use crate::app::App;
use crate::app::help::Help;
use crate::app::log::Log;
use crate::app::overlay::Overlay;
use crate::app::{
    cloud_apps, health, logs, neighbours, options, palette, posture, queue, quit, runs, set_up,
    tenants,
};
use crate::model::Kind;
use crate::msg::Effect;

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "incidents", keys: &["1"], help: "tab of incidents", run: |a, fx| a.tab(0, fx), able: |a| a.usable(0), ..ROW },
    Action { name: "alerts", keys: &["2"], help: "tab of alerts", run: |a, fx| a.tab(1, fx), able: |a| a.usable(1), ..ROW },
    Action { name: "devices", keys: &["3"], help: "tab of devices", run: |a, fx| a.tab(2, fx), able: |a| a.usable(2), ..ROW },
    Action { name: "users", keys: &["4"], help: "tab of users", run: |a, fx| a.tab(3, fx), able: |a| a.usable(3), ..ROW },
    Action { name: "posture", keys: &["7"], help: "tab of the secure score and of exposure; again: its next list", run: |a, fx| posture::open(a, fx), able: posture::able, ..ROW },
    Action { name: "secure score controls", help: "list of controls: points to gain, cost, impact, state", run: |a, fx| posture::page(a, Kind::Control, fx), ..ROW },
    Action { name: "secure score days", help: "the secure score day by day, as a chart and as rows", run: |a, fx| posture::page(a, Kind::Score, fx), ..ROW },
    Action { name: "vulnerabilities", help: "list of vulnerabilities with exploits and exposed devices", run: |a, fx| posture::page(a, Kind::Vulnerability, fx), ..ROW },
    Action { name: "software", help: "list of software with weaknesses and support", run: |a, fx| posture::page(a, Kind::Software, fx), ..ROW },
    Action { name: "recommendations", help: "list of security recommendations", run: |a, fx| posture::page(a, Kind::Recommendation, fx), ..ROW },
    Action { name: "exposed devices", help: "which device has which software and vulnerability", run: |a, fx| posture::page(a, Kind::Exposed, fx), ..ROW },
    Action { name: "remediation tasks", help: "list of what the owners of devices were asked to mend, until when, and how far it is", run: |a, fx| posture::page(a, Kind::Task, fx), ..ROW },
    Action { name: "device scores", help: "the exposure and configuration score day by day, as far back as they were read here", run: |a, fx| posture::page(a, Kind::DeviceScore, fx), ..ROW },
    Action { name: "actions of all", keys: &["8"], help: "tab of actions: in flight and done, ours and everyone's", run: |a, fx| a.tab(4, fx), able: |a| a.usable(4), ..ROW },
    Action { name: "indicators", keys: &["9"], help: "tab of indicators: what is blocked, watched or let through", run: |a, fx| a.tab(5, fx), able: |a| a.usable(5), ..ROW },
    Action { name: "tab 1", keys: &["Alt-1"], help: "incidents, also while typing", place: Place::Typing, run: |a, fx| a.tab(0, fx), able: |a| a.usable(0), ..ROW },
    Action { name: "tab 2", keys: &["Alt-2"], help: "alerts, also while typing", place: Place::Typing, run: |a, fx| a.tab(1, fx), able: |a| a.usable(1), ..ROW },
    Action { name: "tab 3", keys: &["Alt-3"], help: "devices, also while typing", place: Place::Typing, run: |a, fx| a.tab(2, fx), able: |a| a.usable(2), ..ROW },
    Action { name: "tab 4", keys: &["Alt-4"], help: "users, also while typing", place: Place::Typing, run: |a, fx| a.tab(3, fx), able: |a| a.usable(3), ..ROW },
    Action { name: "tab 7", keys: &["Alt-7"], help: "posture, also while typing", place: Place::Typing, run: |a, fx| posture::open(a, fx), able: posture::able, ..ROW },
    Action { name: "tab 8", keys: &["Alt-8"], help: "actions, also while typing", place: Place::Typing, run: |a, fx| a.tab(4, fx), able: |a| a.usable(4), ..ROW },
    Action { name: "tab 9", keys: &["Alt-9"], help: "indicators, also while typing", place: Place::Typing, run: |a, fx| a.tab(5, fx), able: |a| a.usable(5), ..ROW },
    Action { name: "logs", keys: &["6"], help: "tab of logs: what was done in Entra, Exchange, SharePoint, Teams and the rest", run: |a, fx| logs::tab(a, Kind::Record, fx), able: logs::able, ..ROW },
    Action { name: "tab 6", keys: &["Alt-6"], help: "logs, also while typing", place: Place::Typing, run: |a, fx| logs::tab(a, Kind::Record, fx), able: logs::able, ..ROW },
    Action { name: "content types", keys: &["g k"], help: "sources of the logs: content types, sign-ins, directory audits, searches; which bring something, and how completely each day was read", run: |a, fx| logs::show(a, Kind::Feed, fx), able: logs::able, ..ROW },
    Action { name: "audit search", keys: &["g f"], help: "search the audit log at the service, months back: who, what, where, from, to; what it finds comes into the logs", run: logs::search, able: logs::able_search, ..ROW },
    Action { name: "neighbours", keys: &[], help: "what each integration brought in the last day, or that no API tells; how each is connected; how long data stays", run: neighbours::open, able: App::hunts, ..ROW },
    Action { name: "unsanctioned apps", keys: &[], help: "unsanctioned apps and the domains that each of them has blocked", run: cloud_apps::unsanctioned, able: |a| a.usable_kind(Kind::Indicator), ..ROW },
    Action { name: "enforcement review", keys: &[], help: "what these indicators touch: names, devices, and which devices would not block", menu: Some(('r', &[Kind::Indicator])), run: cloud_apps::review, able: cloud_apps::reviewable, ..ROW },
    Action { name: "cloud apps alerts", keys: &[], help: "alerts as Cloud Apps tells them by its own API: accounts, apps, policies", run: |a, fx| a.to_kind(Kind::CloudAlert, fx), able: |a| a.usable_kind(Kind::CloudAlert), ..ROW },
    Action { name: "cloud apps activities", keys: &[], help: "what accounts did in cloud apps, by the API of Cloud Apps", run: |a, fx| a.to_kind(Kind::CloudActivity, fx), able: |a| a.usable_kind(Kind::CloudActivity), ..ROW },
    Action { name: "tenant", keys: &["g t"], help: "another tenant, found by letters of its name; each keeps its lists, queries and places", able: App::has_others, run: |a, _| tenants::pick(a), ..ROW },
    Action { name: "all tenants", keys: &["g Q"], help: "the incidents of all tenants in one list, and how each tenant stands; Enter goes there", able: App::has_others, run: |a, fx| queue::open(a, fx), ..ROW },
    Action { name: "set up tenant", keys: &["g N"], help: "set up a tenant, or change one: modules, permissions, consent, a test of each API; saves what works", run: |a, fx| set_up::open(a, fx), ..ROW },
    Action { name: "advisories", keys: &["g v"], help: "what Microsoft says of the health of its services: what goes on, and what is over", run: health::show, able: |a| a.usable_kind(Kind::Issue), ..ROW },
    Action { name: "announcements", keys: &["g V"], help: "what Microsoft announces of changes to its services (MC…), and until when something must be done", run: health::announced, able: |a| a.usable_kind(Kind::Announcement), ..ROW },
    Action { name: "palette", keys: &[":"], help: "everything that can be done here, by name", foot: "palette", run: |a, _| palette::open(a), ..ROW },
    Action { name: "help", keys: &["?"], help: "keys of this place, and why something is greyed", foot: "help", run: |a, _| help(a), ..ROW },
    Action { name: "help while typing", keys: &["F1"], help: "help, also while typing", place: Place::Typing, run: |a, _| help(a), ..ROW },
    Action { name: "settings", keys: &[","], help: "see and change every option, effective at once", run: |a, _| options::open(a, ""), ..ROW },
    Action { name: "messages", keys: &["g m"], help: "read again what was said", run: |a, _| a.push(Overlay::Log(Log::new())), ..ROW },
    Action { name: "report", keys: &["g r"], help: "the last set: where each of its targets stands; Ctrl-c there stops it", able: runs::reportable, run: |a, _| runs::report(a), ..ROW },
    Action { name: "quit", keys: &["q"], help: "quit; asks when work is open", run: quit::ask, ..ROW },
    Action { name: "suspend", keys: &["Ctrl-z"], help: "suspend to the shell", run: |a, fx| a.suspend(fx), ..ROW },
    Action { name: "repaint", keys: &["Ctrl-l"], help: "draw the screen anew", place: Place::Typing, run: |_, fx| fx.push(Effect::Repaint), ..ROW },
];

fn help(app: &mut App) {
    if !matches!(app.overlays.last(), Some(Overlay::Help(_))) {
        let help = Help::new(app);
        app.push(Overlay::Help(help));
    }
}
