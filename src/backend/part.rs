//! Questions with an answer: the calls of a section or pick list, one entity, a search.

use super::call::How;
use super::core::{Core, lock};
use super::paging::{End, Pager};
use super::ports::Rows;
use super::rows::{self, Decode, Known};
use super::supervisor::Out;
use crate::model::{Call, Fault, FaultKind, Grant, Json, Key, Kind, Pages};
use crate::msg::{Body, Entity, Level, Origin, Page, Preview, Previewed, Progress};
use crate::resource::{self, Answer};
use crate::verb::{Args, Verb};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Calls of one question that run side by side.
const SIDE_BY_SIDE: usize = 4;

/// Makes the calls and hands their answers over in order.
pub async fn part(core: &Arc<Core>, calls: Vec<Call>) -> Body {
    Body::Part(answers(core, calls, How::PERSON).await)
}

/// The answers to some calls, in their order.
pub async fn answers(core: &Arc<Core>, calls: Vec<Call>, how: How) -> Vec<Answer> {
    futures_util::stream::iter(calls)
        .map(|call| {
            let core = Arc::clone(core);
            async move { answer(&core, call, how).await }
        })
        .buffered(SIDE_BY_SIDE)
        .collect()
        .await
}

/// Fresh reads of each target and of what the verb wants to know about it.
pub async fn preview(core: &Arc<Core>, verb: &'static Verb, args: Args, keys: Vec<Key>) -> Body {
    let read_at = core.wall();
    let recent = {
        let core = Arc::clone(core);
        blocking(move || core.record.recent(core.wall())).await
    };
    let recent = match recent {
        Ok(recent) => recent,
        // what cannot be counted may be many
        Err(fault) => {
            core.notice(Level::Error, fault.to_string());
            crate::confirm::FEW
        }
    };
    let asked = Asked::default();
    let targets = futures_util::stream::iter(keys)
        .map(|key| {
            let (core, args, asked) = (Arc::clone(core), args.clone(), asked.clone());
            async move {
                let fresh = target_of(&core, verb, &key, &args, How::PERSON).await;
                let entity = fresh.map(|f| f.json);
                let answers = match &entity {
                    // where there is no row yet, what is read about it matters all the more
                    Ok(json) => {
                        let calls = (verb.preview)(&key, Json(json), &args);
                        let beside = (verb.asides)(&key, Json(json), &args);
                        let beside = beside.into_iter().map(|call| asked.once(&core, call));
                        let (mut all, beside) = futures_util::future::join(
                            answers(&core, calls, How::PERSON),
                            futures_util::future::join_all(beside),
                        )
                        .await;
                        all.extend(beside);
                        all
                    }
                    Err(_) => Vec::new(),
                };
                Previewed {
                    key,
                    entity: entity.map(Arc::new),
                    answers,
                }
            }
        })
        .buffered(SIDE_BY_SIDE)
        .collect()
        .await;
    Body::Preview(Preview {
        targets,
        recent,
        read_at,
    })
}

/// How long a prompt waits for what is only for its words.
const PATIENCE: Duration = Duration::from_secs(6);

/// What was asked beside, each question once: those about the tenant are the same for all targets.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Question>>>);

/// A question, and its answer once it has come.
type Question = (Call, Arc<OnceCell<Answer>>);

impl Asked {
    async fn once(&self, core: &Arc<Core>, call: Call) -> Answer {
        let cell = {
            let mut all = lock(&self.0);
            match all.iter().find(|(known, _)| *known == call) {
                Some((_, cell)) => Arc::clone(cell),
                None => {
                    let cell = Arc::default();
                    all.push((call.clone(), Arc::clone(&cell)));
                    cell
                }
            }
        };
        // whoever acts in a hurry is told that it is not known, rather than kept waiting
        let late = |()| {
            let what = format!("there was no answer in {} s", PATIENCE.as_secs());
            Answer::Failed(Fault::new(FaultKind::Timeout, what))
        };
        let ask = || async {
            let late = core.clock.sleep(PATIENCE).map(late);
            let asked = answer(core, call, How::PERSON);
            tokio::select! {
                answer = asked => answer,
                late = late => late,
            }
        };
        cell.get_or_init(ask).await.clone()
    }
}

