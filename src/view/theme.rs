//! Styles by meaning; they are read from TOML by `config::theme`.

pub use crate::config::theme::Theme;
