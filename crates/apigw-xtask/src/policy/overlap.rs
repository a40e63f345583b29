//! Which requests two patterns have in common.
//!
//! In a policy, `*` also matches slashes, so the resource of one operation can cover others.

use apigw_spec::api::{Method, Operation};

/// A method and a path, with parts that stand for several texts.
#[derive(Debug)]
pub(super) struct Pattern(Vec<Atom>);

#[derive(Debug, Clone, Copy)]
enum Atom {
    /// This character.
    Char(char),
    /// One character.
    One(Class),
    /// Any number of characters, also none.
    Many(Class),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Class {
    Any,
    NoSlash,
}

impl Pattern {
    /// Returns the requests that a resource allows: `GET/orders/*`.
    pub(super) fn of_resource(method_and_path: &str) -> Self {
        let atoms = method_and_path.chars().map(|c| match c {
            '*' => Atom::Many(Class::Any),
            c => Atom::Char(c),
        });
        Self(atoms.collect())
    }

    /// Returns the requests that an operation accepts: a parameter is one segment, a greedy one is the rest of the path.
    pub(super) fn of_operation(operation: &Operation) -> Self {
        let mut atoms = match &operation.method {
            Method::One(method) => method.chars().map(Atom::Char).collect(),
            Method::Any => vec![Atom::Many(Class::NoSlash)],
        };
        let mut rest = operation.path.as_str();
        while let Some((before, parameter)) = rest.split_once('{') {
            let (name, after) = parameter.split_once('}').unwrap_or((parameter, ""));
            let class = match name.ends_with('+') {
                true => Class::Any,
                false => Class::NoSlash,
            };
            atoms.extend(before.chars().map(Atom::Char));
            atoms.extend([Atom::One(class), Atom::Many(class)]);
            rest = after;
        }
        atoms.extend(rest.chars().map(Atom::Char));
        Self(atoms)
    }

    /// Returns whether there is a text that matches both patterns.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.0, &other.0);
        let width = theirs.len() + 1;
        let mut seen = vec![false; (ours.len() + 1) * width];
        let mut waiting = vec![(0, 0)];
        while let Some((i, j)) = waiting.pop() {
            let Some(seen) = seen.get_mut(i * width + j) else {
                continue;
            };
            if std::mem::replace(seen, true) {
                continue;
            }
            match (ours.get(i), theirs.get(j)) {
                (None, None) => return true,
                (one, other) => {
                    if matches!(one, Some(Atom::Many(_))) {
                        waiting.push((i + 1, j));
                    }
                    if matches!(other, Some(Atom::Many(_))) {
                        waiting.push((i, j + 1));
                    }
                    if let (Some(one), Some(other)) = (one, other)
                        && one.shares_a_character_with(*other)
                    {
                        waiting.push((one.next(i), other.next(j)));
                    }
                }
            }
        }
        false
    }
}

impl Atom {
    fn shares_a_character_with(self, other: Self) -> bool {
        match (self, other) {
            (Self::Char(one), Self::Char(other)) => one == other,
            (Self::Char(c), Self::One(class) | Self::Many(class))
            | (Self::One(class) | Self::Many(class), Self::Char(c)) => {
                class == Class::Any || c != '/'
            }
            _ => true,
        }
    }

    /// Returns the position after a character of this atom.
    fn next(self, position: usize) -> usize {
        match self {
            Self::Many(_) => position,
            Self::Char(_) | Self::One(_) => position + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(resource: &str, template: &str) -> bool {
        let (method, path) = template.split_once(' ').unwrap();
        let operation = format!(
            "openapi: 3.0.1\ninfo: {{ title: t, version: '1' }}\npaths:\n  {path:?}: {{ {method}: {{ responses: {{}} }} }}\n"
        );
        let spec = apigw_spec::Spec::parse("a.yaml", operation.as_bytes()).unwrap();
        let api = apigw_spec::Api::read(&spec, &mut apigw_spec::Report::new());
        Pattern::of_resource(resource).overlaps(&Pattern::of_operation(&api.operations[0]))
    }

    #[test]
    fn a_star_matches_slashes_and_a_parameter_does_not() {
        for (resource, template, expected) in [
            ("GET/a/*", "get /a/{id}", true),
            ("GET/a/*", "get /a/{id}/b", true),
            ("GET/a/*", "get /a", false),
            ("GET/a/*", "post /a/{id}", false),
            ("*/a/*", "post /a/{id}", true),
            ("GET/a/b", "get /a/{id}", true),
            ("GET/a/b/c", "get /a/{id}", false),
            ("GET/a/b/c", "get /a/{path+}", true),
            ("GET/a/*/c", "get /a/{id}", false),
            ("GET/a/*/c", "get /a/{x}/{y}", true),
            ("GET/a/*/c", "get /a/b/d", false),
            ("GET/a/*/c", "get /a/{x}/b/{y}", true),
            ("GET/a/", "get /a/{id}", false),
        ] {
            assert_eq!(
                overlap(resource, template),
                expected,
                "{resource} {template}"
            );
        }
    }
}
