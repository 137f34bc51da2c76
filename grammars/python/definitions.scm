; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(module (expression_statement (assignment left: (identifier) @name)) @definition.variable)
(class_definition
  body: (block (expression_statement (assignment left: (identifier) @name)) @definition.variable))
(module (type_alias_statement left: (type (identifier) @name)) @definition.type)
