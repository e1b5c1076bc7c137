//! What a collection supports, and refusing the rest in the service's words.

use super::eval::Case;
use super::filter::{Expr, Function, Literal, Op};
use super::options::Options;

/// The type of a filterable property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    /// One of these, in any case.
    Enum(&'static [&'static str]),
    Time,
    Bool,
    Int,
    /// Written without quotes.
    Guid,
    /// Written with or without quotes: the pages of Defender disagree with its answers.
    Loose,
    /// A collection; what `any` may ask of an item (`""` is the item itself).
    List(&'static [&'static str]),
}

/// Which operators: a sum of the constants below.
pub(crate) type Ops = u16;
pub(crate) const EQ: Ops = 1;
pub(crate) const NE: Ops = 2;
pub(crate) const ORDER: Ops = 4;
pub(crate) const IN: Ops = 8;
pub(crate) const STARTS: Ops = 16;
pub(crate) const ENDS: Ops = 32;
pub(crate) const CONTAINS: Ops = 64;
pub(crate) const NOT: Ops = 128;

/// A property that may stand in a `$filter`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// With slashes where it is nested.
    pub name: &'static str,
    pub kind: Kind,
    pub ops: Ops,
}

pub(crate) const fn field(name: &'static str, kind: Kind, ops: Ops) -> Field {
    Field { name, kind, ops }
}

/// What becomes of a `$top` above the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Refused,
    Clamped,
}

/// Query options of one collection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The full name of the entity's type.
    pub kind: &'static str,
    pub filter: &'static [Field],
    /// Properties there are; empty where `$select` is not supported.
    pub select: &'static [&'static str],
    pub orderby: &'static [&'static str],
    pub expand: &'static [&'static str],
    /// Rows on a page without `$top`, and at most.
    pub top: (u64, u64),
    pub over: Over,
    pub skip: bool,
    pub count: bool,
    pub search: bool,
    /// The directory's advanced queries: `ConsistencyLevel` and `$count` for some operators.
    pub advanced: bool,
    pub case: Case,
}

/// Why a query is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A property, literal or option that does not fit.
    Invalid(String),
    /// Understood, but not offered here.
    Unsupported(String),
    /// `$top` above the maximum.
    Top(u64),
    /// An advanced query without what it needs.
    Advanced(String),
}

/// Compares what was asked for with what there is. `eventual`: the `ConsistencyLevel` header is there.
pub(crate) fn check(options: &Options, rules: &Rules, eventual: bool) -> Result<(), Refused> {
    if let Some(name) = options.unknown.first() {
        return Err(Refused::Invalid(format!(
            "The query parameter '{name}' is not supported."
        )));
    }
    let refuse = |name: &str| {
        Err(Refused::Unsupported(format!(
            "'{name}' is not supported by the service."
        )))
    };
    if options.skip.is_some() && !rules.skip {
        return refuse("$skip");
    }
    if options.count && !rules.count {
        return refuse("$count");
    }
    if options.search.is_some() && !rules.search {
        return refuse("$search");
    }
    if options.top == Some(0) {
        return Err(Refused::Invalid(
            "Invalid page size specified: '0'. It must be at least 1.".into(),
        ));
    }
    if rules.over == Over::Refused && options.top.is_some_and(|top| top > rules.top.1) {
        return Err(Refused::Top(rules.top.1));
    }
    if !options.select.is_empty() && rules.select.is_empty() {
        return refuse("$select");
    }
    for name in &options.select {
        let first = name.split('/').next().unwrap_or(name);
        if first != "*" && !rules.select.contains(&first) {
            return Err(unknown(first, rules));
        }
    }
    for item in &options.expand {
        if rules.expand.is_empty() {
            return refuse("$expand");
        }
        if !rules.expand.contains(&item.name.as_str()) {
            return Err(unknown(&item.name, rules));
        }
    }
    for (path, _) in &options.orderby {
        let name = path.join("/");
        if rules.orderby.is_empty() {
            return refuse("$orderby");
        }
        if !rules.orderby.contains(&name.as_str()) {
            let known = rules.select.contains(&name.as_str());
            return if known {
                Err(Refused::Unsupported(format!(
                    "Sorting by '{name}' is not supported."
                )))
            } else {
                Err(unknown(&name, rules))
            };
        }
    }
    if let Some(filter) = &options.filter {
        if rules.filter.is_empty() {
            return refuse("$filter");
        }
        expr(filter, rules, None)?;
    }
    if rules.advanced {
        advanced(options, eventual)?;
    }
    Ok(())
}

fn unknown(name: &str, rules: &Rules) -> Refused {
    Refused::Invalid(format!(
        "Could not find a property named '{name}' on type '{}'.",
        rules.kind
    ))
}

