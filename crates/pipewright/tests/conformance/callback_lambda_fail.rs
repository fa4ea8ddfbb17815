//! A queue and a function that give values back, and a message made of them.

use pipewright::prelude::*;

#[derive(Pipeline)]
#[pipeline(name = "callback-lambda-fail")]
pub(crate) struct CallbackLambdaFail {}

impl Steps for CallbackLambdaFail {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let asked = p.add(
            "CB",
            Callback::new("https://sqs.eu-west-1.amazonaws.com/123456789012/q")
                .input("a", "x")
                .input("n", 1)
                .input("e", execution::pipeline_execution_arn())
                .returns::<String>("s")
                .returns::<i64>("i")
                .returns::<f64>("f")
                .returns::<bool>("b")
                .cache(Cache::days(1))
                .display_name("dn"),
        );
        let called = p.add(
            "LA",
            Lambda::new("arn:aws:lambda:eu-west-1:123456789012:function:f")
                .input("x", asked.output::<String>("s"))
                .input("k", "v")
                .returns::<String>("s")
                .returns::<i64>("i")
                .returns::<f64>("f")
                .returns::<bool>("b")
                .depends_on(&asked)
                .cache(Cache::days(1)),
        );
        let message = join!("bad: ", called.output::<String>("s"), ": ", execution::pipeline_name());
        p.add("Fail", Fail::new(message).depends_on(&called));
        Ok(())
    }
}
