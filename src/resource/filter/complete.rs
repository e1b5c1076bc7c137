//! What may stand at the cursor: fields with their operators, words of a column, and values that the table holds.

use super::Op;
use super::lex::{Kind, lex};
use super::parse::op_fits;
use super::print::{knows_me, name, value};
use crate::model::enums::SOURCES;
use crate::resource::{Column, Meaning, Shape, Spec};
use std::ops::Range;
use table::{Cancel, Keyed, Selection, Text};

/// One offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Goes in the place of `span`.
    pub insert: String,
    /// For the list; made safe for the screen.
    pub label: String,
    pub help: String,
    /// What it replaces, in bytes of the text.
    pub span: Range<usize>,
}

/// The values that a list holds.
pub trait Values {
    /// Distinct values of a column with their counts, most frequent first, at most so many; `usize::MAX` wants every
    /// value of every row, less may be content with the newest rows.
    fn distinct(&self, col: usize, most: usize) -> Vec<(Text, u32)>;
}

/// No values: columns and words only.
impl Values for () {
    fn distinct(&self, _: usize, _: usize) -> Vec<(Text, u32)> {
        Vec::new()
    }
}

/// The values of a list's rows.
pub struct TableValues<'a>(pub &'a Keyed);

/// Rows looked at for values: counting all of a packed column of 200,000 would be felt.
const LOOK: usize = 20_000;
/// Offers at most.
const MOST: usize = 50;

impl Values for TableValues<'_> {
    fn distinct(&self, col: usize, most: usize) -> Vec<(Text, u32)> {
        let live = self.0.live();
        // the newest rows stand last
        let skip = match most {
            usize::MAX => 0,
            _ => live.len().saturating_sub(LOOK),
        };
        let rows: Selection = live.iter().skip(skip).collect();
        let groups = table::group(self.0.table(), &rows, col, &Cancel::default());
        groups
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(value, count)| match value {
                table::Value::Text(text) if !text.is_empty() => Some((text, count)),
                _ => None,
            })
            .take(most)
            .collect()
    }
}

/// Offers for the place of the cursor (a byte offset), best first.
pub fn complete(text: &str, cursor: usize, spec: &Spec, values: &dyn Values) -> Vec<Completion> {
    let cursor = floor(text, cursor);
    let place = place(text, cursor);
    let mut out = match place.field {
        Some((name, op)) => match spec
            .column(name)
            .and_then(|c| Some((c, spec.columns.get(c)?)))
        {
            Some((col, column)) => offer_values(col, column, op, values),
            None => Vec::new(),
        },
        None => offer_fields(spec, place.word),
    };
    let word = place.word.trim_start_matches('"').to_lowercase();
    let rank = |offer: &Offer| {
        let insert = offer.insert.trim_start_matches('"').to_lowercase();
        let words = format!("{} {}", insert, offer.label.to_lowercase());
        match () {
            _ if insert == word => 0,
            _ if insert.starts_with(&word) => 1,
            _ if words.split_whitespace().any(|w| w.starts_with(&word)) => 2,
            _ if words.contains(&word) => 3,
            _ if word.len() >= 3 && offer.help.to_lowercase().contains(&word) => 4,
            _ => 9,
        }
    };
    out.retain(|offer| rank(offer) < 9);
    out.sort_by_key(rank);
    out.truncate(MOST);
    out.into_iter()
        .map(|offer| Completion {
            insert: offer.insert,
            label: offer.label,
            help: offer.help,
            span: place.span.clone(),
        })
        .collect()
}

struct Offer {
    insert: String,
    label: String,
    help: String,
}

/// What is being typed: the field it belongs to, the word up to the cursor, and what an offer replaces.
struct Place<'a> {
    field: Option<(&'a str, Op)>,
    word: &'a str,
    span: Range<usize>,
}

