//! Flows by example: the code, and its flows as `source -> step -> sink`.

use super::*;
use crate::syntax::{Language, parse};

fn spec() -> FlowSpec {
    let sink = |call: &str, argument, name: Option<&str>| FlowSink {
        call: call.into(),
        argument,
        name: name.map(Into::into),
    };
    FlowSpec {
        id: "test".into(),
        rule: 0,
        languages: vec!["python".into()],
        sources: vec!["flask.request.args".into(), "flask.request.get_json".into(), "request.GET".into()],
        sinks: vec![
            sink("os.system", Some(0), Some("command")),
            sink("requests.get", Some(0), Some("url")),
            sink("*.execute", None, None),
        ],
        sanitizers: vec!["shlex.quote".into(), "*.checked".into()],
    }
}

/// Runs `code` below the imports that every case has.
fn check(code: &str, expected: &[&str]) {
    let text = format!("from flask import request\nimport os, requests, shlex\n{code}");
    let parsed = parse(Language::Python, &text, None).expect("short");
    let flows = find(&parsed, &text, &[(7, &spec())]);
    let lines: Vec<String> = flows
        .found
        .iter()
        .map(|flow| {
            assert_eq!(flow.spec, 7);
            let labels: Vec<&str> = flow.steps.iter().map(|step| step.label.as_str()).collect();
            labels.join(" -> ")
        })
        .collect();
    assert_eq!(lines, expected, "{code}");
    assert!(!flows.cut, "{code}");
}

#[test]
fn a_source_is_known_by_its_resolved_name() {
    for (code, expected) in [
        ("os.system(request.args['x'])", "request.args['x'] -> os.system(request.args['x'])"),
        ("os.system(request.args.get('x'))", "request.args.get('x') -> os.system(request.args.get('x'))"),
        (
            "os.system(request.get_json()['x'])",
            "request.get_json()['x'] -> os.system(request.get_json()['x'])",
        ),
        (
            "import flask as f\nos.system(f.request.args['x'])",
            "f.request.args['x'] -> os.system(f.request.args['x'])",
        ),
        ("r = request\nos.system(r.args['x'])", "r.args['x'] -> os.system(r.args['x'])"),
        (
            "def view():\n  args = request.args\n  os.system(args.get('x'))",
            "request.args -> args = request.args -> os.system(args.get('x'))",
        ),
        (
            "from os import system as run\nrun(command=request.args['x'])",
            "request.args['x'] -> run(command=request.args['x'])",
        ),
        (
            "def view(request):\n  os.system(request.GET['x'])",
            "request.GET['x'] -> os.system(request.GET['x'])",
        ),
    ] {
        check(code, &[expected]);
    }
    for code in [
        "def view(request):\n  os.system(request.args['x'])",
        "os.system(request.method)",
        "os.system('ls', request.args['x'])",
        "requests.get('https://example.com', params=request.args)",
        "# os.system(request.args['x'])",
        "text = \"os.system(request.args['x'])\"",
    ] {
        check(code, &[]);
    }
}

#[test]
fn values_pass_through_code() {
    for value in [
        "f'ls {x}'",
        "'ls %s' % x",
        "'ls ' + x",
        "'ls {}'.format(x)",
        "' '.join(['ls', x])",
        "x.strip().lower()",
        "unknown(1, key=x)",
        "{'a': x}['a']",
        "[x][0]",
        "x if ok else 'ls'",
        "x or 'ls'",
        "(y := x)",
        "x[0:3]",
        "x.attribute",
        "await x",
    ] {
        check(
            &format!("async def view():\n  x = request.args['x']\n  os.system({value})"),
            &[&format!("request.args['x'] -> x = request.args['x'] -> os.system({value})")],
        );
    }
    for value in ["len(x)", "int(x)", "x == 'a'", "not x", "'a' if x else 'b'", "TABLE[x]", "shlex.quote(x)"]
    {
        check(&format!("def view():\n  x = request.args['x']\n  os.system({value})"), &[]);
    }
}

