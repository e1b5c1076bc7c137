//! What lists and verbs need, as one table made of their own rows: for the matrix, for the least permissions of a choice, and
//! for setting up. Nothing of it is written twice.

use crate::model::{Kind, Service};
use crate::resource::record::{NEEDS_AUDIT, NEEDS_SEARCH};
use crate::resource::{self, Spec};
use crate::verb;
use std::collections::{BTreeMap, BTreeSet};

/// What hunting queries need.
pub const HUNTING: &str = "ThreatHunting.Read.All";

/// One line of the matrix.
pub struct Need {
    /// `incidents`, `isolate`.
    pub what: &'static str,
    /// The resource it is about, for verbs.
    pub on: &'static str,
    /// The resource's kind; none for hunting.
    pub kind: Option<Kind>,
    pub service: Service,
    /// Any of these; the least first.
    pub any: &'static [&'static str],
    /// And any of these.
    pub also: &'static [&'static str],
    pub role: &'static str,
    pub licence: &'static str,
    pub delegated: bool,
    /// None for reading.
    pub tier: Option<u8>,
}

/// Every list and every verb on each of its kinds.
pub fn all() -> Vec<Need> {
    let read = |what, kind, service, any| Need {
        what,
        on: "",
        kind,
        service,
        any,
        also: &[],
        role: "",
        licence: "",
        delegated: false,
        tier: None,
    };
    let lists = resource::ALL.iter().map(|spec| {
        let service = (spec.listing.list)(None).service;
        read(spec.title, Some(spec.kind), service, spec.needs)
    });
    let hunting = read("Hunting", None, Service::Graph, &[HUNTING]);
    let verbs = verb::all().flat_map(|v| {
        v.kinds.iter().map(move |kind| {
            let needs = (v.needs)(*kind);
            Need {
                what: v.name,
                on: resource::spec(*kind).one,
                kind: Some(*kind),
                service: needs.service,
                any: needs.any,
                also: needs.also,
                role: needs.role,
                licence: needs.licence,
                delegated: needs.delegated,
                tier: Some(v.tier),
            }
        })
    });
    let kind = Some(Kind::Record);
    let audits = read("Sign-ins and audits", kind, Service::Graph, NEEDS_AUDIT);
    let search = read("Audit search", kind, Service::Graph, NEEDS_SEARCH);
    lists
        .chain([hunting, audits, search])
        .chain(verbs)
        .collect()
}

impl Need {
    /// `isolate device`, `incidents`.
    pub fn words(&self) -> String {
        match self.on.is_empty() {
            true => self.what.to_lowercase(),
            false => format!("{} {}", self.what, self.on),
        }
    }

    /// Whether a word means it: `isolate`, `quick-scan`, `Incidents`.
    pub fn is_called(&self, word: &str) -> bool {
        self.what.eq_ignore_ascii_case(word)
            || self.what.replace(' ', "-").eq_ignore_ascii_case(word)
    }
}

/// A part of the program that can be had or left out: the lists of a tab, or hunting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    pub title: &'static str,
}

const HUNT: Module = Module { title: "Hunting" };

/// All of them, in the order of the tabs.
pub fn modules() -> Vec<Module> {
    // what is read from a service beside belongs to an integration of its own
    let ours = resource::ALL
        .iter()
        .filter(|spec| Service::ALL.contains(&(spec.listing.list)(None).service));
    let mut out: Vec<Module> = Vec::new();
    for title in ours.map(|spec| spec.module()) {
        if out.iter().all(|m| m.title != title) {
            out.push(Module { title });
        }
    }
    out.push(HUNT);
    out
}

impl Module {
    /// Its word in prompts and in config.toml.
    pub fn word(&self) -> String {
        self.title.to_lowercase()
    }

    /// Its lists; none of hunting.
    pub fn lists(self) -> impl Iterator<Item = &'static Spec> {
        resource::ALL
            .iter()
            .copied()
            .filter(move |spec| spec.module() == self.title)
    }

    /// Whether a need is of it.
    fn has(self, need: &Need) -> bool {
        match need.kind {
            Some(kind) => resource::spec(kind).module() == self.title,
            None => self == HUNT,
        }
    }
}