async fn answer(core: &Arc<Core>, call: Call, how: How) -> Answer {
    // the token first: before it, nothing is known of permissions
    if let Err(fault) = core.bearer(call.service, how.class).await {
        return Answer::Failed(fault);
    }
    if matches!(
        core.who.grant(call.service, call.needs),
        Grant::NotSeen | Grant::Denied
    ) {
        return Answer::Withheld(call.needs);
    }
    match gather(core, call, how).await {
        Ok(Some((body, more))) => Answer::Got {
            body: Arc::new(body),
            more,
        },
        Ok(None) => Answer::None,
        Err(fault) => Answer::Failed(fault),
    }
}

/// One entity, or the rows of all pages in one `value` list.
async fn gather(core: &Arc<Core>, call: Call, how: How) -> Result<Option<(Value, bool)>, Fault> {
    let service = call.service;
    let origins = core.origins(service)?;
    if call.pages == Pages::One {
        let url = origins.url(&call)?;
        let Some(got) = core.read(&call, &url, how).await? else {
            return Ok(None);
        };
        return got
            .body
            .value()
            .map(|v| Some((v, false)))
            .map_err(|f| f.on(service));
    }
    let mut pager = Pager::new(call, origins)?;
    let mut all: Vec<Value> = Vec::new();
    while let Some(url) = pager.url().cloned() {
        let page = match core.read(&pager.call().clone(), &url, how).await {
            Ok(Some(got)) => got,
            Ok(None) if !pager.is_begun() => return Ok(None),
            Ok(None) => {
                pager.nothing();
                break;
            }
            // what came stands, and says that it is not all
            Err(_) if pager.is_begun() => return Ok(Some((json!({ "value": all }), true))),
            Err(fault) => return Err(fault),
        };
        let frame = page.body.envelope().map_err(|f| f.on(service))?;
        all.extend(
            frame
                .value
                .iter()
                .filter_map(|raw| serde_json::from_str::<Value>(raw.get()).ok()),
        );
        pager.hear(frame.more);
        pager.turn(frame.value.len(), frame.next.as_deref());
    }
    match pager.end() {
        Some(End::Broken(fault)) if all.is_empty() => Err(fault.clone()),
        end => Ok(Some((json!({ "value": all }), end != Some(&End::Complete)))),
    }
}

/// One entity: from the cache, and from the service where that is asked for or needed.
pub async fn entity(core: &Arc<Core>, key: Key, fresh: bool, out: &Out) -> Body {
    if super::feed::is_fed(key.kind) {
        return super::feed::entity(core, key).await;
    }
    let cached = {
        let (core, key) = (Arc::clone(core), key.clone());
        blocking(move || core.store.raw(&key)).await
    };
    let cached = match cached {
        Ok(raw) => raw.and_then(|raw| {
            let json = serde_json::from_str::<Value>(&raw.text).ok()?;
            Some(Entity {
                key: key.clone(),
                json: Arc::new(json),
                as_of: raw.as_of,
                cached: true,
            })
        }),
        Err(fault) => {
            core.store_failed(&fault);
            None
        }
    };
    if let Some(entity) = cached {
        if !fresh {
            return Body::Entity(entity);
        }
        out.say(Body::Entity(entity));
    }
    let how = if fresh { How::INSIST } else { How::PERSON };
    match fetch(core, &key, how).await {
        Ok(Fresh { json, text }) => {
            let entity = Entity {
                key: key.clone(),
                json: Arc::new(json),
                as_of: core.wall(),
                cached: false,
            };
            keep(core, key.kind, text, out).await;
            Body::Entity(entity)
        }
        Err(fault) => Body::Fault(fault),
    }
}

/// An entity as the service has it now.
pub struct Fresh {
    pub json: Value,
    pub text: Box<str>,
}

/// Reads one entity from the service.
pub async fn fetch(core: &Arc<Core>, key: &Key, how: How) -> Result<Fresh, Fault> {
    let spec = resource::spec(key.kind);
    let call = (spec.listing.get)(key)
        .map_err(|e| Fault::new(FaultKind::BadRequest, e.to_string()).next("refresh the list"))?;
    let service = call.service;
    let url = core.origins(service)?.url(&call)?;
    let gone = || {
        Fault::new(
            FaultKind::Gone,
            format!("this {} is not there any more", spec.one),
        )
        .on(service)
        .next("refresh the list")
    };
    let got = core.read(&call, &url, how).await?.ok_or_else(gone)?;
    let mut json = got.body.value().map_err(|f| f.on(service))?;
    let mut text: Box<str> = got.body.text.into();
    // where there is no call for one, a listing narrowed to it stands for it
    if spec.id != "id"
        && let Some(rows) = json.get_mut("value").and_then(Value::as_array_mut)
    {
        let is_it = |row: &Value| {
            let id = Json(row).text(spec.id);
            id.is_some_and(|id| same(&id, key))
        };
        let at = rows.iter().position(is_it).ok_or_else(gone)?;
        json = rows.swap_remove(at);
        text = json.to_string().into();
    }
    let id = Json(&json).str(spec.id);
    if id.is_none_or(|id| !id.eq_ignore_ascii_case(key.id.txt().exact())) {
        return Err(Fault::new(
            FaultKind::BadAnswer,
            format!(
                "the service answered with another {} than the one asked for",
                spec.one
            ),
        )
        .on(service)
        .next("refresh"));
    }
    Ok(Fresh { json, text })
}

