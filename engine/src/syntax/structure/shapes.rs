//! One table for each language: what its node kinds are to the shared queries.
//!
//! The words that pick children are explained at [`Pick`](super::shape::Pick).

use super::shape::Role::{
    self, Assign, Bind, Block, Call, Class, Decorator, Function, Import, Interpolation, Keyword, List, Macro,
    Method, Pair,
};
use crate::syntax::Language;

/// Some kinds of node, and what they are.
pub(super) struct Row(pub(super) &'static [&'static str], pub(super) Role<&'static str>);

/// See the fields of [`Shape`](super::shape::Shape), which this becomes.
pub(super) struct Table {
    /// Rows that several languages have in common.
    pub(super) shared: &'static [&'static [Row]],
    pub(super) roles: &'static [Row],
    pub(super) arguments: &'static [(&'static str, &'static str, &'static str)],
    pub(super) members: &'static [(&'static str, &'static str)],
    pub(super) wrappers: &'static [&'static str],
    pub(super) literals: &'static [&'static str],
    pub(super) through: &'static [&'static str],
    pub(super) not_arguments: &'static [&'static str],
    pub(super) patterns: &'static [&'static str],
    pub(super) tuples: &'static [&'static str],
    pub(super) keys_are_names: bool,
}

const EMPTY: Table = Table {
    shared: &[],
    roles: &[],
    arguments: &[],
    members: &[],
    wrappers: &[],
    literals: &[],
    through: &[],
    not_arguments: &[],
    patterns: &[],
    tuples: &[],
    keys_are_names: false,
};

/// A string whose content lies between its quotes.
const QUOTED: Role<&'static str> = Role::String { content: "" };

/// The table of a language.
pub(super) fn table(language: Language) -> &'static Table {
    match language {
        Language::Python => &PYTHON,
        Language::JavaScript => &JAVASCRIPT,
        Language::TypeScript => &TYPESCRIPT,
        Language::Tsx => &TSX,
        Language::Java => &JAVA,
        Language::Php => &PHP,
        Language::Go => &GO,
        Language::Ruby => &RUBY,
        Language::CSharp => &CSHARP,
        Language::Kotlin => &KOTLIN,
        Language::Rust => &RUST,
        Language::Clojure => &CLOJURE,
        Language::Bash => &BASH,
        Language::Hcl => &HCL,
        Language::Yaml => &YAML,
        Language::Json => &JSON,
        Language::Toml => &TOML,
        Language::Dockerfile => &DOCKERFILE,
        Language::Html => &HTML,
        Language::Sql => &SQL,
        Language::Text => &EMPTY,
    }
}

const PYTHON: Table = Table {
    roles: &[
        Row(&["call"], Call { callee: "function", arguments: "arguments" }),
        Row(&["exec_statement"], Keyword { symbol: "exec", arguments: "." }),
        Row(&["print_statement"], Keyword { symbol: "print", arguments: "." }),
        Row(&["import_statement", "import_from_statement"], Import),
        Row(&["assignment", "augmented_assignment"], Assign { target: "left", value: "right" }),
        Row(&["named_expression"], Assign { target: "name", value: "value" }),
        Row(
            &["default_parameter", "typed_default_parameter", "keyword_argument"],
            Pair { target: "name", value: "value" },
        ),
        Row(&["pair"], Pair { target: "key", value: "value" }),
        Row(&["string"], QUOTED),
        Row(&["interpolation"], Interpolation),
        Row(&["function_definition"], Function { name: "name", parameters: "parameters" }),
        Row(&["lambda"], Function { name: "", parameters: "parameters" }),
        Row(&["class_definition"], Class { name: "name" }),
        Row(&["decorator"], Decorator { name: "0", arguments: "" }),
        Row(&["for_statement", "for_in_clause"], Bind { name: "left" }),
        Row(&["as_pattern"], Bind { name: "alias" }),
    ],
    arguments: &[("keyword_argument", "name", "value")],
    members: &[("attribute", "object")],
    literals: &["dictionary"],
    through: &["parenthesized_expression"],
    patterns: &[
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "list_splat_pattern",
        "dictionary_splat_pattern",
        "as_pattern_target",
        "parenthesized_expression",
    ],
    tuples: &["pattern_list", "tuple_pattern", "list_pattern", "expression_list", "tuple", "list"],
    ..EMPTY
};

