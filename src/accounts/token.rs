//! Secrets in links: random, shown once, kept only as a hash, compared in constant time.

use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A secret of 128 bits, as 32 hex digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one, from the system's randomness.
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        rand::rngs::ThreadRng::default().fill_bytes(&mut bytes);
        Self(hex::encode(bytes))
    }

    /// The one that belongs to `subject`: only who knows the site's `secret` can make it, and they
    /// can make it again.
    pub fn derived(secret: &str, subject: &str) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(subject.as_bytes());
        Self(hex::encode(&mac.finalize().into_bytes()[..16]))
    }

    /// What to put into the link.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What to keep.
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

/// The hash of a token as it came back in a link.
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Whether `token` is the one that `kept` is the hash of.
pub fn fits(token: &str, kept: &str) -> bool {
    hash(token).as_bytes().ct_eq(kept.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_own_hash_alone() {
        let token = Token::random();
        assert_eq!(token.as_str().len(), 32);
        assert!(fits(token.as_str(), &token.hash()));
        assert!(!fits(Token::random().as_str(), &token.hash()));
        assert!(!fits("", &token.hash()));
    }

    #[test]
    fn a_derived_token_comes_again_for_the_same_subject_and_secret_alone() {
        let token = Token::derived("secret", "subject");
        assert_eq!(token.as_str().len(), 32);
        assert!(token == Token::derived("secret", "subject"));
        assert!(token != Token::derived("guess", "subject"));
        assert!(token != Token::derived("secret", "other"));
    }
}
