//! What is read about a machine before something is done to it, what follows from it, and how an action goes on there.

use super::common::{answer, hunt, is, is_us, list, others, rows, shown};
use super::{About, Args, Consequence, Course, Fact, Follow};
use crate::model::time::HOUR;
use crate::model::{Call, EntityRef, Json, Key, Path, Service, Stand, Ticks};
use crate::resource::Answer;
use crate::resource::action::{self, Isolation, isolation};
use crate::resource::detail::action::error_words;
use crate::resource::profile::is_server;
use table::Text;

// ---- what is read for the prompt

/// Who is logged on, and what was asked of it before.
pub(super) fn preview(key: &Key, _: Json<'_>, _: &Args) -> Vec<Call> {
    let logons = super::devices::path(key).map(|p| {
        Call::get(Service::Defender, p.then("/logonusers"))
            .needs(&["User.Read.All"])
            .none_is_404()
    });
    match logons {
        Ok(logons) => vec![logons, action::of_machine(key.id.txt())],
        Err(_) => Vec::new(),
    }
}

/// The file that is to be stopped, and where it was seen.
pub(super) fn about_file(_: &Key, _: Json<'_>, args: &Args) -> Vec<Call> {
    let sha1 = args.sha1.clone().unwrap_or_default();
    let Ok(path) = Path::new("/files").id(sha1.txt()) else {
        return Vec::new();
    };
    let get = |path: Path, needs| {
        let call = Call::get(Service::Defender, path);
        call.needs(needs).none_is_404()
    };
    vec![
        get(path.clone(), &["File.Read.All"]),
        get(path.then("/machines"), action::NEEDS),
    ]
}

/// What is known of the file that is to be stopped.
pub(super) fn file(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let what = "what is known of the file";
    match answer(about, FILE, what, &mut out) {
        Some(Answer::None) => out.push(Consequence::warn("the service knows no file of this hash")),
        Some(known) => {
            let file = known.entity().unwrap_or(Json(&serde_json::Value::Null));
            let signer = file.text("signer").or_else(|| file.text("filePublisher"));
            let signed = match &signer {
                Some(signer) => format!("signed by {}", signer.txt().shown()),
                None => "not signed".to_owned(),
            };
            let everywhere = file.int("globalPrevalence");
            let everywhere =
                everywhere.map_or(String::new(), |n| format!(", on {n} devices of the world"));
            let text = format!(
                "the file: {}, {signed}{everywhere}",
                shown(file, "determinationType")
            );
            let microsoft =
                signer.is_some_and(|s| s.txt().exact().to_lowercase().contains("microsoft"));
            out.push(
                match microsoft && file.bool("isValidCertificate") == Some(true) {
                    true => Consequence::grave(format!(
                        "{text}: the service refuses what Microsoft signed"
                    ))
                    .raises(3),
                    false => Consequence::note(text),
                },
            );
        }
        None => {}
    }
    if let Some(seen) = answer(
        about,
        SEEN_ON,
        "whether it was seen on this device",
        &mut out,
    ) {
        let here = |m: Json<'_>| m.text("id").as_ref() == Some(&about.key.id);
        if !seen.items().any(here) {
            out.push(Consequence::warn("it was not seen on this device lately"));
        }
    }
    out
}

/// What only traces of its programs tell: whether it runs virtual machines, and whether its sensor speaks by a proxy.
pub(super) fn traces(key: &Key, _: Json<'_>, _: &Args) -> Vec<Call> {
    let id = key.id.txt().kql_literal();
    vec![hunt(format!(
        "let mine = {id};
union
(union DeviceProcessEvents, DeviceNetworkEvents, DeviceFileEvents
| where Timestamp > ago(7d) and DeviceId == mine and InitiatingProcessFileName in~ ('vmms.exe', 'vmwp.exe')
| take 1 | project Trace = 'virtual machines', At = ''),
(DeviceNetworkEvents
| where Timestamp > ago(7d) and DeviceId == mine and RemotePort in (3128, 8000, 8080, 8081, 8888, 9090)
| where InitiatingProcessFileName in~ ('mssense.exe', 'sensecncproxy.exe', 'wdavdaemon')
| take 1 | project Trace = 'proxy', At = strcat(RemoteIP, ':', RemotePort))"
    ))]
}

pub(super) const LOGONS: usize = 0;
pub(super) const ACTIONS: usize = 1;
const TRACES: usize = 2;
const FILE: usize = 2;
const SEEN_ON: usize = 3;

