//! Which tenant to open: named, configured, from the environment, or the simulated one (`security.md` 6).

use crate::config::guards::{self, Policy};
use crate::config::sources::{Cluster, Sources, Workspace};
use crate::config::{Cache, Cloud, Config, Dirs, SecretSource, SignIn, TenantConfig, Urls};
use crate::model::Guards;
use secrecy::SecretString;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

/// Everything the console starts with.
pub struct Start {
    pub tenant: TenantConfig,
    pub dirs: Dirs,
    pub config: Config,
    /// The embedded simulator; it stops when this is dropped.
    pub sim: Option<sim::Running>,
    /// Multiplies our own budgets; only for simulated tenants.
    pub budget_scale: f64,
}

/// Exit code and sentence.
pub type Refusal = (u8, String);

/// The variables Azure tools use for an unnamed tenant.
const AZURE: [&str; 3] = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];

/// Our folders, or exit code 1 where there is no home.
pub fn dirs() -> Result<Dirs, Refusal> {
    Dirs::find().ok_or((
        1,
        "no home folder: set HOME or the XDG variables".to_owned(),
    ))
}

/// The tenant asked for, or the one there is, under the policy of this machine.
pub fn tenant(name: Option<&str>) -> Result<Start, Refusal> {
    let mut start = configured(name)?;
    let policy = Policy::load(Path::new(guards::POLICY));
    start.tenant.guards = Arc::new(policy.over(&start.tenant.guards));
    start.tenant.read_only = start.tenant.read_only.or(policy.read_only);
    Ok(start)
}

fn configured(name: Option<&str>) -> Result<Start, Refusal> {
    if name == Some("demo") {
        return demo(demo_flags());
    }
    let dirs = dirs()?;
    let config = Config::load(&dirs).map_err(|e| (2, e.to_string()))?;
    let env: Vec<Option<String>> = AZURE
        .iter()
        .map(|v| std::env::var(v).ok().filter(|s| !s.trim().is_empty()))
        .collect();
    let from_env = env.iter().any(Option::is_some);
    match pick(name, config.as_ref(), from_env)? {
        Pick::Named(i) => {
            let config = config.unwrap_or_default();
            let tenant = config.tenants.get(i).cloned().ok_or((1, "the tenant is gone".to_owned()))?;
            if config.extra(&tenant.name).disabled {
                let name = &tenant.name;
                return Err((2, format!("`{name}` is switched off: `watchfloor tenants enable {name}`")));
            }
            Ok(Start { tenant, dirs, config, sim: None, budget_scale: 1.0 })
        }
        Pick::Environment => {
            let tenant = environment(&env, config.as_ref())?;
            Ok(Start { tenant, dirs, config: config.unwrap_or_default(), sim: None, budget_scale: 1.0 })
        }
        Pick::Demo if std::io::stdout().is_terminal() && std::io::stdin().is_terminal() => demo(demo_flags()),
        Pick::Demo => Err((2, "no tenant is configured; in a terminal this opens the demo tenant, here say `watchfloor demo`".into())),
    }
}

/// The tenant behind the form that sets one up: any there is, else the simulated one.
pub fn behind_form(name: Option<&str>) -> Result<Start, Refusal> {
    let start = tenant(name);
    if name.is_some() || start.is_ok() {
        return start;
    }
    let config = Config::load(&dirs()?).map_err(|e| (2, e.to_string()))?;
    let tenants = config.map(|c| c.tenants).unwrap_or_default();
    let any = tenants.iter().find_map(|t| tenant(Some(&t.name)).ok());
    any.map_or_else(|| demo(demo_flags()), Ok)
}

/// The tenant of a command without a screen: never the simulated one unless it was named.
pub fn tenant_of_command(name: Option<&str>) -> Result<Start, Refusal> {
    let start = tenant(name)?;
    if name.is_none() && start.sim.is_some() {
        let sentence = "no tenant is configured: name one in config.toml, or say `--tenant demo`";
        return Err((2, sentence.into()));
    }
    Ok(start)
}

