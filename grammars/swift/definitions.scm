; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(source_file (property_declaration name: (pattern) @name !computed_value) @definition.variable)
(class_body (property_declaration name: (pattern) @name !computed_value) @definition.variable)
(typealias_declaration name: (type_identifier) @name) @definition.type
(protocol_function_declaration name: (simple_identifier) @name) @definition.function
