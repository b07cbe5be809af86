//! Looking up the addresses of a host, once for each request. Never judges them: that is `guard`'s work.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use reqwest::dns::{Name, Resolve, Resolving};
use url::{Host, Url};

use crate::net::fetch::error::FetchError;
use crate::net::guard::GuardError;

/// Which resolver looks names up.
pub(super) enum NameResolver {
    System,
    /// A DNS server that the operator named.
    Server(Box<TokioResolver>),
}

impl NameResolver {
    /// Asks the DNS server at `server`, or the system where there is none.
    pub(super) fn new(server: Option<SocketAddr>) -> Result<Self, FetchError> {
        Ok(match server {
            Some(server) => Self::Server(Box::new(dns_client(server)?)),
            None => Self::System,
        })
    }

    /// All addresses of the URL's host.
    pub(super) async fn resolve(&self, url: &Url) -> Result<Vec<SocketAddr>, FetchError> {
        let port = url.port_or_known_default().ok_or(GuardError::NoHost)?;
        let name = match url.host().ok_or(GuardError::NoHost)? {
            Host::Ipv4(address) => return Ok(vec![(address, port).into()]),
            Host::Ipv6(address) => return Ok(vec![(address, port).into()]),
            Host::Domain(name) => name,
        };
        let addresses: Vec<SocketAddr> = match self {
            Self::System => tokio::net::lookup_host((name, port))
                .await
                .map_err(FetchError::resolve)?
                .collect(),
            Self::Server(resolver) => {
                // The final dot makes the name absolute: no search list is tried.
                let absolute = format!("{}.", name.trim_end_matches('.'));
                let found = resolver
                    .lookup_ip(absolute)
                    .await
                    .map_err(FetchError::resolve)?;
                found
                    .iter()
                    .map(|address| SocketAddr::new(address, port))
                    .collect()
            }
        };
        if addresses.is_empty() {
            return Err(FetchError::Resolve("no addresses".into()));
        }
        Ok(addresses)
    }
}

fn dns_client(server: SocketAddr) -> Result<TokioResolver, FetchError> {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    let server = NameServerConfig::new(server.ip(), true, connections);
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.timeout = Duration::from_secs(2);
    options.attempts = 2;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    // The answer is the named server's own: neither from the hosts file nor an older one.
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = 0;
    builder.build().map_err(FetchError::setup)
}

/// Resolves nothing, so that the HTTP client reaches no name whose addresses were not checked.
pub(super) struct NoResolver;

impl Resolve for NoResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let error = format!("{} was not resolved beforehand", name.as_str());
        Box::pin(async move { Err(error.into()) })
    }
}
