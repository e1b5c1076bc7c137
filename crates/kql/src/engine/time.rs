//! Instants and spans in ticks of 100 ns: calendar, reading, writing.

/// Ticks of a second.
pub const SECOND: i64 = 10_000_000;
/// Ticks of a day.
pub const DAY: i64 = 86_400 * SECOND;
/// Ticks from the year 1 to 1970.
pub const YEAR_1_TO_1970: i64 = 719_162 * DAY;
/// The last tick of the year 9999.
pub const LAST: i64 = 2_932_897 * DAY - 1;

/// Whether ticks since 1970 are between the years 1 and 9999.
pub fn in_range(ticks: i64) -> bool {
    (-YEAR_1_TO_1970..=LAST).contains(&ticks)
}

/// Days since 1970 of a date.
pub fn days_of(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// Year, month and day of days since 1970.
pub fn date_of(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(m <= 2), m, d)
}

/// How many days a month has.
pub fn month_days(y: i64, m: i64) -> i64 {
    match m {
        2 if y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Ticks of a date and a time of day; none where a part is out of its range.
pub fn make(y: i64, mo: i64, d: i64, h: i64, mi: i64, s: i64, frac: i64) -> Option<i64> {
    let fine = (1..=9999).contains(&y)
        && (1..=12).contains(&mo)
        && (1..=month_days(y, mo)).contains(&d)
        && (0..24).contains(&h)
        && (0..60).contains(&mi)
        && (0..60).contains(&s)
        && (0..SECOND).contains(&frac);
    fine.then(|| days_of(y, mo, d) * DAY + ((h * 60 + mi) * 60 + s) * SECOND + frac)
}

/// `2022-02-20T05:00:00.0000000Z`.
pub fn date_text(ticks: i64) -> String {
    let (days, rest) = (ticks.div_euclid(DAY), ticks.rem_euclid(DAY));
    let (y, m, d) = date_of(days);
    let s = rest / SECOND;
    format!(
        "{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}.{:07}Z",
        s / 3600,
        s / 60 % 60,
        s % 60,
        rest % SECOND
    )
}

/// `[-][d.]hh:mm:ss[.fffffff]`.
pub fn span_text(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let t = ticks.unsigned_abs();
    let (f, s) = (t % SECOND as u64, t / SECOND as u64);
    let (d, s) = (s / 86_400, s % 86_400);
    let mut out = String::from(sign);
    if d > 0 {
        out.push_str(&format!("{d}."));
    }
    out.push_str(&format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60));
    if f > 0 {
        out.push_str(&format!(".{f:07}"));
    }
    out
}

struct Scan<'a> {
    s: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> u8 {
        self.s.get(self.at).copied().unwrap_or(0)
    }
    fn eat(&mut self, b: u8) -> bool {
        let yes = self.peek() == b;
        self.at += usize::from(yes);
        yes
    }
    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t') {
            self.at += 1;
        }
    }
    /// A number of up to `most` digits; how many there were.
    fn number(&mut self, most: usize) -> Option<(i64, usize)> {
        let from = self.at;
        let mut n = 0i64;
        while self.at - from < most && self.peek().is_ascii_digit() {
            n = n * 10 + i64::from(self.peek() - b'0');
            self.at += 1;
        }
        (self.at > from).then_some((n, self.at - from))
    }
    /// Digits after a point as ticks; more than seven are cut.
    fn fraction(&mut self) -> i64 {
        let mut n = 0;
        let mut digits = 0;
        while self.peek().is_ascii_digit() {
            if digits < 7 {
                n = n * 10 + i64::from(self.peek() - b'0');
                digits += 1;
            }
            self.at += 1;
        }
        for _ in digits..7 {
            n *= 10;
        }
        n
    }
    fn word(&mut self) -> String {
        let from = self.at;
        while self.peek().is_ascii_alphabetic() {
            self.at += 1;
        }
        String::from_utf8_lossy(self.s.get(from..self.at).unwrap_or(&[])).to_ascii_lowercase()
    }
    fn end(&mut self) -> bool {
        self.blanks();
        self.at >= self.s.len()
    }
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

