//! Writing source text.

use super::docs;

/// Where rustfmt breaks lines.
const WIDTH: usize = 100;

/// Source text that grows line by line.
#[derive(Debug, Default)]
pub(crate) struct Code {
    text: String,
    depth: usize,
}

impl Code {
    /// One line at the present depth.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            for _ in 0..self.depth {
                self.text.push_str("    ");
            }
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// An empty line, unless a block has just begun.
    pub(crate) fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    /// `head {`, what `inside` writes, and `}`.
    pub(crate) fn block(&mut self, head: impl AsRef<str>, inside: impl FnOnce(&mut Self)) {
        self.line(format!("{} {{", head.as_ref()));
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line("}");
    }

    /// As [`block`](Self::block) for `head(arguments)tail`, one argument a line where they
    /// do not fit on one.
    pub(crate) fn function(
        &mut self,
        head: &str,
        arguments: &[String],
        tail: &str,
        inside: impl FnOnce(&mut Self),
    ) {
        let line = format!("{head}({}){tail}", arguments.join(", "));
        if self.depth * 4 + line.len() + " {".len() <= WIDTH {
            self.block(line, inside);
            return;
        }
        self.line(format!("{head}("));
        self.depth += 1;
        for argument in arguments {
            self.line(format!("{argument},"));
        }
        self.depth -= 1;
        self.block(format!("){tail}"), inside);
    }

    /// Doc comments for lines that we wrote.
    pub(crate) fn docs<S: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = S>) {
        for line in lines {
            self.line(format!("/// {}", line.as_ref()).trim_end());
        }
    }

    /// Doc comments for a text of the document, or for `fallback` where it has none.
    pub(crate) fn text_docs(&mut self, text: Option<&str>, fallback: &str) {
        let lines = text.map(docs::lines).unwrap_or_default();
        if lines.is_empty() {
            self.docs([fallback]);
        } else {
            self.docs(lines);
        }
    }

    /// Adds to the doc comments what the service demands of a value.
    pub(crate) fn limits(&mut self, limits: Option<&str>) {
        if let Some(limits) = limits {
            self.docs(["", limits]);
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}
