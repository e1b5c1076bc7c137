//! A day of the secure score, and a control of it: figures, what changed, what to do, what was decided.

use super::own;
use super::parts::{field, time, word, words};
use crate::model::{EntityRef, Json, Key, Kind};
use crate::resource::device_score::{self, CONFIGURATION};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::posture::{self, Change, Day};
use crate::resource::{Answer, Section, Subject, plain};
use table::Text;

pub static DAY: &[Section] = &[
    own("day", "Day", day),
    own("changes", "Changes", changes),
    own("controls", "Controls", controls),
];

pub static CONTROL: &[Section] = &[
    own("control", "Control", control),
    own("history", "History", history),
    own("decisions", "Decisions", decisions),
];

pub static DEVICE_SCORE: &[Section] = &[own("score", "Score", device_score)];

/// Names of the averages, as the service has them.
const BASES: &[(&str, &str)] = &[
    ("AllTenants", "all tenants"),
    ("TotalSeats", "tenants of this size"),
    ("IndustryTypes", "tenants of this trade"),
];

fn points(n: f64) -> String {
    format!("{n:.2}")
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// A value of ours as a field.
fn said(doc: &mut Doc, name: &'static str, text: String) {
    doc.push(0, Form::Field(name, vec![Value::Own(text)]));
}

fn day(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    let (current, max) = (j.real("currentScore"), j.real("maxScore"));
    let of = |n: Option<f64>| n.map_or("not told".to_owned(), points);
    said(doc, "score", format!("{} of {}", of(current), of(max)));
    if let Some(part) = posture::percent(current, max) {
        said(doc, "part", format!("{part:.1} %"));
    }
    time(doc, "day", j, "createdDateTime");
    for average in j.list("averageComparativeScores") {
        let basis = average.str("basis").unwrap_or("?");
        let known = BASES.iter().find(|(b, _)| *b == basis);
        let mut row = vec![match known {
            Some((_, words)) => Value::Own((*words).to_owned()),
            None => Value::Text(Text::from(basis)),
        }];
        row.extend(average.real("averageScore").map(|n| Value::Own(points(n))));
        for extra in [
            "industryName",
            "SeatSizeRangeLowerValue",
            "SeatSizeRangeUpperValue",
        ] {
            row.extend(average.text(extra).map(Value::Text));
        }
        doc.push(0, Form::Field("average", row));
    }
    field(doc, "active users", j, "activeUserCount");
    field(doc, "licensed users", j, "licensedUserCount");
    let mut groups: Vec<(Text, f64)> = Vec::new();
    for c in j.list("controlScores") {
        let (Some(name), Some(n)) = (c.text("controlCategory"), c.real("score")) else {
            continue;
        };
        match groups.iter_mut().find(|(g, _)| *g == name) {
            Some((_, sum)) => *sum += n,
            None => groups.push((name, n)),
        }
    }
    doc.head("By category", None);
    for (name, sum) in groups {
        doc.push(
            0,
            Form::Row(vec![
                Value::Text(name),
                Value::Own(format!("{} points", points(sum))),
            ]),
        );
    }
    words(doc, "services", j, "enabledServices");
}

/// The two days to compare: both of two marked ones, else the marked one and this, else a week before and this.
fn chosen(s: &Subject<'_>) -> Option<(Day, Day, &'static str)> {
    let marked = s.known.marked(Kind::Score);
    let this = posture::day(s.known, s.key)?;
    let pick = |key: &Key| posture::day(s.known, key);
    let (a, b, how) = match marked.as_slice() {
        [a, b] => (pick(a)?, pick(b)?, "the two marked days"),
        [one] if one != s.key => (pick(one)?, this, "the marked day and this one"),
        _ => {
            let days: Vec<Day> = posture::days(s.known);
            let at = days.iter().position(|d| d.id == this.id)?;
            let tail = days.get(at..)?;
            let old = posture::before(tail, posture::WEEK).or(tail.get(1))?;
            (
                posture::with_controls(s.known, old),
                this,
                "a week before; mark a day, or two, to choose",
            )
        }
    };
    Some(if a.at <= b.at {
        (a, b, how)
    } else {
        (b, a, how)
    })
}

fn title_of(s: &Subject<'_>, control: &str) -> (Option<Text>, Key) {
    let key = Key::new(Kind::Control, control);
    let title = match s.known.cell(&key, "title") {
        Some(table::Value::Text(t)) => Some(t),
        _ => None,
    };
    (title, key)
}

fn changes(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let Some((old, new, how)) = chosen(s) else {
        return doc.note(Tone::Dim, "there is no other day to compare with");
    };
    said(doc, "from", posture::day_of(old.at));
    said(doc, "to", format!("{} ({how})", posture::day_of(new.at)));
    let by = new.current - old.current;
    said(
        doc,
        "score",
        format!(
            "{} → {} ({by:+.2})",
            points(old.current),
            points(new.current)
        ),
    );
    let all = posture::difference(&old, &new);
    doc.head("Controls that changed", Some(all.len()));
    if all.is_empty() {
        doc.note(Tone::Dim, "no control changed between these days");
    }
    for c in &all {
        change(s, c, doc);
    }
}

fn change(s: &Subject<'_>, c: &Change, doc: &mut Doc) {
    let tone = if c.by() < 0.0 { Tone::High } else { Tone::Good };
    let (title, _) = title_of(s, &c.control);
    let mut row = vec![Value::Word(tone, format!("{:+.2}", c.by()))];
    row.push(Value::Text(
        title.unwrap_or_else(|| Text::from(c.control.as_str())),
    ));
    doc.push(0, Form::Row(row)).target = Some(EntityRef::Control(Text::from(c.control.as_str())));
    let had = |n: Option<f64>| n.map_or("not there".to_owned(), points);
    let mut what = format!("{} → {} points", had(c.before), had(c.after));
    if let [Some((a, of)), Some((b, now_of))] = c.done
        && (a, of) != (b, now_of)
    {
        what.push_str(&format!(", {a} of {of} → {b} of {now_of} done"));
    }
    doc.push(1, Form::Row(vec![Value::Word(Tone::Dim, what)]));
}

fn controls(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let mut all: Vec<Json<'_>> = s.entity.list("controlScores").collect();
    all.sort_by(|a, b| {
        let part = |j: &Json<'_>| j.real("score").unwrap_or(0.0);
        part(b).total_cmp(&part(a))
    });
    let known = s.known.complete(Kind::Control);
    let gone: Vec<&Json<'_>> = all
        .iter()
        .filter(|c| {
            known
                && c.str("controlName")
                    .is_some_and(|n| s.known.cell(&Key::new(Kind::Control, n), "id").is_none())
        })
        .collect();
    if !gone.is_empty() {
        let one = if gone.len() == 1 {
            "control has"
        } else {
            "controls have"
        };
        doc.note(
            Tone::Medium,
            format!("{} {one} no description any more: the service counts points and names nothing else", gone.len()),
        );
    }
    let gone: Vec<&str> = gone.iter().filter_map(|c| c.str("controlName")).collect();
    for c in &all {
        let Some(name) = c.text("controlName") else {
            continue;
        };
        let (title, _) = title_of(s, name.txt().exact());
        let had = c.real("score").map_or("?".to_owned(), points);
        let mut row = vec![Value::Own(format!("{had:<6}"))];
        row.push(Value::Text(title.unwrap_or_else(|| name.clone())));
        if gone.contains(&name.txt().exact()) {
            row.push(Value::Word(Tone::Medium, "no description any more".into()));
        }
        let line = doc.push(0, Form::Row(row));
        line.target = Some(EntityRef::Control(name));
    }
}

fn control(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(title) = j.text("title") {
        doc.push(0, Form::Head(Value::Text(title), None));
    }
    let real = |column: &str| match s.known.cell(s.key, column) {
        Some(table::Value::Real(n)) => Some(n),
        _ => None,
    };
    let max = j.real("maxScore");
    let of = max.map_or(String::new(), |m| format!(" of {}", points(m)));
    match (real("score"), real("gain")) {
        (Some(had), Some(gain)) => said(
            doc,
            "points",
            format!("{}{of}, {} to gain", points(had), points(gain)),
        ),
        _ if s.known.complete(Kind::Score) => doc.note(
            Tone::Dim,
            "the newest score does not count this control: it does not apply here, or not yet",
        ),
        _ => said(doc, "points", format!("…{of}")),
    }
    if let Some(change) = real("change").filter(|n| *n < 0.0) {
        doc.note(
            Tone::High,
            format!("{} points fewer than a week before", points(-change)),
        );
    }
    let state = posture::state_of(j);
    let known = posture::STATES
        .iter()
        .find(|(w, _)| w.eq_ignore_ascii_case(state));
    let state = match known {
        Some((word, portal)) => Value::Own(format!("{portal} ({word})")),
        None => Value::Text(Text::from(state)),
    };
    doc.push(0, Form::Field("state", vec![state]));
    if let Some(d) = posture::decision(j) {
        doc.text("note", d.text("comment"));
        doc.text("decided by", d.text("updatedBy"));
        doc.text("assigned to", d.text("assignedTo"));
    }
    for (name, key) in [
        ("cost", "implementationCost"),
        ("user impact", "userImpact"),
    ] {
        doc.field(name, j.str(key).map(|w| word(effort_tone, w)));
    }
    field(doc, "rank", j, "rank");
    field(doc, "category", j, "controlCategory");
    field(doc, "service", j, "service");
    field(doc, "tier", j, "tier");
    field(doc, "kind", j, "actionType");
    // each of several words: a blank would not part them
    let threats: Vec<&str> = j.list("threats").filter_map(Json::as_str).collect();
    doc.text(
        "threats",
        (!threats.is_empty()).then(|| Text::from(threats.join(", "))),
    );
    if j.bool("deprecated") == Some(true) {
        doc.note(Tone::Medium, "the service calls it deprecated");
    }
    for (title, key) in [
        ("What to do", "remediation"),
        ("What users notice", "remediationImpact"),
    ] {
        let text = j.str(key).map(plain::of_html).filter(|t| !t.is_empty());
        if let Some(text) = text {
            doc.head(title, None);
            doc.push(0, Form::Prose(Text::from(text)));
        }
    }
    if let Some(url) = j.text("actionUrl") {
        doc.head("Where", None);
        doc.push(0, Form::Row(vec![Value::Text(url)]));
    }
    field(doc, "id", j, "id");
}

fn effort_tone(word: &str) -> Tone {
    match word.to_ascii_lowercase().as_str() {
        "high" => Tone::High,
        "moderate" => Tone::Medium,
        "low" => Tone::Good,
        _ => Tone::Plain,
    }
}

/// The days on which its points changed, newest first.
fn history(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let id = s.key.id.txt().exact();
    let days: Vec<Day> = posture::days(s.known)
        .iter()
        .map(|d| posture::with_controls(s.known, d))
        .collect();
    let mut any = false;
    for pair in days.windows(2) {
        let [new, old] = pair else { continue };
        let (a, b) = (old.controls.get(id), new.controls.get(id));
        let (before, after) = (a.map(|h| h.score), b.map(|h| h.score));
        let by = after.unwrap_or(0.0) - before.unwrap_or(0.0);
        if by.abs() < 0.005 && before.is_some() == after.is_some() {
            continue;
        }
        any = true;
        let had = |n: Option<f64>| n.map_or("not counted".to_owned(), points);
        let tone = if by < 0.0 { Tone::High } else { Tone::Good };
        doc.push(
            0,
            Form::Row(vec![
                Value::Own(posture::day_of(new.at)),
                Value::Word(tone, format!("{by:+.2}")),
                Value::Own(format!("{} → {}", had(before), had(after))),
            ]),
        );
    }
    if !any {
        let n = days.len();
        doc.note(
            Tone::Dim,
            format!("its points did not change in the {n} days that are known"),
        );
    }
    if let Some(words) = posture::missing_words(&days) {
        doc.note(Tone::Dim, words);
    }
}

fn decisions(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let mut all: Vec<Json<'_>> = s.entity.list("controlStateUpdates").collect();
    all.sort_by_key(|d| std::cmp::Reverse(d.time("updatedDateTime")));
    if all.is_empty() {
        return doc.note(Tone::Dim, "nothing was decided: it is to be addressed");
    }
    for d in all {
        let state = d.str("state").unwrap_or("?");
        let mut row = vec![
            Value::Text(Text::from(state)),
            Value::Own(posture::state_words(state).to_owned()),
        ];
        row.retain(|v| !matches!(v, Value::Own(w) if w == state));
        row.extend(d.text("updatedBy").map(Value::Text));
        doc.push(
            0,
            Form::Event {
                at: d.time("updatedDateTime"),
                values: row,
            },
        );
        if let Some(text) = d.text("comment") {
            doc.push(1, Form::Prose(text));
        }
    }
}

/// What a score of the devices means: which way is better.
fn better(what: &str) -> &'static str {
    match what {
        CONFIGURATION => "higher is better: how well the devices are configured",
        _ => "lower is better: how likely the devices are to be attacked by what is known",
    }
}