fn same(id: &table::Text, key: &Key) -> bool {
    (id.txt().exact()).eq_ignore_ascii_case(key.id.txt().exact())
}

/// A target as its verb reads it. Null where the verb's own read finds none; of a list the first member.
pub async fn target_of(
    core: &Arc<Core>,
    verb: &Verb,
    key: &Key,
    args: &Args,
    how: How,
) -> Result<Fresh, Fault> {
    let Some(read) = verb.read else {
        return fetch(core, key, how).await;
    };
    let call = read(key, args)
        .map_err(|why| Fault::new(FaultKind::BadRequest, why))?
        .none_is_404();
    let (service, url) = (call.service, core.origins(call.service)?.url(&call)?);
    let json = match core.read(&call, &url, how).await? {
        Some(got) => got.body.value().map_err(|f| f.on(service))?,
        None => Value::Null,
    };
    let json = match json.get("value").and_then(Value::as_array) {
        Some(rows) => rows.first().cloned().unwrap_or_default(),
        None => json,
    };
    Ok(Fresh {
        json,
        text: Box::default(),
    })
}

/// Puts a fresh entity where lists and cache find it: the row on screen is no older than the detail beside it.
pub async fn keep(core: &Arc<Core>, kind: Kind, text: Box<str>, out: &Out) {
    let (core, out) = (Arc::clone(core), out.clone());
    let done = blocking(move || {
        let decoded = rows::decode(
            resource::spec(kind),
            std::iter::once(&*text),
            &mut Known::default(),
            None,
        );
        if let Some(chunk) = decoded.chunk {
            out.say(Body::Page(Page {
                kind,
                chunk: Some(Arc::clone(&chunk)),
                origin: Origin::Poll,
                progress: core.progress(kind),
                bad: 0,
                bad_why: None,
                removed: Vec::new(),
            }));
            let rows = Rows {
                kind,
                chunk,
                raws: decoded.raws,
                at: core.wall(),
            };
            if let Err(fault) = core.store.take(rows) {
                core.store_failed(&fault);
            }
        }
        Ok(())
    });
    // a failure here is one of ours, and the entity itself is on its way
    let _: Result<(), Fault> = done.await;
}

/// Searches at the service; the rows go into the kind's own table.
pub async fn search(core: &Arc<Core>, kind: Kind, words: &str, out: &Out) -> Body {
    let spec = resource::spec(kind);
    let Some(search) = spec.listing.search else {
        return Body::Done;
    };
    let known = Arc::default();
    match read_all(core, kind, search(words), Reading::Search, &known, out).await {
        Ok(()) => Body::Done,
        Err(fault) => Body::Fault(fault),
    }
}

/// What a listing beside the main one is for.
#[derive(Clone, Copy)]
pub enum Reading {
    /// Rows of the list, found by the service.
    Search,
    /// Cells of joined columns, of which the store knows nothing.
    Beside(Decode),
}

