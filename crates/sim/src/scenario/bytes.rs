//! Faults in how an answer travels: cut, slow, packed, half.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::Fault;
use crate::wire::answer::{Answer, Pieces, Tail};

/// How the body goes out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Whole,
    /// Only so many bytes of what was announced, then the connection ends.
    Cut(usize),
    /// In so many pieces with a pause before each but the first.
    Slow(usize, Duration),
}

/// The last changes to the bytes, and how they travel.
pub(crate) fn shape(answer: &mut Answer, faults: &[Fault]) -> Shape {
    let mut shape = Shape::Whole;
    for fault in faults {
        match fault {
            Fault::MalformedJson {} => {
                let keep = answer.body.len() * 2 / 3;
                answer.body.truncate(keep);
            }
            Fault::GzipBomb { megabytes } => {
                answer.body = bomb(*megabytes);
                answer.set("content-encoding", "gzip");
            }
            Fault::CutGzip { keep } => {
                let packed = gzip(&answer.body);
                let part = keep.unwrap_or(0.5).clamp(0.0, 1.0);
                answer.body = packed;
                answer
                    .body
                    .truncate((answer.body.len() as f64 * part) as usize);
                answer.set("content-encoding", "gzip");
            }
            Fault::Huge { megabytes } => {
                answer.body = b"[{\"Id\":\"".to_vec();
                answer.tail = Some(Tail(Arc::new(Filler(*megabytes as usize))));
            }
            Fault::CutBody { keep } => {
                let part = keep.unwrap_or(0.5).clamp(0.0, 1.0);
                shape = Shape::Cut((answer.body.len() as f64 * part) as usize);
            }
            Fault::SlowBody { ms, pieces } => {
                shape = Shape::Slow((*pieces).max(1), Duration::from_millis(*ms))
            }
            _ => {}
        }
    }
    shape
}

/// Megabytes of one letter, then the end of the array.
struct Filler(usize);

impl Pieces for Filler {
    fn piece(&self, n: usize) -> Option<Vec<u8>> {
        match n.cmp(&self.0) {
            std::cmp::Ordering::Less => Some(vec![b'a'; 1 << 20]),
            std::cmp::Ordering::Equal => Some(b"\"}]".to_vec()),
            std::cmp::Ordering::Greater => None,
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes);
    debug_assert!(written.is_ok(), "a vector takes what it is given");
    encoder.finish().unwrap_or_default()
}

/// A gzip of valid JSON with a very long text in it. The middle is one packed megabyte said again and again, so making it is quick.
fn bomb(megabytes: u32) -> Vec<u8> {
    const MEGABYTE: usize = 1 << 20;
    let head: &[u8] = b"{\"value\":[{\"id\":\"1\",\"displayName\":\"";
    let tail: &[u8] = b"\"}]}";
    let filler = vec![b'a'; MEGABYTE];
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut sum = flate2::Crc::new();
    out.extend(packed(head, false));
    sum.update(head);
    let block = packed(&filler, false);
    for _ in 0..megabytes {
        out.extend_from_slice(&block);
        sum.update(&filler);
    }
    out.extend(packed(tail, true));
    sum.update(tail);
    out.extend_from_slice(&sum.sum().to_le_bytes());
    out.extend_from_slice(&sum.amount().to_le_bytes());
    out
}

/// One piece of a deflate stream that ends on a whole byte and refers to nothing before it.
fn packed(bytes: &[u8], last: bool) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes);
    debug_assert!(written.is_ok(), "a vector takes what it is given");
    if last {
        return encoder.finish().unwrap_or_default();
    }
    let flushed = encoder.flush();
    debug_assert!(flushed.is_ok(), "a vector takes what it is given");
    encoder.get_ref().clone()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_bomb_is_small_and_unpacks_to_json() {
        let packed = bomb(3);
        assert!(packed.len() < 20_000, "{}", packed.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        assert!(text.len() > 3 << 20);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["value"][0]["id"], "1");
    }
}
