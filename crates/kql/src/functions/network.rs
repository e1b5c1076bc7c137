//! Rows of functions: addresses.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("parse_ipv4", "ip:string -> long").constant(),
    scalar("parse_ipv4_mask", "ip:string, prefix:long -> long").constant(),
    scalar("parse_ipv6", "ip:string -> string").constant(),
    scalar("parse_ipv6_mask", "ip:string, prefix:long -> string").constant(),
    scalar(
        "ipv4_compare",
        "ip1:string, ip2:string, prefix:long? -> long",
    )
    .constant(),
    scalar(
        "ipv4_is_match",
        "ip1:string, ip2:string, prefix:long? -> bool",
    )
    .constant(),
    scalar(
        "ipv6_compare",
        "ip1:string, ip2:string, prefix:long? -> long",
    )
    .constant(),
    scalar("ipv4_is_private", "ip:string -> bool").constant(),
    scalar(
        "ipv6_is_match",
        "ip1:string, ip2:string, prefix:long? -> bool",
    )
    .constant(),
    scalar("ipv6_is_in_range", "ip:string, ip_range:string -> bool").constant(),
    scalar(
        "ipv6_is_in_any_range",
        "ip:text, ranges:string{1,32767} -> bool; ip:text, ranges:array -> bool",
    ),
    scalar("ipv4_is_in_range", "ip:string, ip_range:string -> bool").constant(),
    scalar(
        "ipv4_is_in_any_range",
        "ip:text, ranges:string{1,32767} -> bool; ip:text, ranges:array -> bool",
    ),
    scalar("ipv4_netmask_suffix", "ip:string -> long").constant(),
    scalar("format_ipv4", "ip:scalar, prefix:long? -> string").constant(),
    scalar("format_ipv4_mask", "ip:scalar, prefix:long -> string").constant(),
    scalar("has_ipv4", "source:text, ip:string -> bool"),
    scalar("has_ipv4_prefix", "source:text, ip_prefix:string -> bool"),
    scalar(
        "has_any_ipv4",
        "source:text, ips:string{1,32767} -> bool; source:text, ips:array -> bool",
    ),
    scalar(
        "has_any_ipv4_prefix",
        "source:text, ip_prefixes:string{1,32767} -> bool; source:text, ip_prefixes:array -> bool",
    ),
    scalar(
        "ipv4_range_to_cidr_list",
        "start_ip:string, end_ip:string -> array[dynamic]",
    )
    .constant(),
];
