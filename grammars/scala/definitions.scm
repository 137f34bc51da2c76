; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(template_body (val_definition pattern: (identifier) @name) @definition.variable)
(template_body (var_definition pattern: (identifier) @name) @definition.variable)
(type_definition name: (type_identifier) @name) @definition.type
(class_definition name: (identifier) @name !body) @definition.type
(function_declaration name: (_) @name) @definition.function
