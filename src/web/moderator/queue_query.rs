//! Which responses the queue shows, as a query: every filter is an address that can be kept and sent.

use url::form_urlencoded;

use crate::store::entity::ids::{PostId, RuleId};
use crate::store::entity::response::ResponseState;
use crate::store::queue::{Cursor, Filter, Order};
use crate::web::form::Form;
use crate::web::moderator::names::{find_kind, find_state, kind_name, state_name};

/// A filter, an order and where the page begins.
#[derive(Clone, Debug)]
pub struct QueueQuery {
    pub filter: Filter,
    pub order: Order,
    pub after: Option<Cursor>,
}

/// The orders, in the order of their choices.
pub const ORDERS: [Order; 3] = [Order::Oldest, Order::HighestRisk, Order::Newest];

impl QueueQuery {
    /// Reads the fields of an address or a form; `None` where one has a value that does not exist.
    pub fn read(form: &Form) -> Option<Self> {
        let given = |name: &str| {
            form.find(name)
                .map(str::trim)
                .filter(|value| !value.is_empty())
        };
        let text = |name: &str| given(name).map(str::to_owned);
        let state = match given("state") {
            None => ResponseState::Pending,
            Some(name) => find_state(name)?,
        };
        let kind = match given("kind") {
            None => None,
            Some(name) => Some(find_kind(name)?),
        };
        let number = |name: &str| match given(name) {
            None => Some(None),
            Some(value) => value.parse::<i64>().ok().map(Some),
        };
        let order = match given("order") {
            None => default_order(state),
            Some(name) => ORDERS
                .into_iter()
                .find(|order| order_name(*order) == name)?,
        };
        let after = match given("after") {
            None => None,
            Some(cursor) => Some(cursor.parse().ok()?),
        };
        Some(Self {
            filter: Filter {
                state,
                kind,
                post: number("post")?.map(PostId),
                email: text("email").map(|email| email.to_lowercase()),
                ip: text("ip"),
                network: text("network"),
                name_key: text("name"),
                phrase: text("words"),
                // The name becomes part of a pattern that is looked for in JSON.
                check: text("check")
                    .filter(|check| check.chars().all(|c| c.is_alphanumeric() || c == '_')),
                rule: number("rule")?.map(RuleId),
                min_risk: number("min_risk")?,
                reported: form.has("reported"),
                appealed: form.has("appealed"),
                posts_of: None,
            },
            order,
            after,
        })
    }

    pub fn parse(query: &str) -> Option<Self> {
        Self::read(&Form::parse(query.as_bytes()))
    }

    /// The query of the same responses, from the first page.
    pub fn query(&self) -> String {
        let filter = &self.filter;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", state_name(filter.state));
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        };
        add("kind", filter.kind.map(|kind| kind_name(kind).to_owned()));
        add("post", filter.post.map(|post| post.to_string()));
        add("email", filter.email.clone());
        add("ip", filter.ip.clone());
        add("network", filter.network.clone());
        add("name", filter.name_key.clone());
        add("words", filter.phrase.clone());
        add("check", filter.check.clone());
        add("rule", filter.rule.map(|rule| rule.to_string()));
        add("min_risk", filter.min_risk.map(|risk| risk.to_string()));
        add("reported", filter.reported.then(|| "1".to_owned()));
        add("appealed", filter.appealed.then(|| "1".to_owned()));
        let order = (self.order != default_order(filter.state)).then(|| order_name(self.order));
        add("order", order.map(str::to_owned));
        query.finish()
    }

    /// The address of the same responses, from the first page.
    pub fn path(&self) -> String {
        format!("/queue/?{}", self.query())
    }
}

/// What waits longest comes first; elsewhere what is newest.
fn default_order(state: ResponseState) -> Order {
    match state {
        ResponseState::Pending => Order::Oldest,
        ResponseState::Approved | ResponseState::Spam | ResponseState::Trash => Order::Newest,
    }
}

/// The name of an order in addresses.
pub fn order_name(order: Order) -> &'static str {
    match order {
        Order::Oldest => "oldest",
        Order::Newest => "newest",
        Order::HighestRisk => "risk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_can_be_written_as_an_address_and_read_back() {
        let query = "state=spam&kind=pingback&post=3&email=a%40b.example&ip=192.0.2.1&network=192.0.2.0%2F24&name=ruth&words=cheap+pills&check=filter&rule=4&min_risk=500&reported=1&appealed=1&order=risk";
        assert_eq!(QueueQuery::parse(query).unwrap().query(), query);
        assert_eq!(QueueQuery::parse("").unwrap().query(), "state=pending");
    }

    #[test]
    fn values_that_do_not_exist_are_refused() {
        for wrong in [
            "state=unknown",
            "kind=unknown",
            "order=best",
            "after=x",
            "after=1.2",
            "post=x",
        ] {
            assert!(QueueQuery::parse(wrong).is_none(), "{wrong}");
        }
    }
}
