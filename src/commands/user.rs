//! `rejoinder user`: accounts from a shell.

use std::io::BufRead;

use crate::accounts::permissions::Actor;
use crate::accounts::register::{self, AccountInput};
use crate::accounts::token::Token;
use crate::commands::arguments::{NewUser, User};
use crate::commands::output::say;
use crate::commands::{Outcome, open};
use crate::config::Config;
use crate::store::users;

/// Runs the command.
pub async fn run(config: Config, command: User) -> Outcome {
    let app = open(config).await?;
    match command {
        User::Add(new) => {
            let NewUser {
                email,
                name,
                role,
                password_stdin,
            } = new;
            let password = if password_stdin {
                read_password()?
            } else {
                Token::random().as_str()[..20].to_owned()
            };
            let input = AccountInput {
                name,
                email,
                password: password.clone(),
            };
            let user = register::add_account(&app, &Actor::operator(), &input, role.into()).await?;
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
                say!(
                    "{}\t{}\t{}\t{:?}",
                    user.id,
                    user.email,
                    user.name,
                    user.role
                )?;
            }
        }
    }
    Ok(())
}

fn read_password() -> Result<String, std::io::Error> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
