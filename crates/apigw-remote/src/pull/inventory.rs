//! Lists the APIs of an account in a Region.

use apigw_spec::aws::OriginKind;
use serde::Deserialize;

use super::control_plane::ControlPlane;
use super::error::Error;

/// The number of items per page. The maximum is 500.
const PAGE_SIZE: &str = "500";

/// A deployed API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// The kind of API.
    pub kind: OriginKind,
    /// The ID.
    pub id: String,
    /// The name, which is not necessarily unique.
    pub name: String,
    /// The names of the stages. Empty if the API was never deployed.
    pub stages: Vec<String>,
}

/// Lists the REST APIs and HTTP APIs of an account in a Region, with their stages.
///
/// WebSocket APIs are skipped, since API Gateway can't export them.
///
/// # Errors
///
/// Returns an [`Error`] if a request to the control plane fails.
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

/// Returns the APIs of one kind, without their stages.
pub(crate) async fn apis(plane: &ControlPlane, kind: OriginKind) -> Result<Vec<Deployed>, Error> {
    let (path, token, limit) = match kind {
        OriginKind::Rest => ("restapis", "position", "limit"),
        OriginKind::Http => ("apis", "nextToken", "maxResults"),
    };
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut query = vec![(limit, PAGE_SIZE)];
        query.extend(next.as_deref().map(|next| (token, next)));
        let page: Page<Api> = plane.json(kind, &[path], &query).await?;
        found.extend(
            page.items
                .into_iter()
                .filter_map(|api| api.into_deployed(kind)),
        );
        match page.next {
            None => return Ok(found),
            again if again == next => return Err(Error::Endless { what: "APIs" }),
            further => next = further,
        }
    }
}

/// Returns the stages of an API.
pub(crate) async fn stages(
    plane: &ControlPlane,
    kind: OriginKind,
    id: &str,
) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let (path, query) = match (kind, &next) {
            // not paginated, according to the API reference of GetStages
            (OriginKind::Rest, _) => (["restapis", id, "stages"], vec![]),
            (OriginKind::Http, None) => (["apis", id, "stages"], vec![("maxResults", PAGE_SIZE)]),
            (OriginKind::Http, Some(next)) => (
                ["apis", id, "stages"],
                vec![("maxResults", PAGE_SIZE), ("nextToken", next.as_str())],
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

/// A page of a list, for both kinds of API.
#[derive(Deserialize)]
struct Page<T> {
    // missing if the list is empty
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
    fn into_deployed(self, kind: OriginKind) -> Option<Deployed> {
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
