//! Every condition, over every kind of value.

use pipewright::prelude::*;

use crate::prep;

#[derive(Pipeline)]
#[pipeline(name = "conditions-all")]
pub(crate) struct ConditionsAll {
    #[parameter(name = "S", default = "a")]
    text: Parameter<String>,
    #[parameter(name = "I", default = 1)]
    integer: Parameter<i64>,
    #[parameter(name = "F", default = 0.5)]
    float: Parameter<f64>,
    #[parameter(name = "B", default = true)]
    boolean: Parameter<bool>,
}

impl Steps for ConditionsAll {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let report = PropertyFile::new("R", "o", "r.json");
        let prep = p.add("P", prep!().output("o", "/opt/ml/processing/o").property_file(report.clone()));

        let from_file = prep.json_get::<f64>(&report, "m.v[0]");
        let from_s3 = json_get_s3::<f64>(join!(prep.output("o"), "/r.json"), "m.x");

        let all = self.text.equals("a")
            & self.integer.greater_than(0)
            & self.float.greater_than_or_equal_to(0.5)
            & from_file.less_than(3)
            & from_s3.less_than_or_equal_to(&self.float)
            & self.text.is_in(["a".into(), "b".into(), execution::pipeline_name()])
            & !self.boolean.equals(false)
            & (prep.processing_job_status().equals("Completed")
                | !self.integer.is_in([1, 2])
                | execution::start_date_time().greater_than("2020-01-01T00:00:00Z"));

        p.add(
            "C",
            ConditionStep::when(all)
                .then(|p| {
                    p.add("FIf", Fail::new(""));
                })
                .otherwise(|p| {
                    p.add("FElse", Fail::new("no"));
                })
                .display_name("dn")
                .description("d"),
        );
        Ok(())
    }
}
