//! What each kind of pattern matches, by language.

use super::{Pattern, PatternError, PatternSet};
use tree_sitter::{Language, Parser, Tree};

fn grammar(language: &str) -> Language {
    match language {
        "python" => tree_sitter_python::LANGUAGE.into(),
        "javascript" => tree_sitter_javascript::LANGUAGE.into(),
        "typescript" => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        "tsx" => tree_sitter_typescript::LANGUAGE_TSX.into(),
        "java" => tree_sitter_java::LANGUAGE.into(),
        "php" => tree_sitter_php::LANGUAGE_PHP.into(),
        "go" => tree_sitter_go::LANGUAGE.into(),
        "ruby" => tree_sitter_ruby::LANGUAGE.into(),
        "csharp" => tree_sitter_c_sharp::LANGUAGE.into(),
        "kotlin" => tree_sitter_kotlin_ng::LANGUAGE.into(),
        "rust" => tree_sitter_rust::LANGUAGE.into(),
        "clojure" => tree_sitter_clojure_orchard::LANGUAGE.into(),
        "bash" => tree_sitter_bash::LANGUAGE.into(),
        "hcl" => tree_sitter_hcl::LANGUAGE.into(),
        "yaml" => tree_sitter_yaml::LANGUAGE.into(),
        "json" => tree_sitter_json::LANGUAGE.into(),
        "toml" => tree_sitter_toml_ng::LANGUAGE.into(),
        "dockerfile" => tree_sitter_containerfile::LANGUAGE.into(),
        "html" => tree_sitter_html::LANGUAGE.into(),
        "sql" => tree_sitter_sequel::LANGUAGE.into(),
        other => panic!("no grammar for {other}"),
    }
}

fn parse(language: &str, text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&grammar(language)).expect("the grammar fits");
    parser.parse(text, None).expect("parsing has no limit")
}

fn compile(language: &str, pattern: &str) -> Result<Pattern, PatternError> {
    Pattern::compile(language, &grammar(language), pattern)
}

/// Returns each match as `text`, or `text | X = capture | …`.
fn matches(language: &str, pattern: &str, text: &str) -> Vec<String> {
    let pattern = compile(language, pattern).unwrap_or_else(|error| panic!("{language}: {error}"));
    let names = pattern.captures().to_vec();
    let tree = parse(language, text);
    let matched = PatternSet::new(vec![(7, pattern)]).matches(&tree, text);
    let show = |found: &super::PatternMatch| {
        assert_eq!((found.id, found.start, found.end), (7, found.captures[0].start, found.captures[0].end));
        let captures = found.captures.iter().map(|capture| {
            let part = &text[capture.start as usize..capture.end as usize];
            if capture.index == 0 {
                part.to_owned()
            } else {
                format!("{}={part}", names[usize::from(capture.index)])
            }
        });
        captures.collect::<Vec<_>>().join(" | ")
    };
    matched.found.iter().map(show).collect()
}

