//! Signing in with an email address and a password. Never reveals whether an account exists:
//! neither by the answer nor by how long it takes.

use std::net::IpAddr;

use crate::accounts::password::{self, PasswordQueue};
use crate::accounts::register::{MAX_EMAIL, is_email, normalise_email};
use crate::accounts::{browser, secret};
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::limits::SignInClient;
use crate::store::entity::user;
use crate::store::users;

/// The most browser tokens of a request that are read.
const MAX_TOKENS: usize = 20;

/// An attempt to sign in.
#[derive(Clone, Debug)]
pub struct SignInAttempt<'a> {
    /// As typed.
    pub email: &'a str,
    pub password: &'a str,
    /// The address of the request.
    pub client: IpAddr,
    /// The browser tokens in the cookies of the request.
    pub browsers: &'a [String],
}

/// A successful attempt.
#[derive(Clone, Debug)]
pub struct SuccessfulSignIn {
    /// The account, as it was when the password was verified.
    pub user: user::Model,
    /// The new token for their browser.
    pub browser: String,
}

/// Verifies an attempt. Slow on purpose, and limited by client and by account.
pub async fn sign_in(app: &App, attempt: &SignInAttempt<'_>) -> Result<SuccessfulSignIn> {
    let wrong = || Error::field(Field::Password, Problem::WrongCredentials);
    let typed = attempt.email.trim();
    // What no account can have is not hashed.
    let fits = typed.len() <= MAX_EMAIL && attempt.password.len() <= password::MAX_BYTES;
    let email = if fits {
        normalise_email(typed)
    } else {
        String::new()
    };
    let user = if is_email(&email) {
        users::find_by_email(app.store.read(), &email).await?
    } else {
        None
    };
    let secret = secret::find(app).await?;
    let now = app.clock.now();
    let known = attempt
        .browsers
        .iter()
        .take(MAX_TOKENS)
        .filter_map(|token| browser::verify(&secret, token, now))
        .find(|(id, _)| user.as_ref().is_some_and(|user| user.id == *id));
    let (queue, limit) = match &known {
        Some((_, browser)) => (PasswordQueue::Trusted, SignInClient::KnownBrowser(browser)),
        None => (
            PasswordQueue::Untrusted,
            SignInClient::Stranger(attempt.client, &email),
        ),
    };
    app.limits.check_sign_in(limit).await?;
    if !fits {
        return Err(wrong());
    }
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let proven = password::verify(queue, attempt.password.to_owned(), hash).await?;
    match user {
        Some(user) if proven && user.disabled_at.is_none() => {
            app.limits.refund_sign_in(limit).await?;
            Ok(SuccessfulSignIn {
                browser: browser::issue(&secret, user.id, now),
                user,
            })
        }
        _ => Err(wrong()),
    }
}
