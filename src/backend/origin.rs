//! Where a token may go: exactly the compiled-in (or overridden) origins of its service, and only below its base path.
//!
//! Links to next pages come from the service's answers. They are followed as they came, but never to a place that is not
//! ours already: a token in the wrong hands is a key to the tenant.

use crate::config::sources::Cluster;
use crate::config::{Cloud, TenantConfig};
use crate::model::{Call, Fault, FaultKind, Service};
use url::{Host, Url};

/// The origins of one service in one tenant.
#[derive(Clone, Debug)]
pub struct Origins {
    service: Service,
    /// The versioned root that our own requests go to, without a final slash.
    root: Url,
    /// Scheme, host and port of each admitted origin.
    admitted: Vec<(String, String, u16)>,
    /// Another path of the same root, where the service's own links have one (`/api/v1/` for `/api/v1.0/`).
    other_path: Option<String>,
    /// Who asks, where the service wants that said in every address.
    publisher: Option<String>,
}

impl Origins {
    /// The service's root and origins, or why the tenant has none.
    pub fn of(tenant: &TenantConfig, service: Service) -> Result<Self, Fault> {
        let own = match service {
            Service::Graph => tenant.urls.graph.as_ref(),
            Service::Defender => tenant.urls.defender.as_ref(),
            Service::LogAnalytics => tenant.sources.loganalytics.as_ref(),
            Service::Explorer => None,
            Service::CloudApps => return Self::cloud_apps(tenant),
            Service::Office => tenant.sources.office.as_ref(),
        };
        let this = match own {
            Some(url) => Self::new(service, url.clone(), &[], tenant.sim),
            None => Self::compiled(tenant.cloud, service),
        };
        match service {
            Service::Office => this?.of_tenant(&tenant.tenant_id),
            _ => this,
        }
    }

    /// The activity feed of one tenant. Its own links say `/api/v1/` where its documents say `/api/v1.0/`, and forget
    /// who asked; without that, calls share one small quota with everybody's.
    fn of_tenant(mut self, tenant: &str) -> Result<Self, Fault> {
        if uuid::Uuid::parse_str(tenant).is_err() {
            let what = "the feed wants the tenant's id as a GUID";
            return Err(Fault::new(FaultKind::Refused, what).on(self.service));
        }
        let base = self.root.path().trim_end_matches('/').to_owned();
        let path = |version: &str| format!("{base}/{version}/{tenant}/activity/feed");
        self.root.set_path(&path("v1.0"));
        self.other_path = Some(path("v1"));
        self.publisher = Some(tenant.to_owned());
        Ok(self)
    }

    /// The origin of one Data Explorer cluster: as it is configured, and of the cloud's own hosts.
    pub fn cluster(tenant: &TenantConfig, cluster: &Cluster) -> Result<Self, Fault> {
        let host = cluster.url.host_str().unwrap_or_default();
        if !tenant.sim && !host.ends_with(tenant.cloud.clusters()) {
            return Err(Fault::new(
                FaultKind::Refused,
                format!(
                    "{} is no cluster of this cloud: its host does not end with {}",
                    place(&cluster.url),
                    tenant.cloud.clusters()
                ),
            )
            .on(Service::Explorer)
            .next(format!(
                "correct `adx.{}` in the configuration",
                cluster.name
            )));
        }
        Self::new(Service::Explorer, cluster.url.clone(), &[], tenant.sim)
    }

    /// The tenant's own host of Cloud Apps: as it is configured, and of the cloud's own hosts.
    fn cloud_apps(tenant: &TenantConfig) -> Result<Self, Fault> {
        let service = Service::CloudApps;
        let Some(end) = tenant.cloud.cloud_apps() else {
            let what = "this cloud does not have the service";
            return Err(Fault::new(FaultKind::Refused, what).on(service));
        };
        let key = format!("`cloudapps-url` in [tenant.{}] of config.toml", tenant.name);
        let Some(url) = &tenant.sources.cloudapps else {
            let what = "its address is each tenant's own and is not configured";
            let next = format!("set {key}: https://NAME.REGION{end}/api/v1");
            return Err(Fault::new(FaultKind::Refused, what).on(service).next(next));
        };
        if !tenant.sim && !url.host_str().unwrap_or_default().ends_with(end) {
            let what = format!(
                "{} is no host of Cloud Apps in this cloud: it does not end with {end}",
                place(url)
            );
            let next = format!("correct {key}");
            return Err(Fault::new(FaultKind::Refused, what).on(service).next(next));
        }
        Self::new(service, url.clone(), &[], tenant.sim)
    }

    fn compiled(cloud: Cloud, service: Service) -> Result<Self, Fault> {
        let root = cloud.root(service).and_then(|r| Url::parse(r).ok());
        let Some(root) = root else {
            return Err(
                Fault::new(FaultKind::Refused, "this cloud does not have the service").on(service),
            );
        };
        Self::new(service, root, cloud.also(service), false)
    }

