//! Rewrites a copy of the server so that each mutant is behind a switch.
//!
//! Reads numbered mutants, in the format of `cargo mutants --list --json`, from standard input. Changes the
//! files in the folder of the first argument, which must be as they were when the mutants were listed. Prints,
//! as JSON, the position of each switch and the mutants that cannot be put behind one.
//!
//! Text is only inserted, so switches nest: the inside of a mutated expression appears unchanged in each
//! alternative, and with its own switches in the branch without a mutant.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::Range;
use std::path::Path;

use proc_macro2::LineColumn;
use serde::{Deserialize, Serialize};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, BinOp, Block, Expr, Pat, ReturnType, Signature, Type, UnOp};

/// A mutant as cargo-mutants describes it, with a number.
#[derive(Deserialize)]
struct Mutant {
    number: usize,
    file: String,
    genre: Genre,
    span: Place,
    replacement: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Hash)]
enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Place {
    start: Point,
}

/// Lines and columns from 1.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Hash)]
struct Point {
    line: usize,
    column: usize,
}

impl From<LineColumn> for Point {
    fn from(place: LineColumn) -> Self {
        Self {
            line: place.line,
            column: place.column + 1,
        }
    }
}

/// The position of a switch in the rewritten file, in bytes.
#[derive(Serialize)]
struct Switch {
    number: usize,
    file: String,
    /// The mutant's own text.
    text: Range<usize>,
    /// Compiler errors in here may be caused by it: the mutated expression, or the whole function.
    scope: Range<usize>,
}

/// A mutant that cannot be put behind a switch.
#[derive(Serialize)]
struct NotTried {
    number: usize,
    reason: &'static str,
}

#[derive(Default, Serialize)]
struct Outcome {
    switches: Vec<Switch>,
    not_tried: Vec<NotTried>,
}

/// A place of the file that gets switches.
struct Site {
    range: Range<usize>,
    /// Compiler errors in here may be caused by a mutant of this place.
    scope: Range<usize>,
    /// The text inserted before it, per mutant.
    opening: Vec<(usize, String)>,
    closing: &'static str,
}

/// Finds the mutants of one file in its syntax.
struct Finder<'a> {
    code: &'a str,
    wanted: HashMap<(Genre, Point), Vec<&'a Mutant>>,
    sites: Vec<Site>,
    not_tried: Vec<NotTried>,
    /// Inside a constant expression, which cannot call a switch.
    constant: bool,
    in_pattern: bool,
}

impl<'a> Finder<'a> {
    fn take(&mut self, genre: Genre, start: LineColumn) -> Vec<&'a Mutant> {
        let mutants = self.wanted.remove(&(genre, start.into()));
        let mutants = mutants.unwrap_or_default();
        let reason = if self.constant {
            "in a constant"
        } else if self.in_pattern {
            "in a pattern"
        } else {
            return mutants;
        };
        self.refuse(&mutants, reason);
        Vec::new()
    }

    fn refuse(&mut self, mutants: &[&Mutant], reason: &'static str) {
        let refused = mutants.iter().map(|mutant| NotTried {
            number: mutant.number,
            reason,
        });
        self.not_tried.extend(refused);
    }

    /// Replaces what is between the head and the tail by another expression.
    fn choose(&mut self, mutants: &[&Mutant], whole: Range<usize>, head: &str, tail: usize) {
        if mutants.is_empty() {
            return;
        }
        let tail = &self.code[tail..whole.end];
        let last = mutants.len() - 1;
        let alternatives = mutants.iter().enumerate().map(|(place, mutant)| {
            let before = if place == 0 { "(" } else { "" };
            let after = if place == last { "{ " } else { "" };
            let text = format!(
                "{before}if crate::mutants::on({}) {{ {head} {} {tail} }} else {after}",
                mutant.number, mutant.replacement
            );
            (mutant.number, text)
        });
        self.sites.push(Site {
            opening: alternatives.collect(),
            scope: whole.clone(),
            range: whole,
            closing: " })",
        });
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let Some(first) = body.stmts.first() else {
            return;
        };
        let mutants = self.take(Genre::FnValue, first.span().start());
        if returns_opaque(&signature.output) {
            self.refuse(&mutants, "the function returns a type without a name");
            return;
        }
        if mutants.is_empty() {
            return;
        }
        let returns = mutants.iter().map(|mutant| {
            let text = format!(
                "if crate::mutants::on({}) {{ return {}; }} ",
                mutant.number, mutant.replacement
            );
            (mutant.number, text)
        });
        self.sites.push(Site {
            opening: returns.collect(),
            scope: body.span().byte_range(),
            range: first.span().byte_range().start..body.span().byte_range().end,
            closing: "",
        });
    }

    fn arm(&mut self, arm: &Arm, scope: Range<usize>) {
        if let Some((_, guard)) = &arm.guard {
            let mutants = self.take(Genre::MatchArmGuard, guard.span().start());
            if is_let_chain(guard) {
                self.refuse(&mutants, "in a condition with let");
            } else {
                let whole = guard.span().byte_range();
                self.choose(&mutants, whole.clone(), "", whole.end);
            }
        } else {
            let mutants = self.take(Genre::MatchArm, arm.span().start());
            let end = arm.pat.span().byte_range().end;
            let guards = mutants.iter().map(|mutant| {
                let text = format!(" if !crate::mutants::on({})", mutant.number);
                (mutant.number, text)
            });
            self.sites.push(Site {
                opening: guards.collect(),
                range: end..end,
                scope,
                closing: "",
            });
        }
    }

    fn with_constant(&mut self, constant: bool, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.constant, constant);
        visit(self);
        self.constant = outside;
    }
}

