//! What changes for the builds of callers: two public surfaces compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::changes::{Change, Effect, TypeChanges};
use super::surface::{Public, Signature, Surface};
use crate::render::Files;

/// Names of operations, by route.
type Names = BTreeMap<String, String>;

/// Public items, by path.
type Items = BTreeMap<String, Public>;

/// What changes for the builds of callers.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) changes: Vec<Change>,
    pub(super) types: TypeChanges,
}

/// Compares what callers can name in two crates.
pub(super) fn compare(old: &Files, new: &Files, before: &Names, after: &Names) -> Compared {
    let (Some(old_surface), Some(new_surface)) = (Surface::read(old), Surface::read(new)) else {
        return Compared {
            changes: vec![Change {
                effect: Effect::Alters,
                subject: "src".to_owned(),
                text: "cannot be read as Rust, so there was nothing to compare".to_owned(),
            }],
            types: TypeChanges::default(),
        };
    };
    let mut comparison = Comparison::default();
    comparison.manifests(old, new);
    let (old, old_rest) = split(old_surface.items, before);
    let (new, new_rest) = split(new_surface.items, after);
    comparison.operations(&old, &new);
    comparison.rest(&old_rest, &new_rest);
    Compared {
        types: types(&old_rest, &new_rest),
        changes: comparison.changes,
    }
}

/// Types that come, go, and are not as they were.
fn types(old: &Items, new: &Items) -> TypeChanges {
    let (before, after) = (by_type(old), by_type(new));
    let without = |all: &BTreeMap<&str, Vec<_>>, known: &BTreeMap<&str, Vec<_>>| {
        let names = all.keys().filter(|name| !known.contains_key(*name));
        names.map(|name| (*name).to_owned()).collect()
    };
    TypeChanges {
        added: without(&after, &before),
        removed: without(&before, &after),
        changed: before
            .iter()
            .filter(|(name, items)| after.get(*name).is_some_and(|now| now != *items))
            .map(|(name, _)| (*name).to_owned())
            .collect(),
    }
}

/// The items of every type of the API, by its name.
fn by_type(items: &Items) -> BTreeMap<&str, Vec<(&str, &Public)>> {
    let mut types: BTreeMap<&str, Vec<(&str, &Public)>> = BTreeMap::new();
    for (key, item) in items {
        let of = match item {
            Public::Type { .. } => Some(key.as_str()),
            _ => owner(key),
        };
        if let Some(name) = of.and_then(|of| of.strip_prefix("types::")) {
            types.entry(name).or_default().push((key, item));
        }
    }
    types
}

/// What belongs to one operation.
struct Operation {
    name: String,
    /// The builder's name in `operations`.
    builder: String,
    method: Signature,
    /// Everything of the builder and of what it answers by status, with [`BUILDER`] for the
    /// builder's name: a new name alone is no other difference.
    items: Items,
}

/// Stands for the name of any builder.
const BUILDER: &str = "…";

/// What may follow a builder's name in the names of what it answers.
const SUFFIXES: [&str; 3] = ["", "Response", "Error"];

/// What an awaited builder gives.
const SEND: &str = "operations::…::send()";

/// The operations by route, and all items that belong to none.
fn split(items: Items, names: &Names) -> (BTreeMap<String, Operation>, Items) {
    let routes: BTreeMap<&str, &str> = names
        .iter()
        .map(|(route, name)| (name.as_str(), route.as_str()))
        .collect();
    let mut operations = BTreeMap::new();
    let mut of_builder: BTreeMap<String, String> = BTreeMap::new();
    let mut rest = Items::new();
    for (key, item) in items {
        let called = key.split_once("Client::").map(|(_, called)| called);
        let name = called.and_then(|called| called.strip_suffix("()"));
        let route = name.and_then(|name| Some((name, *routes.get(name)?)));
        match (route, item) {
            (Some((name, route)), Public::Function(method))
                if method.output.starts_with("operations::") =>
            {
                let builder = method.output.trim_start_matches("operations::").to_owned();
                // `GetOrder` owns `GetOrderError`, but nothing of `GetOrders`
                for suffix in SUFFIXES {
                    let owned = format!("operations::{builder}{suffix}");
                    of_builder.insert(owned, route.to_owned());
                }
                let operation = Operation {
                    name: name.to_owned(),
                    builder,
                    method,
                    items: Items::new(),
                };
                operations.insert(route.to_owned(), operation);
            }
            (_, item) => {
                rest.insert(key, item);
            }
        }
    }
    // a builder's own name goes before what another one's name and a suffix make
    for (route, operation) in &operations {
        of_builder.insert(format!("operations::{}", operation.builder), route.clone());
    }
    let mut others = Items::new();
    for (key, item) in rest {
        let of = match item {
            Public::Type { .. } => Some(key.as_str()),
            _ => owner(&key),
        };
        let route = of.and_then(|of| of_builder.get(of));
        match route.and_then(|route| operations.get_mut(route)) {
            Some(operation) => {
                let builder = &operation.builder;
                let key = nameless(&key, builder);
                let item = item.map(|text| nameless(text, builder));
                operation.items.insert(key, item);
            }
            None => {
                others.insert(key, item);
            }
        }
    }
    (operations, others)
}

