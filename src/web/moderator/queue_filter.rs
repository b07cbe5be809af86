//! The queue's filter form and its list of keyboard shortcuts.

use maud::{Markup, html};

use crate::moderation::queue::{MAX_COUNTED, QueuePage};
use crate::store::queue::Order;
use crate::texts::Texts;
use crate::web::moderator::labels::kind_label;
use crate::web::moderator::names::{KINDS, kind_name, state_name};
use crate::web::moderator::queue_query::{ORDERS, QueueQuery, order_name};

/// The checks that the queue can be filtered by: the name that stored reasons give them, and their label.
const CHECKS: [(&str, &str); 6] = [
    ("first_response", "queue-check-first-response"),
    ("many_links", "queue-check-many-links"),
    ("rule", "queue-check-rule"),
    ("filter", "queue-check-filter"),
    ("burst", "queue-check-burst"),
    ("always_held", "queue-check-always-held"),
];

/// The form, folded where no filter is set.
pub fn filter_form(
    texts: &Texts,
    query: &QueueQuery,
    page: &QueuePage,
    sees_addresses: bool,
) -> Markup {
    let filter = &query.filter;
    let is_set = filter.is_narrow();
    html! {
        details.filters open[is_set] {
            summary {
                @match page.matching {
                    None => (texts.text("queue-filter")),
                    Some(MAX_COUNTED) => (texts.with("queue-filter-many-matches", &[("count", MAX_COUNTED.into())])),
                    Some(count) => (texts.with("queue-filter-matches", &[("count", count.into())])),
                }
            }
            form.filter method="get" action="/queue/" {
                input type="hidden" name="state" value=(state_name(filter.state));
                @if filter.reported { input type="hidden" name="reported" value="1"; }
                @if filter.appealed { input type="hidden" name="appealed" value="1"; }
                @if let Some(post) = filter.post { input type="hidden" name="post" value=(post); }
                @if let Some(rule) = filter.rule { input type="hidden" name="rule" value=(rule); }
                @if let Some(network) = &filter.network { input type="hidden" name="network" value=(network); }
                @if let Some(name) = &filter.name_key { input type="hidden" name="name" value=(name); }
                (text_field("words", &texts.text("queue-filter-text"), filter.phrase.as_deref()))
                @if sees_addresses {
                    (text_field("email", &texts.text("queue-filter-email"), filter.email.as_deref()))
                    (text_field("ip", &texts.text("queue-filter-ip"), filter.ip.as_deref()))
                }
                div.field {
                    label for="filter-kind" { (texts.text("queue-filter-kind")) }
                    select #filter-kind name="kind" {
                        option value="" { (texts.text("queue-filter-any-kind")) }
                        @for kind in KINDS {
                            option value=(kind_name(kind)) selected[filter.kind == Some(kind)] { (kind_label(texts, kind)) }
                        }
                    }
                }
                div.field {
                    label for="filter-check" { (texts.text("queue-filter-check")) }
                    select #filter-check name="check" {
                        option value="" { (texts.text("queue-filter-any-check")) }
                        @for (name, label) in CHECKS {
                            option value=(name) selected[filter.check.as_deref() == Some(name)] { (texts.text(label)) }
                        }
                    }
                }
                div.field {
                    label for="filter-order" { (texts.text("queue-filter-order")) }
                    select #filter-order name="order" {
                        @for order in ORDERS {
                            option value=(order_name(order)) selected[query.order == order] { (order_label(texts, order)) }
                        }
                    }
                }
                p.buttons {
                    button type="submit" { (texts.text("queue-filter-apply")) }
                    @if is_set {
                        " " a href={ "/queue/?state=" (state_name(filter.state)) } { (texts.text("queue-filter-clear")) }
                    }
                }
            }
        }
    }
}

fn order_label(texts: &Texts, order: Order) -> String {
    texts.text(match order {
        Order::Oldest => "queue-order-oldest",
        Order::Newest => "queue-order-newest",
        Order::HighestRisk => "queue-order-risk",
    })
}

fn text_field(name: &str, label: &str, value: Option<&str>) -> Markup {
    html! {
        div.field {
            label for={ "filter-" (name) } { (label) }
            input id={ "filter-" (name) } name=(name) type="text" dir="auto" autocomplete="off" value=(value.unwrap_or_default());
        }
    }
}

/// The keys of the queue's script, and the switch that turns them off.
pub fn keyboard_shortcuts(texts: &Texts) -> Markup {
    html! {
        details.keys id="keys" {
            summary { (texts.text("keys-title")) }
            dl {
                @for (keys, label) in [
                    ("j, k", "keys-next"),
                    ("a", "keys-approve"),
                    ("s", "keys-spam"),
                    ("d", "keys-trash"),
                    ("h", "keys-hold"),
                    ("u", "keys-undo"),
                    ("r", "keys-reply"),
                    ("e", "keys-edit"),
                    ("o", "keys-open"),
                    ("p", "keys-profile"),
                    ("x", "keys-select"),
                    ("?", "keys-show"),
                ] {
                    div { dt { kbd { (keys) } } dd { (texts.text(label)) } }
                }
            }
            label.check.keys-switch hidden { input type="checkbox" data-keys-switch; " " (texts.text("keys-switch")) }
            p.hint { (texts.text("keys-hint")) }
        }
    }
}
