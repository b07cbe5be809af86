//! What proves who writes, and what is known of them by that proof. A name, an address and a site are
//! claims that anybody can type: they may speak against a writer, and never for one.
//!
//! A guest's browser gets a key when it sends a comment, in a cookie that the site signs; the comment
//! keeps the key's hash. It tells nothing but “the browser that sent that comment”.

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
use crate::store::known;
use crate::store::responses::NewResponse;

/// What proves who writes. A mailbox that its owner has confirmed becomes a proof beside these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: all that is typed are claims.
    #[default]
    Nothing,
    /// A signed-in account.
    Staff(UserId),
    /// A browser that holds a key of its own.
    Browser(BrowserKey),
}

impl Proof {
    /// The account, for staff.
    pub fn staff(&self) -> Option<UserId> {
        match self {
            Self::Staff(id) => Some(*id),
            Self::Nothing | Self::Browser(_) => None,
        }
    }

    /// What a response keeps of it.
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
    /// A new one.
    pub fn random() -> Self {
        Self(Token::random().as_str().to_owned())
    }

    /// What the cookie holds: the key, and the site's signature under it.
    pub fn signed(&self, secret: &str) -> String {
        let signature = hex::encode(mac(secret, &self.0).finalize().into_bytes());
        format!("{}.{signature}", self.0)
    }

    /// The key in a cookie; None where this site did not sign it.
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
    mac.update(format!("writer:{key}").as_bytes());
    mac
}

/// What a linkback's response keeps of the page that it was read from.
pub fn source_key(source: &str) -> Option<String> {
    let source = Url::parse(source).ok()?;
    Some(format!("host:{}", host_key(&source)))
}

/// How well a sender is known by their proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acquaintance {
    /// Nothing of theirs is shown.
    Stranger,
    /// Something of theirs is shown, which no person has looked at.
    Shown,
    /// Something of theirs is shown that a person approved.
    Vetted,
}

/// How well the sender of a response is known: by the same browser with the same mailbox, or by the same
/// host. Pages are shown without a look, so that only one that a person approved makes a host known.
pub async fn acquaintance(app: &App, new: &NewResponse) -> Result<Acquaintance> {
    let db = app.store.read();
    let Some(key) = &new.proof_key else {
        return Ok(Acquaintance::Stranger);
    };
    let is_comment = new.kind == ResponseKind::Comment;
    let own = new.author_email.as_deref().map(mailbox);
    let is_same = |email: &Option<String>| !is_comment || email.as_deref().map(mailbox) == own;
    let approved = known::list_emails(db, key, known::By::People).await?;
    if approved.iter().any(is_same) {
        return Ok(Acquaintance::Vetted);
    }
    if is_comment {
        let shown = known::list_emails(db, key, known::By::Anything).await?;
        if shown.iter().any(is_same) {
            return Ok(Acquaintance::Shown);
        }
    }
    Ok(Acquaintance::Stranger)
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
            "only the hash is kept"
        );
    }
}