/// A score of a day, and every day of the same that is known. All of it is kept here: the service tells today's only.
fn device_score(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let all = device_score::all(s.known);
    let Some(this) = all.iter().find(|m| m.key == *s.key) else {
        return doc.note(Tone::Dim, "this day is not known any more");
    };
    let what = this.what.txt().exact().to_owned();
    said(doc, "score", format!("{} points", points(this.score)));
    doc.text("of", Some(this.what.clone()));
    doc.text("device group", this.group.clone());
    doc.note(Tone::Dim, better(&what));
    doc.push(0, Form::Field("as of", vec![Value::Time(this.at)]));
    let same: Vec<_> = all
        .iter()
        .filter(|m| (&m.what, &m.group) == (&this.what, &this.group))
        .collect();
    doc.head("Days that were read", Some(same.len()));
    for (n, m) in same.iter().enumerate() {
        let mut row = vec![
            Value::Own(posture::day_of(m.at)),
            Value::Own(format!("{:>8}", points(m.score))),
        ];
        if let Some(by) = same.get(n + 1).map(|o| m.score - o.score)
            && by.abs() > 0.005
        {
            let worse = (by > 0.0) != (what == CONFIGURATION);
            let tone = if worse { Tone::High } else { Tone::Good };
            row.push(Value::Word(tone, format!("{by:+.2}")));
        }
        doc.push(0, Form::Row(row));
    }
}