fn month_named(w: &str) -> Option<i64> {
    (w.len() >= 3)
        .then(|| MONTHS.iter().position(|m| w.starts_with(m)))
        .flatten()
        .map(|i| i as i64 + 1)
}

/// Reads an instant in the forms Kusto knows: ISO 8601, RFC 822 and 850, month names, US order.
pub fn parse_date(text: &str) -> Option<i64> {
    let text = text.trim();
    let mut s = Scan {
        s: text.as_bytes(),
        at: 0,
    };
    let (y, mo, d);
    if s.peek().is_ascii_alphabetic() {
        let mut w = s.word();
        if month_named(&w).is_none() {
            // a day of the week
            s.eat(b',');
            s.blanks();
            if s.peek().is_ascii_digit() {
                (y, mo, d) = day_month_year(&mut s)?;
                return time_part(&mut s, y, mo, d);
            }
            w = s.word();
        }
        mo = month_named(&w)?;
        s.eat(b'.');
        s.blanks();
        let (day, _) = s.number(2)?;
        s.eat(b',');
        s.blanks();
        let (year, digits) = s.number(4)?;
        if digits != 4 {
            return None;
        }
        (d, y) = (day, year);
        return time_part(&mut s, y, mo, d);
    }
    let (first, digits) = s.number(8)?;
    match (digits, s.peek()) {
        (8, _) => {
            // 20220131, perhaps with a time
            (y, mo, d) = (first / 10_000, first / 100 % 100, first % 100);
        }
        (4, 0) => return make(first, 1, 1, 0, 0, 0, 0),
        (4, b'-' | b'/' | b'.') => {
            let sep = s.peek();
            s.at += 1;
            let (m, _) = s.number(2)?;
            let day = if s.eat(sep) { s.number(2)?.0 } else { 1 };
            (y, mo, d) = (first, m, day);
        }
        (6, 0) => return make(first / 100, first % 100, 1, 0, 0, 0, 0),
        (1 | 2, b'/') => {
            s.at += 1;
            let (b, _) = s.number(2)?;
            if !s.eat(b'/') {
                return None;
            }
            let (year, n) = s.number(4)?;
            (y, mo, d) = (if n <= 2 { 2000 + year } else { year }, first, b);
        }
        (1 | 2, _) => {
            s.at = 0;
            (y, mo, d) = day_month_year(&mut s)?;
        }
        _ => return None,
    }
    time_part(&mut s, y, mo, d)
}

fn day_month_year(s: &mut Scan) -> Option<(i64, i64, i64)> {
    let (d, _) = s.number(2)?;
    if !s.eat(b'-') {
        s.blanks();
    }
    let mo = month_named(&s.word())?;
    if !s.eat(b'-') {
        s.blanks();
    }
    let (y, n) = s.number(4)?;
    Some((if n == 2 { 2000 + y } else { y }, mo, d))
}

