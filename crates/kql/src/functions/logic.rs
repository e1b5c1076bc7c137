//! Rows of functions: conversion, choice and what is there.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Naming, Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("toupper", "value:scalar -> string")
        .constant(),
    scalar("tolower", "value:scalar -> string")
        .constant(),
    scalar("tostring", "value:scalar -> string")
        .named(Naming::First)
        .constant(),
    scalar("tohex", "value:integer, minLength:integer? -> string")
        .named(Naming::First)
        .constant(),
    scalar("todynamic", "value:string -> dynamic")
        .named(Naming::First)
        .constant(),
    scalar("tolong", "value:scalar -> long")
        .named(Naming::First)
        .constant(),
    scalar("toint", "value:scalar -> int")
        .named(Naming::First)
        .constant(),
    scalar("toreal", "value:scalar -> real")
        .named(Naming::First)
        .constant(),
    scalar("todouble", "value:scalar -> real")
        .named(Naming::First)
        .constant(),
    scalar("tobool", "value:scalar -> bool")
        .named(Naming::First)
        .constant(),
    scalar("toboolean", "value:scalar -> bool")
        .named(Naming::First)
        .constant(),
    scalar("todecimal", "value:scalar -> decimal")
        .named(Naming::First)
        .constant(),
    scalar("toguid", "value:text -> guid")
        .named(Naming::First)
        .constant(),
    scalar("gettype", "value:scalar -> string")
        .named(Naming::PrefixAndFirst("type"))
        .constant(),
    scalar("iif", "if:bool, then:common, else:common -> commonplain")
        .constant(),
    scalar("iff", "if:bool, then:common, else:common -> commonplain")
        .constant(),
    scalar("case", "predicate:bool{1,32767}, then:common{1,32767}, else:common -> commonplain")
        .constant(),
    scalar("assert", "predicate:bool, message:string -> bool"),
    scalar("bin", "value:number, roundTo:number -> widest; value:timespan, roundTo:timespan -> timespan; value:datetime, roundTo:datetime -> datetime; value:datetime, roundTo:timespan -> datetime")
        .named(Naming::First)
        .constant(),
    scalar("floor", "value:number, roundTo:number -> widest; value:timespan, roundTo:timespan -> timespan; value:datetime, roundTo:datetime -> datetime; value:datetime, roundTo:timespan -> datetime")
        .named(Naming::First)
        .constant(),
    scalar("bin_at", "value:number, bin_size:number, fixed_point:number -> widest; value:timespan, bin_size:number, fixed_point:timespan -> timespan; value:timespan, bin_size:timespan, fixed_point:timespan -> timespan; value:datetime, bin_size:summable, fixed_point:datetime -> datetime")
        .named(Naming::First)
        .constant(),
    scalar("not", "expression:bool -> bool"),
    scalar("isnotnull", "expression:scalar -> bool"),
    scalar("isnull", "expression:scalar -> bool"),
    scalar("isascii", "value:scalar -> bool"),
    scalar("isnotempty", "value:scalar -> bool"),
    scalar("isempty", "value:scalar -> bool"),
    scalar("column_ifexists", "column_name:string!const, defaultValue:scalar -> p1")
        .named(Naming::FirstIfColumn),
    scalar("binary_and", "value1:integer, value2:integer -> long")
        .named(Naming::First)
        .constant(),
    scalar("binary_or", "value1:integer, value2:integer -> long")
        .named(Naming::First)
        .constant(),
    scalar("binary_xor", "value1:integer, value2:integer -> long")
        .named(Naming::First)
        .constant(),
    scalar("binary_not", "value:integer -> long")
        .named(Naming::First)
        .constant(),
    scalar("binary_shift_right", "value:integer, shift:integer -> long")
        .named(Naming::First)
        .constant(),
    scalar("binary_shift_left", "value:integer, shift:integer -> long")
        .named(Naming::First)
        .constant(),
    scalar("isnan", "number:real -> bool")
        .constant(),
    scalar("isinf", "number:real -> bool")
        .constant(),
    scalar("isfinite", "number:real -> bool")
        .constant(),
    scalar("coalesce", "arg:commonscalar{2,64} -> common")
        .constant(),
    scalar("max_of", "arg:commonorder{2,64} -> common")
        .constant(),
    scalar("min_of", "arg:commonorder{2,64} -> common")
        .constant(),
    scalar("make_string", "value:intarray{1,32767} -> string")
        .constant()
        .old("unicode_codepoints_to_string"),
    scalar("toobject", "value:string -> dynamic")
        .named(Naming::First)
        .constant()
        .old("todynamic"),
    scalar("bin_auto", "value:summable -> custom")
        .named(Naming::First)
        .constant()
        .old(""),
    scalar("notnull", "expression:scalar -> bool")
        .old("isnotnull"),
    scalar("notempty", "value:scalar -> bool")
        .old("isnotempty"),
    scalar("iscolumnexists", "column_name:string!const -> bool")
        .old(""),
    scalar("columnifexists", "column_name:string!const, defaultValue:scalar -> p1")
        .named(Naming::FirstIfColumn)
        .old("column_ifexists"),
];
