//! Details: what each resource shows of one entity, as `Doc`s. One file for each resource; `evidence` and `process` serve
//! alerts and incidents alike.

pub mod action;
mod activity;
pub mod alert;
pub mod cloud_apps;
pub mod device;
pub mod evidence;
pub mod feed;
pub mod incident;
pub mod indicator;
pub mod issue;
pub mod links;
pub mod parts;
pub mod posture;
pub mod process;
pub mod record;
pub mod task;
pub mod user;
pub mod weak;

use super::Section;

/// A section drawn from the entity itself, or from another section's answers.
const fn own(
    id: &'static str,
    title: &'static str,
    render: fn(&super::Subject<'_>, &[super::Answer], &mut super::Doc),
) -> Section {
    Section {
        id,
        title,
        calls: |_| Vec::new(),
        costly: false,
        answers_of: None,
        render,
    }
}

#[cfg(test)]
mod tests;
