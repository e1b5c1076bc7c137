//! An advisory's detail: what is wrong, whom it hits, and what Microsoft wrote about it, newest first.

use super::own;
use super::parts::{field, time};
use crate::model::Json;
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::issue::active;
use crate::resource::{Answer, Section, Subject, Tenant};
use table::Text;

pub static SECTIONS: &[Section] = &[own("advisory", "Advisory", issue)];

/// The page of an issue in the admin centre.
pub fn portal(j: Json<'_>, _: &Tenant<'_>) -> Option<String> {
    let id = j.text("id")?;
    let id = id.txt().path_segment().ok()?;
    Some(format!(
        "https://admin.microsoft.com/Adminportal/Home#/servicehealth/:/alerts/{id}"
    ))
}

pub fn summary(j: Json<'_>) -> String {
    let of = |name: &str| j.text(name).map(|t| t.txt().shown().into_owned());
    let mut out = Vec::new();
    for (name, value) in [
        ("Advisory", of("id")),
        ("Service", of("service")),
        ("Title", of("title")),
        ("Status", of("status")),
        ("Began", of("startDateTime")),
        ("Ended", of("endDateTime")),
        ("Impact", of("impactDescription")),
    ] {
        out.extend(value.map(|v| format!("{name}: {v}")));
    }
    out.join("\n")
}

/// The words of a post: tags gone, the commonest entities as what they stand for.
fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let Some(end) = tag.find('>') else {
            out.push_str(tag);
            rest = "";
            break;
        };
        let name = tag[1..end].trim_start_matches('/').to_ascii_lowercase();
        if ["p", "br", "div", "li", "tr"]
            .iter()
            .any(|n| name == *n || name.starts_with(&format!("{n} ")) || name.starts_with("br/"))
            && !out.ends_with('\n')
            && !out.is_empty()
        {
            out.push('\n');
        }
        rest = &tag[end + 1..];
    }
    out.push_str(rest);
    for (entity, word) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        out = out.replace(entity, word);
    }
    out.trim().to_owned()
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
        let text = post.at("description");
        if let Some(html) = text.str("content") {
            doc.push(1, Form::Prose(Text::from(plain(html))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn posts_are_read_without_their_tags() {
        assert_eq!(
            plain("<p>Title: a &amp; b</p><p>User impact:<br/>none &lt;yet&gt;</p>"),
            "Title: a & b\nUser impact:\nnone <yet>"
        );
        assert_eq!(plain("no tags <at all"), "no tags <at all");
    }
}
