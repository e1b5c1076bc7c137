//! Rows of functions: plug-ins of `evaluate`.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Row, plugin};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    plugin(
        "active_users_count",
        "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, LookbackWindow:summable!const, Period:summable!const, ActivePeriods:summable!const, Step:summable!const, Dimension:plain!col{0,32767} -> custom",
    ),
    plugin(
        "activity_counts_metrics",
        "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, Step:summable!const, Dimension:plain!col{0,32767} -> custom",
    ),
    plugin(
        "activity_engagement",
        "IdColumn:plain!col, TimelineColumn:summable!col, InnerActivityWindow:summable!const, OuterActivityWindow:summable!const -> custom; IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, InnerActivityWindow:summable!const, OuterActivityWindow:summable!const, Dimension:plain!col{0,32767} -> custom",
    ),
    plugin(
        "activity_metrics",
        "IdColumn:scalar!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, Step:summable!const, Dimension:plain!col{0,32767} -> custom; IdColumn:scalar!col, TimelineColumn:summable!col, Start:summable!const?, End:summable!const? -> custom",
    ),
    plugin(
        "azure_digital_twins_query_request",
        "endpoint:string, sql_query:string -> custom",
    ),
    plugin(
        "autocluster",
        "SizeWeight:real~?, WeightColumn:scalar!col~?, NumSeeds:integer~?, CustomWildcard:scalar{0,32767} -> custom",
    ),
    plugin(
        "bag_unpack",
        "column:scalar!col, column_prefix:string!nonempty? -> custom",
    ),
    plugin(
        "basket",
        "Threshold:real~?, WeightColumn:scalar!col~?, MaxDimensions:integer~?, CustomWildcard:scalar{0,32767} -> custom",
    ),
    plugin(
        "cosmosdb_sql_request",
        "connection_string:string, sql_query:string, sql_parameters:bag?, options:bag? -> custom",
    ),
    plugin(
        "csharp",
        "OutputSchema:type, Script:string, Arguments:bag? -> custom",
    ),
    plugin("dcount_intersect", "hll:array{2,32767} -> custom"),
    plugin(
        "diffpatterns",
        "SplitColumn:scalar!col, SplitValueA:string, SplitValueB:string, WeightColumn:scalar!col~?, Threshold:real~?, MaxDimensions:integer~?, CustomWildcard:scalar{0,32767} -> custom",
    ),
    plugin("estimate_rows_count", " -> custom"),
    plugin(
        "execute_show_command",
        "connection_string:string, command:string -> custom",
    ),
    plugin(
        "execute_query",
        "connection_string:string, query:string -> custom",
    ),
    plugin("external_datatable", " -> custom"),
    plugin(
        "funnel_sequence",
        "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, MaxWindowSizeBetweenSteps:summable!const, Step:summable!const, StateColumn:plain!col, Sequence:array!const -> custom",
    ),
    plugin(
        "funnel_sequence_completion",
        "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, BinSize:summable!const, StateColumn:plain!col, Sequence:array!const, MaxSequencePeriods:array!const -> custom",
    ),
    plugin(
        "http_request",
        "Uri:string!const, RequestHeaders:bag?, Options:bag? -> table(ResponseHeaders:bag{},ResponseBody:dynamic)",
    ),
    plugin(
        "http_request_post",
        "Uri:string!const, RequestHeaders:bag?, Options:bag?, Content:string!const? -> table(ResponseHeaders:bag{},ResponseBody:dynamic)",
    ),
    plugin("identity", " -> custom"),
    plugin(
        "identity_v3",
        "mode:string!const, exceptionText:string!const -> custom",
    ),
    plugin(
        "infer_storage_schema",
        "Options:bag -> table(CslSchema:string)",
    ),
    plugin(
        "infer_storage_schema_with_suggestions",
        "Options:bag -> table(SuggestedTableSchema:string)",
    ),
    plugin(
        "geo_polygon_lookup",
        "LookupTable:table, LookupPolygonKey:bag!col0, SourceLongitude:scalar!col, SourceLatitude:scalar!col, radius:real!lit?, return_unmatched:bool!lit?, lookup_area_radius:real!lit?, return_lookup_key:bool!lit? -> custom",
    ),
    plugin(
        "geo_line_lookup",
        "LookupTable:table, LookupLineKey:bag!col0, SourceLongitude:scalar!col, SourceLatitude:scalar!col, radius:real!lit, return_unmatched:bool!lit?, lookup_area_radius:real!lit?, return_lookup_key:bool!lit? -> custom",
    ),
    plugin(
        "ipv4_lookup",
        "LookupTable:table, SourceIPv4Key:scalar!col, IPv4LookupKey:scalar!col0, ExtraKey:scalar!colcommon{0,32767}, return_unmatched:bool!lit? -> custom",
    ),
    plugin(
        "ipv6_lookup",
        "LookupTable:table, SourceIPv6Key:scalar!col, IPv6LookupKey:scalar!col0, return_unmatched:bool!lit? -> custom",
    ),
    plugin("narrow", " -> table(Row:long,Column:string,Value:string)"),
    plugin(
        "new_activity_metrics",
        "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, Window:scalar, Cohort:scalar!const?, Dimension:plain!col{0,32767}, lookback:table? -> custom",
    ),
    plugin(
        "pivot",
        "pivotColumn:plain!col, aggregateFunction:scalar!agg?, columnName:scalar!col{0,32767} -> custom",
    ),
    plugin("preview", "NumberOfRows:integer -> custom"),
    plugin(
        "python",
        "OutputSchema:type, Script:string, Arguments:bag?, Artifacts:bag? -> custom",
    ),
    plugin(
        "r",
        "OutputSchema:type, Script:string, Arguments:bag? -> custom",
    ),
    plugin(
        "rolling_percentile",
        "ValueColumn:summable!col, Percentile:number!const, IndexColumn:summable!col, BinSize:summable, BinsPerWindow:integer!const, Dimension:plain!col{0,32767} -> custom",
    ),
    plugin(
        "rows_near",
        "Condition:bool, NumRows:integer!const, NumRowsAfter:integer!const? -> custom",
    ),
    plugin(
        "session_count",
        "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, Bin:summable!const, LookBackWindow:summable!const, Dimension:plain!col{0,32767} -> custom",
    ),
    plugin(
        "sequence_detect",
        "TimelineColumn:summable!col, MaxSeqeunceStepWindow:summable!const, MaxSequenceSpan:summable!const, Expr:bool{1,32767}, Dimension:plain!col{0,32767} -> custom",
    ),
    plugin(
        "sliding_window_counts",
        "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, LookBackWindow:summable!const, Step:summable!const, Dimension:plain!col{0,32767} -> custom",
    ),
    plugin(
        "sql_request",
        "connection_string:string, sql_query:string, sql_parameters:bag?, options:bag? -> custom",
    ),
    plugin(
        "mysql_request",
        "connection_string:string, sql_query:string, sql_parameters:bag?, options:bag? -> custom",
    ),
    plugin(
        "ai_chat_completion",
        "Prompt:array, ConnectionString:string, Options:bag?, IncludeErrorMessages:bool? -> custom",
    ),
    plugin(
        "ai_chat_completion_prompt",
        "Prompt:string, ConnectionString:string, Options:bag?, IncludeErrorMessages:bool? -> custom",
    ),
    plugin(
        "ai_embeddings",
        "Text:scalar, ConnectionString:string, Options:bag?, IncludeErrorMessages:bool? -> custom",
    ),
    plugin(
        "postgresql_request",
        "connection_string:string, sql_query:string, sql_parameters:bag?, options:bag? -> custom",
    )
    .old(""),
    plugin(
        "dax_request",
        "connection_string:string, dax_query:string, dax_parameters:bag?, options:bag? -> custom",
    )
    .old(""),
    plugin(
        "ai_embed_text",
        "Text:scalar, ConnectionString:string, Options:bag?, IncludeErrorMessages:bool? -> custom",
    )
    .old("ai_embeddings"),
];
