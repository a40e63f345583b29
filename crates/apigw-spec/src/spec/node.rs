//! A tree of values with their positions in the text.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::{
    DuplicateKeyPolicy, Location, NonFiniteFloatPolicy, Options, Spanned, Tagged, alias_limits,
    budget, options,
};
use std::fmt;
use std::marker::PhantomData;
use std::{io, thread};

use crate::Report;
use crate::diagnostic::Position;
use crate::pointer;

/// The maximum nesting: the limit of serde_json, also used for YAML. Real exports have fewer than
/// 20 levels.
const MAX_DEPTH: usize = 127;

/// The stack size for parsing YAML. Unoptimised builds use about 50 KiB per level, so that the
/// 2 MiB of a test thread suffice for only 40 levels.
const STACK_BYTES: usize = 64 << 20;

/// A value with its position and its YAML tag.
///
/// Positions are only known if the tree was parsed as YAML.
#[derive(Debug)]
pub(super) struct Node {
    content: Content,
    at: Position,
    tag: Option<String>,
}

#[derive(Debug)]
enum Content {
    Scalar(Value),
    List(Vec<Node>),
    /// The entries in the text, possibly with duplicate keys.
    Map(Vec<Entry>),
}

#[derive(Debug)]
struct Entry {
    key: String,
    at: Position,
    value: Node,
}

impl Node {
    /// Parses JSON.
    pub(super) fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Json::node)
    }

    /// Parses YAML, which includes JSON.
    pub(super) fn from_yaml(text: &str) -> Result<Self, serde_saphyr::Error> {
        on_large_stack(|| serde_saphyr::from_str_with_options(text, yaml_options()).map(Yaml::node))
            .unwrap_or_else(|error| Err(serde::de::Error::custom(error)))
    }

    /// Returns the position of the value at `path`, or of its nearest existing parent. For a value
    /// in an object, this is the position of its key.
    pub(super) fn position<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Position {
        let mut node = self;
        let mut position = self.at;
        for segment in path {
            match &node.content {
                Content::Map(entries) => {
                    // of duplicate keys, the last is used
                    let Some(entry) = entries.iter().rev().find(|entry| entry.key == segment)
                    else {
                        break;
                    };
                    position = entry.at;
                    node = &entry.value;
                }
                Content::List(items) => {
                    let Some(item) = segment.parse::<usize>().ok().and_then(|i| items.get(i))
                    else {
                        break;
                    };
                    position = item.at;
                    node = item;
                }
                Content::Scalar(_) => break,
            }
        }
        position
    }

    /// Converts the tree to a JSON value. Duplicate keys and unknown YAML tags are reported.
    pub(super) fn into_value(self, report: &mut Report) -> Value {
        self.value_at("", report)
    }

    fn value_at(self, place: &str, report: &mut Report) -> Value {
        let value = match self.content {
            Content::Scalar(value) => value,
            Content::List(items) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| item.value_at(&pointer::index(place, index), report))
                .collect(),
            Content::Map(entries) => {
                let mut map = Map::new();
                for Entry { key, value, .. } in entries {
                    let place = pointer::child(place, &key);
                    let value = value.value_at(&place, report);
                    if map.contains_key(&key) {
                        report.add(
                            "duplicate-key",
                            place,
                            format!("duplicate key `{key}`"),
                            "kept the last",
                        );
                    }
                    map.insert(key, value);
                }
                Value::Object(map)
            }
        };
        match self.tag {
            Some(tag) => untag(&tag, value, place, report),
            None => value,
        }
    }
}

/// Intrinsic functions whose long form starts with `Fn::` (CloudFormation user guide, "Intrinsic
/// function reference"). `!Ref` and `!Condition` have no such prefix.
const INTRINSICS: [&str; 17] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
];

/// Replaces a CloudFormation tag by its long form: `!Sub x` becomes `{"Fn::Sub": "x"}`.
fn untag(tag: &str, value: Value, place: &str, report: &mut Report) -> Value {
    let Some(name) = tag.strip_prefix('!') else {
        // the parser has already applied tags of YAML itself, `tag:yaml.org,2002:…`
        return value;
    };
    let function = match name {
        "Ref" | "Condition" => name.to_owned(),
        _ if INTRINSICS.contains(&name) || name == "Transform" => format!("Fn::{name}"),
        _ => {
            report.add(
                "unknown-tag",
                place,
                format!("unknown YAML tag `{tag}`"),
                "ignored",
            );
            return value;
        }
    };
    let value = match value {
        // the short form joins the two parts by a dot
        Value::String(text) if name == "GetAtt" => text.splitn(2, '.').map(Value::from).collect(),
        other => other,
    };
    Value::Object(Map::from_iter([(function, value)]))
}

fn on_large_stack<T: Send>(read: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let reader = thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, read)?;
        reader
            .join()
            .map_err(|_| io::Error::other("the YAML parser panicked"))
    })
}

fn yaml_options() -> Options {
    options! {
        budget: budget! {
            max_depth: MAX_DEPTH,
            // exports can be large; the expansion of aliases is limited below
            max_events: 20_000_000,
            max_nodes: 10_000_000,
            simple_key_max_lookahead: 65_536,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: alias_limits! {
            max_total_replayed_events: 200_000,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    }
}

impl From<Location> for Position {
    fn from(location: Location) -> Self {
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Self {
            line: number(location.line()),
            column: number(location.column()),
        }
    }
}

/// A deserialized value or key of a syntax. Only the YAML parser provides positions.
trait Form<'de>: Deserialize<'de> {
    type Key: Deserialize<'de>;

    fn node(self) -> Node;
    fn key(key: Self::Key) -> (String, Position);
}

const UNKNOWN: Position = Position { line: 0, column: 0 };

/// A value parsed by serde_json.
struct Json(Node);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Node {
            content: deserializer.deserialize_any(ContentVisitor::<Self>::new())?,
            at: UNKNOWN,
            tag: None,
        }))
    }
}

impl<'de> Form<'de> for Json {
    type Key = String;

    fn node(self) -> Node {
        self.0
    }

    fn key(key: String) -> (String, Position) {
        (key, UNKNOWN)
    }
}

/// A value parsed by serde-saphyr.
struct Yaml(Node);

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(spanned, tag) = Tagged::<Spanned<YamlContent>>::deserialize(deserializer)?;
        Ok(Self(Node {
            content: spanned.value.0,
            at: spanned.defined.into(),
            tag,
        }))
    }
}

impl<'de> Form<'de> for Yaml {
    // as strings, so that the status code 200 and the key `on` are unchanged
    type Key = Spanned<String>;

    fn node(self) -> Node {
        self.0
    }

    fn key(key: Spanned<String>) -> (String, Position) {
        (key.value, key.defined.into())
    }
}

struct YamlContent(Content);

impl<'de> Deserialize<'de> for YamlContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(ContentVisitor::<Yaml>::new())
            .map(Self)
    }
}

struct ContentVisitor<F>(PhantomData<F>);

impl<F> ContentVisitor<F> {
    fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, F: Form<'de>> Visitor<'de> for ContentVisitor<F> {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<F>()? {
            items.push(item.node());
        }
        Ok(Content::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<F::Key, F>()? {
            let (key, at) = F::key(key);
            let value = value.node();
            entries.push(Entry { key, at, value });
        }
        Ok(Content::Map(entries))
    }
}
