//! Watchfloor: a terminal console for Microsoft Defender XDR and Entra tenants.
//!
//! Layers, lowest first; a file imports its own layer's shared types or a lower layer, never a higher one
//! (`tests/layers.rs` reads the imports):
//! 0 `model` · 1 `config`, `resource`, `verb` · 2 `msg`, `confirm` · 3 `app` and `backend` (with `store`, `audit`, `jobs`)
//! · 4 `view`, `term` · 5 `run`, `cli`.

pub mod app;
pub mod audit;
pub mod backend;
pub mod cli;
pub mod config;
pub mod confirm;
pub mod jobs;
pub mod model;
pub mod msg;
pub mod resource;
pub mod run;
pub mod store;
pub mod term;
pub mod verb;
pub mod view;
