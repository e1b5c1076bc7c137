//! The filter language over columns that only a table knows: those of a hunting result.
//!
//! The same terms as in lists. A field is a column's name, or a beginning of it that fits no other; which comparisons it
//! knows comes from its type. Names may repeat (then any of them counts) and may hold what a field of a list may not.

use super::compile::{not, time, times};
use super::near::nearest;
use super::parse::{Atom, Raw, terms};
use super::when::When;
use super::{Arg, Op, Problem};
use crate::model::Ticks;
use crate::resource::hunt_answer::span;
use std::ops::Range;
use table::{Cmp, Match, Pattern, Predicate, Schema, Test, Txt, Type};

/// A filter over a result, as far as it could be read.
#[derive(Clone, Debug)]
pub struct Open {
    pub predicate: Predicate,
    /// Terms that do not apply, and why; the others do.
    pub problems: Vec<Problem>,
}

/// Reads a filter against the columns of a table. Never fails.
pub fn read(text: &str, schema: &Schema, now: Ticks) -> Open {
    let mut open = Open {
        predicate: Predicate::All,
        problems: Vec::new(),
    };
    let mut all = Vec::new();
    for mut raw in terms(text) {
        split_field(text, schema, &mut raw);
        let read = match raw.field.clone() {
            Some((name, op)) => field(text, schema, &raw, name, op, now),
            None => words(schema, &raw),
        };
        match read {
            Ok(p) if raw.nots % 2 == 1 => all.push(not(p)),
            Ok(p) => all.push(p),
            Err((span, sentence, nearest)) => open.problems.push(Problem {
                unfinished: span.end == text.len(),
                span,
                sentence,
                nearest,
            }),
        }
    }
    open.predicate = match all.len() {
        0 => Predicate::All,
        1 => all.swap_remove(0),
        _ => Predicate::And(all),
    };
    open
}

/// A value that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The column that it is compared with.
    pub col: usize,
    /// So far, without quotes.
    pub word: String,
    /// What an offer goes in the place of, in bytes of the text.
    pub span: Range<usize>,
}

/// The value that is written at the cursor (a byte offset), behind the name of a column and a comparison.
pub fn value_at(text: &str, cursor: usize, schema: &Schema) -> Option<Begun> {
    let head = text.get(..cursor)?;
    let mut raw = terms(head).pop()?;
    split_field(head, schema, &mut raw);
    let (name, op) = raw.field.clone()?;
    if raw.span.end < head.len() || op == Op::Fuzzy {
        return None;
    }
    let col = *columns(schema, &head[name]).ok()?.first()?;
    // behind a comma nothing is begun yet
    let begun = raw.atoms.pop().filter(|a| a.span.end == head.len());
    Some(begun.map_or_else(
        || Begun {
            col,
            word: String::new(),
            span: cursor..cursor,
        },
        |a| Begun {
            col,
            word: a.text,
            span: a.span,
        },
    ))
}

type Bad = (Range<usize>, String, Option<String>);

/// A column's name may have letters that a field of a list never has: `count_>3` came as one word.
fn split_field(text: &str, schema: &Schema, raw: &mut Raw) {
    if raw.field.is_some() || raw.fuzzy {
        return;
    }
    let Some(first) = raw.atoms.first_mut().filter(|a| !a.quoted) else {
        return;
    };
    let word = first.text.clone();
    for (at, _) in word.char_indices().skip(1) {
        let rest = &word[at..];
        let Some(op) = Op::ALL.iter().find(|op| rest.starts_with(op.sign())) else {
            continue;
        };
        if columns(schema, &word[..at]).is_ok() {
            let start = first.span.start;
            raw.field = Some((start..start + at, *op));
            let value = start + at + op.sign().len();
            first.text = text[value..first.span.end].to_owned();
            first.span = value..first.span.end;
            if first.text.is_empty() {
                raw.atoms.remove(0);
            }
            return;
        }
    }
}

