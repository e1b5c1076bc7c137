//! The query string as query options.

use super::filter::{self, Expr, Path};

/// What was asked for, not yet compared with what the collection supports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub filter: Option<Expr>,
    pub select: Vec<String>,
    pub expand: Vec<Expand>,
    /// Paths, and whether descending.
    pub orderby: Vec<(Path, bool)>,
    pub top: Option<u64>,
    pub skip: Option<u64>,
    pub count: bool,
    pub search: Option<String>,
    pub skiptoken: Option<String>,
    pub deltatoken: Option<String>,
    /// Options that no service knows, and those without a dollar.
    pub unknown: Vec<String>,
    pub plain: Vec<(String, String)>,
}

/// One item of `$expand`, with its options in parentheses as they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expand {
    pub name: String,
    pub options: String,
}

/// What is wrong with the query string, in the words of the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadOption(pub String);

impl Options {
    /// Reads decoded pairs.
    pub fn read(pairs: &[(String, String)]) -> Result<Self, BadOption> {
        let mut options = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (key, value) in pairs {
            if !key.starts_with('$') {
                options.plain.push((key.clone(), value.clone()));
                continue;
            }
            if seen.contains(&key.as_str()) {
                return Err(BadOption(format!(
                    "Query option '{key}' was specified more than once, but it must be specified at most once."
                )));
            }
            seen.push(key);
            options.take(key, value.trim())?;
        }
        Ok(options)
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), BadOption> {
        let number = || {
            value.parse::<u64>().map_err(|_| {
                BadOption(format!("Invalid value '{value}' for {key} query option found. The {key} query option requires a non-negative integer value."))
            })
        };
        match key {
            "$filter" => {
                let parsed = filter::parse(value)
                    .map_err(|e| BadOption(format!("Invalid filter clause: {e}")))?;
                self.filter = Some(parsed);
            }
            "$select" => self.select = list(value),
            "$expand" => self.expand = list(value).iter().map(|item| expand(item)).collect(),
            "$orderby" => {
                for item in list(value) {
                    let (name, descending) = match item.split_once(' ') {
                        None => (item.as_str(), false),
                        Some((name, word)) => match word.trim() {
                            "asc" => (name, false),
                            "desc" => (name, true),
                            _ => {
                                return Err(BadOption(format!(
                                    "Syntax error at position {} in '{value}'.",
                                    name.len() + 1
                                )));
                            }
                        },
                    };
                    self.orderby.push((super::eval::path(name), descending));
                }
            }
            "$top" => self.top = Some(number()?),
            "$skip" => self.skip = Some(number()?),
            "$count" => {
                self.count = match value {
                    "true" => true,
                    "false" => false,
                    _ => {
                        return Err(BadOption(format!(
                            "Invalid value '{value}' for $count query option found. Valid values are 'true' and 'false'."
                        )));
                    }
                };
            }
            "$search" => self.search = Some(value.to_owned()),
            "$skiptoken" => self.skiptoken = Some(value.to_owned()),
            "$deltatoken" => self.deltatoken = Some(value.to_owned()),
            "$format" => {}
            _ => self.unknown.push(key.to_owned()),
        }
        Ok(())
    }

    /// The value of an option without a dollar.
    pub fn plain(&self, name: &str) -> Option<&str> {
        self.plain
            .iter()
            .find(|(k, _)| k.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }
}

/// Splits at commas outside parentheses.
fn list(value: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0_i32;
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            items.push(String::new());
        } else if let Some(last) = items.last_mut() {
            last.push(c);
        }
    }
    items
        .into_iter()
        .map(|i| i.trim().to_owned())
        .filter(|i| !i.is_empty())
        .collect()
}

fn expand(item: &str) -> Expand {
    match item.split_once('(') {
        Some((name, rest)) => Expand {
            name: name.to_owned(),
            options: rest.trim_end_matches(')').to_owned(),
        },
        None => Expand {
            name: item.to_owned(),
            options: String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Options, BadOption> {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        Options::read(&pairs)
    }

    #[test]
    fn a_query_string_is_read_whole() {
        let o = read("$top=5&$select=id,%20displayName&$expand=manager($levels=max;$select=id,displayName),memberOf&$orderby=a/b%20desc,c&$count=true&x=1").unwrap();
        assert_eq!((o.top, o.count), (Some(5), true));
        assert_eq!(o.select, ["id", "displayName"]);
        assert_eq!(
            o.expand[0],
            Expand {
                name: "manager".into(),
                options: "$levels=max;$select=id,displayName".into()
            }
        );
        assert_eq!(o.expand[1].name, "memberOf");
        assert_eq!(
            o.orderby,
            [
                (vec!["a".into(), "b".into()], true),
                (vec!["c".into()], false)
            ]
        );
        assert_eq!(o.plain("X"), Some("1"));
    }

    #[test]
    fn refusals() {
        for query in [
            "$top=-1",
            "$top=x",
            "$count=yes",
            "$filter=a%20eq",
            "$top=1&$top=2",
            "$orderby=a%20down",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
        assert_eq!(read("$foo=1").unwrap().unknown, ["$foo"]);
    }
}
