//! Bytes to UTF-16 code units and back: editors count units, we count bytes.

/// Turns byte offsets of one text into UTF-16 offsets; offsets that only grow are cheap.
#[derive(Debug)]
pub struct Utf16<'a> {
    text: &'a str,
    ascii: bool,
    at: usize,
    units: usize,
}

impl<'a> Utf16<'a> {
    /// For this text.
    pub fn new(text: &'a str) -> Utf16<'a> {
        Utf16 {
            text,
            ascii: text.is_ascii(),
            at: 0,
            units: 0,
        }
    }
    /// The UTF-16 offset of a byte offset.
    pub fn of(&mut self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        if self.ascii {
            return byte;
        }
        if byte < self.at {
            self.at = 0;
            self.units = 0;
        }
        let mut end = byte;
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.units += self.text[self.at..end]
            .chars()
            .map(char::len_utf16)
            .sum::<usize>();
        self.at = end;
        self.units
    }
}

/// The byte offset of a UTF-16 offset; inside a pair of surrogates it is the character's start.
pub fn to_byte(text: &str, units: usize) -> usize {
    if text.is_ascii() {
        return units.min(text.len());
    }
    let mut n = 0;
    for (i, c) in text.char_indices() {
        if n >= units || n + c.len_utf16() > units {
            return i;
        }
        n += c.len_utf16();
    }
    text.len()
}
