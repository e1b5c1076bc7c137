//! The language against itself and, where the shared corpora are there, against the
//! official service. `WF_SOAK=1` takes all of them, otherwise a sample.

mod corpus;
mod documented;
mod places;
mod properties;
mod rows;
mod service;
mod unfriendly;
