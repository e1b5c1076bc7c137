//! Rows of functions: where the query runs, rows in order, and names of tables.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("cluster", "name:string -> @cluster"),
    scalar("database", "name:string? -> @database"),
    scalar("table", "name:string, query_data_scope:string? -> @table"),
    scalar(
        "external_table",
        "name:string, mapping:string? -> @external; name:string, max_age:timespan -> @external",
    ),
    scalar(
        "materialized_view",
        "name:string, max_age:timespan? -> @view",
    ),
    scalar("entity_group", "name:string -> @entities"),
    scalar(
        "stored_query_result",
        "name:string -> @stored; name:string, index:long -> @stored; name:string, table_name:string -> @stored",
    ),
    scalar(
        "graph",
        "name:string, snapshot:string? -> @graph; name:string, volatile:bool -> @graph",
    ),
    scalar("isutf8", "value:scalar -> bool"),
    scalar("current_cluster_endpoint", " -> string"),
    scalar("current_database", " -> string"),
    scalar("current_principal", " -> string"),
    scalar(
        "current_principal_details",
        " -> bag{UserPrincipalName:string,IdentityProvider:string,Authority:string,Mfa:string,Type:string,DisplayName:string,ObjectId:string,FQN:string,Notes:string}",
    ),
    scalar(
        "current_principal_is_member_of",
        "group:textarray{1,64} -> bool",
    ),
    scalar("extent_id", " -> guid"),
    scalar("extent_tags", " -> array[string]"),
    scalar("row_id", " -> string"),
    scalar("cursor_after", "cursor:string -> bool"),
    scalar("cursor_before_or_at", "cursor:string -> bool"),
    scalar("cursor_current", " -> string"),
    scalar("row_number", "startingIndex:long?, restart:bool? -> long"),
    scalar("row_cumsum", "term:number, restart:bool? -> p0"),
    scalar("row_rank_dense", "term:plain, restart:bool? -> long"),
    scalar("row_rank_min", "term:plain, restart:bool? -> long"),
    scalar(
        "row_window_session",
        "expr:datetime, maxDistanceFromFirst:timespan, maxDistanceBetweenNeighbors:timespan, restart:bool? -> p0",
    ),
    scalar(
        "prev",
        "column:scalar!col, offset:long?, default_value:scalar!const? -> p0",
    ),
    scalar(
        "next",
        "column:scalar!col, offset:long?, default_value:scalar!const? -> p0",
    ),
    scalar(
        "estimate_data_size",
        "column:scalar!col{1,32767} -> long; column:scalar!star -> long",
    ),
    scalar("new_guid", " -> guid"),
    scalar("to_utf8", "value:scalar -> array[dynamic]")
        .constant()
        .old("unicode_codepoints_from_string"),
    scalar(
        "__lz4_compress_dynamic_array_to_base64_string",
        "dynamic:array -> string",
    )
    .constant()
    .old(""),
    scalar(
        "__hash_crc32",
        "source:plain, mod:integer, seed:integer -> long",
    )
    .constant()
    .old(""),
    scalar("__hash_djb2", "source:plain, mod:integer? -> long")
        .constant()
        .old(""),
    scalar(
        "__hash_xxh64",
        "source:plain, mod:integer, seed:integer -> long",
    )
    .constant()
    .old(""),
    scalar("__hash_many_crc32", "arg:scalar{1,2} -> long")
        .constant()
        .old(""),
    scalar("arraylength", "array:array -> long")
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
    scalar(
        "__ipv6_lookup_ranges",
        "ip:text, ranges:array -> array[dynamic]",
    )
    .old(""),
    scalar("extentid", " -> guid").old("extent_id"),
    scalar("current_node_id", " -> string").old(""),
    scalar("current_cursor", " -> string").old("cursor_current"),
    scalar("row_rank", "column:plain, dense:bool!const? -> long").old("row_rank_dense"),
    scalar("rowstore_ordinal_range", " -> dynamic").old(""),
    scalar(
        "__invoke",
        "name:string!lit, type:type!lit, arg:scalar{0,32767} -> dynamic",
    )
    .constant()
    .old(""),
    scalar("__cast", "type:type!lit, value:scalar -> dynamic")
        .constant()
        .old(""),
];
