//! Starting and stopping: sockets are bound before `start` returns, everything else happens on threads of the simulator's own.

use std::collections::HashMap;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

use super::ask::Service;
use super::handle::Home;
use super::journal::Received;
use super::serve;
use crate::clock::Clock;
use crate::flags::Flags;
use crate::login;
use crate::scenario::Scenario;
use crate::tenant::Tenant;

/// Where a simulated tenant is reached, and with what; one line of JSON for other programs.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    /// The sign-in service, without the tenant.
    pub login: String,
    /// Microsoft Graph, with its version.
    pub graph: String,
    /// Defender for Endpoint.
    pub defender: String,
    /// Where packages are fetched from; links to it come from Defender and take no token.
    pub files: String,
    /// A door of no service: what comes here was led astray by a link or a redirect.
    pub foreign: Option<String>,
    /// Office 365 Management Activity: the host, without `/api/v1.0/{tenant}/activity/feed`.
    pub office: Option<String>,
    /// Log Analytics, with its version.
    pub loganalytics: Option<String>,
    /// Data Explorer: the cluster.
    pub adx: Option<String>,
    /// Cloud Apps: the host, without `/api/v1`.
    pub cloudapps: Option<String>,
    /// Azure Resource Manager, for Sentinel.
    pub arm: Option<String>,
    /// The path of Sentinel's workspace there.
    pub workspace_resource: String,
    /// The directory's id.
    pub tenant_id: String,
    /// The Log Analytics workspace.
    pub workspace_id: String,
    /// The Data Explorer database.
    pub adx_database: &'static str,
    /// The registered application's id.
    pub client_id: String,
    /// Its secret, made at random for each run.
    pub client_secret: String,
}

/// With more rows of noise than this the hunting tables are made from the start on.
const MANY_EVENTS: u32 = 200_000;

/// Why a simulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not on this machine's loopback.
    #[error(
        "{0} is not a loopback address: a simulated tenant is reachable from this machine only"
    )]
    NotLoopback(SocketAddr),
    /// Split ports were asked for together with a port of one's own.
    #[error("--split-ports takes free ports: give --listen port 0")]
    SplitPort,
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The journal cannot be written.
    #[error("cannot write the journal {0}: {1}")]
    Journal(std::path::PathBuf, std::io::Error),
    /// A permission set or name that is not known.
    #[error("{0}")]
    Permissions(String),
    /// The scenario is not known, unreadable or not understood.
    #[error("{0}")]
    Scenario(String),
    /// No thread or no reactor.
    #[error("cannot start: {0}")]
    Runtime(std::io::Error),
}

/// A running simulator; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it is and with what it is entered.
    pub info: Info,
    pub(crate) tenant: Arc<Tenant>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// The tenant's clock.
    pub fn clock(&self) -> &Clock {
        &self.tenant.clock
    }

    /// Every request received so far, oldest first.
    pub fn journal(&self) -> Vec<Received> {
        self.tenant.journal.list()
    }
}

impl Running {
    /// Plays a scenario from its beginning: the name of a shipped one, the path of a file, or TOML itself. Empty text ends it.
    pub fn set_scenario(&self, scenario: &str) -> Result<(), String> {
        let toml = scenario.contains('\n') || scenario.contains('=') || scenario.trim().is_empty();
        let scenario = if toml {
            Scenario::parse(scenario)?
        } else {
            Scenario::named(scenario)?
        };
        self.tenant.play(&scenario)
    }

    /// What a complete reading of a content type's listings of the last seven days holds now: distinct records, and all their ids
    /// (as numbers of 128 bits) combined by exclusive or. `None` where there is no such type.
    pub fn activity(&self, content_type: &str) -> Option<(usize, u128)> {
        crate::office::truth(&self.tenant, content_type)
    }

    /// What a complete reading of so many days of sign-ins and of directory audits holds now.
    pub fn reports(&self, days: i64) -> (usize, usize) {
        crate::graph::audit::truth(&self.tenant, days)
    }

    /// Lets in so many new incidents at this moment.
    pub fn arrive_now(&self, count: u64) {
        crate::queue::arrive(&self.tenant, count);
    }

    /// Grants a permission (`User.Read.All`, `mde:Machine.Read.All`); it shows in tokens issued from now on.
    pub fn grant(&self, permission: &str) -> Result<(), String> {
        crate::tenant::locked(&self.tenant.grants).grant(permission)
    }

    /// Registers a certificate (PEM, without its key) as the application's only one.
    pub fn register_certificate(&self, pem: &str) -> Result<(), String> {
        self.tenant.login.register(pem).map(|_| ())
    }

    /// Makes another secret the application's only one; the one before counts as expired.
    pub fn set_secret(&self, secret: &str) {
        self.tenant.login.set_secret(secret);
    }

    /// A token of the other issuer that the application believes, as it stands in a workload's file.
    pub fn workload_token(&self, life: Duration) -> String {
        let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
        login::assertion::workload_token(&self.tenant, login::assertion::SUBJECT, life)
    }

    /// The same for somebody whom it does not believe.
    pub fn foreign_workload_token(&self) -> String {
        login::assertion::workload_token(&self.tenant, "system:serviceaccount:web:shop", 3600)
    }

