//! How one argument looks in the generated struct: the names and types of its field and setters.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::contract::{Argument, Arity, Contract, Spelling, Takes, ValueType};
use super::names::{Names, choice_name, type_name, value_name};

/// An argument with its Rust names.
pub(super) struct Field<'c> {
    /// The argument.
    pub(super) argument: &'c Argument,
    /// Field and setter.
    pub(super) name: Ident,
    /// The setter that gives the flag alone, for a value that may be left out.
    pub(super) alone: Option<Ident>,
    /// The type parameter of a required argument.
    pub(super) parameter: Option<Ident>,
    /// The enum of its choices.
    pub(super) choices: Option<Choices>,
}

/// A closed set of values.
pub(super) struct Choices {
    /// The enum.
    pub(super) name: Ident,
    /// Its variants, with the value that each stands for.
    pub(super) variants: Vec<(Ident, String)>,
}

/// What goes wrong when arguments get their names: for the author, each with a line.
pub(super) type Problems = Vec<(usize, String)>;

/// Gives every argument its names. `script` is the struct's name; enums are taken from `types`, the names of the module.
pub(super) fn name_all<'c>(
    contract: &'c Contract,
    script: &Ident,
    types: &mut Names,
    owner: &str,
    problems: &mut Problems,
    notes: &mut Problems,
) -> Vec<Field<'c>> {
    let mut setters = Names::default();
    let mut fields = Vec::new();
    for argument in &contract.arguments {
        let shared = contract.arguments.iter().filter(|other| other.name == argument.name).count() > 1;
        let text = match &argument.spelling {
            Spelling::Option { flag, .. } if shared => flag.as_str(),
            _ => &argument.name,
        };
        let Some(name) = value_name(text) else {
            problems.push((
                argument.line,
                format!("`{text}` has nothing that a Rust name could be made of; add a `dest`"),
            ));
            continue;
        };
        let shown = argument.shown();
        let alone = takes_flag_alone(argument).then(|| format_ident!("{}_alone", plain(&name)));
        for setter in [Some(&name), alone.as_ref()].into_iter().flatten() {
            if let Err(other) = setters.take(setter, shown) {
                problems.push((
                    argument.line,
                    format!("`{shown}` and `{other}` would both be called `{setter}` in Rust; give one of them another `dest`"),
                ));
            }
        }
        let choices = choices(argument, script, &name, types, owner, problems, notes);
        fields.push(Field { argument, name, alone, parameter: None, choices });
    }
    name_parameters(&mut fields, script);
    fields
}

