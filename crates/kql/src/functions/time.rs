//! Rows of functions: instants and spans.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("datetime_local_to_utc", "from:datetime, timezone:string -> datetime")
        .constant(),
    scalar("datetime_utc_to_local", "from:datetime, timezone:string -> datetime")
        .constant(),
    scalar("datetime_list_timezones", " -> array[dynamic]")
        .constant(),
    scalar("todatetime", "value:scalar -> datetime")
        .named(Naming::First)
        .constant(),
    scalar("totimespan", "value:scalar -> timespan")
        .named(Naming::First)
        .constant(),
    scalar("format_datetime", "date:datetime, format:string!nonempty -> string")
        .named(Naming::First)
        .constant(),
    scalar("format_timespan", "timespan:timespan, format:string!nonempty -> string")
        .named(Naming::First)
        .constant(),
    scalar("make_datetime", "year:number, month:number, day:number, hour:number?, minute:number?, second:number? -> datetime; value:scalar -> datetime")
        .named(Naming::Only)
        .constant(),
    scalar("make_timespan", "days:integer, hours:integer, minutes:integer, seconds:integer -> timespan; hours:integer, minutes:integer, seconds:integer? -> timespan; value:scalar -> timespan")
        .named(Naming::Only)
        .constant(),
    scalar("datetime_add", "part:string!lit=year/quarter/month/week/day/hour/minute/second/millisecond/microsecond/nanosecond, value:integer, datetime:datetime -> datetime")
        .constant(),
    scalar("datetime_diff", "part:string!lit=year/quarter/month/week/day/hour/minute/second/millisecond/microsecond/nanosecond, datetime1:datetime, datetime2:datetime -> long")
        .constant(),
    scalar("dayofweek", "date:datetime -> timespan")
        .constant(),
    scalar("dayofmonth", "date:datetime -> int")
        .constant(),
    scalar("dayofyear", "date:datetime -> int")
        .constant(),
    scalar("hourofday", "date:datetime -> int")
        .constant(),
    scalar("week_of_year", "date:datetime -> int")
        .constant(),
    scalar("monthofyear", "date:datetime -> int")
        .constant(),
    scalar("startofday", "date:datetime, offset:long? -> datetime")
        .named(Naming::First)
        .constant(),
    scalar("startofweek", "date:datetime, offset:long? -> datetime")
        .constant(),
    scalar("startofmonth", "date:datetime, offset:long? -> datetime")
        .constant(),
    scalar("startofyear", "date:datetime, offset:long? -> datetime")
        .constant(),
    scalar("endofday", "date:datetime, offset:long? -> datetime")
        .constant(),
    scalar("endofweek", "date:datetime, offset:long? -> datetime")
        .constant(),
    scalar("endofmonth", "date:datetime, offset:long? -> datetime")
        .constant(),
    scalar("endofyear", "date:datetime, offset:long? -> datetime")
        .constant(),
    scalar("getyear", "date:datetime -> int")
        .constant(),
    scalar("getmonth", "date:datetime -> int")
        .constant(),
    scalar("datetime_part", "part:string!lit=year/quarter/month/week_of_year/day/dayofyear/hour/minute/second/millisecond/microsecond/nanosecond, date:datetime -> int")
        .constant(),
    scalar("now", "offset:timespan? -> datetime")
        .constant(),
    scalar("ago", "timespan:timespan -> datetime")
        .constant(),
    scalar("unixtime_seconds_todatetime", "number:number -> datetime")
        .constant(),
    scalar("unixtime_milliseconds_todatetime", "number:number -> datetime")
        .constant(),
    scalar("unixtime_microseconds_todatetime", "number:number -> datetime")
        .constant(),
    scalar("unixtime_nanoseconds_todatetime", "number:number -> datetime")
        .constant(),
    scalar("ingestion_time", " -> datetime")
        .named(Naming::Prefix("$IngestionTime")),
    scalar("totime", "value:scalar -> timespan")
        .named(Naming::First)
        .constant()
        .old("totimespan"),
    scalar("weekofyear", "date:datetime -> int")
        .constant()
        .old("week_of_year"),
    scalar("datepart", "part:string!lit=year/quarter/month/week_of_year/day/dayofyear/hour/minute/second/millisecond/microsecond/nanosecond, date:datetime -> int")
        .constant()
        .old("datetime_part"),
    scalar("__geo_polygon_validate", "polygon:bag -> string")
        .constant()
        .old(""),
    scalar("__geo_line_validate", "lineString:bag -> string")
        .constant()
        .old(""),
];
