//! All integration tests in one binary: each file below links nothing again.

mod acceptance;
mod archive;
mod audit_cli;
mod backend_rig;
mod backend_sim;
mod commands;
mod contract;
mod devices_sim;
mod drafts;
mod headless;
mod hunting;
mod init;
mod instances;
mod kill;
mod kql;
mod late;
mod layers;
mod leaving;
mod neighbours;
mod pty;
mod readme;
mod reconcile;
mod response_sim;
mod set_up;
mod tenants;
mod timeline;
