//! What proves who sends a comment, and what the site knows about the holder of that proof. A name,
//! an email address and a website are only claims: they can count against a sender, never for one.
//!
//! A guest's browser gets a key when it sends a comment, in a cookie that the site signs, and the
//! comment keeps the hash of the key. The key identifies nothing but the browser that sent that
//! comment.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use url::Url;

use crate::accounts::token::{self, Token};
use crate::app::App;
use crate::error::Result;
use crate::markup::mailbox::mailbox;
use crate::responses::person::host_key;
use crate::store::entity::ids::UserId;
use crate::store::entity::response::ResponseKind;
use crate::store::proofs;
use crate::store::responses::NewResponse;

/// What proves who sends a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: everything that was typed is a claim.
    #[default]
    Nothing,
    /// A signed-in account.
    Staff(UserId),
    /// A browser with a key that this site signed.
    Browser(BrowserKey),
}

impl Proof {
    /// The account of staff.
    pub fn staff(&self) -> Option<UserId> {
        match self {
            Self::Staff(id) => Some(*id),
            Self::Nothing | Self::Browser(_) => None,
        }
    }

    /// What is stored with a response: a hash of the key.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Browser(key) => Some(key.hash()),
            Self::Nothing | Self::Staff(_) => None,
        }
    }
}

/// The key of a guest's browser.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserKey(String);

impl std::fmt::Debug for BrowserKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BrowserKey")
    }
}

impl BrowserKey {
    pub fn random() -> Self {
        Self(Token::random().as_str().to_owned())
    }

    /// The value of the cookie: the key and the site's signature over it.
    pub fn signed(&self, secret: &str) -> String {
        let signature = hex::encode(mac(secret, &self.0).finalize().into_bytes());
        format!("{}.{signature}", self.0)
    }

    /// The key in a cookie; None where this site has not signed it.
    pub fn read(secret: &str, cookie: &str) -> Option<Self> {
        let (key, signature) = cookie.split_once('.')?;
        if key.len() != 32 || signature.len() != 64 {
            return None;
        }
        let signature = hex::decode(signature).ok()?;
        mac(secret, key).verify_slice(&signature).ok()?;
        Some(Self(key.to_owned()))
    }

    fn hash(&self) -> String {
        token::hash(&self.0)
    }
}

fn mac(secret: &str, key: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(format!("commenter:{key}").as_bytes());
    mac
}

/// The proof of a linkback: the host of the page that it was read from.
pub fn source_key(source: &str) -> Option<String> {
    let source = Url::parse(source).ok()?;
    Some(format!("host:{}", host_key(&source)))
}

/// What of the holder of a proof has been published before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SenderHistory {
    /// Nothing.
    Unknown,
    /// Something that no person approved.
    Published,
    /// Something that a person approved.
    Approved,
}

/// The history of the sender of a response: of the same browser with the same mailbox, or of the
/// same host. Linkbacks may be published unreviewed, so that for a host only approval by a person
/// counts.
pub async fn sender_history(app: &App, new: &NewResponse) -> Result<SenderHistory> {
    let db = app.store.read();
    let Some(key) = &new.proof_key else {
        return Ok(SenderHistory::Unknown);
    };
    let is_comment = new.kind == ResponseKind::Comment;
    let own = new.author_email.as_deref().map(mailbox);
    let is_same = |email: &Option<String>| !is_comment || email.as_deref().map(mailbox) == own;
    let approved = proofs::list_emails(db, key, proofs::ApprovedBy::People).await?;
    if approved.iter().any(is_same) {
        return Ok(SenderHistory::Approved);
    }
    if is_comment {
        let published = proofs::list_emails(db, key, proofs::ApprovedBy::Anything).await?;
        if published.iter().any(is_same) {
            return Ok(SenderHistory::Published);
        }
    }
    Ok(SenderHistory::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cookie_that_this_site_signed_is_a_proof() {
        let key = BrowserKey::random();
        let cookie = key.signed("secret");
        assert_eq!(BrowserKey::read("secret", &cookie), Some(key.clone()));
        let forged = BrowserKey::random().signed("guess");
        let other = format!("{}.{}", "0".repeat(32), cookie.split_once('.').unwrap().1);
        for wrong in [
            "",
            ".",
            "x",
            &key.0,
            &forged,
            &other,
            &cookie[1..],
            &format!("{cookie}0"),
        ] {
            assert_eq!(BrowserKey::read("secret", wrong), None, "{wrong}");
        }
        assert_ne!(
            Proof::Browser(key.clone()).key(),
            Some(key.0),
            "only the hash is stored"
        );
    }
}