/// What JavaScript and TypeScript share.
const ECMASCRIPT: &[Row] = &[
    Row(&["call_expression"], Call { callee: "function", arguments: "arguments" }),
    Row(&["new_expression"], Call { callee: "constructor", arguments: "arguments" }),
    Row(&["import_statement", "export_statement"], Import),
    Row(&["variable_declarator"], Assign { target: "name", value: "value" }),
    Row(
        &["assignment_expression", "augmented_assignment_expression"],
        Assign { target: "left", value: "right" },
    ),
    Row(&["assignment_pattern", "object_assignment_pattern"], Pair { target: "left", value: "right" }),
    Row(&["pair"], Pair { target: "key", value: "value" }),
    Row(&["string", "template_string"], QUOTED),
    Row(&["template_substitution"], Interpolation),
    Row(
        &[
            "function_declaration",
            "function_expression",
            "generator_function",
            "generator_function_declaration",
            "method_definition",
        ],
        Function { name: "name", parameters: "parameters" },
    ),
    Row(&["arrow_function"], Function { name: "", parameters: "<formal_parameters|identifier>" }),
    Row(&["class_declaration", "class"], Class { name: "name" }),
    Row(&["statement_block"], Block),
    Row(&["decorator"], Decorator { name: "0", arguments: "" }),
    Row(&["for_in_statement"], Bind { name: "left" }),
    Row(&["catch_clause"], Bind { name: "parameter" }),
];

const JSX: &[Row] = &[Row(&["jsx_attribute"], Pair { target: "0/2", value: "-1" })];

const JAVASCRIPT: Table = Table {
    shared: &[ECMASCRIPT, JSX],
    roles: &[Row(&["field_definition"], Pair { target: "property", value: "value" })],
    members: &[("member_expression", "object"), ("subscript_expression", "object")],
    literals: &["object"],
    through: &["parenthesized_expression"],
    patterns: &[
        "object_pattern",
        "array_pattern",
        "rest_pattern",
        "assignment_pattern",
        "object_assignment_pattern",
        "pair_pattern",
    ],
    wrappers: &["jsx_expression"],
    ..EMPTY
};

const TYPESCRIPT: Table = Table {
    shared: &[ECMASCRIPT],
    roles: &[
        Row(&["public_field_definition", "enum_assignment"], Pair { target: "name", value: "value" }),
        Row(&["required_parameter", "optional_parameter"], Pair { target: "pattern", value: "value" }),
        Row(&["abstract_class_declaration", "internal_module"], Class { name: "name" }),
    ],
    through: &["parenthesized_expression", "as_expression", "satisfies_expression"],
    patterns: &[
        "object_pattern",
        "array_pattern",
        "rest_pattern",
        "assignment_pattern",
        "object_assignment_pattern",
        "pair_pattern",
        "required_parameter",
        "optional_parameter",
    ],
    wrappers: &[],
    ..JAVASCRIPT
};

const TSX: Table = Table { shared: &[ECMASCRIPT, JSX], wrappers: &["jsx_expression"], ..TYPESCRIPT };

const JAVA: Table = Table {
    roles: &[
        Row(&["method_invocation"], Method { object: "object", name: "name", arguments: "arguments" }),
        Row(&["object_creation_expression"], Call { callee: "type", arguments: "arguments" }),
        Row(&["explicit_constructor_invocation"], Call { callee: "constructor", arguments: "arguments" }),
        Row(&["import_declaration"], Import),
        Row(&["variable_declarator"], Assign { target: "name", value: "value" }),
        Row(&["assignment_expression"], Assign { target: "left", value: "right" }),
        Row(&["element_value_pair"], Pair { target: "key", value: "value" }),
        Row(&["annotation_type_element_declaration"], Pair { target: "name", value: "value" }),
        Row(&["string_literal"], QUOTED),
        Row(&["string_interpolation"], Interpolation),
        Row(
            &["method_declaration", "constructor_declaration"],
            Function { name: "name", parameters: "parameters" },
        ),
        Row(&["lambda_expression"], Function { name: "", parameters: "parameters" }),
        Row(
            &[
                "class_declaration",
                "interface_declaration",
                "enum_declaration",
                "record_declaration",
                "annotation_type_declaration",
            ],
            Class { name: "name" },
        ),
        Row(&["block", "constructor_body"], Block),
        Row(&["annotation"], Decorator { name: "name", arguments: "arguments" }),
        Row(&["marker_annotation"], Decorator { name: "name", arguments: "" }),
    ],
    members: &[("field_access", "object")],
    through: &["parenthesized_expression", "cast_expression"],
    ..EMPTY
};