/// The columns of a name: exactly, without regard to case, by a beginning that fits one name only.
fn columns(schema: &Schema, word: &str) -> Result<Vec<usize>, Option<String>> {
    let of = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let all = schema.columns().enumerate();
        all.filter(|(_, (n, _))| fits(n.exact()))
            .map(|(c, _)| c)
            .collect()
    };
    let ways: [&dyn Fn(&str) -> bool; 2] = [&|n| n == word, &|n| n.eq_ignore_ascii_case(word)];
    for way in ways {
        let found = of(way);
        if !found.is_empty() && !word.is_empty() {
            return Ok(found);
        }
    }
    let begun = of(&|n| {
        n.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    });
    let name = |col: &usize| schema.name(*col).map_or("", Txt::exact);
    match begun.first() {
        Some(first) if word.len() > 1 && begun.iter().all(|c| name(c) == name(first)) => Ok(begun),
        _ => {
            let names: Vec<&str> = schema.columns().map(|(n, _)| n.exact()).collect();
            Err(nearest(word, names.iter().copied()).map(str::to_owned))
        }
    }
}

fn textual(kind: Type) -> bool {
    kind.is_textual() || kind == Type::List
}

/// Any of the words somewhere in the row; a number is looked for in numbers too.
fn words(schema: &Schema, raw: &Raw) -> Result<Predicate, Bad> {
    let of = |fits: fn(Type) -> bool| -> Vec<usize> {
        let all = schema.columns().enumerate();
        all.filter(|(_, (_, k))| fits(*k)).map(|(c, _)| c).collect()
    };
    let mut any = Vec::new();
    for atom in raw.atoms.iter().filter(|a| !a.text.is_empty()) {
        let test = match raw.fuzzy {
            true => Pattern::subsequence(&atom.text),
            false => pattern(atom, Pattern::contains)?,
        };
        any.push(Predicate::AnyText {
            cols: of(textual),
            test,
        });
        if let (false, Ok(n)) = (raw.fuzzy || atom.quoted, atom.text.parse::<i64>()) {
            any.extend(
                of(|k| matches!(k, Type::Int | Type::Long))
                    .into_iter()
                    .map(|col| Predicate::Test {
                        col,
                        test: Test::Int(Cmp::Eq, n),
                    }),
            );
        }
    }
    if any.is_empty() {
        return Err((
            raw.span.clone(),
            "a word to look for is missing".into(),
            None,
        ));
    }
    Ok(one_of(any))
}

/// `/…/` is a regular expression, `word*` a beginning; in quotes both are themselves.
fn pattern(atom: &Atom, plain: fn(&str) -> Pattern) -> Result<Pattern, Bad> {
    let word = atom.text.as_str();
    let inner = word.strip_prefix('/').and_then(|w| w.strip_suffix('/'));
    if let (false, Some(inner)) = (atom.quoted, inner.filter(|i| !i.is_empty())) {
        return Pattern::compile(Match::Regex, inner)
            .map_err(|e| (atom.span.clone(), e.to_string(), None));
    }
    match word
        .strip_suffix('*')
        .filter(|w| !atom.quoted && !w.is_empty())
    {
        Some(prefix) => Ok(Pattern::starts_with(prefix)),
        None => Ok(plain(word)),
    }
}

fn field(
    text: &str,
    schema: &Schema,
    raw: &Raw,
    name: Range<usize>,
    op: Op,
    now: Ticks,
) -> Result<Predicate, Bad> {
    let word = &text[name.clone()];
    let cols = columns(schema, word).map_err(|near| {
        let hint = match &near {
            Some(near) => format!("did you mean {}?", Txt::new(near).shown()),
            None => "put the word in quotes to look for it".to_owned(),
        };
        let sentence = format!(
            "the result has no column {}; {hint}",
            Txt::new(word).shown()
        );
        (name.clone(), sentence, near)
    })?;
    if raw.atoms.is_empty() {
        let sentence = format!("{}{} wants a value", Txt::new(word).shown(), op.sign());
        return Err((raw.span.clone(), sentence, None));
    }
    let mut found = Vec::new();
    for col in cols {
        let kind = schema.kind(col).unwrap_or(Type::Text);
        for atom in &raw.atoms {
            found.push(value(col, kind, op, atom, now)?);
        }
    }
    let found = one_of(found);
    Ok(if op == Op::IsNot { not(found) } else { found })
}

