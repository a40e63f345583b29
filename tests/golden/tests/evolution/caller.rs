// Code written for the first version of the API; it must compile and do the same with the second.
// `Client`, `operations` and `types` are those of either version.

use apigw_runtime::{Error, ResponseValue};

/// Names the types in the signatures of callers.
async fn orders(call: operations::GetOrders) -> Result<ResponseValue<Vec<types::Order>>, Error> {
    call.await
}

/// Builds a body from its required fields, and with a setter.
fn new_order() -> types::NewOrder {
    let plain = types::NewOrder::new("engine/1");
    plain.note("ring twice")
}

/// Reads fields by name, ignoring unknown ones.
fn line(order: &types::Order) -> String {
    let types::Order { id, status, .. } = order;
    let status = match status {
        types::Status::Open => "still open",
        types::Status::Shipped => "on its way",
        other => other.as_str(),
    };
    format!("{id} {status}")
}

/// Distinguishes errors by their documented body, and by status.
fn problem(error: &Error<types::Problem>) -> String {
    let status = error.status().map(|status| status.as_u16());
    match error.body() {
        Some(types::Problem { message, .. }) => format!("{status:?} {message}"),
        None => format!("{status:?} {:?}", error.kind()),
    }
}

/// Calls every operation, and returns the results.
pub(crate) async fn call(client: &Client) -> Vec<String> {
    let mut results = Vec::new();
    match orders(client.get_orders().limit(10)).await {
        Ok(orders) => results.extend(orders.iter().map(line)),
        Err(error) => results.push(error.to_string()),
    }
    match client.create_order(&new_order()).await {
        Ok(order) => results.push(line(&order)),
        Err(error) => results.push(problem(&error)),
    }
    match client.get_order("o-404").send().await {
        Ok(order) => results.push(line(&order)),
        Err(error) => results.push(problem(&error)),
    }
    results
}