/// A text with [`BUILDER`] for the builder's name.
fn nameless(text: &str, builder: &str) -> String {
    let mut result = String::new();
    for part in text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_') {
        let word = part.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        match word.strip_prefix(builder) {
            Some(suffix) if SUFFIXES.contains(&suffix) => {
                result.push_str(BUILDER);
                result.push_str(&part[builder.len()..]);
            }
            _ => result.push_str(part),
        }
    }
    result
}

#[derive(Default)]
struct Comparison {
    changes: Vec<Change>,
}

impl Comparison {
    fn say(&mut self, effect: Effect, subject: &str, text: impl Into<String>) {
        self.changes.push(Change {
            effect,
            subject: subject.to_owned(),
            text: text.into(),
        });
    }

    fn breaks(&mut self, subject: &str, text: impl Into<String>) {
        self.say(Effect::BreaksBuild, subject, text);
    }

    /// The package's name and features, which callers write in their own manifests.
    fn manifests(&mut self, old: &Files, new: &Files) {
        let read = |files: &Files| -> Option<toml::Table> {
            files.get(Path::new("Cargo.toml"))?.parse().ok()
        };
        let (Some(old), Some(new)) = (read(old), read(new)) else {
            return;
        };
        let name = |table: &toml::Table| -> Option<String> {
            Some(table.get("package")?.get("name")?.as_str()?.to_owned())
        };
        if let (Some(old), Some(new)) = (name(&old), name(&new))
            && old != new
        {
            self.breaks(
                &old,
                format!("the package is now {new}; depend on it by that name"),
            );
        }
        let features = |table: &toml::Table| -> BTreeSet<String> {
            let features = table.get("features").and_then(toml::Value::as_table);
            let names = features.into_iter().flat_map(|table| table.keys());
            names.map(|name| format!("feature {name}")).collect()
        };
        let (old, new) = (features(&old), features(&new));
        for gone in old.difference(&new) {
            self.breaks(gone, "gone; do not ask for it");
        }
        for added in new.difference(&old) {
            self.say(Effect::Adds, added, "");
        }
    }

