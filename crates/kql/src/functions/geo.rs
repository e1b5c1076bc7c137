//! Rows of functions: places on the globe.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Row, scalar};

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("geo_from_wkt", "wkt:textarray -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_angle", "p1_longitude:number, p1_latitude:number, p2_longitude:number, p2_latitude:number, p3_longitude:number, p3_latitude:number -> real")
        .constant(),
    scalar("geo_azimuth", "p1_longitude:number, p1_latitude:number, p2_longitude:number, p2_latitude:number -> real")
        .constant(),
    scalar("geo_closest_point_on_line", "longitude:number, latitude:number, lineString:bag -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_closest_point_on_polygon", "longitude:number, latitude:number, polygon:bag -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_distance_2points", "p1_longitude:number, p1_latitude:number, p2_longitude:number, p2_latitude:number, use_spheroid:numbool? -> real")
        .constant(),
    scalar("geo_distance_point_to_line", "longitude:number, latitude:number, lineString:bag -> real")
        .constant(),
    scalar("geo_distance_point_to_polygon", "longitude:number, latitude:number, polygon:bag -> real")
        .constant(),
    scalar("geo_point_in_circle", "p_longitude:number, p_latitude:number, pc_longitude:number, pc_latitude:number, c_radius:number -> bool")
        .constant(),
    scalar("geo_point_in_polygon", "longitude:number, latitude:number, polygon:bag -> bool")
        .constant(),
    scalar("geo_intersects_2lines", "lineString1:bag, lineString2:bag -> bool")
        .constant(),
    scalar("geo_intersects_line_with_polygon", "lineString:bag, polygon:bag -> bool")
        .constant(),
    scalar("geo_intersects_2polygons", "polygon1:bag, polygon2:bag -> bool")
        .constant(),
    scalar("geo_intersection_2lines", "lineString1:bag, lineString2:bag -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_intersection_line_with_polygon", "lineString:bag, polygon:bag -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_intersection_2polygons", "polygon1:bag, polygon2:bag -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_union_polygons_array", "polygons:array -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_simplify_polygons_array", "polygons:array, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_union_lines_array", "lineStrings:array -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_polygon_to_h3cells", "polygon:bag, resolution:number?, radius:number? -> array[string]")
        .constant(),
    scalar("geo_polygon_to_s2cells", "polygon:bag, level:number?, radius:number? -> array[string]")
        .constant(),
    scalar("geo_polygon_densify", "polygon:bag, tolerance:number?, preserve_crossing:numbool? -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_polygon_area", "polygon:bag -> real")
        .constant(),
    scalar("geo_polygon_buffer", "polygon:bag, radius:number, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_polygon_centroid", "polygon:bag -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_polygon_perimeter", "polygon:bag -> real")
        .constant(),
    scalar("geo_polygon_simplify", "polygon:bag, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_line_length", "lineString:bag -> real")
        .constant(),
    scalar("geo_line_buffer", "lineString:bag, radius:number, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_line_centroid", "lineString:bag -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_line_densify", "lineString:bag, tolerance:number?, preserve_crossing:numbool? -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_line_simplify", "lineString:bag, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_line_locate_point", "lineString:bag, longitude:number, latitude:number, use_spheroid:numbool? -> real")
        .constant(),
    scalar("geo_line_interpolate_point", "lineString:bag, fraction:number -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_line_to_s2cells", "lineString:bag, level:number?, radius:number? -> array[string]")
        .constant(),
    scalar("geo_point_to_geohash", "longitude:number, latitude:number, accuracy:number? -> string")
        .constant(),
    scalar("geo_geohash_to_central_point", "geohash:string -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_geohash_to_polygon", "geohash:string -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_geohash_neighbors", "geohash:string -> array[string]")
        .constant(),
    scalar("geo_point_buffer", "longitude:number, latitude:number, radius:number, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_point_to_s2cell", "longitude:number, latitude:number, level:number? -> string")
        .constant(),
    scalar("geo_s2cell_to_central_point", "s2cell:string -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_s2cell_to_polygon", "s2cell:string -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_s2cell_neighbors", "s2cell:string -> array[string]")
        .constant(),
    scalar("geo_point_to_h3cell", "longitude:number, latitude:number, resolution:number? -> string")
        .constant(),
    scalar("geo_h3cell_to_central_point", "h3cell:string -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_h3cell_to_polygon", "h3cell:string -> bag{type:string,coordinates:array[dynamic]}")
        .constant(),
    scalar("geo_h3cell_neighbors", "h3cell:string -> array[string]")
        .constant(),
    scalar("geo_h3cell_children", "h3cell:string, resolution:number? -> array[string]")
        .constant(),
    scalar("geo_h3cell_parent", "h3cell:string, resolution:number? -> string")
        .constant(),
    scalar("geo_h3cell_rings", "h3cell:string, distance:number -> array[array[string]]")
        .constant(),
    scalar("geo_h3cell_level", "h3cell:string -> int")
        .constant(),
    scalar("geo_info_from_ip_address", "ip:string -> dynamic")
        .constant(),
];
