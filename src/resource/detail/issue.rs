//! An advisory's detail: what is wrong, whom it hits, and what Microsoft wrote about it, newest first. An announcement's: what
//! changes, until when something must be done, and the text.

use super::own;
use super::parts::{field, lines, time, words};
use crate::model::Json;
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::issue::active;
use crate::resource::{Answer, Section, Subject, Tenant, plain};
use table::Text;

pub static SECTIONS: &[Section] = &[own("advisory", "Advisory", issue)];
pub static ANNOUNCEMENT: &[Section] = &[own("announcement", "Announcement", announcement)];

/// A page of the admin centre that ends with the id.
fn page(j: Json<'_>, root: &str) -> Option<String> {
    let id = j.text("id")?;
    let id = id.txt().path_segment().ok()?;
    Some(format!(
        "https://admin.microsoft.com/Adminportal/Home#/{root}/{id}"
    ))
}

pub fn portal(j: Json<'_>, _: &Tenant<'_>) -> Option<String> {
    page(j, "servicehealth/:/alerts")
}

pub fn announcement_portal(j: Json<'_>, _: &Tenant<'_>) -> Option<String> {
    page(j, "MessageCenter/:/messages")
}

pub fn summary(j: Json<'_>) -> String {
    lines(
        j,
        &[
            ("Advisory", "id"),
            ("Service", "service"),
            ("Title", "title"),
            ("Status", "status"),
            ("Began", "startDateTime"),
            ("Ended", "endDateTime"),
            ("Impact", "impactDescription"),
        ],
    )
}

pub fn announcement_summary(j: Json<'_>) -> String {
    lines(
        j,
        &[
            ("Announcement", "id"),
            ("Title", "title"),
            ("Category", "category"),
            ("Act by", "actionRequiredByDateTime"),
        ],
    )
}

/// A text of Microsoft's: of HTML the words.
fn prose(text: Json<'_>) -> Option<Text> {
    let content = text.str("content")?;
    let is_html = text
        .str("contentType")
        .is_none_or(|t| t.eq_ignore_ascii_case("html"));
    let words = match is_html {
        true => plain::of_html(content),
        false => content.trim().to_owned(),
    };
    (!words.is_empty()).then(|| Text::from(words))
}

fn issue(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(title) = j.text("title") {
        doc.push(0, Form::Head(Value::Text(title), None));
    }
    let on = active(j);
    let (tone, word) = match on {
        true => (Tone::High, "goes on"),
        false => (Tone::Good, "over"),
    };
    doc.field("state", Some(Value::Word(tone, word.to_owned())));
    field(doc, "service", j, "service");
    field(doc, "feature", j, "feature");
    field(doc, "status", j, "status");
    field(doc, "class", j, "classification");
    field(doc, "origin", j, "origin");
    time(doc, "began", j, "startDateTime");
    time(doc, "changed", j, "lastModifiedDateTime");
    time(doc, "ended", j, "endDateTime");
    field(doc, "id", j, "id");
    if let Some(impact) = j.text("impactDescription") {
        doc.head("Impact", None);
        doc.push(0, Form::Prose(impact));
    }
    let mut posts: Vec<Json<'_>> = j.list("posts").collect();
    if !posts.is_empty() {
        doc.head("What Microsoft wrote", Some(posts.len()));
    }
    posts.sort_by_key(|p| std::cmp::Reverse(p.time("createdDateTime")));
    for post in posts {
        doc.push(
            0,
            Form::Event {
                at: post.time("createdDateTime"),
                values: post.text("postType").map(Value::Text).into_iter().collect(),
            },
        );
        if let Some(text) = prose(post.at("description")) {
            doc.push(1, Form::Prose(text));
        }
    }
}

fn announcement(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(title) = j.text("title") {
        doc.push(0, Form::Head(Value::Text(title), None));
    }
    words(doc, "services", j, "services");
    field(doc, "category", j, "category");
    field(doc, "severity", j, "severity");
    if j.bool("isMajorChange") == Some(true) {
        doc.note(Tone::Medium, "Microsoft calls it a major change");
    }
    if let Some(by) = j.time("actionRequiredByDateTime") {
        time(doc, "act by", j, "actionRequiredByDateTime");
        if by < s.now {
            doc.note(Tone::High, "the day by which to act is over");
        }
    }
    time(doc, "announced", j, "startDateTime");
    time(doc, "changed", j, "lastModifiedDateTime");
    time(doc, "taken down", j, "endDateTime");
    words(doc, "tags", j, "tags");
    field(doc, "id", j, "id");
    if let Some(text) = prose(j.at("body")) {
        doc.head("What Microsoft wrote", None);
        doc.push(0, Form::Prose(text));
    }
    for detail in j.list("details") {
        // the summary is the title or the beginning of the text
        if let (Some(name), Some(text)) = (detail.text("name"), detail.text("value")) {
            doc.push(0, Form::Head(Value::Text(name), None));
            doc.push(1, Form::Prose(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn posts_are_read_without_their_tags() {
        let read = |v: serde_json::Value| prose(Json(&v)).map(|t| t.txt().exact().to_owned());
        assert_eq!(
            read(
                json!({"contentType": "html", "content": "<p>Title: a &amp; b</p><p>User impact:<br/>none &lt;yet&gt;</p><script>x</script>"})
            ),
            Some("Title: a & b\nUser impact:\nnone <yet>".into())
        );
        assert_eq!(
            read(json!({"contentType": "text", "content": "a <b\nc"})),
            Some("a <b\nc".into())
        );
        assert_eq!(read(json!({"content": "<p></p>"})), None);
    }
}
