//! Spark programs in Python and in a jar.

use pipewright::prelude::*;

use crate::{code, data};

#[derive(Pipeline)]
#[pipeline(name = "processing-spark")]
pub(crate) struct ProcessingSpark {}

impl Steps for ProcessingSpark {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let python = Spark::python(code::SparkJob::new())
            .py_file(code::Helper::new())
            .file_at(join!("s3://", Deploy::SourceBucket, "/f.txt"))
            .configuration(SparkConfiguration::new("spark-defaults").property("spark.executor.memory", "2g"))
            .event_logs(data("logs"));
        p.add(
            "PySpark",
            Processing::spark(python)
                .arguments(["--in", "x"])
                .image(image::spark("3.3"))
                .instances(2, "ml.m5.xlarge"),
        );
        let jar = Spark::jar_main(code::AppJar::new(), "com.x.Main");
        p.add(
            "SparkJar",
            Processing::spark(jar).argument(1).image(image::spark("3.3")).instances(2, "ml.m5.xlarge"),
        );
        Ok(())
    }
}
