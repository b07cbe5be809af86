//! What the tests are built on: a running site on either database, a client that fills forms,
//! another blog, a mail server and a browser.

pub mod browser;
pub mod client;
pub mod database;
pub mod gate;
pub mod mail_server;
pub mod neighbour;
pub mod object_server;
pub mod pictures;
pub mod seed;
pub mod site;
pub mod two_nodes;
pub mod unseen;
pub mod wire;

/// Makes two tests of one behaviour: `on_sqlite` and `on_postgres`.
#[macro_export]
macro_rules! on_both_databases {
    ($(async fn $name:ident($db:ident) $body:block)*) => {
        $(
            mod $name {
                #[allow(unused_imports, reason = "not every behaviour needs all of them")]
                use super::*;

                async fn behaviour($db: $crate::support::database::Kind) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    behaviour($crate::support::database::Kind::Sqlite).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgres() {
                    behaviour($crate::support::database::Kind::Postgres).await;
                }
            }
        )*
    };
}
