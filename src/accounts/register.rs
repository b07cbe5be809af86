//! Making accounts: the first administrator by a one-time link, the others by an administrator.

use crate::accounts::password;
use crate::accounts::permissions::{Action, Actor};
use crate::accounts::token::{self, Token};
use crate::app::App;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::slug;
use crate::store::changes::Part;
use crate::store::entity::user::{self, Role};
use crate::store::settings::{self, Setting};
use crate::store::users::{self, NewUser};

/// The longest name, in characters.
pub const MAX_NAME: usize = 80;
/// The longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;

/// An account as somebody typed it.
#[derive(Clone, Debug, Default)]
pub struct AccountInput {
    /// The name readers see.
    pub name: String,
    /// Where mail reaches them, and what they sign in with.
    pub email: String,
    /// In the clear.
    pub password: String,
}

/// Lower-cased and trimmed: how addresses are kept and compared.
pub fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether `email` can be an address: one @, something before it, a dotted name behind it.
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

/// Adds an account.
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
                users::lock(&**tx).await?;
                insert(tx, new, now).await
            })
        })
        .await
}

/// Whether the site still waits for its first administrator.
pub async fn needs_set_up(app: &App) -> Result<bool> {
    Ok(users::count(app.store.read()).await? == 0)
}

/// A new one-time link for the first administrator; earlier ones stop working.
pub async fn offer_set_up(app: &App) -> Result<String> {
    let token = Token::random();
    let hash = token.hash();
    app.store
        .write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { settings::set(&**tx, Setting::SetupToken, &hash).await })
        })
        .await?;
    Ok(app
        .urls
        .absolute(&format!("/setup?token={}", token.as_str())))
}

/// Refuses a set-up link that is used up or made up.
pub async fn check_set_up(app: &App, token: &str) -> Result<()> {
    let kept = settings::find(app.store.read(), Setting::SetupToken).await?;
    match kept {
        Some(kept) if token::fits(token, &kept) && needs_set_up(app).await? => Ok(()),
        _ => Err(Error::NotFound("set-up link, or it has been used")),
    }
}

/// Makes the first administrator, names the site, and uses the link up.
pub async fn set_up(
    app: &App,
    token: &str,
    site_name: &str,
    input: &AccountInput,
) -> Result<user::Model> {
    check_set_up(app, token).await?;
    let site_name = clean_line(site_name, MAX_NAME);
    let prepared = prepare(app, input, Role::Administrator).await;
    let mut wrong = match &prepared {
        Err(Error::Invalid(fields)) => fields.clone(),
        _ => Vec::new(),
    };
    if site_name.is_empty() {
        wrong.insert(
            0,
            FieldError {
                field: Field::SiteName,
                problem: Problem::Missing,
            },
        );
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let new = prepared?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (new, site_name) = (new.clone(), site_name.clone());
            Box::pin(async move {
                // Two that open the link at once, on two nodes, come one after the other.
                users::lock(&**tx).await?;
                if users::count(&**tx).await? > 0 {
                    return Err(Error::NotFound("set-up link, or it has been used"));
                }
                settings::set(&**tx, Setting::SiteName, &site_name).await?;
                settings::delete(&**tx, Setting::SetupToken).await?;
                insert(tx, new, now).await
            })
        })
        .await
}

async fn prepare(app: &App, input: &AccountInput, role: Role) -> Result<NewUser> {
    let mut wrong = Vec::new();
    let name = clean_line(&input.name, MAX_NAME);
    if name.is_empty() {
        wrong.push(FieldError {
            field: Field::Name,
            problem: Problem::Missing,
        });
    }
    let email = normalise_email(&input.email);
    if email.is_empty() {
        wrong.push(FieldError {
            field: Field::Email,
            problem: Problem::Missing,
        });
    } else if !is_email(&email) {
        wrong.push(FieldError {
            field: Field::Email,
            problem: Problem::NotAnEmail,
        });
    } else if users::find_by_email(app.store.read(), &email)
        .await?
        .is_some()
    {
        wrong.push(FieldError {
            field: Field::Email,
            problem: Problem::Taken,
        });
    }
    if let Err(Error::Invalid(fields)) = password::check(&input.password) {
        wrong.extend(fields);
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
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
    if users::find_by_email(&**tx, &new.email).await?.is_some() {
        return Err(Error::field(Field::Email, Problem::Taken));
    }
    let wanted = new.slug.clone();
    for nth in 2..100 {
        if users::find_by_slug(&**tx, &new.slug).await?.is_none() {
            break;
        }
        new.slug = format!("{wanted}-{nth}");
    }
    tx.touch(Part::Identity);
    users::insert(&**tx, new, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recognised_by_its_shape() {
        for good in [
            "a@b.example",
            "first.last+tag@sub.domain.example",
            "ü@bücher.example",
        ] {
            assert!(is_email(good), "{good}");
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
