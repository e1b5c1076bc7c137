//! The `$filter` grammar: comparisons, `and`/`or`/`not`, `in`, string functions, `any`/`all`, literals.
//!
//! Both services share the grammar; what of it a collection accepts is `check`'s matter.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A parsed `$filter`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    Compare(Path, Op, Literal),
    In(Path, Vec<Literal>),
    Call(Function, Path, String),
    /// `path/any(var: body)`; without a body it asks whether there is an item at all.
    Any(Path, Option<Box<Lambda>>),
    All(Path, Box<Lambda>),
    /// A boolean property by itself.
    Is(Path),
}

impl Expr {
    /// The text that the property at `path` must equal, if the filter demands one: a shortcut to an index.
    pub fn demands(&self, path: &str) -> Option<&str> {
        match self {
            Expr::And(terms) => terms.iter().find_map(|t| t.demands(path)),
            Expr::Compare(p, Op::Eq, Literal::Text(value) | Literal::Guid(value))
                if p.join("/") == path =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// The text that some item of `list` must have at `path`.
    pub fn demands_item(&self, list: &str, path: &str) -> Option<&str> {
        match self {
            Expr::And(terms) => terms.iter().find_map(|t| t.demands_item(list, path)),
            Expr::Any(p, Some(lambda)) if p.join("/") == list => {
                lambda.body.demands(&format!("{}/{path}", lambda.var))
            }
            _ => None,
        }
    }
}

/// What `any` and `all` ask of each item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lambda {
    pub var: String,
    pub body: Expr,
}

/// Segments between slashes; one with a dot is a cast, `$count` is a segment of its own.
pub(crate) type Path = Vec<String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Op {
    pub fn name(self) -> &'static str {
        match self {
            Op::Eq => "eq",
            Op::Ne => "ne",
            Op::Gt => "gt",
            Op::Ge => "ge",
            Op::Lt => "lt",
            Op::Le => "le",
        }
    }

    fn of(word: &str) -> Option<Op> {
        [Op::Eq, Op::Ne, Op::Gt, Op::Ge, Op::Lt, Op::Le]
            .into_iter()
            .find(|o| o.name() == word)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    StartsWith,
    EndsWith,
    Contains,
}

impl Function {
    pub fn name(self) -> &'static str {
        match self {
            Function::StartsWith => "startswith",
            Function::EndsWith => "endswith",
            Function::Contains => "contains",
        }
    }

    fn of(word: &str) -> Option<Function> {
        [Function::StartsWith, Function::EndsWith, Function::Contains]
            .into_iter()
            .find(|f| f.name().eq_ignore_ascii_case(word))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(String),
    Time(Timestamp),
    Guid(String),
}

/// Where and why a filter is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Syntax error at position {at} in '{text}'.")]
pub(crate) struct Malformed {
    /// In characters.
    pub at: usize,
    pub text: String,
}

/// Nesting beyond this is refused: a walk must not exhaust the stack.
const DEPTH: usize = 60;

/// Reads a filter.
pub(crate) fn parse(text: &str) -> Result<Expr, Malformed> {
    let mut parser = Parser {
        text,
        tokens: lex(text).map_err(|at| malformed(text, at))?,
        at: 0,
        depth: 0,
    };
    let parsed = parser.or();
    match parsed {
        Some(expr) if parser.at == parser.tokens.len() => Ok(expr),
        _ => Err(malformed(
            text,
            parser.tokens.get(parser.at).map_or(text.len(), |t| t.start),
        )),
    }
}

fn malformed(text: &str, at: usize) -> Malformed {
    Malformed {
        at: text.get(..at).map_or(at, |t| t.chars().count()),
        text: text.to_owned(),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Word,
    Text(String),
    Value(Literal),
    Open,
    Close,
    Comma,
    Colon,
    Slash,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    start: usize,
    end: usize,
}

fn lex(text: &str) -> Result<Vec<Token>, usize> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let start = at;
        let kind = match b {
            b' ' | b'\t' => {
                at += 1;
                continue;
            }
            b'(' => one(&mut at, Kind::Open),
            b')' => one(&mut at, Kind::Close),
            b',' => one(&mut at, Kind::Comma),
            b':' => one(&mut at, Kind::Colon),
            b'/' => one(&mut at, Kind::Slash),
            b'\'' => {
                at += 1;
                let mut value = String::new();
                loop {
                    let rest = &text[at..];
                    let Some(end) = rest.find('\'') else {
                        return Err(start);
                    };
                    value.push_str(&rest[..end]);
                    at += end + 1;
                    if bytes.get(at) != Some(&b'\'') {
                        break;
                    }
                    value.push('\'');
                    at += 1;
                }
                Kind::Text(value)
            }
            _ if is_guid(text.get(at..at + 36)) && !continues(bytes.get(at + 36)) => {
                at += 36;
                Kind::Value(Literal::Guid(text[start..at].to_owned()))
            }
            b'-' | b'0'..=b'9' => {
                while bytes
                    .get(at)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || b"-+.:".contains(b))
                {
                    at += 1;
                }
                Kind::Value(number_or_time(&text[start..at]).ok_or(start)?)
            }
            b'$' | b'@' | b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                at += 1;
                while continues(bytes.get(at)) {
                    at += 1;
                }
                Kind::Word
            }
            _ => return Err(start),
        };
        tokens.push(Token {
            kind,
            start,
            end: at,
        });
    }
    Ok(tokens)
}

