//! Rows of functions: instants and spans.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("datetime_local_to_utc", "from:datetime, timezone:string -> datetime")
        .eval(eval::dates::local_to_utc)
        .help("A local time of a zone in UTC.", "datetime_local_to_utc(When, \"Europe/Berlin\")")
        .constant(),
    scalar("datetime_utc_to_local", "from:datetime, timezone:string -> datetime")
        .eval(eval::dates::utc_to_local)
        .help("A UTC time as local time of a zone.", "datetime_utc_to_local(Timestamp, \"Europe/Berlin\")")
        .constant(),
    scalar("datetime_list_timezones", " -> array[dynamic]")
        .eval(eval::dates::datetime_list_timezones)
        .help("The names of the time zones known.", "print datetime_list_timezones()")
        .constant(),
    scalar("todatetime", "value:scalar -> datetime")
        .eval(eval::convert::todatetime)
        .help("A value as an instant.", "todatetime(Fields.created)")
        .named(Naming::First)
        .constant(),
    scalar("totimespan", "value:scalar -> timespan")
        .eval(eval::convert::totimespan)
        .help("A value as a length of time.", "totimespan(\"01:30:00\")")
        .named(Naming::First)
        .constant(),
    scalar("format_datetime", "date:datetime, format:string!nonempty -> string")
        .eval(eval::dates::format_datetime)
        .help("An instant as text in a pattern.", "format_datetime(Timestamp, \"yyyy-MM-dd HH:mm\")")
        .named(Naming::First)
        .constant(),
    scalar("format_timespan", "timespan:timespan, format:string!nonempty -> string")
        .eval(eval::dates::format_timespan)
        .help("A length of time as text in a pattern.", "format_timespan(Duration, \"hh:mm:ss\")")
        .named(Naming::First)
        .constant(),
    scalar("make_datetime", "year:number, month:number, day:number, hour:number?, minute:number?, second:number? -> datetime; value:scalar -> datetime")
        .eval(eval::dates::make_datetime)
        .help("An instant of year, month, day and so on.", "make_datetime(2024, 1, 31, 12, 0)")
        .named(Naming::Only)
        .constant(),
    scalar("make_timespan", "days:integer, hours:integer, minutes:integer, seconds:integer -> timespan; hours:integer, minutes:integer, seconds:integer? -> timespan; value:scalar -> timespan")
        .eval(eval::dates::make_timespan)
        .help("A length of time of days, hours, minutes and seconds.", "make_timespan(1, 30)")
        .named(Naming::Only)
        .constant(),
    scalar("datetime_add", "part:string!lit=year/quarter/month/week/day/hour/minute/second/millisecond/microsecond/nanosecond, value:integer, datetime:datetime -> datetime")
        .eval(eval::dates::datetime_add)
        .help("An instant moved by so many units.", "datetime_add(\"month\", -1, now())")
        .constant(),
    scalar("datetime_diff", "part:string!lit=year/quarter/month/week/day/hour/minute/second/millisecond/microsecond/nanosecond, datetime1:datetime, datetime2:datetime -> long")
        .eval(eval::dates::datetime_diff)
        .help("How many unit borders lie between two instants.", "datetime_diff(\"hour\", LogoffTime, LogonTime)")
        .constant(),
    scalar("dayofweek", "date:datetime -> timespan")
        .eval(eval::dates::dayofweek)
        .help("Days since Sunday, as a length of time.", "where dayofweek(Timestamp) in (0d, 6d)")
        .constant(),
    scalar("dayofmonth", "date:datetime -> int")
        .eval(eval::dates::dayofmonth)
        .help("The day's number in its month.", "dayofmonth(Timestamp)")
        .constant(),
    scalar("dayofyear", "date:datetime -> int")
        .eval(eval::dates::dayofyear)
        .help("The day's number in its year.", "dayofyear(Timestamp)")
        .constant(),
    scalar("hourofday", "date:datetime -> int")
        .eval(eval::dates::hourofday)
        .help("The hour, 0 to 23.", "where hourofday(Timestamp) !between (7 .. 19)")
        .constant(),
    scalar("week_of_year", "date:datetime -> int")
        .eval(eval::dates::week_of_year)
        .help("The week's ISO number in its year.", "week_of_year(Timestamp)")
        .constant(),
    scalar("monthofyear", "date:datetime -> int")
        .eval(eval::dates::monthofyear)
        .help("The month, 1 to 12.", "monthofyear(Timestamp)")
        .constant(),
    scalar("startofday", "date:datetime, offset:long? -> datetime")
        .eval(eval::dates::startofday)
        .help("The first instant of the day; an offset moves it by days.", "startofday(now(), -1)")
        .named(Naming::First)
        .constant(),
    scalar("startofweek", "date:datetime, offset:long? -> datetime")
        .eval(eval::dates::startofweek)
        .help("The first instant of the week (Sunday); an offset moves it by weeks.", "startofweek(now())")
        .constant(),
    scalar("startofmonth", "date:datetime, offset:long? -> datetime")
        .eval(eval::dates::startofmonth)
        .help("The first instant of the month; an offset moves it by months.", "startofmonth(now())")
        .constant(),
    scalar("startofyear", "date:datetime, offset:long? -> datetime")
        .eval(eval::dates::startofyear)
        .help("The first instant of the year; an offset moves it by years.", "startofyear(now())")
        .constant(),
    scalar("endofday", "date:datetime, offset:long? -> datetime")
        .eval(eval::dates::endofday)
        .help("The last instant of the day; an offset moves it by days.", "endofday(now())")
        .constant(),
    scalar("endofweek", "date:datetime, offset:long? -> datetime")
        .eval(eval::dates::endofweek)
        .help("The last instant of the week; an offset moves it by weeks.", "endofweek(now())")
        .constant(),
    scalar("endofmonth", "date:datetime, offset:long? -> datetime")
        .eval(eval::dates::endofmonth)
        .help("The last instant of the month; an offset moves it by months.", "endofmonth(now())")
        .constant(),
    scalar("endofyear", "date:datetime, offset:long? -> datetime")
        .eval(eval::dates::endofyear)
        .help("The last instant of the year; an offset moves it by years.", "endofyear(now())")
        .constant(),
    scalar("getyear", "date:datetime -> int")
        .eval(eval::dates::getyear)
        .help("The year of an instant.", "getyear(Timestamp)")
        .constant(),
    scalar("getmonth", "date:datetime -> int")
        .eval(eval::dates::getmonth)
        .help("The month of an instant.", "getmonth(Timestamp)")
        .constant(),
    scalar("datetime_part", "part:string!lit=year/quarter/month/week_of_year/day/dayofyear/hour/minute/second/millisecond/microsecond/nanosecond, date:datetime -> int")
        .eval(eval::dates::datetime_part)
        .help("One part of an instant, as a number.", "datetime_part(\"hour\", Timestamp)")
        .constant(),
    scalar("now", "offset:timespan? -> datetime")
        .eval(eval::dates::now)
        .help("The time the query runs, moved by an offset if given.", "where Timestamp < now(-1h)")
        .constant(),
    scalar("ago", "timespan:timespan -> datetime")
        .eval(eval::dates::ago)
        .help("An instant so long before now.", "where Timestamp > ago(7d)")
        .constant(),
    scalar("unixtime_seconds_todatetime", "number:number -> datetime")
        .eval(eval::dates::unix_seconds)
        .help("Seconds since 1970 as an instant.", "unixtime_seconds_todatetime(1700000000)")
        .constant(),
    scalar("unixtime_milliseconds_todatetime", "number:number -> datetime")
        .eval(eval::dates::unix_milliseconds)
        .help("Milliseconds since 1970 as an instant.", "unixtime_milliseconds_todatetime(Millis)")
        .constant(),
    scalar("unixtime_microseconds_todatetime", "number:number -> datetime")
        .eval(eval::dates::unix_microseconds)
        .help("Microseconds since 1970 as an instant.", "unixtime_microseconds_todatetime(Micros)")
        .constant(),
    scalar("unixtime_nanoseconds_todatetime", "number:number -> datetime")
        .eval(eval::dates::unix_nanoseconds)
        .help("Nanoseconds since 1970 as an instant.", "unixtime_nanoseconds_todatetime(Nanos)")
        .constant(),
    scalar("ingestion_time", " -> datetime")
        .eval(eval::misc::ingestion_time)
        .help("When the row came in.", "where ingestion_time() > ago(1h)")
        .named(Naming::Prefix("$IngestionTime")),
    scalar("totime", "value:scalar -> timespan")
        .eval(eval::convert::totimespan)
        .named(Naming::First)
        .constant()
        .old("totimespan"),
    scalar("weekofyear", "date:datetime -> int")
        .eval(eval::dates::week_of_year)
        .constant()
        .old("week_of_year"),
    scalar("datepart", "part:string!lit=year/quarter/month/week_of_year/day/dayofyear/hour/minute/second/millisecond/microsecond/nanosecond, date:datetime -> int")
        .eval(eval::dates::datetime_part)
        .constant()
        .old("datetime_part"),
    scalar("__geo_polygon_validate", "polygon:bag -> string")
        .constant()
        .old(""),
    scalar("__geo_line_validate", "lineString:bag -> string")
        .constant()
        .old(""),
];
