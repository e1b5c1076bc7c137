//! Trying a sign-in before anything is saved: each module by itself, with its own result and time. What was consented to a
//! moment ago may take minutes to be known: such refusals are asked again, counted down.

use super::talk::Say;
use crate::cli::asked::Asked;
use crate::cli::choose::{Refusal, Start};
use crate::cli::headless::code;
use crate::cli::needs::{HUNTING, Module};
use crate::model::{Fault, FaultKind, Grant, Service};
use std::time::{Duration, Instant};

/// Between two tries.
pub const PAUSE: Duration = Duration::from_secs(10);

/// What came of one module.
pub struct Outcome {
    pub module: Module,
    pub took: Duration,
    /// What can be said of its newest row, where there is one. A module works where one of its lists does.
    pub result: Result<Option<String>, Fault>,
    /// Lists of it that cannot be read all the same, and why.
    pub lacks: Vec<(&'static str, Fault)>,
}

impl Outcome {
    /// The permission was refused: consent given a moment ago may still be on its way.
    pub fn is_refused(&self) -> bool {
        self.result.as_ref().is_err_and(|f| code(f.kind) == 5)
    }

    /// A line for people.
    pub fn line(&self) -> String {
        let took = self.took.as_millis();
        let word = self.module.word();
        match &self.result {
            Ok(_) => {
                let lacks = self.lacks.iter();
                let lacks = lacks
                    .map(|(list, why)| format!("\n        without {}: {why}", list.to_lowercase()));
                format!("  ok    {word:<11} {took} ms{}", lacks.collect::<String>())
            }
            Err(fault) => format!("  FAIL  {word:<11} {took} ms  {fault}"),
        }
    }
}

/// Whoever can be asked; the tests have one that is not a tenant.
pub trait Prober {
    /// Signs in anew and asks each of these.
    fn ask(&mut self, modules: &[Module]) -> Result<Vec<Outcome>, Refusal>;
    /// Waits, saying how long is left.
    fn wait(&mut self, pause: Duration, refused: &[String]) -> Result<(), Refusal>;
}

/// The tenant itself.
pub struct Live<'a> {
    pub start: &'a Start,
    /// Told what a person has to do to sign in, and each result as it comes, where that is wanted.
    pub say: Say,
    pub each: bool,
    /// Waits, and says what for.
    pub rest: &'a dyn Fn(Duration, &str) -> Result<(), Refusal>,
}

impl Prober for Live<'_> {
    fn ask(&mut self, modules: &[Module]) -> Result<Vec<Outcome>, Refusal> {
        // a token tells what was consented to when it was made: each try gets a new one
        let asked = Asked::telling(self.start, self.say.clone())?;
        let mut out = Vec::new();
        // hunting last: by then there is a token to read
        for module in modules {
            let begun = Instant::now();
            let lists = module.lists().map(|spec| (spec.title, asked.first(spec)));
            let (result, lacks) = judged(lists.collect(), || hunting(&asked));
            let outcome = Outcome {
                module: *module,
                took: begun.elapsed(),
                result,
                lacks,
            };
            if self.each {
                (self.say)(outcome.line());
            }
            out.push(outcome);
        }
        Ok(out)
    }

    fn wait(&mut self, pause: Duration, refused: &[String]) -> Result<(), Refusal> {
        let what = format!("{} refused; new consent takes a while", refused.join(", "));
        (self.rest)(pause, &what)
    }
}

/// What of one list, or of nothing at all.
type Told = Result<Option<String>, Fault>;