fn time_part(s: &mut Scan, y: i64, mo: i64, d: i64) -> Option<i64> {
    let (mut h, mut mi, mut sec, mut frac) = (0, 0, 0, 0);
    if s.eat(b'T') || s.eat(b't') || s.peek() == b' ' {
        s.blanks();
        if s.peek().is_ascii_digit() {
            let (n, digits) = s.number(6)?;
            if digits > 2 {
                // 153045 without colons
                let n = if digits == 4 { n * 100 } else { n };
                (h, mi, sec) = (n / 10_000, n / 100 % 100, n % 100);
            } else {
                h = n;
                if s.eat(b':') {
                    mi = s.number(2)?.0;
                }
                if s.eat(b':') {
                    sec = s.number(2)?.0;
                }
            }
            if s.eat(b'.') || s.eat(b',') {
                frac = s.fraction();
            }
        }
    }
    s.blanks();
    if s.peek().is_ascii_alphabetic() && s.peek() != b'Z' && s.peek() != b'z' {
        match s.word().as_str() {
            "am" => h = if h == 12 { 0 } else { h },
            "pm" => h = if h < 12 { h + 12 } else { h },
            "gmt" | "utc" | "ut" => {}
            _ => return None,
        }
        s.blanks();
    }
    let mut shift = 0;
    if s.eat(b'Z') || s.eat(b'z') {
    } else if matches!(s.peek(), b'+' | b'-') {
        let sign = if s.peek() == b'-' { -1 } else { 1 };
        s.at += 1;
        let (a, n) = s.number(4)?;
        let (zh, zm) = if n > 2 {
            (a / 100, a % 100)
        } else if s.eat(b':') {
            (a, s.number(2)?.0)
        } else {
            (a, 0)
        };
        shift = sign * (zh * 60 + zm) * 60 * SECOND;
    }
    if !s.end() {
        return None;
    }
    // 24:00 is the next midnight
    let (h, extra) = if h == 24 && mi == 0 && sec == 0 && frac == 0 {
        (0, DAY)
    } else {
        (h, 0)
    };
    let t = make(y, mo, d, h, mi, sec, frac)? + extra - shift;
    in_range(t).then_some(t)
}

/// The ticks of a unit of time by any of its names.
pub fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "d" | "day" | "days" => DAY,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600 * SECOND,
        "m" | "min" | "minute" | "minutes" => 60 * SECOND,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "ms" | "milli" | "millis" | "millisec" | "millisecond" | "milliseconds" => SECOND / 1000,
        "us" | "micro" | "micros" | "microsec" | "microsecond" | "microseconds" => {
            SECOND / 1_000_000
        }
        "tick" | "ticks" => 1,
        _ => return None,
    })
}

/// Reads a span: `1.5h`, `2.03:04:05.6`, `3` (days).
pub fn parse_span(text: &str) -> Option<i64> {
    let text = text.trim();
    let (neg, body) = match text.strip_prefix('-') {
        Some(b) => (true, b.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let t = if body.contains(':') {
        clock_span(body)?
    } else {
        let cut = body
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(body.len());
        let (n, u) = body.split_at(cut);
        let n = n.trim();
        let u = u.trim().to_ascii_lowercase();
        if u == "ns" || u.starts_with("nano") {
            (n.parse::<f64>().ok()? / 100.0) as i64
        } else {
            let unit = if u.is_empty() { DAY } else { unit(&u)? };
            match n.parse::<i64>() {
                Ok(n) => n.checked_mul(unit)?,
                Err(_) if n.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
                    super::value::real_to_long((n.parse::<f64>().ok()? * unit as f64).round())?
                }
                Err(_) => return None,
            }
        }
    };
    Some(if neg { -t } else { t })
}

fn clock_span(body: &str) -> Option<i64> {
    let mut s = Scan {
        s: body.as_bytes(),
        at: 0,
    };
    let (mut a, _) = s.number(8)?;
    let mut days = 0;
    if s.eat(b'.') {
        days = a;
        a = s.number(2)?.0;
    }
    if !s.eat(b':') {
        return None;
    }
    let (b, _) = s.number(2)?;
    let (mut c, mut frac) = (0, 0);
    if s.eat(b':') {
        c = s.number(2)?.0;
        if s.eat(b'.') {
            frac = s.fraction();
        } else if s.eat(b':') {
            // d:hh:mm:ss
            (days, a) = (a, b);
            let d = s.number(2)?.0;
            return (s.end() && a < 24 && c < 60 && d < 60)
                .then(|| days * DAY + ((a * 60 + c) * 60 + d) * SECOND);
        }
    }
    if !s.end() || b >= 60 || c >= 60 || (days > 0 && a >= 24) || a > 23 && days == 0 && a >= 24 {
        return None;
    }
    days.checked_mul(DAY)?
        .checked_add(((a * 60 + b) * 60 + c) * SECOND + frac)
}
