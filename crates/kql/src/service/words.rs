//! The tabular operators and statement words with what they do and how they are typed.

/// An operator or word.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As it is written.
    pub name: &'static str,
    /// What it does, one line.
    pub help: &'static str,
    /// What to put in; `$0` is where the cursor goes.
    pub snippet: &'static str,
}

const fn w(name: &'static str, help: &'static str, snippet: &'static str) -> Word {
    Word {
        name,
        help,
        snippet,
    }
}

/// Operators that follow a pipe.
pub const OPERATORS: &[Word] = &[
    w(
        "where",
        "Keeps the rows for which the condition holds",
        "where $0",
    ),
    w(
        "extend",
        "Adds columns, or replaces those of the same name",
        "extend $0 = ",
    ),
    w(
        "project",
        "Chooses, renames and computes the columns to keep",
        "project $0",
    ),
    w(
        "summarize",
        "Groups rows and computes aggregates",
        "summarize $0 by ",
    ),
    w(
        "join",
        "Joins the rows of another table",
        "join kind=inner ($0) on ",
    ),
    w("distinct", "Each combination of values once", "distinct $0"),
    w("sort", "Orders the rows", "sort by $0 desc"),
    w(
        "order",
        "Orders the rows; the same as sort",
        "order by $0 desc",
    ),
    w(
        "top",
        "The first rows by an expression",
        "top 10 by $0 desc",
    ),
    w("take", "Any rows, at most so many", "take $0"),
    w("limit", "The same as take", "limit $0"),
    w("count", "The number of rows", "count"),
    w("project-away", "Drops columns", "project-away $0"),
    w(
        "project-keep",
        "Keeps columns, also by pattern",
        "project-keep $0",
    ),
    w("project-rename", "Renames columns", "project-rename $0 = "),
    w(
        "project-reorder",
        "Puts columns first",
        "project-reorder $0",
    ),
    w(
        "project-by-names",
        "Chooses columns by names in a text or array",
        "project-by-names $0",
    ),
    w("union", "Puts the rows of tables together", "union $0"),
    w("render", "Draws the result as a chart", "render $0"),
    w(
        "mv-expand",
        "A row for each element of an array or bag",
        "mv-expand $0",
    ),
    w(
        "mv-apply",
        "Runs a query over the elements of an array in each row",
        "mv-apply $0 on ()",
    ),
    w(
        "parse",
        "Takes columns out of a text by a pattern",
        "parse $0 with ",
    ),
    w(
        "parse-where",
        "As parse, leaving out rows that do not fit",
        "parse-where $0 with ",
    ),
    w(
        "parse-kv",
        "Takes columns out of text of keys and values",
        "parse-kv $0 as ()",
    ),
    w("evaluate", "Runs a plug-in", "evaluate $0()"),
    w("invoke", "Calls a function on the table", "invoke $0()"),
    w(
        "make-series",
        "Makes arrays of aggregates over an axis",
        "make-series $0 on Timestamp step 1h",
    ),
    w(
        "lookup",
        "Adds columns of a small table",
        "lookup kind=leftouter ($0) on ",
    ),
    w("search", "Finds a text in any column", "search \"$0\""),
    w("find", "Finds rows in several tables", "find where $0"),
    w("as", "Names the table so far", "as $0"),
    w(
        "serialize",
        "Fixes the order of rows for window functions",
        "serialize",
    ),
    w("getschema", "The columns of the table as rows", "getschema"),
    w("sample", "Random rows", "sample $0"),
    w(
        "sample-distinct",
        "Random distinct values of a column",
        "sample-distinct 10 of $0",
    ),
    w(
        "top-nested",
        "Top values in levels",
        "top-nested 5 of $0 by count()",
    ),
    w(
        "top-hitters",
        "The most frequent values, roughly",
        "top-hitters 10 of $0",
    ),
    w(
        "partition",
        "Runs a query for each value of a column",
        "partition by $0 ()",
    ),
    w(
        "scan",
        "Follows sequences of rows through steps",
        "scan with (step s1: $0;)",
    ),
    w("reduce", "Groups similar texts", "reduce by $0"),
    w("facet", "A table of counts for each column", "facet by $0"),
    w("fork", "Runs several queries on the same rows", "fork ($0)"),
    w("filter", "The same as where", "filter $0"),
    w("mvexpand", "Old name of mv-expand", "mvexpand $0"),
    w("mvapply", "Old name of mv-apply", "mvapply $0 on ()"),
    w("consume", "Reads the rows and gives nothing", "consume"),
    w(
        "assert-schema",
        "Fails if the columns are others",
        "assert-schema ($0)",
    ),
    w("make-graph", "Makes a graph of edges", "make-graph $0 --> "),
    w("graph-match", "Finds patterns in a graph", "graph-match $0"),
    w(
        "graph-to-table",
        "Makes tables of a graph",
        "graph-to-table $0",
    ),
    w(
        "graph-shortest-paths",
        "Shortest paths in a graph",
        "graph-shortest-paths $0",
    ),
    w(
        "graph-mark-components",
        "Numbers the connected parts of a graph",
        "graph-mark-components",
    ),
    w(
        "range",
        "A table of values in steps",
        "range $0 from  to  step ",
    ),
    w("print", "A row of values", "print $0"),
];

