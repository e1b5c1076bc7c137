//! `parse`, `parse-where` and `parse-kv`: columns out of text.

use super::expr::{Cx, Expr, compile_regex};
use super::rel::{Part, Rel};
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::value::{Kind, Val, text};
use super::vector::{Build, Vector};
use crate::syntax::{Id, N};
use hashbrown::HashMap;
use regex::Regex;

/// A pattern with the kinds of its groups.
struct Plan {
    regex: Regex,
    kinds: Vec<Kind>,
    /// What does not convert is null alone, not the whole row.
    relaxed: bool,
}

impl Plan {
    /// The values of a text; none where it does not fit.
    fn values(&self, t: &str, cx: &Cx) -> Option<Vec<Val<'static>>> {
        if !cx.searches(&self.regex, t, true) {
            return None;
        }
        let c = self.regex.captures(t)?;
        let mut out = Vec::with_capacity(self.kinds.len());
        for (i, k) in self.kinds.iter().enumerate() {
            let s = c.name(&format!("c{i}")).map_or("", |m| m.as_str());
            let v = match k {
                Kind::String => text(s.to_owned()),
                k => text(s.trim().to_owned()).to(*k).owned(),
            };
            if v.is_null() && !self.relaxed {
                return None;
            }
            out.push(v);
        }
        Some(out)
    }
}

