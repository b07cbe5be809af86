//! Creating accounts: the first administrator by a one-time setup link, the others by an
//! administrator.

use crate::accounts::password;
use crate::accounts::permissions::{Action, Actor};
use crate::accounts::token::{self, Token};
use crate::app::App;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::slug;
use crate::store::changes::CacheTag;
use crate::store::entity::user::{self, Role};
use crate::store::settings::{self, Setting};
use crate::store::users::{self, NewUser};

/// The longest name, in characters.
pub const MAX_NAME: usize = 80;
/// The longest email address, in bytes (RFC 5321, section 4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;

/// An account as somebody typed it.
#[derive(Clone, Debug, Default)]
pub struct AccountInput {
    /// The name readers see.
    pub name: String,
    /// Also what they sign in with.
    pub email: String,
    /// In plain text.
    pub password: String,
}

/// An email address as accounts store and compare it: trimmed and in lower case.
pub fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether `email` has the form of an address: one @, something before it, a dotted name behind it.
pub fn is_email(email: &str) -> bool {
    let Some((local, domain)) = email.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && email.len() <= MAX_EMAIL
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !email.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',' || c == '<')
        && !local.contains('@')
}

pub async fn add_account(
    app: &App,
    actor: &Actor,
    input: &AccountInput,
    role: Role,
) -> Result<user::Model> {
    actor.must(Action::ManageAccounts)?;
    let new = prepare(app, input, role).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move {
                users::lock(tx).await?;
                insert(tx, new, now).await
            })
        })
        .await
}

/// Whether the site has no account yet.
pub async fn needs_setup(app: &App) -> Result<bool> {
    Ok(users::count(app.store.read()).await? == 0)
}

/// Creates the one-time link for the first administrator; earlier links stop working.
pub async fn create_setup_link(app: &App) -> Result<String> {
    let token = Token::random();
    let hash = token.hash();
    app.store
        .write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { settings::set(tx, Setting::SetupToken, &hash).await })
        })
        .await?;
    Ok(app
        .urls
        .absolute(&format!("/setup?token={}", token.as_str())))
}

/// Fails where the token of a setup link is forged or used.
pub async fn check_setup_token(app: &App, token: &str) -> Result<()> {
    let stored = settings::find(app.store.read(), Setting::SetupToken).await?;
    match stored {
        Some(stored) if token::fits(token, &stored) && needs_setup(app).await? => Ok(()),
        _ => Err(Error::NotFound("setup link, or it has been used")),
    }
}

/// Creates the first administrator and names the site; the setup link stops working.
pub async fn complete_setup(
    app: &App,
    token: &str,
    site_name: &str,
    input: &AccountInput,
) -> Result<user::Model> {
    check_setup_token(app, token).await?;
    let site_name = clean_line(site_name, MAX_NAME);
    let prepared = prepare(app, input, Role::Administrator).await;
    let mut errors = match &prepared {
        Err(Error::Invalid(fields)) => fields.clone(),
        _ => Vec::new(),
    };
    if site_name.is_empty() {
        errors.insert(
            0,
            FieldError {
                field: Field::SiteName,
                problem: Problem::Missing,
            },
        );
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let new = prepared?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (new, site_name) = (new.clone(), site_name.clone());
            Box::pin(async move {
                // Of two people who use the link at once, also on two nodes, the second fails.
                users::lock(tx).await?;
                if users::count(tx).await? > 0 {
                    return Err(Error::NotFound("setup link, or it has been used"));
                }
                settings::set(tx, Setting::SiteName, &site_name).await?;
                settings::delete(tx, Setting::SetupToken).await?;
                insert(tx, new, now).await
            })
        })
        .await
}

async fn prepare(app: &App, input: &AccountInput, role: Role) -> Result<NewUser> {
    let mut errors = Vec::new();
    let name = clean_line(&input.name, MAX_NAME);
    if name.is_empty() {
        errors.push(FieldError {
            field: Field::Name,
            problem: Problem::Missing,
        });
    }
    let email = normalise_email(&input.email);
    if email.is_empty() {
        errors.push(FieldError {
            field: Field::Email,
            problem: Problem::Missing,
        });
    } else if !is_email(&email) {
        errors.push(FieldError {
            field: Field::Email,
            problem: Problem::NotAnEmail,
        });
    } else if users::find_by_email(app.store.read(), &email)
        .await?
        .is_some()
    {
        errors.push(FieldError {
            field: Field::Email,
            problem: Problem::Taken,
        });
    }
    if let Err(Error::Invalid(fields)) = password::check(&input.password) {
        errors.extend(fields);
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    Ok(NewUser {
        slug: slug::of_title(&name),
        name,
        email,
        role,
        password_hash: password::hash(input.password.clone()).await?,
    })
}

async fn insert(
    tx: &crate::store::db::Tx,
    mut new: NewUser,
    now: crate::clock::Moment,
) -> Result<user::Model> {
    if users::find_by_email(tx, &new.email).await?.is_some() {
        return Err(Error::field(Field::Email, Problem::Taken));
    }
    let wanted = new.slug.clone();
    for nth in 2..100 {
        if users::find_by_slug(tx, &new.slug).await?.is_none() {
            break;
        }
        new.slug = format!("{wanted}-{nth}");
    }
    tx.invalidate(CacheTag::Identity);
    users::insert(tx, new, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_is_recognised_by_its_form() {
        for valid in [
            "a@b.example",
            "first.last+tag@sub.domain.example",
            "ü@bücher.example",
        ] {
            assert!(is_email(valid), "{valid}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.example",
            "a@.example",
            "a@b.",
            "a b@c.example",
            "a@b@c.example",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
