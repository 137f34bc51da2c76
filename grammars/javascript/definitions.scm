; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @definition.variable)
(program (variable_declaration (variable_declarator name: (identifier) @name)) @definition.variable)
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name))) @definition.variable)
(class_body (field_definition property: (_) @name) @definition.variable)
