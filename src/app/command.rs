//! A verb from a command line: the same forms' answers, fresh readings, consequences and refusals as on screen, asked
//! without one. `cli` gives the targets and the answer; what comes of it is read from `App::verbs`.

use super::act::{self, Frozen, Pending, named};
use super::overlay::Overlay;
use super::prompt::{Asked, Phase};
use super::{App, runs};
use crate::confirm::{Given, NoPlan, Target};
use crate::model::{Json, Key, Kind};
use crate::msg::{Body, Effect, Event, Request, Slot};
use crate::verb::{Args, Verb};
use serde_json::Value;
use std::sync::Arc;
use table::Text;

/// The policy file, for the sentence that names it.
const POLICY: &str = "/etc/watchfloor/policy.toml";

/// How a verb stands after it was begun.
pub enum Stage {
    /// Nothing to answer yet: the targets are being read afresh.
    Reading,
    /// A rule refuses, or nothing is left to do; why is the last of `App::toasts`.
    Refused,
    /// It waits for its answer.
    Asks,
    /// It is on its way; the number of its run.
    Sent(u64),
}

impl App {
    /// Why a verb cannot be had on a kind at all.
    pub fn refused_for(&self, verb: &Verb, kind: Kind) -> Option<String> {
        self.why_not_for(verb, Some(kind))
    }

    /// Begins a verb on entities that were just read. Those that cannot have it are left out; `Err` where none is left.
    pub fn begin_command(
        &mut self,
        verb: &'static Verb,
        entities: Vec<(Key, Text, Arc<Value>)>,
        args: Args,
        fx: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let me = act::me(self);
        let (mut targets, mut left_out) = (Vec::new(), Vec::new());
        for (key, name, entity) in entities {
            let j = Json(&entity);
            let name = match entity.is_null() {
                true => name,
                false => act::name_of(&key, j),
            };
            match (verb.blocked)(key.kind, j, me.txt()) {
                Some(why) => left_out.push((named(&key, &name), why)),
                None => targets.push(Frozen {
                    target: Target::of(key, name, j, verb),
                    entity: (*entity).clone(),
                }),
            }
        }
        match (targets.is_empty(), left_out.first()) {
            (true, Some((name, why))) => return Err(format!("{name}: {why}")),
            (true, None) => return Err("there is no target".into()),
            _ => {}
        }
        self.verbs.pending = Some(Pending {
            verb,
            targets,
            left_out,
            not_shown: 0,
            reach: None,
        });
        act::act(self, args, fx);
        Ok(())
    }

    /// Where the verb stands that was begun.
    pub fn command_stage(&self) -> Stage {
        if let Some(id) = self.verbs.running.keys().next_back() {
            return Stage::Sent(*id);
        }
        match self.overlays.last() {
            Some(Overlay::Prompt(asked)) => match asked.phase {
                Phase::Open(_) => Stage::Asks,
                _ => Stage::Reading,
            },
            _ => Stage::Refused,
        }
    }

    /// The question that waits for its answer.
    pub fn asked_command(&self) -> Option<&Asked> {
        match self.overlays.last() {
            Some(Overlay::Prompt(asked)) => Some(asked),
            _ => None,
        }
    }

    /// Answers it with what the command line says. What was not taken is closed: nothing was sent.
    pub fn answer_command(
        &mut self,
        given: Given<'_>,
        reason: Option<Text>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), NoPlan> {
        let Some(Overlay::Prompt(asked)) = self.overlays.pop() else {
            return Err(NoPlan::Plan);
        };
        let Phase::Open(prompt) = asked.phase else {
            return Err(NoPlan::Plan);
        };
        let verb = prompt.command().verb;
        let allowed = self.session.as_ref().is_some_and(|s| {
            // nothing real happens in a simulated tenant
            s.demo || s.guards.headless.iter().any(|v| v == verb.name)
        });
        if prompt.tier() >= 2 && !allowed {
            return Err(NoPlan::Policy(verb.name, POLICY));
        }
        let since = given.plan.and_then(crate::confirm::made);
        let again = |d: &crate::verb::Deed| {
            d.verb == verb.name
                && since.is_some_and(|made| d.at >= made)
                && (prompt.command().targets.iter()).any(|t| t.key == d.key)
        };
        // the record tells; the plan itself is kept nowhere
        if prompt.tier() >= 2 && self.deeds.newest().any(again) {
            return Err(NoPlan::Again);
        }
        let confirmed = prompt.by_command(given, reason, self.now)?;
        runs::launch(self, confirmed, fx);
        Ok(())
    }

    /// Asks for a list to be read, for a command.
    pub fn fill_command(&mut self, kind: Kind, fx: &mut Vec<Effect>) {
        self.fill(kind, fx);
    }

    /// Issues a question of a command's own; its answers reach `answer_of`.
    pub fn ask_command(&mut self, slot: Slot, request: Request, fx: &mut Vec<Effect>) -> u64 {
        let ticket = self.tickets.issue(slot);
        let number = ticket.number;
        fx.push(Effect::Ask(ticket, request));
        number
    }

    /// Nobody waits for what was asked in this slot any more.
    pub fn drop_command(&mut self, slot: Slot, fx: &mut Vec<Effect>) {
        self.tickets.close(&slot);
        fx.push(Effect::Drop(slot));
    }
}

/// The body of an event, where it answers that question.
pub fn answer_of(event: &Event, number: u64) -> Option<&Body> {
    match event {
        Event::Reply(reply) if reply.ticket.number == number => Some(&reply.body),
        _ => None,
    }
}
