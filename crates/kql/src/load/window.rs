//! A window over a stream that begins where the next record begins and grows until a record is whole.

use std::io::{self, Read};

/// Bytes read at once; small enough to stay in the cache between reading and splitting.
const START: usize = 256 << 10;

/// The longest record: a cell of 50 MB fits, an endless quote does not fill the memory.
pub(super) const LONGEST: usize = 64 << 20;

pub(super) struct Window<R> {
    from: R,
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    done: bool,
    // where in the stream `at` is
    offset: u64,
    // line ends before `counted`; the rest is counted when somebody asks
    lines: u64,
    counted: usize,
}

/// Why the window did not grow.
#[derive(Debug)]
pub(super) enum Stuck {
    /// One record would pass [`LONGEST`].
    TooLong,
    /// The stream failed; what was read before is still in the window.
    Failed(io::Error),
}

impl<R: Read> Window<R> {
    /// A window whose first byte is at this place of its file.
    pub(super) fn new(from: R, offset: u64) -> Self {
        Window {
            from,
            bytes: Vec::new(),
            at: 0,
            end: 0,
            done: false,
            offset,
            lines: 0,
            counted: 0,
        }
    }

    /// What has been read and not taken.
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }

    /// Whether the stream has nothing after [`rest`](Self::rest).
    pub(super) fn is_last(&self) -> bool {
        self.done
    }

    /// Where in the file [`rest`](Self::rest) begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// How many line ends were passed before [`rest`](Self::rest).
    pub(super) fn lines(&mut self) -> u64 {
        let passed = self.bytes.get(self.counted..self.at).unwrap_or_default();
        self.lines += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.counted = self.at;
        self.lines
    }

    /// Takes that many bytes away.
    pub(super) fn advance(&mut self, bytes: usize) {
        let bytes = bytes.min(self.end - self.at);
        self.at += bytes;
        self.offset += bytes as u64;
    }

    /// Reads more; after it `rest` is longer, or [`is_last`](Self::is_last) is true.
    pub(super) fn more(&mut self) -> Result<(), Stuck> {
        if self.done {
            return Ok(());
        }
        if self.at > 0 {
            self.lines();
            self.bytes.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            (self.at, self.counted) = (0, 0);
        }
        if self.bytes.len() - self.end < START / 2 {
            if self.bytes.len() >= LONGEST {
                return Err(Stuck::TooLong);
            }
            let size = (self.bytes.len() * 2).clamp(START, LONGEST);
            self.bytes.resize(size, 0);
        }
        // a pipe gives little at a time: fill what there is room for
        while self.end < self.bytes.len() {
            match self.from.read(&mut self.bytes[self.end..]) {
                Ok(0) => {
                    self.done = true;
                    break;
                }
                Ok(n) => self.end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.done = true;
                    return Err(Stuck::Failed(e));
                }
            }
        }
        Ok(())
    }

    /// Takes away the rest of this line; false at the end of the stream.
    pub(super) fn skip_line(&mut self) -> Result<bool, Stuck> {
        loop {
            if let Some(at) = memchr::memchr(b'\n', self.rest()) {
                self.advance(at + 1);
                return Ok(true);
            }
            self.advance(usize::MAX);
            if self.is_last() {
                return Ok(false);
            }
            self.more()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_grows_until_a_record_is_whole_and_counts_lines() {
        let text = format!("one\n{}\nthree", "x".repeat(START * 2));
        let mut w = Window::new(text.as_bytes(), 100);
        assert!(w.rest().is_empty() && !w.is_last());
        w.more().unwrap();
        w.advance(4);
        assert_eq!((w.lines(), w.offset()), (1, 104));
        while !w.is_last() {
            w.more().unwrap();
        }
        assert_eq!(w.rest().len(), text.len() - 4);
        assert!(w.skip_line().unwrap());
        assert_eq!(w.lines(), 2);
        assert_eq!(w.rest(), b"three");
        assert!(!w.skip_line().unwrap());
        assert_eq!(w.offset(), 100 + text.len() as u64);
    }

    #[test]
    fn an_endless_record_is_told_and_can_be_skipped() {
        let endless = io::repeat(b'x').take(LONGEST as u64 + 10);
        let mut w = Window::new(endless.chain(b"\nnext".as_slice()), 0);
        let stuck = loop {
            match w.more() {
                Ok(()) => assert!(!w.is_last()),
                Err(e) => break e,
            }
        };
        assert!(matches!(stuck, Stuck::TooLong));
        assert!(w.skip_line().unwrap());
        w.more().unwrap();
        assert_eq!(w.rest(), b"next");
    }
}