/// Reads a listing to its end and hands its new rows over.
pub async fn read_all(
    core: &Arc<Core>,
    kind: Kind,
    call: Call,
    reading: Reading,
    known: &Arc<Mutex<Known>>,
    out: &Out,
) -> Result<(), Fault> {
    let service = call.service;
    let spec = resource::spec(kind);
    let (origin, by, how) = match reading {
        Reading::Search => (Origin::Search, spec.decode, How::PERSON),
        Reading::Beside(by) => (Origin::Beside, by, How::BACKGROUND),
    };
    let mut pager = Pager::new(call, core.origins(service)?)?;
    while let Some(url) = pager.url().cloned() {
        let Some(got) = core.read(&pager.call().clone(), &url, how).await? else {
            pager.nothing();
            break;
        };
        let (core, known, out) = (Arc::clone(core), Arc::clone(known), out.clone());
        let (rows, link, more) = blocking(move || {
            let frame = got.body.envelope().map_err(|f| f.on(service))?;
            let texts = frame.value.iter().map(|raw| raw.get());
            let page = rows::decode_by(spec, by, texts, &mut lock(&known), None);
            core.cut(page.cut);
            out.say(Body::Page(Page {
                kind,
                chunk: page.chunk.clone(),
                origin,
                progress: core.progress(kind),
                bad: page.bad,
                bad_why: page.bad_why,
                removed: Vec::new(),
            }));
            if let (Some(chunk), Origin::Search) = (page.chunk, origin) {
                let rows = Rows {
                    kind,
                    chunk,
                    raws: page.raws,
                    at: core.wall(),
                };
                if let Err(fault) = core.store.take(rows) {
                    core.store_failed(&fault);
                }
            }
            let link = frame.next.map(|n| n.into_owned());
            Ok((frame.value.len(), link, frame.more))
        })
        .await?;
        pager.hear(more);
        pager.turn(rows, link.as_deref());
    }
    match pager.end() {
        Some(End::Broken(fault)) => Err(fault.clone()),
        _ => Ok(()),
    }
}

/// Runs something that may block, on a thread for it, in a task that nobody aborts.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(broken()))
}

/// The same on a thread of its own, for what waits for the network: those for what may block are few, and all tenants'.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let (done, told) = tokio::sync::oneshot::channel();
    let begun = std::thread::Builder::new().name("answer".into());
    let begun = begun.spawn(move || {
        // nobody waits for it any more where that fails
        let _ = done.send(work());
    });
    begun.map_err(|_| broken())?;
    told.await.map_err(|_| broken())
}

fn broken() -> Fault {
    Fault::new(FaultKind::Internal, "a part of the program failed")
        .next("the log has the details; please report it")
}

impl Core {
    /// Fetches the tokens of every service, so that it is known early what the sign-in may do. Faults where none came.
    pub async fn warm(self: &Arc<Self>) -> Body {
        let mut faults = Vec::new();
        let mut any = false;
        let mut tokens: futures_util::stream::FuturesUnordered<_> = crate::model::Service::ALL
            .iter()
            .filter(|s| self.origins(**s).is_ok())
            .map(|s| self.bearer(*s, How::PERSON.class))
            .collect();
        while let Some(got) = tokens.next().await {
            match got {
                Ok(_) => any = true,
                Err(fault) => faults.push(fault),
            }
        }
        match faults.pop() {
            Some(fault) if !any => Body::Fault(fault),
            _ => Body::Done,
        }
    }

    /// Finds out who the user is where the token does not say, and whether the configured analyst exists.
    pub fn find_person(self: &Arc<Self>) {
        let Some(call) = self.person_call() else {
            return;
        };
        let core = Arc::clone(self);
        tokio::spawn(async move {
            let Ok(url) = core.origins(call.service).and_then(|o| o.url(&call)) else {
                return;
            };
            let delegated = call.path.as_str() == "/me";
            match core.read(&call, &url, How::BACKGROUND).await {
                Ok(Some(got)) if delegated => {
                    let value = got.body.value().unwrap_or_default();
                    let me = Json(&value);
                    if let Some(id) = me.text("id") {
                        core.who.person(id, me.text("userPrincipalName"));
                    }
                }
                Ok(None) => {
                    core.who.no_such_analyst();
                    core.notice(
                        Level::Warn,
                        "the configured `analyst` is nobody in this tenant: nothing can be written in that name",
                    );
                }
                // not known is no reason to stop anybody
                _ => {}
            }
        });
    }

    fn person_call(&self) -> Option<Call> {
        use crate::model::{Mode, Path, Service};
        let select = "id,displayName,userPrincipalName";
        match self.who.session().mode {
            Mode::Delegated => (!self.who.is_known())
                .then(|| Call::get(Service::Graph, Path::new("/me")).query("$select", select)),
            Mode::AppOnly => {
                let analyst = self.who.session().me?;
                let needs: &[&str] = &["User.Read.All", "Directory.Read.All", "User.ReadWrite.All"];
                if self.who.grant(Service::Graph, needs) != Grant::Granted || !self.check_once() {
                    return None;
                }
                let path = Path::new("/users").id(analyst.txt()).ok()?;
                Some(
                    Call::get(Service::Graph, path)
                        .query("$select", select)
                        .none_is_404(),
                )
            }
        }
    }

    /// The progress last told for a kind.
    pub fn progress(&self, kind: Kind) -> Progress {
        lock(&self.progress).get(&kind).copied().unwrap_or_default()
    }
}