const PHP: Table = Table {
    roles: &[
        Row(&["function_call_expression"], Call { callee: "function", arguments: "arguments" }),
        Row(
            &["member_call_expression", "nullsafe_member_call_expression"],
            Method { object: "object", name: "name", arguments: "arguments" },
        ),
        Row(&["scoped_call_expression"], Method { object: "scope", name: "name", arguments: "arguments" }),
        Row(
            &["object_creation_expression"],
            Call {
                callee: "<name|qualified_name|relative_name|variable_name|member_access_expression>",
                arguments: "<arguments>",
            },
        ),
        Row(&["include_expression"], Keyword { symbol: "include", arguments: "." }),
        Row(&["include_once_expression"], Keyword { symbol: "include_once", arguments: "." }),
        Row(&["require_expression"], Keyword { symbol: "require", arguments: "." }),
        Row(&["require_once_expression"], Keyword { symbol: "require_once", arguments: "." }),
        Row(&["exit_statement"], Keyword { symbol: "exit", arguments: "." }),
        Row(&["echo_statement"], Keyword { symbol: "echo", arguments: "." }),
        Row(&["print_intrinsic"], Keyword { symbol: "print", arguments: "." }),
        // The manual calls the two identical.
        Row(&["shell_command_expression"], Keyword { symbol: "shell_exec", arguments: "." }),
        Row(&["namespace_use_declaration"], Import),
        Row(
            &["assignment_expression", "augmented_assignment_expression", "reference_assignment_expression"],
            Assign { target: "left", value: "right" },
        ),
        Row(&["static_variable_declaration"], Assign { target: "name", value: "value" }),
        Row(&["const_element"], Pair { target: "0/2", value: "=" }),
        Row(&["property_element"], Pair { target: "name", value: "default_value" }),
        Row(
            &["simple_parameter", "property_promotion_parameter"],
            Pair { target: "name", value: "default_value" },
        ),
        Row(&["enum_case"], Pair { target: "name", value: "value" }),
        Row(&["array_element_initializer"], Pair { target: "0/2", value: "-1" }),
        Row(&["argument"], Pair { target: "name", value: "-1" }),
        Row(&["string", "encapsed_string"], QUOTED),
        Row(&["heredoc", "nowdoc"], Role::String { content: "<heredoc_body|nowdoc_body>" }),
        Row(
            &["function_definition", "method_declaration"],
            Function { name: "name", parameters: "parameters" },
        ),
        Row(&["anonymous_function", "arrow_function"], Function { name: "", parameters: "parameters" }),
        Row(
            &["class_declaration", "interface_declaration", "trait_declaration", "enum_declaration"],
            Class { name: "name" },
        ),
        Row(&["attribute"], Decorator { name: "0", arguments: "parameters" }),
    ],
    arguments: &[("argument", "name", "-1")],
    literals: &["array_creation_expression"],
    through: &["parenthesized_expression"],
    not_arguments: &["anonymous_class"],
    patterns: &["list_literal"],
    ..EMPTY
};

const GO: Table = Table {
    roles: &[
        Row(&["call_expression"], Call { callee: "function", arguments: "arguments" }),
        // A struct literal is what Go has for a constructor, its keys the arguments.
        Row(&["composite_literal"], Call { callee: "type", arguments: "body" }),
        Row(&["import_spec"], Import),
        Row(&["short_var_declaration", "assignment_statement"], Assign { target: "left", value: "right" }),
        Row(&["var_spec", "const_spec"], Assign { target: "name", value: "value" }),
        Row(&["keyed_element"], Pair { target: "key", value: "value" }),
        Row(&["interpreted_string_literal", "raw_string_literal"], QUOTED),
        Row(
            &["function_declaration", "method_declaration"],
            Function { name: "name", parameters: "parameters" },
        ),
        Row(&["func_literal"], Function { name: "", parameters: "parameters" }),
        Row(&["type_spec"], Class { name: "name" }),
        Row(&["block"], Block),
        Row(&["range_clause"], Bind { name: "left" }),
    ],
    arguments: &[("keyed_element", "key", "value")],
    members: &[("selector_expression", "operand")],
    wrappers: &["literal_element"],
    literals: &["literal_value"],
    through: &["unary_expression", "composite_literal", "parenthesized_expression"],
    patterns: &["expression_list", "parameter_declaration", "variadic_parameter_declaration"],
    tuples: &["expression_list"],
    ..EMPTY
};

