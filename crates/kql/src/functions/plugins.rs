//! Rows of functions: plug-ins of `evaluate`.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Row, plugin};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    plugin("active_users_count", "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, LookbackWindow:summable!const, Period:summable!const, ActivePeriods:summable!const, Step:summable!const, Dimension:plain!col{0,32767} -> custom")
        .built()
        .help("Distinct active identities in each period, by how often they were active before.", "evaluate active_users_count(User, Timestamp, Start, End, 7d, 1d, 2)"),
    plugin("activity_counts_metrics", "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, Step:summable!const, Dimension:plain!col{0,32767} -> custom")
        .built()
        .help("Activity and distinct identities in each step of time, and their totals.", "evaluate activity_counts_metrics(User, Timestamp, ago(30d), now(), 1d)"),
    plugin("activity_engagement", "IdColumn:plain!col, TimelineColumn:summable!col, InnerActivityWindow:summable!const, OuterActivityWindow:summable!const -> custom; IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, InnerActivityWindow:summable!const, OuterActivityWindow:summable!const, Dimension:plain!col{0,32767} -> custom")
        .built()
        .help("The ratio of identities active in a short window to those in a long one.", "evaluate activity_engagement(User, Timestamp, 1d, 7d)"),
    plugin("activity_metrics", "IdColumn:scalar!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, Step:summable!const, Dimension:plain!col{0,32767} -> custom; IdColumn:scalar!col, TimelineColumn:summable!col, Start:summable!const?, End:summable!const? -> custom")
        .built()
        .help("Distinct identities, new ones, kept and lost ones in each window.", "evaluate activity_metrics(User, Timestamp, ago(30d), now(), 1d)"),
    plugin("azure_digital_twins_query_request", "endpoint:string, sql_query:string -> custom")
        .help("Runs a query on an Azure Digital Twins instance.", "evaluate azure_digital_twins_query_request(\"https://...\", \"SELECT ...\")"),
    plugin("autocluster", "SizeWeight:real~?, WeightColumn:scalar!col~?, NumSeeds:integer~?, CustomWildcard:scalar{0,32767} -> custom")
        .help("Finds the patterns of values that most rows share.", "evaluate autocluster()"),
    plugin("bag_unpack", "column:scalar!col, column_prefix:string!nonempty? -> custom")
        .built()
        .help("Makes each key of a bag a column.", "evaluate bag_unpack(AdditionalFields)"),
    plugin("basket", "Threshold:real~?, WeightColumn:scalar!col~?, MaxDimensions:integer~?, CustomWildcard:scalar{0,32767} -> custom")
        .help("Finds all patterns of values that are frequent enough.", "evaluate basket(0.1)"),
    plugin("cosmosdb_sql_request", "connection_string:string, sql_query:string, sql_parameters:bag?, options:bag? -> custom")
        .help("Runs a query on Azure Cosmos DB.", "evaluate cosmosdb_sql_request(\"AccountEndpoint=...\", \"SELECT ...\")"),
    plugin("csharp", "OutputSchema:type, Script:string, Arguments:bag? -> custom")
        .help("Runs a C# script on the table.", "evaluate csharp(typeof(*), \"...\")"),
    plugin("dcount_intersect", "hll:array{2,32767} -> custom")
        .built()
        .help("Distinct values that HyperLogLog states share, pair by pair.", "evaluate dcount_intersect(A, B)"),
    plugin("diffpatterns", "SplitColumn:scalar!col, SplitValueA:string, SplitValueB:string, WeightColumn:scalar!col~?, Threshold:real~?, MaxDimensions:integer~?, CustomWildcard:scalar{0,32767} -> custom")
        .help("Finds the patterns that tell two sets of rows apart.", "evaluate diffpatterns(Kind, \"bad\", \"good\")"),
    plugin("estimate_rows_count", " -> custom")
        .help("Roughly how many rows the table has.", "DeviceEvents | evaluate estimate_rows_count()"),
    plugin("execute_show_command", "connection_string:string, command:string -> custom")
        .help("Runs a show command on a cluster.", "evaluate execute_show_command(\"https://...\", \".show tables\")"),
    plugin("execute_query", "connection_string:string, query:string -> custom")
        .help("Runs a query on a cluster.", "evaluate execute_query(\"https://...\", \"T\")"),
    plugin("external_datatable", " -> custom")
        .help("Reads rows that come with the request.", "evaluate external_datatable()"),
    plugin("funnel_sequence", "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, MaxWindowSizeBetweenSteps:summable!const, Step:summable!const, StateColumn:plain!col, Sequence:array!const -> custom")
        .help("Distinct identities that went through a sequence of states.", "evaluate funnel_sequence(User, Timestamp, Start, End, 1d, 1d, State, dynamic([\"a\"]))"),
    plugin("funnel_sequence_completion", "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, BinSize:summable!const, StateColumn:plain!col, Sequence:array!const, MaxSequencePeriods:array!const -> custom")
        .help("How many identities got how far in a sequence, in each window.", "evaluate funnel_sequence_completion(User, Timestamp, Start, End, 1d, State, Steps, dynamic([1d]))"),
    plugin("http_request", "Uri:string!const, RequestHeaders:bag?, Options:bag? -> table(ResponseHeaders:bag{},ResponseBody:dynamic)")
        .help("Sends a GET request and gives the answer as a table.", "evaluate http_request(\"https://example.com\")"),
    plugin("http_request_post", "Uri:string!const, RequestHeaders:bag?, Options:bag?, Content:string!const? -> table(ResponseHeaders:bag{},ResponseBody:dynamic)")
        .help("Sends a POST request and gives the answer as a table.", "evaluate http_request_post(\"https://example.com\")"),
    plugin("identity", " -> custom")
        .built()
        .help("Gives the table back as it is.", "evaluate identity()"),
    plugin("identity_v3", "mode:string!const, exceptionText:string!const -> custom")
        .help("Gives the table back as it is, or fails as told; for tests.", "evaluate identity_v3(\"mode\", \"text\")"),
    plugin("infer_storage_schema", "Options:bag -> table(CslSchema:string)")
        .help("Reads the columns of files in storage.", "evaluate infer_storage_schema(Options)"),
    plugin("infer_storage_schema_with_suggestions", "Options:bag -> table(SuggestedTableSchema:string)")
        .help("Reads the columns of files in storage, and proposes types.", "evaluate infer_storage_schema_with_suggestions(Options)"),
    plugin("geo_polygon_lookup", "LookupTable:table, LookupPolygonKey:bag!col0, SourceLongitude:scalar!col, SourceLatitude:scalar!col, radius:real!lit?, return_unmatched:bool!lit?, lookup_area_radius:real!lit?, return_lookup_key:bool!lit? -> custom")
        .help("Adds to each point the polygons of another table it lies in.", "evaluate geo_polygon_lookup(Areas, Polygon, Lon, Lat)"),
    plugin("geo_line_lookup", "LookupTable:table, LookupLineKey:bag!col0, SourceLongitude:scalar!col, SourceLatitude:scalar!col, radius:real!lit, return_unmatched:bool!lit?, lookup_area_radius:real!lit?, return_lookup_key:bool!lit? -> custom")
        .help("Adds to each point the lines of another table it lies near.", "evaluate geo_line_lookup(Roads, Line, Lon, Lat, 100)"),
    plugin("ipv4_lookup", "LookupTable:table, SourceIPv4Key:scalar!col, IPv4LookupKey:scalar!col0, ExtraKey:scalar!colcommon{0,32767}, return_unmatched:bool!lit? -> custom")
        .built()
        .help("Adds to each IPv4 address the networks of another table it lies in.", "evaluate ipv4_lookup(Networks, RemoteIP, Network)"),
    plugin("ipv6_lookup", "LookupTable:table, SourceIPv6Key:scalar!col, IPv6LookupKey:scalar!col0, return_unmatched:bool!lit? -> custom")
        .built()
        .help("Adds to each address the IPv6 networks of another table it lies in.", "evaluate ipv6_lookup(Networks, RemoteIP, Network)"),
    plugin("narrow", " -> table(Row:long,Column:string,Value:string)")
        .built()
        .help("Turns each cell into a row of its own.", "evaluate narrow()"),
    plugin("new_activity_metrics", "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, Window:scalar, Cohort:scalar!const?, Dimension:plain!col{0,32767}, lookback:table? -> custom")
        .built()
        .help("New identities and how many of them came back, cohort by cohort.", "evaluate new_activity_metrics(User, Timestamp, ago(30d), now(), 7d)"),
    plugin("pivot", "pivotColumn:plain!col, aggregateFunction:scalar!agg?, columnName:scalar!col{0,32767} -> custom")
        .built()
        .help("Turns the values of a column into columns.", "evaluate pivot(ActionType, count(), DeviceName)"),
    plugin("preview", "NumberOfRows:integer -> custom")
        .help("The first rows, and how many there are.", "evaluate preview(10)"),
    plugin("python", "OutputSchema:type, Script:string, Arguments:bag?, Artifacts:bag? -> custom")
        .help("Runs a Python script on the table.", "evaluate python(typeof(*), \"result = df\")"),
    plugin("r", "OutputSchema:type, Script:string, Arguments:bag? -> custom")
        .help("Runs an R script on the table.", "evaluate r(typeof(*), \"result <- df\")"),
    plugin("rolling_percentile", "ValueColumn:summable!col, Percentile:number!const, IndexColumn:summable!col, BinSize:summable, BinsPerWindow:integer!const, Dimension:plain!col{0,32767} -> custom")
        .built()
        .help("A percentile over a window that moves along the rows.", "evaluate rolling_percentile(Value, 50, Timestamp, 1d, 7)"),
    plugin("rows_near", "Condition:bool, NumRows:integer!const, NumRowsAfter:integer!const? -> custom")
        .built()
        .help("Rows close to those that meet a condition.", "evaluate rows_near(ActionType == \"LogonFailed\", 2)"),
    plugin("session_count", "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, Bin:summable!const, LookBackWindow:summable!const, Dimension:plain!col{0,32767} -> custom")
        .help("How many sessions there are in each period.", "evaluate session_count(User, Timestamp, Start, End, 1h, 30m)"),
    plugin("sequence_detect", "TimelineColumn:summable!col, MaxSeqeunceStepWindow:summable!const, MaxSequenceSpan:summable!const, Expr:bool{1,32767}, Dimension:plain!col{0,32767} -> custom")
        .help("Finds runs of events that meet conditions one after the other.", "evaluate sequence_detect(Timestamp, 5m, 1h, a = A == 1, b = B == 1, DeviceId)"),
    plugin("sliding_window_counts", "IdColumn:plain!col, TimelineColumn:summable!col, Start:summable!const, End:summable!const, LookBackWindow:summable!const, Step:summable!const, Dimension:plain!col{0,32767} -> custom")
        .built()
        .help("Rows and distinct values over a window that slides.", "evaluate sliding_window_counts(User, Timestamp, Start, End, 7d, 1d)"),
    plugin("sql_request", "connection_string:string, sql_query:string, sql_parameters:bag?, options:bag? -> custom")
        .help("Runs a query on an SQL database.", "evaluate sql_request(\"Server=...\", \"select 1\")"),
    plugin("mysql_request", "connection_string:string, sql_query:string, sql_parameters:bag?, options:bag? -> custom")
        .help("Runs a query on a MySQL database.", "evaluate mysql_request(\"Server=...\", \"select 1\")"),
    plugin("ai_chat_completion", "Prompt:array, ConnectionString:string, Options:bag?, IncludeErrorMessages:bool? -> custom")
        .help("Asks a chat model, message by message.", "evaluate ai_chat_completion(Messages, \"https://...\")"),
    plugin("ai_chat_completion_prompt", "Prompt:string, ConnectionString:string, Options:bag?, IncludeErrorMessages:bool? -> custom")
        .help("Asks a chat model one question.", "evaluate ai_chat_completion_prompt(\"Explain\", \"https://...\")"),
    plugin("ai_embeddings", "Text:scalar, ConnectionString:string, Options:bag?, IncludeErrorMessages:bool? -> custom")
        .help("Vectors of a text from an embedding model.", "evaluate ai_embeddings(Subject, \"https://...\")"),
    plugin("postgresql_request", "connection_string:string, sql_query:string, sql_parameters:bag?, options:bag? -> custom")
        .old(""),
    plugin("dax_request", "connection_string:string, dax_query:string, dax_parameters:bag?, options:bag? -> custom")
        .old(""),
    plugin("ai_embed_text", "Text:scalar, ConnectionString:string, Options:bag?, IncludeErrorMessages:bool? -> custom")
        .old("ai_embeddings"),
];
