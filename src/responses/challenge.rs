//! The challenge that a guest solves or waits out during a burst of comments.
//!
//! Stateless: a challenge carries the time it was issued and a signature over that time and over
//! the comment it is for. Never stores or counts anything.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::clock::Moment;

/// Leading zero bits that the digest of a proof needs: about 65,000 tries.
pub const PROOF_BITS: u32 = 16;
/// How long a challenge is valid.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// The longest proof, in bytes.
const MAX_PROOF: usize = 20;

/// Issues a challenge for the comment that `subject` identifies.
pub fn issue(secret: &str, subject: &str, now: Moment) -> String {
    let mac = hex::encode(mac(secret, subject, now).finalize().into_bytes());
    format!("{}.{mac}", now.0)
}

/// The result of verifying a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeStatus {
    /// Solved or waited out: the comment may be posted.
    Passed,
    /// Valid, but neither solved nor old enough: how long is left to wait.
    Pending(Duration),
    /// Forged, expired, or issued for another comment.
    Invalid,
}

/// Verifies a challenge for `subject`: it passes `wait` after it was issued, or at once with a
/// valid `proof` (empty for none).
pub fn verify(
    secret: &str,
    subject: &str,
    challenge: &str,
    proof: &str,
    wait: Duration,
    now: Moment,
) -> ChallengeStatus {
    let parsed = challenge
        .split_once('.')
        .and_then(|(at, mac)| Some((Moment(at.parse().ok()?), hex::decode(mac).ok()?)));
    let Some((at, given)) = parsed else {
        return ChallengeStatus::Invalid;
    };
    // The comparison takes the same time whatever is wrong.
    let age = now.since(at);
    if mac(secret, subject, at).verify_slice(&given).is_err() || age > LIFETIME {
        return ChallengeStatus::Invalid;
    }
    if age >= wait || is_proof(challenge, proof) {
        ChallengeStatus::Passed
    } else {
        ChallengeStatus::Pending(wait.saturating_sub(age))
    }
}

fn is_proof(challenge: &str, proof: &str) -> bool {
    if proof.is_empty() || proof.len() > MAX_PROOF {
        return false;
    }
    let digest = Sha256::digest(format!("{challenge}:{proof}").as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]).leading_zeros() >= PROOF_BITS
}

fn mac(secret: &str, subject: &str, at: Moment) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(format!("challenge:{}:{subject}", at.0).as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(20);
    const NOW: Moment = Moment(1_700_000_000_000);

    fn verify_after(challenge: &str, proof: &str, seconds: u64) -> ChallengeStatus {
        let now = NOW.plus(Duration::from_secs(seconds));
        verify("secret", "comment", challenge, proof, WAIT, now)
    }

    #[test]
    fn a_challenge_is_passed_by_waiting_or_by_a_proof() {
        let challenge = issue("secret", "comment", NOW);
        assert_eq!(
            verify_after(&challenge, "", 5),
            ChallengeStatus::Pending(Duration::from_secs(15))
        );
        assert_eq!(verify_after(&challenge, "", 20), ChallengeStatus::Passed);
        let proof = (0..)
            .map(|n: u32| n.to_string())
            .find(|n| is_proof(&challenge, n))
            .unwrap();
        assert_eq!(verify_after(&challenge, &proof, 0), ChallengeStatus::Passed);
        assert_eq!(
            verify_after(&challenge, "nonsense", 0),
            ChallengeStatus::Pending(WAIT)
        );
    }

    #[test]
    fn a_challenge_is_valid_for_one_comment_and_one_hour() {
        let other = issue("secret", "another comment", NOW);
        let forged = issue("guess", "comment", NOW);
        let valid = issue("secret", "comment", NOW);
        for challenge in [other.as_str(), &forged, "", "x.y", "1.ff"] {
            assert_eq!(
                verify_after(challenge, "", 30),
                ChallengeStatus::Invalid,
                "{challenge}"
            );
        }
        assert_eq!(verify_after(&valid, "", 3601), ChallengeStatus::Invalid);
    }
}