fn one(at: &mut usize, kind: Kind) -> Kind {
    *at += 1;
    kind
}

fn continues(b: Option<&u8>) -> bool {
    b.is_some_and(|b| b.is_ascii_alphanumeric() || b"_.$@".contains(b))
}

pub(crate) fn is_guid(text: Option<&str>) -> bool {
    text.is_some_and(|t| {
        t.len() == 36
            && t.bytes().enumerate().all(|(i, b)| {
                if [8, 13, 18, 23].contains(&i) {
                    b == b'-'
                } else {
                    b.is_ascii_hexdigit()
                }
            })
    })
}

fn number_or_time(word: &str) -> Option<Literal> {
    if let Ok(int) = word.parse() {
        return Some(Literal::Int(int));
    }
    if word.len() >= 10 && word.as_bytes().get(4) == Some(&b'-') {
        return time(word).map(Literal::Time);
    }
    word.parse::<f64>()
        .ok()
        .filter(|n| n.is_finite())
        .map(Literal::Real)
}

/// An instant, or a day taken at its midnight; the loose `2018-08-01Z` of Defender's own samples too.
pub(crate) fn time(word: &str) -> Option<Timestamp> {
    if let Ok(at) = word.parse() {
        return Some(at);
    }
    let day: Date = word.strip_suffix('Z').unwrap_or(word).parse().ok()?;
    day.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn word(&self) -> Option<&'a str> {
        let token = self.tokens.get(self.at)?;
        (token.kind == Kind::Word).then(|| &self.text[token.start..token.end])
    }

    fn take(&mut self, kind: &Kind) -> Option<()> {
        (self.tokens.get(self.at)?.kind == *kind).then(|| self.at += 1)
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.word() == Some(word);
        self.at += usize::from(found);
        found
    }

    fn next_is(&self, offset: usize, kind: &Kind) -> bool {
        self.tokens
            .get(self.at + offset)
            .is_some_and(|t| t.kind == *kind)
    }

    fn or(&mut self) -> Option<Expr> {
        let mut terms = vec![self.and()?];
        while self.keyword("or") {
            terms.push(self.and()?);
        }
        if terms.len() == 1 {
            terms.pop()
        } else {
            Some(Expr::Or(terms))
        }
    }

    fn and(&mut self) -> Option<Expr> {
        let mut terms = vec![self.unary()?];
        while self.keyword("and") {
            terms.push(self.unary()?);
        }
        if terms.len() == 1 {
            terms.pop()
        } else {
            Some(Expr::And(terms))
        }
    }

    fn unary(&mut self) -> Option<Expr> {
        if self.depth >= DEPTH {
            return None;
        }
        self.depth += 1;
        let expr = if self.word() == Some("not") && !self.next_is(1, &Kind::Slash) {
            self.at += 1;
            Some(Expr::Not(Box::new(self.unary()?)))
        } else {
            self.primary()
        };
        self.depth -= 1;
        expr
    }

    fn primary(&mut self) -> Option<Expr> {
        if self.take(&Kind::Open).is_some() {
            let inner = self.or()?;
            self.take(&Kind::Close)?;
            return Some(inner);
        }
        if self.next_is(1, &Kind::Open)
            && let Some(function) = self.word().and_then(Function::of)
        {
            self.at += 2;
            let path = self.path()?;
            self.take(&Kind::Comma)?;
            let Literal::Text(value) = self.literal()? else {
                return None;
            };
            self.take(&Kind::Close)?;
            // `contains(x,'y') eq true` is the long way to say the same
            if self.keyword("eq") {
                return match self.literal()? {
                    Literal::Bool(true) => Some(Expr::Call(function, path, value)),
                    Literal::Bool(false) => {
                        Some(Expr::Not(Box::new(Expr::Call(function, path, value))))
                    }
                    _ => None,
                };
            }
            return Some(Expr::Call(function, path, value));
        }
        let mut path = self.path()?;
        if self.next_is(0, &Kind::Open) {
            let quantifier = path.pop()?;
            self.at += 1;
            return self.lambda(path, &quantifier);
        }
        let Some(word) = self.word() else {
            return Some(Expr::Is(path));
        };
        if let Some(op) = Op::of(word) {
            self.at += 1;
            return Some(Expr::Compare(path, op, self.literal()?));
        }
        if word == "in" {
            self.at += 1;
            self.take(&Kind::Open)?;
            let mut values = vec![self.literal()?];
            while self.take(&Kind::Comma).is_some() {
                values.push(self.literal()?);
            }
            self.take(&Kind::Close)?;
            return Some(Expr::In(path, values));
        }
        Some(Expr::Is(path))
    }

    fn lambda(&mut self, path: Path, quantifier: &str) -> Option<Expr> {
        if path.is_empty() {
            return None;
        }
        if quantifier == "any" && self.take(&Kind::Close).is_some() {
            return Some(Expr::Any(path, None));
        }
        let var = self.word()?.to_owned();
        self.at += 1;
        self.take(&Kind::Colon)?;
        let body = self.or()?;
        self.take(&Kind::Close)?;
        let lambda = Box::new(Lambda { var, body });
        match quantifier {
            "any" => Some(Expr::Any(path, Some(lambda))),
            "all" => Some(Expr::All(path, lambda)),
            _ => None,
        }
    }

    fn path(&mut self) -> Option<Path> {
        let mut path = vec![self.word()?.to_owned()];
        self.at += 1;
        while self.take(&Kind::Slash).is_some() {
            path.push(self.word()?.to_owned());
            self.at += 1;
        }
        Some(path)
    }

    fn literal(&mut self) -> Option<Literal> {
        let token = self.tokens.get(self.at)?;
        let literal = match &token.kind {
            Kind::Text(text) => Literal::Text(text.clone()),
            Kind::Value(value) => value.clone(),
            Kind::Word => match &self.text[token.start..token.end] {
                "null" => Literal::Null,
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                // an enum member with its type before the quotes
                name if name.contains('.') => {
                    let Some(Token {
                        kind: Kind::Text(member),
                        ..
                    }) = self.tokens.get(self.at + 1)
                    else {
                        return None;
                    };
                    let member = Literal::Text(member.clone());
                    self.at += 1;
                    member
                }
                _ => return None,
            },
            _ => return None,
        };
        self.at += 1;
        Some(literal)
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
