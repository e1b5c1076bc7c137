//! Reads a filter text against a resource's columns. Never fails: a term that cannot be read becomes a problem.

use super::lex::{Kind, Token, lex, unquoted};
use super::near::nearest;
use super::when::When;
use super::{Arg, Op, Parsed, Problem, Term, What};
use crate::resource::{Column, Meaning, Shape, Spec};
use std::ops::Range;

/// A value as it stands in the text.
pub(super) struct Atom {
    pub text: String,
    pub quoted: bool,
    pub span: Range<usize>,
}

/// The tokens of one term, read together.
#[derive(Default)]
pub(super) struct Raw {
    pub span: Range<usize>,
    pub nots: usize,
    pub fuzzy: bool,
    pub field: Option<(Range<usize>, Op)>,
    pub atoms: Vec<Atom>,
}

/// Reads a filter. Terms keep their order.
pub fn parse(text: &str, spec: &Spec) -> Parsed {
    let mut out = Parsed::default();
    for raw in terms(text) {
        let not = raw.nots % 2 == 1;
        let what = match &raw.field {
            Some((name, op)) => field(text, spec, &raw, name.clone(), *op, &mut out.problems),
            None => words(text, &raw, &mut out.problems),
        };
        if let Some(what) = what {
            out.terms.push(Term {
                span: raw.span,
                not,
                what,
            });
        }
    }
    out
}

/// Groups tokens to terms.
pub(super) fn terms(text: &str) -> Vec<Raw> {
    let mut out: Vec<Raw> = Vec::new();
    let mut open = false;
    let mut after_value = false;
    for Token { kind, span } in lex(text) {
        let starts = match kind {
            Kind::Space => {
                open = false;
                continue;
            }
            Kind::Not | Kind::Fuzzy | Kind::Field => after_value,
            // two values without a comma between are two terms
            Kind::Word | Kind::Quoted { .. } => after_value,
            Kind::Op(_) | Kind::Comma => false,
        };
        if !open || starts {
            out.push(Raw {
                span: span.clone(),
                ..Raw::default()
            });
            open = true;
        }
        after_value = matches!(kind, Kind::Word | Kind::Quoted { .. });
        let Some(raw) = out.last_mut() else { continue };
        raw.span.end = span.end;
        let piece = &text[span.clone()];
        match kind {
            Kind::Not => raw.nots += 1,
            Kind::Fuzzy => raw.fuzzy = true,
            Kind::Field => raw.field = Some((span, Op::Has)),
            Kind::Op(op) => {
                if let Some((_, to)) = &mut raw.field {
                    *to = op;
                }
            }
            Kind::Word => raw.atoms.push(Atom {
                text: piece.to_owned(),
                quoted: false,
                span,
            }),
            Kind::Quoted { .. } => raw.atoms.push(Atom {
                text: unquoted(piece),
                quoted: true,
                span,
            }),
            Kind::Comma | Kind::Space => {}
        }
    }
    out
}

fn words(text: &str, raw: &Raw, problems: &mut Vec<Problem>) -> Option<What> {
    let any: Vec<String> = raw
        .atoms
        .iter()
        .map(|a| a.text.clone())
        .filter(|t| !t.is_empty())
        .collect();
    if any.is_empty() {
        let sentence = "a word to look for is missing".to_owned();
        problems.push(problem(text, raw.span.clone(), sentence, None));
        return None;
    }
    Some(What::Words {
        fuzzy: raw.fuzzy,
        any,
    })
}

fn field(
    text: &str,
    spec: &Spec,
    raw: &Raw,
    name: Range<usize>,
    op: Op,
    problems: &mut Vec<Problem>,
) -> Option<What> {
    let word = &text[name.clone()];
    let Some((col, column)) = spec
        .column(word)
        .and_then(|c| Some((c, spec.columns.get(c)?)))
    else {
        let names = spec
            .columns
            .iter()
            .flat_map(|c| c.aliases.iter().copied().chain([c.name]));
        let near = nearest(word, names).map(str::to_owned);
        let hint = match &near {
            Some(near) => format!("did you mean {near}?"),
            None => "put the word in quotes to look for it".to_owned(),
        };
        let sentence = format!("{}s have no field {word}; {hint}", spec.one);
        problems.push(problem(text, name, sentence, near));
        return None;
    };
    if !op_fits(op, column) {
        let sentence = match op {
            Op::Fuzzy => format!("{} is no text; use : or a comparison", column.name),
            _ => format!("{} has no order; use :, = or ~", column.name),
        };
        let at = name.end..name.end + op.sign().len();
        problems.push(problem(text, at, sentence, Some(":".to_owned())));
        return None;
    }
    let mut any = Vec::with_capacity(raw.atoms.len());
    for atom in &raw.atoms {
        match value(column, op, atom) {
            Ok(arg) => any.push(arg),
            Err(Bad { sentence, nearest }) => {
                problems.push(problem(text, atom.span.clone(), sentence, nearest));
            }
        }
    }
    if raw.atoms.is_empty() {
        let sentence = format!("{word}{} wants a value: {}", op.sign(), column.help);
        problems.push(problem(text, raw.span.clone(), sentence, None));
    }
    // of several values the good ones count; a comparison with more than one says nothing
    if op.is_order() && any.len() > 1 {
        let sentence = format!("{word}{} takes one value", op.sign());
        problems.push(problem(text, raw.span.clone(), sentence, None));
        return None;
    }
    (!any.is_empty()).then_some(What::Field { col, op, any })
}

fn problem(text: &str, span: Range<usize>, sentence: String, nearest: Option<String>) -> Problem {
    let unfinished = span.end == text.len();
    Problem {
        span,
        sentence,
        nearest,
        unfinished,
    }
}

