//! Texts that parsers choke on, for every grammar. Each case runs in a process
//! of its own, because what goes wrong here takes the process with it.
#![cfg(target_os = "linux")]

use crate::forge::{Forged, report};
use crate::support::{command, measured, processor_seconds, text, tree};
use std::fmt::Write as _;
use std::process::Command;
use wardline_engine::document::Document;
use wardline_engine::syntax::structure::{self, StdSet};
use wardline_engine::syntax::{self, Language, embedded};

/// A grammar: a file's name, what a text starts with, and what nests in it.
struct Grammar {
    file: &'static str,
    start: &'static str,
    nests: &'static [&'static str],
    /// Words and signs of the language, for junk.
    words: &'static str,
}

/// All of them, by the name of the language.
const GRAMMARS: &[(&str, Grammar)] = &[
    (
        "python",
        Grammar {
            file: "a.py",
            start: "x = ",
            nests: &[
                "(",
                "[",
                "{1:",
                "not ",
                "-",
                "lambda: ",
                "f'{",
                "a if b else ",
                "1+",
                "a.",
                "f(",
                "x[",
                "\"",
                "'''",
                "await ",
                "*",
            ],
            words: "def class if else : ( ) [ ] { } = == + - * ** , . ' \" ''' # \n \n\t lambda return import from as x 1 f' @ async await \\ with try except",
        },
    ),
    (
        "javascript",
        Grammar {
            file: "a.js",
            start: "x = ",
            nests: &[
                "(",
                "[",
                "{a:",
                "`${",
                "!",
                "a=>",
                "<a>",
                "a?b:",
                "1+",
                "a.b(",
                "/*",
                "new ",
                "async()=>{",
                "function(){",
                "if(a)",
                "a??",
                "typeof ",
            ],
            words: "function class if else ( ) [ ] { } = => == + - / /* */ // , . ' \" ` ${ ; \n new let x 1 <a> </a> ? : async await /x/ ... #p",
        },
    ),
    (
        "typescript",
        Grammar {
            file: "a.ts",
            start: "let x: ",
            nests: &["A<", "(", "{a:", "[", "a|", "keyof ", "() => ", "`${", "A extends B ? C : ", "typeof "],
            words: "interface type class < > ( ) [ ] { } = => | & : ; , . ' \" ` ${ // /* */ \n keyof extends infer x 1 as ? !",
        },
    ),
    (
        "tsx",
        Grammar {
            file: "a.tsx",
            start: "let x = ",
            nests: &["<a>", "<a b={", "<>", "{", "(", "<A<", "`${"],
            words: "< > </ /> <a> { } ( ) [ ] = => : ; , . ' \" ` ${ // /* */ \n x 1 as ? ! type",
        },
    ),
    (
        "java",
        Grammar {
            file: "A.java",
            start: "class A { Object a = ",
            nests: &[
                "(",
                "{",
                "new A(",
                "A<",
                "!",
                "a?b:",
                "() -> ",
                "1+",
                "a.b(",
                "class A { ",
                "@A(",
                "if(a)",
                "(A)",
                "/*",
                "\"\"\"",
            ],
            words: "class interface void if else new ( ) [ ] { } < > = == + - -> :: ; , . ' \" \"\"\" // /* */ @A \n x 1 ? : return throws",
        },
    ),
    (
        "php",
        Grammar {
            file: "a.php",
            start: "<?php $x = ",
            nests: &[
                "(",
                "[",
                "\"{$",
                "fn()=>",
                "!",
                "$a?1:",
                "1 .",
                "@",
                "?> <?php ",
                "$a->b(",
                "function(){",
                "new A(",
                "$",
                "<<<A\n",
                "if(1)",
            ],
            words: "<?php ?> function class if else ( ) [ ] { } $x $ -> => :: = . , ; ' \" <<<A\nA; // # /* */ \n 1 fn new @ & | match",
        },
    ),
    (
        "go",
        Grammar {
            file: "a.go",
            start: "package a\nvar x = ",
            nests: &[
                "(",
                "{",
                "[]",
                "func(){",
                "*",
                "<-",
                "!",
                "f(",
                "map[a]",
                "1+",
                "struct{a ",
                "a.",
                "if a {",
                "`",
                "interface{",
            ],
            words: "func var type struct interface map chan go defer ( ) [ ] { } := = <- * & ; , . ' \" ` // /* */ \n x 1 if else for range return",
        },
    ),
    (
        "ruby",
        Grammar {
            file: "a.rb",
            start: "x = ",
            nests: &[
                "(", "[", "{", "\"#{", "begin ", "!", "->(){", "%w(", "a ? b : ", "if a; ", "def a; ",
                "<<~A\n", "f ", "a.b{", "/", "not ", "*",
            ],
            words: "def end class module if unless do begin rescue ( ) [ ] { } | = => -> :: . , ' \" #{ %w( <<~A / # \n x 1 @a $a :a && ! ? ;",
        },
    ),
    (
        "csharp",
        Grammar {
            file: "A.cs",
            start: "class A { object a = ",
            nests: &[
                "(",
                "{",
                "$\"{",
                "new A(",
                "A<",
                "!",
                "a?b:",
                "() => ",
                "1+",
                "a.b(",
                "class A { ",
                "[A(",
                "(A)",
                "#if a\n",
                "from a in ",
                "namespace A {",
            ],
            words: "class namespace void if else new ( ) [ ] { } < > = => ; , . ' \" $\" @\" // /* */ #if #endif \n x 1 ? : async await from in select where",
        },
    ),
    (
        "kotlin",
        Grammar {
            file: "a.kt",
            start: "val x = ",
            nests: &[
                "(",
                "{",
                "\"${",
                "fun() {",
                "!",
                "if(a) ",
                "1+",
                "a.b(",
                "class A { ",
                "A<",
                "/*",
                "@A ",
                "when(a){",
                "[",
                "\"\"\"",
            ],
            words: "fun val class object if else when ( ) [ ] { } < > = -> : :: . , ; ' \" ${ \"\"\" // /* */ @A \n x 1 ? !! is as by in",
        },
    ),
    (
        "rust",
        Grammar {
            file: "a.rs",
            start: "fn a() { let x = ",
            nests: &[
                "(",
                "{",
                "[",
                "&",
                "!",
                "|| ",
                "f(",
                "A<",
                "/*",
                "if a {",
                "a!(",
                "match a {",
                "1+",
                "#[",
                "r#\"",
                "unsafe {",
                "fn a() {",
                "-",
            ],
            words: "fn let struct enum impl match if else ( ) [ ] { } < > = => -> :: . , ; ' \" r#\" // /* */ #[ ]! \n x 1 & * | || ? ! 'a mut ref move",
        },
    ),
    (
        "clojure",
        Grammar {
            file: "a.clj",
            start: "(def x ",
            nests: &["(", "[", "{", "#{", "'", "#_", "^", "@", "`", "~", "#(", "#?(", "\""],
            words: "( ) [ ] { } #{ ' ` ~ ~@ @ ^ #_ #( # \" ; \\ : :a a 1 \n defn let fn ->",
        },
    ),
    (
        "bash",
        Grammar {
            file: "a.sh",
            start: "x=",
            nests: &[
                "$(",
                "(",
                "{ ",
                "\"$(",
                "`",
                "${a:-",
                "$((",
                "if a; then ",
                "[[ ",
                "<(",
                "case a in a) ",
                "while a; do ",
                "! ",
                "a | ",
                "<<A\n",
                "a && ",
                "'",
            ],
            words: "if then fi for do done case esac while ( ) { } [[ ]] $( ${ $(( )) ` ' \" | && ; ;; > < << <<A # \n x 1 = $x \\ & !",
        },
    ),
    (
        "hcl",
        Grammar {
            file: "a.tf",
            start: "x = ",
            nests: &[
                "[",
                "{a=",
                "(",
                "\"${",
                "a {\n",
                "!",
                "a?b:",
                "1+",
                "[for a in ",
                "a(",
                "<<A\n",
                "-",
                "%{if a}",
                "a.",
                "a[",
                "/*",
            ],
            words: "resource variable { } [ ] ( ) = => : , . \" ${ %{ } <<EOF EOF <<-A A # // /* */ \n x 1 ? for in if ! && || -",
        },
    ),
    (
        "yaml",
        Grammar {
            file: "a.yaml",
            start: "x: ",
            nests: &["[", "{a: ", "- ", "? ", "- - ", "&a ", "!a ", "\"", "'", "|\n ", ">\n ", "*a "],
            words: "- : ? [ ] { } , & * ! !! | > ' \" # % --- ... << a b 1 ~ @ ` \n \n\x20 \n\x20\x20 \n\x20\x20\x20 \t",
        },
    ),
    (
        "json",
        Grammar {
            file: "a.json",
            start: "",
            nests: &["[", "{\"a\":", "[[{\"a\":", "\"", "/*", "-", "[1,"],
            words: "{ } [ ] : , \" \\ \" 1 -1 1e9 true false null \n // /* */ a",
        },
    ),
    (
        "toml",
        Grammar {
            file: "a.toml",
            start: "x = ",
            nests: &["[", "{a=", "[[", "\"\"\"", "'''", "a."],
            words: "[ ] [[ ]] { } = . , \" ' \"\"\" ''' # \n a 1 1979-05-27 true -",
        },
    ),
    (
        "dockerfile",
        Grammar {
            file: "Dockerfile",
            start: "FROM a\nRUN ",
            nests: &["\\\n", "$(", "${a:-", "[\"", "<<A\n", "ONBUILD ", "&& ", "RUN "],
            words: "FROM RUN COPY ENV ARG ONBUILD [ ] \" ' $ ${ } = , \\\n \n # a 1 << <<A --from= AS : @ /",
        },
    ),
    (
        "html",
        Grammar {
            file: "a.html",
            start: "<p>",
            nests: &[
                "<div>",
                "<a b=\"",
                "<!--",
                "<script>",
                "<p>",
                "</p>",
                "<",
                "<svg><a>",
                "<style>",
                "<table><tr>",
            ],
            words: "< > </ /> <div> </div> <p> <!-- --> <!DOCTYPE = \" ' <script> </script> <style> </style> a &amp; \n",
        },
    ),
    (
        "sql",
        Grammar {
            file: "a.sql",
            start: "SELECT ",
            nests: &[
                "(",
                "(SELECT ",
                "NOT ",
                "CASE WHEN ",
                "1+",
                "-",
                "f(",
                "/*",
                "BEGIN ",
                "a.",
                "$$",
                "ARRAY[",
            ],
            words: "SELECT FROM WHERE JOIN ON INSERT INTO VALUES CREATE TABLE ( ) , . ; = < > ' \" ` -- /* */ $$ \n a 1 NOT AND OR CASE WHEN THEN END AS IN",
        },
    ),
];

