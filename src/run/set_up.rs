//! The form that sets up a tenant: `init` runs on a thread of its own and asks the console instead of a terminal, so that there
//! is one set of questions, checks and files. Going back runs it again with the answers so far, less the last one.

use crate::cli::choose::Refusal;
use crate::cli::init::Init;
use crate::cli::init::paper;
use crate::cli::init::talk::{Say, Talk};
use crate::jobs::Events;
use crate::msg::{Event, Question, SetUp, SettingUp};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use zeroize::Zeroizing;

/// Where answers go; nothing runs before the first is asked for.
pub struct Form {
    init: Init,
    events: Events,
    to: Option<Sender<SetUp>>,
}

impl Form {
    pub fn new(events: Events) -> Self {
        Self {
            init: Init::default(),
            events,
            to: None,
        }
    }

    /// What the command line said already, in place of questions.
    pub fn given(&mut self, init: Init) {
        self.init = init;
    }

    pub fn wish(&mut self, wish: SetUp) {
        match wish {
            SetUp::Begin => self.begin(),
            // one that came to its end has been told so
            SetUp::Answer(_) | SetUp::Back => drop(self.to.as_ref().map(|to| to.send(wish))),
            SetUp::Stop => self.to = None,
        }
    }

    fn begin(&mut self) {
        let (to, from) = channel();
        // the one before finds nobody at the other end
        self.to = Some(to);
        let (init, events) = (self.init.clone(), self.events.clone());
        let begun = std::thread::Builder::new().name("set up".into());
        let begun = begun.spawn(move || run(&init, events, from));
        if let Err(e) = begun {
            let why = format!("no thread for it: {e}");
            (self.events)(Event::SettingUp(SettingUp::Done(Err(why))));
        }
    }
}

fn run(init: &Init, events: Events, from: Receiver<SetUp>) {
    let mut asks = Asks {
        events,
        from,
        again: RefCell::default(),
        given: RefCell::default(),
        back: Cell::new(false),
        gone: Cell::new(false),
    };
    loop {
        asks.tell(SettingUp::Anew);
        let done = init.set_up(&asks);
        if asks.gone.get() {
            return;
        }
        if !asks.back.replace(false) {
            let saved = done.is_ok();
            asks.tell(SettingUp::Done(done.map_err(|(_, why)| why)));
            // what went wrong may be mended by another answer
            if saved || !asks.wants_back() {
                return;
            }
        }
        let mut given: VecDeque<_> = asks.given.take().into();
        given.pop_back();
        asks.again = RefCell::new(given);
    }
}

/// Asks the console.
struct Asks {
    events: Events,
    from: Receiver<SetUp>,
    /// Answers of before going back, still to be given again.
    again: RefCell<VecDeque<Zeroizing<String>>>,
    /// Answers that were usable, in their order.
    given: RefCell<Vec<Zeroizing<String>>>,
    /// The question before is wanted.
    back: Cell<bool>,
    /// Nobody answers any more.
    gone: Cell<bool>,
}

/// Ends what is asked; why is known to who asked.
fn end() -> Refusal {
    (8, "nothing was changed".into())
}

impl Asks {
    fn tell(&self, what: SettingUp) {
        (self.events)(Event::SettingUp(what));
    }

    /// Waits for what a person does after it ended.
    fn wants_back(&self) -> bool {
        loop {
            match self.from.recv() {
                Ok(SetUp::Back) => return true,
                Ok(SetUp::Answer(_) | SetUp::Begin) => {}
                Ok(SetUp::Stop) | Err(_) => return false,
            }
        }
    }
}

impl Talk for Asks {
    fn say(&self, text: &str) {
        self.tell(SettingUp::Say(text.to_owned()));
    }

    fn saying(&self) -> Say {
        let events = self.events.clone();
        Arc::new(move |text| events(Event::SettingUp(SettingUp::Say(text))))
    }

    fn link(&self, url: &str) {
        self.tell(SettingUp::Link {
            url: url.to_owned(),
            // blanks are dark modules, as if on a dark screen; who draws it sees to the colours
            code: paper::qr(url, false),
        });
    }

    fn rest(&self, pause: Duration, what: &str) -> Result<(), Refusal> {
        for left in (1..=pause.as_secs()).rev() {
            self.tell(SettingUp::Counting(format!("{what}: again in {left} s")));
            match self.from.recv_timeout(Duration::from_secs(1)) {
                // an answer to nothing
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.gone.set(true);
                    return Err(end());
                }
            }
        }
        self.tell(SettingUp::Counting(String::new()));
        Ok(())
    }

    fn answer(&self, question: &Question) -> Result<Zeroizing<String>, Refusal> {
        if let Some(again) = self.again.borrow_mut().pop_front() {
            let shown = match question.secret {
                true => String::new(),
                false => again.to_string(),
            };
            self.tell(SettingUp::Answered(question.clone(), shown));
            self.given.borrow_mut().push(again.clone());
            return Ok(again);
        }
        self.tell(SettingUp::Ask(question.clone()));
        loop {
            match self.from.recv() {
                Ok(SetUp::Answer(answer)) => {
                    self.given.borrow_mut().push(answer.0.clone());
                    return Ok(answer.0);
                }
                Ok(SetUp::Back) if !self.given.borrow().is_empty() => {
                    self.back.set(true);
                    return Err(end());
                }
                Ok(SetUp::Back | SetUp::Begin) => {}
                Ok(SetUp::Stop) | Err(_) => {
                    self.gone.set(true);
                    return Err(end());
                }
            }
        }
    }

    fn wrong(&self, why: &str) {
        self.given.borrow_mut().pop();
        self.tell(SettingUp::Wrong(why.to_owned()));
    }

    /// A person is not given up.
    fn tries(&self) -> usize {
        usize::MAX
    }
}