/// Type parameters must differ from each other and from the types that the struct's code mentions.
fn name_parameters(fields: &mut [Field<'_>], script: &Ident) {
    let mut taken = Names::default();
    let _ = taken.take(script, "");
    for choices in fields.iter().filter_map(|field| field.choices.as_ref()) {
        let _ = taken.take(&choices.name, "");
    }
    for field in fields.iter_mut().filter(|field| field.argument.required) {
        field.parameter =
            Some(free(&mut taken, type_name(&plain(&field.name)).unwrap_or_else(|| format_ident!("Value"))));
    }
}

/// `name`, with as many underscores as it takes to be free.
fn free(taken: &mut Names, name: Ident) -> Ident {
    let mut name = name;
    while taken.has(&name.to_string()) {
        name = format_ident!("{name}_");
    }
    let _ = taken.take(&name, "");
    name
}

/// The type parameters for a contract's mutually exclusive groups.
pub(super) fn name_groups(contract: &Contract, fields: &[Field<'_>], script: &Ident) -> Vec<Ident> {
    let mut taken = Names::default();
    let used = fields
        .iter()
        .flat_map(|field| field.parameter.iter().chain(field.choices.iter().map(|choices| &choices.name)));
    for name in used.chain([script]) {
        let _ = taken.take(name, "");
    }
    contract.groups.iter().map(|_| free(&mut taken, format_ident!("OneOf"))).collect()
}

/// A name without the `r#` of a keyword.
fn plain(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

fn takes_flag_alone(argument: &Argument) -> bool {
    !argument.is_positional()
        && matches!(argument.takes, Takes::Value { arity: Arity::Optional, repeated: false, .. })
}

fn choices(
    argument: &Argument,
    script: &Ident,
    setter: &Ident,
    types: &mut Names,
    owner: &str,
    problems: &mut Problems,
    notes: &mut Problems,
) -> Option<Choices> {
    let Takes::Value { of: ValueType::Choice(values), .. } = &argument.takes else { return None };
    let shown = argument.shown();
    let mut names = Names::default();
    let mut variants = Vec::new();
    for value in values {
        let trouble = match choice_name(value).map(|name| (names.take(&name, value), name)) {
            Some((Ok(()), name)) => {
                variants.push((name, value.clone()));
                continue;
            }
            Some((Err(other), name)) => {
                format!("the choices \"{other}\" and \"{value}\" of `{shown}` would both be called `{name}`")
            }
            None => format!("the choice \"{value}\" of `{shown}` can't be a Rust name"),
        };
        notes.push((argument.line, format!("{trouble}, so it takes any text")));
        return None;
    }
    let name = Ident::new(&format!("{}{}", script, type_name(&plain(setter))?), Span::call_site());
    if let Err(other) = types.take(&name, &format!("the choices of `{shown}` in {owner}")) {
        problems.push((
            argument.line,
            format!("the choices of `{shown}` and {other} would both be called `{name}` in Rust; rename one"),
        ));
    }
    Some(Choices { name, variants })
}

impl Field<'_> {
    /// The type that the struct keeps once the argument is set.
    pub(super) fn stored(&self, root: &TokenStream) -> TokenStream {
        match &self.argument.takes {
            Takes::Nothing => quote!(()),
            Takes::Switch { .. } | Takes::Toggle { .. } => quote!(::core::primitive::bool),
            Takes::Count => quote!(::core::primitive::u8),
            Takes::Value { arity, repeated, .. } => {
                let one = self.stored_one(root);
                match (arity, repeated) {
                    (Arity::Optional, false) if self.alone.is_some() => quote!(::core::option::Option<#one>),
                    (Arity::One | Arity::Optional, false) => one,
                    (Arity::One | Arity::Optional, true) | (_, false) => quote!(::std::vec::Vec<#one>),
                    (_, true) => quote!(::std::vec::Vec<::std::vec::Vec<#one>>),
                }
            }
        }
    }

    fn stored_one(&self, root: &TokenStream) -> TokenStream {
        match (self.value_type(), &self.choices) {
            (Some(ValueType::Truthy), _) => quote!(::core::primitive::bool),
            (Some(ValueType::Integer), _) => quote!(#root::Expr<::core::primitive::i64>),
            (Some(ValueType::Float), _) => quote!(#root::Expr<::core::primitive::f64>),
            (_, Some(Choices { name, .. })) => quote!(#root::Expr<#name>),
            _ => quote!(#root::Expr<::std::string::String>),
        }
    }

    fn value_type(&self) -> Option<&ValueType> {
        match &self.argument.takes {
            Takes::Value { of, .. } => Some(of),
            _ => None,
        }
    }

    /// The type of one value that a setter takes.
    fn given_one(&self, root: &TokenStream) -> TokenStream {
        match self.value_type() {
            Some(ValueType::Truthy) => quote!(::core::primitive::bool),
            Some(ValueType::Text) => quote!(impl ::core::convert::Into<#root::Text>),
            _ => {
                let one = self.stored_one(root);
                quote!(impl ::core::convert::Into<#one>)
            }
        }
    }

    /// The function that makes what the struct keeps of one value.
    fn keeper(&self, code: &TokenStream) -> TokenStream {
        match self.value_type() {
            Some(ValueType::Truthy) => quote!(::core::convert::identity),
            Some(ValueType::Text) => quote!(#code::__command_line::text),
            _ => quote!(::core::convert::Into::into),
        }
    }

    /// The setter's parameter list after `self`, and what it makes of it.
    pub(super) fn setter(&self, root: &TokenStream, code: &TokenStream) -> (TokenStream, TokenStream) {
        let (given, keep) = (self.given_one(root), self.keeper(code));
        let list = |item: &TokenStream| quote!(impl ::core::iter::IntoIterator<Item = #item>);
        let all = |keep: &TokenStream| quote!(#code::__command_line::all(values, #keep));
        match &self.argument.takes {
            Takes::Nothing => (quote!(), quote!(())),
            Takes::Switch { .. } | Takes::Toggle { .. } => {
                (quote!(value: ::core::primitive::bool), quote!(value))
            }
            Takes::Count => (quote!(times: ::core::primitive::u8), quote!(times)),
            Takes::Value { arity: Arity::Optional, .. } if self.alone.is_some() => {
                (quote!(value: #given), quote!(::core::option::Option::Some(#keep(value))))
            }
            Takes::Value { arity: Arity::One | Arity::Optional, repeated, .. } => {
                let list = list(&given);
                if *repeated {
                    (quote!(values: #list), all(&keep))
                } else {
                    (quote!(value: #given), quote!(#keep(value)))
                }
            }
            Takes::Value { arity, repeated, .. } => {
                let inner = match arity {
                    Arity::Exactly(count) => quote!([#given; #count]),
                    _ => list(&given),
                };
                if *repeated {
                    let (outer, once) = (list(&inner), all(&keep));
                    (quote!(values: #outer), all(&quote!(|values| #once)))
                } else {
                    (quote!(values: #inner), all(&keep))
                }
            }
        }
    }

    /// Statements that put the kept value, a reference called `value`, on the command line `line`.
    pub(super) fn render(&self, code: &TokenStream) -> TokenStream {
        let (text, texts) = match self.value_type() {
            Some(ValueType::Truthy) => (
                quote!(#code::__command_line::truth(value)),
                quote!(#code::__command_line::all(value, #code::__command_line::truth)),
            ),
            _ => (
                quote!(#code::__command_line::text(value)),
                quote!(#code::__command_line::all(value, #code::__command_line::text)),
            ),
        };
        let name = &self.argument.name;
        match (&self.argument.takes, &self.argument.spelling) {
            (Takes::Nothing, Spelling::Option { flag, .. }) => quote!(let () = value; line.flag(#flag);),
            (Takes::Switch { when: true }, Spelling::Option { flag, .. }) => {
                quote!(if *value { line.flag(#flag); })
            }
            (Takes::Switch { when: false }, Spelling::Option { flag, .. }) => {
                quote!(if !*value { line.flag(#flag); })
            }
            (Takes::Toggle { off }, Spelling::Option { flag, .. }) => {
                quote!(line.flag(if *value { #flag } else { #off });)
            }
            (Takes::Count, Spelling::Option { flag, .. }) => quote!(for _ in 0..*value { line.flag(#flag); }),
            (Takes::Value { arity, repeated, .. }, Spelling::Option { flag, .. }) => {
                let least = least(*arity);
                let once = match arity {
                    Arity::Optional if self.alone.is_some() => quote! {
                        match value {
                            ::core::option::Option::Some(value) => line.option(#flag, #text),
                            ::core::option::Option::None => line.flag(#flag),
                        }
                    },
                    Arity::One | Arity::Optional => quote!(line.option(#flag, #text);),
                    Arity::Remainder => quote!(line.rest(::core::option::Option::Some(#flag), #texts);),
                    Arity::Any | Arity::Some | Arity::Exactly(_) => {
                        quote!(line.options(#flag, #texts, #least);)
                    }
                };
                if *repeated { quote!(for value in value { #once }) } else { once }
            }
            (Takes::Value { arity, .. }, Spelling::Positional) => {
                let least = least(*arity);
                match arity {
                    Arity::One | Arity::Optional => quote!(line.place(#text);),
                    Arity::Remainder => quote!(line.rest(::core::option::Option::None, #texts);),
                    Arity::Any | Arity::Some | Arity::Exactly(_) => {
                        quote!(line.places(#name, #texts, #least);)
                    }
                }
            }
            // Only values stand by place.
            (_, Spelling::Positional) => quote!(),
        }
    }
}

fn least(arity: Arity) -> usize {
    usize::from(arity == Arity::Some)
}
