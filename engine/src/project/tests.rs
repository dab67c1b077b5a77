//! Projects by example, judged by a plugin written here.

use super::*;
use crate::plugin::set::Answers;
use crate::resources::read;
use crate::syntax::{Language, parse};

const MAIN: &str = "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"acme\"\n  acl = \"public-read\"\n}\n\
                    resource \"aws_instance\" \"i\" {}\n";
const CODE: &str = "client.put_object(Bucket=\"acme\")\n";

/// Reports each bucket's `/acl/deeper`, and each fact of a group.
struct Stand;

impl Answers for Stand {
    fn answer(&self, _setup: &wire::Setup, call: &Call) -> Result<Vec<wire::Report>, CallError> {
        let finding = |at, message: String| wire::Finding {
            rule: 0,
            at,
            message,
            severity: None,
            confidence: None,
            class: wire::Class::Real,
            related: vec![],
            traces: vec![],
            fixes: vec![],
            subject: None,
            redact: vec![],
            properties: vec![],
        };
        match call {
            Call::CheckStack(stack) => {
                let mut report = empty();
                for (of, resource) in (0..).zip(&stack.resources) {
                    let at = wire::Location::Attribute(wire::AttributeRef { of, at: "/acl/deeper".into() });
                    report.findings.push(finding(at.clone(), resource.address.clone()));
                    report.unknowns.push(wire::Undecided { rule: 0, at, reason: stack.format.clone() });
                }
                // A place that a stack does not have.
                report.findings.push(finding(wire::Location::Fact(3), "lost".into()));
                Ok(vec![report])
            }
            Call::Correlate(groups) => Ok(groups
                .iter()
                .map(|group| {
                    let mut report = empty();
                    for (index, fact) in (0..).zip(&group.facts) {
                        let message = format!("{} {} {}", group.key, fact.topic, fact.value);
                        let mut found = finding(wire::Location::Fact(index), message);
                        let related = wire::Related { at: wire::Location::Fact(1), message: "see".into() };
                        found.related = vec![related];
                        report.findings.push(found);
                    }
                    report
                })
                .collect()),
            _ => Err(CallError::Trap("not asked for".into())),
        }
    }
}

fn empty() -> wire::Report {
    wire::Report { findings: vec![], facts: vec![], unknowns: vec![] }
}

/// Fails, or answers with too few reports.
struct Broken(bool);

impl Answers for Broken {
    fn answer(&self, _: &wire::Setup, _: &Call) -> Result<Vec<wire::Report>, CallError> {
        if self.0 { Err(CallError::OutOfFuel) } else { Ok(vec![]) }
    }
}

fn manifest() -> Manifest {
    toml::from_str(
        r#"
        schema = 1
        id = "stand"
        version = "1"
        api = "0.1"
        emits = ["bucket"]
        stack = { kinds = ["aws:s3:*"] }
        [[rule]]
        id = "rule"
        title = "A rule"
        severity = "low"
        confidence = "low"
        [[correlation]]
        id = "used"
        topics = ["stand/bucket", "host/resource"]
        require = ["stand/bucket", "host/resource"]
        "#,
    )
    .expect("a manifest")
}

fn run(answers: Arc<dyn Answers>, leave_out: bool) -> Outcome {
    let tree = parse(Language::Hcl, MAIN, None);
    let found = read(Language::Hcl, MAIN, "infra/main.tf", &|| tree.as_ref());
    let fact = |key: &str| RawFact {
        topic: "stand/bucket".into(),
        key: key.into(),
        value: "{}".into(),
        spot: Spot { document: 0, range: 18..31 },
    };
    let mut input = Input::default();
    input.add("infra/main.tf", vec![], found);
    input.add("app.py", vec![fact("arn:aws:s3:::other"), fact("arn:aws:s3:::acme")], vec![]);
    if leave_out {
        input.leave_out(0);
    }
    let text = |path: &str| if path == "app.py" { CODE } else { MAIN };
    check(&[Plugin::stand_in(manifest(), answers)], input, &text, &Arc::default())
}

#[test]
fn findings_are_placed_where_the_setting_or_the_fact_is() {
    let outcome = run(Arc::new(Stand), false);
    let lines: Vec<String> = outcome
        .findings
        .into_iter()
        .map(|found| {
            let text = if found.path() == "app.py" { CODE } else { MAIN };
            let path = found.path().to_owned();
            let (raw, elsewhere) = found.split();
            let related: String =
                elsewhere.iter().map(|(path, _, message)| format!(" ({path}: {message})")).collect();
            format!("{path}: {}: {}{related}", &text[raw.spot.range], raw.message)
        })
        .collect();
    let fact = r#"{"address":"aws_s3_bucket.a","kind":"aws:s3:bucket","public":true}"#;
    assert_eq!(
        lines,
        [
            "infra/main.tf: acl = \"public-read\": aws_s3_bucket.a",
            "infra/main.tf: : lost",
            "app.py: Bucket=\"acme\": arn:aws:s3:::acme stand/bucket {} (infra/main.tf: see)",
            &format!(
                "infra/main.tf: resource \"aws_s3_bucket\" \"a\": arn:aws:s3:::acme host/resource {fact}"
            ),
        ]
    );
    assert_eq!(outcome.unknowns.len(), 1);
    assert_eq!(
        (outcome.unknowns[0].2.as_str(), outcome.unknowns[0].4.as_str()),
        ("infra/main.tf", "terraform")
    );
    let notices: Vec<&str> = outcome.notices.iter().map(|notice| notice.code.as_str()).collect();
    assert_eq!(notices, ["plugin::bad_reply"]);
}

#[test]
fn a_plugin_that_fails_leaves_a_notice() {
    let codes = |outcome: Outcome| outcome.notices.into_iter().map(|notice| notice.code).collect::<Vec<_>>();
    assert_eq!(codes(run(Arc::new(Broken(true)), false)), ["plugin::out_of_fuel", "plugin::out_of_fuel"]);
    assert_eq!(codes(run(Arc::new(Broken(false)), false)), ["plugin::bad_reply"]);
}

#[test]
fn a_plugin_that_is_left_out_is_not_called() {
    let outcome = run(Arc::new(Broken(true)), true);
    assert!(outcome.notices.is_empty() && outcome.findings.is_empty());
}

#[test]
fn what_is_too_much_for_one_call_goes_in_pieces() {
    let sizes = [BATCH_BYTES, 10, BATCH_BYTES - 10, 1];
    assert_eq!(pieces(sizes.into_iter().enumerate()), [vec![0], vec![1, 2], vec![3]]);
}
