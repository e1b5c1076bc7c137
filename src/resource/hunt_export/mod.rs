//! A result written out: CSV, TSV, NDJSON, JSON, Markdown, XLSX, KQL `datatable`. For the console and for the headless
//! command alike: whoever has a table and its provenance can write to a file, the clipboard or stdout.
//!
//! `forms` the text forms, `sheet` XLSX, `save` a file of one's own. What is written for programs holds the exact text,
//! quoted or escaped; what goes to the clipboard is made visible first (`security.md` 4).

mod forms;
pub mod save;
mod sheet;
#[cfg(test)]
mod tests;

use crate::model::Ticks;
use crate::model::feed::Ledger;
use crate::resource::ledger;
use serde_json::json;
use std::io::{self, Write};
use std::sync::Arc;
use table::{Cancel, Selection, Table, Txt};

/// A form of export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Csv,
    Tsv,
    Ndjson,
    Json,
    Markdown,
    Xlsx,
    Datatable,
}

impl Form {
    pub const ALL: [Form; 7] = [
        Form::Csv,
        Form::Tsv,
        Form::Ndjson,
        Form::Json,
        Form::Markdown,
        Form::Xlsx,
        Form::Datatable,
    ];

    /// As people say it.
    pub fn title(self) -> &'static str {
        match self {
            Form::Csv => "CSV",
            Form::Tsv => "TSV",
            Form::Ndjson => "NDJSON",
            Form::Json => "JSON",
            Form::Markdown => "Markdown",
            Form::Xlsx => "XLSX",
            Form::Datatable => "KQL datatable",
        }
    }

    /// The ending of its files; also its name on the command line.
    pub fn ending(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::Tsv => "tsv",
            Form::Ndjson => "ndjson",
            Form::Json => "json",
            Form::Markdown => "md",
            Form::Xlsx => "xlsx",
            Form::Datatable => "kql",
        }
    }

    /// The form of this ending.
    pub fn named(name: &str) -> Option<Form> {
        let name = name.to_ascii_lowercase();
        Form::ALL.into_iter().find(|f| f.ending() == name)
    }

    /// Whether there is a place for the provenance in it; else that is a file beside it.
    pub fn tells(self) -> bool {
        !matches!(self, Form::Csv | Form::Tsv | Form::Ndjson)
    }
}

/// Where rows come from, and whether they are all.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    pub query: String,
    /// Refinements on this machine, in their order.
    pub local: Vec<String>,
    pub tenant: String,
    pub tenant_id: String,
    /// Nothing of it is real.
    pub demo: bool,
    /// Where it was run: `Defender (Graph)`, an archive.
    pub engine: String,
    pub at: Ticks,
    pub took_ms: u64,
    /// Why these are not all rows there are.
    pub partial: Option<String>,
    /// What else is not as it should be.
    pub notes: Vec<String>,
    /// Of how many rows these are, and by what they were chosen; none: all of them.
    pub chosen: Option<(u64, String)>,
    /// Of logs: what was read of them, window by window.
    pub ledger: Option<Arc<Ledger>>,
}

/// Rows to be written.
#[derive(Clone, Debug)]
pub struct Export {
    pub table: Table,
    pub rows: Selection,
    pub columns: Vec<usize>,
    pub form: Form,
    pub from: Provenance,
    /// Formulas are not made harmless.
    pub raw: bool,
    /// For the clipboard: what cannot be seen is made visible.
    pub visible: bool,
    pub cancel: Cancel,
}