/// Whether a column knows this comparison.
pub(super) fn op_fits(op: Op, column: &Column) -> bool {
    match column.shape {
        Shape::Text(_) | Shape::Words(_) => !op.is_order(),
        Shape::Bool => matches!(op, Op::Has | Op::Is | Op::IsNot),
        Shape::Ranked(_) | Shape::Int | Shape::Real | Shape::Time => op != Op::Fuzzy,
    }
}

struct Bad {
    sentence: String,
    nearest: Option<String>,
}

fn bad(sentence: impl Into<String>) -> Bad {
    Bad {
        sentence: sentence.into(),
        nearest: None,
    }
}

fn value(column: &Column, op: Op, atom: &Atom) -> Result<Arg, Bad> {
    let word = atom.text.as_str();
    let plain = !atom.quoted;
    // a ranked column may have a member called none
    let taken = matches!(column.shape, Shape::Ranked(words) if rank(words, column, word).is_ok());
    if plain && !taken && !op.is_order() && op != Op::Fuzzy {
        if word.eq_ignore_ascii_case("none") || word.eq_ignore_ascii_case("empty") {
            return Ok(Arg::Nothing);
        }
        if word.eq_ignore_ascii_case("any") || word == "*" {
            return Ok(Arg::Anything);
        }
    }
    if plain
        && op == Op::Has
        && is_ordered(column.shape)
        && let Some((low, high)) = word.split_once("..")
    {
        let end = |word: &str| match word.is_empty() {
            true => Ok(None),
            false => single(column, op, word, plain).map(|arg| Some(Box::new(arg))),
        };
        return match (end(low)?, end(high)?) {
            (None, None) => Err(bad("a range wants at least one end: 2..5, 2.., ..5")),
            (low, high) => Ok(Arg::Range(low, high)),
        };
    }
    single(column, op, word, plain)
}

fn is_ordered(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::Ranked(_) | Shape::Int | Shape::Real | Shape::Time
    )
}

fn single(column: &Column, op: Op, word: &str, plain: bool) -> Result<Arg, Bad> {
    match column.shape {
        Shape::Text(meaning) | Shape::Words(meaning) => {
            let exactly = matches!(op, Op::Is | Op::IsNot | Op::Fuzzy);
            if plain && meaning == Meaning::Person && word.eq_ignore_ascii_case("me") {
                return Ok(Arg::Me);
            }
            match word
                .strip_suffix('*')
                .filter(|w| plain && !exactly && !w.is_empty())
            {
                Some(prefix) => Ok(Arg::Prefix(prefix.to_owned())),
                None => Ok(Arg::Text(word.to_owned())),
            }
        }
        Shape::Ranked(words) => match rank(words, column, word) {
            Ok(place) => Ok(Arg::Rank(place)),
            // a member that came with the service yesterday can be asked for by its exact word
            Err(_) if matches!(op, Op::Is | Op::IsNot) => Ok(Arg::Text(word.to_owned())),
            Err(bad) => Err(bad),
        },
        Shape::Int => word
            .parse()
            .map(Arg::Int)
            .map_err(|_| bad(format!("{} is a whole number", column.name))),
        Shape::Real => word
            .parse::<f64>()
            .ok()
            .filter(|n| n.is_finite())
            .map(Arg::Real)
            .ok_or_else(|| bad(format!("{} is a number", column.name))),
        Shape::Bool => truth(word).map(Arg::Bool).ok_or_else(|| Bad {
            sentence: format!("{} is yes or no", column.name),
            nearest: nearest(word, ["yes", "no", "true", "false"]).map(str::to_owned),
        }),
        Shape::Time => When::parse(word).map(Arg::Time).map_err(bad),
    }
}

fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "on" | "1" => Some(true),
        "no" | "n" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The member that a word names: whole, short, in other words of the column, or by a beginning that fits one only.
fn rank(words: &[(&str, &str)], column: &Column, word: &str) -> Result<usize, Bad> {
    let place = |member: &str| words.iter().position(|(w, _)| *w == member);
    let spoken = |exact: bool| {
        let fits = |w: &str| match exact {
            true => w.eq_ignore_ascii_case(word),
            false => w
                .get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word)),
        };
        let known = words
            .iter()
            .enumerate()
            .filter(move |(_, (w, short))| fits(w) || fits(short))
            .map(|(at, _)| at);
        let said = column
            .says
            .iter()
            .filter(move |(w, _)| fits(w))
            .filter_map(move |(_, member)| place(member));
        let mut found: Vec<usize> = known.chain(said).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    let exact = spoken(true);
    if let Some(place) = exact.first() {
        return Ok(*place);
    }
    let begun = match word.is_empty() {
        true => Vec::new(),
        false => spoken(false),
    };
    match begun.as_slice() {
        [place] => Ok(*place),
        [] => {
            let all = words
                .iter()
                .flat_map(|(w, short)| [*w, *short])
                .chain(column.says.iter().map(|(w, _)| *w));
            let near = nearest(word, all).map(str::to_owned);
            let known: Vec<&str> = words.iter().map(|(_, short)| *short).collect();
            let hint = match &near {
                Some(near) => format!("did you mean {near}?"),
                None => format!("there are {}", known.join(", ")),
            };
            Err(Bad {
                sentence: format!("{} has no {word}; {hint}", column.name),
                nearest: near,
            })
        }
        several => {
            let names: Vec<&str> = several
                .iter()
                .filter_map(|at| words.get(*at))
                .map(|(w, _)| *w)
                .collect();
            Err(Bad {
                sentence: format!("{word} may be {}", names.join(" or ")),
                nearest: names.first().map(|n| (*n).to_owned()),
            })
        }
    }
}
