//! What lies over the panes: an enum stack. The top one gets keys first; drawing goes bottom up.

#[derive(Debug)]
pub enum Overlay {
    Help,
}
