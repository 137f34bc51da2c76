; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(create_index column: (identifier) @name) @definition.index
(create_type (object_reference) @name) @definition.type
(column_definition name: (identifier) @name) @definition.variable
