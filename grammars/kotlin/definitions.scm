; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(source_file (property_declaration (variable_declaration . (identifier) @name)) @definition.variable)
(class_body (property_declaration (variable_declaration . (identifier) @name)) @definition.variable)
(type_alias type: (identifier) @name) @definition.type
(class_body (function_declaration name: (identifier) @name (function_value_parameters) .) @definition.function)
(class_body (function_declaration name: (identifier) @name (user_type) .) @definition.function)
(function_declaration name: (identifier) @name (function_body "=")) @definition.function
