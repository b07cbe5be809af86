//! The sender of the site's emails, how often moderators get one, and a test email. The mail server itself
//! is in the settings file.

use std::time::{Duration, SystemTime};

use serde::Deserialize;

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::register::is_email;
use crate::accounts::token::Token;
use crate::app::App;
use crate::config::effective::MailSenderSettings;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::net::mail::{self, Email};
use crate::site::numbers::Problems;
use crate::site::section::TypedSection;
use crate::store::users;
use crate::texts::Message;

/// The longest name, in characters.
pub const MAX_NAME: usize = 100;
/// A week.
pub const MAX_DIGEST_MINUTES: u64 = 7 * 24 * 60;
/// How long a test email may take altogether.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct MailSenderInput {
    pub from_name: String,
    pub from_address: String,
    pub digest_minutes: String,
}

impl From<&MailSenderSettings> for MailSenderInput {
    fn from(settings: &MailSenderSettings) -> Self {
        Self {
            from_name: settings.from_name.clone(),
            from_address: settings.from_address.clone(),
            digest_minutes: settings.digest_minutes.to_string(),
        }
    }
}

impl TypedSection for MailSenderSettings {
    type Input = MailSenderInput;

    fn check(typed: &Self::Input, defaults: &Self) -> Result<Self> {
        let mut problems = Problems::default();
        if typed.from_name.chars().count() > MAX_NAME {
            problems.add(Field::FromName, Problem::TooLong { max: MAX_NAME });
        }
        let from_name = clean_line(&typed.from_name, MAX_NAME);
        let from_address = typed.from_address.trim().to_owned();
        if from_address != defaults.from_address {
            if from_address.is_empty() {
                problems.add(Field::FromAddress, Problem::Missing);
            } else if !is_email(&from_address) || !mail::is_address(&from_address) {
                problems.add(Field::FromAddress, Problem::NotAnEmail);
            }
        }
        let digest_minutes = problems.number(
            Field::DigestMinutes,
            &typed.digest_minutes,
            0..=MAX_DIGEST_MINUTES,
            defaults.digest_minutes,
        );
        problems.unless_any(MailSenderSettings {
            from_name,
            from_address,
            digest_minutes,
        })
    }
}

/// Sends a test email to the person who asks for it, and gives their address. Fails with what the mail
/// server answered.
pub async fn send_test(app: &App, actor: &Actor) -> Result<String> {
    actor.must(Action::ChangeSettings)?;
    let id = actor.id.ok_or(Error::NotFound("account"))?;
    app.limits.check_staff_render(id.0).await?;
    let user = users::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("account"))?;
    let mailer = app
        .mailer()
        .ok_or_else(|| Error::Unavailable(Message::new("mail-off")))?;
    let site = app.urls.absolute("/");
    let text = app.texts.with("mail-test-text", &[("site", site.into())]);
    let now = u64::try_from(app.clock.now().0).unwrap_or(0);
    let sending = mailer.send(Email {
        to: user.email.clone(),
        subject: app.texts.text("mail-test-subject"),
        text: format!("{text}\r\n"),
        id: Token::random().as_str().to_owned(),
        written_at: SystemTime::UNIX_EPOCH + Duration::from_millis(now),
    });
    let failed = |message: Message| Err(Error::Unavailable(message));
    match tokio::time::timeout(TEST_TIMEOUT, sending).await {
        Ok(Ok(())) => Ok(user.email),
        Ok(Err(error)) => failed(Message::new("mail-test-failed").with("error", error.to_string())),
        Err(_) => failed(Message::new("mail-test-timeout").with("seconds", TEST_TIMEOUT.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::effective::Section as _;

    fn defaults() -> MailSenderSettings {
        let file = "[mail]\nfrom = \"News <news@news.example>\"\n";
        MailSenderSettings::of_config(&Config::with(file).unwrap())
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let typed = MailSenderInput {
            from_name: "x".repeat(101),
            from_address: "nobody".into(),
            digest_minutes: "10081".into(),
        };
        let Err(Error::Invalid(errors)) = MailSenderSettings::check(&typed, &defaults()) else {
            panic!("it was accepted");
        };
        let fields: Vec<Field> = errors.iter().map(|error| error.field).collect();
        assert_eq!(
            fields,
            [Field::FromName, Field::FromAddress, Field::DigestMinutes]
        );
    }

    #[test]
    fn a_sender_cannot_add_headers_or_recipients() {
        let name = |name: &str| {
            let typed = MailSenderInput {
                from_name: name.into(),
                ..MailSenderInput::from(&defaults())
            };
            MailSenderSettings::check(&typed, &defaults())
                .unwrap()
                .from_name
        };
        assert!(!name("News\r\nBcc: a@b.example").contains(['\r', '\n']));
        for bad in [
            "",
            "a@b.example, c@d.example",
            "News <a@b.example>",
            "a@b.example\r\nBcc: c@d.example",
            "a b@c.example",
        ] {
            let typed = MailSenderInput {
                from_address: bad.into(),
                ..MailSenderInput::from(&defaults())
            };
            assert!(
                MailSenderSettings::check(&typed, &defaults()).is_err(),
                "{bad:?}"
            );
        }
    }
}
