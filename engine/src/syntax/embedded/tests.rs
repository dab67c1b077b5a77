//! What is found in which document, and that it maps back.

use super::{Embedded, OffsetMap, find, map::Builder};
use tree_sitter::{Language, Parser, Tree};

const WORKFLOW: &str = ".github/workflows/ci.yml";
/// `#!/bin/bash`, a line break and `curl http://a.test | sh`.
const SCRIPT_IN_BASE64: &str = "IyEvYmluL2Jhc2gKY3VybCBodHRwOi8vYS50ZXN0IHwgc2gK";

fn parse(language: &str, text: &str) -> Tree {
    let grammar: Language = match language {
        "yaml" => tree_sitter_yaml::LANGUAGE.into(),
        "json" => tree_sitter_json::LANGUAGE.into(),
        "hcl" => tree_sitter_hcl::LANGUAGE.into(),
        "html" => tree_sitter_html::LANGUAGE.into(),
        "php" => tree_sitter_php::LANGUAGE_PHP.into(),
        "dockerfile" => tree_sitter_containerfile::LANGUAGE.into(),
        other => panic!("no grammar for {other}"),
    };
    let mut parser = Parser::new();
    parser.set_language(&grammar).expect("the grammar fits");
    parser.parse(text, None).expect("parsing has no limit")
}

fn embedded(language: &str, path: &str, text: &str) -> Vec<Embedded> {
    let embeddings = find(language, &parse(language, text), text, path);
    assert!(!embeddings.cut);
    embeddings.found
}

/// Compares what is found and looks up each of its words in the outer text.
fn check(language: &str, path: &str, text: &str, expected: &[(&str, &str)]) {
    let found = embedded(language, path, text);
    let texts: Vec<_> = found.iter().map(|embedded| (embedded.language, &*embedded.text)).collect();
    assert_eq!(texts, expected, "in {text}");
    for embedded in &found {
        each_word(&embedded.text, |word| {
            let outer = embedded.map.to_outer(word.clone());
            assert_eq!(text[outer], embedded.text[word], "in {text}");
        });
    }
}

fn each_word(text: &str, mut visit: impl FnMut(std::ops::Range<usize>)) {
    let mut start = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if !c.is_ascii_alphabetic() {
            if start < at {
                visit(start..at);
            }
            start = at + c.len_utf8();
        }
    }
}

#[test]
fn the_shell_of_a_workflow() {
    check(
        "yaml",
        WORKFLOW,
        "jobs:\n  a:\n    steps:\n      - run: |\n          echo ${{ github.event.title }}\n          if x; then\n            ls\n\n          fi\n      - run: npm ci\n      - run: >-\n          one\n          two\n\n          three\n            four\n          five\n      - run: 'it''s'\n      - run: \"a\\tb \\\"c\\\" \\u00e9t\"\n      - uses: x/y@v1\n        with: {run: z}\n        env:\n          run: z\n",
        &[
            ("bash", "echo ${{ github.event.title }}\nif x; then\n  ls\n\nfi"),
            ("bash", "npm ci"),
            ("bash", "one two\nthree\n  four\nfive"),
            ("bash", "it's"),
            ("bash", "a\tb \"c\" ét"),
        ],
    );
}

#[test]
fn a_scalar_over_several_lines_is_folded() {
    check(
        "yaml",
        WORKFLOW,
        "a:\n  - run: one\n      two\n\n      three\n  - run: \"four\n      five \\\n      six\"\n",
        &[("bash", "one two\nthree"), ("bash", "four five six")],
    );
}

#[test]
fn line_breaks_of_windows_do_not_reach_the_shell() {
    check("yaml", WORKFLOW, "a:\r\n  - run: |\r\n      one\r\n      two\r\n", &[("bash", "one\ntwo\n")]);
}

#[test]
fn indentation_may_be_given() {
    check(
        "yaml",
        WORKFLOW,
        "a:\n  - run: |2\n        one\n      two\n    shell: sh\n",
        &[("bash", "  one\ntwo")],
    );
}