fn value(col: usize, kind: Type, op: Op, atom: &Atom, now: Ticks) -> Result<Predicate, Bad> {
    let word = atom.text.as_str();
    let bad = |sentence: String| (atom.span.clone(), sentence, None);
    let test = |test: Test| Predicate::Test { col, test };
    let order = matches!(op, Op::Lt | Op::Le | Op::Gt | Op::Ge);
    if !atom.quoted && !order && op != Op::Fuzzy {
        let nothing = || match textual(kind) {
            true => Predicate::Or(vec![
                test(Test::Null),
                test(Test::Text(Pattern::equals(""))),
            ]),
            false => test(Test::Null),
        };
        match word.to_ascii_lowercase().as_str() {
            "none" | "empty" => return Ok(nothing()),
            "any" | "*" => return Ok(not(nothing())),
            _ => {}
        }
    }
    let cmp = match op {
        Op::Lt => Cmp::Lt,
        Op::Le => Cmp::Le,
        Op::Gt => Cmp::Gt,
        Op::Ge => Cmp::Ge,
        _ => Cmp::Eq,
    };
    if textual(kind) {
        return match op {
            Op::Fuzzy => Ok(test(Test::Text(Pattern::subsequence(word)))),
            Op::Is | Op::IsNot => Ok(test(Test::Text(Pattern::equals(word)))),
            _ if order => Err(bad("text has no order here; use : or =".into())),
            _ => Ok(test(Test::Text(pattern(atom, Pattern::contains)?))),
        };
    }
    if op == Op::Fuzzy {
        return Err(bad("~ is for text; use : or a comparison".into()));
    }
    let range = word
        .split_once("..")
        .filter(|_| !order && op != Op::IsNot && !atom.quoted);
    match kind {
        Type::Bool => match word.to_ascii_lowercase().as_str() {
            "yes" | "y" | "true" | "1" if !order => Ok(test(Test::Bool(true))),
            "no" | "n" | "false" | "0" if !order => Ok(test(Test::Bool(false))),
            _ => Err(bad("this column is yes or no".into())),
        },
        Type::Time => {
            let when = |w: &str| match w.is_empty() {
                true => Ok(None),
                false => When::parse(w).map(|w| Some(Arg::Time(w))).map_err(bad),
            };
            match range {
                Some((low, high)) => Ok(times(col, when(low)?.as_ref(), when(high)?.as_ref(), now)),
                None => {
                    let at = When::parse(word).map_err(bad)?;
                    Ok(time(col, op, at, now))
                }
            }
        }
        _ => {
            let number = |w: &str| number(kind, w).ok_or_else(|| bad(wants(kind).into()));
            let one = |cmp: Cmp, n: Number| match n {
                Number::Whole(n) => test(Test::Int(cmp, n)),
                Number::Real(n) => test(Test::Real(cmp, n)),
            };
            let Some((low, high)) = range else {
                return Ok(one(cmp, number(word)?));
            };
            let mut both = Vec::new();
            if !low.is_empty() {
                both.push(one(Cmp::Ge, number(low)?));
            }
            if !high.is_empty() {
                both.push(one(Cmp::Le, number(high)?));
            }
            match both.is_empty() {
                true => Err(bad("a range wants at least one end: 2..5, 2.., ..5".into())),
                false => Ok(Predicate::And(both)),
            }
        }
    }
}

enum Number {
    Whole(i64),
    Real(f64),
}

/// A number as the column has them; a span as an age (`4h`) or as Kusto writes it.
fn number(kind: Type, word: &str) -> Option<Number> {
    if kind == Type::Timespan {
        let age = match When::parse(word) {
            Ok(When::Ago(ticks)) => Some(ticks),
            _ => None,
        };
        return age.or_else(|| span(word)).map(Number::Whole);
    }
    if let Ok(n) = word.parse() {
        return Some(Number::Whole(n));
    }
    let real = word.parse::<f64>().ok().filter(|n| n.is_finite());
    real.map(Number::Real)
}

fn wants(kind: Type) -> &'static str {
    match kind {
        Type::Timespan => "a span is an age (30m, 4h) or 01:30:00",
        _ => "this column is a number",
    }
}

