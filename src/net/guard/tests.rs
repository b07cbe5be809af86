//! Tests of `guard`.

use super::*;

fn network(text: &str) -> AllowedNetwork {
    text.parse().unwrap()
}

fn strict() -> Guard {
    Guard::new(Vec::new(), vec![80, 443])
}

fn passes(guard: &Guard, url: &str) -> bool {
    guard.check_url(&Url::parse(url).unwrap()).is_ok()
}

#[test]
fn every_spelling_of_a_private_address_is_refused() {
    let spellings = [
        "http://127.0.0.1/",
        "http://127.0.0.1./",
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0X7F.1/",
        "http://0x7f.0x0.0x0.0x1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://0177.0.0x1/",
        "http://127.0.0.001/",
        "http://%31%32%37.0.0.1/",
        "http://127%2e0%2e0%2e1/",
        "http://１２７.０.０.１/",
        "http://127。0。0。1/",
        "http://①②⑦.⓪.⓪.①/",
        "http:127.0.0.1/",
        "http:/127.0.0.1/",
        "http:\\\\127.0.0.1\\",
        "HTTP://127.0.0.1/",
        "  http://127.0.0.1/  ",
        "ht\ntp://127.0.\t0.1/",
        "https://127.0.0.1/",
        "http://127.0.0.1:80/",
        "http://127.0.0.1:443/",
        "http://127.255.255.254/",
        "http://0/",
        "http://0.0.0.0/",
        "http://0x0/",
        "http://0.1.2.3/",
        "http://10.0.0.1/",
        "http://10.1/",
        "http://167772161/",
        "http://012.0.0.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0251.0376.0251.0376/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.0.0.8/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://192.168.1.1/",
        "http://192.168.257/",
        "http://198.18.0.1/",
        "http://198.51.100.7/",
        "http://203.0.113.7/",
        "http://224.0.0.1/",
        "http://239.255.255.250/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://4294967295/",
        "http://[::]/",
        "http://[::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[0000:0000::0001]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::FFFF:10.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[64:ff9b::8.8.8.8]/",
        "http://[64:ff9b:1::1]/",
        "http://[100::1]/",
        "http://[2001::1]/",
        "http://[2001:db8::1]/",
        "http://[2002:7f00:1::]/",
        "http://[3fff::1]/",
        "http://[5f00::1]/",
        "http://[fc00::1]/",
        "http://[fd12:3456::1]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
    ];
    for spelling in spellings {
        let refusal = strict().check_url(&Url::parse(spelling).unwrap());
        assert!(
            matches!(refusal, Err(GuardError::Address(..))),
            "{spelling:?}: {refusal:?}"
        );
    }
}

#[test]
fn other_schemes_credentials_and_ports_are_refused() {
    let table = [
        ("ftp://example.com/", GuardError::Scheme("ftp".into())),
        ("file:///etc/passwd", GuardError::Scheme("file".into())),
        ("file://example.com/a", GuardError::Scheme("file".into())),
        ("gopher://example.com/", GuardError::Scheme("gopher".into())),
        ("data:text/html,a", GuardError::Scheme("data".into())),
        (
            "javascript:alert(1)",
            GuardError::Scheme("javascript".into()),
        ),
        ("ws://example.com/", GuardError::Scheme("ws".into())),
        (
            "blob:http://example.com/a",
            GuardError::Scheme("blob".into()),
        ),
        ("unix:/run/a.sock", GuardError::Scheme("unix".into())),
        ("http://a@example.com/", GuardError::Credentials),
        ("http://a:b@example.com/", GuardError::Credentials),
        ("http://:b@example.com/", GuardError::Credentials),
        ("http://example.com@127.0.0.1/", GuardError::Credentials),
        ("http://127.0.0.1%2f@example.com/", GuardError::Credentials),
        ("http://example.com:22/", GuardError::Port(22)),
        ("http://example.com:0/", GuardError::Port(0)),
        ("https://example.com:8443/", GuardError::Port(8443)),
        ("http://8.8.8.8:53/", GuardError::Port(53)),
        ("http://[2606:4700::1111]:25/", GuardError::Port(25)),
    ];
    for (url, refusal) in table {
        assert_eq!(
            strict().check_url(&Url::parse(url).unwrap()),
            Err(refusal),
            "{url}"
        );
    }
}

