//! One query of the tenant in front, asked of several: each answers with its own sign-in, limits and budget; the answers come
//! back as one, and who gave none, or not all, is named.

use crate::model::{Fault, FaultKind};
use crate::msg::{self, Body, Event, Hunted, Reply, Slot};
use crate::resource::hunt_answer::Answer;
use crate::resource::hunt_merge::merge;
use table::Table;

/// Numbers of slots from here on are no query tabs.
const BASE: u64 = 1 << 40;

/// A question under way.
pub struct Fan {
    /// The tenant whose tab asks.
    pub origin: usize,
    pub ask: msg::Fan,
    slot: u64,
    parts: Vec<Part>,
}

struct Part {
    name: String,
    /// Which of the tenants, and the number of its ticket.
    at: Option<(usize, u64)>,
    answer: Option<Result<Hunted, Fault>>,
}

impl Fan {
    /// `number` tells it from others under way.
    pub fn new(origin: usize, number: u64, ask: msg::Fan) -> Self {
        Self {
            origin,
            ask,
            slot: BASE + number,
            parts: Vec::new(),
        }
    }

    pub fn slot(&self) -> Slot {
        Slot::Hunt(self.slot)
    }

    /// A tenant was asked.
    pub fn asked(&mut self, name: &str, seat: usize, number: u64) {
        self.parts.push(Part {
            name: name.to_owned(),
            at: Some((seat, number)),
            answer: None,
        });
    }

    /// A tenant cannot be asked.
    pub fn failed(&mut self, name: &str, fault: Fault) {
        self.parts.push(Part {
            name: name.to_owned(),
            at: None,
            answer: Some(Err(fault)),
        });
    }

    /// Takes an event of a tenant that may be its answer.
    pub fn took(&mut self, seat: usize, event: &Event) {
        let Event::Reply(reply) = event else { return };
        let at = Some((seat, reply.ticket.number));
        let Some(part) = self.parts.iter_mut().find(|p| p.at == at) else {
            return;
        };
        match &reply.body {
            Body::Hunted(hunted) => part.answer = Some(Ok(hunted.clone())),
            Body::Fault(fault) => part.answer = Some(Err(fault.clone())),
            _ if reply.last => {
                let fault = Fault::new(FaultKind::Cancelled, "it ended without an answer");
                part.answer = Some(Err(fault));
            }
            _ => {}
        }
    }

    /// The seats that were asked and have not answered.
    pub fn waits_for(&self) -> Vec<usize> {
        let open = self.parts.iter().filter(|p| p.answer.is_none());
        open.filter_map(|p| Some(p.at?.0)).collect()
    }

    pub fn is_done(&self) -> bool {
        self.parts.iter().all(|p| p.answer.is_some())
    }

    /// All answers as the one that the tab waits for.
    pub fn reply(self, most: Option<u32>) -> Reply {
        let (mut good, mut said, mut worst) = (Vec::new(), Vec::new(), None);
        for part in &self.parts {
            let name = table::Txt::new(&part.name).shown().into_owned();
            match &part.answer {
                Some(Ok(hunted)) => {
                    let full = most.filter(|most| hunted.answer.table.rows() >= *most);
                    let full = full.map(|most| format!("the service gives no more than {most}"));
                    let why = hunted.partial.clone().or(full);
                    said.extend(why.map(|why| format!("{name}: {why}")));
                    good.push((part.name.as_str(), &hunted.answer));
                }
                Some(Err(fault)) => {
                    said.push(format!("{name}: {fault}"));
                    worst.get_or_insert(fault.kind);
                }
                None => said.push(format!("{name}: no answer")),
            }
        }
        let body = match good.is_empty() {
            true => Body::Fault(Fault::new(
                worst.unwrap_or(FaultKind::Internal),
                said.join("; "),
            )),
            false => {
                let tables: Vec<(&str, &Table)> =
                    good.iter().map(|(name, a)| (*name, &a.table)).collect();
                let sum = |of: fn(&Answer) -> u64| good.iter().map(|(_, a)| of(a)).sum();
                Body::Hunted(Hunted {
                    answer: Answer {
                        table: merge(&tables),
                        odd: sum(|a| a.odd),
                        first_odd: None,
                        bad_rows: sum(|a| a.bad_rows),
                        strangers: sum(|a| a.strangers),
                    },
                    partial: (!said.is_empty()).then(|| said.join("; ")),
                })
            }
        };
        Reply {
            ticket: self.ask.ticket,
            last: true,
            body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msg::Ticket;

    #[test]
    fn who_has_not_answered_is_known_and_answers_of_others_are_not_its_own() {
        let ticket = |number| Ticket {
            slot: Slot::Hunt(1),
            number,
        };
        let ask = msg::Fan {
            ticket: ticket(7),
            query: "T".into(),
            timespan: None,
            tenants: vec!["a".into(), "b".into(), "c".into()],
        };
        let mut fan = Fan::new(0, 1, ask);
        fan.asked("a", 0, 3);
        fan.asked("b", 1, 3);
        fan.failed("c", Fault::new(FaultKind::SignIn, "no"));
        assert_eq!(fan.waits_for(), [0, 1]);
        let reply = |number| {
            Event::Reply(Reply {
                ticket: ticket(number),
                last: true,
                body: Body::Dropped,
            })
        };
        fan.took(1, &reply(4));
        assert_eq!(fan.waits_for(), [0, 1], "another question of that tenant");
        fan.took(1, &reply(3));
        assert_eq!(fan.waits_for(), [0]);
        assert!(!fan.is_done());
        fan.took(0, &reply(3));
        assert!(fan.is_done());
        let reply = fan.reply(None);
        assert_eq!(reply.ticket, ticket(7));
        let Body::Fault(fault) = reply.body else {
            panic!("nobody answered")
        };
        let said = fault.to_string();
        assert!(
            ["a: ", "b: ", "c: no"].iter().all(|w| said.contains(w)),
            "{said}"
        );
    }
}
