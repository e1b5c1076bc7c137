//! Did you mean: the known name with the fewest edits to what is written.

/// Looks for the nearest of the names it is offered.
pub(crate) struct Best<'a> {
    text: &'a str,
    best: Option<(usize, String)>,
}
impl<'a> Best<'a> {
    /// For a name that is none.
    pub(crate) fn new(text: &'a str) -> Best<'a> {
        Best { text, best: None }
    }
    /// Takes note of a name.
    pub(crate) fn offer(&mut self, other: &str) {
        let most = most_edits(self.text);
        if other.len().abs_diff(self.text.len()) > most || other == self.text {
            return;
        }
        let limit = self.best.as_ref().map_or(most + 1, |b| b.0);
        if let Some(d) = distance(self.text, other, limit) {
            self.best = Some((d, other.to_owned()));
        }
    }
    /// The nearest, if it is near enough.
    pub(crate) fn take(self) -> Option<String> {
        self.best.map(|b| b.1)
    }
}

/// Edits that a name may be away from what is written.
pub(crate) fn most_edits(text: &str) -> usize {
    (text.len() / 3).clamp(1, 3)
}

/// Edits between two names, case counting half; none if not below the limit.
pub(crate) fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.len() > 64 || b.len() > 64 {
        return None;
    }
    if a.eq_ignore_ascii_case(b) {
        return Some(0);
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut prev: Vec<usize> = (0..=b.len()).collect();
    let mut before = prev.clone();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let same = a[i - 1].eq_ignore_ascii_case(&b[j - 1]);
            row[j] = (prev[j - 1] + usize::from(!same))
                .min(prev[j] + 1)
                .min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().min().is_some_and(|m| *m >= limit) {
            return None;
        }
        before = std::mem::replace(&mut prev, row);
    }
    let d = prev[b.len()];
    (d < limit).then_some(d)
}