/// The tenants of a command that can ask several: `a,b`, or every one of config.toml. One that stands there twice under two
/// names is asked once, which is said.
pub fn tenants_of_command(name: Option<&str>, all: bool) -> Result<Vec<Start>, Refusal> {
    let names: Vec<String> = match name {
        _ if all => {
            let config = Config::load(&dirs()?).map_err(|e| (2, e.to_string()))?;
            let config = config.unwrap_or_default();
            let off: Vec<String> = (config.tenants.iter())
                .map(|t| t.name.clone())
                .filter(|n| config.extra(n).disabled)
                .collect();
            let tenants = config.tenants;
            tenants
                .into_iter()
                .map(|t| t.name)
                .filter(|n| !off.contains(n))
                .collect()
        }
        Some(list) if list.contains(',') => list
            .split(',')
            .map(|n| n.trim().to_owned())
            .filter(|n| !n.is_empty())
            .collect(),
        one => return tenant_of_command(one).map(|start| vec![start]),
    };
    let mut out: Vec<Start> = Vec::new();
    for name in &names {
        let start = tenant_of_command(Some(name))?;
        match out.iter().find(|s| is_same(&s.tenant, &start.tenant)) {
            Some(known) => {
                let shown = |n: &str| table::Txt::new(n).shown().into_owned();
                eprintln!(
                    "watchfloor: {} is the same tenant as {}: it is asked once",
                    shown(name),
                    shown(&known.tenant.name)
                );
            }
            None => out.push(start),
        }
    }
    match out.is_empty() {
        true => Err((2, "no tenant is configured".into())),
        false => Ok(out),
    }
}

/// Two entries for one tenant.
fn is_same(a: &TenantConfig, b: &TenantConfig) -> bool {
    a.tenant_id.eq_ignore_ascii_case(&b.tenant_id) && a.urls.login == b.urls.login
}

#[derive(Debug, PartialEq, Eq)]
enum Pick {
    Named(usize),
    Environment,
    Demo,
}

/// The rule alone, so that it can be tested: never demo where something else was meant.
fn pick(name: Option<&str>, config: Option<&Config>, from_env: bool) -> Result<Pick, Refusal> {
    let tenants = config.map(|c| c.tenants.as_slice()).unwrap_or_default();
    if let Some(name) = name {
        return match tenants.iter().position(|t| t.name == name) {
            Some(i) => Ok(Pick::Named(i)),
            None if name.contains(',') => Err((
                2,
                "one tenant at a time: only lists and hunts are asked of several".into(),
            )),
            None => {
                let names: Vec<&str> = tenants.iter().map(|t| t.name.as_str()).collect();
                let hint = crate::config::load::nearest(name, &names)
                    .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                Err((2, format!("no tenant `{name}` is configured{hint}")))
            }
        };
    }
    let default = config.and_then(|c| c.default_tenant.as_deref());
    if let Some(i) = tenants
        .iter()
        .position(|t| Some(t.name.as_str()) == default)
    {
        return Ok(Pick::Named(i));
    }
    match (tenants.len(), from_env, config) {
        (_, true, _) => Ok(Pick::Environment),
        (1, ..) => Ok(Pick::Named(0)),
        (0, false, None) => Ok(Pick::Demo),
        (0, false, Some(c)) => Err((
            2,
            format!(
                "{} has no [tenant.NAME]; add one, or say `watchfloor demo`",
                c.path.display()
            ),
        )),
        _ => Err((
            2,
            "several tenants are configured: say `--tenant NAME`, or set `default-tenant`".into(),
        )),
    }
}

/// The unnamed tenant of AZURE_*: read-only unless a configured tenant has that id.
fn environment(env: &[Option<String>], config: Option<&Config>) -> Result<TenantConfig, Refusal> {
    let [Some(tenant_id), Some(client_id), secret] = env else {
        return Err((
            2,
            format!(
                "{} and {} must both be set (or neither)",
                AZURE[0], AZURE[1]
            ),
        ));
    };
    if let Some(known) = config.and_then(|c| {
        c.tenants
            .iter()
            .find(|t| t.tenant_id.eq_ignore_ascii_case(tenant_id))
    }) {
        return Ok(known.clone());
    }
    Ok(TenantConfig {
        name: "environment".into(),
        tenant_id: tenant_id.trim().into(),
        client_id: client_id.trim().into(),
        cloud: Cloud::Global,
        sign_in: way(secret.is_some(), |name| {
            std::env::var_os(name).filter(|v| !v.is_empty())
        }),
        analyst: None,
        urls: Urls::default(),
        read_only: Some(
            "this tenant comes from AZURE_* variables: name it in config.toml to write".into(),
        ),
        cache: Cache::On,
        sim: false,
        guards: Default::default(),
        ca_file: None,
        sources: Default::default(),
        access: Default::default(),
    })
}

/// How the environment says to sign in, in the order in which Azure tools look.
fn way(secret: bool, var: impl Fn(&str) -> Option<std::ffi::OsString>) -> SignIn {
    if secret {
        return SignIn::Secret(SecretSource::Env(AZURE[2].into()));
    }
    if let Some(path) = var("AZURE_CLIENT_CERTIFICATE_PATH") {
        return SignIn::Certificate(path.into());
    }
    match var("AZURE_FEDERATED_TOKEN_FILE") {
        Some(_) => SignIn::WorkloadIdentity(None),
        None => SignIn::DeviceCode,
    }
}