    fn operations(&mut self, old: &BTreeMap<String, Operation>, new: &BTreeMap<String, Operation>) {
        let named = |operations: &'_ BTreeMap<String, Operation>, name: &str| {
            operations.values().any(|operation| operation.name == name)
        };
        for (route, operation) in new {
            if let Some(before) = old.get(route) {
                self.operation(route, before, operation);
                continue;
            }
            // a name that stays while its route goes has only moved
            let from = old
                .iter()
                .find(|(route, old)| old.name == operation.name && !new.contains_key(*route));
            match from {
                Some((from, before)) => {
                    let text = format!("{}(), which was {from}", operation.name);
                    self.say(Effect::Alters, route, text);
                    self.operation(route, before, operation);
                }
                None => self.say(Effect::Adds, route, format!("{}()", operation.name)),
            }
        }
        for (route, operation) in old {
            if !new.contains_key(route) && !named(new, &operation.name) {
                let text = format!("{}() is gone; remove its calls", operation.name);
                self.breaks(route, text);
            }
        }
    }

    /// One operation that both crates have.
    fn operation(&mut self, route: &str, old: &Operation, new: &Operation) {
        let name = &new.name;
        if old.name != *name {
            let text = format!("{}() is now {name}(); call it by that name", old.name);
            self.breaks(route, text);
        }
        if old.method.types() != new.method.types() {
            let (takes, took) = (new.method.written(), old.method.written());
            self.breaks(
                route,
                format!("{name}() takes {takes}, took {took}; give it that"),
            );
        }
        let is_told = self.answer(route, old, new);
        for (key, before) in &old.items {
            let what = key
                .replace("operations::…", &format!("{name}()"))
                .replace("()::", "().");
            match new.items.get(key) {
                _ if is_told && tells_answer(key) => {}
                None if goes_with_its_owner(key, &old.items, &new.items) => {}
                None => {
                    let setter = key.strip_prefix("operations::…::").unwrap_or_default();
                    // what became an argument was told with the arguments
                    if !new.method.takes(setter.trim_end_matches("()")) {
                        self.breaks(route, format!("{what} is gone; remove its uses"));
                    }
                }
                Some(after) if !after.serves_as(before) => {
                    let text = match (before, after) {
                        (Public::Function(before), Public::Function(after))
                            if before.output == after.output =>
                        {
                            let (takes, took) = (after.written(), before.written());
                            format!("{what} takes {takes}, took {took}; give it that")
                        }
                        _ => format!("{what} is {after}, was {before}; use it as that"),
                    };
                    self.breaks(route, text);
                }
                Some(_) => {}
            }
        }
        for (key, after) in &new.items {
            let is_new = !old.items.contains_key(key)
                && !goes_with_its_owner(key, &new.items, &old.items)
                && !matches!(after, Public::Implementation(_));
            if is_new && !(is_told && tells_answer(key)) {
                let what = key
                    .replace("operations::…", &format!("{name}()"))
                    .replace("()::", "().");
                self.say(Effect::Adds, route, what);
            }
        }
    }

    /// Tells what comes back and what refuses, where these have other types; whether any has.
    fn answer(&mut self, route: &str, old: &Operation, new: &Operation) -> bool {
        let output = |operation: &Operation| match operation.items.get(SEND) {
            Some(Public::Function(send)) => send.output.clone(),
            _ => String::new(),
        };
        let (before, after) = (output(old), output(new));
        if before == after {
            return false;
        }
        let ((ok, error), (was_ok, was_error)) = (sides(&after), sides(&before));
        let named = |side: &str, of: &Operation| side.replace(BUILDER, &of.builder);
        for (verb, is, was, remedy) in [
            ("gives", ok, was_ok, "read it as that"),
            ("is refused with", error, was_error, "match it as that"),
        ] {
            if is != was {
                let (is, was) = (named(is, new), named(was, old));
                let text = format!("{}() {verb} {is}, was {was}; {remedy}", new.name);
                self.breaks(route, text);
            }
        }
        true
    }

    /// What belongs to no operation: types, the client's own methods, re-exports.
    fn rest(&mut self, old: &Items, new: &Items) {
        let fields = old
            .iter()
            .filter(|(_, item)| matches!(item, Public::Field(_)))
            .filter(|(key, before)| new.get(*key) != Some(before))
            .map(|(key, _)| key.as_str())
            .collect();
        for (key, before) in old {
            match new.get(key) {
                None if goes_with_its_owner(key, old, new) => {}
                None => self.lost(key, before, &fields, old, new),
                Some(after) if !after.serves_as(before) => {
                    self.changed(key, before, after, &fields);
                }
                Some(_) => {}
            }
        }
        for (key, after) in new {
            if !old.contains_key(key) && !goes_with_its_owner(key, new, old) {
                self.added(key, after, old, new);
            }
        }
    }

    fn lost(
        &mut self,
        key: &str,
        before: &Public,
        fields: &BTreeSet<&str>,
        old: &Items,
        new: &Items,
    ) {
        let owner = owner(key).unwrap_or_default();
        let remedy = match before {
            Public::Variant(_) if old.contains_key(&format!("{owner}::Unknown")) => {
                "use Unknown(…) in its place"
            }
            // the field tells, or `new` does
            Public::Function(_)
                if field_of(key).is_some_and(|field| fields.contains(field.as_str()))
                    || is_argument(key, new.get(&format!("{owner}::new()"))) =>
            {
                return;
            }
            Public::Implementation(_) => "do without it",
            _ => "remove its uses",
        };
        self.breaks(key, format!("gone; {remedy}"));
    }

    fn changed(&mut self, key: &str, before: &Public, after: &Public, fields: &BTreeSet<&str>) {
        let text = match (before, after) {
            (Public::Type { .. }, Public::Type { .. }) => {
                "may gain more from now on; build it with new(), match it with `_`".to_owned()
            }
            (Public::Function(before), Public::Function(after)) => {
                if field_of(key).is_some_and(|field| fields.contains(field.as_str()))
                    || follows_fields(key, before, after, fields)
                {
                    return;
                }
                let (takes, took) = (after.written(), before.written());
                match before.output == after.output {
                    true => format!("takes {takes}, took {took}; give it that"),
                    false => format!(
                        "gives {}, was {}; use it as that",
                        after.output, before.output
                    ),
                }
            }
            _ => format!("{after}, was {before}; use it as that"),
        };
        self.breaks(key, text);
    }

    fn added(&mut self, key: &str, after: &Public, old: &Items, new: &Items) {
        let owner = owner(key).and_then(|owner| old.get(owner));
        let is_closed = matches!(owner, Some(Public::Type { closed: true }));
        match after {
            Public::Field(_) | Public::Variant(_) if is_closed => {
                self.breaks(key, "new; name it where you build or match its type");
            }
            // callers gain nothing that they could not do, or the field tells
            Public::Implementation(_) => {}
            Public::Function(_) if field_of(key).is_some_and(|field| new.contains_key(&field)) => {}
            Public::Field(of) => self.say(Effect::Adds, key, of.clone()),
            _ => self.say(Effect::Adds, key, ""),
        }
    }
}

