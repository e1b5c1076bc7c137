//! Chunks as bytes, for the cache on disk. Whatever the bytes are, reading ends in a chunk or an error.
//!
//! Layout, all numbers little-endian: magic, version (u16), CRC-32 of the body (u32), body. The body:
//! rows (u32), columns (u16), for each a name, a type (u8), a storage (u8), a flag for validity with its
//! words, and the storage's arrays, each with its length in front.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::bits::Bits;
use crate::chunk::Chunk;
use crate::column::{Codes, Column};
use crate::schema::{Schema, Type};
use crate::strings::Strings;

const MAGIC: &[u8; 4] = b"WFCH";
const VERSION: u16 = 1;
const HEAD: usize = 10;

/// Why stored bytes are not a chunk; the cache is then filled anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChunk {
    #[error("not a stored chunk")]
    Magic,
    #[error("stored by another version of this program")]
    Version,
    #[error("damaged: the checksum differs")]
    Checksum,
    #[error("damaged: {0}")]
    Malformed(&'static str),
}

impl Chunk {
    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.heap_bytes() + 1024);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        put_u32(&mut out, self.rows());
        out.extend_from_slice(&(self.columns().len() as u16).to_le_bytes());
        for ((name, kind), column) in self.schema().columns().zip(self.columns()) {
            put_bytes(&mut out, name.exact().as_bytes());
            out.push(Type::ALL.iter().position(|k| *k == kind).unwrap_or(0) as u8);
            put_column(&mut out, column);
        }
        let crc = crc32fast::hash(&out[HEAD..]);
        out[6..HEAD].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Chunk, BadChunk> {
        if bytes.get(..4) != Some(MAGIC.as_slice()) {
            return Err(BadChunk::Magic);
        }
        let mut head = Reader {
            rest: bytes.get(4..).unwrap_or_default(),
        };
        if head.u16()? != VERSION {
            return Err(BadChunk::Version);
        }
        let crc = head.u32()?;
        if crc32fast::hash(head.rest) != crc {
            return Err(BadChunk::Checksum);
        }
        let mut body = head;
        let rows = body.u32()? as usize;
        let count = body.u16()?;
        if count == 0 && rows > 0 {
            return Err(BadChunk::Malformed("rows without columns"));
        }
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let name = body.text()?;
            let kind = *Type::ALL
                .get(usize::from(body.u8()?))
                .ok_or(BadChunk::Malformed("type"))?;
            let column = body.column(rows)?;
            names.push((name, kind));
            columns.push(column);
        }
        if !body.rest.is_empty() {
            return Err(BadChunk::Malformed("bytes after the end"));
        }
        Chunk::new(Arc::new(Schema::new(names)), rows, columns).ok_or(BadChunk::Malformed(
            "a column does not fit its type or the rows",
        ))
    }
}

