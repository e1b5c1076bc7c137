//! The tenants of the console: each that was opened has a program of its own (state, backend, cache, record, drafts), and one
//! of them is in front. What happens to those behind is taken in and not drawn; nothing of a tenant reaches another one but
//! the rows of the queue of all, which lead back to where they came from.

use super::Clock;
use super::core::{Core, Side, Surface};
use super::fan::Fan;
use super::keep::Keeper;
use crate::app::{App, Given};
use crate::backend::Threads;
use crate::cli::choose::Start;
use crate::config::{AuditConfig, Config, Dirs};
use crate::jobs::Events;
use crate::model::{Engine, Fault, FaultKind, Health, Hue, Identity, Key, Kind, Standing};
use crate::msg::{self, Effect, Elsewhere, Event, Gathered, Level, Request, Slot};
use crate::resource::gathered;
use std::sync::Arc;
use std::time::Duration;

/// A surface for tenants that are not in front: nothing of theirs reaches the terminal.
struct Behind;

impl Surface for Behind {
    fn copy(&mut self, _: &'static str, _: String) -> Option<String> {
        None
    }
    fn title(&mut self, _: &str) {}
    fn mouse(&mut self, _: bool) {}
    fn repaint(&mut self) {}
    fn suspend(&mut self) -> Result<(), String> {
        Ok(())
    }
    fn edit(&mut self, _: &str) -> Result<String, String> {
        Err("another tenant is in front".into())
    }
    fn open(&mut self, _: &str) -> String {
        String::new()
    }
}

/// Finds a tenant of the configuration by its name.
type Find = dyn Fn(&str) -> Result<Start, String>;

/// How further tenants are opened.
pub struct Maker {
    pub dirs: Dirs,
    pub given: Given,
    pub clock: Clock,
    pub keeper: Option<Arc<Keeper>>,
    /// Where the events of a seat go.
    pub events: Box<dyn Fn(usize) -> Events>,
    /// A tenant of the configuration, as it stands there now; else why it cannot be had.
    pub find: Box<Find>,
}

/// One tenant of the configuration.
struct Seat {
    identity: Identity,
    core: Option<Core>,
    /// Kept for as long as its tenant: an embedded simulator.
    sim: Option<sim::Running>,
    /// Why it could not be opened.
    why: Option<String>,
    /// Rows of its incidents that were handed over to the queue of all.
    handed: Option<u32>,
}

/// All tenants there are; at least one is open, and one is in front.
pub struct Seats {
    all: Vec<Seat>,
    front: usize,
    maker: Maker,
    /// What all of their network sides run on.
    threads: Threads,
    gathering: bool,
    /// Queries that several tenants are asked.
    fans: Vec<Fan>,
    /// Fans so far.
    fanned: u64,
    /// How all stood when that was told last.
    told: Vec<Standing>,
}

/// How the tenants are told from each other: by label and colour of the configuration, or a colour by their order. A tenant
/// that is not in the configuration (demo, environment) stands alone.
pub fn identities(config: &Config, name: &str, alone: bool) -> Vec<Identity> {
    let known = config.tenants.iter().any(|t| t.name == name);
    let names: Vec<&str> = match alone || !known {
        true => vec![name],
        false => (config.tenants.iter().map(|t| t.name.as_str()))
            .filter(|n| *n == name || !config.extra(n).disabled)
            .collect(),
    };
    let several = names.len() > 1;
    let identity = |(n, name): (usize, &&str)| {
        let extra = config.extra(name);
        let own = extra.colour.as_deref().and_then(Hue::named);
        Identity {
            name: (*name).to_owned(),
            label: extra.label,
            hue: own.or(several.then(|| Hue::nth(n))),
        }
    };
    names.iter().enumerate().map(identity).collect()
}

impl Seats {
    /// Opens the first tenant; the others wait until they are wanted.
    pub fn new(start: Start, maker: Maker, size: (u16, u16)) -> Self {
        let name = start.tenant.name.clone();
        let identities = identities(&start.config, &name, start.sim.is_some());
        let front = identities.iter().position(|i| i.name == name).unwrap_or(0);
        let seat = |identity| Seat {
            identity,
            core: None,
            sim: None,
            why: None,
            handed: None,
        };
        let mut seats = Self {
            all: identities.into_iter().map(seat).collect(),
            front,
            maker,
            threads: Threads::default(),
            gathering: false,
            fans: Vec::new(),
            fanned: 0,
            told: Vec::new(),
        };
        seats.seat(front, start, size);
        let standings = seats.standings();
        seats.front_mut().app.tenants.all = standings;
        seats
    }