const CHILD: &str = "WARDLINE_TEST_GRAMMAR";

/// Runs this test alone in a new process, with these words for it.
fn child(test: &str, words: &str) -> crate::support::Measured {
    let mut command = Command::new(std::env::current_exe().expect("this process has a file"));
    command.args(["--exact", test, "--nocapture", "--include-ignored"]).env(CHILD, words);
    measured(&command)
}

/// The words, if this process is the child.
fn task() -> Option<(&'static str, &'static Grammar, usize)> {
    let words = std::env::var(CHILD).ok()?;
    let (name, size) = words.split_once(' ')?;
    let (name, grammar) = GRAMMARS.iter().find(|(known, _)| *known == name).expect("a grammar");
    Some((name, grammar, size.parse().expect("a number")))
}

/// Everything that the engine does with a tree, and how long each step took.
fn read(language: Language, path: &str, text: &str) -> String {
    let mut before = processor_seconds();
    let mut took = String::new();
    let mut step = |name: &str| {
        let now = processor_seconds();
        let _ = write!(took, " {name} {:.2}", now - before);
        before = now;
    };
    let Some(parsed) = syntax::parse(language, text, None) else { return took };
    step(if parsed.cut { "cut parse" } else { "parse" });
    let items = structure::items_for(&parsed, text, StdSet::ALL);
    step("items");
    let middle = text.floor_char_boundary(text.len() / 2);
    let _ = (syntax::errors(&parsed), syntax::enclosing_name(&parsed, text, middle), items);
    step("names");
    let _ = embedded::find(language.name(), &parsed.tree, text, path);
    step("embedded");
    drop(parsed);
    step("drop");
    took
}

