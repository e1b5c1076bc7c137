//! What is done with a result beside looking at it, as jobs: each owns what it needs, can be cancelled, and answers once.
//!
//! `arrange` order, filter and search; `refine` a query over the rows on screen; `figures` how often each value occurs;
//! `compare` two runs. Exports and charts stand beside (`hunt_export`, `hunt_chart`).

pub mod arrange;
pub mod compare;
pub mod figures;
pub mod refine;

use super::hunt_chart::{self, Chart};
use super::hunt_export::{self, save};
use arrange::{Arrange, Arranged};
use compare::Compare;
use figures::{Figures, FiguresOf};
use refine::{File, Load, Refine, Refined};
use std::sync::Arc;
use table::Table;

/// A job about a result.
#[derive(Debug)]
pub enum Work {
    Arrange(Arrange),
    Refine(Refine),
    /// Reads a local file as a table that a refinement can name.
    Load(Load),
    Figures(FiguresOf),
    Chart(hunt_chart::Plot),
    Compare(Compare),
    Save(save::Save),
    /// An export for the clipboard, as text.
    Text(hunt_export::Export),
    /// Query and result for a colleague.
    Colleague(hunt_export::Export),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Done {
    Arranged(Arranged),
    Refined(Arc<Refined>),
    Loaded(Arc<File>),
    Figures(Arc<Figures>),
    Chart(Arc<Chart>),
    /// Rows with what became of them, and how many are new, gone, changed.
    Compared(Table, [u32; 3]),
    Saved(save::Saved),
    /// A file of that name is there already.
    Exists(String),
    Text(String),
    /// Why not, as a sentence.
    Failed(String),
}

impl Work {
    /// Does it; `None` when cancelled.
    pub fn run(&self) -> Option<Done> {
        match self {
            Self::Arrange(job) => job.run().map(Done::Arranged),
            Self::Refine(job) => job.run(),
            Self::Load(job) => Some(match job.run() {
                Ok(file) => Done::Loaded(Arc::new(file)),
                Err(why) => Done::Failed(why),
            }),
            Self::Figures(job) => job.run().map(|f| Done::Figures(Arc::new(f))),
            Self::Chart(job) => Some(match job.run()? {
                Ok(chart) => Done::Chart(Arc::new(chart)),
                Err(why) => Done::Failed(why),
            }),
            Self::Compare(job) => job.run(),
            Self::Save(job) => job.run(),
            Self::Text(job) => copied(job.text()),
            Self::Colleague(job) => copied(job.for_colleague()),
        }
    }
}

fn copied(text: Result<Option<String>, String>) -> Option<Done> {
    match text {
        Ok(text) => text.map(Done::Text),
        Err(why) => Some(Done::Failed(why)),
    }
}
