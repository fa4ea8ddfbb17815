//! Parameters of the four types, with and without default, as text.

use pipewright::prelude::*;

use crate::prep;

#[derive(Pipeline)]
#[pipeline(name = "parameters-all")]
pub(crate) struct ParametersAll {
    #[parameter(unused = "shows a text without default")]
    s: Parameter<String>,
    #[parameter(name = "SD", default = "x")]
    sd: Parameter<String>,
    #[parameter(name = "SE", default = "b", choices = ["a", "b"], unused = "shows choices")]
    se: Parameter<String>,
    #[parameter(default = "", unused = "shows an empty default")]
    empty: Parameter<String>,
    #[parameter(unused = "shows an integer without default")]
    i: Parameter<i64>,
    #[parameter(name = "ID", default = 0)]
    id: Parameter<i64>,
    #[parameter(unused = "shows a number without default")]
    f: Parameter<f64>,
    #[parameter(name = "FD", default = 1.0)]
    fd: Parameter<f64>,
    #[parameter(name = "FS", default = 1e-7, unused = "shows a small number")]
    fs: Parameter<f64>,
    #[parameter(unused = "shows a boolean without default")]
    b: Parameter<bool>,
    #[parameter(name = "BD", default = false)]
    bd: Parameter<bool>,
}

impl Steps for ParametersAll {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.add(
            "P",
            prep!()
                .argument("--i")
                .argument(&self.id)
                .argument("--s")
                .argument(&self.sd)
                .argument("--j")
                .argument(join!(&self.sd, "-", &self.id, "-", &self.fd, "-", &self.bd)),
        );
        Ok(())
    }
}