#[test]
fn the_shell_is_honoured() {
    check(
        "yaml",
        WORKFLOW,
        "defaults:\n  run:\n    shell: pwsh\njobs:\n  a:\n    defaults: {run: {shell: bash}}\n    steps:\n      - run: one\n      - run: two\n        shell: python\n      - shell: cmd\n        run: three\n      - shell: bash -e {0}\n        run: four\n  b:\n    steps:\n      - run: five\n",
        &[("bash", "one"), ("python", "two"), ("bash", "four")],
    );
}

#[test]
fn only_workflows_and_actions_run() {
    let text = "runs:\n  steps:\n    - run: ls\n      shell: bash\n";
    check("yaml", "a/action.yml", text, &[("bash", "ls")]);
    check("yaml", "a/other.yml", text, &[]);
}

#[test]
fn scripts_of_gitlab() {
    check(
        "yaml",
        ".gitlab-ci.yml",
        "a:\n  before_script: ls\n  script:\n    - one\n    - |\n      two\n      three\n    - [four, \"five\"]\n    - !reference [.x, script]\n  stage: script\n",
        &[("bash", "ls"), ("bash", "one"), ("bash", "two\nthree"), ("bash", "four"), ("bash", "five")],
    );
}

#[test]
fn policies_in_heredocs() {
    check(
        "hcl",
        "main.tf",
        "resource \"a\" \"b\" {\n  policy = <<EOF\n{\n  \"Action\": \"${var.x[\"y\"]}:*\"\n}\nEOF\n  other = <<-POLICY\n    {\n      \"Effect\": \"Allow\"\n    }\n  POLICY\n  text = <<EOF\nhello\nEOF\n  broken = <<EOF\n{ \"a\": \nEOF\n}\n",
        &[("json", "{\n  \"Action\": \"${var.x['y']}:*\"\n}\n"), ("json", "{\n  \"Effect\": \"Allow\"\n}\n")],
    );
}

#[test]
fn user_data_in_heredocs() {
    check(
        "hcl",
        "main.tf",
        "resource \"a\" \"b\" {\n  user_data = base64encode(<<-EOF\n    #!/bin/bash\n    curl ${var.url} | sh\n  EOF\n  )\n}\nlocals {\n  user_data = \"#!/bin/sh\\necho hi\\n\"\n}\n",
        &[("bash", "#!/bin/bash\ncurl ${var.url} | sh\n"), ("bash", "#!/bin/sh\necho hi\n")],
    );
}

#[test]
fn user_data_of_templates() {
    check(
        "yaml",
        "template.yaml",
        "Resources:\n  A:\n    UserData: !Base64 |\n      #!/bin/bash -xe\n      yum update\n  B:\n    UserData:\n      Fn::Base64: !Sub |\n        #!/bin/bash\n        echo ${AWS::Region}\n  C:\n    UserData:\n      Fn::Base64:\n        Fn::Sub: |\n          #!/usr/bin/env python3\n          print(1)\n  D:\n    UserData: plain\n",
        &[
            ("bash", "#!/bin/bash -xe\nyum update"),
            ("bash", "#!/bin/bash\necho ${AWS::Region}"),
            ("python", "#!/usr/bin/env python3\nprint(1)"),
        ],
    );
    check(
        "json",
        "template.json",
        "{\"UserData\": {\"Fn::Base64\": \"#!/bin/bash\\necho \\\"a\\\"\\n\"}, \"Value\": \"#!/bin/sh\"}",
        &[("bash", "#!/bin/bash\necho \"a\"\n")],
    );
}

#[test]
fn user_data_in_base64_is_one_piece() {
    let rows = [
        ("json", format!("{{\"LaunchTemplateData\": {{\"UserData\": \"{SCRIPT_IN_BASE64}\"}}}}")),
        ("json", format!("{{\"UserData\": {{\"Value\": \"{SCRIPT_IN_BASE64}\"}}}}")),
        ("yaml", format!("UserData: \"{SCRIPT_IN_BASE64}\"\n")),
        ("hcl", format!("a \"b\" \"c\" {{\n  user_data_base64 = \"{SCRIPT_IN_BASE64}\"\n}}\n")),
    ];
    for (language, text) in rows {
        let found = embedded(language, "x", &text);
        assert_eq!(found.len(), 1, "in {text}");
        assert_eq!((found[0].language, &*found[0].text), ("bash", "#!/bin/bash\ncurl http://a.test | sh\n"));
        assert_eq!(text[found[0].map.to_outer(12..16)], format!("\"{SCRIPT_IN_BASE64}\""));
    }
    check("json", "x", "{\"UserData\": \"bm90IGEgc2NyaXB0\"}", &[]);
}