/// Words that begin a statement.
pub const STARTS: &[Word] = &[
    w("let", "Names a value, table or function", "let $0 = "),
    w("union", "Puts the rows of tables together", "union $0"),
    w(
        "search",
        "Finds a text in any column of any table",
        "search \"$0\"",
    ),
    w("find", "Finds rows in several tables", "find where $0"),
    w("print", "A row of values", "print $0"),
    w(
        "range",
        "A table of values in steps",
        "range $0 from  to  step ",
    ),
    w("evaluate", "Runs a plug-in", "evaluate $0()"),
    w("set", "Sets an option of the query", "set $0"),
    w(
        "declare",
        "Declares the query's parameters",
        "declare query_parameters($0)",
    ),
];

/// Words that make a table or a value where one is expected.
pub const SOURCES: &[Word] = &[
    w(
        "datatable",
        "A table written in the query",
        "datatable($0)[]",
    ),
    w(
        "externaldata",
        "A table read from a file at a URL",
        "externaldata($0)[@\"\"]",
    ),
    w(
        "materialize",
        "Computes a table once for several uses",
        "materialize($0)",
    ),
    w("toscalar", "The first value of a table", "toscalar($0)"),
    w("dynamic", "A JSON value", "dynamic($0)"),
    w("datetime", "An instant", "datetime($0)"),
    w("timespan", "A length of time", "timespan($0)"),
];

/// Operators between values.
pub const INFIX: &[Word] = &[
    w("==", "Equal", "== "),
    w("!=", "Not equal", "!= "),
    w("=~", "Equal, whatever the case", "=~ "),
    w(
        "has",
        "Contains the word, whatever the case; fast",
        "has \"$0\"",
    ),
    w("has_any", "Contains any of the words", "has_any ($0)"),
    w("has_all", "Contains all of the words", "has_all ($0)"),
    w(
        "contains",
        "Contains the text, whatever the case; slow",
        "contains \"$0\"",
    ),
    w("startswith", "Begins with the text", "startswith \"$0\""),
    w("endswith", "Ends with the text", "endswith \"$0\""),
    w("in", "Is one of the values", "in ($0)"),
    w("in~", "Is one of the values, whatever the case", "in~ ($0)"),
    w("!in", "Is none of the values", "!in ($0)"),
    w("!has", "Does not contain the word", "!has \"$0\""),
    w("!contains", "Does not contain the text", "!contains \"$0\""),
    w(
        "matches regex",
        "Fits the regular expression",
        "matches regex @\"$0\"",
    ),
    w("between", "Lies between two values", "between ($0 .. )"),
    w("and", "Both hold", "and "),
    w("or", "Either holds", "or "),
    w(">", "Greater", "> "),
    w("<", "Less", "< "),
    w(">=", "Greater or equal", ">= "),
    w("<=", "Less or equal", "<= "),
    w("by", "Groups by", "by "),
    w("on", "Joins on", "on "),
    w("asc", "Smallest first", "asc"),
    w("desc", "Largest first", "desc"),
    w("with", "With properties", "with ($0)"),
    w("to", "Converts the elements", "to typeof($0)"),
];