fn expr(filter: &Expr, rules: &Rules, item: Option<(&str, &Field)>) -> Result<(), Refused> {
    let one = |path: &[String], bit: Ops, operator: &str| -> Result<Kind, Refused> {
        if let Some((var, list)) = item
            && path.first().is_some_and(|p| p == var)
        {
            let inner = path[1..].join("/");
            let Kind::List(allowed) = list.kind else {
                return Err(unknown(&inner, rules));
            };
            return if allowed.contains(&inner.as_str()) {
                Ok(Kind::Text)
            } else {
                Err(unknown(path.last().map_or("", |p| p), rules))
            };
        }
        let counted = path.last().is_some_and(|p| p == "$count");
        let name = if counted {
            path[..path.len() - 1].join("/")
        } else {
            path.join("/")
        };
        let Some(found) = rules.filter.iter().find(|f| f.name == name) else {
            let first = path.first().map_or("", |p| p.as_str());
            return Err(if rules.select.contains(&first) {
                Refused::Unsupported(format!("Property '{name}' does not support filtering."))
            } else {
                unknown(first, rules)
            });
        };
        if counted {
            return if matches!(found.kind, Kind::List(_)) && rules.advanced {
                Ok(Kind::Int)
            } else {
                Err(unknown("$count", rules))
            };
        }
        if found.ops & bit == 0 {
            return Err(Refused::Unsupported(format!(
                "Operator '{operator}' is not supported because the property '{name}' does not offer it."
            )));
        }
        Ok(found.kind)
    };
    match filter {
        Expr::Or(terms) | Expr::And(terms) => terms.iter().try_for_each(|t| expr(t, rules, item)),
        Expr::Not(inner) => {
            if !rules.filter.iter().any(|f| f.ops & NOT != 0) {
                return Err(Refused::Unsupported(
                    "Operator 'Not' is not supported.".into(),
                ));
            }
            expr(inner, rules, item)
        }
        Expr::Compare(path, op, literal) => {
            let bit = match op {
                Op::Eq => EQ,
                Op::Ne => NE,
                _ => ORDER,
            };
            fits(one(path, bit, op.name())?, literal, op.name())
        }
        Expr::In(path, literals) => {
            let kind = one(path, IN, "in")?;
            literals.iter().try_for_each(|l| fits(kind, l, "in"))
        }
        Expr::Call(function, path, _) => {
            let bit = match function {
                Function::StartsWith => STARTS,
                Function::EndsWith => ENDS,
                Function::Contains => CONTAINS,
            };
            match one(path, bit, function.name())? {
                Kind::Text => Ok(()),
                _ => Err(Refused::Invalid(format!(
                    "No function signature for the function with name '{}' matches the specified arguments.",
                    function.name()
                ))),
            }
        }
        Expr::Is(path) => match one(path, EQ, "eq")? {
            Kind::Bool => Ok(()),
            _ => Err(Refused::Invalid(
                "The $filter expression must evaluate to a single boolean value.".into(),
            )),
        },
        Expr::Any(path, None) => list(path, rules).map(|_| ()),
        Expr::Any(path, Some(lambda)) | Expr::All(path, lambda) => {
            let found = list(path, rules)?;
            expr(&lambda.body, rules, Some((&lambda.var, found)))
        }
    }
}

fn list<'a>(path: &[String], rules: &'a Rules) -> Result<&'a Field, Refused> {
    let name = path.join("/");
    rules
        .filter
        .iter()
        .find(|f| f.name == name && matches!(f.kind, Kind::List(_)))
        .ok_or_else(|| unknown(&name, rules))
}

fn fits(kind: Kind, literal: &Literal, operator: &str) -> Result<(), Refused> {
    let ok = match (kind, literal) {
        (_, Literal::Null)
        | (Kind::Loose, Literal::Text(_) | Literal::Guid(_) | Literal::Int(_))
        | (Kind::Text, Literal::Text(_))
        | (Kind::Time, Literal::Time(_))
        | (Kind::Bool, Literal::Bool(_))
        | (Kind::Int, Literal::Int(_) | Literal::Real(_))
        | (Kind::Guid, Literal::Guid(_)) => true,
        (Kind::Enum(members), Literal::Text(text)) => {
            if !members.iter().any(|m| m.eq_ignore_ascii_case(text)) {
                return Err(Refused::Invalid(format!(
                    "Invalid filter clause: The string '{text}' is not a valid enumeration type constant."
                )));
            }
            true
        }
        _ => false,
    };
    if ok {
        return Ok(());
    }
    let left = match kind {
        Kind::Text | Kind::List(_) => "Edm.String",
        Kind::Enum(_) => "an enumeration",
        Kind::Time => "Edm.DateTimeOffset",
        Kind::Bool => "Edm.Boolean",
        Kind::Int => "Edm.Int32",
        Kind::Guid => "Edm.Guid",
        Kind::Loose => "Edm.String",
    };
    let right = match literal {
        Literal::Text(_) => "Edm.String",
        Literal::Time(_) => "Edm.DateTimeOffset",
        Literal::Bool(_) => "Edm.Boolean",
        Literal::Int(_) => "Edm.Int32",
        Literal::Real(_) => "Edm.Double",
        Literal::Guid(_) => "Edm.Guid",
        Literal::Null => "null",
    };
    Err(Refused::Invalid(format!(
        "Invalid filter clause: A binary operator with incompatible types was detected. Found operand types '{left}' and '{right}' for operator kind '{operator}'."
    )))
}

