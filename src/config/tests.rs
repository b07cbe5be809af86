//! Tests of loading and checking settings.

use super::*;

#[test]
fn the_default_settings_are_valid() {
    let config = Config::with("").unwrap();
    assert_eq!(config.site_url(), "http://127.0.0.1:8080");
    assert_eq!(config.comments.moderation, CommentModeration::First);
}

#[test]
fn an_unknown_setting_names_the_nearest_known_one() {
    let error = Config::with("[comments]\nmoderatoin = \"all\"").unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown setting comments.moderatoin: did you mean comments.moderation?"
    );
    let error = Config::with("listen = \"127.0.0.1:1\"").unwrap_err();
    assert!(error.to_string().contains("server.listen"), "{error}");
}

#[test]
fn an_invalid_setting_says_what_to_fix() {
    for (overrides, says) in [
        (
            "[database]\nurl = \"mysql://x\"",
            "sqlite:// or postgres://",
        ),
        ("[site]\nurl = \"news.example\"", "https://news.example.org"),
        ("[site]\ntime_zone = \"Mars/Base\"", "Europe/Berlin"),
        ("[site]\nposts_per_page = 0", "site.posts_per_page"),
        ("[server]\nlisten = \"here\"", "listen"),
        ("[comments]\nmoderation = \"maybe\"", "moderation"),
        ("[jobs]\nfetch_workers = 1", "jobs.fetch_workers"),
        ("[jobs]\nemail_workers = 0", "jobs.email_workers"),
    ] {
        let error = Config::with(overrides).unwrap_err().to_string();
        assert!(error.contains(says), "{overrides}: {error}");
    }
}
