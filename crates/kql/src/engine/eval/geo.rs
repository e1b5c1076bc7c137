//! Places on the globe: distances, circles, polygons, geohashes.

use super::strings::{n, s};
use crate::engine::expr::Cx;
use crate::engine::json;
use crate::engine::value::{Val, dynamic, text};

/// The mean radius of the earth in metres.
const RADIUS: f64 = 6_371_010.0;

/// Longitude and latitude in degrees.
type Point = (f64, f64);

fn point(a: &[Val], i: usize) -> Option<Point> {
    let p = (a.get(i)?.real()?, a.get(i + 1)?.real()?);
    valid(p).then_some(p)
}
fn valid(p: Point) -> bool {
    (-180.0..=180.0).contains(&p.0) && (-90.0..=90.0).contains(&p.1)
}
fn real<'a>(v: Option<f64>) -> Val<'a> {
    v.map_or(Val::Null, Val::Real)
}
/// Along a great circle.
fn distance(a: Point, b: Point) -> f64 {
    let (la, lb) = (a.1.to_radians(), b.1.to_radians());
    let (dla, dlo) = ((lb - la) / 2.0, (b.0 - a.0).to_radians() / 2.0);
    let h = dla.sin().powi(2) + la.cos() * lb.cos() * dlo.sin().powi(2);
    2.0 * RADIUS * h.sqrt().min(1.0).asin()
}
/// `geo_distance_2points`
pub fn geo_distance_2points<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    real(match (point(a, 0), point(a, 2)) {
        (Some(p), Some(q)) => Some(distance(p, q)),
        _ => None,
    })
}
/// `geo_azimuth`: the bearing from north, clockwise, in radians.
pub fn geo_azimuth<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(p), Some(q)) = (point(a, 0), point(a, 2)) else {
        return Val::Null;
    };
    let (lp, lq, d) = (p.1.to_radians(), q.1.to_radians(), (q.0 - p.0).to_radians());
    let y = d.sin() * lq.cos();
    let x = lp.cos() * lq.sin() - lp.sin() * lq.cos() * d.cos();
    Val::Real(y.atan2(x).rem_euclid(2.0 * std::f64::consts::PI))
}
/// `geo_point_in_circle`
pub fn geo_point_in_circle<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match (point(a, 0), point(a, 2), a.get(4).and_then(Val::real)) {
        (Some(p), Some(c), Some(r)) if r >= 0.0 => Val::Bool(distance(p, c) <= r),
        _ => Val::Null,
    }
}
fn pair(s: &str) -> Option<Point> {
    let mut e = json::elements(s).map(|x| json::plain(x).real());
    let p = (e.next()??, e.next()??);
    valid(p).then_some(p)
}
fn points(s: &str) -> Option<Vec<Point>> {
    json::elements(s).map(pair).collect()
}
/// The polygons of a GeoJSON polygon or several: rings, the outer one first.
fn polygons(v: &Val) -> Option<Vec<Vec<Vec<Point>>>> {
    let Val::Dyn(s) = v else { return None };
    let coordinates = json::member(s, "coordinates")?;
    let rings = |s: &str| -> Option<Vec<Vec<Point>>> { json::elements(s).map(points).collect() };
    match &*json::text_of(json::member(s, "type")?) {
        "Polygon" => Some(vec![rings(coordinates)?]),
        "MultiPolygon" => json::elements(coordinates).map(rings).collect(),
        _ => None,
    }
}
fn in_ring(p: Point, ring: &[Point]) -> bool {
    let mut inside = false;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + ring.len() - 1) % ring.len()];
        let crosses = (a.1 > p.1) != (b.1 > p.1);
        if crosses && p.0 < (b.0 - a.0) * (p.1 - a.1) / (b.1 - a.1) + a.0 {
            inside = !inside;
        }
    }
    inside
}
/// `geo_point_in_polygon`: edges are straight between longitudes and latitudes.
pub fn geo_point_in_polygon<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(p), Some(list)) = (point(a, 0), a.get(2).and_then(polygons)) else {
        return Val::Null;
    };
    let inside = list.iter().any(|rings| {
        let mut rings = rings.iter();
        rings.next().is_some_and(|outer| in_ring(p, outer)) && !rings.any(|hole| in_ring(p, hole))
    });
    Val::Bool(inside)
}
/// The lines of a GeoJSON line or several.
fn lines(v: &Val) -> Option<Vec<Vec<Point>>> {
    let Val::Dyn(s) = v else { return None };
    let coordinates = json::member(s, "coordinates")?;
    match &*json::text_of(json::member(s, "type")?) {
        "LineString" => Some(vec![points(coordinates)?]),
        "MultiLineString" => json::elements(coordinates).map(points).collect(),
        _ => None,
    }
}
fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|w| distance(w[0], w[1])).sum()
}
/// `geo_line_length`
pub fn geo_line_length<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    real(
        a.first()
            .and_then(lines)
            .map(|l| l.iter().map(|x| length(x)).sum()),
    )
}
/// `geo_polygon_perimeter`
pub fn geo_polygon_perimeter<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let all = a.first().and_then(polygons);
    real(all.map(|p| p.iter().flatten().map(|ring| length(ring)).sum()))
}

