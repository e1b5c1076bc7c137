//! The frame of an incident: which story, when, with which alerts. Cheap enough to be made for every row.
//!
//! Ranks count from the newest incident (0). Alerts are dealt out newest first until the tenant's number is reached; what is left
//! over goes to stories that repeat, so the number is always met. Where there are fewer alerts than incidents need, the oldest
//! incidents have none, as where alerts have outlived their retention.

use super::World;
use super::dice::{Dice, Topic};
use super::stamp::{DAY, MINUTE, SECOND, Stamp};
use super::story::{Machine, Quirk, Severity, Spec, Template, Who, attacks, noises, specials};

/// Rank of the first arrival; those of the index lie below.
pub const ARRIVALS: u32 = 1 << 28;
/// Alert ordinals of the first arrival; those of the index lie below.
pub const ARRIVED_ALERTS: u32 = 1 << 28;
/// Room for the alerts of one arrival.
pub const ARRIVAL_ROOM: u32 = 16;
/// Attacks stand at rank 1, 4, 7 …, specials at 24, 27, 30 …, so that small tenants have them too.
const FIRST_SPECIAL: usize = 24;

/// Which template, which of its alerts, how many repeats.
#[derive(Clone, Copy, Debug)]
struct Plan {
    template: u16,
    mask: u16,
    extra: u32,
}

/// Plans of all incidents and the ordinal of each one's first alert.
#[derive(Debug)]
pub struct Plans {
    plans: Vec<Plan>,
    first: Vec<u32>,
}

/// See the module header.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The rank, or `ARRIVALS` and more.
    pub rank: u32,
    pub template: &'static Template,
    pub created: Stamp,
    /// Nothing of it is later.
    pub until: Stamp,
    /// Ordinal of its first alert.
    pub first_alert: u32,
    mask: u16,
    extra: u32,
}

impl Frame {
    /// A frame with every alert of a template once, for rehearsals.
    pub fn sample(template: &'static Template, now: Stamp) -> Frame {
        let mask = u16::MAX >> (16 - template.specs.len().min(16));
        Frame {
            rank: ARRIVALS - 1,
            template,
            created: now.plus(-DAY),
            until: now,
            first_alert: ARRIVED_ALERTS - 64,
            mask,
            extra: 0,
        }
    }

    /// How many alerts it has.
    pub fn alerts(&self) -> usize {
        self.mask.count_ones() as usize + self.extra as usize
    }

    /// The spec of its k-th alert and how many times that was seen before.
    pub fn spec(&self, k: usize) -> (&'static Spec, usize) {
        let specs = self.template.specs;
        let own = self.mask.count_ones() as usize;
        if k >= own {
            return (&specs[specs.len() - 1], k + 1 - own);
        }
        let mut left = k;
        for (i, spec) in specs.iter().enumerate() {
            if self.mask >> i & 1 == 1 {
                if left == 0 {
                    return (spec, 0);
                }
                left -= 1;
            }
        }
        (&specs[0], 0)
    }

    /// Ticks from the first alert to the k-th, unscaled.
    fn offset(&self, world: &World, k: usize) -> i64 {
        let zero = i64::from(self.spec(0).0.minute);
        let (spec, repeat) = self.spec(k);
        let gap = 4 + (world.seed.hash(Topic::Story, u64::from(self.rank)) % 50) as i64;
        (i64::from(spec.minute) - zero + repeat as i64 * gap) * MINUTE
    }

    /// When the k-th alert was created.
    pub fn alert_created(&self, world: &World, k: usize) -> Stamp {
        let room = self.until.since(self.created) * 4 / 5;
        let span = self.offset(world, self.alerts() - 1).max(1);
        let mut offset = self.offset(world, k);
        if span > room {
            offset = (i128::from(offset) * i128::from(room.max(0)) / i128::from(span)) as i64;
        }
        let jitter = if k == 0 || room < MINUTE {
            0
        } else {
            (world.seed.hash(Topic::Alert, self.ordinal(k)) % (40 * SECOND as u64)) as i64
        };
        self.created.plus((offset + jitter).min(room.max(0)))
    }

    /// First and last activity of the k-th alert.
    pub fn activity(&self, world: &World, k: usize) -> (Stamp, Stamp) {
        let mut dice = world.seed.dice(Topic::Process, self.ordinal(k));
        let last = self
            .alert_created(world, k)
            .plus(-dice.range(15 * SECOND, 200 * SECOND));
        (last.plus(-dice.range(90 * SECOND, 14 * MINUTE)), last)
    }

    /// Number of the k-th alert among all.
    pub fn ordinal(&self, k: usize) -> u64 {
        u64::from(self.first_alert) + k as u64
    }

