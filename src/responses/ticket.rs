//! During a burst a guest shows that they mean it: their browser does some work for the comment, or
//! they wait a little. Nothing is kept here: a ticket says itself when it was made, and for what.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::clock::Moment;

/// How many leading zero bits the digest of the work has: some 65,000 tries.
pub const BITS: u32 = 16;
/// A ticket is good for so long.
const LASTS: Duration = Duration::from_secs(60 * 60);

/// A new ticket for what `subject` stands for.
pub fn issue(secret: &str, subject: &str, now: Moment) -> String {
    let mac = hex::encode(mac(secret, subject, now).finalize().into_bytes());
    format!("{}.{mac}", now.0)
}

/// What a ticket is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// The comment may come in.
    Enough,
    /// It has to wait so long still.
    Wait(Duration),
    /// Nothing: it is for something else, made up, or too old.
    Nothing,
}

/// What a ticket for `subject` is worth, with the work that was done for it; empty for none.
pub fn worth(
    secret: &str,
    subject: &str,
    ticket: &str,
    work: &str,
    wait: Duration,
    now: Moment,
) -> Worth {
    let parsed = ticket
        .split_once('.')
        .and_then(|(at, mac)| Some((Moment(at.parse().ok()?), hex::decode(mac).ok()?)));
    let Some((at, given)) = parsed else {
        return Worth::Nothing;
    };
    // The comparison takes the same time whatever is wrong.
    if mac(secret, subject, at).verify_slice(&given).is_err() || now.since(at) > LASTS {
        return Worth::Nothing;
    }
    let age = now.since(at);
    if age >= wait || is_work(ticket, work) {
        Worth::Enough
    } else {
        Worth::Wait(wait.saturating_sub(age))
    }
}

fn is_work(ticket: &str, work: &str) -> bool {
    if work.is_empty() || work.len() > 20 {
        return false;
    }
    let digest = Sha256::digest(format!("{ticket}:{work}").as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]).leading_zeros() >= BITS
}

fn mac(secret: &str, subject: &str, at: Moment) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(format!("ticket:{}:{subject}", at.0).as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(20);
    const NOW: Moment = Moment(1_700_000_000_000);

    fn ask(ticket: &str, work: &str, after: u64) -> Worth {
        let now = NOW.plus(Duration::from_secs(after));
        worth("secret", "comment", ticket, work, WAIT, now)
    }

    #[test]
    fn waiting_is_enough_and_so_is_work() {
        let ticket = issue("secret", "comment", NOW);
        assert_eq!(ask(&ticket, "", 5), Worth::Wait(Duration::from_secs(15)));
        assert_eq!(ask(&ticket, "", 20), Worth::Enough);
        let work = (0..)
            .map(|n: u32| n.to_string())
            .find(|n| is_work(&ticket, n))
            .unwrap();
        assert_eq!(ask(&ticket, &work, 0), Worth::Enough);
        assert_eq!(ask(&ticket, "nonsense", 0), Worth::Wait(WAIT));
    }

    #[test]
    fn a_ticket_is_for_one_comment_and_for_an_hour() {
        let other = issue("secret", "another comment", NOW);
        let forged = issue("guess", "comment", NOW);
        let good = issue("secret", "comment", NOW);
        for ticket in [other.as_str(), &forged, "", "x.y", "1.ff"] {
            assert_eq!(ask(ticket, "", 30), Worth::Nothing, "{ticket}");
        }
        assert_eq!(ask(&good, "", 3601), Worth::Nothing);
    }
}
