//! Unsanctioned apps and what enforcing them touches: the list by app, and a hunt that tells for each name which devices
//! met it and whether their network protection would block it. Nothing here writes.

use super::{App, choosers, library, views};
use crate::app::hunt::running;
use crate::model::{Key, Kind};
use crate::msg::{Effect, Level};
use crate::verb::ioc;
use std::collections::BTreeSet;

/// Names that one question is about; the service takes no longer lists well.
const MOST: usize = 200;

/// Indicators of unsanctioned apps, under the app that each belongs to.
pub fn unsanctioned(app: &mut App, fx: &mut Vec<Effect>) {
    app.to_kind(Kind::Indicator, fx);
    views::show(app, Kind::Indicator, "unsanctioned apps", fx);
    let col = app.pane().spec.column("application");
    choosers::group_by(app, col, fx);
}

/// Indicators are in front, and there is one.
pub fn reviewable(app: &App) -> Result<(), String> {
    let here = !app.hunting && app.pane().spec.kind == Kind::Indicator;
    match here && app.subject().is_some() {
        true => app.hunt_blocked().map_or(Ok(()), Err),
        false => Err("for indicators only".into()),
    }
}

/// Asks what the marked indicators touch, or all that are shown where none is marked.
pub fn review(app: &mut App, fx: &mut Vec<Effect>) {
    let (marked, _) = app.pane().marked();
    let shown = || -> Vec<Key> {
        let pane = app.pane();
        let rows = pane.shown.rows().iter();
        let keys = rows.map(|r| Key::new(Kind::Indicator, pane.rows.key(r).to_text()));
        keys.collect()
    };
    let keys = if marked.is_empty() { shown() } else { marked };
    let by_network = |key: &&Key| {
        let kind = ioc::kind(key.id.txt().exact());
        matches!(kind, Some("IpAddress" | "DomainName" | "Url"))
    };
    let names: BTreeSet<String> = (keys.iter().filter(by_network))
        .map(|k| k.id.txt().exact().to_lowercase())
        .collect();
    if names.is_empty() {
        let text = "none of these is a name or an address: files are not blocked by the network";
        return app.toasts.push(app.now, Level::Info, text.to_owned());
    }
    if names.len() > MOST {
        let text = format!("{} names: mark {MOST} at most", names.len());
        return app.toasts.push(app.now, Level::Warn, text);
    }
    let text = question(&names);
    library::open_text(app, &text, None, fx);
    app.keep_drafts(fx);
    running::run_all(app, fx);
}

