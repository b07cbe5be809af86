//! The languages that code blocks are coloured in: their names, and what their comments, texts and words look
//! like. Data alone; [`crate::markup::highlight_tokens`] reads code by it.

/// How a language is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Words, texts and comments.
    Words,
    /// Elements with attributes.
    Markup,
    /// Lines that were added and removed.
    Diff,
}

/// What begins and ends a text.
#[derive(Debug)]
pub struct Quote {
    pub open: &'static str,
    pub close: &'static str,
    /// Whether a backslash takes the meaning from the next character.
    pub escapes: bool,
    pub lines: Lines,
}

/// How far a text may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    One,
    Many,
    /// One character: otherwise the quote is none, as that of a lifetime in Rust.
    Character,
}

/// What the words in front of something say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    None,
    /// A text before a colon, as in JSON.
    Texts,
    /// The first word of a line before a colon or an equals sign.
    Lines,
    /// Any word before a colon, as in CSS.
    Words,
}

#[derive(Debug)]
pub struct Language {
    names: &'static [&'static str],
    pub form: Form,
    pub line_comments: &'static [&'static str],
    pub block_comment: Option<(&'static str, &'static str)>,
    pub quotes: &'static [Quote],
    /// In lower case where case does not matter.
    pub keywords: &'static str,
    pub values: &'static str,
    pub ignores_case: bool,
    /// Whether a word that begins with a capital letter is a type.
    pub capital_types: bool,
    /// Whether an exclamation mark calls something.
    pub has_macros: bool,
    /// Characters that begin a name, such as that of a variable.
    pub sigils: &'static [char],
    pub keys: Keys,
    /// Characters that words have beside letters, digits and underscores.
    pub word_extra: &'static [char],
}

const fn quote(open: &'static str, escapes: bool, lines: Lines) -> Quote {
    Quote {
        open,
        close: open,
        escapes,
        lines,
    }
}

const PLAIN_QUOTES: &[Quote] = &[quote("\"", true, Lines::One), quote("'", true, Lines::One)];

const BASE: Language = Language {
    names: &[],
    form: Form::Words,
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: PLAIN_QUOTES,
    keywords: "",
    values: "true false null",
    ignores_case: false,
    capital_types: false,
    has_macros: false,
    sigils: &[],
    keys: Keys::None,
    word_extra: &[],
};

const SCRIPT: Language = Language {
    line_comments: &["#"],
    block_comment: None,
    ..BASE
};

const C_WORDS: &str = "auto break case char const continue default do double else enum extern float for goto if inline int long register return short signed sizeof static struct switch typedef union unsigned void volatile while bool";

