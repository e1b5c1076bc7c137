//! The grammar: round trip, precedence, and what is refused where.

use proptest::prelude::*;

use super::*;

fn path(text: &str) -> Path {
    text.split('/').map(str::to_owned).collect()
}

/// A filter as text, for the round trip.
fn print(expr: &Expr) -> String {
    let list = |terms: &[Expr], word: &str| {
        terms
            .iter()
            .map(|t| format!("({})", print(t)))
            .collect::<Vec<_>>()
            .join(word)
    };
    match expr {
        Expr::Or(terms) => list(terms, " or "),
        Expr::And(terms) => list(terms, " and "),
        Expr::Not(inner) => format!("not ({})", print(inner)),
        Expr::Compare(p, op, value) => format!("{} {} {}", p.join("/"), op.name(), literal(value)),
        Expr::In(p, values) => format!(
            "{} in ({})",
            p.join("/"),
            values.iter().map(literal).collect::<Vec<_>>().join(",")
        ),
        Expr::Call(f, p, value) => format!(
            "{}({},{})",
            f.name(),
            p.join("/"),
            literal(&Literal::Text(value.clone()))
        ),
        Expr::Any(p, None) => format!("{}/any()", p.join("/")),
        Expr::Any(p, Some(l)) => format!("{}/any({}:{})", p.join("/"), l.var, print(&l.body)),
        Expr::All(p, l) => format!("{}/all({}:{})", p.join("/"), l.var, print(&l.body)),
        Expr::Is(p) => p.join("/"),
    }
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Null => "null".into(),
        Literal::Bool(b) => b.to_string(),
        Literal::Int(i) => i.to_string(),
        Literal::Real(r) => format!("{r:e}"),
        Literal::Text(t) => format!("'{}'", t.replace('\'', "''")),
        Literal::Time(t) => t.to_string(),
        Literal::Guid(g) => g.clone(),
    }
}

fn any_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        "[^\u{0}]{0,12}".prop_map(Literal::Text),
        (0_i64..4_000_000_000).prop_map(|s| Literal::Time(Timestamp::from_second(s).unwrap())),
        any::<u128>().prop_map(|n| Literal::Guid(uuid::Uuid::from_u128(n).to_string())),
    ]
}

fn any_expr() -> impl Strategy<Value = Expr> {
    let name = prop::sample::select(vec![
        "severity",
        "status/errorCode",
        "e/microsoft.graph.security.userEvidence/userAccount",
        "tags/$count",
    ]);
    let op = prop::sample::select(vec![Op::Eq, Op::Ne, Op::Gt, Op::Ge, Op::Lt, Op::Le]);
    let function = prop::sample::select(vec![
        Function::StartsWith,
        Function::EndsWith,
        Function::Contains,
    ]);
    let leaf = prop_oneof![
        (name.clone(), op, any_literal()).prop_map(|(p, o, l)| Expr::Compare(path(p), o, l)),
        (name.clone(), prop::collection::vec(any_literal(), 1..4))
            .prop_map(|(p, l)| Expr::In(path(p), l)),
        (function, name.clone(), "[^\u{0}]{0,12}").prop_map(|(f, p, t)| Expr::Call(f, path(p), t)),
        name.prop_map(|p| Expr::Is(path(p))),
        Just(Expr::Any(path("evidence"), None)),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            inner.clone().prop_map(|e| Expr::Not(Box::new(e))),
            inner.clone().prop_map(|body| Expr::Any(
                path("evidence"),
                Some(Box::new(Lambda {
                    var: "e".into(),
                    body
                }))
            )),
            inner.prop_map(|body| Expr::All(
                path("tags"),
                Box::new(Lambda {
                    var: "t".into(),
                    body
                })
            )),
        ]
    })
}

proptest! {
    #[test]
    fn printed_filters_parse_to_themselves(expr in any_expr()) {
        let text = print(&expr);
        prop_assert_eq!(parse(&text), Ok(expr), "{}", text);
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn nearly_filters_do_not_make_it_panic(expr in any_expr(), cut in 0_usize..80) {
        let text: String = print(&expr).chars().take(cut).collect();
        let _ = parse(&text);
    }
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_both() {
    let is = |p: &str| Expr::Is(path(p));
    assert_eq!(
        parse("a or b and not c"),
        Ok(Expr::Or(vec![
            is("a"),
            Expr::And(vec![is("b"), Expr::Not(Box::new(is("c")))])
        ]))
    );
}

#[test]
fn quotes_double_and_spaces_do_not_matter() {
    assert_eq!(
        parse("name eq 'O''Neil'"),
        Ok(Expr::Compare(
            path("name"),
            Op::Eq,
            Literal::Text("O'Neil".into())
        ))
    );
    assert_eq!(parse("startswith( a , 'x' )"), parse("startsWith(a,'x')"));
}

#[test]
fn times_may_be_loose() {
    let day = Literal::Time("2018-08-01T00:00:00Z".parse().unwrap());
    for text in [
        "2018-08-01Z",
        "2018-08-01",
        "2018-08-01T00:00:00Z",
        "2018-08-01T02:00:00+02:00",
    ] {
        assert_eq!(
            parse(&format!("at gt {text}")),
            Ok(Expr::Compare(path("at"), Op::Gt, day.clone())),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_a_filter_says_where() {
    for (text, at) in [
        ("", 0),
        ("severity eq", 11),
        ("severity eq high", 12),
        ("(a eq 1", 7),
        ("a eq 'x", 5),
        ("a eq 1 b", 7),
        ("a ~ 1", 2),
    ] {
        assert_eq!(parse(text).unwrap_err().at, at, "{text}");
    }
}

#[test]
fn deep_nesting_is_refused_not_overflowed() {
    let deep = format!("{}a{}", "(".repeat(50_000), ")".repeat(50_000));
    assert!(parse(&deep).is_err());
    assert!(parse(&format!("{}a", "not ".repeat(50_000))).is_err());
}
