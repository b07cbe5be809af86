//! Proving who one is.

use std::net::IpAddr;

use crate::accounts::password;
use crate::accounts::register::normalise_email;
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::store::entity::user;
use crate::store::users;

/// The account that `email` and `password` prove; slow on purpose, and limited by client and by
/// account.
pub async fn sign_in(
    app: &App,
    email: &str,
    password: String,
    client: IpAddr,
) -> Result<user::Model> {
    let email = normalise_email(email);
    app.limits.take_sign_in(client, &email)?;
    let user = users::find_by_email(app.store.read(), &email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let proven = password::verify(password, hash).await?;
    match user {
        Some(user) if proven && user.disabled_at.is_none() => Ok(user),
        _ => Err(Error::field(Field::Password, Problem::WrongCredentials)),
    }
}