#[test]
fn public_addresses_and_names_pass_at_ordinary_ports() {
    for url in [
        "http://example.com/",
        "https://example.com/",
        "http://example.com:443/",
        "https://example.com:80/",
        "http://example.com./",
        "http://bücher.example/",
        "http://127.0.0.1.example.com/",
        "http://localhost/",
        "http://8.8.8.8/",
        "http://134744072/",
        "http://[2606:4700::1111]/",
        "http://[::ffff:8.8.8.8]/",
    ] {
        assert!(passes(&strict(), url), "{url}");
    }
}

#[test]
fn unparsable_spellings_never_become_a_url() {
    for text in [
        "http://256.0.0.1/",
        "http://127.0.0.1.1/",
        "http://0x100000000/",
        "http://1.2.3.09/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://[127.0.0.1]/",
        "http:///",
        "http://a b/",
        "http://a:99999/",
        "//127.0.0.1/",
    ] {
        assert!(Url::parse(text).is_err(), "{text}");
    }
}

#[test]
fn each_block_is_refused_from_its_first_to_its_last_address_and_no_further() {
    // First and last address, whether the one before is public, whether the one after is.
    let table = [
        ("0.0.0.0", "0.255.255.255", false, true),
        ("10.0.0.0", "10.255.255.255", true, true),
        ("100.64.0.0", "100.127.255.255", true, true),
        ("127.0.0.0", "127.255.255.255", true, true),
        ("169.254.0.0", "169.254.255.255", true, true),
        ("172.16.0.0", "172.31.255.255", true, true),
        ("192.0.0.0", "192.0.0.255", true, true),
        ("192.0.2.0", "192.0.2.255", true, true),
        ("192.88.99.0", "192.88.99.255", true, true),
        ("192.168.0.0", "192.168.255.255", true, true),
        ("198.18.0.0", "198.19.255.255", true, true),
        ("198.51.100.0", "198.51.100.255", true, true),
        ("203.0.113.0", "203.0.113.255", true, true),
        ("224.0.0.0", "239.255.255.255", true, false),
        ("240.0.0.0", "255.255.255.255", false, false),
    ];
    assert_eq!(table.len(), SPECIAL_V4.len());
    let allows = |bits: u32| {
        strict()
            .check_address(Ipv4Addr::from(bits).into(), 80)
            .is_ok()
    };
    for (first, last, before, after) in table {
        let first: Ipv4Addr = first.parse().unwrap();
        let last: Ipv4Addr = last.parse().unwrap();
        let (low, high) = (first.to_bits(), last.to_bits());
        assert!(
            !allows(low) && !allows(high) && !allows(low + (high - low) / 2),
            "{first}"
        );
        assert_eq!(
            low.checked_sub(1).is_some_and(allows),
            before,
            "before {first}"
        );
        assert_eq!(
            high.checked_add(1).is_some_and(allows),
            after,
            "after {last}"
        );
        // The mapped spelling of the same address gets the same answer.
        let mapped = |address: Ipv4Addr| {
            strict()
                .check_address(address.to_ipv6_mapped().into(), 80)
                .is_err()
        };
        assert!(mapped(first) && mapped(last), "{first} mapped");
    }
}

#[test]
fn each_ipv6_block_is_refused_from_its_first_to_its_last_address_and_no_further() {
    let ones = "ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    let table = [
        ("::".to_owned(), format!("1fff:{ones}"), false, true),
        (
            "2001::".to_owned(),
            "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff".to_owned(),
            true,
            true,
        ),
        (
            "2001:db8::".to_owned(),
            "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".to_owned(),
            true,
            true,
        ),
        ("2002::".to_owned(), format!("2002:{ones}"), true, true),
        (
            "3fff::".to_owned(),
            "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff".to_owned(),
            true,
            true,
        ),
        ("4000::".to_owned(), format!("ffff:{ones}"), true, false),
        (
            "64:ff9b::".to_owned(),
            "64:ff9b::ffff:ffff".to_owned(),
            false,
            false,
        ),
        (
            "64:ff9b:1::".to_owned(),
            "64:ff9b:1:ffff:ffff:ffff:ffff:ffff".to_owned(),
            false,
            false,
        ),
        ("fc00::".to_owned(), format!("fdff:{ones}"), false, false),
        (
            "fe80::".to_owned(),
            "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff".to_owned(),
            false,
            false,
        ),
        ("ff00::".to_owned(), format!("ffff:{ones}"), false, false),
    ];
    let allows = |bits: u128| {
        strict()
            .check_address(Ipv6Addr::from(bits).into(), 80)
            .is_ok()
    };
    for (first, last, before, after) in table {
        let low = first.parse::<Ipv6Addr>().unwrap().to_bits();
        let high = last.parse::<Ipv6Addr>().unwrap().to_bits();
        assert!(
            !allows(low) && !allows(high) && !allows(low + (high - low) / 2),
            "{first}"
        );
        assert_eq!(
            low.checked_sub(1).is_some_and(allows),
            before,
            "before {first}"
        );
        assert_eq!(
            high.checked_add(1).is_some_and(allows),
            after,
            "after {last}"
        );
    }
}