#[test]
fn assignments_carry_values_and_end_them() {
    let start = "request.args['x'] -> x = request.args['x'] -> ";
    for (code, end) in [
        ("y = x\n  os.system(y)", "y = x -> os.system(y)"),
        ("a, y = 1, x\n  os.system(y)", "a, y = 1, x -> os.system(y)"),
        ("y = 'ls '\n  y += x\n  os.system(y)", "y += x -> os.system(y)"),
        ("a = y = x\n  os.system(y)", "y = x -> os.system(y)"),
        ("if (y := x):\n    os.system(y)", "y := x -> os.system(y)"),
        ("d = {}\n  d['k'] = x\n  os.system(d['k'])", "d['k'] = x -> os.system(d['k'])"),
        ("l = []\n  l.append(x)\n  os.system(' '.join(l))", "l.append(x) -> os.system(' '.join(l))"),
        ("self.x = x\n  os.system(self.x)", "self.x = x -> os.system(self.x)"),
        ("for y in x:\n    os.system(y)", "y in x -> os.system(y)"),
        ("with open(x) as f:\n    os.system(f.read())", "open(x) as f -> os.system(f.read())"),
        ("def inner():\n    os.system(x)", "os.system(x)"),
        ("os.system(' '.join(w for w in x))", "for w in x -> os.system(' '.join(w for w in x))"),
    ] {
        check(&format!("def view(self):\n  x = request.args['x']\n  {code}"), &[&format!("{start}{end}")]);
    }
    for code in [
        "x = 'ls'\n  os.system(x)",
        "x = shlex.quote(x)\n  os.system(x)",
        "a, y = x, 1\n  os.system(y)",
        "x, y = 1, 2\n  os.system(x)",
        "self.x = x\n  self.x = 1\n  os.system(self.x)",
        "self.x = x\n  os.system(self.y)",
        "x = self.checked(x)\n  os.system(x)",
        "del x\n  other(x)",
        "def inner(x):\n    os.system(x)",
    ] {
        check(&format!("def view(self):\n  x = request.args['x']\n  {code}"), &[]);
    }
}

#[test]
fn ways_through_code_are_joined() {
    let flow = "request.args['x'] -> x = request.args['x'] -> os.system(x)";
    for code in [
        "x = 'ls'\nif ok:\n  x = request.args['x']\nos.system(x)",
        "x = request.args['x']\nif ok:\n  x = 'ls'\nos.system(x)",
        "if ok:\n  x = 'ls'\nelse:\n  x = request.args['x']\nos.system(x)",
        "if a:\n  x = 1\nelif b:\n  x = request.args['x']\nelse:\n  x = 2\nos.system(x)",
        "x = 'ls'\nwhile more():\n  os.system(x)\n  x = request.args['x']",
        "try:\n  x = request.args['x']\nexcept KeyError:\n  x = 'ls'\nos.system(x)",
        "try:\n  x = request.args['x']\n  fail()\nexcept KeyError:\n  os.system(x)",
        "match a:\n  case 1:\n    x = request.args['x']\n  case _:\n    x = 1\nos.system(x)",
        "def v():\n  x = request.args['x']\n  if bad(x):\n    x = 1\n    return\n  os.system(x)",
    ] {
        check(code, &[flow]);
    }
    for code in [
        "x = request.args['x']\nif ok:\n  x = 'a'\nelse:\n  x = 'b'\nos.system(x)",
        "def v():\n  x = 'ls'\n  if odd:\n    x = request.args['x']\n    return x\n  os.system(x)",
        "def v():\n  return request.args['x']\ndef w(x):\n  os.system(x)",
    ] {
        check(code, &[]);
    }
}

#[test]
fn one_value_may_come_from_two_sources_and_reach_two_sinks() {
    check(
        "a = request.args['a']\nb = request.args['b']\nos.system(a + b)\ndb.execute('x', a)",
        &[
            "request.args['a'] -> a = request.args['a'] -> os.system(a + b)",
            "request.args['b'] -> b = request.args['b'] -> os.system(a + b)",
            "request.args['a'] -> a = request.args['a'] -> db.execute('x', a)",
        ],
    );
}

#[test]
fn code_built_to_be_slow_is_cut_and_said_to_be() {
    for code in ["(".repeat(5_000) + "x", "x = ".to_owned() + &"-".repeat(5_000) + "x"] {
        let text = format!("from flask import request\nimport os\nos.system(request.args)\n{code}");
        let parsed = parse(Language::Python, &text, None).expect("short");
        let _ = find(&parsed, &text, &[(0, &spec())]);
    }
    let mut nested = String::from("from flask import request\nimport os\nx = request.args['x']\n");
    for level in 0..24 {
        nested += &format!("{}while a:\n", " ".repeat(level));
    }
    nested += &format!("{}os.system(x)\n", " ".repeat(24));
    let parsed = parse(Language::Python, &nested, None).expect("short");
    assert_eq!(find(&parsed, &nested, &[(0, &spec())]).found.len(), 1);
}
