//! Rows of functions: conversion, choice and what is there.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("toupper", "value:scalar -> string")
        .eval(eval::strings::toupper)
        .help("A text in capitals.", "toupper(Name)")
        .constant(),
    scalar("tolower", "value:scalar -> string")
        .eval(eval::strings::tolower)
        .help("A text in small letters.", "tolower(FileName)")
        .constant(),
    scalar("tostring", "value:scalar -> string")
        .eval(eval::convert::tostring)
        .help("A value as text.", "tostring(AdditionalFields.Operation)")
        .named(Naming::First)
        .constant(),
    scalar("tohex", "value:integer, minLength:integer? -> string")
        .eval(eval::strings::tohex)
        .help("A whole number in hexadecimal.", "tohex(ErrorCode)")
        .named(Naming::First)
        .constant(),
    scalar("todynamic", "value:string -> dynamic")
        .eval(eval::convert::parse_json)
        .help("Reads JSON text into a value that can be walked.", "todynamic(AdditionalFields)")
        .named(Naming::First)
        .constant(),
    scalar("tolong", "value:scalar -> long")
        .eval(eval::convert::tolong)
        .help("A value as a whole number of 64 bits.", "tolong(Fields.size)")
        .named(Naming::First)
        .constant(),
    scalar("toint", "value:scalar -> int")
        .eval(eval::convert::toint)
        .help("A value as a whole number of 32 bits.", "toint(Fields.port)")
        .named(Naming::First)
        .constant(),
    scalar("toreal", "value:scalar -> real")
        .eval(eval::convert::toreal)
        .help("A value as a number with a fraction.", "toreal(Fields.score)")
        .named(Naming::First)
        .constant(),
    scalar("todouble", "value:scalar -> real")
        .eval(eval::convert::toreal)
        .help("A value as a number with a fraction.", "todouble(Fields.score)")
        .named(Naming::First)
        .constant(),
    scalar("tobool", "value:scalar -> bool")
        .eval(eval::convert::tobool)
        .help("A value as true or false.", "tobool(Fields.isAdmin)")
        .named(Naming::First)
        .constant(),
    scalar("toboolean", "value:scalar -> bool")
        .eval(eval::convert::tobool)
        .help("A value as true or false.", "toboolean(Fields.isAdmin)")
        .named(Naming::First)
        .constant(),
    scalar("todecimal", "value:scalar -> decimal")
        .eval(eval::convert::todecimal)
        .help("A value as a decimal number.", "todecimal(\"1.5\")")
        .named(Naming::First)
        .constant(),
    scalar("toguid", "value:text -> guid")
        .eval(eval::convert::toguid)
        .help("A text as a GUID.", "toguid(AccountObjectId)")
        .named(Naming::First)
        .constant(),
    scalar("gettype", "value:scalar -> string")
        .eval(eval::convert::gettype)
        .help("The name of a value's type.", "gettype(AdditionalFields)")
        .named(Naming::PrefixAndFirst("type"))
        .constant(),
    scalar("iif", "if:bool, then:common, else:common -> commonplain")
        .built()
        .help("One of two values, by a condition.", "iif(Port == 443, \"web\", \"other\")")
        .constant(),
    scalar("iff", "if:bool, then:common, else:common -> commonplain")
        .built()
        .help("One of two values, by a condition.", "iff(ActionType has \"Failed\", 1, 0)")
        .constant(),
    scalar("case", "predicate:bool{1,32767}, then:common{1,32767}, else:common -> commonplain")
        .built()
        .help("The value of the first condition that holds, or the last value.", "case(Score > 80, \"high\", Score > 40, \"medium\", \"low\")")
        .constant(),
    scalar("assert", "predicate:bool, message:string -> bool")
        .help("Ends the query with a message unless a condition holds.", "assert(Days > 0, \"Days must be positive\")"),
    scalar("bin", "value:number, roundTo:number -> widest; value:timespan, roundTo:timespan -> timespan; value:datetime, roundTo:datetime -> datetime; value:datetime, roundTo:timespan -> datetime")
        .eval(eval::dates::bin)
        .help("Rounds down to a multiple; groups times into buckets.", "summarize count() by bin(Timestamp, 1h)")
        .named(Naming::First)
        .constant(),
    scalar("floor", "value:number, roundTo:number -> widest; value:timespan, roundTo:timespan -> timespan; value:datetime, roundTo:datetime -> datetime; value:datetime, roundTo:timespan -> datetime")
        .eval(eval::dates::bin)
        .help("Rounds down to a multiple, as bin does.", "floor(Timestamp, 1d)")
        .named(Naming::First)
        .constant(),
    scalar("bin_at", "value:number, bin_size:number, fixed_point:number -> widest; value:timespan, bin_size:number, fixed_point:timespan -> timespan; value:timespan, bin_size:timespan, fixed_point:timespan -> timespan; value:datetime, bin_size:summable, fixed_point:datetime -> datetime")
        .eval(eval::dates::bin_at)
        .help("Rounds down to a multiple counted from a fixed point.", "bin_at(Timestamp, 7d, datetime(2024-01-01))")
        .named(Naming::First)
        .constant(),
    scalar("not", "expression:bool -> bool")
        .eval(eval::ops::not)
        .help("The opposite of a condition.", "where not(IsLocalAdmin)"),
    scalar("isnotnull", "expression:scalar -> bool")
        .eval(eval::convert::isnotnull)
        .help("Whether there is a value.", "where isnotnull(LoggedOnUsers)"),
    scalar("isnull", "expression:scalar -> bool")
        .eval(eval::convert::isnull)
        .help("Whether there is no value.", "where isnull(ReportId)"),
    scalar("isascii", "value:scalar -> bool")
        .eval(eval::strings::isascii)
        .help("Whether a text has ASCII characters only.", "isascii(Subject)"),
    scalar("isnotempty", "value:scalar -> bool")
        .eval(eval::convert::isnotempty)
        .help("Whether there is a value and it is not an empty text.", "where isnotempty(RemoteUrl)"),
    scalar("isempty", "value:scalar -> bool")
        .eval(eval::convert::isempty)
        .help("Whether there is no value or an empty text.", "where isempty(AccountUpn)"),
    scalar("column_ifexists", "column_name:string!const, defaultValue:scalar -> p1")
        .built()
        .help("A column if the table has it, otherwise a value.", "column_ifexists(\"DeviceName\", \"\")")
        .named(Naming::FirstIfColumn),
    scalar("binary_and", "value1:integer, value2:integer -> long")
        .eval(eval::math::binary_and)
        .help("Bits that both numbers have.", "binary_and(Flags, 4)")
        .named(Naming::First)
        .constant(),
    scalar("binary_or", "value1:integer, value2:integer -> long")
        .eval(eval::math::binary_or)
        .help("Bits that either number has.", "binary_or(A, B)")
        .named(Naming::First)
        .constant(),
    scalar("binary_xor", "value1:integer, value2:integer -> long")
        .eval(eval::math::binary_xor)
        .help("Bits that one of the numbers has.", "binary_xor(A, B)")
        .named(Naming::First)
        .constant(),
    scalar("binary_not", "value:integer -> long")
        .eval(eval::math::binary_not)
        .help("The number with its bits turned over.", "binary_not(A)")
        .named(Naming::First)
        .constant(),
    scalar("binary_shift_right", "value:integer, shift:integer -> long")
        .eval(eval::math::binary_shift_right)
        .help("Moves a number's bits down.", "binary_shift_right(A, 8)")
        .named(Naming::First)
        .constant(),
    scalar("binary_shift_left", "value:integer, shift:integer -> long")
        .eval(eval::math::binary_shift_left)
        .help("Moves a number's bits up.", "binary_shift_left(1, 3)")
        .named(Naming::First)
        .constant(),
    scalar("isnan", "number:real -> bool")
        .eval(eval::math::isnan)
        .help("Whether a number is not one (0/0).", "isnan(Ratio)")
        .constant(),
    scalar("isinf", "number:real -> bool")
        .eval(eval::math::isinf)
        .help("Whether a number is infinite.", "isinf(Ratio)")
        .constant(),
    scalar("isfinite", "number:real -> bool")
        .eval(eval::math::isfinite)
        .help("Whether a number is neither infinite nor undefined.", "isfinite(Ratio)")
        .constant(),
    scalar("coalesce", "arg:commonscalar{2,64} -> common")
        .eval(eval::convert::coalesce)
        .help("The first value that is there.", "coalesce(AccountUpn, AccountName)")
        .constant(),
    scalar("max_of", "arg:commonorder{2,64} -> common")
        .eval(eval::math::max_of)
        .help("The largest of the values given.", "max_of(A, B)")
        .constant(),
    scalar("min_of", "arg:commonorder{2,64} -> common")
        .eval(eval::math::min_of)
        .help("The smallest of the values given.", "min_of(A, B)")
        .constant(),
    scalar("make_string", "value:intarray{1,32767} -> string")
        .eval(eval::strings::from_codepoints)
        .constant()
        .old("unicode_codepoints_to_string"),
    scalar("toobject", "value:string -> dynamic")
        .eval(eval::convert::parse_json)
        .named(Naming::First)
        .constant()
        .old("todynamic"),
    scalar("bin_auto", "value:summable -> custom")
        .named(Naming::First)
        .constant()
        .old(""),
    scalar("notnull", "expression:scalar -> bool")
        .eval(eval::convert::isnotnull)
        .old("isnotnull"),
    scalar("notempty", "value:scalar -> bool")
        .eval(eval::convert::isnotempty)
        .old("isnotempty"),
    scalar("iscolumnexists", "column_name:string!const -> bool")
        .built()
        .old(""),
    scalar("columnifexists", "column_name:string!const, defaultValue:scalar -> p1")
        .built()
        .named(Naming::FirstIfColumn)
        .old("column_ifexists"),
];