pub fn device_score_summary(j: Json<'_>) -> String {
    let of = device_score::what(j);
    let score = j.real("score").map_or("?".to_owned(), points);
    let day = j.time("time").map(posture::day_of).unwrap_or_default();
    let group = j.text("rbacGroupName");
    let group = group.map_or(String::new(), |g| format!(" of {}", g.txt().defanged()));
    format!("Score of {of}{group}, {day}: {score} ({})", better(of))
}

pub fn day_summary(j: Json<'_>) -> String {
    let of = |name: &str| j.real(name).map_or("?".to_owned(), points);
    let day = j
        .time("createdDateTime")
        .map(posture::day_of)
        .unwrap_or_default();
    let part = posture::percent(j.real("currentScore"), j.real("maxScore"));
    let part = part.map_or(String::new(), |p| format!(" ({p:.1} %)"));
    format!(
        "Secure score of {day}: {} of {}{part}",
        of("currentScore"),
        of("maxScore")
    )
}

pub fn control_summary(j: Json<'_>) -> String {
    let of = |name: &str| j.text(name).map(|t| t.txt().defanged());
    let mut out = Vec::new();
    for (name, value) in [
        ("Control", of("title")),
        (
            "State",
            Some(posture::state_words(posture::state_of(j)).to_owned()),
        ),
        ("Points", of("maxScore")),
        ("Cost", of("implementationCost")),
        ("User impact", of("userImpact")),
        (
            "What to do",
            j.str("remediation").map(|t| {
                Text::from(plain::of_html(t).replace('\n', " "))
                    .txt()
                    .defanged()
            }),
        ),
    ] {
        out.extend(
            value
                .filter(|v| !v.is_empty())
                .map(|v| format!("{name}: {v}")),
        );
    }
    out.join("\n")
}
