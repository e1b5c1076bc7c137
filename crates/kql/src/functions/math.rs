//! Rows of functions: numbers.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("around", "value:scalar, center:scalar, delta:scalar -> bool")
        .eval(eval::misc::around)
        .help("Whether a value lies within a distance of a centre.", "where around(Timestamp, When, 5m)"),
    scalar("bitset_count_ones", "value:integer -> long")
        .eval(eval::math::count_ones)
        .help("How many bits of a number are set.", "bitset_count_ones(Flags)")
        .named(Naming::First)
        .constant(),
    scalar("percentile_tdigest", "tdigest:array, percentile1:real -> dynamic; tdigest:array, percentile1:real, type:type!lit -> pN!")
        .eval(eval::sketches::percentile_tdigest)
        .help("A percentile from a t-digest.", "percentile_tdigest(Digest, 95.0)")
        .named(Naming::FunctionAndFirst),
    scalar("percentiles_array_tdigest", "tdigest:array, percentile:real{1,32767} -> array[dynamic]; tdigest:array, percentiles:array -> array[dynamic]")
        .eval(eval::sketches::percentiles_array_tdigest)
        .help("Several percentiles from a t-digest, as an array.", "percentiles_array_tdigest(Digest, 50, 95)")
        .named(Naming::PrefixAndFirst("percentile_tdigest")),
    scalar("percentrank_tdigest", "digest:array, value:scalar -> real")
        .eval(eval::sketches::percentrank_tdigest)
        .help("What percentage of a t-digest's values lies below a value.", "percentrank_tdigest(Digest, 100)"),
    scalar("rank_tdigest", "digest:array, value:scalar -> real")
        .eval(eval::sketches::rank_tdigest)
        .help("Roughly how many values of a t-digest lie below a value.", "rank_tdigest(Digest, 100)"),
    scalar("tdigest_merge", "tdigest:array{2,16} -> array[dynamic]")
        .eval(eval::sketches::tdigest_merge)
        .help("One t-digest from several.", "tdigest_merge(A, B)")
        .named(Naming::Prefix("tdigests_merge_result")),
    scalar("merge_tdigest", "tdigest:array{2,16} -> array[dynamic]")
        .eval(eval::sketches::tdigest_merge)
        .help("One t-digest from several; see tdigest_merge.", "merge_tdigest(A, B)")
        .named(Naming::Prefix("tdigests_merge_result")),
    scalar("hll_merge", "hll:array{2,16} -> array[dynamic]")
        .eval(eval::sketches::hll_merge)
        .help("One HyperLogLog state from several.", "hll_merge(A, B)")
        .named(Naming::Prefix("hll_merged_result")),
    scalar("dcount_hll", "hll:array -> long")
        .eval(eval::sketches::dcount_hll)
        .help("How many distinct values a HyperLogLog state stands for.", "dcount_hll(Hll)")
        .named(Naming::FunctionAndFirst),
    scalar("round", "number:number, precision:long!const? -> p0")
        .eval(eval::math::round)
        .help("Rounds a number to so many digits.", "round(Ratio, 2)")
        .named(Naming::First)
        .constant(),
    scalar("ceiling", "number:number -> p0")
        .eval(eval::math::ceiling)
        .help("The next whole number up.", "ceiling(Ratio)")
        .named(Naming::First)
        .constant(),
    scalar("pow", "base:number, exponent:number -> real")
        .eval(eval::math::pow)
        .help("A number to the power of another.", "pow(2, 10)")
        .named(Naming::First)
        .constant(),
    scalar("sqrt", "number:number -> real")
        .eval(eval::math::sqrt)
        .help("The square root.", "sqrt(Area)")
        .named(Naming::First)
        .constant(),
    scalar("log", "number:number -> real")
        .eval(eval::math::log)
        .help("The natural logarithm.", "log(Count)")
        .named(Naming::First)
        .constant(),
    scalar("log2", "number:number -> real")
        .eval(eval::math::log2)
        .help("The logarithm of base 2.", "log2(Count)")
        .named(Naming::First)
        .constant(),
    scalar("log10", "number:number -> real")
        .eval(eval::math::log10)
        .help("The logarithm of base 10.", "log10(Count)")
        .named(Naming::First)
        .constant(),
    scalar("exp", "number:number -> real")
        .eval(eval::math::exp)
        .help("e to the power of a number.", "exp(1)")
        .named(Naming::First)
        .constant(),
    scalar("exp2", "number:number -> real")
        .eval(eval::math::exp2)
        .help("2 to the power of a number.", "exp2(8)")
        .named(Naming::First)
        .constant(),
    scalar("exp10", "number:number -> real")
        .eval(eval::math::exp10)
        .help("10 to the power of a number.", "exp10(3)")
        .named(Naming::First)
        .constant(),
    scalar("pi", " -> real")
        .eval(eval::math::pi)
        .help("The number pi.", "print pi()")
        .constant(),
    scalar("cos", "number:number -> real")
        .eval(eval::math::cos)
        .help("The cosine of an angle in radians.", "cos(pi())")
        .named(Naming::First)
        .constant(),
    scalar("sin", "number:number -> real")
        .eval(eval::math::sin)
        .help("The sine of an angle in radians.", "sin(pi() / 2)")
        .named(Naming::First)
        .constant(),
    scalar("tan", "number:number -> real")
        .eval(eval::math::tan)
        .help("The tangent of an angle in radians.", "tan(1)")
        .named(Naming::First)
        .constant(),
    scalar("acos", "number:number -> real")
        .eval(eval::math::acos)
        .help("The angle, in radians, of a cosine.", "acos(0.5)")
        .named(Naming::First)
        .constant(),
    scalar("asin", "number:number -> real")
        .eval(eval::math::asin)
        .help("The angle, in radians, of a sine.", "asin(0.5)")
        .named(Naming::First)
        .constant(),
    scalar("atan", "number:number -> real")
        .eval(eval::math::atan)
        .help("The angle, in radians, of a tangent.", "atan(1)")
        .named(Naming::First)
        .constant(),
    scalar("atan2", "y:number, x:number -> real")
        .eval(eval::math::atan2)
        .help("The angle, in radians, of the line from zero to a point.", "atan2(1, 1)")
        .named(Naming::First)
        .constant(),
    scalar("abs", "number:integer -> long; number:number -> p0; number:timespan -> timespan")
        .eval(eval::math::abs)
        .help("A number or length of time without its sign.", "abs(Difference)")
        .named(Naming::First)
        .constant(),
    scalar("cot", "number:number -> real")
        .eval(eval::math::cot)
        .help("The cotangent of an angle in radians.", "cot(1)")
        .constant(),
    scalar("degrees", "radians:number -> real")
        .eval(eval::math::degrees)
        .help("Radians in degrees.", "degrees(pi())")
        .constant(),
    scalar("radians", "degrees:number -> real")
        .eval(eval::math::radians)
        .help("Degrees in radians.", "radians(180)")
        .constant(),
    scalar("sign", "number:number -> real")
        .eval(eval::math::sign)
        .help("The sign of a number: -1, 0 or 1.", "sign(Difference)")
        .constant(),
    scalar("rand", "number:integer? -> real")
        .eval_impure(eval::math::rand)
        .help("A random number from zero to one, or a whole one below a bound.", "where rand() < 0.01")
        .named(Naming::First)
        .constant(),
    scalar("beta_cdf", "x:number, alpha:number, beta:number -> real")
        .eval(eval::math::beta_cdf)
        .help("The cumulative beta distribution.", "beta_cdf(0.2, 10, 20)")
        .constant(),
    scalar("beta_inv", "probability:number, alpha:number, beta:number -> real")
        .eval(eval::math::beta_inv)
        .help("The inverse of the cumulative beta distribution.", "beta_inv(0.1, 10, 20)")
        .constant(),
    scalar("beta_pdf", "x:number, alpha:number, beta:number -> real")
        .eval(eval::math::beta_pdf)
        .help("The density of the beta distribution.", "beta_pdf(0.2, 10, 20)")
        .constant(),
    scalar("gamma", "number:number -> real")
        .eval(eval::math::gamma)
        .help("The gamma function.", "gamma(5)")
        .named(Naming::First)
        .constant(),
    scalar("loggamma", "number:number -> real")
        .eval(eval::math::loggamma)
        .help("The logarithm of the gamma function.", "loggamma(5)")
        .named(Naming::First)
        .constant(),
    scalar("erf", "number:number -> real")
        .eval(eval::math::erf)
        .help("The error function.", "erf(0.5)")
        .named(Naming::First)
        .constant(),
    scalar("erfc", "number:number -> real")
        .eval(eval::math::erfc)
        .help("One less the error function.", "erfc(0.5)")
        .named(Naming::First)
        .constant(),
    scalar("welch_test", "mean1:number, variance1:number, count1:number, mean2:number, variance2:number, count2:number -> real")
        .eval(eval::math::welch_test)
        .help("The p-value of Welch's test on two samples.", "welch_test(m1, v1, n1, m2, v2, n2)"),
    scalar("convert_angle", "value:real, from:string, to:string -> real")
        .eval(eval::math::convert_angle)
        .help("An angle in another unit.", "convert_angle(1.2, \"Degree\", \"Arcminute\")")
        .constant(),
    scalar("convert_energy", "value:real, from:string, to:string -> real")
        .eval(eval::math::convert_energy)
        .help("An energy in another unit.", "convert_energy(1.2, \"Joule\", \"BritishThermalUnit\")")
        .constant(),
    scalar("convert_force", "value:real, from:string, to:string -> real")
        .eval(eval::math::convert_force)
        .help("A force in another unit.", "convert_force(1.2, \"Newton\", \"Decanewton\")")
        .constant(),
    scalar("convert_length", "value:real, from:string, to:string -> real")
        .eval(eval::math::convert_length)
        .help("A length in another unit.", "convert_length(1.2, \"Meter\", \"Foot\")")
        .constant(),
    scalar("convert_mass", "value:real, from:string, to:string -> real")
        .eval(eval::math::convert_mass)
        .help("A mass in another unit.", "convert_mass(1.2, \"Kilogram\", \"Pound\")")
        .constant(),
    scalar("convert_speed", "value:real, from:string, to:string -> real")
        .eval(eval::math::convert_speed)
        .help("A speed in another unit.", "convert_speed(1.2, \"MeterPerSecond\", \"KilometerPerHour\")")
        .constant(),
    scalar("convert_temperature", "value:real, from:string=DegreeCelsius/DegreeDelisle/DegreeFahrenheit/DegreeNewton/DegreeRankine/DegreeReaumur/DegreeRoemer/Kelvin/MillidegreeCelsius/SolarTemperature, to:string=DegreeCelsius/DegreeDelisle/DegreeFahrenheit/DegreeNewton/DegreeRankine/DegreeReaumur/DegreeRoemer/Kelvin/MillidegreeCelsius/SolarTemperature -> real")
        .eval(eval::math::convert_temperature)
        .help("A temperature in another unit.", "convert_temperature(1.2, \"Kelvin\", \"DegreeCelsius\")")
        .constant(),
    scalar("convert_volume", "value:real, from:string, to:string -> real")
        .eval(eval::math::convert_volume)
        .help("A volume in another unit.", "convert_volume(1.2, \"CubicMeter\", \"Liter\")")
        .constant(),
    scalar("tdigest_isvalid", "digest:array, value:scalar -> bool")
        .eval(eval::sketches::tdigest_isvalid)
        .old(""),
    scalar("hll_isvalid", "hll:array, value:scalar -> bool")
        .eval(eval::sketches::hll_isvalid)
        .old(""),
];
