//! Compares the operations of two clients: methods, builders, responses and errors.

use std::collections::BTreeMap;

use super::comparison::{Comparison, Items, Names, follows_its_owner, owner};
use crate::compat::change::Effect;
use crate::compat::surface::{Public, Signature};
use apigw_spec::names;

/// The items that belong to one operation.
pub(crate) struct Operation {
    name: String,
    /// The builder's name in `operations`.
    builder: String,
    method: Signature,
    /// The items of the builder and of its response and error enums, with [`BUILDER`] in place
    /// of the builder's name, so that a rename alone is not a difference.
    items: Items,
}

impl Operation {
    /// Returns `true` if calls of the old method still pass each argument as what it was.
    fn method_serves(&self, old: &Self, route: &str) -> bool {
        // a path parameter is given by its place, whatever its name
        let in_path = path_parameters(route);
        let is_renamed = |(was, now): &(&str, &str)| {
            in_path.iter().any(|name| name == now)
                && !self.method.takes(was)
                && !old.method.takes(now)
        };
        self.method.accepts(&old.method) && self.method.mistaken(&old.method).iter().all(is_renamed)
    }
}

/// Returns the Rust names of the parameters in the path of a route.
fn path_parameters(route: &str) -> Vec<String> {
    let parts = route.split('{').skip(1);
    let names = parts.filter_map(|part| part.split_once('}'));
    names
        .map(|(name, _)| names::snake(name.trim_end_matches('+'), "value"))
        .collect()
}

/// Stands for the name of the builder.
const BUILDER: &str = "…";

/// The suffixes of an operation's types after the builder's name.
const SUFFIXES: [&str; 3] = ["", "Response", "Error"];

/// The item whose output is the result of the operation.
const SEND: &str = "operations::…::send()";

/// Splits items into operations, by route, and items that belong to no operation.
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
                // `GetOrder` owns `GetOrderError`, but no item of `GetOrders`
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
    // a builder's own name wins over another builder's name plus a suffix
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

/// Replaces the builder's name with [`BUILDER`].
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
            // the same name on a new route, with the old route removed: the operation moved
            let from = old
                .iter()
                .find(|(route, old)| old.name == operation.name && !new.contains_key(*route));
            match from {
                Some((from, before)) => {
                    let text = format!("`{}()`, moved from {from}", operation.name);
                    self.record(Effect::Alters, route, text);
                    self.operation(route, before, operation);
                }
                None => self.record(Effect::Adds, route, format!("`{}()`", operation.name)),
            }
        }
        for (route, operation) in old {
            if !new.contains_key(route) && !named(new, &operation.name) {
                let text = format!("`{}()` was removed", operation.name);
                self.breaks(route, text);
            }
        }
    }

    /// Compares an operation that both crates have.
    fn operation(&mut self, route: &str, old: &Operation, new: &Operation) {
        let name = &new.name;
        if old.name != *name {
            let text = format!("`{}()` was renamed to `{name}()`", old.name);
            self.breaks(route, text);
        }
        if !new.method_serves(old, route) {
            let changed = new.method.arguments_changed(&old.method);
            self.breaks(route, format!("`{name}()` {changed}"));
        }
        let is_reported = self.result(route, old, new);
        for (key, before) in &old.items {
            let what = key
                .replace("operations::…", &format!("{name}()"))
                .replace("()::", "().");
            match new.items.get(key) {
                _ if is_reported && is_result(key) => {}
                None if follows_its_owner(key, &old.items, &new.items) => {}
                None => {
                    let setter = key.strip_prefix("operations::…::").unwrap_or_default();
                    // a setter that became an argument is reported with the arguments
                    if !new.method.takes(setter.trim_end_matches("()")) {
                        self.breaks(route, format!("`{what}` was removed"));
                    }
                }
                Some(after) if !after.serves_as(before) => {
                    let text = match (before, after) {
                        (Public::Function(before), Public::Function(after))
                            if before.output == after.output =>
                        {
                            format!("`{what}` {}", after.arguments_changed(before))
                        }
                        _ => format!("`{what}` changed from `{before}` to `{after}`"),
                    };
                    self.breaks(route, text);
                }
                Some(_) => {}
            }
        }
        for (key, after) in &new.items {
            let is_new = !old.items.contains_key(key)
                && !follows_its_owner(key, &new.items, &old.items)
                && !matches!(after, Public::Implementation(_));
            if is_new && !(is_reported && is_result(key)) {
                let what = key
                    .replace("operations::…", &format!("{name}()"))
                    .replace("()::", "().");
                self.record(Effect::Adds, route, format!("`{what}`"));
            }
        }
    }

    /// Reports a change of the success or error type; returns whether there was one.
    fn result(&mut self, route: &str, old: &Operation, new: &Operation) -> bool {
        let output = |operation: &Operation| match operation.items.get(SEND) {
            Some(Public::Function(send)) => send.output.clone(),
            _ => String::new(),
        };
        let (before, after) = (output(old), output(new));
        if before == after {
            return false;
        }
        let ((ok, error), (was_ok, was_error)) = (sides(&after), sides(&before));
        let named = |side: &str, of: &Operation| match side {
            "" => "an undocumented body".to_owned(),
            side => format!("`{}`", side.replace(BUILDER, &of.builder)),
        };
        for (verb, is, was) in [("returns", ok, was_ok), ("fails with", error, was_error)] {
            if is != was {
                let (is, was) = (named(is, new), named(was, old));
                let text = format!("`{}()` now {verb} {is} instead of {was}", new.name);
                self.breaks(route, text);
            }
        }
        true
    }
}

/// Returns `true` for an item of a builder that is part of the result of the operation.
fn is_result(key: &str) -> bool {
    key.contains("…Response")
        || key.contains("…Error")
        || key.starts_with("IntoFuture for")
        || [SEND, "operations::…::pages()", "operations::…::stream()"].contains(&key)
}

/// Returns the success and error types of `async Result<ResponseValue<…>, Error<…>>`.
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
    (ok, error.unwrap_or_default())
}
