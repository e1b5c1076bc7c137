//! What is wrong with a text: a code, a place, a sentence.
//!
//! Codes are those of the official language service (`KS…`), so that people find them in
//! its documentation; the sentences are ours. Hints of our own start at [`Code::HINT_NO_TIME`].

use serde::Serialize;

/// Errors noted in one text; past thousands of them there is nothing more to learn.
pub(crate) const MOST_NOTED: usize = 10_000;

/// The number of a `KS…` code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u16);

macro_rules! codes {
    ($( $name:ident = $n:literal $text:literal, )*) => {
        impl Code {
            $( #[allow(missing_docs)] pub const $name: Code = Code($n); )*
            /// The sentence of this code, with `{0}` and `{1}` where names go.
            pub fn template(self) -> &'static str {
                match self.0 { $( $n => $text, )* _ => "problem" }
            }
        }
    };
}

codes! {
    MISSING_TEXT = 1 "`{0}` is missing here",
    UNEXPECTED_CHARACTER = 2 "`{0}` is no part of the language",
    EXPECTED = 5 "{0} is expected here",
    MISSING = 6 "{0} is missing here",
    PATTERN_START = 100 "the pattern must start with a column name or *",
    PATTERN_NAME = 101 "a column name must follow a string",
    PATTERN_STAR = 102 "a string must follow the *",
    PATTERN_AMBIGUOUS = 103 "* after a column of type string is ambiguous",
    PATTERN_PART = 104 "this is no part of a pattern",
    NAME_ONLY = 105 "a single name is expected here",
    OPERATOR_TYPES = 106 "operator `{0}` does not take {1}",
    TYPE_EXPECTED = 107 "a value of type {0} is expected",
    SCALAR_EXPECTED = 108 "a single value is expected, not a table",
    COLUMN_EXPECTED = 109 "a column name is expected",
    RENAME_EXPECTED = 110 "new name = column is expected",
    TABLE_EXPECTED = 111 "a table is expected",
    TABLE_OR_SCALAR = 112 "a table or a value is expected",
    SINGLE_COLUMN = 113 "a table with one column is expected",
    TYPE_NOT_ALLOWED = 116 "type {0} is not allowed here",
    NEEDS_ARGUMENTS = 117 "function `{0}` needs its argument list",
    ARGUMENTS_COUNT = 118 "{0} arguments are expected",
    ARGUMENTS_EXACT = 119 "function `{0}` takes {1}",
    ARGUMENTS_RANGE = 120 "function `{0}` takes {1}",
    ARGUMENTS_WRONG = 121 "the number of arguments does not fit",
    PLUGIN_UNKNOWN = 124 "there is no plug-in `{0}`",
    NOT_A_FUNCTION = 128 "`{0}` is not a function",
    CONSTANT = 129 "the expression must be a constant",
    LITERAL = 131 "the expression must be a literal",
    NOT_EMPTY = 133 "the value must not be empty",
    INTEGER = 134 "the value must be an integer",
    REAL = 135 "the value must be a real or decimal number",
    INTEGER_OR_ARRAY = 136 "the value must be an integer or an array of integers",
    NUMERIC = 137 "the value must be a number",
    SUMMABLE = 138 "the value must be a number, timespan or datetime",
    MULTI_VALUED = 139 "an expression of several values cannot be given one name",
    VALUE = 140 "the value must be one of {0}",
    TYPE_MUST_BE = 141 "the expression must be of type {0}",
    UNKNOWN_NAME = 142 "`{0}` is not a known {1}",
    FUNCTION_UNKNOWN = 143 "there is no function `{0}`",
    NO_AGGREGATE = 144 "aggregate `{0}` is not allowed here",
    JOIN_BOTH_SIDES = 145 "column `{0}` must exist on both sides of the join",
    AMBIGUOUS = 146 "`{0}` means more than one thing here",
    NO_ELEMENT = 147 "element access with [] is not allowed here",
    NO_NAME = 148 "no column name follows from this expression",
    NOT_MULTI_VALUED = 149 "the expression does not give several named values",
    NAME_WITHOUT_VALUE = 150 "no value belongs to this name",
    TYPE_NAME = 160 "`{0}` is not a type that can be used here",
    COLUMN_DECLARATION = 170 "this is no column declaration",
    DUPLICATE_COLUMN = 171 "column `{0}` is declared twice",
    TYPE_EXPRESSION = 172 "this is no type",
    DATA_VALUES = 173 "values must come in multiples of {0}",
    OPERATOR_FIRST = 174 "this operator cannot begin a query",
    OPERATOR_NOT_FIRST = 175 "this operator must begin the query",
    OPERATOR_EXPECTED = 176 "an operator is expected here",
    OPERATOR_NOT_HERE = 177 "operator `{0}` is not allowed here",
    INTERVAL_TYPE = 178 "{0} cannot step through {1}",
    PARAMETER_UNKNOWN = 179 "`{0}` is not a parameter of this operator",
    PARAMETER_TWICE = 180 "parameter `{0}` is given twice",
    JOIN_CONDITION = 182 "a join condition is a common column, or $left.a == $right.b",
    JOIN_OPERAND = 183 "the operand must be {0}.column",
    MANY_COLUMNS = 184 "the expression means more than one column",
    STAR_NOT_ALLOWED = 191 "* is not allowed here",
    STAR_LAST = 192 "* must be the last argument",
    NAMED_ARGUMENTS = 193 "this function takes no named arguments",
    ARGUMENT_NAME = 196 "there is no parameter of this name",
    ARGUMENT_MISSING = 197 "the argument for `{0}` is missing",
    FRAGMENT = 198 "the text from here on cannot be understood",
    DECLARED_TWICE = 201 "`{0}` is already declared",
    UNKNOWN_TABLE = 204 "there is no table, view or function `{0}`",
    FUZZY_UNKNOWN = 205 "`{0}` is not known; union isfuzzy leaves it out",
    ORDERABLE = 206 "the value must be a number, time, string or bool",
    UNKNOWN_DATABASE = 208 "database `{0}` is not known",
    UNKNOWN_FUNCTION = 211 "there is no function `{0}`",
    RAW_GUID = 214 "a guid is written guid(…)",
    INTEGER_LITERAL = 221 "an integer is expected",
    STRING_LITERAL = 222 "a string is expected",
    BOOL_LITERAL = 223 "true or false is expected",
    NUMERIC_LITERAL = 225 "a number is expected",
    SCALAR_LITERAL = 226 "a literal is expected",
    COMMON_TYPE = 227 "column `{0}` has different types on the two sides",
    NEEDS_BRACKETS = 228 "`{0}` is a reserved word: write ['{0}']",
    NO_COMMON_TYPE = 232 "the arguments have no type in common",
    STRING_OR_ARRAY = 233 "the value must be a string or an array of strings",
    DYNAMIC_ARRAY = 234 "the value must be a dynamic array",
    DYNAMIC_BAG = 235 "the value must be a dynamic bag",
    NOT_IN_AGGREGATE = 236 "`{0}` is not an aggregate or scalar function",
    NOT_A_PLUGIN = 237 "`{0}` is not a plug-in",
    JOIN_KEY_DYNAMIC = 241 "a join key cannot be dynamic",
    JOIN_KEY_TYPES = 242 "the join keys have different types ({0}, {1})",
    TOO_DEEP = 245 "nested too deeply; this part is not examined",
    DIRECTIVE = 250 "directive `{0}` is not known",
    WILDCARD = 268 "a name with * is not allowed here",
    HINT_NO_TIME = 901 "no filter on time: the whole retention is read",
    HINT_CONTAINS = 902 "`has` finds whole words and is much faster than `contains`",
    HINT_JOIN = 903 "the join takes every row of `{0}`; filter it or limit its time first",
    HINT_TIME_COLUMN = 904 "`{0}` keeps its time in `{1}`",
    HINT_LOOK_BACK = 905 "advanced hunting keeps 30 days; this looks further back",
}