    /// The worst severity of its alerts.
    pub fn severity(&self) -> Severity {
        let specs = self.template.specs;
        let all = (0..specs.len())
            .filter(|i| self.mask >> i & 1 == 1)
            .map(|i| specs[i].severity);
        all.max().unwrap_or_else(|| self.template.severity())
    }
}

impl World {
    fn template_of(&self, rank: usize, dice: &mut Dice) -> u16 {
        let (attacks, noises) = (attacks(), noises());
        if rank % 3 == 1 && rank / 3 < attacks.len() {
            return (rank / 3) as u16;
        }
        if rank >= FIRST_SPECIAL
            && rank.is_multiple_of(3)
            && (rank - FIRST_SPECIAL) / 3 < specials().len()
        {
            return (attacks.len() + noises.len() + (rank - FIRST_SPECIAL) / 3) as u16;
        }
        let (list, from) = if dice.chance(130) {
            (attacks, 0)
        } else {
            (noises, attacks.len())
        };
        // a round of all, so that the rare ones are there in every tenant of a decent size
        if rank < 400 {
            return (from + rank % list.len()) as u16;
        }
        let total: u32 = list.iter().map(|t| t.weight).sum();
        let mut at = dice.below(u64::from(total)) as u32;
        for (i, template) in list.iter().enumerate() {
            if at < template.weight {
                return (from + i) as u16;
            }
            at -= template.weight;
        }
        from as u16
    }