/// Which record it is, and what is asked of it already: who adds to that meanwhile makes another case of it.
pub(super) fn state(_: &Key, now: Json<'_>, answers: &[Answer]) -> Vec<Fact> {
    let running = answers.get(ACTIONS).map(|a| {
        let mut ids: Vec<String> = a
            .items()
            .filter(|a| action::is_open(*a))
            .filter_map(|a| Some(a.text("id")?.txt().exact().to_owned()))
            .collect();
        ids.sort();
        ids.join(", ")
    });
    vec![
        ("name", now.text("computerDnsName")),
        ("merged into", now.text("mergedIntoMachineId")),
        ("onboarding", now.text("onboardingStatus")),
        (
            "running actions",
            running.filter(|r| !r.is_empty()).map(Text::from),
        ),
    ]
}

pub(super) fn isolation_word(answers: &[Answer]) -> &'static str {
    match answers.get(ACTIONS) {
        Some(Answer::Got { .. } | Answer::None) => {
            match isolation(answers.iter().skip(ACTIONS).take(1).flat_map(Answer::items)) {
                Isolation::Full => "full",
                Isolation::Selective => "selective",
                Isolation::No => "no",
                Isolation::Unknown => "unknown",
            }
        }
        _ => "unknown",
    }
}

// ---- what follows from it

/// A device that is on reports in full once a day.
const REPORT: i64 = 30 * HOUR;

/// What is said before anything on a machine.
pub(super) fn ordinary(about: &About<'_>, kind: &str) -> Vec<Consequence> {
    let j = about.entity;
    let mut out = Vec::new();
    let health = j.str("healthStatus").unwrap_or("Unknown");
    if !health.eq_ignore_ascii_case("Active") {
        let seen = j.time("lastSeen").map(|t| t.age(about.now).to_string());
        let seen = seen.map_or(String::new(), |s| format!(", last full report {s} ago"));
        out.push(Consequence::warn(format!(
            "its sensor is {}{seen}: an action waits until it reports, for three days at most",
            table::Txt::new(health).shown()
        )));
    } else if let Some(seen) = j.time("lastSeen").filter(|t| t.0 < about.now.0 - REPORT) {
        // the service calls it active for a week after its last word
        out.push(Consequence::warn(format!(
            "last full report {} ago: it may be off; an action waits until it reports, for three days at most",
            seen.age(about.now)
        )));
    }
    if j.bool("isPotentialDuplication") == Some(true) {
        out.push(Consequence::warn(
            "the service thinks this record is a duplicate",
        ));
    }
    if is(j.str("deviceValue"), "High") {
        out.push(Consequence::warn("it is marked as a device of high value"));
    }
    out.extend(server(j));
    out.extend(this_computer(about));
    if let Some(logons) = answer(about, LOGONS, "who is logged on", &mut out) {
        out.extend(people(logons, about.now));
    }
    if let Some(actions) = answer(about, ACTIONS, "actions on it", &mut out) {
        out.extend(running(actions, kind));
    }
    let name = j.text("computerDnsName");
    let me = EntityRef::Device {
        machine: Some(about.key.id.clone()),
        azure: j.text("aadDeviceId"),
        name: name.clone(),
    };
    out.extend(others(about, &me, name.as_ref()));
    if let Some(os) = j.str("osPlatform").filter(|os| !is_named(os)) {
        out.push(Consequence::warn(format!(
            "no page of the service names {} for this: it may refuse",
            table::Txt::new(os).shown()
        )));
    }
    out
}

/// Cutting off the computer one works on. Only its name and its network cards together refuse, and only where one record
/// has them: either alone is easily taken by somebody who does not want to be cut off.
fn this_computer(about: &About<'_>) -> Option<Consequence> {
    if about.verb.tier < 2 || about.verb.follow.is_none() {
        return None;
    }
    let Some(here) = &about.guards().here else {
        let text = "whether it is the computer that this runs on";
        return Some(Consequence::unchecked(text));
    };
    let j = about.entity;
    let name = j.text("computerDnsName").unwrap_or_default();
    let label = name.txt().exact().to_lowercase();
    let named = label.split('.').next() == Some(here.name.as_str());
    let mut cards = j.list("ipAddresses").filter_map(|a| a.str("macAddress"));
    let card = cards.any(|mac| {
        let hex = mac.chars().filter(char::is_ascii_hexdigit);
        here.cards.contains(&hex.collect::<String>().to_lowercase())
    });
    let known = about.known;
    let others = known.same_name(about.key.kind, &name);
    let alone = known.complete(about.key.kind) && others.iter().all(|k| k == about.key);
    let text = match (named, card) {
        (true, true) if alone => {
            let text = "it is the computer that this runs on: you would cut yourself off";
            return Some(Consequence::grave(text).refuses("this-host"));
        }
        (true, true) => "it has the name and a network card of the computer that this runs on",
        (true, false) => "it has the name of the computer that this runs on",
        (false, true) => "it has a network card of the computer that this runs on",
        (false, false) => return None,
    };
    let text = format!("{text}: make sure that you do not cut yourself off");
    Some(Consequence::grave(text).raises(3))
}

