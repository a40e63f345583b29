//! What an account has in a region.

use apigw_spec::aws::OriginKind;
use serde::Deserialize;

use super::control_plane::ControlPlane;
use super::error::Error;

/// Items of a page; API Gateway gives at most 500.
const PAGE: &str = "500";

/// An API of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// The product it belongs to.
    pub kind: OriginKind,
    /// Its id.
    pub id: String,
    /// Its name; several APIs may have the same.
    pub name: String,
    /// The names of its stages; an API that was never deployed has none.
    pub stages: Vec<String>,
}

/// Lists the REST APIs and HTTP APIs of an account in a region, with their stages. WebSocket
/// APIs are left out: API Gateway does not export them.
///
/// # Errors
///
/// Every [`Error`] of the control plane.
pub async fn inventory(plane: &ControlPlane) -> Result<Vec<Deployed>, Error> {
    let mut deployed = Vec::new();
    for kind in [OriginKind::Rest, OriginKind::Http] {
        for mut api in apis(plane, kind).await? {
            api.stages = stages(plane, kind, &api.id).await?;
            deployed.push(api);
        }
    }
    Ok(deployed)
}

/// The APIs of one kind, without their stages.
pub(crate) async fn apis(plane: &ControlPlane, kind: OriginKind) -> Result<Vec<Deployed>, Error> {
    let (path, token, limit) = match kind {
        OriginKind::Rest => ("restapis", "position", "limit"),
        OriginKind::Http => ("apis", "nextToken", "maxResults"),
    };
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut query = vec![(limit, PAGE)];
        query.extend(next.as_deref().map(|next| (token, next)));
        let page: Page<Api> = plane.json(kind, &[path], &query).await?;
        found.extend(page.items.into_iter().filter_map(|api| api.of(kind)));
        match page.next {
            None => return Ok(found),
            again if again == next => return Err(Error::Endless { what: "APIs" }),
            further => next = further,
        }
    }
}

/// The stages of an API.
pub(crate) async fn stages(
    plane: &ControlPlane,
    kind: OriginKind,
    id: &str,
) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let (path, query) = match (kind, &next) {
            // all in one answer, by the API reference of GetStages
            (OriginKind::Rest, _) => (["restapis", id, "stages"], vec![]),
            (OriginKind::Http, None) => (["apis", id, "stages"], vec![("maxResults", PAGE)]),
            (OriginKind::Http, Some(next)) => (
                ["apis", id, "stages"],
                vec![("maxResults", PAGE), ("nextToken", next.as_str())],
            ),
        };
        let page: Page<Stage> = plane.json(kind, &path, &query).await?;
        found.extend(page.items.into_iter().map(|stage| stage.stage_name));
        match page.next {
            None => return Ok(found),
            again if again == next => return Err(Error::Endless { what: "stages" }),
            further => next = further,
        }
    }
}

/// A page, as either kind of API writes it.
#[derive(Deserialize)]
struct Page<T> {
    // an empty list may be left out
    #[serde(alias = "item", default = "Vec::new")]
    items: Vec<T>,
    #[serde(alias = "position", rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Api {
    #[serde(alias = "apiId")]
    id: String,
    #[serde(default)]
    name: String,
    protocol_type: Option<String>,
}

impl Api {
    fn of(self, kind: OriginKind) -> Option<Deployed> {
        let exportable = self.protocol_type.is_none_or(|protocol| protocol == "HTTP");
        exportable.then_some(Deployed {
            kind,
            id: self.id,
            name: self.name,
            stages: Vec::new(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stage {
    stage_name: String,
}
