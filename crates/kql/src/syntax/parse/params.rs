//! The `name = value` parameters operators take, as data, and how they are read.

use super::core::{Done, End, P};
use crate::syntax::diag::Code;
use crate::syntax::kind::T;
use crate::syntax::tree::N;

/// What a parameter's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A literal or a word.
    Any,
    /// A string literal.
    Text,
    /// `true` or `false`.
    Bool,
    /// An integer literal.
    Int,
    /// A number.
    Number,
    /// A number read as real.
    Real,
    /// Any literal.
    Scalar,
    /// An expression of type string.
    TextExpr,
    /// One of the words.
    Word,
    /// One of the words or a number.
    WordOrNumber,
    /// A new name.
    NewName,
    /// A column.
    Column,
    /// Columns.
    Columns,
}

/// A parameter of an operator.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub value: Value,
    /// The words it takes, if it takes words.
    pub words: &'static [&'static str],
    /// Written without `=`.
    pub bare: bool,
    /// May be given more than once.
    #[allow(dead_code)]
    pub repeats: bool,
}

/// Which names count as parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// The operator's own and all known ones.
    DeclaredOrKnown,
    /// The operator's own.
    Declared,
}

const fn p(name: &'static str, value: Value) -> Param {
    Param {
        name,
        value,
        words: &[],
        bare: false,
        repeats: false,
    }
}
const fn w(name: &'static str, words: &'static [&'static str]) -> Param {
    Param {
        name,
        value: Value::Word,
        words,
        bare: false,
        repeats: false,
    }
}
const fn bare(name: &'static str, value: Value) -> Param {
    Param {
        name,
        value,
        words: &[],
        bare: true,
        repeats: false,
    }
}
const fn many(name: &'static str, value: Value) -> Param {
    Param {
        name,
        value,
        words: &[],
        bare: false,
        repeats: true,
    }
}
const fn wn(name: &'static str, words: &'static [&'static str]) -> Param {
    Param {
        name,
        value: Value::WordOrNumber,
        words,
        bare: false,
        repeats: false,
    }
}

use Value::{Any, Bool, Column, Columns, Int, NewName, Number, Real, Scalar, Text, TextExpr};

/// Kinds of join.
pub const JOIN_KINDS: &[&str] = &[
    "inner",
    "fullouter",
    "innerunique",
    "leftanti",
    "leftantisemi",
    "anti",
    "leftouter",
    "leftsemi",
    "rightanti",
    "rightantisemi",
    "rightouter",
    "rightsemi",
];
/// Kinds of chart.
pub const CHARTS: &[&str] = &[
    "chart",
    "table",
    "list",
    "barchart",
    "piechart",
    "ladderchart",
    "timechart",
    "linechart",
    "anomalychart",
    "pivotchart",
    "areachart",
    "stackedareachart",
    "scatterchart",
    "timepivot",
    "columnchart",
    "timeline",
    "3Dchart",
    "card",
    "treemap",
    "plotly",
    "graph",
    "sankey",
];
const WHERE_RUN: &[&str] = &["auto", "left", "local", "right", "unresolved"];
const STRATEGIES: &[&str] = &["auto", "broadcast", "centralized", "shuffle"];
const SPREAD: &[&str] = &["auto", "local"];
const SHUFFLE: Param = many("hint.shufflekey", Column);
const PARTITIONS: Param = p("hint.num_partitions", Int);

/// No parameters.
pub const NONE: &[Param] = &[];
/// Parameters any operator understands.
pub const ALL: &[Param] = &[
    w("bagexpansion", &["bag", "array"]),
    p("bin_legacy", Any),
    p("__crossCluster", Any),
    p("__crossDB", Any),
    p("decodeblocks", Bool),
    p("expandoutput", Any),
    wn("hint.concurrency", WHERE_RUN),
    w(
        "hint.distribution",
        &["single", "per_node", "per_shard", "default"],
    ),
    p("hint.materialized", Bool),
    PARTITIONS,
    p("hint.pass_filters", Any),
    p("hint.pass_filters_column", Column),
    p("hint.progressive_top", Bool),
    w("hint.remote", SPREAD),
    SHUFFLE,
    wn("hint.spread", SPREAD),
    w("hint.strategy", STRATEGIES),
    p("__id", Any),
    p("isfuzzy", Bool),
    p("__isFuzzy", Bool),
    w("kind", &[]),
    p("__noWithSource", Any),
    p("__packedColumn", Column),
    p("__sourceColumnIndex", Any),
    w("cycles", &["none", "all", "unique_edges"]),
    p("with_match_id", NewName),
    p("with_itemindex", NewName),
    p("withsource", NewName),
    p("with_source", NewName),
    p("with_step_name", NewName),
    p("force_remote", Bool),
];
/// Names that two tokens or more make up.
const COMPOUND: &[&str] = &["hint.pass_filters_column", "hint.pass_filters"];
/// `as`.
pub const AS: &[Param] = &[p("hint.materialized", Bool)];
/// `consume`.
pub const CONSUME: &[Param] = &[p("decodeblocks", Bool)];
/// `distinct`.
pub const DISTINCT: &[Param] = &[SHUFFLE, w("hint.strategy", STRATEGIES), PARTITIONS];
/// `evaluate`.
pub const EVALUATE: &[Param] = &[
    w(
        "hint.distribution",
        &["single", "per_node", "per_shard", "default"],
    ),
    w("hint.remote", SPREAD),
];
/// `find`.
pub const FIND: &[Param] = &[p("withsource", NewName), p("with_source", NewName)];
/// `graph-match`.
pub const GRAPH_MATCH: &[Param] = &[w("cycles", &["none", "all", "unique_edges"])];
/// `graph-shortest-paths`.
pub const GRAPH_PATHS: &[Param] = &[w("output", &["any", "all"])];
/// `graph-mark-components`.
pub const GRAPH_MARK: &[Param] = &[
    w("kind", &["weak", "strong"]),
    p("with_component_id", NewName),
];
/// `graph-to-table nodes`.
pub const GRAPH_NODES: &[Param] = &[p("with_node_id", NewName)];
/// `graph-to-table edges`.
pub const GRAPH_EDGES: &[Param] = &[p("with_source_id", NewName), p("with_target_id", NewName)];
/// `make-graph`.
pub const MAKE_GRAPH: &[Param] = &[w("hint.strategy", &["shuffle", "native"])];
/// `join`.
pub const JOIN: &[Param] = &[
    w("kind", JOIN_KINDS),
    w("hint.remote", WHERE_RUN),
    SHUFFLE,
    w("hint.strategy", STRATEGIES),
    PARTITIONS,
];
/// `lookup`.
pub const LOOKUP: &[Param] = &[w("kind", &["inner", "leftouter"])];
/// `make-series`.
pub const MAKE_SERIES: &[Param] = &[SHUFFLE, w("kind", &["nonempty"])];
/// `mv-apply`.
pub const MV_APPLY: &[Param] = &[p("with_itemindex", NewName)];
/// `mv-expand`.
pub const MV_EXPAND: &[Param] = &[
    w("kind", &["bag", "array"]),
    w("bagexpansion", &["bag", "array"]),
    p("with_itemindex", NewName),
];
/// `parse` and `parse-where`.
pub const PARSE: &[Param] = &[w("kind", &["simple", "regex", "relaxed"]), w("flags", &[])];
/// `parse-kv … with (…)`.
pub const PARSE_KV: &[Param] = &[
    p("pair_delimiter", Text),
    p("kv_delimiter", Text),
    p("regex", Text),
    many("quote", Text),
    many("escape", Text),
    p("greedy", Bool),
];
/// `partition`.
pub const PARTITION: &[Param] = &[
    wn("hint.concurrency", WHERE_RUN),
    wn("hint.spread", SPREAD),
    p("hint.materialized", Bool),
    SHUFFLE,
    w("hint.strategy", &["shuffle", "native", "legacy"]),
];
/// `reduce`.
pub const REDUCE: &[Param] = &[p("threshold", Number), p("characters", Text)];
/// `render … with (…)`.
pub const RENDER: &[Param] = &[
    w(
        "kind",
        &["default", "unstacked", "stacked", "stacked100", "map"],
    ),
    p("title", TextExpr),
    p("accumulate", Bool),
    p("xcolumn", Column),
    p("ycolumns", Columns),
    p("anomalycolumns", Columns),
    p("series", Columns),
    p("xtitle", TextExpr),
    p("ytitle", TextExpr),
    w("xaxis", &["linear", "log"]),
    w("yaxis", &["linear", "log"]),
    w("legend", &["visible", "hidden"]),
    w("ysplit", &["none", "axes", "panels"]),
    p("ymin", Real),
    p("ymax", Real),
    p("xmin", Scalar),
    p("xmax", Scalar),
];
/// The older `render kind=…` form.
const RENDER_OLD: [Param; 5] = [
    w(
        "kind",
        &["default", "unstacked", "stacked", "stacked100", "map"],
    ),
    p("title", TextExpr),
    p("accumulate", Bool),
    bare("with", Text),
    bare("by", Columns),
];
/// `scan`.
pub const SCAN: &[Param] = &[w("kind", &["partial", "full"]), p("with_match_id", NewName)];
/// `search`.
pub const SEARCH: &[Param] = &[w(
    "kind",
    &["default", "case_insensitive", "case_sensitive"],
)];
/// `sort`.
pub const SORT: &[Param] = &[w("hint.strategy", &["splitBlock", "multipleBlocks"])];
/// `summarize`.
pub const SUMMARIZE: &[Param] = &[SHUFFLE, w("hint.strategy", &["shuffle"]), PARTITIONS];
/// `top`.
pub const TOP: &[Param] = &[p("hint.progressive_top", Bool)];
/// `union`.
pub const UNION: &[Param] = &[
    w("kind", &["inner", "outer"]),
    p("withsource", NewName),
    p("with_source", NewName),
    p("isfuzzy", Bool),
    p("__isFuzzy", Bool),
    p("best_effort", Bool),
    wn("hint.concurrency", WHERE_RUN),
    wn("hint.spread", SPREAD),
];

/// The parameters of an operator.
pub fn params_of(op: N) -> &'static [Param] {
    match op {
        N::As => AS,
        N::Consume => CONSUME,
        N::Distinct => DISTINCT,
        N::Evaluate => EVALUATE,
        N::Find => FIND,
        N::GraphMatch => GRAPH_MATCH,
        N::GraphShortestPaths => GRAPH_PATHS,
        N::GraphMarkComponents => GRAPH_MARK,
        N::MakeGraph => MAKE_GRAPH,
        N::Join => JOIN,
        N::Lookup => LOOKUP,
        N::MakeSeries => MAKE_SERIES,
        N::MvApply => MV_APPLY,
        N::MvExpand => MV_EXPAND,
        N::Parse | N::ParseWhere => PARSE,
        N::ParseKv => PARSE_KV,
        N::Partition | N::PartitionBy => PARTITION,
        N::Reduce => REDUCE,
        N::Render => RENDER,
        N::Scan => SCAN,
        N::Search => SEARCH,
        N::Sort => SORT,
        N::Summarize => SUMMARIZE,
        N::Top => TOP,
        N::Union | N::MacroExpand => UNION,
        _ => NONE,
    }
}

/// The words that a parameter of an operator takes, if it takes words.
pub fn param_words(op: N, name: &str) -> Option<&'static [&'static str]> {
    params_of(op)
        .iter()
        .find(|p| p.name == name)
        .map(|p| p.words)
}