#[test]
fn an_allowed_network_is_reachable_at_its_ports_only() {
    let guard = Guard::new(
        vec![
            network("127.0.0.0/8:18970-18973"),
            network("10.0.0.1/32:8000"),
            network("[::1]/128:8080"),
            network("192.168.7.0/24"),
        ],
        vec![80, 443],
    );
    for url in [
        "http://127.0.0.1:18970/",
        "http://127.1.2.3:18973/",
        "http://[::ffff:127.0.0.1]:18971/",
        "http://10.0.0.1:8000/",
        "http://[::1]:8080/",
        "http://192.168.7.255:1/",
        "http://192.168.7.0/",
    ] {
        assert!(passes(&guard, url), "{url}");
    }
    for url in [
        "http://127.0.0.1:18969/",
        "http://127.0.0.1:18974/",
        "http://127.0.0.1/",
        "http://128.0.0.1:18970/",
        "http://10.0.0.2:8000/",
        "http://10.0.0.1:8001/",
        "http://[::1]/",
        "http://[::2]:8080/",
        "http://192.168.8.0/",
    ] {
        assert!(!passes(&guard, url), "{url}");
    }
}

#[test]
fn a_name_may_have_any_port_that_some_address_could_have() {
    let ranged = Guard::new(vec![network("127.0.0.0/8:18970-18973")], vec![80]);
    assert!(passes(&ranged, "http://name.example:18972/"));
    assert!(passes(&ranged, "http://name.example/"));
    assert!(!passes(&ranged, "http://name.example:18974/"));
    assert!(!passes(&ranged, "https://name.example/"));
    let open = Guard::new(vec![network("127.0.0.0/8")], vec![80]);
    assert!(passes(&open, "http://name.example:1234/"));
    assert!(
        open.check_address("8.8.8.8".parse().unwrap(), 1234)
            .is_err()
    );
}

#[test]
fn an_allowed_network_reads_back_as_it_was_written() {
    for (text, shown) in [
        ("127.0.0.0/8", "127.0.0.0/8"),
        ("127.0.0.0/8:18970-18973", "127.0.0.0/8:18970-18973"),
        ("10.0.0.1/32:8000", "10.0.0.1/32:8000"),
        ("10.0.0.1/32:8000-8000", "10.0.0.1/32:8000"),
        ("[::1]/128:8080", "[::1]/128:8080"),
        ("::1/128:8080", "[::1]/128:8080"),
        ("::1/128", "::1/128"),
        ("[::1]/128", "::1/128"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        (" 10.0.0.0/8 ", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ] {
        assert_eq!(network(text).to_string(), shown);
        assert_eq!(network(shown), network(text));
    }
}

#[test]
fn text_that_is_not_a_network_is_an_error() {
    for text in [
        "",
        "/",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1/33",
        "127.0.0.1/",
        "127.0.0.1/+8",
        "127.0.0.1/8:",
        "127.0.0.1/8:80-",
        "127.0.0.1/8:90-80",
        "127.0.0.1/8:65536",
        "127.0.0.1/8:80:81",
        "127.0.0.1/8:http",
        "[127.0.0.1]/8",
        "[::1/128",
        "::1]/128",
        "::1/129",
        "localhost/8",
    ] {
        let error = text.parse::<AllowedNetwork>().unwrap_err();
        assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
    }
}
