//! Rows of functions: where the query runs, rows in order, and names of tables.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("cluster", "name:string -> @cluster")
        .built()
        .help("Names another cluster, to reach its databases.", "cluster(\"help\").database(\"Samples\").StormEvents"),
    scalar("database", "name:string? -> @database")
        .built()
        .help("Names a database, to reach its tables.", "database(\"Samples\").StormEvents"),
    scalar("table", "name:string, query_data_scope:string? -> @table")
        .built()
        .help("Names a table by a text.", "table(\"DeviceEvents\")"),
    scalar("external_table", "name:string, mapping:string? -> @external; name:string, max_age:timespan -> @external")
        .help("Names a table whose data is kept outside the database.", "external_table(\"Archive\")"),
    scalar("materialized_view", "name:string, max_age:timespan? -> @view")
        .help("Names the kept result of a standing aggregation.", "materialized_view(\"DailyLogons\")"),
    scalar("entity_group", "name:string -> @entities")
        .help("Names a stored group of databases or clusters.", "macro-expand entity_group(\"all\") as e (e.Logs)"),
    scalar("stored_query_result", "name:string -> @stored; name:string, index:long -> @stored; name:string, table_name:string -> @stored")
        .help("Names a result that was kept by an earlier query.", "stored_query_result(\"Monday\")"),
    scalar("graph", "name:string, snapshot:string? -> @graph; name:string, volatile:bool -> @graph")
        .help("Names a stored graph model.", "graph(\"Identities\")"),
    scalar("isutf8", "value:scalar -> bool")
        .eval(eval::strings::isutf8)
        .help("Whether a text is well-formed UTF-8.", "isutf8(Payload)"),
    scalar("current_cluster_endpoint", " -> string")
        .help("The address of the cluster that runs the query.", "print current_cluster_endpoint()"),
    scalar("current_database", " -> string")
        .eval(eval::misc::local)
        .help("The name of the database in scope.", "print current_database()"),
    scalar("current_principal", " -> string")
        .eval(eval::misc::local)
        .help("Who runs the query, as one text.", "print current_principal()"),
    scalar("current_principal_details", " -> bag{UserPrincipalName:string,IdentityProvider:string,Authority:string,Mfa:string,Type:string,DisplayName:string,ObjectId:string,FQN:string,Notes:string}")
        .help("Who runs the query, as a bag of particulars.", "print current_principal_details()"),
    scalar("current_principal_is_member_of", "group:textarray{1,64} -> bool")
        .help("Whether who runs the query belongs to a group.", "current_principal_is_member_of(\"aadgroup=soc@contoso.com\")"),
    scalar("extent_id", " -> guid")
        .eval(eval::misc::nothing)
        .help("The shard that the row is stored in.", "summarize count() by extent_id()"),
    scalar("extent_tags", " -> array[string]")
        .eval(eval::misc::nothing)
        .help("The tags of the shard that the row is stored in.", "where extent_tags() has \"daily\""),
    scalar("row_id", " -> string")
        .help("A mark that tells stored rows apart.", "extend id = row_id()"),
    scalar("cursor_after", "cursor:string -> bool")
        .help("Whether the row came in after a cursor.", "where cursor_after(\"\")"),
    scalar("cursor_before_or_at", "cursor:string -> bool")
        .help("Whether the row came in no later than a cursor.", "where cursor_before_or_at(cursor_current())"),
    scalar("cursor_current", " -> string")
        .help("The cursor that stands for now.", "print cursor_current()"),
    scalar("row_number", "startingIndex:long?, restart:bool? -> long")
        .eval_whole(eval::window::row_number)
        .help("Counts the rows, in order, from one.", "sort by Timestamp asc | extend n = row_number()"),
    scalar("row_cumsum", "term:number, restart:bool? -> p0")
        .eval_whole(eval::window::row_cumsum)
        .help("Running total over ordered rows; starts anew where told.", "extend total = row_cumsum(Bytes)"),
    scalar("row_rank_dense", "term:plain, restart:bool? -> long")
        .eval_whole(eval::window::row_rank_dense)
        .help("Rank among ordered rows, without gaps after ties.", "extend rank = row_rank_dense(Score)"),
    scalar("row_rank_min", "term:plain, restart:bool? -> long")
        .eval_whole(eval::window::row_rank_min)
        .help("Rank among ordered rows; ties share the lowest place.", "extend rank = row_rank_min(Score)"),
    scalar("row_window_session", "expr:datetime, maxDistanceFromFirst:timespan, maxDistanceBetweenNeighbors:timespan, restart:bool? -> p0")
        .eval_whole(eval::window::row_window_session)
        .help("When the session of ordered rows began, by the largest gaps allowed.", "row_window_session(Timestamp, 1h, 5m, DeviceId != prev(DeviceId))"),
    scalar("prev", "column:scalar!col, offset:long?, default_value:scalar!const? -> p0")
        .eval_whole(eval::window::prev)
        .help("A column's value some rows earlier in ordered rows.", "extend gap = Timestamp - prev(Timestamp)"),
    scalar("next", "column:scalar!col, offset:long?, default_value:scalar!const? -> p0")
        .eval_whole(eval::window::next)
        .help("A column's value some rows later in ordered rows.", "extend gap = next(Timestamp) - Timestamp"),
    scalar("estimate_data_size", "column:scalar!col{1,32767} -> long; column:scalar!star -> long")
        .help("Roughly how many bytes the columns of the row take.", "extend bytes = estimate_data_size(*)"),
    scalar("new_guid", " -> guid")
        .eval_impure(eval::math::new_guid)
        .help("A new random GUID for each row.", "extend id = new_guid()"),
    scalar("to_utf8", "value:scalar -> array[dynamic]")
        .eval(eval::strings::codepoints)
        .help("The code points of a text as an array; see unicode_codepoints_from_string.", "to_utf8(\"abc\")")
        .constant()
        .old("unicode_codepoints_from_string"),
    scalar("__lz4_compress_dynamic_array_to_base64_string", "dynamic:array -> string")
        .constant()
        .old(""),
    scalar("__hash_crc32", "source:plain, mod:integer, seed:integer -> long")
        .constant()
        .old(""),
    scalar("__hash_djb2", "source:plain, mod:integer? -> long")
        .constant()
        .old(""),
    scalar("__hash_xxh64", "source:plain, mod:integer, seed:integer -> long")
        .constant()
        .old(""),
    scalar("__hash_many_crc32", "arg:scalar{1,2} -> long")
        .constant()
        .old(""),
    scalar("arraylength", "array:array -> long")
        .eval(eval::arrays::array_length)
        .constant()
        .old("array_length"),
    scalar("__hll_normalize", "hll:dynamic{2,16} -> dynamic")
        .named(Naming::First)
        .old(""),
    scalar("__geo_polygon_s2cell_covering_level", "polygon:bag -> int")
        .constant()
        .old(""),
    scalar("__geo_line_s2cell_covering_level", "lineString:bag -> int")
        .constant()
        .old(""),
    scalar("__geo_length_to_s2cell_level", "length:number -> int")
        .constant()
        .old(""),
    scalar("__ipv6_lookup_ranges", "ip:text, ranges:array -> array[dynamic]")
        .old(""),
    scalar("extentid", " -> guid")
        .eval(eval::misc::nothing)
        .old("extent_id"),
    scalar("current_node_id", " -> string")
        .old(""),
    scalar("current_cursor", " -> string")
        .old("cursor_current"),
    scalar("row_rank", "column:plain, dense:bool!const? -> long")
        .old("row_rank_dense"),
    scalar("rowstore_ordinal_range", " -> dynamic")
        .old(""),
    scalar("__invoke", "name:string!lit, type:type!lit, arg:scalar{0,32767} -> dynamic")
        .constant()
        .old(""),
    scalar("__cast", "type:type!lit, value:scalar -> dynamic")
        .constant()
        .old(""),
];