/// The query. Names are tenant text: each goes in as a literal of its own.
pub fn question(names: &BTreeSet<String>) -> String {
    let many = match names.len() {
        1 => "1 name".to_owned(),
        n => format!("{n} names"),
    };
    let list: Vec<String> = names.iter().map(|n| table::Txt::new(n).json()).collect();
    format!(
        "// What blocking {many} touches: devices that met one in 30 days, and whether they would block it
let Names = dynamic([{}]);
let Control = DeviceTvmSecureConfigurationAssessmentKB
    | where ConfigurationName has 'network protection'
    | distinct ConfigurationId;
let Blocks = DeviceTvmSecureConfigurationAssessment
    | where ConfigurationId in (Control) and IsApplicable == true
    | summarize arg_max(Timestamp, IsCompliant) by DeviceId
    | project DeviceId, IsCompliant;
let Met = DeviceNetworkEvents
| where Timestamp > ago(30d) and (RemoteIP in (Names) or RemoteUrl has_any (Names))
| extend Host = tolower(extract(@'^(?:\\w+://)?([^/:?]+)', 1, RemoteUrl))
| mv-expand Name = Names to typeof(string)
| where RemoteIP == Name or Host == Name or Host endswith strcat('.', Name) or tolower(RemoteUrl) startswith Name
| summarize Times = count(), Last = max(Timestamp), DeviceName = take_any(DeviceName) by Name, DeviceId
| join kind=leftouter Blocks on DeviceId
| extend NetworkProtection = case(isnull(IsCompliant), 'not told', IsCompliant, 'blocks', 'audit mode or off: does not block');
let Told = print Name = Names
| mv-expand Name to typeof(string)
| join kind=leftouter Met on Name
| extend DeviceName = iff(isempty(DeviceId), 'no device met it', DeviceName)
| project Place = 1, Name, DeviceName, NetworkProtection, Times, Last, DeviceId;
let Sum = Met
| summarize Open = countif(NetworkProtection startswith 'audit'), Untold = countif(NetworkProtection == 'not told'), Times = sum(Times), Last = max(Last) by DeviceId
| summarize Devices = count(), Open = countif(Open > 0), Untold = countif(Untold > 0), Times = sum(Times), Last = max(Last)
| project Place = 0, Name = 'all {many}', DeviceName = strcat(Devices, ' devices'), NetworkProtection = strcat(Open, ' would not block, ', Untold, ' not told'), Times, Last, DeviceId = '';
union Sum, Told
| sort by Place asc, Name asc, DeviceName asc
| project-away Place",
        list.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{app, at, compute, give, page, press};
    use crate::msg::{Origin, Request};

    fn filled() -> App {
        let mut app = app(80, 24);
        let row = |value: &str, origin: &str, of: &str, creator: &str| {
            vec![
                ("id", value.to_owned()),
                ("action", "Block".to_owned()),
                ("origin", origin.to_owned()),
                ("application", of.to_owned()),
                ("creators", creator.to_owned()),
            ]
        };
        press(&mut app, "9");
        let rows = [
            row("megashare.example", "unsanctioned", "MegaShare", "mdca"),
            row("mega-cdn.example", "unsanctioned", "MegaShare", "mdca"),
            row("freevpn.example", "unsanctioned", "FreeVPN", "mdca"),
            row("chatpal.example", "risky", "ChatPal AI", "mdca"),
            row("evil.example", "hand", "", "ana@contoso.com"),
            row(
                "87662bc3d60e4200ceaf7aae249d1c343f4b83c9",
                "hand",
                "",
                "ana@contoso.com",
            ),
        ];
        let page = page(Kind::Indicator, &rows, Origin::Fill, 6, 6);
        let fx = give(&mut app, at(0), page);
        compute(&mut app, fx);
        app
    }

    #[test]
    fn s1_5_unsanctioned_apps_stand_with_the_domains_that_each_blocks() {
        let mut app = filled();
        let mut fx = Vec::new();
        unsanctioned(&mut app, &mut fx);
        compute(&mut app, fx);
        let pane = app.pane();
        let groups: Vec<(String, usize)> = (pane.shown.groups().iter())
            .map(|g| (g.name.to_string(), g.rows.len()))
            .collect();
        assert_eq!(groups, [("MegaShare".into(), 2), ("FreeVPN".into(), 1)]);
    }

    #[test]
    fn s1_6_what_enforcing_touches_is_asked_for_exactly_these_names() {
        let mut app = filled();
        assert_eq!(reviewable(&app), Ok(()));
        let mut fx = Vec::new();
        views::show(&mut app, Kind::Indicator, "unsanctioned apps", &mut fx);
        compute(&mut app, fx);
        let mut fx = Vec::new();
        review(&mut app, &mut fx);
        assert!(app.hunting);
        let text = app.hunt.query().editor.text();
        assert!(text.contains("blocking 3 names"), "{text}");
        assert!(
            text.contains(
                r#"dynamic(["freevpn.example", "mega-cdn.example", "megashare.example"])"#
            ),
            "{text}"
        );
        let asked = fx.iter().any(|e| {
            matches!(e, Effect::Ask(_, Request::Hunt { query, .. }) if query.contains("megashare.example"))
        });
        assert!(asked, "it runs: {fx:?}");
    }

    #[test]
    fn a_name_cannot_end_its_literal() {
        let names = BTreeSet::from([r#"x.example"]) | take 1 //"#.to_owned()]);
        let text = question(&names);
        assert!(text.contains(r#"["x.example\"]) | take 1 //"]"#), "{text}");
    }
}
