//! Instants and spans.

use crate::engine::expr::Cx;
use crate::engine::time::{self, DAY, SECOND, date_of, make};
use crate::engine::value::{Kind, Val, real_to_long};

fn date_arg(v: Option<&Val>) -> Option<i64> {
    match v?.borrow().to(Kind::Datetime) {
        Val::Date(n) => Some(n),
        _ => None,
    }
}
fn date(n: Option<i64>) -> Val<'static> {
    n.filter(|n| time::in_range(*n))
        .map_or(Val::Null, Val::Date)
}

/// `ago`
pub fn ago<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a.first().map(|v| v.borrow().to(Kind::Timespan)) {
        Some(Val::Span(n)) => date(cx.now.checked_sub(n)),
        _ => Val::Null,
    }
}
/// `now`
pub fn now<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a.first() {
        None => Val::Date(cx.now),
        Some(v) => match v.borrow().to(Kind::Timespan) {
            Val::Span(n) => date(cx.now.checked_add(n)),
            _ => Val::Null,
        },
    }
}

/// A value down to a multiple of a step, counted from another value.
fn down(v: &Val, step: &Val, from: Option<&Val>) -> Val<'static> {
    let ints = |x: i64, s: i64, zero: i64| -> Option<i64> {
        if s <= 0 {
            return None;
        }
        let d = i128::from(x) - i128::from(zero);
        i64::try_from(d.div_euclid(i128::from(s)) * i128::from(s) + i128::from(zero)).ok()
    };
    match (v, step) {
        (Val::Long(x), Val::Long(s)) => {
            let zero = from.and_then(Val::long).unwrap_or(0);
            ints(*x, *s, zero).map_or(Val::Null, Val::Long)
        }
        (Val::Date(x), Val::Span(s) | Val::Long(s)) => {
            let zero = from.and_then(Val::long).unwrap_or(-time::YEAR_1_TO_1970);
            date(ints(*x, *s, zero))
        }
        (Val::Span(x), Val::Span(s) | Val::Long(s)) => {
            let zero = from.and_then(Val::long).unwrap_or(0);
            ints(*x, *s, zero).map_or(Val::Null, Val::Span)
        }
        (Val::Dec(_), _) | (_, Val::Dec(_)) => match (v.real(), step.real()) {
            (Some(x), Some(s)) if s > 0.0 => {
                let zero = from.and_then(Val::real).unwrap_or(0.0);
                crate::engine::decimal::Dec::of_f64(((x - zero) / s).floor() * s + zero)
                    .map_or(Val::Null, Val::Dec)
            }
            _ => Val::Null,
        },
        _ => match (v.real(), step.real()) {
            (Some(x), Some(s))
                if s > 0.0 && !matches!((v, step), (Val::Span(_) | Val::Date(_), _)) =>
            {
                let zero = from.and_then(Val::real).unwrap_or(0.0);
                Val::Real(((x - zero) / s).floor() * s + zero)
            }
            _ => Val::Null,
        },
    }
}
/// `bin`, `floor`
pub fn bin<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a {
        [v, s] => down(&v.borrow().plain(), &s.borrow().plain(), None),
        _ => Val::Null,
    }
}
/// `bin_at`
pub fn bin_at<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a {
        [v, s, f] if !f.is_null() => down(
            &v.borrow().plain(),
            &s.borrow().plain(),
            Some(&f.borrow().plain()),
        ),
        _ => Val::Null,
    }
}

