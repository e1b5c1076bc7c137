//! Search and replace in a query's text: the bar, what matches, and what its keys do.

use crate::app::App;
use crate::app::line::{Edit, Line};
use crate::msg::{Effect, KeyPress, Level};
use crossterm::event::{KeyCode, KeyModifiers};
use std::ops::Range;
use table::Text;

/// The bar below the text.
#[derive(Debug, Default)]
pub struct Search {
    pub find: Line,
    /// What is put in the place of a match.
    pub with: Line,
    /// The second line is there, and has the keys.
    pub replaces: bool,
    pub on_second: bool,
    /// Where the search began.
    from: usize,
}

/// Places of some words, as bytes. Capitals count where the words have any.
pub fn matches(text: &str, words: &str) -> Vec<Range<usize>> {
    if words.is_empty() {
        return Vec::new();
    }
    let place = |(i, found): (usize, &str)| i..i + found.len();
    if words.chars().any(char::is_uppercase) {
        return text.match_indices(words).map(place).collect();
    }
    // only ASCII is folded: places stay what they are
    let folded = text.to_ascii_lowercase();
    folded.match_indices(words).map(place).collect()
}

impl App {
    /// Opens the bar, with what is marked or was looked for last.
    pub(in crate::app) fn find_in_text(&mut self, replaces: bool) {
        let editor = &mut self.hunt.query_mut().editor;
        let from = editor.selection().map_or(editor.cursor(), |r| r.start);
        let marked = editor
            .selection()
            .map(|r| editor.text()[r].to_owned())
            .filter(|t| !t.contains('\n'));
        self.hunt.popup = None;
        self.hunt.tip = None;
        let words = marked.unwrap_or_else(|| self.hunt.sought.0.clone());
        self.hunt.search = Some(Search {
            find: Line::new(&words),
            with: Line::new(&self.hunt.sought.1),
            replaces,
            on_second: false,
            from,
        });
    }

    /// A key while the bar is open; false: none of its own, and it has closed.
    pub(super) fn search_key(&mut self, press: KeyPress, fx: &mut Vec<Effect>) -> bool {
        let Some(mut search) = self.hunt.search.take() else {
            return false;
        };
        let key = press.key;
        let (alt, shift) = (
            key.modifiers.contains(KeyModifiers::ALT),
            key.modifiers.contains(KeyModifiers::SHIFT),
        );
        match key.code {
            KeyCode::Esc => {
                let editor = &mut self.hunt.query_mut().editor;
                let at = editor.selection().map_or(editor.cursor(), |r| r.start);
                editor.go_to(at, false);
                self.sought(&search);
                self.hunted(fx);
                return true;
            }
            KeyCode::Tab | KeyCode::BackTab => {
                search.on_second = !search.on_second;
                search.replaces = true;
            }
            KeyCode::Char('a') if alt => self.replace_all(&search, fx),
            KeyCode::Enter if search.on_second => {
                self.replace_one(&search, fx);
                self.step(&search.find, true, fx);
            }
            KeyCode::Enter | KeyCode::Down | KeyCode::F(3) if !shift => {
                self.step(&search.find, true, fx);
            }
            KeyCode::Enter | KeyCode::Up | KeyCode::F(3) => self.step(&search.find, false, fx),
            _ => {
                let line = if search.on_second {
                    &mut search.with
                } else {
                    &mut search.find
                };
                match line.key(key) {
                    Edit::Changed if !search.on_second => self.first(&search, fx),
                    Edit::Changed | Edit::Moved => {}
                    Edit::Ignored => {
                        self.sought(&search);
                        return false;
                    }
                }
            }
        }
        self.sought(&search);
        self.hunt.search = Some(search);
        true
    }

    fn sought(&mut self, search: &Search) {
        self.hunt.sought = (search.find.text().to_owned(), search.with.text().to_owned());
    }

    pub(super) fn search_paste(&mut self, text: &Text, fx: &mut Vec<Effect>) -> bool {
        let Some(mut search) = self.hunt.search.take() else {
            return false;
        };
        let line = if search.on_second {
            &mut search.with
        } else {
            &mut search.find
        };
        line.insert(text.txt().exact());
        self.first(&search, fx);
        self.hunt.search = Some(search);
        true
    }

    /// The first match from where the search began.
    fn first(&mut self, search: &Search, fx: &mut Vec<Effect>) {
        let editor = &mut self.hunt.query_mut().editor;
        let all = matches(editor.text(), search.find.text());
        match all.iter().find(|r| r.start >= search.from).or(all.first()) {
            Some(found) => {
                editor.go_to(found.start, false);
                editor.go_to(found.end, true);
            }
            None => editor.go_to(search.from, false),
        }
        self.hunted(fx);
    }

