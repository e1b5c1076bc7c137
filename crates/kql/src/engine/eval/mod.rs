//! The functions themselves, a family a file. A function is one row in `crate::functions` and
//! one `fn` here that takes the values of a row.

pub mod arrays;
pub mod bags;
pub mod compress;
pub mod convert;
pub mod dates;
pub mod encodings;
pub mod geo;
pub mod hashes;
pub mod math;
pub mod misc;
pub mod network;
pub mod ops;
pub mod patterns;
pub mod periods;
pub mod punycode;
pub mod series;
pub mod sketches;
pub mod strings;
pub mod trends;
pub mod window;
mod xml;

/// Functions that give several columns: their values come as one array.
pub fn gives_several(name: &str) -> bool {
    matches!(
        name,
        "series_stats"
            | "series_fit_line"
            | "series_fit_2lines"
            | "series_fit_poly"
            | "series_decompose"
            | "series_decompose_anomalies"
            | "series_decompose_forecast"
            | "series_periods_detect"
            | "series_periods_validate"
            | "series_fft"
            | "series_ifft"
            | "array_sort_asc"
            | "array_sort_desc"
    )
}