fn find(list: &'static [Param], name: &str) -> Option<&'static Param> {
    list.iter().find(|p| p.name == name)
}

impl<'a> P<'a> {
    fn word_or_ident(&self, ahead: usize) -> bool {
        self.nth(ahead) == T::Ident || self.nth(ahead).is_word()
    }
    fn own_param_name(&self, equals_needed: bool, ahead: usize) -> bool {
        self.word_or_ident(ahead)
            && find(self.params, self.text_at(ahead))
                .is_some_and(|p| p.bare || !equals_needed || self.nth(ahead + 1) == T::Equal)
    }
    /// Tokens of a parameter's name here, or 0.
    pub fn known_param_name(&self, equals_needed: bool, ahead: usize) -> usize {
        let name = self.text_at(ahead);
        let n = if self.word_or_ident(ahead)
            && (find(ALL, name).is_some() || find(self.params, name).is_some())
        {
            1
        } else {
            COMPOUND
                .iter()
                .map(|c| self.spells(ahead, c))
                .find(|n| *n > 0)
                .unwrap_or(0)
        };
        if n > 0 && equals_needed && self.nth(ahead + n) != T::Equal {
            0
        } else {
            n
        }
    }

    fn param(&mut self) -> Option<Done> {
        let own = self.own_param_name(self.equals_needed, 0);
        let n = if own {
            1
        } else if self.allowed == Allowed::DeclaredOrKnown {
            self.known_param_name(self.equals_needed, 0)
        } else {
            0
        };
        if n == 0 {
            return None;
        }
        let name = self.text_at(0);
        let m = self.open();
        self.leaf(N::NameDecl, n);
        self.expect(T::Equal);
        match find(self.params, name).or_else(|| find(ALL, name)) {
            Some(p) => self.param_value(p, End::ParamNames),
            None => {
                let v = self.any_value();
                self.need(v, P::missing_value);
            }
        }
        Some(self.close(m, N::Param))
    }

    fn any_value(&mut self) -> Option<Done> {
        self.literal()
            .or_else(|| self.word_literal())
            .or_else(|| self.name_ref())
    }
    pub fn word_literal(&mut self) -> Option<Done> {
        self.is_name(0).then(|| self.leaf(N::TokenLit, 1))
    }

    fn param_value(&mut self, p: &'static Param, end: End) {
        let value = match p.value {
            Value::Any => {
                // an absent value of this kind is not even noted
                if self.any_value().is_none() {
                    self.empty(N::Missing);
                }
                return;
            }
            Value::Real => self.real_literal().or_else(|| self.any_value()),
            Value::TextExpr => self.call_or_path(),
            Value::Word | Value::WordOrNumber if !p.words.is_empty() => {
                if self.word_of(p.words).is_none() && self.any_value().is_none() {
                    self.note_here(Code::EXPECTED, &p.words.join(", "));
                    self.empty(N::Missing);
                }
                return;
            }
            Value::NewName => self.name_decl().or_else(|| self.any_value()),
            Value::Column => self.name_ref().or_else(|| self.any_value()),
            Value::Columns => {
                let m = self.open();
                self.comma_list(P::param_column, Some(P::missing_name), end, true, false);
                Some(self.close(m, N::NameList))
            }
            _ => self.any_value(),
        };
        self.need(value, P::missing_value);
    }
    fn word_of(&mut self, words: &[&str]) -> Option<Done> {
        let n = words.iter().map(|w| self.spells(0, w)).find(|n| *n > 0)?;
        Some(self.leaf(N::TokenLit, n))
    }
    fn param_column(&mut self) -> Option<Done> {
        if self.own_param_name(true, 0) {
            None
        } else {
            self.extended_ref()
        }
    }

    fn with_params<R>(
        &mut self,
        params: &'static [Param],
        allowed: Allowed,
        equals_needed: bool,
        f: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let old = (self.params, self.allowed, self.equals_needed);
        (self.params, self.allowed, self.equals_needed) = (params, allowed, equals_needed);
        let r = f(self);
        (self.params, self.allowed, self.equals_needed) = old;
        r
    }

    /// Parameters side by side, after an operator's name.
    pub fn param_list(&mut self, params: &'static [Param], equals_needed: bool) -> usize {
        self.with_params(params, Allowed::DeclaredOrKnown, equals_needed, |p| {
            p.list(P::param, End::Never)
        })
    }
    pub fn own_param_list(&mut self, params: &'static [Param]) {
        self.with_params(params, Allowed::Declared, false, |p| {
            p.list(P::param, End::Never)
        });
    }
    /// Parameters with commas, inside `with (…)`.
    pub fn param_comma_list(&mut self, params: &'static [Param], allowed: Allowed) {
        self.with_params(params, allowed, false, |p| {
            p.comma_list(
                P::param,
                Some(|p| p.missing("a parameter")),
                End::Common,
                false,
                false,
            );
        });
    }

    /// One parameter of a fixed name, only if its `=` is there.
    pub fn fixed_param(&mut self, name: &'static str, words: &'static [&'static str]) -> bool {
        let n = self.spells(0, name);
        if n == 0 || self.nth(n) != T::Equal {
            return false;
        }
        let m = self.open();
        self.leaf(N::NameDecl, n);
        self.bump();
        if self.word_of(words).is_none() && self.any_value().is_none() {
            self.note_here(Code::EXPECTED, &words.join(", "));
            self.empty(N::Missing);
        }
        self.close(m, N::Param);
        true
    }

    pub fn old_render_param(&mut self) -> Option<Done> {
        static OLD: [Param; 5] = RENDER_OLD;
        for p in &OLD {
            let n = self.spells(0, p.name);
            let fits = if p.bare {
                n > 0 && !(p.name == "with" && self.nth(1) == T::OpenParen)
            } else {
                n > 0 && self.nth(n) == T::Equal
            };
            if !fits {
                continue;
            }
            let m = self.open();
            self.leaf(N::NameDecl, n);
            if !p.bare {
                self.bump();
            }
            self.param_value(
                p,
                if p.name == "by" {
                    End::RenderWords
                } else {
                    End::ParamNames
                },
            );
            return Some(self.close(m, N::Param));
        }
        None
    }
}
