//! Expressions of `EventBridge` Scheduler: when something happens.
//!
//! [Schedule types](https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html). What is looked at is the form:
//! whether a cron expression ever comes true is not asked.

/// The least and the greatest value of each field of `cron(…)`, and names that stand for values.
const FIELDS: [(&str, u32, u32, &[&str]); 6] = [
    ("minutes", 0, 59, &[]),
    ("hours", 0, 23, &[]),
    ("day of month", 1, 31, &[]),
    ("month", 1, 12, &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
    ("day of week", 1, 7, &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ("year", 1970, 2199, &[]),
];

/// Whether Scheduler takes the expression, and otherwise why not.
pub(super) fn check(expression: &str) -> Result<(), String> {
    let inside = |name: &str| {
        expression
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('('))
            .and_then(|rest| rest.strip_suffix(')'))
    };
    if let Some(rate) = inside("rate") {
        return check_rate(rate);
    }
    if let Some(cron) = inside("cron") {
        return check_cron(cron);
    }
    match inside("at") {
        Some(moment) if is_moment(moment) => Ok(()),
        Some(_) => Err("at(…) takes a moment like 2030-01-31T03:00:00".to_owned()),
        None => Err("it is none of rate(…), cron(…) and at(…)".to_owned()),
    }
}

fn check_rate(rate: &str) -> Result<(), String> {
    let wrong = || Err("rate(…) takes a number and minutes, hours or days".to_owned());
    let Some((number, unit)) = rate.split_once(' ') else { return wrong() };
    let Ok(number) = number.parse::<u32>() else { return wrong() };
    match (number, unit) {
        (0, _) => Err("a rate must be at least 1".to_owned()),
        (1, "minute" | "hour" | "day") | (2.., "minutes" | "hours" | "days") => Ok(()),
        (1, "minutes" | "hours" | "days") => Err(format!("of 1 the unit is {}", unit.trim_end_matches('s'))),
        (2.., "minute" | "hour" | "day") => Err(format!("of {number} the unit is {unit}s")),
        _ => wrong(),
    }
}

fn check_cron(cron: &str) -> Result<(), String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!(
            "cron(…) has 6 fields (minutes, hours, day of month, month, day of week, year), not {}",
            fields.len()
        ));
    }
    if (fields[2] == "?") == (fields[4] == "?") {
        return Err("just one of day of month and day of week must be `?`".to_owned());
    }
    for (index, (text, (name, least, greatest, names))) in fields.iter().zip(FIELDS).enumerate() {
        let is_day = index == 2 || index == 4;
        if is_day && *text == "?" {
            continue;
        }
        let value = |text: &str| {
            let named = names.iter().position(|known| known.eq_ignore_ascii_case(text));
            let number = text.parse::<u32>().ok().filter(|number| (least..=greatest).contains(number));
            named.is_some() || number.is_some()
        };
        let range = |text: &str| match text.split_once('-') {
            Some((from, to)) => value(from) && value(to),
            None => text == "*" || value(text),
        };
        let item = |text: &str| match text.split_once('/') {
            Some((from, step)) => range(from) && step.parse::<u32>().is_ok_and(|step| step > 0),
            None => range(text) || (is_day && is_special_day(text, index == 2, &value)),
        };
        if !text.split(',').all(item) {
            return Err(format!("{text:?} is no {name} ({least} to {greatest})"));
        }
    }
    Ok(())
}

/// The last day, the weekday nearest to a day, the third Tuesday.
fn is_special_day(text: &str, of_month: bool, value: &dyn Fn(&str) -> bool) -> bool {
    if text == "L" {
        return true;
    }
    if of_month {
        return text == "LW" || text.strip_suffix('W').is_some_and(value);
    }
    text.strip_suffix('L').is_some_and(value)
        || text
            .split_once('#')
            .is_some_and(|(day, which)| value(day) && matches!(which, "1" | "2" | "3" | "4" | "5"))
}