#[test]
fn every_grammar_is_here() {
    let named: Vec<&str> = GRAMMARS.iter().map(|(name, _)| *name).collect();
    let all: Vec<&str> =
        Language::all().filter(|language| language.grammar().is_some()).map(Language::name).collect();
    assert_eq!(named, all);
    for (name, grammar) in GRAMMARS {
        assert_eq!(Language::of_path(grammar.file, "").name(), *name);
    }
}

// ----------------------------------------------------------------- I2: nesting

/// What the child of I2 does: reads each shape on small and on large stacks.
#[test]
fn nesting() {
    let Some((name, grammar, size)) = task() else { return };
    let language = Language::from_name(name).expect("known");
    for nest in grammar.nests {
        for tail in ["", ")]}>\"'"] {
            // No more than is parsed at all.
            let times = size.min((syntax::LONGEST - 20_000) / nest.len());
            let text = format!("{}{}{}", grammar.start, nest.repeat(times), tail.repeat(times.min(1_000)));
            for stack in [2 << 20, 8 << 20] {
                let text = text.clone();
                let start = processor_seconds();
                let took = std::thread::Builder::new()
                    .stack_size(stack)
                    .spawn(move || read(language, grammar.file, &text))
                    .expect("a thread")
                    .join()
                    .expect("no panic");
                let seconds = processor_seconds() - start;
                println!("{name} {nest:?} {tail:?} {size} {stack}: {seconds:.2} s:{took}");
                // Ten times what a parse may take.
                assert!(seconds < 20.0, "{name} {nest:?} {size}: {seconds} s");
            }
        }
    }
}