const RUBY: Table = Table {
    roles: &[
        Row(&["call"], Method { object: "receiver", name: "method", arguments: "arguments" }),
        Row(&["subshell"], Keyword { symbol: "`", arguments: "." }),
        Row(&["assignment", "operator_assignment"], Assign { target: "left", value: "right" }),
        Row(&["pair"], Pair { target: "key", value: "value" }),
        Row(&["optional_parameter", "keyword_parameter"], Pair { target: "name", value: "value" }),
        Row(&["string", "bare_string"], QUOTED),
        Row(&["heredoc_body"], Role::String { content: "<heredoc_content|interpolation|escape_sequence>" }),
        Row(&["interpolation"], Interpolation),
        Row(&["method", "singleton_method"], Function { name: "name", parameters: "parameters" }),
        Row(&["lambda"], Function { name: "", parameters: "parameters" }),
        Row(&["class", "module"], Class { name: "name" }),
    ],
    arguments: &[("pair", "key", "value")],
    literals: &["hash"],
    patterns: &["left_assignment_list", "rest_assignment"],
    tuples: &["left_assignment_list", "right_assignment_list"],
    ..EMPTY
};

const CSHARP: Table = Table {
    roles: &[
        Row(&["invocation_expression"], Call { callee: "function", arguments: "arguments" }),
        Row(&["object_creation_expression"], Call { callee: "type", arguments: "arguments" }),
        Row(&["using_directive"], Import),
        Row(&["variable_declarator"], Assign { target: "name", value: "=" }),
        Row(&["assignment_expression"], Assign { target: "left", value: "right" }),
        Row(&["property_declaration", "enum_member_declaration"], Pair { target: "name", value: "value" }),
        Row(&["parameter"], Pair { target: "name", value: "=" }),
        Row(&["argument", "attribute_argument"], Pair { target: "name", value: "-1" }),
        Row(
            &[
                "string_literal",
                "verbatim_string_literal",
                "raw_string_literal",
                "interpolated_string_expression",
            ],
            QUOTED,
        ),
        Row(&["interpolation"], Interpolation),
        Row(
            &["method_declaration", "constructor_declaration", "local_function_statement"],
            Function { name: "name", parameters: "parameters" },
        ),
        Row(&["lambda_expression"], Function { name: "", parameters: "parameters" }),
        Row(
            &[
                "class_declaration",
                "struct_declaration",
                "record_declaration",
                "interface_declaration",
                "enum_declaration",
                "namespace_declaration",
            ],
            Class { name: "name" },
        ),
        Row(&["block"], Block),
        Row(&["attribute"], Decorator { name: "name", arguments: "<attribute_argument_list>" }),
    ],
    arguments: &[("argument", "name", "-1"), ("attribute_argument", "name", "-1")],
    members: &[("member_access_expression", "expression"), ("conditional_access_expression", "0")],
    through: &["parenthesized_expression", "cast_expression"],
    ..EMPTY
};

const KOTLIN: Table = Table {
    roles: &[
        Row(&["call_expression"], Call { callee: "0", arguments: "<value_arguments>" }),
        Row(&["import"], Import),
        Row(
            &["property_declaration"],
            Assign { target: "<variable_declaration|multi_variable_declaration>", value: "=" },
        ),
        Row(&["assignment"], Assign { target: "left", value: "right" }),
        Row(&["class_parameter"], Pair { target: "<identifier>", value: "=" }),
        Row(&["value_argument"], Pair { target: "0/2", value: "-1" }),
        Row(&["string_literal", "multiline_string_literal"], QUOTED),
        Row(&["interpolation"], Interpolation),
        Row(&["function_declaration"], Function { name: "name", parameters: "<function_value_parameters>" }),
        Row(&["anonymous_function"], Function { name: "", parameters: "<function_value_parameters>" }),
        Row(&["lambda_literal"], Function { name: "", parameters: "<lambda_parameters>" }),
        Row(&["class_declaration", "object_declaration"], Class { name: "name" }),
        Row(&["block"], Block),
        Row(&["annotation"], Decorator { name: "0", arguments: "" }),
        Row(&["constructor_invocation"], Call { callee: "0", arguments: "<value_arguments>" }),
    ],
    arguments: &[("value_argument", "0/2", "-1")],
    members: &[("navigation_expression", "0")],
    wrappers: &["variable_declaration"],
    not_arguments: &["user_type", "nullable_type", "parameter_modifiers"],
    patterns: &["multi_variable_declaration", "variable_declaration", "parameter"],
    ..EMPTY
};

