//! Makes `screenshots/*.svg` from the simulated tenant with a fixed seed and clock:
//! `cargo run --release --example screenshots`, or those alone whose names hold a word: `… screenshots posture`. The same rows
//! always give the same pictures.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::path::Path;
use watchfloor::cli::choose::simulated;
use watchfloor::config::Dirs;
use watchfloor::model::Ticks;
use watchfloor::run::Clock;
use watchfloor::run::stage::Stage;

const NOW: &str = "2026-11-20T12:04:00Z";

/// File, size, keys before, text typed, words to wait for.
struct Shot {
    name: &'static str,
    size: (u16, u16),
    steps: &'static [Step],
}

enum Step {
    Keys(&'static str),
    Text(&'static str),
    Paste(&'static str),
    Until(&'static str),
    Gone(&'static str),
}

use Step::{Gone, Keys, Paste, Text, Until};

const SHOTS: &[Shot] = &[
    Shot {
        name: "incidents-80x24",
        size: (80, 24),
        steps: &[],
    },
    Shot {
        name: "incidents-120x40",
        size: (120, 40),
        steps: &[
            Keys("Enter"),
            Until("Story ("),
            Gone("reading"),
            Keys("Tab"),
        ],
    },
    Shot {
        name: "evidence-120x40",
        size: (120, 40),
        steps: &[
            Keys("Enter"),
            Until("Story ("),
            Keys("l l"),
            Until("users ("),
            Gone("reading"),
        ],
    },
    Shot {
        name: "filter-80x24",
        size: (80, 24),
        steps: &[Keys("/"), Text("sev>=med st:active src:mde")],
    },
    Shot {
        name: "alert-80x24",
        size: (80, 24),
        steps: &[
            Keys("2"),
            Until("Alerts · 6,"),
            Keys("Enter"),
            Until("[Alert]"),
            Gone("reading"),
        ],
    },
    Shot {
        name: "device-80x24",
        size: (80, 24),
        steps: &[
            Keys("3"),
            Until("Devices · 800"),
            Keys("Enter"),
            Until("combined risk"),
            Gone("reading"),
        ],
    },
    Shot {
        name: "user-80x24",
        size: (80, 24),
        steps: &[
            Keys("4"),
            Until("Users · 1,5"),
            Keys("Enter"),
            Until("[User]"),
            Gone("reading"),
        ],
    },
    Shot {
        name: "hunt-80x24",
        size: (80, 24),
        steps: &[
            Keys("5"),
            Paste(
                "DeviceProcessEvents\n| where ProcessCommandLine has \"-enc\"\n| summarize Runs = count(), Last = max(Timestamp) by DeviceName, FileName\n| sort by Runs desc",
            ),
            Keys("F5"),
            Until("DeviceName"),
            Until("powershell"),
        ],
    },
    Shot {
        name: "logs-80x24",
        size: (80, 24),
        steps: &[
            Keys("6"),
            Until("Logs ·"),
            Gone("reading ("),
            Gone("incomplete"),
        ],
    },
    Shot {
        name: "posture-80x24",
        size: (80, 24),
        steps: &[
            Keys("7"),
            Until("secure score 9"),
            Until("configuration"),
            Until("fell since"),
        ],
    },
    Shot {
        name: "score-120x40",
        size: (120, 40),
        steps: &[
            Keys("7"),
            Until("secure score 9"),
            Until("configuration"),
            Keys("7"),
            Until("[Scores]"),
        ],
    },
    Shot {
        name: "isolate-80x24",
        size: (80, 24),
        steps: &[
            Keys("3"),
            Until("Devices · 800"),
            Keys("j j j j j j a i"),
            Until("isolate device"),
            Gone("reading"),
        ],
    },
    Shot {
        name: "help-80x24",
        size: (80, 24),
        steps: &[Keys("?")],
    },
    Shot {
        name: "palette-80x24",
        size: (80, 24),
        steps: &[Keys(":"), Text("ta")],
    },
];

fn main() -> Result<(), String> {
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    std::fs::create_dir_all(&to).map_err(|e| e.to_string())?;
    let home = std::env::temp_dir().join(format!("watchfloor-screenshots-{}", std::process::id()));
    let dirs = Dirs {
        config: home.join("config"),
        data: home.join("data"),
        state: home.join("state"),
        cache: home.join("cache"),
    };
    let words: Vec<String> = std::env::args().skip(1).collect();
    let meant = |s: &&Shot| words.is_empty() || words.iter().any(|w| s.name.contains(w.as_str()));
    let mut shots = SHOTS.iter().filter(meant);
    let done = shots.try_for_each(|shot| make(shot, &dirs, &to));
    let _ = std::fs::remove_dir_all(&home);
    done
}

fn make(shot: &Shot, dirs: &Dirs, to: &Path) -> Result<(), String> {
    let now = NOW.parse::<jiff::Timestamp>().map_err(|e| e.to_string())?;
    let running = sim::start(sim::Flags {
        now: Some(now),
        time_scale: 0.0,
        throttle: sim::flags::Switch::Off,
        ..sim::Flags::default()
    })
    .map_err(|e| e.to_string())?;
    let mut tenant = simulated("contoso", &running.info)?;
    tenant.cache = watchfloor::config::Cache::Memory;
    let mut stage = Stage::new(
        tenant,
        dirs,
        Clock::standing_at(Ticks::from_timestamp(now)),
        shot.size,
    );
    // the pictures show the queue as it stands once everything was read
    stage.until_that(|s| s.contains("Incidents · 2,0") && s.contains("mdca"))?;
    stage.settle();
    for step in shot.steps {
        match step {
            Keys(keys) => stage.press(keys),
            Text(text) => stage.text(text),
            Paste(text) => stage.paste(text),
            Until(words) => stage.until(words)?,
            Gone(words) => stage.until_that(|s| !s.contains(words))?,
        }
    }
    stage.settle();
    let svg = svg(&stage.buffer(), shot.name);
    stage.stop();
    let path = to.join(format!("{}.svg", shot.name));
    std::fs::write(&path, svg).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

const WIDE: f32 = 8.4;
const HIGH: f32 = 18.0;
const INK: &str = "#d8dee9";
const PAPER: &str = "#14171c";

/// The buffer as a picture: a rectangle for each run of background, a text for each run of one style.
fn svg(buffer: &Buffer, title: &str) -> String {
    let (cols, rows) = (buffer.area.width, buffer.area.height);
    let (w, h) = (f32::from(cols) * WIDE + 16.0, f32::from(rows) * HIGH + 16.0);
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" font-family=\"DejaVu Sans Mono,Menlo,Consolas,monospace\" font-size=\"14\">\n<title>{title}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{PAPER}\"/>\n"
    );
    for y in 0..rows {
        let mut x = 0;
        while x < cols {
            let style = look(&buffer[(x, y)]);
            let from = x;
            let mut text = String::new();
            while x < cols && look(&buffer[(x, y)]) == style {
                text.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            let (px, py) = (f32::from(from) * WIDE + 8.0, f32::from(y) * HIGH + 8.0);
            if style.paper != PAPER {
                let _ = writeln!(
                    out,
                    "<rect x=\"{px:.1}\" y=\"{py:.1}\" width=\"{:.1}\" height=\"{HIGH}\" fill=\"{}\"/>",
                    f32::from(x - from) * WIDE,
                    style.paper
                );
            }
            if text.trim().is_empty() {
                continue;
            }
            let lead = text.chars().take_while(|c| *c == ' ').count() as f32;
            let text = text.trim();
            let length = unicode_width::UnicodeWidthStr::width(text) as f32 * WIDE;
            let bold = if style.bold {
                " font-weight=\"bold\""
            } else {
                ""
            };
            let line = if style.under {
                " text-decoration=\"underline\""
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{}\"{bold}{line} textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{}</text>",
                px + lead * WIDE,
                py + 13.5,
                style.ink,
                text.replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;")
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

#[derive(PartialEq)]
struct Look {
    ink: String,
    paper: String,
    bold: bool,
    under: bool,
}

fn look(cell: &Cell) -> Look {
    let (mut ink, mut paper) = (hex(cell.fg, INK), hex(cell.bg, PAPER));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut ink, &mut paper);
    }
    Look {
        ink,
        paper,
        bold: cell.modifier.contains(Modifier::BOLD),
        under: cell.modifier.contains(Modifier::UNDERLINED),
    }
}

fn hex(color: Color, default: &str) -> String {
    const SIXTEEN: [&str; 16] = [
        "#2b303b", "#bf616a", "#a3be8c", "#ebcb8b", "#81a1c1", "#b48ead", "#88c0d0", "#d8dee9",
        "#6b7689", "#d06f79", "#b1d196", "#f0d399", "#8fb0d4", "#c895bf", "#93ccdc", "#ffffff",
    ];
    match color {
        Color::Reset => default.into(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Black => SIXTEEN[0].into(),
        Color::Red => SIXTEEN[1].into(),
        Color::Green => SIXTEEN[2].into(),
        Color::Yellow => SIXTEEN[3].into(),
        Color::Blue => SIXTEEN[4].into(),
        Color::Magenta => SIXTEEN[5].into(),
        Color::Cyan => SIXTEEN[6].into(),
        Color::Gray => SIXTEEN[7].into(),
        Color::DarkGray => SIXTEEN[8].into(),
        Color::LightRed => SIXTEEN[9].into(),
        Color::LightGreen => SIXTEEN[10].into(),
        Color::LightYellow => SIXTEEN[11].into(),
        Color::LightBlue => SIXTEEN[12].into(),
        Color::LightMagenta => SIXTEEN[13].into(),
        Color::LightCyan => SIXTEEN[14].into(),
        Color::White => SIXTEEN[15].into(),
        Color::Indexed(n) => SIXTEEN
            .get(usize::from(n))
            .map_or_else(|| default.to_owned(), |s| (*s).to_owned()),
    }
}
