//! Which addresses may be reached: the protection against server-side request forgery.
//!
//! Visitors submit URLs that this server then fetches, so each of them could be aimed at the machine
//! itself or at its neighbours. Whatever [`crate::net::fetch`] sends is checked here first: public
//! unicast addresses at ordinary ports pass, and everything else only where the operator listed it.
//!
//! This file is pure: it never resolves a name, opens a socket or reads a setting.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::str::FromStr;

use ipnet::IpNet;
use thiserror::Error;
use url::{Host, Url};

/// The IPv4 blocks that are not public unicast addresses, as first address and prefix length.
const SPECIAL_V4: [(Ipv4Addr, u8); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The only IPv6 block from which public unicast addresses are assigned.
const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The blocks inside [`PUBLIC_V6`] that are not ordinary public addresses: protocol assignments
/// with Teredo among them, documentation, 6to4 (which wraps an IPv4 address), documentation.
const SPECIAL_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Why something may not be reached. For operators and logs: a visitor who could read it could
/// map the network.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GuardError {
    /// Neither http nor https.
    #[error("the scheme {0:?} is neither http nor https")]
    Scheme(String),
    /// A user name or a password in the URL.
    #[error("the URL carries credentials")]
    Credentials,
    #[error("the URL names no host")]
    NoHost,
    /// A port that is neither ordinary nor allowed.
    #[error("port {0} is not among the allowed ones")]
    Port(u16),
    /// An address that is neither public nor allowed.
    #[error("{0} is not a public address and no allowed network has it at port {1}")]
    Address(IpAddr, u16),
}

/// A network that is reachable although it is not public, at some or at all ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedNetwork {
    network: IpNet,
    ports: Option<RangeInclusive<u16>>,
}

/// A text that is not an [`AllowedNetwork`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{0:?} is not a network: write ADDRESS/LENGTH, ADDRESS/LENGTH:PORT or \
     ADDRESS/LENGTH:FIRST-LAST"
)]
pub struct BadNetwork(String);

impl AllowedNetwork {
    fn has_port(&self, port: u16) -> bool {
        self.ports
            .as_ref()
            .is_none_or(|ports| ports.contains(&port))
    }
}

impl FromStr for AllowedNetwork {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_network(text.trim()).ok_or_else(|| BadNetwork(text.to_owned()))
    }
}

fn parse_network(text: &str) -> Option<AllowedNetwork> {
    // Colons before the slash belong to the address, the one after it to the ports.
    let (address, rest) = text.split_once('/')?;
    let address: IpAddr = match address.strip_prefix('[') {
        Some(bracketed) => bracketed
            .strip_suffix(']')?
            .parse::<Ipv6Addr>()
            .ok()?
            .into(),
        None => address.parse().ok()?,
    };
    let (length, ports) = match rest.split_once(':') {
        Some((length, ports)) => (length, Some(parse_ports(ports)?)),
        None => (rest, None),
    };
    let network = IpNet::new(address, parse_number(length)?).ok()?;
    Some(AllowedNetwork {
        network: network.trunc(),
        ports,
    })
}

fn parse_ports(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (parse_number(first)?, parse_number(last)?),
        None => (parse_number(text)?, parse_number(text)?),
    };
    (first <= last).then_some(first..=last)
}

/// Digits only: the standard parser also takes a leading plus sign.
fn parse_number<N: FromStr>(text: &str) -> Option<N> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

impl fmt::Display for AllowedNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.network {
            IpNet::V6(network) if self.ports.is_some() => {
                write!(f, "[{}]/{}", network.addr(), network.prefix_len())?;
            }
            network => write!(f, "{network}")?,
        }
        match &self.ports {
            Some(ports) if ports.start() == ports.end() => write!(f, ":{}", ports.start()),
            Some(ports) => write!(f, ":{}-{}", ports.start(), ports.end()),
            None => Ok(()),
        }
    }
}

/// Checks URLs and addresses against what the operator allows.
#[derive(Clone, Debug)]
pub struct Guard {
    allow: Vec<AllowedNetwork>,
    ports: Vec<u16>,
}

impl Guard {
    /// Allows public addresses at `ports`, and the networks in `allow`.
    pub fn new(allow: Vec<AllowedNetwork>, ports: Vec<u16>) -> Self {
        Self { allow, ports }
    }

    /// Whether the URL may be resolved.
    ///
    /// An IP address is checked at once. A name passes here if any address could be
    /// reached at its port; what it resolves to still has to pass [`Guard::check_address`].
    pub fn check_url(&self, url: &Url) -> Result<(), GuardError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(GuardError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(GuardError::Credentials);
        }
        let host = url.host().ok_or(GuardError::NoHost)?;
        let port = url.port_or_known_default().ok_or(GuardError::NoHost)?;
        match host {
            Host::Ipv4(address) => self.check_address(address.into(), port),
            Host::Ipv6(address) => self.check_address(address.into(), port),
            Host::Domain("") => Err(GuardError::NoHost),
            Host::Domain(_) if self.has_port(port) => Ok(()),
            Host::Domain(_) if self.allow.iter().any(|network| network.has_port(port)) => Ok(()),
            Host::Domain(_) => Err(GuardError::Port(port)),
        }
    }

    /// Whether a connection to the address may be opened.
    pub fn check_address(&self, address: IpAddr, port: u16) -> Result<(), GuardError> {
        // A mapped address reaches the IPv4 address inside it, so that is the one to check.
        let address = address.to_canonical();
        let allowed =
            |network: &AllowedNetwork| network.network.contains(&address) && network.has_port(port);
        if self.allow.iter().any(allowed) {
            return Ok(());
        }
        if !is_public(address) {
            return Err(GuardError::Address(address, port));
        }
        if !self.has_port(port) {
            return Err(GuardError::Port(port));
        }
        Ok(())
    }

    fn has_port(&self, port: u16) -> bool {
        self.ports.contains(&port)
    }
}

/// Whether the address can be reached from anywhere on the internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|block| in_v4(address, *block)),
        IpAddr::V6(address) => {
            in_v6(address, PUBLIC_V6) && !SPECIAL_V6.iter().any(|block| in_v6(address, *block))
        }
    }
}

fn in_v4(address: Ipv4Addr, (first, length): (Ipv4Addr, u8)) -> bool {
    let shift = 32 - u32::from(length);
    address.to_bits() >> shift == first.to_bits() >> shift
}

fn in_v6(address: Ipv6Addr, (first, length): (Ipv6Addr, u8)) -> bool {
    let shift = 128 - u32::from(length);
    address.to_bits() >> shift == first.to_bits() >> shift
}

#[cfg(test)]
mod tests;
