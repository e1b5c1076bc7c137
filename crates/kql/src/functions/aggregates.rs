//! Rows of functions: aggregates of `summarize` and its kin.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, aggregate};
use crate::engine::agg;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    aggregate("sum", "expr:summable -> p0+")
        .eval_agg(agg::sum)
        .help("The sum of the values.", "summarize sum(Bytes) by DeviceName")
        .named(Naming::PrefixAndFirst("sum")),
    aggregate("sumif", "expr:summable, predicate:bool -> p0+")
        .eval_agg(agg::sum)
        .help("The sum of the values of rows that meet a condition.", "summarize sumif(Bytes, Port == 443)")
        .named(Naming::PrefixAndFirst("sumif")),
    aggregate("count", " -> long; predicate:bool -> long")
        .eval_agg(agg::count)
        .help("How many rows there are.", "summarize count() by ActionType")
        .named(Naming::PrefixAndFirst("count")),
    aggregate("countif", "predicate:bool -> long")
        .eval_agg(agg::count)
        .help("How many rows meet a condition.", "summarize countif(ActionType == \"LogonFailed\")")
        .named(Naming::PrefixAndFirst("countif")),
    aggregate("dcount", "expr:scalar, accuracy:plain? -> long")
        .eval_agg(agg::dcount)
        .help("About how many distinct values there are.", "summarize dcount(DeviceId) by RemoteUrl")
        .named(Naming::PrefixAndFirst("dcount")),
    aggregate("dcountif", "expr:scalar, predicate:bool, accuracy:plain? -> long")
        .eval_agg(agg::dcount)
        .help("About how many distinct values rows that meet a condition have.", "summarize dcountif(DeviceId, Port == 22)")
        .named(Naming::PrefixAndFirst("dcountif")),
    aggregate("tdigest", "expr:summable, weight:integer? -> array[dynamic]")
        .eval_agg(agg::tdigest)
        .help("A digest of the values to take percentiles from later.", "summarize tdigest(Duration)")
        .named(Naming::PrefixAndFirst("tdigest")),
    aggregate("tdigest_merge", "tdigest:array -> array[dynamic]")
        .eval_agg(agg::tdigest)
        .help("One t-digest from several.", "tdigest_merge(A, B)")
        .named(Naming::PrefixAndFirst("merge_tdigests")),
    aggregate("merge_tdigest", "tdigest:array -> array[dynamic]")
        .eval_agg(agg::tdigest)
        .help("One t-digest from several; see tdigest_merge.", "merge_tdigest(A, B)")
        .named(Naming::PrefixAndFirst("merge_tdigests")),
    aggregate("hll", "expr:notrealbool, accuracy:integer? -> array[dynamic]")
        .eval_agg(agg::hll)
        .help("A HyperLogLog state of the values, to count distinct ones later.", "summarize hll(DeviceId)")
        .named(Naming::PrefixAndFirst("hll")),
    aggregate("hll_if", "expr:notrealbool, predicate:bool, accuracy:integer? -> array[dynamic]")
        .eval_agg(agg::hll)
        .help("A HyperLogLog state of the values of rows that meet a condition.", "summarize hll_if(DeviceId, Port == 22)")
        .named(Naming::PrefixAndFirst("hll_if")),
    aggregate("hll_merge", "hll:array -> array[dynamic]")
        .eval_agg(agg::hll)
        .help("One HyperLogLog state from several.", "hll_merge(A, B)")
        .named(Naming::PrefixAndFirst("hll_merge")),
    aggregate("min", "expr:orderable -> p0")
        .eval_agg(agg::extreme)
        .help("The smallest value.", "summarize min(Timestamp) by DeviceName")
        .named(Naming::PrefixAndFirst("min")),
    aggregate("minif", "expr:orderable, predicate:bool -> p0")
        .eval_agg(agg::extreme)
        .help("The smallest value of rows that meet a condition.", "summarize minif(Timestamp, ActionType == \"LogonSuccess\")")
        .named(Naming::PrefixAndFirst("minif")),
    aggregate("max", "expr:orderable -> p0")
        .eval_agg(agg::extreme)
        .help("The largest value.", "summarize max(Timestamp) by DeviceName")
        .named(Naming::PrefixAndFirst("max")),
    aggregate("maxif", "expr:orderable, predicate:bool -> p0")
        .eval_agg(agg::extreme)
        .help("The largest value of rows that meet a condition.", "summarize maxif(Timestamp, ActionType == \"LogonFailed\")")
        .named(Naming::PrefixAndFirst("maxif")),
    aggregate("avg", "expr:integer -> real; expr:real -> real; expr:decimal -> decimal; expr:timespan -> timespan; expr:datetime -> datetime")
        .eval_agg(agg::avg)
        .help("The mean of the values.", "summarize avg(FileSize)")
        .named(Naming::PrefixAndFirst("avg")),
    aggregate("avgif", "expr:integer, predicate:bool -> real; expr:real, predicate:bool -> real; expr:decimal, predicate:bool -> decimal; expr:timespan, predicate:bool -> timespan; expr:datetime, predicate:bool -> datetime")
        .eval_agg(agg::avg)
        .help("The mean of the values of rows that meet a condition.", "summarize avgif(FileSize, FileName endswith \".exe\")")
        .named(Naming::PrefixAndFirst("avgif")),
    aggregate("make_list", "expr:scalar, maxSize:integer? -> p0[]")
        .eval_agg(agg::make_list)
        .help("All values as an array.", "summarize make_list(ProcessCommandLine, 100) by DeviceName")
        .named(Naming::PrefixAndFirst("list")),
    aggregate("make_list_if", "expr:scalar, predicate:bool, maxSize:integer? -> p0[]")
        .eval_agg(agg::make_list)
        .help("All values of rows that meet a condition, as an array.", "summarize make_list_if(FileName, FileSize > 0)")
        .named(Naming::PrefixAndFirst("list")),
    aggregate("make_list_with_nulls", "expr:scalar -> p0[]")
        .eval_agg(agg::make_list)
        .help("All values as an array, missing ones included.", "summarize make_list_with_nulls(Port)")
        .named(Naming::PrefixAndFirst("list")),
    aggregate("make_set", "expr:scalar, maxSize:integer? -> p0[]")
        .eval_agg(agg::make_set)
        .help("The distinct values as an array.", "summarize make_set(RemoteIP, 100) by DeviceName")
        .named(Naming::PrefixAndFirst("set")),
    aggregate("make_set_if", "expr:scalar, predicate:bool, maxSize:integer? -> p0[]")
        .eval_agg(agg::make_set)
        .help("The distinct values of rows that meet a condition, as an array.", "summarize make_set_if(RemoteIP, RemotePort == 443)")
        .named(Naming::PrefixAndFirst("set")),
    aggregate("make_bag", "expr:bag, maxSize:integer? -> bag{}")
        .eval_agg(agg::make_bag)
        .help("The bags of all rows joined into one.", "summarize make_bag(bag_pack(Name, Value))")
        .named(Naming::PrefixAndFirst("bag")),
    aggregate("make_bag_if", "expr:bag, predicate:bool, maxSize:integer? -> bag{}")
        .eval_agg(agg::make_bag)
        .help("The bags of rows that meet a condition, joined into one.", "summarize make_bag_if(Fields, isnotempty(Name))")
        .named(Naming::PrefixAndFirst("bag")),
    aggregate("buildschema", "expr:bag -> bag{}")
        .eval_agg(agg::buildschema)
        .help("The shape that all of the dynamic values fit.", "summarize buildschema(AdditionalFields)")
        .named(Naming::PrefixAndFirst("schema")),
    aggregate("percentile", "expr:scalar, percentile:number -> custom")
        .eval_agg(agg::percentiles)
        .help("The value that so many percent of the values do not exceed.", "summarize percentile(Duration, 95)"),
    aggregate("percentiles", "expr:scalar, percentile:number{1,32767} -> custom")
        .eval_agg(agg::percentiles)
        .help("Several percentiles, each a column.", "summarize percentiles(Duration, 50, 95, 99)"),
    aggregate("percentiles_array", "expr:scalar, percentile:number{1,32767} -> custom; expr:scalar, percentiles:array -> custom")
        .eval_agg(agg::percentiles)
        .help("Several percentiles as an array.", "summarize percentiles_array(Duration, 50, 95)"),
    aggregate("percentilew", "expr:scalar, weight:integer, percentile:number -> custom")
        .eval_agg(agg::percentiles)
        .help("A percentile of weighted values.", "summarize percentilew(Duration, Weight, 95)"),
    aggregate("percentilesw", "expr:scalar, weight:integer, percentile:number{1,32767} -> custom")
        .eval_agg(agg::percentiles)
        .help("Several percentiles of weighted values, each a column.", "summarize percentilesw(Duration, Weight, 50, 95)"),
    aggregate("percentilesw_array", "expr:scalar, weight:integer, percentile:number{1,32767} -> custom; expr:scalar, weight:integer, percentiles:array -> custom")
        .eval_agg(agg::percentiles)
        .help("Several percentiles of weighted values as an array.", "summarize percentilesw_array(Duration, Weight, 50, 95)"),
    aggregate("stdev", "expr:summable -> real")
        .eval_agg(agg::spread)
        .help("The standard deviation of a sample.", "summarize stdev(Count)")
        .named(Naming::PrefixAndFirst("stdev")),
    aggregate("stdevif", "expr:summable, predicate:bool -> real")
        .eval_agg(agg::spread)
        .help("The standard deviation of a sample, of rows that meet a condition.", "summarize stdevif(Count, Count > 0)")
        .named(Naming::PrefixAndFirst("stdevif")),
    aggregate("stdevp", "expr:summable -> real")
        .eval_agg(agg::spread)
        .help("The standard deviation of a population.", "summarize stdevp(Count)")
        .named(Naming::PrefixAndFirst("stdevp")),
    aggregate("variance", "expr:summable -> real")
        .eval_agg(agg::spread)
        .help("The variance of a sample.", "summarize variance(Count)")
        .named(Naming::PrefixAndFirst("variance")),
    aggregate("varianceif", "expr:summable, predicate:bool -> real")
        .eval_agg(agg::spread)
        .help("The variance of a sample, of rows that meet a condition.", "summarize varianceif(Count, Count > 0)")
        .named(Naming::PrefixAndFirst("varianceif")),
    aggregate("variancep", "expr:summable -> real")
        .eval_agg(agg::spread)
        .help("The variance of a population.", "summarize variancep(Count)")
        .named(Naming::PrefixAndFirst("variancep")),
    aggregate("variancepif", "expr:summable, predicate:bool -> real")
        .eval_agg(agg::spread)
        .help("The variance of a population, of rows that meet a condition.", "summarize variancepif(Count, Count > 0)")
        .named(Naming::PrefixAndFirst("variancepif")),
    aggregate("covariance", "expr:summable, expr:summable -> real")
        .eval_agg(agg::covariance)
        .help("The covariance of two columns, of a sample.", "summarize covariance(A, B)")
        .named(Naming::PrefixAndFirst("covariance")),
    aggregate("covarianceif", "expr:summable, expr:summable, predicate:bool -> real")
        .eval_agg(agg::covariance)
        .help("The covariance of a sample, of rows that meet a condition.", "summarize covarianceif(A, B, A > 0)")
        .named(Naming::PrefixAndFirst("covarianceif")),
    aggregate("covariancep", "expr:summable, expr:summable -> real")
        .eval_agg(agg::covariance)
        .help("The covariance of two columns, of a population.", "summarize covariancep(A, B)")
        .named(Naming::PrefixAndFirst("covariancep")),
    aggregate("covariancepif", "expr:summable, expr:summable, predicate:bool -> real")
        .eval_agg(agg::covariance)
        .help("The covariance of a population, of rows that meet a condition.", "summarize covariancepif(A, B, A > 0)")
        .named(Naming::PrefixAndFirst("covariancepif")),
    aggregate("take_any", "expr:scalar!starok{1,32767} -> custom")
        .eval_agg(agg::take_any)
        .help("The values of some one row.", "summarize take_any(DeviceName, OSPlatform) by DeviceId"),
    aggregate("take_anyif", "expr:scalar, predicate:bool -> p0")
        .eval_agg(agg::take_any)
        .help("The value of some one row that meets a condition.", "summarize take_anyif(DeviceName, isnotempty(DeviceName))")
        .named(Naming::First),
    aggregate("arg_min", "minimized:orderable, returned:scalar!starok{0,32767} -> custom")
        .eval_agg(agg::arg_extreme)
        .help("The row where a value is smallest.", "summarize arg_min(Timestamp, *) by DeviceId"),
    aggregate("arg_max", "maximized:orderable, returned:scalar!starok{0,32767} -> custom")
        .eval_agg(agg::arg_extreme)
        .help("The row where a value is largest; the newest, for a time.", "summarize arg_max(Timestamp, *) by DeviceId"),
    aggregate("binary_all_or", "expr:summable -> p0")
        .eval_agg(agg::bits)
        .help("Bits that any of the numbers has.", "summarize binary_all_or(Flags)")
        .named(Naming::First),
    aggregate("binary_all_and", "expr:summable -> p0")
        .eval_agg(agg::bits)
        .help("Bits that all of the numbers have.", "summarize binary_all_and(Flags)")
        .named(Naming::First),
    aggregate("binary_all_xor", "expr:summable -> p0")
        .eval_agg(agg::bits)
        .help("Bits left when all numbers are combined by exclusive or.", "summarize binary_all_xor(Flags)")
        .named(Naming::First),
    aggregate("count_distinct", "expr:plain -> long")
        .eval_agg(agg::dcount)
        .help("Exactly how many distinct values there are.", "summarize count_distinct(DeviceId)")
        .named(Naming::PrefixAndFirst("count_distinct")),
    aggregate("count_distinctif", "expr:plain, predicate:bool -> long")
        .eval_agg(agg::dcount)
        .help("Exactly how many distinct values rows that meet a condition have.", "summarize count_distinctif(DeviceId, Port == 22)")
        .named(Naming::PrefixAndFirst("count_distinctif")),
    aggregate("cnt", " -> long")
        .named(Naming::PrefixAndFirst("cnt"))
        .old("count"),
    aggregate("makelist", "expr:scalar, maxSize:integer? -> p0[]")
        .eval_agg(agg::make_list)
        .named(Naming::PrefixAndFirst("list"))
        .old("make_list"),
    aggregate("makeset", "expr:scalar, maxSize:integer? -> p0[]")
        .eval_agg(agg::make_set)
        .named(Naming::PrefixAndFirst("set"))
        .old("make_set"),
    aggregate("make_dictionary", "expr:bag, maxSize:integer? -> bag{}")
        .eval_agg(agg::make_bag)
        .named(Naming::PrefixAndFirst("dictionary"))
        .old(""),
    aggregate("passthrough", "expr:scalar -> p0")
        .named(Naming::First)
        .old(""),
    aggregate("any", "expr:scalar -> p0; expr:scalar{2,32767} -> custom; expr:scalar!star -> custom")
        .eval_agg(agg::take_any)
        .help("Whether a condition holds for some element of a graph's path.", "any(hops, IsAdmin)")
        .named(Naming::PrefixAndFirst("any"))
        .old("take_any"),
    aggregate("anyif", "expr:scalar, predicate:bool -> p0")
        .eval_agg(agg::take_any)
        .named(Naming::PrefixAndFirst("anyif"))
        .old("take_anyif"),
    aggregate("argmin", "minimized:orderable, returned:scalar!starok{0,32767} -> custom")
        .eval_agg(agg::arg_extreme)
        .tuple_prefix("min")
        .old("arg_min"),
    aggregate("argmax", "maximized:orderable, returned:scalar!starok{0,32767} -> custom")
        .eval_agg(agg::arg_extreme)
        .tuple_prefix("max")
        .old("arg_max"),
];
