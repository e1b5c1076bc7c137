//! Rows of functions: addresses.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("parse_ipv4", "ip:string -> long")
        .eval(eval::network::parse_ipv4)
        .help("An IPv4 address as a number.", "parse_ipv4(RemoteIP)")
        .constant(),
    scalar("parse_ipv4_mask", "ip:string, prefix:long -> long")
        .eval(eval::network::parse_ipv4_mask)
        .help(
            "An IPv4 network, under a prefix length, as a number.",
            "parse_ipv4_mask(RemoteIP, 24)",
        )
        .constant(),
    scalar("parse_ipv6", "ip:string -> string")
        .eval(eval::network::parse_ipv6)
        .help(
            "An address in the full form of IPv6.",
            "parse_ipv6(RemoteIP)",
        )
        .constant(),
    scalar("parse_ipv6_mask", "ip:string, prefix:long -> string")
        .eval(eval::network::parse_ipv6_mask)
        .help(
            "A network, under a prefix length, in the full form of IPv6.",
            "parse_ipv6_mask(RemoteIP, 64)",
        )
        .constant(),
    scalar(
        "ipv4_compare",
        "ip1:string, ip2:string, prefix:long? -> long",
    )
    .eval(eval::network::ipv4_compare)
    .help(
        "Compares two IPv4 addresses, under a prefix length if given.",
        "ipv4_compare(LocalIP, RemoteIP)",
    )
    .constant(),
    scalar(
        "ipv4_is_match",
        "ip1:string, ip2:string, prefix:long? -> bool",
    )
    .eval(eval::network::ipv4_is_match)
    .help(
        "Whether two IPv4 addresses agree, under a prefix length if given.",
        "ipv4_is_match(LocalIP, RemoteIP, 24)",
    )
    .constant(),
    scalar(
        "ipv6_compare",
        "ip1:string, ip2:string, prefix:long? -> long",
    )
    .eval(eval::network::ipv6_compare)
    .help(
        "Compares two addresses of either kind, under a prefix length if given.",
        "ipv6_compare(LocalIP, RemoteIP)",
    )
    .constant(),
    scalar("ipv4_is_private", "ip:string -> bool")
        .eval(eval::network::ipv4_is_private)
        .help(
            "Whether an IPv4 address is of a private network.",
            "where not(ipv4_is_private(RemoteIP))",
        )
        .constant(),
    scalar(
        "ipv6_is_match",
        "ip1:string, ip2:string, prefix:long? -> bool",
    )
    .eval(eval::network::ipv6_is_match)
    .help(
        "Whether two addresses of either kind agree, under a prefix length if given.",
        "ipv6_is_match(LocalIP, RemoteIP, 64)",
    )
    .constant(),
    scalar("ipv6_is_in_range", "ip:string, ip_range:string -> bool")
        .eval(eval::network::ipv6_is_in_range)
        .help(
            "Whether an address lies in an IPv6 network.",
            "ipv6_is_in_range(RemoteIP, \"fe80::/10\")",
        )
        .constant(),
    scalar(
        "ipv6_is_in_any_range",
        "ip:text, ranges:string{1,32767} -> bool; ip:text, ranges:array -> bool",
    )
    .eval(eval::network::ipv6_is_in_any_range)
    .help(
        "Whether an address lies in one of several IPv6 networks.",
        "ipv6_is_in_any_range(RemoteIP, Networks)",
    ),
    scalar("ipv4_is_in_range", "ip:string, ip_range:string -> bool")
        .eval(eval::network::ipv4_is_in_range)
        .help(
            "Whether an address lies in an IPv4 network.",
            "ipv4_is_in_range(RemoteIP, \"10.0.0.0/8\")",
        )
        .constant(),
    scalar(
        "ipv4_is_in_any_range",
        "ip:text, ranges:string{1,32767} -> bool; ip:text, ranges:array -> bool",
    )
    .eval(eval::network::ipv4_is_in_any_range)
    .help(
        "Whether an address lies in one of several IPv4 networks.",
        "ipv4_is_in_any_range(RemoteIP, \"10.0.0.0/8\", \"192.168.0.0/16\")",
    ),
    scalar("ipv4_netmask_suffix", "ip:string -> long")
        .eval(eval::network::ipv4_netmask_suffix)
        .help(
            "The prefix length an IPv4 network is written with.",
            "ipv4_netmask_suffix(\"10.0.0.0/8\")",
        )
        .constant(),
    scalar("format_ipv4", "ip:scalar, prefix:long? -> string")
        .eval(eval::network::format_ipv4)
        .help(
            "A number or address as IPv4 text, cut to a prefix length.",
            "format_ipv4(RemoteIP, 24)",
        )
        .constant(),
    scalar("format_ipv4_mask", "ip:scalar, prefix:long -> string")
        .eval(eval::network::format_ipv4_mask)
        .help(
            "A number or address as an IPv4 network with its prefix length.",
            "format_ipv4_mask(RemoteIP, 24)",
        )
        .constant(),
    scalar("has_ipv4", "source:text, ip:string -> bool")
        .eval(eval::network::has_ipv4)
        .help(
            "Whether a text names an IPv4 address as a word.",
            "has_ipv4(ProcessCommandLine, \"10.0.0.1\")",
        ),
    scalar("has_ipv4_prefix", "source:text, ip_prefix:string -> bool")
        .eval(eval::network::has_ipv4_prefix)
        .help(
            "Whether a text names an IPv4 address that begins so.",
            "has_ipv4_prefix(ProcessCommandLine, \"10.0.\")",
        ),
    scalar(
        "has_any_ipv4",
        "source:text, ips:string{1,32767} -> bool; source:text, ips:array -> bool",
    )
    .eval(eval::network::has_any_ipv4)
    .help(
        "Whether a text names one of several IPv4 addresses.",
        "has_any_ipv4(ProcessCommandLine, BadIps)",
    ),
    scalar(
        "has_any_ipv4_prefix",
        "source:text, ip_prefixes:string{1,32767} -> bool; source:text, ip_prefixes:array -> bool",
    )
    .eval(eval::network::has_any_ipv4_prefix)
    .help(
        "Whether a text names an IPv4 address that begins in one of several ways.",
        "has_any_ipv4_prefix(ProcessCommandLine, \"10.\", \"192.168.\")",
    ),
    scalar(
        "ipv4_range_to_cidr_list",
        "start_ip:string, end_ip:string -> array[dynamic]",
    )
    .eval(eval::network::ipv4_range_to_cidr_list)
    .help(
        "The networks that cover the addresses between two.",
        "ipv4_range_to_cidr_list(\"10.0.0.1\", \"10.0.0.9\")",
    )
    .constant(),
];
