//! Text to tokens to tree. Knows no names and no types; `bind` does.

pub mod diag;
pub mod kind;
pub mod lexer;
mod parse;
pub mod tree;

pub use diag::{Code, Diag, Phase, Severity};
pub use kind::T;
pub use lexer::{Token, lex};
pub use parse::params::{CHARTS, JOIN_KINDS, Param, Value as ParamValue, param_words, params_of};
pub use parse::{Parsed, parse};
pub use tree::{Id, N, Node, Tree};
