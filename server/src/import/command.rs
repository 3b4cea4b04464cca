//! `storewalk import`: from the command line to the database and back to the terminal.

use std::{
    fs::File,
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use storewalk_domain::{text::Language, time::Zone};

use super::{
    apply,
    columns::ImportKind,
    existing::Existing,
    fault::{Fault, ImportCode},
    plan::{ImportPlan, PlanOptions, plan},
    preview::{Ending, write_faults_csv, write_preview},
    table::{Encoding, Limits, ReadOptions, Table, read_table},
};
use crate::{config::Config, state::AppState};

/// Arguments of `storewalk import`.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArgs {
    /// What the file holds.
    pub kind: ImportKind,
    /// CSV or XLSX file.
    pub file: PathBuf,
    /// Encoding of a CSV file.
    #[arg(long, value_enum, default_value_t = Encoding::Auto)]
    pub encoding: Encoding,
    /// Sheet of a workbook; the first one unless named.
    #[arg(long)]
    pub sheet: Option<String>,
    /// Time zone in which dates begin (IANA name).
    #[arg(long, default_value = "Asia/Shanghai", value_parser = read_zone)]
    pub zone: Zone,
    /// Write every fault to this CSV file.
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
    /// Language of the report: zh or en; that of the system unless named.
    #[arg(long, value_parser = read_language)]
    pub lang: Option<Language>,
    /// Write it; without this it is only looked at.
    #[arg(long)]
    pub commit: bool,
}

fn read_zone(name: &str) -> Result<Zone, String> {
    Zone::from_name(name).ok_or_else(|| format!("`{name}` is not the IANA name of a time zone"))
}

fn read_language(tag: &str) -> Result<Language, String> {
    Language::from_tag(tag).ok_or_else(|| format!("`{tag}` is neither zh nor en"))
}

impl ImportArgs {
    fn language(&self) -> Language {
        let of_system = || ["LC_ALL", "LANG"].iter().find_map(|name| std::env::var(name).ok());
        let named = self.lang.or_else(|| of_system().and_then(|tag| Language::from_tag(&tag)));
        named.unwrap_or(Language::En)
    }

    fn read_options(&self) -> ReadOptions {
        ReadOptions { encoding: self.encoding, sheet: self.sheet.clone(), limits: Limits::default() }
    }
}

/// Runs `storewalk import` and reports on standard output.
///
/// # Errors
/// When anything in the file is faulty or the import cannot be done.
pub async fn run(config: Config, args: ImportArgs) -> anyhow::Result<()> {
    run_to(config, args, &mut std::io::stdout()).await
}

/// Runs `storewalk import` and reports to a writer.
///
/// # Errors
/// When anything in the file is faulty or the import cannot be done.
pub async fn run_to(config: Config, args: ImportArgs, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let language = args.language();
    let (file, options) = (args.file.clone(), args.read_options());
    let table = tokio::task::spawn_blocking(move || read_file(&file, &options)).await?;
    let (source, plan) = match table {
        Ok(table) => {
            let table = Arc::new(table);
            (table.source.clone(), plan_with(config, &args, table).await?)
        }
        Err(fault) => (String::new(), ImportPlan::of_faults(vec![fault])),
    };
    let ending = match (plan.faults.is_empty(), args.commit) {
        (false, _) => Ending::Refused,
        (true, true) => Ending::Committed,
        (true, false) => Ending::Preview,
    };
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    write_preview(out, format!("{name} {source}").trim_end(), &plan, ending, language)?;
    if let Some(path) = &args.errors {
        let file = File::create(path).with_context(|| format!("write {}", path.display()))?;
        write_faults_csv(BufWriter::new(file), &plan.faults, language)?;
    }
    if ending == Ending::Refused {
        anyhow::bail!("import {name}: {} fault(s)", plan.faults.len());
    }
    Ok(())
}

/// Reads a file as a table. A file that grows while it is read is cut off just beyond the limit, and refused.
///
/// # Errors
/// A fault of the whole file.
pub fn read_file(path: &Path, options: &ReadOptions) -> Result<Table, Fault> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let unreadable =
        |error: std::io::Error| Fault::new(ImportCode::FileUnreadable).with("file", &name).with("reason", error);
    let mut bytes = Vec::new();
    let room = options.limits.file_bytes.saturating_add(1);
    File::open(path).map_err(unreadable)?.take(room).read_to_end(&mut bytes).map_err(unreadable)?;
    read_table(&name, &bytes, options)
}

async fn plan_with(config: Config, args: &ImportArgs, table: Arc<Table>) -> anyhow::Result<ImportPlan> {
    let options = PlanOptions { zone: args.zone };
    let is_new = !config.storage.data_dir.join("storewalk.sqlite").exists();
    if is_new && !args.commit {
        // A preview makes nothing, not even an empty database.
        return Ok(plan(args.kind, &table, &Existing::default(), options));
    }
    let state = AppState::open(config)?;
    Ok(if args.commit {
        apply::commit(&state, args.kind, table, options).await?
    } else {
        apply::preview(&state, args.kind, table, options).await?
    })
}