impl Public {
    /// The same with every text replaced.
    fn map(self, replace: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Type { closed } => Self::Type { closed },
            Self::Field(of) => Self::Field(replace(&of)),
            Self::Variant(of) => Self::Variant(replace(&of)),
            Self::Implementation(of) => Self::Implementation(replace(&of)),
            Self::Name(of) => Self::Name(replace(&of)),
            Self::Function(signature) => Self::Function(Signature {
                receiver: signature.receiver,
                arguments: signature
                    .arguments
                    .iter()
                    .map(|(name, of)| (name.clone(), replace(of)))
                    .collect(),
                output: replace(&signature.output),
            }),
        }
    }

    /// Whether code written for `before` compiles with this.
    fn serves_as(&self, before: &Self) -> bool {
        match (before, self) {
            (Self::Type { closed: before }, Self::Type { closed: after }) => !before || *after,
            (Self::Function(before), Self::Function(after)) => {
                // arguments have no names for callers
                before.receiver == after.receiver
                    && before.types() == after.types()
                    && before.output == after.output
            }
            (before, after) => before == after,
        }
    }
}

impl std::fmt::Display for Public {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Type { .. } => f.write_str("a type"),
            Self::Variant(of) | Self::Implementation(of) if of.is_empty() => f.write_str("empty"),
            Self::Field(of) | Self::Name(of) | Self::Implementation(of) | Self::Variant(of) => {
                f.write_str(of)
            }
            Self::Function(signature) => {
                write!(f, "fn{} -> {}", signature.written(), signature.output)
            }
        }
    }
}

impl Signature {
    fn types(&self) -> Vec<&str> {
        self.arguments.iter().map(|(_, of)| of.as_str()).collect()
    }

    fn takes(&self, argument: &str) -> bool {
        self.arguments.iter().any(|(name, _)| name == argument)
    }

    fn written(&self) -> String {
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .map(|(name, of)| format!("{name}: {of}"))
            .collect();
        format!("({})", arguments.join(", "))
    }
}

/// What holds an item: `types::Order` for `types::Order.total`, `types::Order::new()` and
/// `Default for types::Order`.
fn owner(key: &str) -> Option<&str> {
    if let Some((_, owner)) = key.split_once(" for ") {
        return Some(owner);
    }
    let end = key.rfind('.').or_else(|| key.rfind("::"))?;
    key.get(..end)
}

/// Whether an item comes or goes only because what holds it does.
fn goes_with_its_owner(key: &str, here: &Items, there: &Items) -> bool {
    owner(key).is_some_and(|owner| here.contains_key(owner) && !there.contains_key(owner))
}

/// Whether an item of a builder tells what the operation answers.
fn tells_answer(key: &str) -> bool {
    key.contains("…Response")
        || key.contains("…Error")
        || key.starts_with("IntoFuture for")
        || [SEND, "operations::…::pages()", "operations::…::stream()"].contains(&key)
}

/// The types of both sides of `async Result<ResponseValue<…>, Error<…>>`.
fn sides(output: &str) -> (&str, &str) {
    let inner = output
        .strip_prefix("async Result<ResponseValue<")
        .and_then(|rest| rest.strip_suffix('>'));
    let Some((ok, error)) = inner.and_then(|inner| inner.split_once(">, Error")) else {
        return (output, "");
    };
    let error = error
        .strip_prefix('<')
        .and_then(|error| error.strip_suffix('>'));
    (ok, error.unwrap_or("a body that is not documented"))
}

/// `types::Order.note` for `types::Order::note()` and `types::Order::set_note()`.
fn field_of(setter: &str) -> Option<String> {
    let (owner, method) = setter.rsplit_once("::")?;
    let field = method.strip_suffix("()")?;
    let field = field.strip_prefix("set_").unwrap_or(field);
    Some(format!("{owner}.{field}"))
}

/// Whether the field of a setter is an argument of the constructor.
fn is_argument(setter: &str, constructor: Option<&Public>) -> bool {
    let field = setter.rsplit("::").next().unwrap_or_default();
    matches!(constructor, Some(Public::Function(new)) if new.takes(field.trim_end_matches("()")))
}

/// Whether a constructor differs only where its fields do, which tell.
fn follows_fields(
    key: &str,
    before: &Signature,
    after: &Signature,
    fields: &BTreeSet<&str>,
) -> bool {
    let Some(owner) = key.strip_suffix("::new()") else {
        return false;
    };
    let same = |((name, of), (was_name, was)): (&(String, String), &(String, String))| {
        name == was_name && (of == was || fields.contains(format!("{owner}.{name}").as_str()))
    };
    before.arguments.len() == after.arguments.len()
        && after.arguments.iter().zip(&before.arguments).all(same)
}