    /// The next match, or the one before; round the end.
    fn step(&mut self, words: &Line, ahead: bool, fx: &mut Vec<Effect>) {
        let editor = &mut self.hunt.query_mut().editor;
        let all = matches(editor.text(), words.text());
        let at = editor.selection().map_or(editor.cursor(), |r| r.start);
        let marked = editor.selection().is_some();
        let found = if ahead {
            all.iter()
                .find(|r| r.start > at || r.start == at && !marked)
                .or(all.first())
        } else {
            all.iter().rev().find(|r| r.start < at).or(all.last())
        };
        match found {
            Some(found) => {
                editor.go_to(found.start, false);
                editor.go_to(found.end, true);
            }
            None => {
                let text = "the words are not in the text".to_owned();
                self.toasts.push(self.now, Level::Info, text);
            }
        }
        self.hunted(fx);
    }

    /// The next place of what was looked for last, without the bar.
    pub(in crate::app) fn find_again(&mut self, ahead: bool, fx: &mut Vec<Effect>) {
        let words = Line::new(&self.hunt.sought.0);
        if words.is_empty() {
            self.find_in_text(false);
            return;
        }
        self.step(&words, ahead, fx);
    }

    fn replace_one(&mut self, search: &Search, fx: &mut Vec<Effect>) {
        let editor = &self.hunt.query().editor;
        let all = matches(editor.text(), search.find.text());
        let Some(found) = editor.selection().filter(|r| all.contains(r)) else {
            return;
        };
        let with = search.with.text().to_owned();
        let end = found.start + with.len();
        self.edit(|e| e.replace(found, &with, end), fx);
    }

    /// All of them as one step of undo.
    fn replace_all(&mut self, search: &Search, fx: &mut Vec<Effect>) {
        let editor = &self.hunt.query().editor;
        let text = editor.text().clone();
        let all = matches(&text, search.find.text());
        let mut out = String::with_capacity(text.len());
        let (mut at, cursor) = (0, editor.cursor());
        let mut moved = cursor;
        for found in &all {
            out.push_str(&text[at..found.start]);
            out.push_str(search.with.text());
            at = found.end;
            if found.end <= cursor {
                moved = out.len() + (cursor - found.end);
            }
        }
        out.push_str(&text[at..]);
        let words = format!("{} replaced", all.len());
        if !all.is_empty() {
            let to = moved.min(out.len());
            let to = (0..=to)
                .rev()
                .find(|n| out.is_char_boundary(*n))
                .unwrap_or(0);
            self.edit(|e| e.replace(0..text.len(), &out, to), fx);
        }
        self.toasts.push(self.now, Level::Info, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::*;
    use crate::msg::Event;

    fn pane(text: &str) -> App {
        let mut app = filled(100, 30);
        press(&mut app, "5");
        let now = app.now;
        app.update(now, Event::Paste(Text::from(text)));
        press(&mut app, "Ctrl-Home");
        app
    }

    fn marked(app: &App) -> Option<Range<usize>> {
        app.hunt.query().editor.selection()
    }

    #[test]
    fn words_are_found_round_the_end_and_capitals_count_only_where_there_are_any() {
        assert_eq!(matches("aAa", "a").len(), 3);
        assert_eq!(matches("aAa", "A"), vec![1..2; 1]);
        assert_eq!(matches("äÄ", "ä"), vec![0..2; 1]);
        assert!(matches("abc", "").is_empty());
        let mut app = pane("foo bar\nFoo");
        press(&mut app, "Ctrl-f 'foo'");
        assert_eq!(marked(&app), Some(0..3));
        press(&mut app, "Enter");
        assert_eq!(marked(&app), Some(8..11));
        press(&mut app, "Enter");
        assert_eq!(marked(&app), Some(0..3));
        press(&mut app, "Up");
        assert_eq!(marked(&app), Some(8..11));
        press(&mut app, "Esc");
        assert_eq!((marked(&app), app.hunt.query().editor.cursor()), (None, 8));
        press(&mut app, "F3");
        assert_eq!(marked(&app), Some(8..11));
        // a run means the query again once the bar is gone
        assert!(app.hunt.search.is_none());
    }

    #[test]
    fn one_match_or_all_of_them_are_replaced_and_all_is_one_step_of_undo() {
        let mut app = pane("a b a b a");
        press(&mut app, "Ctrl-f 'a' Tab 'xy' Enter");
        assert_eq!(&**app.hunt.query().editor.text(), "xy b a b a");
        press(&mut app, "Alt-a Esc");
        assert_eq!(&**app.hunt.query().editor.text(), "xy b xy b xy");
        press(&mut app, "Ctrl-z");
        assert_eq!(&**app.hunt.query().editor.text(), "xy b a b a");
        assert!(app.toasts.log.last().unwrap().text.contains("2 replaced"));
    }

    #[test]
    fn what_is_marked_is_looked_for_and_a_paste_goes_into_the_bar() {
        let mut app = pane("where x\nwhere y");
        press(&mut app, "Shift-Right Shift-Right Ctrl-f Enter");
        assert_eq!(marked(&app), Some(8..10));
        press(&mut app, "Ctrl-u");
        let now = app.now;
        app.update(now, Event::Paste(Text::from("y")));
        assert_eq!(&**app.hunt.query().editor.text(), "where x\nwhere y");
        assert_eq!(marked(&app), Some(14..15));
    }
}
