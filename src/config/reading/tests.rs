//! Tests of `reading`.

use super::*;
use crate::config::Config;

fn with_variables(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::from_figment(Figment::from(Toml::string(DEFAULTS)).merge(Variables(variables)))
}

#[test]
fn environment_variables_have_the_type_of_their_setting() {
    let config = with_variables(&[
        ("REJOINDER_SITE__NAME", "2026"),
        ("REJOINDER_MODERATION__SPAM_CHECKER_KEY", "007"),
        ("REJOINDER_SITE__TIME_ZONE", "\"Europe/Berlin\""),
        ("REJOINDER_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
        ("REJOINDER_LINKBACKS__FETCH_PORTS", "[80, 8080]"),
        ("REJOINDER_LINKBACKS__SEND", "false"),
        ("REJOINDER_COMMENTS__PER_PAGE", "7"),
    ])
    .unwrap();
    assert_eq!(config.site.name, "2026");
    assert_eq!(config.moderation.spam_checker_key, "007");
    assert_eq!(config.site.time_zone, "Europe/Berlin");
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.linkbacks.fetch_ports, [80, 8080]);
    assert!(!config.linkbacks.send);
    assert_eq!(config.comments.per_page, 7);
}

#[test]
fn an_error_names_the_setting_what_it_allows_and_where_it_was_set() {
    for (name, value, says) in [
        (
            "REJOINDER_SERVER__LISTEN",
            "here",
            "server.listen must be an address and a port, such as \"127.0.0.1:8080\", not \"here\" (in REJOINDER_SERVER__LISTEN)",
        ),
        (
            "REJOINDER_COMMENTS__PER_PAGE",
            "many",
            "comments.per_page must be a whole number (0 or more), such as 100, not \"many\" (in REJOINDER_COMMENTS__PER_PAGE)",
        ),
        (
            "REJOINDER_COMMENTS__PER_PAGE",
            "-1",
            "comments.per_page must be a whole number (0 or more) that is not too large, not -1 (in REJOINDER_COMMENTS__PER_PAGE)",
        ),
        (
            "REJOINDER_LINKBACKS__SEND",
            "yes",
            "linkbacks.send must be true or false, not \"yes\" (in REJOINDER_LINKBACKS__SEND)",
        ),
        (
            "REJOINDER_COMMENTS__MODERATION",
            "maybe",
            "comments.moderation must be \"none\", \"first\" or \"all\", not \"maybe\" (in REJOINDER_COMMENTS__MODERATION)",
        ),
        (
            "REJOINDER_SERVER__TRUSTED_PROXIES",
            "nginx",
            "server.trusted_proxies must be a list of networks, such as [\"10.0.0.0/8\", \"192.0.2.1/32\"], not [\"nginx\"] (in REJOINDER_SERVER__TRUSTED_PROXIES)",
        ),
        (
            "REJOINDER_SERVER",
            "5",
            "[server] must be a section with its own settings, not 5 (in REJOINDER_SERVER)",
        ),
        (
            "REJOINDER_SERVER__LISEN",
            "5",
            "unknown setting server.lisen (in REJOINDER_SERVER__LISEN): did you mean server.listen?",
        ),
        (
            "REJOINDER_LISTEN",
            "127.0.0.1:1",
            "unknown setting listen (in REJOINDER_LISTEN): did you mean server.listen?",
        ),
    ] {
        let error = with_variables(&[(name, value)]).unwrap_err().to_string();
        assert_eq!(error, says);
    }
}

#[test]
fn every_setting_rejects_a_wrong_type_in_plain_words() {
    for (section, settings) in defaults() {
        for key in settings.as_dict().unwrap().keys() {
            let Err(error) = Config::with(&format!("[{section}]\n{key} = {{ x = 1 }}")) else {
                panic!("{section}.{key} takes anything");
            };
            let error = error.to_string();
            assert!(
                error.contains(&format!("{section}.{key} must be ")),
                "{error}"
            );
            for word in [
                "invalid", "expected", "found", "struct", "enum", "int `", "variant",
            ] {
                assert!(!error.contains(word), "{error}");
            }
        }
    }
}

#[test]
fn the_site_address_is_a_scheme_and_a_host() {
    let origin = |address: &str| site_origin(address).unwrap();
    assert_eq!(origin("https://News.example/"), "https://news.example");
    assert_eq!(origin("https://news.example:443"), "https://news.example");
    assert_eq!(
        origin("http://news.example:8080/"),
        "http://news.example:8080"
    );
    assert_eq!(
        origin("https://münchen.example"),
        "https://xn--mnchen-3ya.example"
    );
    assert_eq!(origin("http://[::1]:8080"), "http://[::1]:8080");
    for (address, says) in [
        ("news.example", "such as https://news.example.org"),
        ("ftp://news.example", "such as https://news.example.org"),
        ("https://", "such as https://news.example.org"),
        ("https://news.example/blog", "does not work under /blog"),
        ("https://news.example/blog/", "does not work under /blog/"),
        ("https://news.example/?x=1", "without a question mark"),
        ("https://news.example?", "without a question mark"),
        ("https://news.example/#top", "without a number sign"),
        (
            "https://ada:secret@news.example",
            "without a user name or a password",
        ),
    ] {
        let error = site_origin(address).unwrap_err();
        assert!(error.contains(says), "{address}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_names_the_line_and_not_the_secret_in_it() {
    let error = Config::with("[media]\nregion = \"x\"\nsecret = \"hidden-words\n").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("line 3"), "{text}");
    assert!(!text.contains("hidden"), "{text}");
}
