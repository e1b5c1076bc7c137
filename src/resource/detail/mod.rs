//! Details: what each resource shows of one entity, as `Doc`s. One file for each resource; `evidence` and `process` serve
//! alerts and incidents alike.

pub mod evidence;
pub mod parts;
pub mod process;