/// Days since 1970 and the ticks of the day.
fn split(n: i64) -> (i64, i64) {
    (n.div_euclid(DAY), n.rem_euclid(DAY))
}
/// The first of a month that is so many months after another.
fn month(y: i64, m: i64, add: i64) -> (i64, i64) {
    let k = y * 12 + (m - 1) + add;
    (k.div_euclid(12), k.rem_euclid(12) + 1)
}
fn start(n: i64, what: u8, add: i64) -> Option<i64> {
    let (d, _) = split(n);
    let (y, m, _) = date_of(d);
    match what {
        b'd' => d.checked_add(add)?.checked_mul(DAY),
        b'w' => {
            // weeks begin on Sunday; 1970 began on a Thursday
            let sunday = d - (d + 4).rem_euclid(7);
            sunday.checked_add(add.checked_mul(7)?)?.checked_mul(DAY)
        }
        b'm' => {
            let (y, m) = month(y, m, add);
            make(y, m, 1, 0, 0, 0, 0)
        }
        _ => make(y.checked_add(add)?, 1, 1, 0, 0, 0, 0),
    }
}
fn start_of<'a>(a: &[Val<'a>], what: u8, end: bool) -> Val<'a> {
    let add = match a.get(1) {
        None => 0,
        Some(v) => match v.long() {
            Some(n) if n.unsigned_abs() < 1_000_000_000 => n,
            _ => return Val::Null,
        },
    };
    let Some(n) = date_arg(a.first()) else {
        return Val::Null;
    };
    if end {
        return date(start(n, what, add + 1).map(|n| n - 1));
    }
    date(start(n, what, add))
}
macro_rules! starts {
    ($( $name:ident $what:literal $end:literal, )*) => {
        $( #[allow(missing_docs)] pub fn $name<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> { start_of(a, $what, $end) } )*
    };
}
starts! {
    startofday b'd' false, startofweek b'w' false, startofmonth b'm' false, startofyear b'y' false,
    endofday b'd' true, endofweek b'w' true, endofmonth b'm' true, endofyear b'y' true,
}

/// `dayofweek`: a span since Sunday.
pub fn dayofweek<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    date_arg(a.first()).map_or(Val::Null, |n| {
        Val::Span((split(n).0 + 4).rem_euclid(7) * DAY)
    })
}
fn part(n: i64, name: &str) -> Option<i64> {
    let (d, t) = split(n);
    let (y, m, day) = date_of(d);
    let s = t / SECOND;
    Some(match name {
        "year" => y,
        "quarter" => (m - 1) / 3 + 1,
        "month" | "monthofyear" => m,
        "week_of_year" | "weekofyear" | "week" => week(d),
        "day" => day,
        "dayofyear" => d - time::days_of(y, 1, 1) + 1,
        "hour" => s / 3600,
        "minute" => s / 60 % 60,
        "second" => s % 60,
        "millisecond" => t % SECOND / 10_000,
        "microsecond" => t % SECOND / 10,
        "nanosecond" => t % SECOND * 100,
        _ => return None,
    })
}
/// The ISO week of a day.
fn week(d: i64) -> i64 {
    // the week belongs to the year of its Thursday
    let thursday = d - (d + 3).rem_euclid(7) + 3;
    let (y, _, _) = date_of(thursday);
    (thursday - time::days_of(y, 1, 1)) / 7 + 1
}
fn part_of<'a>(a: &[Val<'a>], name: &str) -> Val<'a> {
    date_arg(a.first())
        .and_then(|n| part(n, name))
        .map_or(Val::Null, Val::Long)
}
macro_rules! parts {
    ($( $name:ident $what:literal, )*) => {
        $( #[allow(missing_docs)] pub fn $name<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> { part_of(a, $what) } )*
    };
}
parts! {
    dayofmonth "day", dayofyear "dayofyear", getmonth "month", getyear "year", hourofday "hour",
    monthofyear "month", week_of_year "week_of_year",
}
/// `datetime_part`
pub fn datetime_part<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [p, d] = a else { return Val::Null };
    let name = p.text().to_ascii_lowercase();
    date_arg(Some(d))
        .and_then(|n| part(n, &name))
        .map_or(Val::Null, Val::Long)
}
/// `datetime_add`
pub fn datetime_add<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [p, n, d] = a else { return Val::Null };
    let (Some(n), Some(d)) = (n.long(), date_arg(Some(d))) else {
        return Val::Null;
    };
    let name = p.text().to_ascii_lowercase();
    let months = |k: i64| -> Option<i64> {
        let (days, t) = split(d);
        let (y, m, day) = date_of(days);
        let k = n.checked_mul(k).filter(|k| k.unsigned_abs() < 200_000)?;
        let (y, m) = month(y, m, k);
        let day = day.min(time::month_days(y, m));
        make(y, m, day, 0, 0, 0, 0).map(|x| x + t)
    };
    date(match name.as_str() {
        "year" => months(12),
        "quarter" => months(3),
        "month" => months(1),
        "week" => n.checked_mul(7 * DAY).and_then(|x| d.checked_add(x)),
        "nanosecond" => d.checked_add(n / 100),
        u => time::unit(u)
            .and_then(|u| n.checked_mul(u))
            .and_then(|x| d.checked_add(x)),
    })
}
/// `datetime_diff`: how many bounds of the unit lie between.
pub fn datetime_diff<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [p, x, y] = a else { return Val::Null };
    let (Some(x), Some(y)) = (date_arg(Some(x)), date_arg(Some(y))) else {
        return Val::Null;
    };
    let name = p.text().to_ascii_lowercase();
    let months = |n: i64| {
        let (y, m, _) = date_of(split(n).0);
        y * 12 + m - 1
    };
    let n = match name.as_str() {
        "year" => months(x).div_euclid(12) - months(y).div_euclid(12),
        "quarter" => months(x).div_euclid(3) - months(y).div_euclid(3),
        "month" => months(x) - months(y),
        "week" => {
            let w = |n: i64| (split(n).0 + 4).div_euclid(7);
            w(x) - w(y)
        }
        "nanosecond" => x.saturating_sub(y).saturating_mul(100),
        u => match time::unit(u) {
            Some(u) => x.div_euclid(u) - y.div_euclid(u),
            None => return Val::Null,
        },
    };
    Val::Long(n)
}
/// `make_datetime`
pub fn make_datetime<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    if let [one] = a {
        return one.clone().to(Kind::Datetime);
    }
    let n = |i: usize| a.get(i).map_or(Some(0), Val::long);
    let seconds = a.get(5).map_or(Some(0.0), Val::real);
    let (Some(y), Some(m), Some(d), Some(h), Some(mi), Some(s)) =
        (n(0), n(1), n(2), n(3), n(4), seconds)
    else {
        return Val::Null;
    };
    let d = if a.len() < 3 { 1 } else { d };
    let ticks = real_to_long((s * SECOND as f64).round()).unwrap_or(-1);
    date(make(y, m, d, h, mi, ticks / SECOND, ticks % SECOND))
}
/// `make_timespan`
pub fn make_timespan<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let n: Vec<Option<f64>> = a.iter().map(Val::real).collect();
    let (d, h, m, s) = match n[..] {
        [Some(h), Some(m)] => (0.0, h, m, 0.0),
        [Some(h), Some(m), Some(s)] => (0.0, h, m, s),
        [Some(d), Some(h), Some(m), Some(s)] => (d, h, m, s),
        _ => return Val::Null,
    };
    let fine = d >= 0.0
        && (0.0..24.0).contains(&h)
        && (0.0..60.0).contains(&m)
        && (0.0..60.0).contains(&s);
    if !fine {
        return Val::Null;
    }
    real_to_long(
        (d * 86_400.0 + h * 3600.0 + m * 60.0) * SECOND as f64 + (s * SECOND as f64).round(),
    )
    .map_or(Val::Null, Val::Span)
}
fn unix<'a>(a: &[Val<'a>], per: f64) -> Val<'a> {
    match a.first() {
        Some(Val::Long(n)) => {
            let t = i128::from(*n) * (per * 100.0) as i128 / 100;
            date(i64::try_from(t).ok())
        }
        Some(v) => date(v.real().and_then(|n| real_to_long(n * per))),
        None => Val::Null,
    }
}
/// `unixtime_seconds_todatetime`
pub fn unix_seconds<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    unix(a, 1e7)
}
/// `unixtime_milliseconds_todatetime`
pub fn unix_milliseconds<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    unix(a, 1e4)
}
/// `unixtime_microseconds_todatetime`
pub fn unix_microseconds<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    unix(a, 10.0)
}
/// `unixtime_nanoseconds_todatetime`
pub fn unix_nanoseconds<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    unix(a, 0.01)
}

