//! Completions and manual pages, made from the command line itself.

use super::choose::Refusal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub struct Completions {
    pub shell: clap_complete::Shell,
}

/// Print the manual page, or write one for every command into a folder
#[derive(Debug, clap::Args)]
pub struct Man {
    /// The folder; it must exist
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

impl Completions {
    pub fn run(&self) -> Result<ExitCode, Refusal> {
        // into memory first: the generator panics where its output cannot be written
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "watchfloor", &mut text);
        print(&text)
    }
}

impl Man {
    pub fn run(&self) -> Result<ExitCode, Refusal> {
        match &self.dir {
            None => {
                let mut text = Vec::new();
                let page = clap_mangen::Man::new(super::command());
                page.render(&mut text).map_err(|e| (1, e.to_string()))?;
                print(&text)
            }
            Some(dir) => {
                clap_mangen::generate_to(super::command(), dir)
                    .map_err(|e| (1, format!("{}: {e}", dir.display())))?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn print(text: &[u8]) -> Result<ExitCode, Refusal> {
    use std::io::Write;
    match std::io::stdout().lock().write_all(text) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err((1, format!("stdout: {e}"))),
        _ => Ok(ExitCode::SUCCESS),
    }
}
