//! Tags as one line of words: parted by blanks, with blanks in quotes.

pub fn quoted(tag: &str) -> String {
    if tag.contains([' ', '"']) {
        format!("\"{}\"", tag.replace('"', "\"\""))
    } else {
        tag.to_owned()
    }
}

/// Words parted by blanks; quotes keep blanks, a doubled quote is one.
pub fn tags(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut inside = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.peek() == Some(&'"') => {
                chars.next();
                word.push('"');
            }
            '"' => inside = !inside,
            ' ' if !inside => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tags_read_back_as_they_were(set in proptest::collection::vec("[^\\s]{1,8}( [^\\s]{0,5})?", 0..6)) {
            let line: Vec<String> = set.iter().map(|t| quoted(t)).collect();
            prop_assert_eq!(tags(&line.join(" ")), set);
        }
    }
}
