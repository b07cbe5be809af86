//! A gate before a database: shut, it is as if the database's machine had gone.

use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

/// The gate.
pub struct Gate {
    /// The database behind it.
    pub url: String,
    port: u16,
    database: String,
    keeper: Mutex<Option<JoinHandle<()>>>,
    cut: Arc<Notify>,
}

impl Gate {
    /// Before the database at `url`, open.
    pub async fn before(url: &str) -> Self {
        let mut url = url::Url::parse(url).unwrap();
        let database = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        let cut = Arc::new(Notify::new());
        let keeper = tokio::spawn(keep(listener, database.clone(), cut.clone()));
        Self {
            cut,
            url: url.to_string(),
            port,
            database,
            keeper: Mutex::new(Some(keeper)),
        }
    }

    /// Closes every connection, and accepts none.
    pub fn shut(&self) {
        if let Some(keeper) = self.keeper.lock().unwrap().take() {
            keeper.abort();
        }
    }

    /// Ends every connection, and takes others.
    pub fn cut(&self) {
        self.cut.notify_one();
    }

    /// Lets connections through again.
    pub async fn open(&self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let keeper = keep(listener, self.database.clone(), self.cut.clone());
        *self.keeper.lock().unwrap() = Some(tokio::spawn(keeper));
    }
}

async fn keep(listener: TcpListener, database: String, cut: Arc<Notify>) {
    // They end with this task.
    let mut passing = JoinSet::new();
    loop {
        let (mut inside, _) = tokio::select! {
            accepted = listener.accept() => accepted.unwrap(),
            () = cut.notified() => {
                passing.shutdown().await;
                continue;
            }
        };
        let database = database.clone();
        passing.spawn(async move {
            if let Ok(mut outside) = TcpStream::connect(database).await {
                let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
            }
        });
    }
}
