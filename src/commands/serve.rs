//! `rejoinder serve`: runs the site and its workers, and stops them gracefully.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::accounts::register;
use crate::app::App;
use crate::commands::{CommandResult, open_app, output};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::texts::Message;
use crate::web::{routes, serve, state::Web};
use crate::worker;

/// How often the metrics recorder merges its samples.
const METRICS_UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// A site that listens and serves requests.
pub struct RunningSite {
    /// Address and port that it listens on.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: tokio::task::JoinSet<()>,
}

impl RunningSite {
    /// Stops accepting requests, and finishes the running requests and jobs.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

pub async fn run(config: Config) -> CommandResult {
    let listener = listen(config.server.listen).await?;
    let app = open_app(config).await?;
    let running = start(app.clone(), listener, Workers::On).await?;
    output::notice(format_args!(
        "Rejoinder is running at {} (data: {})",
        app.config.site_url(),
        without_password(&app.config.database.url)
    ));
    if register::needs_setup(&app).await? {
        let link = register::create_setup_link(&app).await?;
        output::notice(format_args!(
            "There are no accounts yet. Open this link to name the site and create the first administrator:\n  {link}"
        ));
    }
    stop_signal().await;
    output::notice(format_args!(
        "Stopping when the running requests and jobs are finished."
    ));
    running.stop().await;
    Ok(())
}

/// Whether this process runs jobs; tests run them step by step instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    On,
    Off,
}

/// Opens the port; an error says which setting to change.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let text = match error.kind() {
            std::io::ErrorKind::AddrInUse => Message::new("listen-port-taken"),
            std::io::ErrorKind::PermissionDenied => Message::new("listen-permission-denied"),
            _ => Message::new("listen-failed").with("error", error.to_string()),
        };
        Error::Unavailable(text.with("address", address.to_string()))
    })
}

/// Serves the site on `listener`.
pub async fn start(app: App, listener: TcpListener, workers: Workers) -> Result<RunningSite> {
    let address = listener
        .local_addr()
        .map_err(|error| Error::internal("find the listening address", error))?;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = tokio::task::JoinSet::new();
    let web = Web::new(app.clone(), metrics_recorder())?;
    let stop_timeout = Duration::from_secs(app.config.server.stop_timeout);
    tasks.spawn(serve::serve(
        listener,
        routes::router(web),
        app.config.server.clone(),
        stopped.clone(),
        stop_timeout,
    ));
    tasks.spawn(run_metrics_upkeep(stopped.clone()));
    if workers == Workers::On {
        tasks.spawn(worker::run(app.clone(), stopped.clone()));
    }
    let mut until = stopped;
    tasks.spawn(async move {
        tokio::select! {
            () = app.store.listen_for_changes() => {}
            () = serve::stopped(&mut until) => {}
        }
    });
    Ok(RunningSite {
        address,
        stop,
        tasks,
    })
}

/// Merges recorded samples from time to time: until then each one is kept in memory, even if nobody reads
/// `/metrics`.
async fn run_metrics_upkeep(mut stop: watch::Receiver<bool>) {
    let recorder = metrics_recorder();
    let mut every = tokio::time::interval(METRICS_UPKEEP_INTERVAL);
    loop {
        tokio::select! {
            _ = every.tick() => recorder.run_upkeep(),
            () = serve::stopped(&mut stop) => break,
        }
    }
}

/// The recorder of this process, shared by all sites that it runs.
fn metrics_recorder() -> metrics_exporter_prometheus::PrometheusHandle {
    static RECORDER: std::sync::OnceLock<metrics_exporter_prometheus::PrometheusHandle> =
        std::sync::OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed; /metrics stays empty");
            }
            handle
        })
        .clone()
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

/// `url` without its password.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(None);
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}
