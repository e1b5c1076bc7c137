//! Why something cannot be had now: one answer for keys, palette, help and tabs.

use super::App;
use super::keymap::Bound;
use crate::model::{Grant, Grants, Kind, Mode, Service};
use crate::resource::Spec;
use crate::resource::record::NEEDS_AUDIT;
use crate::verb::{Form, Verb};

/// The module of queries, beside those of lists.
pub const HUNTING: &str = "Hunting";

impl App {
    /// Why a tab's list cannot be read, with the permission that is missing.
    pub fn usable(&self, index: usize) -> Result<(), String> {
        match self.panes.get(index) {
            Some(pane) if self.is_list_off(pane.spec) => Err(self.switched_off(pane.spec.module())),
            Some(pane) => readable(&self.grants, pane.spec).map_err(|why| {
                let elsewhere = crate::resource::elsewhere(pane.spec.kind);
                elsewhere.map_or(why.clone(), |w| format!("{why}; {w}"))
            }),
            None => Err("there is no such tab".into()),
        }
    }

    /// What is said where no row is meant.
    pub fn nothing(&self) -> &'static str {
        match self.hunting {
            true => "p goes on from what a row of a result names",
            false => "nothing is under the cursor",
        }
    }

    /// Why hunting queries cannot be sent.
    pub fn hunts(&self) -> Result<(), String> {
        self.hunt_blocked().map_or(Ok(()), Err)
    }

    /// Why the list of a kind cannot be read.
    pub fn usable_kind(&self, kind: Kind) -> Result<(), String> {
        let index = self.panes.iter().position(|p| p.spec.kind == kind);
        self.usable(index.unwrap_or(usize::MAX))
    }

    /// A module is switched off for this tenant (`modules-off`): its tab is not there, nothing of it is asked for.
    pub fn is_off(&self, module: &str) -> bool {
        self.off.iter().any(|w| w.eq_ignore_ascii_case(module))
    }

    /// The module of a list is switched off, or the list by its own name.
    pub fn is_list_off(&self, spec: &Spec) -> bool {
        self.is_off(spec.module()) || self.is_off(spec.title)
    }

    /// Why nothing of a module is to be had.
    pub fn switched_off(&self, module: &str) -> String {
        let (word, tenant) = (module.to_lowercase(), &self.tenants.own.name);
        format!(
            "{word}: switched off for this tenant, see `modules-off` in [tenant.{tenant}] of config.toml"
        )
    }

    /// Why an action or verb cannot be had; none = it can.
    pub fn why_not(&self, bound: Bound) -> Option<String> {
        match bound {
            Bound::Action(a) => (a.able)(self).err(),
            Bound::Verb(v) => self.verb_blocked(v),
        }
    }

    /// Why a verb cannot be had on what is under the cursor.
    fn verb_blocked(&self, verb: &Verb) -> Option<String> {
        match verb.form {
            // it brings its own targets: values, wherever one stands
            Form::Indicator => self.why_not_for(verb, verb.kinds.first().copied()),
            _ => self.why_not_for(verb, self.subject().map(|k| k.kind)),
        }
    }

    /// Why a verb cannot be had on something of this kind.
    pub fn why_not_for(&self, verb: &Verb, kind: Option<Kind>) -> Option<String> {
        let Some(session) = &self.session else {
            return Some("not signed in yet".into());
        };
        if let Some(why) = &session.read_only {
            return Some(format!("read-only: {why}"));
        }
        if session.me.is_none() {
            return Some("no person to act as: set `analyst` for this tenant".into());
        }
        let Some(kind) = kind else {
            return Some(self.nothing().into());
        };
        if !verb.kinds.contains(&kind) {
            let kinds: Vec<&str> = verb
                .kinds
                .iter()
                .map(|k| crate::resource::spec(*k).one)
                .collect();
            return Some(format!("for {} only", kinds.join(" and ")));
        }
        let needs = (verb.needs)(kind);
        if let Some(switch) = needs.switch
            && !session.guards.on(switch)
        {
            return Some(session.guards.off(switch, &session.tenant));
        }
        if needs.delegated && session.mode == Mode::AppOnly {
            return Some("a person must sign in for this; this is an app's sign-in".into());
        }
        let missing = [needs.any, needs.also]
            .iter()
            .find_map(|any| missing(&self.grants, needs.service, any));
        missing.map(|why| {
            let mut why = why;
            if !needs.role.is_empty() {
                why.push_str(&format!("; a person needs the role {} too", needs.role));
            }
            if !needs.licence.is_empty() {
                why.push_str(&format!("; licence: {}", needs.licence));
            }
            why
        })
    }

    /// What the permission of a verb is called, for the palette and help.
    pub fn permission_of(&self, verb: &Verb) -> &'static str {
        let kind = self
            .subject()
            .map(|k| k.kind)
            .filter(|k| verb.kinds.contains(k));
        let kind: Option<Kind> = kind.or(verb.kinds.first().copied());
        kind.and_then(|k| (verb.needs)(k).any.first().copied())
            .unwrap_or("")
    }
}