    fn new(service: Service, root: Url, also: &[&str], sim: bool) -> Result<Self, Fault> {
        allowed(&root, sim).map_err(|f| f.on(service))?;
        let mut admitted = Vec::new();
        for url in
            std::iter::once(Some(root.clone())).chain(also.iter().map(|u| Url::parse(u).ok()))
        {
            admitted.extend(url.as_ref().and_then(triple));
        }
        let mut root = root;
        root.set_query(None);
        root.set_fragment(None);
        let path = root.path().trim_end_matches('/').to_owned();
        root.set_path(&path);
        Ok(Self {
            service,
            root,
            admitted,
            other_path: None,
            publisher: None,
        })
    }

    /// The address of a call of ours.
    pub fn url(&self, call: &Call) -> Result<Url, Fault> {
        let mut text = self.root.as_str().trim_end_matches('/').to_owned();
        text.push_str(call.path.as_str());
        let path_end = text.len();
        for (n, (name, value)) in call.query.iter().enumerate() {
            text.push(if n == 0 { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            encode(value, &mut text);
        }
        if let Some(publisher) = &self.publisher {
            text.push(if call.query.is_empty() { '?' } else { '&' });
            text.push_str("PublisherIdentifier=");
            encode(publisher, &mut text);
        }
        let refused = || {
            Fault::new(
                FaultKind::BadRequest,
                "an id from the service cannot be used in an address",
            )
            .on(self.service)
        };
        let url = Url::parse(&text).map_err(|_| refused())?;
        // dot segments and the like are resolved while parsing; then it would be another resource than the one asked for
        if !text[..path_end].ends_with(url.path()) || self.admit(&url).is_err() {
            return Err(refused());
        }
        Ok(url)
    }

    /// A link of an answer, if our token may go there.
    pub fn link(&self, link: &str) -> Result<Url, Fault> {
        let mut url = Url::parse(link).map_err(|_| {
            Fault::new(
                FaultKind::BadAnswer,
                "the link to the next page cannot be read; the list is not complete",
            )
            .on(self.service)
        })?;
        self.admit(&url)?;
        if let Some(publisher) = &self.publisher
            && !url
                .query_pairs()
                .any(|(name, _)| name.eq_ignore_ascii_case("PublisherIdentifier"))
        {
            url.query_pairs_mut()
                .append_pair("PublisherIdentifier", publisher);
        }
        Ok(url)
    }

    fn admit(&self, url: &Url) -> Result<(), Fault> {
        let why = if !url.username().is_empty() || url.password().is_some() {
            "it carries a user name"
        } else if !triple(url).is_some_and(|t| self.admitted.contains(&t)) {
            match self
                .admitted
                .iter()
                .find(|a| Some(a.1.as_str()) == url.host_str())
            {
                Some(a) if a.0 != url.scheme() => "its scheme differs",
                Some(_) => "its port differs",
                None => "its host is not one of this service's",
            }
        } else if !below(self.root.path(), url.path())
            && !(self.other_path.as_deref()).is_some_and(|base| below(base, url.path()))
        {
            "it leaves the service's path"
        } else {
            return Ok(());
        };
        Err(Fault::new(
            FaultKind::ForeignLink,
            format!(
                "the answer links to {}, where our token must not go: {why}; the list is not complete",
                place(url)
            ),
        )
        .on(self.service)
        .next("check the service's URL in the configuration, or what stands between"))
    }
}

/// Whether a URL may be talked to at all: https, or http to a literal loopback address of a simulated tenant.
pub fn allowed(url: &Url, sim: bool) -> Result<(), Fault> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if sim && is_loopback(url) => Ok(()),
        "http" if is_loopback(url) => Err(Fault::new(
            FaultKind::Refused,
            format!(
                "{} is plain http, which only a simulated tenant may use",
                place(url)
            ),
        )
        .next("set `sim = true` if this is the simulator")),
        _ => Err(
            Fault::new(FaultKind::Refused, format!("{} is not https", place(url)))
                .next("correct the URL in the configuration"),
        ),
    }
}

/// Whether an address is of this machine's own identity service: literal, and loopback or link-local.
pub fn here(url: &Url) -> Result<(), Fault> {
    let local = match url.host() {
        Some(Host::Ipv4(a)) => a.is_loopback() || a.is_link_local(),
        Some(Host::Ipv6(a)) => a.is_loopback(),
        _ => false,
    };
    let web = matches!(url.scheme(), "http" | "https");
    if local && web && url.username().is_empty() && url.password().is_none() {
        return Ok(());
    }
    let what = format!("{} is not on this machine", place(url));
    Err(Fault::new(FaultKind::Refused, what)
        .next("correct `identity-endpoint` or IDENTITY_ENDPOINT"))
}

/// Hosts that hand out files of Defender behind a link (`api/defender.md` 5), and their government twins.
const FILES: &[&str] = &[
    "securitycenter.windows.com",
    "securitycenter.microsoft.com",
    "core.windows.net",
    "securitycenter.microsoft.us",
    "core.usgovcloudapi.net",
];