fn returns_opaque(output: &ReturnType) -> bool {
    struct Opaque(bool);
    impl Visit<'_> for Opaque {
        fn visit_type(&mut self, kind: &Type) {
            self.0 |= matches!(kind, Type::ImplTrait(_));
            visit::visit_type(self, kind);
        }
    }
    let mut opaque = Opaque(false);
    opaque.visit_return_type(output);
    opaque.0
}

/// A condition with `let` must be directly in its `if`.
fn is_let_chain(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => is_let_chain(&binary.left) || is_let_chain(&binary.right),
        _ => false,
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.with_constant(item.sig.constness.is_some(), |finder| {
            finder.function(&item.sig, &item.block);
            visit::visit_item_fn(finder, item);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.with_constant(item.sig.constness.is_some(), |finder| {
            finder.function(&item.sig, &item.block);
            visit::visit_impl_item_fn(finder, item);
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_const(&mut self, item: &'a syn::ItemConst) {
        self.with_constant(true, |finder| visit::visit_item_const(finder, item));
    }

    fn visit_impl_item_const(&mut self, item: &'a syn::ImplItemConst) {
        self.with_constant(true, |finder| visit::visit_impl_item_const(finder, item));
    }

    fn visit_item_static(&mut self, item: &'a syn::ItemStatic) {
        self.with_constant(true, |finder| visit::visit_item_static(finder, item));
    }

    fn visit_expr_const(&mut self, block: &'a syn::ExprConst) {
        self.with_constant(true, |finder| visit::visit_expr_const(finder, block));
    }

    // A closure runs later, even if it is written in a constant.
    fn visit_expr_closure(&mut self, closure: &'a syn::ExprClosure) {
        self.with_constant(false, |finder| visit::visit_expr_closure(finder, closure));
    }

    fn visit_pat(&mut self, pattern: &'a Pat) {
        let outside = std::mem::replace(&mut self.in_pattern, true);
        visit::visit_pat(self, pattern);
        self.in_pattern = outside;
    }

    fn visit_expr_binary(&mut self, binary: &'a syn::ExprBinary) {
        let operator = binary.op.span();
        let mutants = self.take(Genre::BinaryOperator, operator.start());
        let is_logic = matches!(binary.op, BinOp::And(_) | BinOp::Or(_));
        if is_logic && (is_let_chain(&binary.left) || is_let_chain(&binary.right)) {
            self.refuse(&mutants, "in a condition with let");
        } else {
            let whole = binary.span().byte_range();
            // Without parentheses, `a as u64 < b` would start generic arguments.
            let left = &self.code[binary.left.span().byte_range()];
            self.choose(
                &mutants,
                whole,
                &format!("({left})"),
                operator.byte_range().end,
            );
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'a syn::ExprUnary) {
        if matches!(unary.op, UnOp::Not(_) | UnOp::Neg(_)) {
            let operator = unary.op.span();
            let mutants = self.take(Genre::UnaryOperator, operator.start());
            let whole = unary.span().byte_range();
            self.choose(&mutants, whole, "", operator.byte_range().end);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_struct(&mut self, literal: &'a syn::ExprStruct) {
        let whole = literal.span().byte_range();
        for pair in literal.fields.pairs() {
            let field = pair.value();
            let mutants = self.take(Genre::StructField, field.span().start());
            let head = &self.code[whole.start..field.span().byte_range().start];
            let end = pair.punct().map_or(field.span(), |comma| comma.span());
            self.choose(&mutants, whole.clone(), head, end.byte_range().end);
        }
        visit::visit_expr_struct(self, literal);
    }

    fn visit_expr_match(&mut self, expression: &'a syn::ExprMatch) {
        for arm in &expression.arms {
            self.arm(arm, expression.span().byte_range());
        }
        visit::visit_expr_match(self, expression);
    }
}

/// The new text of a file, and where its switches are.
fn rewrite(file: &str, code: &str, mutants: &[&Mutant]) -> syn::Result<(String, Outcome)> {
    let mut wanted: HashMap<_, Vec<_>> = HashMap::new();
    for mutant in mutants {
        let place = (mutant.genre, mutant.span.start);
        wanted.entry(place).or_default().push(*mutant);
    }
    let mut finder = Finder {
        code,
        wanted,
        sites: Vec::new(),
        not_tried: Vec::new(),
        constant: false,
        in_pattern: false,
    };
    finder.visit_file(&syn::parse_file(code)?);
    for mutants in std::mem::take(&mut finder.wanted).into_values() {
        finder.refuse(&mutants, "of a kind that this tool does not know");
    }
    let mut outcome = Outcome {
        switches: Vec::new(),
        not_tried: finder.not_tried,
    };

    // At one position, ends come before starts; inner ones end first, outer ones start first.
    let mut insertions = Vec::new();
    for site in &finder.sites {
        let Range { start, end } = site.range;
        for (number, text) in &site.opening {
            let order = (start, true, Reverse(end));
            insertions.push((order, text.as_str(), Some((*number, &site.scope))));
        }
        insertions.push(((end, false, Reverse(start)), site.closing, None));
    }
    insertions.sort_by_key(|(order, ..)| *order);

    let mut text = String::new();
    let mut copied = 0;
    let mut moved = Vec::new();
    for ((place, ..), inserted, mutant) in insertions {
        text.push_str(&code[copied..place]);
        copied = place;
        moved.push((place, inserted.len()));
        let start = text.len();
        text.push_str(inserted);
        if let Some((number, scope)) = mutant {
            outcome.switches.push(Switch {
                number,
                file: file.to_owned(),
                text: start..text.len(),
                scope: scope.clone(),
            });
        }
    }
    text.push_str(&code[copied..]);
    let now = |place: usize| {
        let before = moved.iter().take_while(|(other, _)| *other < place);
        place + before.map(|(_, length)| length).sum::<usize>()
    };
    for switch in &mut outcome.switches {
        switch.scope = now(switch.scope.start)..now(switch.scope.end);
    }
    Ok((text, outcome))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = std::env::args().nth(1).ok_or("say which folder")?;
    let root = Path::new(&root);
    let mutants: Vec<Mutant> = serde_json::from_reader(std::io::stdin())?;
    let mut files: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in &mutants {
        files.entry(&mutant.file).or_default().push(mutant);
    }
    let mut outcome = Outcome::default();
    for (file, mutants) in files {
        let path = root.join(file);
        let code = fs::read_to_string(&path)?;
        let (text, mut of_file) = rewrite(file, &code, &mutants)?;
        fs::write(&path, text)?;
        outcome.switches.append(&mut of_file.switches);
        outcome.not_tried.append(&mut of_file.not_tried);
    }
    fs::write(root.join("src/mutants.rs"), include_str!("switch.rs"))?;
    let library = root.join("src/lib.rs");
    let mut code = fs::read_to_string(&library)?;
    code.push_str("\n/// Which mutant is on.\npub mod mutants;\n");
    fs::write(library, code)?;
    serde_json::to_writer(std::io::stdout(), &outcome)?;
    Ok(())
}