/// Whether this is `2030-01-31T03:00:00`.
pub(super) fn is_moment(text: &str) -> bool {
    let bytes = text.as_bytes();
    let form = b"0000-00-00T00:00:00";
    if bytes.len() != form.len() {
        return false;
    }
    let is_form = bytes.iter().zip(form).all(|(b, f)| if *f == b'0' { b.is_ascii_digit() } else { b == f });
    let number = |from: usize| u32::from(bytes[from] - b'0') * 10 + u32::from(bytes[from + 1] - b'0');
    is_form
        && (1..=12).contains(&number(5))
        && (1..=31).contains(&number(8))
        && number(11) < 24
        && number(14) < 60
        && number(17) < 60
}

/// Whether this can be a name of the IANA database. Which there are changes, so the list is not asked.
pub(super) fn is_timezone(text: &str) -> bool {
    (1..=50).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.split('/').all(|part| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'+')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scheduler_takes() {
        for expression in [
            "rate(1 day)",
            "rate(1 hour)",
            "rate(15 minutes)",
            "cron(0 3 * * ? *)",
            "cron(0/15 8-18 ? * MON-FRI *)",
            "cron(0 10 L * ? *)",
            "cron(0 10 15W * ? 2030)",
            "cron(0 10 LW JAN,jul ? 2030-2035)",
            "cron(0 10 ? * 6L *)",
            "cron(0 10 ? * TUE#3 *)",
            "at(2030-01-31T03:00:00)",
        ] {
            assert_eq!(check(expression), Ok(()), "{expression}");
        }
    }

    #[test]
    fn what_it_does_not_take() {
        for (expression, why) in [
            ("", "it is none of"),
            ("daily", "it is none of"),
            ("rate(1 days)", "of 1 the unit is day"),
            ("rate(2 day)", "of 2 the unit is days"),
            ("rate(0 days)", "at least 1"),
            ("rate(1 week)", "rate(…) takes"),
            ("rate(-1 days)", "rate(…) takes"),
            ("rate()", "rate(…) takes"),
            ("cron(0 3 * * *)", "has 6 fields"),
            ("cron(0 3 * * * *)", "just one of"),
            ("cron(0 3 ? * ? *)", "just one of"),
            ("cron(60 3 * * ? *)", "\"60\" is no minutes"),
            ("cron(0 24 * * ? *)", "\"24\" is no hours"),
            ("cron(0 3 ? * 8 *)", "\"8\" is no day of week"),
            ("cron(0 3 * FOO ? *)", "\"FOO\" is no month"),
            ("cron(0/0 3 * * ? *)", "\"0/0\" is no minutes"),
            ("cron(? 3 * * ? *)", "\"?\" is no minutes"),
            ("at(2030-01-31)", "at(…) takes"),
            ("at(2030-13-31T03:00:00)", "at(…) takes"),
            ("at(2030-01-31T03:00:00Z)", "at(…) takes"),
            ("at(üüüüüüüüüüüüüüüüüüü)", "at(…) takes"),
        ] {
            let found = check(expression).unwrap_err();
            assert!(found.contains(why), "{expression}: {found}");
        }
    }

    #[test]
    fn whatever_comes_is_no_panic() {
        let pieces = [
            "rate",
            "cron",
            "at",
            "(",
            ")",
            " ",
            "1",
            "99999999999",
            "/",
            "-",
            ",",
            "#",
            "L",
            "W",
            "?",
            "*",
            "ü",
            "T",
        ];
        for one in pieces {
            for two in pieces {
                for three in pieces {
                    let inside = format!("{one}{two}{three}");
                    let _ = check(&inside);
                    for text in [
                        format!("rate({inside})"),
                        format!("at({inside})"),
                        format!("cron(0 0 {inside} * ? *)"),
                        format!("cron(0 0 ? * {inside} *)"),
                    ] {
                        let _ = check(&text);
                    }
                    let _ = is_timezone(&inside) || is_moment(&inside);
                }
            }
        }
    }

    #[test]
    fn time_zones() {
        for zone in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert!(is_timezone(zone), "{zone}");
        }
        for zone in ["", "/", "Europe/", "Europe Berlin", "+01:00", "../x"] {
            assert!(!is_timezone(zone), "{zone}");
        }
    }
}
