//! A simulated tenant: the sign-in service, Microsoft Graph, Defender for Endpoint, Office 365 Management Activity, Cloud Apps, Log
//! Analytics and Data Explorer on loopback, over real HTTP with real tokens.
//!
//! [`start`] binds and returns at once; nothing is generated before the first request. No client code lives here, so that client and
//! server cannot share a mistake. What a service answers follows its published contract; where nothing is published the choice is marked
//! *assumed* at the place where it is made.
//!
//! | module | what |
//! |---|---|
//! | [`flags`] | what can be asked of a simulator, as command-line flags |
//! | `wire` | sockets, guards, the journal, faults on the wire |
//! | [`scenario`] | which faults, when: the TOML format |
//! | `login` | tokens: how they are asked for, issued and verified |
//! | `odata` | query options, parsed and evaluated as the services do |
//! | `graph`, `mde`, `office`, `cloudapps`, `loganalytics`, `adx`, `arm` | the services |
//! | `hunt` | queries over the data, for the three services that take them |
//! | `response` | what clients did: machine actions, accounts, indicators, mail, and what has become of it by now |
//! | [`world`] | the data: people, devices, stories; never changes |
//! | `tenant` | what they share: clock, grants, budgets, the world and its edits |

mod adx;
mod arm;
pub mod clock;
mod cloudapps;
pub mod flags;
mod graph;
mod hunt;
mod loganalytics;
mod login;
mod mde;
mod odata;
mod office;
mod permissions;
mod queue;
mod response;
mod roles;
pub mod scenario;
mod tenant;
mod throttle;
mod wire;
pub mod world;

pub use clock::Clock;
pub use flags::Flags;
pub use wire::journal::Received;
pub use wire::running::{Info, Running, StartError, run_forever, start};
