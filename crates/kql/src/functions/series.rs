//! Rows of functions: series.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("series_fir", "series:array, filter:array, normalize:bool?, center:bool? -> array[real]")
        .eval(eval::series::series_fir)
        .help("Filters a series by a finite impulse response.", "series_fir(Counts, dynamic([1, 1, 1]))")
        .named(Naming::First),
    scalar("series_stats", "series:array, ignore_nonfinite:bool!const? -> custom")
        .eval(eval::series::series_stats)
        .help("Smallest, largest, mean and spread of a series, each a column.", "extend series_stats(Counts)"),
    scalar("series_stats_dynamic", "series:array, ignore_nonfinite:bool!const? -> custom")
        .eval(eval::series::series_stats_dynamic)
        .help("Smallest, largest, mean and spread of a series, in a bag.", "series_stats_dynamic(Counts)"),
    scalar("series_fft", "series:array, series_imaginary:array? -> custom")
        .eval(eval::periods::series_fft)
        .help("The Fourier transform of a series.", "extend series_fft(Counts)"),
    scalar("series_ifft", "series:array, series_imaginary:array? -> custom")
        .eval(eval::periods::series_ifft)
        .help("The inverse Fourier transform of a series.", "extend series_ifft(Re, Im)"),
    scalar("series_fit_line", "series:array -> custom")
        .eval(eval::series::series_fit_line)
        .help("The straight line nearest a series, each figure a column.", "extend series_fit_line(Counts)"),
    scalar("series_fit_line_dynamic", "series:array -> custom")
        .eval(eval::series::series_fit_line_dynamic)
        .help("The straight line nearest a series, in a bag.", "series_fit_line_dynamic(Counts)"),
    scalar("series_fit_2lines", "array:array -> custom")
        .eval(eval::series::series_fit_2lines)
        .help("The two joined lines nearest a series, each figure a column.", "extend series_fit_2lines(Counts)"),
    scalar("series_fit_2lines_dynamic", "series:array -> custom")
        .eval(eval::periods::series_fit_2lines_dynamic)
        .help("The two joined lines nearest a series, in a bag.", "series_fit_2lines_dynamic(Counts)"),
    scalar("series_outliers", "series:array, kind:string?, ignore_val:number? -> p0; series:array, kind:string, ignore_val:real, min_percentile:real, max_percentile:real?, test_points:integer? -> p0")
        .eval(eval::series::series_outliers)
        .help("How far each value of a series is out of the ordinary.", "series_outliers(Counts)")
        .named(Naming::First),
    scalar("series_iir", "series:array, numerators:array, denominators:array -> array[real]")
        .eval(eval::series::series_iir)
        .help("Filters a series by an infinite impulse response.", "series_iir(Counts, dynamic([1]), dynamic([1, -1]))")
        .named(Naming::First),
    scalar("series_periods_detect", "series:array, min_period:number, max_period:number, num_periods:long -> custom")
        .eval(eval::periods::series_periods_detect)
        .help("The strongest periods of a series.", "extend series_periods_detect(Counts, 4, 24, 2)"),
    scalar("series_periods_validate", "series:array, period:number{1,16} -> custom")
        .eval(eval::periods::series_periods_validate)
        .help("How strongly a series follows periods given.", "extend series_periods_validate(Counts, 24)"),
    scalar("series_fill_backward", "series:array, missing_value_placeholder:number? -> p0")
        .eval(eval::series::series_fill_backward)
        .help("Fills gaps of a series by the next value.", "series_fill_backward(Counts)")
        .named(Naming::First),
    scalar("series_fill_forward", "series:array, missing_value_placeholder:number? -> p0")
        .eval(eval::series::series_fill_forward)
        .help("Fills gaps of a series by the last value.", "series_fill_forward(Counts)")
        .named(Naming::First),
    scalar("series_fill_const", "series:array, constant_value:number?, missing_value_placeholder:number? -> p0")
        .eval(eval::series::series_fill_const)
        .help("Fills gaps of a series by one value.", "series_fill_const(Counts, 0)")
        .named(Naming::First),
    scalar("series_fill_linear", "series:array, missing_value_placeholder:number?, fill_edges:bool?, constant_value:number? -> p0")
        .eval(eval::series::series_fill_linear)
        .help("Fills gaps of a series by straight lines.", "series_fill_linear(Counts)")
        .named(Naming::First),
    scalar("series_fit_poly", "y_series:array, x_series:array?, degree:int? -> custom")
        .eval(eval::periods::series_fit_poly)
        .help("The polynomial nearest a series.", "extend series_fit_poly(Counts)"),
    scalar("series_add", "series1:array, series2:array -> array[dynamic]; series1:array, series2:number -> array[dynamic]; series1:number, series2:array -> array[dynamic]")
        .eval(eval::series::series_add)
        .help("Adds two series value by value.", "series_add(A, B)"),
    scalar("series_subtract", "series1:array, series2:array -> array[dynamic]; series1:array, series2:number -> array[dynamic]; series1:number, series2:array -> array[dynamic]")
        .eval(eval::series::series_subtract)
        .help("Subtracts two series value by value.", "series_subtract(A, B)"),
    scalar("series_multiply", "series1:array, series2:array -> array[dynamic]; series1:array, series2:number -> array[dynamic]; series1:number, series2:array -> array[dynamic]")
        .eval(eval::series::series_multiply)
        .help("Multiplies two series value by value.", "series_multiply(A, B)"),
    scalar("series_divide", "series1:array, series2:array -> array[real]; series1:array, series2:number -> array[real]; series1:number, series2:array -> array[real]")
        .eval(eval::series::series_divide)
        .help("Divides two series value by value.", "series_divide(A, B)"),
    scalar("series_pow", "series1:array, series2:array -> array[real]; series1:array, series2:number -> array[real]; series1:number, series2:array -> array[real]")
        .eval(eval::series::series_pow)
        .help("Raises a series to the power of another, value by value.", "series_pow(A, 2)"),
    scalar("series_greater", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]")
        .eval(eval::series::series_greater)
        .help("Where one series is above another.", "series_greater(A, B)"),
    scalar("series_greater_equals", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]")
        .eval(eval::series::series_greater_equals)
        .help("Where one series is no lower than another.", "series_greater_equals(A, B)"),
    scalar("series_less", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]")
        .eval(eval::series::series_less)
        .help("Where one series is below another.", "series_less(A, B)"),
    scalar("series_less_equals", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]")
        .eval(eval::series::series_less_equals)
        .help("Where one series is no higher than another.", "series_less_equals(A, B)"),
    scalar("series_equals", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]")
        .eval(eval::series::series_equals)
        .help("Where two series are equal.", "series_equals(A, B)"),
    scalar("series_not_equals", "series1:array, series2:array -> array[bool]; series1:array, series2:number -> array[bool]; series1:number, series2:array -> array[bool]")
        .eval(eval::series::series_not_equals)
        .help("Where two series differ.", "series_not_equals(A, B)"),
    scalar("series_exp", "series:array -> array[real]")
        .eval(eval::series::series_exp)
        .help("e to the power of each value.", "series_exp(A)"),
    scalar("series_sign", "series:array -> array[long]")
        .eval(eval::series::series_sign)
        .help("The sign of each value.", "series_sign(A)"),
    scalar("series_abs", "series:array -> p0")
        .eval(eval::series::series_abs)
        .help("Each value without its sign.", "series_abs(A)"),
    scalar("series_sin", "series:array -> array[real]")
        .eval(eval::series::series_sin)
        .help("The sine of each value.", "series_sin(A)"),
    scalar("series_asin", "series:array -> array[real]")
        .eval(eval::series::series_asin)
        .help("The inverse sine of each value.", "series_asin(A)"),
    scalar("series_cos", "series:array -> array[real]")
        .eval(eval::series::series_cos)
        .help("The cosine of each value.", "series_cos(A)"),
    scalar("series_acos", "series:array -> array[real]")
        .eval(eval::series::series_acos)
        .help("The inverse cosine of each value.", "series_acos(A)"),
    scalar("series_tan", "series:array -> array[real]")
        .eval(eval::series::series_tan)
        .help("The tangent of each value.", "series_tan(A)"),
    scalar("series_atan", "series:array -> array[real]")
        .eval(eval::series::series_atan)
        .help("The inverse tangent of each value.", "series_atan(A)"),
    scalar("series_magnitude", "series:array -> real")
        .eval(eval::series::series_magnitude)
        .help("The length of a series taken as a vector.", "series_magnitude(A)"),
    scalar("series_sum", "series:array -> real")
        .eval(eval::series::series_sum)
        .help("The sum of a series.", "series_sum(Counts)"),
    scalar("series_product", "series:array -> real")
        .eval(eval::series::series_product)
        .help("The product of a series.", "series_product(Factors)"),
    scalar("series_log", "series:array -> array[real]")
        .eval(eval::series::series_log)
        .help("The natural logarithm of each value.", "series_log(A)"),
    scalar("series_floor", "series:array -> array[dynamic]")
        .eval(eval::series::series_floor)
        .help("Each value rounded down.", "series_floor(A)"),
    scalar("series_ceiling", "series:array -> p0")
        .eval(eval::series::series_ceiling)
        .help("Each value rounded up.", "series_ceiling(A)"),
    scalar("series_seasonal", "series:array -> array[real]; series:array, period:integer -> array[real]; series:array, period:integer, test_points:integer -> array[real]")
        .eval(eval::trends::series_seasonal)
        .help("The part of a series that repeats.", "series_seasonal(Counts, 24)"),
    scalar("series_decompose", "series:array, period:integer?, trend:string?, test_points:integer?, seasonality_threshold:number? -> custom")
        .eval(eval::trends::series_decompose)
        .help("Parts a series into season, trend and rest.", "extend series_decompose(Counts)"),
    scalar("series_decompose_forecast", "series:array, test_points:integer, period:integer?, trend:string?, seasonality_threshold:number? -> custom")
        .eval(eval::trends::series_decompose_forecast)
        .help("Continues a series by its season and trend.", "extend series_decompose_forecast(Counts, 24)"),
    scalar("series_decompose_anomalies", "series:array, threshold:number?, period:integer?, trend:string?, test_points:integer?, method:string?, seasonality_threshold:number? -> custom")
        .eval(eval::trends::series_decompose_anomalies)
        .help("Marks values a series' season and trend do not explain.", "extend series_decompose_anomalies(Counts, 1.5)"),
    scalar("series_pearson_correlation", "series1:array, series2:array -> real")
        .eval(eval::series::series_pearson_correlation)
        .help("How two series move together, from -1 to 1.", "series_pearson_correlation(A, B)"),
    scalar("series_dot_product", "series1:array, series2:array -> real; series1:array, series2:number -> real; series1:number, series2:array -> real")
        .eval(eval::series::series_dot_product)
        .help("The dot product of two series.", "series_dot_product(A, B)"),
    scalar("series_cosine_similarity", "series1:array, series2:array, series1_magnitude:real?, series2_magnitude:real? -> real")
        .eval(eval::periods::series_cosine_similarity)
        .help("The cosine of the angle between two series.", "series_cosine_similarity(A, B)"),
];
