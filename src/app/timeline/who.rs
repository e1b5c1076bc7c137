//! Who it is by the ids that services go by, where only a name is known: an alert names a person by the sign-in name, and
//! what was done to a person is on record under the object id. Asked once, before the sources are.

use super::gather;
use crate::app::App;
use crate::app::refs::complete;
use crate::model::call::Path;
use crate::model::{Call, EntityRef, Json, Key, Kind, Service};
use crate::msg::{Body, Effect, Reply, Request, Slot};
use crate::resource::{Answer, spec};

/// The slot of the question, beside those of the sources.
pub const NAME: &str = "who";

/// How far it is known who it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Who {
    /// By id, or not asked yet.
    #[default]
    Known,
    Asked,
    /// By name alone, and why.
    Unnamed(String),
}

/// The id that services go by.
pub fn key(of: &EntityRef) -> Option<Key> {
    match of {
        EntityRef::User { id: Some(id), .. } => Some(Key::new(Kind::User, id.clone())),
        EntityRef::Device {
            machine: Some(id), ..
        } => Some(Key::new(Kind::Device, id.clone())),
        _ => None,
    }
}

/// The question; none where only an account's name on devices is known.
fn call(of: &EntityRef) -> Option<Call> {
    let named = |service, path, field: &str, name: &table::Text| {
        Call::get(service, Path::new(path)).query(
            "$filter",
            format!("{field} eq {}", name.txt().odata_literal()),
        )
    };
    match of {
        EntityRef::User { upn: Some(upn), .. } => Some(
            named(Service::Graph, "/users", "userPrincipalName", upn)
                .query(
                    "$select",
                    "id,userPrincipalName,onPremisesSecurityIdentifier,onPremisesSamAccountName",
                )
                .needs(spec(Kind::User).needs),
        ),
        EntityRef::Device {
            name: Some(name), ..
        } => Some(
            named(Service::Defender, "/machines", "computerDnsName", name)
                .needs(spec(Kind::Device).needs)
                .none_is_404(),
        ),
        _ => None,
    }
}

/// Asks, where it is not known. True: the sources wait for the answer.
pub fn ask(app: &mut App, fx: &mut Vec<Effect>) -> bool {
    let Some(t) = app.timeline.as_mut() else {
        return false;
    };
    if t.key.is_some() || matches!(t.who, Who::Unnamed(_)) {
        return false;
    }
    let Some(call) = call(&t.of) else {
        t.who = Who::Unnamed("only the name of its account is known".into());
        return false;
    };
    t.who = Who::Asked;
    let ticket = app.tickets.issue(Slot::Timeline(NAME));
    let calls = vec![call];
    fx.push(Effect::Ask(ticket, Request::Pick { calls }));
    true
}

/// The answer; the sources are asked now, whatever it is.
pub fn reply(app: &mut App, reply: &Reply, fx: &mut Vec<Effect>) {
    let Some(t) = app.timeline.as_mut() else {
        return;
    };
    let found = match &reply.body {
        Body::Part(answers) => match answers.first() {
            Some(answer @ Answer::Got { .. }) => {
                let all: Vec<Json<'_>> = answer.items().collect();
                match all.as_slice() {
                    [one] => Ok(named(&t.of, *one)),
                    [] => Err("nobody has this name".to_owned()),
                    _ => Err(format!("{} have this name", all.len())),
                }
            }
            Some(Answer::Withheld(needs)) => Err(format!("needs {}", needs.join(" or "))),
            Some(Answer::Failed(fault)) => Err(fault.to_string()),
            Some(Answer::None) | None => Err("nothing has this name".to_owned()),
        },
        Body::Fault(fault) => Err(fault.to_string()),
        _ => Err("the question ended without an answer".to_owned()),
    };
    match found {
        Ok(more) => {
            complete(&mut t.of, more);
            t.key = key(&t.of);
            t.who = Who::Known;
        }
        Err(why) => t.who = Who::Unnamed(why),
    }
    gather::ask(app, fx);
}

fn named(of: &EntityRef, j: Json<'_>) -> EntityRef {
    match of {
        EntityRef::Device { .. } => EntityRef::Device {
            machine: j.text("id"),
            azure: j.text("aadDeviceId"),
            name: j.text("computerDnsName"),
        },
        _ => EntityRef::User {
            id: j.text("id"),
            upn: j.text("userPrincipalName"),
            sid: j.text("onPremisesSecurityIdentifier"),
            name: j.text("onPremisesSamAccountName"),
        },
    }
}
