//! The form for eyes: nothing in it moves the cursor, hides, reorders or piles up.
//!
//! What must not reach a terminal stands as its code point in angle brackets, `⟨202E⟩`; it is never
//! dropped, since that it was there is evidence. Marks beyond four on one character stand as the first of
//! them and their number, `⟨0301 ×496⟩`.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::classes::{Class, class, is_emoji, is_pictograph, is_skin_tone, needs_joiners, script};
use crate::text::Txt;
use icu_properties::props::Script;

/// Most bytes of one cell on a screen.
pub const MAX_SHOWN: usize = 4096;
/// Most bytes on the clipboard.
const MAX_COPIED: usize = 1 << 20;
const MAX_MARKS: usize = 4;
/// Longest emoji sequence taken as one, in characters.
const MAX_EMOJI: usize = 10;
const CUT: &str = "…";

static CLUSTERS_AGREED: AtomicBool = AtomicBool::new(false);

/// Says whether the terminal draws joined emoji (`👩‍💻`, `👍🏽`, `⚠️`) as wide as we count them. Until it was
/// asked, their joiners are shown as code points: a wrong width shifts the rest of the line.
pub fn agree_on_clusters(agreed: bool) {
    CLUSTERS_AGREED.store(agreed, Ordering::Relaxed);
}

impl<'a> Txt<'a> {
    /// The screen form: one line, at most [`MAX_SHOWN`] bytes, and borrowed where nothing had to change.
    pub fn shown(self) -> Cow<'a, str> {
        shown(self.exact(), MAX_SHOWN, agreed())
    }

    /// Appends the screen form, cut with `…` to that many terminal cells; the cells used.
    pub fn shown_fit(self, out: &mut String, cells: usize) -> usize {
        let text = self.exact();
        // one byte more than fits: a mark there would stand on the last one that does
        let head = text.as_bytes().get(..=cells).unwrap_or(text.as_bytes());
        if head.iter().all(|b| is_printable(*b)) {
            if text.len() <= cells {
                out.push_str(text);
                return text.len();
            }
            let Some(kept) = cells.checked_sub(1) else {
                return 0;
            };
            out.push_str(text.get(..kept).unwrap_or_default());
            out.push_str(CUT);
            return cells;
        }
        let mut used = 0;
        // where the text can be cut so that `…` still fits
        let (mut cut_at, mut cut_used) = (out.len(), 0);
        let whole = walk(text, MAX_SHOWN, agreed(), &mut |piece, width| {
            if used + width > cells {
                return ControlFlow::Break(());
            }
            out.push_str(piece);
            used += width;
            if used < cells {
                (cut_at, cut_used) = (out.len(), used);
            }
            ControlFlow::Continue(())
        });
        if whole {
            return used;
        }
        out.truncate(cut_at);
        if cut_used < cells {
            out.push_str(CUT);
            cut_used += 1;
        }
        cut_used
    }

    /// The form for the clipboard: as on the screen, but not cut at a cell's size.
    pub fn clipboard(self) -> String {
        shown(self.exact(), MAX_COPIED, agreed()).into_owned()
    }

    /// A longer text line by line, each in its screen form: for descriptions and comments.
    pub fn paragraphs(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.exact()
            .split('\n')
            .map(|line| shown(line.strip_suffix('\r').unwrap_or(line), MAX_SHOWN, agreed()))
    }
}

fn is_printable(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

fn agreed() -> bool {
    CLUSTERS_AGREED.load(Ordering::Relaxed)
}

pub(super) fn shown(text: &str, limit: usize, agreed: bool) -> Cow<'_, str> {
    if text.len() <= limit && text.bytes().all(is_printable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(limit));
    let whole = walk(text, limit, agreed, &mut |piece, _| {
        if out.len() + piece.len() > limit - CUT.len() {
            return ControlFlow::Break(());
        }
        out.push_str(piece);
        ControlFlow::Continue(())
    });
    if !whole {
        out.push_str(CUT);
    } else if out == text {
        return Cow::Borrowed(text);
    }
    Cow::Owned(out)
}

type Emit<'e> = &'e mut dyn FnMut(&str, usize) -> ControlFlow<()>;

/// Hands out safe pieces with their widths; false when not all of the text was. Looks at `most` bytes only:
/// marks are counted, not shown, so a run of millions must not be walked to its end.
fn walk(text: &str, most: usize, agreed: bool, emit: Emit<'_>) -> bool {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = end < text.len();
    let text = &text[..end];
    for (at, cluster) in text.grapheme_indices(true) {
        let next = text[at + cluster.len()..].chars().next();
        if one_cluster(cluster, next, agreed, emit).is_break() {
            return false;
        }
    }
    !cut
}

