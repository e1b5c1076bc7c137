//! JSON taken apart while it arrives: objects and lists are walked, one value at a time is held, the rest goes by.
//!
//! `serde_json` over a reader takes single bytes; here whole values are cut out of what has come and given to it as text,
//! which is as fast as having the whole answer, without having it. Neighbours: `hunt_answer`, `hunt_frames`.

use crate::model::repair;
use std::borrow::Cow;
use std::io::{ErrorKind, Read};

/// Bytes asked for at once.
const PIECE: usize = 64 << 10;
/// The largest value that is held; a row of so many bytes is none of a table.
const LARGEST: usize = 64 << 20;
/// What may follow behind the end, so that a connection is read out.
const BEHIND: usize = 64 << 10;

/// Why it does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No more comes; why, where that is known.
    Cut(Option<String>),
    /// It is not what was expected.
    Form(String),
}

/// What comes, and where in it we are.
pub struct Pull<R> {
    from: R,
    /// What has come and is not forgotten, up to `filled`.
    held: Vec<u8>,
    filled: usize,
    at: usize,
    /// Bytes that have come, all in all.
    pub seen: u64,
    /// Places that were no text and had to be replaced.
    pub replaced: u32,
}

impl<R: Read> Pull<R> {
    pub fn new(from: R) -> Self {
        Self {
            from,
            held: Vec::new(),
            filled: 0,
            at: 0,
            seen: 0,
            replaced: 0,
        }
    }

    /// What is here and not passed yet.
    fn rest(&self) -> &[u8] {
        &self.held[self.at..self.filled]
    }

    /// Takes more in, forgetting what lies before the place where we are; false: that was all.
    fn more(&mut self) -> Result<bool, Stop> {
        self.held.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        if self.filled > LARGEST {
            return Err(Stop::Form(format!(
                "a value in it is larger than {} MiB",
                LARGEST >> 20
            )));
        }
        // a large value is not copied again for every piece of it
        let want = self.filled + PIECE.max(self.filled / 2);
        if self.held.len() < want {
            self.held.resize(want, 0);
        }
        let got = loop {
            match self.from.read(&mut self.held[self.filled..]) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                got => break got.map_err(|e| Stop::Cut(Some(e.to_string())))?,
            }
        };
        self.filled += got;
        self.seen += got as u64;
        Ok(got > 0)
    }

    /// The next byte that is no blank; it stays.
    pub fn peek(&mut self) -> Result<u8, Stop> {
        loop {
            while let Some(&byte) = self.rest().first() {
                // a mark of the byte order is no value's beginning either
                if !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(&byte) {
                    return Ok(byte);
                }
                self.at += 1;
            }
            if !self.more()? {
                return Err(Stop::Cut(None));
            }
        }
    }

    fn wrong<T>(&self, wanted: &str, byte: u8) -> Result<T, Stop> {
        let place = self.seen - self.rest().len() as u64;
        let found = char::from(byte).escape_default();
        Err(Stop::Form(format!(
            "{wanted} was expected at byte {place}, not `{found}`"
        )))
    }

    fn take(&mut self, wanted: u8) -> Result<(), Stop> {
        match self.peek()? {
            byte if byte == wanted => {
                self.at += 1;
                Ok(())
            }
            byte => self.wrong(&format!("`{}`", char::from(wanted)), byte),
        }
    }

    /// Whether the value that comes is null, which is then passed.
    fn is_null(&mut self) -> Result<bool, Stop> {
        Ok(self.peek()? == b'n' && self.text()? == "null")
    }

    /// The next value as text.
    pub fn text(&mut self) -> Result<Cow<'_, str>, Stop> {
        self.peek()?;
        let (mut walk, mut end) = (Walk::default(), 0);
        loop {
            match walk.on(&self.rest()[end..]) {
                Some(rest) => {
                    end += rest;
                    break;
                }
                None => {
                    end = self.rest().len();
                    if !self.more()? {
                        return Err(Stop::Cut(None));
                    }
                }
            }
        }
        let from = self.at;
        self.at += end;
        let (text, replaced) = repair::piece(&self.held[from..self.at]);
        self.replaced += replaced;
        if text.is_empty() {
            return Err(Stop::Form("a value is missing".into()));
        }
        Ok(text)
    }

    /// Passes the next value without holding it.
    pub fn skip(&mut self) -> Result<(), Stop> {
        self.peek()?;
        let mut walk = Walk::default();
        loop {
            match walk.on(self.rest()) {
                Some(rest) => {
                    self.at += rest;
                    return Ok(());
                }
                None => {
                    self.at = self.filled;
                    if !self.more()? {
                        return Err(Stop::Cut(None));
                    }
                }
            }
        }
    }

    /// The next value, read whole.
    pub fn read<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, Stop> {
        serde_json::from_str(&self.text()?).map_err(|e| Stop::Form(e.to_string()))
    }

    /// Walks an object; `each` takes the value of the name, or passes it.
    pub fn object(
        &mut self,
        mut each: impl FnMut(&mut Self, &str) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek()? != b'"' {
                let byte = self.peek()?;
                return self.wrong("a name", byte);
            }
            let name: String = self.read()?;
            self.take(b':')?;
            each(self, &name)?;
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(());
                }
                byte => return self.wrong("`,` or `}`", byte),
            }
        }
    }

    /// Walks a list; `each` takes one member. Null is a list of none.
    pub fn list(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if self.is_null()? {
            return Ok(());
        }
        self.take(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            each(self)?;
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(());
                }
                byte => return self.wrong("`,` or `]`", byte),
            }
        }
    }

    /// Reads to the end of what comes, as far as that is near.
    pub fn end(&mut self) {
        let mut behind = 0;
        while behind < BEHIND {
            self.at = self.filled;
            match self.more() {
                Ok(true) => behind += self.filled,
                _ => return,
            }
        }
    }
}

