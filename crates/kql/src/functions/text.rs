//! Rows of functions: strings.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("strcat", "arg:scalar{1,64} -> string")
        .eval(eval::strings::strcat)
        .help("Joins values into one text.", "strcat(AccountDomain, \"\\\\\", AccountName)")
        .constant(),
    scalar("strcat_array", "array:array, delimiter:scalar -> string")
        .eval(eval::strings::strcat_array)
        .help("Joins an array's values into one text, with a delimiter between.", "strcat_array(Names, \", \")")
        .constant(),
    scalar("strcat_delim", "delimiter:scalar, arg:scalar{2,64} -> string")
        .eval(eval::strings::strcat_delim)
        .help("Joins values into one text, with a delimiter between.", "strcat_delim(\"-\", Year, Month)")
        .constant(),
    scalar("strcmp", "s1:scalar, s2:scalar -> long")
        .eval(eval::strings::strcmp)
        .help("Compares two texts: -1, 0 or 1.", "strcmp(\"a\", \"b\")")
        .constant(),
    scalar("strrep", "value:scalar, multiplier:long, delimiter:scalar? -> string")
        .eval(eval::strings::strrep)
        .help("Repeats a text so many times.", "strrep(\"ab\", 3, \"-\")")
        .constant(),
    scalar("strlen", "string:text -> long")
        .eval(eval::strings::strlen)
        .help("How many characters a text has.", "where strlen(ProcessCommandLine) > 1000")
        .named(Naming::FunctionAndFirst)
        .constant(),
    scalar("string_size", "string:text -> long")
        .eval(eval::strings::string_size)
        .help("How many bytes a text takes.", "string_size(Subject)")
        .named(Naming::FunctionAndFirst)
        .constant(),
    scalar("unicode_codepoints_from_string", "value:scalar -> array[dynamic]")
        .eval(eval::strings::codepoints)
        .help("The code points of a text as an array of numbers.", "unicode_codepoints_from_string(\"abc\")")
        .constant(),
    scalar("substring", "string:scalar, start:integer, length:integer? -> string")
        .eval(eval::strings::substring)
        .help("A part of a text by start (from zero) and length.", "substring(SHA256, 0, 8)")
        .constant(),
    scalar("regex_quote", "string:scalar -> string")
        .eval(eval::strings::regex_quote)
        .help("Escapes a text so that a regular expression takes it literally.", "regex_quote(\"a.b\")")
        .constant(),
    scalar("indexof", "string:scalar, match:scalar, start:integer?, length:integer?, occurrence:integer!const? -> long")
        .eval(eval::strings::indexof)
        .help("Where a text is first found in another, from zero; -1 if it is not.", "indexof(Url, \"?\")")
        .constant(),
    scalar("indexof_regex", "string:scalar, match:scalar!const, start:integer?, length:integer?, occurrence:integer!const? -> long")
        .eval(eval::patterns::indexof_regex)
        .help("Where a regular expression first matches, from zero; -1 if it does not.", "indexof_regex(Url, \"[0-9]+\")")
        .constant(),
    scalar("has_any_index", "source:text, values:array -> long")
        .eval(eval::strings::has_any_index)
        .help("Which of an array's words is the first the text holds; -1 if none.", "has_any_index(ProcessCommandLine, dynamic([\"-enc\", \"-e\"]))")
        .constant(),
    scalar("reverse", "value:scalar -> string")
        .eval(eval::strings::reverse)
        .help("The text backwards.", "reverse(FileName)")
        .constant(),
    scalar("split", "source:scalar, delimiter:string, requestedIndex:integer? -> array[string]")
        .eval(eval::strings::split)
        .help("Cuts a text at a delimiter into an array.", "split(FolderPath, \"\\\\\")")
        .named(Naming::First)
        .constant(),
    scalar("extract", "regex:string!const, captureGroup:long, source:string -> string; regex:string!const, captureGroup:long, source:string, typeLiteral:type!lit -> pN!")
        .eval(eval::patterns::extract)
        .help("What a group of a regular expression matched.", "extract(@\"-p (\\w+)\", 1, ProcessCommandLine)")
        .constant(),
    scalar("extract_all", "regex:string!const, source:string -> array[dynamic]; regex:string!const, captureGroups:array, source:string -> array[dynamic]")
        .eval(eval::patterns::extract_all)
        .help("All that a regular expression matched, as an array.", "extract_all(@\"(\\d+)\", Subject)")
        .constant(),
    scalar("replace_regex", "source:string, lookup_regex:string!const, rewrite_pattern:string!const -> string")
        .eval(eval::patterns::replace_regex)
        .help("Rewrites each match of a regular expression.", "replace_regex(Url, @\"^https?://\", \"\")")
        .constant(),
    scalar("replace_string", "text:string, lookup:string, rewrite:string -> string")
        .eval(eval::strings::replace_string)
        .help("Replaces each occurrence of a text.", "replace_string(Url, \"[.]\", \".\")")
        .constant(),
    scalar("replace_strings", "text:string, lookups:array, rewrites:array -> string")
        .eval(eval::strings::replace_strings)
        .help("Replaces each of several texts by its partner.", "replace_strings(Url, dynamic([\"hxxp\"]), dynamic([\"http\"]))")
        .constant(),
    scalar("trim_start", "regex:string!const, source:string -> string")
        .eval(eval::patterns::trim_start)
        .help("Takes what a regular expression matches off the front.", "trim_start(\"www.\", Domain)")
        .constant(),
    scalar("trim_end", "regex:string!const, source:string -> string")
        .eval(eval::patterns::trim_end)
        .help("Takes what a regular expression matches off the end.", "trim_end(@\"\\.\", Domain)")
        .constant(),
    scalar("trim", "regex:string!const, source:string -> string")
        .eval(eval::patterns::trim)
        .help("Takes what a regular expression matches off both ends.", "trim(@\"\\s\", Name)")
        .constant(),
    scalar("countof", "source:string, search:string, kind:string!lit=normal/regex? -> long")
        .eval(eval::strings::countof)
        .help("How often a text or regular expression is found.", "countof(ProcessCommandLine, \"^\")")
        .constant(),
    scalar("translate", "searchList:string, replacementList:string, source:string -> string")
        .eval(eval::strings::translate)
        .help("Replaces characters of one list by those of another.", "translate(\"abc\", \"xyz\", Name)")
        .constant(),
    scalar("unicode_codepoints_to_string", "value:intarray{1,32767} -> string")
        .eval(eval::strings::from_codepoints)
        .help("Makes a text of code points.", "unicode_codepoints_to_string(72, 105)")
        .constant(),
    scalar("url_encode", "url:string -> string")
        .eval(eval::encodings::url_encode)
        .help("Escapes a text for an address.", "url_encode(\"https://a.b/?q=x y\")")
        .constant(),
    scalar("url_encode_component", "url:string -> string")
        .eval(eval::encodings::url_encode_component)
        .help("Escapes a text for one part of an address, delimiters included.", "url_encode_component(\"a/b c\")")
        .constant(),
    scalar("url_decode", "encoded_url:string -> string")
        .eval(eval::encodings::url_decode)
        .help("Undoes the escapes of an address.", "url_decode(\"a%20b\")")
        .constant(),
    scalar("base64_encode_tostring", "string:string -> string")
        .eval(eval::encodings::base64_encode)
        .help("A text as base64.", "base64_encode_tostring(\"whoami\")")
        .constant(),
    scalar("base64_decode_toarray", "base64_string:string -> array[dynamic]")
        .eval(eval::encodings::base64_to_array)
        .help("The numbers of the bytes that base64 stands for.", "base64_decode_toarray(\"d2hv\")")
        .constant(),
    scalar("base64_encode_fromarray", "base64_string_decoded_as_array:array -> string")
        .eval(eval::encodings::base64_from_array)
        .help("Base64 of an array of byte values.", "base64_encode_fromarray(dynamic([1, 2]))")
        .constant(),
    scalar("base64_decode_tostring", "base64_string:string -> string")
        .eval(eval::encodings::base64_decode)
        .help("The text that base64 stands for; empty if it is not UTF-8.", "base64_decode_tostring(Encoded)")
        .constant(),
    scalar("base64_decode_toguid", "base64_string:string -> guid")
        .eval(eval::encodings::base64_to_guid)
        .help("The GUID that base64 stands for.", "base64_decode_toguid(Encoded)")
        .constant(),
    scalar("base64_encode_fromguid", "guid:guid -> string")
        .eval(eval::encodings::base64_from_guid)
        .help("A GUID as base64.", "base64_encode_fromguid(new_guid())")
        .constant(),
    scalar("zlib_decompress_from_base64_string", "string:string -> string")
        .eval(eval::compress::zlib_decompress)
        .help("Unpacks zlib data given as base64.", "zlib_decompress_from_base64_string(Packed)")
        .constant(),
    scalar("zlib_compress_to_base64_string", "string:string -> string")
        .eval(eval::compress::zlib_compress)
        .help("Packs a text by zlib, as base64.", "zlib_compress_to_base64_string(\"text\")")
        .constant(),
    scalar("gzip_decompress_from_base64_string", "string:string -> string")
        .eval(eval::compress::gzip_decompress)
        .help("Unpacks gzip data given as base64.", "gzip_decompress_from_base64_string(Packed)")
        .constant(),
    scalar("gzip_compress_to_base64_string", "string:string -> string")
        .eval(eval::compress::gzip_compress)
        .help("Packs a text by gzip, as base64.", "gzip_compress_to_base64_string(\"text\")")
        .constant(),
    scalar("hash", "source:plain, mod:integer? -> long")
        .eval(eval::hashes::hash)
        .help("A number that a value is mapped to; with a modulus, below it.", "where hash(DeviceId, 10) == 0")
        .constant(),
    scalar("hash_sha256", "source:plain -> string")
        .eval(eval::hashes::hash_sha256)
        .help("SHA-256 of a value, in hexadecimal.", "hash_sha256(FileName)")
        .constant(),
    scalar("hash_md5", "source:plain -> string")
        .eval(eval::hashes::hash_md5)
        .help("MD5 of a value, in hexadecimal.", "hash_md5(FileName)")
        .constant(),
    scalar("hash_sha1", "source:plain -> string")
        .eval(eval::hashes::hash_sha1)
        .help("SHA-1 of a value, in hexadecimal.", "hash_sha1(FileName)")
        .constant(),
    scalar("hash_xxhash64", "source:plain, mod:integer? -> long")
        .eval(eval::hashes::hash)
        .help("xxHash64 of a value; with a modulus, below it.", "hash_xxhash64(DeviceId, 100)")
        .constant(),
    scalar("hash_combine", "source:scalar{2,32767} -> long")
        .eval(eval::hashes::hash_combine)
        .help("One hash from several.", "hash_combine(hash(A), hash(B))")
        .constant(),
    scalar("hash_many", "source:plain{1,32767} -> long")
        .eval(eval::hashes::hash_many)
        .help("One hash of several values.", "hash_many(DeviceId, FileName)")
        .constant(),
    scalar("punycode_to_string", "string:string -> string")
        .eval(eval::punycode::punycode_to_string)
        .help("Undoes Punycode.", "punycode_to_string(\"bcher-kva\")")
        .constant(),
    scalar("punycode_from_string", "string:string -> string")
        .eval(eval::punycode::punycode_from_string)
        .help("A text as Punycode.", "punycode_from_string(\"bücher\")")
        .constant(),
    scalar("punycode_domain_from_string", "string:string -> string")
        .eval(eval::punycode::punycode_domain_from_string)
        .help("A domain name in its ASCII form.", "punycode_domain_from_string(\"bücher.de\")")
        .constant(),
    scalar("punycode_domain_to_string", "string:string -> string")
        .eval(eval::punycode::punycode_domain_to_string)
        .help("A domain name as people read it.", "punycode_domain_to_string(\"xn--bcher-kva.de\")")
        .constant(),
    scalar("format_bytes", "size:number, precision:number!const?, format:string!const? -> string")
        .eval(eval::strings::format_bytes)
        .help("A count of bytes as a readable size.", "format_bytes(FileSize, 1)")
        .named(Naming::First),
    scalar("extractall", "regex:string!const, source:string -> array[dynamic]; regex:string!const, captureGroups:array, source:string -> array[dynamic]")
        .eval(eval::patterns::extract_all)
        .constant()
        .old("extract_all"),
    scalar("replace", "regex:string!const, rewrite:string!const, source:string -> string")
        .eval(eval::patterns::replace)
        .constant()
        .old("replace_regex"),
    scalar("base64_encodestring", "string:string -> string")
        .eval(eval::encodings::base64_encode)
        .constant()
        .old("base64_encode_tostring"),
    scalar("base64_decodestring", "base64_string:string -> string")
        .eval(eval::encodings::base64_decode)
        .constant()
        .old("base64_decode_tostring"),
];
