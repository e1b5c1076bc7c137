//! Rows of functions: series.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("series_fir", "series:array, filter:array, normalize:bool?, center:bool? -> array[real]")
        .named(Naming::First),
    scalar("series_stats", "series:array, ignore_nonfinite:bool!const? -> custom"),
    scalar("series_stats_dynamic", "series:array, ignore_nonfinite:bool!const? -> custom"),
    scalar("series_fft", "series:array, series_imaginary:array? -> custom"),
    scalar("series_ifft", "series:array, series_imaginary:array? -> custom"),
    scalar("series_fit_line", "series:array -> custom"),
    scalar("series_fit_line_dynamic", "series:array -> custom"),
    scalar("series_fit_2lines", "array:array -> custom"),
    scalar("series_fit_2lines_dynamic", "series:array -> custom"),
    scalar("series_outliers", "series:array, kind:string?, ignore_val:number? -> p0; series:array, kind:string, ignore_val:real, min_percentile:real, max_percentile:real?, test_points:integer? -> p0")
        .named(Naming::First),
    scalar("series_iir", "series:array, numerators:array, denominators:array -> array[real]")
        .named(Naming::First),
    scalar("series_periods_detect", "series:array, min_period:number, max_period:number, num_periods:long -> custom"),
    scalar("series_periods_validate", "series:array, period:number{1,16} -> custom"),
    scalar("series_fill_backward", "series:array, missing_value_placeholder:number? -> p0")
        .named(Naming::First),
    scalar("series_fill_forward", "series:array, missing_value_placeholder:number? -> p0")
        .named(Naming::First),
    scalar("series_fill_const", "series:array, constant_value:number?, missing_value_placeholder:number? -> p0")
        .named(Naming::First),
    scalar("series_fill_linear", "series:array, missing_value_placeholder:number?, fill_edges:bool?, constant_value:number? -> p0")
        .named(Naming::First),
    scalar("series_fit_poly", "y_series:array, x_series:array?, degree:int? -> custom"),
    scalar("series_add", "series1:array, series2:array -> array[dynamic]; series1:array, series2:number -> array[dynamic]; series1:number, series2:array -> array[dynamic]"),
    scalar("series_subtract", "series1:array, series2:array -> array[dynamic]; series1:array, series2:number -> array[dynamic]; series1:number, series2:array -> array[dynamic]"),
    scalar("series_multiply", "series1:array, series2:array -> array[dynamic]; series1:array, series2:number -> array[dynamic]; series1:number, series2:array -> array[dynamic]"),
    scalar("series_divide", "series1:array, series2:array -> array[real]; series1:array, series2:number -> array[real]; series1:number, series2:array -> array[real]"),
    scalar("series_pow", "series1:array, series2:array -> array[real]; series1:array, series2:number -> array[real]; series1:number, series2:array -> array[real]"),
    scalar("series_greater", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]"),
    scalar("series_greater_equals", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]"),
    scalar("series_less", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]"),
    scalar("series_less_equals", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]"),
    scalar("series_equals", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]"),
    scalar("series_not_equals", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]"),
    scalar("series_exp", "series:array -> array[real]"),
    scalar("series_sign", "series:array -> array[long]"),
    scalar("series_abs", "series:array -> p0"),
    scalar("series_sin", "series:array -> array[real]"),
    scalar("series_asin", "series:array -> array[real]"),
    scalar("series_cos", "series:array -> array[real]"),
    scalar("series_acos", "series:array -> array[real]"),
    scalar("series_tan", "series:array -> array[real]"),
    scalar("series_atan", "series:array -> array[real]"),
    scalar("series_magnitude", "series:array -> real"),
    scalar("series_sum", "series:array -> real"),
    scalar("series_product", "series:array -> real"),
    scalar("series_log", "series:array -> array[real]"),
    scalar("series_floor", "series:array -> array[dynamic]"),
    scalar("series_ceiling", "series:array -> p0"),
    scalar("series_seasonal", "series:array -> array[real]; series:array, period:integer -> array[real]; series:array, period:integer, test_points:integer -> array[real]"),
    scalar("series_decompose", "series:array, period:integer?, trend:string?, test_points:integer?, seasonality_threshold:number? -> custom"),
    scalar("series_decompose_forecast", "series:array, test_points:integer, period:integer?, trend:string?, seasonality_threshold:number? -> custom"),
    scalar("series_decompose_anomalies", "series:array, threshold:number?, period:integer?, trend:string?, test_points:integer?, method:string?, seasonality_threshold:number? -> custom"),
    scalar("series_pearson_correlation", "series1:array, series2:array -> real"),
    scalar("series_dot_product", "series1:array, series2:array -> real; series1:array, series2:number -> real; series1:number, series2:array -> real"),
    scalar("series_cosine_similarity", "series1:array, series2:array, series1_magnitude:real?, series2_magnitude:real? -> real"),
];
