//! The Rust struct of one script.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::contract::{Arity, Contract, Reason};
use super::docs;
use super::fields::{Choices, Field, name_groups};

/// What the generated code of a module refers to.
pub(super) struct Place<'p> {
    /// The path of the run-time items, such as `::pipewright::__private`.
    pub(super) root: &'p TokenStream,
    /// The path of the module of code, seen from this one: `self` or `super`.
    pub(super) code: TokenStream,
}

/// What is uploaded for a script, and what is run of it.
pub(super) struct Run<'r> {
    /// An expression of type `CodeAsset`.
    pub(super) asset: TokenStream,
    /// The file inside of it.
    pub(super) entry: &'r str,
    /// Relative to the crate.
    pub(super) path: &'r str,
}

/// Generated code answers to no lint: names are the script's, and no author uses every setter.
pub(super) fn allowed() -> TokenStream {
    quote!(#[allow(warnings, reason = "generated")])
}

/// A struct for a script that takes plain arguments.
pub(super) fn plain(place: &Place<'_>, name: &Ident, run: &Run<'_>, reason: Option<&Reason>) -> TokenStream {
    let (root, allowed) = (place.root, allowed());
    let why = match reason {
        Some(Reason { line, text }) => format!("Takes plain arguments (line {line}: {text})."),
        None => "Takes plain arguments: it declares none.".to_owned(),
    };
    let doc = docs::attributes(&format!("{}\n\n{}", docs::code(run.path), docs::prose(&why)));
    let code = &place.code;
    let script = script_impl(
        place,
        run,
        &quote!(impl #root::Script for #name),
        &quote!(::core::clone::Clone::clone(&self.arguments)),
    );
    quote! {
        #doc
        #allowed
        #[derive(Clone, Debug, Default)]
        #[must_use]
        pub struct #name {
            arguments: ::std::vec::Vec<#root::Expr<::std::string::String>>,
        }

        #allowed
        impl #name {
            /// The script without arguments.
            pub fn new() -> Self {
                ::core::default::Default::default()
            }

            /// Adds an argument.
            pub fn argument(mut self, value: impl ::core::convert::Into<#root::Text>) -> Self {
                self.arguments.push(#code::__command_line::text(value));
                self
            }

            /// Adds arguments.
            pub fn arguments(
                mut self,
                values: impl ::core::iter::IntoIterator<Item = impl ::core::convert::Into<#root::Text>>,
            ) -> Self {
                for value in values {
                    self.arguments.push(#code::__command_line::text(value));
                }
                self
            }
        }

        #script
    }
}

/// A struct for a script with a contract, and the enums of its choices.
pub(super) fn typed(
    place: &Place<'_>,
    name: &Ident,
    run: &Run<'_>,
    contract: &Contract,
    fields: &[Field<'_>],
) -> TokenStream {
    let enums: TokenStream =
        fields.iter().filter_map(|field| Some(choices(place, field.choices.as_ref()?, field))).collect();
    let shape = Shape {
        root: place.root,
        code: &place.code,
        name,
        fields,
        groups: name_groups(contract, fields, name),
        contract,
    };
    let (definition, setters) = (shape.definition(run), shape.setters());
    let script = shape.script(place, run);
    quote!(#definition #setters #script #enums)
}

fn choices(place: &Place<'_>, Choices { name, variants }: &Choices, field: &Field<'_>) -> TokenStream {
    let (root, allowed) = (place.root, allowed());
    let doc = docs::attributes(&format!("What {} accepts.", docs::code(field.argument.shown())));
    let shown = name.to_string();
    let (idents, values): (Vec<_>, Vec<_>) = variants.iter().map(|(ident, value)| (ident, value)).unzip();
    let docs = values.iter().map(|value| format!(" {}", docs::code(value)));
    quote! {
        #doc
        #allowed
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum #name {
            #(#[doc = #docs] #idents,)*
        }

        #allowed
        impl #root::EnumValue for #name {
            const NAME: &'static ::core::primitive::str = #shown;
            const VALUES: &'static [&'static ::core::primitive::str] = &[#(#values),*];

            fn wire(&self) -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                ::std::borrow::Cow::Borrowed(match self {
                    #(Self::#idents => #values,)*
                })
            }
        }
    }
}

fn script_impl(place: &Place<'_>, run: &Run<'_>, head: &TokenStream, arguments: &TokenStream) -> TokenStream {
    let (root, allowed, Run { asset, entry, .. }) = (place.root, allowed(), run);
    quote! {
        #allowed
        #head {
            fn asset(&self) -> #root::CodeAsset {
                #asset
            }

            fn entry(&self) -> &::core::primitive::str {
                #entry
            }

            fn arguments(&self) -> ::std::vec::Vec<#root::Expr<::std::string::String>> {
                #arguments
            }
        }
    }
}