static LANGUAGES: &[Language] = &[
    Language {
        names: &["bash", "sh", "shell", "zsh", "console"],
        quotes: &[
            quote("\"", true, Lines::Many),
            quote("'", false, Lines::Many),
        ],
        keywords: "if then else elif fi for while until do done case esac in function return local export readonly declare set unset exit break continue source alias echo cd trap",
        values: "true false",
        sigils: &['$'],
        word_extra: &['-'],
        ..SCRIPT
    },
    Language {
        names: &["c", "h"],
        keywords: C_WORDS,
        values: "true false NULL",
        ..BASE
    },
    Language {
        names: &["cpp", "c++", "cc", "hpp"],
        keywords: "auto break case catch char class const constexpr continue default delete do double else enum explicit extern float for friend goto if inline int long mutable namespace new noexcept operator override private protected public return short signed sizeof static struct switch template this throw try typedef typename union unsigned using virtual void volatile while bool co_await co_return co_yield concept requires",
        values: "true false nullptr NULL",
        capital_types: true,
        ..BASE
    },
    Language {
        names: &["cs", "c#", "csharp"],
        keywords: "abstract as async await base bool break byte case catch char class const continue decimal default delegate do double else enum event explicit extern finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new object operator out override params private protected public readonly record ref return sealed short sizeof static string struct switch this throw try typeof uint ulong unchecked unsafe ushort using var virtual void volatile while where yield",
        capital_types: true,
        ..BASE
    },
    Language {
        names: &["css"],
        line_comments: &[],
        keywords: "@media @import @font-face @keyframes @supports @layer @container @page @property @charset !important",
        values: "",
        keys: Keys::Words,
        word_extra: &['-', '@', '!', '%'],
        ..BASE
    },
    Language {
        names: &["diff", "patch"],
        form: Form::Diff,
        ..BASE
    },
    Language {
        names: &["go", "golang"],
        quotes: &[
            quote("\"", true, Lines::One),
            quote("'", true, Lines::Character),
            quote("`", false, Lines::Many),
        ],
        keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var string int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 byte rune float32 float64 bool error any",
        values: "true false nil iota",
        ..BASE
    },
    Language {
        names: &["html", "xml", "svg", "xhtml", "rss", "atom"],
        form: Form::Markup,
        line_comments: &[],
        block_comment: Some(("<!--", "-->")),
        ..BASE
    },
    Language {
        names: &["java"],
        keywords: "abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float for if implements import instanceof int interface long native new package private protected public record return sealed short static super switch synchronized this throw throws transient try var void volatile while yield",
        capital_types: true,
        ..BASE
    },
    Language {
        names: &["javascript", "js", "jsx", "mjs", "typescript", "ts", "tsx"],
        quotes: &[
            quote("\"", true, Lines::One),
            quote("'", true, Lines::One),
            quote("`", true, Lines::Many),
        ],
        keywords: "abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends finally for from function get if implements import in instanceof interface keyof let namespace new number of private protected public readonly return set static string super switch this throw try type typeof unknown var void while with yield",
        values: "true false null undefined NaN Infinity",
        capital_types: true,
        word_extra: &['$'],
        ..BASE
    },
    Language {
        names: &["json", "json5", "jsonc", "geojson"],
        keys: Keys::Texts,
        ..BASE
    },
    Language {
        names: &["kotlin", "kt"],
        quotes: &[
            quote("\"\"\"", false, Lines::Many),
            quote("\"", true, Lines::One),
            quote("'", true, Lines::Character),
        ],
        keywords: "abstract as break by catch class companion const continue data do else enum finally for fun if import in init inline interface internal is lateinit object open operator override package private protected public return sealed super suspend this throw try typealias val var vararg when where while",
        capital_types: true,
        ..BASE
    },
    Language {
        names: &["latex", "tex", "bibtex"],
        line_comments: &["%"],
        block_comment: None,
        quotes: &[],
        values: "",
        sigils: &['\\'],
        ..BASE
    },
    Language {
        names: &["lua"],
        line_comments: &["--"],
        block_comment: Some(("--[[", "]]")),
        quotes: &[
            quote("\"", true, Lines::One),
            quote("'", true, Lines::One),
            Quote {
                open: "[[",
                close: "]]",
                escapes: false,
                lines: Lines::Many,
            },
        ],
        keywords: "and break do else elseif end for function goto if in local not or repeat return then until while",
        values: "true false nil",
        ..BASE
    },
    Language {
        names: &["makefile", "make", "dockerfile"],
        keywords: "define endef ifdef ifndef ifeq ifneq else endif include export override FROM RUN COPY ADD CMD ENTRYPOINT ENV ARG WORKDIR EXPOSE USER VOLUME LABEL AS",
        values: "",
        sigils: &['$'],
        keys: Keys::Lines,
        word_extra: &['-', '.'],
        ..SCRIPT
    },
    Language {
        names: &["php"],
        line_comments: &["//", "#"],
        keywords: "abstract and array as bool break callable case catch class clone const continue declare default do echo else elseif empty enum extends final finally float fn for foreach function global if implements include instanceof int interface isset list match mixed namespace new or print private protected public readonly require require_once return static string switch throw trait try unset use var void while yield",
        capital_types: true,
        sigils: &['$'],
        ..BASE
    },
    Language {
        names: &["python", "py", "py3"],
        quotes: &[
            quote("\"\"\"", true, Lines::Many),
            quote("'''", true, Lines::Many),
            quote("\"", true, Lines::One),
            quote("'", true, Lines::One),
        ],
        keywords: "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield",
        values: "True False None self",
        ..SCRIPT
    },
    Language {
        names: &["r"],
        keywords: "break else for function if in next repeat return while library require",
        values: "TRUE FALSE NULL NA NaN Inf",
        word_extra: &['.'],
        ..SCRIPT
    },
    Language {
        names: &["ruby", "rb"],
        keywords: "alias and begin break case class def defined do else elsif end ensure extend for if in include loop module next not or private protected public raise redo require rescue retry return self super then undef unless until when while yield attr_reader attr_accessor",
        values: "true false nil",
        capital_types: true,
        sigils: &['@', '$'],
        word_extra: &['?'],
        ..SCRIPT
    },
    Language {
        names: &["rust", "rs"],
        quotes: &[
            Quote {
                open: "r#\"",
                close: "\"#",
                escapes: false,
                lines: Lines::Many,
            },
            quote("\"", true, Lines::Many),
            quote("'", true, Lines::Character),
        ],
        keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return self static struct super trait type union unsafe use where while bool char str i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64",
        values: "true false None Some Ok Err",
        capital_types: true,
        has_macros: true,
        ..BASE
    },
    Language {
        names: &["sql", "sqlite", "postgresql", "mysql"],
        line_comments: &["--"],
        quotes: &[
            quote("'", false, Lines::Many),
            quote("\"", false, Lines::One),
        ],
        keywords: "add all alter and as asc begin between by cascade case cast check column commit constraint create cross default delete desc distinct drop else end except exists explain fetch filter first foreign from full group having if in index inner insert intersect into is join key last lateral left like limit natural not nulls offset on or order outer over partition primary references replace returning right rollback row rows select set table temporary then transaction union unique update using values view virtual when where window with bigint blob boolean char date decimal double float integer interval int json jsonb numeric real serial smallint text time timestamp uuid varchar",
        values: "true false null current_date current_timestamp",
        ignores_case: true,
        ..BASE
    },
    Language {
        names: &["swift"],
        quotes: &[
            quote("\"\"\"", true, Lines::Many),
            quote("\"", true, Lines::One),
        ],
        keywords: "actor as associatedtype async await break case catch class continue default defer deinit do else enum extension fallthrough fileprivate for func guard if import in init inout internal is lazy let mutating open operator override private protocol public repeat return self static struct subscript super switch throw throws try typealias var weak where while",
        values: "true false nil",
        capital_types: true,
        ..BASE
    },
    Language {
        names: &["toml", "ini", "cfg", "properties", "env"],
        line_comments: &["#", ";"],
        quotes: &[
            quote("\"\"\"", true, Lines::Many),
            quote("\"", true, Lines::One),
            quote("'", false, Lines::One),
        ],
        values: "true false",
        keys: Keys::Lines,
        word_extra: &['-', '.'],
        ..SCRIPT
    },
    Language {
        names: &["yaml", "yml"],
        values: "true false null yes no on off",
        keys: Keys::Lines,
        word_extra: &['-', '.', '/'],
        ..SCRIPT
    },
];

/// The language with this name, in any case.
pub fn find(name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| {
        language
            .names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// The first name of each language.
pub fn names() -> impl Iterator<Item = &'static str> {
    LANGUAGES
        .iter()
        .filter_map(|language| language.names.first().copied())
}
