//! One entity's JSON, read tolerantly: a field may be missing, null, of another type, or new.

use super::time::Ticks;
use serde_json::Value;
use table::Text;

/// A view into a parsed answer. Text comes out as `Text`; keys with `@` are annotations.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a>(pub &'a Value);

static NULL: Value = Value::Null;

impl<'a> Json<'a> {
    /// A field by its exact name; missing is null.
    pub fn at(self, name: &str) -> Json<'a> {
        Json(self.0.get(name).unwrap_or(&NULL))
    }

    /// A field of nested objects: `path("status/errorCode")`.
    pub fn path(self, path: &str) -> Json<'a> {
        path.split('/').fold(self, Json::at)
    }

    pub fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// A string field that is there and not empty.
    pub fn text(self, name: &str) -> Option<Text> {
        self.at(name).as_text()
    }

    pub fn as_text(self) -> Option<Text> {
        match self.0 {
            Value::String(s) if !s.is_empty() => Some(Text::from(s.as_str())),
            Value::Number(n) => Some(Text::from(n.to_string())),
            _ => None,
        }
    }

    pub fn as_str(self) -> Option<&'a str> {
        self.0.as_str().filter(|s| !s.is_empty())
    }

    pub fn str(self, name: &str) -> Option<&'a str> {
        self.at(name).as_str()
    }

    pub fn time(self, name: &str) -> Option<Ticks> {
        self.str(name).and_then(Ticks::parse)
    }

    /// An integer, also where the service writes it as text.
    pub fn int(self, name: &str) -> Option<i64> {
        match self.at(name).0 {
            Value::Number(n) => n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)),
            Value::String(s) => s.parse().ok(),
            _ => None,
        }
    }

    pub fn real(self, name: &str) -> Option<f64> {
        match self.at(name).0 {
            Value::Number(n) => n.as_f64(),
            Value::String(s) => s.parse().ok(),
            _ => None,
        }
    }

    pub fn bool(self, name: &str) -> Option<bool> {
        match self.at(name).0 {
            Value::Bool(b) => Some(*b),
            Value::String(s) if s.eq_ignore_ascii_case("true") => Some(true),
            Value::String(s) if s.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The members of a list field; anything else has none.
    pub fn list(self, name: &str) -> impl Iterator<Item = Json<'a>> + use<'a> {
        self.at(name).items()
    }

    pub fn items(self) -> impl Iterator<Item = Json<'a>> + use<'a> {
        self.0
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(Json)
    }

    /// Fields that are data, not annotations, in the order they came.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, Json<'a>)> + use<'a> {
        self.0
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(k, _)| !k.contains('@'))
            .map(|(k, v)| (k.as_str(), Json(v)))
    }

    /// `userEvidence` of `#microsoft.graph.security.userEvidence`.
    pub fn odata_type(self) -> Option<&'a str> {
        self.str("@odata.type")
            .map(|t| t.rsplit('.').next().unwrap_or(t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrong_and_missing_fields_are_absent_not_fatal() {
        let v = json!({"a": null, "n": "12", "t": 5, "l": "no list", "o": {"p": {"q": "deep"}}, "@odata.type": "#microsoft.graph.security.ipEvidence"});
        let j = Json(&v);
        assert!(j.text("a").is_none() && j.text("zz").is_none());
        assert_eq!(j.int("n"), Some(12));
        assert_eq!(j.text("t").unwrap().txt().exact(), "5");
        assert_eq!(j.list("l").count(), 0);
        assert_eq!(j.path("o/p").str("q"), Some("deep"));
        assert_eq!(j.odata_type(), Some("ipEvidence"));
        assert!(j.fields().all(|(k, _)| !k.contains('@')));
    }
}