/// Whether a list can be read, as far as the token tells.
pub fn readable(grants: &Grants, spec: &Spec) -> Result<(), String> {
    // the logs have further sources: one that can be read is enough
    let logs = matches!(spec.kind, Kind::Record | Kind::Feed);
    if logs && grants.any(Service::Graph, NEEDS_AUDIT) == Grant::Granted {
        return Ok(());
    }
    let service = (spec.listing.list)(None).service;
    missing(grants, service, spec.needs).map_or(Ok(()), Err)
}

/// Why something that takes any of these permissions cannot be had.
pub fn permitted(grants: &Grants, service: Service, any: &[&str]) -> Result<(), String> {
    missing(grants, service, any).map_or(Ok(()), Err)
}

fn missing(grants: &Grants, service: Service, permissions: &[&str]) -> Option<String> {
    match grants.any(service, permissions) {
        Grant::Granted | Grant::Unknown => None,
        Grant::NotSeen => {
            let (least, others) = permissions.split_first()?;
            let others = if others.is_empty() {
                String::new()
            } else {
                format!(", or {}", others.join(" or "))
            };
            Some(format!(
                "needs {least} ({}){others}; this sign-in does not have it",
                service.name()
            ))
        }
        Grant::Denied => Some(format!(
            "{} refused for want of {}",
            service.name(),
            permissions.join(" or ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{app, at, grants, session};
    use crate::msg::{Event, News};
    use crate::verb;
    use std::sync::Arc;

    /// A program whose sign-in has everything but these.
    fn without(missing: &[&[&str]]) -> App {
        let mut app = app(80, 24);
        let lacks = |p: &&str| missing.iter().any(|m| m.contains(p));
        let all = verb::all().chain(verb::restore::VERBS);
        let needs = all.flat_map(|v| v.kinds.iter().map(|k| (v.needs)(*k)));
        let all: Vec<&str> = needs.flat_map(|n| [n.any, n.also].concat()).collect();
        let has = all.into_iter().filter(|p| !lacks(p)).map(str::to_owned);
        let has: Vec<String> = has.collect();
        let mut grants = Grants::default();
        for service in Service::ALL.iter().chain(&[Service::Office]) {
            grants.token(*service, Some(has.clone()));
        }
        app.update(at(0), Event::News(News::Session(session(), grants)));
        app
    }

    #[test]
    fn every_verb_is_grey_without_its_permission_and_names_it() {
        for verb in verb::all().chain(verb::restore::VERBS) {
            for kind in verb.kinds {
                let needs = (verb.needs)(*kind);
                for lost in [needs.any, needs.also] {
                    let Some(first) = lost.first() else { continue };
                    let why = without(&[lost]).why_not_for(verb, Some(*kind));
                    let why = why.unwrap_or_else(|| panic!("{} without {first}", verb.name));
                    assert!(why.contains(first), "{}: {why}", verb.name);
                    assert!(
                        why.contains(needs.role) && why.contains(needs.licence),
                        "{}: {why}",
                        verb.name
                    );
                    // any one of them does
                    for one in lost {
                        let rest: Vec<&str> = lost.iter().copied().filter(|p| p != one).collect();
                        let other: Vec<&str> = rest
                            .into_iter()
                            .filter(|p| !needs.any.contains(p) || !needs.also.contains(p))
                            .collect();
                        assert_eq!(
                            without(&[&other]).why_not_for(verb, Some(*kind)),
                            None,
                            "{} with {one}",
                            verb.name
                        );
                    }
                }
                assert_eq!(
                    without(&[]).why_not_for(verb, Some(*kind)),
                    None,
                    "{}",
                    verb.name
                );
            }
        }
    }

    /// S4-9, S4-10: the permission and our own switch, and which of them is missing.
    #[test]
    fn switches_read_only_and_a_person_to_act_as_are_named_each_by_itself() {
        for verb in verb::all() {
            let kind = verb.kinds.first().copied();
            let needs = (verb.needs)(verb.kinds[0]);
            let mut app = app(80, 24);
            let say = |app: &mut App, change: &dyn Fn(&mut crate::model::Session)| {
                let mut session = session();
                change(&mut session);
                app.update(at(0), Event::News(News::Session(session, grants())));
                app.why_not_for(verb, kind)
            };
            let off = say(&mut app, &|s| s.guards = Arc::default());
            match needs.switch {
                Some(switch) => {
                    let off = off.unwrap();
                    let line = format!("`{} = true` in [tenant.contoso-prod]", switch.word());
                    assert!(off.contains(&line), "{}: {off}", verb.name);
                }
                None => assert_eq!(off, None, "{}", verb.name),
            }
            let read = say(&mut app, &|s| s.read_only = Some("policy".into()));
            assert!(read.unwrap().contains("read-only: policy"), "{}", verb.name);
            let nobody = say(&mut app, &|s| s.me = None);
            assert!(nobody.unwrap().contains("analyst"), "{}", verb.name);
            let as_app = say(&mut app, &|s| s.mode = Mode::AppOnly);
            assert_eq!(as_app.is_some(), needs.delegated, "{}", verb.name);
        }
    }
}
