//! The part of the generated code that every script shares: how arguments become a command line.

use proc_macro2::TokenStream;
use quote::quote;

/// A module `__command_line` whose `CommandLine` puts arguments together so that argparse reads back what was meant.
///
/// - A flag and its value are two arguments, as everywhere in SageMaker. A literal value that is empty, or that argparse
///   would take for a flag, is joined to its flag: `--flag=-value`. Negative numbers are none of these, unless the
///   script has options that look like numbers.
/// - Arguments by place come first, so that an option with a variable number of values can't take them; when one of them
///   looks like a flag, or the last takes the rest of the line, they come last, after `--`.
/// - What can't be said (a list with something like a flag in it, an empty list where argparse wants a value) becomes an
///   invalid value, which the check of the graph reports.
#[expect(clippy::too_many_lines, reason = "one piece of generated code")]
pub(super) fn module(root: &TokenStream) -> TokenStream {
    quote! {
        mod __command_line {
            use #root::{Expr, Invalid, Node, Text};

            #[derive(Default)]
            pub(super) struct CommandLine {
                options: Vec<Expr<String>>,
                places: Vec<Expr<String>>,
                rest: Vec<Expr<String>>,
                rest_by_place: bool,
                numeric_options: bool,
            }

            impl CommandLine {
                pub(super) fn new(numeric_options: bool, rest_by_place: bool) -> Self {
                    Self { numeric_options, rest_by_place, ..Self::default() }
                }

                pub(super) fn flag(&mut self, flag: &'static str) {
                    self.options.push(Expr::from_node(Node::text(flag)));
                }

                pub(super) fn option(&mut self, flag: &'static str, value: Expr<String>) {
                    match value.node().as_str() {
                        Some(text) if text.is_empty() || self.is_flag_like(&value) => {
                            self.options.push(Expr::from(format!("{flag}={text}")));
                        }
                        _ => {
                            self.flag(flag);
                            self.options.push(value);
                        }
                    }
                }

                pub(super) fn options(
                    &mut self,
                    flag: &'static str,
                    mut values: Vec<Expr<String>>,
                    least: usize,
                ) {
                    if values.len() == 1 {
                        if let Some(value) = values.pop() {
                            return self.option(flag, value);
                        }
                    }
                    self.flag(flag);
                    if values.len() < least {
                        self.options.push(too_few(flag, least));
                    }
                    for value in values {
                        let value = self.not_a_flag(flag, value);
                        self.options.push(value);
                    }
                }

                pub(super) fn place(&mut self, value: Expr<String>) {
                    self.places.push(value);
                }

                pub(super) fn places(
                    &mut self,
                    name: &'static str,
                    values: Vec<Expr<String>>,
                    least: usize,
                ) {
                    if values.len() < least {
                        self.places.push(too_few(name, least));
                    }
                    self.places.extend(values);
                }

                pub(super) fn rest(&mut self, flag: Option<&'static str>, values: Vec<Expr<String>>) {
                    self.rest.extend(flag.map(|flag| Expr::from_node(Node::text(flag))));
                    self.rest.extend(values);
                }

                pub(super) fn finish(mut self) -> Vec<Expr<String>> {
                    if self.rest_by_place && self.places.is_empty() {
                        // `--` would stay in the rest, where nothing by place goes before it.
                        if !self.rest.is_empty() {
                            let first = self.rest.remove(0);
                            let first = self.not_a_flag("the rest of the command line", first);
                            self.rest.insert(0, first);
                        }
                    }
                    let separate = !self.places.is_empty()
                        && (self.rest_by_place || self.places.iter().any(|value| self.is_flag_like(value)));
                    let mut line = Vec::new();
                    if separate {
                        line.append(&mut self.options);
                        line.push(Expr::from_node(Node::text("--")));
                        line.append(&mut self.places);
                    } else {
                        line.append(&mut self.places);
                        line.append(&mut self.options);
                    }
                    line.append(&mut self.rest);
                    line
                }

                fn is_flag_like(&self, value: &Expr<String>) -> bool {
                    let Some(rest) = value.node().as_str().and_then(|text| text.strip_prefix('-')) else {
                        return false;
                    };
                    !rest.is_empty() && (self.numeric_options || !is_number(rest))
                }

                fn not_a_flag(&self, name: &str, value: Expr<String>) -> Expr<String> {
                    match value.node().as_str() {
                        Some(text) if self.is_flag_like(&value) => invalid(
                            text,
                            format!("for {name}, a text that does not begin with `-`"),
                            "in a list, argparse takes it for a flag",
                        ),
                        _ => value,
                    }
                }
            }

            pub(super) fn text<V: Into<Text>>(value: V) -> Expr<String> {
                value.into().into_expr()
            }

            pub(super) fn truth(value: &bool) -> Expr<String> {
                Expr::from(if *value { "True" } else { "" })
            }

            pub(super) fn all<V: IntoIterator, K>(values: V, keep: impl FnMut(V::Item) -> K) -> Vec<K> {
                values.into_iter().map(keep).collect()
            }

            fn too_few(name: &str, least: usize) -> Expr<String> {
                invalid("no value", format!("for {name}, at least {least}"), "leave the argument out, or give it a value")
            }

            fn invalid(value: &str, limit: String, help: &str) -> Expr<String> {
                let help = Some(help.to_owned());
                Expr::from_node(Node::Invalid(Box::new(Invalid { value: value.to_owned(), limit, help })))
            }

            fn is_number(text: &str) -> bool {
                let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                match text.split_once('.') {
                    Some((whole, fraction)) => digits(whole) && !fraction.is_empty() && digits(fraction),
                    None => digits(text),
                }
            }
        }
    }
}