/// What the answers of a module's lists come to: it works where one does.
fn judged(
    lists: Vec<(&'static str, Told)>,
    otherwise: impl FnOnce() -> Told,
) -> (Told, Vec<(&'static str, Fault)>) {
    let mut works = None;
    let mut lacks = Vec::new();
    for (title, told) in lists {
        match told {
            Ok(row) => {
                works.get_or_insert(row);
            }
            Err(fault) => lacks.push((title, fault)),
        }
    }
    match (works, lacks.first()) {
        (Some(row), _) => (Ok(row), lacks),
        (None, Some((_, fault))) => (Err(fault.clone()), Vec::new()),
        (None, None) => (otherwise(), lacks),
    }
}

/// A query would cost quota: the token tells as much.
fn hunting(asked: &Asked) -> Result<Option<String>, Fault> {
    // no token at all shows in the lists; here it is not known
    match asked.grants().any(Service::Graph, &[HUNTING]) {
        Grant::Granted | Grant::Unknown => Ok(None),
        Grant::NotSeen | Grant::Denied => Err(Fault::new(
            FaultKind::Forbidden,
            format!("the token does not show {HUNTING}"),
        )
        .next("add the permission to the application and consent to it")),
    }
}

/// Asks every module, and those that were refused again until they answer or `patience` is over.
pub fn probe(
    prober: &mut dyn Prober,
    modules: &[Module],
    patience: Duration,
) -> Result<Vec<Outcome>, Refusal> {
    let mut out = prober.ask(modules)?;
    let mut waited = Duration::ZERO;
    loop {
        let refused: Vec<Module> = (out.iter())
            .filter(|o| o.is_refused())
            .map(|o| o.module)
            .collect();
        if refused.is_empty() || waited + PAUSE > patience {
            return Ok(out);
        }
        let words: Vec<String> = refused.iter().map(Module::word).collect();
        prober.wait(PAUSE, &words)?;
        waited += PAUSE;
        for again in prober.ask(&refused)? {
            let word = again.module.word();
            if let Some(old) = out.iter_mut().find(|o| o.module.word() == word) {
                *old = again;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::needs::modules;

    /// Refuses some modules for so many tries.
    struct Fake {
        tries: usize,
        late: usize,
        waits: Vec<Vec<String>>,
        kind: FaultKind,
    }

    impl Prober for Fake {
        fn ask(&mut self, modules: &[Module]) -> Result<Vec<Outcome>, Refusal> {
            self.tries += 1;
            let refuse = |m: &Module| m.word() == "alerts" && self.tries <= self.late;
            Ok(modules
                .iter()
                .map(|m| Outcome {
                    module: *m,
                    took: Duration::ZERO,
                    lacks: Vec::new(),
                    result: match refuse(m) {
                        true => Err(Fault::new(self.kind, "no")),
                        false => Ok(None),
                    },
                })
                .collect())
        }

        fn wait(&mut self, _: Duration, refused: &[String]) -> Result<(), Refusal> {
            self.waits.push(refused.to_vec());
            Ok(())
        }
    }

    fn run(late: usize, kind: FaultKind, patience: u64) -> (Fake, Vec<Outcome>) {
        let mut fake = Fake {
            tries: 0,
            late,
            waits: Vec::new(),
            kind,
        };
        let out = probe(&mut fake, &modules(), Duration::from_secs(patience))
            .ok()
            .unwrap();
        (fake, out)
    }

    /// S2-21, S3-8, S4-21: what was consented a moment ago is asked for again until it answers.
    #[test]
    fn what_was_refused_is_asked_again_until_it_answers() {
        let (fake, out) = run(2, FaultKind::Forbidden, 120);
        assert_eq!(fake.tries, 3);
        assert_eq!(fake.waits, [["alerts"], ["alerts"]]);
        assert!(out.iter().all(|o| o.result.is_ok()));
        assert_eq!(out.len(), modules().len());
    }

    #[test]
    fn a_module_works_where_one_of_its_lists_does_and_says_which_do_not() {
        let no = |what: &str| Err(Fault::new(FaultKind::Forbidden, what.to_owned()));
        let never = || -> Told { unreachable!() };
        let (result, lacks) = judged(
            vec![("Controls", no("a")), ("Software", Ok(Some("x".into())))],
            never,
        );
        let one = Outcome {
            module: modules()[6],
            took: Duration::ZERO,
            result,
            lacks,
        };
        assert!(!one.is_refused());
        assert_eq!(
            one.line(),
            "  ok    posture     0 ms\n        without controls: a"
        );
        let (result, lacks) = judged(vec![("Controls", no("a")), ("Software", no("b"))], never);
        assert!(result.is_err_and(|f| f.what == "a") && lacks.is_empty());
        assert_eq!(judged(Vec::new(), || Ok(None)).0, Ok(None));
    }

    #[test]
    fn it_ends_when_patience_does_and_waits_for_refusals_alone() {
        let (fake, out) = run(99, FaultKind::Forbidden, 35);
        assert_eq!((fake.tries, fake.waits.len()), (4, 3));
        assert_eq!(out.iter().filter(|o| o.result.is_err()).count(), 1);
        let (fake, _) = run(99, FaultKind::SignIn, 120);
        assert_eq!(
            fake.tries, 1,
            "a wrong secret does not get right by waiting"
        );
        assert_eq!(run(99, FaultKind::Forbidden, 0).0.tries, 1);
    }
}
