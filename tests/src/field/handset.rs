//! The phone of a test.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail, ensure};
use storewalk_client::{Attempt, Config, Phone, Recorded};
use storewalk_domain::{
    ids::{CommandId, OrderId, OutletId, TaskId, VisitId},
    quantity::Quantity,
    sync::{CloseTask, Command, RaiseTask},
    time::{BusinessDate, Clock},
};

use crate::world;

/// A phone, and what its user has recorded on it.
pub struct Handset {
    /// Whose it is.
    pub login: &'static str,
    /// Where its files are.
    pub folder: PathBuf,
    /// The core.
    pub phone: Phone,
    /// What was recorded, in order.
    pub recorded: Vec<CommandId>,
    clock: Arc<dyn Clock>,
}

fn open(folder: &Path, url: &str, clock: &Arc<dyn Clock>) -> anyhow::Result<Phone> {
    let config = Config { clock: Arc::clone(clock), ..Config::new(folder, url) };
    Ok(Phone::open(config)?.phone)
}

impl Handset {
    /// The phone of a folder as it lies there, or a new one; nothing is asked of the server.
    ///
    /// # Errors
    /// When its files cannot be used.
    pub fn open(
        login: &'static str,
        folder: PathBuf,
        url: &str,
        clock: &Arc<impl Clock + 'static>,
    ) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
        let phone = open(&folder, url, &clock)?;
        Ok(Self { login, folder, phone, recorded: Vec::new(), clock })
    }

    /// A phone whose person is signed in and in step.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn new(
        login: &'static str,
        folder: PathBuf,
        url: &str,
        clock: &Arc<impl Clock + 'static>,
    ) -> anyhow::Result<Self> {
        let handset = Self::open(login, folder, url, clock)?;
        handset.sign_in().await?;
        handset.sync().await?;
        Ok(handset)
    }

    /// Signs its person in.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn sign_in(&self) -> anyhow::Result<()> {
        self.phone.sign_in(self.login, world::PASSWORD).await?;
        Ok(())
    }

    /// Syncs until phone and server are in step.
    ///
    /// # Errors
    /// When they are not.
    pub async fn sync(&self) -> anyhow::Result<()> {
        let report = self.phone.sync().await?;
        ensure!(report.complete, "{report:?}");
        Ok(())
    }

    /// Records a command, which must be possible.
    ///
    /// # Errors
    /// When it is refused.
    pub fn record(&mut self, command: impl Into<Command>) -> anyhow::Result<()> {
        match self.phone.record(command)? {
            Recorded::Done { command_id, .. } => self.recorded.push(command_id),
            Recorded::Refused(problems) => bail!("{problems:?}"),
        }
        Ok(())
    }

    /// Raises a task at an outlet.
    ///
    /// # Errors
    /// When it is refused.
    pub fn raise(&mut self, outlet: OutletId, note: &str) -> anyhow::Result<TaskId> {
        let task_id = TaskId(self.phone.new_id());
        let due_on = BusinessDate::parse("2025-03-20").context("a date")?;
        self.record(RaiseTask { task_id, outlet_id: outlet, visit_id: None, note: note.to_owned(), due_on })?;
        Ok(task_id)
    }

    /// A morning at an outlet: tasks raised, and every second one closed.
    ///
    /// # Errors
    /// When something of it is refused.
    pub fn work(&mut self, outlet: OutletId, rounds: usize) -> anyhow::Result<()> {
        for round in 0..rounds {
            let task = self.raise(outlet, &format!("第{round}件"))?;
            if round % 2 == 0 {
                self.record(CloseTask { task_id: task })?;
            }
        }
        Ok(())
    }

    /// Checks in at an outlet.
    ///
    /// # Errors
    /// When it is refused.
    pub fn enter(&self, outlet: &str) -> anyhow::Result<VisitId> {
        match self.phone.visits().start(world::outlet(outlet), None)? {
            Attempt::Done(started) => Ok(started.visit_id),
            Attempt::Refused(problems) => bail!("{problems:?}"),
        }
    }

    /// Takes a photo of a zone of a visit.
    ///
    /// # Errors
    /// When it is refused.
    pub fn photograph(&self, visit: VisitId, zone: usize, picture: &Path) -> anyhow::Result<()> {
        let view = self.phone.visits().view(visit)?;
        let zone = view.zones.get(zone).context("a zone")?.code.clone();
        let taken = self.phone.photos().capture(visit, &zone, picture, None)?;
        ensure!(matches!(taken, Attempt::Done(_)), "{taken:?}");
        Ok(())
    }

    /// Orders twenty pieces for the dealer D01; the order and its number.
    ///
    /// # Errors
    /// When it is refused.
    pub fn order(&self) -> anyhow::Result<(OrderId, String)> {
        let orders = self.phone.orders();
        let Attempt::Done(draft) = orders.create_draft(world::dealer("D01"), None)? else { bail!("no draft") };
        orders.set_line(draft, world::product("P1"), Quantity(20), None)?;
        match orders.submit(draft)? {
            Attempt::Done(order) => Ok((order.order_id, order.number)),
            Attempt::Refused(problems) => bail!("{problems:?}"),
        }
    }

    /// The app is started anew with another address.
    ///
    /// # Errors
    /// When its files cannot be used.
    pub fn move_to(&mut self, url: &str) -> anyhow::Result<()> {
        self.phone.shutdown();
        self.phone = open(&self.folder, url, &self.clock)?;
        Ok(())
    }
}
