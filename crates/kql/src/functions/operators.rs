//! Rows of functions: operators of expressions, by the names the official service gives them.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Row, operator};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    operator(
        "UnaryMinus",
        "operand:summable -> custom; operand:dynamic -> dynamic",
    ),
    operator(
        "UnaryPlus",
        "operand:summable -> custom; operand:dynamic -> dynamic",
    ),
    operator(
        "And",
        "left:bool, right:bool -> bool; left:dynamic, right:bool -> bool; left:bool, right:dynamic -> bool; left:dynamic, right:dynamic -> bool",
    ),
    operator(
        "Or",
        "left:bool, right:bool -> bool; left:dynamic, right:bool -> bool; left:bool, right:dynamic -> bool; left:dynamic, right:dynamic -> bool",
    ),
    operator(
        "Add",
        "left:number, right:number -> widest; left:timespan, right:timespan -> timespan; left:datetime/timespan, right:datetime/timespan -> datetime; left:dynamic, right:dynamic -> dynamic; left:dynamic, right:int -> long; left:int, right:dynamic -> long; left:dynamic, right:int/long/real/decimal/timespan/datetime -> p1; left:int/long/real/decimal/timespan/datetime, right:dynamic -> p0",
    ),
    operator(
        "Subtract",
        "left:number, right:number -> widest; left:timespan, right:timespan -> timespan; left:datetime, right:datetime -> timespan; left:datetime, right:dynamic -> timespan; left:dynamic, right:datetime -> timespan; left:datetime, right:timespan -> datetime; left:timespan, right:datetime -> datetime; left:dynamic, right:dynamic -> dynamic; left:dynamic, right:int -> long; left:int, right:dynamic -> long; left:dynamic, right:int/long/real/decimal/timespan/datetime -> p1; left:int/long/real/decimal/timespan/datetime, right:dynamic -> p0",
    ),
    operator(
        "Multiply",
        "left:number, right:number -> widest; left:timespan, right:timespan -> timespan; left:timespan, right:number -> timespan; left:number, right:timespan -> timespan; left:datetime, right:number -> datetime; left:number, right:datetime -> datetime; left:dynamic, right:dynamic -> dynamic; left:dynamic, right:int -> long; left:int, right:dynamic -> long; left:dynamic, right:number -> p1; left:number, right:dynamic -> p0",
    ),
    operator(
        "Divide",
        "left:number, right:number -> widest; left:timespan, right:timespan -> real; left:timespan, right:number -> timespan; left:datetime, right:datetime -> real; left:datetime, right:timespan -> real; left:datetime, right:number -> datetime; left:dynamic, right:dynamic -> dynamic; left:dynamic, right:int -> long; left:int, right:dynamic -> long; left:dynamic, right:number -> p1; left:number, right:dynamic -> p0",
    ),
    operator(
        "Modulo",
        "left:number, right:number -> widest; left:timespan, right:timespan -> timespan; left:timespan, right:number -> timespan; left:datetime, right:datetime -> timespan; left:datetime, right:timespan -> timespan; left:datetime, right:number -> datetime; left:dynamic, right:dynamic -> dynamic; left:dynamic, right:int -> long; left:int, right:dynamic -> long; left:dynamic, right:number -> p1; left:number, right:dynamic -> p0",
    ),
    operator(
        "LessThan",
        "left:bool, right:numbool -> bool; left:number, right:numbool -> bool; left:timespan, right:timespan -> bool; left:datetime, right:datetime -> bool; left:dynamic, right:dynamic -> bool; left:dynamic, right:number -> bool; left:number, right:dynamic -> bool",
    ),
    operator(
        "LessThanOrEqual",
        "left:bool, right:numbool -> bool; left:number, right:numbool -> bool; left:timespan, right:timespan -> bool; left:datetime, right:datetime -> bool; left:dynamic, right:dynamic -> bool; left:dynamic, right:number -> bool; left:number, right:dynamic -> bool",
    ),
    operator(
        "GreaterThan",
        "left:bool, right:numbool -> bool; left:number, right:numbool -> bool; left:timespan, right:timespan -> bool; left:datetime, right:datetime -> bool; left:dynamic, right:dynamic -> bool; left:dynamic, right:number -> bool; left:number, right:dynamic -> bool",
    ),
    operator(
        "GreaterThanOrEqual",
        "left:bool, right:numbool -> bool; left:number, right:numbool -> bool; left:timespan, right:timespan -> bool; left:datetime, right:datetime -> bool; left:dynamic, right:dynamic -> bool; left:dynamic, right:number -> bool; left:number, right:dynamic -> bool",
    ),
    operator(
        "Equal",
        "left:bool, right:scalar -> bool; left:notbool, right:scalar -> bool; left:notbool!star, right:scalar -> bool",
    ),
    operator(
        "NotEqual",
        "left:bool, right:scalar -> bool; left:notbool, right:scalar -> bool",
    ),
    operator(
        "EqualTilde",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "BangTilde",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "Has",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "HasCs",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "NotHas",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "NotHasCs",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "HasPrefix",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "HasPrefixCs",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "NotHasPrefix",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "NotHasPrefixCs",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "HasSuffix",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "HasSuffixCs",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "NotHasSuffix",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "NotHasSuffixCs",
        "left:text, right:string -> bool; left:text!star, right:string -> bool",
    ),
    operator(
        "Like",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "LikeCs",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "NotLike",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "NotLikeCs",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "Contains",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "ContainsCs",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "NotContains",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "NotContainsCs",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "StartsWith",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "StartsWithCs",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "NotStartsWith",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "NotStartsWithCs",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "EndsWith",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "EndsWithCs",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "NotEndsWith",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "NotEndsWithCs",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "MatchRegex",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "Search",
        "left:text, right:text -> bool; left:text!star, right:text -> bool",
    ),
    operator(
        "In",
        "value:bool, table:table -> bool; value:notbool, table:table -> bool; value:bool, value:scalar{1,32767} -> bool; value:notbool, value:scalar{1,32767} -> bool",
    ),
    operator(
        "InCs",
        "value:string/dynamic, table:table -> bool; value:string/dynamic, value:scalar{1,32767} -> bool",
    ),
    operator(
        "NotIn",
        "value:bool, table:table -> bool; value:notbool, table:table -> bool; value:bool, value:scalar{1,32767} -> bool; value:notbool, value:scalar{1,32767} -> bool",
    ),
    operator(
        "NotInCs",
        "value:string/dynamic, table:table -> bool; value:string/dynamic, value:scalar{1,32767} -> bool",
    ),
    operator(
        "Between",
        "value:number, start:number, end:number -> bool; value:summable, start:p0, end:p0 -> bool; value:datetime, start:datetime, end:timespan -> bool; value:number, start:dynamic, end:p1 -> bool; value:dynamic, start:number, end:p1 -> bool",
    ),
    operator(
        "NotBetween",
        "value:number, start:number, end:number -> bool; value:summable, start:p0, end:p0 -> bool; value:datetime, start:datetime, end:timespan -> bool; value:number, start:dynamic, end:p1 -> bool; value:dynamic, start:number, end:p1 -> bool",
    ),
    operator(
        "HasAny",
        "value:string/dynamic, table:table -> bool; value:string/dynamic, value:scalar{1,32767} -> bool",
    ),
    operator(
        "HasAll",
        "value:string/dynamic, table:table -> bool; value:string/dynamic, value:scalar{1,32767} -> bool",
    ),
];
