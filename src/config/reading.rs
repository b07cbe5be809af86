//! From files and variables to values, and from what is wrong with them to sentences that name the
//! setting, what it takes and where it was set.

use figment::error::{Actual, Kind};
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider, Source};
use url::Url;

/// The annotated defaults.
pub const DEFAULTS: &str = include_str!("../../config/rejoinder.toml");

/// Settings that cannot be used; the text says what to fix.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(super) String);

/// What a variable of the environment that is a setting begins with.
const PREFIX: &str = "REJOINDER_";
const ENVIRONMENT: &str = "environment";

/// The variables of the environment. What they hold is read as what the setting takes: a name of
/// digits alone is still a name, and a list may be written without brackets.
pub struct Variables(Vec<(String, String)>);

impl Variables {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .filter(|(name, _)| name.to_ascii_uppercase().starts_with(PREFIX))
                .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
                .collect(),
        )
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let defaults = defaults();
        let mut values = Dict::new();
        for (name, text) in &self.0 {
            let keys: Vec<String> = name[PREFIX.len()..]
                .split("__")
                .map(str::to_ascii_lowercase)
                .collect();
            let value = read_as(text, find(&defaults, &keys));
            put(&mut values, &keys, value);
        }
        Ok(Profile::Default.collect(values))
    }
}

fn read_as(text: &str, default: Option<&Value>) -> Value {
    let Ok(value) = text.parse::<Value>();
    match (default, &value) {
        (Some(Value::String(..)), Value::String(..))
        | (Some(Value::Array(..)), Value::Array(..)) => value,
        (Some(Value::String(..)), _) => Value::from(text),
        (Some(Value::Array(..)), _) => Value::from(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| match part.parse::<Value>() {
                    Ok(value) => value,
                    Err(never) => match never {},
                })
                .collect::<Vec<Value>>(),
        ),
        _ => value,
    }
}

fn put(values: &mut Dict, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [key] => {
            values.insert(key.clone(), value);
        }
        [key, rest @ ..] => {
            let inner = values
                .entry(key.clone())
                .or_insert_with(|| Value::from(Dict::new()));
            if !matches!(inner, Value::Dict(..)) {
                *inner = Value::from(Dict::new());
            }
            if let Value::Dict(_, inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn find<'a>(values: &'a Dict, keys: &[String]) -> Option<&'a Value> {
    let (key, rest) = keys.split_first()?;
    let value = values.get(key)?;
    if rest.is_empty() {
        return Some(value);
    }
    find(value.as_dict()?, rest)
}

fn defaults() -> Dict {
    Figment::from(Toml::string(DEFAULTS))
        .extract()
        .unwrap_or_default()
}

/// Looks for keys that the defaults do not have: a misspelt setting that is silently ignored is
/// worse than none.
pub fn refuse_unknown(figment: &Figment, values: &Dict) -> Result<(), ConfigError> {
    let known = defaults();
    let known_names = names(&known);
    for (section, value) in values {
        if known.contains_key(section) && value.as_dict().is_none() {
            let place = place(
                figment.find_metadata(section),
                std::slice::from_ref(section),
            );
            return Err(ConfigError(format!(
                "[{section}] is a section with settings of its own, not {}{place}",
                shown(value)
            )));
        }
    }
    for name in names(values) {
        if known_names.contains(&name) {
            continue;
        }
        let nearest = known_names
            .iter()
            .max_by(|a, b| likeness(a, &name).total_cmp(&likeness(b, &name)))
            .map_or("", String::as_str);
        let keys: Vec<String> = name.split('.').map(str::to_owned).collect();
        let place = place(figment.find_metadata(&name), &keys);
        return Err(ConfigError(format!(
            "there is no setting {name}{place}: did you mean {nearest}?"
        )));
    }
    Ok(())
}

/// How alike two settings are; one without its section is compared by its last part.
fn likeness(known: &str, typed: &str) -> f64 {
    let last = known.rsplit('.').next().unwrap_or(known);
    let by_last = if typed.contains('.') {
        0.0
    } else {
        strsim::jaro_winkler(last, typed)
    };
    strsim::jaro_winkler(known, typed).max(by_last)
}

fn names(values: &Dict) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in values {
        match value {
            Value::Dict(_, inner) => {
                found.extend(inner.keys().map(|inner_key| format!("{key}.{inner_key}")));
            }
            _ => found.push(key.clone()),
        }
    }
    found
}

