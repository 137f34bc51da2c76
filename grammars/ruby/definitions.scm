; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(assignment left: (constant) @name) @definition.variable
