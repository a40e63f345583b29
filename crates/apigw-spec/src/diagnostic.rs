//! Errors in specs, with their location and how to fix them.

use std::error::Error;
use std::fmt;

/// A position in a text. Lines and columns are counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, starting at 1.
    pub line: usize,
    /// The character in the line, starting at 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// An error in a spec, with its location and how to fix it.
///
/// `Display` prints the full message, on several lines if the position is known:
///
/// ```text
/// specs/orders.json:3:5: `responses` is an array, not an object
///   |
/// 2 |   "get": {
/// 3 |     "responses": [
///   |     ^
/// help: use an object from status codes to responses
/// ```
///
/// An underlying error, for example from the file system, is the [`source`](Error::source) and
/// not part of the message.
#[derive(Debug)]
pub struct Diagnostic {
    place: Option<Box<Place>>,
    problem: String,
    help: Option<String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Debug)]
struct Place {
    file: String,
    position: Option<Position>,
    excerpt: Option<Excerpt>,
}

/// The source lines shown in a message.
#[derive(Debug)]
struct Excerpt {
    /// One or two lines. The position is in the last one.
    text: String,
    /// The number of the first line.
    first: usize,
    /// The number of characters before the position in its line.
    mark: usize,
}

impl Diagnostic {
    /// Creates a diagnostic without a location.
    ///
    /// The problem starts in lower case and ends without a full stop, for example
    /// ``duplicate operation name `get_orders` ``.
    #[must_use]
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            place: None,
            problem: problem.into(),
            help: None,
            cause: None,
        }
    }

    /// Sets the file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.place = Some(Box::new(Place {
            file: file.into(),
            position: None,
            excerpt: None,
        }));
        self
    }

    /// Sets the file and the position, and shows the lines of `text` there.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, text: &str, position: Position) -> Self {
        self.place = Some(Box::new(Place {
            file: file.into(),
            position: Some(position),
            excerpt: excerpt(text, position),
        }));
        self
    }

    /// Sets the help text, which says how to fix the problem.
    #[must_use]
    pub fn help(mut self, remedy: impl Into<String>) -> Self {
        self.help = Some(remedy.into());
        self
    }

    /// Sets the underlying error.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Returns the problem, without location and help.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// Returns the help text.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Returns the file.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.place.as_deref().map(|place| place.file.as_str())
    }

    /// Returns the position in the file.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.place.as_deref().and_then(|place| place.position)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:", place.file)?;
            if let Some(position) = place.position {
                write!(f, "{position}:")?;
            }
            write!(f, " ")?;
        }
        write!(f, "{}", self.problem)?;
        if let Some(excerpt) = self.place.as_ref().and_then(|place| place.excerpt.as_ref()) {
            write!(f, "{excerpt}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl Error for Diagnostic {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// The maximum number of columns shown. Minified exports are a single, very long line.
const WIDTH: usize = 100;

/// Returns the line at `position` and the line before it.
fn excerpt(text: &str, position: Position) -> Option<Excerpt> {
    let index = position.line.saturating_sub(1);
    let line = text.lines().nth(index)?;
    let column = position.column.saturating_sub(1);
    // both lines use the same window, so that they stay aligned
    let start = if column < WIDTH {
        0
    } else {
        column - WIDTH / 2
    };
    let before = index
        .checked_sub(1)
        .and_then(|index| text.lines().nth(index))
        .filter(|before| !before.trim().is_empty() && start == 0);
    let mark = column - start + usize::from(start > 0);
    let mut line = window(line, start);
    // a position at the end of the line needs a character to mark
    let missing = (mark + 1).saturating_sub(line.chars().count());
    line.extend(std::iter::repeat_n(' ', missing));
    let (first, text) = match before {
        Some(before) => (
            position.line - 1,
            format!("{}\n{line}", window(before, start)),
        ),
        None => (position.line, line),
    };
    Some(Excerpt { text, first, mark })
}

/// Prints the lines with line numbers, and a mark below the column.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&str> = self.text.split('\n').collect();
        let last = self.first + lines.len() - 1;
        let gutter = last.to_string().len();
        write!(f, "\n{:gutter$} |", "")?;
        for (number, line) in (self.first..).zip(lines) {
            write!(f, "\n{number:gutter$} | {}", line.trim_end())?;
        }
        write!(f, "\n{:gutter$} | {:2$}^", "", "", self.mark)
    }
}

/// Returns the part of `line` from column `start`, with `…` where it was cut.
fn window(line: &str, start: usize) -> String {
    let mut characters = line.chars().skip(start);
    let mut shown = String::new();
    if start > 0 {
        shown.push('…');
    }
    shown.extend(
        characters
            .by_ref()
            .take(WIDTH)
            // tabs and control characters would misalign the mark
            .map(|c| if c.is_control() { ' ' } else { c }),
    );
    if characters.next().is_some() {
        shown.push('…');
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// A [`Diagnostic`] for renderers of the [`miette`] crate.
///
/// Unlike [`Diagnostic`], its `Display` does not contain the source lines, because miette prints
/// them.
#[cfg(feature = "miette")]
#[derive(Debug, Clone, Copy)]
pub struct Rendered<'a>(&'a Diagnostic);

#[cfg(feature = "miette")]
impl Diagnostic {
    /// Returns the diagnostic for a renderer of miette.
    ///
    /// ```
    /// use apigw_spec::Spec;
    ///
    /// let diagnostic = Spec::parse("orders.json", b"{").unwrap_err();
    /// let mut output = String::new();
    /// miette::NarratableReportHandler::new().render_report(&mut output, &diagnostic.rendered())?;
    /// assert!(output.contains("invalid JSON"));
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    #[must_use]
    pub fn rendered(&self) -> Rendered<'_> {
        Rendered(self)
    }
}

