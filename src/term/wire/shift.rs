//! Finds rows that moved up or down together, by blocks of cells that are found again in another row.

use hashbrown::HashMap;

use super::cells::Cell;

/// Rows `top..=bottom` of the old frame, moved up by `by` (down if negative).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    pub top: usize,
    pub bottom: usize,
    pub by: isize,
}

/// Cells of a block: several to a row, because lists often have something beside them that stays.
const BLOCK: usize = 12;
const CANDIDATES: usize = 2;

/// The best few shifts, to be tried out: those that save at least so many cells.
pub(super) fn candidates(old: &[Cell], new: &[Cell], cols: usize, least: usize) -> Vec<Shift> {
    let rows = new.len() / cols.max(1);
    if rows < 3 {
        return Vec::new();
    }
    let mut votes = vote(old, new, cols, rows);
    votes.sort_unstable_by_key(|(by, votes)| (std::cmp::Reverse(*votes), by.unsigned_abs(), *by));
    votes
        .iter()
        .take(CANDIDATES)
        .filter_map(|(by, _)| region(old, new, cols, rows, *by))
        .filter(|(gain, _)| *gain >= least as isize)
        .map(|(_, shift)| shift)
        .collect()
}

/// The old frame as the terminal has it after the shift; rows laid bare are `bare`.
pub(super) fn apply(shift: Shift, old: &[Cell], cols: usize, bare: Cell, out: &mut Vec<Cell>) {
    out.clear();
    out.extend_from_slice(old);
    let (from, to) = (shift.top * cols, (shift.bottom + 1) * cols);
    let Some(region) = out.get_mut(from..to) else {
        return;
    };
    let moved = (shift.by.unsigned_abs() * cols).min(region.len());
    let bare_from = region.len() - moved;
    if shift.by > 0 {
        region.copy_within(moved.., 0);
        region[bare_from..].fill(bare);
    } else {
        region.copy_within(..bare_from, moved);
        region[..moved].fill(bare);
    }
}

fn hash(cells: &[Cell]) -> Option<u64> {
    if cells.iter().all(|cell| cell.is_blank()) {
        return None;
    }
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for cell in cells {
        sum = (sum ^ cell.bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        sum ^= sum >> 29;
    }
    Some(sum)
}

fn vote(old: &[Cell], new: &[Cell], cols: usize, rows: usize) -> Vec<(isize, usize)> {
    let changed = |y: usize| {
        let row = y * cols..(y + 1) * cols;
        old.get(row.clone()) != new.get(row)
    };
    let changed: Vec<usize> = (0..rows).filter(|y| changed(*y)).collect();
    // where each block of the old frame is; `None` where it is in several rows
    let mut places: HashMap<(usize, u64), Option<usize>> = HashMap::new();
    for &y in &changed {
        for (block, cells) in old[y * cols..(y + 1) * cols].chunks(BLOCK).enumerate() {
            if let Some(hash) = hash(cells) {
                places
                    .entry((block, hash))
                    .and_modify(|place| *place = None)
                    .or_insert(Some(y));
            }
        }
    }
    let mut votes = vec![0_usize; 2 * rows];
    for &y in &changed {
        let row = y * cols..(y + 1) * cols;
        let pairs = new[row.clone()].chunks(BLOCK).zip(old[row].chunks(BLOCK));
        for (block, (cells, before)) in pairs.enumerate() {
            if cells != before
                && let Some(hash) = hash(cells)
                && let Some(Some(from)) = places.get(&(block, hash))
            {
                votes[rows + from - y] += 1;
            }
        }
    }
    votes
        .iter()
        .enumerate()
        .filter(|(_, votes)| **votes >= 2)
        .map(|(n, votes)| (n as isize - rows as isize, *votes))
        .filter(|(by, _)| *by != 0)
        .collect()
}

/// The rows that gain most from a shift by `by`.
fn region(
    old: &[Cell],
    new: &[Cell],
    cols: usize,
    rows: usize,
    by: isize,
) -> Option<(isize, Shift)> {
    let gain = |y: usize| -> isize {
        let Some(from) = y.checked_add_signed(by).filter(|from| *from < rows) else {
            return isize::MIN / 4;
        };
        let (stay, moved, wanted) = (
            &old[y * cols..(y + 1) * cols],
            &old[from * cols..(from + 1) * cols],
            &new[y * cols..(y + 1) * cols],
        );
        let same =
            |cells: &[Cell]| cells.iter().zip(wanted).filter(|(a, b)| a == b).count() as isize;
        same(moved) - same(stay)
    };
    // the stretch of rows with the greatest sum
    let mut best: Option<(isize, usize, usize)> = None;
    let (mut sum, mut start) = (0_isize, 0);
    for y in 0..rows {
        let here = gain(y);
        if sum <= 0 {
            (sum, start) = (here, y);
        } else {
            sum += here;
        }
        if sum > 0 && best.is_none_or(|(most, ..)| sum > most) {
            best = Some((sum, start, y));
        }
    }
    let (gain, first, last) = best?;
    let (top, bottom) = if by > 0 {
        (first, last + by.unsigned_abs())
    } else {
        (first.checked_sub(by.unsigned_abs())?, last)
    };
    (bottom < rows).then_some((gain, Shift { top, bottom, by }))
}
