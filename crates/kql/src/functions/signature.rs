//! Signatures: parameters with what they take, and the rule for the result.
//!
//! Written as `name:kind, name:kind!what{min,max} -> result`, several with `;` between.
//! A kind is types with `/` between, or a word such as `number`; `!what` asks for a
//! column, a constant, a literal; `=a/b` names the values; `~` may stand for the default.

use crate::types::{Ty, parse, split_top};

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One of the types given.
    Types,
    /// Any value.
    Scalar,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// A number, instant or span.
    Summable,
    /// Something that can be ordered.
    Orderable,
    /// An array.
    Array,
    /// A bag.
    Bag,
    /// Text, or a dynamic value.
    Text,
    /// A number or a truth value.
    NumberOrBool,
    /// Anything but dynamic.
    Plain,
    /// Anything but bool.
    NotBool,
    /// Anything but real and bool.
    NotRealOrBool,
    /// The type all such arguments share; dynamic goes too.
    Common,
    /// The type all such arguments share.
    CommonScalar,
    /// The same, if it can be ordered.
    CommonOrderable,
    /// What the first parameter takes.
    Param0,
    /// What the second parameter takes.
    Param1,
    /// Text or an array of text.
    TextOrArray,
    /// A whole number or an array of them.
    IntegerOrArray,
    /// A table.
    Table,
}

/// What an argument has to be besides its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any expression.
    Any,
    /// A column.
    Column,
    /// A constant.
    Constant,
    /// A literal.
    Literal,
    /// A literal that is not empty.
    NotEmpty,
    /// Only `*`.
    Star,
    /// `*` or an expression.
    StarToo,
    /// An aggregate.
    Aggregate,
    /// A column of the table given first.
    Column0,
    /// A column of both tables.
    ColumnCommon,
    /// An expression about an element of the first argument.
    Element0,
}

/// The rule for the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Always this.
    Type(Ty),
    /// Code decides.
    Custom,
    /// The type of the argument of parameter 0.
    Param0,
    /// The type of the argument of parameter 1.
    Param1,
    /// An array of it.
    ArrayOfParam0,
    /// It, `int` made `long`.
    Param0Promoted,
    /// The type that the last argument names.
    LastLiteral,
    /// The type the arguments share.
    Common,
    /// The same, dynamic ones left out.
    CommonPlain,
    /// The widest number.
    Widest,
    /// The table named.
    Table,
    /// The database named.
    Database,
    /// The cluster named.
    Cluster,
    /// A table nobody knows the columns of.
    OpenTable,
    /// Something else that is no value.
    Other,
    /// A table with these columns.
    Columns(&'static str),
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// The types, for [`Takes::Types`].
    pub types: Vec<Ty>,
    /// What the argument has to be.
    pub form: Form,
    /// The values it takes, if only some.
    pub values: Vec<&'static str>,
    /// `~` means the default.
    pub tilde: bool,
    /// Least number of arguments.
    pub min: u32,
    /// Most.
    pub max: u32,
}

/// A signature.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its result.
    pub gives: Gives,
    /// Least number of arguments.
    pub min: u32,
    /// Most.
    pub max: u32,
    /// Whether any parameter repeats.
    pub repeats: bool,
}

/// Reads all signatures of a row.
pub fn read(text: &'static str) -> Vec<Signature> {
    text.split("; ").map(read_one).collect()
}

fn read_one(text: &'static str) -> Signature {
    let (params, result) = text.rsplit_once("-> ").unwrap_or(("", text));
    let params: Vec<Param> = split_top(params.trim())
        .into_iter()
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(read_param)
        .collect();
    Signature {
        gives: read_result(result.trim()),
        min: params.iter().map(|p| p.min).sum(),
        max: params.iter().map(|p| p.max).sum(),
        repeats: params.iter().any(|p| p.max > 1),
        params,
    }
}

fn read_param(text: &'static str) -> Param {
    let (name, rest) = text.split_once(':').unwrap_or((text, "scalar"));
    let (rest, (min, max)) = match rest.strip_suffix('?') {
        Some(r) => (r, (0, 1)),
        None => match rest.strip_suffix('}').and_then(|r| r.rsplit_once('{')) {
            Some((r, range)) => {
                let (a, b) = range.split_once(',').unwrap_or((range, range));
                (r, (a.parse().unwrap_or(1), b.parse().unwrap_or(1)))
            }
            None => (rest, (1, 1)),
        },
    };
    let (rest, tilde) = match rest.strip_suffix('~') {
        Some(r) => (r, true),
        None => (rest, false),
    };
    let (rest, values) = match rest.split_once('=') {
        Some((r, v)) => (r, v.split('/').collect()),
        None => (rest, Vec::new()),
    };
    let (kind, form) = rest.split_once('!').unwrap_or((rest, ""));
    let takes = match kind {
        "scalar" => Takes::Scalar,
        "number" => Takes::Number,
        "integer" => Takes::Integer,
        "summable" => Takes::Summable,
        "orderable" => Takes::Orderable,
        "array" => Takes::Array,
        "bag" => Takes::Bag,
        "text" => Takes::Text,
        "numbool" => Takes::NumberOrBool,
        "plain" => Takes::Plain,
        "notbool" => Takes::NotBool,
        "notrealbool" => Takes::NotRealOrBool,
        "common" => Takes::Common,
        "commonscalar" => Takes::CommonScalar,
        "commonorder" => Takes::CommonOrderable,
        "p0" => Takes::Param0,
        "p1" => Takes::Param1,
        "textarray" => Takes::TextOrArray,
        "intarray" => Takes::IntegerOrArray,
        "table" => Takes::Table,
        _ => Takes::Types,
    };
    let form = match form {
        "col" => Form::Column,
        "const" => Form::Constant,
        "lit" => Form::Literal,
        "nonempty" => Form::NotEmpty,
        "star" => Form::Star,
        "starok" => Form::StarToo,
        "agg" => Form::Aggregate,
        "col0" => Form::Column0,
        "colcommon" => Form::ColumnCommon,
        "elem0" => Form::Element0,
        _ => Form::Any,
    };
    let types = if takes == Takes::Types {
        kind.split('/').map(parse).collect()
    } else {
        Vec::new()
    };
    Param {
        name,
        takes,
        types,
        form,
        values,
        tilde,
        min,
        max,
    }
}

fn read_result(text: &'static str) -> Gives {
    match text {
        "custom" => Gives::Custom,
        "p0" => Gives::Param0,
        "p1" => Gives::Param1,
        "p0[]" => Gives::ArrayOfParam0,
        "p0+" => Gives::Param0Promoted,
        "pN!" => Gives::LastLiteral,
        "common" => Gives::Common,
        "commonplain" => Gives::CommonPlain,
        "widest" => Gives::Widest,
        "@table" => Gives::Table,
        "@database" => Gives::Database,
        "@cluster" => Gives::Cluster,
        "@external" | "@view" | "@stored" => Gives::OpenTable,
        t if t.starts_with('@') => Gives::Other,
        t => match t.strip_prefix("table(").and_then(|r| r.strip_suffix(')')) {
            Some(columns) => Gives::Columns(columns),
            None => Gives::Type(parse(t)),
        },
    }
}
