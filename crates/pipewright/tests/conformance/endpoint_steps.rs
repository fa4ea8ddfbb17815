//! A configuration, an endpoint of it, and a component on another variant of the same endpoint.

use pipewright::prelude::*;
use pipewright::requests::{
    InferenceComponentComputeResourceRequirements, InferenceComponentSpecification, ProductionVariant,
};

#[derive(Pipeline)]
#[pipeline(name = "endpoint-steps")]
pub(crate) struct EndpointSteps {}

impl Steps for EndpointSteps {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let variant = ProductionVariant::new("AllTraffic")
            .model_name("m")
            .initial_variant_weight(1)
            .initial_instance_count(1)
            .instance_type("ml.m5.large");
        let config = p.add(
            "EC",
            EndpointConfig::new("cfg", [variant])
                .retry(Retry::attempts(2).on(StepException::Throttling))
                .cache(Cache::days(1)),
        );
        let endpoint = p.add("EP", Endpoint::new("ep", config.endpoint_config_name()));
        let resources =
            InferenceComponentComputeResourceRequirements::new(128).number_of_cpu_cores_required(1);
        let specification =
            InferenceComponentSpecification::new().model_name("m").compute_resource_requirements(resources);
        p.add(
            "IC",
            InferenceComponent::new("ic", "ep", specification)
                .variant("AllTraffic")
                .copies(1)
                .depends_on(&endpoint),
        );
        Ok(())
    }
}
