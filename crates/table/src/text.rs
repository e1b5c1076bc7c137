//! Tenant text: kept exactly as it came, in types that cannot be formatted by accident.
//!
//! Neither type has `Display` or `Serialize`: what leaves the program goes through a sink (`sinks`), each
//! of which asks for its own form.
//!
//! ```
//! println!("{:?}", table::Text::from("x"));
//! ```
//! ```compile_fail,E0277
//! println!("{}", table::Text::from("x"));
//! ```
//! ```compile_fail,E0277
//! println!("{}", table::Text::from("x").txt());
//! ```
//! ```compile_fail,E0277
//! let _ = serde_json::to_string(&table::Text::from("x"));
//! ```
//!
//! `Debug` shows the safe form, since panics and logs are sinks too.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

/// Owned tenant text; cloning shares it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

/// Borrowed tenant text.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Txt<'a>(&'a str);

impl Text {
    /// The borrowed form, on which the sinks are.
    pub fn txt(&self) -> Txt<'_> {
        Txt(&self.0)
    }

    /// Whether there is no character at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Txt<'a> {
    /// Marks a string as tenant text.
    pub fn new(exact: &'a str) -> Self {
        Txt(exact)
    }

    /// The exact text, for comparing, decoding and computing; never for showing, writing or sending.
    pub fn exact(self) -> &'a str {
        self.0
    }

    /// Whether there is no character at all.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// An owned copy.
    pub fn to_text(self) -> Text {
        Text(Arc::from(self.0))
    }
}

impl Default for Text {
    fn default() -> Self {
        Text(Arc::from(""))
    }
}

impl From<&str> for Text {
    fn from(exact: &str) -> Self {
        Text(Arc::from(exact))
    }
}

impl From<String> for Text {
    fn from(exact: String) -> Self {
        Text(Arc::from(exact))
    }
}

impl From<Txt<'_>> for Text {
    fn from(txt: Txt<'_>) -> Self {
        txt.to_text()
    }
}

impl<'a> From<&'a str> for Txt<'a> {
    fn from(exact: &'a str) -> Self {
        Txt(exact)
    }
}

impl<'a> From<&'a Text> for Txt<'a> {
    fn from(text: &'a Text) -> Self {
        text.txt()
    }
}

/// Comparing with our own words is common; it shows nothing.
impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl PartialEq<&str> for Txt<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Debug for Txt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // the screen form has no controls left, so the quotes are for reading only
        write!(f, "\"{}\"", self.shown())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.txt().fmt(f)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, exact: &str) -> Result<Text, E> {
                Ok(Text::from(exact))
            }
            fn visit_string<E>(self, exact: String) -> Result<Text, E> {
                Ok(Text::from(exact))
            }
        }
        deserializer.deserialize_string(Visitor)
    }
}
