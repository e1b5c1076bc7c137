//! The simulator over real sockets: what it answers, refuses and breaks.

mod accounts;
mod accounts_later;
mod contract;
mod fixture;
mod graph_paging;
mod graph_refusals;
mod graph_writes;
mod hostile;
mod http;
mod hunting;
mod hunting_faults;
mod hunting_joins;
mod indicators;
mod login;
mod machine_actions;
mod machine_course;
mod mail;
mod mde;
mod moves;
mod office;
mod office_faults;
mod previews;
mod scenarios;
mod schema;
mod tokens;
mod write_faults;
