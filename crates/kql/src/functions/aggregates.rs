//! Rows of functions: aggregates of `summarize` and its kin.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, aggregate};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    aggregate("sum", "expr:summable -> p0+")
        .named(Naming::PrefixAndFirst("sum")),
    aggregate("sumif", "expr:summable, predicate:bool -> p0+")
        .named(Naming::PrefixAndFirst("sumif")),
    aggregate("count", " -> long; predicate:bool -> long")
        .named(Naming::PrefixAndFirst("count")),
    aggregate("countif", "predicate:bool -> long")
        .named(Naming::PrefixAndFirst("countif")),
    aggregate("dcount", "expr:scalar, accuracy:plain? -> long")
        .named(Naming::PrefixAndFirst("dcount")),
    aggregate("dcountif", "expr:scalar, predicate:bool, accuracy:plain? -> long")
        .named(Naming::PrefixAndFirst("dcountif")),
    aggregate("tdigest", "expr:summable, weight:integer? -> array[dynamic]")
        .named(Naming::PrefixAndFirst("tdigest")),
    aggregate("tdigest_merge", "tdigest:array -> array[dynamic]")
        .named(Naming::PrefixAndFirst("merge_tdigests")),
    aggregate("merge_tdigest", "tdigest:array -> array[dynamic]")
        .named(Naming::PrefixAndFirst("merge_tdigests")),
    aggregate("hll", "expr:notrealbool, accuracy:integer? -> array[dynamic]")
        .named(Naming::PrefixAndFirst("hll")),
    aggregate("hll_if", "expr:notrealbool, predicate:bool, accuracy:integer? -> array[dynamic]")
        .named(Naming::PrefixAndFirst("hll_if")),
    aggregate("hll_merge", "hll:array -> array[dynamic]")
        .named(Naming::PrefixAndFirst("hll_merge")),
    aggregate("min", "expr:orderable -> p0")
        .named(Naming::PrefixAndFirst("min")),
    aggregate("minif", "expr:orderable, predicate:bool -> p0")
        .named(Naming::PrefixAndFirst("minif")),
    aggregate("max", "expr:orderable -> p0")
        .named(Naming::PrefixAndFirst("max")),
    aggregate("maxif", "expr:orderable, predicate:bool -> p0")
        .named(Naming::PrefixAndFirst("maxif")),
    aggregate("avg", "expr:integer -> real; expr:real -> real; expr:decimal -> decimal; expr:timespan -> timespan; expr:datetime -> datetime")
        .named(Naming::PrefixAndFirst("avg")),
    aggregate("avgif", "expr:integer, predicate:bool -> real; expr:real, predicate:bool -> real; expr:decimal, predicate:bool -> decimal; expr:timespan, predicate:bool -> timespan; expr:datetime, predicate:bool -> datetime")
        .named(Naming::PrefixAndFirst("avgif")),
    aggregate("make_list", "expr:scalar, maxSize:integer? -> p0[]")
        .named(Naming::PrefixAndFirst("list")),
    aggregate("make_list_if", "expr:scalar, predicate:bool, maxSize:integer? -> p0[]")
        .named(Naming::PrefixAndFirst("list")),
    aggregate("make_list_with_nulls", "expr:scalar -> p0[]")
        .named(Naming::PrefixAndFirst("list")),
    aggregate("make_set", "expr:scalar, maxSize:integer? -> p0[]")
        .named(Naming::PrefixAndFirst("set")),
    aggregate("make_set_if", "expr:scalar, predicate:bool, maxSize:integer? -> p0[]")
        .named(Naming::PrefixAndFirst("set")),
    aggregate("make_bag", "expr:bag, maxSize:integer? -> bag{}")
        .named(Naming::PrefixAndFirst("bag")),
    aggregate("make_bag_if", "expr:bag, predicate:bool, maxSize:integer? -> bag{}")
        .named(Naming::PrefixAndFirst("bag")),
    aggregate("buildschema", "expr:bag -> bag{}")
        .named(Naming::PrefixAndFirst("schema")),
    aggregate("percentile", "expr:scalar, percentile:number -> custom"),
    aggregate("percentiles", "expr:scalar, percentile:number{1,32767} -> custom"),
    aggregate("percentiles_array", "expr:scalar, percentile:number{1,32767} -> custom; expr:scalar, percentiles:array -> custom"),
    aggregate("percentilew", "expr:scalar, weight:integer, percentile:number -> custom"),
    aggregate("percentilesw", "expr:scalar, weight:integer, percentile:number{1,32767} -> custom"),
    aggregate("percentilesw_array", "expr:scalar, weight:integer, percentile:number{1,32767} -> custom; expr:scalar, weight:integer, percentiles:array -> custom"),
    aggregate("stdev", "expr:summable -> real")
        .named(Naming::PrefixAndFirst("stdev")),
    aggregate("stdevif", "expr:summable, predicate:bool -> real")
        .named(Naming::PrefixAndFirst("stdevif")),
    aggregate("stdevp", "expr:summable -> real")
        .named(Naming::PrefixAndFirst("stdevp")),
    aggregate("variance", "expr:summable -> real")
        .named(Naming::PrefixAndFirst("variance")),
    aggregate("varianceif", "expr:summable, predicate:bool -> real")
        .named(Naming::PrefixAndFirst("varianceif")),
    aggregate("variancep", "expr:summable -> real")
        .named(Naming::PrefixAndFirst("variancep")),
    aggregate("variancepif", "expr:summable, predicate:bool -> real")
        .named(Naming::PrefixAndFirst("variancepif")),
    aggregate("covariance", "expr:summable, expr:summable -> real")
        .named(Naming::PrefixAndFirst("covariance")),
    aggregate("covarianceif", "expr:summable, expr:summable, predicate:bool -> real")
        .named(Naming::PrefixAndFirst("covarianceif")),
    aggregate("covariancep", "expr:summable, expr:summable -> real")
        .named(Naming::PrefixAndFirst("covariancep")),
    aggregate("covariancepif", "expr:summable, expr:summable, predicate:bool -> real")
        .named(Naming::PrefixAndFirst("covariancepif")),
    aggregate("take_any", "expr:scalar!starok{1,32767} -> custom"),
    aggregate("take_anyif", "expr:scalar, predicate:bool -> p0")
        .named(Naming::First),
    aggregate("arg_min", "minimized:orderable, returned:scalar!starok{0,32767} -> custom"),
    aggregate("arg_max", "maximized:orderable, returned:scalar!starok{0,32767} -> custom"),
    aggregate("binary_all_or", "expr:summable -> p0")
        .named(Naming::First),
    aggregate("binary_all_and", "expr:summable -> p0")
        .named(Naming::First),
    aggregate("binary_all_xor", "expr:summable -> p0")
        .named(Naming::First),
    aggregate("count_distinct", "expr:plain -> long")
        .named(Naming::PrefixAndFirst("count_distinct")),
    aggregate("count_distinctif", "expr:plain, predicate:bool -> long")
        .named(Naming::PrefixAndFirst("count_distinctif")),
    aggregate("cnt", " -> long")
        .named(Naming::PrefixAndFirst("cnt"))
        .old("count"),
    aggregate("makelist", "expr:scalar, maxSize:integer? -> p0[]")
        .named(Naming::PrefixAndFirst("list"))
        .old("make_list"),
    aggregate("makeset", "expr:scalar, maxSize:integer? -> p0[]")
        .named(Naming::PrefixAndFirst("set"))
        .old("make_set"),
    aggregate("make_dictionary", "expr:bag, maxSize:integer? -> bag{}")
        .named(Naming::PrefixAndFirst("dictionary"))
        .old(""),
    aggregate("passthrough", "expr:scalar -> p0")
        .named(Naming::First)
        .old(""),
    aggregate("any", "expr:scalar -> p0; expr:scalar{2,32767} -> custom; expr:scalar!star -> custom")
        .named(Naming::PrefixAndFirst("any"))
        .old("take_any"),
    aggregate("anyif", "expr:scalar, predicate:bool -> p0")
        .named(Naming::PrefixAndFirst("anyif"))
        .old("take_anyif"),
    aggregate("argmin", "minimized:orderable, returned:scalar!starok{0,32767} -> custom")
        .tuple_prefix("min")
        .old("arg_min"),
    aggregate("argmax", "maximized:orderable, returned:scalar!starok{0,32767} -> custom")
        .tuple_prefix("max")
        .old("arg_max"),
];