const RUST: Table = Table {
    roles: &[
        Row(&["call_expression"], Call { callee: "function", arguments: "arguments" }),
        Row(&["struct_expression"], Call { callee: "name", arguments: "body" }),
        Row(&["macro_invocation"], Macro { name: "macro", arguments: "<token_tree>" }),
        Row(&["use_declaration"], Import),
        Row(&["let_declaration"], Assign { target: "pattern", value: "value" }),
        Row(&["const_item", "static_item"], Assign { target: "name", value: "value" }),
        Row(
            &["assignment_expression", "compound_assignment_expr"],
            Assign { target: "left", value: "right" },
        ),
        Row(&["field_initializer"], Pair { target: "field", value: "value" }),
        Row(&["string_literal", "raw_string_literal"], QUOTED),
        Row(&["function_item"], Function { name: "name", parameters: "parameters" }),
        Row(&["closure_expression"], Function { name: "", parameters: "parameters" }),
        Row(&["impl_item"], Class { name: "type" }),
        Row(&["trait_item", "mod_item", "struct_item", "enum_item"], Class { name: "name" }),
        Row(&["block"], Block),
        Row(&["attribute"], Decorator { name: "0", arguments: "arguments" }),
    ],
    arguments: &[("field_initializer", "field", "value")],
    members: &[("field_expression", "value")],
    through: &["reference_expression", "parenthesized_expression"],
    patterns: &["parameter", "tuple_pattern", "tuple_struct_pattern", "ref_pattern", "mut_pattern"],
    ..EMPTY
};

const CLOJURE: Table = Table {
    roles: &[
        Row(&["list_lit", "anon_fn_lit", "quoting_lit"], List),
        Row(&["str_lit"], QUOTED),
        Row(&["dis_expr"], Role::Comment),
    ],
    literals: &["map_lit"],
    ..EMPTY
};

const BASH: Table = Table {
    roles: &[
        Row(&["command"], Call { callee: "name", arguments: "." }),
        Row(&["variable_assignment"], Assign { target: "name", value: "value" }),
        Row(&["string", "raw_string", "ansi_c_string"], QUOTED),
        Row(&["heredoc_body"], Role::String { content: "." }),
        Row(&["command_substitution", "expansion", "simple_expansion"], Interpolation),
        Row(&["function_definition"], Function { name: "name", parameters: "" }),
    ],
    not_arguments: &["variable_assignment", "file_redirect", "herestring_redirect"],
    ..EMPTY
};

const HCL: Table = Table {
    roles: &[
        Row(&["function_call"], Call { callee: "<identifier>", arguments: "<function_arguments>" }),
        Row(&["attribute"], Pair { target: "<identifier>", value: "<expression>" }),
        Row(&["object_elem"], Pair { target: "key", value: "val" }),
        Row(&["string_lit", "quoted_template"], QUOTED),
        Row(
            &["heredoc_template"],
            Role::String { content: "<template_literal|template_interpolation|template_directive>" },
        ),
        Row(&["template_interpolation"], Interpolation),
        Row(&["block"], Class { name: "<identifier|string_lit>" }),
    ],
    wrappers: &["expression", "literal_value", "collection_value", "template_expr"],
    literals: &["object"],
    keys_are_names: true,
    ..EMPTY
};

const YAML: Table = Table {
    roles: &[
        Row(&["block_mapping_pair", "flow_pair"], Pair { target: "key", value: "value" }),
        Row(&["double_quote_scalar", "single_quote_scalar", "string_scalar", "block_scalar"], QUOTED),
    ],
    wrappers: &["flow_node", "block_node", "plain_scalar"],
    keys_are_names: true,
    ..EMPTY
};

const JSON: Table = Table {
    roles: &[Row(&["pair"], Pair { target: "key", value: "value" }), Row(&["string"], QUOTED)],
    keys_are_names: true,
    ..EMPTY
};

const TOML: Table = Table {
    roles: &[
        Row(&["pair"], Pair { target: "0/2", value: "-1" }),
        Row(&["string"], QUOTED),
        Row(&["table", "table_array_element"], Class { name: "<bare_key|dotted_key|quoted_key>" }),
    ],
    keys_are_names: true,
    ..EMPTY
};

const DOCKERFILE: Table = Table {
    roles: &[
        Row(&["from_instruction"], Import),
        Row(&["env_pair"], Pair { target: "name", value: "value" }),
        Row(&["arg_pair"], Pair { target: "name", value: "default" }),
        Row(&["label_pair"], Pair { target: "key", value: "value" }),
        Row(&["double_quoted_string", "single_quoted_string", "json_string"], QUOTED),
        Row(&["expansion"], Interpolation),
    ],
    ..EMPTY
};

const HTML: Table = Table {
    roles: &[
        Row(&["attribute"], Pair { target: "0/2", value: "-1" }),
        Row(&["quoted_attribute_value"], QUOTED),
    ],
    ..EMPTY
};

const SQL: Table = Table {
    roles: &[
        Row(&["invocation"], Call { callee: "<object_reference>", arguments: "." }),
        Row(&["assignment"], Assign { target: "left", value: "right" }),
        Row(&["literal"], QUOTED),
    ],
    wrappers: &["term"],
    ..EMPTY
};
