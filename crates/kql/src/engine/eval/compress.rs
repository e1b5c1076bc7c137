//! Packed data given as base64.

use super::encodings::{from_base64, to_base64};
use super::strings::s;
use crate::engine::expr::Cx;
use crate::engine::value::{Val, text};
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder, ZlibDecoder, ZlibEncoder};
use std::io::Read;

/// A packed text may grow to this.
const MOST: u64 = 16 << 20;

fn unpacked<'a>(r: impl Read) -> Val<'a> {
    let mut out = Vec::new();
    // what is broken, too large or no text is empty
    match r.take(MOST + 1).read_to_end(&mut out) {
        Ok(n) if n as u64 <= MOST => text(String::from_utf8(out).unwrap_or_default()),
        _ => text(""),
    }
}
fn packed<'a>(mut r: impl Read) -> Val<'a> {
    let mut out = Vec::new();
    match r.read_to_end(&mut out) {
        Ok(_) => text(to_base64(&out)),
        Err(_) => text(""),
    }
}
fn bytes(a: &[Val]) -> Vec<u8> {
    from_base64(&s(a, 0)).unwrap_or_default()
}
/// `zlib_decompress_from_base64_string`
pub fn zlib_decompress<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    unpacked(ZlibDecoder::new(&*bytes(a)))
}
/// `gzip_decompress_from_base64_string`
pub fn gzip_decompress<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    unpacked(GzDecoder::new(&*bytes(a)))
}
/// `zlib_compress_to_base64_string`
pub fn zlib_compress<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    packed(ZlibEncoder::new(s(a, 0).as_bytes(), Compression::default()))
}
/// `gzip_compress_to_base64_string`
pub fn gzip_compress<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    packed(GzEncoder::new(s(a, 0).as_bytes(), Compression::default()))
}