    /// The address of a virtual machine's identity service, as this simulator plays it.
    pub fn metadata_endpoint(&self) -> String {
        format!("{}/metadata/identity/oauth2/token", self.info.login)
    }

    /// The address of App Service's, and what a process of the machine shows there.
    pub fn identity_endpoint(&self) -> (String, String) {
        let header = self.tenant.login.identity_header().to_owned();
        (format!("{}/msi/token", self.info.login), header)
    }

    /// Ends every session of a person, as a change of the password does. `false` where nobody has that name.
    pub fn end_sessions(&self, upn: &str) -> bool {
        let user = self.tenant.world().user_by_upn(upn);
        user.map(|user| self.tenant.login.end_sessions(user))
            .is_some()
    }

    /// Lets a person in who was shown a device code. `false` where no such code waits or nobody has that name.
    pub fn approve_device_code(&self, user_code: &str, upn: &str) -> bool {
        self.tenant
            .world()
            .user_by_upn(upn)
            .is_some_and(|user| self.tenant.login.approve(user_code, user))
    }

    /// Refuses a device code. `false` where no such code waits.
    pub fn decline_device_code(&self, user_code: &str) -> bool {
        self.tenant.login.decline(user_code)
    }

    /// What the hunting table `DeviceInfo` would say of a machine now in `MitigationStatus`: JSON as text, empty where nothing was done.
    /// `None` where there is no such machine.
    pub fn mitigation(&self, machine_id: &str) -> Option<String> {
        let machine = self.tenant.world().machine_by_id(machine_id)?;
        let book = crate::mde::actions::book(&self.tenant);
        Some(
            book.standing(machine, self.tenant.clock.told())
                .mitigation(),
        )
    }

    /// Takes a permission away, also from tokens that are already out.
    pub fn revoke(&self, permission: &str) -> Result<(), String> {
        crate::tenant::locked(&self.tenant.grants).revoke(permission)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Binds and starts a simulator. Its addresses are valid when this returns; its rows are made at the first request for them.
pub fn start(flags: Flags) -> Result<Running, StartError> {
    let listen = flags.listen;
    if !listen.ip().is_loopback() {
        return Err(StartError::NotLoopback(listen));
    }
    if flags.split_ports && listen.port() != 0 {
        return Err(StartError::SplitPort);
    }
    let doors_open = std::cell::Cell::new(0);
    let bind = || -> Result<(TcpListener, SocketAddr), StartError> {
        let refused = |e| StartError::Listen(listen, e);
        // a port of one's own is for the services; the foreign door takes a free one
        let at = if doors_open.get() == 0 {
            listen
        } else {
            SocketAddr::new(listen.ip(), 0)
        };
        doors_open.set(doors_open.get() + 1);
        let socket = TcpListener::bind(at).map_err(refused)?;
        socket.set_nonblocking(true).map_err(refused)?;
        let local = socket.local_addr().map_err(refused)?;
        Ok((socket, local))
    };
    let mut doors = Vec::new();
    let mut urls = HashMap::new();
    if flags.split_ports {
        for service in Service::ALL {
            let (socket, local) = bind()?;
            urls.insert(service, format!("http://{local}{}", service.root()));
            doors.push(serve::Door {
                socket,
                local,
                home: Home::One(service),
            });
        }
    } else {
        let (socket, local) = bind()?;
        urls.extend(
            Service::ALL
                .iter()
                .map(|s| (*s, format!("http://{local}{}", s.root()))),
        );
        doors.push(serve::Door {
            socket,
            local,
            home: Home::All,
        });
    }
    let foreign = if flags.foreign {
        let (socket, local) = bind()?;
        doors.push(serve::Door {
            socket,
            local,
            home: Home::Nobody,
        });
        Some(format!("http://{local}"))
    } else {
        None
    };
    let tenant = Arc::new(Tenant::new(flags, &urls, foreign)?);
    let (stop, stopped) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sim")
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    // many rows take seconds to make: they are begun before anybody asks
    if tenant.world().size().events > MANY_EVENTS {
        let world = Arc::clone(tenant.world());
        let _ = std::thread::Builder::new()
            .name("sim tables".into())
            .spawn(move || world.make_hunting_tables());
    }
    let served = Arc::clone(&tenant);
    let thread = std::thread::Builder::new()
        .name("sim".into())
        .spawn(move || {
            runtime.block_on(serve::serve(doors, served, stopped));
            runtime.shutdown_background();
        })
        .map_err(StartError::Runtime)?;
    Ok(Running {
        info: tenant.info.clone(),
        tenant,
        stop,
        thread: Some(thread),
    })
}

/// `watchfloor sim`: prints where it is as one line of JSON, then runs until the process is told to end.
pub fn run_forever(flags: Flags) -> Result<(), StartError> {
    let running = start(flags)?;
    let line = serde_json::to_string(&running.info).unwrap_or_default();
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(until_told());
    drop(running);
    Ok(())
}

async fn until_told() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate()).ok();
    let mut hup = signal(SignalKind::hangup()).ok();
    let terminated = async {
        match &mut term {
            Some(s) => drop(s.recv().await),
            None => std::future::pending().await,
        }
    };
    let hung_up = async {
        match &mut hup {
            Some(s) => drop(s.recv().await),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
        () = hung_up => {}
    }
}