    fn template(number: u16) -> &'static Template {
        let (attacks, noises) = (attacks(), noises());
        let n = usize::from(number);
        match n {
            n if n < attacks.len() => attacks[n],
            n if n < attacks.len() + noises.len() => noises[n - attacks.len()],
            n => &specials()[(n - attacks.len() - noises.len()) % specials().len()],
        }
    }

    fn mask(template: &Template, dice: &mut Dice) -> u16 {
        if matches!(template.quirk, Quirk::MergedInto(_)) {
            return 0;
        }
        let mut mask = 0;
        for (i, spec) in template.specs.iter().enumerate() {
            if dice.chance(u64::from(spec.odds)) {
                mask |= 1 << i;
            }
        }
        mask
    }

    pub(super) fn plans(&self) -> &Plans {
        self.plans.get_or_init(|| {
            let n = self.size.incidents as usize;
            let mut left = self.size.alerts;
            let mut plans = Vec::with_capacity(n);
            for rank in 0..n {
                let mut dice = self.seed.dice(Topic::Story, rank as u64);
                let template = self.template_of(rank, &mut dice);
                let mut mask = Self::mask(Self::template(template), &mut dice);
                while mask.count_ones() > left {
                    mask &= mask - 1;
                }
                left -= mask.count_ones();
                plans.push(Plan {
                    template,
                    mask,
                    extra: 0,
                });
            }
            if left > 0 {
                self.deal(&mut plans, left);
            }
            let mut first = Vec::with_capacity(n);
            let mut next = 0;
            for plan in &plans {
                first.push(next);
                next += plan.mask.count_ones() + plan.extra;
            }
            Plans { plans, first }
        })
    }

    /// Deals the remaining alerts to the stories that repeat, by weights that vary.
    fn deal(&self, plans: &mut [Plan], left: u32) {
        let weight = |rank: usize, plan: &Plan| -> u64 {
            if plan.mask == 0 || !Self::template(plan.template).repeats {
                return 0;
            }
            [0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 6, 9]
                [(self.seed.hash(Topic::Alert, rank as u64) % 12) as usize]
        };
        let mut total: u64 = plans
            .iter()
            .enumerate()
            .map(|(rank, plan)| weight(rank, plan))
            .sum();
        let any = total == 0;
        if any {
            total = plans.iter().filter(|plan| plan.mask != 0).count() as u64;
        }
        if total == 0 {
            return;
        }
        let mut before = 0u64;
        for (rank, plan) in plans.iter_mut().enumerate() {
            let own = if any {
                u64::from(plan.mask != 0)
            } else {
                weight(rank, plan)
            };
            let share = |sum: u64| sum * u64::from(left) / total;
            plan.extra = (share(before + own) - share(before)) as u32;
            before += own;
        }
    }

    /// When the incident of a rank was created: minutes ago for the newest, 180 days for the oldest.
    pub(super) fn incident_created(&self, rank: usize) -> Stamp {
        let n = f64::from(self.size.incidents.max(1));
        let jitter = (self.seed.hash(Topic::Incident, rank as u64) % 1000) as f64 / 1000.0;
        let x = (rank as f64 + jitter) / n;
        let share = 0.06 * x + 0.94 * x * x * x * x;
        let age = (180.0 * DAY as f64 * share) as i64 + 2 * MINUTE;
        self.now.plus(-age)
    }

    /// The frame of the incident of a rank.
    pub(super) fn frame(&self, rank: usize) -> Frame {
        let plans = self.plans();
        let Plan {
            template,
            mask,
            extra,
        } = plans.plans[rank];
        Frame {
            rank: rank as u32,
            template: Self::template(template),
            created: self.incident_created(rank),
            until: self.now,
            first_alert: plans.first[rank],
            mask,
            extra,
        }
    }

    /// The frame of the n-th arrival.
    pub(super) fn arriving(&self, n: u64, at: Stamp) -> Frame {
        let n = (n % u64::from(ARRIVALS)) as u32;
        let rank = ARRIVALS + n;
        let mut dice = self.seed.dice(Topic::Story, u64::from(rank));
        let (attacks, noises) = (attacks(), noises());
        let template = if dice.chance(250) {
            *dice.pick(attacks)
        } else {
            *dice.pick(noises)
        };
        let first_alert = ARRIVED_ALERTS + (n % (1 << 20)) * ARRIVAL_ROOM;
        Frame {
            rank,
            template,
            created: at,
            until: at,
            first_alert,
            mask: Self::mask(template, &mut dice),
            extra: 0,
        }
    }

    /// The incident and place in it of an alert's ordinal; None for arrivals and what does not exist.
    pub(super) fn alert_place(&self, ordinal: u32) -> Option<(usize, usize)> {
        let plans = self.plans();
        let rank = plans
            .first
            .partition_point(|first| *first <= ordinal)
            .checked_sub(1)?;
        let plan = plans.plans[rank];
        let k = ordinal - plans.first[rank];
        (k < plan.mask.count_ones() + plan.extra).then_some((rank, k as usize))
    }

    /// The user in a slot of the cast. Repeats of an alert have other people.
    pub(super) fn cast_user(&self, frame: &Frame, slot: usize, repeat: usize) -> Option<usize> {
        let who = *frame.template.people.get(slot)?;
        let number = u64::from(frame.rank) << 16 | (slot as u64) << 12 | repeat as u64;
        let mut dice = self.seed.dice(Topic::Cast, number);
        Some(match who {
            Who::Owner(machine) => {
                let device = self.cast_machine(frame, usize::from(machine), repeat);
                match device.and_then(|d| self.device(d).owner) {
                    Some(owner) => owner,
                    None => self.some_staff(&mut dice),
                }
            }
            Who::Staff => self.some_staff(&mut dice),
            Who::Executive => dice.below(9) as usize,
            Who::Finance => *dice.pick(&[29, 30, 1]),
            Who::Operator => *dice.pick(&[18, 14, 16, 17]),
            Who::Guest => {
                let tail = self.staff_end()..self.user_count();
                let at = tail.start + dice.below(tail.len().max(1) as u64) as usize;
                let guest = (at..self.user_count())
                    .find(|&u| self.person(u).class == super::people::Class::Guest);
                guest.unwrap_or(28)
            }
            Who::Named(user) => usize::from(user),
        })
    }

    fn some_staff(&self, dice: &mut Dice) -> usize {
        use super::pinned::PINNED;
        let staff = self.staff_end() - PINNED.len();
        if staff == 0 {
            return 29;
        }
        for _ in 0..8 {
            let user = PINNED.len() + dice.below(staff as u64) as usize;
            if self.person(user).enabled {
                return user;
            }
        }
        29
    }

    /// The machine in a slot of the cast. Repeats of an alert have other machines.
    pub(super) fn cast_machine(&self, frame: &Frame, slot: usize, repeat: usize) -> Option<usize> {
        use super::systems::{Kind, SERVERS};
        let what = *frame.template.machines.get(slot)?;
        let number = u64::from(frame.rank) << 16 | (slot as u64 + 8) << 12 | repeat as u64;
        let mut dice = self.seed.dice(Topic::Cast, number);
        let wanted: &[Kind] = match what {
            Machine::Named(server) => return Some(usize::from(server)),
            Machine::Workstation => &[Kind::Workstation],
            Machine::Mac => &[Kind::Mac],
            Machine::Linux => &[Kind::LinuxServer],
            Machine::Server => &[Kind::Server],
            Machine::Phone => &[Kind::Phone],
        };
        let personal = self.machine_count() - SERVERS.len();
        let mut spare = SERVERS.len();
        for _ in 0..40 {
            let d = match what {
                Machine::Server | Machine::Linux if dice.chance(500) => 6 + dice.below(14) as usize,
                _ => SERVERS.len() + dice.below(personal as u64) as usize,
            };
            let device = self.device(d);
            if device.onboarding != "Onboarded" {
                continue;
            }
            if wanted.contains(&device.kind)
                && (device.owner.is_some() || matches!(what, Machine::Server | Machine::Linux))
            {
                return Some(d);
            }
            if device.kind == Kind::Workstation && device.owner.is_some() {
                spare = d;
            }
        }
        Some(spare)
    }
}
