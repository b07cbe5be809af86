//! `rejoinder user`: accounts from a shell.

use std::io::{BufRead, Read};

use crate::accounts::manage::{self, Change};
use crate::accounts::password;
use crate::accounts::permissions::Actor;
use crate::accounts::register::{self, AccountInput, normalise_email};
use crate::accounts::token::Token;
use crate::app::App;
use crate::commands::arguments::{Account, NewUser, User};
use crate::commands::output::say;
use crate::commands::{Outcome, open};
use crate::config::Config;
use crate::markup::inert;
use crate::store::entity::user::Model;
use crate::store::users;

/// Runs the command.
pub async fn run(config: Config, command: User) -> Outcome {
    let app = open(config).await?;
    let operator = Actor::operator();
    match command {
        User::Add(new) => {
            let NewUser {
                email,
                name,
                role,
                password_stdin,
            } = new;
            let password = password_for(password_stdin)?;
            let input = AccountInput {
                name,
                email,
                password: password.clone(),
            };
            let user = register::add_account(&app, &operator, &input, role.into()).await?;
            say!(
                "{} can sign in at {}",
                user.email,
                app.urls.absolute("/login")
            )?;
            if !password_stdin {
                say!("Password: {password}")?;
            }
        }
        User::List => {
            for user in users::list(app.store.read()).await? {
                let state = if user.disabled_at.is_some() {
                    "\tdisabled"
                } else {
                    ""
                };
                say!(
                    "{}\t{}\t{}\t{:?}{state}",
                    user.id,
                    inert::line(&user.email),
                    inert::line(&user.name),
                    user.role
                )?;
            }
        }
        User::SetPassword {
            account,
            password_stdin,
        } => {
            let user = find(&app, &account).await?;
            let password = password_for(password_stdin)?;
            manage::set_password(&app, &operator, user.id, &password).await?;
            say!(
                "{} has a new password and is signed out everywhere.",
                user.email
            )?;
            if !password_stdin {
                say!("Password: {password}")?;
            }
        }
        User::SetRole { account, role } => {
            let user = find(&app, &account).await?;
            let role = role.into();
            manage::change(&app, &operator, user.id, Change::Role(role)).await?;
            if user.role == role {
                say!("{} has this role already.", user.email)?;
            } else {
                say!(
                    "{} is {role:?} now and is signed out everywhere.",
                    user.email
                )?;
            }
        }
        User::Disable(account) => {
            let user = find(&app, &account).await?;
            manage::change(&app, &operator, user.id, Change::Disable).await?;
            say!("{} is disabled and signed out everywhere.", user.email)?;
        }
        User::Enable(account) => {
            let user = find(&app, &account).await?;
            manage::change(&app, &operator, user.id, Change::Enable).await?;
            say!(
                "{} can sign in at {}",
                user.email,
                app.urls.absolute("/login")
            )?;
        }
        User::SignOut(account) => {
            let user = find(&app, &account).await?;
            manage::change(&app, &operator, user.id, Change::SignOut).await?;
            say!("{} is signed out everywhere.", user.email)?;
        }
    }
    Ok(())
}

async fn find(app: &App, account: &Account) -> Result<Model, Box<dyn std::error::Error>> {
    users::find_by_email(app.store.read(), &normalise_email(&account.email))
        .await?
        .ok_or_else(|| {
            format!(
                "no account has the address {}: see `rejoinder user list`",
                account.email
            )
            .into()
        })
}

/// The first line of standard input, or a password that is made up.
fn password_for(from_input: bool) -> Result<String, Box<dyn std::error::Error>> {
    if !from_input {
        return Ok(Token::random().as_str()[..20].to_owned());
    }
    let mut line = String::new();
    // One byte more than fits tells that it is too long.
    let most = password::MAX_BYTES as u64 + 1;
    std::io::stdin().lock().take(most).read_line(&mut line)?;
    if line.len() as u64 == most {
        return Err("the password on standard input is too long".into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
