//! Metrics: what regular expressions find in a log.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use regex_lite::Regex;

/// Longer lines are cut, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// A metric that a job measures.
#[derive(Debug)]
pub(crate) struct Metric {
    pub(crate) name: String,
    regex: Regex,
    last: Option<f64>,
}

/// The metrics of these definitions (name and regular expression), and what is wrong with the others.
pub(crate) fn read(definitions: &[(String, String)]) -> (Vec<Metric>, Vec<String>) {
    let mut metrics = Vec::new();
    let mut problems = Vec::new();
    for (name, regex) in definitions {
        match Regex::new(regex) {
            Ok(regex) => metrics.push(Metric { name: name.clone(), regex, last: None }),
            Err(error) => problems.push(format!("metric `{name}` is not measured: `{regex}`: {error}")),
        }
    }
    (metrics, problems)
}

/// The last value of each metric in the log from byte `from` on; metrics that never came up are left out.
///
/// # Errors
/// Where the log can't be read.
pub(crate) fn last_values(mut metrics: Vec<Metric>, log: &Path, from: u64) -> io::Result<Vec<(String, f64)>> {
    if metrics.is_empty() {
        return Ok(Vec::new());
    }
    let mut file = File::open(log)?;
    file.seek(SeekFrom::Start(from))?;
    let mut file = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        if file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        look(&mut metrics, text.trim_end_matches(['\r', '\n']));
    }
    Ok(metrics.into_iter().filter_map(|metric| Some((metric.name, metric.last?))).collect())
}

/// Looks into one line.
fn look(metrics: &mut [Metric], line: &str) {
    // CloudWatch shows a tab as `#011`, and so do the expressions of SageMaker's own algorithms.
    let shown = line.contains('\t').then(|| line.replace('\t', "#011"));
    for metric in metrics {
        let found = [Some(line), shown.as_deref()].into_iter().flatten().find_map(|line| {
            let groups = metric.regex.captures(line)?;
            groups.get(1)?.as_str().trim().parse::<f64>().ok()
        });
        metric.last = found.filter(|value| value.is_finite()).or(metric.last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regex: &str, log: &str, expected: Option<f64>) {
        let (metrics, problems) = read(&[("m".to_owned(), regex.to_owned())]);
        assert!(problems.is_empty(), "{problems:?}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.txt");
        std::fs::write(&path, format!("m=99\n{log}")).unwrap();
        let found = last_values(metrics, &path, 5).unwrap();
        assert_eq!(found.first().map(|(_, value)| *value), expected, "{regex} in {log}");
    }

    #[test]
    fn the_last_match_counts() {
        check("m=([0-9.]+)", "m=1.5\nm=0.25\nend\n", Some(0.25));
        check("m=([0-9.]+)", "nothing\n", None);
        check("m=(.*)", "m=1\nm=oops\n", Some(1.0));
        check("m=(.*)", "m=3 \r\n", Some(3.0));
        check("m=.*", "m=3\n", None);
        check("m=(.*)", "m=nan\n", None);
        check(
            r".*\[[0-9]+\].*#011validation-rmse:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*",
            "[0]\ttrain-rmse:8.1\tvalidation-rmse:8.09\n[1]\ttrain-rmse:6\tvalidation-rmse:6.5e-1\n",
            Some(0.65),
        );
    }

    #[test]
    fn an_expression_that_is_none_is_told() {
        let (metrics, problems) =
            read(&[("m".to_owned(), "(".to_owned()), ("n".to_owned(), "n=(.)".to_owned())]);
        assert_eq!(metrics.len(), 1);
        assert!(problems[0].starts_with("metric `m` is not measured: `(`: "), "{problems:?}");
    }
}
