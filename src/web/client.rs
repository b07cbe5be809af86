//! The address of the client, through proxies that are trusted. Never believes what an untrusted one
//! forwarded.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::config::ServerSettings;
use crate::web::forwarded;
use crate::web::state::Web;

/// The address of a client whose proxy does not name it: not the proxy's own, which may be trusted.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub IpAddr);

impl FromRequestParts<Web> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(UNKNOWN, |peer| peer.0.ip());
        Ok(Self(address(peer, &parts.headers, &web.app.config.server)))
    }
}

/// The address behind `peer`: the forwarded addresses are read from right to left for as long as proxies
/// are trusted, since everything further left can be forged.
fn address(peer: IpAddr, headers: &HeaderMap, server: &ServerSettings) -> IpAddr {
    let mut address = peer.to_canonical();
    if !server.trusts(address) {
        return address;
    }
    for next in forwarded::chain(headers, server.forwarded_header) {
        let Some(next) = next else { return UNKNOWN };
        address = next;
        if !server.trusts(address) {
            break;
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn client(peer: &str, forwarded: &str, trusted: &str) -> String {
        let config = Config::with(&format!("[server]\ntrusted_proxies = {trusted}")).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        address(peer.parse().unwrap(), &headers, &config.server).to_string()
    }

    #[test]
    fn a_client_cannot_forge_an_address() {
        let ten = "[\"10.0.0.0/8\"]";
        assert_eq!(client("192.0.2.1", "198.51.100.7", "[]"), "192.0.2.1");
        assert_eq!(client("192.0.2.1", "198.51.100.7", ten), "192.0.2.1");
        for forwarded in [
            "198.51.100.7",
            "1.1.1.1, 198.51.100.7",
            "198.51.100.7, 10.0.0.2",
            "unknown, 198.51.100.7:443, 10.0.0.2:80",
            "1.1.1.1,\"x, 198.51.100.7",
        ] {
            assert_eq!(
                client("10.0.0.1", forwarded, ten),
                "198.51.100.7",
                "{forwarded}"
            );
        }
    }

    #[test]
    fn a_client_that_its_proxy_does_not_name_is_not_taken_for_the_proxy() {
        let ten = "[\"10.0.0.0/8\"]";
        for forwarded in [
            "junk",
            "unknown",
            "198.51.100.7, unknown",
            "10.0.0.9, _x, 10.0.0.2",
        ] {
            assert_eq!(client("10.0.0.1", forwarded, ten), "0.0.0.0", "{forwarded}");
        }
        assert_eq!(
            client("10.0.0.1", "10.0.0.9", ten),
            "10.0.0.9",
            "from inside"
        );
    }
}
