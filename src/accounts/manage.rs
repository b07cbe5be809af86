//! Changing accounts: roles, passwords, closing and opening them, ending their sessions.
//!
//! Each change that takes something away ends the account's sessions at once. Accounts are changed
//! one after the other, on all nodes, so that the last administrator cannot be lost between two.

use crate::accounts::password;
use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::store::changes::Part;
use crate::store::entity::ids::UserId;
use crate::store::entity::user::{self, Role};
use crate::store::{sessions, users};

/// What is done with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another role.
    Role(Role),
    /// It may not sign in any more.
    Disable,
    /// It may sign in again.
    Enable,
    /// All its sessions end.
    SignOut,
}

/// The account with this key.
pub async fn find(app: &App, actor: &Actor, id: UserId) -> Result<user::Model> {
    actor.must(Action::ManageAccounts)?;
    users::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("account"))
}

/// Gives an account another password, in the clear; whoever is signed in to it is signed out.
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
                users::lock(&**tx).await?;
                users::set_password_hash(&**tx, id, &hash).await?;
                sessions::delete_of_user(&**tx, id).await?;
                users::find(&**tx, id)
                    .await?
                    .ok_or(Error::NotFound("account"))
            })
        })
        .await
}

/// Changes an account, and says how it is now. What is so already stays as it is.
pub async fn change(app: &App, actor: &Actor, id: UserId, change: Change) -> Result<user::Model> {
    actor.must(Action::ManageAccounts)?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let change = change.clone();
            Box::pin(async move {
                users::lock(&**tx).await?;
                let user = users::find(&**tx, id)
                    .await?
                    .ok_or(Error::NotFound("account"))?;
                if is_so(&user, &change) {
                    return Ok(user);
                }
                if loses_administrator(&user, &change)
                    && users::count_active(&**tx, Role::Administrator).await? <= 1
                {
                    return Err(Error::Conflict(
                        "this is the last administrator: make somebody else one first".to_owned(),
                    ));
                }
                apply(tx, id, &change, now).await?;
                users::find(&**tx, id)
                    .await?
                    .ok_or(Error::NotFound("account"))
            })
        })
        .await
}

fn is_so(user: &user::Model, change: &Change) -> bool {
    match change {
        Change::Role(role) => user.role == *role,
        Change::Disable => user.disabled_at.is_some(),
        Change::Enable => user.disabled_at.is_none(),
        Change::SignOut => false,
    }
}

fn loses_administrator(user: &user::Model, change: &Change) -> bool {
    let is_one = user.role == Role::Administrator && user.disabled_at.is_none();
    is_one && matches!(change, Change::Role(_) | Change::Disable)
}

async fn apply(tx: &crate::store::db::Tx, id: UserId, change: &Change, now: Moment) -> Result<()> {
    tx.touch(Part::Identity);
    match change {
        Change::Role(role) => users::set_role(&**tx, id, *role).await?,
        Change::Disable => users::set_disabled(&**tx, id, Some(now)).await?,
        Change::Enable => return users::set_disabled(&**tx, id, None).await,
        Change::SignOut => users::end_sessions(&**tx, id).await?,
    }
    sessions::delete_of_user(&**tx, id).await
}