const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// `geo_point_to_geohash`
pub fn geo_point_to_geohash<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let size = n(a, 2).unwrap_or(5);
    match point(a, 0) {
        Some(p) if (1..=18).contains(&size) => text(geohash(p, size as usize)),
        _ => text(""),
    }
}
fn geohash(p: Point, size: usize) -> String {
    let mut bounds = [(-180.0, 180.0), (-90.0, 90.0)];
    let mut out = String::with_capacity(size);
    let mut digit = 0usize;
    for bit in 0..size * 5 {
        let (low, high) = &mut bounds[bit % 2];
        let v = if bit % 2 == 0 { p.0 } else { p.1 };
        let middle = (*low + *high) / 2.0;
        digit <<= 1;
        if v >= middle {
            digit |= 1;
            *low = middle;
        } else {
            *high = middle;
        }
        if bit % 5 == 4 {
            out.push(char::from(DIGITS[digit]));
            digit = 0;
        }
    }
    out
}
/// West, east, south, north of a geohash.
fn bounds(hash: &str) -> Option<(f64, f64, f64, f64)> {
    if hash.is_empty() || hash.len() > 18 {
        return None;
    }
    let mut b = [(-180.0, 180.0), (-90.0, 90.0)];
    for (i, c) in hash.bytes().enumerate() {
        let digit = DIGITS.iter().position(|d| *d == c.to_ascii_lowercase())?;
        for bit in 0..5 {
            let (low, high) = &mut b[(i * 5 + bit) % 2];
            let middle = (*low + *high) / 2.0;
            if digit >> (4 - bit) & 1 == 1 {
                *low = middle;
            } else {
                *high = middle;
            }
        }
    }
    Some((b[0].0, b[0].1, b[1].0, b[1].1))
}
fn number(x: f64) -> String {
    json::real(x)
}
/// `geo_geohash_to_central_point`
pub fn geo_geohash_to_central_point<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match bounds(&s(a, 0)) {
        Some((w, e, so, no)) => dynamic(format!(
            "{{\"type\":\"Point\",\"coordinates\":[{},{}]}}",
            number((w + e) / 2.0),
            number((so + no) / 2.0)
        )),
        None => Val::Null,
    }
}
/// `geo_geohash_to_polygon`
pub fn geo_geohash_to_polygon<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some((w, e, so, no)) = bounds(&s(a, 0)) else {
        return Val::Null;
    };
    let corners = [(w, so), (e, so), (e, no), (w, no), (w, so)];
    let list: Vec<String> = corners
        .iter()
        .map(|(x, y)| format!("[{},{}]", number(*x), number(*y)))
        .collect();
    dynamic(format!(
        "{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}",
        list.join(",")
    ))
}
/// `geo_geohash_neighbors`
pub fn geo_geohash_neighbors<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let hash = s(a, 0);
    let Some((w, e, so, no)) = bounds(&hash) else {
        return Val::Null;
    };
    let (width, height) = (e - w, no - so);
    let (x, y) = ((w + e) / 2.0, (so + no) / 2.0);
    let around = [
        (-1, -1),
        (0, -1),
        (1, -1),
        (-1, 0),
        (1, 0),
        (-1, 1),
        (0, 1),
        (1, 1),
    ];
    let list: Vec<String> = around
        .iter()
        .map(|(dx, dy)| (x + f64::from(*dx) * width, y + f64::from(*dy) * height))
        .filter(|p| (-90.0..=90.0).contains(&p.1))
        .map(|(x, y)| {
            let x = (x + 180.0).rem_euclid(360.0) - 180.0;
            json::quote(&geohash((x, y), hash.len()))
        })
        .collect();
    dynamic(format!("[{}]", list.join(",")))
}
