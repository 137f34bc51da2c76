; Names a module or class defines without a scope of their own.
(module (expression_statement (assignment left: (identifier) @name)) @definition.variable)
(class_definition
  body: (block (expression_statement (assignment left: (identifier) @name)) @definition.variable))
(module (type_alias_statement left: (type (identifier) @name)) @definition.type)