impl Session<'_> {
    pub(super) fn parse(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        let Some(source) = t
            .children(node)
            .find(|c| !matches!(t.kind(*c), N::Param | N::ParsePattern))
        else {
            return self.unsupported(node, "this");
        };
        let e = self.compile(source)?;
        let plan = self.parse_plan(node)?;
        let keep = t.kind(node) == N::ParseWhere;
        self.out_of_text(table, input, e, plan.kinds.clone(), keep, move |t, cx| {
            plan.values(t, cx)
        })
    }

    fn parse_plan(&mut self, node: Id) -> Res<Plan> {
        let t = self.t();
        let mode = self
            .b
            .word_param(node, "kind")
            .unwrap_or("simple")
            .to_owned();
        let flags = self.b.word_param(node, "flags").unwrap_or("").to_owned();
        let regex_mode = mode == "regex";
        let parts: Vec<Id> = t
            .child_of(node, N::ParsePattern)
            .map(|p| t.children(p).collect())
            .unwrap_or_default();
        let mut kinds = Vec::new();
        let mut r = String::from(if flags.contains('i') { "(?si)" } else { "(?s)" });
        if flags.contains('U') {
            r = r.replace("(?s", "(?sU");
        }
        r.push('^');
        let n = parts.len();
        for (i, p) in parts.iter().enumerate() {
            match t.kind(*p) {
                N::Star => r.push_str(".*?"),
                N::NameDecl | N::Column => {
                    let kind = match t.child(*p, 1) {
                        Some(ty) if t.kind(*p) == N::Column => Kind::of(
                            crate::types::by_name(t.text_of(ty))
                                .unwrap_or(crate::types::Ty::STRING),
                        ),
                        _ => Kind::String,
                    };
                    let what = match kind {
                        Kind::Int | Kind::Long if regex_mode => r"\-?\d+",
                        Kind::Int | Kind::Long if mode == "relaxed" => r"\s*\-?\d+|.*?",
                        Kind::Int | Kind::Long => r"\s*\-?\d+\s*",
                        Kind::Real | Kind::Decimal if mode == "relaxed" => {
                            r"\s*\-?[\d.]+(?:[eE][+\-]?\d+)?|.*?"
                        }
                        Kind::Real | Kind::Decimal => r"\s*\-?[\d.]+(?:[eE][+\-]?\d+)?",
                        _ if i + 1 == n => ".*",
                        _ => ".*?",
                    };
                    r.push_str(&format!("(?P<c{}>{what})", kinds.len()));
                    kinds.push(kind);
                }
                _ => {
                    let s = super::literal::node(t, *p)
                        .map(|v| v.text().into_owned())
                        .unwrap_or_default();
                    if regex_mode {
                        r.push_str(&format!("(?:{s})"));
                    } else {
                        r.push_str(&regex::escape(&s));
                    }
                }
            }
        }
        let ends = parts.last().is_some_and(|p| !matches!(t.kind(*p), N::Star));
        if ends && !regex_mode {
            r.push('$');
        }
        match compile_regex(&r) {
            Some(regex) => Ok(Plan {
                regex,
                kinds,
                relaxed: mode == "relaxed",
            }),
            None => self.fail(
                ErrorKind::Semantic,
                node,
                "the pattern is no regular expression, or too large",
            ),
        }
    }

    /// The input's columns and those that a function of a text gives; where it gives none, the row
    /// goes or its new columns are empty.
    fn out_of_text(
        &mut self,
        table: crate::bind::env::TableRef,
        input: Rel,
        e: Expr,
        kinds: Vec<Kind>,
        keep: bool,
        f: impl Fn(&str, &Cx) -> Option<Vec<Val<'static>>> + Sync,
    ) -> Res<Rel> {
        let hidden = input.segmented;
        let first = table.cols.len() - kinds.len();
        let parts = self.each_part(&input.parts, |p, cx| {
            let v = e.eval(p, cx);
            let mut builds: Vec<Build> = kinds.iter().map(|k| Build::new(*k)).collect();
            let mut known: HashMap<usize, u32> = HashMap::new();
            let mut fits: Vec<bool> = Vec::new();
            let mut at: Vec<u32> = Vec::with_capacity(p.rows);
            for i in 0..p.rows {
                let code = match &v {
                    Vector::Const(..) => Some(0),
                    Vector::Data(..) => v.dict().and_then(|(d, sel)| {
                        let r = Vector::row(sel, i);
                        (r < d.codes().len() && !d.is_null(r)).then(|| d.codes().get(r))
                    }),
                };
                if let Some(c) = code
                    && let Some(x) = known.get(&c)
                {
                    at.push(*x);
                    continue;
                }
                let x = v.val(e.kind, i);
                let vals = f(&x.text(), cx);
                fits.push(vals.is_some());
                match vals {
                    Some(vals) => builds.iter_mut().zip(vals).for_each(|(b, v)| b.push(v)),
                    None => builds.iter_mut().for_each(Build::null),
                }
                let n = fits.len() as u32 - 1;
                at.push(n);
                if let Some(c) = code {
                    known.insert(c, n);
                }
            }
            let fresh: Vec<Vector> = builds.into_iter().map(|b| b.finish().take(&at)).collect();
            let mut cols = p.cols.clone();
            let tail = if hidden { cols.pop() } else { None };
            // a column of the same name is replaced by the new one
            cols.truncate(first);
            cols.extend(fresh);
            cols.extend(tail);
            let out = Part { rows: p.rows, cols };
            if !keep {
                return out;
            }
            let rows: Vec<u32> = at
                .iter()
                .enumerate()
                .filter(|(_, n)| fits[**n as usize])
                .map(|(i, _)| i as u32)
                .collect();
            out.take(&rows)
        })?;
        Ok(Rel {
            table,
            parts: parts.into_iter().filter(|p| p.rows > 0).collect(),
            serialized: input.serialized,
            segmented: hidden,
        })
    }

    pub(super) fn parse_kv(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        let Some(source) = t.child(node, 0) else {
            return self.unsupported(node, "this");
        };
        let e = self.compile(source)?;
        let mut options: HashMap<String, Vec<String>> = HashMap::new();
        let mut params: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::Param)
            .collect();
        if let Some(w) = t.child_of(node, N::With) {
            params.extend(t.children(w).filter(|c| t.kind(*c) == N::Param));
        }
        for p in params {
            if let (Some(n), Some(v)) = (t.child(p, 0), t.child(p, 1)) {
                let v = super::literal::node(t, v)
                    .map_or_else(|| t.text_of(v).to_owned(), |v| v.text().into_owned());
                options.entry(t.text_of(n).to_owned()).or_default().push(v);
            }
        }
        let start = input.table.cols.len();
        let names: Vec<String> = table
            .cols
            .iter()
            .skip(start)
            .map(|c| self.b.text(c.name).to_owned())
            .collect();
        let kinds: Vec<Kind> = table
            .cols
            .iter()
            .skip(start)
            .map(|c| Kind::of(c.ty))
            .collect();
        let one = |k: &str| options.get(k).and_then(|v| v.first()).cloned();
        let regex = match one("regex") {
            Some(r) => match compile_regex(&r) {
                Some(r) => Some(r),
                None => {
                    return self.fail(
                        ErrorKind::Semantic,
                        node,
                        "not a regular expression, or too large",
                    );
                }
            },
            None => None,
        };
        let reader = Pairs {
            pair: one("pair_delimiter").filter(|s| !s.is_empty()),
            kv: one("kv_delimiter").filter(|s| !s.is_empty()),
            quotes: options.get("quote").cloned().unwrap_or_default(),
            escape: one("escape").and_then(|s| s.chars().next()),
            greedy: one("greedy").is_some_and(|g| g.eq_ignore_ascii_case("true")),
        };
        let ks = kinds.clone();
        self.out_of_text(table, input, e, kinds, false, move |t, cx| {
            let mut found: HashMap<String, String> = HashMap::new();
            match &regex {
                Some(r) => {
                    if !cx.searches(r, t, true) {
                        return None;
                    }
                    for c in r.captures_iter(t) {
                        if let (Some(k), Some(v)) = (c.get(1), c.get(2)) {
                            found
                                .entry(k.as_str().to_owned())
                                .or_insert_with(|| v.as_str().to_owned());
                        }
                    }
                }
                None if reader.kv.is_none() && reader.pair.is_none() => {
                    reader.words(t, &names, &mut found);
                }
                None => reader.read(t, &mut found),
            }
            Some(
                names
                    .iter()
                    .zip(&ks)
                    .map(|(n, k)| match found.get(n) {
                        Some(v) => text(v.clone()).to(*k).owned(),
                        None => Val::Null.to(*k),
                    })
                    .collect(),
            )
        })
    }
}