/// Platforms that some page of the service names for machine actions.
fn is_named(os: &str) -> bool {
    let linux = [
        "Ubuntu",
        "RedHatEnterpriseLinux",
        "CentOS",
        "Debian",
        "SLES",
        "Linux",
    ];
    os.starts_with("Windows") || linux.contains(&os) || os == "macOS"
}

/// Servers raise the prompt; what is more than a server can only be guessed from its name and tags.
fn server(j: Json<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let is_server = is_server(j) == Some(true);
    let name = j.str("computerDnsName").unwrap_or_default().to_lowercase();
    let label = name.split('.').next().unwrap_or_default().to_owned();
    let tags = j.list("machineTags").filter_map(Json::as_str);
    let words: Vec<String> = tags.map(str::to_lowercase).chain([label]).collect();
    let said = |parts: &[&str]| words.iter().any(|w| parts.iter().any(|p| w.contains(p)));
    let begins = |parts: &[&str]| words.iter().any(|w| parts.iter().any(|p| w.starts_with(p)));
    if is_server && (said(&["-dc", "domain controller", "domaincontroller"]) || begins(&["dc"])) {
        let text = "a domain controller by its name or tags: sign-ins of the whole domain may fail";
        out.push(Consequence::grave(text).raises(3));
    } else if is_server {
        out.push(Consequence::warn("a server: others depend on it").raises(3));
    }
    if said(&["hyper-v", "hyperv", "hv-", "vmhost"]) {
        let text = "a Hyper-V host by its name or tags: isolating it cuts all its guests";
        out.push(Consequence::grave(text).raises(3));
    }
    if said(&["proxy", "dns", "dhcp"]) {
        let text =
            "a proxy, DNS or DHCP server by its name or tags: others lose the network with it";
        out.push(Consequence::grave(text).raises(3));
    }
    out
}

fn people(logons: &Answer, now: Ticks) -> Vec<Consequence> {
    let mut all: Vec<Json<'_>> = logons.items().collect();
    all.sort_by_key(|u| std::cmp::Reverse(u.time("lastSeen")));
    let mut out = Vec::new();
    let name = |u: &Json<'_>| {
        let who = u.text("id").or_else(|| u.text("accountName"))?;
        let at = u.time("lastSeen").map(|t| format!(" ({} ago)", t.age(now)));
        Some(format!("{}{}", who.txt().shown(), at.unwrap_or_default()))
    };
    let names: Vec<String> = all.iter().filter_map(name).collect();
    match names.is_empty() {
        true => out.push(Consequence::note("nobody was seen logged on")),
        false => out.push(Consequence::note(format!(
            "logged on: {}",
            list(names.into_iter(), 3)
        ))),
    }
    let admins = all.iter().filter(|u| u.bool("isDomainAdmin") == Some(true));
    let admins: Vec<String> = admins.filter_map(name).collect();
    if !admins.is_empty() {
        let who = list(admins.into_iter(), 3);
        out.push(Consequence::warn(format!(
            "domain administrators used it: {who}"
        )));
    }
    out
}

/// Actions on their way; one of the same kind will meet this one.
fn running(actions: &Answer, kind: &str) -> Vec<Consequence> {
    let mut out = Vec::new();
    for open in actions.items().filter(|a| action::is_open(*a)) {
        let text = format!(
            "{} is {} already, asked by {}",
            shown(open, "type"),
            shown(open, "status"),
            shown(open, "requestor")
        );
        out.push(match is(open.str("type"), kind) {
            true => Consequence::warn(format!(
                "{text}: the service refuses a second one or gives that one back"
            )),
            false => Consequence::note(text),
        });
    }
    out
}

pub(super) fn isolating(about: &About<'_>, way: &str) -> Vec<Consequence> {
    let mut out = ordinary(about, "Isolate");
    let j = about.entity;
    match isolation_word(about.answers) {
        "full" | "selective" => out.push(Consequence::warn("it is isolated already (last known)")),
        "no" => out.push(Consequence::note("it is not isolated (last known)")),
        _ => out.push(Consequence::unchecked("whether it is isolated already")),
    }
    out.push(Consequence::warn(match way {
        "Full" => "all its connections end until it is released; only Defender's own stay",
        _ => "all its connections end until it is released, but those of Outlook, Teams and Skype",
    }));
    out.extend(traced(about, way));
    let os = j.str("osPlatform").unwrap_or_default();
    if is_named(os) && !os.starts_with("Windows") {
        if os != "macOS" {
            let text = "on Linux any later change of iptables ends the isolation unseen";
            out.push(Consequence::warn(text));
        }
        if way == "Selective" && os != "macOS" {
            let text =
                "the service's pages name Windows and macOS for selective isolation: it may refuse";
            out.push(Consequence::warn(text));
        }
    }
    out
}

