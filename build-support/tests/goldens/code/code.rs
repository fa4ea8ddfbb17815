/// `tests/code/2prep.py`
///
/// Takes plain arguments: it declares none.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct _2prep {
    arguments: ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
}
#[allow(warnings, reason = "generated")]
impl _2prep {
    /// The script without arguments.
    pub fn new() -> Self {
        ::core::default::Default::default()
    }
    /// Adds an argument.
    pub fn argument(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Text>,
    ) -> Self {
        self.arguments.push(self::__command_line::text(value));
        self
    }
    /// Adds arguments.
    pub fn arguments(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<crate::runtime::Text>,
        >,
    ) -> Self {
        for value in values {
            self.arguments.push(self::__command_line::text(value));
        }
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for _2prep {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("2prep.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "8274f2b997901c3f1dfee17615a61e881e88bf418d6b90333a9c9a3b9084b292",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/2prep.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "2prep.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        ::core::clone::Clone::clone(&self.arguments)
    }
}
/// `tests/code/evaluate.py`: Prints what it is given.
///
/// Required: `config_parameter`.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug)]
#[must_use]
pub struct Evaluate<ConfigParameter = crate::runtime::Missing> {
    config_parameter: ConfigParameter,
    __optional: __EvaluateOptional,
}
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
struct __EvaluateOptional {}
#[allow(warnings, reason = "generated")]
impl Evaluate {
    /// The script without arguments.
    pub fn new() -> Self {
        Self {
            config_parameter: crate::runtime::Missing,
            __optional: ::core::default::Default::default(),
        }
    }
}
#[allow(warnings, reason = "generated")]
impl Evaluate<crate::runtime::Missing> {
    /// Greeting to print.
    ///
    /// `--config_parameter`: text, required.
    pub fn config_parameter(
        self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Evaluate<crate::runtime::Expr<::std::string::String>> {
        Evaluate {
            config_parameter: ::core::convert::Into::into(value),
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for Evaluate<crate::runtime::Expr<::std::string::String>> {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("evaluate.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "51d807ee5d9486a00e214e7293f2a337ecbf9ca28435adcd0faf62445830d29a",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/evaluate.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "evaluate.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        let mut line = self::__command_line::CommandLine::new(false, false);
        {
            let value = &self.config_parameter;
            line.option("--config_parameter", self::__command_line::text(value));
        }
        line.finish()
    }
}
/// `tests/code/numbers.py`
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug)]
#[must_use]
pub struct Numbers {
    __optional: __NumbersOptional,
}
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
struct __NumbersOptional {
    one: ::core::option::Option<::core::primitive::bool>,
    offset: ::core::option::Option<crate::runtime::Expr<::core::primitive::f64>>,
    offsets: ::core::option::Option<
        ::std::vec::Vec<crate::runtime::Expr<::core::primitive::i64>>,
    >,
}
#[allow(warnings, reason = "generated")]
impl Numbers {
    /// The script without arguments.
    pub fn new() -> Self {
        Self {
            __optional: ::core::default::Default::default(),
        }
    }
}
#[allow(warnings, reason = "generated")]
impl Numbers {
    /// `-1`: passed for `true`, left out for `false`.
    pub fn one(mut self, value: ::core::primitive::bool) -> Self {
        self.__optional.one = ::core::option::Option::Some(value);
        self
    }
    /// `--offset`: a number.
    pub fn offset(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::core::primitive::f64>>,
    ) -> Self {
        self.__optional.offset = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
    /// `--offsets`: one or more integers.
    pub fn offsets(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<
                crate::runtime::Expr<::core::primitive::i64>,
            >,
        >,
    ) -> Self {
        self.__optional.offsets = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for Numbers {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("numbers.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "184276b6184469ef38d52cbc167f673a028974beba205f3b59ab42f222897355",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/numbers.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "numbers.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        let mut line = self::__command_line::CommandLine::new(true, false);
        if let ::core::option::Option::Some(value) = &self.__optional.one {
            if *value {
                line.flag("-1");
            }
        }
        if let ::core::option::Option::Some(value) = &self.__optional.offset {
            line.option("--offset", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.offsets {
            line.options(
                "--offsets",
                self::__command_line::all(value, self::__command_line::text),
                1usize,
            );
        }
        line.finish()
    }
}
/// `tests/code/optional_place.py`
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug)]
#[must_use]
pub struct OptionalPlace {
    __optional: __OptionalPlaceOptional,
}
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
struct __OptionalPlaceOptional {
    file: ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    tags: ::core::option::Option<
        ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
    >,
}
#[allow(warnings, reason = "generated")]
impl OptionalPlace {
    /// The script without arguments.
    pub fn new() -> Self {
        Self {
            __optional: ::core::default::Default::default(),
        }
    }
}
#[allow(warnings, reason = "generated")]
impl OptionalPlace {
    /// `file` by place: text or nothing.
    /// Default: `-`.
    pub fn file(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Self {
        self.__optional.file = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
    /// `--tags`: one or more texts.
    pub fn tags(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<
                crate::runtime::Expr<::std::string::String>,
            >,
        >,
    ) -> Self {
        self.__optional.tags = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for OptionalPlace {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("optional_place.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "ec97630ffdf6f49e51b5615a1d9a22c796cdf77e96caf2016908623105b1d5e1",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/optional_place.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "optional_place.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        let mut line = self::__command_line::CommandLine::new(false, false);
        if let ::core::option::Option::Some(value) = &self.__optional.file {
            line.place(self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.tags {
            line.options(
                "--tags",
                self::__command_line::all(value, self::__command_line::text),
                1usize,
            );
        }
        line.finish()
    }
}
/// `tests/code/places.py`
///
/// Required: `source`, `count`.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug)]
#[must_use]
pub struct Places<Source = crate::runtime::Missing, Count = crate::runtime::Missing> {
    source: Source,
    count: Count,
    __optional: __PlacesOptional,
}
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
struct __PlacesOptional {
    more: ::core::option::Option<
        ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
    >,
    exclude: ::core::option::Option<
        ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
    >,
    mode: ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    level: ::core::option::Option<
        ::core::option::Option<crate::runtime::Expr<::core::primitive::i64>>,
    >,
}
#[allow(warnings, reason = "generated")]
impl Places {
    /// The script without arguments.
    pub fn new() -> Self {
        Self {
            source: crate::runtime::Missing,
            count: crate::runtime::Missing,
            __optional: ::core::default::Default::default(),
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<Count> Places<crate::runtime::Missing, Count> {
    /// what to copy
    ///
    /// `source` by place: text, required.
    pub fn source(
        self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Places<crate::runtime::Expr<::std::string::String>, Count> {
        Places {
            source: ::core::convert::Into::into(value),
            count: self.count,
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<Source> Places<Source, crate::runtime::Missing> {
    /// `count` by place: an integer, required.
    pub fn count(
        self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::core::primitive::i64>>,
    ) -> Places<Source, crate::runtime::Expr<::core::primitive::i64>> {
        Places {
            source: self.source,
            count: ::core::convert::Into::into(value),
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<Source, Count> Places<Source, Count> {
    /// `more` by place: any number of texts.
    pub fn more(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<
                crate::runtime::Expr<::std::string::String>,
            >,
        >,
    ) -> Self {
        self.__optional.more = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
    /// `--exclude`: any number of texts.
    pub fn exclude(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<
                crate::runtime::Expr<::std::string::String>,
            >,
        >,
    ) -> Self {
        self.__optional.exclude = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
    /// `--mode`: text.
    pub fn mode(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Self {
        self.__optional.mode = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
    /// `--level` (also `-l`): an integer or nothing.
    pub fn level(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::core::primitive::i64>>,
    ) -> Self {
        self.__optional.level = ::core::option::Option::Some(
            ::core::option::Option::Some(::core::convert::Into::into(value)),
        );
        self
    }
    /// Passes `--level` without a value.
    pub fn level_alone(mut self) -> Self {
        self.__optional.level = ::core::option::Option::Some(
            ::core::option::Option::None,
        );
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script
for Places<
    crate::runtime::Expr<::std::string::String>,
    crate::runtime::Expr<::core::primitive::i64>,
> {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("places.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "dd06302f0ee08903ea2e5ab660ef4bd360db654349fd90987955eefd235ae230",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/places.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "places.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        let mut line = self::__command_line::CommandLine::new(false, false);
        {
            let value = &self.source;
            line.place(self::__command_line::text(value));
        }
        {
            let value = &self.count;
            line.place(self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.more {
            line.places(
                "more",
                self::__command_line::all(value, self::__command_line::text),
                0usize,
            );
        }
        if let ::core::option::Option::Some(value) = &self.__optional.exclude {
            line.options(
                "--exclude",
                self::__command_line::all(value, self::__command_line::text),
                0usize,
            );
        }
        if let ::core::option::Option::Some(value) = &self.__optional.mode {
            line.option("--mode", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.level {
            match value {
                ::core::option::Option::Some(value) => {
                    line.option("--level", self::__command_line::text(value))
                }
                ::core::option::Option::None => line.flag("--level"),
            }
        }
        line.finish()
    }
}
/// `tests/code/plain.py`
///
/// Takes plain arguments (line 3: it reads \`sys.argv\` itself).
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Plain {
    arguments: ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
}
#[allow(warnings, reason = "generated")]
impl Plain {
    /// The script without arguments.
    pub fn new() -> Self {
        ::core::default::Default::default()
    }
    /// Adds an argument.
    pub fn argument(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Text>,
    ) -> Self {
        self.arguments.push(self::__command_line::text(value));
        self
    }
    /// Adds arguments.
    pub fn arguments(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<crate::runtime::Text>,
        >,
    ) -> Self {
        for value in values {
            self.arguments.push(self::__command_line::text(value));
        }
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for Plain {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("plain.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "8595be517da6e962e8b4e2c294d73706df009e293752349b962e5ba7a3a74f60",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/plain.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "plain.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        ::core::clone::Clone::clone(&self.arguments)
    }
}
/// `tests/code/rest.py`
///
/// Required: `command`.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug)]
#[must_use]
pub struct Rest<Command = crate::runtime::Missing> {
    command: Command,
    __optional: __RestOptional,
}
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
struct __RestOptional {
    mode: ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    names: ::core::option::Option<
        ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
    >,
    arguments: ::core::option::Option<
        ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
    >,
}
#[allow(warnings, reason = "generated")]
impl Rest {
    /// The script without arguments.
    pub fn new() -> Self {
        Self {
            command: crate::runtime::Missing,
            __optional: ::core::default::Default::default(),
        }
    }
}
#[allow(warnings, reason = "generated")]
impl Rest<crate::runtime::Missing> {
    /// `command` by place: text, required.
    pub fn command(
        self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Rest<crate::runtime::Expr<::std::string::String>> {
        Rest {
            command: ::core::convert::Into::into(value),
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<Command> Rest<Command> {
    /// `--mode`: text.
    pub fn mode(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Self {
        self.__optional.mode = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
    /// `--names` (also `-n`): any number of texts.
    pub fn names(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<
                crate::runtime::Expr<::std::string::String>,
            >,
        >,
    ) -> Self {
        self.__optional.names = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
    /// `arguments` by place: the rest of the command line, texts.
    pub fn arguments(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<
                crate::runtime::Expr<::std::string::String>,
            >,
        >,
    ) -> Self {
        self.__optional.arguments = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for Rest<crate::runtime::Expr<::std::string::String>> {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("rest.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "9540519c5726e8e07b75e4ebb0f62bf2a3649ae39a983ff854d414df2b4d58dc",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/rest.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "rest.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        let mut line = self::__command_line::CommandLine::new(false, true);
        if let ::core::option::Option::Some(value) = &self.__optional.mode {
            line.option("--mode", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.names {
            line.options(
                "--names",
                self::__command_line::all(value, self::__command_line::text),
                0usize,
            );
        }
        {
            let value = &self.command;
            line.place(self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.arguments {
            line.rest(
                ::core::option::Option::None,
                self::__command_line::all(value, self::__command_line::text),
            );
        }
        line.finish()
    }
}
/// `tests/code/self.py`
///
/// Takes plain arguments: it declares none.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Self_ {
    arguments: ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
}
#[allow(warnings, reason = "generated")]
impl Self_ {
    /// The script without arguments.
    pub fn new() -> Self {
        ::core::default::Default::default()
    }
    /// Adds an argument.
    pub fn argument(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Text>,
    ) -> Self {
        self.arguments.push(self::__command_line::text(value));
        self
    }
    /// Adds arguments.
    pub fn arguments(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<crate::runtime::Text>,
        >,
    ) -> Self {
        for value in values {
            self.arguments.push(self::__command_line::text(value));
        }
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for Self_ {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("self.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "8274f2b997901c3f1dfee17615a61e881e88bf418d6b90333a9c9a3b9084b292",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/self.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "self.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        ::core::clone::Clone::clone(&self.arguments)
    }
}
/// `tests/code/settings.json`
///
/// Takes plain arguments: it declares none.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct SettingsJson {
    arguments: ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
}
#[allow(warnings, reason = "generated")]
impl SettingsJson {
    /// The script without arguments.
    pub fn new() -> Self {
        ::core::default::Default::default()
    }
    /// Adds an argument.
    pub fn argument(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Text>,
    ) -> Self {
        self.arguments.push(self::__command_line::text(value));
        self
    }
    /// Adds arguments.
    pub fn arguments(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<crate::runtime::Text>,
        >,
    ) -> Self {
        for value in values {
            self.arguments.push(self::__command_line::text(value));
        }
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for SettingsJson {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("settings.json"),
            sha256: ::std::borrow::Cow::Borrowed(
                "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/settings.json"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "settings.json"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        ::core::clone::Clone::clone(&self.arguments)
    }
}
/// `tests/code/train.py`: Trains a model on 100% of \<the\> data.
///
/// Required: `train`, `image_size`, `epochs`, `depth`.
///
/// Exactly one of `fresh`, `resume`.
///
/// At most one of `quiet`, `loud`.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug)]
#[must_use]
pub struct Train<
    Train_ = crate::runtime::Missing,
    ImageSize = crate::runtime::Missing,
    Epochs = crate::runtime::Missing,
    Depth = crate::runtime::Missing,
    OneOf = crate::runtime::Missing,
    OneOf_ = crate::runtime::Missing,
> {
    train: Train_,
    image_size: ImageSize,
    epochs: Epochs,
    depth: Depth,
    __group_0: OneOf,
    __group_1: OneOf_,
    __optional: __TrainOptional,
}
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
struct __TrainOptional {
    model_dir: ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    columns: ::core::option::Option<
        ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
    >,
    weights: ::core::option::Option<
        ::std::vec::Vec<crate::runtime::Expr<::core::primitive::f64>>,
    >,
    lr: ::core::option::Option<crate::runtime::Expr<::core::primitive::f64>>,
    objective: ::core::option::Option<crate::runtime::Expr<TrainObjective>>,
    metric: ::core::option::Option<::std::vec::Vec<crate::runtime::Expr<TrainMetric>>>,
    pair: ::core::option::Option<
        ::std::vec::Vec<::std::vec::Vec<crate::runtime::Expr<::core::primitive::i64>>>,
    >,
    verbose: ::core::option::Option<::core::primitive::u8>,
    debug: ::core::option::Option<::core::primitive::bool>,
    no_cache: ::core::option::Option<()>,
    early_stop: ::core::option::Option<::core::primitive::bool>,
    shuffle: ::core::option::Option<::core::primitive::bool>,
    bias: ::core::option::Option<::core::primitive::bool>,
    profile: ::core::option::Option<
        ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    >,
    hyper: ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    r#type: ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    new_: ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    fresh: ::core::option::Option<()>,
    resume: ::core::option::Option<crate::runtime::Expr<::std::string::String>>,
    quiet: ::core::option::Option<()>,
    loud: ::core::option::Option<()>,
}
#[allow(warnings, reason = "generated")]
impl Train {
    /// The script without arguments.
    pub fn new() -> Self {
        Self {
            train: crate::runtime::Missing,
            image_size: crate::runtime::Missing,
            epochs: crate::runtime::Missing,
            depth: crate::runtime::Missing,
            __group_0: crate::runtime::Missing,
            __group_1: crate::runtime::Missing,
            __optional: ::core::default::Default::default(),
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    ImageSize,
    Epochs,
    Depth,
    OneOf,
    OneOf_,
> Train<crate::runtime::Missing, ImageSize, Epochs, Depth, OneOf, OneOf_> {
    /// folder with \*.csv
    ///
    /// `--train` (also `-t`): text, required.
    pub fn train(
        self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Train<
        crate::runtime::Expr<::std::string::String>,
        ImageSize,
        Epochs,
        Depth,
        OneOf,
        OneOf_,
    > {
        Train {
            train: ::core::convert::Into::into(value),
            image_size: self.image_size,
            epochs: self.epochs,
            depth: self.depth,
            __group_0: self.__group_0,
            __group_1: self.__group_1,
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    Train_,
    Epochs,
    Depth,
    OneOf,
    OneOf_,
> Train<Train_, crate::runtime::Missing, Epochs, Depth, OneOf, OneOf_> {
    /// width and height
    ///
    /// `--image-size`: 2 integers, required.
    pub fn image_size(
        self,
        values: [impl ::core::convert::Into<
            crate::runtime::Expr<::core::primitive::i64>,
        >; 2usize],
    ) -> Train<
        Train_,
        ::std::vec::Vec<crate::runtime::Expr<::core::primitive::i64>>,
        Epochs,
        Depth,
        OneOf,
        OneOf_,
    > {
        Train {
            train: self.train,
            image_size: self::__command_line::all(values, ::core::convert::Into::into),
            epochs: self.epochs,
            depth: self.depth,
            __group_0: self.__group_0,
            __group_1: self.__group_1,
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    Train_,
    ImageSize,
    Depth,
    OneOf,
    OneOf_,
> Train<Train_, ImageSize, crate::runtime::Missing, Depth, OneOf, OneOf_> {
    /// passes over the data
    ///
    /// `--epochs`: an integer, required.
    pub fn epochs(
        self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::core::primitive::i64>>,
    ) -> Train<
        Train_,
        ImageSize,
        crate::runtime::Expr<::core::primitive::i64>,
        Depth,
        OneOf,
        OneOf_,
    > {
        Train {
            train: self.train,
            image_size: self.image_size,
            epochs: ::core::convert::Into::into(value),
            depth: self.depth,
            __group_0: self.__group_0,
            __group_1: self.__group_1,
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    Train_,
    ImageSize,
    Epochs,
    OneOf,
    OneOf_,
> Train<Train_, ImageSize, Epochs, crate::runtime::Missing, OneOf, OneOf_> {
    /// `--depth`: a choice, required.
    /// Choices: `4`, `6`, `-1`.
    pub fn depth(
        self,
        value: impl ::core::convert::Into<crate::runtime::Expr<TrainDepth>>,
    ) -> Train<
        Train_,
        ImageSize,
        Epochs,
        crate::runtime::Expr<TrainDepth>,
        OneOf,
        OneOf_,
    > {
        Train {
            train: self.train,
            image_size: self.image_size,
            epochs: self.epochs,
            depth: ::core::convert::Into::into(value),
            __group_0: self.__group_0,
            __group_1: self.__group_1,
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    Train_,
    ImageSize,
    Epochs,
    Depth,
    OneOf_,
> Train<Train_, ImageSize, Epochs, Depth, crate::runtime::Missing, OneOf_> {
    /// start from nothing
    ///
    /// `--fresh`: passed without a value.
    pub fn fresh(mut self) -> Train<Train_, ImageSize, Epochs, Depth, (), OneOf_> {
        self.__optional.fresh = ::core::option::Option::Some(());
        Train {
            train: self.train,
            image_size: self.image_size,
            epochs: self.epochs,
            depth: self.depth,
            __group_0: (),
            __group_1: self.__group_1,
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    Train_,
    ImageSize,
    Epochs,
    Depth,
    OneOf_,
> Train<Train_, ImageSize, Epochs, Depth, crate::runtime::Missing, OneOf_> {
    /// `--resume`: text.
    pub fn resume(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Train<Train_, ImageSize, Epochs, Depth, (), OneOf_> {
        self.__optional.resume = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        Train {
            train: self.train,
            image_size: self.image_size,
            epochs: self.epochs,
            depth: self.depth,
            __group_0: (),
            __group_1: self.__group_1,
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    Train_,
    ImageSize,
    Epochs,
    Depth,
    OneOf,
> Train<Train_, ImageSize, Epochs, Depth, OneOf, crate::runtime::Missing> {
    /// `--quiet`: passed without a value.
    pub fn quiet(mut self) -> Train<Train_, ImageSize, Epochs, Depth, OneOf, ()> {
        self.__optional.quiet = ::core::option::Option::Some(());
        Train {
            train: self.train,
            image_size: self.image_size,
            epochs: self.epochs,
            depth: self.depth,
            __group_0: self.__group_0,
            __group_1: (),
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    Train_,
    ImageSize,
    Epochs,
    Depth,
    OneOf,
> Train<Train_, ImageSize, Epochs, Depth, OneOf, crate::runtime::Missing> {
    /// `--loud`: passed without a value.
    pub fn loud(mut self) -> Train<Train_, ImageSize, Epochs, Depth, OneOf, ()> {
        self.__optional.loud = ::core::option::Option::Some(());
        Train {
            train: self.train,
            image_size: self.image_size,
            epochs: self.epochs,
            depth: self.depth,
            __group_0: self.__group_0,
            __group_1: (),
            __optional: self.__optional,
        }
    }
}
#[allow(warnings, reason = "generated")]
impl<
    Train_,
    ImageSize,
    Epochs,
    Depth,
    OneOf,
    OneOf_,
> Train<Train_, ImageSize, Epochs, Depth, OneOf, OneOf_> {
    /// `--model-dir`: text.
    /// Default: from the environment (`SM_MODEL_DIR`), otherwise `/opt/ml/model`.
    pub fn model_dir(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Self {
        self.__optional.model_dir = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
    /// `--columns`: one or more texts.
    pub fn columns(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<
                crate::runtime::Expr<::std::string::String>,
            >,
        >,
    ) -> Self {
        self.__optional.columns = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
    /// `--weights`: any number of numbers.
    pub fn weights(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<
                crate::runtime::Expr<::core::primitive::f64>,
            >,
        >,
    ) -> Self {
        self.__optional.weights = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
    /// `--learning-rate` (also `--lr`): a number.
    /// Default: `0.1`.
    pub fn lr(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::core::primitive::f64>>,
    ) -> Self {
        self.__optional.lr = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
    /// `--objective`: a choice.
    /// Choices: `reg:squarederror`, `reg:logistic`.
    /// Default: `reg:squarederror`.
    pub fn objective(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<TrainObjective>>,
    ) -> Self {
        self.__optional.objective = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
    /// `--metric`: choices, with the flag before each.
    /// Choices: `rmse`, `mae`.
    pub fn metric(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<crate::runtime::Expr<TrainMetric>>,
        >,
    ) -> Self {
        self.__optional.metric = ::core::option::Option::Some(
            self::__command_line::all(values, ::core::convert::Into::into),
        );
        self
    }
    /// `--pair`: 2 integers, with the flag before each.
    pub fn pair(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = [impl ::core::convert::Into<
                crate::runtime::Expr<::core::primitive::i64>,
            >; 2usize],
        >,
    ) -> Self {
        self.__optional.pair = ::core::option::Option::Some(
            self::__command_line::all(
                values,
                |values| self::__command_line::all(values, ::core::convert::Into::into),
            ),
        );
        self
    }
    /// `--verbose` (also `-v`): passed as often as the number says.
    /// Default: `0`.
    pub fn verbose(mut self, times: ::core::primitive::u8) -> Self {
        self.__optional.verbose = ::core::option::Option::Some(times);
        self
    }
    /// `--debug`: passed for `true`, left out for `false`.
    pub fn debug(mut self, value: ::core::primitive::bool) -> Self {
        self.__optional.debug = ::core::option::Option::Some(value);
        self
    }
    /// `--no-cache`: passed without a value.
    pub fn no_cache(mut self) -> Self {
        self.__optional.no_cache = ::core::option::Option::Some(());
        self
    }
    /// `--no-early-stop`: passed for `false`, left out for `true`.
    pub fn early_stop(mut self, value: ::core::primitive::bool) -> Self {
        self.__optional.early_stop = ::core::option::Option::Some(value);
        self
    }
    /// `--shuffle`: passed for `true`, `--no-shuffle` for `false`.
    pub fn shuffle(mut self, value: ::core::primitive::bool) -> Self {
        self.__optional.shuffle = ::core::option::Option::Some(value);
        self
    }
    /// `--bias`: a boolean.
    /// Default: `True`.
    /// The script takes any text but the empty one for true; false is passed as nothing.
    pub fn bias(mut self, value: ::core::primitive::bool) -> Self {
        self.__optional.bias = ::core::option::Option::Some(
            ::core::convert::identity(value),
        );
        self
    }
    /// `--profile`: text or nothing.
    pub fn profile(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Self {
        self.__optional.profile = ::core::option::Option::Some(
            ::core::option::Option::Some(::core::convert::Into::into(value)),
        );
        self
    }
    /// Passes `--profile` without a value.
    pub fn profile_alone(mut self) -> Self {
        self.__optional.profile = ::core::option::Option::Some(
            ::core::option::Option::None,
        );
        self
    }
    /// `--hyper`: text.
    /// Default: computed, `{}`.
    pub fn hyper(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Text>,
    ) -> Self {
        self.__optional.hyper = ::core::option::Option::Some(
            self::__command_line::text(value),
        );
        self
    }
    /// `--type`: text.
    /// Default: `gbtree`.
    pub fn r#type(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Self {
        self.__optional.r#type = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
    /// `--new`: text.
    pub fn new_(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Expr<::std::string::String>>,
    ) -> Self {
        self.__optional.new_ = ::core::option::Option::Some(
            ::core::convert::Into::into(value),
        );
        self
    }
}
#[allow(warnings, reason = "generated")]
impl<OneOf_> crate::runtime::Script
for Train<
    crate::runtime::Expr<::std::string::String>,
    ::std::vec::Vec<crate::runtime::Expr<::core::primitive::i64>>,
    crate::runtime::Expr<::core::primitive::i64>,
    crate::runtime::Expr<TrainDepth>,
    (),
    OneOf_,
> {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("train.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "59a2aa28954dff0527a7a2af224510c16dc539be40e24d64bf12aa381c81b3e9",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/train.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "train.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        let mut line = self::__command_line::CommandLine::new(false, false);
        {
            let value = &self.train;
            line.option("--train", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.model_dir {
            line.option("--model-dir", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.columns {
            line.options(
                "--columns",
                self::__command_line::all(value, self::__command_line::text),
                1usize,
            );
        }
        if let ::core::option::Option::Some(value) = &self.__optional.weights {
            line.options(
                "--weights",
                self::__command_line::all(value, self::__command_line::text),
                0usize,
            );
        }
        {
            let value = &self.image_size;
            line.options(
                "--image-size",
                self::__command_line::all(value, self::__command_line::text),
                0usize,
            );
        }
        {
            let value = &self.epochs;
            line.option("--epochs", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.lr {
            line.option("--learning-rate", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.objective {
            line.option("--objective", self::__command_line::text(value));
        }
        {
            let value = &self.depth;
            line.option("--depth", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.metric {
            for value in value {
                line.option("--metric", self::__command_line::text(value));
            }
        }
        if let ::core::option::Option::Some(value) = &self.__optional.pair {
            for value in value {
                line.options(
                    "--pair",
                    self::__command_line::all(value, self::__command_line::text),
                    0usize,
                );
            }
        }
        if let ::core::option::Option::Some(value) = &self.__optional.verbose {
            for _ in 0..*value {
                line.flag("--verbose");
            }
        }
        if let ::core::option::Option::Some(value) = &self.__optional.debug {
            if *value {
                line.flag("--debug");
            }
        }
        if let ::core::option::Option::Some(value) = &self.__optional.no_cache {
            let () = value;
            line.flag("--no-cache");
        }
        if let ::core::option::Option::Some(value) = &self.__optional.early_stop {
            if !*value {
                line.flag("--no-early-stop");
            }
        }
        if let ::core::option::Option::Some(value) = &self.__optional.shuffle {
            line.flag(if *value { "--shuffle" } else { "--no-shuffle" });
        }
        if let ::core::option::Option::Some(value) = &self.__optional.bias {
            line.option("--bias", self::__command_line::truth(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.profile {
            match value {
                ::core::option::Option::Some(value) => {
                    line.option("--profile", self::__command_line::text(value))
                }
                ::core::option::Option::None => line.flag("--profile"),
            }
        }
        if let ::core::option::Option::Some(value) = &self.__optional.hyper {
            line.option("--hyper", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.r#type {
            line.option("--type", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.new_ {
            line.option("--new", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.fresh {
            let () = value;
            line.flag("--fresh");
        }
        if let ::core::option::Option::Some(value) = &self.__optional.resume {
            line.option("--resume", self::__command_line::text(value));
        }
        if let ::core::option::Option::Some(value) = &self.__optional.quiet {
            let () = value;
            line.flag("--quiet");
        }
        if let ::core::option::Option::Some(value) = &self.__optional.loud {
            let () = value;
            line.flag("--loud");
        }
        line.finish()
    }
}
/// What `--objective` accepts.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrainObjective {
    /// `reg:squarederror`
    RegSquarederror,
    /// `reg:logistic`
    RegLogistic,
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::EnumValue for TrainObjective {
    const NAME: &'static ::core::primitive::str = "TrainObjective";
    const VALUES: &'static [&'static ::core::primitive::str] = &[
        "reg:squarederror",
        "reg:logistic",
    ];
    fn wire(&self) -> ::std::borrow::Cow<'static, ::core::primitive::str> {
        ::std::borrow::Cow::Borrowed(
            match self {
                Self::RegSquarederror => "reg:squarederror",
                Self::RegLogistic => "reg:logistic",
            },
        )
    }
}
/// What `--depth` accepts.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrainDepth {
    /// `4`
    N4,
    /// `6`
    N6,
    /// `-1`
    Minus1,
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::EnumValue for TrainDepth {
    const NAME: &'static ::core::primitive::str = "TrainDepth";
    const VALUES: &'static [&'static ::core::primitive::str] = &["4", "6", "-1"];
    fn wire(&self) -> ::std::borrow::Cow<'static, ::core::primitive::str> {
        ::std::borrow::Cow::Borrowed(
            match self {
                Self::N4 => "4",
                Self::N6 => "6",
                Self::Minus1 => "-1",
            },
        )
    }
}
/// What `--metric` accepts.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrainMetric {
    /// `rmse`
    Rmse,
    /// `mae`
    Mae,
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::EnumValue for TrainMetric {
    const NAME: &'static ::core::primitive::str = "TrainMetric";
    const VALUES: &'static [&'static ::core::primitive::str] = &["rmse", "mae"];
    fn wire(&self) -> ::std::borrow::Cow<'static, ::core::primitive::str> {
        ::std::borrow::Cow::Borrowed(
            match self {
                Self::Rmse => "rmse",
                Self::Mae => "mae",
            },
        )
    }
}
/// `tests/code/type.py`
///
/// Takes plain arguments: it declares none.
#[allow(warnings, reason = "generated")]
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Type {
    arguments: ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
}
#[allow(warnings, reason = "generated")]
impl Type {
    /// The script without arguments.
    pub fn new() -> Self {
        ::core::default::Default::default()
    }
    /// Adds an argument.
    pub fn argument(
        mut self,
        value: impl ::core::convert::Into<crate::runtime::Text>,
    ) -> Self {
        self.arguments.push(self::__command_line::text(value));
        self
    }
    /// Adds arguments.
    pub fn arguments(
        mut self,
        values: impl ::core::iter::IntoIterator<
            Item = impl ::core::convert::Into<crate::runtime::Text>,
        >,
    ) -> Self {
        for value in values {
            self.arguments.push(self::__command_line::text(value));
        }
        self
    }
}
#[allow(warnings, reason = "generated")]
impl crate::runtime::Script for Type {
    fn asset(&self) -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("type.py"),
            sha256: ::std::borrow::Cow::Borrowed(
                "8274f2b997901c3f1dfee17615a61e881e88bf418d6b90333a9c9a3b9084b292",
            ),
            source: crate::runtime::AssetSource::File {
                path: ::std::borrow::Cow::Borrowed("tests/code/type.py"),
            },
        }
    }
    fn entry(&self) -> &::core::primitive::str {
        "type.py"
    }
    fn arguments(&self) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
        ::core::clone::Clone::clone(&self.arguments)
    }
}
/// `tests/code/bool`, uploaded as a whole.
#[allow(warnings, reason = "generated")]
pub mod bool {
    /// The folder as an archive.
    pub fn folder() -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("sourcedir.tar.gz"),
            sha256: ::std::borrow::Cow::Borrowed(
                "33a70ce86332062eeaa5ce08785ed57dd6fa213b7cca9eb64388228d51ff9187",
            ),
            source: crate::runtime::AssetSource::Folder {
                path: ::std::borrow::Cow::Borrowed("tests/code/bool"),
            },
        }
    }
    /// `tests/code/bool/main.py`
    ///
    /// Required: `string`, `self_`.
    #[allow(warnings, reason = "generated")]
    #[derive(Clone, Debug)]
    #[must_use]
    pub struct Main<String = crate::runtime::Missing, Self_ = crate::runtime::Missing> {
        string: String,
        self_: Self_,
        __optional: __MainOptional,
    }
    #[allow(warnings, reason = "generated")]
    #[derive(Clone, Debug, Default)]
    struct __MainOptional {
        main: ::core::option::Option<crate::runtime::Expr<MainMain>>,
    }
    #[allow(warnings, reason = "generated")]
    impl Main {
        /// The script without arguments.
        pub fn new() -> Self {
            Self {
                string: crate::runtime::Missing,
                self_: crate::runtime::Missing,
                __optional: ::core::default::Default::default(),
            }
        }
    }
    #[allow(warnings, reason = "generated")]
    impl<Self_> Main<crate::runtime::Missing, Self_> {
        /// `--string`: text, required.
        pub fn string(
            self,
            value: impl ::core::convert::Into<
                crate::runtime::Expr<::std::string::String>,
            >,
        ) -> Main<crate::runtime::Expr<::std::string::String>, Self_> {
            Main {
                string: ::core::convert::Into::into(value),
                self_: self.self_,
                __optional: self.__optional,
            }
        }
    }
    #[allow(warnings, reason = "generated")]
    impl<String> Main<String, crate::runtime::Missing> {
        /// `--self`: an integer, required.
        pub fn self_(
            self,
            value: impl ::core::convert::Into<
                crate::runtime::Expr<::core::primitive::i64>,
            >,
        ) -> Main<String, crate::runtime::Expr<::core::primitive::i64>> {
            Main {
                string: self.string,
                self_: ::core::convert::Into::into(value),
                __optional: self.__optional,
            }
        }
    }
    #[allow(warnings, reason = "generated")]
    impl<String, Self_> Main<String, Self_> {
        /// `--main`: a choice.
        /// Choices: `self`, `Main`, "".
        pub fn main(
            mut self,
            value: impl ::core::convert::Into<crate::runtime::Expr<MainMain>>,
        ) -> Self {
            self.__optional.main = ::core::option::Option::Some(
                ::core::convert::Into::into(value),
            );
            self
        }
    }
    #[allow(warnings, reason = "generated")]
    impl crate::runtime::Script
    for Main<
        crate::runtime::Expr<::std::string::String>,
        crate::runtime::Expr<::core::primitive::i64>,
    > {
        fn asset(&self) -> crate::runtime::CodeAsset {
            folder()
        }
        fn entry(&self) -> &::core::primitive::str {
            "main.py"
        }
        fn arguments(
            &self,
        ) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
            let mut line = super::__command_line::CommandLine::new(false, false);
            {
                let value = &self.string;
                line.option("--string", super::__command_line::text(value));
            }
            {
                let value = &self.self_;
                line.option("--self", super::__command_line::text(value));
            }
            if let ::core::option::Option::Some(value) = &self.__optional.main {
                line.option("--main", super::__command_line::text(value));
            }
            line.finish()
        }
    }
    /// What `--main` accepts.
    #[allow(warnings, reason = "generated")]
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum MainMain {
        /// `self`
        Self_,
        /// `Main`
        Main,
        /// ""
        Empty,
    }
    #[allow(warnings, reason = "generated")]
    impl crate::runtime::EnumValue for MainMain {
        const NAME: &'static ::core::primitive::str = "MainMain";
        const VALUES: &'static [&'static ::core::primitive::str] = &["self", "Main", ""];
        fn wire(&self) -> ::std::borrow::Cow<'static, ::core::primitive::str> {
            ::std::borrow::Cow::Borrowed(
                match self {
                    Self::Self_ => "self",
                    Self::Main => "Main",
                    Self::Empty => "",
                },
            )
        }
    }
}
/// `tests/code/pkg`, uploaded as a whole.
#[allow(warnings, reason = "generated")]
pub mod pkg {
    /// The folder as an archive.
    pub fn folder() -> crate::runtime::CodeAsset {
        crate::runtime::CodeAsset {
            name: ::std::borrow::Cow::Borrowed("sourcedir.tar.gz"),
            sha256: ::std::borrow::Cow::Borrowed(
                "de4f412b4da435159b273b333ab9a1459a1a7748334b13ca3cc893a7101ac979",
            ),
            source: crate::runtime::AssetSource::Folder {
                path: ::std::borrow::Cow::Borrowed("tests/code/pkg"),
            },
        }
    }
    /// `tests/code/pkg/evaluate.py`: Prints what it is given, from a folder.
    ///
    /// Required: `config_parameter`.
    #[allow(warnings, reason = "generated")]
    #[derive(Clone, Debug)]
    #[must_use]
    pub struct Evaluate<ConfigParameter = crate::runtime::Missing> {
        config_parameter: ConfigParameter,
        __optional: __EvaluateOptional,
    }
    #[allow(warnings, reason = "generated")]
    #[derive(Clone, Debug, Default)]
    struct __EvaluateOptional {}
    #[allow(warnings, reason = "generated")]
    impl Evaluate {
        /// The script without arguments.
        pub fn new() -> Self {
            Self {
                config_parameter: crate::runtime::Missing,
                __optional: ::core::default::Default::default(),
            }
        }
    }
    #[allow(warnings, reason = "generated")]
    impl Evaluate<crate::runtime::Missing> {
        /// Greeting to print.
        ///
        /// `--config_parameter`: text, required.
        pub fn config_parameter(
            self,
            value: impl ::core::convert::Into<
                crate::runtime::Expr<::std::string::String>,
            >,
        ) -> Evaluate<crate::runtime::Expr<::std::string::String>> {
            Evaluate {
                config_parameter: ::core::convert::Into::into(value),
                __optional: self.__optional,
            }
        }
    }
    #[allow(warnings, reason = "generated")]
    impl crate::runtime::Script
    for Evaluate<crate::runtime::Expr<::std::string::String>> {
        fn asset(&self) -> crate::runtime::CodeAsset {
            folder()
        }
        fn entry(&self) -> &::core::primitive::str {
            "evaluate.py"
        }
        fn arguments(
            &self,
        ) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
            let mut line = super::__command_line::CommandLine::new(false, false);
            {
                let value = &self.config_parameter;
                line.option("--config_parameter", super::__command_line::text(value));
            }
            line.finish()
        }
    }
    /// `tests/code/pkg/lib.py`
    ///
    /// Takes plain arguments: it declares none.
    #[allow(warnings, reason = "generated")]
    #[derive(Clone, Debug, Default)]
    #[must_use]
    pub struct Lib {
        arguments: ::std::vec::Vec<crate::runtime::Expr<::std::string::String>>,
    }
    #[allow(warnings, reason = "generated")]
    impl Lib {
        /// The script without arguments.
        pub fn new() -> Self {
            ::core::default::Default::default()
        }
        /// Adds an argument.
        pub fn argument(
            mut self,
            value: impl ::core::convert::Into<crate::runtime::Text>,
        ) -> Self {
            self.arguments.push(super::__command_line::text(value));
            self
        }
        /// Adds arguments.
        pub fn arguments(
            mut self,
            values: impl ::core::iter::IntoIterator<
                Item = impl ::core::convert::Into<crate::runtime::Text>,
            >,
        ) -> Self {
            for value in values {
                self.arguments.push(super::__command_line::text(value));
            }
            self
        }
    }
    #[allow(warnings, reason = "generated")]
    impl crate::runtime::Script for Lib {
        fn asset(&self) -> crate::runtime::CodeAsset {
            folder()
        }
        fn entry(&self) -> &::core::primitive::str {
            "lib.py"
        }
        fn arguments(
            &self,
        ) -> ::std::vec::Vec<crate::runtime::Expr<::std::string::String>> {
            ::core::clone::Clone::clone(&self.arguments)
        }
    }
}
#[allow(warnings, reason = "generated")]
mod __command_line {
    use crate::runtime::{Expr, Invalid, Node, Text};
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
            Self {
                numeric_options,
                rest_by_place,
                ..Self::default()
            }
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
        pub(super) fn rest(
            &mut self,
            flag: Option<&'static str>,
            values: Vec<Expr<String>>,
        ) {
            self.rest.extend(flag.map(|flag| Expr::from_node(Node::text(flag))));
            self.rest.extend(values);
        }
        pub(super) fn finish(mut self) -> Vec<Expr<String>> {
            if self.rest_by_place && self.places.is_empty() {
                if !self.rest.is_empty() {
                    let first = self.rest.remove(0);
                    let first = self.not_a_flag("the rest of the command line", first);
                    self.rest.insert(0, first);
                }
            }
            let separate = !self.places.is_empty()
                && (self.rest_by_place
                    || self.places.iter().any(|value| self.is_flag_like(value)));
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
            let Some(rest) = value
                .node()
                .as_str()
                .and_then(|text| text.strip_prefix('-')) else {
                return false;
            };
            !rest.is_empty() && (self.numeric_options || !is_number(rest))
        }
        fn not_a_flag(&self, name: &str, value: Expr<String>) -> Expr<String> {
            match value.node().as_str() {
                Some(text) if self.is_flag_like(&value) => {
                    invalid(
                        text,
                        format!("for {name}, a text that does not begin with `-`"),
                        "in a list, argparse takes it for a flag",
                    )
                }
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
    pub(super) fn all<V: IntoIterator, K>(
        values: V,
        keep: impl FnMut(V::Item) -> K,
    ) -> Vec<K> {
        values.into_iter().map(keep).collect()
    }
    fn too_few(name: &str, least: usize) -> Expr<String> {
        invalid(
            "no value",
            format!("for {name}, at least {least}"),
            "leave the argument out, or give it a value",
        )
    }
    fn invalid(value: &str, limit: String, help: &str) -> Expr<String> {
        let help = Some(help.to_owned());
        Expr::from_node(
            Node::Invalid(
                Box::new(Invalid {
                    value: value.to_owned(),
                    limit,
                    help,
                }),
            ),
        )
    }
    fn is_number(text: &str) -> bool {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match text.split_once('.') {
            Some((whole, fraction)) => {
                digits(whole) && !fraction.is_empty() && digits(fraction)
            }
            None => digits(text),
        }
    }
}