    /// Makes the program of a seat.
    fn seat(&mut self, n: usize, start: Start, size: (u16, u16)) {
        let Start {
            tenant,
            config,
            sim,
            budget_scale,
            ..
        } = start;
        let Some(identity) = self.all.get(n).map(|s| s.identity.clone()) else {
            return;
        };
        let mut app = App::new(self.maker.clock.now(), size);
        app.configure(self.maker.given.clone());
        app.off = config.extra(&tenant.name).modules_off;
        app.tenants.own = identity;
        let audit: AuditConfig = config.audit;
        let core = Core::new(
            app,
            self.maker.clock,
            Side {
                tenant,
                dirs: &self.maker.dirs,
                demo: sim.is_some(),
                keeper: self.maker.keeper.clone(),
                budget_scale,
                audit,
                threads: self.threads.clone(),
            },
            (self.maker.events)(n),
        );
        if let Some(seat) = self.all.get_mut(n) {
            (seat.core, seat.sim, seat.why) = (Some(core), sim, None);
        }
    }

    /// The tenant in front.
    pub fn front(&self) -> &Core {
        // it was opened before it came to the front, and none is ever closed
        self.all[self.front]
            .core
            .as_ref()
            .expect("the tenant in front is open")
    }

    pub fn front_mut(&mut self) -> &mut Core {
        self.all[self.front]
            .core
            .as_mut()
            .expect("the tenant in front is open")
    }

    /// Gives the tenant in front an event.
    pub fn take(&mut self, event: Event, surface: &mut dyn Surface) {
        for fan in &mut self.fans {
            fan.took(self.front, &event);
        }
        self.front_mut().take(event, surface);
        self.after(self.front, surface);
    }

    /// Gives a tenant, in front or not, what came for it.
    pub fn take_for(&mut self, n: usize, event: Event, surface: &mut dyn Surface) {
        if n == self.front {
            return self.take(event, surface);
        }
        for fan in &mut self.fans {
            fan.took(n, &event);
        }
        if let Some(core) = self.all.get_mut(n).and_then(|s| s.core.as_mut()) {
            core.take(event, &mut Behind);
        }
        self.after(n, surface);
    }

    /// How long until one of them wants to be woken.
    pub fn sleep(&self) -> Option<Duration> {
        self.open().filter_map(|(_, core)| core.sleep()).min()
    }

    fn open(&self) -> impl Iterator<Item = (usize, &Core)> {
        let seats = self.all.iter().enumerate();
        seats.filter_map(|(n, seat)| Some((n, seat.core.as_ref()?)))
    }

    /// Wakes those whose time has come.
    pub fn wake(&mut self, surface: &mut dyn Surface) {
        for n in 0..self.all.len() {
            let front = n == self.front;
            let Some(core) = self.all.get_mut(n).and_then(|s| s.core.as_mut()) else {
                continue;
            };
            match front {
                true => core.wake(surface),
                false => core.wake(&mut Behind),
            }
            self.after(n, surface);
        }
    }

    /// What every change of a tenant ends with: wishes that only all together can fulfil, and what the front is to know.
    fn after(&mut self, n: usize, surface: &mut dyn Surface) {
        let wishes = match self.all.get_mut(n).and_then(|s| s.core.as_mut()) {
            Some(core) => std::mem::take(&mut core.wishes),
            None => return,
        };
        // whoever is behind has nobody who could have wished
        let front = self.front;
        for wish in wishes.into_iter().filter(|_| n == front) {
            match wish {
                Elsewhere::Switch { name, open } => self.switch(&name, open, surface),
                Elsewhere::Gather(on) => self.gather(on, surface),
                Elsewhere::Hunt(ask) => self.fan_out(ask, surface),
                Elsewhere::Stop(slot) => self.stop_fan(&slot),
            }
        }
        if self.gathering {
            self.hand_over(n, surface);
        }
        self.fans_done(surface);
        self.tell(surface);
    }