/// Finds the end of one value, however it comes in pieces.
#[derive(Default)]
struct Walk {
    depth: usize,
    /// In a string.
    inside: bool,
    escaped: bool,
    /// A number or a word, which ends where something else begins.
    bare: bool,
}

impl Walk {
    /// How many bytes belong to the value, where it ends among these; else all of them do.
    fn on(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.escaped {
                self.escaped = false;
                at += 1;
                continue;
            }
            if self.inside {
                at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
                if bytes[at] == b'\\' {
                    self.escaped = true;
                } else {
                    self.inside = false;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                at += 1;
                continue;
            }
            if self.bare {
                match byte {
                    b',' | b']' | b'}' | b':' => return Some(at),
                    b if b.is_ascii_whitespace() => return Some(at),
                    _ => at += 1,
                }
                continue;
            }
            match byte {
                b'"' => self.inside = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    // one that closes what is not ours: there is no value here
                    if self.depth == 0 {
                        return Some(at);
                    }
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                b',' | b':' if self.depth == 0 => return Some(at),
                _ if self.depth == 0 => self.bare = true,
                _ => {}
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives so many bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let n = self.1.min(self.0.len()).min(to.len());
            to[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn names(json: &str, step: usize) -> Result<Vec<(String, String)>, Stop> {
        let mut pull = Pull::new(Drip(json.as_bytes(), step));
        let mut out = Vec::new();
        pull.object(|pull, name| {
            if name == "rows" {
                pull.list(|pull| {
                    out.push((name.to_owned(), pull.text()?.into_owned()));
                    Ok(())
                })
            } else if name == "left out" {
                pull.skip()
            } else {
                out.push((name.to_owned(), pull.text()?.into_owned()));
                Ok(())
            }
        })?;
        Ok(out)
    }

    #[test]
    fn values_are_the_same_however_small_the_pieces() {
        let json = " {\"a\\u0062\" : 12.5e3 ,\"left out\":[{\"x\":\"}]\\\"\"},[]] , \"rows\":[ {\"q\":\"\\\\\"},null , \"s,]\", 7 ] ,\"e\":{} ,\"n\":true}";
        let whole = names(json, usize::MAX).unwrap();
        let of = |n: &str| whole.iter().find(|(name, _)| name == n).unwrap().1.clone();
        assert_eq!(
            (of("ab"), of("e"), of("n")),
            ("12.5e3".into(), "{}".into(), "true".into())
        );
        let rows: Vec<&str> = whole
            .iter()
            .filter(|(n, _)| n == "rows")
            .map(|(_, t)| t.as_str())
            .collect();
        assert_eq!(rows, ["{\"q\":\"\\\\\"}", "null", "\"s,]\"", "7"]);
        for step in 1..7 {
            assert_eq!(names(json, step).unwrap(), whole, "{step}");
        }
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place_and_a_cut_is_a_cut() {
        assert_eq!(
            names("<html>", 9),
            Err(Stop::Form("`{` was expected at byte 0, not `<`".into()))
        );
        assert!(matches!(names(r#"{"a":}"#, 2), Err(Stop::Form(_))));
        assert!(matches!(names(r#"{"a" 1}"#, 2), Err(Stop::Form(_))));
        assert!(matches!(names(r#"{"rows":[1 2]}"#, 2), Err(Stop::Form(_))));
        let json = r#"{"a":"b","rows":[{"c":1},{"d":"e\"f"}]}"#;
        for cut in 0..json.len() {
            assert_eq!(names(&json[..cut], 3), Err(Stop::Cut(None)), "{cut}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_counted() {
        let json = b"\xef\xbb\xbf{\"a\":\"x\xffy\",\"b\":\"\\ud83d!\"}";
        let mut pull = Pull::new(Drip(json, 2));
        let mut all = Vec::new();
        pull.object(|pull, _| {
            all.push(pull.read::<String>()?);
            Ok(())
        })
        .unwrap();
        assert_eq!(all, ["x\u{fffd}y", "\u{fffd}!"]);
        assert_eq!(pull.replaced, 2);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(prop::sample::select(b"{}[]\",:\\ 1na\xff".to_vec()), 0..60), step in 1usize..9) {
            let mut pull = Pull::new(Drip(&bytes, step));
            let _ = pull.object(|pull, _| pull.list(|pull| pull.text().map(|_| ())));
            pull.end();
        }
    }
}
