//! Device cookies (OWASP): a signed token for a browser from which somebody has signed in before.
//! The token never signs anybody in. Attempts from such a browser have a rate limit of their own,
//! so that whoever guesses a password elsewhere cannot lock the owner out.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::accounts::token::Token;
use crate::clock::Moment;
use crate::store::entity::ids::UserId;

/// How long after the last sign-in a token is valid.
pub const LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The longest token that is read, in bytes.
const MAX_TOKEN: usize = 200;

/// A token for a browser from which `user` has just signed in.
pub fn issue(secret: &str, user: UserId, now: Moment) -> String {
    let (browser, until) = (Token::random(), now.plus(LIFETIME));
    let signature = mac(secret, user, browser.as_str(), until);
    let signature = hex::encode(signature.finalize().into_bytes());
    format!("{user}-{}-{}-{signature}", browser.as_str(), until.0)
}

/// The user and the browser of a token; None where it is forged or expired.
pub fn verify(secret: &str, token: &str, now: Moment) -> Option<(UserId, String)> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let mut parts = token.splitn(4, '-');
    let user: UserId = parts.next()?.parse().ok()?;
    let browser = parts.next()?;
    let until = Moment(parts.next()?.parse().ok()?);
    let given = hex::decode(parts.next()?).ok()?;
    let expected = mac(secret, user, browser, until);
    expected.verify_slice(&given).ok()?;
    (until > now).then(|| (user, browser.to_owned()))
}

fn mac(secret: &str, user: UserId, browser: &str, until: Moment) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(format!("browser:{user}:{browser}:{}", until.0).as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_valid_for_one_account_and_one_year() {
        let now = Moment(1_700_000_000_000);
        let token = issue("secret", UserId(7), now);
        let (user, browser) = verify("secret", &token, now).unwrap();
        assert_eq!((user, browser.len()), (UserId(7), 32));
        assert!(verify("secret", &token, now.plus(LIFETIME)).is_none());
        for forged in [
            token.replacen("7-", "8-", 1),
            issue("guess", UserId(7), now),
            format!("{token}00"),
            String::new(),
            "7-x-y-z".to_owned(),
            "7".repeat(10_000),
        ] {
            assert!(verify("secret", &forged, now).is_none(), "{forged}");
        }
    }
}
