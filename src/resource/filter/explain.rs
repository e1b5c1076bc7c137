//! Says in words what a filter does, for the help below the bar.

use super::{Arg, Op, Parsed, Term, What};
use crate::resource::{Column, Shape, Spec};
use table::{Text, Txt};

/// One sentence without a period. `me` is named where it is known.
pub fn explain(parsed: &Parsed, spec: &Spec, me: Option<&Text>) -> String {
    if parsed.terms.is_empty() {
        return format!("all {}s", spec.one);
    }
    let terms: Vec<String> = parsed.terms.iter().map(|t| term(t, spec, me)).collect();
    format!("{}s with {}", spec.one, terms.join(", and "))
}

fn term(term: &Term, spec: &Spec, me: Option<&Text>) -> String {
    let said = match &term.what {
        What::Words { fuzzy, any } => {
            let words = either(any.iter().map(|w| quote(w)));
            match fuzzy {
                true => format!("the letters of {words} in order in a text"),
                false => format!("{words} in a text"),
            }
        }
        What::Field { col, op, any } => match spec.columns.get(*col) {
            Some(column) => field(column, *op, any, me),
            None => String::new(),
        },
    };
    if term.not {
        format!("not: {said}")
    } else {
        said
    }
}

fn field(column: &Column, op: Op, any: &[Arg], me: Option<&Text>) -> String {
    let values = either(any.iter().map(|a| value(a, column, me)));
    let name = column.name;
    let is_time = column.shape == Shape::Time;
    let is_age = is_time
        && any
            .iter()
            .all(|a| matches!(a, Arg::Time(super::When::Ago(_))));
    match op {
        _ if any == [Arg::Nothing] && op != Op::IsNot => format!("no {name}"),
        _ if any == [Arg::Anything] && op != Op::IsNot => format!("any {name}"),
        Op::Has if is_age => format!("{name} within the last {values}"),
        Op::Lt | Op::Le if is_age => format!("{name} less than {values} ago"),
        Op::Gt | Op::Ge if is_age => format!("{name} more than {values} ago"),
        Op::Has if is_exact(column) => format!("{name} {values}"),
        Op::Has => format!("{values} in {name}"),
        Op::Is => format!("{name} exactly {values}"),
        Op::IsNot => format!("{name} other than {values}"),
        Op::Fuzzy => format!("the letters of {values} in order in {name}"),
        Op::Lt if is_time => format!("{name} before {values}"),
        Op::Gt if is_time => format!("{name} after {values}"),
        Op::Lt => format!("{name} below {values}"),
        Op::Le if is_time => format!("{name} until {values}"),
        Op::Ge if is_time => format!("{name} from {values} on"),
        Op::Le => format!("{name} {values} or lower"),
        Op::Gt => format!("{name} above {values}"),
        Op::Ge => format!("{name} {values} or higher"),
    }
}

fn is_exact(column: &Column) -> bool {
    !matches!(column.shape, Shape::Text(_) | Shape::Words(_))
}

fn value(arg: &Arg, column: &Column, me: Option<&Text>) -> String {
    match arg {
        Arg::Text(text) => quote(text),
        Arg::Prefix(text) => format!("words that begin with {}", quote(text)),
        Arg::Me => match me {
            Some(me) => format!("me ({})", me.txt().shown()),
            None => "me (no one is known to act as)".to_owned(),
        },
        Arg::Nothing => "none".to_owned(),
        Arg::Anything => "any".to_owned(),
        // these are said as they are written
        Arg::Rank(_) | Arg::Int(_) | Arg::Real(_) | Arg::Bool(_) | Arg::Time(_) => {
            super::print::arg(arg, column)
        }
        Arg::Range(low, high) => {
            let end = |a: &Option<Box<Arg>>| a.as_deref().map(|a| value(a, column, me));
            match (end(low), end(high)) {
                (Some(low), Some(high)) => format!("from {low} to {high}"),
                (Some(low), None) => format!("from {low} on"),
                (None, Some(high)) => format!("up to {high}"),
                (None, None) => "anything".to_owned(),
            }
        }
    }
}

fn quote(text: &str) -> String {
    format!("\"{}\"", Txt::new(text).shown())
}

fn either(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(" or ")
}
