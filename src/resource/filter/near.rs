//! The known word that a wrong one was probably meant to be.

/// The nearest of some words: the shortest that goes on where `word` ends, else the one with the fewest slips (at most
/// one in three letters).
pub fn nearest<'a>(
    word: &str,
    among: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let longer = among
        .clone()
        .into_iter()
        .filter(|w| word.len() > 1 && w.to_lowercase().starts_with(&word))
        .min_by_key(|w| w.len());
    if longer.is_some() {
        return longer;
    }
    let most = (word.chars().count() / 3).clamp(1, 3);
    among
        .into_iter()
        .map(|w| (slips(&word, &w.to_lowercase()), w))
        .filter(|(n, w)| *n <= most && *n < w.chars().count())
        .min_by_key(|(n, _)| *n)
        .map(|(_, w)| w)
}

/// Letters to change, add, drop, or swap with their neighbour.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(40).collect(), b.chars().take(40).collect());
    let width = b.len() + 1;
    let mut cost = vec![0usize; (a.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            let best = if i == 0 || j == 0 {
                i + j
            } else {
                let same = a[i - 1] == b[j - 1];
                let mut best = (cost[at(i - 1, j)] + 1)
                    .min(cost[at(i, j - 1)] + 1)
                    .min(cost[at(i - 1, j - 1)] + usize::from(!same));
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(cost[at(i - 2, j - 2)] + 1);
                }
                best
            };
            cost[at(i, j)] = best;
        }
    }
    cost[at(a.len(), b.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_found_and_strangers_are_not() {
        let words = ["severity", "sev", "status", "st", "high", "medium"];
        for (wrong, right) in [
            ("hgih", Some("high")),
            ("sevirity", Some("severity")),
            ("stauts", Some("status")),
            ("med", Some("medium")),
            ("zzzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, words), right, "{wrong}");
        }
    }
}
