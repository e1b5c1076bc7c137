//! A confirmed command that meets a session which is over waits for the person, as long as its confirmation lives; a
//! service that refuses good tokens for a moment is waited for the same way.
//!
//! Nothing of it was sent, or what was sent is proven not executed. Whoever waited looks at the target anew before it goes
//! on: `run` reads and compares again, under the principal it was confirmed in.

use super::core::Core;
use super::run::Gate;
use super::signin::desk;
use crate::model::{Fault, FaultKind};
use crate::msg::Level;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

/// How often a person is waited for in the life of one confirmation.
const ROUNDS: u32 = 3;
/// Pauses for a service that refuses new tokens: thirty seconds in all.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// A command's turn in the queue of writes, given up by whoever waits for a person: what was confirmed after it need not.
#[derive(Debug, Default)]
pub struct Turn(Mutex<Option<oneshot::Sender<()>>>);

impl Turn {
    /// The turn, and what ends when it is given up or over.
    pub fn new() -> (Self, oneshot::Receiver<()>) {
        let (turn, over) = oneshot::channel();
        (Self(Mutex::new(Some(turn))), over)
    }

    fn give_up(&self) {
        super::core::lock(&self.0).take();
    }
}

/// What may be waited for on behalf of one target.
pub struct Hold<'a> {
    core: &'a Arc<Core>,
    gate: &'a Gate,
    turn: &'a Turn,
    sentence: &'a str,
    rounds: u32,
    pauses: std::slice::Iter<'static, Duration>,
}

impl<'a> Hold<'a> {
    pub fn new(core: &'a Arc<Core>, gate: &'a Gate, turn: &'a Turn, sentence: &'a str) -> Self {
        Self {
            core,
            gate,
            turn,
            sentence,
            rounds: ROUNDS,
            pauses: PAUSES.iter(),
        }
    }

    /// What is asked before anything leaves.
    pub fn gate(&self) -> &'a Gate {
        self.gate
    }

    /// Waits for what this fault wants, and says whether to try once more; else gives the fault that ends it.
    pub async fn wait(&mut self, fault: Fault) -> Result<(), Fault> {
        if fault.kind != FaultKind::SignIn {
            return Err(fault);
        }
        if !self.core.tenant.sign_in.needs_person() || desk::is_in(self.core) {
            return self.pause(fault).await;
        }
        if self.rounds == 0 {
            return Err(fault);
        }
        self.rounds -= 1;
        self.turn.give_up();
        let left = self.gate.until.saturating_sub(self.core.mono());
        self.core.notice(
            Level::Warn,
            format!(
                "“{}” waits for your sign-in, {} s at most; nothing was sent",
                self.sentence,
                left.as_secs()
            ),
        );
        let came = tokio::select! {
            came = person(self.core, left) => came,
            () = self.gate.halt.stopped() => false,
        };
        if !came && !self.gate.halt.is_stopped() {
            let what = format!(
                "{}, and nobody signed in while the confirmation lived; nothing was sent",
                fault.what
            );
            return Err(Fault { what, ..fault }.next("sign in, then confirm again"));
        }
        self.gate.check(self.core)
    }

    /// A new token was refused, which the sign-in service knows nothing of: other machines of the service may know better.
    async fn pause(&mut self, fault: Fault) -> Result<(), Fault> {
        let known = fault.status == 401
            && fault
                .service
                .is_some_and(|s| !self.core.tokens.is_refused(self.core.scope(s)));
        let Some(pause) = self.pauses.next().filter(|_| known) else {
            return Err(fault);
        };
        if self.core.mono() + *pause > self.gate.until {
            return Err(fault);
        }
        tokio::select! {
            () = self.core.clock.sleep(*pause) => {}
            () = self.gate.halt.stopped() => {}
        }
        self.gate.check(self.core)
    }
}

/// Whether somebody signed in within this time, where a person has to.
pub async fn person(core: &Arc<Core>, most: Duration) -> bool {
    tokio::select! {
        () = desk::again(core) => true,
        () = core.clock.sleep(most) => false,
    }
}

/// Whether this fault is one that a sign-in of the person would mend.
pub fn helps(core: &Core, fault: &Fault) -> bool {
    fault.kind == FaultKind::SignIn && core.tenant.sign_in.needs_person() && !desk::is_in(core)
}
