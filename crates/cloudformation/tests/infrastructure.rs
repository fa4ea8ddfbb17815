//! A template of some size, written the way `stacks` writes them: most resource types, typed references between
//! them, and not one problem.

use pipewright_cloudformation::intrinsic::{availability_zones, cidr, join, select, sub};
use pipewright_cloudformation::{
    Condition, Output, Parameter, Resource as _, Tag, Template, cloudwatch, ec2, events, iam, kms, logs,
    pseudo, s3, sagemaker, scheduler, sns, sqs, ssm,
};
use serde_json::json;

/// A trust policy for one service.
fn trust(service: &str) -> serde_json::Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    ]})
}

#[expect(clippy::too_many_lines, reason = "an example reads from its top to its end")]
fn template() -> Template {
    let mut t = Template::new("Network, storage, domain and one pipeline");
    let prefix = t.parameter("Prefix", Parameter::string().default("demo").min_length(1).max_length(20));
    let gateway_wanted =
        t.parameter("NatGateway", Parameter::string().default("yes").allowed_values(["yes", "no"]));
    let with_nat = t.condition("WithNat", Condition::equals(gateway_wanted, "yes"));

    // Network
    let vpc = t.add(
        "Vpc",
        ec2::Vpc::new()
            .cidr_block("10.0.0.0/16")
            .enable_dns_support(true)
            .enable_dns_hostnames(true)
            .tags([Tag::new("Name", sub("${Prefix}-vpc"))]),
    );
    let igw = t.add("InternetGateway", ec2::InternetGateway::new());
    let attachment = t.add("Attachment", ec2::VpcGatewayAttachment::new(&vpc).internet_gateway_id(&igw));
    let zone = |index| select(index, availability_zones(pseudo::region()));
    let blocks = || cidr(vpc.cidr_block(), 2, 8);
    let public = t.add(
        "PublicSubnet",
        ec2::Subnet::new(&vpc).cidr_block(select(0, blocks())).availability_zone(zone(0)),
    );
    let private = t.add(
        "PrivateSubnet",
        ec2::Subnet::new(&vpc).cidr_block(select(1, blocks())).availability_zone(zone(1)),
    );
    let eip = t.add(
        "Address",
        ec2::Eip::new().domain(ec2::eip::Domain::VPC).condition(&with_nat).depends_on(&attachment),
    );
    let nat = t.add(
        "Nat",
        ec2::NatGateway::new().allocation_id(eip.allocation_id()).subnet_id(&public).condition(&with_nat),
    );
    for (name, subnet) in [("Public", &public), ("Private", &private)] {
        let table = t.add(format!("{name}Routes"), ec2::RouteTable::new(&vpc));
        t.add(
            format!("{name}Association"),
            ec2::SubnetRouteTableAssociation::new(table.route_table_id(), subnet),
        );
        let route = ec2::Route::new(&table).destination_cidr_block("0.0.0.0/0");
        if name == "Public" {
            t.add("PublicRoute", route.gateway_id(igw.internet_gateway_id()).depends_on(&attachment));
        } else {
            t.add("PrivateRoute", route.nat_gateway_id(nat.nat_gateway_id()).condition(&with_nat));
        }
    }
    let group = t.add(
        "SecurityGroup",
        ec2::SecurityGroup::new("Jobs and notebooks").vpc_id(&vpc).security_group_egress([
            ec2::security_group::Egress::new("tcp").cidr_ip("0.0.0.0/0").from_port(443).to_port(443),
        ]),
    );
    t.add(
        "Inside",
        ec2::SecurityGroupIngress::new("-1")
            .group_id(group.group_id())
            .source_security_group_id(group.group_id()),
    );
    t.add(
        "Endpoint",
        ec2::VpcEndpoint::new(&vpc)
            .service_name(sub("com.amazonaws.${AWS::Region}.sagemaker.api"))
            .vpc_endpoint_type(ec2::vpc_endpoint::VpcEndpointType::INTERFACE)
            .private_dns_enabled(true)
            .subnet_ids([private.subnet_id()])
            .security_group_ids([group.group_id()]),
    );

    // Storage
    let key = t.add(
        "Key",
        kms::Key::new()
            .enable_key_rotation(true)
            .key_policy(json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
                "Action": "kms:*",
                "Resource": "*"
            }]}))
            .retain(),
    );
    t.add("KeyAlias", kms::Alias::new(sub("alias/${Prefix}"), key.key_id()));
    let sources = t.add(
        "Sources",
        s3::Bucket::new()
            .bucket_name(sub("${Prefix}-sources-${AWS::AccountId}-${AWS::Region}"))
            .bucket_encryption(s3::bucket::BucketEncryption::new([
                s3::bucket::ServerSideEncryptionRule::new().server_side_encryption_by_default(
                    s3::bucket::ServerSideEncryptionByDefault::new(
                        s3::bucket::ServerSideEncryptionByDefaultSseAlgorithm::AWS_KMS,
                    )
                    .kms_master_key_id(key.arn()),
                ),
            ]))
            .public_access_block_configuration(
                s3::bucket::PublicAccessBlockConfiguration::new()
                    .block_public_acls(true)
                    .block_public_policy(true)
                    .ignore_public_acls(true)
                    .restrict_public_buckets(true),
            )
            .ownership_controls(s3::bucket::OwnershipControls::new([s3::bucket::OwnershipControlsRule::new(
            )
            .object_ownership(s3::bucket::OwnershipControlsRuleObjectOwnership::BUCKET_OWNER_ENFORCED)]))
            .versioning_configuration(s3::bucket::VersioningConfiguration::new(
                s3::bucket::VersioningConfigurationStatus::ENABLED,
            ))
            .lifecycle_configuration(s3::bucket::LifecycleConfiguration::new([s3::bucket::Rule::new(
                s3::bucket::RuleStatus::ENABLED,
            )
            .noncurrent_version_expiration(s3::bucket::NoncurrentVersionExpiration::new(90))
            .abort_incomplete_multipart_upload(s3::bucket::AbortIncompleteMultipartUpload::new(7))]))
            .retain(),
    );
    t.add(
        "SourcesPolicy",
        s3::BucketPolicy::new(
            sources.reference(),
            json!({"Version": "2012-10-17", "Statement": [{
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [sources.arn(), join("/", [sources.arn(), "*".into()])],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }]}),
        ),
    );

    // Logs and roles
    let log_group = t.add("FlowLogGroup", logs::LogGroup::new().retention_in_days(30));
    let flow_role = t.add("FlowLogRole", iam::Role::new(trust("vpc-flow-logs.amazonaws.com")));
    t.add(
        "FlowLog",
        ec2::FlowLog::new(vpc.vpc_id(), ec2::flow_log::ResourceType::VPC)
            .traffic_type(ec2::flow_log::TrafficType::ALL)
            .log_group_name(&log_group)
            .deliver_logs_permission_arn(flow_role.arn()),
    );
    let read = t.add(
        "ReadSources",
        iam::ManagedPolicy::new(json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": join("/", [sources.arn(), "code/*".into()])}
        ]})),
    );
    let role = t.add(
        "PipelineRole",
        iam::Role::new(trust("sagemaker.amazonaws.com")).managed_policy_arns([read.reference()]),
    );

    // SageMaker
    let domain = t.add(
        "Domain",
        sagemaker::Domain::new(
            sagemaker::domain::AuthMode::IAM,
            sagemaker::domain::UserSettings::new(role.arn()).security_groups([group.group_id()]),
            sub("${Prefix}-domain"),
        )
        .app_network_access_type(sagemaker::domain::AppNetworkAccessType::VPC_ONLY)
        .kms_key_id(key.key_id())
        .vpc_id(&vpc)
        .subnet_ids([private.subnet_id()]),
    );
    t.add("User", sagemaker::UserProfile::new(&domain, "ada"));
    t.add("Models", sagemaker::ModelPackageGroup::new("abalone"));
    let pipeline = t.add(
        "Pipeline",
        sagemaker::Pipeline::new(
            sagemaker::pipeline::PipelineDefinition::pipeline_definition_s3_location(
                sagemaker::pipeline::S3Location::new(sources.reference(), "definitions/abalone.json"),
            ),
            join("-", [prefix, "abalone".into()]),
            role.arn(),
        )
        .parallelism_configuration(sagemaker::pipeline::ParallelismConfiguration::new(3)),
    );

    // Events
    let topic = t.add("Failures", sns::Topic::new().kms_master_key_id(key.key_id()));
    t.add("Mail", sns::Subscription::new("email", &topic).endpoint("team@example.com"));
    let queue = t.add("DeadLetters", sqs::Queue::new().sqs_managed_sse_enabled(true));
    let arn = sub("arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:pipeline/${Pipeline}");
    let schedule_role = t.add("ScheduleRole", iam::Role::new(trust("scheduler.amazonaws.com")));
    t.add(
        "Nightly",
        scheduler::Schedule::new(
            scheduler::schedule::FlexibleTimeWindow::new(scheduler::schedule::FlexibleTimeWindowMode::OFF),
            "cron(0 3 * * ? *)",
            scheduler::schedule::Target::new(arn.clone(), schedule_role.arn())
                .dead_letter_config(scheduler::schedule::DeadLetterConfig::new().arn(queue.arn()))
                .sage_maker_pipeline_parameters(
                    scheduler::schedule::SageMakerPipelineParameters::new().pipeline_parameter_list([
                        scheduler::schedule::SageMakerPipelineParameter::new("InstanceType", "ml.m5.large"),
                    ]),
                ),
        )
        .schedule_expression_timezone("Europe/Berlin"),
    );
    t.add(
        "OnFailure",
        events::Rule::new()
            .event_pattern(json!({
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
                "detail": {"pipelineArn": [arn], "currentPipelineExecutionStatus": ["Failed"]}
            }))
            .state(events::rule::State::ENABLED)
            .targets([events::rule::Target::new(topic.topic_arn(), "topic")]),
    );
    t.add(
        "TopicPolicy",
        sns::TopicPolicy::new(
            json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish",
                "Resource": topic.topic_arn()
            }]}),
            [topic.topic_arn()],
        ),
    );
    t.add(
        "Alarm",
        cloudwatch::Alarm::new()
            .comparison_operator(cloudwatch::alarm::ComparisonOperator::GREATER_THAN_THRESHOLD)
            .evaluation_periods(1)
            .namespace("AWS/Sagemaker/ModelBuildingPipeline")
            .metric_name("ExecutionFailed")
            .dimensions([cloudwatch::alarm::Dimension::new("PipelineName", pipeline.reference())])
            .statistic(cloudwatch::alarm::Statistic::SUM)
            .period(300)
            .threshold(0)
            .alarm_actions([topic.topic_arn()]),
    );
    t.add(
        "DomainId",
        ssm::Parameter::new(ssm::parameter::Type::STRING, domain.domain_id())
            .name(sub("/${Prefix}/domain-id")),
    );
    t.output("DomainId", Output::new(domain.reference()).description("The domain's id"));
    t
}

#[test]
fn a_whole_infrastructure_has_no_problem() {
    let problems: Vec<String> = template().check().iter().map(ToString::to_string).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn the_same_template_has_the_same_bytes() {
    assert_eq!(template().text(), template().text());
    assert!(template().fits_body());
}
