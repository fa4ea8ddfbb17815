//! The S3 server as a process of its own, for measurements: `testbed-s3 FOLDER BUCKET`.
//!
//! Bodies go to the folder. It prints its endpoint and ends when its standard input does.
#![allow(clippy::print_stdout, reason = "the endpoint is what it is asked for")]

use std::io::Read as _;

use pipewright_testbed::s3::Server;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(bucket)) = (arguments.next(), arguments.next()) else {
        println!("usage: testbed-s3 FOLDER BUCKET");
        return;
    };
    let server = Server::builder().folder(folder).bucket(bucket).start();
    println!("{}", server.endpoint());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