/// How much is to be done in the modules that were chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Read,
    /// And the verbs of incidents and alerts.
    Triage,
    /// And every verb.
    Respond,
}

impl Extent {
    pub const ALL: [(&'static str, Extent); 3] = [
        ("read", Extent::Read),
        ("triage", Extent::Triage),
        ("respond", Extent::Respond),
    ];

    fn holds(self, need: &Need) -> bool {
        match (need.tier, self) {
            (None, _) | (_, Extent::Respond) => true,
            (Some(_), Extent::Read) => false,
            (Some(tier), Extent::Triage) => {
                tier <= 1 && matches!(need.kind, Some(Kind::Incident | Kind::Alert))
            }
        }
    }
}

/// Permissions by service.
pub type Least = BTreeMap<Service, BTreeSet<&'static str>>;

/// The least for these needs: where a permission that is wanted anyway serves too, no other is added.
pub fn least<'a>(needs: impl Iterator<Item = &'a Need>) -> Least {
    let mut out = Least::new();
    let mut wanted: Vec<(Service, &'static [&'static str])> = needs
        .flat_map(|n| [(n.service, n.any), (n.service, n.also)])
        .filter(|(_, any)| !any.is_empty())
        .collect();
    // what only one permission serves is settled first
    wanted.sort_by_key(|(_, any)| any.len());
    for (service, any) in wanted {
        let has = out.entry(service).or_default();
        if let Some(first) = any.first()
            && !any.iter().any(|p| has.contains(p))
        {
            has.insert(first);
        }
    }
    out
}

/// The least for these modules. With an app's own sign-in, what only a person can do is left out.
pub fn least_of(modules: &[Module], extent: Extent, person: bool) -> Least {
    let all = all();
    let chosen = all.iter().filter(|n| {
        modules.iter().any(|m| m.has(n)) && extent.holds(n) && (person || !n.delegated)
    });
    least(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_takes_nothing_that_another_permission_serves_already() {
        let incidents: Vec<Module> = modules()
            .into_iter()
            .filter(|m| m.word() == "incidents")
            .collect();
        let read = least_of(&incidents, Extent::Read, false);
        assert_eq!(
            read[&Service::Graph],
            BTreeSet::from(["SecurityIncident.Read.All"])
        );
        let triage = least_of(&incidents, Extent::Triage, false);
        assert_eq!(
            triage[&Service::Graph],
            BTreeSet::from(["SecurityIncident.ReadWrite.All"]),
            "who may write may read"
        );
        let all = least_of(&modules(), Extent::Respond, true);
        let every = super::all();
        let known = modules();
        for need in every.iter().filter(|n| known.iter().any(|m| m.has(n))) {
            let has = &all[&need.service];
            for any in [need.any, need.also] {
                assert!(
                    any.is_empty() || any.iter().any(|p| has.contains(p)),
                    "{} {any:?}",
                    need.words()
                );
            }
        }
    }

    #[test]
    fn every_module_has_a_word_of_its_own() {
        let words: BTreeSet<String> = modules().iter().map(Module::word).collect();
        assert_eq!(words.len(), modules().len());
        assert!(words.contains("incidents") && words.contains("hunting"));
    }

    /// Lists that share a tab are asked for as one, and so are what Microsoft says of itself and announces.
    #[test]
    fn the_lists_of_posture_are_one_module_with_the_permissions_of_all() {
        let all = modules();
        let words: Vec<String> = all.iter().map(Module::word).collect();
        assert_eq!(
            words,
            [
                "incidents",
                "alerts",
                "devices",
                "users",
                "actions",
                "indicators",
                "posture",
                "advisories",
                "hunting"
            ]
        );
        let posture: Vec<Module> = all.into_iter().filter(|m| m.word() == "posture").collect();
        let least = least_of(&posture, Extent::Read, false);
        assert_eq!(
            least[&Service::Graph],
            BTreeSet::from(["SecurityEvents.Read.All"])
        );
        assert_eq!(
            least[&Service::Defender],
            BTreeSet::from([
                "RemediationTasks.Read.All",
                "Score.Read.All",
                "SecurityRecommendation.Read.All",
                "Software.Read.All",
                "Vulnerability.Read.All",
            ])
        );
    }
}
