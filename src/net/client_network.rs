//! Which network an address belongs to, to count those as one client who share a connection. Pure: never
//! looks anything up.

use std::net::IpAddr;

use ipnet::IpNet;

/// One household: an IPv4 address, or the /64 that an IPv6 connection is given.
pub fn household(address: IpAddr) -> IpNet {
    network(address, 64)
}

/// The IPv6 network (/48) of an organisation or of a hosting provider's customer, which holds 65,536
/// households; None for IPv4.
pub fn organisation(address: IpAddr) -> Option<IpNet> {
    let address = address.to_canonical();
    address.is_ipv6().then(|| network(address, 48))
}

fn network(address: IpAddr, ipv6_prefix: u8) -> IpNet {
    let address = address.to_canonical();
    let prefix = if address.is_ipv4() { 32 } else { ipv6_prefix };
    IpNet::new(address, prefix)
        .unwrap_or_else(|_| address.into())
        .trunc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_its_household_and_its_organisation() {
        let of = |address: &str| {
            let address = address.parse().unwrap();
            let organisation = organisation(address).map(|network| network.to_string());
            (household(address).to_string(), organisation)
        };
        assert_eq!(of("192.0.2.7"), ("192.0.2.7/32".to_owned(), None));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_eq!(
            of("2001:db8:1:2:3::4"),
            (
                "2001:db8:1:2::/64".to_owned(),
                Some("2001:db8:1::/48".to_owned())
            )
        );
    }
}
