//! Text in lines: broken at blanks, for boxes and prompts.

use unicode_width::UnicodeWidthStr;

/// Lines of at most so many cells, broken at blanks where there are any.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word = word.to_owned();
        loop {
            let last = lines.last_mut().map_or(0, |l| l.width());
            let gap = usize::from(last > 0);
            if last + gap + word.width() <= width {
                if let Some(line) = lines.last_mut() {
                    if gap > 0 {
                        line.push(' ');
                    }
                    line.push_str(&word);
                }
                break;
            }
            if last > 0 {
                lines.push(String::new());
                continue;
            }
            // longer than a line: cut between characters
            let cut = word
                .char_indices()
                .map(|(i, c)| i + c.len_utf8())
                .take_while(|i| word[..*i].width() <= width)
                .last();
            let cut = cut.unwrap_or(word.len());
            let rest = word.split_off(cut);
            if let Some(line) = lines.last_mut() {
                line.push_str(&word);
            }
            if rest.is_empty() {
                break;
            }
            word = rest;
            lines.push(String::new());
        }
    }
    lines
}
