//! Rows of functions: numbers.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("around", "value:scalar, center:scalar, delta:scalar -> bool"),
    scalar("bitset_count_ones", "value:integer -> long")
        .named(Naming::First)
        .constant(),
    scalar("percentile_tdigest", "tdigest:array, percentile1:real -> dynamic; tdigest:array, percentile1:real, type:type!lit -> pN!")
        .named(Naming::FunctionAndFirst),
    scalar("percentiles_array_tdigest", "tdigest:array, percentile:real{1,32767} -> array[dynamic]; tdigest:array, percentiles:array -> array[dynamic]")
        .named(Naming::PrefixAndFirst("percentile_tdigest")),
    scalar("percentrank_tdigest", "digest:array, value:scalar -> real"),
    scalar("rank_tdigest", "digest:array, value:scalar -> real"),
    scalar("tdigest_merge", "tdigest:array{2,16} -> array[dynamic]")
        .named(Naming::Prefix("tdigests_merge_result")),
    scalar("merge_tdigest", "tdigest:array{2,16} -> array[dynamic]")
        .named(Naming::Prefix("tdigests_merge_result")),
    scalar("hll_merge", "hll:array{2,16} -> array[dynamic]")
        .named(Naming::Prefix("hll_merged_result")),
    scalar("dcount_hll", "hll:array -> long")
        .named(Naming::FunctionAndFirst),
    scalar("round", "number:number, precision:long!const? -> p0")
        .named(Naming::First)
        .constant(),
    scalar("ceiling", "number:number -> p0")
        .named(Naming::First)
        .constant(),
    scalar("pow", "base:number, exponent:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("sqrt", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("log", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("log2", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("log10", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("exp", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("exp2", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("exp10", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("pi", " -> real")
        .constant(),
    scalar("cos", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("sin", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("tan", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("acos", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("asin", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("atan", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("atan2", "y:number, x:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("abs", "number:integer -> long; number:number -> p0; number:timespan -> timespan")
        .named(Naming::First)
        .constant(),
    scalar("cot", "number:number -> real")
        .constant(),
    scalar("degrees", "radians:number -> real")
        .constant(),
    scalar("radians", "degrees:number -> real")
        .constant(),
    scalar("sign", "number:number -> real")
        .constant(),
    scalar("rand", "number:integer? -> real")
        .named(Naming::First)
        .constant(),
    scalar("beta_cdf", "x:number, alpha:number, beta:number -> real")
        .constant(),
    scalar("beta_inv", "probability:number, alpha:number, beta:number -> real")
        .constant(),
    scalar("beta_pdf", "x:number, alpha:number, beta:number -> real")
        .constant(),
    scalar("gamma", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("loggamma", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("erf", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("erfc", "number:number -> real")
        .named(Naming::First)
        .constant(),
    scalar("welch_test", "mean1:number, variance1:number, count1:number, mean2:number, variance2:number, count2:number -> real"),
    scalar("convert_angle", "value:real, from:string, to:string -> real")
        .constant(),
    scalar("convert_energy", "value:real, from:string, to:string -> real")
        .constant(),
    scalar("convert_force", "value:real, from:string, to:string -> real")
        .constant(),
    scalar("convert_length", "value:real, from:string, to:string -> real")
        .constant(),
    scalar("convert_mass", "value:real, from:string, to:string -> real")
        .constant(),
    scalar("convert_speed", "value:real, from:string, to:string -> real")
        .constant(),
    scalar("convert_temperature", "value:real, from:string=DegreeCelsius/DegreeDelisle/DegreeFahrenheit/DegreeNewton/DegreeRankine/DegreeReaumur/DegreeRoemer/Kelvin/MillidegreeCelsius/SolarTemperature, to:string=DegreeCelsius/DegreeDelisle/DegreeFahrenheit/DegreeNewton/DegreeRankine/DegreeReaumur/DegreeRoemer/Kelvin/MillidegreeCelsius/SolarTemperature -> real")
        .constant(),
    scalar("convert_volume", "value:real, from:string, to:string -> real")
        .constant(),
    scalar("tdigest_isvalid", "digest:array, value:scalar -> bool")
        .old(""),
    scalar("hll_isvalid", "hll:array, value:scalar -> bool")
        .old(""),
];