fn one_cluster(cluster: &str, next: Option<char>, agreed: bool, emit: Emit<'_>) -> ControlFlow<()> {
    if cluster.len() == 1 && cluster.bytes().all(is_printable) {
        return emit(cluster, 1);
    }
    if is_emoji_sequence(cluster) && (agreed || widths_agree(cluster)) {
        return emit(cluster, cluster.width());
    }
    // [start, at) is a safe run; `base` says that its last character can carry marks
    let (mut start, mut base, mut marks) = (0, None, 0);
    let mut chars = cluster.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = at + c.len_utf8();
        let keep = match class(c) {
            Class::Plain if is_skin_tone(c) && base.is_some() => false,
            Class::Plain => {
                (base, marks) = (Some(c), 0);
                true
            }
            Class::Mark if base.is_some() && marks < MAX_MARKS => {
                marks += 1;
                true
            }
            Class::Mark | Class::Hidden => false,
            Class::Joiner => {
                let following = chars.peek().map(|(_, c)| *c).or(next);
                // one a place: a train of variation selectors can carry a message
                let fits =
                    marks < MAX_MARKS && base.is_some_and(|base| joiner_fits(base, c, following));
                marks = MAX_MARKS;
                fits
            }
        };
        if keep {
            continue;
        }
        if start < at {
            let run = &cluster[start..at];
            emit(run, run.width())?;
        }
        let mut same = 1;
        let mut end = after;
        if class(c) == Class::Mark {
            while let Some((at, c)) = chars.next_if(|(_, c)| class(*c) == Class::Mark) {
                same += 1;
                end = at + c.len_utf8();
            }
        }
        let mut marker = String::new();
        // writing to a string cannot fail
        let _ = match same {
            1 => write!(marker, "⟨{:04X}⟩", u32::from(c)),
            _ => write!(marker, "⟨{:04X} ×{same}⟩", u32::from(c)),
        };
        emit(&marker, marker.chars().count())?;
        (start, base, marks) = (end, None, 0);
    }
    if start < cluster.len() {
        let run = &cluster[start..];
        emit(run, run.width())?;
    }
    ControlFlow::Continue(())
}

/// Whether a joiner or variation selector has work to do between these two.
fn joiner_fits(base: char, joiner: char, following: Option<char>) -> bool {
    match joiner {
        '\u{200C}' | '\u{200D}' => {
            let of = script(base);
            needs_joiners(of) && following.is_some_and(|next| script(next) == of)
        }
        '\u{E0100}'..='\u{E01EF}' => script(base) == Script::Han,
        '\u{180B}'..='\u{180D}' | '\u{180F}' => script(base) == Script::Mongolian,
        _ => false,
    }
}

/// One emoji as the standard forms them: a pictograph with its selector or skin tone, several of these
/// joined, a keycap, or a flag of two letters. Tag characters are never part of one here.
fn is_emoji_sequence(cluster: &str) -> bool {
    let mut chars = cluster.chars().peekable();
    if cluster.chars().nth(MAX_EMOJI).is_some() {
        return false;
    }
    let Some(first) = chars.peek().copied() else {
        return false;
    };
    if matches!(first, '0'..='9' | '#' | '*') {
        return matches!(cluster.get(1..), Some("\u{FE0F}\u{20E3}"));
    }
    let is_flag_letter = |c: char| ('\u{1F1E6}'..='\u{1F1FF}').contains(&c);
    if is_flag_letter(first) {
        return cluster.chars().count() == 2 && cluster.chars().all(is_flag_letter);
    }
    loop {
        match chars.next() {
            Some(c) if is_pictograph(c) && is_emoji(c) => {}
            _ => return false,
        }
        if chars.next_if(|c| is_skin_tone(*c)).is_none() {
            chars.next_if(|c| matches!(c, '\u{FE0E}' | '\u{FE0F}'));
        }
        match chars.next() {
            None => return true,
            Some('\u{200D}') => {}
            Some(_) => return false,
        }
    }
}

/// Whether a terminal that adds up characters comes to the same width as one that measures clusters. Where
/// not, place the cursor anew behind this cluster.
pub fn widths_agree(cluster: &str) -> bool {
    cluster.is_ascii()
        || cluster.width()
            == cluster
                .chars()
                .map(|c| c.width().unwrap_or(0))
                .sum::<usize>()
}
