//! The email checks of `rejoinder doctor`: whether the mail server accepts a connection and the sign-in, and
//! whether it accepts a test email.

use std::time::{Duration, SystemTime};

use crate::accounts::token::Token;
use crate::clock::Clock;
use crate::commands::finding::Finding;
use crate::config::Config;
use crate::net::mail::{Email, Mailer};

/// Tests the mail server, and sends a test email to `to`.
pub async fn check(config: &Config, to: Option<&str>) -> Vec<Finding> {
    let settings = &config.mail;
    if settings.server.is_empty() {
        let text = "no emails are sent: mail.server is empty";
        return vec![match to {
            None => Finding::ok(text),
            Some(_) => Finding::fix(text),
        }];
    }
    let mailer = match Mailer::new(&settings.server, &settings.from) {
        Ok(mailer) => mailer,
        Err(error) => {
            return vec![Finding::fix(format!(
                "the settings in [mail] are not valid: {error}"
            ))];
        }
    };
    let server = without_secrets(&settings.server);
    if let Err(error) = mailer.test().await {
        return vec![Finding::fix(format!(
            "the mail server {server} does not work: {error}; check mail.server (address, port, name and password, tls) and that it is running"
        ))];
    }
    let mut findings = vec![Finding::ok(format!("the mail server {server} works"))];
    if let Some(to) = to {
        findings.push(send_test(config, &mailer, to).await);
    }
    findings
}

async fn send_test(config: &Config, mailer: &Mailer, to: &str) -> Finding {
    let now = u64::try_from(Clock::system().now().0).unwrap_or(0);
    let email = Email {
        to: to.to_owned(),
        subject: "Test email from your site".to_owned(),
        text: format!("This is a test: {} can send email.\r\n", config.site_url()),
        id: Token::random().as_str().to_owned(),
        written_at: SystemTime::UNIX_EPOCH + Duration::from_millis(now),
    };
    match mailer.send(email).await {
        Ok(()) => Finding::ok(format!(
            "the mail server accepted a test email to {to}; check that it arrives and is not in the spam folder"
        )),
        Err(error) => Finding::fix(format!("could not send a test email to {to}: {error}")),
    }
}

fn without_secrets(server: &str) -> String {
    match url::Url::parse(server) {
        Ok(mut url) => {
            let _ = url.set_password(None);
            url.set_query(None);
            url.to_string()
        }
        Err(_) => "in mail.server".to_owned(),
    }
}
