//! Browsers from which somebody signed in before, known by a signed cookie. The cookie signs nobody
//! in: it only says that tries from this browser are not those of strangers, so that whoever guesses
//! at an account from elsewhere cannot keep its owner out.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::accounts::token::Token;
use crate::clock::Moment;
use crate::store::entity::ids::UserId;

/// So long after the last sign-in a browser is known.
pub const LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The longest name that is looked at, in bytes.
const MAX_NAME: usize = 200;

/// A new name for a browser from which `user` has just signed in.
pub fn issue(secret: &str, user: UserId, now: Moment) -> String {
    let (browser, until) = (Token::random(), now.plus(LIFETIME));
    let signature = mac(secret, user, browser.as_str(), until);
    let signature = hex::encode(signature.finalize().into_bytes());
    format!("{user}-{}-{}-{signature}", browser.as_str(), until.0)
}

/// Whose browser `name` says it is, and the browser itself; None where it is made up or too old.
pub fn read(secret: &str, name: &str, now: Moment) -> Option<(UserId, String)> {
    if name.len() > MAX_NAME {
        return None;
    }
    let mut parts = name.splitn(4, '-');
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
        .expect("a key of any length does for HMAC");
    mac.update(format!("browser:{user}:{browser}:{}", until.0).as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_for_one_account_and_a_year() {
        let now = Moment(1_700_000_000_000);
        let name = issue("secret", UserId(7), now);
        let (user, browser) = read("secret", &name, now).unwrap();
        assert_eq!((user, browser.len()), (UserId(7), 32));
        assert!(read("secret", &name, now.plus(LIFETIME)).is_none());
        for forged in [
            name.replacen("7-", "8-", 1),
            issue("guess", UserId(7), now),
            format!("{name}00"),
            String::new(),
            "7-x-y-z".to_owned(),
            "7".repeat(10_000),
        ] {
            assert!(read("secret", &forged, now).is_none(), "{forged}");
        }
    }
}
