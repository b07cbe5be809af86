//! Email addresses in the forms in which they are stored and compared. Pure.

use url::Host;

use crate::markup::fold::{self, FoldForm};

/// Domains whose mailboxes ignore dots before the @. The second is an alias of the first.
const WITHOUT_DOTS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// An address as it is stored: without invisible characters, in Unicode NFKC and lower case.
pub fn tidy(typed: &str) -> String {
    fold::visible(typed).trim().to_lowercase()
}

/// The mailbox of an address, for recognising a sender: without `+tag`, without dots where the
/// provider is known to ignore them, with the domain as DNS has it.
pub fn mailbox(address: &str) -> String {
    let address = tidy(address);
    let Some((local, domain)) = address.rsplit_once('@') else {
        return address;
    };
    let (local, domain) = (without_tag(local), ascii_domain(domain));
    if WITHOUT_DOTS.contains(&domain.as_str()) {
        format!("{}@{}", local.replace('.', ""), WITHOUT_DOTS[0])
    } else {
        format!("{local}@{domain}")
    }
}

/// The key by which an address is blocked. It may cover other addresses too, so that no dot, tag or
/// look-alike gets around a block.
pub fn block_key(address: &str) -> String {
    let mailbox = mailbox(address);
    let Some((local, domain)) = mailbox.rsplit_once('@') else {
        return fold::fold(FoldForm::Looks, &mailbox);
    };
    let local = fold::fold(FoldForm::Looks, local).replace('.', "");
    format!("{local}@{}", domain_key(domain))
}

/// The key by which a whole domain is blocked.
pub fn domain_key(domain: &str) -> String {
    let domain = tidy(domain);
    let (readable, _) = idna::domain_to_unicode(&domain);
    fold::fold(FoldForm::Looks, readable.trim_end_matches('.'))
}

/// A domain as DNS has it.
pub fn ascii_domain(domain: &str) -> String {
    let domain = tidy(domain);
    let domain = domain.trim_end_matches('.');
    match Host::parse(domain) {
        Ok(Host::Domain(ascii)) => ascii,
        _ => domain.to_owned(),
    }
}

fn without_tag(local: &str) -> &str {
    match local.split_once('+') {
        Some((before, _)) if !before.is_empty() => before,
        _ => local,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mailbox_is_known_by_any_of_its_spellings() {
        for address in [
            "Troll@Mail.example",
            " troll+1@mail.example ",
            "troll+a+b@mail.example",
            "tr\u{200b}oll@mail.example",
            "ｔｒｏｌｌ@mail.example",
            "troll@mail.example.",
        ] {
            assert_eq!(mailbox(address), "troll@mail.example", "{address}");
        }
        assert_eq!(mailbox("A.B.C+x@googlemail.com"), "abc@gmail.com");
        assert_eq!(mailbox("a.b@mail.example"), "a.b@mail.example");
        assert_eq!(mailbox("a@bücher.example"), "a@xn--bcher-kva.example");
        assert_eq!(mailbox("+x@mail.example"), "+x@mail.example");
    }

    #[test]
    fn no_spelling_escapes_a_block() {
        let blocked = block_key("troll@mail.example");
        for address in [
            "t.r.o.l.l+9@mail.example",
            "trоll@mail.example",
            "tro\u{ad}ll@mail.example",
            "tröll@mail.example",
            "troll@mаil.example",
            "TROLL@MAIL.EXAMPLE",
        ] {
            assert_eq!(block_key(address), blocked, "{address}");
        }
        assert_ne!(block_key("trolls@mail.example"), blocked);
        assert_ne!(block_key("troll@mail2.example"), blocked);
        assert_eq!(
            domain_key("bücher.example"),
            domain_key("xn--bcher-kva.example")
        );
    }

    proptest! {
        #[test]
        fn no_address_makes_a_key_panic_and_keys_are_stable(typed in "\\PC{0,80}|[a-z.+]{1,20}@[a-z.]{1,20}") {
            let key = block_key(&typed);
            prop_assert!(key.len() <= typed.len() * 80 + 80);
            if typed.is_ascii() {
                prop_assert_eq!(&block_key(&typed.to_uppercase()), &key);
            }
        }
    }
}