/// Why nothing, or not all, was written.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("cancelled")]
    Cancelled,
    /// The form cannot hold it.
    #[error("{0}")]
    Form(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Bytes that a clipboard is given at most.
const CLIPBOARD: usize = 1 << 20;

impl Provenance {
    /// How many rows, as it must be said wherever they are counted: `120 of at least 120`.
    pub fn count(&self, rows: usize) -> String {
        let of = match &self.chosen {
            Some((all, _)) => format!("{rows} of {all}"),
            None => rows.to_string(),
        };
        match (&self.partial, &self.chosen) {
            (Some(_), Some((all, _))) => format!("{rows} of {all} of at least {all}"),
            (Some(_), None) => format!("{rows} of at least {rows}"),
            (None, _) => of,
        }
    }

    /// Name and value, line by line, for people.
    pub fn lines(&self, rows: usize) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        if self.demo {
            out.push(("DEMO", "nothing in here is real".to_owned()));
        }
        out.push(("Tenant", format!("{} ({})", self.tenant, self.tenant_id)));
        out.push(("Run at", self.at.literal()));
        out.push(("Took", format!("{} ms", self.took_ms)));
        out.push(("Engine", self.engine.clone()));
        out.push(("Rows", self.count(rows)));
        if let Some(why) = &self.partial {
            out.push(("PARTIAL", why.clone()));
        }
        if let Some((_, how)) = &self.chosen {
            out.push(("Chosen", how.clone()));
        }
        out.extend(self.notes.iter().map(|n| ("Note", n.clone())));
        out.extend(self.ledger.iter().flat_map(|l| ledger::lines(l)));
        out.push(("Query", self.query.clone()));
        out.extend(self.local.iter().map(|l| ("LOCAL", l.clone())));
        out.push((
            "Written by",
            concat!("watchfloor ", env!("CARGO_PKG_VERSION")).into(),
        ));
        out
    }

    /// As an object, for programs.
    pub fn json(&self, rows: usize) -> serde_json::Value {
        let mut out = json!({
            "demo": self.demo,
            "tenant": self.tenant,
            "tenant_id": self.tenant_id,
            "run_at": self.at.literal(),
            "took_ms": self.took_ms,
            "engine": self.engine,
            "query": self.query,
            "local": self.local,
            "rows": rows,
            "rows_said": self.count(rows),
            "complete": self.partial.is_none() && self.chosen.is_none(),
            "partial": self.partial,
            "chosen": self.chosen.as_ref().map(|(all, how)| json!({"of": all, "by": how})),
            "notes": self.notes,
            "written_by": concat!("watchfloor ", env!("CARGO_PKG_VERSION")),
        });
        if let Some(ledger) = &self.ledger {
            out["ledger"] = ledger::json(ledger);
        }
        out
    }

    /// The file beside one that has no place for it.
    pub fn sidecar(&self, rows: usize) -> String {
        let mut text = pretty(&self.json(rows));
        text.push('\n');
        text
    }
}

/// JSON for people, with everything escaped that could not be seen.
fn pretty(json: &serde_json::Value) -> String {
    let text = serde_json::to_string_pretty(json).unwrap_or_default();
    forms::escape_unseen(&text)
}

impl Export {
    /// Writes the rows. XLSX is not text and may be large: see [`save`].
    pub fn write(&self, out: &mut dyn Write) -> Result<(), Failed> {
        match self.form {
            Form::Xlsx => sheet::write(self, out),
            _ => forms::write(self, out),
        }
    }

    /// All of it as text, for the clipboard: no final newline. `Ok(None)`: cancelled.
    pub fn text(&self) -> Result<Option<String>, String> {
        let mut out = Capped(Vec::new());
        match self.write(&mut out) {
            Ok(()) => {}
            Err(Failed::Cancelled) => return Ok(None),
            Err(Failed::Form(why)) => return Err(why),
            Err(Failed::Io(_)) => {
                return Err(format!(
                    "more than {} MB is too much for a clipboard; x exports to a file",
                    CLIPBOARD >> 20
                ));
            }
        }
        let text = String::from_utf8_lossy(&out.0);
        Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    /// Query and result for a colleague: what was asked, when, where, whether that is all, and the rows.
    pub fn for_colleague(&self) -> Result<Option<String>, String> {
        let Some(rows) = self.text()? else {
            return Ok(None);
        };
        let mut out = String::new();
        for (name, value) in self.from.lines(self.rows.len()) {
            if name == "Query" || name == "LOCAL" {
                continue;
            }
            out.push_str(&format!("{name}: {}\n", Txt::new(&value).shown()));
        }
        out.push_str("\n```kusto\n");
        for line in self.from.query.lines() {
            out.push_str(&Txt::new(line).shown());
            out.push('\n');
        }
        for local in &self.from.local {
            out.push_str(&format!(
                "// LOCAL, on the rows: {}\n",
                Txt::new(local).shown()
            ));
        }
        out.push_str("```\n\n");
        out.push_str(&rows);
        Ok(Some(out))
    }
}

/// Takes no more than a clipboard does.
struct Capped(Vec<u8>);

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > CLIPBOARD {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
