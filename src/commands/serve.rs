//! `rejoinder serve`: the site, its workers, and a stop that loses nothing.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::accounts::register;
use crate::app::App;
use crate::commands::{Outcome, open, output};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::web::{routes, serve, state::Web};
use crate::worker;

/// How often the figures for `/metrics` are put together.
const UPKEEP: Duration = Duration::from_secs(5);

/// A site that answers.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: tokio::task::JoinSet<()>,
}

impl Running {
    /// Stops taking requests, finishes those under way and the jobs that were taken.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Runs the command.
pub async fn run(config: Config) -> Outcome {
    let listener = listen(config.server.listen).await?;
    let app = open(config).await?;
    let running = start(app.clone(), listener, Workers::On).await?;
    let data = &app.config.database.url;
    output::notice(format_args!(
        "Rejoinder answers at {} (data: {})",
        app.config.site_url(),
        safe_name(data)
    ));
    if register::needs_set_up(&app).await? {
        let link = register::offer_set_up(&app).await?;
        output::notice(format_args!(
            "Nobody can sign in yet. Open this link once to name the site and make the first administrator:\n  {link}"
        ));
    }
    told_to_stop().await;
    output::notice(format_args!("Stopping: requests under way may finish."));
    running.stop().await;
    Ok(())
}

/// Whether this process does jobs; tests step them by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// It does.
    On,
    /// It does not.
    Off,
}

/// Opens the port, or says what to fix.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Error::Unavailable(match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "the port {address} is taken: stop what runs there, or set server.listen to another one, such as REJOINDER_SERVER__LISTEN=127.0.0.1:8081"
            ),
            std::io::ErrorKind::PermissionDenied => format!(
                "the port {address} needs rights that this user lacks: choose one above 1023 in server.listen"
            ),
            _ => format!("the address {address} cannot be used: {error}; fix server.listen"),
        })
    })
}

/// Starts to answer on `listener`.
pub async fn start(app: App, listener: TcpListener, workers: Workers) -> Result<Running> {
    let address = listener
        .local_addr()
        .map_err(|error| Error::internal("find the listening address", error))?;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = tokio::task::JoinSet::new();
    let web = Web::new(app.clone(), figures())?;
    let patience = Duration::from_secs(app.config.server.stop_timeout);
    tasks.spawn(serve::serve(
        listener,
        routes::router(web),
        app.config.server.clone(),
        stopped.clone(),
        patience,
    ));
    tasks.spawn(keep_figures_small(stopped.clone()));
    if workers == Workers::On {
        tasks.spawn(worker::work(app.clone(), stopped.clone()));
    }
    let mut until = stopped;
    tasks.spawn(async move {
        tokio::select! {
            () = app.store.listen_for_changes() => {}
            () = serve::stopped(&mut until) => {}
        }
    });
    Ok(Running {
        address,
        stop,
        tasks,
    })
}

/// What was counted is put together now and then: until then every single figure is kept, whether
/// anybody reads `/metrics` or not.
async fn keep_figures_small(mut stop: watch::Receiver<bool>) {
    let figures = figures();
    let mut every = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = every.tick() => figures.run_upkeep(),
            () = serve::stopped(&mut stop) => break,
        }
    }
}

/// The figures of this process; made once, however many sites it runs.
fn figures() -> metrics_exporter_prometheus::PrometheusHandle {
    static FIGURES: std::sync::OnceLock<metrics_exporter_prometheus::PrometheusHandle> =
        std::sync::OnceLock::new();
    FIGURES
        .get_or_init(|| {
            let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another part of this process counts already; /metrics stays empty");
            }
            handle
        })
        .clone()
}

/// Until Ctrl-C or the service manager says so.
pub async fn told_to_stop() {
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

/// The database's address without its password.
fn safe_name(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(None);
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}
