//! Rows of functions: places on the globe.
//!
//! Signatures as data; `signature.rs` reads them. Help and examples are our own words.

use super::row::{Row, scalar};
use crate::engine::eval;

/// The rows of this family.
pub const ROWS: &[Row] = &[
    scalar("geo_from_wkt", "wkt:textarray -> bag{type:string,coordinates:array[dynamic]}")
        .help("Reads well-known text into GeoJSON.", "geo_from_wkt(\"POINT (13 52)\")")
        .constant(),
    scalar("geo_angle", "p1_longitude:number, p1_latitude:number, p2_longitude:number, p2_latitude:number, p3_longitude:number, p3_latitude:number -> real")
        .help("The angle between two lines that meet in a point.", "geo_angle(1, 2, 3, 4, 5, 6)")
        .constant(),
    scalar("geo_azimuth", "p1_longitude:number, p1_latitude:number, p2_longitude:number, p2_latitude:number -> real")
        .eval(eval::geo::geo_azimuth)
        .help("The bearing from one point to another, in radians.", "geo_azimuth(13, 52, 2, 48)")
        .constant(),
    scalar("geo_closest_point_on_line", "longitude:number, latitude:number, lineString:bag -> bag{type:string,coordinates:array[dynamic]}")
        .help("The point of a line nearest to a point.", "geo_closest_point_on_line(13, 52, Line)")
        .constant(),
    scalar("geo_closest_point_on_polygon", "longitude:number, latitude:number, polygon:bag -> bag{type:string,coordinates:array[dynamic]}")
        .help("The point of a polygon nearest to a point.", "geo_closest_point_on_polygon(13, 52, Polygon)")
        .constant(),
    scalar("geo_distance_2points", "p1_longitude:number, p1_latitude:number, p2_longitude:number, p2_latitude:number, use_spheroid:numbool? -> real")
        .eval(eval::geo::geo_distance_2points)
        .help("The metres between two points.", "geo_distance_2points(Lon1, Lat1, Lon2, Lat2)")
        .constant(),
    scalar("geo_distance_point_to_line", "longitude:number, latitude:number, lineString:bag -> real")
        .help("The metres from a point to a line.", "geo_distance_point_to_line(13, 52, Line)")
        .constant(),
    scalar("geo_distance_point_to_polygon", "longitude:number, latitude:number, polygon:bag -> real")
        .help("The metres from a point to a polygon.", "geo_distance_point_to_polygon(13, 52, Polygon)")
        .constant(),
    scalar("geo_point_in_circle", "p_longitude:number, p_latitude:number, pc_longitude:number, pc_latitude:number, c_radius:number -> bool")
        .eval(eval::geo::geo_point_in_circle)
        .help("Whether a point lies within metres of another.", "geo_point_in_circle(Lon, Lat, 13, 52, 10000)")
        .constant(),
    scalar("geo_point_in_polygon", "longitude:number, latitude:number, polygon:bag -> bool")
        .eval(eval::geo::geo_point_in_polygon)
        .help("Whether a point lies in a polygon.", "geo_point_in_polygon(Lon, Lat, Polygon)")
        .constant(),
    scalar("geo_intersects_2lines", "lineString1:bag, lineString2:bag -> bool")
        .help("Whether two lines meet.", "geo_intersects_2lines(A, B)")
        .constant(),
    scalar("geo_intersects_line_with_polygon", "lineString:bag, polygon:bag -> bool")
        .help("Whether a line meets a polygon.", "geo_intersects_line_with_polygon(Line, Polygon)")
        .constant(),
    scalar("geo_intersects_2polygons", "polygon1:bag, polygon2:bag -> bool")
        .help("Whether two polygons meet.", "geo_intersects_2polygons(A, B)")
        .constant(),
    scalar("geo_intersection_2lines", "lineString1:bag, lineString2:bag -> bag{type:string,coordinates:array[dynamic]}")
        .help("Where two lines meet.", "geo_intersection_2lines(A, B)")
        .constant(),
    scalar("geo_intersection_line_with_polygon", "lineString:bag, polygon:bag -> bag{type:string,coordinates:array[dynamic]}")
        .help("The part of a line that lies in a polygon.", "geo_intersection_line_with_polygon(Line, Polygon)")
        .constant(),
    scalar("geo_intersection_2polygons", "polygon1:bag, polygon2:bag -> bag{type:string,coordinates:array[dynamic]}")
        .help("The part that two polygons share.", "geo_intersection_2polygons(A, B)")
        .constant(),
    scalar("geo_union_polygons_array", "polygons:array -> bag{type:string,coordinates:array[dynamic]}")
        .help("Joins an array of polygons.", "geo_union_polygons_array(Polygons)")
        .constant(),
    scalar("geo_simplify_polygons_array", "polygons:array, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .help("Simplifies an array of polygons that border on each other.", "geo_simplify_polygons_array(Polygons, 100)")
        .constant(),
    scalar("geo_union_lines_array", "lineStrings:array -> bag{type:string,coordinates:array[dynamic]}")
        .help("Joins an array of lines.", "geo_union_lines_array(Lines)")
        .constant(),
    scalar("geo_polygon_to_h3cells", "polygon:bag, resolution:number?, radius:number? -> array[string]")
        .help("The H3 cells that cover a polygon.", "geo_polygon_to_h3cells(Polygon, 6)")
        .constant(),
    scalar("geo_polygon_to_s2cells", "polygon:bag, level:number?, radius:number? -> array[string]")
        .help("The S2 cells that cover a polygon.", "geo_polygon_to_s2cells(Polygon, 10)")
        .constant(),
    scalar("geo_polygon_densify", "polygon:bag, tolerance:number?, preserve_crossing:numbool? -> bag{type:string,coordinates:array[dynamic]}")
        .help("A polygon with points added along its long edges.", "geo_polygon_densify(Polygon, 10000)")
        .constant(),
    scalar("geo_polygon_area", "polygon:bag -> real")
        .help("The square metres of a polygon.", "geo_polygon_area(Polygon)")
        .constant(),
    scalar("geo_polygon_buffer", "polygon:bag, radius:number, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .help("A polygon grown by metres.", "geo_polygon_buffer(Polygon, 100)")
        .constant(),
    scalar("geo_polygon_centroid", "polygon:bag -> bag{type:string,coordinates:array[dynamic]}")
        .help("The centre of a polygon.", "geo_polygon_centroid(Polygon)")
        .constant(),
    scalar("geo_polygon_perimeter", "polygon:bag -> real")
        .eval(eval::geo::geo_polygon_perimeter)
        .help("The metres round a polygon.", "geo_polygon_perimeter(Polygon)")
        .constant(),
    scalar("geo_polygon_simplify", "polygon:bag, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .help("A polygon with fewer points.", "geo_polygon_simplify(Polygon, 100)")
        .constant(),
    scalar("geo_line_length", "lineString:bag -> real")
        .eval(eval::geo::geo_line_length)
        .help("The metres of a line.", "geo_line_length(Line)")
        .constant(),
    scalar("geo_line_buffer", "lineString:bag, radius:number, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .help("The area within metres of a line.", "geo_line_buffer(Line, 100)")
        .constant(),
    scalar("geo_line_centroid", "lineString:bag -> bag{type:string,coordinates:array[dynamic]}")
        .help("The centre of a line.", "geo_line_centroid(Line)")
        .constant(),
    scalar("geo_line_densify", "lineString:bag, tolerance:number?, preserve_crossing:numbool? -> bag{type:string,coordinates:array[dynamic]}")
        .help("A line with points added along its long edges.", "geo_line_densify(Line, 10000)")
        .constant(),
    scalar("geo_line_simplify", "lineString:bag, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .help("A line with fewer points.", "geo_line_simplify(Line, 100)")
        .constant(),
    scalar("geo_line_locate_point", "lineString:bag, longitude:number, latitude:number, use_spheroid:numbool? -> real")
        .help("How far along a line, from zero to one, a point is.", "geo_line_locate_point(Line, 13, 52)")
        .constant(),
    scalar("geo_line_interpolate_point", "lineString:bag, fraction:number -> bag{type:string,coordinates:array[dynamic]}")
        .help("The point so far along a line.", "geo_line_interpolate_point(Line, 0.5)")
        .constant(),
    scalar("geo_line_to_s2cells", "lineString:bag, level:number?, radius:number? -> array[string]")
        .help("The S2 cells that cover a line.", "geo_line_to_s2cells(Line, 10)")
        .constant(),
    scalar("geo_point_to_geohash", "longitude:number, latitude:number, accuracy:number? -> string")
        .eval(eval::geo::geo_point_to_geohash)
        .help("The geohash of a point.", "geo_point_to_geohash(Lon, Lat, 5)")
        .constant(),
    scalar("geo_geohash_to_central_point", "geohash:string -> bag{type:string,coordinates:array[dynamic]}")
        .eval(eval::geo::geo_geohash_to_central_point)
        .help("The centre of a geohash.", "geo_geohash_to_central_point(\"u33db\")")
        .constant(),
    scalar("geo_geohash_to_polygon", "geohash:string -> bag{type:string,coordinates:array[dynamic]}")
        .eval(eval::geo::geo_geohash_to_polygon)
        .help("The area of a geohash.", "geo_geohash_to_polygon(\"u33db\")")
        .constant(),
    scalar("geo_geohash_neighbors", "geohash:string -> array[string]")
        .eval(eval::geo::geo_geohash_neighbors)
        .help("The geohashes that border on one.", "geo_geohash_neighbors(\"u33db\")")
        .constant(),
    scalar("geo_point_buffer", "longitude:number, latitude:number, radius:number, tolerance:number? -> bag{type:string,coordinates:array[dynamic]}")
        .help("The area within metres of a point.", "geo_point_buffer(13, 52, 100)")
        .constant(),
    scalar("geo_point_to_s2cell", "longitude:number, latitude:number, level:number? -> string")
        .help("The S2 cell of a point.", "geo_point_to_s2cell(Lon, Lat, 8)")
        .constant(),
    scalar("geo_s2cell_to_central_point", "s2cell:string -> bag{type:string,coordinates:array[dynamic]}")
        .help("The centre of an S2 cell.", "geo_s2cell_to_central_point(\"47a851\")")
        .constant(),
    scalar("geo_s2cell_to_polygon", "s2cell:string -> bag{type:string,coordinates:array[dynamic]}")
        .help("The area of an S2 cell.", "geo_s2cell_to_polygon(\"47a851\")")
        .constant(),
    scalar("geo_s2cell_neighbors", "s2cell:string -> array[string]")
        .help("The S2 cells that border on one.", "geo_s2cell_neighbors(\"47a851\")")
        .constant(),
    scalar("geo_point_to_h3cell", "longitude:number, latitude:number, resolution:number? -> string")
        .help("The H3 cell of a point.", "geo_point_to_h3cell(Lon, Lat, 6)")
        .constant(),
    scalar("geo_h3cell_to_central_point", "h3cell:string -> bag{type:string,coordinates:array[dynamic]}")
        .help("The centre of an H3 cell.", "geo_h3cell_to_central_point(\"861f1d48fffffff\")")
        .constant(),
    scalar("geo_h3cell_to_polygon", "h3cell:string -> bag{type:string,coordinates:array[dynamic]}")
        .help("The area of an H3 cell.", "geo_h3cell_to_polygon(\"861f1d48fffffff\")")
        .constant(),
    scalar("geo_h3cell_neighbors", "h3cell:string -> array[string]")
        .help("The H3 cells that border on one.", "geo_h3cell_neighbors(\"861f1d48fffffff\")")
        .constant(),
    scalar("geo_h3cell_children", "h3cell:string, resolution:number? -> array[string]")
        .help("The finer H3 cells inside one.", "geo_h3cell_children(\"861f1d48fffffff\")")
        .constant(),
    scalar("geo_h3cell_parent", "h3cell:string, resolution:number? -> string")
        .help("The coarser H3 cell round one.", "geo_h3cell_parent(\"861f1d48fffffff\")")
        .constant(),
    scalar("geo_h3cell_rings", "h3cell:string, distance:number -> array[array[string]]")
        .help("The H3 cells about one, ring by ring.", "geo_h3cell_rings(\"861f1d48fffffff\", 2)")
        .constant(),
    scalar("geo_h3cell_level", "h3cell:string -> int")
        .help("How fine an H3 cell is.", "geo_h3cell_level(\"861f1d48fffffff\")")
        .constant(),
    scalar("geo_info_from_ip_address", "ip:string -> dynamic")
        .eval(eval::network::geo_info)
        .help("Country, place and coordinates of an address.", "geo_info_from_ip_address(RemoteIP).country")
        .constant(),
];
