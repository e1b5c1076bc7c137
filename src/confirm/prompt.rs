//! A question that stands open: what it freezes, which tier it is, what it asks, and which keys may answer it.

use super::challenge::{self, Challenge};
use super::{Command, Confirmed, Grace, LIFE, LONGEST, Target, Watch};
use crate::model::{Session, Ticks};
use crate::msg::{KeyPress, Now};
use crate::verb::{Args, Consequence, Verb};
use crossterm::event::{KeyCode, KeyModifiers};
use std::time::Duration;
use table::Text;

/// More targets of tier 2 are tier 3.
pub const FEW: usize = 5;
/// A prompt that nobody answered for so long is about a state of long ago.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// What it is based on was read at most so long before it opens.
pub const FRESH: Duration = Duration::from_secs(30);
/// So many characters in one read are a paste.
const PASTED: u16 = 4;
/// What is typed is kept up to so many characters.
const LONG: usize = 256;

/// Everything a prompt is made of.
#[derive(Debug)]
pub struct Draft {
    pub verb: &'static Verb,
    pub args: Args,
    pub targets: Vec<Target>,
    /// By the target's place, or of all of them.
    pub consequences: Vec<(Option<usize>, Consequence)>,
    /// Words of a target (names, tags) that the *careful* list may meet, by its place.
    pub words: Vec<(usize, String)>,
    /// Targets of tier 2 and above in the last ten minutes, over all instances.
    pub recent: usize,
    /// The challenge of a single target of tier 2: a tail of its name, or of its id.
    pub tail: Option<Challenge>,
    /// When the oldest reading it is based on was made; none = on listings.
    pub read_at: Option<Ticks>,
    /// The runs on record that it takes back: an undo is always asked for.
    pub undoes: Vec<String>,
}

/// Why there is no prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Session(String),
    #[error("{name}: the rule “{rule}” of the never list forbids it")]
    Never { name: String, rule: String },
    #[error("refused by the built-in rule “{rule}”: {why}")]
    BuiltIn { rule: &'static str, why: String },
    #[error("{0}")]
    Switch(String),
    #[error("what is known of it is older than {} seconds: read it again", FRESH.as_secs())]
    Stale,
    #[error("{0} targets would take longer than a confirmation may live; at most {1} at once")]
    TooMany(usize, usize),
    #[error("there is no target")]
    Nothing,
}

/// A question that stands open.
#[derive(Debug)]
pub struct Prompt {
    command: Command,
    consequences: Vec<(Option<usize>, Consequence)>,
    /// Why the tier is higher than the verb's own.
    raised: Vec<String>,
    challenge: Challenge,
    reason_wanted: bool,
    opened: Duration,
    watch: Watch,
    typed: String,
}

/// What a key did to the challenge's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Took {
    Changed,
    /// The prompt was not on the screen yet when it was pressed.
    Unseen,
    /// It came with others at once, as a paste does.
    Pasted,
    /// Enter, or the one key that is asked for: the answer is complete.
    Answer,
    /// None of its keys.
    Ignored,
}

/// Why an answer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("that is not what is asked for")]
    Words,
    #[error("a reason is wanted here")]
    NoReason,
    #[error("the prompt was not on the screen yet")]
    Unseen,
    #[error("it stood open for too long: begin again, what is known may have changed")]
    Late,
}

fn command(
    verb: &'static Verb,
    mut args: Args,
    targets: Vec<Target>,
    session: &Session,
) -> Result<Command, Refusal> {
    if let Some(why) = &session.read_only {
        return Err(Refusal::Session(why.clone()));
    }
    let Some(me) = session.me.clone() else {
        let why = "no person to act as: set `analyst` for this tenant";
        return Err(Refusal::Session(why.into()));
    };
    for target in &targets {
        if let Some(rule) = session.guards.never(&target.key) {
            return Err(Refusal::Never {
                name: target.name.txt().shown().into_owned(),
                rule: rule.to_owned(),
            });
        }
        if let Some(switch) = (verb.needs)(target.key.kind).switch
            && !session.guards.on(switch)
        {
            let why = session.guards.off(switch, &session.tenant);
            return Err(Refusal::Switch(why));
        }
    }
    args.signature = session.acts_as_app().then(|| me.clone());
    let sentence = (verb.sentence)(&targets, &args, me.txt());
    Ok(Command {
        tier: verb.tier_with(&args),
        verb,
        args,
        targets,
        sentence,
        tenant_id: session.tenant_id.clone(),
        principal: session.acting().clone(),
        me,
        read_at: None,
        undoes: Vec::new(),
    })
}

