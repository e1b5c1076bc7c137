//! The box beside the cursor: what a name is, or the call that is being written with the parameter the cursor is in.

use crate::app::App;
use crate::msg::Effect;
use kql::service::hover::{Hover, call_around, hover};
use kql::syntax::T;

/// A box about a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Tip {
    /// The byte of the whole text that it stands at.
    pub at: usize,
    pub about: Hover,
    /// It is about a call, and goes along with what is typed.
    pub call: bool,
}

impl App {
    /// What is under the cursor, or the call around it.
    pub(in crate::app) fn explain(&mut self, fx: &mut Vec<Effect>) {
        self.hunted(fx);
        self.hunt.popup = None;
        if self.hunt.tip.take().is_some() {
            return;
        }
        self.hunt.tip = self.tip(false).or_else(|| self.tip(true));
        if self.hunt.tip.is_none() {
            let text = "there is nothing to say of this place".to_owned();
            self.toasts.push(self.now, crate::msg::Level::Info, text);
        }
    }

    fn tip(&self, call: bool) -> Option<Tip> {
        let query = self.hunt.query();
        let cursor = query.editor.cursor();
        let (block, known) = query.known.at(query.editor.text(), cursor)?;
        let analysis = &known?.analysis;
        let within = cursor.saturating_sub(block.start);
        let about = if call {
            call_around(analysis, within)?
        } else {
            hover(analysis, within, query.known.world())?
        };
        let at = block.start + about.start as usize;
        Some(Tip { at, about, call })
    }

    /// After a letter: the call's box comes with its bracket, follows the commas, and goes with the last bracket.
    pub(super) fn tip_typed(&mut self, typed: Option<char>) {
        let open = self.hunt.tip.as_ref().is_some_and(|t| t.call);
        self.hunt.tip = match typed {
            Some('(' | ',') => self.tip(true),
            _ if open => self.tip(true),
            _ => None,
        };
    }

    /// To the bracket that belongs to the one at the cursor.
    pub(in crate::app) fn meet_bracket(&mut self, fx: &mut Vec<Effect>) {
        let query = self.hunt.query_mut();
        let cursor = query.editor.cursor();
        if let Some((a, b)) = query.known.brackets(query.editor.text(), cursor) {
            let to = if cursor == a || cursor == a + 1 { b } else { a };
            query.editor.go_to(to, false);
        }
        self.hunted(fx);
    }
}

impl super::Understanding {
    /// The two brackets that belong together, one of which is at the cursor or right before it.
    pub fn brackets(&self, text: &str, cursor: usize) -> Option<(usize, usize)> {
        let (block, known) = self.at(text, cursor)?;
        let tokens = &known?.analysis.parsed.tree.tokens;
        let within = u32::try_from(cursor.checked_sub(block.start)?).ok()?;
        let is_open = |k: T| matches!(k, T::OpenParen | T::OpenBracket | T::OpenBrace);
        let is_close = |k: T| matches!(k, T::CloseParen | T::CloseBracket | T::CloseBrace);
        let bracket = |at: u32| {
            let n = tokens.partition_point(|t| t.start < at);
            let token = tokens.get(n).filter(|t| t.start == at)?;
            (is_open(token.kind) || is_close(token.kind)).then_some(n)
        };
        // the bracket under the cursor goes before the one left of it
        let n = bracket(within).or_else(|| bracket(within.checked_sub(1)?))?;
        let start = tokens[n];
        let mut depth = 0usize;
        let mut other = None;
        let mut look = |t: &kql::syntax::Token, deeper: bool, back: bool| {
            if deeper {
                depth += 1;
            } else if back {
                depth -= 1;
                if depth == 0 {
                    other = Some(*t);
                    return true;
                }
            }
            false
        };
        if is_open(start.kind) {
            let _ = tokens[n..]
                .iter()
                .any(|t| look(t, is_open(t.kind), is_close(t.kind)));
        } else {
            let _ = tokens[..=n]
                .iter()
                .rev()
                .any(|t| look(t, is_close(t.kind), is_open(t.kind)));
        }
        let other = other?;
        Some((
            block.start + start.start as usize,
            block.start + other.start as usize,
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::app::App;
    use crate::app::fixture::*;
    use crate::msg::Event;
    use table::Text;

    fn pane(text: &str) -> App {
        let mut app = filled(100, 30);
        press(&mut app, "5");
        let now = app.now;
        app.update(now, Event::Paste(Text::from(text)));
        app
    }

    #[test]
    fn a_calls_box_comes_with_its_bracket_follows_the_commas_and_goes_with_the_end() {
        let mut app = pane("print x = strcat");
        press(&mut app, "( 'a' ,");
        let tip = app.hunt.tip.clone().expect("the call");
        assert!(tip.call && tip.about.title.contains("strcat"), "{tip:?}");
        press(&mut app, ") Space");
        assert!(app.hunt.tip.is_none());
    }

    #[test]
    fn what_a_name_is_is_said_on_wish_and_the_next_key_takes_it_away() {
        let mut app = pane("DeviceInfo | take 5");
        press(&mut app, "Ctrl-Home Alt-h");
        let tip = app.hunt.tip.clone().expect("the table");
        assert!(tip.about.title.starts_with("DeviceInfo"));
        press(&mut app, "Esc");
        assert!(app.hunt.tip.is_none() && app.hunt.focus == super::super::Focus::Editor);
        press(&mut app, "Alt-h Right");
        assert!(app.hunt.tip.is_none());
    }

    #[test]
    fn brackets_find_each_other_but_not_in_strings() {
        let mut app = pane("print f = strcat('(', (1), \"]\")");
        press(&mut app, "Alt-m");
        assert_eq!(app.hunt.query().editor.cursor(), 16);
        press(&mut app, "Alt-m");
        assert_eq!(app.hunt.query().editor.cursor(), 30);
        let query = app.hunt.query();
        assert_eq!(query.known.brackets(query.editor.text(), 18), None);
        assert_eq!(
            query.known.brackets(query.editor.text(), 22),
            Some((22, 24))
        );
    }
}