/// A link to a file, if it leads to one of the hosts for them. No token goes there; a simulated tenant's files are on
/// loopback and nowhere else.
pub fn file(link: &str, sim: bool) -> Result<Url, Fault> {
    let foreign = |place: String, why: &str| {
        let what = format!("the link to the file leads to {place}: {why}; it was not followed");
        let fault = Fault::new(FaultKind::ForeignLink, what).on(Service::Defender);
        Err(fault.next("fetch it in the portal, and say so to whoever looks after the network"))
    };
    let Ok(url) = Url::parse(link) else {
        let fault = Fault::new(FaultKind::BadAnswer, "the link to the file cannot be read");
        return Err(fault.on(Service::Defender));
    };
    let known = match (sim, url.host()) {
        (true, _) => is_loopback(&url),
        (false, Some(Host::Domain(host))) => FILES.iter().any(|base| {
            let above = host.strip_suffix(base);
            above.is_some_and(|a| a.is_empty() || a.ends_with('.'))
        }),
        (false, _) => false,
    };
    let plain = !sim && url.scheme() != "https";
    if !url.username().is_empty() || url.password().is_some() {
        foreign(place(&url), "it carries a user name")
    } else if !known {
        foreign(place(&url), "that is no host for files of this service")
    } else if plain || (!sim && url.port().is_some()) {
        foreign(place(&url), "only https at its own port is followed")
    } else {
        allowed(&url, sim).map(|()| url)
    }
}

/// A literal loopback address; names are not believed.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    }
}

/// This machine, or the address where clouds keep the machine's own identity: never by a proxy.
pub fn is_near(url: &Url) -> bool {
    is_loopback(url) || url.host() == Some(Host::Ipv4(std::net::Ipv4Addr::new(169, 254, 169, 254)))
}

/// Scheme, host and port for a sentence, safe to show.
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or("nowhere");
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

fn triple(url: &Url) -> Option<(String, String, u16)> {
    Some((
        url.scheme().to_owned(),
        url.host_str()?.to_owned(),
        url.port_or_known_default()?,
    ))
}

fn below(base: &str, path: &str) -> bool {
    let base = base.trim_end_matches('/');
    path.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        // an encoded slash or dot may be taken apart by the far side in another way than here
        && !path.to_ascii_lowercase().contains("%2e%2e")
}

/// Percent-encodes a query value; the few marks that OData literals are full of stay readable.
fn encode(value: &str, out: &mut String) {
    for &b in value.as_bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(b as char);
            }
            b'$' | b',' | b'(' | b')' | b':' | b'/' | b'@' | b'*' => out.push(b as char),
            _ => {
                out.push('%');
                for half in [b >> 4, b & 15] {
                    out.push(
                        char::from_digit(half.into(), 16)
                            .unwrap_or('0')
                            .to_ascii_uppercase(),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Cache, SecretSource, SignIn, Urls};

    fn tenant(cloud: Cloud, sim: bool) -> TenantConfig {
        TenantConfig {
            name: "t".into(),
            tenant_id: "t".into(),
            client_id: "c".into(),
            cloud,
            sign_in: SignIn::Secret(SecretSource::Given("s".to_owned().into())),
            analyst: None,
            urls: Urls::default(),
            read_only: None,
            cache: Cache::Off,
            sim,
            guards: Default::default(),
            ca_file: None,
            sources: Default::default(),
            access: Default::default(),
        }
    }

    fn cluster(url: &str) -> Cluster {
        Cluster {
            name: "lake".into(),
            url: Url::parse(url).unwrap(),
            database: "d".into(),
        }
    }

    #[test]
    fn a_token_for_clusters_goes_to_hosts_of_the_cloud_only() {
        let at = |cloud, url: &str| Origins::cluster(&tenant(cloud, false), &cluster(url));
        assert!(at(Cloud::Global, "https://lake.westeurope.kusto.windows.net").is_ok());
        for (cloud, url) in [
            (Cloud::Global, "https://lake.kusto.windows.net.evil.example"),
            (Cloud::Global, "https://evil-kusto.windows.net"),
            (Cloud::Global, "https://lake.kusto.usgovcloudapi.net"),
            (Cloud::Dod, "https://lake.kusto.windows.net"),
            (Cloud::Global, "http://lake.westeurope.kusto.windows.net"),
        ] {
            assert!(at(cloud, url).is_err(), "{url}");
        }
        let origins = at(Cloud::Global, "https://lake.westeurope.kusto.windows.net").unwrap();
        let call = Call::get(Service::Explorer, crate::model::Path::new("/v2/rest/query"));
        assert_eq!(
            origins.url(&call).unwrap().as_str(),
            "https://lake.westeurope.kusto.windows.net/v2/rest/query"
        );
        assert!(
            origins
                .link("https://other.westeurope.kusto.windows.net/v2/rest/query")
                .is_err()
        );
        // no cluster is the service's own, so nothing else can be meant by it
        assert!(Origins::of(&tenant(Cloud::Global, false), Service::Explorer).is_err());
    }
}