/// What is wrong with a setting, in words that name it.
pub fn explain(error: &Error, values: &Dict) -> ConfigError {
    let keys: Vec<String> = error.path.iter().take(2).cloned().collect();
    let name = keys.join(".");
    let defaults = defaults();
    let (Some(default), Some(value)) = (find(&defaults, &keys), find(values, &keys)) else {
        return ConfigError(format!("the settings cannot be read: {}", error.kind));
    };
    let takes = match &error.kind {
        Kind::UnknownVariant(_, allowed) => one_of(allowed),
        Kind::InvalidValue(Actual::Unsigned(_) | Actual::Signed(_), _)
        | Kind::ISizeOutOfRange(_)
        | Kind::USizeOutOfRange(_) => "a whole number, 0 or more, that is not as large".to_owned(),
        _ => takes(&name, default),
    };
    let place = place(error.metadata.as_ref(), &keys);
    ConfigError(format!("{name} is {takes}, not {}{place}", shown(value)))
}

fn one_of(allowed: &[&str]) -> String {
    let quoted: Vec<String> = allowed.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn takes(name: &str, default: &Value) -> String {
    match (name, default) {
        ("server.listen", _) => "an address and a port, such as \"127.0.0.1:8080\"".to_owned(),
        ("server.trusted_proxies" | "server.metrics_from", _) => {
            "a list of networks, such as [\"10.0.0.0/8\", \"192.0.2.1/32\"]".to_owned()
        }
        (_, Value::Bool(..)) => "true or false".to_owned(),
        (_, Value::Num(..)) => format!("a whole number, 0 or more, such as {}", shown(default)),
        (_, Value::Array(_, items)) if items.is_empty() => "a list in square brackets".to_owned(),
        (_, Value::Array(..)) => format!("a list, such as {}", shown(default)),
        (_, Value::String(_, text)) if text.is_empty() => "a text in quotes".to_owned(),
        _ => format!("a text in quotes, such as {}", shown(default)),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => format!("{text:?}"),
        Value::Char(_, c) => format!("\"{c}\""),
        Value::Bool(_, value) => value.to_string(),
        Value::Num(_, number) => number
            .to_i128()
            .map(|number| number.to_string())
            .or_else(|| number.to_u128().map(|number| number.to_string()))
            .or_else(|| number.to_f64().map(|number| number.to_string()))
            .unwrap_or_default(),
        Value::Array(_, items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Dict(..) => "a section".to_owned(),
        Value::Empty(..) => "nothing".to_owned(),
    }
}

/// Where a setting was set, as far as that helps.
fn place(metadata: Option<&Metadata>, keys: &[String]) -> String {
    match metadata {
        Some(metadata) if metadata.name == ENVIRONMENT => {
            format!(" (in {PREFIX}{})", keys.join("__").to_ascii_uppercase())
        }
        Some(Metadata {
            source: Some(Source::File(path)),
            ..
        }) => format!(" (in {})", path.display()),
        _ => String::new(),
    }
}

/// The address of a site, in the one spelling that browsers use: the host in ASCII, no usual port.
pub fn site_origin(address: &str) -> Result<String, String> {
    let wanted = "site.url is the web address that readers use, such as https://news.example.org";
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| format!("{wanted}, not {address:?}"))?;
    let excess = if !url.username().is_empty() || url.password().is_some() {
        "a user name or a password"
    } else if url.query().is_some() {
        "a question mark"
    } else if url.fragment().is_some() {
        "a number sign"
    } else if url.path() != "/" {
        return Err(format!(
            "{wanted}, without a path: the site needs a host name of its own and does not work below {}",
            url.path()
        ));
    } else {
        return Ok(url.origin().ascii_serialization());
    };
    Err(format!("{wanted}, without {excess}"))
}

#[cfg(test)]
mod tests {
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
    fn variables_are_read_as_what_the_setting_takes() {
        let config = with_variables(&[
            ("REJOINDER_SITE__NAME", "2026"),
            ("REJOINDER_MODERATION__OUTSIDE_KEY", "007"),
            ("REJOINDER_SITE__TIME_ZONE", "\"Europe/Berlin\""),
            ("REJOINDER_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
            ("REJOINDER_LINKBACKS__FETCH_PORTS", "[80, 8080]"),
            ("REJOINDER_LINKBACKS__SEND", "false"),
            ("REJOINDER_COMMENTS__PER_PAGE", "7"),
        ])
        .unwrap();
        assert_eq!(config.site.name, "2026");
        assert_eq!(config.moderation.outside_key, "007");
        assert_eq!(config.site.time_zone, "Europe/Berlin");
        assert_eq!(config.server.trusted_proxies.len(), 2);
        assert_eq!(config.linkbacks.fetch_ports, [80, 8080]);
        assert!(!config.linkbacks.send);
        assert_eq!(config.comments.per_page, 7);
    }

    #[test]
    fn what_is_wrong_is_said_in_words_with_its_name_and_place() {
        for (name, value, says) in [
            (
                "REJOINDER_SERVER__LISTEN",
                "here",
                "server.listen is an address and a port, such as \"127.0.0.1:8080\", not \"here\" (in REJOINDER_SERVER__LISTEN)",
            ),
            (
                "REJOINDER_COMMENTS__PER_PAGE",
                "many",
                "comments.per_page is a whole number, 0 or more, such as 100, not \"many\" (in REJOINDER_COMMENTS__PER_PAGE)",
            ),
            (
                "REJOINDER_COMMENTS__PER_PAGE",
                "-1",
                "comments.per_page is a whole number, 0 or more, that is not as large, not -1 (in REJOINDER_COMMENTS__PER_PAGE)",
            ),
            (
                "REJOINDER_LINKBACKS__SEND",
                "yes",
                "linkbacks.send is true or false, not \"yes\" (in REJOINDER_LINKBACKS__SEND)",
            ),
            (
                "REJOINDER_COMMENTS__MODERATION",
                "maybe",
                "comments.moderation is \"none\", \"first\" or \"all\", not \"maybe\" (in REJOINDER_COMMENTS__MODERATION)",
            ),
            (
                "REJOINDER_SERVER__TRUSTED_PROXIES",
                "nginx",
                "server.trusted_proxies is a list of networks, such as [\"10.0.0.0/8\", \"192.0.2.1/32\"], not [\"nginx\"] (in REJOINDER_SERVER__TRUSTED_PROXIES)",
            ),
            (
                "REJOINDER_SERVER",
                "5",
                "[server] is a section with settings of its own, not 5 (in REJOINDER_SERVER)",
            ),
            (
                "REJOINDER_SERVER__LISEN",
                "5",
                "there is no setting server.lisen (in REJOINDER_SERVER__LISEN): did you mean server.listen?",
            ),
            (
                "REJOINDER_LISTEN",
                "127.0.0.1:1",
                "there is no setting listen (in REJOINDER_LISTEN): did you mean server.listen?",
            ),
        ] {
            let error = with_variables(&[(name, value)]).unwrap_err().to_string();
            assert_eq!(error, says);
        }
    }

    #[test]
    fn every_setting_refuses_what_it_does_not_take_in_plain_words() {
        for (section, settings) in defaults() {
            for key in settings.as_dict().unwrap().keys() {
                let Err(error) = Config::with(&format!("[{section}]\n{key} = {{ x = 1 }}")) else {
                    panic!("{section}.{key} takes anything");
                };
                let error = error.to_string();
                assert!(error.contains(&format!("{section}.{key} is ")), "{error}");
                for word in [
                    "invalid", "expected", "found", "struct", "enum", "int `", "variant",
                ] {
                    assert!(!error.contains(word), "{error}");
                }
            }
        }
    }

    #[test]
    fn the_sites_address_is_a_scheme_and_a_host() {
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
            ("https://news.example/blog", "does not work below /blog"),
            ("https://news.example/blog/", "does not work below /blog/"),
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
}
