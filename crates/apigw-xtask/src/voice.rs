//! Output for the terminal, in the style of Cargo: status columns on stderr, colour only on a
//! terminal, and only the requested output on stdout.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use apigw_spec::Diagnostic;
use clap::ValueEnum;
use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};

/// Options that every command accepts.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Args {
    /// When to use colour; `auto` uses it on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    color: When,
    /// Only print errors and the requested output
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more, for example every fix applied to a spec
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// Returns the colour choice for help and usage errors, which clap prints before it has parsed
/// the options.
pub(crate) fn colour_of_help(arguments: &[OsString]) -> clap::ColorChoice {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let pairs = arguments
        .windows(2)
        .map(|pair| (pair[0].as_ref(), pair[1].as_ref()));
    let joined = arguments
        .iter()
        .filter_map(|argument| argument.split_once('='));
    let wanted = pairs.chain(joined).find(|(option, _)| *option == "--color");
    match wanted {
        Some((_, "always")) => clap::ColorChoice::Always,
        Some((_, "never")) => clap::ColorChoice::Never,
        _ => clap::ColorChoice::Auto,
    }
}

/// How much is printed, for the whole process.
static LEVEL: AtomicU8 = AtomicU8::new(NORMAL);
const QUIET: u8 = 0;
const NORMAL: u8 = 1;
const VERBOSE: u8 = 2;

impl Args {
    /// Applies the options to the whole process.
    pub(crate) fn apply(&self) {
        match self.color {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        }
        .write_global();
        let level = match (self.quiet, self.verbose) {
            (true, _) => QUIET,
            (_, true) => VERBOSE,
            _ => NORMAL,
        };
        LEVEL.store(level, Ordering::Relaxed);
    }
}

/// Returns `true` if only errors are printed.
#[must_use]
pub fn is_quiet() -> bool {
    LEVEL.load(Ordering::Relaxed) == QUIET
}

/// Returns `true` if more than usual is printed.
#[must_use]
pub fn is_verbose() -> bool {
    LEVEL.load(Ordering::Relaxed) == VERBOSE
}

/// Prints a status line, a verb in twelve columns and its subject, unless `--quiet` is set.
pub fn status(verb: &str, about: impl std::fmt::Display) {
    if !is_quiet() {
        line(verb, about);
    }
}

/// Prints a status line even with `--quiet`: requested output, or a failure.
pub fn line(verb: &str, about: impl std::fmt::Display) {
    print(&format!("{verb:>12} {about}\n"));
}

/// Prints an error, even with `--quiet`.
pub fn error(error: &anyhow::Error) {
    match error.downcast_ref::<Diagnostic>() {
        Some(problem) => print(&format!("error:\n{}", diagnostic(problem))),
        None => print(&format!("error: {error:#}\n")),
    }
}

/// Prints status lines, coloured on a terminal.
pub fn print(text: &str) {
    let painted: String = text.split_inclusive('\n').map(paint).collect();
    // there is nowhere to report that stderr is closed
    let _ = anstream::stderr().lock().write_all(painted.as_bytes());
}

/// Renders a diagnostic with its source lines.
#[must_use]
pub fn diagnostic(diagnostic: &Diagnostic) -> String {
    let is_seen = std::io::stderr().is_terminal();
    let theme = GraphicalTheme {
        characters: match is_seen {
            true => ThemeCharacters::unicode(),
            false => ThemeCharacters::ascii(),
        },
        // unwanted colours are removed where the text is printed
        styles: ThemeStyles::ansi(),
    };
    let mut text = String::new();
    let rendered = GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .with_links(false)
        .render_report(&mut text, &diagnostic.rendered());
    match rendered {
        Ok(()) => text,
        Err(_) => format!("{diagnostic}\n"),
    }
}

/// Colours the verb of a status line.
fn paint(line: &str) -> String {
    let style = |style: Style, part: &str, rest: &str| format!("{style}{part}{style:#}{rest}");
    let colour = |colour: AnsiColor| colour.on_default();
    for (start, of) in [
        ("+", AnsiColor::Green),
        ("-", AnsiColor::Red),
        ("@@", AnsiColor::Cyan),
    ] {
        if line.starts_with(start) {
            return style(colour(of), line, "");
        }
    }
    if let Some(rest) = line.strip_prefix("error:") {
        return style(colour(AnsiColor::Red).bold(), "error:", rest);
    }
    let Some((verb, rest)) = line.split_at_checked(12) else {
        return line.to_owned();
    };
    let of = match verb.trim_start() {
        "Fresh" | "Finished" | "Pulled" | "Unchanged" | "Added" | "Created" | "Changed"
        | "Serving" => AnsiColor::Green,
        "New" | "Stale" | "Orphaned" | "Wrote" | "Run" | "May break" | "Blocking" | "Note"
        | "Skipped" => AnsiColor::Yellow,
        "Failed" | "Breaks build" | "Breaks wire" | "Refused" | "refused:" | "Error" => {
            AnsiColor::Red
        }
        "Version" | "Files" | "Fixed" | "Generating" | "Building" | "Response" | "Pulling"
        | "Listing" | "Scope" | "Signed" | "Differs" | "sent:" | "received:" | "help:"
        | "Stop with" => AnsiColor::Cyan,
        _ => return line.to_owned(),
    };
    style(colour(of).bold(), verb, rest)
}

/// A progress line at the bottom of the terminal, removed when it is dropped.
///
/// It appears after one second, and only on a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    doing: Arc<Mutex<String>>,
    stop: Option<Sender<()>>,
    shown: Option<JoinHandle<()>>,
}

/// Shorter work shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);
const REDRAW: Duration = Duration::from_millis(200);

impl Progress {
    pub(crate) fn new() -> Self {
        let doing = Arc::new(Mutex::new(String::new()));
        if is_quiet() || !std::io::stderr().is_terminal() {
            return Self {
                doing,
                stop: None,
                shown: None,
            };
        }
        let (stop, stopped) = mpsc::channel();
        let what = Arc::clone(&doing);
        let shown = std::thread::spawn(move || {
            let mut wait = PATIENCE;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = REDRAW;
                let doing = what.lock().unwrap_or_else(PoisonError::into_inner);
                let line = paint(&format!("{:>12} {doing}", "Generating"));
                clear_line();
                let _ = write!(anstream::stderr().lock(), "{line}");
            }
            if wait == REDRAW {
                clear_line();
            }
        });
        Self {
            doing,
            stop: Some(stop),
            shown: Some(shown),
        }
    }

    /// Sets the current subject.
    pub(crate) fn set(&self, doing: &str) {
        let mut current = self.doing.lock().unwrap_or_else(PoisonError::into_inner);
        doing.clone_into(&mut current);
    }
}

/// Not a colour, so it is written past the filter that removes colours.
fn clear_line() {
    let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(shown) = self.shown.take() {
            let _ = shown.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::paint;

    #[test]
    fn only_verbs_and_diff_lines_are_coloured() {
        assert_eq!(
            paint("Breaks build GET /orders: removed\n"),
            "\x1b[1m\x1b[31mBreaks build\x1b[0m GET /orders: removed\n"
        );
        assert_eq!(paint("+pub struct A;\n"), "\x1b[32m+pub struct A;\n\x1b[0m");
        assert_eq!(
            paint("             + GET /orders\n"),
            "             + GET /orders\n"
        );
        assert_eq!(
            paint("  ×  größer als gedacht\n"),
            "  ×  größer als gedacht\n"
        );
    }
}
