// What somebody wrote against the first version of the API; it must compile and do the same
// against the second. `Client`, `operations` and `types` are those of either.

use apigw_runtime::{Error, ResponseValue};

/// Names the types that functions of callers pass on.
async fn orders(call: operations::GetOrders) -> Result<ResponseValue<Vec<types::Order>>, Error> {
    call.await
}

/// Builds a body from what the service demands, and with a setter.
fn new_order() -> types::NewOrder {
    let plain = types::NewOrder::new("engine/1");
    plain.note("ring twice")
}

/// Reads fields by name, with what is not known left out.
fn line(order: &types::Order) -> String {
    let types::Order { id, status, .. } = order;
    let status = match status {
        types::Status::Open => "still open",
        types::Status::Shipped => "on its way",
        other => other.as_str(),
    };
    format!("{id} {status}")
}

/// Tells errors apart by what the document says of them, and by status.
fn problem(error: &Error<types::Problem>) -> String {
    let status = error.status().map(|status| status.as_u16());
    match error.body() {
        Some(types::Problem { message, .. }) => format!("{status:?} {message}"),
        None => format!("{status:?} {:?}", error.kind()),
    }
}

/// Uses every operation, and tells what came of it.
pub(crate) async fn call(client: &Client) -> Vec<String> {
    let mut told = Vec::new();
    match orders(client.get_orders().limit(10)).await {
        Ok(orders) => told.extend(orders.iter().map(line)),
        Err(error) => told.push(error.to_string()),
    }
    match client.create_order(&new_order()).await {
        Ok(order) => told.push(line(&order)),
        Err(error) => told.push(problem(&error)),
    }
    match client.get_order("o-404").send().await {
        Ok(order) => told.push(line(&order)),
        Err(error) => told.push(problem(&error)),
    }
    told
}