    /// Asks each of the tenants; who cannot be asked has answered with why.
    fn fan_out(&mut self, ask: msg::Fan, surface: &mut dyn Surface) {
        self.fanned += 1;
        let mut fan = Fan::new(self.front, self.fanned, ask);
        for name in fan.ask.tenants.clone() {
            match self.ask_for(&name, &fan, surface) {
                Ok((seat, number)) => fan.asked(&name, seat, number),
                Err(fault) => fan.failed(&name, fault),
            }
        }
        self.fans.push(fan);
        self.fans_done(surface);
    }

    /// Nobody waits for a tab's answer any more: whoever has not answered yet is not asked on.
    fn stop_fan(&mut self, tab: &Slot) {
        let front = self.front;
        let is_it = |f: &Fan| f.origin == front && f.ask.ticket.slot == *tab;
        while let Some(at) = self.fans.iter().position(is_it) {
            let fan = self.fans.remove(at);
            for n in fan.waits_for() {
                if let Some(core) = self.all.get_mut(n).and_then(|s| s.core.as_mut()) {
                    let drop =
                        |app: &mut App, fx: &mut Vec<Effect>| app.drop_command(fan.slot(), fx);
                    core.act(drop, &mut Behind);
                }
            }
        }
    }

    fn ask_for(
        &mut self,
        name: &str,
        fan: &Fan,
        surface: &mut dyn Surface,
    ) -> Result<(usize, u64), Fault> {
        let sign_in = |what: String| {
            Fault::new(FaultKind::SignIn, what).next("go to that tenant (g t) and sign in there")
        };
        let n = self.all.iter().position(|s| s.identity.name == name);
        let n = n.ok_or_else(|| sign_in("it is not in the configuration".into()))?;
        self.begin(n).map_err(sign_in)?;
        let front = n == self.front;
        let Some(core) = self.all.get_mut(n).and_then(|s| s.core.as_mut()) else {
            return Err(sign_in("it is not open".into()));
        };
        // nobody is there who could sign in: waiting for that would hold up all the others
        if let Some(fault) = &core.app.status.sign_in_failed {
            return Err(fault.clone());
        }
        if core.app.status.sign_in.is_some() {
            return Err(sign_in("it waits for a sign-in".into()));
        }
        let request = Request::Hunt {
            engine: Engine::Defender,
            query: fan.ask.query.clone(),
            timespan: fan.ask.timespan.clone(),
        };
        let slot = fan.slot();
        let ask = |app: &mut App, fx: &mut Vec<Effect>| app.ask_command(slot, request, fx);
        let number = match front {
            true => core.act(ask, surface),
            false => core.act(ask, &mut Behind),
        };
        Ok((n, number))
    }

    /// Hands over what all have answered.
    fn fans_done(&mut self, surface: &mut dyn Surface) {
        while let Some(at) = self.fans.iter().position(Fan::is_done) {
            let fan = self.fans.remove(at);
            let (origin, front) = (fan.origin, fan.origin == self.front);
            let reply = Event::Reply(fan.reply(Engine::Defender.most_rows()));
            if let Some(core) = self.all.get_mut(origin).and_then(|s| s.core.as_mut()) {
                match front {
                    true => core.take(reply, surface),
                    false => core.take(reply, &mut Behind),
                }
            }
        }
    }

    /// Brings a tenant to the front. What the one before counted down is taken back, its sets stop (`security.md` 2).
    fn switch(&mut self, name: &str, open: Option<Key>, surface: &mut dyn Surface) {
        let Some(n) = self.place(name) else {
            let text = "that tenant is not in the configuration".to_owned();
            return self.front_mut().notice(Level::Error, text, surface);
        };
        if let Err(why) = self.begin(n) {
            let text = format!("{}: {why}", table::Txt::new(name).shown());
            return self.front_mut().notice(Level::Error, text, surface);
        }
        self.front_mut().take(Event::Behind, &mut Behind);
        let before = std::mem::replace(&mut self.front, n);
        if before != n
            && let Ok([old, new]) = self.all.get_disjoint_mut([before, n])
            && let (Some(old), Some(new)) = (&old.core, &mut new.core)
        {
            new.adopt(old);
            if new.app.size != old.app.size {
                let (cols, rows) = old.app.size;
                new.take(Event::Resize(cols, rows), &mut Behind);
            }
        }
        surface.repaint();
        self.told.clear();
        let standings = self.standings();
        let core = self.front_mut();
        core.app.fronted();
        core.take(Event::Tenants(standings), surface);
        if let Some(key) = open {
            core.act(|app, fx| app.open_here(key, fx), surface);
        }
        core.app.dirty = true;
    }