/// What its traces tell of virtual machines and proxies; none of either is no proof, a VPN leaves none.
fn traced(about: &About<'_>, way: &str) -> Vec<Consequence> {
    let mut out = Vec::new();
    let what = match is_server(about.entity) {
        Some(true) => "whether it is a Hyper-V host or behind a web proxy",
        _ => "whether it is behind a web proxy",
    };
    let found = answer(about, TRACES, what, &mut out);
    let trace = |word: &str| {
        let mut rows = found.into_iter().flat_map(rows);
        rows.find(|r| r.str("Trace") == Some(word))
    };
    if trace("virtual machines").is_some() {
        let text = "it runs Hyper-V virtual machines: isolating it cuts them all";
        out.push(Consequence::grave(text).raises(3));
    }
    let other = match way {
        "Full" => ": it may not come back; isolate selectively instead",
        _ => "",
    };
    match (trace("proxy"), found) {
        (Some(row), _) => {
            let text = format!("its sensor speaks by a proxy ({}){other}", shown(row, "At"));
            out.push(Consequence::grave(text));
        }
        (None, Some(_)) => {
            out.push(Consequence::note("no trace of a web proxy (7 days)"));
        }
        // said above; what follows if it is
        (None, None) if way == "Full" => out.push(Consequence::warn(
            "behind a web proxy (PAC, WPAD, static) it may not come back: isolate selectively then",
        )),
        (None, None) => {}
    }
    out.push(Consequence::unchecked(
        "a full-tunnel VPN cuts Defender off too; that cannot be seen from here",
    ));
    out
}

pub(super) fn releasing(about: &About<'_>) -> Vec<Consequence> {
    let mut out = ordinary(about, "Unisolate");
    let actions = about.answers.get(ACTIONS);
    match isolation_word(about.answers) {
        "no" => out.push(Consequence::warn("it is not isolated (last known)")),
        "unknown" => out.push(Consequence::unchecked("whether it is isolated")),
        _ => {}
    }
    let pending = actions.into_iter().flat_map(Answer::items);
    let pending = pending.filter(|a| action::is_open(*a) && is(a.str("type"), "Isolate"));
    if pending.count() > 0 {
        out.push(Consequence::grave(
            "an isolation is still on its way: it may be carried out after this release and leave the device isolated; cancel it first",
        ));
    }
    out.extend(whose(about, "Isolate", "isolated it"));
    out
}

/// Taking back what someone else did is another matter; the service's record decides, and not knowing counts as someone else.
pub(super) fn whose(about: &About<'_>, kind: &str, did: &str) -> Option<Consequence> {
    let actions = about
        .answers
        .get(ACTIONS)
        .into_iter()
        .flat_map(Answer::items);
    let last = actions
        .filter(|a| is(a.str("type"), kind) && is(a.str("status"), "Succeeded"))
        .max_by_key(|a| action::moved(*a));
    match last {
        Some(a) if is_us(about, a.str("requestor")) => None,
        Some(a) => {
            let who = shown(a, "requestor");
            Some(Consequence::warn(format!("{who} {did}, not you")).raises(2))
        }
        None => Some(Consequence::unchecked(format!("who {did} is not known")).raises(2)),
    }
}

// ---- what becomes of it

pub(super) const FOLLOW: Follow = Follow {
    poll: |_, yes| {
        let id = yes.text("id")?;
        let path = Path::new("/machineactions").id(id.txt()).ok()?;
        Some(Call::get(Service::Defender, path).needs(action::NEEDS))
    },
    course,
};

/// Where a machine action stands. A word that this version does not know is not the end of it.
pub fn course(action: Json<'_>) -> Course {
    let status = action.str("status").unwrap_or_default();
    let known = [
        ("Pending", Stand::Pending),
        ("InProgress", Stand::InProgress),
        ("Succeeded", Stand::Succeeded),
        ("Failed", Stand::Failed),
        ("TimeOut", Stand::Failed),
        ("Cancelled", Stand::Failed),
    ];
    let stand = known.iter().find(|(word, _)| is(Some(status), word));
    let mut said = match stand {
        Some((_, Stand::Pending)) => "waits for the device".to_owned(),
        Some((_, Stand::InProgress | Stand::Succeeded)) => String::new(),
        _ => table::Txt::new(status).shown().into_owned(),
    };
    if is(Some(status), "TimeOut") {
        said = "the device did not answer in time (TimeOut)".to_owned();
    }
    if is(Some(status), "Cancelled") {
        said = format!("cancelled by {}", shown(action, "cancellationRequestor"));
    }
    if let Some(code) = action.int("errorHResult").filter(|n| *n != 0) {
        said.push_str(&format!(": error {}", error_words(code)));
    }
    Course {
        stand: stand.map_or(Stand::InProgress, |(_, s)| *s),
        detail: said,
        action: action.text("id"),
    }
}