/// How keys and values are told apart.
struct Pairs {
    pair: Option<String>,
    kv: Option<String>,
    quotes: Vec<String>,
    escape: Option<char>,
    greedy: bool,
}

impl Pairs {
    fn is_end(&self, rest: &str) -> Option<usize> {
        match &self.pair {
            Some(p) => rest.starts_with(p.as_str()).then_some(p.len()),
            None => rest
                .chars()
                .next()
                .filter(|c| !c.is_alphanumeric() && *c != '_')
                .map(char::len_utf8),
        }
    }
    /// Reads a quoted text that begins here; its value and where it ends.
    fn quoted(&self, rest: &str) -> Option<(String, usize)> {
        for q in &self.quotes {
            let mut it = q.chars();
            let open = it.next()?;
            let close = it.next().unwrap_or(open);
            let Some(body) = rest.strip_prefix(open) else {
                continue;
            };
            let mut out = String::new();
            let mut chars = body.char_indices();
            while let Some((i, c)) = chars.next() {
                if Some(c) == self.escape {
                    if let Some((_, n)) = chars.next() {
                        out.push(n);
                    }
                } else if c == close {
                    return Some((out, open.len_utf8() + i + c.len_utf8()));
                } else {
                    out.push(c);
                }
            }
            return None;
        }
        None
    }
    fn read(&self, t: &str, out: &mut HashMap<String, String>) {
        let mut at = 0;
        while let Some(rest) = t.get(at..) {
            let Some(k) = self.find_kv(rest) else { return };
            let (key_end, value_at) = k;
            // the key begins after the last delimiter before it
            let head = rest.get(..key_end).unwrap_or("");
            let mut from = 0;
            let mut i = 0;
            while i < head.len() {
                match head.get(i..).and_then(|r| self.is_end(r)) {
                    Some(n) => {
                        i += n;
                        from = i;
                    }
                    None => {
                        i += head
                            .get(i..)
                            .and_then(|r| r.chars().next())
                            .map_or(1, char::len_utf8)
                    }
                }
            }
            let key = head.get(from..).unwrap_or("").trim();
            let key = self.quoted_key(head).unwrap_or_else(|| key.to_owned());
            let body = rest.get(value_at..).unwrap_or("");
            let blank = body.len() - body.trim_start_matches(' ').len();
            let (value, used) = match self.quoted(body.get(blank..).unwrap_or("")) {
                Some((v, n)) => (v, blank + n),
                None => {
                    let mut end = body.len();
                    if self.greedy {
                        // up to the last delimiter before the next key
                        let mut search = 0;
                        if let Some((k, _)) = self.find_kv(body) {
                            end = 0;
                            while search < k {
                                if let Some(n) = body.get(search..k).and_then(|r| self.is_end(r)) {
                                    end = search;
                                    search += n;
                                } else {
                                    search += body
                                        .get(search..)
                                        .and_then(|r| r.chars().next())
                                        .map_or(1, char::len_utf8);
                                }
                            }
                        }
                    } else {
                        let mut i = 0;
                        while i < body.len() {
                            if body.get(i..).and_then(|r| self.is_end(r)).is_some() {
                                end = i;
                                break;
                            }
                            i += body
                                .get(i..)
                                .and_then(|r| r.chars().next())
                                .map_or(1, char::len_utf8);
                        }
                    }
                    (body.get(..end).unwrap_or("").trim().to_owned(), end)
                }
            };
            out.entry(key).or_insert(value);
            let next = at + value_at + used;
            if next <= at {
                return;
            }
            at = next;
        }
    }
    /// Where a key ends and its value begins.
    fn find_kv(&self, rest: &str) -> Option<(usize, usize)> {
        let kv = self.kv.as_deref().unwrap_or("=");
        let i = rest.find(kv)?;
        Some((i, i + kv.len()))
    }
    /// Without delimiters every sign is one: a value is the word after its key.
    fn words(&self, t: &str, keys: &[String], out: &mut HashMap<String, String>) {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut at = 0;
        let mut key: Option<String> = None;
        while let Some(rest) = t.get(at..).filter(|r| !r.is_empty()) {
            let (word, used) = match self.quoted(rest) {
                Some(q) => q,
                None => {
                    let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                    if end == 0 {
                        at += rest.chars().next().map_or(1, char::len_utf8);
                        continue;
                    }
                    (rest[..end].to_owned(), end)
                }
            };
            at += used;
            match key.take() {
                Some(k) => {
                    out.entry(k).or_insert(word);
                }
                None if keys.contains(&word) && !out.contains_key(&word) => key = Some(word),
                None => {}
            }
        }
    }
    /// A key in quotes at the end of a text.
    fn quoted_key(&self, head: &str) -> Option<String> {
        let head = head.trim_end();
        self.quotes.iter().find_map(|q| {
            let mut it = q.chars();
            let open = it.next()?;
            let close = it.next().unwrap_or(open);
            let body = head.strip_suffix(close)?;
            let i = body.rfind(open)?;
            body.get(i + open.len_utf8()..).map(str::to_owned)
        })
    }
}