fn nests(sizes: &[usize]) {
    for (name, _) in GRAMMARS {
        for size in sizes {
            let run = child("grammars::nesting", &format!("{name} {size}"));
            let (out, err) = text(&run.output);
            assert!(run.output.status.success(), "{name} {size}: {:?}\n{out}\n{err}", run.output.status);
            println!("{name} {size}: {} ms, {} MiB", run.milliseconds, run.peak_mib);
        }
    }
}

#[test]
fn i2_deep_nesting_ends_no_process() {
    nests(&[1_000, 20_000]);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_i2_deep_nesting_ends_no_process() {
    nests(&[1_000, 10_000, 100_000, 1_000_000]);
}

/// A plugin that asks for everything in every language.
fn curious() -> Forged {
    let languages: Vec<&str> = GRAMMARS.iter().map(|(name, _)| *name).collect();
    let queries: Vec<_> =
        ["std/call", "std/import", "std/assign", "std/string", "std/function", "std/decorator"]
            .iter()
            .map(|name| {
                serde_json::json!({
                    "id": name.replace('/', "-"), "rule": 0, "keywords": ["forged"], "languages": languages,
                    "captures": ["match"], "matcher": {"std": {"use": name}},
                })
            })
            .collect();
    Forged {
        reply: report(&[(0, 1, b"seen")]),
        manifest: serde_json::json!({ "query": queries }),
        ..Forged::new()
    }
}

#[test]
fn i2_files_that_nest_deep_are_checked_beside_others() {
    let mut files: Vec<(String, Vec<u8>)> =
        vec![("good/a.py".into(), b"import pickle\npickle.loads(forged)\n".to_vec())];
    for (name, grammar) in GRAMMARS {
        for (index, nest) in grammar.nests.iter().enumerate() {
            let text = format!("{} {}", grammar.start, nest.repeat(30_000));
            files.push((format!("{name}/{index}/{}", grammar.file), format!("{text}\nforged").into_bytes()));
        }
    }
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let folder = tree(&files);
    let outside = tree(&[("curious.wasm", &curious().bytes())]);
    let plugin = outside.path().join("curious.wasm");
    let plugin = plugin.to_str().expect("UTF-8");
    let run =
        measured(&command(folder.path(), &["check", "--format", "json", "--exit-zero", "--plugin", plugin]));
    let (out, err) = text(&run.output);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let codes: std::collections::BTreeSet<&str> = report["notices"]
        .as_array()
        .expect("notices")
        .iter()
        .filter_map(|notice| notice["code"].as_str())
        .collect();
    let allowed = ["syntax::cut", "syntax::embedded", "matching::cut", "matching::too_many", "flow::cut"];
    assert!(codes.iter().all(|code| allowed.contains(code)), "{codes:?}");
    let found = |path: &str, rule: &str| {
        report["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .any(|finding| finding["place"]["path"] == path && finding["rule"] == rule)
    };
    assert!(found("good/a.py", "code/unsafe-deserialization"), "{out}");
    println!("i2: {} files: {} ms, {} MiB", files.len(), run.milliseconds, run.peak_mib);
    assert!(run.peak_mib < 1_024, "{} MiB", run.peak_mib);
}

// -------------------------------------------------------------------- I3: junk

/// Random characters, or random words, of a language.
fn junk(grammar: &Grammar, bytes: usize, whole_words: bool, seed: u32) -> String {
    let mut random = seed;
    let mut next = |bound: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize % bound
    };
    let words: Vec<&str> =
        grammar.words.split(' ').map(|word| if word.is_empty() { " " } else { word }).collect();
    let characters: Vec<char> = grammar.words.chars().collect();
    let mut junk = String::with_capacity(bytes + 16);
    while junk.len() < bytes {
        if whole_words {
            junk.push_str(words[next(words.len())]);
            if next(3) > 0 {
                junk.push(' ');
            }
        } else {
            junk.push(characters[next(characters.len())]);
        }
    }
    junk
}

/// What the child of I3 does: parses junk and says what it cost.
#[test]
fn parsing_junk() {
    let Some((name, grammar, size)) = task() else { return };
    let language = Language::from_name(name).expect("known");
    for whole_words in [false, true] {
        for seed in [1, 2] {
            let text = junk(grammar, size, whole_words, seed);
            let start = processor_seconds();
            let parsed = syntax::parse(language, &text, None).expect("short enough");
            let seconds = processor_seconds() - start;
            let kind = if whole_words { "words" } else { "characters" };
            let reached = parsed.tree.root_node().end_byte() * 100 / text.len();
            println!("{name} {kind} {size}: {seconds:.2} s, cut {}, {reached} % read", parsed.cut);
            // Ten times half a second.
            assert!(seconds < 5.0, "{name}: {seconds} s");
        }
    }
}

fn junks(size: usize) {
    for (name, _) in GRAMMARS {
        let run = child("grammars::parsing_junk", &format!("{name} {size}"));
        let (out, err) = text(&run.output);
        assert!(run.output.status.success(), "{name}: {out}\n{err}");
        for line in out.lines().filter(|line| line.starts_with(name)) {
            println!("{line}, {} MiB", run.peak_mib);
        }
        assert!(run.peak_mib < 512, "{name}: {} MiB", run.peak_mib);
    }
}

#[test]
fn i3_junk_is_cut_for_every_grammar() {
    junks(200_000);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_i3_junk_is_cut_for_every_grammar() {
    junks(1 << 20);
}

#[test]
fn i3_text_rules_run_on_junk_that_is_cut() {
    let mut files: Vec<(String, String)> = Vec::new();
    for (index, (name, grammar)) in GRAMMARS.iter().enumerate() {
        let mut junk = junk(grammar, 100_000, index % 2 == 0, 7);
        let _ = write!(junk, "\nforged JWT_SECRET = \"supersecretjwtkey\"\n");
        files.push((format!("{name}/{}", grammar.file), junk));
    }
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
    let folder = tree(&files);
    let forged = Forged { reply: report(&[(0, 1, b"seen")]), ..Forged::new() };
    let outside = tree(&[("forged.wasm", &forged.bytes())]);
    let plugin = outside.path().join("forged.wasm");
    let plugin = plugin.to_str().expect("UTF-8");
    let output = crate::support::wardline(
        folder.path(),
        &["check", "--format", "json", "--exit-zero", "--plugin", plugin],
    );
    let report: serde_json::Value = serde_json::from_str(&text(&output).0).expect("JSON");
    for (path, _) in &files {
        let seen = report["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .any(|finding| finding["place"]["path"] == *path && finding["rule"] == "forged/act");
        assert!(seen, "{path}");
        assert_ne!(Document::from_text(path, String::new()).language, Language::Text);
    }
}