/// The struct of a contract: which type parameters it has, and what they are in which state.
///
/// Every required argument is a type parameter, `Missing` until it is set and the type of its value then; every mutually
/// exclusive group is one that becomes `()` when one of its arguments is set.
struct Shape<'c> {
    root: &'c TokenStream,
    code: &'c TokenStream,
    name: &'c Ident,
    fields: &'c [Field<'c>],
    groups: Vec<Ident>,
    contract: &'c Contract,
}

impl Shape<'_> {
    fn parameters(&self) -> Vec<&Ident> {
        self.fields.iter().filter_map(|field| field.parameter.as_ref()).chain(&self.groups).collect()
    }

    /// `<A, B>` with some parameters replaced by types; nothing when there are none.
    fn arguments(&self, replaced: &[(&Ident, TokenStream)]) -> TokenStream {
        let each = self.parameters().into_iter().map(|parameter| {
            replaced
                .iter()
                .find(|(name, _)| *name == parameter)
                .map_or_else(|| quote!(#parameter), |(_, by)| by.clone())
        });
        angle(&each.collect::<Vec<_>>())
    }

    /// `<A, B>` for an `impl`, without some parameters.
    fn generics(&self, but: &[&Ident]) -> TokenStream {
        let kept = self.parameters().into_iter().filter(|parameter| !but.contains(parameter));
        angle(&kept.map(|parameter| quote!(#parameter)).collect::<Vec<_>>())
    }

    fn definition(&self, run: &Run<'_>) -> TokenStream {
        let Self { root, name, fields, groups, contract, .. } = self;
        let allowed = allowed();
        let mut doc = docs::code(run.path);
        if let Some(description) = &contract.description {
            doc = format!("{doc}: {}", docs::prose(description));
        }
        let required: Vec<String> = fields
            .iter()
            .filter(|field| field.argument.required)
            .map(|field| docs::code(&field.name.to_string()))
            .collect();
        if !required.is_empty() {
            doc = format!("{doc}\n\nRequired: {}.", required.join(", "));
        }
        for (index, group) in contract.groups.iter().enumerate() {
            let members = fields.iter().filter(|field| field.argument.group == Some(index));
            let members: Vec<String> = members.map(|field| docs::code(&field.name.to_string())).collect();
            let least = if group.required { "Exactly" } else { "At most" };
            doc = format!("{doc}\n\n{least} one of {}.", members.join(", "));
        }
        let doc = docs::attributes(&doc);
        let defaults = self.parameters().into_iter().map(|parameter| quote!(#parameter = #root::Missing));
        let defaults = angle(&defaults.collect::<Vec<_>>());
        let (names, parameters): (Vec<_>, Vec<_>) =
            fields.iter().filter_map(|field| Some((&field.name, field.parameter.as_ref()?))).unzip();
        let group_fields: Vec<Ident> = (0..groups.len()).map(group_field).collect();
        let optional = optional_type(name);
        let optionals = fields.iter().filter(|field| field.parameter.is_none()).map(|field| {
            let (name, stored) = (&field.name, field.stored(root));
            quote!(#name: ::core::option::Option<#stored>)
        });
        quote! {
            #doc
            #allowed
            #[derive(Clone, Debug)]
            #[must_use]
            pub struct #name #defaults {
                #(#names: #parameters,)*
                #(#group_fields: #groups,)*
                __optional: #optional,
            }

            #allowed
            #[derive(Clone, Debug, Default)]
            struct #optional {
                #(#optionals,)*
            }

            #allowed
            impl #name {
                /// The script without arguments.
                pub fn new() -> Self {
                    Self {
                        #(#names: #root::Missing,)*
                        #(#group_fields: #root::Missing,)*
                        __optional: ::core::default::Default::default(),
                    }
                }
            }
        }
    }

    fn setters(&self) -> TokenStream {
        let (Self { name, root, .. }, allowed) = (self, allowed());
        let free =
            self.fields.iter().filter(|field| field.parameter.is_none() && field.argument.group.is_none());
        let free: Vec<TokenStream> = free.map(|field| self.free_setters(field)).collect();
        let bound = self.fields.iter().filter_map(|field| {
            let parameter = field.parameter.as_ref().or_else(|| self.groups.get(field.argument.group?))?;
            let (generics, arguments) =
                (self.generics(&[parameter]), self.arguments(&[(parameter, quote!(#root::Missing))]));
            let setters = self.bound_setters(field, parameter);
            Some(quote!(#allowed impl #generics #name #arguments { #setters }))
        });
        let bound: TokenStream = bound.collect();
        if free.is_empty() {
            return bound;
        }
        let (generics, arguments) = (self.generics(&[]), self.arguments(&[]));
        quote!(#bound #allowed impl #generics #name #arguments { #(#free)* })
    }

    /// Setters that leave the type as it is.
    fn free_setters(&self, field: &Field<'_>) -> TokenStream {
        setters(
            self,
            field,
            &quote!(mut self),
            &quote!(Self),
            |name, kept| quote!(self.__optional.#name = ::core::option::Option::Some(#kept); self),
        )
    }

    /// Setters that replace `Missing` by what was set.
    fn bound_setters(&self, field: &Field<'_>, parameter: &Ident) -> TokenStream {
        let Self { root, name, fields, groups, .. } = self;
        let state = if field.parameter.is_some() { field.stored(root) } else { quote!(()) };
        let arguments = self.arguments(&[(parameter, state)]);
        let member = field.argument.group.is_some();
        let this = if member { quote!(mut self) } else { quote!(self) };
        setters(self, field, &this, &quote!(#name #arguments), |this, kept| {
            let moved = fields.iter().filter(|other| other.parameter.is_some()).map(|other| {
                let other = &other.name;
                if other == this { quote!(#other: #kept) } else { quote!(#other: self.#other) }
            });
            let moved_groups = groups.iter().enumerate().map(|(index, group)| {
                let name = group_field(index);
                if group == parameter { quote!(#name: ()) } else { quote!(#name: self.#name) }
            });
            let set = member.then(|| quote!(self.__optional.#this = ::core::option::Option::Some(#kept);));
            quote! {
                #set
                #name { #(#moved,)* #(#moved_groups,)* __optional: self.__optional }
            }
        })
    }

    fn script(&self, place: &Place<'_>, run: &Run<'_>) -> TokenStream {
        let Self { root, name, fields, groups, contract, .. } = self;
        let mut set: Vec<(&Ident, TokenStream)> =
            fields.iter().filter_map(|field| Some((field.parameter.as_ref()?, field.stored(root)))).collect();
        set.extend(
            groups
                .iter()
                .zip(&contract.groups)
                .filter(|(_, group)| group.required)
                .map(|(name, _)| (name, quote!(()))),
        );
        let done: Vec<&Ident> = set.iter().map(|(name, _)| *name).collect();
        let (generics, arguments) = (self.generics(&done), self.arguments(&set));
        let head = quote!(impl #generics #root::Script for #name #arguments);
        let rendered = fields.iter().map(|field| {
            let (name, body) = (&field.name, field.render(self.code));
            if field.parameter.is_some() {
                quote!({ let value = &self.#name; #body })
            } else {
                quote!(if let ::core::option::Option::Some(value) = &self.__optional.#name { #body })
            }
        });
        let code = &place.code;
        let numeric = contract.numeric_options;
        let remainder = |field: &Field<'_>| field.argument.arity() == Some(Arity::Remainder);
        let rest = fields.iter().any(|field| field.argument.is_positional() && remainder(field));
        let body = if fields.is_empty() {
            quote!(::std::vec::Vec::new())
        } else {
            quote! {
                let mut line = #code::__command_line::CommandLine::new(#numeric, #rest);
                #(#rendered)*
                line.finish()
            }
        };
        script_impl(place, run, &head, &body)
    }
}

/// The setters of a field: `make` is the body for a field's name and the kept value.
fn setters(
    shape: &Shape<'_>,
    field: &Field<'_>,
    this: &TokenStream,
    returned: &TokenStream,
    make: impl Fn(&Ident, &TokenStream) -> TokenStream,
) -> TokenStream {
    let name = &field.name;
    let doc = docs::attributes(&docs::argument(field.argument));
    let (parameters, kept) = field.setter(shape.root, shape.code);
    let body = make(name, &kept);
    let main = quote! {
        #doc
        pub fn #name(#this, #parameters) -> #returned { #body }
    };
    let Some(alone) = &field.alone else { return main };
    let doc = docs::attributes(&format!("Passes {} without a value.", docs::code(field.argument.shown())));
    let body = make(name, &quote!(::core::option::Option::None));
    quote! {
        #main

        #doc
        pub fn #alone(#this) -> #returned { #body }
    }
}

/// The struct of the arguments that change no type. A name that begins with underscores is never an author's.
fn optional_type(script: &Ident) -> Ident {
    format_ident!("__{script}Optional")
}

fn group_field(index: usize) -> Ident {
    format_ident!("__group_{index}")
}

fn angle(inside: &[TokenStream]) -> TokenStream {
    if inside.is_empty() { quote!() } else { quote!(<#(#inside),*>) }
}
