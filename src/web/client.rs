//! Who is at the other end: the address of the client, through proxies that are trusted.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::config::Server;
use crate::web::state::Web;

/// The client's address.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub IpAddr);

impl FromRequestParts<Web> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        Ok(Self(address(peer, &parts.headers, &web.app.config.server)))
    }
}

/// The address behind `peer`: from right to left through X-Forwarded-For, as long as proxies are
/// trusted, since everything further left can be made up.
fn address(peer: IpAddr, headers: &HeaderMap, server: &Server) -> IpAddr {
    let mut address = peer.to_canonical();
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    for next in forwarded.iter().rev() {
        if !server.trusts(address) {
            break;
        }
        match next.parse::<IpAddr>() {
            Ok(next) => address = next.to_canonical(),
            Err(_) => break,
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
    fn a_stranger_cannot_make_up_an_address() {
        assert_eq!(client("192.0.2.1", "198.51.100.7", "[]"), "192.0.2.1");
        assert_eq!(
            client("10.0.0.1", "1.1.1.1, 198.51.100.7", "[\"10.0.0.0/8\"]"),
            "198.51.100.7"
        );
        assert_eq!(
            client("10.0.0.1", "198.51.100.7, 10.0.0.2", "[\"10.0.0.0/8\"]"),
            "198.51.100.7"
        );
        assert_eq!(client("10.0.0.1", "junk", "[\"10.0.0.0/8\"]"), "10.0.0.1");
    }
}
