//! Which responses the queue shows, as an address: every filter is a link that can be kept and sent.

use url::form_urlencoded;

use crate::store::entity::ids::{PostId, ResponseId, RuleId};
use crate::store::entity::response::{ResponseKind, ResponseState};
use crate::store::queue::{Filter, From, Order};
use crate::web::form::Form;
use crate::web::moderator::words::{kind_name, state_name, state_named};

/// The kinds that can be asked for.
pub const KINDS: [ResponseKind; 4] = [
    ResponseKind::Comment,
    ResponseKind::Pingback,
    ResponseKind::Trackback,
    ResponseKind::Webmention,
];

/// What the queue shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Which responses.
    pub filter: Filter,
    /// Which comes first.
    pub order: Order,
    /// Where the page begins.
    pub from: From,
}

impl Shown {
    /// Reads the fields of an address or a form; None where they name what there is not.
    pub fn read(form: &Form) -> Option<Self> {
        let given = |name: &str| {
            form.find(name)
                .map(str::trim)
                .filter(|value| !value.is_empty())
        };
        let text = |name: &str| given(name).map(str::to_owned);
        let state = match given("state") {
            None => ResponseState::Pending,
            Some(name) => state_named(name)?,
        };
        let kind = match given("kind") {
            None => None,
            Some(name) => Some(KINDS.into_iter().find(|kind| kind_name(*kind) == name)?),
        };
        let number = |name: &str| match given(name) {
            None => Some(None),
            Some(value) => value.parse::<i64>().ok().map(Some),
        };
        let order = match given("order") {
            Some("riskiest") => Order::Riskiest,
            Some("newest") => Order::Newest,
            Some("oldest") => Order::Oldest,
            None if state == ResponseState::Pending => Order::Oldest,
            None => Order::Newest,
            Some(_) => return None,
        };
        let from = match number("after")? {
            None => From::Start,
            Some(id) => From::After(ResponseId(id), number("risk")?.unwrap_or(0)),
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
                words: text("words"),
                // A name of a rule is a word; anything else finds nothing.
                rule: text("rule")
                    .filter(|rule| rule.chars().all(|c| c.is_alphanumeric() || c == '_')),
                site_rule: number("site_rule")?.map(RuleId),
                min_risk: number("min_risk")?,
                reported: form.has("reported"),
                appealed: form.has("appealed"),
                posts_of: None,
            },
            order,
            from,
        })
    }

    /// Reads a query.
    pub fn of_query(query: &str) -> Option<Self> {
        Self::read(&Form::parse(query.as_bytes()))
    }

    /// The query for the same responses from the beginning.
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
        add("words", filter.words.clone());
        add("rule", filter.rule.clone());
        add("site_rule", filter.site_rule.map(|rule| rule.to_string()));
        add("min_risk", filter.min_risk.map(|risk| risk.to_string()));
        add("reported", filter.reported.then(|| "1".to_owned()));
        add("appealed", filter.appealed.then(|| "1".to_owned()));
        let usual = match filter.state {
            ResponseState::Pending => Order::Oldest,
            _ => Order::Newest,
        };
        add(
            "order",
            (self.order != usual).then(|| order_name(self.order).to_owned()),
        );
        query.finish()
    }

    /// The address of the same responses.
    pub fn path(&self) -> String {
        format!("/queue/?{}", self.query())
    }
}

/// The word for an order.
pub fn order_name(order: Order) -> &'static str {
    match order {
        Order::Oldest => "oldest",
        Order::Newest => "newest",
        Order::Riskiest => "riskiest",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_an_address_and_back() {
        let query = "state=spam&kind=pingback&post=3&email=a%40b.example&ip=192.0.2.1&network=192.0.2.0%2F24&name=ruth&words=cheap+pills&rule=filter&site_rule=4&min_risk=500&reported=1&appealed=1&order=riskiest";
        assert_eq!(Shown::of_query(query).unwrap().query(), query);
        assert_eq!(Shown::of_query("").unwrap().query(), "state=pending");
    }

    #[test]
    fn what_there_is_not_is_told_apart() {
        for wrong in [
            "state=eaten",
            "kind=letter",
            "order=best",
            "after=x",
            "post=x",
        ] {
            assert!(Shown::of_query(wrong).is_none(), "{wrong}");
        }
    }
}