#[cfg(feature = "miette")]
impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(diagnostic) = self;
        // miette prints the file name above the source lines
        let shows_lines = miette::Diagnostic::source_code(self).is_some();
        match diagnostic.file().filter(|_| !shows_lines) {
            Some(file) => write!(f, "{file}: {}", diagnostic.problem),
            None => f.write_str(&diagnostic.problem),
        }
    }
}

#[cfg(feature = "miette")]
impl Error for Rendered<'_> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(feature = "miette")]
impl miette::Diagnostic for Rendered<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.0.remedy()?))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        let place = self.0.place.as_deref()?;
        place.excerpt.as_ref()?;
        Some(place)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let excerpt = self.0.place.as_deref()?.excerpt.as_ref()?;
        let offset = excerpt.offset();
        let marked = excerpt
            .text
            .get(offset..)
            .and_then(|rest| rest.chars().next());
        let span = (offset, marked.map_or(0, char::len_utf8));
        let label = miette::LabeledSpan::new_primary_with_span(None, span);
        Some(Box::new(std::iter::once(label)))
    }
}

#[cfg(feature = "miette")]
impl Excerpt {
    /// Returns the byte offset of the position in the text.
    fn offset(&self) -> usize {
        let start = self.text.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(start..).unwrap_or_default();
        let inside: usize = line.chars().take(self.mark).map(char::len_utf8).sum();
        start + inside
    }
}

#[cfg(feature = "miette")]
impl miette::SourceCode for Place {
    fn read_span<'a>(
        &'a self,
        _: &miette::SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let (Some(excerpt), Some(position)) = (&self.excerpt, self.position) else {
            return Err(miette::MietteError::OutOfBounds);
        };
        // without surrounding lines, the caller wants the position itself
        let (line, column) = match lines_before + lines_after {
            0 => (position.line, position.column),
            _ => (excerpt.first, 1),
        };
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.file.clone(),
            excerpt.text.as_bytes(),
            (0, excerpt.text.len()).into(),
            line.saturating_sub(1),
            column.saturating_sub(1),
            excerpt.text.split('\n').count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "paths:\n  /orders:\n    get:\n      responses: []\n";

    fn position(line: usize, column: usize) -> Position {
        Position { line, column }
    }

    #[test]
    fn it_shows_location_lines_and_help() {
        let diagnostic = Diagnostic::new("`responses` is an array, not an object")
            .at("specs/orders.yaml", TEXT, position(4, 7))
            .help("use an object");
        assert_eq!(
            diagnostic.to_string(),
            "specs/orders.yaml:4:7: `responses` is an array, not an object
  |
3 |     get:
4 |       responses: []
  |       ^
help: use an object"
        );
    }

    #[test]
    fn a_message_without_a_position_is_one_line() {
        assert_eq!(
            Diagnostic::new("the list of APIs is empty").to_string(),
            "the list of APIs is empty"
        );
        assert_eq!(
            Diagnostic::new("the file is empty")
                .in_file("a.json")
                .to_string(),
            "a.json: the file is empty"
        );
    }

    #[test]
    fn line_numbers_are_aligned() {
        let text = "a\n".repeat(9) + "b\n";
        let shown = Diagnostic::new("x")
            .at("f", &text, position(10, 1))
            .to_string();
        assert_eq!(shown, "f:10:1: x\n   |\n 9 | a\n10 | b\n   | ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_position() {
        let text = format!("{}HERE{}", "a".repeat(5_000), "b".repeat(5_000));
        let shown = Diagnostic::new("x")
            .at("f", &text, position(1, 5_001))
            .to_string();
        let lines: Vec<_> = shown.lines().collect();
        let mark = lines[3].chars().position(|c| c == '^').unwrap();
        let here: String = lines[2].chars().skip(mark).take(4).collect();
        assert_eq!(here, "HERE");
        assert!(
            lines.iter().all(|line| line.chars().count() < 120),
            "{shown}"
        );
    }

    #[test]
    fn tabs_do_not_misalign_the_mark() {
        let shown = Diagnostic::new("x")
            .at("f", "\t\t\"a\": 1", position(1, 3))
            .to_string();
        assert_eq!(shown, "f:1:3: x\n  |\n1 |   \"a\": 1\n  |   ^");
    }

    #[test]
    fn a_position_after_the_end_shows_no_lines() {
        let shown = Diagnostic::new("x")
            .at("f", "a\n", position(7, 1))
            .to_string();
        assert_eq!(shown, "f:7:1: x");
    }

    #[test]
    fn the_cause_is_the_source_and_not_in_the_message() {
        let diagnostic = Diagnostic::new("cannot read the spec")
            .in_file("a.json")
            .caused_by(std::io::Error::other("disk on fire"));
        assert_eq!(diagnostic.to_string(), "a.json: cannot read the spec");
        assert_eq!(diagnostic.source().unwrap().to_string(), "disk on fire");
    }
}