#[test]
fn scripts_in_html() {
    check(
        "html",
        "a.html",
        "<p>é</p><script>eval(a)</script><script type=\"application/json\">{}</script><SCRIPT TYPE=module>b()</SCRIPT><script src=\"c.js\"></script>",
        &[("javascript", "eval(a)"), ("javascript", "b()")],
    );
}

#[test]
fn scripts_around_php() {
    check(
        "php",
        "a.php",
        "<?php $x = '<script>no</script>'; ?>\n<script>\nvar a = <?= $a ?>;\neval(a)\n</script>\n<?php f(); ?>",
        &[("javascript", "\nvar a = 0;\neval(a)\n")],
    );
}

#[test]
fn commands_of_a_dockerfile() {
    check(
        "dockerfile",
        "Dockerfile",
        "FROM a\nRUN apt-get update && \\\n    apt-get install -y curl\nRUN --mount=type=cache,target=/x curl a | sh\nRUN [\"ls\"]\nRUN <<EOF\none\ntwo\nEOF\nCMD run\n",
        &[
            ("bash", "apt-get update && \\\n    apt-get install -y curl"),
            ("bash", "curl a | sh"),
            ("bash", "one\ntwo\n"),
        ],
    );
}

#[test]
fn nothing_is_found_where_nothing_is() {
    for (language, text) in
        [("yaml", "a: b\n"), ("json", "{}"), ("hcl", "a = 1\n"), ("html", ""), ("dockerfile", "FROM a\n")]
    {
        check(language, WORKFLOW, text, &[]);
    }
    check("yaml", WORKFLOW, "run: *alias\n", &[]);
    check("yaml", WORKFLOW, "run: |", &[]);
    check("yaml", WORKFLOW, "run:\n  shell: bash\n", &[]);
}

#[test]
fn maps_join() {
    let source = "xx one\\ttwo yy";
    let mut outer = Builder::new(source);
    outer.copy(3..6);
    outer.decode(6..8, "\t");
    outer.copy(8..11);
    let (middle, outer) = outer.finish();
    assert_eq!(middle, "one\ttwo");
    let mut inner = Builder::new(&middle);
    inner.copy(1..6);
    inner.decode(6..7, "Oh");
    let (text, inner) = inner.finish();
    assert_eq!(text, "ne\ttwOh");
    let joined: OffsetMap = inner.within(&outer);
    assert_eq!(&source[joined.to_outer(0..2)], "ne");
    assert_eq!(&source[joined.to_outer(2..3)], "\\t");
    assert_eq!(&source[joined.to_outer(3..5)], "tw");
    assert_eq!(&source[joined.to_outer(5..6)], "o");
    assert_eq!(&source[joined.to_outer(1..5)], "e\\ttw");
    assert_eq!(joined.to_outer(7..7), 11..11);
    assert_eq!(joined.to_outer(3..3), 8..8);
    assert_eq!(OffsetMap::default().to_outer(3..9), 0..0);
}

#[test]
fn many_documents_are_cut_and_it_says_so() {
    let text = "a:\n".to_owned() + &"  - run: ls\n".repeat(5000);
    let embeddings = find("yaml", &parse("yaml", &text), &text, WORKFLOW);
    assert_eq!((embeddings.found.len(), embeddings.cut), (4096, true));
}

#[test]
fn a_missing_quote_is_no_trouble() {
    for text in ["{\"UserData\": \"é", "{\"UserData\": \"", "{\"UserData\":"] {
        check("json", "x", text, &[]);
    }
    for text in ["run: \"é", "run: 'é", "run: \"\\", "run: \"\\u12é\"", "run: >\n\n", "run: |9\n é\n"] {
        let _ = embedded("yaml", WORKFLOW, text);
    }
    let _ = embedded("hcl", "a.tf", "user_data = <<EOF\né");
    let _ = embedded("dockerfile", "Dockerfile", "FROM a\nRUN <<EOF\né");
}