/// Rows of language, pattern, source, expected matches.
fn check(rows: &[(&str, &str, &str, &[&str])]) {
    let mut wrong = Vec::new();
    for (language, pattern, text, expected) in rows {
        let found = std::panic::catch_unwind(|| matches(language, pattern, text));
        if !found.as_ref().is_ok_and(|found| found == expected) {
            wrong.push(format!(
                "{language}: {pattern}\n  in       {text:?}\n  expected {expected:?}\n  found    {found:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn python() {
    const LANGUAGE: &str = "python";
    check(&[
        (LANGUAGE, "eval($X)", "y = eval( a + 1 ) # eval(b)\n\"eval(c)\"", &["eval( a + 1 ) | X=a + 1"]),
        (LANGUAGE, "eval($X)", "eval(a, b)\neval()\nx.eval(a)\nevals(a)", &[]),
        (LANGUAGE, "eval($_)", "eval(a)", &["eval(a)"]),
        (LANGUAGE, "f($$$)", "f()\nf(1)\nf(1, *b, c=2,)", &["f()", "f(1)", "f(1, *b, c=2,)"]),
        (LANGUAGE, "f($A, $$$REST)", "f(1, 2, k=3)", &["f(1, 2, k=3) | A=1 | REST=2 | REST=k=3"]),
        (
            LANGUAGE,
            "subprocess.$F($$$, shell=True, $$$)",
            "subprocess.run(cmd, shell=True)\nsubprocess.call(shell = True)\nsubprocess.run(cmd, shell=False)\nsubprocess.run(\n  cmd, # why\n  cwd=x,\n  shell=True,\n)",
            &[
                "subprocess.run(cmd, shell=True) | F=run",
                "subprocess.call(shell = True) | F=call",
                "subprocess.run(\n  cmd, # why\n  cwd=x,\n  shell=True,\n) | F=run",
            ],
        ),
        (
            LANGUAGE,
            "$X == $X",
            "a.b == a . b\na == b\nf(1) == f( 1 )",
            &["a.b == a . b | X=a.b", "f(1) == f( 1 ) | X=f(1)"],
        ),
        (LANGUAGE, "f($$$, $X, $$$, $X, $$$)", "f(a, b, b)\nf(a, b, c)", &["f(a, b, b) | X=b"]),
        (LANGUAGE, "f($$$A) + g($$$A)", "f(1, 2) + g(1,2)\nf(1) + g(2)", &["f(1, 2) + g(1,2) | A=1 | A=2"]),
        (
            LANGUAGE,
            "hashlib.new(\"md5\")",
            "hashlib.new('md5')\nhashlib.new(\"\"\"md5\"\"\")\nhashlib.new(\"md5 \")\nhashlib.new(f\"md5\")\nhashlib.new(md5)",
            &["hashlib.new('md5')", "hashlib.new(\"\"\"md5\"\"\")", "hashlib.new(f\"md5\")"],
        ),
        (LANGUAGE, "f(\"$X\")", "f('a b')\nf(f'{a}')\nf(b)\nf('')", &["f('a b') | X=a b", "f('') | X="]),
        (LANGUAGE, "f(\"$$$X\")", "f('a')\nf(f'{a} b')\nf(b)", &["f('a') | X=a", "f(f'{a} b') | X={a} b"]),
        (LANGUAGE, "execute(f\"$$$A{$X}$$$B\")", "execute(f'select {a}')\nexecute('select')", &[]),
        (LANGUAGE, "$X = input($$$)", "name = input('?')\nf(name=input())", &["name = input('?') | X=name"]),
        (LANGUAGE, "password = \"$P\"", "password = 'x'", &["password = 'x' | P=x"]),
        (
            LANGUAGE,
            "try:\n    $$$\nexcept $E:\n    pass",
            "try:\n    a()\n    b()\nexcept ValueError:\n    # never mind\n    pass\n",
            &["try:\n    a()\n    b()\nexcept ValueError:\n    # never mind\n    pass | E=ValueError"],
        ),
        (
            LANGUAGE,
            "def $F($$$P): $$$BODY",
            "def f(a, b=1):\n    x\n    y\n",
            &["def f(a, b=1):\n    x\n    y | F=f | P=a | P=b=1 | BODY=x | BODY=y"],
        ),
        (LANGUAGE, "if $C: $$$", "if a:\n  b\nif c:\n  d\nelse:\n  e", &["if a:\n  b | C=a"]),
        (
            LANGUAGE,
            "@app.route($$$A)",
            "@app.route('/x')\n@other\ndef f(): pass",
            &["@app.route('/x') | A='/x'"],
        ),
        (
            LANGUAGE,
            "{$$$, \"alg\": $X, $$$}",
            "x = {'typ': 1, 'alg': none}",
            &["{'typ': 1, 'alg': none} | X=none"],
        ),
        (LANGUAGE, "import $M", "import os\nimport a, b", &["import os | M=os"]),
        (
            LANGUAGE,
            "from pickle import $$$N",
            "from pickle import load, dump",
            &["from pickle import load, dump | N=load | N=dump"],
        ),
        (LANGUAGE, "for $X in $Y: $$$", "for a in b:\n  c", &["for a in b:\n  c | X=a | Y=b"]),
        (
            LANGUAGE,
            "with open($$$) as $F: $$$",
            "with open('a', 'w') as f:\n  pass",
            &["with open('a', 'w') as f:\n  pass | F=f"],
        ),
        (LANGUAGE, "lambda $X: $Y", "f(lambda a: a+1)", &["lambda a: a+1 | X=a | Y=a+1"]),
        (LANGUAGE, "$X[\"$K\"]", "d['k']\nd[k]", &["d['k'] | X=d | K=k"]),
        (LANGUAGE, "return $X", "def f():\n  return eval(a)", &["return eval(a) | X=eval(a)"]),
        (LANGUAGE, "assert $X, $$$", "assert a, 'b'\nassert c", &["assert a, 'b' | X=a", "assert c | X=c"]),
        (LANGUAGE, "os.system", "f(os.system)", &["os.system"]),
        (LANGUAGE, "await $X", "async def f():\n  await g()", &["await g() | X=g()"]),
    ]);
}

#[test]
fn javascript() {
    const LANGUAGE: &str = "javascript";
    check(&[
        (LANGUAGE, "eval($X)", "eval(a); window.eval(b)", &["eval(a) | X=a"]),
        (LANGUAGE, "eval($X);", "x = eval(a)", &["eval(a) | X=a"]),
        (
            LANGUAGE,
            "$X.innerHTML = $Y",
            "a.b.innerHTML = c;\na.innerHTML += c",
            &["a.b.innerHTML = c | X=a.b | Y=c"],
        ),
        (LANGUAGE, "new Function($$$A)", "new Function('a', b)", &["new Function('a', b) | A='a' | A=b"]),
        (
            LANGUAGE,
            "require(\"child_process\")",
            "const c = require('child_process'), d = require(`child_process`)",
            &["require('child_process')", "require(`child_process`)"],
        ),
        (
            LANGUAGE,
            "f($$$, { $$$, rejectUnauthorized: false, $$$ }, $$$)",
            "f(a, {b: 1, rejectUnauthorized: false}, c); f({rejectUnauthorized: true})",
            &["f(a, {b: 1, rejectUnauthorized: false}, c)"],
        ),
        (
            LANGUAGE,
            "rejectUnauthorized: false",
            "f({a, rejectUnauthorized: false})",
            &["rejectUnauthorized: false"],
        ),
        (LANGUAGE, "{ alg: $X }", "f({alg: none}); alg: x", &["{alg: none} | X=none"]),
        (
            LANGUAGE,
            "`$$$A${$X}$$$B`",
            "f(`select ${a} from`)",
            &["`select ${a} from` | A=select  | X=a | B= from"],
        ),
        (
            LANGUAGE,
            "function $F($$$P) { $$$B }",
            "function f(a, b) { c(); return d }\nfunction g() {}",
            &[
                "function f(a, b) { c(); return d } | F=f | P=a | P=b | B=c(); | B=return d",
                "function g() {} | F=g",
            ],
        ),
        (
            LANGUAGE,
            "if ($C) { $$$; return $X }",
            "if (a) { b(); c(); return d; }",
            &["if (a) { b(); c(); return d; } | C=a | X=d"],
        ),
        (
            LANGUAGE,
            "if ($C) { $$$ return $X }",
            "if (a) { b(); c(); return d; }",
            &["if (a) { b(); c(); return d; } | C=a | X=d"],
        ),
        (
            LANGUAGE,
            "try { $$$ } catch ($E) {}",
            "try { a() } catch (e) { /* ignored */ }",
            &["try { a() } catch (e) { /* ignored */ } | E=e"],
        ),
        (LANGUAGE, "$F(($$$) => { $$$ })", "use((a, b) => { c })", &["use((a, b) => { c }) | F=use"]),
        (LANGUAGE, "$A == $B", "a == b; a === b", &["a == b | A=a | B=b"]),
        (
            LANGUAGE,
            "class $C extends Base { $$$M }",
            "class A extends Base { x = 1; m() {} }",
            &["class A extends Base { x = 1; m() {} } | C=A | M=x = 1 | M=m() {}"],
        ),
        (LANGUAGE, "import $X from \"vm\"", "import vm from 'vm'", &["import vm from 'vm' | X=vm"]),
        (LANGUAGE, "const $X = $Y", "const a = 1; let b = 2", &["const a = 1; | X=a | Y=1"]),
        (LANGUAGE, "\\$X(a)", "$X(a); $Y(a)", &["$X(a)"]),
        (LANGUAGE, "<a href={$X} />", "const e = <a href={b} />", &["<a href={b} /> | X=b"]),
        (
            LANGUAGE,
            "dangerouslySetInnerHTML={$X}",
            "const e = <a dangerouslySetInnerHTML={{__html: b}} />",
            &["dangerouslySetInnerHTML={{__html: b}} | X={__html: b}"],
        ),
        (
            LANGUAGE,
            "typeof $X === \"undefined\"",
            "typeof a === 'undefined'",
            &["typeof a === 'undefined' | X=a"],
        ),
        (
            LANGUAGE,
            "$R.get($P, ($REQ, $RES) => $B)",
            "app.get('/', (q, r) => r.send(q))",
            &["app.get('/', (q, r) => r.send(q)) | R=app | P='/' | REQ=q | RES=r | B=r.send(q)"],
        ),
    ]);
}

#[test]
fn typescript() {
    const LANGUAGE: &str = "typescript";
    check(&[
        (LANGUAGE, "eval($X as string)", "eval(a as string)", &["eval(a as string) | X=a"]),
        (
            LANGUAGE,
            "$X.innerHTML = $Y",
            "this.el.innerHTML = (c as any);",
            &["this.el.innerHTML = (c as any) | X=this.el | Y=(c as any)"],
        ),
        (
            LANGUAGE,
            "function $F($$$P): $T { $$$ }",
            "function f(a: string, b?: number): void { c }",
            &["function f(a: string, b?: number): void { c } | F=f | P=a: string | P=b?: number | T=void"],
        ),
        (
            LANGUAGE,
            "sanitizer.bypassSecurityTrustHtml($X)",
            "sanitizer.bypassSecurityTrustHtml(a)",
            &["sanitizer.bypassSecurityTrustHtml(a) | X=a"],
        ),
        (LANGUAGE, "@Controller($$$A)", "@Controller('x') class A {}", &["@Controller('x') | A='x'"]),
        (
            LANGUAGE,
            "{ $$$, secure: false, $$$ }",
            "cookie({ httpOnly: true, secure: false })",
            &["{ httpOnly: true, secure: false }"],
        ),
        (
            LANGUAGE,
            "interface $I { $$$ }",
            "interface A { b: string; c(): void }",
            &["interface A { b: string; c(): void } | I=A"],
        ),
        (
            "tsx",
            "<div dangerouslySetInnerHTML={{ __html: $X }} />",
            "const a = <div dangerouslySetInnerHTML={{__html: b}} />;",
            &["<div dangerouslySetInnerHTML={{__html: b}} /> | X=b"],
        ),
        ("tsx", "f<$T>($X)", "f<A>(b)", &["f<A>(b) | T=A | X=b"]),
    ]);
}

#[test]
fn java() {
    const LANGUAGE: &str = "java";
    const IN_METHOD: &str =
        "class A { void m() { Runtime.getRuntime().exec(cmd); String s = md.getInstance(\"MD5\"); } }";
    check(&[
        (LANGUAGE, "Runtime.getRuntime().exec($X)", IN_METHOD, &["Runtime.getRuntime().exec(cmd) | X=cmd"]),
        (LANGUAGE, "Runtime.getRuntime().exec($X);", IN_METHOD, &["Runtime.getRuntime().exec(cmd) | X=cmd"]),
        (LANGUAGE, "$M.getInstance(\"MD5\")", IN_METHOD, &["md.getInstance(\"MD5\") | M=md"]),
        (
            LANGUAGE,
            "String $X = $Y;",
            IN_METHOD,
            &["String s = md.getInstance(\"MD5\"); | X=s | Y=md.getInstance(\"MD5\")"],
        ),
        (LANGUAGE, "new Random($$$)", "class A { Random r = new Random(); }", &["new Random()"]),
        (
            LANGUAGE,
            "$S.executeQuery($A + $B)",
            "class A { void m() { s.executeQuery(\"select \" + x); } }",
            &["s.executeQuery(\"select \" + x) | S=s | A=\"select \" | B=x"],
        ),
        (
            LANGUAGE,
            "void $M($$$P) { $$$B }",
            "class A { void m(int a, String b) { c(); d(); } }",
            &["void m(int a, String b) { c(); d(); } | M=m | P=int a | P=String b | B=c(); | B=d();"],
        ),
        (
            LANGUAGE,
            "try { $$$ } catch (Exception $E) { }",
            "class A { void m() { try { a(); b(); } catch (Exception e) { } } }",
            &["try { a(); b(); } catch (Exception e) { } | E=e"],
        ),
        (
            LANGUAGE,
            "if ($C) { $$$ return $X; }",
            "class A { int m() { if (a) { b(); return 1; } return 2; } }",
            &["if (a) { b(); return 1; } | C=a | X=1"],
        ),
        (
            LANGUAGE,
            "@RequestMapping($$$A)",
            "@RequestMapping(\"/a\") class A { @RequestMapping(value = \"/b\") void m() {} }",
            &["@RequestMapping(\"/a\") | A=\"/a\"", "@RequestMapping(value = \"/b\") | A=value = \"/b\""],
        ),
        (
            LANGUAGE,
            "import java.util.$X;",
            "import java.util.Random;",
            &["import java.util.Random; | X=Random"],
        ),
        (
            LANGUAGE,
            "class $C extends Thread { $$$ }",
            "class A extends Thread { int x; void m() {} }",
            &["class A extends Thread { int x; void m() {} } | C=A"],
        ),
        (
            LANGUAGE,
            "($T) $S.readObject()",
            "class A { void m() { Foo f = (Foo) in.readObject(); } }",
            &["(Foo) in.readObject() | T=Foo | S=in"],
        ),
        (
            LANGUAGE,
            "$X.equals($X)",
            "class A { boolean m() { return a.b().equals(a.b( )); } }",
            &["a.b().equals(a.b( )) | X=a.b()"],
        ),
    ]);
}

#[test]
fn php() {
    const LANGUAGE: &str = "php";
    check(&[
        (
            LANGUAGE,
            "eval($X)",
            "<?php eval($a); EVAL ($b); // eval($c)",
            &["eval($a) | X=$a", "EVAL ($b) | X=$b"],
        ),
        (
            LANGUAGE,
            "system($_GET[$K])",
            "<?php system($_GET['a']); system($_POST['a']);",
            &["system($_GET['a']) | K='a'"],
        ),
        (
            LANGUAGE,
            "unserialize($X, $$$)",
            "<?php $o = unserialize($a, ['allowed_classes' => false]); unserialize($b);",
            &["unserialize($a, ['allowed_classes' => false]) | X=$a", "unserialize($b) | X=$b"],
        ),
        (
            LANGUAGE,
            "$DB->query($X . $Y)",
            "<?php $this->db->query('select ' . $x);",
            &["$this->db->query('select ' . $x) | DB=$this->db | X='select ' | Y=$x"],
        ),
        (LANGUAGE, "$X->$M($Y)", "<?php $a->b($c);", &["$a->b($c) | X=$a | M=b | Y=$c"]),
        (LANGUAGE, "$C::$M()", "<?php Foo::bar();", &["Foo::bar() | C=Foo | M=bar"]),
        (LANGUAGE, "DB::raw($X)", "<?php DB::raw(\"a $b\");", &["DB::raw(\"a $b\") | X=\"a $b\""]),
        (LANGUAGE, "new $C($$$A)", "<?php new Foo(1, $b);", &["new Foo(1, $b) | C=Foo | A=1 | A=$b"]),
        (LANGUAGE, "$X = $_POST[\"$K\"]", "<?php $a = $_POST['k'];", &["$a = $_POST['k'] | X=$a | K=k"]),
        (
            LANGUAGE,
            "md5(\"$X\")",
            "<?php md5('a'); md5(\"b\"); md5(\"$c\");",
            &["md5('a') | X=a", "md5(\"b\") | X=b"],
        ),
        (LANGUAGE, "\\$X = 1", "<?php $X = 1; $Y = 1;", &["$X = 1"]),
        (LANGUAGE, "echo $X;", "<?php echo $a . $b; ?>", &["echo $a . $b; | X=$a . $b"]),
        (
            LANGUAGE,
            "function $F($$$P) { $$$B }",
            "<?php function f($a, int $b = 1) { c(); return; }",
            &["function f($a, int $b = 1) { c(); return; } | F=f | P=$a | P=int $b = 1 | B=c(); | B=return;"],
        ),
        (
            LANGUAGE,
            "if ($C) { $$$ die(); }",
            "<?php if ($a) { b(); die(); }",
            &["if ($a) { b(); die(); } | C=$a"],
        ),
        (
            LANGUAGE,
            "[$$$, 'verify' => false, $$$]",
            "<?php f(['a' => 1, 'verify' => false]); f([\"verify\" => false]);",
            &["['a' => 1, 'verify' => false]", "[\"verify\" => false]"],
        ),
        (
            LANGUAGE,
            "curl_setopt($C, CURLOPT_SSL_VERIFYPEER, $V)",
            "<?php curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);",
            &["curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false) | C=$ch | V=false"],
        ),
        (
            LANGUAGE,
            "class $C { $$$ function $M() { $$$ } $$$ }",
            "<?php class A { public $x; function m() { } }",
            &["class A { public $x; function m() { } } | C=A | M=m"],
        ),
        (LANGUAGE, "include $X", "<p><?php include $a; ?></p>", &["include $a | X=$a"]),
    ]);
}

#[test]
fn go() {
    const LANGUAGE: &str = "go";
    check(&[
        (
            LANGUAGE,
            "exec.Command($$$A)",
            "package a\nfunc f() { c := exec.Command(\"sh\", \"-c\", x) }",
            &["exec.Command(\"sh\", \"-c\", x) | A=\"sh\" | A=\"-c\" | A=x"],
        ),
        (LANGUAGE, "$X := $Y", "package a\nfunc f() { a, b := g() }", &["a, b := g() | X=a, b | Y=g()"]),
        (LANGUAGE, "md5.New()", "package a\nvar h = md5.New()", &["md5.New()"]),
        (
            LANGUAGE,
            "exec.Command(\"sh\")",
            "package a\nvar a, b = exec.Command(`sh`), exec.Command(\"sh\")",
            &["exec.Command(`sh`)", "exec.Command(\"sh\")"],
        ),
        (
            LANGUAGE,
            "tls.Config{$$$, InsecureSkipVerify: true, $$$}",
            "package a\nvar c = &tls.Config{\n\tMinVersion: 1, // old\n\tInsecureSkipVerify: true,\n}",
            &["tls.Config{\n\tMinVersion: 1, // old\n\tInsecureSkipVerify: true,\n}"],
        ),
        (
            LANGUAGE,
            "InsecureSkipVerify: true",
            "package a\nvar c = tls.Config{InsecureSkipVerify: true}",
            &["InsecureSkipVerify: true"],
        ),
        (
            LANGUAGE,
            "if err != nil { $$$B }",
            "package a\nfunc f() { if err != nil { log(err); return } }",
            &["if err != nil { log(err); return } | B=log(err) | B=return"],
        ),
        (
            LANGUAGE,
            "func $F($$$P) { $$$ }",
            "package a\nfunc f(a int, b string) { c(); d() }",
            &["func f(a int, b string) { c(); d() } | F=f | P=a int | P=b string"],
        ),
        (
            LANGUAGE,
            "$DB.Query(fmt.Sprintf($$$))",
            "package a\nfunc f() { db.Query(fmt.Sprintf(\"x %s\", a)) }",
            &["db.Query(fmt.Sprintf(\"x %s\", a)) | DB=db"],
        ),
        (
            LANGUAGE,
            "for $$$ { $$$ }",
            "package a\nfunc f() { for i := range x { g(i) } }",
            &["for i := range x { g(i) }"],
        ),
        (
            LANGUAGE,
            "defer $X.Close()",
            "package a\nfunc f() { defer a.b.Close() }",
            &["defer a.b.Close() | X=a.b"],
        ),
        (
            LANGUAGE,
            "import \"$P\"",
            "package a\nimport \"crypto/md5\"",
            &["import \"crypto/md5\" | P=crypto/md5"],
        ),
        (LANGUAGE, "return $X, nil", "package a\nfunc f() { return a, nil }", &["return a, nil | X=a"]),
        (LANGUAGE, "_ = $X", "package a\nfunc f() { _ = g() }", &["_ = g() | X=g()"]),
    ]);
}

#[test]
fn other_languages() {
    check(&[
        ("ruby", "system($X)", "system(a)\nsystem b\nsystem(c, d)", &["system(a) | X=a", "system b | X=b"]),
        ("ruby", "$X.html_safe", "a.b.html_safe", &["a.b.html_safe | X=a.b"]),
        ("ruby", "YAML.load($$$)", "YAML.load(File.read(a))", &["YAML.load(File.read(a))"]),
        (
            "ruby",
            "def $M($$$)\n  $$$B\nend",
            "def m(a)\n  b\n  c\nend",
            &["def m(a)\n  b\n  c\nend | M=m | B=b | B=c"],
        ),
        ("ruby", "verify: false", "f(a, verify: false)", &["verify: false"]),
        (
            "csharp",
            "Process.Start($$$A)",
            "class A { void M() { Process.Start(\"a\", b); } }",
            &["Process.Start(\"a\", b) | A=\"a\" | A=b"],
        ),
        (
            "csharp",
            "new SqlCommand($A + $B, $$$)",
            "class A { void M() { var c = new SqlCommand(\"s\" + x, y); } }",
            &["new SqlCommand(\"s\" + x, y) | A=\"s\" | B=x"],
        ),
        (
            "csharp",
            "f(\"x\")",
            "class A { void M() { f(@\"x\"); f(\"\"\"x\"\"\"); } }",
            &["f(@\"x\")", "f(\"\"\"x\"\"\")"],
        ),
        (
            "csharp",
            "public $T $M($$$) { $$$ }",
            "class A { public int M(int a) { return 1; } }",
            &["public int M(int a) { return 1; } | T=int | M=M"],
        ),
        ("csharp", "[AllowAnonymous]", "[AllowAnonymous] class A {}", &["[AllowAnonymous]"]),
        (
            "kotlin",
            "Runtime.getRuntime().exec($X)",
            "fun f() { Runtime.getRuntime().exec(a) }",
            &["Runtime.getRuntime().exec(a) | X=a"],
        ),
        ("kotlin", "val $X = \"$Y\"", "val a = \"b\"\nval c = \"d$e\"", &["val a = \"b\" | X=a | Y=b"]),
        (
            "rust",
            "Command::new($X)",
            "fn f() { Command::new(\"sh\").arg(a); }",
            &["Command::new(\"sh\") | X=\"sh\""],
        ),
        (
            "rust",
            "unsafe { $$$B }",
            "fn f() { unsafe { a(); b() } }",
            &["unsafe { a(); b() } | B=a(); | B=b()"],
        ),
        ("rust", "println!($$$A)", "fn f() { println!(\"a\", b); }", &["println!(\"a\", b) | A=\"a\" | A=b"]),
        (
            "clojure",
            "(eval $X)",
            "(defn f [a] (eval (read-string a)))",
            &["(eval (read-string a)) | X=(read-string a)"],
        ),
        ("clojure", "(sh $$$A)", "(sh \"ls\" x)", &["(sh \"ls\" x) | A=\"ls\" | A=x"]),
        ("bash", "eval $X", "eval \"$a\"; eval b c", &["eval \"$a\" | X=\"$a\""]),
        ("bash", "rm -rf \\$X", "rm -rf $X\nrm -rf $Y", &["rm -rf $X"]),
        ("bash", "curl $$$ | sh", "curl -s http://a | sh", &["curl -s http://a | sh"]),
        (
            "hcl",
            "acl = \"public-read\"",
            "resource \"a\" \"b\" {\n  acl = \"public-read\"\n}",
            &["acl = \"public-read\""],
        ),
        (
            "hcl",
            "resource \"aws_s3_bucket\" \"$N\" { $$$B }",
            "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"y\"\n  versioning {}\n}\n",
            &[
                "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"y\"\n  versioning {}\n} | N=x | B=bucket = \"y\" | B=versioning {}",
            ],
        ),
        (
            "yaml",
            "pull_request_target: $X",
            "on:\n  pull_request_target:\n    types: [a]",
            &["pull_request_target:\n    types: [a] | X=types: [a]"],
        ),
        ("yaml", "privileged: true", "a:\n  - b:\n      privileged: true", &["privileged: true"]),
        ("json", "\"Effect\": \"Allow\"", "{\"a\": [{\"Effect\" : \"Allow\"}]}", &["\"Effect\" : \"Allow\""]),
        (
            "json",
            "{$$$, \"Principal\": $X, $$$}",
            "{\"a\": 1, \"Principal\": {\"AWS\": \"*\"}}",
            &["{\"a\": 1, \"Principal\": {\"AWS\": \"*\"}} | X={\"AWS\": \"*\"}"],
        ),
        ("toml", "debug = $X", "[a]\ndebug = true", &["debug = true | X=true"]),
        ("dockerfile", "USER root", "FROM a\nUSER root\n", &["USER root"]),
        ("dockerfile", "FROM $X", "FROM alpine\nUSER root\n", &["FROM alpine | X=alpine"]),
        (
            "html",
            "<script src=\"$X\"></script>",
            "<p><SCRIPT src='a.js'></SCRIPT></p>",
            &["<SCRIPT src='a.js'></SCRIPT> | X=a.js"],
        ),
        ("sql", "DROP TABLE $X", "drop table users;", &["drop table users | X=users"]),
    ]);
}

#[test]
fn keywords_are_what_a_match_must_contain() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("python", "subprocess.$F($$$, shell=True, $$$)", &["subprocess", "shell"]),
        ("python", "hashlib.new(\"md5\")", &["hashlib", "new", "md5"]),
        ("python", "$A == $B", &[]),
        ("python", "self.$X", &["self"]),
        ("javascript", "new $X($$$)", &["new"]),
        ("php", "$X = $_GET[\"$K\"]", &["_GET"]),
    ];
    for (language, pattern, expected) in rows {
        let compiled = compile(language, pattern).expect("it compiles");
        assert_eq!(compiled.keywords(), *expected, "{language}: {pattern}");
    }
}

#[test]
fn captures_are_named_once_and_start_with_the_match() {
    let pattern = compile("python", "f($X, $_, $$$, $X, $$$REST)").expect("it compiles");
    assert_eq!(pattern.captures(), ["match", "X", "REST"]);
}

#[test]
fn a_bad_pattern_says_what_to_do() {
    let rows: &[(&str, &str, &str)] = &[
        ("python", "eval(", "`eval(` is not valid python"),
        ("python", "", "`` matches everything"),
        ("python", "$X", "`$X` matches everything"),
        ("python", "($$$)", "`a"),
        ("javascript", "a(); b()", "`a(); b()` is more than one node"),
        ("python", "f(\"http://$HOST/\")", "a metavariable is only a part of `http://$HOST/`"),
    ];
    for (language, pattern, expected) in rows {
        match compile(language, pattern) {
            Err(error) => assert_eq!(error.to_string(), *expected, "{language}: {pattern}"),
            Ok(_) => assert_eq!(*pattern, "($$$)", "{language}: {pattern} compiles"),
        }
    }
    let deep = format!("{}a{}", "f(".repeat(200), ")".repeat(200));
    assert!(matches!(compile("python", &deep), Err(PatternError::TooLarge)));
}

#[test]
fn the_number_of_siblings_does_not_blow_up() {
    let arguments: String = (0..3000).map(|number| format!("a{number}, ")).collect();
    let text = format!("f({arguments})\n").repeat(3);
    let tree = parse("python", &text);
    let run = |pattern: &str| {
        let pattern = compile("python", pattern).expect("it compiles");
        PatternSet::new(vec![(0, pattern)]).matches(&tree, &text)
    };
    let matched = run("f($$$A, a7, $$$B, a9, $$$C, a8, $$$D, nowhere, $$$E)");
    assert!(matched.found.is_empty() && !matched.cut);
    // One that must backtrack gives up and says so.
    let matched = run("f($$$, $X, $$$, $Y, $$$, $X, $$$, $Y, $$$)");
    assert!(matched.found.is_empty() && matched.cut);
}

#[test]
fn deep_nesting_does_not_overflow() {
    let text = format!("x = {}a{}", "f(".repeat(20_000), ")".repeat(20_000));
    let tree = parse("python", &text);
    let pattern = compile("python", "f(f(a))").expect("it compiles");
    assert_eq!(PatternSet::new(vec![(0, pattern)]).matches(&tree, &text).found.len(), 1);
}

#[test]
fn many_patterns_report_under_their_own_ids() {
    let text = "eval(a)\nexec(b)\neval(exec(c))";
    let patterns = ["eval($X)", "exec($X)", "eval(exec($X))", "$F($X)"];
    let compiled =
        patterns.iter().zip(0..).map(|(pattern, id)| (id, compile("python", pattern).expect("it compiles")));
    let matched = PatternSet::new(compiled.collect()).matches(&parse("python", text), text);
    let found: Vec<_> = matched.found.iter().map(|found| (found.start, found.end, found.id)).collect();
    assert_eq!(
        found,
        [
            (0, 7, 0),
            (0, 7, 3),
            (8, 15, 1),
            (8, 15, 3),
            (16, 29, 0),
            (16, 29, 2),
            (16, 29, 3),
            (21, 28, 1),
            (21, 28, 3)
        ]
    );
}

/// Prints what 500 patterns cost: `cargo test -p wardline-engine cost -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout)]
fn cost_of_five_hundred_patterns() {
    use std::time::Instant;
    let python = "def handler_{n}(request, name=None):\n    value = request.args.get('key{n}')\n    if value == name and len(value) > 3:\n        result = subprocess.run(['ls', value], shell=True)  # listing\n        return render(result.stdout, title=f'{value} {n}')\n    return module_{n}.load_{n}(value, cache)\n\n";
    let javascript = "function handler{n}(request, response) {\n  const value = request.query.key{n};\n  if (value === 'a' && response.ok) {\n    child.exec(`ls ${value}`, { shell: true }, (error, out) => response.send(out));\n  }\n  return module_{n}.load_{n}(value, cache);\n}\n\n";
    for (language, unit) in [("python", python), ("javascript", javascript)] {
        let mut text = String::new();
        while text.len() < 50_000 {
            text.push_str(&unit.replace("{n}", &text.len().to_string()));
        }
        let sources = |count: usize| {
            (0..count).map(|number| match number % 5 {
                0 => format!("module_{number}.load_{number}($X, $$$)"),
                1 => format!("call_{number}($$$, \"value {number}\", $$$)"),
                2 => format!("$X.method_{number}($Y + $Z)"),
                3 => format!("$X = request.key_{number}($$$)"),
                _ => format!("new_{number}($A, $A)"),
            })
        };
        let best = |run: &mut dyn FnMut()| {
            let once = |_| {
                let started = Instant::now();
                run();
                started.elapsed()
            };
            (0..9).map(once).min().expect("nine runs")
        };
        let parsing = best(&mut || drop(parse(language, &text)));
        println!("{language}: parse of {} bytes {parsing:?}", text.len());
        let tree = parse(language, &text);
        let compile_all = |count: usize| -> Vec<_> {
            let compiled = sources(count).map(|source| compile(language, &source).expect("it compiles"));
            (0..).zip(compiled).collect()
        };
        for count in [5, 500] {
            let compiling = best(&mut || drop(compile_all(count)));
            let compiled = compile_all(count);
            let joining = best(&mut || drop(PatternSet::new(compiled.clone())));
            let set = PatternSet::new(compiled);
            let walking = best(&mut || drop(set.matches(&tree, &text)));
            println!("  {count} patterns: compile {compiling:?}, join {joining:?}, walk {walking:?}");
        }
        let everywhere =
            ["$A == $B", "$F($$$A)"].map(|source| compile(language, source).expect("it compiles"));
        let set = PatternSet::new((0..).zip(everywhere).collect());
        let walking = best(&mut || drop(set.matches(&tree, &text)));
        let found = set.matches(&tree, &text).found.len();
        println!("  2 patterns without an anchor: walk {walking:?}, {found} matches");
    }
}
