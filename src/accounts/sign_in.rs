//! Proving who one is.

use std::net::IpAddr;

use crate::accounts::password::{self, Lane};
use crate::accounts::register::{MAX_EMAIL, is_email, normalise_email};
use crate::accounts::{browser, secret};
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::limits::SignInTry;
use crate::store::entity::user;
use crate::store::users;

/// The most names of known browsers that are looked at.
const MAX_NAMES: usize = 20;

/// What somebody sends to sign in.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// As typed.
    pub email: &'a str,
    /// As typed.
    pub password: &'a str,
    /// Where it comes from.
    pub client: IpAddr,
    /// The names that their browser was given when somebody signed in from it.
    pub browsers: &'a [String],
}

/// Somebody who proved who they are.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account, as it was when the password was compared.
    pub user: user::Model,
    /// The name by which their browser is known from now on.
    pub browser: String,
}

/// The account that `attempt` proves; slow on purpose, and limited by client and by account. What it
/// says, and how long it takes, is the same whether there is such an account or not.
pub async fn sign_in(app: &App, attempt: &Attempt<'_>) -> Result<SignedIn> {
    let wrong = || Error::field(Field::Password, Problem::WrongCredentials);
    let typed = attempt.email.trim();
    // Before anything is done with them: what no account can have is not worth any work.
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
        .take(MAX_NAMES)
        .filter_map(|name| browser::read(&secret, name, now))
        .find(|(id, _)| user.as_ref().is_some_and(|user| user.id == *id));
    let (lane, who) = match &known {
        Some((_, browser)) => (Lane::Known, SignInTry::KnownBrowser(browser)),
        None => (Lane::Strangers, SignInTry::Stranger(attempt.client, &email)),
    };
    app.limits.take_sign_in(who).await?;
    if !fits {
        return Err(wrong());
    }
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let proven = password::verify(lane, attempt.password.to_owned(), hash).await?;
    match user {
        Some(user) if proven && user.disabled_at.is_none() => {
            app.limits.give_sign_in_back(who).await?;
            Ok(SignedIn {
                browser: browser::issue(&secret, user.id, now),
                user,
            })
        }
        _ => Err(wrong()),
    }
}