fn put_u32(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&(n as u32).to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u32(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_u32s(out: &mut Vec<u8>, numbers: &[u32]) {
    put_u32(out, numbers.len());
    put_all(out, numbers, u32::to_le_bytes);
}

/// Into room made at once: appending number by number is ten times slower.
fn put_all<T: Copy, const N: usize>(
    out: &mut Vec<u8>,
    numbers: &[T],
    bytes: impl Fn(T) -> [u8; N],
) {
    let start = out.len();
    out.resize(start + numbers.len() * N, 0);
    for (to, from) in out[start..].as_chunks_mut().0.iter_mut().zip(numbers) {
        *to = bytes(*from);
    }
}

fn put_bits(out: &mut Vec<u8>, bits: &Bits) {
    put_all(out, bits.words(), u64::to_le_bytes);
}

fn put_strings(out: &mut Vec<u8>, strings: &Strings) {
    put_bytes(out, strings.bytes().as_bytes());
    put_u32s(out, strings.offsets());
}

fn put_column(out: &mut Vec<u8>, column: &Column) {
    out.push(match column {
        Column::Dict(_) => 0,
        Column::Packed(_) => 1,
        Column::List(_) => 2,
        Column::Int(_) => 3,
        Column::Real(_) => 4,
        Column::Bool(_) => 5,
    });
    out.push(u8::from(column.validity().is_some()));
    if let Some(valid) = column.validity() {
        put_bits(out, valid);
    }
    match column {
        Column::Dict(c) => {
            put_strings(out, &c.values);
            match &c.codes {
                Codes::U8(codes) => {
                    out.push(1);
                    out.extend_from_slice(codes);
                }
                Codes::U16(codes) => {
                    out.push(2);
                    put_all(out, codes, u16::to_le_bytes);
                }
            }
        }
        Column::Packed(c) => put_strings(out, &c.values),
        Column::List(c) => {
            put_strings(out, &c.values);
            put_u32s(out, &c.offsets);
            put_u32s(out, &c.codes);
        }
        Column::Int(c) => put_all(out, &c.values, i64::to_le_bytes),
        Column::Real(c) => put_all(out, &c.values, f64::to_le_bytes),
        Column::Bool(c) => put_bits(out, &c.values),
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// The next bytes; nothing is allocated before they are known to be there.
    fn take(&mut self, len: usize) -> Result<&'b [u8], BadChunk> {
        let (head, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or(BadChunk::Malformed("cut short"))?;
        self.rest = rest;
        Ok(head)
    }

    fn numbers<T, const N: usize>(
        &mut self,
        count: usize,
        number: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, BadChunk> {
        let bytes = self.take(count.checked_mul(N).ok_or(BadChunk::Malformed("length"))?)?;
        Ok(bytes.as_chunks().0.iter().map(|b| number(*b)).collect())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BadChunk> {
        self.take(N)?
            .try_into()
            .map_err(|_| BadChunk::Malformed("cut short"))
    }

    fn u8(&mut self) -> Result<u8, BadChunk> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    fn u16(&mut self) -> Result<u16, BadChunk> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32, BadChunk> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String, BadChunk> {
        let len = self.u32()? as usize;
        let bytes = self.take(len)?;
        let text = std::str::from_utf8(bytes).map_err(|_| BadChunk::Malformed("not UTF-8"))?;
        Ok(text.to_owned())
    }

    fn u32s(&mut self) -> Result<Vec<u32>, BadChunk> {
        let count = self.u32()? as usize;
        self.numbers(count, u32::from_le_bytes)
    }

    fn bits(&mut self, len: usize) -> Result<Bits, BadChunk> {
        let words = self.numbers(len.div_ceil(64), u64::from_le_bytes)?;
        Bits::from_words(words, len).ok_or(BadChunk::Malformed("bits"))
    }

    fn strings(&mut self) -> Result<Strings, BadChunk> {
        let bytes = self.text()?;
        let offsets = self.u32s()?;
        Strings::from_parts(bytes, offsets).ok_or(BadChunk::Malformed("offsets of text"))
    }

    fn column(&mut self, rows: usize) -> Result<Column, BadChunk> {
        let storage = self.u8()?;
        let valid = match self.u8()? {
            0 => None,
            1 => Some(self.bits(rows)?),
            _ => return Err(BadChunk::Malformed("validity")),
        };
        let column = match storage {
            0 => {
                let values = self.strings()?;
                let codes = match self.u8()? {
                    1 => Codes::U8(self.take(rows)?.to_vec()),
                    2 => Codes::U16(self.numbers(rows, u16::from_le_bytes)?),
                    _ => return Err(BadChunk::Malformed("code width")),
                };
                Column::of_codes(codes, values, valid)
            }
            1 => Column::of_strings(self.strings()?, valid),
            2 => {
                let values = self.strings()?;
                let offsets = self.u32s()?;
                let codes = self.u32s()?;
                Column::of_lists(offsets, codes, values, valid)
            }
            3 => Column::of_ints(self.numbers(rows, i64::from_le_bytes)?, valid),
            4 => Column::of_reals(self.numbers(rows, f64::from_le_bytes)?, valid),
            5 => Column::of_bools(self.bits(rows)?, valid),
            _ => return Err(BadChunk::Malformed("storage")),
        };
        column.ok_or(BadChunk::Malformed("column"))
    }
}
