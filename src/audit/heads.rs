//! Heads of the record outside of it: the last line's number and hash, told to the machine's journal and to a witness,
//! and read back from there by `audit verify`. A rewrite or a missing tail is found only against one of these.
//!
//! The journal gets each head at once (a datagram, which waits for nobody); a witness gets the newest when it is free, on
//! a thread of its own: a slow witness must not hold up a response.

use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How journal and witness name us.
pub const NAME: &str = "watchfloor-audit";
/// How long a witness may take for one head.
const PATIENCE: Duration = Duration::from_secs(10);
/// What may be read back from one place.
const MOST: u64 = 64 * 1024 * 1024;
/// How long the end of the program waits for a witness.
const FAREWELL: Duration = Duration::from_secs(3);

/// One head. Whose record it is stands in it, since a witness hears from many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub tenant: String,
    pub tenant_id: String,
    pub host: String,
    pub os_user: String,
    pub seq: u64,
    pub hash: String,
    pub time: String,
}

impl Head {
    /// Whether both are of one record.
    pub fn same_record(&self, other: &Self) -> bool {
        let of = |h: &Self| {
            (
                h.tenant.clone(),
                h.tenant_id.clone(),
                h.host.clone(),
                h.os_user.clone(),
            )
        };
        of(self) == of(other)
    }
}

/// An address that a head is posted to and that answers a GET with all it was told, one JSON object a line.
pub trait Wire: Send + Sync {
    fn post(&self, line: &str) -> Result<(), String>;
    fn list(&self) -> Result<String, String>;
}

/// `audit.witness`: somebody outside of this account who remembers.
#[derive(Clone)]
pub enum Witness {
    /// argv without a shell, absolute path. `put` is appended and a head comes on stdin; `list` gives all back.
    Command(Vec<String>),
    Url(Arc<dyn Wire>),
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Command(argv) => write!(f, "Witness({argv:?})"),
            Self::Url(_) => f.write_str("Witness(URL)"),
        }
    }
}

/// Where heads go and whence they are read back.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// journald's socket for entries of programs.
    pub journal: Option<PathBuf>,
    /// What prints our journal entries, one message a line: argv, absolute path.
    pub journal_reader: Vec<String>,
    /// Syslog's socket, where there is no journal.
    pub syslog: Option<PathBuf>,
    pub witness: Option<Witness>,
}

impl Places {
    /// The journal of this machine, or its syslog; the witness as configured.
    pub fn of_this_machine(witness: Option<Witness>) -> Self {
        let there = |path: &str| Some(PathBuf::from(path)).filter(|p| p.exists());
        let journal = there("/run/systemd/journal/socket");
        let reader = ["/usr/bin/journalctl", "/bin/journalctl"]
            .iter()
            .find(|p| Path::new(p).exists());
        Self {
            syslog: there("/dev/log").filter(|_| journal.is_none()),
            journal_reader: reader
                .filter(|_| journal.is_some())
                .map_or_else(Vec::new, |r| {
                    [r, "-t", NAME, "-o", "cat", "--no-pager", "-q"]
                        .map(str::to_owned)
                        .to_vec()
                }),
            journal,
            witness,
        }
    }
}

/// What a place knows of heads.
#[derive(Debug)]
pub struct Known {
    pub place: &'static str,
    /// The heads, or why they cannot be had.
    pub heads: Result<Vec<Head>, String>,
}

impl Places {
    /// Asks every place that can answer.
    pub fn known(&self) -> Vec<Known> {
        let mut out = Vec::new();
        let journal = match (&self.journal, self.journal_reader.as_slice()) {
            (_, [program, args @ ..]) => Some(run(program, args, None).map(|t| parse(&t))),
            (Some(_), []) => Some(Err("there is no journalctl to read it with".to_owned())),
            (None, []) => None,
        };
        if let Some(heads) = journal {
            out.push(Known {
                place: "journal",
                heads,
            });
        }
        if self.syslog.is_some() {
            out.push(Known {
                place: "syslog",
                heads: Err("it takes heads, but gives none back to a program".to_owned()),
            });
        }
        if let Some(witness) = &self.witness {
            let heads = match witness {
                Witness::Command(argv) => match argv.as_slice() {
                    [program, args @ ..] => {
                        let args: Vec<String> =
                            args.iter().cloned().chain(["list".to_owned()]).collect();
                        run(program, &args, None).map(|t| parse(&t))
                    }
                    [] => Err("it has no program".to_owned()),
                },
                Witness::Url(wire) => wire.list().map(|t| parse(&t)),
            };
            out.push(Known {
                place: "witness",
                heads,
            });
        }
        out
    }
}

/// Every line that holds a head; a journal prints other messages, too.
fn parse(text: &str) -> Vec<Head> {
    text.lines()
        .filter_map(|line| {
            let from = line.find('{')?;
            serde_json::from_str(&line[from..]).ok()
        })
        .collect()
}

