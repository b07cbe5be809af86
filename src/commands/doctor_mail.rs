//! What `rejoinder doctor` says of email: whether the server can be reached and lets this site in, and
//! whether it takes a test email.

use std::time::SystemTime;

use crate::accounts::token::Token;
use crate::clock::Clock;
use crate::config::Config;
use crate::markup::inert;
use crate::net::mail::{Email, Mailer};

/// A line of the report: whether it is as it should be, and what is so.
pub type Line = (bool, String);

/// Tests the mail server, and sends a test email to `to` where it is given.
pub async fn check(config: &Config, to: Option<&str>) -> Vec<Line> {
    let settings = &config.mail;
    if settings.server.is_empty() {
        let words = "no emails are sent: mail.server is empty".to_owned();
        return vec![(to.is_none(), words)];
    }
    let mailer = match Mailer::new(&settings.server, &settings.from) {
        Ok(mailer) => mailer,
        Err(error) => {
            let words = format!("the settings in [mail] cannot be used: {error}");
            return vec![(false, inert::line(&words))];
        }
    };
    let server = without_password(&settings.server);
    if let Err(error) = mailer.test().await {
        let words = format!(
            "the mail server {server} does not work: {error}; check mail.server (address, port, name and password, tls) and that it runs"
        );
        return vec![(false, inert::line(&words))];
    }
    let mut lines = vec![(true, format!("the mail server {server} answers"))];
    if let Some(to) = to {
        lines.push(send_test(config, &mailer, to).await);
    }
    lines
}

async fn send_test(config: &Config, mailer: &Mailer, to: &str) -> Line {
    let now = u64::try_from(Clock::system().now().0).unwrap_or(0);
    let email = Email {
        to: to.to_owned(),
        subject: "A test email of your site".to_owned(),
        text: format!("This is a test: {} can send email.\r\n", config.site_url()),
        id: Token::random().as_str().to_owned(),
        written_at: SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(now),
    };
    match mailer.send(email).await {
        Ok(()) => (
            true,
            inert::line(&format!(
                "the mail server took a test email to {to}: see that it arrives, and not among the spam"
            )),
        ),
        Err(error) => (
            false,
            inert::line(&format!("no test email to {to}: {error}")),
        ),
    }
}

fn without_password(server: &str) -> String {
    match url::Url::parse(server) {
        Ok(mut url) => {
            let _ = url.set_password(None);
            url.set_query(None);
            url.to_string()
        }
        Err(_) => "in mail.server".to_owned(),
    }
}
