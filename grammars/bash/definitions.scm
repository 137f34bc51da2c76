; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(program (variable_assignment name: (variable_name) @name) @definition.variable)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable)
