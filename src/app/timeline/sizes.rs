//! How the screen is parted between the axis and the lines: the same for moving and drawing.

/// Rows of each part, from the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Each source has a lane of its own; else all are one chart with a legend.
    pub lanes: bool,
    /// Rows of lanes or of the one chart.
    pub chart: u16,
    /// Rows of the legend.
    pub legend: u16,
    /// Lines of the story.
    pub rows: usize,
}

impl Sizes {
    /// Columns of the axis on a screen of this width.
    pub fn columns(&self, width: u16) -> usize {
        let beside = if self.lanes { LABEL + 2 } else { 2 };
        usize::from(width.saturating_sub(beside)).max(1)
    }
}

/// Columns of a lane's label.
pub const LABEL: u16 = 21;

/// The parts on a screen: below its header stand title, chart, axis, lines and keys.
pub fn of((width, height): (u16, u16), lanes: usize) -> Sizes {
    let lines = height.saturating_sub(1);
    let wide = width >= 120 && lines >= 21 + lanes as u16;
    let (chart, legend) = match (wide, lines) {
        (true, _) => (lanes as u16, 0),
        (false, 19..) => (3, legend(width, lanes)),
        (false, 13..) => (2, legend(width, lanes)),
        _ => (1, 0),
    };
    // title, the line of gaps under one chart, axis, keys
    let fixed = 3 + u16::from(!wide);
    Sizes {
        lanes: wide,
        chart,
        legend,
        rows: usize::from(lines.saturating_sub(chart + legend + fixed)).max(1),
    }
}

/// Cells that a source takes in the legend: digit, mark, count, sign.
pub const ENTRY: u16 = 13;

fn legend(width: u16, lanes: usize) -> u16 {
    let each = (width.saturating_sub(2) / ENTRY).max(1);
    (lanes as u16).div_ceil(each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_fill_the_screen_and_never_more() {
        for width in [20, 40, 80, 120, 200] {
            for height in 8..60 {
                let s = of((width, height), 9);
                let fixed = 3 + u16::from(!s.lanes);
                let all = s.chart + s.legend + fixed + s.rows as u16;
                let room = height.saturating_sub(1);
                assert!(all == room || s.rows == 1, "{width}x{height}: {s:?}");
            }
        }
        assert!(of((120, 40), 9).lanes && !of((80, 24), 9).lanes);
        assert!(of((80, 24), 9).rows >= 12);
    }
}
