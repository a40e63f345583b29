//! Paging: two pages, and how the second one is requested.

use serde_json::{Value, json};

use super::sample::{Fill, Sampler, kind};
use super::spec::{Operation, Place, Spec};
use super::{Error, plain};

/// Two pages of one item each.
pub(super) struct Pages {
    pub(super) status: u16,
    pub(super) media_type: String,
    pub(super) pages: [Value; 2],
    pub(super) items: [Value; 2],
    /// The query parameter that requests the second page, and its value.
    pub(super) parameter: String,
    pub(super) value: String,
}

/// Suffixes of parameters and fields with a token.
const TOKENS: [&str; 4] = ["token", "cursor", "marker", "key"];

/// Returns two pages of an operation whose response has a list, and a token or a total.
pub(super) fn pages(spec: &Spec, operation: &Operation) -> Result<Pages, Error> {
    let success = operation.responses.get_key_value("200");
    let chosen = success.and_then(|(_, media)| media.chosen());
    let (media_type, schema) = chosen.ok_or("pages without a schema")?;
    let mut first = Sampler::new(spec, Fill::All).value(schema, "page");
    let is_list = |name: &str, value: &Value| value.is_array() && name != "errors";
    let list = find(&first, is_list).ok_or("pages without a list")?;

    let mut query = operation
        .parameters
        .iter()
        .filter(|p| p.place == Place::Query && !p.required);
    let is_token = |name: &str| TOKENS.iter().any(|word| plain(name).ends_with(word));
    let token = find(&first, |name, value| is_token(name) && value.is_string());
    let total = find(&first, |name, value| {
        plain(name).starts_with("total") && value.is_number()
    });
    let is_page = |name: &str| plain(name).starts_with("page");

    let mut second = first.clone();
    let asked = match (token, total) {
        (Some(token), _) => {
            let parameter = query
                .find(|p| is_token(&p.name))
                .ok_or("no parameter for the token")?;
            let value = at(&mut first, &token)
                .as_str()
                .unwrap_or_default()
                .to_owned();
            remove(&mut second, &token);
            (parameter.name.clone(), value)
        }
        (None, Some(total)) => {
            let is_number = |schema| kind(schema) == Some("integer");
            let parameter = query.find(|p| is_page(&p.name) && is_number(&p.schema));
            let parameter = parameter.ok_or("no parameter for the number of the page")?;
            for page in [&mut first, &mut second] {
                *at(page, &total) = json!(2);
            }
            (parameter.name.clone(), "2".to_owned())
        }
        (None, None) => return Err("pages without a token or a total".into()),
    };
    let item = at(&mut first, &list)[0].clone();
    let other = match &item {
        Value::String(text) => json!(format!("{text}2")),
        item => item.clone(),
    };
    *at(&mut second, &list) = json!([other]);
    Ok(Pages {
        status: 200,
        media_type: media_type.clone(),
        pages: [first, second],
        items: [item, other],
        parameter: asked.0,
        value: asked.1,
    })
}

/// Returns the path to a field of the page, or of an object in it.
fn find(page: &Value, is_it: impl Fn(&str, &Value) -> bool) -> Option<Vec<String>> {
    let page = page.as_object()?;
    let mut own = page.iter().filter(|(name, value)| is_it(name, value));
    if let Some((name, _)) = own.next() {
        return Some(vec![name.clone()]);
    }
    page.iter().find_map(|(outer, value)| {
        let mut inner = value.as_object()?.iter();
        let (name, _) = inner.find(|(name, value)| is_it(name, value))?;
        Some(vec![outer.clone(), name.clone()])
    })
}

fn at<'a>(page: &'a mut Value, way: &[String]) -> &'a mut Value {
    way.iter().fold(page, |value, name| &mut value[name])
}

fn remove(page: &mut Value, way: &[String]) {
    if let [outer @ .., name] = way
        && let Some(object) = at(page, outer).as_object_mut()
    {
        object.shift_remove(name);
    }
}
