//! The quality of data and of a model, held against baselines.

use pipewright::prelude::*;

use crate::{code, data};

#[derive(Pipeline)]
#[pipeline(name = "quality-check")]
pub(crate) struct QualityChecks {
    #[parameter(name = "Skip", default = false)]
    skip: Parameter<bool>,
    #[parameter(name = "Reg", default = true)]
    register: Parameter<bool>,
    #[parameter(name = "Sup", default = "s3://dsm-sm-data/stats.json")]
    statistics: Parameter<String>,
}

impl Steps for QualityChecks {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let quality = p.add(
            "DQ",
            QualityCheck::data(data("d.csv"), DatasetFormat::csv())
                .record_preprocessor(code::PreprocHook::new())
                .output_to(data("dq"))
                .instances(1, "ml.c5.xlarge")
                .volume_gb(60)
                .max_runtime_seconds(3600)
                .environment("a", "b")
                .model_package_group("g")
                .skip_check(&self.skip)
                .register_new_baseline(&self.register)
                .supplied_baseline_statistics(&self.statistics)
                .supplied_baseline_constraints(data("c.json"))
                .cache(Cache::days(1)),
        );
        p.add(
            "MQ",
            QualityCheck::model(data("d.csv"), DatasetFormat::csv(), "BinaryClassification")
                .inference_attribute("_c0")
                .probability_attribute("_c1")
                .ground_truth_attribute("_c2")
                .probability_threshold(0.5)
                .output_to(data("mq"))
                .instances(1, "ml.c5.xlarge")
                .volume_gb(60)
                .max_runtime_seconds(3600)
                .environment("a", "b")
                .model_package_group("g")
                .fail_on_violation(false)
                .depends_on(&quality),
        );
        Ok(())
    }
}
