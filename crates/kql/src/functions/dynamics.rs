//! Rows of functions: arrays, bags and texts that hold them.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("array_strcat", "array:array, delimiter:scalar -> string")
        .eval(eval::strings::strcat_array)
        .help("Joins an array's values into one text; see strcat_array.", "array_strcat(Names, \",\")")
        .constant(),
    scalar("parse_command_line", "command:scalar, parser:string -> array[string]")
        .eval(eval::encodings::parse_command_line)
        .help("Cuts a command line into its arguments.", "parse_command_line(ProcessCommandLine, \"windows\")")
        .constant(),
    scalar("extractjson", "jsonPath:string!const, jsonText:string -> string; jsonPath:string!const, jsonText:string, type:type!lit -> pN!")
        .eval(eval::bags::extract_json)
        .help("The value at a path in JSON text; see extract_json.", "extractjson(\"$.user\", AdditionalFields)")
        .constant(),
    scalar("extract_json", "jsonPath:string!const, jsonText:string -> string; jsonPath:string!const, jsonText:string, type:type!lit -> pN!")
        .eval(eval::bags::extract_json)
        .help("The value at a path in JSON text.", "extract_json(\"$.user.id\", AdditionalFields)")
        .constant(),
    scalar("parse_csv", "csv_text:text -> array[dynamic]")
        .eval(eval::encodings::parse_csv)
        .help("Cuts one line of CSV into an array.", "parse_csv(\"a,b,c\")")
        .named(Naming::First)
        .constant(),
    scalar("parse_json", "json_text:text -> dynamic")
        .eval(eval::convert::parse_json)
        .help("Reads JSON text into a value that can be walked.", "parse_json(AdditionalFields).Operation")
        .named(Naming::First)
        .constant(),
    scalar("parse_xml", "xml_text:text -> bag{}")
        .eval(eval::encodings::parse_xml)
        .help("Reads XML text into a bag.", "parse_xml(EventData)")
        .named(Naming::First)
        .constant(),
    scalar("parse_url", "url:string -> bag{Scheme:string,Host:string,Port:string,Path:string,Username:string,Password:string,Query Parameters:dynamic,Fragment:string}")
        .eval(eval::encodings::parse_url)
        .help("The parts of an address as a bag.", "parse_url(RemoteUrl).Host")
        .constant(),
    scalar("parse_urlquery", "query:string -> bag{Query Parameters:dynamic}")
        .eval(eval::encodings::parse_urlquery)
        .help("The parameters of an address's query part as a bag.", "parse_urlquery(\"a=1&b=2\")")
        .constant(),
    scalar("parse_path", "path:string -> bag{Scheme:string,RootPath:string,DirectoryPath:string,DirectoryName:string,Filename:string,Extension:string,AlternateDataStreamName:string}")
        .eval(eval::encodings::parse_path)
        .help("The parts of a file path as a bag.", "parse_path(FolderPath).Filename")
        .constant(),
    scalar("parse_user_agent", "user_agent:string, look_for:textarray? -> bag{Browser:bag{Family:string,MajorVersion:string,MinorVersion:string,Patch:string},OperatingSystem:bag{Family:string,MajorVersion:string,MinorVersion:string,Patch:string,PatchMinor:string},Device:bag{Family:string,Brand:string,Model:string}}")
        .eval(eval::misc::parse_user_agent)
        .help("Browser, system or device of a user agent, as a bag.", "parse_user_agent(UserAgent, \"browser\")")
        .constant(),
    scalar("parse_version", "version:string -> decimal")
        .eval(eval::encodings::parse_version)
        .help("A version as a number that can be compared.", "parse_version(OSVersion) < parse_version(\"10.0\")")
        .constant(),
    scalar("treepath", "object:bag -> array[string]")
        .eval(eval::bags::treepath)
        .help("All paths that lead to a leaf of a bag.", "treepath(AdditionalFields)")
        .named(Naming::PrefixAndFirst("tree"))
        .constant(),
    scalar("repeat", "value:scalar, count:long -> p0[]")
        .eval(eval::arrays::repeat)
        .help("An array of one value so many times.", "repeat(1, 3)")
        .named(Naming::PrefixAndFirst("repeat"))
        .constant(),
    scalar("array_length", "array:array -> long")
        .eval(eval::arrays::array_length)
        .help("How many values an array has.", "where array_length(Ips) > 1")
        .constant(),
    scalar("range", "start:summable, stop:summable, step:summable? -> p0[]")
        .eval(eval::arrays::range)
        .help("An array of values from one to another in steps.", "range(1, 10, 2)")
        .constant(),
    scalar("array_concat", "array:array{1,64} -> custom")
        .eval(eval::arrays::array_concat)
        .help("Arrays one after the other.", "array_concat(A, B)")
        .constant(),
    scalar("array_iff", "condition_array:array, when_true:scalar, when_false:scalar -> custom")
        .eval(eval::arrays::array_iff)
        .help("Chooses value by value between two arrays.", "array_iff(Flags, \"yes\", \"no\")")
        .constant(),
    scalar("array_index_of", "array:array, value:scalar, start:integer?, length:integer?, occurrence:integer!const? -> long")
        .eval(eval::arrays::array_index_of)
        .help("Where an array holds a value, from zero; -1 if nowhere.", "array_index_of(Names, \"admin\")")
        .constant(),
    scalar("array_slice", "array:array, start:integer, end:integer -> p0")
        .eval(eval::arrays::array_slice)
        .help("The values of an array between two places.", "array_slice(Parts, 0, 2)")
        .constant(),
    scalar("array_split", "array:array, index:integer -> p0; array:array, indices:array -> p0")
        .eval(eval::arrays::array_split)
        .help("Cuts an array at places into arrays.", "array_split(Parts, 2)")
        .constant(),
    scalar("array_shift_left", "array:array, shift_count:integer, default_value:scalar? -> p0")
        .eval(eval::arrays::array_shift_left)
        .help("Moves an array's values towards the front and fills up.", "array_shift_left(A, 1)")
        .constant(),
    scalar("array_shift_right", "array:array, shift_count:integer, default_value:scalar? -> p0")
        .eval(eval::arrays::array_shift_right)
        .help("Moves an array's values towards the end and fills up.", "array_shift_right(A, 1)")
        .constant(),
    scalar("array_reverse", "value:array -> p0")
        .eval(eval::arrays::array_reverse)
        .help("The array backwards.", "array_reverse(Parts)")
        .constant(),
    scalar("array_rotate_left", "array:array, rotate_count:integer -> p0")
        .eval(eval::arrays::array_rotate_left)
        .help("Moves an array's values towards the front, round the end.", "array_rotate_left(A, 1)")
        .constant(),
    scalar("array_rotate_right", "array:array, rotate_count:integer -> p0")
        .eval(eval::arrays::array_rotate_right)
        .help("Moves an array's values towards the end, round the front.", "array_rotate_right(A, 1)")
        .constant(),
    scalar("array_sort_asc", "arrays:array{1,64}, nulls_last:bool!const? -> custom")
        .eval(eval::arrays::array_sort_asc)
        .help("Sorts an array upwards, and others along with it.", "array_sort_asc(Names)"),
    scalar("array_sort_desc", "arrays:array{1,64}, nulls_last:bool!const? -> custom")
        .eval(eval::arrays::array_sort_desc)
        .help("Sorts an array downwards, and others along with it.", "array_sort_desc(Scores)"),
    scalar("bag_keys", "object:bag -> array[string]")
        .eval(eval::bags::bag_keys)
        .help("The keys of a bag as an array.", "mv-expand key = bag_keys(AdditionalFields)")
        .constant(),
    scalar("zip", "array:array{2,64} -> array[array[dynamic]]")
        .eval(eval::arrays::zip)
        .help("Pairs up the values of arrays.", "mv-expand pair = zip(Names, Ids)")
        .constant(),
    scalar("bag_pack", "key:string{1,32767}, value:scalar{1,32767} -> custom")
        .eval(eval::bags::bag_pack)
        .help("Makes a bag of keys and values.", "bag_pack(\"device\", DeviceName, \"user\", AccountName)")
        .constant(),
    scalar("bag_pack_columns", "value:scalar!col{1,32767} -> custom")
        .built()
        .help("Makes a bag of columns, by their names.", "bag_pack_columns(DeviceName, AccountName)")
        .constant(),
    scalar("pack_all", "ignore_null_empty:scalar!lit? -> custom")
        .built()
        .help("Makes a bag of all columns of the row.", "extend everything = pack_all()")
        .constant(),
    scalar("pack_array", "value:scalar{1,32767} -> custom; value:scalar!star -> custom")
        .eval(eval::arrays::pack_array)
        .help("Makes an array of values.", "pack_array(LocalIP, RemoteIP)")
        .constant(),
    scalar("set_has_element", "set:array, value:scalar -> bool")
        .eval(eval::arrays::set_has_element)
        .help("Whether an array holds a value.", "where set_has_element(Tags, \"vip\")")
        .constant(),
    scalar("set_union", "set:array{2,64} -> custom")
        .eval(eval::arrays::set_union)
        .help("The distinct values that any of the arrays holds.", "set_union(A, B)")
        .constant(),
    scalar("set_intersect", "set:array{2,64} -> custom")
        .eval(eval::arrays::set_intersect)
        .help("The distinct values that all of the arrays hold.", "set_intersect(Seen, Bad)")
        .constant(),
    scalar("set_difference", "set:array{2,64} -> custom")
        .eval(eval::arrays::set_difference)
        .help("The distinct values of the first array that no other holds.", "set_difference(Today, Before)")
        .constant(),
    scalar("set_equals", "set1:array, set2:array -> bool")
        .eval(eval::arrays::set_equals)
        .help("Whether two arrays hold the same distinct values.", "set_equals(A, B)")
        .constant(),
    scalar("bag_merge", "bag:bag{2,64} -> custom")
        .eval(eval::bags::bag_merge)
        .help("Joins bags into one; the first to have a key wins.", "bag_merge(A, B)")
        .constant(),
    scalar("dynamic_to_json", "dynamic:scalar -> string")
        .eval(eval::convert::to_json)
        .help("A dynamic value as JSON with its keys in order.", "dynamic_to_json(AdditionalFields)")
        .constant(),
    scalar("bag_remove_keys", "bag:bag, keys:array -> custom")
        .eval(eval::bags::bag_remove_keys)
        .help("A bag without some of its keys.", "bag_remove_keys(Fields, dynamic([\"raw\"]))")
        .constant(),
    scalar("bag_has_key", "bag:bag, key:string -> bool")
        .eval(eval::bags::bag_has_key)
        .help("Whether a bag has a key.", "where bag_has_key(AdditionalFields, \"Operation\")")
        .constant(),
    scalar("jaccard_index", "set:array{2,2} -> array[real]")
        .eval(eval::arrays::jaccard_index)
        .help("How alike two sets are, from zero to one.", "jaccard_index(A, B)")
        .constant(),
    scalar("bag_set_key", "bag:bag, key:string!const, value:scalar -> custom")
        .eval(eval::bags::bag_set_key)
        .help("A bag with the value of one key set.", "bag_set_key(Fields, \"seen\", true)")
        .constant(),
    scalar("bag_zip", "keys:array, values:array -> bag{}")
        .eval(eval::bags::bag_zip)
        .help("Makes a bag of an array of keys and one of values.", "bag_zip(Keys, Values)")
        .constant(),
    scalar("all", "pattern_element:scalar, expression:bool!elem0 -> bool")
        .help("Whether a condition holds for every element of a graph's path.", "all(hops, Weight > 1)"),
    scalar("any", "pattern_element:scalar, expression:bool!elem0 -> bool")
        .help("Whether a condition holds for some element of a graph's path.", "any(hops, IsAdmin)"),
    scalar("map", "pattern_element:scalar, expression:scalar!elem0 -> custom")
        .help("A value for each element of a graph's path, as an array.", "map(hops, Name)"),
    scalar("inner_nodes", "edge:scalar -> custom")
        .help("The nodes inside a path of several edges.", "all(inner_nodes(hops), Kind == \"device\")"),
    scalar("node_id", "node:scalar? -> string")
        .help("The identity of a node in a graph.", "node_id(n)"),
    scalar("node_degree_in", "node:scalar? -> long")
        .help("How many edges lead to a node.", "node_degree_in(n)"),
    scalar("node_degree_out", "node:scalar? -> long")
        .help("How many edges leave a node.", "node_degree_out(n)"),
    scalar("labels", "pattern_element:scalar? -> array[string]")
        .help("The labels of a node or an edge.", "labels(n) has \"device\""),
    scalar("column_names_of", "table:table -> array[string]")
        .built()
        .help("The names of a table's columns.", "print column_names_of(DeviceInfo)")
        .constant(),
    scalar("parsejson", "json_text:text -> dynamic")
        .eval(eval::convert::parse_json)
        .named(Naming::First)
        .constant()
        .old("parse_json"),
    scalar("parseurl", "url:string -> bag{Scheme:string,Host:string,Port:string,Path:string,Username:string,Password:string,Query Parameters:dynamic,Fragment:string}")
        .eval(eval::encodings::parse_url)
        .constant()
        .old("parse_url"),
    scalar("parseurlquery", "query:string -> bag{Query Parameters:dynamic}")
        .eval(eval::encodings::parse_urlquery)
        .constant()
        .old("parse_urlquery"),
    scalar("array_iif", "condition_array:array, when_true:scalar, when_false:scalar -> custom")
        .eval(eval::arrays::array_iff)
        .constant()
        .old(""),
    scalar("pack", "key:string{1,32767}, value:scalar{1,32767} -> custom")
        .eval(eval::bags::bag_pack)
        .constant()
        .old("bag_pack"),
    scalar("pack_dictionary", "key:string{1,32767}, value:scalar{1,32767} -> custom")
        .eval(eval::bags::bag_pack)
        .constant()
        .old("bag_pack"),
    scalar("array_sum", "array:array -> real")
        .eval(eval::arrays::array_sum)
        .old("series_sum"),
];