impl Prompt {
    /// A prompt on what is in sight, for verbs whose key is the answer. Refuses without a person to act as.
    pub fn new(
        verb: &'static Verb,
        args: Args,
        targets: Vec<Target>,
        session: &Session,
    ) -> Result<Self, Refusal> {
        let command = command(verb, args, targets, session)?;
        Ok(Self {
            command,
            consequences: Vec::new(),
            raised: Vec::new(),
            challenge: Challenge::ByKey,
            reason_wanted: false,
            opened: Duration::ZERO,
            watch: Watch::default(),
            typed: String::new(),
        })
    }

    /// Opens a prompt, or says which rule refuses. `answers`: the terminal tells which frames were seen.
    pub fn open(draft: Draft, session: &Session, now: Now, answers: bool) -> Result<Self, Refusal> {
        let Draft {
            verb,
            args,
            targets,
            mut consequences,
            words,
            recent,
            tail,
            read_at,
            undoes,
        } = draft;
        let mut command = command(verb, args, targets, session)?;
        let count = command.targets.len();
        if count == 0 {
            return Err(Refusal::Nothing);
        }
        let most = (LONGEST.as_millis() / verb.pace.as_millis().max(1)) as usize;
        if count > most {
            return Err(Refusal::TooMany(count, most));
        }
        if let Some(at) = read_at
            && now.wall.0.saturating_sub(at.0) > FRESH.as_secs() as i64 * crate::model::time::SECOND
        {
            return Err(Refusal::Stale);
        }
        let lifted = |c: &Consequence| c.refuses.is_some_and(|r| session.guards.lifts(r));
        for (_, c) in &consequences {
            if let Some(rule) = c.refuses.filter(|_| !lifted(c)) {
                let why = c.text.clone();
                return Err(Refusal::BuiltIn { rule, why });
            }
        }
        let mut raised = Vec::new();
        let mut tier = command.tier;
        let mut raise = |to: u8, why: String| {
            if to > tier {
                tier = to;
            }
            if !raised.contains(&why) {
                raised.push(why);
            }
        };
        if count > 1 && command.tier == 0 {
            raise(1, "several targets".into());
        }
        if !undoes.is_empty() && command.tier == 0 {
            raise(1, "it takes something back".into());
        }
        for (_, c) in &consequences {
            if let Some(to) = c.raises.filter(|to| *to > command.tier) {
                raise(to, c.text.clone());
            }
        }
        if command.tier >= 2 {
            for (place, target) in command.targets.iter().enumerate() {
                let names = [&target.key.id, &target.name, &target.handle];
                let own = names.into_iter().map(|t| t.txt().exact());
                let tags = words
                    .iter()
                    .filter(|(n, _)| *n == place)
                    .map(|(_, w)| w.as_str());
                if let Some(rule) = session.guards.careful(own.chain(tags)) {
                    let name = target.name.txt().shown();
                    raise(3, format!("{name} is on the careful list ({rule})"));
                }
            }
            if verb.number_raises && count > FEW {
                raise(3, format!("more than {FEW} targets"));
            } else if verb.number_raises && count + recent > FEW {
                let text =
                    format!("{recent} others in the last ten minutes: together they are a set");
                raise(3, text);
            }
        }
        command.tier = tier;
        command.read_at = read_at;
        command.undoes = undoes;
        consequences.sort_by_key(|(_, c)| std::cmp::Reverse(c.weight));
        let challenge = ask(&command, tail);
        Ok(Self {
            reason_wanted: tier >= 2 && session.guards.reason,
            command,
            consequences,
            raised,
            challenge,
            opened: now.mono,
            watch: Watch::new(answers),
            typed: String::new(),
        })
    }

    pub fn command(&self) -> &Command {
        &self.command
    }

    pub fn tier(&self) -> u8 {
        self.command.tier
    }

    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// By target or of all, gravest first.
    pub fn consequences(&self) -> &[(Option<usize>, Consequence)] {
        &self.consequences
    }

    /// Why the tier is higher than the verb's own.
    pub fn raised(&self) -> &[String] {
        &self.raised
    }

    /// Takes the question apart, once it is answered.
    pub(super) fn into_command(self) -> Command {
        self.command
    }

    /// What is typed of the answer.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// An empty reason is not taken.
    pub fn reason_wanted(&self) -> bool {
        self.reason_wanted
    }

    /// How long it may be taken back after the answer.
    pub fn grace(&self) -> Duration {
        match self.command.tier {
            0 | 1 => Duration::ZERO,
            2 => Duration::from_secs(3),
            _ => Duration::from_secs(10),
        }
    }

