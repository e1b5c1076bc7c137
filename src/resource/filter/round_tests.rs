//! The lexer covers any text, the parser takes any text, and what is printed reads the same.

use super::lex::{Kind, lex, quoted, unquoted};
use super::tests::now;
use super::*;
use crate::model::Ticks;
use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use crate::resource::{ALL, Column, Meaning, Shape, Spec};
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Text with everything that means something to the language.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("sev>=med".to_owned()),
        Just("st:new".to_owned()),
        Just("own:me".to_owned()),
        Just("age:1h..4h".to_owned()),
        Just("created:2026-08".to_owned()),
        "[a-z]{1,8}[:=~<>!]{1,2}",
        "[\"!~,:.*\\\\ =<>-]{1,4}",
        "\\PC{0,6}",
        Just("\"".to_owned()),
        Just(" ".to_owned()),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|p| p.concat())
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9.@]{1,8}",
        1 => "[\"!~,:.*\\\\ =<>-]{1,4}",
        1 => "\\PC{1,6}",
        1 => prop::sample::select(vec!["me", "none", "any", "empty", "NONE", "*", "a*", "sev:x", "2..5", "-", "!x"]).prop_map(str::to_owned),
    ]
}

fn when() -> impl Strategy<Value = When> {
    let second = (0i64..4_000_000_000).prop_map(|s| {
        let from = Ticks(s * SECOND);
        When::Span(from, Ticks(from.0 + SECOND))
    });
    let day = (0i64..30_000).prop_map(|d| When::Span(Ticks(d * DAY), Ticks((d + 1) * DAY)));
    prop_oneof![
        (0i64..100_000).prop_map(|n| When::Ago(n * SECOND)),
        (0i64..1_000).prop_map(|n| When::Ago(n * HOUR)),
        (0i64..10_000).prop_map(|n| When::Ago(n * MINUTE)),
        second,
        day,
        Just(When::Day(0)),
        Just(When::Day(1)),
        prop::sample::select(vec![
            "2026",
            "2026-02",
            "2024-02",
            "2026-12",
            "2026-08-01T12:30"
        ])
        .prop_map(|t| When::parse(t).unwrap()),
    ]
}

fn arg(column: &Column, op: Op) -> BoxedStrategy<Arg> {
    let one = match column.shape {
        Shape::Text(m) | Shape::Words(m) => {
            let mut all = vec![word().prop_map(Arg::Text).boxed()];
            if m == Meaning::Person {
                all.push(Just(Arg::Me).boxed());
            }
            if op == Op::Has {
                all.push("[a-z]{1,5}".prop_map(Arg::Prefix).boxed());
            }
            proptest::strategy::Union::new(all).boxed()
        }
        Shape::Ranked(words) => (0..words.len()).prop_map(Arg::Rank).boxed(),
        Shape::Int => any::<i64>().prop_map(Arg::Int).boxed(),
        Shape::Real => (-1e12f64..1e12).prop_map(Arg::Real).boxed(),
        Shape::Bool => any::<bool>().prop_map(Arg::Bool).boxed(),
        Shape::Time => when().prop_map(Arg::Time).boxed(),
    };
    if matches!(op, Op::Has | Op::Is | Op::IsNot) {
        let ordered = op == Op::Has
            && matches!(
                column.shape,
                Shape::Ranked(_) | Shape::Int | Shape::Real | Shape::Time
            );
        let end = one.clone().prop_map(|a| Some(Box::new(a)));
        let mut all = vec![one, Just(Arg::Nothing).boxed(), Just(Arg::Anything).boxed()];
        if ordered {
            all.push(
                (end.clone(), end.clone())
                    .prop_map(|(a, b)| Arg::Range(a, b))
                    .boxed(),
            );
            all.push(end.clone().prop_map(|a| Arg::Range(a, None)).boxed());
            all.push(end.prop_map(|b| Arg::Range(None, b)).boxed());
        }
        return proptest::strategy::Union::new(all).boxed();
    }
    one
}

fn term(spec: &'static Spec) -> impl Strategy<Value = (bool, What)> {
    let words = (any::<bool>(), prop::collection::vec(word(), 1..3))
        .prop_map(|(fuzzy, any)| What::Words { fuzzy, any });
    let field =
        (0..spec.columns.len(), prop::sample::select(Op::ALL)).prop_flat_map(move |(col, op)| {
            let column = &spec.columns[col];
            let op = if super::parse::op_fits(op, column) {
                op
            } else {
                Op::Has
            };
            let most = if op.is_order() { 2 } else { 4 };
            prop::collection::vec(arg(column, op), 1..most).prop_map(move |any| What::Field {
                col,
                op,
                any,
            })
        });
    (any::<bool>(), prop_oneof![1 => words, 3 => field])
}

fn filters() -> impl Strategy<Value = (&'static Spec, Vec<(bool, What)>)> {
    prop::sample::select(ALL)
        .prop_flat_map(|spec| (Just(spec), prop::collection::vec(term(spec), 0..5)))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn tokens_cover_any_text_and_touch(text in typed()) {
        let mut at = 0;
        for token in lex(&text) {
            prop_assert_eq!(token.span.start, at);
            prop_assert!(token.span.end > at && text.is_char_boundary(token.span.end));
            at = token.span.end;
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn any_text_is_read_compiled_and_explained(text in typed(), at in 0usize..60) {
        for spec in ALL {
            let parsed = parse(&text, spec);
            for span in parsed.terms.iter().map(|t| &t.span).chain(parsed.problems.iter().map(|p| &p.span)) {
                prop_assert!(text.get(span.clone()).is_some(), "{span:?} of {text:?}");
            }
            compile(&parsed, spec, &Env { now: now(), me: None, joined: false });
            explain(&parsed, spec, None);
            for offer in complete(&text, at, spec, &()) {
                prop_assert!(text.get(offer.span).is_some());
            }
            // what could be read is printed so that it reads the same
            let again = parse(&print(&parsed, spec), spec);
            prop_assert_eq!(&again.problems, &[]);
            let what = |p: &Parsed| p.terms.iter().map(|t| (t.not, t.what.clone())).collect::<Vec<_>>();
            prop_assert_eq!(what(&again), what(&parsed), "{}", print(&parsed, spec));
        }
    }

    #[test]
    fn any_filter_is_read_back_as_it_was_printed((spec, terms) in filters()) {
        let parsed = Parsed {
            terms: terms.iter().cloned().map(|(not, what)| Term { span: 0..0, not, what }).collect(),
            problems: Vec::new(),
        };
        let text = print(&parsed, spec);
        let again = parse(&text, spec);
        prop_assert_eq!(&again.problems, &[], "{}", text);
        let read: Vec<(bool, What)> = again.terms.into_iter().map(|t| (t.not, t.what)).collect();
        prop_assert_eq!(read, terms, "{}", text);
    }

    #[test]
    fn quotes_hold_anything(text in "\\PC{0,20}|[\"\\\\]{0,8}") {
        let token = quoted(&text);
        let tokens = lex(&token);
        prop_assert_eq!(tokens.len(), 1);
        prop_assert_eq!(tokens[0].kind, Kind::Quoted { closed: true });
        prop_assert_eq!(unquoted(&token), text);
    }
}
