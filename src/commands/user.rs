//! `rejoinder user`: add and change accounts from a shell.

use std::io::{BufRead, Read};

use crate::accounts::manage::{self, AccountChange};
use crate::accounts::password;
use crate::accounts::permissions::Actor;
use crate::accounts::register::{self, AccountInput, normalise_email};
use crate::accounts::token::Token;
use crate::app::App;
use crate::commands::arguments::{AccountArgument, NewUserArguments, UserCommand};
use crate::commands::output::say;
use crate::commands::{CommandResult, open_app};
use crate::config::Config;
use crate::markup::printable;
use crate::store::entity::user::Model;
use crate::store::users;

pub async fn run(config: Config, command: UserCommand) -> CommandResult {
    let app = open_app(config).await?;
    let operator = Actor::operator();
    match command {
        UserCommand::Add(new) => {
            let NewUserArguments {
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
        UserCommand::List => {
            for user in users::list(app.store.read()).await? {
                let state = if user.disabled_at.is_some() {
                    "\tdisabled"
                } else {
                    ""
                };
                say!(
                    "{}\t{}\t{}\t{:?}{state}",
                    user.id,
                    printable::line(&user.email),
                    printable::line(&user.name),
                    user.role
                )?;
            }
        }
        UserCommand::SetPassword {
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
        UserCommand::SetRole { account, role } => {
            let user = find(&app, &account).await?;
            let role = role.into();
            manage::change(&app, &operator, user.id, AccountChange::Role(role)).await?;
            if user.role == role {
                say!("{} already has this role.", user.email)?;
            } else {
                say!(
                    "{} now has the role {role:?} and is signed out everywhere.",
                    user.email
                )?;
            }
        }
        UserCommand::Disable(account) => {
            let user = find(&app, &account).await?;
            manage::change(&app, &operator, user.id, AccountChange::Disable).await?;
            say!("{} is disabled and signed out everywhere.", user.email)?;
        }
        UserCommand::Enable(account) => {
            let user = find(&app, &account).await?;
            manage::change(&app, &operator, user.id, AccountChange::Enable).await?;
            say!(
                "{} can sign in at {}",
                user.email,
                app.urls.absolute("/login")
            )?;
        }
        UserCommand::SignOut(account) => {
            let user = find(&app, &account).await?;
            manage::change(&app, &operator, user.id, AccountChange::SignOut).await?;
            say!("{} is signed out everywhere.", user.email)?;
        }
    }
    Ok(())
}

async fn find(app: &App, account: &AccountArgument) -> Result<Model, Box<dyn std::error::Error>> {
    users::find_by_email(app.store.read(), &normalise_email(&account.email))
        .await?
        .ok_or_else(|| {
            format!(
                "no account has the email address {}: see `rejoinder user list`",
                account.email
            )
            .into()
        })
}

/// The first line of standard input, or a new random password.
fn password_for(from_input: bool) -> Result<String, Box<dyn std::error::Error>> {
    if !from_input {
        return Ok(Token::random().as_str()[..20].to_owned());
    }
    let mut line = String::new();
    // One byte more than allowed shows that the line is too long.
    let limit = password::MAX_BYTES as u64 + 1;
    std::io::stdin().lock().take(limit).read_line(&mut line)?;
    if line.len() as u64 == limit {
        return Err("the password on standard input is too long".into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
