//! Conditions inside of branches, and dependencies between steps of one branch.

use pipewright::prelude::*;

use crate::prep;

#[derive(Pipeline)]
#[pipeline(name = "conditions-nested")]
pub(crate) struct ConditionsNested {
    #[parameter(name = "X", default = 1)]
    x: Parameter<i64>,
}

impl Steps for ConditionsNested {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let first = p.add("P0", prep!());
        let inner = ConditionStep::when(self.x.equals(3)).then(|p| {
            p.add("P3", prep!());
        });
        let middle = ConditionStep::when(self.x.equals(2) & self.x.less_than(10))
            .then(|p| {
                p.add("P2", prep!());
                p.add("C3", inner);
            })
            .otherwise(|p| {
                p.add("F2", Fail::new(""));
            });
        p.add(
            "C1",
            ConditionStep::when(self.x.greater_than(0))
                .then(|p| {
                    p.add("C2", middle);
                })
                .otherwise(|p| {
                    let a = p.add("P1a", prep!());
                    p.add("P1b", prep!().depends_on(&a));
                })
                .depends_on(&first),
        );
        Ok(())
    }
}
