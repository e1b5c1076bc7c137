//! Where the fields and the end of a CSV record are (RFC 4180, read leniently).
//!
//! A quote inside an unquoted field is itself; text after a closing quote belongs to the field. Splitting
//! is done here rather than by the csv crate, because a record that is cut by the end of what was read,
//! the place in the file and the line must be known for reading a file in parts.

use memchr::{memchr, memchr2};
use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it stands.
    Plain,
    /// In quotes, with doubled quotes inside.
    Doubled,
    /// Something stands after the closing quote; the bytes begin at the opening one.
    Odd,
}

/// One field's bytes in its record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    from: usize,
    to: usize,
    form: Form,
}

/// How far a record was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Its length with the line end.
    Whole(usize),
    /// The stream ends inside quotes; its length.
    Open(usize),
    /// More bytes are needed.
    Part,
}

/// Finds the fields of the record that `bytes` begins with; `last` when nothing comes after them.
pub(super) fn split(bytes: &[u8], delimiter: u8, last: bool, fields: &mut Vec<Field>) -> Seen {
    fields.clear();
    let mut at = 0;
    loop {
        if bytes.get(at) != Some(&b'"') {
            match plain(bytes, at, at, Form::Plain, delimiter, last, fields) {
                Ok(next) => at = next,
                Err(seen) => return seen,
            }
            continue;
        }
        let mut form = Form::Plain;
        let mut look = at + 1;
        let close = loop {
            let Some(i) = bytes.get(look..).and_then(|rest| memchr(b'"', rest)) else {
                if !last {
                    return Seen::Part;
                }
                fields.push(Field {
                    from: at + 1,
                    to: bytes.len(),
                    form,
                });
                return Seen::Open(bytes.len());
            };
            match bytes.get(look + i + 1) {
                Some(b'"') => {
                    form = Form::Doubled;
                    look += i + 2;
                }
                None if !last => return Seen::Part,
                _ => break look + i,
            }
        };
        let quoted = Field {
            from: at + 1,
            to: close,
            form,
        };
        match (bytes.get(close + 1), bytes.get(close + 2)) {
            (None, _) => {
                fields.push(quoted);
                return Seen::Whole(close + 1);
            }
            (Some(b), _) if *b == delimiter => {
                fields.push(quoted);
                at = close + 2;
            }
            (Some(b'\n'), _) => {
                fields.push(quoted);
                return Seen::Whole(close + 2);
            }
            (Some(b'\r'), None) if !last => return Seen::Part,
            (Some(b'\r'), Some(b'\n')) => {
                fields.push(quoted);
                return Seen::Whole(close + 3);
            }
            _ => match plain(bytes, at, close + 1, Form::Odd, delimiter, last, fields) {
                Ok(next) => at = next,
                Err(seen) => return seen,
            },
        }
    }
}

/// A field that runs from `from` to the next delimiter or line end after `look`: where the next one begins.
fn plain(
    bytes: &[u8],
    from: usize,
    look: usize,
    form: Form,
    delimiter: u8,
    last: bool,
    fields: &mut Vec<Field>,
) -> Result<usize, Seen> {
    let rest = bytes.get(look..).unwrap_or_default();
    let Some(i) = memchr2(delimiter, b'\n', rest) else {
        if !last {
            return Err(Seen::Part);
        }
        let end = bytes.strip_suffix(b"\r").unwrap_or(bytes).len();
        fields.push(Field {
            from,
            to: end.max(from),
            form,
        });
        return Err(Seen::Whole(bytes.len()));
    };
    let to = look + i;
    if bytes.get(to) == Some(&delimiter) {
        fields.push(Field { from, to, form });
        return Ok(to + 1);
    }
    let cut = usize::from(i > 0 && bytes.get(to - 1) == Some(&b'\r'));
    fields.push(Field {
        from,
        to: to - cut,
        form,
    });
    Err(Seen::Whole(to + 1))
}

impl Field {
    /// The field's text in the record's.
    #[inline]
    pub(super) fn text(self, record: &str) -> Cow<'_, str> {
        self.unquoted(record.get(self.from..self.to).unwrap_or_default())
    }

    /// The field's bytes in the record's.
    pub(super) fn bytes(self, record: &[u8]) -> &[u8] {
        record.get(self.from..self.to).unwrap_or_default()
    }

    /// The field's text from its bytes.
    #[inline]
    pub(super) fn unquoted(self, text: &str) -> Cow<'_, str> {
        match self.form {
            Form::Plain => Cow::Borrowed(text),
            Form::Doubled => Cow::Owned(text.replace("\"\"", "\"")),
            Form::Odd => Cow::Owned(odd(text)),
        }
    }
}

/// `"a ""b"" "c` is `a "b" c`.
fn odd(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.strip_prefix('"').unwrap_or(text);
    while let Some((head, tail)) = rest.split_once('"') {
        out.push_str(head);
        match tail.strip_prefix('"') {
            Some(tail) => {
                out.push('"');
                rest = tail;
            }
            None => {
                out.push_str(tail);
                return out;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<Vec<String>> {
        let mut fields = Vec::new();
        let (mut out, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let (Seen::Whole(len) | Seen::Open(len)) =
                split(rest.as_bytes(), b',', true, &mut fields)
            else {
                panic!("a last record is whole");
            };
            out.push(
                fields
                    .iter()
                    .map(|f| f.text(&rest[..len]).into_owned())
                    .collect(),
            );
            rest = &rest[len..];
        }
        out
    }

    #[test]
    fn quotes_as_people_and_tools_write_them() {
        assert_eq!(all("a,b\r\n1,\"x, y\"\r\n"), [["a", "b"], ["1", "x, y"]]);
        assert_eq!(
            all("\"say \"\"hi\"\"\",\"two\nlines\"\n,"),
            [["say \"hi\"", "two\nlines"], ["", ""]]
        );
        assert_eq!(all("5\" disk,\"a\"b,\"\""), [["5\" disk", "ab", ""]]);
        assert_eq!(all("\"never closed,\n1"), [["never closed,\n1"]]);
        assert_eq!(all("a\r"), [["a"]]);
    }

    #[test]
    fn a_cut_record_asks_for_more() {
        let whole = "ab,\"c \"\"d\"\"\"\r\n";
        let mut fields = Vec::new();
        for cut in 0..whole.len() {
            assert_eq!(
                split(&whole.as_bytes()[..cut], b',', false, &mut fields),
                Seen::Part,
                "{cut}"
            );
        }
        assert_eq!(
            split(whole.as_bytes(), b',', false, &mut fields),
            Seen::Whole(whole.len())
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in prop::collection::vec(prop::collection::vec("[a-c\",\r\n é]{0,8}", 2..4), 1..5)) {
            let mut text = String::new();
            for row in &rows {
                let line: Vec<String> = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
                text += &line.join(",");
                text += "\r\n";
            }
            prop_assert_eq!(all(&text), rows);
        }

        #[test]
        fn any_bytes_are_split_to_their_end(bytes in prop::collection::vec(prop::sample::select(b"a\",\r\n".to_vec()), 1..40)) {
            let mut fields = Vec::new();
            let mut at = 0;
            while at < bytes.len() {
                match split(&bytes[at..], b',', true, &mut fields) {
                    Seen::Whole(len) | Seen::Open(len) => { prop_assert!(len > 0); at += len; }
                    Seen::Part => prop_assert!(false),
                }
                prop_assert!(fields.iter().all(|f| f.from <= f.to));
            }
            prop_assert_eq!(at, bytes.len());
        }
    }
}
