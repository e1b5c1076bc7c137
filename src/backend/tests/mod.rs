//! The backend from end to end over real sockets: what is asked, what goes out, what comes back.

mod acts;
mod answers;
mod beside;
mod fetch;
mod follow;
pub mod hall;
mod held;
mod hostile;
mod hunts;
mod listing;
mod odd;
mod presence;
mod questions;
mod rig;
mod sent;
pub mod server;
mod sets;
mod signin;
mod soak;
mod tls;
mod tokens;
mod ways;
mod writes;
