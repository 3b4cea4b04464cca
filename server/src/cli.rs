//! The command line: `storewalk serve`, `create-account`, `import`, `doctor`.

mod account;
mod doctor;
mod restore;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

pub use account::AccountArgs;

use crate::{
    admin,
    config::{Config, Flags},
    import,
    lock::FolderLock,
    router::serve,
    state::AppState,
    telemetry,
};

/// Storewalk's server.
#[derive(Debug, Parser)]
#[command(name = "storewalk", version, about = "Storewalk's server and its tools")]
pub struct Cli {
    /// Settings for every command.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings for every command.
#[derive(Clone, Debug, Args)]
pub struct SettingsArgs {
    /// Settings file (TOML).
    #[arg(long, env = "STOREWALK_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// Folder of the database and the photos.
    #[arg(long, env = "STOREWALK_DATA_DIR", global = true)]
    pub data_dir: Option<PathBuf>,
}

impl SettingsArgs {
    /// The effective settings.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn load(&self, listen: Option<SocketAddr>) -> anyhow::Result<Config> {
        let flags = Flags { data_dir: self.data_dir.clone(), listen };
        // Names and values that are not Unicode are none of ours.
        let environment = std::env::vars_os();
        let environment = environment.filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()));
        Ok(Config::load(self.config.as_deref(), environment, &flags)?)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve phones and browsers.
    Serve {
        /// Address and port; port 0 takes a free one.
        #[arg(long, env = "STOREWALK_LISTEN")]
        listen: Option<SocketAddr>,
    },
    /// Add a person who can sign in, or change one.
    CreateAccount(AccountArgs),
    /// Load outlets, products and price lists from files.
    Import(import::ImportArgs),
    /// Say that the database was put back from a backup: phones then bring back what it has forgotten. The server finds
    /// out by itself when it starts in the folder that knew the newer database; in a new folder it must be told.
    Restore,
    /// Show the effective settings and check what they need.
    Doctor,
}

/// Does what the command line says.
///
/// # Errors
/// When it cannot be done; the error says why.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    let listen = match &cli.command {
        Command::Serve { listen } => *listen,
        _ => None,
    };
    let config = cli.settings.load(listen)?;
    telemetry::start(&config.log).map_err(|error| anyhow::anyhow!("read log.filter: {error}"))?;
    match cli.command {
        Command::Serve { .. } => {
            let _alone = FolderLock::take(&config.storage.data_dir)?;
            let state = AppState::open(config)?;
            admin::load_handbook(&state).await?;
            Ok(serve(state, asked_to_stop()).await?)
        }
        Command::CreateAccount(args) => account::create(config, args).await,
        Command::Import(args) => import::run(config, args).await,
        Command::Restore => restore::run(config, &mut std::io::stdout()),
        Command::Doctor => doctor::examine(config, &mut std::io::stdout()).await,
    }
}

/// Resolves at Ctrl-C or when the service manager says so.
async fn asked_to_stop() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = asked_by_the_system() => {}
    }
    tracing::info!("stopping: no new requests, the open ones may finish");
}

#[cfg(unix)]
async fn asked_by_the_system() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn asked_by_the_system() {
    std::future::pending().await
}
