//! By what a writer or a site is known, and how they stand here.

use std::net::IpAddr;

use deunicode::deunicode;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::Url;

use crate::markup::mailbox;
use crate::store::entity::standing::Scope;

/// The widest networks that can have a standing, as lengths of their prefix.
const WIDEST: (u8, u8) = (8, 16);

/// How trust names an author.
pub fn author_key(author: &Url) -> String {
    let mut key = author.clone();
    key.set_fragment(None);
    key.set_query(None);
    key.as_str().trim_end_matches('/').to_owned()
}

/// How a host is named.
pub fn host_key(source: &Url) -> String {
    let host = source.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// A name folded so that look-alikes are the same: letters and digits alone, without accents and
/// case. None where nothing is left.
pub fn name_key(name: &str) -> Option<String> {
    let key: String = deunicode(name)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .take(80)
        .collect();
    (!key.is_empty()).then_some(key)
}

/// The network that an address is in, as a person is looked for: /24, or /48.
pub fn network_of(ip: &str) -> Option<String> {
    let network = match ip.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(ip) => IpNet::V4(Ipv4Net::new(ip, 24).ok()?),
        IpAddr::V6(ip) => IpNet::V6(Ipv6Net::new(ip, 48).ok()?),
    };
    Some(network.trunc().to_string())
}

/// A network that somebody typed, an address alone included; None where it is none, or too wide.
pub fn read_network(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let network = match typed.parse::<IpNet>() {
        Ok(network) => network,
        Err(_) => IpNet::from(typed.parse::<IpAddr>().ok()?.to_canonical()),
    };
    let widest = match network {
        IpNet::V4(_) => WIDEST.0,
        IpNet::V6(_) => WIDEST.1,
    };
    (network.prefix_len() >= widest).then(|| network.trunc().to_string())
}

/// Every network that an address is in, as standings name them.
fn networks_around(ip: &str) -> Vec<String> {
    let Ok(ip) = ip.parse::<IpAddr>() else {
        return Vec::new();
    };
    match ip.to_canonical() {
        IpAddr::V4(ip) => (WIDEST.0..=32)
            .filter_map(|length| Ipv4Net::new(ip, length).ok())
            .map(|network| network.trunc().to_string())
            .collect(),
        IpAddr::V6(ip) => (WIDEST.1..=128)
            .filter_map(|length| Ipv6Net::new(ip, length).ok())
            .map(|network| network.trunc().to_string())
            .collect(),
    }
}

/// What is known of who sent something.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sender<'a> {
    /// Their e-mail address.
    pub email: Option<&'a str>,
    /// Where they write from.
    pub ip: Option<&'a str>,
    /// Their own site.
    pub url: Option<&'a str>,
    /// The page that links here.
    pub source: Option<&'a str>,
}

impl Sender<'_> {
    /// Every name under which they may be blocked, spellings of their address that are another one's
    /// included.
    pub fn blockable(&self) -> Vec<(Scope, String)> {
        let mut subjects = self.subjects();
        if let Some(email) = self.email {
            subjects.push((Scope::Email, mailbox::block_key(email)));
            if let Some((_, domain)) = email.rsplit_once('@') {
                subjects.push((Scope::Domain, mailbox::domain_key(domain)));
            }
        }
        subjects
    }

    /// Every name under which they may stand in some way. An author's address counts only on the
    /// host of the source itself: any page can claim to be somebody else's.
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

/// The key under which a subject is blocked, so that every spelling of it is the same.
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
    fn look_alike_names_are_the_same() {
        assert_eq!(name_key("Renée  O'Neil"), name_key("renee oneil"));
        assert_eq!(name_key("РуТ").as_deref(), Some("rut"));
        assert_eq!(name_key("—"), None);
    }

    #[test]
    fn networks_are_read_and_told_in_one_form() {
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
            read_network("192.0.2.9/24").as_deref(),
            Some("192.0.2.0/24")
        );
        assert_eq!(read_network("192.0.2.9").as_deref(), Some("192.0.2.9/32"));
        assert_eq!(read_network("0.0.0.0/0"), None, "nobody bans the world");
        assert_eq!(read_network("people"), None);
    }

    #[test]
    fn somebody_is_known_by_every_network_around_them() {
        let sender = Sender {
            ip: Some("192.0.2.77"),
            ..Sender::default()
        };
        let subjects = sender.subjects();
        assert_eq!(subjects.len(), 25);
        assert!(subjects.contains(&(Scope::Network, "192.0.2.0/24".into())));
        assert!(subjects.contains(&(Scope::Network, "192.0.2.77/32".into())));
    }

    #[test]
    fn an_author_is_known_only_on_their_own_host() {
        let mut sender = Sender {
            url: Some("https://ann.example/me"),
            source: Some("https://www.blog.example/1"),
            ..Sender::default()
        };
        assert_eq!(sender.subjects(), [(Scope::Host, "blog.example".into())]);
        sender.url = Some("https://www.blog.example/ann/");
        assert_eq!(sender.subjects().len(), 2);
    }
}