fn place(text: &str, cursor: usize) -> Place<'_> {
    let mut field = None;
    let mut span = cursor..cursor;
    for token in lex(text) {
        if token.span.start >= cursor && token.kind != Kind::Space {
            break;
        }
        match token.kind {
            Kind::Space => field = None,
            Kind::Not | Kind::Fuzzy => span = cursor..cursor,
            // still in the name, or between its name and what follows
            Kind::Field if token.span.end >= cursor => {
                span = token.span;
                field = None;
                break;
            }
            Kind::Field => field = Some((token.span, Op::Has)),
            Kind::Op(op) => {
                if let Some((_, to)) = &mut field {
                    *to = op;
                }
                span = cursor..cursor;
            }
            Kind::Comma => span = cursor..cursor,
            Kind::Word | Kind::Quoted { .. } => {
                span = cursor..cursor;
                if token.span.end >= cursor {
                    span = token.span;
                    break;
                }
            }
        }
        if token.kind == Kind::Space {
            span = cursor..cursor;
        }
    }
    let end = cursor.min(span.end);
    Place {
        field: field.map(|(name, op)| (&text[name], op)),
        word: text.get(span.start..end).unwrap_or(""),
        span,
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn offer_fields(spec: &Spec, word: &str) -> Vec<Offer> {
    let mut out = Vec::new();
    for column in spec.columns {
        let named = column.is_called(word);
        let short = name(column);
        // the word that was begun is the word that is finished
        let typed = std::iter::once(column.name)
            .chain(column.aliases.iter().copied())
            .filter(|n| !word.is_empty() && starts(n, word))
            .min_by_key(|n| n.len());
        let name = typed.unwrap_or(short);
        out.push(Offer {
            insert: format!("{name}:"),
            label: format!("{name}:"),
            help: match name == column.name {
                true => column.help.to_owned(),
                false => format!("{} · {}", column.name, column.help),
            },
        });
        if named {
            let further = [Op::Ge, Op::Le, Op::Gt, Op::Lt, Op::Is, Op::IsNot, Op::Fuzzy];
            for op in further.into_iter().filter(|op| op_fits(*op, column)) {
                let insert = format!("{name}{}", op.sign());
                out.push(Offer {
                    label: insert.clone(),
                    insert,
                    help: op_help(op, column).to_owned(),
                });
            }
        }
    }
    out
}

fn op_help(op: Op, column: &Column) -> &'static str {
    let time = column.shape == Shape::Time;
    match op {
        Op::Has => "has",
        Op::Is => "is exactly",
        Op::IsNot => "is not",
        Op::Fuzzy => "has these letters in order",
        Op::Lt if time => "younger than an age, before a day",
        Op::Gt if time => "older than an age, after a day",
        Op::Lt => "below",
        Op::Gt => "above",
        Op::Le => "at most",
        Op::Ge => "at least",
    }
}

fn offer_values(col: usize, column: &Column, op: Op, values: &dyn Values) -> Vec<Offer> {
    let mut out = Vec::new();
    let mut own = |insert: &str, help: &str| {
        out.push(Offer {
            insert: insert.to_owned(),
            label: insert.to_owned(),
            help: help.to_owned(),
        });
    };
    if knows_me(column) {
        own("me", "you");
    }
    match column.shape {
        Shape::Ranked(words) => {
            for (word, short) in words.iter().rev() {
                own(word, if word == short { "" } else { short });
            }
        }
        Shape::Bool => {
            own("yes", "");
            own("no", "");
        }
        Shape::Time => {
            for (word, help) in [
                ("1h", "an hour"),
                ("4h", "four hours"),
                ("24h", "a day"),
                ("7d", "a week"),
                ("30d", "a month"),
                ("today", "since midnight UTC"),
                ("yesterday", "the day before, UTC"),
            ] {
                own(word, help);
            }
        }
        Shape::Text(Meaning::Source) | Shape::Words(Meaning::Source) => {
            for (_, short, product) in SOURCES {
                own(short, product);
            }
        }
        _ => {}
    }
    if let Shape::Text(meaning) | Shape::Words(meaning) = column.shape
        && !matches!(meaning, Meaning::Title | Meaning::Id)
    {
        for (text, count) in values.distinct(col, 2_000) {
            let exact = text.txt().exact();
            let known = meaning == Meaning::Source && SOURCES.iter().any(|(raw, ..)| *raw == exact);
            if !known {
                out.push(Offer {
                    insert: value(exact, column),
                    label: text.txt().shown().into_owned(),
                    help: match count {
                        1 => "1 row".to_owned(),
                        n => format!("{n} rows"),
                    },
                });
            }
        }
    }
    if !matches!(op, Op::Fuzzy | Op::Lt | Op::Le | Op::Gt | Op::Ge) {
        for (insert, help) in [("none", "without a value"), ("any", "with a value")] {
            let taken = out.iter().any(|o| o.insert.eq_ignore_ascii_case(insert));
            out.push(Offer {
                insert: if taken { "empty" } else { insert }.to_owned(),
                label: if taken { "empty" } else { insert }.to_owned(),
                help: help.to_owned(),
            });
        }
    }
    out
}

fn starts(text: &str, with: &str) -> bool {
    text.get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with))
}
