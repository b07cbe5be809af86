//! Tests of `fold`.

use proptest::prelude::*;

use super::*;

fn is_found(word: &str, text: &str) -> bool {
    let forms = all_forms(word);
    FORMS.iter().any(|form| {
        let text = fold(*form, text);
        forms.iter().any(|form| text.contains(form.as_str()))
    })
}

#[test]
fn no_disguise_hides_a_word() {
    for disguise in [
        "cialis",
        "CIALIS",
        "c\u{200b}ial\u{ad}is",
        "c\u{fe0f}i\u{e0061}alis",
        "ｃｉａｌｉｓ",
        "сіаlіѕ",
        "СІАLІЅ",
        "Сiаlis",
        "c̶i̷a͛lis",
        "çïàlîš",
        "𝓬𝓲𝓪𝓵𝓲𝓼",
        "ⓒⓘⓐⓛⓘⓢ",
        "c1alis",
        "c\u{2060}\u{feff}\u{200d}ialis",
        "ciaⅼis",
        "c\u{200b}1\u{200b}alis",
        "c\u{301}１\u{fe0f}\u{200d}alis",
        "ϲιаӏіѕ",
    ] {
        assert!(is_found("cialis", disguise), "{disguise}");
    }
    for (word, text) in [
        ("buy", "ВUY"),
        ("hotel", "ΗΟΤΕL"),
        ("poker", "p0ker"),
        ("казино", "Лучшее КАЗИНО здесь"),
        ("straße", "DIE STRASSE"),
        ("größer", "GRÖSSER ist GRÖßER"),
        ("मदद", "यह मदद है"),
        ("mom", "ⅿoⅿ"),
    ] {
        assert!(is_found(word, text), "{word} in {text}");
    }
    for (word, text) in [
        ("10", "io"),
        ("मदद", "मादा"),
        ("lil", "ill"),
        ("corn", "com"),
    ] {
        assert!(!is_found(word, text), "{word} in {text}");
    }
}

#[test]
fn a_span_is_told_by_where_it_stands_in_the_original() {
    let text = "Ü: c\u{200b}iа\u{301}lis!";
    let folded = Folded::new(FoldForm::Looks, text);
    let start = folded.text().find("cialis").unwrap();
    let (from, to) = folded.original(start, start + 6);
    assert_eq!(&text[from..to], "c\u{200b}iа\u{301}lis");
}

#[test]
fn names_are_the_same_to_the_eye_or_not() {
    for name in [
        "ada okoye",
        "ADA  OKOYE",
        "Аda Оkоye",
        "A d a Okoye",
        "Okoye Ada",
        "Ada\u{200b} Okoye",
        "Ádà Ọkọ́yé",
        "Ada 0koye",
        "Ａｄａ Ｏｋｏｙｅ",
        "\u{202e}eyokO adA",
        "Ada-Okoye.",
    ] {
        assert!(is_same_name(name, "Ada Okoye"), "{name}");
    }
    for name in ["Ada", "Ada Okoyo", "", "—", "Okoye"] {
        assert!(!is_same_name(name, "Ada Okoye"), "{name}");
    }
    assert!(!is_same_name("", "") && !is_same_name("—", "…"));
    assert!(has_name("Ada Okoye (editor)", "Ada Okoye"));
    assert!(!has_name("Ben Adams", "Ben") && !has_name("Nada Okoye", "Ada Okoye"));
}

#[test]
fn a_search_finds_what_reads_the_same() {
    for (one, other) in [
        ("STRASSE", "straße"),
        ("ÜBER", "über"),
        ("u\u{308}ber", "Über"),
        ("ＶＩＡＧＲＡ", "viagra"),
        ("via\u{200b}gr\u{ad}a", "viagra"),
        ("ΟΔΟΣ", "οδος"),
        ("İstanbul", "istanbul"),
        ("ПРИВЕТ", "привет"),
        ("a\0b", "ab"),
    ] {
        assert_eq!(for_search(one), for_search(other), "{one} {other}");
    }
    assert_ne!(for_search("uber"), for_search("über"));
}

proptest! {
    #[test]
    fn a_text_for_a_search_is_bounded(text: String) {
        // NFKC makes at most 18 characters of one.
        prop_assert!(for_search(&text).chars().count() <= text.chars().count() * 19);
    }

    #[test]
    fn folding_any_text_is_bounded_and_the_same_twice(text in "\\PC{0,200}|.{0,60}") {
        for form in FORMS {
            let folded = Folded::new(form, &text);
            prop_assert!(folded.text().len() <= text.len() * 40 + 8);
            prop_assert_eq!(folded.text(), &fold(form, &text));
            prop_assert!(!folded.text().chars().any(|c| is_invisible(c) || is_mark(c)));
        }
    }

    #[test]
    fn every_span_of_folded_text_is_one_of_the_original(
        text in "\\PC{1,60}", from in 0..200_usize, length in 0..60_usize,
    ) {
        let folded = Folded::new(FoldForm::Upper, &text);
        let (start, end) = folded.original(from, from + length);
        prop_assert!(start <= end && end <= text.len());
        prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
    }

    #[test]
    fn invisible_characters_and_marks_change_nothing(
        word in "[a-z]{2,12}",
        hidden in prop::sample::select(vec![
            '\u{200b}', '\u{ad}', '\u{fe0f}', '\u{e0041}', '\u{301}', '\u{335}', '\u{2063}', '\u{3164}',
        ]),
        at in 0..12_usize,
    ) {
        let mut disguised: Vec<char> = word.chars().collect();
        disguised.insert(at % word.len() + 1, hidden);
        let disguised: String = disguised.into_iter().collect();
        for form in FORMS {
            prop_assert_eq!(fold(form, &disguised), fold(form, &word));
        }
    }
}