/// The demo tenant's flags: alive, and no throttling that a person would trip over.
fn demo_flags() -> sim::Flags {
    sim::Flags {
        arrivals: 2.0,
        ..sim::Flags::default()
    }
}

/// Starts the embedded simulator and signs in to it as its analyst.
pub fn demo(flags: sim::Flags) -> Result<Start, Refusal> {
    let dirs = dirs()?;
    let running = sim::start(flags).map_err(|e| (1, e.to_string()))?;
    let tenant = simulated("demo", &running.info).map_err(|e| (1, e))?;
    Ok(Start {
        tenant,
        dirs,
        config: Config::default(),
        sim: Some(running),
        // nobody shares the simulator's limits: all of them are ours
        budget_scale: 4.0,
    })
}

/// A tenant that points at a simulator.
pub fn simulated(name: &str, info: &sim::Info) -> Result<TenantConfig, String> {
    let url = |text: &str| url::Url::parse(text).map(Some).map_err(|e| e.to_string());
    let mut sources = Sources::default();
    if let Some(text) = &info.loganalytics {
        sources.loganalytics = url(text)?;
        sources.workspaces.push(Workspace {
            name: "sentinel".into(),
            id: info.workspace_id.clone(),
        });
    }
    if let Some(text) = &info.cloudapps {
        sources.cloudapps = url(&format!("{text}/api/v1"))?;
    }
    if let Some(text) = &info.office {
        sources.office = url(&format!("{text}/api"))?;
    }
    if let Some(url) = info.adx.as_deref().map(url).transpose()?.flatten() {
        sources.clusters.push(Cluster {
            name: "lake".into(),
            url,
            database: info.adx_database.to_string(),
        });
    }
    Ok(TenantConfig {
        name: name.into(),
        tenant_id: info.tenant_id.clone(),
        client_id: info.client_id.clone(),
        cloud: Cloud::Global,
        sign_in: SignIn::Secret(SecretSource::Given(SecretString::from(
            info.client_secret.clone(),
        ))),
        analyst: Some("ana@contoso.com".into()),
        urls: Urls {
            login: url(&info.login)?,
            graph: url(&info.graph)?,
            defender: url(&info.defender)?,
        },
        read_only: None,
        cache: Cache::Memory,
        sim: true,
        // nothing real can be cut off here
        guards: Arc::new(Guards {
            isolation: true,
            quarantine: true,
            ..Guards::default()
        }),
        ca_file: None,
        sources,
        access: Default::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse(Path::new("c.toml"), text).unwrap()
    }

    const TWO: &str = "[tenant.a]\ntenant-id='11111111-2222-3333-4444-555555555555'\nclient-id='aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'\n\
        [tenant.b]\ntenant-id='b.example'\nclient-id='aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'\n";

    #[test]
    fn demo_only_where_nothing_else_was_meant() {
        let two = config(TWO);
        assert_eq!(pick(None, None, false).unwrap(), Pick::Demo);
        assert_eq!(pick(None, None, true).unwrap(), Pick::Environment);
        assert_eq!(pick(Some("b"), Some(&two), true).unwrap(), Pick::Named(1));
        assert_eq!(pick(None, Some(&two), false).unwrap_err().0, 2);
        assert_eq!(
            pick(None, Some(&config("")), false).unwrap_err().0,
            2,
            "a config without a tenant is no demo"
        );
        assert_eq!(pick(Some("x"), None, false).unwrap_err().0, 2);
        let one = config(&format!("default-tenant='b'\n{TWO}"));
        assert_eq!(pick(None, Some(&one), true).unwrap(), Pick::Named(1));
    }

    #[test]
    fn the_environments_tenant_is_read_only_until_it_is_configured() {
        let env = |id: &str| [Some(id.to_owned()), Some("c".to_owned()), None];
        let two = config(TWO);
        assert!(
            environment(&env("other"), Some(&two))
                .unwrap()
                .read_only
                .is_some()
        );
        assert!(
            environment(&env("11111111-2222-3333-4444-555555555555"), Some(&two))
                .unwrap()
                .read_only
                .is_none()
        );
        for (secret, set, word) in [
            (true, "AZURE_CLIENT_CERTIFICATE_PATH", "secret"),
            (false, "AZURE_CLIENT_CERTIFICATE_PATH", "certificate"),
            (false, "AZURE_FEDERATED_TOKEN_FILE", "workload-identity"),
            (false, "", "device-code"),
        ] {
            let found = way(secret, |name| (name == set).then(|| "/x".into()));
            assert_eq!(found.word(), word);
        }
        assert_eq!(
            environment(&[Some("t".into()), None, None], None)
                .unwrap_err()
                .0,
            2
        );
    }
}
