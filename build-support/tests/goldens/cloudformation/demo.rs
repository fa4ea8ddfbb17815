/// What references stand for, as types of [`Value`](crate::Value). No values of these types exist.
pub mod kinds {
    /// Stands for the Arn of an `AWS::IAM::Role`.
    #[derive(Debug)]
    pub enum RoleArn {}
    impl crate::value::Reference for RoleArn {}
    /// Stands for the Arn of an `AWS::Demo::Thing`.
    #[derive(Debug)]
    pub enum ThingArn {}
    impl crate::value::Reference for ThingArn {}
    /// Stands for the Id of an `AWS::Demo::Thing`.
    #[derive(Debug)]
    pub enum ThingId {}
    impl crate::value::Reference for ThingId {}
    /// Stands for the Id of an `AWS::EC2::VPC`.
    #[derive(Debug)]
    pub enum VpcId {}
    impl crate::value::Reference for VpcId {}
}
/// Resource types of `AWS::Demo`.
pub mod demo {
    /// A resource of type `AWS::Demo::Thing`.
    ///
    /// Mirrors [AWS's page of the type](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-demo-thing.html).
    #[derive(Clone, Debug)]
    pub struct Thing(crate::resource::Body);
    impl Thing {
        /// The type's name in a template.
        pub const TYPE: &'static str = "AWS::Demo::Thing";
        /// Properties whose change replaces the resource: paths with `.`, and `*` for the items of a list.
        pub const CREATE_ONLY: &'static [&'static str] = &[
            "Settings.*.Mode",
            "ThingName",
        ];
        /// All that is known of the type.
        pub const SCHEMA: &'static crate::schema::ResourceSchema = &super::tables::DEMO_THING;
        /// With all that is required, in alphabetical order.
        ///
        /// - `Enabled`: true or false. Required.
        ///
        /// - `Zone`: text. Required.
        pub fn new(
            enabled: impl Into<crate::value::Value<bool>>,
            zone: impl Into<crate::value::Value<String>>,
        ) -> Self {
            Self(
                crate::resource::Body::default()
                    .set("Enabled", enabled.into())
                    .set("Zone", zone.into()),
            )
        }
        /// `Block`: a block of IPv4 addresses.
        pub fn block(self, value: impl Into<crate::value::Value<String>>) -> Self {
            Self(self.0.set("Block", value.into()))
        }
        /// `Document`: a JSON document.
        pub fn document(
            self,
            value: impl Into<crate::value::Value<crate::value::Json>>,
        ) -> Self {
            Self(self.0.set("Document", value.into()))
        }
        /// `Endpoint`: an object.
        pub fn endpoint(
            self,
            value: impl Into<crate::value::Value<thing::Endpoint>>,
        ) -> Self {
            Self(self.0.set("Endpoint", value.into()))
        }
        /// `Labels`: a map; each value text of up to 3 characters.
        pub fn labels(
            self,
            value: impl Into<crate::value::Value<crate::value::Map<String>>>,
        ) -> Self {
            Self(self.0.set("Labels", value.into()))
        }
        /// `MaxSize`: a whole number.
        pub fn max_size(self, value: impl Into<crate::value::Value<i64>>) -> Self {
            Self(self.0.set("MaxSize", value.into()))
        }
        /// `MinSize`: a whole number, -1 to 10.
        pub fn min_size(self, value: impl Into<crate::value::Value<i64>>) -> Self {
            Self(self.0.set("MinSize", value.into()))
        }
        /// `Retention`: a whole number, one of 1, 7.
        pub fn retention(self, value: impl Into<crate::value::Value<i64>>) -> Self {
            Self(self.0.set("Retention", value.into()))
        }
        /// `Role`: `AWS::IAM::Role.Arn`.
        pub fn role(
            self,
            value: impl Into<crate::value::Value<super::kinds::RoleArn>>,
        ) -> Self {
            Self(self.0.set("Role", value.into()))
        }
        /// `Settings`: a list of 1 to 2 items, none twice; each an object.
        pub fn settings(
            self,
            value: impl Into<crate::value::Value<crate::value::List<thing::Setting>>>,
        ) -> Self {
            Self(self.0.set("Settings", value.into()))
        }
        /// `Tags`: a list; each a tag.
        pub fn tags(
            self,
            value: impl Into<crate::value::Value<crate::value::List<crate::tag::Tag>>>,
        ) -> Self {
            Self(self.0.set("Tags", value.into()))
        }
        /// `ThingName`: text of 3 to 5 characters that matches `^[a-z]+$`. A change replaces the resource.
        pub fn thing_name(self, value: impl Into<crate::value::Value<String>>) -> Self {
            Self(self.0.set("ThingName", value.into()))
        }
        /// `VPCId`: `AWS::EC2::VPC.Id`. A change may replace the resource.
        pub fn vpc_id(
            self,
            value: impl Into<crate::value::Value<super::kinds::VpcId>>,
        ) -> Self {
            Self(self.0.set("VPCId", value.into()))
        }
        /// `Where`: an object.
        pub fn r#where(
            self,
            value: impl Into<crate::value::Value<thing::Where>>,
        ) -> Self {
            Self(self.0.set("Where", value.into()))
        }
    }
    impl crate::resource::Resource for Thing {
        type Ref = super::kinds::ThingId;
        fn type_name(&self) -> &str {
            Self::TYPE
        }
        fn body(&mut self) -> &mut crate::resource::Body {
            &mut self.0
        }
        fn into_body(self) -> crate::resource::Body {
            self.0
        }
    }
    impl crate::resource::Handle<Thing> {
        /// `Fn::GetAtt` of `Arn`: `AWS::Demo::Thing.Arn`.
        pub fn arn(&self) -> crate::value::Value<super::kinds::ThingArn> {
            self.attribute("Arn")
        }
        /// `Fn::GetAtt` of `Endpoint.Port`: a whole number.
        pub fn endpoint_port(&self) -> crate::value::Value<i64> {
            self.attribute("Endpoint.Port")
        }
        /// `Fn::GetAtt` of `ThingId`: `AWS::Demo::Thing.Id`.
        pub fn thing_id(&self) -> crate::value::Value<super::kinds::ThingId> {
            self.attribute("ThingId")
        }
    }
    /// Property types and enumerations of `AWS::Demo::Thing`.
    pub mod thing {
        /// `Endpoint` of `AWS::Demo::Thing`.
        #[derive(Clone, Debug, Default)]
        pub struct Endpoint(crate::resource::Properties);
        impl Endpoint {
            /// With nothing set.
            pub fn new() -> Self {
                Self(crate::resource::Properties::default())
            }
            /// `Weight`: a number, -0.5 to 1.
            pub fn weight(self, value: impl Into<crate::value::Value<f64>>) -> Self {
                Self(self.0.set("Weight", value.into()))
            }
        }
        impl From<Endpoint> for crate::value::Value<Endpoint> {
            fn from(object: Endpoint) -> Self {
                Self::raw(object.0.into_node())
            }
        }
        /// `Setting` of `AWS::Demo::Thing`.
        #[derive(Clone, Debug)]
        pub struct Setting(crate::resource::Properties);
        impl Setting {
            /// With all that is required, in alphabetical order.
            ///
            /// - `Mode`: one of its values. Required.
            pub fn new(mode: impl Into<crate::value::Value<SettingMode>>) -> Self {
                Self(crate::resource::Properties::default().set("Mode", mode.into()))
            }
            /// `Children`: a list; each an object.
            pub fn children(
                self,
                value: impl Into<crate::value::Value<crate::value::List<Setting>>>,
            ) -> Self {
                Self(self.0.set("Children", value.into()))
            }
            /// `Type`: one of its values.
            pub fn r#type(
                self,
                value: impl Into<crate::value::Value<SettingType>>,
            ) -> Self {
                Self(self.0.set("Type", value.into()))
            }
        }
        impl From<Setting> for crate::value::Value<Setting> {
            fn from(object: Setting) -> Self {
                Self::raw(object.0.into_node())
            }
        }
        /// `Where` of `AWS::Demo::Thing`.
        #[derive(Clone, Debug)]
        pub struct Where(crate::resource::Properties);
        impl Where {
            /// With `Body`.
            ///
            /// - `Body`: text.
            pub fn body(body: impl Into<crate::value::Value<String>>) -> Self {
                Self(crate::resource::Properties::default().set("Body", body.into()))
            }
            /// With `Location`.
            ///
            /// - `Location`: text.
            pub fn location(location: impl Into<crate::value::Value<String>>) -> Self {
                Self(
                    crate::resource::Properties::default()
                        .set("Location", location.into()),
                )
            }
        }
        impl From<Where> for crate::value::Value<Where> {
            fn from(object: Where) -> Self {
                Self::raw(object.0.into_node())
            }
        }
        /// Values of `SettingMode` of `AWS::Demo::Thing`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct SettingMode(std::borrow::Cow<'static, str>);
        impl SettingMode {
            /// `on`
            pub const ON: Self = Self(std::borrow::Cow::Borrowed("on"));
            /// `off`
            pub const OFF: Self = Self(std::borrow::Cow::Borrowed("off"));
            /// `OFF`
            pub const OFF_2: Self = Self(std::borrow::Cow::Borrowed("OFF"));
            /// `a:b`
            pub const A_B: Self = Self(std::borrow::Cow::Borrowed("a:b"));
            /// A value that is newer than this list.
            pub fn other(value: impl Into<std::borrow::Cow<'static, str>>) -> Self {
                Self(value.into())
            }
            /// The value as the template has it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<SettingMode> for crate::value::Value<SettingMode> {
            fn from(value: SettingMode) -> Self {
                Self::raw(value.0.into_owned().into())
            }
        }
        /// Values of `SettingType` of `AWS::Demo::Thing`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct SettingType(std::borrow::Cow<'static, str>);
        impl SettingType {
            /// `Fixed`
            pub const FIXED: Self = Self(std::borrow::Cow::Borrowed("Fixed"));
            /// A value that is newer than this list.
            pub fn other(value: impl Into<std::borrow::Cow<'static, str>>) -> Self {
                Self(value.into())
            }
            /// The value as the template has it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<SettingType> for crate::value::Value<SettingType> {
            fn from(value: SettingType) -> Self {
                Self::raw(value.0.into_owned().into())
            }
        }
    }
}
/// What the schemas allow.
pub(crate) mod tables {
    use crate::schema::{
        Entries, Format, Integer, Items, Number, Object, Presence, Property,
        ResourceSchema, Rule, Shape, Text,
    };
    /// Text without limits.
    static TEXT: Text = Text {
        min: None,
        max: None,
        pattern: None,
        values: &[],
        ignore_case: false,
        format: Format::Any,
    };
    /// A whole number without limits.
    static INTEGER: Integer = Integer {
        min: None,
        max: None,
        values: &[],
    };
    /// A number without limits.
    static NUMBER: Number = Number { min: None, max: None };
    /// All resource types, sorted by name.
    pub(crate) static RESOURCES: &[&ResourceSchema] = &[&DEMO_THING];
    pub(crate) static DEMO_THING: ResourceSchema = ResourceSchema {
        name: "AWS::Demo::Thing",
        root: &DEMO_THING__ROOT,
        attributes: &["Arn", "Endpoint.Port", "ThingId"],
        create_only: super::demo::Thing::CREATE_ONLY,
        conditional_create_only: &["VPCId"],
    };
    static DEMO_THING__ROOT: Object = Object {
        properties: &[
            Property {
                name: "Arn",
                presence: Presence::ReadOnly,
                shape: Shape::Text(&TEXT),
            },
            Property {
                name: "Block",
                presence: Presence::Optional,
                shape: Shape::Text(
                    &Text {
                        min: None,
                        max: None,
                        pattern: None,
                        values: &[],
                        ignore_case: false,
                        format: Format::Ipv4Network,
                    },
                ),
            },
            Property {
                name: "Document",
                presence: Presence::Optional,
                shape: Shape::Json,
            },
            Property {
                name: "Enabled",
                presence: Presence::Required,
                shape: Shape::Boolean,
            },
            Property {
                name: "Endpoint",
                presence: Presence::Optional,
                shape: Shape::Object(&DEMO_THING__ENDPOINT),
            },
            Property {
                name: "Labels",
                presence: Presence::Optional,
                shape: Shape::Map(
                    &Entries {
                        min: None,
                        max: Some(2),
                        key: Some("^[a-z]+$"),
                        value: Shape::Text(
                            &Text {
                                min: None,
                                max: Some(3),
                                pattern: None,
                                values: &[],
                                ignore_case: false,
                                format: Format::Any,
                            },
                        ),
                    },
                ),
            },
            Property {
                name: "MaxSize",
                presence: Presence::Optional,
                shape: Shape::Integer(&INTEGER),
            },
            Property {
                name: "MinSize",
                presence: Presence::Optional,
                shape: Shape::Integer(
                    &Integer {
                        min: Some(-1),
                        max: Some(10),
                        values: &[],
                    },
                ),
            },
            Property {
                name: "Retention",
                presence: Presence::Optional,
                shape: Shape::Integer(
                    &Integer {
                        min: None,
                        max: None,
                        values: &[1, 7],
                    },
                ),
            },
            Property {
                name: "Role",
                presence: Presence::Optional,
                shape: Shape::Text(&TEXT),
            },
            Property {
                name: "Settings",
                presence: Presence::Optional,
                shape: Shape::List(
                    &Items {
                        min: Some(1),
                        max: Some(2),
                        unique: true,
                        item: Shape::Object(&DEMO_THING__SETTING),
                    },
                ),
            },
            Property {
                name: "Tags",
                presence: Presence::Optional,
                shape: Shape::List(
                    &Items {
                        min: None,
                        max: None,
                        unique: false,
                        item: Shape::Object(&DEMO_THING__TAG),
                    },
                ),
            },
            Property {
                name: "ThingId",
                presence: Presence::ReadOnly,
                shape: Shape::Text(&TEXT),
            },
            Property {
                name: "ThingName",
                presence: Presence::Optional,
                shape: Shape::Text(
                    &Text {
                        min: Some(3),
                        max: Some(5),
                        pattern: Some("^[a-z]+$"),
                        values: &[],
                        ignore_case: false,
                        format: Format::Any,
                    },
                ),
            },
            Property {
                name: "VPCId",
                presence: Presence::Optional,
                shape: Shape::Text(&TEXT),
            },
            Property {
                name: "Where",
                presence: Presence::Optional,
                shape: Shape::Object(&DEMO_THING__WHERE),
            },
            Property {
                name: "Zone",
                presence: Presence::Required,
                shape: Shape::Text(&TEXT),
            },
        ],
        rules: &[
            Rule::AtLeastOne(&["ThingName", "Role"]),
            Rule::Requires("MinSize", &["MaxSize"]),
            Rule::Excludes("Document", &["Where"]),
        ],
    };
    static DEMO_THING__ENDPOINT: Object = Object {
        properties: &[
            Property {
                name: "Port",
                presence: Presence::ReadOnly,
                shape: Shape::Integer(&INTEGER),
            },
            Property {
                name: "Weight",
                presence: Presence::Optional,
                shape: Shape::Number(
                    &Number {
                        min: Some(-0.5),
                        max: Some(1.0),
                    },
                ),
            },
        ],
        rules: &[],
    };
    static DEMO_THING__SETTING: Object = Object {
        properties: &[
            Property {
                name: "Children",
                presence: Presence::Optional,
                shape: Shape::List(
                    &Items {
                        min: None,
                        max: None,
                        unique: false,
                        item: Shape::Object(&DEMO_THING__SETTING),
                    },
                ),
            },
            Property {
                name: "Mode",
                presence: Presence::Required,
                shape: Shape::Text(
                    &Text {
                        min: None,
                        max: None,
                        pattern: None,
                        values: &["on", "off", "OFF", "a:b"],
                        ignore_case: false,
                        format: Format::Any,
                    },
                ),
            },
            Property {
                name: "Type",
                presence: Presence::Optional,
                shape: Shape::Text(
                    &Text {
                        min: None,
                        max: None,
                        pattern: None,
                        values: &["Fixed"],
                        ignore_case: false,
                        format: Format::Any,
                    },
                ),
            },
        ],
        rules: &[],
    };
    static DEMO_THING__TAG: Object = Object {
        properties: &[
            Property {
                name: "Key",
                presence: Presence::Required,
                shape: Shape::Text(
                    &Text {
                        min: Some(1),
                        max: Some(8),
                        pattern: Some("^[A-Za-z\\u{80}-\\u{10FFFF}\\-]*$"),
                        values: &[],
                        ignore_case: false,
                        format: Format::Any,
                    },
                ),
            },
            Property {
                name: "Value",
                presence: Presence::Required,
                shape: Shape::Text(&TEXT),
            },
        ],
        rules: &[],
    };
    static DEMO_THING__WHERE: Object = Object {
        properties: &[
            Property {
                name: "Body",
                presence: Presence::Optional,
                shape: Shape::Text(&TEXT),
            },
            Property {
                name: "Location",
                presence: Presence::Optional,
                shape: Shape::Text(&TEXT),
            },
        ],
        rules: &[Rule::ExactlyOne(&["Body", "Location"])],
    };
}
