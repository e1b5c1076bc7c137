//! Answers given on a command line instead of at a prompt (`security.md` 2): a name or a number for tier 1, and for what is
//! graver a plan that a dry run printed. Nothing is kept between the two: the plan is worked out again and compared.

use super::prompt::Prompt;
use super::{Command, Confirmed};
use crate::model::Ticks;
use crate::model::time::SECOND;
use crate::msg::Now;
use std::fmt::Write as _;
use std::time::Duration;
use table::Text;

/// How long a plan may be carried out.
pub const VALID: Duration = Duration::from_secs(10 * 60);

/// Why an answer of the command line was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    #[error("it wants `--confirm {0}`")]
    Confirm(String),
    #[error("`--confirm` says something else: it wants `--confirm {0}`")]
    Wrong(String),
    #[error(
        "it wants a plan: run it with `--dry-run`, read what it prints, and give `--plan ID` with the same words"
    )]
    Plan,
    #[error("that is no plan id")]
    NoId,
    #[error("the plan was good until {0}: run it with `--dry-run` again")]
    Over(String),
    #[error(
        "this is not what was planned: the target, its state, the sign-in or the words differ; run it with `--dry-run` again"
    )]
    Differs,
    #[error("this was done since the plan was made; run it with `--dry-run` again")]
    Again,
    #[error("a reason is wanted here: `--reason`")]
    NoReason,
    #[error(
        "the policy of this machine does not allow `{0}` without a screen: `[headless] allow` of {1}"
    )]
    Policy(&'static str, &'static str),
}

impl NoPlan {
    /// Something is otherwise than it was when the person looked.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Over(_) | Self::Differs | Self::Again)
    }
}

/// What a command line gives as its answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    pub confirm: Option<&'a str>,
    pub plan: Option<&'a str>,
}

impl Prompt {
    /// The word that confirms it in tier 1: the target's name, or how many they are.
    pub fn word(&self) -> String {
        match self.command().targets.as_slice() {
            [one] => one.handle.txt().exact().to_owned(),
            several => several.len().to_string(),
        }
    }

    /// The id of the plan to do exactly this, with this reason, good for ten minutes from now.
    pub fn plan(&self, reason: Option<&Text>, now: Now) -> String {
        let until = now.wall.0.div_euclid(SECOND) + VALID.as_secs() as i64;
        id(self.command(), self.tier(), reason, until)
    }

    /// Closes the question with what a command line says. `allowed`: the policy allows this verb in this tier.
    pub fn by_command(
        self,
        given: Given<'_>,
        reason: Option<Text>,
        now: Now,
    ) -> Result<Confirmed<Command>, NoPlan> {
        let reason = reason.filter(|r| !r.txt().exact().trim().is_empty());
        if self.reason_wanted() && reason.is_none() {
            return Err(NoPlan::NoReason);
        }
        match self.tier() {
            0 if self.command().targets.len() == 1 => {}
            0 | 1 => self.named(given.confirm)?,
            _ => self.planned(given.plan, reason.as_ref(), now)?,
        }
        let life = self.life();
        let mut inner = self.into_command();
        if reason.is_some() {
            inner.args.reason = reason;
        }
        Ok(Confirmed {
            inner,
            until: now.mono + life,
        })
    }

    fn named(&self, confirm: Option<&str>) -> Result<(), NoPlan> {
        let word = self.word();
        let id = match self.command().targets.as_slice() {
            [one] => one.key.id.txt().exact().to_owned(),
            _ => word.clone(),
        };
        match confirm {
            Some(said) if said.eq_ignore_ascii_case(&word) || said.eq_ignore_ascii_case(&id) => {
                Ok(())
            }
            Some(_) => Err(NoPlan::Wrong(word)),
            None => Err(NoPlan::Confirm(word)),
        }
    }

    fn planned(&self, plan: Option<&str>, reason: Option<&Text>, now: Now) -> Result<(), NoPlan> {
        let plan = plan.ok_or(NoPlan::Plan)?;
        let until = until(plan).ok_or(NoPlan::NoId)?;
        let over = until.checked_mul(SECOND).ok_or(NoPlan::NoId)?;
        let seconds = now.wall.0.div_euclid(SECOND);
        if seconds > until || until - seconds > VALID.as_secs() as i64 {
            return Err(NoPlan::Over(Ticks(over).literal()));
        }
        match id(self.command(), self.tier(), reason, until) == plan {
            true => Ok(()),
            false => Err(NoPlan::Differs),
        }
    }
}

/// The second a plan ends, as its id says.
fn until(plan: &str) -> Option<i64> {
    let (until, _) = plan.split_once('-')?;
    i64::from_str_radix(until, 36).ok().filter(|n| *n >= 0)
}

/// When a plan was made, as its id says.
pub fn made(plan: &str) -> Option<Ticks> {
    let seconds = until(plan)?.checked_sub(VALID.as_secs() as i64)?;
    seconds.checked_mul(SECOND).map(Ticks)
}

/// Expiry in base 36, and a hash of the expiry and all that was agreed to.
fn id(command: &Command, tier: u8, reason: Option<&Text>, until: i64) -> String {
    let mut all = ring::digest::Context::new(&ring::digest::SHA256);
    // every part with its length, so that none can run into the next
    let mut part = |bytes: &[u8]| {
        all.update(&(bytes.len() as u64).to_be_bytes());
        all.update(bytes);
    };
    part(&until.to_be_bytes());
    part(&[tier]);
    part(command.tenant_id.as_bytes());
    part(command.principal.txt().exact().as_bytes());
    part(command.me.txt().exact().as_bytes());
    part(command.verb.name.as_bytes());
    part(command.sentence.as_bytes());
    let args = &command.args;
    part(format!("{args:?}").as_bytes());
    // what is shown of a text may be less than it is
    let texts = [&args.text, &args.person, &args.incident, &args.sha1];
    for text in texts
        .into_iter()
        .flatten()
        .chain(&args.add)
        .chain(&args.remove)
    {
        part(text.txt().exact().as_bytes());
    }
    part(reason.map_or(&[][..], |r| r.txt().exact().as_bytes()));
    for run in &command.undoes {
        part(run.as_bytes());
    }
    for target in &command.targets {
        part(target.key.id.txt().exact().as_bytes());
        part(target.name.txt().exact().as_bytes());
        for (field, value) in &target.seen {
            part(field.as_bytes());
            part(
                value
                    .as_ref()
                    .map_or(&[][..], |v| v.txt().exact().as_bytes()),
            );
        }
    }
    let mut out = base36(until);
    out.push('-');
    for byte in all.finish().as_ref().iter().take(12) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn base36(mut n: i64) -> String {
    let mut digits = Vec::new();
    while n > 0 {
        digits.push(char::from_digit((n % 36) as u32, 36).unwrap_or('0'));
        n /= 36;
    }
    digits.iter().rev().collect()
}
