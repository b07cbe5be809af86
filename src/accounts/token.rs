//! Secrets in links: random, shown once, stored only as a hash, compared in constant time.

use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A secret of 128 bits, as 32 hex digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// From the random numbers of the operating system.
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        rand::rngs::ThreadRng::default().fill_bytes(&mut bytes);
        Self(hex::encode(bytes))
    }

    /// The token of `subject`: the same every time, and only computable with the site's `secret`.
    pub fn derived(secret: &str, subject: &str) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(subject.as_bytes());
        Self(hex::encode(&mac.finalize().into_bytes()[..16]))
    }

    /// The text for the link.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash to store.
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

/// The hash of a token that came back in a link.
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Whether `stored` is the hash of `token`.
pub fn fits(token: &str, stored: &str) -> bool {
    hash(token).as_bytes().ct_eq(stored.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_only_its_own_hash() {
        let token = Token::random();
        assert_eq!(token.as_str().len(), 32);
        assert!(fits(token.as_str(), &token.hash()));
        assert!(!fits(Token::random().as_str(), &token.hash()));
        assert!(!fits("", &token.hash()));
    }

    #[test]
    fn a_derived_token_depends_on_subject_and_secret() {
        let token = Token::derived("secret", "subject");
        assert_eq!(token.as_str().len(), 32);
        assert!(token == Token::derived("secret", "subject"));
        assert!(token != Token::derived("guess", "subject"));
        assert!(token != Token::derived("secret", "other"));
    }
}
