//! `moisson refresh`: the layers run again over what is loaded, and their views are published.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::import::{self, Wish, World};
use crate::warehouse::Timing;

use super::args::RefreshArgs;
use super::bar::Bar;
use super::error::CliError;
use super::import::exit_code;
use super::table::{Column, Long};
use super::{Setting, report, show, words};

pub fn run(setting: &Setting, arguments: &RefreshArgs) -> Result<ExitCode, CliError> {
    setting.refuse_without_archive()?;
    let started = Instant::now();
    let mut world = World::open(setting.home.clone(), setting.now)?;
    let mut bar = Bar::new(setting.language);
    // What an interrupted import left would be taken for shown.
    let reports = import::import(&mut world, &[], &Wish::default(), &mut bar)?;
    world.warehouse.forget_made()?;
    bar.say("joining everything", "tout est rapproché");
    let (_, timings) = import::refresh(world)?;
    bar.finish();
    if !reports.is_empty() {
        report::show(setting.language, &reports);
    }
    if arguments.timings {
        show_timings(setting, timings);
    }
    let took = words::took(setting.language, started.elapsed());
    show::line(
        &setting
            .language
            .pick(format!("the views were made again in {took}"), format!("les vues ont été refaites en {took}")),
    );
    Ok(exit_code(&reports))
}

/// The slowest first; what takes no time is left out.
fn show_timings(setting: &Setting, mut timings: Vec<Timing>) {
    timings.sort_by_key(|timing| std::cmp::Reverse(timing.took));
    timings.retain(|timing| timing.took >= Duration::from_millis(1));
    let language = setting.language;
    let columns = [Column::text(language.pick("file", "fichier")), Column::figure(language.pick("took", "durée"))];
    let row = |timing: Timing| vec![timing.file, words::took(language, timing.took)];
    show::table(&columns, &timings.into_iter().map(row).collect::<Vec<_>>(), Long::Cut);
}