/// Said once when a place does not take a head.
pub type Say = Arc<dyn Fn(String) + Send + Sync>;

/// Tells heads. Dropped: waits some seconds until the witness has the last one.
#[derive(Default)]
pub struct Outside {
    places: Places,
    worker: Option<Worker>,
    say: Option<Say>,
    said: Mutex<bool>,
}

struct Worker {
    heads: Mutex<Option<Sender<Head>>>,
    done: Mutex<Receiver<()>>,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outside({:?})", self.places)
    }
}

impl Outside {
    pub fn new(places: Places, say: Say) -> Self {
        let worker = places.witness.clone().and_then(|witness| {
            let (heads, waiting) = channel::<Head>();
            let (finished, done) = channel();
            let say = Arc::clone(&say);
            std::thread::Builder::new()
                .name("witness".into())
                .spawn(move || {
                    let mut silent = true;
                    while let Ok(mut head) = waiting.recv() {
                        // a newer head proves all that an older one does
                        while let Ok(newer) = waiting.try_recv() {
                            head = newer;
                        }
                        match put(&witness, &head) {
                            Ok(()) => silent = true,
                            Err(why) if silent => {
                                silent = false;
                                say(format!("the witness of the record did not take its head: {why}; the tail of the record is unproven there"));
                            }
                            Err(_) => {}
                        }
                    }
                    let _ = finished.send(());
                })
                .ok()?;
            Some(Worker {
                heads: Mutex::new(Some(heads)),
                done: Mutex::new(done),
            })
        });
        Self {
            places,
            worker,
            say: Some(say),
            said: Mutex::new(false),
        }
    }

    /// Tells a head to every place.
    pub fn tell(&self, head: Head) {
        let Ok(text) = serde_json::to_string(&head) else {
            return;
        };
        let told = match (&self.places.journal, &self.places.syslog) {
            (Some(socket), _) => datagram(socket, &journal_entry(&text)),
            (None, Some(socket)) => {
                // auth facility, notice
                let message = format!("<85>{NAME}[{}]: {text}", std::process::id());
                datagram(socket, message.as_bytes())
            }
            (None, None) => Ok(()),
        };
        if let (Err(why), Some(say)) = (told, &self.say) {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            if !*said {
                *said = true;
                say(format!("the journal did not take the record's head: {why}"));
            }
        }
        if let Some(worker) = &self.worker
            && let Some(heads) = &*worker.heads.lock().unwrap_or_else(PoisonError::into_inner)
        {
            let _ = heads.send(head);
        }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            drop(
                worker
                    .heads
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take(),
            );
            let done = worker.done.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = done.recv_timeout(FAREWELL);
        }
    }
}

fn put(witness: &Witness, head: &Head) -> Result<(), String> {
    let line = serde_json::to_string(head).map_err(|e| e.to_string())? + "\n";
    match witness {
        Witness::Command(argv) => match argv.as_slice() {
            [program, args @ ..] => {
                let args: Vec<String> = args.iter().cloned().chain(["put".to_owned()]).collect();
                run(program, &args, Some(&line)).map(|_| ())
            }
            [] => Err("it has no program".to_owned()),
        },
        Witness::Url(wire) => wire.post(&line),
    }
}

/// The journal's own protocol: a field a line. Our text has no line end in it.
fn journal_entry(text: &str) -> Vec<u8> {
    format!("SYSLOG_IDENTIFIER={NAME}\nPRIORITY=5\nMESSAGE={text}\nWATCHFLOOR_HEAD={text}\n")
        .into_bytes()
}

fn datagram(socket: &Path, bytes: &[u8]) -> Result<(), String> {
    let from = UnixDatagram::unbound().map_err(|e| e.to_string())?;
    from.set_nonblocking(true).map_err(|e| e.to_string())?;
    from.send_to(bytes, socket)
        .map(|_| ())
        .map_err(|e| format!("{}: {e}", socket.display()))
}

/// Runs a program without a shell and without our environment; what it prints, at most 64 MiB, within ten seconds.
fn run(program: &str, args: &[String], stdin: Option<&str>) -> Result<String, String> {
    if !program.starts_with('/') {
        return Err(format!("{program} is not an absolute path"));
    }
    let mut child = Command::new(program)
        .args(args)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .current_dir("/")
        .stdin(if stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("{program}: {e}"))?;
    if let (Some(text), Some(mut pipe)) = (stdin, child.stdin.take()) {
        // a program that does not read its input is judged by how it ends
        let _ = pipe.write_all(text.as_bytes());
    }
    let out = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(pipe) = out {
            let _ = pipe.take(MOST).read_to_end(&mut text);
        }
        text
    });
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!(
                    "{program} did not end within {} s",
                    PATIENCE.as_secs()
                ));
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Err(e) => return Err(e.to_string()),
        }
    };
    let text = reader.join().unwrap_or_default();
    match status.success() {
        true => Ok(String::from_utf8_lossy(&text).into_owned()),
        false => Err(format!("{program} ended with {status}")),
    }
}