    /// The place of a tenant; one that was set up meanwhile gets one.
    fn place(&mut self, name: &str) -> Option<usize> {
        let known = self.all.iter().position(|s| s.identity.name == name);
        if known.is_some() {
            return known;
        }
        let start = (self.maker.find)(name).ok()?;
        let all = identities(&start.config, name, false);
        let identity = all.into_iter().find(|i| i.name == name)?;
        self.all.push(Seat {
            identity,
            core: None,
            sim: None,
            why: None,
            handed: None,
        });
        Some(self.all.len() - 1)
    }

    /// Opens a tenant that was not yet.
    fn begin(&mut self, n: usize) -> Result<(), String> {
        let Some(seat) = self.all.get(n) else {
            return Err("there is no such tenant".into());
        };
        if seat.core.is_some() {
            return Ok(());
        }
        let start = (self.maker.find)(&seat.identity.name);
        let start = start.inspect_err(|why| {
            if let Some(seat) = self.all.get_mut(n) {
                seat.why = Some(why.clone());
            }
        })?;
        let size = self.front().app.size;
        self.seat(n, start, size);
        if let Some(core) = self.all.get_mut(n).and_then(|s| s.core.as_mut()) {
            core.start(&mut Behind);
        }
        Ok(())
    }

    /// Opens all of them and hands over their incidents, or ends that.
    fn gather(&mut self, on: bool, surface: &mut dyn Surface) {
        self.gathering = on;
        if !on {
            return;
        }
        for n in 0..self.all.len() {
            if let Some(seat) = self.all.get_mut(n) {
                seat.handed = None;
            }
            // why it could not be had is told with how it stands
            if self.begin(n).is_ok() {
                self.hand_over(n, surface);
            }
        }
    }

    /// Hands what is new of a tenant's incidents to the queue of all.
    fn hand_over(&mut self, n: usize, surface: &mut dyn Surface) {
        let Some(seat) = self.all.get_mut(n) else {
            return;
        };
        let Some(app) = seat.core.as_ref().map(|c| &c.app) else {
            return;
        };
        let Some(pane) = app.panes.iter().find(|p| p.spec.kind == Kind::Incident) else {
            return;
        };
        let (table, name) = (pane.rows.table(), &seat.identity.name);
        let now = table.rows();
        // row numbers only grow, until the table is tidied up
        let from = seat.handed.filter(|from| *from <= now);
        if from == Some(now) {
            return;
        }
        let Some(id) = pane.spec.column("id") else {
            return;
        };
        let live = |row| pane.rows.is_live(row);
        let rows = Arc::new(gathered::rows(name, table, id, from.unwrap_or(0), live));
        let anew = from.is_none().then(|| name.clone());
        seat.handed = Some(now);
        let event = Event::Gathered(Gathered { rows, anew });
        self.front_mut().take(event, surface);
    }

    fn standings(&self) -> Vec<Standing> {
        let standing = |(n, seat): (usize, &Seat)| {
            let mut out = match (&seat.core, &seat.why) {
                (Some(core), _) => core.app.standing(),
                (None, why) => Standing {
                    identity: seat.identity.clone(),
                    health: why.as_ref().map_or(Health::Closed, |_| Health::Bad),
                    says: why.clone().unwrap_or_else(|| "not opened yet".into()),
                    ..Standing::default()
                },
            };
            out.here = n == self.front;
            out
        };
        self.all.iter().enumerate().map(standing).collect()
    }

    /// Tells the front how all stand, where it shows that and something changed.
    fn tell(&mut self, surface: &mut dyn Surface) {
        if !self.front().app.watches_tenants() {
            return;
        }
        let now = self.standings();
        if now != self.told {
            self.told = now.clone();
            self.front_mut().take(Event::Tenants(now), surface);
        }
    }

    /// Stops all of them; those behind first let go of what waits for a person.
    pub fn stop(self) {
        let front = self.front;
        let mut sims = Vec::new();
        for (n, seat) in self.all.into_iter().enumerate() {
            sims.extend(seat.sim);
            if let Some(mut core) = seat.core {
                if n != front {
                    core.take(Event::Hangup, &mut Behind);
                }
                core.stop();
            }
        }
        drop(sims);
    }
}
