//! The operations of two clients: methods, builders and what they answer.

use std::collections::BTreeMap;

use super::comparison::{Comparison, Items, Names, goes_with_its_owner, owner};
use crate::compat::change::Effect;
use crate::compat::surface::{Public, Signature};

/// What belongs to one operation.
pub(crate) struct Operation {
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
pub(crate) fn split(items: Items, names: &Names) -> (BTreeMap<String, Operation>, Items) {
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

impl Comparison {
    pub(crate) fn operations(
        &mut self,
        old: &BTreeMap<String, Operation>,
        new: &BTreeMap<String, Operation>,
    ) {
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
