//! What a file is: its bytes, plain or unpacked on a thread of its own, and its form by its first bytes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

/// Forms a table may be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Records with a delimiter, the names in the first.
    Csv(u8),
    /// A JSON object a line.
    Lines,
    /// A JSON array of objects, or objects over several lines.
    Values,
}

/// An opened file.
pub(super) struct Opened {
    /// Its first bytes, unpacked, without a byte order mark.
    pub(super) head: Vec<u8>,
    /// Bytes of the byte order mark.
    pub(super) mark: u64,
    /// Length, where it is a plain regular file that can be read in parts.
    pub(super) plain: Option<u64>,
    /// All of it from the start, the mark too.
    pub(super) stream: Box<dyn Read + Send>,
}

/// How much is looked at for the form.
const HEAD: usize = 256 << 10;

/// Opens a file; the error is a sentence.
pub(super) fn open(path: &Path) -> Result<Opened, String> {
    let fault = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this account may not read it".to_owned(),
        _ => format!("cannot be read: {e}"),
    };
    let mut file = File::open(path).map_err(fault)?;
    let meta = file.metadata().map_err(fault)?;
    if meta.is_dir() {
        return Err("is a folder: say --archive DIR for a streaming export".into());
    }
    let mut magic = Vec::new();
    (&mut file).take(4).read_to_end(&mut magic).map_err(fault)?;
    if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        || magic.starts_with(b"PK\x03\x04")
        || magic.starts_with(b"PAR1")
    {
        return Err("is packed in a form that is not read here: unpack it, or use gzip".into());
    }
    if magic.starts_with(&[0xff, 0xfe]) || magic.starts_with(&[0xfe, 0xff]) {
        return Err("is UTF-16: save it as UTF-8".into());
    }
    let packed = magic.starts_with(&[0x1f, 0x8b]);
    // what is no regular file cannot be wound back
    let whole: Box<dyn Read + Send> = if meta.is_file() {
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        Box::new(file)
    } else {
        Box::new(io::Cursor::new(magic).chain(file))
    };
    let mut stream: Box<dyn Read + Send> = if packed {
        Box::new(apart(Box::new(flate2::read::MultiGzDecoder::new(
            io::BufReader::with_capacity(256 << 10, whole),
        ))))
    } else {
        whole
    };
    let mut head = Vec::new();
    let early = (&mut stream).take(HEAD as u64).read_to_end(&mut head);
    // what comes before a fault is used, the fault itself is met again by who reads on
    let stream: Box<dyn Read + Send> = match early {
        Ok(_) => Box::new(io::Cursor::new(head.clone()).chain(stream)),
        Err(e) if head.is_empty() => return Err(unpack_fault(&e)),
        Err(e) => Box::new(io::Cursor::new(head.clone()).chain(Fails(Some(e)))),
    };
    let mark = if head.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    head.drain(..mark);
    Ok(Opened {
        head,
        mark: mark as u64,
        plain: (!packed && meta.is_file()).then_some(meta.len()),
        stream,
    })
}

/// Why a stream ended, as a sentence.
pub(super) fn unpack_fault(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::UnexpectedEof => "the gzip file is cut short".into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            "the gzip data is damaged".into()
        }
        _ => format!("cannot be read further: {e}"),
    }
}

struct Fails(Option<io::Error>);

impl Read for Fails {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The form of what begins like this; the name's ending decides only where the bytes do not.
pub(super) fn form(head: &[u8], path: &Path) -> Form {
    let first = head.iter().find(|b| !b.is_ascii_whitespace());
    match first {
        Some(b'[') => Form::Values,
        Some(b'{') => {
            let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
            // a line that is cut by the end of the head counts as whole
            let whole = line.len() == head.len()
                || serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
            // the first line may be the bad one
            let second = head.split(|b| *b == b'\n').nth(1).unwrap_or_default();
            if whole || second.starts_with(b"{") {
                Form::Lines
            } else {
                Form::Values
            }
        }
        _ => {
            let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
            let name = path.to_string_lossy().to_ascii_lowercase();
            let name = name.strip_suffix(".gz").unwrap_or(&name);
            let has = |b: u8| line.contains(&b);
            Form::Csv(match () {
                () if name.ends_with(".tsv") => b'\t',
                () if has(b',') => b',',
                () if has(b'\t') => b'\t',
                () if has(b';') => b';',
                () => b',',
            })
        }
    }
}

/// Reads ahead on a thread of its own, so that unpacking and splitting go side by side.
struct Apart {
    from: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
}

fn apart(mut from: Box<dyn Read + Send>) -> Apart {
    let (to, pieces) = sync_channel(4);
    // the thread ends with the stream, or when nobody listens any more
    std::thread::spawn(move || {
        loop {
            let mut piece = Vec::with_capacity(256 << 10);
            let read = (&mut from).take(256 << 10).read_to_end(&mut piece);
            let ends = piece.is_empty();
            if !ends && to.send(Ok(piece)).is_err() {
                return;
            }
            match read {
                Ok(_) if !ends => {}
                Ok(_) => return,
                Err(e) => {
                    let _ = to.send(Err(e));
                    return;
                }
            }
        }
    });
    Apart {
        from: pieces,
        piece: Vec::new(),
        at: 0,
    }
}

impl Read for Apart {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.piece.len() {
            match self.from.recv() {
                Ok(piece) => (self.piece, self.at) = (piece?, 0),
                Err(_) => return Ok(0),
            }
        }
        let left = self.piece.get(self.at..).unwrap_or_default();
        let n = left.len().min(out.len());
        out[..n].copy_from_slice(&left[..n]);
        self.at += n;
        Ok(n)
    }
}