    /// How long the confirmation lives after the grace.
    pub fn life(&self) -> Duration {
        match self.command.targets.len() {
            0 | 1 => LIFE,
            n => (self.command.verb.pace * n as u32).clamp(LIFE, LONGEST),
        }
    }

    /// Frames, for seen-before-answered.
    pub fn watch(&mut self) -> &mut Watch {
        &mut self.watch
    }

    /// An answer given now comes from somebody who has seen it.
    pub fn is_seen(&self, mono: Duration) -> bool {
        self.watch.is_seen(mono)
    }

    /// When it counts as seen without the terminal's word, and when it is too old to be answered.
    pub fn due(&self) -> Duration {
        let old = self.opened + PATIENCE;
        self.watch.due().map_or(old, |seen| seen.min(old))
    }

    pub fn is_late(&self, mono: Duration) -> bool {
        mono > self.opened + PATIENCE
    }

    /// It looks different now (another size): what was typed before was typed before another prompt.
    pub fn reshaped(&mut self) {
        self.watch.reset();
        self.typed.clear();
    }

    /// Takes a key into the challenge's line.
    pub fn key(&mut self, press: KeyPress, mono: Duration) -> Took {
        let key = press.key;
        let plain = !(key.modifiers).intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let ours = matches!(key.code, KeyCode::Char(_) if plain)
            || matches!(key.code, KeyCode::Enter | KeyCode::Backspace)
            || (key.code == KeyCode::Char('u') && !plain);
        if !ours {
            return Took::Ignored;
        }
        if !self.is_seen(mono) {
            return Took::Unseen;
        }
        if press.in_read >= PASTED {
            self.typed.clear();
            return Took::Pasted;
        }
        match key.code {
            KeyCode::Enter => Took::Answer,
            KeyCode::Backspace => {
                self.typed.pop();
                Took::Changed
            }
            KeyCode::Char('u') if !plain => {
                self.typed.clear();
                Took::Changed
            }
            KeyCode::Char(c) if self.challenge == Challenge::Y => {
                self.typed.clear();
                self.typed.push(c);
                if c == 'Y' {
                    Took::Answer
                } else {
                    Took::Changed
                }
            }
            KeyCode::Char(c) => {
                if self.typed.len() < LONG {
                    self.typed.push(c);
                }
                Took::Changed
            }
            _ => Took::Ignored,
        }
    }

    /// Closes the question with what was typed. A wrong answer gives the prompt back, with an empty line.
    pub fn answer(mut self, reason: Option<Text>, now: Now) -> Result<Grace, Box<(Prompt, Wrong)>> {
        let wrong = |mut prompt: Prompt, why| {
            prompt.typed.clear();
            Err(Box::new((prompt, why)))
        };
        if self.is_late(now.mono) {
            return wrong(self, Wrong::Late);
        }
        if !self.is_seen(now.mono) {
            return wrong(self, Wrong::Unseen);
        }
        if !self.challenge.is_met(&self.typed) {
            return wrong(self, Wrong::Words);
        }
        let reason = reason.filter(|r| !r.txt().exact().trim().is_empty());
        if self.reason_wanted && reason.is_none() {
            return Err(Box::new((self, Wrong::NoReason)));
        }
        if reason.is_some() {
            self.command.args.reason = reason;
        }
        let (grace, life) = (self.grace(), self.life());
        Ok(Grace {
            command: self.command,
            from: now.mono,
            until: now.mono + grace,
            life,
        })
    }

    /// Tier 0 on one target: the key press or the form's Enter is the answer. Any other tier or number gives the prompt back.
    pub fn by_key(self, now: Now) -> Result<Confirmed<Command>, Box<Prompt>> {
        if self.command.tier == 0 && self.command.targets.len() == 1 {
            Ok(Confirmed {
                inner: self.command,
                until: now.mono + LIFE,
            })
        } else {
            Err(Box::new(self))
        }
    }
}

/// What is asked for a tier and number of targets.
fn ask(command: &Command, tail: Option<Challenge>) -> Challenge {
    let word = command.verb.name.split(' ').next().unwrap_or_default();
    match (command.tier, command.targets.as_slice()) {
        (0 | 1, targets) if targets.len() <= FEW => Challenge::Y,
        (0 | 1, targets) => Challenge::Count(targets.len()),
        (2, [one]) => tail.unwrap_or_else(|| Challenge::Tail {
            text: challenge::end_of_id(&one.key.id),
            of_id: true,
        }),
        (_, [one]) => match challenge::full_name(&one.handle) {
            Some(name) => Challenge::FullName(name),
            None => Challenge::Phrase(format!("{word} {}", challenge::end_of_id(&one.key.id))),
        },
        (_, several) => Challenge::Phrase(format!("{word} {}", several.len())),
    }
}
