//! Changing accounts: their roles and passwords, disabling and enabling them, ending their
//! sessions.
//!
//! Every change that removes a right ends the account's sessions. Changes are serialised across
//! nodes, so that two at once can never remove the last administrator.

use crate::accounts::password;
use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::store::changes::CacheTag;
use crate::store::entity::ids::UserId;
use crate::store::entity::user::{self, Role};
use crate::store::{sessions, users};
use crate::texts::Message;

/// The longest description of a person for readers, in characters.
pub const MAX_BIO: usize = 300;

/// A change to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChange {
    Role(Role),
    /// It can no longer sign in.
    Disable,
    /// It can sign in again.
    Enable,
    /// All its sessions end.
    SignOut,
}

pub async fn find(app: &App, actor: &Actor, id: UserId) -> Result<user::Model> {
    actor.must(Action::ManageAccounts)?;
    users::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("account"))
}

/// Sets the password of an account, given in plain text, and ends its sessions.
pub async fn set_password(
    app: &App,
    actor: &Actor,
    id: UserId,
    password: &str,
) -> Result<user::Model> {
    actor.must(Action::ManageAccounts)?;
    password::check(password)?;
    let hash = password::hash(password.to_owned()).await?;
    app.store
        .write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move {
                users::lock(tx).await?;
                users::set_password_hash(tx, id, &hash).await?;
                sessions::delete_of_user(tx, id).await?;
                users::find(tx, id).await?.ok_or(Error::NotFound("account"))
            })
        })
        .await
}

/// Sets what readers learn of a person under their posts. `before` is what the administrator saw; where another
/// one changed it meanwhile, that is said and nothing is changed.
pub async fn set_bio(
    app: &App,
    actor: &Actor,
    id: UserId,
    before: &str,
    typed: &str,
) -> Result<user::Model> {
    actor.must(Action::ManageAccounts)?;
    let bio = clean_line(typed, usize::MAX);
    if bio.chars().count() > MAX_BIO {
        let (field, problem) = (Field::Bio, Problem::TooLong { max: MAX_BIO });
        return Err(Error::Invalid(vec![FieldError { field, problem }]));
    }
    let before = before.to_owned();
    app.store
        .write(move |tx| {
            let (before, bio) = (before.clone(), bio.clone());
            Box::pin(async move {
                users::lock(tx).await?;
                let user = users::find(tx, id)
                    .await?
                    .ok_or(Error::NotFound("account"))?;
                if user.bio == bio {
                    return Ok(user);
                }
                if user.bio != before {
                    return Err(Error::Conflict(Message::new("conflict-bio")));
                }
                users::set_bio(tx, id, &bio).await?;
                tx.invalidate(CacheTag::Identity);
                Ok(user::Model { bio, ..user })
            })
        })
        .await
}

/// Applies a change, unless it is so already, and returns the account as it is then.
pub async fn change(
    app: &App,
    actor: &Actor,
    id: UserId,
    change: AccountChange,
) -> Result<user::Model> {
    actor.must(Action::ManageAccounts)?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let change = change.clone();
            Box::pin(async move {
                users::lock(tx).await?;
                let user = users::find(tx, id)
                    .await?
                    .ok_or(Error::NotFound("account"))?;
                if is_applied(&user, &change) {
                    return Ok(user);
                }
                if removes_administrator(&user, &change)
                    && users::count_active(tx, Role::Administrator).await? <= 1
                {
                    return Err(Error::Conflict(Message::new("conflict-last-administrator")));
                }
                apply(tx, id, &change, now).await?;
                users::find(tx, id).await?.ok_or(Error::NotFound("account"))
            })
        })
        .await
}

fn is_applied(user: &user::Model, change: &AccountChange) -> bool {
    match change {
        AccountChange::Role(role) => user.role == *role,
        AccountChange::Disable => user.disabled_at.is_some(),
        AccountChange::Enable => user.disabled_at.is_none(),
        AccountChange::SignOut => false,
    }
}

fn removes_administrator(user: &user::Model, change: &AccountChange) -> bool {
    let is_one = user.role == Role::Administrator && user.disabled_at.is_none();
    is_one && matches!(change, AccountChange::Role(_) | AccountChange::Disable)
}

async fn apply(
    tx: &crate::store::db::Tx,
    id: UserId,
    change: &AccountChange,
    now: Moment,
) -> Result<()> {
    tx.invalidate(CacheTag::Identity);
    match change {
        AccountChange::Role(role) => users::set_role(tx, id, *role).await?,
        AccountChange::Disable => users::set_disabled(tx, id, Some(now)).await?,
        AccountChange::Enable => return users::set_disabled(tx, id, None).await,
        AccountChange::SignOut => users::end_sessions(tx, id).await?,
    }
    sessions::delete_of_user(tx, id).await
}
