//! Rows of functions: arrays, bags and texts that hold them.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("array_strcat", "array:array, delimiter:scalar -> string")
        .constant(),
    scalar("parse_command_line", "command:scalar, parser:string -> array[string]")
        .constant(),
    scalar("extractjson", "jsonPath:string!const, jsonText:string -> string; jsonPath:string!const, jsonText:string, type:type!lit -> pN!")
        .constant(),
    scalar("extract_json", "jsonPath:string!const, jsonText:string -> string; jsonPath:string!const, jsonText:string, type:type!lit -> pN!")
        .constant(),
    scalar("parse_csv", "csv_text:text -> array[dynamic]")
        .named(Naming::First)
        .constant(),
    scalar("parse_json", "json_text:text -> dynamic")
        .named(Naming::First)
        .constant(),
    scalar("parse_xml", "xml_text:text -> bag{}")
        .named(Naming::First)
        .constant(),
    scalar("parse_url", "url:string -> bag{Scheme:string,Host:string,Port:string,Path:string,Username:string,Password:string,Query Parameters:dynamic,Fragment:string}")
        .constant(),
    scalar("parse_urlquery", "query:string -> bag{Query Parameters:dynamic}")
        .constant(),
    scalar("parse_path", "path:string -> bag{Scheme:string,RootPath:string,DirectoryPath:string,DirectoryName:string,Filename:string,Extension:string,AlternateDataStreamName:string}")
        .constant(),
    scalar("parse_user_agent", "user_agent:string, look_for:textarray? -> bag{Browser:bag{Family:string,MajorVersion:string,MinorVersion:string,Patch:string},OperatingSystem:bag{Family:string,MajorVersion:string,MinorVersion:string,Patch:string,PatchMinor:string},Device:bag{Family:string,Brand:string,Model:string}}")
        .constant(),
    scalar("parse_version", "version:string -> decimal")
        .constant(),
    scalar("treepath", "object:bag -> array[string]")
        .named(Naming::PrefixAndFirst("tree"))
        .constant(),
    scalar("repeat", "value:scalar, count:long -> p0[]")
        .named(Naming::PrefixAndFirst("repeat"))
        .constant(),
    scalar("array_length", "array:array -> long")
        .constant(),
    scalar("range", "start:summable, stop:summable, step:summable? -> p0[]")
        .constant(),
    scalar("array_concat", "array:array{1,64} -> custom")
        .constant(),
    scalar("array_iff", "condition_array:array, when_true:scalar, when_false:scalar -> custom")
        .constant(),
    scalar("array_index_of", "array:array, value:scalar, start:integer?, length:integer?, occurrence:integer!const? -> long")
        .constant(),
    scalar("array_slice", "array:array, start:integer, end:integer -> p0")
        .constant(),
    scalar("array_split", "array:array, index:integer -> p0; array:array, indices:array -> p0")
        .constant(),
    scalar("array_shift_left", "array:array, shift_count:integer, default_value:scalar? -> p0")
        .constant(),
    scalar("array_shift_right", "array:array, shift_count:integer, default_value:scalar? -> p0")
        .constant(),
    scalar("array_reverse", "value:array -> p0")
        .constant(),
    scalar("array_rotate_left", "array:array, rotate_count:integer -> p0")
        .constant(),
    scalar("array_rotate_right", "array:array, rotate_count:integer -> p0")
        .constant(),
    scalar("array_sort_asc", "arrays:array{1,64}, nulls_last:bool!const? -> custom"),
    scalar("array_sort_desc", "arrays:array{1,64}, nulls_last:bool!const? -> custom"),
    scalar("bag_keys", "object:bag -> array[string]")
        .constant(),
    scalar("zip", "array:array{2,64} -> array[array[dynamic]]")
        .constant(),
    scalar("bag_pack", "key:string{1,32767}, value:scalar{1,32767} -> custom")
        .constant(),
    scalar("bag_pack_columns", "value:scalar!col{1,32767} -> custom")
        .constant(),
    scalar("pack_all", "ignore_null_empty:scalar!lit? -> custom")
        .constant(),
    scalar("pack_array", "value:scalar{1,32767} -> custom; value:scalar!star -> custom")
        .constant(),
    scalar("set_has_element", "set:array, value:scalar -> bool")
        .constant(),
    scalar("set_union", "set:array{2,64} -> custom")
        .constant(),
    scalar("set_intersect", "set:array{2,64} -> custom")
        .constant(),
    scalar("set_difference", "set:array{2,64} -> custom")
        .constant(),
    scalar("set_equals", "set1:array, set2:array -> bool")
        .constant(),
    scalar("bag_merge", "bag:bag{2,64} -> custom")
        .constant(),
    scalar("dynamic_to_json", "dynamic:scalar -> string")
        .constant(),
    scalar("bag_remove_keys", "bag:bag, keys:array -> custom")
        .constant(),
    scalar("bag_has_key", "bag:bag, key:string -> bool")
        .constant(),
    scalar("jaccard_index", "set:array{2,2} -> array[real]")
        .constant(),
    scalar("bag_set_key", "bag:bag, key:string!const, value:scalar -> custom")
        .constant(),
    scalar("bag_zip", "keys:array, values:array -> bag{}")
        .constant(),
    scalar("all", "pattern_element:scalar, expression:bool!elem0 -> bool"),
    scalar("any", "pattern_element:scalar, expression:bool!elem0 -> bool"),
    scalar("map", "pattern_element:scalar, expression:scalar!elem0 -> custom"),
    scalar("inner_nodes", "edge:scalar -> custom"),
    scalar("node_id", "node:scalar? -> string"),
    scalar("node_degree_in", "node:scalar? -> long"),
    scalar("node_degree_out", "node:scalar? -> long"),
    scalar("labels", "pattern_element:scalar? -> array[string]"),
    scalar("column_names_of", "table:table -> array[string]")
        .constant(),
    scalar("parsejson", "json_text:text -> dynamic")
        .named(Naming::First)
        .constant()
        .old("parse_json"),
    scalar("parseurl", "url:string -> bag{Scheme:string,Host:string,Port:string,Path:string,Username:string,Password:string,Query Parameters:dynamic,Fragment:string}")
        .constant()
        .old("parse_url"),
    scalar("parseurlquery", "query:string -> bag{Query Parameters:dynamic}")
        .constant()
        .old("parse_urlquery"),
    scalar("array_iif", "condition_array:array, when_true:scalar, when_false:scalar -> custom")
        .constant()
        .old(""),
    scalar("pack", "key:string{1,32767}, value:scalar{1,32767} -> custom")
        .constant()
        .old("bag_pack"),
    scalar("pack_dictionary", "key:string{1,32767}, value:scalar{1,32767} -> custom")
        .constant()
        .old("bag_pack"),
    scalar("array_sum", "array:array -> real")
        .old("series_sum"),
];
