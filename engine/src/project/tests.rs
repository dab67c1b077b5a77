//! Projects by example, judged by a plugin written here.

use super::*;
use crate::plugin::set::Answers;
use crate::resources::{read, stacks};
use crate::syntax::{Language, parse};

const MAIN: &str = "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"acme\"\n  acl = \"public-read\"\n}\n\
                    resource \"aws_instance\" \"i\" {}\n";
const CODE: &str = "client.put_object(Bucket=\"acme\")\n";

/// Reports each bucket's `/acl/deeper`, and each fact of a group.
struct Stand;

impl Answers for Stand {
    fn answer(&self, call: &Call) -> Result<Vec<wire::Report>, CallError> {
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
                        report.findings.push(finding(wire::Location::Fact(index), message));
                    }
                    report
                })
                .collect()),
            _ => Err(CallError::Trap("not asked for".into())),
        }
    }
}

/// Fails, or answers with too few reports.
struct Broken(bool);

impl Answers for Broken {
    fn answer(&self, _: &Call) -> Result<Vec<wire::Report>, CallError> {
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

fn run(answers: Arc<dyn Answers>, is_on: bool) -> Outcome {
    let tree = parse(Language::Hcl, MAIN, None);
    let found = read(Language::Hcl, MAIN, "infra/main.tf", &|| tree.as_ref());
    let stacks = stacks(vec![("infra/main.tf".into(), found)]);
    let fact = |key: &str| ProjectFact {
        topic: "stand/bucket".into(),
        key: key.into(),
        value: "{}".into(),
        path: "app.py".into(),
        range: 18..31,
    };
    let plugins = [Plugin::stand_in(manifest(), answers)];
    let text = |path: &str| match path {
        "infra/main.tf" => Some(Arc::from(MAIN)),
        "app.py" => Some(Arc::from(CODE)),
        _ => None,
    };
    let input = Input {
        plugins: &plugins,
        is_on: &|_, _| is_on,
        stacks: &stacks,
        facts: vec![fact("arn:aws:s3:::other"), fact("arn:aws:s3:::acme")],
        text: &text,
    };
    check(input, &Arc::default())
}

#[test]
fn findings_are_placed_where_the_setting_or_the_fact_is() {
    let outcome = run(Arc::new(Stand), true);
    assert_eq!(outcome.documents, ["app.py", "infra/main.tf"]);
    let texts = [CODE, MAIN];
    let lines: Vec<String> = outcome
        .findings
        .iter()
        .map(|(plugin, raw)| {
            let text = &texts[raw.spot.document][raw.spot.range.clone()];
            format!("{plugin} {}: {text}: {}", outcome.documents[raw.spot.document], raw.message)
        })
        .collect();
    let fact = r#"{"address":"aws_s3_bucket.a","kind":"aws:s3:bucket","public":true}"#;
    assert_eq!(
        lines,
        [
            "0 infra/main.tf: acl = \"public-read\": aws_s3_bucket.a",
            "0 infra/main.tf: : lost",
            "0 app.py: Bucket=\"acme\": arn:aws:s3:::acme stand/bucket {}",
            &format!("0 infra/main.tf: resource \"aws_s3_bucket\" \"a\": arn:aws:s3:::acme host/resource {fact}"),
        ]
    );
    assert_eq!(outcome.unknowns.len(), 1);
    assert_eq!(outcome.unknowns[0].3, "terraform");
    let notices: Vec<&str> = outcome.notices.iter().map(|notice| notice.code.as_str()).collect();
    assert_eq!(notices, ["plugin::bad_reply"]);
}

#[test]
fn a_plugin_that_fails_leaves_a_notice() {
    let codes = |outcome: Outcome| outcome.notices.into_iter().map(|notice| notice.code).collect::<Vec<_>>();
    assert_eq!(codes(run(Arc::new(Broken(true)), true)), ["plugin::out_of_fuel", "plugin::out_of_fuel"]);
    assert_eq!(codes(run(Arc::new(Broken(false)), true)), ["plugin::bad_reply"]);
}

#[test]
fn a_plugin_without_rules_that_are_on_is_not_called() {
    let outcome = run(Arc::new(Broken(true)), false);
    assert!(outcome.notices.is_empty() && outcome.findings.is_empty());
}

#[test]
fn what_is_too_much_for_one_call_goes_in_pieces() {
    let sizes = [BATCH_BYTES, 10, BATCH_BYTES - 10, 1];
    assert_eq!(pieces(sizes.into_iter().enumerate()), [vec![0], vec![1, 2], vec![3]]);
}
