/// Strings with known values.
pub mod enums {
    use ::std::borrow::Cow;
    use ::pipewright_model::EnumValue;
    ///`Mode`: 4 known values.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Mode(Cow<'static, str>);
    impl Mode {
        ///`S3Prefix`
        pub const S3_PREFIX: Self = Self(Cow::Borrowed("S3Prefix"));
        ///`ml.m5.large`
        pub const ML_M5_LARGE: Self = Self(Cow::Borrowed("ml.m5.large"));
        ///`None`
        pub const NONE: Self = Self(Cow::Borrowed("None"));
        /// A value that is newer than this release.
        pub fn other(value: impl Into<String>) -> Self {
            Self(Cow::Owned(value.into()))
        }
    }
    impl EnumValue for Mode {
        const NAME: &'static str = "Mode";
        const VALUES: &'static [&'static str] = &[
            "S3Prefix",
            "ml.m5.large",
            "ml-m5-large",
            "None",
        ];
        const OPEN: bool = true;
        fn wire(&self) -> Cow<'static, str> {
            self.0.clone()
        }
    }
}
/// Request shapes: what a step asks SageMaker to do.
pub mod requests {
    use ::std::borrow::Cow;
    use ::pipewright_model::{Expr, Node, Object, Text};
    use super::enums;
    ///[`CreateDemoRequest`](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDemo.html).
    #[derive(Clone, Debug)]
    pub struct CreateDemoRequest(pub(crate) Object);
    impl CreateDemoRequest {
        /// One with what is required.
        pub fn new(
            inputs: impl IntoIterator<Item = Input>,
            r#type: impl Into<Expr<enums::Mode>>,
        ) -> Self {
            let mut object = Object::new();
            object
                .set(
                    "Inputs",
                    {
                        let value = inputs;
                        value.into_iter().map(Node::from).collect::<Vec<Node>>()
                    },
                );
            object
                .set(
                    "Type",
                    {
                        let value = r#type;
                        value.into()
                    },
                );
            Self(object)
        }
        ///`DemoName`: at most 63 characters.
        pub fn demo_name(mut self, value: impl Into<Expr<String>>) -> Self {
            self.0.set("DemoName", value.into());
            self
        }
        ///`Inputs`: 1 to 10 items.
        pub fn inputs(mut self, value: impl IntoIterator<Item = Input>) -> Self {
            self.0
                .set("Inputs", value.into_iter().map(Node::from).collect::<Vec<Node>>());
            self
        }
        ///`Words`.
        pub fn words(
            mut self,
            value: impl IntoIterator<Item = impl Into<Expr<String>>>,
        ) -> Self {
            self.0
                .set(
                    "Words",
                    value
                        .into_iter()
                        .map(|item| item.into().into_node())
                        .collect::<Vec<Node>>(),
                );
            self
        }
        ///`Environment`: at most 16 entries.
        pub fn environment(
            mut self,
            value: impl IntoIterator<
                Item = (impl Into<Cow<'static, str>>, impl Into<Text>),
            >,
        ) -> Self {
            self.0
                .set(
                    "Environment",
                    value
                        .into_iter()
                        .map(|(key, value)| (key, value.into().into_expr().into_node()))
                        .collect::<Object>(),
                );
            self
        }
        ///`Rate`: at most 1.
        pub fn rate(mut self, value: impl Into<Expr<f64>>) -> Self {
            self.0.set("Rate", value.into());
            self
        }
        ///`Fast`.
        pub fn fast(mut self, value: impl Into<Expr<bool>>) -> Self {
            self.0.set("Fast", value.into());
            self
        }
        ///`Type`.
        pub fn r#type(mut self, value: impl Into<Expr<enums::Mode>>) -> Self {
            self.0.set("Type", value.into());
            self
        }
        ///`Left`: at most 63 characters.
        pub fn left(mut self, value: impl Into<Expr<String>>) -> Self {
            self.0.set("Left", value.into());
            self
        }
        ///`Right`: at most 63 characters.
        pub fn right(mut self, value: impl Into<Expr<String>>) -> Self {
            self.0.set("Right", value.into());
            self
        }
    }
    impl From<CreateDemoRequest> for Node {
        fn from(value: CreateDemoRequest) -> Self {
            Self::Object(value.0)
        }
    }
    ///[`Input`](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Input.html).
    #[derive(Clone, Debug)]
    pub struct Input(pub(crate) Object);
    impl Input {
        /// One with what is required.
        pub fn new(
            input_name: impl Into<Expr<String>>,
            bucket: impl Into<Expr<String>>,
        ) -> Self {
            let mut object = Object::new();
            object
                .set(
                    "InputName",
                    {
                        let value = input_name;
                        value.into()
                    },
                );
            object
                .set(
                    "Bucket",
                    {
                        let value = bucket;
                        value.into()
                    },
                );
            Self(object)
        }
        ///`InputName`: at most 63 characters.
        pub fn input_name(mut self, value: impl Into<Expr<String>>) -> Self {
            self.0.set("InputName", value.into());
            self
        }
        ///`Bucket`: 3 to 63 characters, pattern `[a-z0-9.-]+`.
        pub fn bucket(mut self, value: impl Into<Expr<String>>) -> Self {
            self.0.set("Bucket", value.into());
            self
        }
        ///`Count`: 1 to 100.
        pub fn count(mut self, value: impl Into<Expr<i64>>) -> Self {
            self.0.set("Count", value.into());
            self
        }
    }
    impl From<Input> for Node {
        fn from(value: Input) -> Self {
            Self::Object(value.0)
        }
    }
}
/// Property paths: what a step's job says of itself.
pub mod properties {
    use ::pipewright_model::{Expr, FromPath, KeyedList, List, Map, Path};
    use super::enums;
    ///Property paths of `DescribeDemoResponse`.
    #[derive(Clone, Debug)]
    pub struct DescribeDemoResponse(Path);
    impl FromPath for DescribeDemoResponse {
        fn from_path(path: Path) -> Self {
            Self(path)
        }
    }
    impl DescribeDemoResponse {
        ///`DemoName`.
        pub fn demo_name(&self) -> Expr<String> {
            FromPath::from_path(self.0.member("DemoName"))
        }
        ///`Inputs`.
        pub fn inputs(&self) -> KeyedList<Input> {
            FromPath::from_path(self.0.member("Inputs"))
        }
        ///`Words`.
        pub fn words(&self) -> List<Expr<String>> {
            FromPath::from_path(self.0.member("Words"))
        }
        ///`Environment`.
        pub fn environment(&self) -> Map<Expr<String>> {
            FromPath::from_path(self.0.member("Environment"))
        }
        ///`StartTime`.
        pub fn start_time(&self) -> Expr<String> {
            FromPath::from_path(self.0.member("StartTime"))
        }
    }
    ///Property paths of `Input`.
    #[derive(Clone, Debug)]
    pub struct Input(Path);
    impl FromPath for Input {
        fn from_path(path: Path) -> Self {
            Self(path)
        }
    }
    impl Input {
        ///`InputName`.
        pub fn input_name(&self) -> Expr<String> {
            FromPath::from_path(self.0.member("InputName"))
        }
        ///`Bucket`.
        pub fn bucket(&self) -> Expr<String> {
            FromPath::from_path(self.0.member("Bucket"))
        }
        ///`Count`.
        pub fn count(&self) -> Expr<i64> {
            FromPath::from_path(self.0.member("Count"))
        }
    }
}
/// The constraints of the request shapes, which the check of a graph walks.
pub mod tables {
    use ::pipewright_model::shape::{Kind, Member, Pattern, Range, Rule, Shape};
    static BUCKET_PATTERN: Pattern = Pattern::new("[a-z0-9.-]+");
    pub static BUCKET: Shape = Shape {
        name: "Bucket",
        kind: Kind::String {
            length: Range::new(Some(3i64), Some(63i64)),
            pattern: Some(&BUCKET_PATTERN),
            values: &[],
        },
    };
    pub static COUNT: Shape = Shape {
        name: "Count",
        kind: Kind::Integer(Range::new(Some(1i64), Some(100i64))),
    };
    pub static CREATE_DEMO_REQUEST: Shape = Shape {
        name: "CreateDemoRequest",
        kind: Kind::Structure {
            members: &[
                Member {
                    name: "DemoName",
                    required: false,
                    shape: &NAME,
                },
                Member {
                    name: "Inputs",
                    required: true,
                    shape: &INPUTS,
                },
                Member {
                    name: "Words",
                    required: false,
                    shape: &WORDS,
                },
                Member {
                    name: "Environment",
                    required: false,
                    shape: &ENVIRONMENT,
                },
                Member {
                    name: "Rate",
                    required: false,
                    shape: &RATE,
                },
                Member {
                    name: "Fast",
                    required: false,
                    shape: &FAST,
                },
                Member {
                    name: "Type",
                    required: true,
                    shape: &MODE,
                },
                Member {
                    name: "Left",
                    required: false,
                    shape: &NAME,
                },
                Member {
                    name: "Right",
                    required: false,
                    shape: &NAME,
                },
            ],
            rules: &[Rule::AtMostOne(&["Left", "Right"])],
        },
    };
    pub static ENVIRONMENT: Shape = Shape {
        name: "Environment",
        kind: Kind::Map {
            key: &NAME,
            value: &NAME,
            size: Range::new(Some(0i64), Some(16i64)),
        },
    };
    pub static FAST: Shape = Shape {
        name: "Fast",
        kind: Kind::Boolean,
    };
    pub static INPUT: Shape = Shape {
        name: "Input",
        kind: Kind::Structure {
            members: &[
                Member {
                    name: "InputName",
                    required: true,
                    shape: &NAME,
                },
                Member {
                    name: "Bucket",
                    required: true,
                    shape: &BUCKET,
                },
                Member {
                    name: "Count",
                    required: false,
                    shape: &COUNT,
                },
            ],
            rules: &[],
        },
    };
    pub static INPUTS: Shape = Shape {
        name: "Inputs",
        kind: Kind::List {
            item: &INPUT,
            size: Range::new(Some(1i64), Some(10i64)),
        },
    };
    pub static MODE: Shape = Shape {
        name: "Mode",
        kind: Kind::String {
            length: Range::ANY,
            pattern: None,
            values: &["S3Prefix", "ml.m5.large", "ml-m5-large", "None"],
        },
    };
    pub static NAME: Shape = Shape {
        name: "Name",
        kind: Kind::String {
            length: Range::new(None, Some(63i64)),
            pattern: None,
            values: &[],
        },
    };
    pub static RATE: Shape = Shape {
        name: "Rate",
        kind: Kind::Float(Range::new(Some(0i64), Some(1i64))),
    };
    pub static WORDS: Shape = Shape {
        name: "Words",
        kind: Kind::List {
            item: &NAME,
            size: Range::ANY,
        },
    };
    /// Every shape, for the tests of the tables.
    #[cfg(test)]
    pub(crate) static ALL: &[&Shape] = &[
        &BUCKET,
        &COUNT,
        &CREATE_DEMO_REQUEST,
        &ENVIRONMENT,
        &FAST,
        &INPUT,
        &INPUTS,
        &MODE,
        &NAME,
        &RATE,
        &WORDS,
    ];
}