fn one_of(mut any: Vec<Predicate>) -> Predicate {
    match any.len() {
        1 => any.swap_remove(0),
        _ => Predicate::Or(any),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use table::{Cancel, ChunkBuilder, Table};

    fn rows() -> Table {
        let schema = Arc::new(Schema::new([
            ("Device", Type::Text),
            ("count_", Type::Long),
            ("Timestamp", Type::Time),
            ("Took", Type::Timespan),
            ("Ok", Type::Bool),
            ("Device", Type::Text),
            ("", Type::Text),
            ("Score", Type::Real),
        ]));
        let mut b = ChunkBuilder::new(schema.clone());
        for n in 0..5i64 {
            b.text(0, Some(["wks-1", "wks-2", "srv-1", "", "dc/1"][n as usize]));
            b.int(1, (n != 3).then_some(n * 10));
            b.time(
                2,
                Some(Ticks::parse("2026-08-01T10:00:00Z").unwrap().0 + n * 36_000_000_000),
            );
            b.int(3, Some(n * 600_000_000));
            b.bool(4, Some(n % 2 == 0));
            b.text(5, (n == 1).then_some("twin"));
            b.text(6, Some(["nameless", "x"][usize::from(n > 0)]));
            b.real(7, Some(n as f64 / 2.0));
            b.end_row();
        }
        let mut t = Table::new(schema);
        t.append(Arc::new(b.finish()));
        t
    }

    fn found(text: &str) -> Vec<u32> {
        let t = rows();
        let now = Ticks::parse("2026-08-01T14:30:00Z").unwrap();
        let open = read(text, t.schema(), now);
        assert_eq!(open.problems, [], "{text}");
        table::filter(&t, &t.all(), &open.predicate, &Cancel::new())
            .unwrap()
            .rows
            .rows()
            .to_vec()
    }

    #[test]
    fn words_fields_ranges_ages_and_turned_round() {
        for (text, rows) in [
            ("wks", &[0u32, 1][..]),
            ("WKS !twin", &[0]),
            ("~w1", &[0]),
            ("20", &[2]),
            ("nameless", &[0]),
            ("Device:wks", &[0, 1]),
            ("dev:twin", &[1]),
            ("device=wks-1,srv-1", &[0, 2]),
            ("Device:none", &[0, 2, 3, 4]),
            ("Score:none", &[]),
            ("Device:/^(srv|dc).1$/", &[2, 4]),
            ("count_>=20", &[2, 4]),
            ("count_:10..30", &[1, 2]),
            ("count_:none", &[3]),
            ("count_!=10", &[0, 2, 3, 4]),
            ("Timestamp>2h", &[0, 1, 2]),
            ("Timestamp<1h", &[4]),
            ("Timestamp:2026-08-01T11:00..2026-08-01T12:00", &[1, 2]),
            ("Took>=2m", &[2, 3, 4]),
            ("Took=00:01:00", &[1]),
            ("Ok:no", &[1, 3]),
            ("Score>0.5", &[2, 3, 4]),
            ("wks -count_:0", &[1]),
            ("dc/1", &[4]),
        ] {
            assert_eq!(found(text), rows, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_a_sentence_and_the_rest_applies() {
        let t = rows();
        for (text, words) in [
            ("Devize:x", "did you mean Device?"),
            ("count_>many", "a number"),
            ("Ok:perhaps", "yes or no"),
            ("Device>a", "no order"),
            ("Took:long", "01:30:00"),
            ("Device:/(/", "not a regular expression"),
            ("Timestamp:7", "needs a unit"),
            ("count_:..", "at least one end"),
            ("Device:", "wants a value"),
        ] {
            let open = read(&format!("wks {text}"), t.schema(), Ticks(0));
            let said: Vec<&str> = open.problems.iter().map(|p| p.sentence.as_str()).collect();
            assert!(said.iter().any(|s| s.contains(words)), "{text}: {said:?}");
            assert!(
                matches!(open.predicate, Predicate::AnyText { .. }),
                "the other term applies: {text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let t = rows();
            let open = read(&text, t.schema(), Ticks(0));
            for p in open.problems {
                proptest::prop_assert!(text.get(p.span.clone()).is_some(), "{:?}", p.span);
            }
        }
    }
}
