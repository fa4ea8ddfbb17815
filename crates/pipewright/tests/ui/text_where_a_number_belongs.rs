use pipewright::prelude::*;

fn main() {
    let _ = Processing::container().instances("2", "ml.m5.large");
}
