//! The identifiers of a sender in the forms in which sender policies and searches compare them.
//! Pure.

use std::net::IpAddr;

use deunicode::deunicode;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::Url;

use crate::markup::mailbox;
use crate::store::entity::sender_policy::Scope;

/// The shortest prefix of a network that a policy can be about, for IPv4 and IPv6.
const MIN_PREFIX: (u8, u8) = (8, 16);

/// An author by their address, without query, fragment and closing slash.
pub fn author_key(author: &Url) -> String {
    let mut key = author.clone();
    key.set_fragment(None);
    key.set_query(None);
    key.as_str().trim_end_matches('/').to_owned()
}

/// A host without `www.`.
pub fn host_key(source: &Url) -> String {
    let host = source.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// A name folded so that look-alikes are equal: ASCII letters and digits, without accents and case.
/// None where nothing is left.
pub fn name_key(name: &str) -> Option<String> {
    let key: String = deunicode(name)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .take(80)
        .collect();
    (!key.is_empty()).then_some(key)
}

/// The network that an address is in, for finding responses by network: a /24, or a /48 of IPv6.
pub fn network_of(ip: &str) -> Option<String> {
    let network = match ip.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(ip) => IpNet::V4(Ipv4Net::new(ip, 24).ok()?),
        IpAddr::V6(ip) => IpNet::V6(Ipv6Net::new(ip, 48).ok()?),
    };
    Some(network.trunc().to_string())
}

/// A network or an address that somebody typed; None where it is neither, or the network is too
/// wide.
pub fn parse_network(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let network = match typed.parse::<IpNet>() {
        Ok(network) => network,
        Err(_) => IpNet::from(typed.parse::<IpAddr>().ok()?.to_canonical()),
    };
    let min = match network {
        IpNet::V4(_) => MIN_PREFIX.0,
        IpNet::V6(_) => MIN_PREFIX.1,
    };
    (network.prefix_len() >= min).then(|| network.trunc().to_string())
}

/// Every network that an address is in and that a policy can be about.
fn networks_around(ip: &str) -> Vec<String> {
    let Ok(ip) = ip.parse::<IpAddr>() else {
        return Vec::new();
    };
    match ip.to_canonical() {
        IpAddr::V4(ip) => (MIN_PREFIX.0..=32)
            .filter_map(|length| Ipv4Net::new(ip, length).ok())
            .map(|network| network.trunc().to_string())
            .collect(),
        IpAddr::V6(ip) => (MIN_PREFIX.1..=128)
            .filter_map(|length| Ipv6Net::new(ip, length).ok())
            .map(|network| network.trunc().to_string())
            .collect(),
    }
}

/// What identifies a sender, by proof or by claim.
#[derive(Clone, Copy, Debug, Default)]
pub struct SenderIdentifiers<'a> {
    pub email: Option<&'a str>,
    /// The address of the request.
    pub ip: Option<&'a str>,
    /// Their website.
    pub url: Option<&'a str>,
    /// The page that links here, for a linkback.
    pub source: Option<&'a str>,
}

impl SenderIdentifiers<'_> {
    /// Every subject under which they may be blocked: those of [`Self::subjects`], and look-alike
    /// spellings of their email address.
    pub fn block_subjects(&self) -> Vec<(Scope, String)> {
        let mut subjects = self.subjects();
        if let Some(email) = self.email {
            subjects.push((Scope::Email, mailbox::block_key(email)));
            if let Some((_, domain)) = email.rsplit_once('@') {
                subjects.push((Scope::Domain, mailbox::domain_key(domain)));
            }
        }
        subjects
    }

    /// Every subject that a policy about them may have. An author's address counts only on the host
    /// of the source: any page can claim to be by somebody else.
    pub fn subjects(&self) -> Vec<(Scope, String)> {
        let mut subjects = Vec::new();
        if let Some(email) = self.email {
            let (address, mailbox) = (mailbox::tidy(email), mailbox::mailbox(email));
            let domain = mailbox
                .rsplit_once('@')
                .map(|(_, domain)| domain.to_owned());
            subjects.extend(domain.map(|domain| (Scope::Domain, domain)));
            if address != mailbox {
                subjects.push((Scope::Email, address));
            }
            subjects.push((Scope::Email, mailbox));
        }
        let parse = |url: Option<&str>| url.and_then(|url| Url::parse(url).ok());
        if let Some(source) = parse(self.source) {
            subjects.push((Scope::Host, host_key(&source)));
            if let Some(author) = parse(self.url).filter(|author| author.host() == source.host()) {
                subjects.push((Scope::Author, author_key(&author)));
            }
        } else if let Some(site) = parse(self.url) {
            subjects.push((Scope::Host, host_key(&site)));
        }
        let networks = self.ip.map(networks_around).unwrap_or_default();
        subjects.extend(
            networks
                .into_iter()
                .map(|network| (Scope::Network, network)),
        );
        subjects
    }
}

/// The key by which a subject is compared, equal for every spelling of it.
pub fn match_key(scope: Scope, subject: &str) -> String {
    match scope {
        Scope::Email => mailbox::block_key(subject),
        Scope::Domain => mailbox::domain_key(subject),
        Scope::Author | Scope::Host | Scope::Network => subject.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alike_names_are_equal() {
        assert_eq!(name_key("Renée  O'Neil"), name_key("renee oneil"));
        assert_eq!(name_key("РуТ").as_deref(), Some("rut"));
        assert_eq!(name_key("—"), None);
    }

    #[test]
    fn networks_have_one_form() {
        assert_eq!(network_of("192.0.2.77").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(
            network_of("::ffff:192.0.2.77").as_deref(),
            Some("192.0.2.0/24")
        );
        assert_eq!(
            network_of("2001:db8:1:2::9").as_deref(),
            Some("2001:db8:1::/48")
        );
        assert_eq!(
            parse_network("192.0.2.9/24").as_deref(),
            Some("192.0.2.0/24")
        );
        assert_eq!(parse_network("192.0.2.9").as_deref(), Some("192.0.2.9/32"));
        assert_eq!(parse_network("0.0.0.0/0"), None, "too wide");
        assert_eq!(parse_network("people"), None);
    }

    #[test]
    fn a_sender_is_matched_by_every_network_around_them() {
        let sender = SenderIdentifiers {
            ip: Some("192.0.2.77"),
            ..SenderIdentifiers::default()
        };
        let subjects = sender.subjects();
        assert_eq!(subjects.len(), 25);
        assert!(subjects.contains(&(Scope::Network, "192.0.2.0/24".into())));
        assert!(subjects.contains(&(Scope::Network, "192.0.2.77/32".into())));
    }

    #[test]
    fn an_author_is_matched_only_on_their_own_host() {
        let mut sender = SenderIdentifiers {
            url: Some("https://ann.example/me"),
            source: Some("https://www.blog.example/1"),
            ..SenderIdentifiers::default()
        };
        assert_eq!(sender.subjects(), [(Scope::Host, "blog.example".into())]);
        sender.url = Some("https://www.blog.example/ann/");
        assert_eq!(sender.subjects().len(), 2);
    }
}
