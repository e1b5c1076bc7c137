//! What lies over the panes: an enum stack. The top one gets keys first; drawing goes bottom up.
//!
//! An overlay is taken off the stack while it handles a key, so that it can change the app and itself alike.

use super::App;
use super::ask::Ask;
use super::columns::Chooser;
use super::fetch::Fetching;
use super::filter_bar::FilterBar;
use super::find::Find;
use super::form::TextForm;
use super::help::Help;
use super::hunt::{bar::Bar, fields::Fields, figures};
use super::inspector::{self, Inspector};
use super::library::shelf::Shelf;
use super::log::Log;
use super::options::Options;
use super::pick::Pick;
use super::prompt::Asked;
use super::queue::Queue;
use super::quit::Quit;
use super::runs::Report;
use super::set_up::SetUp;
use super::sign_in::SignIn;
use super::timeline;
use crate::msg::{Effect, KeyPress};
use table::Text;

#[derive(Debug)]
pub enum Overlay {
    Find(Find),
    Ask(Ask),
    /// A line at the foot of a result, its columns, and a column in figures.
    Bar(Bar),
    Fields(Fields),
    Figures(figures::Shown),
    Columns(Chooser),
    /// A file on its way.
    Fetching(Fetching),
    Filter(FilterBar),
    Help(Help),
    Inspector(Box<Inspector>),
    Log(Log),
    Options(Options),
    Pick(Pick),
    Prompt(Box<Asked>),
    /// Incidents of all tenants.
    Queue(Box<Queue>),
    Quit(Quit),
    /// Where each target of a set stands.
    Report(Report),
    /// The form that sets up a tenant.
    SetUp(Box<SetUp>),
    /// Hunts, runs or tables with a preview.
    Shelf(Box<Shelf>),
    SignIn(SignIn),
    /// A line of text for a verb.
    Text(TextForm),
    /// Everything around one user or device in time.
    Timeline(timeline::Front),
}

/// What to do once an overlay is off the stack.
pub type Then = Box<dyn FnOnce(&mut App, &mut Vec<Effect>)>;

/// What became of an overlay that was given a key.
pub enum Step {
    Stay(Overlay),
    /// It stays, and the key was none of its own: keys that work while typing may have it.
    Pass(Overlay),
    Close,
    /// It closes, and then this happens.
    Then(Then),
}

impl Overlay {
    pub fn key(self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        match self {
            Self::Find(o) => o.key(app, press, fx),
            Self::Text(o) => o.key(app, press, fx),
            Self::Ask(o) => o.key(app, press, fx),
            Self::Bar(o) => o.key(app, press, fx),
            Self::Fields(o) => o.key(app, press, fx),
            Self::Figures(o) => o.key(app, press, fx),
            Self::Columns(o) => o.key(app, press, fx),
            Self::Fetching(o) => o.key(app, press, fx),
            Self::Filter(o) => o.key(app, press, fx),
            Self::Help(o) => o.key(app, press, fx),
            Self::Inspector(o) => o.key(app, press, fx),
            Self::Shelf(o) => o.key(app, press, fx),
            Self::SignIn(o) => o.key(app, press, fx),
            Self::Log(o) => o.key(app, press, fx),
            Self::Options(o) => o.key(app, press, fx),
            Self::Pick(o) => o.key(app, press, fx),
            Self::Quit(o) => o.key(app, press, fx),
            Self::Prompt(o) => o.key(app, press, fx),
            Self::Queue(o) => o.key(app, press, fx),
            Self::Report(o) => o.key(app, press, fx),
            Self::SetUp(o) => o.key(app, press, fx),
            Self::Timeline(o) => o.key(app, press, fx),
        }
    }

    pub fn paste(self, app: &mut App, text: &Text, fx: &mut Vec<Effect>) -> Step {
        match self {
            Self::Find(o) => o.paste(app, text, fx),
            Self::Text(o) => o.paste(text),
            Self::Inspector(o) => o.paste(text, inspector::area(app).1),
            Self::Shelf(o) => o.paste(app, text),
            Self::SignIn(o) => o.paste(app, text),
            Self::Ask(o) => o.paste(text),
            Self::Bar(o) => o.paste(app, text, fx),
            Self::Fields(o) => o.paste(text),
            Self::Filter(o) => o.paste(app, text, fx),
            Self::Pick(o) => o.paste(app, text, fx),
            Self::Prompt(o) => o.paste(text),
            Self::Queue(o) => o.paste(app, text),
            Self::SetUp(o) => o.paste(text),
            Self::Timeline(o) => o.paste(app, text),
            Self::Columns(_)
            | Self::Fetching(_)
            | Self::Figures(_)
            | Self::Help(_)
            | Self::Log(_)
            | Self::Options(_)
            | Self::Quit(_)
            | Self::Report(_) => Step::Stay(self),
        }
    }

    /// Letters are text here, not keys.
    pub fn typing(&self) -> bool {
        match self {
            // inside a question no key of the keymap lives
            Self::Find(_) | Self::Text(_) | Self::Prompt(_) => true,
            Self::Ask(_) | Self::Filter(_) | Self::Shelf(_) | Self::SignIn(_) => true,
            Self::Bar(_) | Self::Fields(_) | Self::Queue(_) | Self::SetUp(_) => true,
            Self::Inspector(o) => o.search.is_some(),
            Self::Timeline(o) => o.line.is_some(),
            Self::Pick(o) => !o.letters,
            Self::Columns(_)
            | Self::Fetching(_)
            | Self::Figures(_)
            | Self::Help(_)
            | Self::Log(_)
            | Self::Options(_)
            | Self::Quit(_)
            | Self::Report(_) => false,
        }
    }
}

impl App {
    /// Puts an overlay on top.
    pub fn push(&mut self, overlay: Overlay) {
        self.chord.clear();
        self.overlays.push(overlay);
    }

    /// The pick list of this name, wherever it lies.
    pub fn pick_mut(&mut self, name: &str) -> Option<&mut Pick> {
        self.overlays.iter_mut().rev().find_map(|o| match o {
            Overlay::Pick(p) if p.name == name => Some(p),
            _ => None,
        })
    }

    /// Gives the top overlay something to handle. True: it was not for it.
    pub(super) fn top(
        &mut self,
        handle: impl FnOnce(Overlay, &mut App, &mut Vec<Effect>) -> Step,
        fx: &mut Vec<Effect>,
    ) -> bool {
        let Some(overlay) = self.overlays.pop() else {
            return true;
        };
        let depth = self.overlays.len();
        match handle(overlay, self, fx) {
            // what it opened meanwhile lies above it
            Step::Stay(o) => self.overlays.insert(depth.min(self.overlays.len()), o),
            Step::Pass(o) => {
                self.overlays.insert(depth.min(self.overlays.len()), o);
                return true;
            }
            Step::Close => {}
            Step::Then(then) => then(self, fx),
        }
        false
    }
}
