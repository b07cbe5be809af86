//! The properties and functions that custom CSS may use. Pure. None of them lifts something above its place,
//! moves it out of the flow or loads anything; what is not listed is not allowed.

/// Properties of which all longhands are allowed.
const FAMILIES: [&str; 12] = [
    "background",
    "border",
    "column",
    "columns",
    "counter",
    "flex",
    "font",
    "list-style",
    "margin",
    "outline",
    "padding",
    "text",
];
/// Longhands of these families that are not.
const EXCEPTIONS: [&str; 3] = ["border-image", "background-attachment", "margin-trim"];
const SINGLE: [&str; 58] = [
    "accent-color",
    "align-content",
    "align-items",
    "align-self",
    "aspect-ratio",
    "box-shadow",
    "box-sizing",
    "break-after",
    "break-before",
    "break-inside",
    "caption-side",
    "caret-color",
    "color",
    "color-scheme",
    "content",
    "cursor",
    "direction",
    "display",
    "fill",
    "filter",
    "gap",
    "height",
    "hyphens",
    "justify-content",
    "justify-items",
    "justify-self",
    "letter-spacing",
    "line-height",
    "max-height",
    "max-width",
    "max-inline-size",
    "min-height",
    "min-width",
    "object-fit",
    "object-position",
    "opacity",
    "order",
    "orphans",
    "overflow",
    "overflow-wrap",
    "overflow-x",
    "place-content",
    "place-items",
    "quotes",
    "row-gap",
    "stroke",
    "tab-size",
    "table-layout",
    "transition",
    "transition-duration",
    "transition-property",
    "vertical-align",
    "visibility",
    "white-space",
    "widows",
    "width",
    "word-break",
    "word-spacing",
];
/// Grids are laid out by their container; a form is in none of those that custom CSS reaches.
const GRID: [&str; 6] = [
    "grid-template-columns",
    "grid-template-rows",
    "grid-auto-flow",
    "grid-column",
    "grid-row",
    "grid-gap",
];
/// What may change around a form: nothing of it is inherited by the form, whose colours are its own.
const FOR_CONTAINERS: [&str; 4] = [
    "background",
    "background-color",
    "background-image",
    "color",
];
const FUNCTIONS: [&str; 46] = [
    "blur",
    "brightness",
    "calc",
    "circle",
    "clamp",
    "color",
    "color-mix",
    "conic-gradient",
    "contrast",
    "counter",
    "counters",
    "cubic-bezier",
    "drop-shadow",
    "ellipse",
    "fit-content",
    "grayscale",
    "hsl",
    "hsla",
    "hue-rotate",
    "hwb",
    "invert",
    "lab",
    "lch",
    "light-dark",
    "linear-gradient",
    "max",
    "min",
    "minmax",
    "not",
    "oklab",
    "oklch",
    "opacity",
    "radial-gradient",
    "repeat",
    "repeating-conic-gradient",
    "repeating-linear-gradient",
    "repeating-radial-gradient",
    "rgb",
    "rgba",
    "saturate",
    "sepia",
    "steps",
    "symbols",
    "url",
    "var",
    "xywh",
];

/// Whether a rule may set a property, which is in lower case. Custom properties are allowed: the form uses
/// those of the elements around it, which rules do not reach.
pub fn is_allowed(property: &str) -> bool {
    if property.starts_with("--") {
        return property.len() > 2 && property.len() <= 64;
    }
    if EXCEPTIONS
        .iter()
        .any(|exception| is_of_family(property, exception))
    {
        return false;
    }
    SINGLE.contains(&property)
        || GRID.contains(&property)
        || FAMILIES.iter().any(|family| is_of_family(property, family))
}

fn is_of_family(property: &str, family: &str) -> bool {
    property
        .strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Whether a property may be set on what is around a form.
pub fn is_for_containers(property: &str) -> bool {
    FOR_CONTAINERS.contains(&property)
}

/// Whether a value may use a function.
pub fn is_function_allowed(name: &str) -> bool {
    FUNCTIONS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}
