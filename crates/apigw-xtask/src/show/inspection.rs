//! An inspection as text: status lines and tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use apigw_codegen::inspect::{Fix, Inspection};

use super::table::{table, wrapped};

/// Formats an inspection in the style of Cargo.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a Inspection);

impl std::ops::Deref for Shown<'_> {
    type Target = Inspection;

    fn deref(&self) -> &Inspection {
        self.0
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head =
            |verb: &str, about: &str| writeln!(f, "{}", wrapped(&format!("{verb:>12} "), about));
        let syntax = format!("{} ({}, {})", self.spec, self.dialect, self.syntax);
        head("Inspecting", &syntax)?;
        head(
            "Title",
            &format!("{}, version {}", self.title, self.version),
        )?;
        let absent = "not in the spec; set it on the client";
        head("Endpoint", self.endpoint.as_deref().unwrap_or(absent))?;
        head("Region", self.region.as_deref().unwrap_or(absent))?;
        self.write_operations(f)?;
        self.write_pages(f)?;
        self.write_types(f)?;
        self.write_fixes(f)?;
        self.write_untyped(f)?;
        self.write_suggestions(f)
    }
}

/// The number of suggestions printed per table; `--json` has all of them.
const SUGGESTIONS: usize = 3;

impl Shown<'_> {
    fn write_operations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>12} {}", "Operations", self.operations.len())?;
        let mut rows = vec![
            ["name", "route", "auth", "request", "response"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.extend(self.operations.iter().map(|operation| {
            let response = match &operation.error {
                None => operation.response.clone(),
                Some(error) => format!("{}, or {error}", operation.response),
            };
            let request = operation.request.as_deref().unwrap_or("-");
            let request = match operation.other_media_types.as_slice() {
                [] => request.to_owned(),
                others => format!("{request} or {}", others.join(", ")),
            };
            vec![
                operation.name.clone(),
                operation.route.clone(),
                operation.auth.clone(),
                request,
                response,
            ]
        }));
        write!(f, "{}", table(&rows, &[24, 28, 15, 16]))?;
        let authorizers: BTreeSet<&str> = self
            .operations
            .iter()
            .filter_map(|operation| operation.authorizer.as_deref())
            .collect();
        if authorizers.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = authorizers.into_iter().collect();
        let about = format!("{} (set their header on each request)", names.join(", "));
        writeln!(f, "{}", wrapped(&format!("{:>12} ", "Authorizers"), &about))
    }

    fn write_pages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.operations.iter();
        let paged: Vec<_> = operations
            .filter_map(|operation| Some((operation, operation.pages.as_ref()?)))
            .collect();
        if paged.is_empty() {
            return Ok(());
        }
        writeln!(f, "{:>12} {}", "Paged", paged.len())?;
        for (operation, pages) in paged {
            let until = match (&pages.token, &pages.total) {
                (Some(token), _) => format!("token `{token}`"),
                (None, total) => format!("total `{}`", total.as_deref().unwrap_or_default()),
            };
            let text = format!(
                "items `{}`, {until}, parameter `{}`",
                pages.items, pages.parameter
            );
            writeln!(
                f,
                "{}",
                wrapped(&format!("  {} ", operation.name), &text).trim_end()
            )?;
        }
        Ok(())
    }

    fn write_types(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>12} {}", "Types", self.types.len())?;
        for found in &self.types {
            let separator = if found.kind == "struct" { ", " } else { " | " };
            let head = format!("  {} {} ", found.kind, found.name);
            writeln!(
                f,
                "{}",
                wrapped(&head, &found.members.join(separator)).trim_end()
            )?;
        }
        Ok(())
    }

    fn write_fixes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>12} {}", "Fixes", self.fixes.len())?;
        for fix in &self.fixes {
            let Fix {
                place,
                rule,
                problem,
                action,
            } = fix;
            // not wrapped, so that a terminal can open it
            writeln!(f, "  {place}")?;
            writeln!(
                f,
                "{}",
                wrapped("      ", &format!("{problem}; {action} [{rule}]"))
            )?;
        }
        Ok(())
    }

    fn write_untyped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.untyped.is_empty() {
            return Ok(());
        }
        let why = match self.census.lost {
            0 => "left open by the spec".to_owned(),
            1 => "1 schema could not be represented; see the fixes".to_owned(),
            lost => format!("{lost} schemas could not be represented; see the fixes"),
        };
        writeln!(f, "{:>12} {} ({why})", "Untyped", self.untyped.len())?;
        for part in ["request", "response", "field"] {
            let places = self.untyped.iter().filter(|untyped| untyped.part == part);
            let places: Vec<&str> = places.map(|untyped| untyped.place.as_str()).collect();
            if !places.is_empty() {
                writeln!(
                    f,
                    "{}",
                    wrapped(&format!("  {part:<9} "), &places.join(", "))
                )?;
            }
        }
        let Some(remedy) = &self.remedy else {
            return Ok(());
        };
        writeln!(
            f,
            "{:>12} {} to give them types, for example:",
            "Edit", remedy.file
        )?;
        for line in remedy.text.lines() {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }

    fn write_suggestions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.suggestions.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "{:>12} specs/apis.toml to override these choices:",
            "Edit"
        )?;
        let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for suggestion in &self.suggestions {
            tables
                .entry(&suggestion.table)
                .or_default()
                .push(&suggestion.line);
        }
        for (table, lines) in tables {
            writeln!(f, "  [{table}]")?;
            for line in lines.iter().take(SUGGESTIONS) {
                writeln!(f, "  {line}")?;
            }
            match lines.len().saturating_sub(SUGGESTIONS) {
                0 => {}
                more => writeln!(f, "  # and {more} more, see --json")?,
            }
        }
        Ok(())
    }
}