fn advanced(options: &Options, eventual: bool) -> Result<(), Refused> {
    let need = |what: &str| Refused::Advanced(what.to_owned());
    if options.search.is_some() && !eventual {
        return Err(need(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    if options.count && !eventual {
        return Err(need(
            "Request with $count only works with the request header 'ConsistencyLevel: eventual'",
        ));
    }
    let full = eventual && (options.count || options.search.is_some());
    if let Some(operator) = options.filter.as_ref().and_then(advanced_operator)
        && !(eventual && options.count)
    {
        return Err(need(&format!(
            "Operator '{operator}' is not supported because the 'ConsistencyLevel: eventual' header and $count=true are not both present."
        )));
    }
    if options.filter.is_some() && !options.orderby.is_empty() && !full {
        return Err(need("Sorting not supported for current query."));
    }
    if !options.expand.is_empty() && eventual && (options.count || options.search.is_some()) {
        return Err(need("$expand cannot be combined with an advanced query."));
    }
    Ok(())
}

fn advanced_operator(filter: &Expr) -> Option<&'static str> {
    let counted = |path: &[String]| path.last().is_some_and(|p| p == "$count");
    match filter {
        Expr::Or(terms) | Expr::And(terms) => terms.iter().find_map(advanced_operator),
        Expr::Not(_) => Some("not"),
        Expr::Compare(path, _, _) if counted(path) => Some("$count"),
        Expr::Compare(_, Op::Ne, _) => Some("ne"),
        Expr::Call(Function::EndsWith, _, _) => Some("endswith"),
        Expr::Any(_, Some(lambda)) | Expr::All(_, lambda) => advanced_operator(&lambda.body),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        kind: "microsoft.graph.thing",
        filter: &[
            field("severity", Kind::Enum(&["low", "high"]), EQ | NE | IN),
            field("createdDateTime", Kind::Time, EQ | ORDER),
            field("name", Kind::Text, EQ | STARTS | ENDS | NOT),
            field("tags", Kind::List(&[""]), 0),
        ],
        select: &["severity", "createdDateTime", "name", "tags", "id"],
        orderby: &["name"],
        expand: &[],
        top: (20, 50),
        over: Over::Refused,
        skip: false,
        count: true,
        search: true,
        advanced: true,
        case: Case::Folded,
    };

    fn asked(query: &str, eventual: bool) -> Result<(), Refused> {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        check(&Options::read(&pairs).unwrap(), &RULES, eventual)
    }

    #[test]
    fn what_is_supported_passes() {
        for query in [
            "$filter=severity eq 'HIGH' and createdDateTime ge 2026-01-01T00:00:00Z",
            "$top=50&$select=id,name",
            "$orderby=name desc",
            "$filter=tags/any(t:t eq 'x')",
            "$filter=name eq null",
        ] {
            assert_eq!(asked(query, false), Ok(()), "{query}");
        }
    }

    #[test]
    fn the_rest_is_refused_by_kind() {
        let invalid = |q: &str| matches!(asked(q, false), Err(Refused::Invalid(_)));
        let unsupported = |q: &str| matches!(asked(q, false), Err(Refused::Unsupported(_)));
        for query in [
            "$filter=foo eq 1",
            "$filter=severity eq 'bogus'",
            "$filter=createdDateTime ge '2026-01-01'",
            "$select=foo",
            "$bar=1",
            "$filter=severity eq 1",
            "$filter=tags/any(t:t/x eq 'y')",
        ] {
            assert!(invalid(query), "{query}: {:?}", asked(query, false));
        }
        for query in [
            "$skip=1",
            "$filter=id eq 'x'",
            "$filter=name gt 'a'",
            "$orderby=severity",
            "$expand=x",
        ] {
            assert!(unsupported(query), "{query}: {:?}", asked(query, false));
        }
        assert_eq!(asked("$top=51", false), Err(Refused::Top(50)));
    }

    #[test]
    fn advanced_queries_need_header_and_count() {
        for query in [
            "$filter=severity ne 'low'",
            "$filter=not startswith(name,'a')",
            "$filter=endswith(name,'a')",
            "$filter=tags/$count eq 1",
        ] {
            assert!(
                matches!(asked(query, false), Err(Refused::Advanced(_))),
                "{query}"
            );
            assert!(
                matches!(asked(query, true), Err(Refused::Advanced(_))),
                "{query}"
            );
            assert_eq!(
                asked(&format!("{query}&$count=true"), true),
                Ok(()),
                "{query}"
            );
        }
        assert!(asked("$search=\"name:a\"", false).is_err());
        assert_eq!(asked("$search=\"name:a\"", true), Ok(()));
        assert!(asked("$count=true", false).is_err());
    }
}