fn padded(n: i64, width: usize) -> String {
    // the formatter falls over widths of more than 16 bits
    let width = width.min(1 << 10);
    format!("{n:0width$}")
}
/// What a run of a letter stands for where instants and spans have it in common, by their ticks.
fn clock(c: char, k: usize, t: i64) -> Option<String> {
    let s = t / SECOND;
    let digits = padded(t % SECOND, 7);
    let digits = digits.get(..k.min(7)).unwrap_or("");
    Some(match c {
        'H' => padded(s / 3600 % 24, k),
        'm' => padded(s / 60 % 60, k),
        's' => padded(s % 60, k),
        'f' => digits.to_owned(),
        'F' => digits.trim_end_matches('0').to_owned(),
        _ => return None,
    })
}
/// `format_datetime`
pub fn format_datetime<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [d, f] = a else { return Val::Null };
    let Some(n) = date_arg(Some(d)) else {
        return crate::engine::value::text("");
    };
    let (days, t) = split(n);
    let (y, m, day) = date_of(days);
    let h = t / SECOND / 3600;
    let out = spelled(&f.text(), |c, k| {
        Some(match c {
            'y' if k <= 2 => padded(y % 100, k),
            'y' => padded(y, k),
            'M' => padded(m, k),
            'd' => padded(day, k),
            'h' => padded(if h % 12 == 0 { 12 } else { h % 12 }, k),
            't' => (if h < 12 { "AM" } else { "PM" })
                .get(..k.min(2))
                .unwrap_or("")
                .to_owned(),
            _ => return clock(c, k, t),
        })
    });
    crate::engine::value::text(out)
}
/// `format_timespan`
pub fn format_timespan<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [d, f] = a else { return Val::Null };
    let Val::Span(n) = d.borrow().to(Kind::Timespan) else {
        return crate::engine::value::text("");
    };
    let t = n.unsigned_abs() as i64;
    let out = spelled(&f.text(), |c, k| match c {
        'd' => Some(padded(t / DAY, k)),
        'h' => clock('H', k, t),
        _ => clock(c, k, t),
    });
    crate::engine::value::text(if n < 0 { format!("-{out}") } else { out })
}
/// Runs of one letter replaced by what they stand for, the rest as it is.
fn spelled(format: &str, f: impl Fn(char, usize) -> Option<String>) -> String {
    let mut out = String::new();
    let mut it = format.chars().peekable();
    while let Some(c) = it.next() {
        let mut k = 1;
        while it.peek() == Some(&c) {
            it.next();
            k += 1;
        }
        match f(c, k) {
            Some(s) => out.push_str(&s),
            None => (0..k).for_each(|_| out.push(c)),
        }
    }
    out
}
fn zone(a: &[Val], to_utc: bool) -> Option<i64> {
    let n = date_arg(a.first())?;
    let name = a.get(1)?.text();
    let tz = jiff::tz::TimeZone::get(&name).ok()?;
    let nanos = |t: i64| jiff::Timestamp::from_nanosecond(i128::from(t) * 100).ok();
    if to_utc {
        let civil = jiff::tz::TimeZone::UTC.to_datetime(nanos(n)?);
        let ts = tz.to_ambiguous_zoned(civil).compatible().ok()?.timestamp();
        return i64::try_from(ts.as_nanosecond() / 100).ok();
    }
    let offset = tz.to_offset(nanos(n)?);
    n.checked_add(i64::from(offset.seconds()) * SECOND)
}
/// `datetime_local_to_utc`
pub fn local_to_utc<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    date(zone(a, true))
}
/// `datetime_utc_to_local`
pub fn utc_to_local<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    date(zone(a, false))
}
/// `datetime_list_timezones`
pub fn datetime_list_timezones<'a>(_: &mut Cx, _: &[Val<'a>]) -> Val<'a> {
    let mut names: Vec<String> = jiff::tz::db()
        .available()
        .map(|n| crate::engine::json::quote(n.as_str()))
        .collect();
    names.sort();
    crate::engine::value::dynamic(format!("[{}]", names.join(",")))
}