/// Whether it stops the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Severity {
    /// The query cannot run.
    Error,
    /// It can, but probably not as meant.
    Warning,
    /// Advice; never blocks.
    Hint,
}

/// Which step found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Lexer or parser.
    Syntax,
    /// Names and types.
    Semantic,
    /// Advice.
    Hint,
}

/// One finding; `start` and `end` are bytes.
#[derive(Clone, Debug)]
pub struct Diag {
    /// Its code.
    pub code: Code,
    /// How grave.
    pub severity: Severity,
    /// Who found it.
    pub phase: Phase,
    /// First byte.
    pub start: u32,
    /// One past the last byte; equal to `start` where something is missing.
    pub end: u32,
    /// What goes into the sentence.
    pub args: Vec<String>,
    /// What was probably meant instead.
    pub suggestion: Option<String>,
}

impl Diag {
    /// A syntax error at these bytes.
    pub fn new(code: Code, start: usize, end: usize) -> Diag {
        Diag {
            code,
            severity: Severity::Error,
            phase: Phase::Syntax,
            start: start as u32,
            end: end as u32,
            args: Vec::new(),
            suggestion: None,
        }
    }
    /// The same with one more word for its sentence.
    pub fn arg(mut self, text: impl Into<String>) -> Diag {
        self.args.push(text.into());
        self
    }
    /// The sentence, with the suggestion where there is one.
    pub fn message(&self) -> String {
        let mut out = self.code.template().to_owned();
        for (i, a) in self.args.iter().enumerate() {
            out = out.replace(["{0}", "{1}"][i.min(1)], a);
        }
        if let Some(s) = &self.suggestion {
            out.push_str(&format!("; did you mean `{s}`?"));
        }
        out
    }
    /// The code as people know it.
    pub fn code_text(&self) -> String {
        if self.code.0 >= 900 {
            format!("WF{:03}", self.code.0 - 900)
        } else {
            format!("KS{:03}", self.code.0)
        }
    }
}
