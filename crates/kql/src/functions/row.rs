//! The row of a function: everything that completion, hover, diagnostics and execution read.

/// Which kind of function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One value from others.
    Scalar,
    /// One value from a group of rows.
    Aggregate,
    /// A table from a table, after `evaluate`.
    Plugin,
    /// An operator of expressions.
    Operator,
}

/// How the result's column is called when the query does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// `Column1` and so on.
    None,
    /// Function and first argument: `strlen_Title`.
    FunctionAndFirst,
    /// The same if there is one argument only.
    FunctionAndOnly,
    /// Prefix and first argument: `count_Title`.
    PrefixAndFirst(&'static str),
    /// The same if there is one argument only.
    PrefixAndOnly(&'static str),
    /// The value of the first argument where that names a column.
    FirstIfColumn,
    /// The prefix.
    Prefix(&'static str),
    /// The first argument.
    First,
    /// The first argument if it is the only one.
    Only,
}

/// How the engine runs a row.
#[derive(Clone, Copy, Debug)]
pub enum Eval {
    /// One value from those of a row.
    Scalar(crate::engine::ScalarFn),
    /// The same, but it gives another value each time.
    Impure(crate::engine::ScalarFn),
    /// A column from whole columns, in row order.
    Whole(crate::engine::WholeFn),
    /// A value of a group of rows.
    Aggregate(crate::engine::agg::AggNew),
    /// The engine itself knows it.
    Built,
}

/// One function.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Its signatures, in the small language of `signature.rs`.
    pub signature: &'static str,
    /// What it does, one line.
    pub help: &'static str,
    /// How it is written.
    pub example: &'static str,
    /// How its result is called.
    pub naming: Naming,
    /// What the names of several results begin with.
    pub tuple_prefix: Option<&'static str>,
    /// Whether constants make it a constant.
    pub constant: bool,
    /// The name to use instead, if this one is old; empty if none is known.
    pub old: Option<&'static str>,
    /// The kernel that runs it; none means the name is real but this engine does not run it.
    pub eval: Option<Eval>,
}

const fn row(name: &'static str, kind: Kind, signature: &'static str) -> Row {
    Row {
        name,
        kind,
        signature,
        help: "",
        example: "",
        naming: Naming::None,
        tuple_prefix: None,
        constant: false,
        old: None,
        eval: None,
    }
}
/// A scalar function.
pub const fn scalar(name: &'static str, signature: &'static str) -> Row {
    row(name, Kind::Scalar, signature)
}
/// An aggregate.
pub const fn aggregate(name: &'static str, signature: &'static str) -> Row {
    row(name, Kind::Aggregate, signature)
}
/// A plug-in.
pub const fn plugin(name: &'static str, signature: &'static str) -> Row {
    row(name, Kind::Plugin, signature)
}
/// An operator.
pub const fn operator(name: &'static str, signature: &'static str) -> Row {
    row(name, Kind::Operator, signature)
}

impl Row {
    /// With what it does and how it is written.
    pub const fn help(mut self, help: &'static str, example: &'static str) -> Row {
        self.help = help;
        self.example = example;
        self
    }
    /// With the rule for its result's name.
    pub const fn named(mut self, naming: Naming) -> Row {
        self.naming = naming;
        self
    }
    /// With the prefix of its results' names.
    pub const fn tuple_prefix(mut self, prefix: &'static str) -> Row {
        self.tuple_prefix = Some(prefix);
        self
    }
    /// Foldable.
    pub const fn constant(mut self) -> Row {
        self.constant = true;
        self
    }
    /// An old name.
    pub const fn old(mut self, instead: &'static str) -> Row {
        self.old = Some(instead);
        self
    }
    /// Run by this function of a row's values.
    pub const fn eval(mut self, f: crate::engine::ScalarFn) -> Row {
        self.eval = Some(Eval::Scalar(f));
        self
    }
    /// Run by this function, which gives another value each time.
    pub const fn eval_impure(mut self, f: crate::engine::ScalarFn) -> Row {
        self.eval = Some(Eval::Impure(f));
        self
    }
    /// Run by this function of whole columns.
    pub const fn eval_whole(mut self, f: crate::engine::WholeFn) -> Row {
        self.eval = Some(Eval::Whole(f));
        self
    }
    /// Run by this aggregate.
    pub const fn eval_agg(mut self, f: crate::engine::agg::AggNew) -> Row {
        self.eval = Some(Eval::Aggregate(f));
        self
    }
    /// Run by the engine itself.
    pub const fn built(mut self) -> Row {
        self.eval = Some(Eval::Built);
        self
    }
    /// What names of several results begin with.
    pub fn prefix(&self) -> Option<&'static str> {
        match self.naming {
            Naming::PrefixAndFirst(p) | Naming::PrefixAndOnly(p) | Naming::Prefix(p) => Some(p),
            _ => self.tuple_prefix,
        }
    }
}
