//! Rows of functions: strings.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("strcat", "arg:scalar{1,64} -> string")
        .constant(),
    scalar("strcat_array", "array:array, delimiter:scalar -> string")
        .constant(),
    scalar("strcat_delim", "delimiter:scalar, arg:scalar{2,64} -> string")
        .constant(),
    scalar("strcmp", "s1:scalar, s2:scalar -> long")
        .constant(),
    scalar("strrep", "value:scalar, multiplier:long, delimiter:scalar? -> string")
        .constant(),
    scalar("strlen", "string:text -> long")
        .named(Naming::FunctionAndFirst)
        .constant(),
    scalar("string_size", "string:text -> long")
        .named(Naming::FunctionAndFirst)
        .constant(),
    scalar("unicode_codepoints_from_string", "value:scalar -> array[dynamic]")
        .constant(),
    scalar("substring", "string:scalar, start:integer, length:integer? -> string")
        .constant(),
    scalar("regex_quote", "string:scalar -> string")
        .constant(),
    scalar("indexof", "string:scalar, match:scalar, start:integer?, length:integer?, occurrence:integer!const? -> long")
        .constant(),
    scalar("indexof_regex", "string:scalar, match:scalar!const, start:integer?, length:integer?, occurrence:integer!const? -> long")
        .constant(),
    scalar("has_any_index", "source:text, values:array -> long")
        .constant(),
    scalar("reverse", "value:scalar -> string")
        .constant(),
    scalar("split", "source:scalar, delimiter:string, requestedIndex:integer? -> array[string]")
        .named(Naming::First)
        .constant(),
    scalar("extract", "regex:string!const, captureGroup:long, source:string -> string; regex:string!const, captureGroup:long, source:string, typeLiteral:type!lit -> pN!")
        .constant(),
    scalar("extract_all", "regex:string!const, source:string -> array[dynamic]; regex:string!const, captureGroups:array, source:string -> array[dynamic]")
        .constant(),
    scalar("replace_regex", "source:string, lookup_regex:string!const, rewrite_pattern:string!const -> string")
        .constant(),
    scalar("replace_string", "text:string, lookup:string, rewrite:string -> string")
        .constant(),
    scalar("replace_strings", "text:string, lookups:array, rewrites:array -> string")
        .constant(),
    scalar("trim_start", "regex:string!const, source:string -> string")
        .constant(),
    scalar("trim_end", "regex:string!const, source:string -> string")
        .constant(),
    scalar("trim", "regex:string!const, source:string -> string")
        .constant(),
    scalar("countof", "source:string, search:string, kind:string!lit=normal/regex? -> long")
        .constant(),
    scalar("translate", "searchList:string, replacementList:string, source:string -> string")
        .constant(),
    scalar("unicode_codepoints_to_string", "value:intarray{1,32767} -> string")
        .constant(),
    scalar("url_encode", "url:string -> string")
        .constant(),
    scalar("url_encode_component", "url:string -> string")
        .constant(),
    scalar("url_decode", "encoded_url:string -> string")
        .constant(),
    scalar("base64_encode_tostring", "string:string -> string")
        .constant(),
    scalar("base64_decode_toarray", "base64_string:string -> array[dynamic]")
        .constant(),
    scalar("base64_encode_fromarray", "base64_string_decoded_as_array:array -> string")
        .constant(),
    scalar("base64_decode_tostring", "base64_string:string -> string")
        .constant(),
    scalar("base64_decode_toguid", "base64_string:string -> guid")
        .constant(),
    scalar("base64_encode_fromguid", "guid:guid -> string")
        .constant(),
    scalar("zlib_decompress_from_base64_string", "string:string -> string")
        .constant(),
    scalar("zlib_compress_to_base64_string", "string:string -> string")
        .constant(),
    scalar("gzip_decompress_from_base64_string", "string:string -> string")
        .constant(),
    scalar("gzip_compress_to_base64_string", "string:string -> string")
        .constant(),
    scalar("hash", "source:plain, mod:integer? -> long")
        .constant(),
    scalar("hash_sha256", "source:plain -> string")
        .constant(),
    scalar("hash_md5", "source:plain -> string")
        .constant(),
    scalar("hash_sha1", "source:plain -> string")
        .constant(),
    scalar("hash_xxhash64", "source:plain, mod:integer? -> long")
        .constant(),
    scalar("hash_combine", "source:scalar{2,32767} -> long")
        .constant(),
    scalar("hash_many", "source:plain{1,32767} -> long")
        .constant(),
    scalar("punycode_to_string", "string:string -> string")
        .constant(),
    scalar("punycode_from_string", "string:string -> string")
        .constant(),
    scalar("punycode_domain_from_string", "string:string -> string")
        .constant(),
    scalar("punycode_domain_to_string", "string:string -> string")
        .constant(),
    scalar("format_bytes", "size:number, precision:number!const?, format:string!const? -> string")
        .named(Naming::First),
    scalar("extractall", "regex:string!const, source:string -> array[dynamic]; regex:string!const, captureGroups:array, source:string -> array[dynamic]")
        .constant()
        .old("extract_all"),
    scalar("replace", "regex:string!const, rewrite:string!const, source:string -> string")
        .constant()
        .old("replace_regex"),
    scalar("base64_encodestring", "string:string -> string")
        .constant()
        .old("base64_encode_tostring"),
    scalar("base64_decodestring", "base64_string:string -> string")
        .constant()
        .old("base64_decode_tostring"),
];
